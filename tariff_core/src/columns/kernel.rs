//! The walk over the periods of a row, through the decision table of its tariff.
//!
//! Within one cell of the table the price of a dimension does not change, so what counts is how much
//! was used in each cell that the session stays in, not in each period. A session has many periods
//! and few stays.

use std::ops::Range;

use crate::columns::rows::{Ints, Rows};
use crate::columns::settle::{Bill, Money, Settlement};
use crate::columns::table::{Cell, MOST, Table, Week};
use crate::columns::{OUTSIDE, Row, SPANS, UNPRICED};
use crate::units::Instant;

/// Periods in the column types that are read fastest.
#[derive(Clone, Copy)]
pub struct Narrow<'a> {
    /// Ms since the session start.
    offset: &'a [u32],
    /// 0.1 Wh.
    energy: &'a [i32],
    /// Ms.
    time: &'a [u32],
    /// Ms.
    parking: &'a [u32],
}

impl<'a> Narrow<'a> {
    /// The periods of all rows, if their columns have these types.
    pub fn of(rows: &Rows<'a>) -> Option<Narrow<'a>> {
        let periods = &rows.periods;
        match (periods.offset_ms, periods.energy, periods.time_ms, periods.parking_ms) {
            (Ints::U32(offset), Ints::I32(energy), Ints::U32(time), Ints::U32(parking)) => {
                Some(Narrow { offset, energy, time, parking })
            }
            _ => None,
        }
    }

    /// Some of these periods.
    #[inline(always)]
    pub fn part(&self, periods: Range<usize>) -> Narrow<'a> {
        Narrow {
            offset: &self.offset[periods.clone()],
            energy: &self.energy[periods.clone()],
            time: &self.time[periods.clone()],
            parking: &self.parking[periods],
        }
    }

    /// Go through the periods of a row with the sums of energy, time and parking before each. `None`
    /// when one starts before another, energy is discharged, or the values are beyond [`MOST`]; else
    /// where the session stands at its end.
    #[inline(always)]
    fn sum(&self, end: i64, mut note: impl FnMut(usize, Mark)) -> Option<Mark> {
        let mut sums = [0_u64; 3];
        let mut previous = 0_u32;
        // The highest bit of any value that must not have it. Where no offset has it, that of their
        // difference is its sign.
        let mut bits = 0;
        // All of one length, so that the loop need not check it.
        let count = self.offset.len();
        let (energies, times) = (&self.energy[..count], &self.time[..count]);
        let (parkings, offsets) = (&self.parking[..count], self.offset);
        for period in 0..count {
            let offset = offsets[period];
            note(period, Mark::new(offset, sums));
            let energy = energies[period].cast_unsigned();
            bits |= energy | offset | offset.wrapping_sub(previous);
            previous = offset;
            // At most MOST_PERIODS values of 32 bits.
            sums[0] = sums[0].wrapping_add(energy.into());
            sums[1] = sums[1].wrapping_add(times[period].into());
            sums[2] = sums[2].wrapping_add(parkings[period].into());
        }
        let end = self.last_end(end);
        let most = u64::from(MOST);
        let fits = bits < MOST && (sums[0] | sums[1] | sums[2]) < most && end < most;
        fits.then(|| Mark::new(low(end), sums))
    }

    /// When the last period ends: with the session, or when its own time has passed.
    #[inline(always)]
    fn last_end(&self, end: i64) -> u64 {
        let last = self.offset.len() - 1;
        let offset = u64::from(self.offset[last]);
        if end == OPEN_END {
            let (time, parking) = (self.time[last], self.parking[last]);
            return offset + u64::from(if time == 0 { parking } else { time });
        }
        u64::try_from(end).map_or(offset, |end| end.max(offset))
    }

    /// All that a row used, and when it ends; see [`Narrow::sum`].
    #[inline(never)]
    fn total(&self, end: i64) -> Option<Mark> {
        self.sum(end, |_, _| ())
    }

    /// The same, with a mark for each period and one for the end.
    #[inline(never)]
    fn marks<'m>(&self, end: i64, marks: &'m mut Vec<Mark>) -> Option<&'m [Mark]> {
        let count = self.offset.len();
        if marks.len() <= count {
            marks.resize(count + 1, Mark::default());
        }
        let places = &mut marks[..count];
        marks[count] = self.sum(end, |period, mark| places[period] = mark)?;
        Some(&marks[..=count])
    }

    /// Whether the last of these periods that has time or parking has parking.
    pub fn ends_parked(&self, periods: Range<usize>) -> bool {
        let last = periods.rev().find(|period| self.time[*period] | self.parking[*period] != 0);
        last.is_some_and(|period| self.parking[period] != 0)
    }
}

/// Where a session stands at the start of a period or at its end.
#[derive(Clone, Copy, Default)]
pub struct Mark {
    /// Ms since its start.
    offset: u32,
    /// Energy, time and parking used so far.
    used: [u32; 3],
}

