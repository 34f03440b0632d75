//! Which policies reproduce the totals that a partner declares.
//!
//! A mismatch says little; that a partner rounds each line to cents says what to talk about. Every
//! policy is tried alone and in pairs, fewest changes from the defaults first.

use crate::policy::Policy;
use crate::price::{Context, price};
use crate::report::Report;
use crate::session::{DeclaredPrice, Session};
use crate::tariff::Tariff;

/// A choice that differs from the default.
pub type Change = (&'static str, &'static str);

/// Whether the declared totals are reproduced, and by which policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fit {
    /// Combinations of changes to the defaults that reproduce every declared total; an empty one
    /// when the defaults do.
    pub fitting: Vec<Vec<Change>>,
    /// How many combinations were tried.
    pub tried: usize,
    /// Whether the document declares a total at all.
    pub declared: bool,
}

/// Policies that can change a total but not by how a partner computes it: they are contract terms
/// that a fit would only guess at.
const NOT_TRIED: [&str; 1] = ["rounding_mode"];

/// Find the combinations of at most two changed policies that reproduce the declared totals.
///
/// Combinations are minimal: one that only adds to another that fits already is left out. `context`
/// gives the zone, the reservation and the policies that are changed.
#[must_use]
pub fn fit(session: &Session, tariffs: &[Tariff], context: &Context) -> Fit {
    let declared = session.declared.total_cost.as_ref();
    let mut found = Fit { fitting: Vec::new(), tried: 0, declared: declared.is_some() };
    let Some(declared) = declared else {
        return found;
    };
    let mut reproduces = |changes: &[Change]| {
        found.tried += 1;
        let mut policy = context.policy;
        let chosen = changes.iter().all(|(name, value)| policy.set(name, value).is_ok());
        let context = Context { policy, ..context.clone() };
        chosen
            && price(session, tariffs, &context)
                .is_ok_and(|report| agrees(&report, declared, session))
    };
    let mut fitting: Vec<Vec<Change>> = Vec::new();
    if reproduces(&[]) {
        fitting.push(Vec::new());
    }
    let mut singles = changes(&context.policy);
    // What sign a credit has is a question for credits alone.
    singles.retain(|change| session.credit || change.0 != "credit");
    let (fit_alone, rest): (Vec<Change>, Vec<Change>) =
        singles.into_iter().partition(|change| reproduces(std::slice::from_ref(change)));
    // Where the defaults fit, whatever changes nothing fits too and says nothing.
    if fitting.is_empty() {
        fitting.extend(fit_alone.iter().map(|change| vec![*change]));
    }
    if fitting.is_empty() {
        for (position, first) in rest.iter().enumerate() {
            for second in rest[position + 1..].iter().filter(|second| second.0 != first.0) {
                if reproduces(&[*first, *second]) {
                    fitting.push(vec![*first, *second]);
                }
            }
        }
    }
    found.fitting = fitting;
    found
}

/// Every single change to a policy.
#[must_use]
pub fn changes(policy: &Policy) -> Vec<Change> {
    let chosen = policy.choices();
    Policy::TABLE
        .iter()
        .filter(|row| !NOT_TRIED.contains(&row.name))
        .flat_map(|row| row.values.iter().map(|value| (row.name, value.0)))
        .filter(|change| !chosen.contains(change))
        .collect()
}

/// Whether the total is the declared one, to the decimals in which that is written.
fn agrees(report: &Report, declared: &DeclaredPrice, session: &Session) -> bool {
    let sides =
        [(declared.before, report.total_cost.before), (declared.after, report.total_cost.after)];
    let mut compared = false;
    for (declared, ours) in sides {
        let Some(declared) = declared else { continue };
        let Some(ours) = ours else { return false };
        compared = true;
        if crate::compare::money_differs(declared, ours, report.currency) {
            return false;
        }
    }
    compared && costs_agree(report, session)
}

fn costs_agree(report: &Report, session: &Session) -> bool {
    session.declared.dimension_costs.iter().all(|(dimension, declared)| {
        let ours = report.declared_as(*dimension);
        let sides = [(declared.before, ours.before), (declared.after, ours.after)];
        sides.into_iter().all(|(declared, ours)| match (declared, ours) {
            (Some(declared), Some(ours)) => {
                !crate::compare::money_differs(declared, ours, report.currency)
            }
            (None, _) | (_, None) => true,
        })
    })
}
