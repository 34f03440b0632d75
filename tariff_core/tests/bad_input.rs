//! Any bytes at all are an answer: never a panic, a hang or memory without bound.

use proptest::prelude::*;
use tariff_core::columns::{Ints, Offsets, Periods, Rows, TariffSet, price, price_lines};
use tariff_core::document::read_each_tariff;
use tariff_core::policy::Policy;
use tariff_core::price::Context;
use tariff_core::text::{cut_json, explain_text, fit_json, lint_json, price_json};

const CDR: &str = r#"{"country_code":"NL","party_id":"TST","id":"1","currency":"EUR",
"start_date_time":"2025-06-06T10:00:00Z","end_date_time":"2025-06-06T12:00:00Z",
"cdr_location":{"country":"NLD"},"total_cost":{"excl_vat":1.5,"incl_vat":2},
"charging_periods":[{"start_date_time":"2025-06-06T10:00:00Z","tariff_id":"T",
"dimensions":[{"type":"ENERGY","volume":7.5},{"type":"TIME","volume":0.5},
{"type":"MAX_POWER","volume":11}]},{"start_date_time":"2025-06-06T11:00:00+00:00",
"dimensions":[{"type":"PARKING_TIME","volume":"0.25"}]}]}"#;

const TARIFF: &str = r#"{"country_code":"NL","party_id":"TST","id":"T","currency":"EUR",
"tax_included":"NO","min_price":{"before_taxes":1,"after_taxes":1.21},"elements":[
{"price_components":[{"type":"ENERGY","price":0.25,"vat":21,"step_size":100}],
"restrictions":{"start_time":"22:00","end_time":"06:00","day_of_week":["MONDAY"],"max_kwh":5}},
{"price_components":[{"type":"ENERGY","price":0.3,"vat":9,"step_size":1},
{"type":"PARKING_TIME","price":2,"step_size":300}]}],"last_updated":"2025-01-01T00:00:00Z"}"#;

const PROFILE: &str = r#"{"start":"2025-06-06T10:00:00Z","end":"2025-06-06T12:00:00Z","readings":[
{"at":"2025-06-06T10:00:00Z","energy_wh":0},{"at":"2025-06-06T11:30:00Z","energy_wh":9000}],
"states":[{"at":"2025-06-06T11:30:00Z","state":"parking"}]}"#;

const JSON_LETTERS: &[u8] = b"0123456789-eE.\"{}[],:null";

/// Every public function on these bytes.
fn run(cdr: &[u8], tariffs: &[u8], profile: &[u8]) {
    let context = Context::default();
    for report in [
        price_json(cdr, Some(tariffs), &context, true),
        price_json(cdr, None, &context, false),
        cut_json(profile, tariffs, &context),
        lint_json(tariffs),
        fit_json(cdr, Some(tariffs), &context),
    ] {
        let value = tariff_core::document::json::parse(&report);
        assert!(value.is_ok(), "{report}");
    }
    let _ = explain_text(cdr, Some(tariffs), &context);
}

