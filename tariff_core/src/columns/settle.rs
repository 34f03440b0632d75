//! From used quantities by rate to money: the end of the kernel.

use crate::columns::table::{Cell, Rate, Table};
use crate::columns::{MAX_APPLIED, MIN_APPLIED, Row};
use crate::policy::{
    LimitWithoutAfterTax, MissingVat, Policy, Rounding, StepParking, StepScope, StepVolume,
};
use crate::rounding::{Divisor, Mode, divide};
use crate::tariff::{Tariff, TaxIncluded};
use crate::units::{Price, ten_to};

/// What money needs beside quantities and rates. Many tariffs of a set share one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Settlement {
    /// How a cost becomes output without taxes: times the first, over the second.
    without_tax: (i64, Divisor),
    /// What the total before taxes is multiplied by to be that after them; `None` where rates have
    /// different taxes.
    tax: Option<i64>,
    /// How many units of the total after taxes are one of output.
    after_unit: Divisor,
    /// Output counts this many 10^-4 of the currency unit.
    to_e4: i64,
    mode: Mode,
    /// The least and the most of the total before taxes, in units of cost.
    before: Limits,
    /// The same of the total after taxes, in what that is counted in.
    after: Limits,
    /// Whether parking takes the rounding of time wherever it comes.
    parking_takes_step: bool,
    /// Whether unpriced volume counts towards a step.
    step_on_all: bool,
}

/// The least and the most of a total.
type Limits = (i64, i64);

/// Where there is no limit.
const UNLIMITED: Limits = (i64::MIN, i64::MAX);

/// An integer that costs are counted in.
pub trait Money: Copy + Default + From<i64> + Ord {
    /// The sum of two, which fits: see [`Money::fits`].
    fn plus(self, other: Self) -> Self;

    /// The product of two, which fits.
    fn times(self, other: Self) -> Self;

    /// Whether it holds all costs of a session that used this much.
    fn fits(table: &Table<'_>, used: [u32; 3]) -> bool;

    /// The costs by dimension and the totals before and after taxes as output: where the kernel
    /// rounds. `None` when one does not fit.
    fn output(costs: [Self; 4], totals: [Self; 2], settlement: &Settlement) -> Option<[i64; 6]>;

    /// Hold a total to its limits.
    #[inline(always)]
    fn held(self, (least, most): Limits) -> Self {
        // A total beyond 64 bits may well be under no limit.
        let raised = if least == UNLIMITED.0 { self } else { self.max(Self::from(least)) };
        if most == UNLIMITED.1 { raised } else { raised.min(Self::from(most)) }
    }
}

/// Narrow money is never below zero, see [`Table::fits_64`].
impl Money for i64 {
    // Nothing can overflow here, and to check each step would take as long as the step.
    #[inline(always)]
    fn plus(self, other: i64) -> i64 {
        self.wrapping_add(other)
    }

    #[inline(always)]
    fn times(self, other: i64) -> i64 {
        self.wrapping_mul(other)
    }

    #[inline(always)]
    fn fits(table: &Table<'_>, used: [u32; 3]) -> bool {
        table.fits_64(used)
    }

    #[inline(always)]
    fn output(costs: [i64; 4], totals: [i64; 2], settlement: &Settlement) -> Option<[i64; 6]> {
        let (factor, unit) = settlement.without_tax;
        if settlement.mode != Mode::HalfUp || factor != 1 {
            return i128::output(costs.map(i128::from), totals.map(i128::from), settlement);
        }
        // What was divided by millions can be multiplied by at most 10^4.
        let e4 = |cost: i64, unit: Divisor| {
            unit.half_up(cost.cast_unsigned()).wrapping_mul(settlement.to_e4)
        };
        Some([
            e4(costs[0], unit),
            e4(costs[1], unit),
            e4(costs[2], unit),
            e4(costs[3], unit),
            e4(totals[0], unit),
            e4(totals[1], settlement.after_unit),
        ])
    }
}

impl Money for i128 {
    fn plus(self, other: i128) -> i128 {
        self + other
    }

