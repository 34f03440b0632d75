//! A batch says exactly what single documents say, whatever their order, types and threads.

mod common;

use common::{MONDAY_MS, RandomRow, ZONES, decimal, row, tariff};
use proptest::prelude::*;
use tariff_core::columns::{
    FINDING_BITS, Ints, Key, Offsets, Outputs, Periods, Rows, TariffSet, aggregate, price,
};
use tariff_core::component::{Component, Dimension};
use tariff_core::policy::Policy;
use tariff_core::price::Context;
use tariff_core::report::{Cost, Report};
use tariff_core::restriction::Restrictions;
use tariff_core::session::{Declared, Period, Session, Source};
use tariff_core::tariff::{Currency, Element, Limit, Tariff, TaxIncluded, Version};
use tariff_core::timeline::Zone;
use tariff_core::units::{Decimal, Instant, Price, Quantity, VatRate};

/// Rows laid out as columns.
#[derive(Default)]
struct Columns {
    tariff: Vec<u32>,
    start: Vec<i64>,
    end: Vec<i64>,
    offsets: Vec<i32>,
    period_offset: Vec<u32>,
    energy: Vec<i32>,
    time: Vec<u32>,
    parking: Vec<u32>,
}

impl Columns {
    fn of(rows: &[(u32, RandomRow)]) -> Columns {
        let mut columns = Columns { offsets: vec![0], ..Columns::default() };
        for (tariff, row) in rows {
            columns.tariff.push(*tariff);
            columns.start.push(row.start_ms);
            columns.end.push(end_of(row));
            for (offset, energy, time, parking) in &row.periods {
                columns.period_offset.push(*offset);
                columns.energy.push(*energy);
                columns.time.push(*time);
                columns.parking.push(*parking);
            }
            columns.offsets.push(i32::try_from(columns.energy.len()).unwrap());
        }
        columns
    }

    fn rows(&self) -> Rows<'_> {
        Rows {
            tariff: &self.tariff,
            start_ms: &self.start,
            end_ms: Some(&self.end),
            declared_before: None,
            declared_after: None,
            currency: None,
            invalid: None,
            offsets: Offsets::I32(&self.offsets),
            periods: Periods {
                offset_ms: Ints::U32(&self.period_offset),
                energy: Ints::I32(&self.energy),
                time_ms: Ints::U32(&self.time),
                parking_ms: Ints::U32(&self.parking),
                reservation_ms: None,
                power: None,
                current: None,
            },
        }
    }
}

fn end_of(row: &RandomRow) -> i64 {
    row.start_ms + i64::from(row.periods.last().map_or(0, |last| last.0)) + row.tail_ms
}

fn session(row: &RandomRow) -> Session {
    let start = Instant::from_ms(row.start_ms).unwrap();
    let tenth = |tenths: i32| {
        let kwh = Decimal::parse(&format!("{tenths}e-4")).unwrap().0;
        (tenths != 0).then(|| Quantity::from_kwh(kwh))
    };
    let ms = |ms: u32| (ms != 0).then(|| Quantity::from_ms(ms.into()));
    let periods = row.periods.iter().map(|(offset, energy, time, parking)| Period {
        energy: tenth(*energy),
        time: ms(*time),
        parking_time: ms(*parking),
        ..Period::new(start.later_by((*offset).into()).unwrap())
    });
    Session {
        source: Source::Cdr,
        version: Version::V221,
        id: String::new(),
        party: None,
        start,
        end: Instant::from_ms(end_of(row)),
        currency: None,
        time_zone: None,
        country: None,
        ad_hoc: false,
        credit: false,
        periods: periods.collect(),
        declared: Declared::default(),
    }
}

fn before(cost: Option<Cost>) -> i128 {
    cost.and_then(|cost| cost.before).map_or(0, tariff_core::report::Money::e4)
}

fn names(bits: u64) -> Vec<String> {
    let mut names: Vec<String> = FINDING_BITS
        .iter()
        .enumerate()
        .filter(|(position, _)| bits & (1 << position) != 0)
        .map(|(_, name)| (*name).to_owned())
        .collect();
    names.sort_unstable();
    names
}

