//! The decision table of one tariff.

use crate::component::{self, Component, Dimension, Phase};
use crate::policy::Policy;
use crate::restriction::{Moment, Restrictions};
use crate::session::Readings;
use crate::tariff::Tariff;
use crate::timeline::Zone;
use crate::units::{DAY_MS, Instant, LocalTime, Price, Quantity, VatRate, ten_to};

/// A table holds this many different rates; the slots behind them count what nothing prices.
pub const MOST_RATES: usize = 28;
/// The number of slots, those for unpriced energy, time and parking included.
pub const SLOTS: usize = MOST_RATES + 4;
const MOST_CELLS: usize = 1 << 15;

/// One rate in the units of the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// What it prices: the position in [`DIMENSIONS`].
    pub dimension: usize,
    /// The price in 10^-p of the currency unit, times 360 for energy and 3600000 for a fee.
    pub weight: i64,
    /// The multiple that is billed, in 0.1 Wh or ms; 0 bills what was used.
    pub step: i64,
    /// VAT in 10^-4 of the price.
    pub vat: i64,
}

/// The dimensions a table prices, in the order of the bytes of a cell.
pub const DIMENSIONS: [Dimension; 4] =
    [Dimension::Energy, Dimension::Time, Dimension::ParkingTime, Dimension::Flat];

/// Which rate prices each of [`DIMENSIONS`]; from [`MOST_RATES`] on none does.
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

/// A tariff as a decision table, looked at where its numbers lie. Those of all tariffs of a set lie
/// side by side in memory, since in a batch the tariffs come in any order and waiting for memory
/// costs more than reckoning.
#[derive(Clone, Copy, Debug)]
pub struct Table<'t> {
    zone: &'t Zone,
    /// Starts of the cells of the week, dates, durations, energies, rates and cells.
    data: &'t [i64],
    layout: Layout,
}

/// Where the numbers of a table are.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Where the table starts among the numbers of its set, and where it ends.
    start: u32,
    end: u32,
    /// Where each part ends, counted from the start.
    week_end: u32,
    dates_end: u32,
    durations_end: u32,
    energies_end: u32,
    rates_end: u32,
    /// The rates of energy come first, then those of time, of parking and fees: where each ends.
    kinds_end: [u8; 3],
    /// The number of decimals of the prices.
    decimals: u8,
}

/// The axes of a table while it is made.
struct Axes {
    clock: Clock,
    durations: Vec<i64>,
    energies: Vec<i64>,
}

/// Why a tariff cannot be a table: it is priced row by row instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotATable;

impl Layout {
    /// Make the table of a tariff and append its numbers to those of the set.
    pub fn compile(
        tariff: &Tariff,
        policy: &Policy,
        numbers: &mut Vec<i64>,
    ) -> Result<Layout, NotATable> {
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
        let mut axes = Axes {
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
        let mut builder = Builder { rates: Vec::new(), components: Vec::new() };
        let cells: Vec<Cell> = axes
            .samples()
            .map(|moment| builder.cell(tariff, &moment, policy, decimals))
            .collect::<Result<_, _>>()?;
        let mut cells = axes.merge_week(cells);
        let kinds_end = builder.sort(&mut cells);
        Layout::pack(&axes, &builder.rates, &cells, kinds_end, decimals, numbers)
    }

    fn pack(
        axes: &Axes,
        rates: &[Rate],
        cells: &[Cell],
        kinds_end: [u8; 3],
        decimals: u8,
        numbers: &mut Vec<i64>,
    ) -> Result<Layout, NotATable> {
        let start = numbers.len();
        // Should a set ever hold 2^32 numbers, what comes after is priced row by row.
        let end = |length: usize| u32::try_from(length - start).map_err(|_| NotATable);
        numbers.extend(&axes.clock.week);
        let week_end = end(numbers.len())?;
        numbers.extend(&axes.clock.dates);
        let dates_end = end(numbers.len())?;
        numbers.extend(&axes.durations);
        let durations_end = end(numbers.len())?;
        numbers.extend(&axes.energies);
        let energies_end = end(numbers.len())?;
        numbers.extend(rates.iter().flat_map(Rate::pack));
        let rates_end = end(numbers.len())?;
        numbers.extend(cells.chunks(2).map(|pair| {
            let second = pair.get(1).copied().unwrap_or_default();
            let bytes = [pair[0], second].concat();
            bytes.iter().rev().fold(0_i64, |packed, byte| packed << 8 | i64::from(*byte))
        }));
        Ok(Layout {
            start: u32::try_from(start).map_err(|_| NotATable)?,
            end: u32::try_from(numbers.len()).map_err(|_| NotATable)?,
            week_end,
            dates_end,
            durations_end,
            energies_end,
            rates_end,
            kinds_end,
            decimals,
        })
    }

    /// Read something of each cache line of the table and return what means nothing: the reads of
    /// several tables wait for memory together, while pricing would wait for each.
    #[inline]
    pub fn touch(self, numbers: &[i64]) -> i64 {
        const LINE: usize = 64 / 8;
        let lines = numbers[self.start as usize..self.end as usize].iter().step_by(LINE);
        lines.take(MOST_TOUCHED).fold(0, |sum, number| sum ^ number)
    }
}

/// Lines of a table that are read ahead; few tables have more.
const MOST_TOUCHED: usize = 12;

impl<'t> Table<'t> {
    /// The table that lies at `layout` among the numbers of its set.
    #[inline]
    pub fn at(layout: Layout, numbers: &'t [i64], zone: &'t Zone) -> Table<'t> {
        Table { zone, data: &numbers[layout.start as usize..layout.end as usize], layout }
    }