    fn times(self, other: i128) -> i128 {
        self * other
    }

    fn fits(_: &Table<'_>, _: [u32; 3]) -> bool {
        // Volumes are below 2^31, a weight below 2^56 and taxes below 2^17.
        true
    }

    #[inline(never)]
    fn output(costs: [i128; 4], totals: [i128; 2], settlement: &Settlement) -> Option<[i64; 6]> {
        let e4 = |cost: i128, unit: Divisor| {
            let rounded = divide(cost, unit.get().into(), settlement.mode);
            i64::try_from(rounded).ok()?.checked_mul(settlement.to_e4)
        };
        let (factor, unit) = settlement.without_tax;
        let without_tax = |cost: i128| e4(cost * i128::from(factor), unit);
        Some([
            without_tax(costs[0])?,
            without_tax(costs[1])?,
            without_tax(costs[2])?,
            without_tax(costs[3])?,
            without_tax(totals[0])?,
            e4(totals[1], settlement.after_unit)?,
        ])
    }
}

/// What a session has cost so far, in units of cost.
pub struct Bill<M> {
    /// By dimension, before taxes.
    costs: [M; 4],
    /// After taxes, in 10^-4 of a unit.
    after: M,
    /// Priced energy, time and parking, in 0.1 Wh and ms.
    pub billed: [u32; 3],
    /// The slots where energy, time and parking were last priced, the free one for never.
    last: [usize; 3],
    /// Whether parking was priced after charging time; only kept where it is asked for.
    parking_last: bool,
    /// The slot of the fee.
    fee: usize,
}

impl<M: Money> Bill<M> {
    /// Nothing used so far; `None` if the money cannot hold the costs of a session that uses this much.
    #[inline(always)]
    pub fn of(table: &Table<'_>, used: [u32; 3]) -> Option<Bill<M>> {
        M::fits(table, used).then(|| Bill {
            costs: [M::default(); 4],
            after: M::default(),
            billed: [0; 3],
            last: [table.free_slot(); 3],
            parking_last: false,
            fee: table.free_slot(),
        })
    }

    /// Add what was used in a cell. `ends_parked` says whether parking came after charging there. In an
    /// `EVEN` table what is billed need not be found cell by cell; see [`Bill::all_of`].
    #[inline(always)]
    pub fn add<const EVEN: bool>(
        &mut self,
        table: &Table<'_>,
        settlement: &Settlement,
        cell: Cell,
        used: [u32; 3],
        ends_parked: impl Fn() -> bool,
    ) {
        let free_slot = table.free_slot();
        let cell = cell.map(usize::from);
        let rates = [table.rate(cell[0]), table.rate(cell[1]), table.rate(cell[2])];
        let mut priced = used;
        for dimension in 0..3 {
            if !EVEN {
                let free = cell[dimension] == free_slot;
                priced[dimension] = if free { 0 } else { used[dimension] };
                // All that is billed is at most what is used.
                self.billed[dimension] = self.billed[dimension].wrapping_add(priced[dimension]);
            }
            let last = self.last[dimension];
            self.last[dimension] = if priced[dimension] == 0 { last } else { cell[dimension] };
        }
        self.charge(settlement, [0, 1, 2], used, rates);
        if !EVEN {
            self.fee = if self.fee == free_slot { cell[3] } else { self.fee };
        }
        if !settlement.parking_takes_step {
            let is_priced = |dimension: usize| {
                priced[dimension] != 0 && (!EVEN || cell[dimension] != free_slot)
            };
            self.parking_last = match (is_priced(1), is_priced(2)) {
                (false, false) => self.parking_last,
                (true, true) => ends_parked(),
                (_, parking) => parking,
            };
        }
    }

