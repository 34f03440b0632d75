//! Units as types: what a number counts is part of its type, and every constructor can fail.

mod amount;
mod decimal;
mod instant;
mod quantity;

pub(crate) use amount::product;
pub use amount::{Amount, Ratio};
pub use decimal::{Decimal, DecimalError};
pub(crate) use instant::civil_from_days;
pub use instant::{DAY_MS, Instant, LocalTime, Weekday};
pub use quantity::{Price, Quantity, VatRate};

/// Ten to the power of `exponent`, for exponents up to 38.
pub(crate) const fn ten_to(exponent: u32) -> i128 {
    TENS[exponent as usize]
}

/// The powers of ten, as multiplying them out takes longer than most sums here.
const TENS: [i128; 39] = {
    let mut tens = [1; 39];
    let mut exponent = 1;
    while exponent < tens.len() {
        tens[exponent] = tens[exponent - 1] * 10;
        exponent += 1;
    }
    tens
};

/// `value` as a whole number of 10^exponent, for exponents up to 18, if it is one and fits.
#[inline]
pub(crate) fn whole_tens(value: i128, exponent: u32) -> Option<i64> {
    // What is a multiple of ten is one of two as well. Without the twos nearly every value fits 64
    // bits, of which a division takes a tenth of the time.
    if value.trailing_zeros() < exponent {
        return None;
    }
    let halved = value >> exponent;
    if let Ok(halved) = i64::try_from(halved) {
        let fives = 5_i64.pow(exponent);
        return (halved % fives == 0).then(|| halved / fives);
    }
    let fives = 5_i128.pow(exponent);
    (halved % fives == 0).then(|| i64::try_from(halved / fives).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_tens_are_those_that_divide() {
        for exponent in [0, 1, 13, 18] {
            let unit = ten_to(exponent);
            for count in [0, 1, -1, 7, 250, i64::MAX, i64::MIN] {
                let value = i128::from(count) * unit;
                assert_eq!(whole_tens(value, exponent), Some(count));
                for off in [1, 5, 1 << 20] {
                    let found = whole_tens(value - off, exponent).map(i128::from);
                    let expected = (off % unit == 0).then(|| i128::from(count) - off / unit);
                    assert_eq!(found, expected.filter(|count| i64::try_from(*count).is_ok()));
                }
            }
            assert_eq!(whole_tens(ten_to(20) * ten_to(exponent), exponent), None);
        }
    }
}
