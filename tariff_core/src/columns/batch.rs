//! A batch: rows in, rows out, over all threads asked for.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::columns::compile::{Hot, Plan, TariffSet};
use crate::columns::interpret::is_reserved;
use crate::columns::kernel::{self, Copied, Mark, Narrow, OPEN_END};
use crate::columns::rows::{Rows, RowsError};
use crate::columns::settle::Money;
use crate::columns::{DIFFERS, NOT_VALID, Row, interpret};
use crate::error::Refusal;

/// The priced rows as columns. Money is in 10^-4 of the currency unit.
#[derive(Clone, Debug, Default)]
pub struct Outputs {
    /// See [`super::Status`].
    pub status: Vec<u8>,
    /// See [`super::FINDING_BITS`].
    pub findings: Vec<u64>,
    /// Totals before taxes; [`Outputs::UNKNOWN`] where there is none.
    pub before: Vec<i64>,
    /// Totals after taxes; [`Outputs::UNKNOWN`] where there is none.
    pub after: Vec<i64>,
    /// Costs of energy before taxes.
    pub energy: Vec<i64>,
    /// Costs of charging time before taxes.
    pub time: Vec<i64>,
    /// Costs of parking before taxes.
    pub parking: Vec<i64>,
    /// Costs of reserved time, fees and billed quantities, where asked for.
    pub detail: Option<Detail>,
    /// Whether any total is [`Outputs::UNKNOWN`].
    pub any_unknown: bool,
}

/// Columns that only some callers need.
#[derive(Clone, Debug, Default)]
pub struct Detail {
    /// Costs of reserved time before taxes.
    pub reservation: Vec<i64>,
    /// Fees before taxes.
    pub fixed: Vec<i64>,
    /// Billed energy in 0.1 Wh.
    pub billed_energy: Vec<i64>,
    /// Billed charging time in ms.
    pub billed_time: Vec<i64>,
    /// Billed parking time in ms.
    pub billed_parking: Vec<i64>,
    /// Billed reserved time in ms.
    pub billed_reservation: Vec<i64>,
}

impl Outputs {
    /// Stands for a total that cannot be known.
    pub const UNKNOWN: i64 = i64::MIN;

    pub(crate) fn with_rows(rows: usize, detail: bool) -> Outputs {
        Outputs::of(rows, detail, vec![0; rows], || vec![0; rows])
    }

    /// Columns for so many rows, all of that length, made of these findings and of what `ints` gives.
    #[must_use]
    pub fn of(
        rows: usize,
        detail: bool,
        findings: Vec<u64>,
        ints: impl Fn() -> Vec<i64>,
    ) -> Outputs {
        Outputs {
            status: vec![0; rows],
            findings,
            before: ints(),
            after: ints(),
            energy: ints(),
            time: ints(),
            parking: ints(),
            detail: detail.then(|| Detail {
                reservation: ints(),
                fixed: ints(),
                billed_energy: ints(),
                billed_time: ints(),
                billed_parking: ints(),
                billed_reservation: ints(),
            }),
            any_unknown: false,
        }
    }

    /// Check that each column has a value for each row.
    fn check(&self, rows: usize) -> Result<(), RowsError> {
        let money = [&self.before, &self.after, &self.energy, &self.time, &self.parking];
        let detail = self.detail.iter().flat_map(|detail| {
            let costs = [&detail.reservation, &detail.fixed, &detail.billed_energy];
            costs.into_iter().chain([
                &detail.billed_time,
                &detail.billed_parking,
                &detail.billed_reservation,
            ])
        });
        let mut lengths = money.into_iter().chain(detail).map(Vec::len);
        let fit = self.status.len() == rows && self.findings.len() == rows;
        if fit && lengths.all(|length| length == rows) {
            return Ok(());
        }
        Err(RowsError(format!("outputs: expected {rows} values in each")))
    }
}

/// Rows that are handed to a thread at a time.
pub(crate) const CHUNK: usize = 16_384;

