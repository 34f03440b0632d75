//! Why a session is refused instead of priced.

/// A reason to refuse a session. A price that might be wrong is worse than no price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The text is not JSON.
    InvalidJson,
    /// The JSON is not the kind of object that was asked for, or lacks a field pricing needs.
    InvalidDocument,
    /// A number is not a number, or too large to be one of money, energy or time.
    InvalidNumber,
    /// A timestamp cannot be read.
    InvalidTimestamp,
    /// There are no charging periods.
    NoPeriods,
    /// There is no tariff at all.
    NoTariff,
    /// No tariff is valid at the start of the session.
    NoValidTariff,
    /// A charging period names a tariff that is not there.
    UnknownTariffId,
    /// The tariff does not say its currency.
    MissingCurrency,
    /// Tariff and session are in different currencies.
    CurrencyMismatch,
    /// The tariff depends on local time and the time zone is not known.
    MissingTimeZone,
    /// The exact amount does not fit; nothing is ever clamped.
    AmountOverflow,
}

impl Refusal {
    /// Every refusal with its code and what the caller can do about it.
    pub const TABLE: &'static [(Refusal, &'static str, &'static str)] = &[
        (Refusal::InvalidJson, "invalid_json", "The text is not JSON."),
        (
            Refusal::InvalidDocument,
            "invalid_document",
            "The document is not the object asked for, or lacks a field that pricing needs.",
        ),
        (Refusal::InvalidNumber, "invalid_number", "A number cannot be read, or is 10^12 or more."),
        (Refusal::InvalidTimestamp, "invalid_timestamp", "A timestamp cannot be read."),
        (Refusal::NoPeriods, "no_periods", "There are no charging periods to price."),
        (Refusal::NoTariff, "no_tariff", "There is no tariff: the price is unknown, not free."),
        (
            Refusal::NoValidTariff,
            "no_valid_tariff",
            "No tariff is valid at the start of the session.",
        ),
        (
            Refusal::UnknownTariffId,
            "unknown_tariff_id",
            "A charging period names a tariff that is not among those given.",
        ),
        (
            Refusal::MissingCurrency,
            "missing_currency",
            "The tariff does not say its currency, so its prices mean nothing.",
        ),
        (
            Refusal::CurrencyMismatch,
            "currency_mismatch",
            "Tariff and session are in different currencies; no rate is ever assumed.",
        ),
        (
            Refusal::MissingTimeZone,
            "missing_time_zone",
            "The tariff depends on local time: give the IANA time zone of the location.",
        ),
        (
            Refusal::AmountOverflow,
            "amount_overflow",
            "The exact amount does not fit in 256 bits (64 or 128 in a batch).",
        ),
    ];

    /// The code, as reports and batch columns spell it.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.row().1
    }

    /// What it means, in a sentence.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        self.row().2
    }

    fn row(self) -> &'static (Refusal, &'static str, &'static str) {
        Self::TABLE.iter().find(|row| row.0 == self).unwrap_or(&Self::TABLE[0])
    }
}

/// A refusal with its place and a sentence that names the value at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Why.
    pub refusal: Refusal,
    /// The JSON path, or empty when the document as a whole is meant.
    pub path: String,
    /// A sentence with the value found.
    pub message: String,
}

impl Error {
    /// A refusal at `path`.
    #[must_use]
    pub fn new(refusal: Refusal, path: impl Into<String>, message: impl Into<String>) -> Error {
        Error { refusal, path: path.into(), message: message.into() }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Error {
        Error::new(refusal, "", refusal.meaning())
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.path.is_empty() {
            write!(out, "{}", self.message)
        } else {
            write!(out, "{}: {}", self.path, self.message)
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_its_own_row() {
        for (position, row) in Refusal::TABLE.iter().enumerate() {
            assert_eq!(row.0 as usize, position, "{}", row.1);
            assert_eq!(row.0.code(), row.1);
        }
    }
}
