//! Instants in UTC and the local times that tariffs speak of.

/// Milliseconds in a day of 24 hours.
pub const DAY_MS: i64 = 86_400_000;

/// An instant, in milliseconds since 1970-01-01T00:00:00Z, between the years 1 and 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

impl Instant {
    /// The first ms of the year 1.
    pub(crate) const FIRST_MS: i64 = -62_135_596_800_000;
    /// The first ms of the year 10000.
    pub(crate) const END_MS: i64 = 253_402_300_800_000;

    /// An instant from milliseconds since the epoch, or `None` outside the years 1 to 9999.
    #[must_use]
    pub const fn from_ms(ms: i64) -> Option<Instant> {
        if ms < Instant::FIRST_MS || ms >= Instant::END_MS {
            return None;
        }
        Some(Instant(ms))
    }

    /// An instant from a UTC date and time of day, or `None` when there is no such moment.
    #[must_use]
    pub fn from_civil(year: i64, month: u32, day: u32, ms_of_day: i64) -> Option<Instant> {
        let days = days_from_civil(year, month, day)?;
        Instant::from_ms(days * DAY_MS + ms_of_day)
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn ms(self) -> i64 {
        self.0
    }

    /// The instant `ms` milliseconds later (earlier when negative), held within the years 1 to
    /// 9999.
    #[must_use]
    pub fn later_by(self, ms: i64) -> Option<Instant> {
        Instant::from_ms(self.0.checked_add(ms)?)
    }
}

impl std::fmt::Display for Instant {
    /// RFC 3339 in UTC, as OCPI writes it; milliseconds only when there are some.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (year, month, day) = civil_from_days(self.0.div_euclid(DAY_MS));
        let ms = self.0.rem_euclid(DAY_MS);
        let seconds = ms / 1000;
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        write!(out, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        if ms % 1000 != 0 {
            write!(out, ".{:03}", ms % 1000)?;
        }
        out.write_str("Z")
    }
}

/// A day of the week; the discriminant counts from Monday.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Weekday {
    /// All seven, Monday first.
    pub const ALL: [Weekday; 7] = [
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
        Weekday::Saturday,
        Weekday::Sunday,
    ];

    /// The name as OCPI writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Weekday::Monday => "MONDAY",
            Weekday::Tuesday => "TUESDAY",
            Weekday::Wednesday => "WEDNESDAY",
            Weekday::Thursday => "THURSDAY",
            Weekday::Friday => "FRIDAY",
            Weekday::Saturday => "SATURDAY",
            Weekday::Sunday => "SUNDAY",
        }
    }
}

/// A wall-clock moment: the local date as days since 1970-01-01 and the time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalTime {
    /// Days since 1970-01-01 on the local calendar.
    pub day: i64,
    /// Milliseconds since local midnight.
    pub ms_of_day: i64,
}

impl LocalTime {
    /// The wall-clock moment at `instant` where clocks are `offset_s` seconds ahead of UTC.
    #[must_use]
    pub const fn at(instant: Instant, offset_s: i32) -> LocalTime {
        let local = instant.ms() + offset_s as i64 * 1000;
        LocalTime { day: local.div_euclid(DAY_MS), ms_of_day: local.rem_euclid(DAY_MS) }
    }

    /// The local day of the week.
    #[must_use]
    pub fn weekday(self) -> Weekday {
        // 1970-01-01 was a Thursday, the fourth day of the week.
        let index = (self.day + 3).rem_euclid(7);
        Weekday::ALL[usize::try_from(index).unwrap_or(0)]
    }
}

/// Days since 1970-01-01 of a date in the proleptic Gregorian calendar, if it exists.
pub(crate) fn days_from_civil(year: i64, month: u32, day: u32) -> Option<i64> {
    if !(1..=9999).contains(&year) || !(1..=12).contains(&month) {
        return None;
    }
    if day == 0 || day > days_in_month(year, month) {
        return None;
    }
    // Counting years from March puts the leap day at the end, so the months have fixed offsets.
    let march_year = if month <= 2 { year - 1 } else { year };
    let era = march_year.div_euclid(400);
    let year_of_era = march_year - era * 400;
    let month_from_march = i64::from((month + 9) % 12);
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

/// The date of a number of days since 1970-01-01.
pub(crate) fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted - era * 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

fn days_in_month(year: i64, month: u32) -> u32 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_days_agree_over_four_centuries() {
        for day in -200_000..200_000 {
            let (year, month, date) = civil_from_days(day);
            let (month, date) = (u32::try_from(month).unwrap(), u32::try_from(date).unwrap());
            assert_eq!(days_from_civil(year, month, date), Some(day));
        }
    }

    #[test]
    fn an_instant_prints_as_ocpi_writes_it() {
        let instant = Instant::from_civil(2024, 12, 5, 63_549_000).unwrap();
        assert_eq!(instant.to_string(), "2024-12-05T17:39:09Z");
        assert_eq!(instant.later_by(250).unwrap().to_string(), "2024-12-05T17:39:09.250Z");
        assert_eq!(LocalTime::at(instant, 3600).weekday(), Weekday::Thursday);
    }
}
