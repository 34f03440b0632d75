//! CDRs as JSON lines, priced without a report for each.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::columns::batch::{Outputs, in_threads, table_row};
use crate::columns::compile::TariffSet;
use crate::columns::rows::{Ints, Offsets, Periods, Rows};
use crate::columns::{Row, interpret};
use crate::compare::with_declared;
use crate::document::read_session;
use crate::error::Refusal;
use crate::price::price;
use crate::session::{Period, Session};
use crate::tariff::Tariff;
use crate::units::{Decimal, Instant, Quantity, ten_to};

/// Lines that are handed to a thread at a time.
const CHUNK: usize = 256;

/// Price one CDR per line on `threads` threads, each as a single document would be.
///
/// A line takes the tariff of the set that its periods name, or else the first that was valid at its
/// start; empty lines keep their place and are refused.
#[must_use]
pub fn price_lines(set: &TariffSet, text: &[u8], threads: usize) -> Outputs {
    let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
    let lines = match lines.split_last() {
        Some(([], rest)) => rest,
        _ => &lines,
    };
    let by_id = tariffs_by_id(set);
    let mut outputs = Outputs::with_rows(lines.len(), true);
    let work = Mutex::new(super::batch::chunks(&mut outputs, CHUNK).enumerate());
    in_threads(threads, || {
        loop {
            let next = work.lock().ok().and_then(|mut work| work.next());
            let Some((number, mut chunk)) = next else { break };
            for index in 0..chunk.len() {
                let line = lines[number * CHUNK + index];
                let row = price_line(set, &by_id, line).unwrap_or_else(interpret::refused);
                chunk.put(index, &row);
            }
        }
    });
    drop(work);
    outputs
}

fn tariffs_by_id(set: &TariffSet) -> HashMap<String, Vec<usize>> {
    let mut by_id: HashMap<String, Vec<usize>> = HashMap::new();
    for (position, entry) in set.entries.iter().enumerate() {
        by_id.entry(entry.tariff.id.to_ascii_lowercase()).or_default().push(position);
    }
    by_id
}

fn price_line(
    set: &TariffSet,
    by_id: &HashMap<String, Vec<usize>>,
    line: &[u8],
) -> Result<Row, Refusal> {
    let document = read_session(line).map_err(|error| error.refusal)?.value;
    let session = document.session;
    let position = position_of(set, by_id, &session)?;
    let entry = &set.entries[position];
    if let Some(row) = through_table(set, position, &session) {
        return Ok(row);
    }
    let tariffs: &[Tariff] = std::slice::from_ref(&entry.tariff);
    let mut report = price(&session, tariffs, &entry.context).map_err(|error| error.refusal)?;
    with_declared(&session, &mut report)?;
    interpret::from_report(&report)
}

/// The row by its tariff's table, where everything in the session is whole in the units of columns.
fn through_table(set: &TariffSet, position: usize, session: &Session) -> Option<Row> {
    let other = |period: &Period| {
        let named = period.tariff_id.as_deref().unwrap_or("");
        !named.eq_ignore_ascii_case(&set.entries[position].tariff.id)
    };
    let tagged = session.periods.iter().any(|period| period.tariff_id.is_some());
    let reserved = session.periods.iter().any(|period| period.reservation_time.is_some());
    if session.credit || reserved || tagged && session.periods.iter().any(other) {
        return None;
    }
    let start = session.start.ms();
    let whole = |volume: Option<Quantity>, decimals: u32| {
        let raw = volume.unwrap_or_default().raw();
        let unit = ten_to(Quantity::SCALE - decimals);
        (raw % unit == 0).then(|| i64::try_from(raw / unit).ok())?
    };
    let mut columns: [Vec<i64>; 4] = Default::default();
    for period in &session.periods {
        columns[0].push(period.start.ms() - start);
        columns[1].push(whole(period.energy, 1)?);
        columns[2].push(whole(period.time, 3)?);
        columns[3].push(whole(period.parking_time, 3)?);
    }
    let e4 = |side: Option<Decimal>| {
        let atto = side.map_or(0, Decimal::atto);
        let unit = ten_to(14);
        let whole = (atto % unit == 0).then(|| i64::try_from(atto / unit).ok())?;
        Some(if side.is_some() { whole? } else { i64::MIN })
    };
    let declared = session.declared.total_cost.clone().unwrap_or_default();
    let mut currency = [0; 3];
    currency.copy_from_slice(session.currency?.code().as_bytes());
    let rows = Rows {
        tariff: &[u32::try_from(position).ok()?],
        start_ms: &[start],
        end_ms: Some(&[session.end.map_or(i64::MIN, Instant::ms)]),
        declared_before: Some(&[e4(declared.before)?]),
        declared_after: Some(&[e4(declared.after)?]),
        currency: Some(&[currency]),
        invalid: None,
        offsets: Offsets::I64(&[0, i64::try_from(session.periods.len()).ok()?]),
        periods: Periods {
            offset_ms: Ints::I64(&columns[0]),
            energy: Ints::I64(&columns[1]),
            time_ms: Ints::I64(&columns[2]),
            parking_ms: Ints::I64(&columns[3]),
            reservation_ms: None,
            power: None,
            current: None,
        },
    };
    table_row(set, &rows, 0)
}

/// The position of the tariff that a session names in its periods, among several of one id of one
/// that is valid at its start.
fn position_of(
    set: &TariffSet,
    by_id: &HashMap<String, Vec<usize>>,
    session: &Session,
) -> Result<usize, Refusal> {
    let valid = |position: &usize| set.entries[*position].tariff.is_valid_at(session.start);
    let Some(id) = session.periods.iter().find_map(|period| period.tariff_id.as_deref()) else {
        return match set.entries.len() {
            0 => Err(Refusal::NoTariff),
            1 => Ok(0),
            count => (0..count).find(valid).ok_or(Refusal::NoValidTariff),
        };
    };
    let named = by_id.get(&id.to_ascii_lowercase()).ok_or(Refusal::UnknownTariffId)?;
    let found = named.iter().copied().find(valid);
    found.or(named.first().copied()).ok_or(Refusal::UnknownTariffId)
}
