//! What OCPI 2.2.1 adds: owners, VAT, limits, reservations and costs by dimension.

/// Fields of a Tariff beside those of 2.1.1.
pub const TARIFF: &[&str] = &["country_code", "party_id", "type", "min_price", "max_price"];

/// Fields of a CDR.
pub const CDR: &[&str] = &[
    "country_code",
    "party_id",
    "id",
    "start_date_time",
    "end_date_time",
    "session_id",
    "cdr_token",
    "auth_method",
    "authorization_reference",
    "cdr_location",
    "meter_id",
    "currency",
    "tariffs",
    "charging_periods",
    "signed_data",
    "total_cost",
    "total_fixed_cost",
    "total_energy",
    "total_energy_cost",
    "total_time",
    "total_time_cost",
    "total_parking_time",
    "total_parking_cost",
    "total_reservation_cost",
    "remark",
    "invoice_reference_id",
    "credit",
    "credit_reference_id",
    "home_charging_compensation",
    "last_updated",
];

/// Fields of a Session.
pub const SESSION: &[&str] = &[
    "country_code",
    "party_id",
    "id",
    "start_date_time",
    "end_date_time",
    "kwh",
    "cdr_token",
    "auth_method",
    "authorization_reference",
    "location_id",
    "evse_uid",
    "connector_id",
    "meter_id",
    "currency",
    "charging_periods",
    "total_cost",
    "status",
    "last_updated",
];

/// Fields of TariffRestrictions beside those of 2.1.1.
pub const RESTRICTIONS: &[&str] = &["min_current", "max_current", "reservation"];

/// Fields of Price, used for limits and declared costs.
pub const PRICE: &[&str] = &["excl_vat", "incl_vat"];
