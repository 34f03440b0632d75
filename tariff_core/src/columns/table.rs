//! The decision table of one tariff.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::component::{self, Component, Dimension, Phase};
use crate::policy::Policy;
use crate::restriction::{Moment, Restrictions};
use crate::session::Readings;
use crate::tariff::Tariff;
use crate::timeline::Zone;
use crate::units::{DAY_MS, LocalTime, Price, Quantity, VatRate, ten_to};

/// The ms and the 0.1 Wh of a session in a table are below this: 24 days, and 214 MWh.
pub const MOST: u32 = 1 << 31;
const MOST_CELLS: usize = 1 << 15;

/// One rate in the units of the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The price in 10^-p of the currency unit, times 360 for energy and 3600000 for a fee.
    pub weight: i64,
    /// VAT in 10^-4 of the price.
    pub vat: u32,
    /// The multiple that is billed, in 0.1 Wh or ms; 1 bills what was used.
    pub step: u32,
}

impl Rate {
    const FREE: Rate = Rate { weight: 0, vat: 0, step: 1 };
}

/// The dimensions a table prices, in the order of the bytes of a cell.
pub const DIMENSIONS: [Dimension; 4] =
    [Dimension::Energy, Dimension::Time, Dimension::ParkingTime, Dimension::Flat];

/// The slot of the rate that prices each of [`DIMENSIONS`], [`Table::free_slot`] where none does.
pub type Cell = [u8; 4];

/// The wall clock as an axis of the table.
struct Clock {
    /// Local days from which a date restriction starts or stops to match.
    dates: Vec<i64>,
    /// Ms since Monday midnight at which a cell of the week starts; the first is 0.
    week: Vec<i64>,
}

const WEEK_MS: i64 = 7 * DAY_MS;

impl Clock {
    /// How many cells the axis has.
    fn len(&self) -> usize {
        self.week.len() * (self.dates.len() + 1)
    }

    /// A local time within a cell.
    fn sample(&self, cell: usize) -> LocalTime {
        let of_week = self.week[cell % self.week.len()];
        let epoch = cell / self.week.len();
        let weekday = of_week / DAY_MS;
        let first = match epoch.checked_sub(1) {
            Some(index) => self.dates[index],
            None => self.dates.first().map_or(0, |first| first - 7),
        };
        // The first day of the epoch that has the weekday; where the epoch is too short for one,
        // the cell is never looked up.
        let day = first + (weekday - (first + 3)).rem_euclid(7);
        let last = self.dates.get(epoch).map_or(i64::MAX, |next| next - 1);
        LocalTime { day: day.min(last), ms_of_day: of_week % DAY_MS }
    }
}

/// The decision tables of all tariffs of a set. Their numbers lie side by side in memory, since in a
/// batch the tariffs come in any order and waiting for memory costs more than reckoning. Tariffs that
/// differ in nothing but their prices share all else.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    shapes: Vec<Shape>,
    /// For each shape the starts of the cells of the week, dates, durations and energies.
    axes: Vec<u32>,
    cells: Vec<Cell>,
    /// For each shape the position among its starts of the week of the last that each hour of it
    /// begins after.
    hours: Vec<[u16; HOURS]>,
    rates: Vec<Rate>,
    /// The positions of the shapes.
    known: HashMap<Contents, u32>,
}

/// What makes a shape: its axes, cells, where the parts of the axes end, and the free slot.
type Contents = (Vec<u32>, Vec<Cell>, [u16; 4], u8);

/// The hours of a week.
const HOURS: usize = 168;
const HOUR_MS: u32 = 3_600_000;

/// A table but for its prices.
#[derive(Clone, Copy, Debug)]
struct Shape {
    /// Where each list starts and ends.
    axes: (u32, u32),
    cells: (u32, u32),
    /// Where the parts of the axes end, counted from their start.
    week_end: u16,
    dates_end: u16,
    durations_end: u16,
    /// The cells of a column of the clock, and those between two dates.
    cells_of_column: u16,
    cells_of_epoch: u16,
    /// The cells of a duration.
    cells_of_duration: u16,
    free_slot: u8,
    /// See [`Table::is_even`].
    is_even: bool,
}