/// Price all rows on `threads` threads. The result does not depend on their number.
///
/// # Errors
/// When the columns do not fit together; rows themselves never fail a batch.
pub fn price(
    set: &TariffSet,
    rows: &Rows<'_>,
    threads: usize,
    detail: bool,
) -> Result<Outputs, RowsError> {
    let mut outputs = Outputs::with_rows(rows.len(), detail);
    price_into(set, rows, threads, &mut outputs)?;
    Ok(outputs)
}

/// The same into columns that are there already: as many values as rows, all of which are replaced.
///
/// # Errors
/// When the columns do not fit together or with the outputs.
pub fn price_into(
    set: &TariffSet,
    rows: &Rows<'_>,
    threads: usize,
    outputs: &mut Outputs,
) -> Result<(), RowsError> {
    rows.check()?;
    outputs.check(rows.len())?;
    fill(
        outputs,
        CHUNK,
        threads,
        || (),
        |(), first, chunk| {
            let range = first..first + chunk.len();
            price_range(set, rows, range, |index, row| chunk.put(index - first, row));
        },
    );
    Ok(())
}

/// Have several threads fill the outputs, `size` rows at a time. `price` gets what `start` made for
/// its thread, the first row of a chunk, and the chunk.
pub(crate) fn fill<S>(
    outputs: &mut Outputs,
    size: usize,
    threads: usize,
    start: impl Fn() -> S + Sync,
    price: impl Fn(&mut S, usize, &mut Chunk<'_>) + Sync,
) {
    let unknown = AtomicBool::new(false);
    let work = Mutex::new(chunks(outputs, size).enumerate());
    in_threads(threads, || {
        let mut state = start();
        loop {
            let next = work.lock().ok().and_then(|mut work| work.next());
            let Some((number, mut chunk)) = next else { break };
            price(&mut state, number * size, &mut chunk);
            unknown.fetch_or(chunk.any_unknown, Ordering::Relaxed);
        }
    });
    drop(work);
    outputs.any_unknown = unknown.into_inner();
}

/// Run the same work on several threads, this one included.
pub(crate) fn in_threads(threads: usize, run: impl Fn() + Sync) {
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(&run);
        }
        run();
    });
}

/// Price a range of rows and hand on one after the other.
pub(crate) fn price_range(
    set: &TariffSet,
    rows: &Rows<'_>,
    range: Range<usize>,
    mut hand_on: impl FnMut(usize, &Row),
) {
    let mut work = Work::new(rows);
    for first in range.clone().step_by(BLOCK) {
        let block = first..range.end.min(first + BLOCK);
        touch(set, &rows.tariff[block.clone()]);
        for index in block {
            match price_row::<i64>(set, rows, index, &mut work) {
                Some(row) => hand_on(index, &row),
                None => hand_on(index, &price_rare(set, rows, index, &mut work)),
            }
        }
    }
}

/// Rows that are priced together: the tables of their tariffs fit the fastest cache.
pub(crate) const BLOCK: usize = 32;

/// What pricing rows one after the other keeps, so that none of them has to allocate.
struct Work<'a> {
    /// The periods of all rows, where no copy is needed.
    all: Option<Narrow<'a>>,
    copied: Copied,
    marks: Vec<Mark>,
}

