//! The normal form of a tariff: what every OCPI version says, said once.

use crate::component::Component;
use crate::restriction::Restrictions;
use crate::units::{Instant, Price};

/// The OCPI version a document follows, told from its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Version {
    /// OCPI 2.1.1.
    V211,
    /// OCPI 2.2.1.
    V221,
    /// OCPI 2.3.0, edition 2.
    V230,
}

impl Version {
    /// The version as OCPI numbers it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Version::V211 => "2.1.1",
            Version::V221 => "2.2.1",
            Version::V230 => "2.3.0",
        }
    }
}

/// An ISO 4217 currency code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

/// Currencies without minor units and with three decimals; all others have two.
const NO_DECIMALS: &[&str] = &[
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
    "VUV", "XAF", "XOF", "XPF",
];
const THREE_DECIMALS: &[&str] = &["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

impl Currency {
    /// The currency of a three-letter code in any case.
    #[must_use]
    pub fn parse(code: &str) -> Option<Currency> {
        let letters: [u8; 3] = code.as_bytes().try_into().ok()?;
        letters
            .iter()
            .all(u8::is_ascii_alphabetic)
            .then(|| Currency(letters.map(|letter| letter.to_ascii_uppercase())))
    }

    /// The code in capitals.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }

    /// The number of decimals of the currency's minor unit: 0, 2 or 3.
    #[must_use]
    pub fn minor_units(&self) -> u32 {
        if NO_DECIMALS.contains(&self.code()) {
            0
        } else if THREE_DECIMALS.contains(&self.code()) {
            3
        } else {
            2
        }
    }
}

/// For which sessions a tariff is meant (TariffType; absent means all).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TariffType {
    /// For a driver without a contract.
    AdHocPayment,
    /// For the charging preference CHEAP.
    ProfileCheap,
    /// For the charging preference FAST.
    ProfileFast,
    /// For the charging preference GREEN.
    ProfileGreen,
    /// For the charging preference REGULAR, or none.
    Regular,
}

/// What the amounts of a tariff contain (TaxIncluded of 2.3.0).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TaxIncluded {
    /// `YES`: prices contain the taxes.
    Yes,
    /// `NO`: taxes come on top.
    No,
    /// `N/A`: there are no taxes.
    NotApplicable,
    /// Not stated: 2.1.1 and 2.2.1, where prices are without VAT.
    Unstated,
}

/// A lower or upper bound on the total of a session (Price of 2.2.1, PriceLimit of 2.3.0).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Limit {
    /// The bound on the total before taxes.
    pub before: Option<Price>,
    /// The bound on the total after taxes.
    pub after: Option<Price>,
}

/// Components that hold while all restrictions match (TariffElement).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// What it prices; the first of a dimension counts.
    pub components: Vec<Component>,
    /// When it holds.
    pub restrictions: Restrictions,
}

/// A tariff of any OCPI version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tariff {
    /// The version its fields are of.
    pub version: Version,
    /// Country code and party id of the owner, where the version has them.
    pub party: Option<(String, String)>,
    /// The id, unique within the owner's tariffs.
    pub id: String,
    /// The currency, or `None` when the document lacks it and nothing can be priced.
    pub currency: Option<Currency>,
    /// For which sessions it is meant.
    pub kind: Option<TariffType>,
    /// From when it is valid, inclusive.
    pub start: Option<Instant>,
    /// Until when it is valid, exclusive.
    pub end: Option<Instant>,
    /// What a session costs at least.
    pub min_price: Option<Limit>,
    /// What a session costs at most.
    pub max_price: Option<Limit>,
    /// Whether prices contain taxes.
    pub tax_included: TaxIncluded,
    /// The elements, in the order in which they are looked up.
    pub elements: Vec<Element>,
}

impl AsRef<Tariff> for Tariff {
    fn as_ref(&self) -> &Tariff {
        self
    }
}

impl Tariff {
    /// Whether the tariff is valid at `instant`: from its start on, and before its end.
    #[must_use]
    pub fn is_valid_at(&self, instant: Instant) -> bool {
        self.start.is_none_or(|start| start <= instant) && self.end.is_none_or(|end| instant < end)
    }

    /// Whether any element depends on local time, so that a time zone is needed.
    #[must_use]
    pub fn depends_on_local_time(&self) -> bool {
        self.elements.iter().any(|element| element.restrictions.depends_on_local_time())
    }
}
