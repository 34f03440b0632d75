//! Field names shared by every OCPI version of an object.

/// Tariff.
pub const TARIFF: &[&str] = &[
    "id",
    "currency",
    "tariff_alt_text",
    "tariff_alt_url",
    "elements",
    "energy_mix",
    "last_updated",
    "start_date_time",
    "end_date_time",
];

/// TariffElement.
pub const ELEMENT: &[&str] = &["price_components", "restrictions"];

/// PriceComponent.
pub const COMPONENT: &[&str] = &["type", "price", "step_size", "vat"];

/// ChargingPeriod.
pub const PERIOD: &[&str] = &["start_date_time", "dimensions", "tariff_id"];

/// CdrDimension.
pub const DIMENSION: &[&str] = &["type", "volume"];

/// Dimensions that carry no price of their own.
pub const READINGS: &[&str] = &[
    "CURRENT",
    "MAX_CURRENT",
    "MIN_CURRENT",
    "POWER",
    "MAX_POWER",
    "MIN_POWER",
    "STATE_OF_CHARGE",
];

/// Volumes that no tariff can price.
pub const UNPRICED: &[&str] = &["ENERGY_EXPORT", "ENERGY_IMPORT"];