impl<'a> Work<'a> {
    fn new(rows: &Rows<'a>) -> Work<'a> {
        Work { all: Narrow::of(rows), copied: Copied::default(), marks: Vec::new() }
    }
}

/// Bring the tables of these tariffs near, all at once: see [`Tables::touch`](crate::columns::table::Tables::touch).
fn touch(set: &TariffSet, tariffs: &[u32]) {
    let mut read = 0;
    let hot = tariffs.iter().filter_map(|tariff| set.hot.get(*tariff as usize));
    for tariff in hot.clone() {
        read ^= u32::from(tariff.minor_units);
    }
    for tariff in hot {
        if let Plan::Table(layout, _) = &tariff.plan {
            read ^= set.tables.touch(layout);
        }
    }
    // Without a use of what was read, the reads would be left out.
    std::hint::black_box(read);
}

/// One row through the table of its tariff, or `None` when it has to be priced by itself.
pub(crate) fn table_row(set: &TariffSet, rows: &Rows<'_>, index: usize) -> Option<Row> {
    let work = &mut Work::new(rows);
    price_row::<i64>(set, rows, index, work).or_else(|| price_row::<i128>(set, rows, index, work))
}

/// The row that is no everyday one: refused, of amounts beyond 64 bits, or not for a table.
#[cold]
#[inline(never)]
fn price_rare(set: &TariffSet, rows: &Rows<'_>, index: usize, work: &mut Work<'_>) -> Row {
    let tariff = rows.tariff[index] as usize;
    let Some(hot) = set.hot.get(tariff) else {
        return interpret::refused(Refusal::UnknownTariffId);
    };
    if let Some(refusal) = refusal(rows, hot, index) {
        return interpret::refused(refusal);
    }
    if let Some(row) = price_row::<i128>(set, rows, index, work) {
        return row;
    }
    let mut row = interpret::row(rows, index, &set.entries[tariff]);
    if row.status == 0 {
        compare(rows, hot, index, &mut row);
    }
    row
}

/// A row through the table of its tariff, in money of this width; `None` when that cannot be.
#[inline(always)]
fn price_row<M: Money>(
    set: &TariffSet,
    rows: &Rows<'_>,
    index: usize,
    work: &mut Work<'_>,
) -> Option<Row> {
    let hot = set.hot.get(rows.tariff[index] as usize)?;
    let Plan::Table(layout, settlement) = &hot.plan else {
        return None;
    };
    let periods = rows.periods_of(index);
    let start = rows.start_ms[index];
    let odd = rows.invalid.is_some_and(|invalid| invalid[index])
        || rows.currency.is_some_and(|currency| currency[index] != hot.currency)
        || rows.periods.reservation_ms.is_some_and(|column| is_reserved(column, periods.clone()));
    let sized = (1..=kernel::MOST_PERIODS).contains(&periods.len());
    if odd || !sized || !kernel::STARTS.contains(&start) {
        return None;
    }
    let periods = match &work.all {
        Some(all) => all.part(periods),
        None => work.copied.of(rows, periods)?,
    };
    let table = &set.tables.at(layout, &hot.zone);
    let settlement = &set.settlements[*settlement as usize];
    let end = rows.end_ms.map_or(OPEN_END, |ends| ends[index].saturating_sub(start));
    let mut row = kernel::price::<M>(table, settlement, &periods, start, end, &mut work.marks)?;
    compare(rows, hot, index, &mut row);
    Some(row)
}

/// Note a tariff that was not valid, and declared totals that are not ours.
#[inline(always)]
fn compare(rows: &Rows<'_>, hot: &Hot, index: usize, row: &mut Row) {
    let start = rows.start_ms[index];
    row.findings |= u64::from(start < hot.valid.0 || start >= hot.valid.1) * NOT_VALID;
    for (column, ours) in [(rows.declared_before, row.before), (rows.declared_after, row.after)] {
        let (Some(column), Some(ours)) = (column, ours) else { continue };
        row.findings |= u64::from(differs(column[index], ours, hot)) * DIFFERS;
    }
}

fn refusal(rows: &Rows<'_>, hot: &Hot, index: usize) -> Option<Refusal> {
    if rows.invalid.is_some_and(|invalid| invalid[index]) {
        return Some(Refusal::InvalidDocument);
    }
    let of_tariff = match hot.plan {
        Plan::Refused(refusal) => Some(refusal),
        Plan::Table(..) | Plan::ByRow => None,
    };
    // In the order in which a document is refused: what cannot be read, then the periods, the
    // currency and the time zone.
    match of_tariff {
        Some(Refusal::MissingCurrency | Refusal::MissingTimeZone) | None => {}
        Some(unreadable) => return Some(unreadable),
    }
    if rows.periods_of(index).is_empty() {
        return Some(Refusal::NoPeriods);
    }
    if of_tariff == Some(Refusal::MissingCurrency) {
        return of_tariff;
    }
    if rows.currency.is_some_and(|currency| currency[index] != hot.currency) {
        return Some(Refusal::CurrencyMismatch);
    }
    of_tariff
}

/// Whether a declared total is further from ours than the decimals it is written with explain.
fn differs(declared: i64, ours: i64, hot: &Hot) -> bool {
    if declared == Outputs::UNKNOWN {
        return false;
    }
    let decimals =
        (u32::from(hot.minor_units)..4).find(|decimals| declared % 10_i64.pow(4 - decimals) == 0);
    let tolerance = 10_i64.pow(4 - decimals.unwrap_or(4)) / 2;
    ours.abs_diff(declared) > tolerance.unsigned_abs()
}

/// A part of the outputs that one thread writes.
pub(crate) struct Chunk<'o> {
    status: &'o mut [u8],
    findings: &'o mut [u64],
    before: &'o mut [i64],
    after: &'o mut [i64],
    energy: &'o mut [i64],
    time: &'o mut [i64],
    parking: &'o mut [i64],
    detail: Option<[&'o mut [i64]; 6]>,
    any_unknown: bool,
}

impl Chunk<'_> {
    pub fn len(&self) -> usize {
        self.status.len()
    }

