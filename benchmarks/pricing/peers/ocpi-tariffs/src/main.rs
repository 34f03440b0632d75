//! CDRs that carry their tariff through `ocpi-tariffs`: from JSON text to its report.

#[path = "../../harness.rs"]
mod harness;

use chrono_tz::Tz;
use harness::{Total, e4};
use ocpi_tariffs::{Version, cdr, json, price::TariffSource};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    harness::run(total)
}

fn total(document: &str) -> Total {
    let json = json::parse_object(document).ok()?;
    let (cdr, _) = cdr::from_json(json, Version::V221).into_parts();
    let priced = cdr::price(&cdr, TariffSource::UseCdr, Tz::Europe__Amsterdam).ok()?;
    let cost = priced.into_parts().0.total_cost.calculated?;
    Some((
        e4(&format!("{:#}", cost.excl_vat))?,
        e4(&format!("{:#}", cost.incl_vat?))?,
    ))
}
