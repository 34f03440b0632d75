//! The normal form of what is priced: a CDR or a running Session of any OCPI version.

use std::sync::Arc;

use crate::component::Dimension;
use crate::tariff::{Currency, Version};
use crate::units::{Decimal, Instant, Quantity, ten_to};

/// What kind of document a session was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A sealed charge detail record.
    Cdr,
    /// A Session object, possibly still running.
    Session,
}

/// One charging period: from its start to the start of the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// When it starts.
    pub start: Instant,
    /// Energy in Wh, if the period has it.
    pub energy: Option<Quantity>,
    /// Charging time in seconds, if the period has it.
    pub time: Option<Quantity>,
    /// Parking time in seconds, if the period has it.
    pub parking_time: Option<Quantity>,
    /// Reserved time in seconds, if the period has it.
    pub reservation_time: Option<Quantity>,
    /// Lowest and highest current, summed over the phases, in A.
    pub current: Readings,
    /// Lowest and highest power in kW.
    pub power: Readings,
    /// The tariff the CPO priced it with.
    pub tariff_id: Option<Arc<str>>,
    /// Dimensions that were given more than once.
    pub duplicates: Vec<&'static str>,
}

/// The lowest and the highest reading of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Readings {
    /// The lowest.
    pub lowest: Option<Decimal>,
    /// The highest.
    pub highest: Option<Decimal>,
}

impl Period {
    /// A period from `start` on, without any volume.
    #[must_use]
    pub const fn new(start: Instant) -> Period {
        Period {
            start,
            energy: None,
            time: None,
            parking_time: None,
            reservation_time: None,
            current: Readings { lowest: None, highest: None },
            power: Readings { lowest: None, highest: None },
            tariff_id: None,
            duplicates: Vec::new(),
        }
    }

    /// The volume of a dimension, if the period has it.
    #[must_use]
    pub const fn volume(&self, dimension: Dimension) -> Option<Quantity> {
        match dimension {
            Dimension::Energy => self.energy,
            Dimension::Time => self.time,
            Dimension::ParkingTime => self.parking_time,
            Dimension::ReservationTime => self.reservation_time,
            Dimension::Flat => None,
        }
    }

    /// The instant at which the period's own hours have passed.
    fn start_plus_time(&self) -> Instant {
        let lasted = self.time.or(self.parking_time).unwrap_or_default();
        let ms = i64::try_from(lasted.raw() / ten_to(Quantity::SCALE - 3)).unwrap_or(0);
        self.start.later_by(ms).unwrap_or(self.start)
    }

    /// Whether anything but reserved time was used.
    #[must_use]
    pub fn is_used(&self) -> bool {
        [self.energy, self.time, self.parking_time]
            .into_iter()
            .flatten()
            .any(|volume| !volume.is_zero())
    }

    /// Whether the period belongs to the reservation alone.
    #[must_use]
    pub fn is_reservation(&self) -> bool {
        self.reservation_time.is_some() && !self.is_used()
    }
}

/// Money as a document declares it, in 10^-18 of the currency unit.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct DeclaredPrice {
    /// Before taxes.
    pub before: Option<Decimal>,
    /// After taxes.
    pub after: Option<Decimal>,
}

/// The totals a document declares, to be compared with ours.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Declared {
    /// The cost of the whole session.
    pub total_cost: Option<DeclaredPrice>,
    /// The costs of single dimensions.
    pub dimension_costs: Vec<(Dimension, DeclaredPrice)>,
    /// Energy in kWh.
    pub total_energy: Option<Decimal>,
    /// Hours from start to end.
    pub total_time: Option<Decimal>,
    /// Hours parked.
    pub total_parking_time: Option<Decimal>,
}

/// A charging session to be priced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// What it was read from.
    pub source: Source,
    /// The version its fields are of.
    pub version: Version,
    /// The id of the CDR or Session.
    pub id: String,
    /// Country code and party id of the owner, such as `NL*TNM`, where the version has them.
    pub party: Option<String>,
    /// When it started; for a reservation, when that was made.
    pub start: Instant,
    /// When it ended, if it has.
    pub end: Option<Instant>,
    /// The currency it is billed in, if stated.
    pub currency: Option<Currency>,
    /// The IANA time zone of the location, where the document says it.
    pub time_zone: Option<String>,
    /// The country of the location, as written.
    pub country: Option<String>,
    /// Whether the driver paid without a contract.
    pub ad_hoc: bool,
    /// Whether this is a credit CDR.
    pub credit: bool,
    /// The charging periods, in the order given.
    pub periods: Vec<Period>,
    /// The totals it declares.
    pub declared: Declared,
}

impl Session {
    /// Where the document says where it was.
    #[must_use]
    pub const fn location_path(&self) -> &'static str {
        match self.version {
            Version::V211 => "$.location",
            Version::V221 | Version::V230 => "$.cdr_location",
        }
    }

    /// When each period ends: when the next one in time starts, or the session ends. A running
    /// session ends with the time its last period has lasted.
    #[must_use]
    pub fn period_ends(&self) -> Vec<Instant> {
        let mut in_time: Vec<usize> = (0..self.periods.len()).collect();
        in_time.sort_by_key(|index| self.periods[*index].start);
        let mut ends = vec![self.start; self.periods.len()];
        for (place, index) in in_time.iter().enumerate() {
            let period = &self.periods[*index];
            let next = in_time.get(place + 1).map(|next| self.periods[*next].start);
            ends[*index] =
                next.or(self.end).unwrap_or_else(|| period.start_plus_time()).max(period.start);
        }
        ends
    }
}
