//! What OCPI 2.3.0 (edition 2) adds: `tax_included`, taxes by name, and the fields of bookings.

/// Fields of a Tariff beside those of 2.2.1.
pub const TARIFF: &[&str] = &["tax_included", "preauthorize_amount"];

/// Fields of a CDR beside those of 2.2.1.
pub const CDR: &[&str] = &["booking_id"];

/// Fields of PriceLimit and of Price, used for limits and declared costs.
pub const PRICE: &[&str] = &["before_taxes", "after_taxes", "taxes"];

/// Fields of TariffRestrictions beside those of 2.2.1.
pub const RESTRICTIONS: &[&str] = &["booking"];
