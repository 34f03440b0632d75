//! Pricing one session, in the order of the specification (`mod_tariffs`, `mod_cdrs`).
//!
//! [`price`] is the whole algorithm, most of it in `bill`; each step is a function of its own below
//! them or in the module of that name. Nothing is rounded before the last step.

use std::sync::Arc;

use crate::choice;
use crate::component::{self, Component, Dimension, Phase, Place};
use crate::error::{Error, Refusal};
use crate::finding::{Code, Finding};
use crate::flat;
use crate::hours::Hours;
use crate::limits::{self, Limited, Limits};
use crate::policy::{
    DurationBase, EnergyBase, NegativeEnergy, Policy, TimeSource, ZeroConsumption,
};
use crate::report::{Cost, Line, Report, Unpriced};
use crate::restriction::Moment;
use crate::session::{Period, Session};
use crate::spanning;
use crate::step_size;
use crate::tariff::{Currency, Element, Tariff};
use crate::tax::{self, Unknown};
use crate::timeline::Zone;
use crate::totals::{self, Totals};
use crate::units::{Amount, Instant, Quantity};

/// Whether a reservation was used. A CDR does not say so for certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Reservation {
    /// Taken as expired when nothing was consumed and nobody parked.
    #[default]
    Auto,
    /// Charging followed.
    Used,
    /// It ended without a charge.
    Expired,
}

/// What pricing needs to know besides the documents.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// The time zone of the location, when the caller knows it.
    pub zone: Option<Arc<Zone>>,
    /// The choice made for each point that OCPI leaves open.
    pub policy: Policy,
    /// Whether the reservation was used.
    pub reservation: Reservation,
}

/// Price a session with the tariffs that applied to it.
///
/// # Errors
/// A session that cannot be priced with certainty is refused; see [`Refusal`].
pub fn price(session: &Session, tariffs: &[Tariff], context: &Context) -> Result<Report, Error> {
    let policy = &context.policy;
    let mut findings = Vec::new();
    let bill = bill(session, tariffs, context, &mut findings)?;

    // The one rounding.
    let Bill { assignment, currency, zone, steps, lines, unpriced, totals, limits, limited } = bill;
    let mut report = totals::report(&totals, &limited, currency, session.credit, policy)?;
    limits::note(&limited, limits.as_ref(), &report, &mut findings);
    note_unknown_tax(&report, &lines, &mut findings);

    // A period that spans a price change leaves the total open; say between which bounds.
    spanning::find(session, tariffs, &assignment, &steps, &zone, context, &lines, &mut report)?;

    report.findings.splice(0..0, findings);
    zone.name().clone_into(&mut report.time_zone);
    report.tariffs = assignment.used().iter().map(|index| tariffs[*index].id.clone()).collect();
    report.lines = lines;
    report.unpriced = unpriced;
    Ok(report)
}

/// What [`price`] would report as the total, without all else that it says.
///
/// # Errors
/// As for [`price`].
pub(crate) fn total_cost(
    session: &Session,
    tariffs: &[Tariff],
    context: &Context,
) -> Result<Cost, Error> {
    let bill = bill(session, tariffs, context, &mut Vec::new())?;
    let policy = &context.policy;
    Ok(totals::total_cost(&bill.limited, bill.currency, session.credit, policy)?)
}

/// Everything that is due, exactly.
struct Bill {
    assignment: choice::Assignment,
    currency: Currency,
    zone: Arc<Zone>,
    steps: Vec<Step>,
    lines: Vec<Line>,
    unpriced: Vec<Unpriced>,
    totals: Totals,
    limits: Option<Limits>,
    limited: Limited,
}

