//! Money: exact sums over one common denominator, and the exact ratios that taxes make of them.

use ethnum::I256;

use crate::component::Dimension;
use crate::error::Refusal;
use crate::units::{Price, Quantity, VatRate, ten_to};

/// An exact sum of money: an integer count of 1 / (18000 * 10^28) of the currency unit.
///
/// A price has 12 decimals and a quantity 16. A kWh is 1000 Wh and an hour 3600 s, whose least
/// common multiple is 18000: energy costs come in multiples of 18 and time costs in multiples of
/// 5, so no product of a price and a quantity is ever rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount(I256);

const PER_UNIT: i128 = 18_000;

impl Amount {
    /// No money.
    pub const ZERO: Amount = Amount(I256::ZERO);

    /// What `quantity` costs at `price`. A fixed fee ignores the quantity.
    ///
    /// # Errors
    /// `AmountOverflow` past 10^36 currency units, which bounded numbers cannot reach.
    pub fn cost(dimension: Dimension, price: Price, quantity: Quantity) -> Result<Amount, Refusal> {
        let (count, multiple) = match dimension {
            Dimension::Energy => (quantity.raw(), 18),
            Dimension::Time | Dimension::ParkingTime | Dimension::ReservationTime => {
                (quantity.raw(), 5)
            }
            Dimension::Flat => (ten_to(Quantity::SCALE), PER_UNIT),
        };
        let price = product(I256::from(price.raw()), I256::from(multiple))?;
        product(price, I256::from(count)).map(Amount)
    }

    /// The amount as a ratio of integers.
    #[must_use]
    pub fn ratio(self) -> Ratio {
        Ratio { numerator: self.0, denominator: denominator() }
    }

    /// The amount with `rate` of tax added to it.
    ///
    /// # Errors
    /// `AmountOverflow`, as for [`Amount::cost`].
    pub fn with_tax(self, rate: VatRate) -> Result<Ratio, Refusal> {
        let factor = I256::from(VatRate::ONE) + I256::from(rate.raw());
        Ok(Ratio {
            numerator: product(self.0, factor)?,
            denominator: denominator() * I256::from(VatRate::ONE),
        })
    }

    /// The amount with the `rate` of tax that it contains taken out.
    ///
    /// # Errors
    /// `AmountOverflow`, as for [`Amount::cost`].
    pub fn without_tax(self, rate: VatRate) -> Result<Ratio, Refusal> {
        let one = i128::from(VatRate::ONE);
        let factor = one + i128::from(rate.raw());
        let common = i128::try_from(gcd(factor.unsigned_abs(), one.unsigned_abs()))
            .map_err(|_| Refusal::AmountOverflow)?;
        Ok(Ratio {
            numerator: product(self.0, I256::from(one / common))?,
            denominator: denominator() * I256::from(factor / common),
        })
    }
}

