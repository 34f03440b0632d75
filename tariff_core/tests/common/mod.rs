//! Random tariffs and sessions for the property tests.

use proptest::prelude::*;
use tariff_core::component::{Component, Dimension};
use tariff_core::restriction::{Restrictions, Weekdays};
use tariff_core::tariff::{Currency, Element, Limit, Tariff, TaxIncluded, Version};
use tariff_core::units::{Decimal, Price, Quantity, VatRate, Weekday};

/// Monday 2025-03-24, the week in which clocks change in Europe.
pub const MONDAY_MS: i64 = 1_742_774_400_000;

pub const ZONES: [&str; 4] = ["UTC", "Europe/Amsterdam", "Australia/Lord_Howe", "America/St_Johns"];

pub fn decimal(text: &str) -> Decimal {
    Decimal::parse(text).expect("a number").0
}

fn price(e4: i64) -> Price {
    Price::from_decimal(decimal(&format!("{e4}e-4"))).0
}

fn component() -> impl Strategy<Value = Component> {
    let dimension = prop_oneof![
        Just(Dimension::Energy),
        Just(Dimension::Time),
        Just(Dimension::ParkingTime),
        Just(Dimension::Flat),
    ];
    let vat = prop_oneof![Just(None), Just(Some("21")), Just(Some("5.5"))];
    let step = prop_oneof![Just(0), Just(1), Just(60), Just(300), Just(7000)];
    let e4 = prop_oneof![8 => 0..20_000_i64, 1 => -2_000..0_i64, 1 => 0..20_000_000_i64];
    (dimension, e4, vat, step).prop_map(|(dimension, e4, vat, step_size)| Component {
        dimension,
        price: price(e4),
        vat: vat.and_then(|vat| VatRate::from_percent(decimal(vat))).map(|rate| rate.0),
        step_size,
    })
}

fn restrictions() -> impl Strategy<Value = Restrictions> {
    let clock = || proptest::option::weighted(0.3, (0..24_u32).prop_map(|hour| hour * 3600));
    let date = || proptest::option::weighted(0.1, 20_171..20_179_i64);
    let energy = || {
        proptest::option::weighted(
            0.2,
            (0..30_i64).prop_map(|kwh| Quantity::from_units(kwh * 1000)),
        )
    };
    let duration = || proptest::option::weighted(0.2, (0..8_i64).prop_map(|n| n * 1800));
    let days = prop_oneof![3 => Just(0_u8), 1 => any::<u8>()];
    (clock(), clock(), date(), date(), energy(), energy(), duration(), duration(), days).prop_map(
        |(start_time, end_time, start_date, end_date, min_energy, max_energy, min, max, days)| {
            Restrictions {
                start_time,
                end_time,
                start_date,
                end_date,
                min_energy,
                max_energy,
                min_duration: min,
                max_duration: max,
                days: weekdays(days),
                ..Restrictions::default()
            }
        },
    )
}

fn weekdays(bits: u8) -> Weekdays {
    let chosen = Weekday::ALL.into_iter().filter(|day| bits & (1 << *day as u8) != 0);
    chosen.fold(Weekdays::default(), Weekdays::with)
}

fn limit() -> impl Strategy<Value = Option<Limit>> {
    let side = || proptest::option::of((0..200_000_i64).prop_map(price));
    proptest::option::weighted(
        0.3,
        (side(), side()).prop_map(|(before, after)| Limit { before, after }),
    )
}

pub fn tariff() -> impl Strategy<Value = Tariff> {
    let element = (proptest::collection::vec(component(), 1..4), restrictions())
        .prop_map(|(components, restrictions)| Element { components, restrictions });
    let tax = prop_oneof![
        4 => Just(TaxIncluded::Unstated),
        1 => Just(TaxIncluded::No),
        1 => Just(TaxIncluded::Yes),
        1 => Just(TaxIncluded::NotApplicable),
    ];
    let currency = prop_oneof![Just("EUR"), Just("JPY"), Just("KWD")];
    (proptest::collection::vec(element, 1..5), limit(), limit(), tax, currency).prop_map(
        |(elements, min_price, max_price, tax_included, currency)| Tariff {
            version: Version::V230,
            party: None,
            id: "T".to_owned(),
            currency: Currency::parse(currency),
            kind: None,
            start: None,
            end: None,
            min_price,
            max_price,
            tax_included,
            elements,
        },
    )
}

/// One row: start in ms, end after the last period in ms, and periods of offset, energy in 0.1 Wh,
/// charging and parking in ms.
#[derive(Clone, Debug)]
pub struct RandomRow {
    pub start_ms: i64,
    pub tail_ms: i64,
    pub periods: Vec<(u32, i32, u32, u32)>,
}

pub fn row() -> impl Strategy<Value = RandomRow> {
    let step = prop_oneof![Just(0_u32), Just(60_000), Just(1_800_000), 0..7_200_000_u32];
    let energy = prop_oneof![Just(0), Just(100_000), 0..200_000_i32];
    let time = prop_oneof![Just(0_u32), 0..7_200_000_u32];
    let parking = prop_oneof![2 => Just(0_u32), 1 => 0..7_200_000_u32];
    let count = prop_oneof![9 => 0..7_usize, 1 => 0..40_usize];
    let period = (step, energy, time, parking);
    let periods =
        count.prop_flat_map(move |count| proptest::collection::vec(period.clone(), count));
    let start =
        prop_oneof![(0..14 * 24_i64).prop_map(|hour| hour * 3_600_000), 0..14 * 86_400_000_i64,];
    (start, prop_oneof![Just(0_i64), 0..7_200_000_i64], periods).prop_map(
        |(start, tail_ms, periods)| {
            let mut offset = 0;
            let periods = periods
                .into_iter()
                .map(|(step, energy, time, parking)| {
                    offset += step;
                    (offset, energy, time, parking)
                })
                .collect();
            RandomRow { start_ms: MONDAY_MS + start, tail_ms, periods }
        },
    )
}