/// The text with some of its bytes changed, dropped or repeated.
fn mutated(text: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let change = (any::<prop::sample::Index>(), 0..5_u8, any::<u8>());
    proptest::collection::vec(change, 0..6).prop_map(move |changes| {
        let mut bytes = text.as_bytes().to_vec();
        for (index, kind, byte) in changes {
            if bytes.is_empty() {
                break;
            }
            let at = index.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => {
                    bytes.remove(at);
                }
                2 => bytes.insert(at, byte),
                3 => bytes.truncate(at),
                _ => bytes[at] = JSON_LETTERS[usize::from(byte) % JSON_LETTERS.len()],
            }
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn damaged_documents_are_answered(
        cdr in mutated(CDR), tariff in mutated(TARIFF), profile in mutated(PROFILE),
    ) {
        run(&cdr, &tariff, &profile);
    }

    #[test]
    fn a_line_does_not_know_its_neighbours(cdrs in proptest::collection::vec(mutated(CDR), 1..5)) {
        let tariffs = read_each_tariff(TARIFF.as_bytes()).unwrap().value;
        let tariffs = tariffs.into_iter().map(|read| read.map_err(|e| e.refusal)).collect();
        let set = TariffSet::compile(tariffs, vec![None], Policy::default()).unwrap();
        let lines: Vec<Vec<u8>> = cdrs
            .into_iter()
            .map(|cdr| cdr.into_iter().map(|byte| if byte == b'\n' { b' ' } else { byte }))
            .map(|line| line.chain([b'\n']).collect())
            .collect();
        let all = price_lines(&set, &lines.concat(), 1);
        prop_assert_eq!(all.status.len(), lines.len());
        for (row, line) in lines.iter().enumerate() {
            let alone = price_lines(&set, line, 1);
            prop_assert_eq!(alone.status[0], all.status[row]);
            prop_assert_eq!(alone.findings[0], all.findings[row]);
            prop_assert_eq!((alone.before[0], alone.after[0]), (all.before[row], all.after[row]));
        }
    }

    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        run(&bytes, &bytes, &bytes);
    }

    #[test]
    fn extreme_numbers_are_answered(digits in "-?[0-9]{1,40}(\\.[0-9]{1,40})?(e-?[0-9]{1,4})?") {
        run(
            CDR.replace("7.5", &digits).as_bytes(),
            TARIFF.replace("0.25", &digits).replace("300", &digits).as_bytes(),
            PROFILE.replace("9000", &digits).as_bytes(),
        );
    }

    #[test]
    fn any_columns_are_answered(
        start in any::<i64>(), end in any::<i64>(), tariff in any::<u32>(),
        periods in proptest::collection::vec(any::<(i64, i64, i64, i64)>(), 0..5),
    ) {
        let tariffs = read_each_tariff(format!("[{TARIFF},{{}}]").as_bytes()).unwrap().value;
        let tariffs = tariffs.into_iter().map(|read| read.map_err(|e| e.refusal)).collect();
        let set = TariffSet::compile(tariffs, vec![None, None], Policy::default()).unwrap();
        let column = |pick: fn(&(i64, i64, i64, i64)) -> i64| {
            periods.iter().map(pick).collect::<Vec<i64>>()
        };
        let (offset, energy) = (column(|p| p.0), column(|p| p.1));
        let (time, parking) = (column(|p| p.2), column(|p| p.3));
        let offsets = [0, i64::try_from(periods.len()).unwrap()];
        let rows = Rows {
            tariff: &[tariff % 3],
            start_ms: &[start],
            end_ms: Some(&[end]),
            declared_before: Some(&[end]),
            declared_after: None,
            currency: None,
            invalid: None,
            offsets: Offsets::I64(&offsets),
            periods: Periods {
                offset_ms: Ints::I64(&offset),
                energy: Ints::I64(&energy),
                time_ms: Ints::I64(&time),
                parking_ms: Ints::I64(&parking),
                reservation_ms: None,
                power: None,
                current: None,
            },
        };
        prop_assert_eq!(price(&set, &rows, 1, true).unwrap().status.len(), 1);
    }
}

#[test]
fn whole_documents_are_priced() {
    run(CDR.as_bytes(), TARIFF.as_bytes(), PROFILE.as_bytes());
    let report = price_json(CDR.as_bytes(), Some(TARIFF.as_bytes()), &Context::default(), false);
    assert!(report.starts_with(r#"{"status":"priced""#), "{report}");
}

#[test]
fn long_and_deep_documents_end() {
    let deep = "[".repeat(1_000_000);
    run(deep.as_bytes(), deep.as_bytes(), deep.as_bytes());
    let long_period = CDR.replace("2025-06-06T12:00:00Z", "9999-06-06T12:00:00Z");
    let long_profile = PROFILE.replace("\"2025-06-06T12:00:00Z\"", "\"9999-06-06T12:00:00Z\"");
    run(long_period.as_bytes(), TARIFF.as_bytes(), long_profile.as_bytes());
    let offsets_out_of_order = Rows {
        tariff: &[0, 0],
        start_ms: &[0, 0],
        end_ms: None,
        declared_before: None,
        declared_after: None,
        currency: None,
        invalid: None,
        offsets: Offsets::I32(&[0, 5, 2]),
        periods: Periods {
            offset_ms: Ints::U32(&[]),
            energy: Ints::I32(&[]),
            time_ms: Ints::U32(&[]),
            parking_ms: Ints::U32(&[]),
            reservation_ms: None,
            power: None,
            current: None,
        },
    };
    assert!(offsets_out_of_order.check().is_err());
}