/// Where the numbers of one table are.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// See [`Table::fits_64`].
    fits_64: i64,
    shape: u32,
    /// Where the rates start; there is one for each slot of the shape.
    rates: u32,
    /// The number of decimals of the prices.
    decimals: u8,
}

/// A tariff as a decision table, looked at where its numbers lie.
#[derive(Clone, Copy, Debug)]
pub struct Table<'t> {
    zone: &'t Zone,
    axes: &'t [u32],
    rates: &'t [Rate],
    cells: &'t [Cell],
    hours: &'t [u16; HOURS],
    shape: &'t Shape,
    layout: &'t Layout,
}

/// The axes of a table while it is made.
struct Axes {
    clock: Clock,
    durations: Vec<u32>,
    energies: Vec<u32>,
}

/// Why a tariff cannot be a table: it is priced row by row instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotATable;

impl Tables {
    /// Make the table of a tariff.
    pub fn add(&mut self, tariff: &Tariff, policy: &Policy) -> Result<Layout, NotATable> {
        let charging = || {
            tariff
                .elements
                .iter()
                .map(|element| &element.restrictions)
                .filter(|rules| rules.reservation.is_none())
        };
        if charging().any(Restrictions::depends_on_readings) {
            return Err(NotATable);
        }
        let decimals = decimals(tariff)?;
        let axes = Axes {
            clock: clock_axis(charging(), policy),
            durations: thresholds(charging().flat_map(|rules| {
                [rules.min_duration, rules.max_duration].map(|s| s.map(|s| Some(s * 1000)))
            }))?,
            energies: thresholds(charging().flat_map(|rules| {
                [rules.min_energy, rules.max_energy].map(|energy| energy.map(tenths_of_wh))
            }))?,
        };
        if axes.size() > MOST_CELLS {
            return Err(NotATable);
        }
        let mut builder = Builder::default();
        let cells: Vec<Cell> = axes
            .samples()
            .map(|moment| builder.cell(tariff, &moment, policy, decimals))
            .collect::<Result<_, _>>()?;
        self.pack(&axes, &builder, &cells, decimals)
    }

    fn pack(
        &mut self,
        axes: &Axes,
        builder: &Builder,
        cells: &[Cell],
        decimals: u8,
    ) -> Result<Layout, NotATable> {
        let mut ends = [0; 4];
        let (week, columns) = axes.columns(cells)?;
        let hours = hours(&week)?;
        let int = |value: &i64| u32::try_from(*value).map_err(|_| NotATable);
        let dates: Vec<u32> = axes.clock.dates.iter().map(int).collect::<Result<_, _>>()?;
        let parts = [week, dates, axes.durations.clone(), axes.energies.clone()];
        let mut numbers = Vec::new();
        for (position, (part, end)) in parts.into_iter().zip(&mut ends).enumerate() {
            numbers.extend(part);
            if position >= 2 {
                // Nothing comes after the last threshold.
                numbers.push(MOST);
            }
            *end = u16::try_from(numbers.len()).map_err(|_| NotATable)?;
        }
        let count = |cells: usize| u16::try_from(cells).map_err(|_| NotATable);
        let free_slot = u8::try_from(builder.rates.len()).map_err(|_| NotATable)?;
        let slot = |slot: u8| if slot == FREE { free_slot } else { slot };
        let cells: Vec<Cell> = columns.iter().map(|cell| cell.map(slot)).collect();
        // Should a set ever hold 2^32 numbers, what comes after is priced row by row.
        let place = |start: usize, count: usize| {
            let end = u32::try_from(start + count).map_err(|_| NotATable)?;
            Ok((u32::try_from(start).map_err(|_| NotATable)?, end))
        };
        let shape = Shape {
            axes: place(self.axes.len(), numbers.len())?,
            cells: place(self.cells.len(), cells.len())?,
            week_end: ends[0],
            dates_end: ends[1],
            durations_end: ends[2],
            cells_of_column: count(axes.cells_of_column())?,
            cells_of_epoch: count(cells.len() / (axes.clock.dates.len() + 1))?,
            cells_of_duration: ends[3] - ends[2],
            free_slot,
            is_even: (0..4).all(|dimension| {
                let is_free = |cell: &Cell| cell[dimension] == free_slot;
                cells.iter().all(is_free) || !cells.iter().any(is_free)
            }),
        };
        let (next, _) = place(self.shapes.len(), 1)?;
        let (rates, _) = place(self.rates.len(), builder.rates.len() + 1)?;
        let position = match self.known.entry((numbers, cells, ends, free_slot)) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                let (numbers, cells, ..) = new.key();
                self.axes.extend(numbers);
                self.cells.extend(cells);
                self.hours.push(hours);
                self.shapes.push(shape);
                *new.insert(next)
            }
        };
        self.rates.extend(builder.rates.iter().chain([&Rate::FREE]));
        Ok(Layout { fits_64: builder.fits_64(), shape: position, rates, decimals })
    }

    /// The table at this place.
    #[inline(always)]
    pub fn at<'t>(&'t self, layout: &'t Layout, zone: &'t Zone) -> Table<'t> {
        let part = |(start, end): (u32, u32)| start as usize..end as usize;
        let shape = &self.shapes[layout.shape as usize];
        let rates = layout.rates as usize;
        Table {
            zone,
            axes: &self.axes[part(shape.axes)],
            rates: &self.rates[rates..=rates + usize::from(shape.free_slot)],
            cells: &self.cells[part(shape.cells)],
            hours: &self.hours[layout.shape as usize],
            shape,
            layout,
        }
    }

    /// Read something of each part of a table and return what means nothing: the reads of several
    /// tables wait for memory together, while pricing would wait for each.
    #[inline(always)]
    pub fn touch(&self, layout: &Layout) -> u32 {
        let rate = |at: usize| self.rates.get(at).map_or(0, |rate| rate.step);
        let first = layout.rates as usize;
        // As many as there are in most tables.
        let rates = rate(first) ^ rate(first + 4) ^ rate(first + 7);
        if self.shapes.len() <= FEW_SHAPES {
            return rates;
        }
        let shape = &self.shapes[layout.shape as usize];
        let (axes, cells) = (self.axes[shape.axes.0 as usize], self.cells[shape.cells.0 as usize]);
        rates ^ axes ^ u32::from(cells[0])
    }
}

