//! `min_price` and `max_price`: bounds on the total of a session, before and after taxes.
//!
//! Each bound holds for its own total, so one can bite where the other does not. Only the total
//! changes; the costs of the dimensions stay what they are.

use std::cmp::Ordering;

use crate::choice::Assignment;
use crate::error::Refusal;
use crate::finding::{Code, Finding};
use crate::policy::{LimitWithoutAfterTax, LimitsOnReservation, LimitsWithSeveralTariffs, Policy};
use crate::report::Report;
use crate::session::Session;
use crate::tariff::{Limit, Tariff};
use crate::totals::{Sums, Totals};
use crate::units::{Price, Ratio};

/// The bounds on a session's total.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// The index of the tariff that has them.
    tariff: usize,
    min: Limit,
    max: Limit,
}

/// A session's total after the limits, and which of them changed it.
#[derive(Clone, Copy, Debug)]
pub struct Limited {
    /// The total.
    pub total: Sums,
    /// Whether `min_price` raised it.
    pub raised: bool,
    /// Whether `max_price` lowered it.
    pub lowered: bool,
}

/// The limits that hold for the session.
pub fn of(
    session: &Session,
    tariffs: &[Tariff],
    assignment: &Assignment,
    policy: &Policy,
    due: bool,
    findings: &mut Vec<Finding>,
) -> Option<Limits> {
    let used = assignment.used();
    let limited =
        |index: &usize| tariffs[*index].min_price.is_some() || tariffs[*index].max_price.is_some();
    if !used.iter().any(limited) || session.periods.is_empty() {
        return None;
    }
    if used.len() > 1 && policy.limits_with_several_tariffs == LimitsWithSeveralTariffs::Skip {
        let message = format!("{} tariffs price the session; no limit was applied", used.len());
        findings.push(Finding::new(Code::LimitsSkipped, "$.tariffs", message));
        return None;
    }
    let index = *used.first()?;
    let tariff = &tariffs[index];
    let min = if due { tariff.min_price } else { None };
    let (min, max) = (min.unwrap_or_default(), tariff.max_price.unwrap_or_default());
    Some(Limits { tariff: index, min, max })
}

/// Hold the totals within the limits.
///
/// # Errors
/// `AmountOverflow` when an amount does not fit.
pub fn apply(
    totals: &Totals,
    limits: Option<&Limits>,
    policy: &Policy,
) -> Result<Limited, Refusal> {
    let Some(limits) = limits else {
        return Ok(Limited { total: totals.all, raised: false, lowered: false });
    };
    match policy.limits_on_reservation {
        LimitsOnReservation::Included => hold(totals.all, limits, policy),
        LimitsOnReservation::Excluded => {
            let reservation = totals.reservation.unwrap_or(Sums::ZERO);
            let mut limited = hold(totals.all.minus(&reservation)?, limits, policy)?;
            limited.total = limited.total.plus(&reservation)?;
            Ok(limited)
        }
    }
}

/// Hold one total within the limits: first the minimum, then the maximum.
///
/// # Errors
/// `AmountOverflow` when an amount does not fit.
pub fn hold(total: Sums, limits: &Limits, policy: &Policy) -> Result<Limited, Refusal> {
    let at_least = bound(total, &limits.min, Ordering::Less, policy)?;
    let within = bound(at_least, &limits.max, Ordering::Greater, policy)?;
    // Where the limits cross, what comes out says which of them it was.
    let mut limited = Limited { total: within, raised: false, lowered: false };
    for (known, old, new) in [
        (total.before_known, total.before, within.before),
        (total.after_known, total.after, within.after),
    ] {
        let change = if known { new.compare(old)? } else { Ordering::Equal };
        limited.raised |= change == Ordering::Greater;
        limited.lowered |= change == Ordering::Less;
    }
    Ok(limited)
}

/// Replace each known side of the total that is `beyond` its bound by the bound.
fn bound(total: Sums, limit: &Limit, beyond: Ordering, policy: &Policy) -> Result<Sums, Refusal> {
    let replaced =
        |value: Ratio, known: bool, bound: Option<Price>| -> Result<Option<Ratio>, Refusal> {
            let Some(bound) = bound.filter(|_| known).map(Ratio::from_price) else {
                return Ok(None);
            };
            Ok((value.compare(bound)? == beyond).then_some(bound))
        };
    let before = replaced(total.before, total.before_known, limit.before)?;
    let mut after = replaced(total.after, total.after_known, limit.after)?;
    let scale = policy.limit_without_after_tax == LimitWithoutAfterTax::Scale;
    if let Some(before) = before.filter(|_| scale && limit.after.is_none() && total.after_known) {
        after = Some(if total.before.is_zero() {
            before
        } else {
            total.after.scaled(before, total.before)?
        });
    }
    Ok(Sums {
        before: before.unwrap_or(total.before),
        after: after.unwrap_or(total.after),
        ..total
    })
}

/// Say which limits changed the total.
pub fn note(
    limited: &Limited,
    limits: Option<&Limits>,
    report: &Report,
    findings: &mut Vec<Finding>,
) {
    let Some(limits) = limits else { return };
    let path = |name: &str| format!("$.tariffs[{}].{name}", limits.tariff);
    let total = report.total_cost.text();
    let before_limits = report.total_cost_before_limits.text();
    if limited.raised {
        let message = format!(
            "{before_limits} was raised to {total} by the minimum of {}",
            limit_text(&limits.min)
        );
        findings.push(Finding::new(Code::MinPriceApplied, path("min_price"), message));
    }
    if limited.lowered {
        let message = format!(
            "{before_limits} was lowered to {total} by the maximum of {}",
            limit_text(&limits.max)
        );
        findings.push(Finding::new(Code::MaxPriceApplied, path("max_price"), message));
    }
    let (Some(before), Some(after)) = (report.total_cost.before, report.total_cost.after) else {
        return;
    };
    let was_limited = limited.raised || limited.lowered;
    if was_limited && after.count.abs() < before.count.abs() {
        let message = format!("The limits leave {total}");
        let path = path(if limited.lowered { "max_price" } else { "min_price" });
        findings.push(Finding::new(Code::AfterTaxBelowBeforeTax, path, message));
    }
}

fn limit_text(limit: &Limit) -> String {
    let side = |price: Option<Price>| price.map_or_else(|| "-".to_owned(), |p| p.to_string());
    format!("{} before and {} after taxes", side(limit.before), side(limit.after))
}
