//! From what was metered, or is planned, to the charging periods a correct CPO sends.
//!
//! A new period starts wherever a price can change: at times of day, dates, weekdays, durations and
//! energies that the tariff names, at changes between charging and parking, and at changes of power
//! or current. Between two readings the meter is taken to run evenly; boundaries that fall there are
//! listed as imputed. An estimate, the running cost and the bill all come through here.

use std::sync::Arc;

use crate::choice;
use crate::component::Dimension;
use crate::error::{Error, Refusal};
use crate::price::{Context, price};
use crate::report::Report;
use crate::session::{Declared, Period, Readings, Session, Source};
use crate::tariff::{Tariff, Version};
use crate::timeline::{Boundaries, Zone};
use crate::units::{Decimal, Instant, Quantity, ten_to};

/// What the vehicle does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is being charged, or waits for the station to go on.
    Charging,
    /// It does not ask for power.
    Parking,
    /// It is not there yet; the station is held for it.
    Reserved,
}

impl State {
    /// The dimension whose volume counts the time in this state.
    #[must_use]
    pub const fn dimension(self) -> Dimension {
        match self {
            State::Charging => Dimension::Time,
            State::Parking => Dimension::ParkingTime,
            State::Reserved => Dimension::ReservationTime,
        }
    }
}

/// A course over time: each value holds from its instant on. In order of time.
pub type Course<T> = Vec<(Instant, T)>;

/// What happened, or is planned to happen.
#[derive(Clone, Debug)]
pub struct Profile {
    /// When the session starts.
    pub start: Instant,
    /// When it ends, or how far it has come.
    pub end: Instant,
    /// The meter's register in Wh, rising evenly from one reading to the next.
    pub readings: Course<Quantity>,
    /// What the vehicle does; charging until told otherwise.
    pub states: Course<State>,
    /// Power in kW, where known.
    pub power: Course<Decimal>,
    /// Current in A, summed over the phases, where known.
    pub current: Course<Decimal>,
}

/// A boundary at which the meter was not read but interpolated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Imputed {
    /// When.
    pub at: Instant,
    /// The energy since the start of the session, in Wh.
    pub energy: Quantity,
    /// Whether the instant, rather than the energy, was found by interpolation.
    pub by_energy: bool,
}

/// Charging periods made from a profile, with their price.
#[derive(Debug)]
pub struct Generated {
    /// The session, ready to be written as a CDR.
    pub session: Session,
    /// Boundaries at which the meter was interpolated.
    pub imputed: Vec<Imputed>,
    /// The price of the periods.
    pub report: Report,
}

/// A session of more periods than this is a mistake in the profile.
const MOST_PERIODS: usize = 100_000;

/// Energy is kept to 10^-9 Wh, which is 12 decimals of a kWh.
const ENERGY_GRAIN: i128 = ten_to(Quantity::SCALE - 9);

/// Cut a profile into charging periods and price them.
///
/// # Errors
/// When the profile contradicts itself, or its periods cannot be priced.
pub fn cut(profile: &Profile, tariffs: &[Tariff], context: &Context) -> Result<Generated, Error> {
    check(profile)?;
    let mut session = empty_session(profile);
    session.periods.push(Period::new(profile.start));
    let mut findings = Vec::new();
    let assignment = choice::assign(&session, tariffs, &context.policy, &mut findings)?;
    let zone = choice::zone(&session, tariffs, &assignment, context, &mut findings)?;
    session.periods.clear();
    let Some(tariff) = assignment.tariff(0, tariffs).map(|(_, tariff)| tariff) else {
        return Err(Refusal::NoTariff.into());
    };
    let mut cutter = Cutter {
        profile,
        zone: &zone,
        boundaries: Boundaries::of(tariff, &context.policy),
        base: context.policy.durations_from(profile),
        tariff_id: (!tariff.id.is_empty()).then(|| tariff.id.as_str().into()),
        periods: Vec::new(),
        imputed: Vec::new(),
    };
    cutter.run()?;
    session.periods = cutter.periods;
    // What is priced is what the CDR will say, so that estimate and bill agree to the last digit.
    session.periods.iter_mut().for_each(keep_what_is_written);
    session.currency = tariff.currency;
    let imputed = cutter.imputed;
    let report = price(&session, tariffs, context)?;
    Ok(Generated { session, imputed, report })
}

/// Cut the volumes of a period to the decimals in which they are written.
fn keep_what_is_written(period: &mut Period) {
    let Period { energy, time, parking_time, reservation_time, .. } = period;
    *energy = energy.map(|energy| Quantity::from_kwh(energy.to_kwh()));
    for time in [time, parking_time, reservation_time] {
        *time = time.map(|time| Quantity::from_hours(time.to_hours()));
    }
}

