//! Group-bys in the same pass as pricing, with exact sums.

use std::collections::BTreeMap;
use std::sync::Mutex;

use crate::columns::batch::{Answers, CHUNK, Outputs, in_threads, price_range};
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
    fn add(&mut self, answers: &Answers, position: usize) {
        if answers.status[position] != 0 {
            self.refused += 1;
            return;
        }
        let known = |total: i64| if total == Outputs::UNKNOWN { 0 } else { total.into() };
        self.count += 1;
        self.with_findings += u64::from(answers.findings[position] != 0);
        self.before += known(answers.before[position]);
        self.after += known(answers.after[position]);
        self.energy += i128::from(answers.detail[2][position]);
        self.time += i128::from(answers.detail[3][position]);
        self.parking += i128::from(answers.detail[4][position]);
    }

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

/// Values of the keys of one group.
type Values = [i64; MOST_KEYS];

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
) -> Result<Vec<(Vec<i64>, Group)>, RowsError> {
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
    let merged = Mutex::new(BTreeMap::<Values, Group>::new());
    let next = std::sync::atomic::AtomicUsize::new(0);
    in_threads(threads, || {
        let mut sums = Sums::new(&domains);
        loop {
            let first = next.fetch_add(CHUNK, std::sync::atomic::Ordering::Relaxed);
            if first >= rows.len() {
                break;
            }
            let last = rows.len().min(first + CHUNK);
            price_range(set, rows, first..last, |block, answers| {
                for (position, index) in block.enumerate() {
                    sums.group(&values(set, rows, keys, index)).add(answers, position);
                }
            });
        }
        if let Ok(mut merged) = merged.lock() {
            sums.merge_into(&mut merged);
        }
    });
    let merged = merged.into_inner().map_err(|_| RowsError("A thread failed".to_owned()))?;
    Ok(merged.into_iter().map(|(values, group)| (values[..keys.len()].to_vec(), group)).collect())
}

fn values(set: &TariffSet, rows: &Rows<'_>, keys: &[Key<'_>], row: usize) -> Values {
    let mut values = [0; MOST_KEYS];
    for (value, key) in values.iter_mut().zip(keys) {
        *value = match key {
            Key::Column(column) => column.at(row),
            Key::Tariff => rows.tariff[row].into(),
            Key::Currency => currency(set, rows, row),
            Key::Day => local_day(set, rows, row),
            Key::Month => {
                let (year, month, _) = civil_from_days(local_day(set, rows, row));
                year * 12 + month - 1
            }
        };
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

/// The sums of one thread.
enum Sums<'d> {
    /// A group for every combination of values.
    Dense { domains: &'d [(i64, u128)], groups: Vec<Group> },
    /// Only the groups that occur.
    Sparse(std::collections::HashMap<Values, Group>),
}

impl Sums<'_> {
    fn new(domains: &[(i64, u128)]) -> Sums<'_> {
        let size = domains.iter().try_fold(1_u128, |size, domain| size.checked_mul(domain.1));
        match size.filter(|size| *size <= MOST_DENSE).and_then(|size| usize::try_from(size).ok()) {
            Some(size) => Sums::Dense { domains, groups: vec![Group::default(); size] },
            None => Sums::Sparse(std::collections::HashMap::new()),
        }
    }

    fn group(&mut self, values: &Values) -> &mut Group {
        match self {
            Sums::Sparse(groups) => groups.entry(*values).or_default(),
            Sums::Dense { domains, groups } => {
                let slot = domains.iter().zip(values).fold(0, |slot, ((low, count), value)| {
                    let position = usize::try_from(value.abs_diff(*low)).unwrap_or(0);
                    slot * usize::try_from(*count).unwrap_or(1) + position
                });
                &mut groups[slot]
            }
        }
    }

    fn merge_into(self, merged: &mut BTreeMap<Values, Group>) {
        match self {
            Sums::Sparse(groups) => {
                for (values, group) in groups {
                    merged.entry(values).or_default().merge(&group);
                }
            }
            Sums::Dense { domains, groups } => {
                for (slot, group) in groups.iter().enumerate() {
                    if group.count + group.refused > 0 {
                        merged.entry(values_of(slot, domains)).or_default().merge(group);
                    }
                }
            }
        }
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
