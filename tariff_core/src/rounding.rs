//! The only place that rounds.
//!
//! OCPI leaves rounding to law and contract, so the mode is a named policy
//! ([`crate::policy::RoundingMode`]); everything before this point is exact.

use ethnum::I256;

use crate::error::Refusal;
use crate::policy::RoundingMode;
use crate::units::{Ratio, product, ten_to};

/// Which neighbour a value between two representable ones goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    fn steps_round_up_also_below_zero() {
        assert_eq!(up_to_multiple(7, 5), Some(10));
        assert_eq!(up_to_multiple(10, 5), Some(10));
        assert_eq!(up_to_multiple(-7, 5), Some(-5));
        assert_eq!(up_to_multiple(7, 0), Some(7));
    }
}