    /// The number of decimals of the prices.
    pub fn decimals(&self) -> u32 {
        self.layout.decimals.into()
    }

    /// The slots of the rates of one of [`DIMENSIONS`].
    #[inline]
    pub fn slots_of(&self, dimension: usize) -> std::ops::Range<usize> {
        let ends = &self.layout.kinds_end;
        let all = (self.layout.rates_end - self.layout.energies_end) as usize / 2;
        let end = ends.get(dimension).map_or(all, |end| usize::from(*end));
        let start = dimension.checked_sub(1).map_or(0, |before| usize::from(ends[before]));
        start..end
    }

    /// Whether a single cell holds for all of every session.
    pub fn is_unconditional(&self) -> bool {
        self.layout.energies_end == 1
    }

    /// Ms of session at which prices can change.
    pub fn durations(&self) -> &[i64] {
        &self.data[self.layout.dates_end as usize..self.layout.durations_end as usize]
    }

    /// Energies in 0.1 Wh at which prices can change.
    pub fn energies(&self) -> &[i64] {
        &self.data[self.layout.durations_end as usize..self.layout.energies_end as usize]
    }

    /// The rates.
    pub fn rates(&self) -> impl ExactSizeIterator<Item = Rate> {
        let packed = &self.data[self.layout.energies_end as usize..self.layout.rates_end as usize];
        packed.chunks_exact(2).map(|pair| Rate::unpack(pair[0], pair[1]))
    }

    /// The rate of a slot, if it is one of a rate.
    #[inline]
    pub fn rate(&self, slot: usize) -> Option<Rate> {
        let at = self.layout.energies_end as usize + 2 * slot;
        (at < self.layout.rates_end as usize)
            .then(|| Rate::unpack(self.data[at], self.data[at + 1]))
    }

    /// The cell at a place on the clock, after this many durations and energies.
    #[inline]
    pub fn cell(&self, clock: usize, duration: usize, energy: usize) -> Cell {
        let durations = (self.layout.durations_end - self.layout.dates_end) as usize + 1;
        let energies = (self.layout.energies_end - self.layout.durations_end) as usize + 1;
        let index = (clock * durations + duration) * energies + energy;
        let pair = self.data[self.layout.rates_end as usize + index / 2].to_le_bytes();
        let half = index % 2 * 4;
        [pair[half], pair[half + 1], pair[half + 2], pair[half + 3]]
    }

    /// The place on the clock at an instant, and the instant until which it holds, both in ms.
    pub fn clock(&self, at_ms: i64) -> (usize, i64) {
        if self.layout.dates_end == 1 {
            return (0, i64::MAX);
        }
        let (offset, change) = self.zone.offset_at_ms(at_ms);
        let local = at_ms + i64::from(offset) * 1000;
        // 1970-01-01 was a Thursday, three days after a Monday.
        let of_week = (local + 3 * DAY_MS).rem_euclid(WEEK_MS);
        let week = &self.data[..self.layout.week_end as usize];
        let after = week.partition_point(|start| *start <= of_week);
        let next = week.get(after).map_or(WEEK_MS, |next| *next);
        let until = (at_ms + next - of_week).min(change);
        let dates = &self.data[self.layout.week_end as usize..self.layout.dates_end as usize];
        let date = if dates.is_empty() {
            0
        } else {
            let day = local.div_euclid(DAY_MS);
            dates.partition_point(|start| *start <= day)
        };
        (date * week.len() + after - 1, until)
    }
}

