//! An exact, explainable pricing engine for OCPI tariffs.
//!
//! ```
//! use tariff_core::{document, price::{Context, price}};
//!
//! let cdr = br#"{"id": "1", "start_date_time": "2025-06-06T10:00:00Z", "currency": "EUR",
//!     "end_date_time": "2025-06-06T11:00:00Z", "charging_periods": [{
//!         "start_date_time": "2025-06-06T10:00:00Z",
//!         "dimensions": [{"type": "ENERGY", "volume": 20}]}]}"#;
//! let tariff = br#"{"country_code": "DE", "party_id": "ALL", "id": "16", "currency": "EUR",
//!     "elements": [{"price_components": [
//!         {"type": "ENERGY", "price": 0.25, "vat": 10.0, "step_size": 1}]}]}"#;
//!
//! let cdr = document::read_session(cdr)?;
//! let tariffs = document::read_tariffs(tariff)?;
//! let report = price(&cdr.value.session, &tariffs.value, &Context::default())?;
//! assert_eq!(report.total_cost.text(), "5.0000 / 5.5000");
//! # Ok::<(), tariff_core::error::Error>(())
//! ```
//!
//! Read in this order: [`tariff`] and [`session`] are the normal form of what documents say,
//! [`price`] is the algorithm, [`policy`] lists what OCPI leaves open, [`rounding`] is the only
//! place that rounds, and [`report`] is what comes out. [`document`] reads OCPI into the normal form.
//!
//! Money is exact: prices and quantities are integers, their products are integers over one common
//! denominator ([`units::Amount`]), and a sum that does not fit is an error.

pub mod choice;
pub mod columns;
pub mod compare;
pub mod component;
pub mod country;
pub mod document;
pub mod error;
pub mod estimate;
pub mod explain;
pub mod finding;
pub mod fit;
pub mod flat;
pub mod generate;
pub mod hours;
pub mod limits;
pub mod lint;
pub mod output;
pub mod policy;
pub mod price;
pub mod report;
pub mod restriction;
pub mod rounding;
pub mod session;
mod spanning;
pub mod step_size;
pub mod tariff;
pub mod tax;
pub mod text;
pub mod timeline;
pub mod totals;
pub mod units;