    /// Write the answer to this row of the chunk.
    #[inline(always)]
    pub fn put(&mut self, at: usize, row: &Row) {
        self.status[at] = row.status;
        self.findings[at] = row.findings;
        self.before[at] = row.before.unwrap_or(Outputs::UNKNOWN);
        self.after[at] = row.after.unwrap_or(Outputs::UNKNOWN);
        self.any_unknown |= row.before.is_none() || row.after.is_none();
        self.energy[at] = row.energy;
        self.time[at] = row.time;
        self.parking[at] = row.parking;
        if let Some(detail) = &mut self.detail {
            detail[0][at] = row.reservation;
            detail[1][at] = row.fixed;
            detail[2][at] = row.billed_energy;
            detail[3][at] = row.billed_time;
            detail[4][at] = row.billed_parking;
            detail[5][at] = row.billed_reservation;
        }
    }
}

fn chunks(outputs: &mut Outputs, size: usize) -> impl Iterator<Item = Chunk<'_>> {
    let mut findings = outputs.findings.chunks_mut(size);
    let mut before = outputs.before.chunks_mut(size);
    let mut after = outputs.after.chunks_mut(size);
    let mut energy = outputs.energy.chunks_mut(size);
    let mut time = outputs.time.chunks_mut(size);
    let mut parking = outputs.parking.chunks_mut(size);
    let mut detail = outputs.detail.as_mut().map(|detail| {
        [
            detail.reservation.chunks_mut(size),
            detail.fixed.chunks_mut(size),
            detail.billed_energy.chunks_mut(size),
            detail.billed_time.chunks_mut(size),
            detail.billed_parking.chunks_mut(size),
            detail.billed_reservation.chunks_mut(size),
        ]
    });
    outputs.status.chunks_mut(size).map(move |status| Chunk {
        status,
        // All columns have as many rows as the first, so each has a chunk for it.
        findings: findings.next().unwrap_or_default(),
        before: before.next().unwrap_or_default(),
        after: after.next().unwrap_or_default(),
        energy: energy.next().unwrap_or_default(),
        time: time.next().unwrap_or_default(),
        parking: parking.next().unwrap_or_default(),
        detail: detail
            .as_mut()
            .map(|columns| columns.each_mut().map(|column| column.next().unwrap_or_default())),
        any_unknown: false,
    })
}
