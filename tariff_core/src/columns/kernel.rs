//! The walk over the periods of a row, through the decision table of its tariff.

use std::ops::Range;

use crate::columns::rows::{Ints, Rows};
use crate::columns::settle::Usage;
use crate::columns::table::{Cell, MOST_RATES, SLOTS, Table};
use crate::columns::{OUTSIDE, SPANS, UNPRICED};

/// The columns of periods that the kernel reads.
pub trait Source: Copy {
    /// Ms since the session start.
    fn offset(&self, period: usize) -> i64;
    /// 0.1 Wh.
    fn energy(&self, period: usize) -> i64;
    /// Ms.
    fn time(&self, period: usize) -> i64;
    /// Ms.
    fn parking(&self, period: usize) -> i64;
    /// Offset, energy, time and parking of each of these periods.
    fn each(&self, periods: Range<usize>) -> impl Iterator<Item = [i64; 4]>;
}

/// The column types that are read fastest.
#[derive(Clone, Copy)]
pub struct Narrow<'a> {
    offset: &'a [u32],
    energy: &'a [i32],
    time: &'a [u32],
    parking: &'a [u32],
}

/// Any column types.
#[derive(Clone, Copy)]
pub struct Wide<'a> {
    offset: Ints<'a>,
    energy: Ints<'a>,
    time: Ints<'a>,
    parking: Ints<'a>,
}

impl<'a> Narrow<'a> {
    /// The columns of `rows`, if they have these types.
    pub fn of(rows: &Rows<'a>) -> Option<Narrow<'a>> {
        let periods = &rows.periods;
        match (periods.offset_ms, periods.energy, periods.time_ms, periods.parking_ms) {
            (Ints::U32(offset), Ints::I32(energy), Ints::U32(time), Ints::U32(parking)) => {
                Some(Narrow { offset, energy, time, parking })
            }
            _ => None,
        }
    }
}

impl<'a> Wide<'a> {
    /// The columns of `rows`.
    pub fn of(rows: &Rows<'a>) -> Wide<'a> {
        let periods = &rows.periods;
        Wide {
            offset: periods.offset_ms,
            energy: periods.energy,
            time: periods.time_ms,
            parking: periods.parking_ms,
        }
    }
}

impl Source for Narrow<'_> {
    fn offset(&self, period: usize) -> i64 {
        self.offset[period].into()
    }
    fn energy(&self, period: usize) -> i64 {
        self.energy[period].into()
    }
    fn time(&self, period: usize) -> i64 {
        self.time[period].into()
    }
    fn parking(&self, period: usize) -> i64 {
        self.parking[period].into()
    }
    fn each(&self, periods: Range<usize>) -> impl Iterator<Item = [i64; 4]> {
        // Slices of one length, so that bounds are checked once and not at each value.
        let times = self.time[periods.clone()].iter().zip(&self.parking[periods.clone()]);
        let others = self.offset[periods.clone()].iter().zip(&self.energy[periods]);
        others.zip(times).map(|((offset, energy), (time, parking))| {
            [(*offset).into(), (*energy).into(), (*time).into(), (*parking).into()]
        })
    }
}

impl Source for Wide<'_> {
    fn offset(&self, period: usize) -> i64 {
        self.offset.at(period)
    }
    fn energy(&self, period: usize) -> i64 {
        self.energy.at(period)
    }
    fn time(&self, period: usize) -> i64 {
        self.time.at(period)
    }
    fn parking(&self, period: usize) -> i64 {
        self.parking.at(period)
    }
    fn each(&self, periods: Range<usize>) -> impl Iterator<Item = [i64; 4]> {
        periods.map(|period| {
            [self.offset(period), self.energy(period), self.time(period), self.parking(period)]
        })
    }
}

/// Volumes and offsets below this keep every sum of a row within 64 bits: 2^18 periods of 2^35,
/// times 360, are below 2^62. Larger ones are priced row by row.
const LARGEST: i64 = 1 << 35;
/// See [`LARGEST`].
pub const MOST_PERIODS: usize = 1 << 18;

/// The end of a session whose row does not say it.
pub const OPEN_END: i64 = i64::MIN;

/// Walk the periods of a row. `None` when the row needs the row-by-row way: discharged energy,
/// periods out of order, or volumes beyond those of any session.
///
/// `end` is the end of the session in ms from its start, or [`OPEN_END`]. What was used is written to
/// `usage`, which belongs to the caller so that it need not be copied.
#[inline]
pub fn walk<S: Source>(
    table: &Table<'_>,
    source: &S,
    periods: Range<usize>,
    start_ms: i64,
    end: i64,
    usage: &mut Usage,
) -> Option<u64> {
    usage.reset();
    if table.is_unconditional() {
        walk_unconditional(table, source, periods, end, usage)
    } else {
        Walk::new(table, start_ms).run(source, periods, end, usage)
    }
}