/// The steps of the specification up to the rounding.
fn bill(
    session: &Session,
    tariffs: &[Tariff],
    context: &Context,
    findings: &mut Vec<Finding>,
) -> Result<Bill, Error> {
    let policy = &context.policy;

    // Which tariff prices which period: the one the period names, else the one that was valid at
    // the start of the session. All of them in the currency of the session.
    if session.periods.is_empty() {
        return Err(Error::new(Refusal::NoPeriods, "$.charging_periods", "There are none."));
    }
    let assignment = choice::assign(session, tariffs, policy, findings)?;
    let currency = choice::currency(session, tariffs, &assignment)?;
    let zone = choice::zone(session, tariffs, &assignment, context, findings)?;
    check_order(session, findings);

    // The state of the session at the start of each period decides which elements apply in it.
    let steps = walk(session, context, &zone, findings);

    // For each dimension of each period: the first element whose restrictions all match and which
    // has a component of that dimension.
    let mut lines = Vec::new();
    let mut unpriced = Vec::new();
    for step in &steps {
        note_duplicates(session, step.period, findings);
        let tariff = assignment.tariff(step.period, tariffs);
        note_missing_reading(step, tariff, policy, findings);
        for (dimension, quantity) in step.volumes() {
            match tariff.and_then(|tariff| step.find(tariff, dimension, policy)) {
                Some((index, place, component)) => {
                    lines.push(Line::new(
                        step.period,
                        dimension,
                        index,
                        place,
                        component,
                        quantity,
                    ));
                }
                None => unpriced.push(Unpriced { period: step.period, dimension, quantity }),
            }
        }
    }
    note_unpriced(&unpriced, findings);

    // Fees per occurrence: one for the reservation and one for the charge.
    let consumed = session.periods.iter().any(Period::is_used);
    let due = consumed || policy.zero_consumption == ZeroConsumption::Billed;
    lines.extend(flat::lines(&steps, &assignment, tariffs, policy, due));

    // step_size rounds up the session's total of a dimension, once.
    step_size::round_up(&mut lines, &unpriced, policy)?;

    // Each line costs its billed quantity times its price, exactly, with the VAT of its component.
    for line in &mut lines {
        let cost = Amount::cost(line.dimension, line.component.price, line.billed()?)?;
        line.cost = tax::apply(cost, line.component.vat, &tariffs[line.tariff], policy)?;
    }
    lines.sort_by_key(|line| (line.period, line.dimension));

    // Sums, then the limits on them.
    let totals = totals::sum(&lines, currency, policy)?;
    let limits = limits::of(session, tariffs, &assignment, policy, due, findings);
    let limited = limits::apply(&totals, limits.as_ref(), policy)?;
    Ok(Bill { assignment, currency, zone, steps, lines, unpriced, totals, limits, limited })
}

/// The state of the session in one period.
#[derive(Clone, Debug)]
pub struct Step {
    /// Index into the session's periods.
    pub period: usize,
    /// What the period belongs to: the charge, the reservation or, with volumes of both, both.
    pub phases: Phases,
    /// The state when the period starts.
    pub moment: Moment,
    /// The instant from which durations count.
    pub base: Instant,
    /// When the period starts.
    pub start: Instant,
    /// When it ends.
    pub end: Instant,
    /// The course of the net energy over the period.
    pub energy: EnergyCourse,
    volumes: [Option<Quantity>; 4],
}

/// The parts of a session that a period belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phases {
    /// Whether it belongs to a reservation, and to which kind.
    pub reservation: Option<Phase>,
    /// Whether it belongs to the charge.
    pub charge: bool,
}

/// Net energy in Wh at the two ends of a period, and the highest it was before.
#[derive(Clone, Copy, Debug)]
pub struct EnergyCourse {
    /// At its start.
    pub before: Quantity,
    /// At its end.
    pub after: Quantity,
    /// What restrictions never see it fall below, if the policy is so.
    pub floor: Option<Quantity>,
}

impl EnergyCourse {
    /// What restrictions see when the meter shows `energy`.
    #[must_use]
    pub fn seen(&self, energy: Quantity) -> Quantity {
        self.floor.map_or(energy, |floor| floor.max(energy))
    }
}

impl Step {
    /// The volumes of the period that can be priced.
    pub fn volumes(&self) -> impl Iterator<Item = (Dimension, Quantity)> {
        Dimension::MEASURED
            .into_iter()
            .zip(self.volumes)
            .filter_map(|(dimension, volume)| volume.map(|volume| (dimension, volume)))
    }

