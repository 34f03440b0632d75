//! CDRs that carry their tariff through `ocpi-kit`: from JSON text to its breakdown.

#[path = "../../harness.rs"]
mod harness;

use harness::{Total, e4};
use ocpi_kit::convert::Upgrade as _;
use ocpi_kit::tariffs::{PricedSession, PricingEngine, PricingPolicy, TimeZone};
use ocpi_kit::v2_2_1::cdrs::Cdr;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut policy = PricingPolicy::default();
    // As the others; its default is two.
    policy.currency_decimals = 4;
    let engine = PricingEngine::with_policy(policy);
    let zone = TimeZone::named("Europe/Amsterdam")?;
    harness::run(|document| total(&engine, &zone, document))
}

fn total(engine: &PricingEngine, zone: &TimeZone, document: &str) -> Total {
    let mut cdr: Cdr = serde_json::from_str(document).ok()?;
    // It prices tariffs of 2.3.0 only.
    let tariffs: Vec<_> = cdr
        .tariffs
        .drain(..)
        .map(|tariff| tariff.upgrade().value)
        .collect();
    let session = PricedSession::from_cdr_v2_2_1(&cdr, zone.clone());
    let cost = engine.price(&session, &tariffs).ok()?;
    Some((
        e4(&cost.total_excl_vat.to_string())?,
        e4(&cost.total_incl_vat.to_string())?,
    ))
}