impl crate::policy::Policy {
    /// The instant from which durations count in a profile.
    fn durations_from(&self, profile: &Profile) -> Instant {
        let charging = profile.first_unreserved();
        match self.duration_base {
            crate::policy::DurationBase::Charging => charging,
            crate::policy::DurationBase::Session => profile.start,
        }
    }
}

impl Profile {
    fn first_unreserved(&self) -> Instant {
        if self.state_at(self.start) != State::Reserved {
            return self.start;
        }
        self.states
            .iter()
            .find(|(at, state)| *at > self.start && *state != State::Reserved)
            .map_or(self.start, |(at, _)| *at)
    }

    fn state_at(&self, instant: Instant) -> State {
        value_at(&self.states, instant).unwrap_or(State::Charging)
    }

    /// The register at `instant`, even between readings and level beyond them.
    fn register_at(&self, instant: Instant) -> Quantity {
        let after = self.readings.partition_point(|reading| reading.0 <= instant);
        let Some(before) = after.checked_sub(1).map(|index| self.readings[index]) else {
            return self.readings.first().map_or(Quantity::ZERO, |first| first.1);
        };
        let Some(next) = self.readings.get(after) else {
            return before.1;
        };
        let length = i128::from(next.0.ms() - before.0.ms());
        let part = i128::from(instant.ms() - before.0.ms());
        let rise = (next.1.raw() - before.1.raw()) / ENERGY_GRAIN;
        let share = crate::rounding::divide(rise * part, length, crate::rounding::Mode::HalfUp);
        Quantity::from_raw(before.1.raw() + share * ENERGY_GRAIN)
    }
}

fn value_at<T: Copy>(course: &Course<T>, instant: Instant) -> Option<T> {
    let after = course.partition_point(|entry| entry.0 <= instant);
    after.checked_sub(1).map(|index| course[index].1)
}

fn check(profile: &Profile) -> Result<(), Error> {
    let wrong =
        |path: &str, message: String| Err(Error::new(Refusal::InvalidDocument, path, message));
    if profile.end < profile.start {
        return wrong("$.end", format!("{} is before the start {}", profile.end, profile.start));
    }
    let in_order = |starts: &mut dyn Iterator<Item = Instant>| starts.is_sorted();
    for (path, sorted) in [
        ("$.readings", in_order(&mut profile.readings.iter().map(|entry| entry.0))),
        ("$.states", in_order(&mut profile.states.iter().map(|entry| entry.0))),
        ("$.power", in_order(&mut profile.power.iter().map(|entry| entry.0))),
        ("$.current", in_order(&mut profile.current.iter().map(|entry| entry.0))),
    ] {
        if !sorted {
            return wrong(path, "The entries are not in order of time".to_owned());
        }
    }
    Ok(())
}

fn empty_session(profile: &Profile) -> Session {
    Session {
        source: Source::Session,
        version: Version::V221,
        id: String::new(),
        party: None,
        start: profile.start,
        end: Some(profile.end),
        currency: None,
        time_zone: None,
        country: None,
        ad_hoc: false,
        credit: false,
        periods: Vec::new(),
        declared: Declared::default(),
    }
}

/// Walks along a profile and closes a period at each boundary.
struct Cutter<'p> {
    profile: &'p Profile,
    zone: &'p Zone,
    boundaries: Boundaries,
    base: Instant,
    tariff_id: Option<Arc<str>>,
    periods: Vec<Period>,
    imputed: Vec<Imputed>,
}

/// A point of a profile: an instant and the energy since the start.
#[derive(Clone, Copy)]
struct Point {
    at: Instant,
    energy: Quantity,
}