impl Rate {
    /// The rate in two numbers: its weight, and its step, VAT and dimension.
    fn pack(&self) -> [i64; 2] {
        // A step is below 2^42 and VAT at most 1000 %, below 2^17.
        let dimension = i64::try_from(self.dimension).unwrap_or(0);
        [self.weight, self.step << 20 | self.vat << 2 | dimension]
    }

    fn unpack(weight: i64, packed: i64) -> Rate {
        let dimension = usize::try_from(packed & 3).unwrap_or(0);
        Rate { dimension, weight, step: packed >> 20, vat: packed >> 2 & 0x3_ffff }
    }
}

impl Axes {
    fn size(&self) -> usize {
        self.clock.len() * (self.durations.len() + 1) * (self.energies.len() + 1)
    }

    /// Leave out the starts of cells of the week before which all is the same as after.
    fn merge_week(&mut self, cells: Vec<Cell>) -> Vec<Cell> {
        // Dates change at midnights, which the walk then has to stop at.
        if !self.clock.dates.is_empty() {
            return cells;
        }
        let per_start = (self.durations.len() + 1) * (self.energies.len() + 1);
        let mut merged: Vec<Cell> = Vec::with_capacity(cells.len());
        let mut columns = cells.chunks_exact(per_start);
        self.clock.week.retain(|_| {
            let column = columns.next().unwrap_or_default();
            let differs = !merged.ends_with(column);
            if differs {
                merged.extend(column);
            }
            differs
        });
        merged
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
        let lower = |thresholds: &[i64], index: usize| match index.checked_sub(1) {
            Some(below) => thresholds[below],
            None => thresholds.first().map_or(0, |first| first - 1),
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

/// Sorted thresholds; one that is finer than the columns makes the tariff no table.
fn thresholds(found: impl Iterator<Item = Option<Option<i64>>>) -> Result<Vec<i64>, NotATable> {
    let mut list: Vec<i64> =
        found.flatten().map(|value| value.ok_or(NotATable)).collect::<Result<_, _>>()?;
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

/// Collects the different rates while cells are filled.
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
            let slot = match place {
                None => MOST_RATES + index,
                Some(place) => {
                    let component = tariff.elements[place.element].components[place.component];
                    self.rate(&component, index, decimals)?
                }
            };
            cell[index] = u8::try_from(slot).map_err(|_| NotATable)?;
        }
        Ok(cell)
    }

    /// Put the rates in the order of their dimensions; returns where the first three end.
    fn sort(&mut self, cells: &mut [Cell]) -> [u8; 3] {
        let mut order: Vec<usize> = (0..self.rates.len()).collect();
        order.sort_by_key(|slot| self.rates[*slot].dimension);
        self.rates = order.iter().map(|slot| self.rates[*slot]).collect();
        for slot in cells.iter_mut().flatten().filter(|slot| usize::from(**slot) < MOST_RATES) {
            let place = order.iter().position(|old| *old == usize::from(*slot)).unwrap_or(0);
            // There are at most `MOST_RATES`.
            *slot = u8::try_from(place).unwrap_or(0);
        }
        let end = |dimension: usize| {
            let before = self.rates.iter().filter(|rate| rate.dimension <= dimension);
            u8::try_from(before.count()).unwrap_or(0)
        };
        [end(0), end(1), end(2)]
    }

    /// The slot of a component; components that charge the same share one.
    fn rate(
        &mut self,
        component: &Component,
        dimension: usize,
        decimals: u8,
    ) -> Result<usize, NotATable> {
        if let Some(slot) = self.components.iter().position(|known| known == component) {
            return Ok(slot);
        }
        if self.rates.len() == MOST_RATES {
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
            dimension,
            weight: price.ok_or(NotATable)? * factor,
            step: i64::from(component.step_size) * step_unit,
            vat: vat(component.vat)?,
        });
        self.components.push(*component);
        Ok(self.rates.len() - 1)
    }
}

fn vat(rate: Option<VatRate>) -> Result<i64, NotATable> {
    let raw = rate.map_or(0, VatRate::raw);
    if raw % 10_000 == 0 { Ok(raw / 10_000) } else { Err(NotATable) }
}

impl Zone {
    /// As [`Zone::offset_at`], for an instant in ms.
    fn offset_at_ms(&self, at_ms: i64) -> (i32, i64) {
        Instant::from_ms(at_ms).map_or((0, i64::MAX), |instant| self.offset_at(instant))
    }
}
