//! Price components, and how the one that applies is found (PriceComponent, TariffElement).

use crate::policy::Policy;
use crate::restriction::{Moment, ReservationKind};
use crate::tariff::Tariff;
use crate::units::{Price, VatRate};

/// What a component prices and what a period has volumes of (TariffDimensionType).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dimension {
    /// Energy, priced per kWh.
    Energy,
    /// Charging time, priced per hour.
    Time,
    /// Parking time, priced per hour.
    ParkingTime,
    /// Reserved time, priced by the TIME components of reservation elements.
    ReservationTime,
    /// A fee per occurrence.
    Flat,
}

impl Dimension {
    /// The dimensions that periods have volumes of, in the order in which reports list them.
    pub const MEASURED: [Dimension; 4] =
        [Dimension::Energy, Dimension::Time, Dimension::ParkingTime, Dimension::ReservationTime];

    /// All dimensions.
    pub const ALL: [Dimension; 5] = [
        Dimension::Energy,
        Dimension::Time,
        Dimension::ParkingTime,
        Dimension::ReservationTime,
        Dimension::Flat,
    ];

    /// The name as CDR dimensions spell it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Dimension::Energy => "ENERGY",
            Dimension::Time => "TIME",
            Dimension::ParkingTime => "PARKING_TIME",
            Dimension::ReservationTime => "RESERVATION_TIME",
            Dimension::Flat => "FLAT",
        }
    }

    /// The component type that prices it.
    #[must_use]
    pub const fn component_type(self) -> Dimension {
        match self {
            Dimension::ReservationTime => Dimension::Time,
            Dimension::Energy | Dimension::Time | Dimension::ParkingTime | Dimension::Flat => self,
        }
    }
}

/// The price of one dimension (PriceComponent).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Component {
    /// What it prices: ENERGY, TIME, `PARKING_TIME` or FLAT.
    pub dimension: Dimension,
    /// The price per kWh, per hour or per occurrence.
    pub price: Price,
    /// The VAT rate, if the tariff gives one.
    pub vat: Option<VatRate>,
    /// The multiple of Wh or seconds that is billed; 0 bills what was used.
    pub step_size: u32,
}

/// Where a component is in its tariff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Index into `elements`.
    pub element: usize,
    /// Index into `price_components` of the element.
    pub component: usize,
}

/// The part of a session a moment belongs to; it decides which elements can match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Charging or parking: elements for reservations never match.
    Charge,
    /// A reservation that was used: only elements for RESERVATION match.
    Reserved,
    /// A reservation that expired: elements for `RESERVATION_EXPIRES` come first.
    Expired,
}

/// The component that prices `dimension` at `moment`: that of the first element whose restrictions
/// all match and which has one. Each dimension is looked up by itself, so one element can price
/// the energy while another prices the time.
#[must_use]
pub fn find(
    tariff: &Tariff,
    dimension: Dimension,
    phase: Phase,
    moment: &Moment,
    policy: &Policy,
) -> Option<Place> {
    let find_among = |kind| find_for(tariff, dimension, kind, moment, policy);
    match phase {
        Phase::Charge => find_among(None),
        Phase::Reserved => find_among(Some(ReservationKind::Reservation)),
        Phase::Expired => find_among(Some(ReservationKind::ReservationExpires))
            .or_else(|| find_among(Some(ReservationKind::Reservation))),
    }
}

fn find_for(
    tariff: &Tariff,
    dimension: Dimension,
    reservation: Option<ReservationKind>,
    moment: &Moment,
    policy: &Policy,
) -> Option<Place> {
    let wanted = dimension.component_type();
    tariff.elements.iter().enumerate().find_map(|(element, candidate)| {
        let component =
            candidate.components.iter().position(|component| component.dimension == wanted)?;
        let applies = candidate.restrictions.reservation == reservation
            && candidate.restrictions.match_at(moment, policy);
        applies.then_some(Place { element, component })
    })
}
