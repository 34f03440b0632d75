//! Time zones, and the instants at which the wall clock can change what a tariff charges.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, RwLock};

use jiff::Timestamp;
use jiff::tz::TimeZoneDatabase;

use crate::policy::Policy;
use crate::tariff::Tariff;
use crate::units::{DAY_MS, Instant, LocalTime, Quantity};

/// The rules of an IANA time zone, as a table of its changes.
#[derive(Debug, PartialEq, Eq)]
pub struct Zone {
    name: String,
    /// UTC instants in ms and the offset in seconds that holds from there on.
    changes: Vec<(i64, i32)>,
    /// The offset from each change on, and the UTC instant in ms of the next.
    spans: Vec<(i32, i64)>,
    /// For each 2^[`BUCKET_BITS`] ms from 1970 on, the position of the span at their start.
    buckets: Vec<u16>,
}

/// Less than a day, so that hardly any bucket has a change in it.
const BUCKET_BITS: u32 = 26;

/// A table of changes ends here; nobody sells electricity by 2200's daylight saving rules yet.
const LAST_CHANGE_S: i64 = 7_258_118_400;

impl Zone {
    /// The zone called `name`, from the data built into this library, or `None`.
    #[must_use]
    pub fn get(name: &str) -> Option<Arc<Zone>> {
        static ZONES: OnceLock<RwLock<HashMap<String, Arc<Zone>>>> = OnceLock::new();
        let zones = ZONES.get_or_init(RwLock::default);
        if let Some(zone) = zones.read().ok()?.get(name) {
            return Some(Arc::clone(zone));
        }
        let zone = Arc::new(Zone::load(name)?);
        zones.write().ok()?.insert(name.to_owned(), Arc::clone(&zone));
        Some(zone)
    }

    /// Coordinated universal time.
    #[must_use]
    pub fn utc() -> Arc<Zone> {
        static UTC: OnceLock<Arc<Zone>> = OnceLock::new();
        Arc::clone(UTC.get_or_init(|| Arc::new(Zone::new("UTC", vec![(i64::MIN, 0)]))))
    }

    fn load(name: &str) -> Option<Zone> {
        let zone = TimeZoneDatabase::bundled().get(name).ok()?;
        let first = zone.to_offset(Timestamp::MIN).seconds();
        let mut changes = vec![(i64::MIN, first)];
        for change in zone.following(Timestamp::MIN) {
            let at = change.timestamp().as_second();
            if at > LAST_CHANGE_S {
                break;
            }
            let offset = change.offset().seconds();
            if changes.last().is_some_and(|last| last.1 != offset) {
                changes.push((at * 1000, offset));
            }
        }
        Some(Zone::new(name, changes))
    }

    fn new(name: &str, changes: Vec<(i64, i32)>) -> Zone {
        let next = changes.iter().skip(1).map(|change| change.0).chain([i64::MAX]);
        let spans = changes.iter().zip(next).map(|(change, next)| (change.1, next)).collect();
        let last = changes.last().map_or(0, |change| change.0).max(0) >> BUCKET_BITS;
        let holds = |at_ms: i64| changes.partition_point(|change| change.0 <= at_ms) - 1;
        let position = |bucket: i64| u16::try_from(holds(bucket << BUCKET_BITS));
        let buckets = (0..=last).map(|bucket| position(bucket).unwrap_or(u16::MAX)).collect();
        Zone { name: name.to_owned(), changes, spans, buckets }
    }

    /// The IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The changes of offset: UTC instants in ms and the offset in seconds from there on.
    #[must_use]
    pub fn changes(&self) -> &[(i64, i32)] {
        &self.changes
    }

    /// The offset in seconds at `instant`, and when it next changes, in ms.
    #[must_use]
    pub fn offset_at(&self, instant: Instant) -> (i32, i64) {
        self.offset_at_ms(instant.ms())
    }

    /// The same for an instant in ms.
    #[inline(always)]
    #[allow(clippy::inline_always)]
    pub(crate) fn offset_at_ms(&self, ms: i64) -> (i32, i64) {
        let bucket = usize::try_from(ms >> BUCKET_BITS).unwrap_or(usize::MAX);
        // Before 1970 and after the last change the spans themselves are searched.
        let mut position = match self.buckets.get(bucket) {
            Some(position) => usize::from(*position),
            None => self.spans.partition_point(|span| span.1 <= ms),
        };
        while self.spans[position].1 <= ms {
            position += 1;
        }
        self.spans[position]
    }

