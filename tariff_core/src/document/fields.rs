//! The objects of OCPI and the fields that any of its versions gives them.

use crate::document::node::{Field, Object};

/// Declare an object: a [`Field`] for each name.
macro_rules! object {
    ($(#[$doc:meta])* $object:ident { $($field:ident: $name:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        // Not every field of OCPI has a bearing on the price, and some have the name of their object.
        #[allow(dead_code, clippy::struct_field_names)]
        pub struct $object<'v> { $(pub $field: Field<'v>),+ }

        impl<'v> Object<'v> for $object<'v> {
            fn empty() -> Self {
                $object { $($field: Field::absent($name)),+ }
            }

            fn field(&mut self, name: &str) -> Option<&mut Field<'v>> {
                match name {
                    $($name => Some(&mut self.$field),)+
                    _ => None,
                }
            }
        }
    };
}
pub(super) use object;

object! {
    /// Tariff.
    Tariff {
        id: "id",
        currency: "currency",
        tariff_alt_text: "tariff_alt_text",
        tariff_alt_url: "tariff_alt_url",
        elements: "elements",
        energy_mix: "energy_mix",
        last_updated: "last_updated",
        start_date_time: "start_date_time",
        end_date_time: "end_date_time",
        // From 2.2.1 on.
        country_code: "country_code",
        party_id: "party_id",
        kind: "type",
        min_price: "min_price",
        max_price: "max_price",
        // From 2.3.0 on.
        tax_included: "tax_included",
        preauthorize_amount: "preauthorize_amount",
    }
}

object! {
    /// TariffElement.
    Element { price_components: "price_components", restrictions: "restrictions" }
}

object! {
    /// PriceComponent.
    Component { kind: "type", price: "price", step_size: "step_size", vat: "vat" }
}

object! {
    /// TariffRestrictions.
    Restrictions {
        start_time: "start_time",
        end_time: "end_time",
        start_date: "start_date",
        end_date: "end_date",
        min_kwh: "min_kwh",
        max_kwh: "max_kwh",
        min_power: "min_power",
        max_power: "max_power",
        min_duration: "min_duration",
        max_duration: "max_duration",
        day_of_week: "day_of_week",
        // From 2.2.1 on.
        min_current: "min_current",
        max_current: "max_current",
        reservation: "reservation",
        // From 2.3.0 on.
        booking: "booking",
    }
}

object! {
    /// Price and PriceLimit, used for limits and declared costs.
    Price {
        excl_vat: "excl_vat",
        incl_vat: "incl_vat",
        // From 2.3.0 on.
        before_taxes: "before_taxes",
        after_taxes: "after_taxes",
        taxes: "taxes",
    }
}

object! {
    /// TaxAmount.
    Tax { amount: "amount" }
}

object! {
    /// What pricing reads of a CDR or a Session of any version.
    Session {
        country_code: "country_code",
        party_id: "party_id",
        id: "id",
        start_date_time: "start_date_time",
        end_date_time: "end_date_time",
        cdr_token: "cdr_token",
        cdr_location: "cdr_location",
        currency: "currency",
        tariffs: "tariffs",
        charging_periods: "charging_periods",
        total_cost: "total_cost",
        total_fixed_cost: "total_fixed_cost",
        total_energy: "total_energy",
        total_energy_cost: "total_energy_cost",
        total_time: "total_time",
        total_time_cost: "total_time_cost",
        total_parking_time: "total_parking_time",
        total_parking_cost: "total_parking_cost",
        total_reservation_cost: "total_reservation_cost",
        credit: "credit",
        booking_id: "booking_id",
        // Those of a Session.
        kwh: "kwh",
        status: "status",
        // Those of 2.1.1.
        start_datetime: "start_datetime",
        end_datetime: "end_datetime",
        stop_date_time: "stop_date_time",
        location: "location",
        auth_id: "auth_id",
    }
}

object! {
    /// What pricing reads of a CdrLocation or a Location.
    Location { country: "country", time_zone: "time_zone" }
}

object! {
    /// What pricing reads of a CdrToken.
    Token { kind: "type" }
}

object! {
    /// ChargingPeriod.
    Period {
        start_date_time: "start_date_time",
        dimensions: "dimensions",
        tariff_id: "tariff_id",
    }
}

object! {
    /// CdrDimension.
    Dimension { kind: "type", volume: "volume" }
}

/// Dimensions that carry no price of their own.
pub const READINGS: &[&str] = &[
    "CURRENT",
    "MAX_CURRENT",
    "MIN_CURRENT",
    "POWER",
    "MAX_POWER",
    "MIN_POWER",
    "STATE_OF_CHARGE",
];

/// Volumes that no tariff can price.
pub const UNPRICED: &[&str] = &["ENERGY_EXPORT", "ENERGY_IMPORT"];
