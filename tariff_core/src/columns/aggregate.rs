//! Group-bys in the same pass as pricing, with exact sums.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Mutex;

use crate::columns::Row;
use crate::columns::batch::{BLOCK, CHUNK, in_threads, price_range};
use crate::columns::compile::TariffSet;
use crate::columns::rows::{Ints, Rows, RowsError};
use crate::units::{DAY_MS, Instant, civil_from_days};

/// What rows are grouped by.
#[derive(Clone, Copy, Debug)]
pub enum Key<'a> {
    /// The values of a column, such as the code of a party.
    Column(Ints<'a>),
    /// The index of the tariff.
    Tariff,
    /// The currency, as its position in [`TariffSet::currencies`].
    Currency,
    /// The local day of the start, in days since 1970-01-01.
    Day,
    /// The local month of the start, as year * 12 + month - 1.
    Month,
}

/// The sums of a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// Priced rows.
    pub count: u64,
    /// Rows that were refused; nothing below counts them.
    pub refused: u64,
    /// Rows with any finding.
    pub with_findings: u64,
    /// Totals before taxes, in 10^-4 of the currency unit, over rows where it is known.
    pub before: i128,
    /// Totals after taxes, over rows where it is known.
    pub after: i128,
    /// Billed energy in 0.1 Wh.
    pub energy: i128,
    /// Billed charging time in ms.
    pub time: i128,
    /// Billed parking time in ms.
    pub parking: i128,
}

impl Group {
    /// Add the sums of another group.
    pub fn merge(&mut self, other: &Group) {
        self.count += other.count;
        self.refused += other.refused;
        self.with_findings += other.with_findings;
        self.before += other.before;
        self.after += other.after;
        self.energy += other.energy;
        self.time += other.time;
        self.parking += other.parking;
    }
}

/// The most keys a group-by has.
pub const MOST_KEYS: usize = 6;

/// Values of the keys of one group; those behind the last key are 0.
pub type Values = [i64; MOST_KEYS];

/// A dense table has at most this many groups for each thread; beyond, a map is used.
const MOST_DENSE: u128 = 1 << 17;

