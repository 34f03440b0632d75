//! `step_size`: the session's total of a dimension is billed in whole steps (`mod_cdrs`, step_size).
//!
//! It is applied once per session to the energy, once to charging and parking time together and
//! once to reserved time; never on a switch between elements or tariffs. The step is that of the
//! last relevant component, and the quantity it adds is billed there.

use crate::component::Dimension;
use crate::error::Refusal;
use crate::policy::{Policy, StepParking, StepReservation, StepScope, StepVolume};
use crate::report::{Line, Unpriced};
use crate::rounding::up_to_multiple;
use crate::units::Quantity;

/// Add to the lines what `step_size` bills beyond what was measured.
///
/// # Errors
/// `AmountOverflow` when a quantity does not fit.
pub fn round_up(lines: &mut [Line], unpriced: &[Unpriced], policy: &Policy) -> Result<(), Refusal> {
    match policy.step_scope {
        StepScope::Session => round_together(lines, unpriced, policy),
        StepScope::Period => {
            for own in lines.chunk_by_mut(|one, other| one.period == other.period) {
                let period = own[0].period;
                let free: Vec<Unpriced> =
                    unpriced.iter().filter(|entry| entry.period == period).copied().collect();
                round_together(own, &free, policy)?;
            }
            Ok(())
        }
    }
}

fn round_together(
    lines: &mut [Line],
    unpriced: &[Unpriced],
    policy: &Policy,
) -> Result<(), Refusal> {
    round_total(lines, unpriced, &[Dimension::Energy], policy)?;
    round_times(lines, unpriced, policy)?;
    match policy.step_reservation {
        StepReservation::Own => round_total(lines, unpriced, &[Dimension::ReservationTime], policy),
        StepReservation::WithTime => Ok(()),
    }
}

/// Charging and parking share one rounding. Parking takes it when both are priced, so that the
/// charging time stays exact.
fn round_times(lines: &mut [Line], unpriced: &[Unpriced], policy: &Policy) -> Result<(), Refusal> {
    let time: &[Dimension] = match policy.step_reservation {
        StepReservation::Own => &[Dimension::Time],
        StepReservation::WithTime => &[Dimension::Time, Dimension::ReservationTime],
    };
    let last = |wanted: &dyn Fn(&Line) -> bool| lines.iter().rposition(wanted);
    let last_parking =
        last(&|line| line.dimension == Dimension::ParkingTime && !line.measured.is_zero());
    let last_time = last(&|line| time.contains(&line.dimension) && !line.measured.is_zero());
    let parking = match policy.step_parking {
        StepParking::Any => last_parking.is_some(),
        StepParking::Last => last_parking > last_time,
    };
    let rounded = if parking { &[Dimension::ParkingTime] } else { time };
    round_total(lines, unpriced, rounded, policy)
}

/// Round up the total of `dimensions` by the step of the last component that was used.
fn round_total(
    lines: &mut [Line],
    unpriced: &[Unpriced],
    dimensions: &[Dimension],
    policy: &Policy,
) -> Result<(), Refusal> {
    let used = |line: &Line| dimensions.contains(&line.dimension) && !line.measured.is_zero();
    let Some(last) = lines.iter().rposition(used) else {
        return Ok(());
    };
    let priced = lines.iter().filter(|line| dimensions.contains(&line.dimension));
    let mut total = sum(priced.map(|line| line.measured))?;
    if policy.step_volume == StepVolume::All {
        let free = unpriced.iter().filter(|entry| dimensions.contains(&entry.dimension));
        total =
            total.plus(sum(free.map(|entry| entry.quantity))?).ok_or(Refusal::AmountOverflow)?;
    }
    lines[last].step_extra = missing_to_step(total, lines[last].component.step_size)?;
    Ok(())
}

/// How much is missing from `total` to a whole number of steps.
fn missing_to_step(total: Quantity, step_size: u32) -> Result<Quantity, Refusal> {
    let step = Quantity::from_units(i64::from(step_size));
    up_to_multiple(total.raw(), step.raw())
        .map(|billed| Quantity::from_raw(billed - total.raw()))
        .ok_or(Refusal::AmountOverflow)
}

fn sum(mut quantities: impl Iterator<Item = Quantity>) -> Result<Quantity, Refusal> {
    quantities.try_fold(Quantity::ZERO, Quantity::plus).ok_or(Refusal::AmountOverflow)
}