fn assert_same(outputs: &Outputs, index: usize, report: &Report) {
    assert_eq!(outputs.status[index], 0);
    let total = |column: i64| (column != Outputs::UNKNOWN).then_some(i128::from(column));
    assert_eq!(
        total(outputs.before[index]),
        report.total_cost.before.map(tariff_core::report::Money::e4)
    );
    assert_eq!(
        total(outputs.after[index]),
        report.total_cost.after.map(tariff_core::report::Money::e4)
    );
    assert_eq!(i128::from(outputs.energy[index]), before(report.total_energy_cost));
    assert_eq!(i128::from(outputs.time[index]), before(report.total_time_cost));
    assert_eq!(i128::from(outputs.parking[index]), before(report.total_parking_cost));
    let detail = outputs.detail.as_ref().unwrap();
    assert_eq!(i128::from(detail.fixed[index]), before(report.total_fixed_cost));
    let tenths = Decimal::parse(&format!("{}e-4", detail.billed_energy[index])).unwrap().0;
    assert_eq!(Quantity::from_kwh(tenths), report.billed_energy);
    assert_eq!(Quantity::from_ms(detail.billed_time[index]), report.billed_time);
    assert_eq!(Quantity::from_ms(detail.billed_parking[index]), report.billed_parking);
    assert_eq!(names(outputs.findings[index]), report.warnings());
}

fn policy() -> impl Strategy<Value = Policy> {
    let changes = proptest::collection::vec((0..Policy::TABLE.len(), 0..5_usize), 0..3);
    changes.prop_map(|changes| {
        let mut policy = Policy::default();
        for (row, value) in changes {
            let row = &Policy::TABLE[row];
            policy.set(row.name, row.values[value % row.values.len()].0).unwrap();
        }
        policy
    })
}

fn compile(tariffs: &[Tariff], zone: &str, policy: Policy) -> TariffSet {
    let zones = tariffs.iter().map(|_| Zone::get(zone)).collect();
    let tariffs = tariffs.iter().cloned().map(Ok).collect();
    TariffSet::compile(tariffs, zones, policy).unwrap()
}

