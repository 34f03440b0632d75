//! FLAT components: fees per occurrence, due when an element that has one becomes active.

use std::collections::HashSet;

use crate::choice::Assignment;
use crate::component::{self, Component, Dimension, Phase, Place};
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
) -> Vec<Line> {
    let mut charged = HashSet::new();
    let mut lines = Vec::new();
    for step in steps {
        let Some((index, tariff)) = assignment.tariff(step.period, tariffs) else { continue };
        for place in active(step, tariff, policy) {
            if charged.insert(occurrence(step.phase, index, place, tariff, policy)) {
                let component: Component =
                    tariff.elements[place.element].components[place.component];
                let nothing = Quantity::ZERO;
                lines.push(Line {
                    reservation_fee: step.phase != Phase::Charge,
                    ..Line::new(step.period, Dimension::Flat, index, place, component, nothing)
                });
            }
        }
    }
    lines
}

/// The fees that are active when a period starts.
fn active(step: &Step, tariff: &Tariff, policy: &Policy) -> Vec<Place> {
    let find = |phase| component::find(tariff, Dimension::Flat, phase, &step.moment, policy);
    let mut found: Vec<Place> = find(step.phase).into_iter().collect();
    if step.phase == Phase::Expired && policy.expired_flat == ExpiredFlat::Add {
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
) -> (Option<usize>, Option<Place>, u8) {
    let expiry = tariff.elements[place.element].restrictions.reservation
        == Some(ReservationKind::ReservationExpires);
    // An expired reservation can have a fee of its own beside that for reserving.
    let kind = match (phase, expiry, policy.expired_flat) {
        (Phase::Charge, _, _) => 0,
        (Phase::Expired, true, ExpiredFlat::Add) => 2,
        (Phase::Reserved | Phase::Expired, _, _) => 1,
    };
    match policy.flat {
        Flat::Once => (None, None, 0),
        Flat::OncePerKind => (None, None, kind),
        Flat::OncePerTariff => (Some(tariff_index), None, kind),
        Flat::OncePerElement => (Some(tariff_index), Some(place), kind),
    }
}