/// A tariff with a single cell: only sums matter.
#[inline]
fn walk_unconditional<S: Source>(
    table: &Table<'_>,
    source: &S,
    periods: Range<usize>,
    end: i64,
    usage: &mut Usage,
) -> Option<u64> {
    let [energy_slot, time_slot, parking_slot, fee] = table.cell(0, 0, 0).map(usize::from);
    let (mut energy, mut time, mut parking) = (0_i64, 0_i64, 0_i64);
    let mut signs = 0_i64;
    let mut sizes = 0_i64;
    let mut previous = 0_i64;
    for [offset, wh, charged, parked] in source.each(periods.clone()) {
        // One check at the end covers all values and the order of the offsets. A sum that overflows
        // is of values that are too large.
        signs |= wh | charged | parked | offset.wrapping_sub(previous);
        sizes |= offset | wh | charged | parked;
        previous = offset;
        energy = energy.wrapping_add(wh);
        time = time.wrapping_add(charged);
        parking = parking.wrapping_add(parked);
    }
    if signs < 0 || sizes >= LARGEST {
        return None;
    }
    let parking_last = parking != 0 && {
        let last = periods.rev().find(|period| source.time(*period) | source.parking(*period) != 0);
        last.is_some_and(|period| source.parking(period) != 0)
    };
    usage.fee = fee;
    usage.weighted = 360 * energy + time + parking;
    let used = [(energy_slot, energy), (time_slot, time), (parking_slot, parking)];
    let mut findings = 0;
    for (dimension, (slot, volume)) in used.into_iter().enumerate() {
        usage.volumes[slot] += volume;
        if volume != 0 {
            if slot < MOST_RATES {
                usage.last[dimension] = slot;
            } else {
                findings |= UNPRICED << dimension;
            }
        }
    }
    let (time_priced, parking_priced) = (usage.last[1] < SLOTS, usage.last[2] < SLOTS);
    usage.parking_last = parking_priced && (parking_last || !time_priced);
    if end != OPEN_END && previous > end {
        findings |= OUTSIDE;
    }
    Some(findings)
}

/// The state of a row in a table with several cells.
struct Walk<'t> {
    table: &'t Table<'t>,
    start_ms: i64,
    place: Place,
    energy: i64,
}

/// A cell of the table, and up to where it holds. Times are in ms from the session start.
#[derive(Clone, Copy)]
struct Place {
    clock: usize,
    clock_until: i64,
    duration: usize,
    duration_until: i64,
    /// The earlier of the two.
    time_until: i64,
    energy: usize,
    energy_until: i64,
}

impl Place {
    fn at_start(table: &Table<'_>, start_ms: i64) -> Place {
        let mut place = Place {
            clock: 0,
            clock_until: i64::MIN,
            duration: 0,
            duration_until: i64::MIN,
            time_until: i64::MIN,
            energy: 0,
            energy_until: i64::MIN,
        };
        place.move_time(table, start_ms, 0);
        place.move_energy(table, 0);
        place
    }

    /// Move to the cell that holds `offset` ms after the start.
    #[inline(never)]
    fn move_time(&mut self, table: &Table<'_>, start_ms: i64, offset: i64) {
        if offset >= self.clock_until {
            self.move_clock(table, start_ms, offset);
        }
        if offset >= self.duration_until {
            self.move_duration(table, offset);
        }
        self.time_until = self.clock_until.min(self.duration_until);
    }

    fn move_clock(&mut self, table: &Table<'_>, start_ms: i64, offset: i64) {
        let (cell, until) = table.clock(start_ms + offset);
        self.clock = cell;
        self.clock_until = until.saturating_sub(start_ms);
    }

    fn move_duration(&mut self, table: &Table<'_>, offset: i64) {
        let durations = table.durations();
        while durations.get(self.duration).is_some_and(|threshold| *threshold <= offset) {
            self.duration += 1;
        }
        self.duration_until = durations.get(self.duration).copied().unwrap_or(i64::MAX);
    }

    fn move_energy(&mut self, table: &Table<'_>, energy: i64) {
        let energies = table.energies();
        while energies.get(self.energy).is_some_and(|threshold| *threshold <= energy) {
            self.energy += 1;
        }
        self.energy_until = energies.get(self.energy).copied().unwrap_or(i64::MAX);
    }

    fn cell(&self, table: &Table<'_>) -> Cell {
        table.cell(self.clock, self.duration, self.energy)
    }
}

