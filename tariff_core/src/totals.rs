//! Sums of lines, and the report they make.

use crate::component::Dimension;
use crate::error::Refusal;
use crate::limits::Limited;
use crate::policy::{Credit, Policy, Rounding};
use crate::report::{Cost, Line, Money, Report, TaxLine};
use crate::rounding::{Mode, to_decimals};
use crate::tariff::Currency;
use crate::tax::{Taxed, Unknown};
use crate::units::{Quantity, Ratio, VatRate};

/// A sum before and after taxes.
#[derive(Clone, Copy, Debug)]
pub struct Sums {
    /// Before taxes.
    pub before: Ratio,
    /// After taxes.
    pub after: Ratio,
    /// Whether the sum before taxes can be known.
    pub before_known: bool,
    /// Whether the sum after taxes can be known.
    pub after_known: bool,
}

impl Sums {
    /// No money.
    pub const ZERO: Sums =
        Sums { before: Ratio::ZERO, after: Ratio::ZERO, before_known: true, after_known: true };

    fn add(&mut self, cost: &Taxed) -> Result<(), Refusal> {
        self.before = self.before.plus(cost.before)?;
        self.after = self.after.plus(cost.after)?;
        self.before_known &= cost.unknown != Unknown::Before;
        self.after_known &= cost.unknown != Unknown::After;
        Ok(())
    }

    /// The sum of two sums.
    ///
    /// # Errors
    /// `AmountOverflow` when it does not fit.
    pub fn plus(&self, other: &Sums) -> Result<Sums, Refusal> {
        Ok(Sums {
            before: self.before.plus(other.before)?,
            after: self.after.plus(other.after)?,
            before_known: self.before_known && other.before_known,
            after_known: self.after_known && other.after_known,
        })
    }

    /// The difference of two sums.
    ///
    /// # Errors
    /// `AmountOverflow` when it does not fit.
    pub fn minus(&self, other: &Sums) -> Result<Sums, Refusal> {
        let negative =
            Sums { before: other.before.negated(), after: other.after.negated(), ..*other };
        self.plus(&negative)
    }
}

/// The exact sums of a session before limits.
#[derive(Clone, Debug)]
pub struct Totals {
    /// Everything.
    pub all: Sums,
    /// The lines of the reservation, its fees included; `None` where it has none.
    pub reservation: Option<Sums>,
    /// The fees that are not the reservation's; `None` where none was due.
    charge_fees: Option<Sums>,
    /// By dimension; `None` where nothing was priced.
    dimensions: [Option<Sums>; 5],
    /// Billed Wh or seconds by dimension.
    billed: [Quantity; 5],
    /// What each VAT rate is due on, and the tax.
    rates: Vec<(VatRate, Ratio, Ratio)>,
}

/// Add up the lines, rounding on the way only where the policy says so.
///
/// # Errors
/// `AmountOverflow` when a sum does not fit.
pub fn sum(lines: &[Line], currency: Currency, policy: &Policy) -> Result<Totals, Refusal> {
    let mut totals = Totals {
        all: Sums::ZERO,
        reservation: None,
        charge_fees: None,
        dimensions: [None; 5],
        billed: [Quantity::ZERO; 5],
        rates: Vec::new(),
    };
    let round = Rounder::new(currency, policy);
    for line in lines {
        let cost = match policy.rounding {
            Rounding::Line => round.taxed(&line.cost)?,
            Rounding::Total | Rounding::Dimension => line.cost,
        };
        let slot = line.dimension as usize;
        totals.dimensions[slot].get_or_insert(Sums::ZERO).add(&cost)?;
        totals.billed[slot] =
            totals.billed[slot].plus(line.billed()?).ok_or(Refusal::AmountOverflow)?;
        if line.is_reservation() {
            totals.reservation.get_or_insert(Sums::ZERO).add(&cost)?;
        } else if line.dimension == Dimension::Flat {
            totals.charge_fees.get_or_insert(Sums::ZERO).add(&cost)?;
        }
        add_to_rate(&mut totals.rates, &cost)?;
    }
    for dimension in totals.dimensions.iter_mut().flatten() {
        if policy.rounding == Rounding::Dimension {
            *dimension = round.sums(dimension)?;
        }
        totals.all = totals.all.plus(dimension)?;
    }
    Ok(totals)
}

fn add_to_rate(rates: &mut Vec<(VatRate, Ratio, Ratio)>, cost: &Taxed) -> Result<(), Refusal> {
    let Some(rate) = cost.rate else { return Ok(()) };
    let tax = cost.tax()?;
    if let Some(entry) = rates.iter_mut().find(|entry| entry.0 == rate) {
        entry.1 = entry.1.plus(cost.before)?;
        entry.2 = entry.2.plus(tax)?;
    } else {
        rates.push((rate, cost.before, tax));
    }
    Ok(())
}

/// What the session costs, rounded as the policy says.
///
/// # Errors
/// `AmountOverflow` when an amount does not fit.
pub fn total_cost(
    limited: &Limited,
    currency: Currency,
    credit: bool,
    policy: &Policy,
) -> Result<Cost, Refusal> {
    let sign = credit && policy.credit == Credit::Negate;
    Rounder::new(currency, policy).cost(&limited.total, sign, true)
}