/// So many are near at all times.
const FEW_SHAPES: usize = 32;

/// For each hour of the week the position of the last of these starts that comes no later than it.
fn hours(week: &[u32]) -> Result<[u16; HOURS], NotATable> {
    let mut hours = [0; HOURS];
    for (hour, position) in hours.iter_mut().enumerate() {
        let begins = |start: &u32| (start >> COLUMN_BITS) as usize <= hour * 3600;
        let count = week.partition_point(begins);
        *position = u16::try_from(count - 1).map_err(|_| NotATable)?;
    }
    Ok(hours)
}

impl Table<'_> {
    /// The number of decimals of the prices.
    pub fn decimals(&self) -> u32 {
        self.layout.decimals.into()
    }

    /// Whether a single cell holds for all of every session.
    #[inline(always)]
    pub fn is_unconditional(&self) -> bool {
        self.cells.len() == 1
    }

    /// Whether each dimension is either priced in all cells or in none.
    #[inline(always)]
    pub fn is_even(&self) -> bool {
        self.shape.is_even
    }

    /// The first number of ms of session at which a price changes after this many others,
    /// [`MOST`] after the last.
    #[inline(always)]
    pub fn duration(&self, passed: usize) -> u32 {
        self.axes[usize::from(self.shape.dates_end) + passed]
    }

    /// The same of energies in 0.1 Wh.
    #[inline(always)]
    pub fn energy(&self, passed: usize) -> u32 {
        self.axes[usize::from(self.shape.durations_end) + passed]
    }

    /// The rates.
    pub fn rates(&self) -> &[Rate] {
        &self.rates[..self.free_slot()]
    }

    /// The slot of what nothing prices. Its rate is free, so that money needs no case for it.
    #[inline(always)]
    pub fn free_slot(&self) -> usize {
        self.shape.free_slot.into()
    }

    /// The rate of a slot.
    #[inline(always)]
    pub fn rate(&self, slot: usize) -> Rate {
        self.rates[slot]
    }

    /// Whether 64 bits hold all costs of a session that used this much energy, time and parking, and
    /// none is negative.
    #[inline(always)]
    pub fn fits_64(&self, used: [u32; 3]) -> bool {
        let [energy, time, parking] = used.map(i64::from);
        360 * energy + time + parking <= self.layout.fits_64
    }

    /// The cell in a column of the clock, after this many durations and energies.
    #[inline(always)]
    pub fn cell(&self, column: usize, durations: usize, energies: usize) -> Cell {
        self.cells[column + durations * usize::from(self.shape.cells_of_duration) + energies]
    }

    /// Where the column of the clock starts at an instant, and the instant until which it holds, both
    /// in ms. `week` is that of an instant before, or [`Week::UNKNOWN`].
    #[inline(always)]
    pub fn clock(&self, week: &mut Week, at_ms: i64) -> (usize, i64) {
        if self.shape.dates_end == 1 {
            return (0, i64::MAX);
        }
        if at_ms >= week.until_ms {
            *week = self.week(at_ms);
        }
        let starts = &self.axes[..usize::from(self.shape.week_end)];
        let instant = |start: u32| week.monday_ms + i64::from(start >> COLUMN_BITS) * 1000;
        // Few cells start within an hour.
        let mut next = week.next;
        while starts.get(next).is_some_and(|start| instant(*start) <= at_ms) {
            next += 1;
        }
        week.next = next;
        let until = starts.get(next).map_or(week.until_ms, |start| instant(*start));
        let column = usize::try_from(starts[next - 1] & (MOST_COLUMNS - 1)).unwrap_or(0);
        let mut first = column * usize::from(self.shape.cells_of_column);
        if self.shape.dates_end != self.shape.week_end {
            first += self.epoch(at_ms + week.offset_ms) * usize::from(self.shape.cells_of_epoch);
        }
        (first, until.min(week.until_ms))
    }

    /// The week of an instant.
    #[inline(always)]
    fn week(&self, at_ms: i64) -> Week {
        let (offset, change) = self.zone.offset_at_ms(at_ms);
        let offset_ms = i64::from(offset) * 1000;
        let of_week = ms_of_week(at_ms + offset_ms);
        let monday_ms = at_ms - i64::from(of_week);
        Week {
            monday_ms,
            until_ms: change.min(monday_ms + WEEK_MS),
            offset_ms,
            next: usize::from(self.hours[(of_week / HOUR_MS) as usize]) + 1,
        }
    }

    /// How many dates have come by a local time.
    fn epoch(&self, local_ms: i64) -> usize {
        let dates = usize::from(self.shape.week_end)..usize::from(self.shape.dates_end);
        let day = local_ms.div_euclid(DAY_MS);
        self.axes[dates].partition_point(|start| i64::from(*start) <= day)
    }
}