/// Price all rows and add up their totals by group, in the order of the keys.
///
/// # Errors
/// When the columns do not fit together, or there are more keys than [`MOST_KEYS`].
pub fn aggregate(
    set: &TariffSet,
    rows: &Rows<'_>,
    keys: &[Key<'_>],
    threads: usize,
) -> Result<Vec<(Values, Group)>, RowsError> {
    rows.check()?;
    if keys.len() > MOST_KEYS {
        return Err(RowsError(format!("Expected at most {MOST_KEYS} keys, found {}", keys.len())));
    }
    for key in keys {
        if let Key::Column(column) = key
            && column.len() != rows.len()
        {
            let (expected, found) = (rows.len(), column.len());
            return Err(RowsError(format!("key: expected {expected} values, found {found}")));
        }
    }
    let domains = domains(set, rows, keys);
    let found = Mutex::new(Vec::new());
    let next = std::sync::atomic::AtomicUsize::new(0);
    in_threads(threads, || {
        let mut sums = Sums::new(&domains);
        let mut answers = [Answer::default(); BLOCK];
        loop {
            let first = next.fetch_add(CHUNK, std::sync::atomic::Ordering::Relaxed);
            if first >= rows.len() {
                break;
            }
            let last = rows.len().min(first + CHUNK);
            price_range(set, rows, first..last, |index, row| {
                let position = (index - first) % BLOCK;
                answers[position] = Answer::of(row);
                if position + 1 == BLOCK || index + 1 == last {
                    let block = index - position..index + 1;
                    let columns = keys.iter().map(|key| values(set, rows, *key, block.clone()));
                    sums.add(columns, &answers[..=position]);
                }
            });
        }
        if let Ok(mut found) = found.lock() {
            sums.hand_over(&mut found);
        }
    });
    Ok(merged(found.into_inner().map_err(|_| RowsError("A thread failed".to_owned()))?))
}

/// Groups from several places as one list, in the order of their keys.
#[must_use]
pub fn merged(mut groups: Vec<(Values, Group)>) -> Vec<(Values, Group)> {
    groups.sort_by_key(|(values, _)| *values);
    groups.dedup_by(|(values, group), (before, sums)| {
        let same = values == before;
        if same {
            sums.merge(group);
        }
        same
    });
    groups
}

/// The values of a key in a block of rows.
fn values(set: &TariffSet, rows: &Rows<'_>, key: Key<'_>, block: Range<usize>) -> [i64; BLOCK] {
    let mut values = [0; BLOCK];
    let of = |row: usize| match key {
        Key::Column(column) => column.at(row),
        Key::Tariff => rows.tariff[row].into(),
        Key::Currency => currency(set, rows, row),
        Key::Day => local_day(set, rows, row),
        Key::Month => {
            let (year, month, _) = civil_from_days(local_day(set, rows, row));
            year * 12 + month - 1
        }
    };
    for (value, row) in values.iter_mut().zip(block) {
        *value = of(row);
    }
    values
}

fn currency(set: &TariffSet, rows: &Rows<'_>, row: usize) -> i64 {
    let tariff = set.hot.get(rows.tariff[row] as usize);
    tariff.map_or(0, |tariff| i64::from(tariff.currency_index))
}

fn local_day(set: &TariffSet, rows: &Rows<'_>, row: usize) -> i64 {
    let start = rows.start_ms[row];
    let tariff = set.hot.get(rows.tariff[row] as usize);
    match (Instant::from_ms(start), tariff) {
        (Some(instant), Some(tariff)) => tariff.zone.local(instant).day,
        _ => start.div_euclid(DAY_MS),
    }
}

/// The lowest value of each key and how many values there are from it to the highest.
fn domains(set: &TariffSet, rows: &Rows<'_>, keys: &[Key<'_>]) -> Vec<(i64, u128)> {
    let span = |low: i64, high: i64| (low, u128::from(high.abs_diff(low)) + 1);
    let range = |values: &mut dyn Iterator<Item = i64>| {
        let bounds = values.fold(None, |bounds, value| match bounds {
            None => Some((value, value)),
            Some((low, high)) => Some((value.min(low), value.max(high))),
        });
        bounds.map_or((0, 1), |(low, high)| span(low, high))
    };
    keys.iter()
        .map(|key| match key {
            Key::Column(column) => range(&mut (0..column.len()).map(|index| column.at(index))),
            Key::Tariff => range(&mut rows.tariff.iter().map(|index| i64::from(*index))),
            Key::Currency => (0, set.currencies.len().max(1) as u128),
            // A local day is at most one away from the day in UTC.
            Key::Day | Key::Month => {
                let days = &mut rows.start_ms.iter().map(|start| start.div_euclid(DAY_MS));
                let (low, count) = range(days);
                match key {
                    Key::Month => {
                        let last = low.saturating_add(i64::try_from(count).unwrap_or(i64::MAX));
                        let month = |day: i64| {
                            let (year, month, _) = civil_from_days(day);
                            year * 12 + month - 1
                        };
                        span(month(low.saturating_sub(1)), month(last))
                    }
                    Key::Day | Key::Column(_) | Key::Tariff | Key::Currency => {
                        (low.saturating_sub(1), count + 2)
                    }
                }
            }
        })
        .collect()
}

/// What a row adds to its group.
#[derive(Clone, Copy, Default)]
struct Answer {
    refused: bool,
    with_findings: bool,
    /// Totals before and after taxes, billed energy, time and parking.
    values: [i64; 5],
}

impl Answer {
    #[inline(always)]
    fn of(row: &Row) -> Answer {
        let known = |total: Option<i64>| total.unwrap_or(0);
        let billed = [row.billed_energy, row.billed_time, row.billed_parking];
        Answer {
            refused: row.status != 0,
            with_findings: row.findings != 0,
            values: [known(row.before), known(row.after), billed[0], billed[1], billed[2]],
        }
    }
}

/// A group in one cache line, as long as its sums fit 64 bits.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
struct Tally {
    count: u32,
    refused: u32,
    with_findings: u32,
    /// Totals before and after taxes, billed energy, time and parking.
    sums: [i64; 5],
}

impl Tally {
    /// Add a row; `None`, and no change, when a number would not fit.
    fn add(&mut self, answer: &Answer) -> Option<()> {
        if answer.refused {
            self.refused = self.refused.checked_add(1)?;
            return Some(());
        }
        let mut sums = self.sums;
        for (sum, value) in sums.iter_mut().zip(answer.values) {
            *sum = sum.checked_add(value)?;
        }
        self.count = self.count.checked_add(1)?;
        // At most as many as rows.
        self.with_findings += u32::from(answer.with_findings);
        self.sums = sums;
        Some(())
    }

    fn group(&self) -> Group {
        let [before, after, energy, time, parking] = self.sums.map(i128::from);
        Group {
            count: self.count.into(),
            refused: self.refused.into(),
            with_findings: self.with_findings.into(),
            before,
            after,
            energy,
            time,
            parking,
        }
    }
}

