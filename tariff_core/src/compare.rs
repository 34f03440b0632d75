//! Declared totals against ours.

use crate::component::Dimension;
use crate::error::Refusal;
use crate::finding::{Code, Finding};
use crate::report::{Cost, Money, Report};
use crate::session::{DeclaredPrice, Session, Source};
use crate::tariff::Currency;
use crate::units::{Decimal, Instant, Quantity};

/// Add a finding for each declared total that is not what the periods say.
///
/// Money may differ by half of the last decimal that the document writes, and never by more than
/// half a minor unit of the currency; energy and time by half of 10^-4, as far as OCPI's four
/// decimals can be from the truth, for each period.
///
/// # Errors
/// `AmountOverflow` when a sum does not fit.
pub fn with_declared(session: &Session, report: &mut Report) -> Result<(), Refusal> {
    let declared = &session.declared;
    let mut findings = Vec::new();
    if let Some(price) = &declared.total_cost {
        let ours = report.total_cost;
        compare_cost(&mut findings, Code::TotalCostDiffers, "$.total_cost", price, &ours, report);
    }
    for (dimension, price) in &declared.dimension_costs {
        let name = match dimension {
            Dimension::Energy => "$.total_energy_cost",
            Dimension::Time => "$.total_time_cost",
            Dimension::ParkingTime => "$.total_parking_cost",
            Dimension::ReservationTime => "$.total_reservation_cost",
            Dimension::Flat => "$.total_fixed_cost",
        };
        let ours = report.declared_as(*dimension);
        let before = findings.len();
        compare_cost(&mut findings, Code::DimensionCostDiffers, name, price, &ours, report);
        for finding in &mut findings[before..] {
            finding.dimension = Some(*dimension);
        }
    }
    compare_quantities(session, &mut findings)?;
    report.findings.append(&mut findings);
    Ok(())
}

fn compare_cost(
    findings: &mut Vec<Finding>,
    code: Code,
    path: &str,
    declared: &DeclaredPrice,
    ours: &Cost,
    report: &Report,
) {
    let sides = [
        ("before taxes", declared.before, ours.before),
        ("after taxes", declared.after, ours.after),
    ];
    for (side, declared, ours) in sides {
        let (Some(declared), Some(ours)) = (declared, ours) else {
            continue;
        };
        if money_differs(declared, ours, report.currency) {
            let message = format!("Declared {declared} {side}, the periods cost {ours}");
            findings.push(Finding::new(code, path, message));
        }
    }
    if let (Some(before), Some(after)) = (declared.before, declared.after)
        && before.atto() >= 0
        && after < before
    {
        let message = format!("{after} after taxes is less than {before} before");
        findings.push(Finding::new(Code::TaxesDoNotAddUp, path, message));
    }
}

/// Whether a declared amount is further from ours than half of the last decimal it is written
/// with, which is at least 10^-4 and at most a minor unit of the currency.
#[must_use]
pub fn money_differs(declared: Decimal, ours: Money, currency: Currency) -> bool {
    let decimals = (currency.minor_units()..4)
        .find(|decimals| declared.atto() % 10_i128.pow(18 - decimals) == 0)
        .unwrap_or(4);
    let tolerance = 10_i128.pow(18 - decimals) / 2;
    let ours = ours.e4() * 10_i128.pow(14);
    ours.abs_diff(declared.atto()) > tolerance.unsigned_abs()
}

fn compare_quantities(session: &Session, findings: &mut Vec<Finding>) -> Result<(), Refusal> {
    let declared = &session.declared;
    let sum = |dimension: Dimension| {
        session
            .periods
            .iter()
            .filter_map(|period| period.volume(dimension))
            .try_fold(Quantity::ZERO, Quantity::plus)
            .ok_or(Refusal::AmountOverflow)
    };
    // Each period's volume is rounded to four decimals by itself.
    let parts = i128::try_from(session.periods.len()).unwrap_or(i128::MAX).saturating_add(1);
    let has_energy = session.periods.iter().any(|period| period.energy.is_some());
    if let Some(kwh) = declared.total_energy.filter(|_| has_energy || session.source == Source::Cdr)
    {
        let path = if session.source == Source::Cdr { "$.total_energy" } else { "$.kwh" };
        let energy = sum(Dimension::Energy)?;
        let half = Quantity::from_kwh(Decimal::from_atto(50_000_000_000_000)).raw();
        if differ(Quantity::from_kwh(kwh), energy, half.saturating_mul(parts)) {
            let message = format!("Declared {kwh} kWh, the periods add up to {energy} Wh");
            findings.push(Finding::new(Code::TotalEnergyDiffers, path, message));
        }
    }
    let half = Quantity::from_ms(180).raw();
    if let (Some(hours), Some(end)) = (declared.total_time, session.end) {
        let ours = elapsed(session.start, end);
        // A second on either side, for timestamps that were cut to whole seconds.
        if differ(Quantity::from_hours(hours), ours, half + Quantity::from_units(2).raw()) {
            let message = format!("Declared {hours} h, start and end are {ours} s apart");
            findings.push(Finding::new(Code::TotalTimeDiffers, "$.total_time", message));
        }
    }
    if let Some(hours) = declared.total_parking_time {
        let parked = sum(Dimension::ParkingTime)?;
        if differ(Quantity::from_hours(hours), parked, half.saturating_mul(parts)) {
            let message = format!("Declared {hours} h, the periods add up to {parked} s");
            findings.push(Finding::new(
                Code::TotalParkingTimeDiffers,
                "$.total_parking_time",
                message,
            ));
        }
    }
    Ok(())
}

fn elapsed(start: Instant, end: Instant) -> Quantity {
    Quantity::from_ms(end.ms() - start.ms())
}

fn differ(declared: Quantity, ours: Quantity, tolerance: i128) -> bool {
    declared.raw().abs_diff(ours.raw()) > tolerance.unsigned_abs()
}