/// Where in its week a session stands: what comes next in it need not be looked up in the zone again.
#[derive(Clone, Copy, Debug)]
pub struct Week {
    /// When it began, by the clock of now.
    monday_ms: i64,
    /// When it ends, or the clock is put forward or back.
    until_ms: i64,
    /// Of the clock.
    offset_ms: i64,
    /// The start of a cell that is later than an instant before.
    next: usize,
}

impl Week {
    /// That of no instant.
    pub const UNKNOWN: Week = Week { monday_ms: 0, until_ms: i64::MIN, offset_ms: 0, next: 1 };
}

/// A start of the week is in seconds, with the column of the clock in its lowest bits.
const COLUMN_BITS: u32 = 11;
const MOST_COLUMNS: u32 = 1 << COLUMN_BITS;

/// Ms since Monday midnight of a local time in ms since 1970.
#[inline(always)]
fn ms_of_week(local_ms: i64) -> u32 {
    /// Whole weeks from before the year 1, so that what is divided is positive. 1970-01-01 was a
    /// Thursday, three days after a Monday.
    const BEFORE: i64 = 110_000 * WEEK_MS + 3 * DAY_MS;
    let of_week = (local_ms + BEFORE).cast_unsigned() % WEEK_MS.cast_unsigned();
    u32::try_from(of_week).unwrap_or(0)
}

impl Axes {
    fn size(&self) -> usize {
        self.clock.len() * self.cells_of_column()
    }

    fn cells_of_column(&self) -> usize {
        (self.durations.len() + 1) * (self.energies.len() + 1)
    }

