//! Quantities, prices and VAT rates as integers at fixed scales.

use crate::units::decimal::{Decimal, rescale, write_exactly};
use crate::units::ten_to;

/// An amount of energy in Wh or of time in seconds, as an integer count of 10^-16 of the unit.
///
/// The scale is chosen so that 18 decimals of kWh and of hours are both exact: 10^-18 kWh is
/// 10 units and 10^-18 h is 36 units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Quantity(i128);

/// The last of twelve decimals, in 10^-18.
const WRITTEN: i128 = ten_to(6);

impl Quantity {
    /// Nothing.
    pub const ZERO: Quantity = Quantity(0);
    /// The number of decimals of a Wh or a second that are kept.
    pub const SCALE: u32 = 16;

    /// Energy written in kWh.
    #[must_use]
    pub const fn from_kwh(kwh: Decimal) -> Quantity {
        Quantity(kwh.atto() * 10)
    }

    /// Time written in hours.
    #[must_use]
    pub const fn from_hours(hours: Decimal) -> Quantity {
        Quantity(hours.atto() * 36)
    }

    /// The energy as a document writes it: kWh with at most twelve decimals. Digits beyond them are
    /// cut, never rounded up, so that a step_size never bills a step more for them.
    #[must_use]
    pub const fn to_kwh(self) -> Decimal {
        Decimal::from_atto(self.0 / (10 * WRITTEN) * WRITTEN)
    }

    /// The time as a document writes it: hours, as [`Quantity::to_kwh`].
    #[must_use]
    pub const fn to_hours(self) -> Decimal {
        Decimal::from_atto(self.0 / (36 * WRITTEN) * WRITTEN)
    }

    /// Time in milliseconds, as the difference of two instants.
    #[must_use]
    pub const fn from_ms(ms: i64) -> Quantity {
        Quantity(ms as i128 * ten_to(Self::SCALE - 3))
    }

    /// A whole number of Wh or seconds.
    #[must_use]
    pub const fn from_units(units: i64) -> Quantity {
        Quantity(units as i128 * ten_to(Self::SCALE))
    }

    /// The integer count of 10^-16 Wh or seconds.
    #[must_use]
    pub const fn raw(self) -> i128 {
        self.0
    }

    /// A quantity from its integer count of 10^-16 Wh or seconds.
    pub(crate) const fn from_raw(raw: i128) -> Quantity {
        Quantity(raw)
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum; `None` past the range, which the bounds on document numbers make unreachable
    /// below 10^7 periods.
    #[must_use]
    pub fn plus(self, other: Quantity) -> Option<Quantity> {
        self.0.checked_add(other.0).map(Quantity)
    }

    /// The difference; see [`Quantity::plus`].
    #[must_use]
    pub fn minus(self, other: Quantity) -> Option<Quantity> {
        self.0.checked_sub(other.0).map(Quantity)
    }
}

impl std::fmt::Display for Quantity {
    /// The exact number of Wh or seconds, without needless zeros.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write_exactly(out, self.0, Self::SCALE)
    }
}

/// A price per kWh, per hour or per occurrence, in 10^-12 of the currency unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Price(i128);

impl Price {
    /// Free.
    pub const ZERO: Price = Price(0);
    /// The number of decimals of the currency unit that are kept.
    pub const SCALE: u32 = 12;

    /// The price a document writes; the flag says whether decimals beyond twelve were rounded.
    #[must_use]
    pub fn from_decimal(value: Decimal) -> (Price, bool) {
        let (raw, rounded) = rescale(value.atto(), 18, Self::SCALE);
        (Price(raw), rounded)
    }

    /// The integer count of 10^-12 of the currency unit.
    #[must_use]
    pub const fn raw(self) -> i128 {
        self.0
    }
}

impl std::fmt::Display for Price {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write_exactly(out, self.0, Self::SCALE)
    }
}

/// A VAT percentage, in 10^-6 of a percent (10^-8 of the net amount).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct VatRate(i64);

impl VatRate {
    /// What the rate is counted in: `VatRate::ONE` of these are 100 percent.
    pub const ONE: i64 = 100_000_000;

    /// The percentage a document writes, from 0 up to 1000; the flag says whether decimals beyond
    /// six were rounded. `None` outside that range.
    #[must_use]
    pub fn from_percent(percent: Decimal) -> Option<(VatRate, bool)> {
        let (raw, rounded) = rescale(percent.atto(), 18, 6);
        let raw = i64::try_from(raw).ok()?;
        (0..=10 * Self::ONE).contains(&raw).then_some((VatRate(raw), rounded))
    }

    /// The integer count of 10^-8 of the net amount.
    #[must_use]
    pub const fn raw(self) -> i64 {
        self.0
    }
}

impl std::fmt::Display for VatRate {
    /// The percentage, without the percent sign.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write_exactly(out, self.0.into(), 6)
    }
}