    /// The component that prices a dimension when the period starts.
    fn find(
        &self,
        (index, tariff): (usize, &Tariff),
        dimension: Dimension,
        policy: &Policy,
    ) -> Option<(usize, Place, Component)> {
        let phase = self.phase_of(dimension);
        let place = component::find(tariff, dimension, phase, &self.moment, policy)?;
        Some((index, place, tariff.elements[place.element].components[place.component]))
    }

    /// The phase in which a dimension is looked up: reserved time is always part of a reservation.
    #[must_use]
    pub fn phase_of(&self, dimension: Dimension) -> Phase {
        match dimension {
            Dimension::ReservationTime => self.phases.reservation.unwrap_or(Phase::Reserved),
            Dimension::Energy | Dimension::Time | Dimension::ParkingTime | Dimension::Flat => {
                Phase::Charge
            }
        }
    }
}

/// Follow the session from period to period.
fn walk(
    session: &Session,
    context: &Context,
    zone: &Zone,
    findings: &mut Vec<Finding>,
) -> Vec<Step> {
    let policy = &context.policy;
    let reserved = reservation_phase(session, context.reservation, findings);
    let charge_start = match policy.duration_base {
        DurationBase::Session => session.start,
        DurationBase::Charging => charging_start(session),
    };
    let ends = session.period_ends();
    let mut energy = Quantity::ZERO;
    let mut highest = Quantity::ZERO;
    let mut steps = Vec::with_capacity(session.periods.len());
    for (index, period) in session.periods.iter().enumerate() {
        let base = if period.is_reservation() { session.start } else { charge_start };
        let end = ends[index];
        let volumes = Dimension::MEASURED
            .map(|dimension| measured(period, dimension, end, policy, findings, index));
        let used = volumes[Dimension::Energy as usize].unwrap_or_default();
        let course = EnergyCourse {
            before: energy,
            after: energy.plus(used).unwrap_or(energy),
            floor: (policy.energy_base == EnergyBase::HighWater).then_some(highest),
        };
        energy = course.after;
        highest = highest.max(energy);
        steps.push(Step {
            period: index,
            phases: Phases {
                reservation: period.reservation_time.map(|_| reserved),
                charge: period.reservation_time.is_none() || period.is_used(),
            },
            moment: Moment {
                local: zone.local(period.start),
                elapsed_ms: period.start.ms() - base.ms(),
                energy: course.seen(course.before),
                current: period.current,
                power: period.power,
            },
            base,
            start: period.start,
            end,
            energy: course,
            volumes,
        });
    }
    steps
}

/// A period's volume of a dimension under the policies on time and on returned energy.
fn measured(
    period: &Period,
    dimension: Dimension,
    end: Instant,
    policy: &Policy,
    findings: &mut Vec<Finding>,
    index: usize,
) -> Option<Quantity> {
    let volume = period.volume(dimension)?;
    if dimension == Dimension::Energy {
        return Some(match policy.negative_energy {
            NegativeEnergy::SameRate => volume,
            NegativeEnergy::Unpaid => volume.max(Quantity::ZERO),
        });
    }
    let Some(hours) = Hours::of(period, end) else {
        return Some(volume);
    };
    if !hours.agree() {
        let path = format!("$.charging_periods[{index}]");
        let finding = Finding::new(Code::ClockAndVolumeDiffer, path, hours.text());
        findings.push(finding.about(dimension));
    }
    Some(match policy.time_source {
        TimeSource::Clock => hours.clock,
        TimeSource::Auto if hours.agree() => hours.clock,
        TimeSource::Volume | TimeSource::Auto => volume,
    })
}

/// When charging started: after the reservation, if there was one.
fn charging_start(session: &Session) -> Instant {
    if !session.periods.iter().any(Period::is_reservation) {
        return session.start;
    }
    session
        .periods
        .iter()
        .find(|period| !period.is_reservation())
        .map_or(session.start, |period| period.start)
}

