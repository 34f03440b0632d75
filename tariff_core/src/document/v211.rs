//! What is particular to OCPI 2.1.1: no owner, no VAT, no limits, amounts as bare numbers.

/// Fields of a CDR.
pub const CDR: &[&str] = &[
    "id",
    "start_date_time",
    "stop_date_time",
    "auth_id",
    "auth_method",
    "location",
    "meter_id",
    "currency",
    "tariffs",
    "charging_periods",
    "total_cost",
    "total_energy",
    "total_time",
    "total_parking_time",
    "remark",
    "last_updated",
];

/// Fields of a Session.
pub const SESSION: &[&str] = &[
    "id",
    "start_datetime",
    "end_datetime",
    "kwh",
    "auth_id",
    "auth_method",
    "location",
    "meter_id",
    "currency",
    "charging_periods",
    "total_cost",
    "status",
    "last_updated",
];
