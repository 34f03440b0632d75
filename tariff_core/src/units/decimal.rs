//! Decimal numbers as a document writes them, read from text and never through a float.

use crate::rounding::{Mode, divide};
use crate::units::ten_to;

/// A decimal number below 10^12 in magnitude, kept exactly to 18 decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Decimal {
    /// The value times 10^18.
    atto: i128,
}

/// Why a text is not a number this library can price with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalError {
    /// The text is not a decimal number.
    NotANumber,
    /// The magnitude is 10^12 or more, which no tariff or meter reaches.
    OutOfRange,
}

const DECIMALS: i32 = 18;
const LIMIT_DIGITS: i32 = 12;

impl Decimal {
    /// Zero.
    pub const ZERO: Decimal = Decimal { atto: 0 };

    /// Read a JSON number, with or without exponent. The flag says whether digits beyond the
    /// eighteenth decimal had to be rounded away.
    ///
    /// # Errors
    /// `NotANumber` when the text is no decimal number, `OutOfRange` from 10^12 on.
    pub fn parse(text: &str) -> Result<(Decimal, bool), DecimalError> {
        if let Some(short) = Decimal::parse_short(text) {
            return Ok((short, false));
        }
        let (negative, unsigned) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        let (digits, exponent) = split_exponent(unsigned)?;
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() && fraction.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return Err(DecimalError::NotANumber);
        }
        let (magnitude, rounded) = scaled(whole, fraction, exponent)?;
        let atto = if negative { -magnitude } else { magnitude };
        Ok((Decimal { atto }, rounded))
    }

    /// Read what nearly all numbers are: without exponent, and of few enough digits for 64 bits.
    fn parse_short(text: &str) -> Option<Decimal> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let mut value = 0_u64;
        let mut digits = 0_u32;
        let mut before_point = None;
        for byte in unsigned.bytes() {
            match byte {
                b'0'..=b'9' if digits < 18 => {
                    value = value * 10 + u64::from(byte - b'0');
                    digits += 1;
                }
                b'.' if before_point.is_none() => before_point = Some(digits),
                _ => return None,
            }
        }
        let whole = before_point.unwrap_or(digits);
        if digits == 0 || whole > LIMIT_DIGITS.unsigned_abs() {
            return None;
        }
        let atto = i128::from(value) * ten_to(18 - (digits - whole));
        Some(Decimal { atto: if unsigned.len() < text.len() { -atto } else { atto } })
    }

    /// A whole number.
    #[must_use]
    pub const fn from_integer(value: i64) -> Decimal {
        Decimal { atto: value as i128 * ten_to(18) }
    }

    /// The value times 10^18.
    #[must_use]
    pub const fn atto(self) -> i128 {
        self.atto
    }

    /// The value times 10^18 as a number; the caller keeps it below 10^30.
    pub(crate) const fn from_atto(atto: i128) -> Decimal {
        Decimal { atto }
    }

    /// Whether the value is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.atto < 0
    }
}

/// Split `1.5e-3` into its digits and its exponent.
fn split_exponent(text: &str) -> Result<(&str, i32), DecimalError> {
    let Some(at) = text.bytes().position(|byte| byte == b'e' || byte == b'E') else {
        return Ok((text, 0));
    };
    let exponent = text[at + 1..].parse::<i32>().map_err(|_| DecimalError::NotANumber)?;
    Ok((&text[..at], exponent.clamp(-10_000, 10_000)))
}

/// The value of the digits times 10^18, and whether anything was rounded away.
fn scaled(whole: &str, fraction: &str, exponent: i32) -> Result<(i128, bool), DecimalError> {
    let point = i32::try_from(whole.len()).map_err(|_| DecimalError::OutOfRange)?;
    let point = point.saturating_add(exponent);
    let mut value: i128 = 0;
    let mut dropped_first = 0_u8;
    let mut dropped = false;
    let mut last_place = point.saturating_sub(1);
    for (place, digit) in (0_i32..).zip(whole.bytes().chain(fraction.bytes())) {
        last_place = point - 1 - place;
        let digit = digit - b'0';
        if last_place >= LIMIT_DIGITS && digit != 0 {
            return Err(DecimalError::OutOfRange);
        }
        if last_place >= -DECIMALS {
            value = value * 10 + i128::from(digit);
        } else {
            if last_place == -DECIMALS - 1 {
                dropped_first = digit;
            }
            dropped |= digit != 0;
        }
    }
    let missing = last_place.max(-DECIMALS) + DECIMALS;
    if value != 0 {
        value *= ten_to(u32::try_from(missing).map_err(|_| DecimalError::OutOfRange)?);
    }
    let half_up = i128::from(dropped_first >= 5);
    Ok((value + half_up, dropped))
}

impl std::fmt::Display for Decimal {
    /// The shortest exact form, without exponent.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write_exactly(out, self.atto, 18)
    }
}

/// Write `value` times 10^-decimals without needless zeros, for up to 18 decimals.
pub(crate) fn write_exactly(
    out: &mut std::fmt::Formatter<'_>,
    value: i128,
    decimals: u32,
) -> std::fmt::Result {
    let magnitude = value.unsigned_abs();
    let unit = ten_to(decimals).unsigned_abs();
    let whole = magnitude / unit;
    let sign = if value < 0 { "-" } else { "" };
    // Most numbers fit 64 bits, which are far quicker to write than 128.
    match u64::try_from(whole) {
        Ok(whole) => write!(out, "{sign}{whole}")?,
        Err(_) => write!(out, "{sign}{whole}")?,
    }
    let mut fraction = u64::try_from(magnitude - whole * unit).unwrap_or_default();
    if fraction == 0 {
        return Ok(());
    }
    let mut places = decimals as usize;
    while fraction % 10 == 0 {
        fraction /= 10;
        places -= 1;
    }
    write!(out, ".{fraction:0places$}")
}

/// The value rounded half away from zero to `decimals`, as an integer count of 10^-decimals.
pub(crate) fn rescale(value: i128, from: u32, to: u32) -> (i128, bool) {
    if to >= from {
        return (value * ten_to(to - from), false);
    }
    let divisor = ten_to(from - to);
    (divide(value, divisor, Mode::HalfUp), value % divisor != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(source: &str) -> String {
        Decimal::parse(source).expect(source).0.to_string()
    }

    #[test]
    fn numbers_keep_every_digit() {
        for (source, expected) in [
            ("0", "0"),
            ("-0.00", "0"),
            ("2.00", "2"),
            ("0.123456", "0.123456"),
            ("1.5e-3", "0.0015"),
            ("25E2", "2500"),
            ("-8.5", "-8.5"),
            ("0.1333333333333333", "0.1333333333333333"),
            ("999999999999.000000000000000001", "999999999999.000000000000000001"),
            ("0.000e900", "0"),
            ("0000000000000000000001", "1"),
        ] {
            assert_eq!(text(source), expected);
        }
    }

    #[test]
    fn what_cannot_be_kept_is_said() {
        assert_eq!(Decimal::parse("0.0000000000000000005"), Ok((Decimal { atto: 1 }, true)));
        assert_eq!(Decimal::parse("1e12"), Err(DecimalError::OutOfRange));
        assert_eq!(Decimal::parse("1e-400"), Ok((Decimal::ZERO, true)));
        for bad in ["", "-", ".", "1.2.3", "0x1", "1e", "NaN", "--1", "1 "] {
            assert_eq!(Decimal::parse(bad), Err(DecimalError::NotANumber), "{bad}");
        }
    }
}