    /// Bill all that was used of what an even table prices, and the fee that is due in the first cell;
    /// any of its cells says what it prices.
    #[inline(always)]
    pub fn all_of(&mut self, table: &Table<'_>, first: Cell, used: [u32; 3]) {
        for dimension in 0..3 {
            let free = usize::from(first[dimension]) == table.free_slot();
            self.billed[dimension] = if free { 0 } else { used[dimension] };
        }
        self.fee = first[3].into();
    }

    #[inline(always)]
    fn charge<const N: usize>(
        &mut self,
        settlement: &Settlement,
        dimensions: [usize; N],
        volumes: [u32; N],
        rates: [Rate; N],
    ) {
        let mut costs = [M::default(); N];
        for number in 0..N {
            costs[number] = M::from(volumes[number].into()).times(M::from(rates[number].weight));
            let cost = &mut self.costs[dimensions[number]];
            *cost = cost.plus(costs[number]);
        }
        if settlement.tax.is_none() {
            for number in 0..N {
                let taxed = M::from(10_000 + i64::from(rates[number].vat));
                self.after = self.after.plus(costs[number].times(taxed));
            }
        }
    }

    /// The rest of the last step of a dimension, of which `free` was used without a price, and its
    /// rate.
    #[inline(always)]
    fn rest_of_step(&self, table: &Table<'_>, dimension: usize, free: u32) -> (u32, Rate) {
        let rate = table.rate(self.last[dimension]);
        let beyond = (self.billed[dimension] + free) % rate.step;
        (if beyond == 0 { 0 } else { rate.step - beyond }, rate)
    }
}

impl Settlement {
    /// The settlement of a tariff, or `None` where the row-by-row way is needed.
    pub fn compile(tariff: &Tariff, table: &Table<'_>, policy: &Policy) -> Option<Settlement> {
        let currency = tariff.currency?;
        let plain = policy.rounding == Rounding::Total
            && policy.step_scope == StepScope::Session
            && taxes_are_known(tariff, policy);
        if !plain {
            return None;
        }
        let included = included_tax(tariff, table)?;
        // Where prices contain the tax, or none is due, the cost is the total after taxes.
        let taxed = included.is_none() && tariff.tax_included != TaxIncluded::NotApplicable;
        let tax = if taxed { same_tax(table).map(|tax| 10_000 + tax) } else { Some(1) };
        let limited = tariff.min_price.is_some() || tariff.max_price.is_some();
        let scaled = policy.limit_without_after_tax == LimitWithoutAfterTax::Scale;
        if limited && (included.is_some() || scaled) {
            return None;
        }
        let decimals = policy.rounding_decimals.count(currency.minor_units());
        let per_unit = 3_600_000 * ten_to(table.decimals());
        let unit = i64::try_from(per_unit / ten_to(decimals)).ok()?;
        let after_factor = if taxed { 10_000 } else { 1 };
        let (min, max) =
            (tariff.min_price.unwrap_or_default(), tariff.max_price.unwrap_or_default());
        let bound = |limit: Option<Price>, factor: i128, none: i64| {
            let Some(limit) = limit else { return Some(none) };
            let cost = limit.raw() / ten_to(Price::SCALE - table.decimals()) * 3_600_000 * factor;
            // So that what is rounded stays within 62 bits.
            i64::try_from(cost).ok().filter(|cost| (0..1 << 61).contains(cost))
        };
        let limits = |least: Option<Price>, most: Option<Price>, factor: i64| {
            let factor = factor.into();
            Some((bound(least, factor, UNLIMITED.0)?, bound(most, factor, UNLIMITED.1)?))
        };
        Some(Settlement {
            without_tax: match included {
                None => (1, Divisor::new(unit)?),
                Some(tax) => (10_000, Divisor::new(unit.checked_mul(10_000 + tax)?)?),
            },
            after_unit: Divisor::new(unit.checked_mul(after_factor)?)?,
            tax,
            to_e4: i64::try_from(ten_to(4 - decimals)).ok()?,
            mode: policy.rounding_mode.into(),
            before: limits(min.before, max.before, 1)?,
            after: limits(min.after, max.after, after_factor)?,
            parking_takes_step: policy.step_parking == StepParking::Any,
            step_on_all: policy.step_volume == StepVolume::All,
        })
    }

