//! What the fuzz targets do with the bytes they are given. Each function returns, whatever these are.

use tariff_core::columns::{self, Ints, Offsets, Outputs, Periods, Rows, TariffSet};
use tariff_core::document::{json, read_each_tariff};
use tariff_core::policy::Policy;
use tariff_core::price::Context;
use tariff_core::text;

/// Read the bytes as every kind of document; each answer is JSON.
pub fn documents(bytes: &[u8]) {
    let context = Context::default();
    for answer in [
        text::price_json(bytes, None, &context, true),
        text::lint_json(bytes),
        text::cut_json(bytes, TARIFFS.as_bytes(), &context),
        text::fit_json(bytes, Some(TARIFFS.as_bytes()), &context),
    ] {
        assert!(json::parse(&answer).is_ok(), "{answer}");
    }
}

/// Price a CDR with tariffs under any policies, alone and as a line of many.
///
/// The bytes are one for each policy, then the CDR, a zero and the tariffs.
pub fn price(bytes: &[u8]) {
    let rows = Policy::TABLE;
    if bytes.len() < rows.len() {
        return;
    }
    let (choices, documents) = bytes.split_at(rows.len());
    let mut policy = Policy::default();
    for (row, choice) in rows.iter().zip(choices) {
        let value = row.values[usize::from(*choice) % row.values.len()].0;
        assert!(policy.set(row.name, value).is_ok());
    }
    let mut parts = documents.splitn(2, |byte| *byte == 0);
    let (cdr, tariffs) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let context = Context { policy, ..Context::default() };
    let single = text::price_documents(cdr, Some(tariffs), &context);
    let Ok(read) = read_each_tariff(tariffs) else {
        return;
    };
    if cdr.contains(&b'\n') || read.value.iter().any(Result::is_err) {
        return;
    }
    let zones = vec![None; read.value.len()];
    let list = read.value.into_iter().map(|tariff| tariff.map_err(|error| error.refusal)).collect();
    let Ok(set) = TariffSet::compile(list, zones, policy) else {
        return;
    };
    let lines = columns::price_lines(&set, cdr, 1);
    if let (Ok(priced), Some(0)) = (single, lines.status.first()) {
        let total =
            priced.report.total_cost.before.map_or(Outputs::UNKNOWN.into(), |side| side.e4());
        assert_eq!(i128::from(lines.before[0]), total);
    }
}

/// Price rows made of the bytes, 40 to a period, all at once and each by itself.
pub fn batch(bytes: &[u8]) {
    let mut numbers: [Vec<i64>; 5] = Default::default();
    for period in bytes.chunks_exact(40) {
        for (column, number) in numbers.iter_mut().zip(period.chunks_exact(8)) {
            column.push(i64::from_le_bytes(number.try_into().unwrap_or_default()));
        }
    }
    let [offset, energy, time, parking, power] = numbers;
    let count = offset.len();
    // Three periods to a row; the last row has what remains.
    let ends: Vec<i64> = (0..=count.div_ceil(3)).map(|row| (3 * row).min(count) as i64).collect();
    let rows = ends.len() - 1;
    let tariff: Vec<u32> = (0..rows).map(|row| (row % 5) as u32).collect();
    let start: Vec<i64> = (0..rows).map(|row| START_MS + offset[3 * row] % DAY_MS).collect();
    let all = |first: usize, last: usize| Rows {
        tariff: &tariff[first..last],
        start_ms: &start[first..last],
        end_ms: None,
        declared_before: None,
        declared_after: Some(&energy[first..last]),
        currency: None,
        invalid: None,
        offsets: Offsets::I64(&ends[first..=last]),
        periods: Periods {
            offset_ms: Ints::I64(&offset),
            energy: Ints::I64(&energy),
            time_ms: Ints::I64(&time),
            parking_ms: Ints::I64(&parking),
            reservation_ms: None,
            power: Some((Ints::I64(&power), Ints::I64(&power))),
            current: None,
        },
    };
    let read = read_each_tariff(TARIFFS.as_bytes()).map(|read| read.value).unwrap_or_default();
    let zones = vec![None; read.len()];
    let list = read.into_iter().map(|tariff| tariff.map_err(|error| error.refusal)).collect();
    let Ok(set) = TariffSet::compile(list, zones, Policy::default()) else {
        return;
    };
    let Ok(whole) = columns::price(&set, &all(0, rows), 2, true) else {
        return;
    };
    for row in 0..rows {
        let Ok(alone) = columns::price(&set, &all(row, row + 1), 1, true) else {
            panic!("A row of a batch that was priced cannot be priced by itself");
        };
        assert_eq!((alone.status[0], alone.findings[0]), (whole.status[row], whole.findings[row]));
        assert_eq!((alone.before[0], alone.after[0]), (whole.before[row], whole.after[row]));
    }
}

const DAY_MS: i64 = 86_400_000;
/// 2025-06-06T10:00:00Z.
const START_MS: i64 = 1_749_204_000_000;

/// A tariff by time of week, one by energy and duration, one by power, and one that cannot be read.
const TARIFFS: &str = r#"[
{"country_code":"NL","party_id":"TST","id":"A","currency":"EUR","elements":[
 {"price_components":[{"type":"ENERGY","price":0.25,"vat":21,"step_size":100}],
  "restrictions":{"start_time":"22:00","end_time":"06:00","day_of_week":["FRIDAY"]}},
 {"price_components":[{"type":"ENERGY","price":0.3,"vat":9,"step_size":1},
  {"type":"PARKING_TIME","price":2,"step_size":300},{"type":"FLAT","price":0.5,"step_size":1}]}]},
{"country_code":"NL","party_id":"TST","id":"B","currency":"JPY","max_price":{"excl_vat":900},
 "elements":[{"price_components":[{"type":"ENERGY","price":30,"step_size":1}],
  "restrictions":{"max_kwh":20}},
 {"price_components":[{"type":"TIME","price":120,"step_size":60}],
  "restrictions":{"min_duration":3600}}]},
{"country_code":"NL","party_id":"TST","id":"C","currency":"EUR","elements":[
 {"price_components":[{"type":"ENERGY","price":0.2,"step_size":1}],"restrictions":{"max_power":16}},
 {"price_components":[{"type":"ENERGY","price":0.5,"step_size":1}]}]},
{"id":"D","elements":7}]"#;