impl Cutter<'_> {
    fn run(&mut self) -> Result<(), Error> {
        let mut from = self.point(self.profile.start);
        for at in self.stretches() {
            let to = self.point(at);
            self.cut_stretch(from, to)?;
            from = to;
        }
        if self.periods.is_empty() {
            self.close(from, from)?;
        }
        self.merge_where_nothing_changes();
        Ok(())
    }

    fn point(&self, at: Instant) -> Point {
        let since =
            self.profile.register_at(at).raw() - self.profile.register_at(self.profile.start).raw();
        Point { at, energy: Quantity::from_raw(since) }
    }

    /// The ends of the stretches in which the meter runs evenly and nothing else changes.
    fn stretches(&self) -> Vec<Instant> {
        let profile = self.profile;
        let mut ends: Vec<Instant> = profile.readings.iter().map(|entry| entry.0).collect();
        ends.extend(profile.states.iter().map(|entry| entry.0));
        ends.extend(profile.power.iter().map(|entry| entry.0));
        ends.extend(profile.current.iter().map(|entry| entry.0));
        ends.retain(|at| profile.start < *at && *at < profile.end);
        ends.push(profile.end);
        ends.sort_unstable();
        ends.dedup();
        ends
    }

    /// Close periods at the boundaries between two points, and at the second point.
    fn cut_stretch(&mut self, from: Point, to: Point) -> Result<(), Error> {
        let mut points = vec![];
        let mut last = from.at;
        while let Some(next) = self.boundaries.next_instant(last, self.base_at(from.at), self.zone)
        {
            if next >= to.at || points.len() >= MOST_PERIODS {
                break;
            }
            points.push((self.point(next), false));
            last = next;
        }
        let passed = self.boundaries.energies_between(from.energy, to.energy);
        for energy in passed.into_iter().filter(|energy| *energy != from.energy) {
            points.push((Point { at: instant_of(energy, from, to), energy }, true));
        }
        let falling = to.energy < from.energy;
        points.sort_by_key(|(point, _)| {
            let energy = point.energy.raw();
            (point.at, if falling { -energy } else { energy })
        });
        let mut start = from;
        for (point, by_energy) in points {
            self.close(start, point)?;
            let Point { at, energy } = point;
            self.imputed.push(Imputed { at, energy, by_energy });
            start = point;
        }
        self.close(start, to)
    }

    fn base_at(&self, at: Instant) -> Instant {
        match self.profile.state_at(at) {
            State::Reserved => self.profile.start,
            State::Charging | State::Parking => self.base,
        }
    }

    fn close(&mut self, from: Point, to: Point) -> Result<(), Error> {
        if self.periods.len() >= MOST_PERIODS {
            let message = format!("The profile has more than {MOST_PERIODS} periods");
            return Err(Error::new(Refusal::InvalidDocument, "$", message));
        }
        let mut period = Period::new(from.at);
        let lasted = Some(Quantity::from_ms(to.at.ms() - from.at.ms()));
        match self.profile.state_at(from.at) {
            State::Charging => period.time = lasted,
            State::Parking => period.parking_time = lasted,
            State::Reserved => period.reservation_time = lasted,
        }
        let energy = Quantity::from_raw(to.energy.raw() - from.energy.raw());
        period.energy = (!energy.is_zero()).then_some(energy);
        let level = |value: Option<Decimal>| Readings { lowest: value, highest: value };
        period.power = level(value_at(&self.profile.power, from.at));
        period.current = level(value_at(&self.profile.current, from.at));
        period.tariff_id.clone_from(&self.tariff_id);
        self.periods.push(period);
        Ok(())
    }

    /// A reading alone is no reason for a period: join neighbours that only a reading separates.
    fn merge_where_nothing_changes(&mut self) {
        let mut merged: Vec<Period> = Vec::with_capacity(self.periods.len());
        let mut energy_so_far = Quantity::ZERO;
        for period in std::mem::take(&mut self.periods) {
            let keep = self.changes_at(period.start) || self.boundaries.has_energy(energy_so_far);
            energy_so_far =
                energy_so_far.plus(period.energy.unwrap_or_default()).unwrap_or_default();
            match merged.last_mut() {
                Some(last) if !keep => join(last, &period),
                _ => merged.push(period),
            }
        }
        self.periods = merged;
    }

    /// Whether anything but the meter's course changes at an instant.
    fn changes_at(&self, at: Instant) -> bool {
        changes(&self.profile.states, at)
            || changes(&self.profile.power, at)
            || changes(&self.profile.current, at)
            || self.boundaries.is_at(at, self.base_at(at), self.zone)
    }
}

fn changes<T: Copy + PartialEq>(course: &Course<T>, at: Instant) -> bool {
    let just_before = at.later_by(-1).and_then(|before| value_at(course, before));
    value_at(course, at) != just_before
}

fn join(into: &mut Period, other: &Period) {
    let add = |slot: &mut Option<Quantity>, more: Option<Quantity>| {
        if let Some(more) = more {
            *slot = Some(slot.unwrap_or_default().plus(more).unwrap_or(more));
        }
    };
    add(&mut into.energy, other.energy);
    add(&mut into.time, other.time);
    add(&mut into.parking_time, other.parking_time);
    add(&mut into.reservation_time, other.reservation_time);
}

/// When the meter passes `energy`, to the millisecond, if it runs evenly from one point to the
/// other.
fn instant_of(energy: Quantity, from: Point, to: Point) -> Instant {
    let rise = (to.energy.raw() - from.energy.raw()) / ENERGY_GRAIN;
    let part = (energy.raw() - from.energy.raw()) / ENERGY_GRAIN;
    let length = i128::from(to.at.ms() - from.at.ms());
    let (part, rise) = if rise < 0 { (-part, -rise) } else { (part, rise.max(1)) };
    let ms = crate::rounding::divide(part * length, rise, crate::rounding::Mode::Down);
    i64::try_from(ms).ok().and_then(|ms| from.at.later_by(ms)).unwrap_or(to.at)
}
