//! What OCPI 2.3.0 (edition 2) adds: `tax_included`, taxes by name, and the fields of bookings.

/// Fields of a CDR beside those of 2.2.1.
pub const CDR: &[&str] = &["booking_id"];
