//! From billed quantities by rate to money: the end of the kernel.

use crate::columns::table::{MOST_RATES, Rate, SLOTS, Table};
use crate::columns::{MAX_APPLIED, MIN_APPLIED, Row};
use crate::policy::{
    LimitWithoutAfterTax, MissingVat, Policy, Rounding, StepParking, StepScope, StepVolume,
};
use crate::rounding::Mode;
use crate::tariff::{Tariff, TaxIncluded};
use crate::units::{Price, ten_to};

/// What money needs beside quantities, worked out once per tariff.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// Units of cost per unit of output.
    unit: i64,
    /// Output counts this many 10^-4 of the currency unit.
    to_e4: i64,
    mode: Mode,
    /// Whether prices contain a tax, the same for all of them, in 10^-4.
    included: Option<i64>,
    /// Bounds on the total, if there are any.
    bounds: Option<Bounds>,
    /// Up to this much weighted volume a cost fits 64 bits.
    fits_64: i64,
    /// Whether parking takes the rounding of time wherever it comes.
    parking_takes_step: bool,
    /// Whether unpriced volume counts towards a step.
    step_on_all: bool,
    no_tax: bool,
}

/// Bounds on the total, in units of cost before taxes and 10^-4 of them after. Where there is no
/// bound, they are those of 64 bits.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    before: (i64, i64),
    after: (i64, i64),
}

/// What the walk over the periods of a row has found.
#[derive(Clone, Debug)]
pub struct Usage {
    /// 0.1 Wh or ms by slot.
    pub volumes: [i64; SLOTS],
    /// The last slot in which energy, time and parking were used.
    pub last: [usize; 3],
    /// Whether parking was the last time to be used.
    pub parking_last: bool,
    /// The slot of the fee, [`SLOTS`] - 1 for none.
    pub fee: usize,
    /// The sum of the magnitudes of 360 * energy and of times.
    pub weighted: i64,
}

impl Default for Usage {
    fn default() -> Usage {
        Usage {
            volumes: [0; SLOTS],
            last: [SLOTS; 3],
            parking_last: false,
            fee: SLOTS - 1,
            weighted: 0,
        }
    }
}

impl Usage {
    /// Nothing used.
    #[inline]
    pub fn reset(&mut self) {
        self.volumes = [0; SLOTS];
        self.last = [SLOTS; 3];
        self.parking_last = false;
        self.fee = SLOTS - 1;
        self.weighted = 0;
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
        let bounds = bounds(tariff, table)?;
        let limited = bounds.is_some();
        let scaled = policy.limit_without_after_tax == LimitWithoutAfterTax::Scale;
        if limited && (included.is_some() || scaled) {
            return None;
        }
        let decimals = policy.rounding_decimals.count(currency.minor_units());
        let per_unit = 3_600_000 * ten_to(table.decimals());
        Some(Settlement {
            unit: i64::try_from(per_unit / ten_to(decimals)).ok()?,
            to_e4: i64::try_from(ten_to(4 - decimals)).ok()?,
            mode: policy.rounding_mode.into(),
            included,
            bounds,
            fits_64: fits_64(table),
            parking_takes_step: policy.step_parking == StepParking::Any,
            step_on_all: policy.step_volume == StepVolume::All,
            no_tax: tariff.tax_included == TaxIncluded::NotApplicable,
        })
    }

    /// The row that the usage comes to.
    ///
    /// `None` when an amount does not fit; pricing the row by itself then says so.
    #[inline]
    pub fn settle(&self, table: &Table<'_>, usage: &mut Usage) -> Option<Row> {
        self.round_up_steps(table, usage);
        if usage.weighted <= self.fits_64 {
            self.money_64(table, usage)
        } else {
            self.money_128(table, usage)
        }
    }

    /// Add what `step_size` bills beyond what was used.
    #[inline]
    fn round_up_steps(&self, table: &Table<'_>, usage: &mut Usage) {
        self.round_up(table, usage, 0);
        let parking =
            if self.parking_takes_step { usage.last[2] < SLOTS } else { usage.parking_last };
        self.round_up(table, usage, if parking { 2 } else { 1 });
    }

    #[inline]
    fn round_up(&self, table: &Table<'_>, usage: &mut Usage, dimension: usize) {
        let Some(last) = table.rate(usage.last[dimension]) else {
            return;
        };
        if last.step == 0 {
            return;
        }
        let mut total: i64 = usage.volumes[table.slots_of(dimension)].iter().sum();
        if self.step_on_all {
            total += usage.volumes[MOST_RATES + dimension];
        }
        let beyond = remainder(total, last.step);
        if beyond != 0 {
            usage.volumes[usage.last[dimension]] += last.step - beyond;
        }
    }
}

/// `total % step` of what is not negative. A division of 32 bits takes half the time of one of 64,
/// and a month in ms fits them.
fn remainder(total: i64, step: i64) -> i64 {
    match (u32::try_from(total), u32::try_from(step)) {
        (Ok(total), Ok(step)) => (total % step).into(),
        _ => total % step,
    }
}

