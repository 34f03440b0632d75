//! Units as types: what a number counts is part of its type, and every constructor can fail.

mod amount;
mod decimal;
mod instant;
mod quantity;

pub use amount::{Amount, Ratio};
pub use decimal::{Decimal, DecimalError};
pub(crate) use instant::civil_from_days;
pub use instant::{DAY_MS, Instant, LocalTime, Weekday};
pub use quantity::{Price, Quantity, VatRate};

/// Ten to the power of `exponent`, for exponents up to 38.
pub(crate) const fn ten_to(exponent: u32) -> i128 {
    10_i128.pow(exponent)
}