impl Mark {
    /// Larger sums are cut; those of the end tell whether that happened.
    #[inline(always)]
    fn new(offset: u32, used: [u64; 3]) -> Mark {
        Mark { offset, used: used.map(low) }
    }
}

/// The lower half.
#[inline(always)]
#[allow(clippy::cast_possible_truncation)]
fn low(number: u64) -> u32 {
    number as u32
}

/// The periods of one row, copied from columns of other types.
#[derive(Default)]
pub struct Copied {
    offset: Vec<u32>,
    energy: Vec<i32>,
    time: Vec<u32>,
    parking: Vec<u32>,
}

impl Copied {
    /// The periods of a row; `None` when a value is beyond those of any session.
    pub fn of(&mut self, rows: &Rows<'_>, periods: Range<usize>) -> Option<Narrow<'_>> {
        fn copy<T: TryFrom<i64>>(
            copy: &mut Vec<T>,
            column: Ints<'_>,
            periods: Range<usize>,
        ) -> Option<()> {
            copy.clear();
            for period in periods {
                copy.push(T::try_from(column.at(period)).ok()?);
            }
            Some(())
        }
        copy(&mut self.offset, rows.periods.offset_ms, periods.clone())?;
        copy(&mut self.energy, rows.periods.energy, periods.clone())?;
        copy(&mut self.time, rows.periods.time_ms, periods.clone())?;
        copy(&mut self.parking, rows.periods.parking_ms, periods)?;
        let Copied { offset, energy, time, parking } = self;
        Some(Narrow { offset, energy, time, parking })
    }
}

/// Rows with more periods are priced row by row: 2^18 values of 2^32 fit 64 bits many times.
pub const MOST_PERIODS: usize = 1 << 18;

/// When sessions can start that a table prices: within the years of an [`Instant`], and so does their
/// last period.
pub const STARTS: Range<i64> = Instant::FIRST_MS..Instant::END_MS - MOST as i64;

/// The end of a session whose row does not say it.
pub const OPEN_END: i64 = i64::MIN;

/// Price the periods of a row, of which there is at least one. `None` when the row needs the
/// row-by-row way: discharged energy, periods out of order, volumes or times beyond [`MOST`], or an
/// amount that does not fit `M`.
///
/// `end` is the end of the session in ms from its start, or [`OPEN_END`]; `marks` is room to work in.
#[inline(always)]
pub fn price<M: Money>(
    table: &Table<'_>,
    settlement: &Settlement,
    periods: &Narrow<'_>,
    start_ms: i64,
    end: i64,
    marks: &mut Vec<Mark>,
) -> Option<Row> {
    let mut findings = 0;
    let mut bill;
    let last;
    if table.is_unconditional() {
        last = periods.total(end)?;
        bill = Bill::<M>::of(table, last.used)?;
        let ends_parked = || periods.ends_parked(0..periods.offset.len());
        let cell = table.cell(0, 0, 0);
        bill.add::<true>(table, settlement, cell, last.used, ends_parked);
        bill.all_of(table, cell, last.used);
    } else {
        let marks = periods.marks(end, marks)?;
        last = marks[marks.len() - 1];
        bill = Bill::<M>::of(table, last.used)?;
        let session = Session { table, settlement, periods, start_ms, marks };
        if table.is_even() {
            findings = session.follow::<M, true>(&mut bill);
        } else {
            findings = session.follow::<M, false>(&mut bill);
        }
    }
    for (dimension, (used, billed)) in last.used.into_iter().zip(bill.billed).enumerate() {
        findings |= u64::from(used != billed) * (UNPRICED << dimension);
    }
    findings |= u64::from(end != OPEN_END && i64::from(last.offset) > end) * OUTSIDE;
    settlement.settle(table, &mut bill, last.used, findings)
}

/// A session in a table with several cells.
struct Session<'s> {
    table: &'s Table<'s>,
    settlement: &'s Settlement,
    periods: &'s Narrow<'s>,
    start_ms: i64,
    /// One for each period and one for the end.
    marks: &'s [Mark],
}