    /// The wall clock at `instant`.
    #[must_use]
    pub fn local(&self, instant: Instant) -> LocalTime {
        LocalTime::at(instant, self.offset_at(instant).0)
    }
}

/// Everything in a tariff at which a price can change while a session runs.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Boundaries {
    /// Local times of day, in ms since midnight.
    times_of_day: Vec<i64>,
    /// Session durations, in ms.
    durations: Vec<i64>,
    /// Energies in Wh.
    energies: Vec<Quantity>,
}

impl Boundaries {
    /// The boundaries of a tariff.
    #[must_use]
    pub fn of(tariff: &Tariff, policy: &Policy) -> Boundaries {
        let mut found = Boundaries::default();
        for element in &tariff.elements {
            let rules = &element.restrictions;
            if rules.start_time.is_some() || rules.end_time.is_some() {
                for (start, end) in rules.time_windows(policy.equal_times).into_iter().flatten() {
                    found.times_of_day.push(i64::from(start) * 1000);
                    found.times_of_day.push(i64::from(end % 86_400) * 1000);
                }
            }
            if rules.start_date.is_some() || rules.end_date.is_some() || !rules.days.is_empty() {
                found.times_of_day.push(0);
            }
            let durations = [rules.min_duration, rules.max_duration];
            found.durations.extend(durations.into_iter().flatten().map(|seconds| seconds * 1000));
            found.energies.extend([rules.min_energy, rules.max_energy].into_iter().flatten());
        }
        found.times_of_day.sort_unstable();
        found.times_of_day.dedup();
        found.durations.sort_unstable();
        found.durations.dedup();
        found.energies.sort_unstable();
        found.energies.dedup();
        found
    }

    /// The first instant after `after` at which the clock can change a price. `base` is the
    /// instant from which durations count.
    #[must_use]
    pub fn next_instant(&self, after: Instant, base: Instant, zone: &Zone) -> Option<Instant> {
        let by_duration = self
            .durations
            .iter()
            .filter_map(|duration| base.later_by(*duration))
            .find(|boundary| *boundary > after);
        let by_clock = self.next_on_the_clock(after, zone);
        match (by_duration, by_clock) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
    }

    fn next_on_the_clock(&self, after: Instant, zone: &Zone) -> Option<Instant> {
        let first = *self.times_of_day.first()?;
        let (offset, change) = zone.offset_at(after);
        let local = LocalTime::at(after, offset);
        let next = self
            .times_of_day
            .iter()
            .find(|time| **time > local.ms_of_day)
            .map_or(first + DAY_MS, |time| *time);
        let candidate = after.later_by(next - local.ms_of_day)?;
        // When clocks change first, the change itself is where prices can jump.
        if change < candidate.ms() { Instant::from_ms(change) } else { Some(candidate) }
    }

    /// The energies that are passed between two meter readings and at which a price can change, in
    /// the order in which they are passed. Rising, one is passed when it is reached; falling, when
    /// the meter shows less, so one that it starts from counts too.
    #[must_use]
    pub fn energies_between(&self, before: Quantity, after: Quantity) -> Vec<Quantity> {
        if before <= after {
            let passed = |energy: &Quantity| before < *energy && *energy < after;
            return self.energies.iter().copied().filter(passed).collect();
        }
        let passed = |energy: &Quantity| after < *energy && *energy <= before;
        self.energies.iter().rev().copied().filter(passed).collect()
    }

    /// Whether the clock can change a price at this very instant.
    #[must_use]
    pub fn is_at(&self, instant: Instant, base: Instant, zone: &Zone) -> bool {
        let just_before = instant.later_by(-1);
        just_before.and_then(|before| self.next_instant(before, base, zone)) == Some(instant)
    }

    /// Whether a price can change at this energy.
    #[must_use]
    pub fn has_energy(&self, energy: Quantity) -> bool {
        self.energies.binary_search(&energy).is_ok()
    }

    /// Whether neither clock nor meter can change a price.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.times_of_day.is_empty() && self.durations.is_empty() && self.energies.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_come_from_the_zone() {
        let zone = Zone::get("Europe/Amsterdam").unwrap();
        let summer = Instant::from_civil(2025, 6, 6, 0).unwrap();
        let winter = Instant::from_civil(2025, 1, 6, 0).unwrap();
        assert_eq!(zone.offset_at(summer).0, 7200);
        assert_eq!(zone.offset_at(winter).0, 3600);
        assert!(Zone::get("Europe/Atlantis").is_none());
        assert_eq!(Zone::get("UTC").unwrap().offset_at(summer), (0, i64::MAX));
    }
}