fn denominator() -> I256 {
    const DENOMINATOR: i128 = PER_UNIT * ten_to(Quantity::SCALE + Price::SCALE);
    I256::from(DENOMINATOR)
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// An exact amount of money as a ratio of integers, with a positive denominator.
#[derive(Clone, Copy, Debug)]
pub struct Ratio {
    numerator: I256,
    denominator: I256,
}

impl Ratio {
    /// No money.
    pub const ZERO: Ratio = Ratio { numerator: I256::ZERO, denominator: I256::ONE };

    /// `count` times 10^-decimals of the currency unit.
    #[must_use]
    pub fn from_decimal(count: i128, decimals: u32) -> Ratio {
        Ratio { numerator: I256::from(count), denominator: I256::from(ten_to(decimals)) }
    }

    /// The price as an amount of money.
    #[must_use]
    pub fn from_price(price: Price) -> Ratio {
        Ratio::from_decimal(price.raw(), Price::SCALE)
    }

    /// The two integers.
    pub(crate) const fn parts(self) -> (I256, I256) {
        (self.numerator, self.denominator)
    }

    /// The exact sum.
    ///
    /// # Errors
    /// `AmountOverflow` when many different tax rates leave no room in 256 bits.
    pub fn plus(self, other: Ratio) -> Result<Ratio, Refusal> {
        if self.is_zero() {
            return Ok(other);
        }
        let (left, right) = if self.denominator == other.denominator {
            (self, other)
        } else {
            common_denominator(self, other)?
        };
        let numerator =
            left.numerator.checked_add(right.numerator).ok_or(Refusal::AmountOverflow)?;
        Ok(Ratio { numerator, denominator: left.denominator })
    }

    /// The exact difference.
    ///
    /// # Errors
    /// As for [`Ratio::plus`].
    pub fn minus(self, other: Ratio) -> Result<Ratio, Refusal> {
        self.plus(other.negated())
    }

    /// The same amount with the other sign.
    #[must_use]
    pub fn negated(self) -> Ratio {
        Ratio { numerator: -self.numerator, denominator: self.denominator }
    }

    /// The amount times `by` over `of`.
    ///
    /// # Errors
    /// As for [`Ratio::plus`].
    pub fn scaled(self, by: Ratio, of: Ratio) -> Result<Ratio, Refusal> {
        let by = reduced(by);
        let of = reduced(of);
        let this = reduced(self);
        let top = product(product(this.numerator, by.numerator)?, of.denominator)?;
        let bottom = product(product(this.denominator, by.denominator)?, of.numerator)?;
        if bottom == I256::ZERO {
            return Err(Refusal::AmountOverflow);
        }
        let sign = bottom.signum();
        Ok(Ratio { numerator: top * sign, denominator: bottom * sign })
    }

    /// Which of the two is larger.
    ///
    /// # Errors
    /// As for [`Ratio::plus`].
    pub fn compare(self, other: Ratio) -> Result<std::cmp::Ordering, Refusal> {
        if self.denominator == other.denominator {
            return Ok(self.numerator.cmp(&other.numerator));
        }
        // Multiplying crosswise nearly always fits and spares the search for a common divisor.
        let left = product(self.numerator, other.denominator);
        let right = product(other.numerator, self.denominator);
        if let (Ok(left), Ok(right)) = (left, right) {
            return Ok(left.cmp(&right));
        }
        let (left, right) = common_denominator(self, other)?;
        Ok(left.numerator.cmp(&right.numerator))
    }

    /// Whether it is no money at all.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.numerator == I256::ZERO
    }

    /// Whether it is below zero.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.numerator < I256::ZERO
    }
}

fn common_denominator(left: Ratio, right: Ratio) -> Result<(Ratio, Ratio), Refusal> {
    if left.denominator == right.denominator {
        return Ok((left, right));
    }
    let raise = |ratio: Ratio, factor: I256| -> Result<Ratio, Refusal> {
        Ok(Ratio {
            numerator: product(ratio.numerator, factor)?,
            denominator: product(ratio.denominator, factor)?,
        })
    };
    // Amounts before and after taxes: the denominator of one is a multiple of that of the other.
    if let Some(factor) = multiple(left.denominator, right.denominator) {
        return Ok((left, raise(right, factor)?));
    }
    if let Some(factor) = multiple(right.denominator, left.denominator) {
        return Ok((raise(left, factor)?, right));
    }
    let common = wide_gcd(left.denominator, right.denominator);
    let left_factor = right.denominator / common;
    let right_factor = left.denominator / common;
    Ok((raise(left, left_factor)?, raise(right, right_factor)?))
}

/// The product of two integers.
///
/// # Errors
/// `AmountOverflow` when it does not fit.
pub(crate) fn product(a: I256, b: I256) -> Result<I256, Refusal> {
    let bits = |factor: I256| I256::BITS - factor.unsigned_abs().leading_zeros();
    // A product has at most as many bits as its factors together. Most have far fewer than fit, and
    // the check of the multiplication itself takes several times as long as the multiplication.
    if bits(a) + bits(b) < I256::BITS - 1 {
        return Ok(a.wrapping_mul(b));
    }
    a.checked_mul(b).ok_or(Refusal::AmountOverflow)
}

/// How many times `of` is in `whole`, if that is a whole number.
fn multiple(whole: I256, of: I256) -> Option<I256> {
    if whole < of {
        return None;
    }
    let times = whole / of;
    // What `of` was divided out of holds it so many times.
    (times.wrapping_mul(of) == whole).then_some(times)
}

fn reduced(ratio: Ratio) -> Ratio {
    let common = wide_gcd(ratio.numerator.abs(), ratio.denominator);
    if common <= I256::ONE {
        return ratio;
    }
    Ratio { numerator: ratio.numerator / common, denominator: ratio.denominator / common }
}

fn wide_gcd(mut a: I256, mut b: I256) -> I256 {
    while b != I256::ZERO {
        (a, b) = (b, a % b);
    }
    a
}
