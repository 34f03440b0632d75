//! FLAT components: fees per occurrence, due when an element that has one becomes active.

use crate::choice::Assignment;
use crate::component::{self, Dimension, Phase, Place};
use crate::policy::{ExpiredFlat, Flat, Policy};
use crate::price::Step;
use crate::report::Line;
use crate::restriction::ReservationKind;
use crate::tariff::Tariff;
use crate::units::Quantity;

/// The lines of the fees that are due, each in the period in which it became active.
#[must_use]
pub fn lines(
    steps: &[Step],
    assignment: &Assignment,
    tariffs: &[Tariff],
    policy: &Policy,
    charge_is_due: bool,
) -> Vec<Line> {
    // A session has one or two; a set of them would cost more than it saves.
    let mut charged = Vec::new();
    let mut lines = Vec::new();
    for step in steps {
        let Some((index, tariff)) = assignment.tariff(step.period, tariffs) else {
            continue;
        };
        let charge = (step.phases.charge && charge_is_due).then_some(Phase::Charge);
        for phase in step.phases.reservation.into_iter().chain(charge) {
            for place in active(step, phase, tariff, policy) {
                let occurrence = occurrence(phase, index, place, tariff, policy);
                if !charged.contains(&occurrence) {
                    charged.push(occurrence);
                    lines.push(line(step, phase, index, tariff, place));
                }
            }
        }
    }
    lines
}

fn line(step: &Step, phase: Phase, index: usize, tariff: &Tariff, place: Place) -> Line {
    let component = tariff.elements[place.element].components[place.component];
    Line {
        reservation_fee: phase != Phase::Charge,
        ..Line::new(step.period, Dimension::Flat, index, place, component, Quantity::ZERO)
    }
}

/// The fees that are active when a period starts.
fn active(step: &Step, phase: Phase, tariff: &Tariff, policy: &Policy) -> Vec<Place> {
    let find = |phase| component::find(tariff, Dimension::Flat, phase, &step.moment, policy);
    let mut found: Vec<Place> = find(phase).into_iter().collect();
    if phase == Phase::Expired && policy.expired_flat == ExpiredFlat::Add {
        found.extend(find(Phase::Reserved).filter(|place| !found.contains(place)));
    }
    found
}

/// What counts as the same occurrence: a fee is charged once for each.
fn occurrence(
    phase: Phase,
    tariff_index: usize,
    place: Place,
    tariff: &Tariff,
    policy: &Policy,
) -> (Option<usize>, Option<Place>, bool, bool) {
    let reservation = tariff.elements[place.element].restrictions.reservation;
    // Where both fees of an expired reservation are due, each is an occurrence of its own.
    let expiry = phase == Phase::Expired
        && policy.expired_flat == ExpiredFlat::Add
        && reservation == Some(ReservationKind::ReservationExpires);
    let reserved = phase != Phase::Charge;
    match policy.flat {
        Flat::Once => (None, None, false, expiry),
        Flat::OncePerKind => (None, None, reserved, expiry),
        Flat::OncePerTariff => (Some(tariff_index), None, reserved, expiry),
        Flat::OncePerElement => (Some(tariff_index), Some(place), reserved, expiry),
    }
}
