//! Timestamps, dates and times of day as OCPI documents write them.

use crate::units::{DAY_MS, Instant};

/// A timestamp that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timestamp {
    /// The instant.
    pub instant: Instant,
    /// Whether it had an offset other than `Z`.
    pub has_offset: bool,
    /// Whether digits finer than a millisecond were cut.
    pub was_cut: bool,
}

/// Read an RFC 3339 timestamp; without a zone it is in UTC, as OCPI says.
#[must_use]
pub fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let bytes = text.as_bytes();
    if bytes.len() < 16 || !text.is_ascii() || !matches!(bytes[10], b'T' | b't' | b' ') {
        return None;
    }
    let day = date(&text[..10])?;
    let (hour, minute) = (two_digits(&bytes[11..13])?, two_digits(&bytes[14..16])?);
    if bytes[13] != b':' || hour > 24 || minute > 59 {
        return None;
    }
    let mut rest = &text[16..];
    let (mut second, mut ms, mut was_cut) = (0, 0, false);
    if let Some(after) = rest.strip_prefix(':') {
        second = two_digits(after.as_bytes().get(..2)?)?;
        rest = &after[2..];
        if let Some(after) = rest.strip_prefix(['.', ',']) {
            let digits = after.bytes().take_while(u8::is_ascii_digit).count();
            (ms, was_cut) = fraction(&after.as_bytes()[..digits])?;
            rest = &after[digits..];
        }
    }
    // A leap second is billed with the second after it.
    if second > 60 || hour == 24 && (minute, second, ms) != (0, 0, 0) {
        return None;
    }
    let (offset_s, has_offset) = offset(rest)?;
    let of_day = ((hour * 60 + minute) * 60 + second - offset_s) * 1000 + ms;
    let instant = Instant::from_ms(day * DAY_MS + of_day)?;
    Some(Timestamp { instant, has_offset, was_cut })
}

/// Read `YYYY-MM-DD` as days since 1970-01-01.
#[must_use]
pub fn date(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let year = two_digits(&bytes[..2])? * 100 + two_digits(&bytes[2..4])?;
    let month = u32::try_from(two_digits(&bytes[5..7])?).ok()?;
    let day = u32::try_from(two_digits(&bytes[8..])?).ok()?;
    Some(Instant::from_civil(year, month, day, 0)?.ms() / DAY_MS)
}

/// Read `HH:MM` (or `HH:MM:SS`) as seconds since midnight; `24:00` is the end of the day.
#[must_use]
pub fn time_of_day(text: &str) -> Option<u32> {
    let bytes = text.as_bytes();
    let second = match bytes.len() {
        5 => 0,
        8 if bytes[5] == b':' => two_digits(&bytes[6..])?,
        _ => return None,
    };
    let (hour, minute) = (two_digits(&bytes[..2])?, two_digits(&bytes[3..5])?);
    if bytes[2] != b':' || minute > 59 || second > 59 {
        return None;
    }
    let seconds = (hour * 60 + minute) * 60 + second;
    u32::try_from(seconds).ok().filter(|seconds| *seconds <= 86_400)
}

fn two_digits(bytes: &[u8]) -> Option<i64> {
    let [tens, ones] = bytes else { return None };
    (tens.is_ascii_digit() && ones.is_ascii_digit())
        .then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
}

fn fraction(digits: &[u8]) -> Option<(i64, bool)> {
    if digits.is_empty() {
        return None;
    }
    let ms = (0..3).fold(0, |ms, place| {
        ms * 10 + digits.get(place).map_or(0, |digit| i64::from(digit - b'0'))
    });
    let was_cut = digits.iter().skip(3).any(|digit| *digit != b'0');
    Some((ms, was_cut))
}

/// The offset in seconds, and whether there is one other than `Z`.
fn offset(text: &str) -> Option<(i64, bool)> {
    let bytes = text.as_bytes();
    match bytes {
        [] | [b'Z' | b'z'] => Some((0, false)),
        [sign @ (b'+' | b'-'), hour @ .., b':', m1, m2] if hour.len() == 2 => {
            signed_offset(*sign, two_digits(hour)?, two_digits(&[*m1, *m2])?)
        }
        [sign @ (b'+' | b'-'), h1, h2, m1, m2] => {
            signed_offset(*sign, two_digits(&[*h1, *h2])?, two_digits(&[*m1, *m2])?)
        }
        [sign @ (b'+' | b'-'), h1, h2] => signed_offset(*sign, two_digits(&[*h1, *h2])?, 0),
        _ => None,
    }
}

fn signed_offset(sign: u8, hour: i64, minute: i64) -> Option<(i64, bool)> {
    if hour > 23 || minute > 59 {
        return None;
    }
    let seconds = (hour * 60 + minute) * 60;
    Some((if sign == b'-' { -seconds } else { seconds }, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> Option<String> {
        parse(text).map(|read| read.instant.to_string())
    }

    #[test]
    fn timestamps_in_every_usual_form() {
        let expected = Some("2025-06-06T14:00:00Z".to_owned());
        for text in [
            "2025-06-06T14:00:00Z",
            "2025-06-06T14:00:00",
            "2025-06-06T16:00:00+02:00",
            "2025-06-06T16:00:00+0200",
            "2025-06-06 14:00:00.000Z",
            "2025-06-06T14:00Z",
        ] {
            assert_eq!(utc(text), expected, "{text}");
        }
        assert!(parse("2025-06-06T14:00:00.0005Z").unwrap().was_cut);
        assert_eq!(utc("2025-06-06T24:00:00Z"), Some("2025-06-07T00:00:00Z".to_owned()));
        for bad in ["", "2025-06-06", "2025-02-29T00:00:00Z", "2025-06-06T25:00:00Z", "🕐🕐🕐🕐🕐"]
        {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn times_of_day() {
        assert_eq!(time_of_day("17:30"), Some(63_000));
        assert_eq!(time_of_day("24:00"), Some(86_400));
        assert_eq!(time_of_day("25:00"), None);
        assert_eq!(time_of_day("7:30"), None);
    }
}
