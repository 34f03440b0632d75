//! Pricing by the million: tariffs compiled to decision tables, sessions as columns.
//!
//! [`TariffSet::compile`] turns each tariff with its zone into a table of cells: which component
//! prices what, by time of week, date, duration and energy. [`TariffSet::price`] walks the periods
//! of each row through its table with integers only. What a table cannot hold (reservations, limits
//! on power, some policies) is priced row by row with [`crate::price::price`] itself, so a batch never
//! says anything else than a single document does.
//!
//! Units: energy in 0.1 Wh, time in ms, money in 10^-4 of the currency unit. The cost of a session
//! is an integer over 3.6 * 10^6 * 10^p, where p is the number of decimals of the tariff's prices;
//! bounds found at compile time say whether 64 bits hold it or 128 are needed.

// A row takes some hundred instructions: a call too many, or a value that goes through memory, costs
// more than what is done with it.
#![allow(clippy::inline_always)]

mod aggregate;
mod batch;
mod compile;
mod interpret;
mod kernel;
mod lines;
mod rows;
mod settle;
mod table;

pub use aggregate::{Group, Key, Values, aggregate, merged};
pub use batch::{Outputs, price, price_into};
pub use compile::{CompileError, TariffSet};
pub use lines::price_lines;
pub use rows::{Ints, Offsets, Periods, Rows, RowsError};

use crate::component::Dimension;
use crate::finding::Code;

/// The `status` of a row: 0 when it is priced, else 1 + the position in
/// [`crate::error::Refusal::TABLE`].
pub type Status = u8;

/// What each bit of the `findings` column means, the lowest bit first.
pub const FINDING_BITS: [&str; 17] = [
    "period_spans_price_change:ENERGY",
    "period_spans_price_change:TIME",
    "period_spans_price_change:PARKING_TIME",
    "period_spans_price_change:RESERVATION_TIME",
    "no_price_component:ENERGY",
    "no_price_component:TIME",
    "no_price_component:PARKING_TIME",
    "no_price_component:RESERVATION_TIME",
    "period_outside_session",
    "periods_out_of_order",
    "min_price_applied",
    "max_price_applied",
    "total_cost_differs",
    "tariff_not_valid",
    "time_zone_inferred",
    "reservation_assumed_expired",
    "missing_reading",
];

/// The bit of a finding, for those that a batch can have.
pub(crate) fn bit(code: Code, dimension: Option<Dimension>) -> u64 {
    let name = match dimension {
        Some(dimension) => format!("{}:{}", code.name(), dimension.name()),
        None => code.name().to_owned(),
    };
    FINDING_BITS.iter().position(|known| *known == name).map_or(0, |position| 1 << position)
}

pub(crate) const SPANS: u64 = 1;
pub(crate) const UNPRICED: u64 = 1 << 4;
pub(crate) const OUTSIDE: u64 = 1 << 8;
pub(crate) const MIN_APPLIED: u64 = 1 << 10;
pub(crate) const MAX_APPLIED: u64 = 1 << 11;
pub(crate) const DIFFERS: u64 = 1 << 12;
pub(crate) const NOT_VALID: u64 = 1 << 13;

/// The price of one row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// 0 when priced; see [`Status`].
    pub status: Status,
    /// Bits of [`FINDING_BITS`].
    pub findings: u64,
    /// The total before taxes, in 10^-4 of the currency unit; `None` when it cannot be known.
    pub before: Option<i64>,
    /// The total after taxes.
    pub after: Option<i64>,
    /// The cost of energy before taxes.
    pub energy: i64,
    /// The cost of charging time before taxes.
    pub time: i64,
    /// The cost of parking before taxes.
    pub parking: i64,
    /// The cost of reserved time before taxes.
    pub reservation: i64,
    /// Fees before taxes.
    pub fixed: i64,
    /// Billed energy in 0.1 Wh.
    pub billed_energy: i64,
    /// Billed charging time in ms.
    pub billed_time: i64,
    /// Billed parking time in ms.
    pub billed_parking: i64,
    /// Billed reserved time in ms.
    pub billed_reservation: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_where_the_kernel_thinks() {
        assert_eq!(bit(Code::PeriodSpansPriceChange, Some(Dimension::Energy)), SPANS);
        assert_eq!(bit(Code::NoPriceComponent, Some(Dimension::Energy)), UNPRICED);
        assert_eq!(bit(Code::PeriodOutsideSession, None), OUTSIDE);
        assert_eq!(bit(Code::MinPriceApplied, None), MIN_APPLIED);
        assert_eq!(bit(Code::MaxPriceApplied, None), MAX_APPLIED);
        assert_eq!(bit(Code::TotalCostDiffers, None), DIFFERS);
        assert_eq!(bit(Code::TariffNotValid, None), NOT_VALID);
    }
}
