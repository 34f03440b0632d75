//! When an element applies (TariffRestrictions). All restrictions of an element must match.

use crate::policy::{EqualTimes, MissingReading, Peak, Policy};
use crate::session::Readings;
use crate::units::{Decimal, LocalTime, Quantity, Weekday};

/// Whether an element prices reservations (ReservationRestrictionType).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReservationKind {
    /// RESERVATION: the time until charging starts.
    Reservation,
    /// `RESERVATION_EXPIRES`: the reservation ended without a charge.
    ReservationExpires,
}

/// A set of weekdays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Weekdays(u8);

impl Weekdays {
    /// The set with `day` in it.
    #[must_use]
    pub const fn with(self, day: Weekday) -> Weekdays {
        Weekdays(self.0 | 1 << day as u8)
    }

    /// Whether `day` is in the set.
    #[must_use]
    pub const fn contains(self, day: Weekday) -> bool {
        self.0 & (1 << day as u8) != 0
    }

    /// Whether no day is in the set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all seven days are in the set.
    #[must_use]
    pub const fn is_every_day(self) -> bool {
        self.0 == 0b111_1111
    }
}

/// The restrictions of an element; a field that is `None` restricts nothing.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Restrictions {
    /// Local time of day from which it applies, in seconds since midnight.
    pub start_time: Option<u32>,
    /// Local time of day until which it applies, exclusive; 0 means the end of the day.
    pub end_time: Option<u32>,
    /// Local date from which it applies, in days since 1970-01-01.
    pub start_date: Option<i64>,
    /// Local date until which it applies, exclusive.
    pub end_date: Option<i64>,
    /// Energy in Wh since the session start from which it applies.
    pub min_energy: Option<Quantity>,
    /// Energy in Wh since the session start until which it applies, exclusive.
    pub max_energy: Option<Quantity>,
    /// Current in A, summed over the phases, from which it applies.
    pub min_current: Option<Decimal>,
    /// Current in A until which it applies, exclusive.
    pub max_current: Option<Decimal>,
    /// Power in kW from which it applies.
    pub min_power: Option<Decimal>,
    /// Power in kW until which it applies, exclusive.
    pub max_power: Option<Decimal>,
    /// Seconds of session from which it applies.
    pub min_duration: Option<i64>,
    /// Seconds of session until which it applies, exclusive.
    pub max_duration: Option<i64>,
    /// Local weekdays on which it applies; empty means every day.
    pub days: Weekdays,
    /// Whether it prices reservations instead of charging.
    pub reservation: Option<ReservationKind>,
}

/// The state of a session at one instant, as far as restrictions look at it.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The wall clock at the location.
    pub local: LocalTime,
    /// Milliseconds of session so far.
    pub elapsed_ms: i64,
    /// Energy in Wh so far.
    pub energy: Quantity,
    /// The current of the period.
    pub current: Readings,
    /// The power of the period.
    pub power: Readings,
}

impl Restrictions {
    /// Whether all restrictions but that on reservations match.
    #[must_use]
    pub fn match_at(&self, moment: &Moment, policy: &Policy) -> bool {
        self.match_but_for_readings(moment, policy)
            && matches_readings(self.min_current, self.max_current, moment.current, policy)
            && matches_readings(self.min_power, self.max_power, moment.power, policy)
    }

    /// Whether all restrictions but those on reservations, current and power match.
    fn match_but_for_readings(&self, moment: &Moment, policy: &Policy) -> bool {
        self.matches_time_of_day(moment.local, policy.equal_times)
            && self.matches_date(moment.local)
            && (self.days.is_empty() || self.days.contains(moment.local.weekday()))
            && self.matches_energy(moment.energy)
            && self.matches_duration(moment.elapsed_ms)
    }

    /// Whether the wall clock decides, so that the time zone must be known.
    #[must_use]
    pub fn depends_on_local_time(&self) -> bool {
        self.start_time.is_some()
            || self.end_time.is_some()
            || self.start_date.is_some()
            || self.end_date.is_some()
            || !self.days.is_empty()
    }

    /// Whether a reading of current or power decides.
    #[must_use]
    pub fn depends_on_readings(&self) -> bool {
        self.min_current.is_some()
            || self.max_current.is_some()
            || self.min_power.is_some()
            || self.max_power.is_some()
    }

    /// The limit that decides whether they match and meets no reading, by its name.
    #[must_use]
    pub fn without_reading(&self, moment: &Moment, policy: &Policy) -> Option<&'static str> {
        if !self.depends_on_readings() || !self.match_but_for_readings(moment, policy) {
            return None;
        }
        let (current, power) = (compared(moment.current, policy), compared(moment.power, policy));
        let limits = [
            ("min_current", self.min_current, current.0),
            ("max_current", self.max_current, current.1),
            ("min_power", self.min_power, power.0),
            ("max_power", self.max_power, power.1),
        ];
        let missing =
            limits.iter().find(|(_, limit, reading)| limit.is_some() && reading.is_none());
        missing.map(|(name, _, _)| *name)
    }

    /// The window of the day as one or two half-open ranges of seconds since midnight.
    #[must_use]
    pub fn time_windows(&self, equal_times: EqualTimes) -> [Option<(u32, u32)>; 2] {
        const DAY: u32 = 86_400;
        let start = self.start_time.unwrap_or(0);
        let end = match self.end_time {
            None | Some(0) => DAY,
            Some(end) => end,
        };
        match start.cmp(&end) {
            std::cmp::Ordering::Less => [Some((start, end)), None],
            std::cmp::Ordering::Equal => match equal_times {
                EqualTimes::WholeDay => [Some((0, DAY)), None],
                EqualTimes::Never => [None, None],
            },
            std::cmp::Ordering::Greater => [Some((0, end)), Some((start, DAY))],
        }
    }

    fn matches_time_of_day(&self, local: LocalTime, equal_times: EqualTimes) -> bool {
        if self.start_time.is_none() && self.end_time.is_none() {
            return true;
        }
        self.time_windows(equal_times).into_iter().flatten().any(|(start, end)| {
            (i64::from(start) * 1000..i64::from(end) * 1000).contains(&local.ms_of_day)
        })
    }

    fn matches_date(&self, local: LocalTime) -> bool {
        self.start_date.is_none_or(|start| start <= local.day)
            && self.end_date.is_none_or(|end| local.day < end)
    }

    fn matches_energy(&self, energy: Quantity) -> bool {
        self.min_energy.is_none_or(|min| min <= energy)
            && self.max_energy.is_none_or(|max| energy < max)
    }

    fn matches_duration(&self, elapsed_ms: i64) -> bool {
        self.min_duration.is_none_or(|min| min * 1000 <= elapsed_ms)
            && self.max_duration.is_none_or(|max| elapsed_ms < max * 1000)
    }
}

/// The readings that a lower and an upper bound are compared with. A period states only extremes, so
/// the policy says which.
fn compared(readings: Readings, policy: &Policy) -> (Option<Decimal>, Option<Decimal>) {
    match policy.peak {
        Peak::PeakTrough => (readings.highest, readings.lowest),
        Peak::OwnExtreme => (readings.lowest, readings.highest),
    }
}

/// Whether a period's readings are within `[min, max)`.
fn matches_readings(
    min: Option<Decimal>,
    max: Option<Decimal>,
    readings: Readings,
    policy: &Policy,
) -> bool {
    let (for_min, for_max) = compared(readings, policy);
    let missing = policy.missing_reading == MissingReading::Match;
    min.is_none_or(|min| for_min.map_or(missing, |reading| min <= reading))
        && max.is_none_or(|max| for_max.map_or(missing, |reading| reading < max))
}
