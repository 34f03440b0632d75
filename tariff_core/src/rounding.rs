//! The only place that rounds.
//!
//! OCPI leaves rounding to law and contract, so the mode is a named policy
//! ([`crate::policy::RoundingMode`]); everything before this point is exact.

use ethnum::I256;

use crate::error::Refusal;
use crate::policy::RoundingMode;
use crate::units::{Ratio, product, ten_to};

/// Which neighbour a value between two representable ones goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// To the nearest, the middle away from zero.
    HalfUp,
    /// To the nearest, the middle to the even neighbour.
    HalfEven,
    /// Towards zero.
    Down,
    /// Away from zero.
    Up,
}

impl From<RoundingMode> for Mode {
    fn from(policy: RoundingMode) -> Mode {
        match policy {
            RoundingMode::HalfUp => Mode::HalfUp,
            RoundingMode::HalfEven => Mode::HalfEven,
            RoundingMode::Down => Mode::Down,
            RoundingMode::Up => Mode::Up,
        }
    }
}

/// `numerator / denominator` rounded to an integer; the denominator must be positive.
pub(crate) fn divide(numerator: i128, denominator: i128, mode: Mode) -> i128 {
    let quotient = numerator / denominator;
    let remainder = (numerator % denominator).unsigned_abs();
    let away = goes_away_from_zero(
        remainder == 0,
        remainder.cmp(&(denominator.unsigned_abs() - remainder)),
        quotient % 2 != 0,
        mode,
    );
    if away { quotient + numerator.signum() } else { quotient }
}

/// A divisor of many numerators, for which a multiplication stands in: for d up to 2^l and n below
/// 2^63, n / d is n * m / 2^(63 + l) where m is 2^(63 + l) / d rounded up (Granlund and Montgomery,
/// "Division by Invariant Integers using Multiplication", theorem 4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Divisor {
    value: i64,
    half: u64,
    multiplier: u64,
    /// l - 1, as the high half of a product of 128 bits is taken first.
    shift: u32,
}

impl Divisor {
    /// The divisor, if it is at least 2 and at most 2^62.
    pub fn new(divisor: i64) -> Option<Divisor> {
        let positive = u64::try_from(divisor).ok().filter(|d| (2..=1 << 62).contains(d))?;
        let bits = u64::BITS - (positive - 1).leading_zeros();
        let multiplier = (1_u128 << (63 + bits)).div_ceil(positive.into());
        Some(Divisor {
            value: divisor,
            half: positive / 2,
            multiplier: u64::try_from(multiplier).ok()?,
            shift: bits - 1,
        })
    }

    /// Its value.
    pub fn get(self) -> i64 {
        self.value
    }

    /// As [`divide`] to the nearest, the middle away from zero; for numerators below 2^62.
    #[inline(always)]
    #[allow(clippy::inline_always)]
    pub fn half_up(self, numerator: u64) -> i64 {
        let raised = numerator.wrapping_add(self.half);
        let product = u128::from(raised) * u128::from(self.multiplier);
        #[allow(clippy::cast_possible_truncation)]
        let high = (product >> u64::BITS) as u64;
        (high >> self.shift).cast_signed()
    }
}

/// The smallest multiple of `step` that is not below `total`; a step of zero rounds nothing.
pub(crate) fn up_to_multiple(total: i128, step: i128) -> Option<i128> {
    if step == 0 {
        return Some(total);
    }
    let beyond = total.rem_euclid(step);
    if beyond == 0 { Some(total) } else { total.checked_add(step - beyond) }
}

/// The ratio as an integer count of 10^-decimals of the currency unit.
///
/// # Errors
/// `AmountOverflow` when the result does not fit.
pub fn to_decimals(value: Ratio, decimals: u32, mode: Mode) -> Result<i128, Refusal> {
    let (numerator, denominator) = value.parts();
    let scaled = product(numerator, I256::from(ten_to(decimals)))?;
    let quotient = scaled / denominator;
    // Multiplying back, which cannot exceed what was divided, takes less time than a second division.
    let remainder = (scaled - quotient.wrapping_mul(denominator)).abs();
    let quotient = i128::try_from(quotient).map_err(|_| Refusal::AmountOverflow)?;
    let away = goes_away_from_zero(
        remainder == I256::ZERO,
        remainder.cmp(&(denominator - remainder)),
        quotient % 2 != 0,
        mode,
    );
    let one = if away { scaled.signum().as_i128() } else { 0 };
    quotient.checked_add(one).ok_or(Refusal::AmountOverflow)
}

fn goes_away_from_zero(
    exact: bool,
    against_half: std::cmp::Ordering,
    quotient_is_odd: bool,
    mode: Mode,
) -> bool {
    use std::cmp::Ordering::{Equal, Greater};
    match mode {
        Mode::Down => false,
        Mode::Up => !exact,
        Mode::HalfUp => !exact && against_half >= Equal,
        Mode::HalfEven => {
            !exact && (against_half == Greater || against_half == Equal && quotient_is_odd)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_at_the_middle_and_beside_it() {
        let cases = [
            (Mode::HalfUp, [2, 3, 3, -3]),
            (Mode::HalfEven, [2, 2, 3, -2]),
            (Mode::Down, [2, 2, 2, -2]),
            (Mode::Up, [3, 3, 3, -3]),
        ];
        for (mode, expected) in cases {
            let found = [24, 25, 26, -25].map(|numerator| divide(numerator, 10, mode));
            assert_eq!(found, expected, "{mode:?}");
        }
    }

    #[test]
    fn a_multiplication_divides_exactly() {
        let edges = |value: i64| [value.saturating_sub(1), value, value.saturating_add(1)];
        let powers = (1..62).map(|bits| 1_i64 << bits).chain([1 << 62]);
        let divisors = powers.flat_map(edges).chain([3_600_000, 36_000_000_000, 43_560_000_000]);
        for divisor in divisors.filter(|divisor| (2..=1 << 62).contains(divisor)) {
            let by = Divisor::new(divisor).unwrap();
            let most = (1_i64 << 62) - 1;
            let multiples = (0..62).map(|bits| divisor.saturating_mul(1 << bits) / 2);
            for numerator in multiples.flat_map(edges).chain(edges(most)) {
                let numerator = numerator.min(most);
                let expected = divide(numerator.into(), divisor.into(), Mode::HalfUp);
                let found = by.half_up(numerator.unsigned_abs());
                assert_eq!(i128::from(found), expected, "{numerator}/{divisor}");
            }
        }
    }

    #[test]
    fn steps_round_up_also_below_zero() {
        assert_eq!(up_to_multiple(7, 5), Some(10));
        assert_eq!(up_to_multiple(10, 5), Some(10));
        assert_eq!(up_to_multiple(-7, 5), Some(-5));
        assert_eq!(up_to_multiple(7, 0), Some(7));
    }
}