impl Session<'_> {
    /// Follow the session from cell to cell and add up what each stay costs; returns findings too.
    #[inline(never)]
    fn follow<M: Money, const EVEN: bool>(&self, bill: &mut Bill<M>) -> u64 {
        let (table, marks) = (self.table, self.marks);
        let count = marks.len() - 1;
        let mut place = Place::at_start(table, self.start_ms, &marks[0]);
        if EVEN {
            bill.all_of(table, place.cell(table), marks[count].used);
        }
        let mut findings = 0;
        let mut first = 0;
        let mut from = [0; 3];
        loop {
            // A period belongs where it starts. The first does, so a stay is never empty.
            let next = place.count(&marks[..count]).max(first + 1);
            let to = marks[next];
            let used = [0, 1, 2].map(|dimension| to.used[dimension].wrapping_sub(from[dimension]));
            let cell = place.cell(table);
            let ends_parked = || self.periods.ends_parked(first..next);
            bill.add::<EVEN>(table, self.settlement, cell, used, ends_parked);
            if to.offset > place.time_until || to.used[0] > place.energy_until {
                findings |= self.changes_inside(place, next - 1);
            }
            if next == count {
                return findings;
            }
            place.reach(table, self.start_ms, &to);
            (first, from) = (next, to.used);
        }
    }

    /// The dimensions whose rate changes inside a period, as bits of findings. The meter is taken to
    /// run evenly, as [`crate::price::price`] does.
    #[cold]
    fn changes_inside(&self, mut place: Place, period: usize) -> u64 {
        /// As many boundaries as are looked at within a period of a single document.
        const MOST_BOUNDARIES: usize = 10_000;
        let (from, to) = (&self.marks[period], &self.marks[period + 1]);
        let volumes = [0, 1, 2].map(|dimension| to.used[dimension] - from.used[dimension]);
        let first = place.cell(self.table);
        let mut found = 0;
        for _ in 0..MOST_BOUNDARIES {
            let (instant, energy) = (place.time_until, place.energy_until);
            // Which comes first is a comparison of two parts of the period, both ratios.
            let order = match (instant < to.offset, energy < to.used[0]) {
                (false, false) => break,
                (true, false) => std::cmp::Ordering::Less,
                (false, true) => std::cmp::Ordering::Greater,
                (true, true) => {
                    let times = |one: u32, other: u32| u64::from(one) * u64::from(other);
                    let time_part = times(instant - from.offset, volumes[0]);
                    time_part.cmp(&times(energy - from.used[0], to.offset - from.offset))
                }
            };
            if order.is_le() {
                place.move_time(self.table, self.start_ms, instant);
            }
            if order.is_ge() {
                place.move_energy(self.table, energy);
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

/// A cell of the table, and up to where it holds: ms from the session start, and 0.1 Wh.
#[derive(Clone, Copy)]
struct Place {
    week: Week,
    clock: usize,
    clock_until: u32,
    duration: usize,
    duration_until: u32,
    /// The earlier of the two.
    time_until: u32,
    energy: usize,
    energy_until: u32,
}

impl Place {
    /// The place of a session at the start of its first period.
    #[inline(always)]
    fn at_start(table: &Table<'_>, start_ms: i64, mark: &Mark) -> Place {
        let mut place = Place {
            week: Week::UNKNOWN,
            clock: 0,
            clock_until: 0,
            duration: 0,
            duration_until: table.duration(0),
            time_until: 0,
            energy: 0,
            energy_until: table.energy(0),
        };
        place.move_time(table, start_ms, mark.offset);
        place
    }

    /// How many of these marks are before the end of this place; none is before its start.
    #[inline(always)]
    fn count(&self, marks: &[Mark]) -> usize {
        /// Up to so many it is faster to look at all than to guess where to stop.
        const FEW: usize = 16;
        let inside =
            |mark: &Mark| mark.offset < self.time_until && mark.used[0] < self.energy_until;
        if marks.last().is_some_and(inside) {
            return marks.len();
        }
        if marks.len() > FEW {
            return marks.partition_point(inside);
        }
        let (mut by_time, mut by_energy) = (0_usize, 0_usize);
        for mark in marks {
            // There are few.
            by_time = by_time.wrapping_add((mark.offset < self.time_until).into());
            by_energy = by_energy.wrapping_add((mark.used[0] < self.energy_until).into());
        }
        by_time.min(by_energy)
    }

    /// Move to where the session stands at a mark.
    #[inline(always)]
    fn reach(&mut self, table: &Table<'_>, start_ms: i64, mark: &Mark) {
        self.move_time(table, start_ms, mark.offset);
        self.move_energy(table, mark.used[0]);
    }

    /// Move to where the session is `offset` ms after its start.
    #[inline(always)]
    fn move_time(&mut self, table: &Table<'_>, start_ms: i64, offset: u32) {
        if offset >= self.clock_until {
            let (cell, until) = table.clock(&mut self.week, start_ms + i64::from(offset));
            self.clock = cell;
            // What is further away is beyond the end of the session.
            self.clock_until = u32::try_from(until - start_ms).unwrap_or(MOST);
        }
        // Whether a threshold is passed is hard to guess, so the first is done without a jump.
        self.duration += usize::from(offset >= self.duration_until);
        self.duration_until = table.duration(self.duration);
        while offset >= self.duration_until {
            self.duration += 1;
            self.duration_until = table.duration(self.duration);
        }
        self.time_until = self.clock_until.min(self.duration_until);
    }

    /// Move to where the session is after this much energy.
    #[inline(always)]
    fn move_energy(&mut self, table: &Table<'_>, energy: u32) {
        self.energy += usize::from(energy >= self.energy_until);
        self.energy_until = table.energy(self.energy);
        while energy >= self.energy_until {
            self.energy += 1;
            self.energy_until = table.energy(self.energy);
        }
    }

    #[inline(always)]
    fn cell(&self, table: &Table<'_>) -> Cell {
        table.cell(self.clock, self.duration, self.energy)
    }
}