macro_rules! money {
    ($name:ident, $int:ty, $divide:ident) => {
        impl Settlement {
            fn $name(&self, table: &Table<'_>, usage: &Usage) -> Option<Row> {
                let mut costs: [$int; 4] = [0; 4];
                let mut billed = [0_i64; 4];
                let mut after: $int = 0;
                let mut add = |rate: Rate, volume: i64| {
                    let cost = <$int>::from(volume) * <$int>::from(rate.weight);
                    costs[rate.dimension] += cost;
                    billed[rate.dimension] += volume;
                    after += cost * <$int>::from(10_000 + rate.vat);
                };
                for (rate, volume) in table.rates().zip(&usage.volumes) {
                    if *volume != 0 {
                        add(rate, *volume);
                    }
                }
                if let Some(fee) = table.rate(usage.fee) {
                    add(fee, 1);
                }
                let unit = <$int>::from(self.unit);
                let count = |numerator: $int, denominator: $int| -> Option<i64> {
                    let rounded = $divide(numerator, denominator, self.mode);
                    i64::try_from(rounded).ok()?.checked_mul(self.to_e4)
                };
                let mut before: $int = costs.iter().sum();
                if self.no_tax {
                    after = before * 10_000;
                }
                let mut findings = 0;
                if let Some(bounds) = &self.bounds {
                    let (low, high) = bounds.before;
                    let (low_after, high_after) = bounds.after;
                    let held = before.max(low.into()).min(high.into());
                    let held_after = after.max(low_after.into()).min(high_after.into());
                    let raised = held > before || held_after > after;
                    let lowered = held < before || held_after < after;
                    findings = u64::from(raised) * MIN_APPLIED | u64::from(lowered) * MAX_APPLIED;
                    (before, after) = (held, held_after);
                }
                let (before, after) = match self.included {
                    None => (count(before, unit)?, count(after, unit * 10_000)?),
                    Some(tax) => {
                        let whole = <$int>::from(10_000 + tax);
                        (count(before * 10_000, unit * whole)?, count(before, unit)?)
                    }
                };
                let dimension = |cost: $int| match self.included {
                    None => count(cost, unit),
                    Some(tax) => count(cost * 10_000, unit * <$int>::from(10_000 + tax)),
                };
                Some(Row {
                    status: 0,
                    findings,
                    before: Some(before),
                    after: Some(after),
                    energy: dimension(costs[0])?,
                    time: dimension(costs[1])?,
                    parking: dimension(costs[2])?,
                    reservation: 0,
                    fixed: dimension(costs[3])?,
                    billed_energy: billed[0],
                    billed_time: billed[1],
                    billed_parking: billed[2],
                    billed_reservation: 0,
                })
            }
        }
    };
}

money!(money_64, i64, divide_64);
money!(money_128, i128, divide_128);

#[inline]
fn divide_64(numerator: i64, denominator: i64, mode: Mode) -> i64 {
    if mode != Mode::HalfUp {
        let quotient = crate::rounding::divide(numerator.into(), denominator.into(), mode);
        return i64::try_from(quotient).unwrap_or(0);
    }
    // Prices with four decimals, rounded to four, have one of these two divisors; a division by a
    // constant is a multiplication.
    let raised = numerator.unsigned_abs() + denominator.unsigned_abs() / 2;
    let magnitude = match denominator {
        3_600_000 => raised / 3_600_000,
        36_000_000_000 => raised / 36_000_000_000,
        other => raised / other.unsigned_abs(),
    };
    // At most a three millionth of 64 bits.
    let magnitude = magnitude.cast_signed();
    if numerator < 0 { -magnitude } else { magnitude }
}

fn divide_128(numerator: i128, denominator: i128, mode: Mode) -> i128 {
    crate::rounding::divide(numerator, denominator, mode)
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
        TaxIncluded::Yes => {
            let first = table.rate(0).map_or(0, |rate| rate.vat);
            table.rates().all(|rate| rate.vat == first).then_some(Some(first))
        }
    }
}

/// The limits of a tariff: `Some(None)` for none, `None` where they do not fit.
#[allow(clippy::option_option)]
fn bounds(tariff: &Tariff, table: &Table<'_>) -> Option<Option<Bounds>> {
    if tariff.min_price.is_none() && tariff.max_price.is_none() {
        return Some(None);
    }
    let unit = ten_to(Price::SCALE - table.decimals());
    let cost = |price: Option<Price>, taxed: i128, none: i64| match price {
        None => Some(none),
        Some(price) => i64::try_from(price.raw() / unit * 3_600_000 * taxed).ok(),
    };
    let (min, max) = (tariff.min_price.unwrap_or_default(), tariff.max_price.unwrap_or_default());
    Some(Some(Bounds {
        before: (cost(min.before, 1, i64::MIN)?, cost(max.before, 1, i64::MAX)?),
        after: (cost(min.after, 10_000, i64::MIN)?, cost(max.after, 10_000, i64::MAX)?),
    }))
}

/// How much weighted volume (360 * 0.1 Wh, or ms) surely keeps every product within 62 bits, with
/// the fee and all that steps can add.
fn fits_64(table: &Table<'_>) -> i64 {
    const ROOM: i128 = 1 << 61;
    let mut highest = 1_i128;
    let mut fees = 0_i128;
    let mut steps = 0_i128;
    for rate in table.rates() {
        let taxed = i128::from(10_000 + rate.vat);
        let weight = i128::from(rate.weight.abs());
        let factor = if rate.dimension == 0 { 360 } else { 1 };
        if rate.dimension == 3 {
            fees = fees.max(weight * taxed);
        } else {
            highest = highest.max(weight / factor * taxed);
            steps = steps.max(i128::from(rate.step) * factor);
        }
    }
    let left = (ROOM - fees) / highest - 2 * steps;
    i64::try_from(left.max(-1)).unwrap_or(i64::MAX)
}