fn reservation_phase(
    session: &Session,
    reservation: Reservation,
    findings: &mut Vec<Finding>,
) -> Phase {
    match reservation {
        Reservation::Used => Phase::Reserved,
        Reservation::Expired => Phase::Expired,
        Reservation::Auto => {
            let reserved = session.periods.iter().any(|period| period.reservation_time.is_some());
            if !reserved || session.periods.iter().any(Period::is_used) {
                return Phase::Reserved;
            }
            let message = "There is reserved time and nothing else, so the reservation expired";
            findings.push(Finding::new(
                Code::ReservationAssumedExpired,
                "$.charging_periods",
                message,
            ));
            Phase::Expired
        }
    }
}

fn check_order(session: &Session, findings: &mut Vec<Finding>) {
    let mut previous = None;
    for (index, period) in session.periods.iter().enumerate() {
        let path = || format!("$.charging_periods[{index}].start_date_time");
        let start = period.start;
        if start < session.start || session.end.is_some_and(|end| start > end) {
            let message = format!("{start} is not within the session");
            findings.push(Finding::new(Code::PeriodOutsideSession, path(), message));
        }
        if let Some(previous) = previous.filter(|previous| *previous > start) {
            let message = format!("{start} comes after {previous}");
            findings.push(Finding::new(Code::PeriodsOutOfOrder, path(), message));
        }
        previous = Some(start);
    }
}

/// Say which component leaves a side of the total open.
fn note_unknown_tax(report: &Report, lines: &[Line], findings: &mut Vec<Finding>) {
    let open = match (report.total_cost.before, report.total_cost.after) {
        (None, _) => "before",
        (_, None) => "after",
        _ => return,
    };
    if let Some(line) = lines.iter().find(|line| line.cost.unknown != Unknown::Nothing) {
        let Place { element, component } = line.place;
        let path = format!(
            "$.tariffs[{}].elements[{element}].price_components[{component}].vat",
            line.tariff
        );
        let message = format!("Without a rate the total {open} taxes is not known");
        findings.push(Finding::new(Code::TaxUnknown, path, message));
    }
}

fn note_duplicates(session: &Session, index: usize, findings: &mut Vec<Finding>) {
    for name in &session.periods[index].duplicates {
        let path = format!("$.charging_periods[{index}].dimensions");
        let message = format!("{name} is there more than once; the volumes are added up");
        findings.push(Finding::new(Code::DuplicateDimension, path, message));
    }
}

/// Note that an element's limit on current or power decides what is used in a period and there is no
/// reading to compare it with.
fn note_missing_reading(
    step: &Step,
    tariff: Option<(usize, &Tariff)>,
    policy: &Policy,
    findings: &mut Vec<Finding>,
) {
    let Some((_, tariff)) = tariff else { return };
    let prices_use = |element: &Element| {
        let mut used = step.volumes().filter(|(_, volume)| !volume.is_zero());
        used.any(|(dimension, _)| {
            element.components.iter().any(|component| component.dimension == dimension)
        })
    };
    let missing = tariff.elements.iter().enumerate().find_map(|(index, element)| {
        let charging = element.restrictions.reservation.is_none();
        let name = element.restrictions.without_reading(&step.moment, policy)?;
        (charging && prices_use(element)).then_some((index, name))
    });
    if let Some((index, name)) = missing {
        let path = format!("$.charging_periods[{}].dimensions", step.period);
        let message = format!("Element {index} has a {name} and the period no such reading");
        findings.push(Finding::new(Code::MissingReading, path, message));
    }
}

fn note_unpriced(unpriced: &[Unpriced], findings: &mut Vec<Finding>) {
    for entry in unpriced.iter().filter(|entry| !entry.quantity.is_zero()) {
        let path = format!("$.charging_periods[{}]", entry.period);
        let message =
            format!("No element prices {} of {}", entry.amount_text(), entry.dimension.name());
        findings.push(Finding::new(Code::NoPriceComponent, path, message).about(entry.dimension));
    }
}