/// The report of the sums: everything rounded once, as the policy says.
///
/// # Errors
/// `AmountOverflow` when an amount does not fit.
pub fn report(
    totals: &Totals,
    limited: &Limited,
    currency: Currency,
    credit: bool,
    policy: &Policy,
) -> Result<Report, Refusal> {
    let round = Rounder::new(currency, policy);
    let sign = credit && policy.credit == Credit::Negate;
    let total_cost = total_cost(limited, currency, credit, policy)?;
    let taxes = tax_lines(totals, &total_cost, limited, sign, &round)?;
    let part = |sums: Option<Sums>| -> Result<Option<Cost>, Refusal> {
        sums.map(|sums| round.cost(&sums, false, false)).transpose()
    };
    let dimension = |wanted: Dimension| part(totals.dimensions[wanted as usize]);
    Ok(Report {
        currency,
        total_cost,
        total_cost_before_limits: round.cost(&totals.all, sign, false)?,
        total_energy_cost: dimension(Dimension::Energy)?,
        total_time_cost: dimension(Dimension::Time)?,
        total_parking_cost: dimension(Dimension::ParkingTime)?,
        total_reservation_time_cost: dimension(Dimension::ReservationTime)?,
        total_fixed_cost: dimension(Dimension::Flat)?,
        total_reservation_cost: part(totals.reservation)?,
        total_charge_fixed_cost: part(totals.charge_fees)?,
        billed_energy: totals.billed[Dimension::Energy as usize],
        billed_time: totals.billed[Dimension::Time as usize],
        billed_parking: totals.billed[Dimension::ParkingTime as usize],
        billed_reservation: totals.billed[Dimension::ReservationTime as usize],
        taxes,
        policy: *policy,
        time_zone: String::new(),
        tariffs: Vec::new(),
        lines: Vec::new(),
        unpriced: Vec::new(),
        findings: Vec::new(),
        exact: limited.total,
    })
}

/// One line per VAT rate; together they are always the difference between the rounded totals. A
/// limit changes the lines in proportion, and the largest one takes the last digit.
fn tax_lines(
    totals: &Totals,
    total_cost: &Cost,
    limited: &Limited,
    negate: bool,
    round: &Rounder,
) -> Result<Vec<TaxLine>, Refusal> {
    let (Some(before), Some(after)) = (total_cost.before, total_cost.after) else {
        return Ok(Vec::new());
    };
    let due = after.count - before.count;
    let metered = totals.all.after.minus(totals.all.before)?;
    let limited_tax = limited.total.after.minus(limited.total.before)?;
    let changed = limited.raised || limited.lowered;
    let mut lines = Vec::with_capacity(totals.rates.len());
    for (rate, base, tax) in &totals.rates {
        let share = match (changed, metered.is_zero()) {
            (false, _) => *tax,
            (true, false) => tax.scaled(limited_tax, metered)?,
            (true, true) => Ratio::ZERO,
        };
        lines.push(TaxLine {
            rate: Some(*rate),
            base: round.money(*base, negate)?,
            amount: round.money(share, negate)?,
        });
    }
    let residue = due - lines.iter().map(|line| line.amount.count).sum::<i128>();
    if residue == 0 {
        return Ok(lines);
    }
    match lines.iter_mut().max_by_key(|line| line.amount.count.abs()) {
        // Without a rate to attribute it to, the tax of a limit stands by itself.
        None => {
            lines.push(TaxLine {
                rate: None,
                base: before,
                amount: Money { count: due, ..before },
            });
        }
        Some(largest) => largest.amount.count += residue,
    }
    Ok(lines)
}

/// Rounds money the way the policy says.
pub(crate) struct Rounder {
    decimals: u32,
    mode: Mode,
}

impl Rounder {
    pub(crate) fn new(currency: Currency, policy: &Policy) -> Rounder {
        Rounder {
            decimals: policy.rounding_decimals.count(currency.minor_units()),
            mode: policy.rounding_mode.into(),
        }
    }

    pub(crate) fn money(&self, value: Ratio, negate: bool) -> Result<Money, Refusal> {
        let count = to_decimals(value, self.decimals, self.mode)?;
        Ok(Money { count: if negate { -count } else { count }, decimals: self.decimals })
    }

    fn ratio(&self, value: Ratio) -> Result<Ratio, Refusal> {
        Ok(Ratio::from_decimal(to_decimals(value, self.decimals, self.mode)?, self.decimals))
    }

    fn taxed(&self, cost: &Taxed) -> Result<Taxed, Refusal> {
        Ok(Taxed { before: self.ratio(cost.before)?, after: self.ratio(cost.after)?, ..*cost })
    }

    fn sums(&self, sums: &Sums) -> Result<Sums, Refusal> {
        Ok(Sums { before: self.ratio(sums.before)?, after: self.ratio(sums.after)?, ..*sums })
    }

    /// The cost of a single line.
    pub(crate) fn line(&self, cost: &Taxed) -> Result<Cost, Refusal> {
        Ok(Cost {
            before: Some(self.money(cost.before, false)?),
            after: Some(self.money(cost.after, false)?),
        })
    }

    /// The cost of a sum. Only the final total withholds a side that an unknown tax leaves open;
    /// the sums below it are stated as if that tax were zero.
    pub(crate) fn cost(&self, sums: &Sums, negate: bool, withhold: bool) -> Result<Cost, Refusal> {
        let side = |value: Ratio, known: bool| {
            (known || !withhold).then(|| self.money(value, negate)).transpose()
        };
        Ok(Cost {
            before: side(sums.before, sums.before_known)?,
            after: side(sums.after, sums.after_known)?,
        })
    }
}

impl Line {
    /// Whether the line belongs to the reservation.
    #[must_use]
    pub fn is_reservation(&self) -> bool {
        self.dimension == Dimension::ReservationTime || self.reservation_fee
    }
}