/// The sums of one thread.
struct Sums<'d> {
    domains: &'d [(i64, u128)],
    /// A group for every combination of values, unless there are too many.
    dense: Option<Vec<Tally>>,
    /// Otherwise those that occur.
    sparse: HashMap<Values, Tally>,
    /// Groups that had to start anew.
    full: Vec<(Values, Group)>,
}

impl Sums<'_> {
    fn new(domains: &[(i64, u128)]) -> Sums<'_> {
        let size = domains.iter().try_fold(1_u128, |size, domain| size.checked_mul(domain.1));
        let size = size.filter(|size| *size <= MOST_DENSE);
        let dense = size.and_then(|size| usize::try_from(size).ok());
        Sums {
            domains,
            dense: dense.map(|size| vec![Tally::default(); size]),
            sparse: HashMap::new(),
            full: Vec::new(),
        }
    }

    /// Add a block of rows, whose keys have these values.
    #[inline(never)]
    fn add(&mut self, columns: impl Iterator<Item = [i64; BLOCK]>, answers: &[Answer]) {
        let Some(dense) = &mut self.dense else {
            let columns: Vec<[i64; BLOCK]> = columns.collect();
            for (position, answer) in answers.iter().enumerate() {
                let mut values = [0; MOST_KEYS];
                for (value, column) in values.iter_mut().zip(&columns) {
                    *value = column[position];
                }
                let tally = self.sparse.entry(values).or_default();
                put(tally, answer, || values, &mut self.full);
            }
            return;
        };
        let mut slots = [0; BLOCK];
        let slots = &mut slots[..answers.len()];
        for (column, (low, count)) in columns.zip(self.domains) {
            let count = usize::try_from(*count).unwrap_or(1);
            for (slot, value) in slots.iter_mut().zip(column) {
                *slot = *slot * count + usize::try_from(value.abs_diff(*low)).unwrap_or(0);
            }
        }
        // All lines are asked for before the first is waited for.
        let near = slots.iter().fold(0, |read, slot| read ^ dense[*slot].count);
        std::hint::black_box(near);
        for (answer, slot) in answers.iter().zip(slots) {
            let values = || values_of(*slot, self.domains);
            put(&mut dense[*slot], answer, values, &mut self.full);
        }
    }

    fn hand_over(self, groups: &mut Vec<(Values, Group)>) {
        groups.extend(self.full);
        groups.extend(self.sparse.iter().map(|(values, tally)| (*values, tally.group())));
        for (slot, tally) in self.dense.iter().flatten().enumerate() {
            if tally.count > 0 || tally.refused > 0 {
                groups.push((values_of(slot, self.domains), tally.group()));
            }
        }
    }
}

/// Add a row to a tally, and start that anew where the row does not fit.
fn put(
    tally: &mut Tally,
    answer: &Answer,
    values: impl Fn() -> Values,
    full: &mut Vec<(Values, Group)>,
) {
    if tally.add(answer).is_none() {
        full.push((values(), tally.group()));
        *tally = Tally::default();
        // One row always fits.
        tally.add(answer).unwrap_or_default();
    }
}

/// The values of the keys that share a slot.
fn values_of(mut slot: usize, domains: &[(i64, u128)]) -> Values {
    let mut values = [0; MOST_KEYS];
    for (key, (low, count)) in domains.iter().enumerate().rev() {
        let count = usize::try_from(*count).unwrap_or(1);
        values[key] = low + i64::try_from(slot % count).unwrap_or(0);
        slot /= count;
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_beyond_64_bits_are_exact() {
        let values = [i64::MAX - 1, i64::MIN + 1, 0, 0, 0];
        let mut answers = [Answer { values, ..Answer::default() }; BLOCK];
        answers[BLOCK - 1].refused = true;
        let key = || std::iter::once([7; BLOCK]);
        for domains in [vec![(7, 1)], vec![(0, MOST_DENSE + 1)]] {
            let mut sums = Sums::new(&domains);
            sums.add(key(), &answers);
            sums.add(key(), &answers[..3]);
            let mut found = Vec::new();
            sums.hand_over(&mut found);
            let [(values, group)] = merged(found)[..] else { panic!("One group") };
            let rows = BLOCK as i128 + 2;
            assert_eq!((values[0], i128::from(group.count), group.refused), (7, rows, 1));
            assert_eq!(group.before, rows * i128::from(i64::MAX - 1));
            assert_eq!(group.after, rows * i128::from(i64::MIN + 1));
        }
    }
}