    /// The starts of the week with their columns, and the cells of the columns, date by date. Times
    /// of the week at which all is alike, whatever the date, share a column.
    fn columns(&self, cells: &[Cell]) -> Result<(Vec<u32>, Vec<Cell>), NotATable> {
        let (week, epochs) = (&self.clock.week, self.clock.dates.len() + 1);
        let size = self.cells_of_column();
        let column = |epoch: usize, start: usize| {
            let first = (epoch * week.len() + start) * size;
            &cells[first..first + size]
        };
        let alike = |one: usize, other: usize| {
            (0..epochs).all(|epoch| column(epoch, one) == column(epoch, other))
        };
        let mut different: Vec<usize> = Vec::new();
        let mut starts = Vec::new();
        let mut last = None;
        for (start, at_ms) in week.iter().enumerate() {
            let known = different.iter().position(|other| alike(start, *other));
            let position = known.unwrap_or(different.len());
            if known.is_none() {
                different.push(start);
            }
            // Dates change at midnights, which the walk then has to stop at.
            if last != Some(position) || epochs > 1 {
                let second = u32::try_from(at_ms / 1000).map_err(|_| NotATable)?;
                let column = u32::try_from(position).map_err(|_| NotATable)?;
                if column >= MOST_COLUMNS {
                    return Err(NotATable);
                }
                starts.push((second << COLUMN_BITS) | column);
            }
            last = Some(position);
        }
        let cells = (0..epochs)
            .flat_map(|epoch| different.iter().flat_map(move |start| column(epoch, *start)));
        Ok((starts, cells.copied().collect()))
    }

    /// A moment within each cell, in the order of the cells.
    fn samples(&self) -> impl Iterator<Item = Moment> {
        (0..self.clock.len()).flat_map(move |clock| {
            (0..=self.durations.len()).flat_map(move |duration| {
                (0..=self.energies.len()).map(move |energy| self.sample(clock, duration, energy))
            })
        })
    }

    fn sample(&self, clock: usize, duration: usize, energy: usize) -> Moment {
        let lower = |thresholds: &[u32], index: usize| -> i64 {
            match index.checked_sub(1) {
                Some(below) => thresholds[below].into(),
                None => thresholds.first().map_or(0, |first| i64::from(*first) - 1),
            }
        };
        let tenths = i128::from(lower(&self.energies, energy));
        Moment {
            local: self.clock.sample(clock),
            elapsed_ms: lower(&self.durations, duration),
            energy: Quantity::from_raw(tenths * ten_to(Quantity::SCALE - 1)),
            current: Readings::default(),
            power: Readings::default(),
        }
    }
}

fn clock_axis<'t>(rules: impl Iterator<Item = &'t Restrictions>, policy: &Policy) -> Clock {
    let mut times = vec![];
    let mut dates = vec![];
    let mut by_day = false;
    for rules in rules.filter(|rules| rules.depends_on_local_time()) {
        by_day |= !rules.days.is_empty();
        dates.extend([rules.start_date, rules.end_date].into_iter().flatten());
        if rules.start_time.is_some() || rules.end_time.is_some() {
            for (start, end) in rules.time_windows(policy.equal_times).into_iter().flatten() {
                times.extend([start % 86_400, end % 86_400].map(|second| i64::from(second) * 1000));
            }
        }
    }
    if by_day || !dates.is_empty() {
        times.push(0);
    }
    let mut week = vec![0];
    week.extend((0..7).flat_map(|day| times.iter().map(move |time| day * DAY_MS + time)));
    for list in [&mut week, &mut dates] {
        list.sort_unstable();
        list.dedup();
    }
    Clock { dates, week }
}

/// Sorted thresholds; one that is finer than the columns makes the tariff no table. Those that every
/// session has passed when it starts, and those that none in a table passes, change nothing.
fn thresholds(found: impl Iterator<Item = Option<Option<i64>>>) -> Result<Vec<u32>, NotATable> {
    let all: Vec<i64> =
        found.flatten().map(|value| value.ok_or(NotATable)).collect::<Result<_, _>>()?;
    let passed = all.into_iter().filter(|threshold| (1..MOST.into()).contains(threshold));
    let mut list: Vec<u32> = passed.filter_map(|threshold| u32::try_from(threshold).ok()).collect();
    list.sort_unstable();
    list.dedup();
    Ok(list)
}

fn tenths_of_wh(energy: Quantity) -> Option<i64> {
    let unit = ten_to(Quantity::SCALE - 1);
    (energy.raw() % unit == 0).then(|| i64::try_from(energy.raw() / unit).ok())?
}