/// The tariff, the same with a price of its own for each component, and that with a last element that
/// leaves nothing without a price.
fn variants(tariff: Tariff) -> [Tariff; 3] {
    let mut other = tariff.clone();
    let components = other.elements.iter_mut().flat_map(|element| &mut element.components);
    for (position, component) in components.enumerate() {
        component.price = Price::from_decimal(decimal(&format!("0.{}", position + 1))).0;
    }
    let mut whole = other.clone();
    let dimensions = [Dimension::Flat, Dimension::Energy, Dimension::Time, Dimension::ParkingTime];
    let components = dimensions.map(|dimension| Component {
        dimension,
        price: Price::from_decimal(decimal("0.7")).0,
        vat: VatRate::from_percent(decimal("21")).map(|rate| rate.0),
        step_size: 60,
    });
    let restrictions = Restrictions::default();
    whole.elements.push(Element { components: components.to_vec(), restrictions });
    [tariff, other, whole]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_batch_says_what_single_sessions_say(
        tariffs in proptest::collection::vec(tariff(), 1..4),
        rows in proptest::collection::vec((0..9_u32, row()), 1..12),
        zone in 0..ZONES.len(),
        policy in policy(),
    ) {
        // Tariffs that differ only in their prices share what they can.
        let tariffs: Vec<Tariff> = tariffs.into_iter().flat_map(variants).collect();
        let count = u32::try_from(tariffs.len()).unwrap();
        let rows: Vec<_> = rows.into_iter().map(|(index, row)| (index % count, row)).collect();
        let set = compile(&tariffs, ZONES[zone], policy);
        let columns = Columns::of(&rows);
        let outputs = price(&set, &columns.rows(), 2, true).unwrap();
        let unknown = |column: &[i64]| column.contains(&Outputs::UNKNOWN);
        prop_assert_eq!(outputs.any_unknown, unknown(&outputs.before) || unknown(&outputs.after));
        let context = Context { zone: Zone::get(ZONES[zone]), policy, ..Context::default() };
        for (index, (tariff, row)) in rows.iter().enumerate() {
            let tariff = std::slice::from_ref(&tariffs[*tariff as usize]);
            match tariff_core::price::price(&session(row), tariff, &context) {
                Ok(report) => assert_same(&outputs, index, &report),
                Err(error) => {
                    prop_assert_eq!(outputs.status[index], error.refusal as u8 + 1);
                }
            }
        }
    }

    #[test]
    fn order_types_and_threads_change_nothing(
        tariff in tariff(),
        rows in proptest::collection::vec(row(), 1..20),
    ) {
        let set = compile(&[tariff], "Europe/Amsterdam", Policy::default());
        let forwards: Vec<_> = rows.iter().cloned().map(|row| (0, row)).collect();
        let backwards: Vec<_> = forwards.iter().rev().cloned().collect();
        let columns = Columns::of(&forwards);
        let one = price(&set, &columns.rows(), 1, false).unwrap();
        let reversed = price(&set, &Columns::of(&backwards).rows(), 3, false).unwrap();
        let wide: Vec<Vec<i64>> = vec![
            columns.period_offset.iter().map(|value| i64::from(*value)).collect(),
            columns.energy.iter().map(|value| i64::from(*value)).collect(),
        ];
        let mut view = columns.rows();
        view.periods.offset_ms = Ints::I64(&wide[0]);
        view.periods.energy = Ints::I64(&wide[1]);
        let widened = price(&set, &view, 1, false).unwrap();
        prop_assert_eq!(&one.after, &widened.after);
        prop_assert_eq!(&one.findings, &widened.findings);
        let mut after = reversed.after.clone();
        after.reverse();
        prop_assert_eq!(&one.after, &after);
    }

    #[test]
    fn groups_hold_the_exact_sums(
        tariffs in proptest::collection::vec(tariff(), 1..3),
        rows in proptest::collection::vec((0..4_u32, row()), 1..30),
    ) {
        let set = compile(&tariffs, "Europe/Amsterdam", Policy::default());
        let columns = Columns::of(&rows);
        let outputs = price(&set, &columns.rows(), 1, true).unwrap();
        let keys = [Key::Tariff, Key::Day, Key::Currency];
        let groups = aggregate(&set, &columns.rows(), &keys, 2).unwrap();
        let known = |value: &&i64| **value != Outputs::UNKNOWN;
        let all: i128 = outputs.after.iter().filter(known).map(|value| i128::from(*value)).sum();
        prop_assert_eq!(groups.iter().map(|(_, group)| group.after).sum::<i128>(), all);
        let counted: u64 = groups.iter().map(|(_, group)| group.count + group.refused).sum();
        prop_assert_eq!(counted, rows.len() as u64);
        prop_assert!(groups.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}

#[test]
fn a_total_under_one_limit_is_not_held_to_another() {
    let component = Component {
        dimension: Dimension::Energy,
        price: Price::from_decimal(decimal("3500")).0,
        vat: VatRate::from_percent(decimal("8")).map(|rate| rate.0),
        step_size: 1,
    };
    let element = Element { components: vec![component], restrictions: Restrictions::default() };
    let least = Limit { before: Some(Price::from_decimal(decimal("1000")).0), after: None };
    let tariff = Tariff {
        currency: Currency::parse("VND"),
        min_price: Some(least),
        elements: vec![element],
        version: Version::V221,
        party: None,
        id: "T".to_owned(),
        kind: None,
        start: None,
        end: None,
        max_price: None,
        tax_included: TaxIncluded::No,
    };
    let set = compile(&[tariff], "UTC", Policy::default());
    let periods = vec![(0, 200_000, 3_600_000, 0)];
    let row = RandomRow { start_ms: MONDAY_MS, tail_ms: 3_600_000, periods };
    let outputs = price(&set, &Columns::of(&[(0, row)]).rows(), 1, false).unwrap();
    assert_eq!(outputs.before, [700_000_000]);
    assert_eq!(outputs.after, [756_000_000]);
}