impl<'t> Walk<'t> {
    fn new(table: &'t Table<'t>, start_ms: i64) -> Walk<'t> {
        Walk { table, start_ms, place: Place::at_start(table, start_ms), energy: 0 }
    }

    fn run<S: Source>(
        mut self,
        source: &S,
        periods: Range<usize>,
        end: i64,
        usage: &mut Usage,
    ) -> Option<u64> {
        let table = self.table;
        let mut findings = 0;
        let mut offset = 0;
        let mut parking_last = false;
        let mut cell = self.place.cell(table).map(usize::from);
        let mut next = source.offset(periods.start);
        for period in periods.clone() {
            let previous = offset;
            offset = next;
            let volumes = [source.energy(period), source.time(period), source.parking(period)];
            let signs = volumes[0] | volumes[1] | volumes[2] | (offset - previous);
            let sizes = offset | volumes[0] | volumes[1] | volumes[2];
            if signs < 0 || sizes >= LARGEST {
                return None;
            }
            if offset >= self.place.time_until {
                self.place.move_time(table, self.start_ms, offset);
                cell = self.place.cell(table).map(usize::from);
            }
            for dimension in 0..3 {
                let (slot, volume) = (cell[dimension] % SLOTS, volumes[dimension]);
                usage.volumes[slot] += volume;
                if volume != 0 && slot < MOST_RATES {
                    usage.last[dimension] = slot;
                }
            }
            let priced = |dimension: usize| volumes[dimension] != 0 && cell[dimension] < MOST_RATES;
            parking_last = priced(2) || parking_last && !priced(1);
            if usage.fee == SLOTS - 1 {
                usage.fee = cell[3];
            }
            usage.weighted += 360 * volumes[0] + volumes[1] + volumes[2];
            let is_last = period + 1 == periods.end;
            next =
                if is_last { last_end(end, offset, &volumes) } else { source.offset(period + 1) };
            let energy_after = self.energy + volumes[0];
            if next > self.place.time_until || energy_after > self.place.energy_until {
                findings |= self.changes_inside(offset, next, energy_after, &volumes);
            }
            self.energy = energy_after;
            if energy_after >= self.place.energy_until {
                self.place.move_energy(table, energy_after);
                cell = self.place.cell(table).map(usize::from);
            }
        }
        usage.parking_last = parking_last;
        for dimension in 0..3 {
            if usage.volumes[MOST_RATES + dimension] != 0 {
                findings |= UNPRICED << dimension;
            }
        }
        if end != OPEN_END && offset > end {
            findings |= OUTSIDE;
        }
        Some(findings)
    }

    /// The dimensions whose rate changes inside a period, as bits of findings. The meter is taken
    /// to run evenly, as [`crate::price::price`] does.
    #[cold]
    fn changes_inside(&self, from: i64, to: i64, energy_after: i64, volumes: &[i64; 3]) -> u64 {
        /// As many boundaries as are looked at within a period of a single document.
        const MOST_BOUNDARIES: usize = 10_000;
        let first = self.place.cell(self.table);
        let mut place = self.place;
        let length = to - from;
        let used = volumes[0];
        let mut found = 0;
        for _ in 0..MOST_BOUNDARIES {
            let instant = place.time_until;
            let time_left = instant < to;
            let energy_left = place.energy_until < energy_after;
            // Which comes first is a comparison of two parts of the period, both ratios.
            let order = match (time_left, energy_left) {
                (false, false) => break,
                (true, false) => std::cmp::Ordering::Less,
                (false, true) => std::cmp::Ordering::Greater,
                (true, true) => {
                    compare_parts(instant - from, used, place.energy_until - self.energy, length)
                }
            };
            if order.is_le() {
                place.move_time(self.table, self.start_ms, instant);
            }
            if order.is_ge() {
                let passed = place.energy_until;
                place.move_energy(self.table, passed);
            }
            let cell = place.cell(self.table);
            for dimension in 0..3 {
                let changed = cell[dimension] != first[dimension] && volumes[dimension] != 0;
                found |= u64::from(changed) * (SPANS << dimension);
            }
        }
        found
    }
}

/// Compare `time / length` with `energy / used`: which part of a period is passed first.
fn compare_parts(time: i64, used: i64, energy: i64, length: i64) -> std::cmp::Ordering {
    // Within an hour and some kWh both products fit 64 bits.
    if let (Some(time_part), Some(energy_part)) =
        (time.checked_mul(used), energy.checked_mul(length))
    {
        return time_part.cmp(&energy_part);
    }
    let time_part = i128::from(time) * i128::from(used);
    time_part.cmp(&(i128::from(energy) * i128::from(length)))
}

/// The end of the last period: that of the session, or when the period's own time has passed.
fn last_end(end: i64, offset: i64, volumes: &[i64; 3]) -> i64 {
    if end == OPEN_END {
        let lasted = if volumes[1] == 0 { volumes[2] } else { volumes[1] };
        return offset + lasted;
    }
    end.max(offset)
}