/// The most decimals that a price or limit of the tariff has, four at least.
fn decimals(tariff: &Tariff) -> Result<u8, NotATable> {
    let components = tariff.elements.iter().flat_map(|element| &element.components);
    let mut prices: Vec<Price> = components.map(|component| component.price).collect();
    for limit in [tariff.min_price, tariff.max_price].into_iter().flatten() {
        prices.extend([limit.before, limit.after].into_iter().flatten());
    }
    (4..=8)
        .find(|decimals| {
            let unit = ten_to(Price::SCALE - u32::from(*decimals));
            prices.iter().all(|price| price.raw() % unit == 0)
        })
        .ok_or(NotATable)
}

/// Stands for the slot behind the last rate, while it is not known how many there are.
const FREE: u8 = u8::MAX;

/// Collects the different rates while cells are filled.
#[derive(Default)]
struct Builder {
    rates: Vec<Rate>,
    components: Vec<Component>,
}

impl Builder {
    fn cell(
        &mut self,
        tariff: &Tariff,
        moment: &Moment,
        policy: &Policy,
        decimals: u8,
    ) -> Result<Cell, NotATable> {
        let mut cell = [0; 4];
        for (index, dimension) in DIMENSIONS.into_iter().enumerate() {
            let place = component::find(tariff, dimension, Phase::Charge, moment, policy);
            cell[index] = match place {
                None => FREE,
                Some(place) => {
                    let component = tariff.elements[place.element].components[place.component];
                    self.rate(&component, index, decimals)?
                }
            };
        }
        Ok(cell)
    }

    /// The slot of a component; components that charge the same share one.
    fn rate(
        &mut self,
        component: &Component,
        dimension: usize,
        decimals: u8,
    ) -> Result<u8, NotATable> {
        let known = self.components.iter().position(|known| known == component);
        let slot = u8::try_from(known.unwrap_or(self.rates.len())).map_err(|_| NotATable)?;
        if known.is_some() {
            return Ok(slot);
        }
        if slot == FREE {
            return Err(NotATable);
        }
        let price = component.price.raw() / ten_to(Price::SCALE - u32::from(decimals));
        let (factor, step_unit) = match DIMENSIONS[dimension] {
            Dimension::Energy => (360, 10),
            Dimension::Flat => (3_600_000, 0),
            Dimension::Time | Dimension::ParkingTime | Dimension::ReservationTime => (1, 1000),
        };
        // Prices beyond 2^34 of the finest decimal are no prices of electricity.
        let price = i64::try_from(price).ok().filter(|price| price.abs() < 1 << 34);
        self.rates.push(Rate {
            weight: price.ok_or(NotATable)? * factor,
            vat: vat(component.vat)?,
            step: component.step_size.checked_mul(step_unit).ok_or(NotATable)?.max(1),
        });
        self.components.push(*component);
        Ok(slot)
    }

    /// How much weighted volume (360 * 0.1 Wh, or ms) surely keeps every product within 62 bits,
    /// with the fee and all that steps can add; less than any where a price is negative.
    fn fits_64(&self) -> i64 {
        const ROOM: i128 = 1 << 61;
        let mut highest = 1_i128;
        let mut fees = 0_i128;
        let mut steps = 0_i128;
        for (rate, component) in self.rates.iter().zip(&self.components) {
            let taxed = i128::from(10_000 + rate.vat);
            let weight = i128::from(rate.weight.abs());
            let factor = if component.dimension == Dimension::Energy { 360 } else { 1 };
            if component.dimension == Dimension::Flat {
                fees = fees.max(weight * taxed);
            } else {
                highest = highest.max(weight / factor * taxed);
                steps = steps.max(i128::from(rate.step) * factor);
            }
        }
        if self.rates.iter().any(|rate| rate.weight < 0) {
            return -1;
        }
        let left = (ROOM - fees) / highest - 2 * steps;
        i64::try_from(left.max(-1)).unwrap_or(i64::MAX)
    }
}

fn vat(rate: Option<VatRate>) -> Result<u32, NotATable> {
    let raw = rate.map_or(0, VatRate::raw);
    if raw % 10_000 == 0 {
        u32::try_from(raw / 10_000).map_err(|_| NotATable)
    } else {
        Err(NotATable)
    }
}