    /// The row that the bill of a session comes to: steps, the fee, limits, then the one rounding.
    ///
    /// `None` when an amount does not fit; pricing the row by itself then says so.
    #[inline(always)]
    pub fn settle<M: Money>(
        &self,
        table: &Table<'_>,
        bill: &mut Bill<M>,
        used: [u32; 3],
        findings: u64,
    ) -> Option<Row> {
        let free = |dimension: usize| {
            if self.step_on_all { used[dimension] - bill.billed[dimension] } else { 0 }
        };
        let free = [free(0), free(1), free(2)];
        // Charging and parking time share one rounding.
        let parking = if self.parking_takes_step {
            bill.last[2] != table.free_slot()
        } else {
            bill.parking_last
        };
        let timed = 1 + usize::from(parking);
        let (energy_rest, energy_rate) = bill.rest_of_step(table, 0, free[0]);
        let (time_rest, time_rate) = bill.rest_of_step(table, timed, free[timed]);
        let rests =
            [energy_rest, if parking { 0 } else { time_rest }, if parking { time_rest } else { 0 }];
        bill.charge(self, [0, 1, 2], rests, [energy_rate, time_rate, time_rate]);
        let billed = [0, 1, 2]
            .map(|dimension| i64::from(bill.billed[dimension]) + i64::from(rests[dimension]));
        bill.charge(self, [3], [1], [table.rate(bill.fee)]);
        let costs = &bill.costs;
        let before = costs[0].plus(costs[1]).plus(costs[2]).plus(costs[3]);
        let after = self.tax.map_or(bill.after, |tax| before.times(M::from(tax)));
        let (held, held_after) = (before.held(self.before), after.held(self.after));
        let mut findings = findings;
        if held != before || held_after != after {
            let raised = held > before || held_after > after;
            let lowered = held < before || held_after < after;
            findings |= u64::from(raised) * MIN_APPLIED;
            findings |= u64::from(lowered) * MAX_APPLIED;
        }
        let [energy, time, parking, fixed, before, after] =
            M::output(*costs, [held, held_after], self)?;
        Some(Row {
            status: 0,
            findings,
            before: Some(before),
            after: Some(after),
            energy,
            time,
            parking,
            reservation: 0,
            fixed,
            billed_energy: billed[0],
            billed_time: billed[1],
            billed_parking: billed[2],
            billed_reservation: 0,
        })
    }
}

/// Whether each component's tax is certain, so that both totals can always be given.
fn taxes_are_known(tariff: &Tariff, policy: &Policy) -> bool {
    let mut components = tariff.elements.iter().flat_map(|element| &element.components);
    match (tariff.tax_included, policy.missing_vat) {
        (TaxIncluded::NotApplicable, _)
        | (_, MissingVat::Zero)
        | (TaxIncluded::Unstated, MissingVat::ByVersion) => true,
        (TaxIncluded::Yes | TaxIncluded::No | TaxIncluded::Unstated, _) => {
            components.all(|component| component.vat.is_some())
        }
    }
}

/// The tax that prices contain: `Some(None)` for none, `None` where rates differ.
#[allow(clippy::option_option)]
fn included_tax(tariff: &Tariff, table: &Table<'_>) -> Option<Option<i64>> {
    match tariff.tax_included {
        TaxIncluded::No | TaxIncluded::NotApplicable | TaxIncluded::Unstated => Some(None),
        TaxIncluded::Yes => same_tax(table).map(Some),
    }
}

/// The tax of all rates in 10^-4, `None` where they differ.
fn same_tax(table: &Table<'_>) -> Option<i64> {
    let first = table.rate(0).vat;
    table.rates().iter().all(|rate| rate.vat == first).then_some(first.into())
}
