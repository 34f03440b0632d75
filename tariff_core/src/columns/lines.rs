//! CDRs as JSON lines, priced without a report for each.

use std::collections::HashMap;
use std::io::BufRead as _;

use crate::choice;
use crate::columns::batch::{Outputs, fill, table_row};
use crate::columns::compile::{Hot, Plan, TariffSet};
use crate::columns::rows::{Ints, Offsets, Periods, Rows};
use crate::columns::{Row, interpret};
use crate::compare::with_declared;
use crate::document::{json, read_session_in, uppercase};
use crate::error::Refusal;
use crate::policy::UntaggedPeriods;
use crate::price::{Context, price};
use crate::session::{Period, Session};
use crate::tariff::Tariff;
use crate::units::{Decimal, Instant, Quantity, whole_tens};

/// Lines that are handed to a thread at a time.
const CHUNK: usize = 256;

/// Price one CDR per line on `threads` threads, each as a single document would be.
///
/// Its tariffs are those of the set that its periods name, or else the one that was valid at its start;
/// empty lines keep their place and are refused.
#[must_use]
pub fn price_lines(set: &TariffSet, text: &[u8], threads: usize) -> Outputs {
    let lines = lines_of(text);
    let by_id = tariffs_by_id(set);
    let mut outputs = Outputs::with_rows(lines.len(), true);
    fill(&mut outputs, CHUNK, threads, json::Document::empty, |json, first, chunk| {
        for at in 0..chunk.len() {
            let row = price_line(set, &by_id, json, lines[first + at]);
            chunk.put(at, &row.unwrap_or_else(interpret::refused));
        }
    });
    outputs
}

/// The lines of a text, without their ends.
fn lines_of(text: &[u8]) -> Vec<&[u8]> {
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let from = rest;
        // Reading from memory cannot fail, and finds the end of a line many bytes at a time.
        let length = rest.skip_until(b'\n').unwrap_or(from.len());
        let line = &from[..length];
        lines.push(line.strip_suffix(b"\n").unwrap_or(line));
    }
    lines
}

fn tariffs_by_id(set: &TariffSet) -> HashMap<String, Vec<usize>> {
    let mut by_id: HashMap<String, Vec<usize>> = HashMap::new();
    for (position, entry) in set.entries.iter().enumerate() {
        by_id.entry(entry.tariff.id.to_ascii_uppercase()).or_default().push(position);
    }
    by_id
}

fn price_line<'t>(
    set: &TariffSet,
    by_id: &HashMap<String, Vec<usize>>,
    json: &mut json::Document<'t>,
    line: &'t [u8],
) -> Result<Row, Refusal> {
    let session = read_session_in(json, line).map_err(|error| error.refusal)?.session;
    if session.periods.is_empty() {
        return Err(Refusal::NoPeriods);
    }
    let positions = positions_of(set, by_id, &session)?;
    for position in &positions {
        refuse_unreadable(&set.hot[*position])?;
    }
    if let [position] = positions[..]
        && let Some(row) = through_table(set, position, &session)
    {
        return Ok(row);
    }
    let entry = &set.entries[positions[0]];
    let several: Vec<Tariff>;
    let tariffs = if positions.len() == 1 {
        std::slice::from_ref(&entry.tariff)
    } else {
        several = positions.iter().map(|index| set.entries[*index].tariff.clone()).collect();
        &several
    };
    let context = Context { zone: entry.given_zone.clone(), ..entry.context.clone() };
    let mut report = price(&session, tariffs, &context).map_err(|error| error.refusal)?;
    with_declared(&session, &mut report)?;
    interpret::from_report(&report)
}

/// A tariff without currency or zone may still be enough for a session; one that could not be read is
/// not.
fn refuse_unreadable(hot: &Hot) -> Result<(), Refusal> {
    match hot.plan {
        Plan::Refused(Refusal::MissingCurrency | Refusal::MissingTimeZone)
        | Plan::Table(..)
        | Plan::ByRow => Ok(()),
        Plan::Refused(unreadable) => Err(unreadable),
    }
}

/// The row by its tariff's table, where everything in the session is whole in the units of columns.
fn through_table(set: &TariffSet, position: usize, session: &Session) -> Option<Row> {
    let entry = &set.entries[position];
    let tagged = |period: &Period| period.tariff_id.is_some();
    let mixed = session.periods.iter().any(|period| tagged(period) != tagged(&session.periods[0]));
    let reserved = session.periods.iter().any(|period| period.reservation_time.is_some());
    // Without a zone of its own a tariff goes by that of the location, which only the document knows.
    let placed = entry.given_zone.is_some() || !entry.tariff.depends_on_local_time();
    if session.credit || reserved || mixed || !placed {
        return None;
    }
    let start = session.start.ms();
    let whole = |volume: Option<Quantity>, decimals: u32| {
        whole_tens(volume.unwrap_or_default().raw(), Quantity::SCALE - decimals)
    };
    let count = session.periods.len();
    let mut columns: [Vec<i64>; 4] = std::array::from_fn(|_| Vec::with_capacity(count));
    for period in &session.periods {
        columns[0].push(period.start.ms() - start);
        columns[1].push(whole(period.energy, 1)?);
        columns[2].push(whole(period.time, 3)?);
        columns[3].push(whole(period.parking_time, 3)?);
    }
    let e4 =
        |side: Option<Decimal>| side.map_or(Some(i64::MIN), |side| whole_tens(side.atto(), 14));
    let declared = session.declared.total_cost.as_ref();
    let mut currency = [0; 3];
    currency.copy_from_slice(session.currency?.code().as_bytes());
    let rows = Rows {
        tariff: &[u32::try_from(position).ok()?],
        start_ms: &[start],
        end_ms: Some(&[session.end.map_or(i64::MIN, Instant::ms)]),
        declared_before: Some(&[e4(declared.and_then(|price| price.before))?]),
        declared_after: Some(&[e4(declared.and_then(|price| price.after))?]),
        currency: Some(&[currency]),
        invalid: None,
        offsets: Offsets::I64(&[0, i64::try_from(count).ok()?]),
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

/// The positions of the tariffs that price a session, in the order of the set: those that its periods
/// name, among several of one id that which is valid at its start, and where a period names none the one
/// that a document would take.
fn positions_of(
    set: &TariffSet,
    by_id: &HashMap<String, Vec<usize>>,
    session: &Session,
) -> Result<Vec<usize>, Refusal> {
    if set.entries.is_empty() {
        return Err(Refusal::NoTariff);
    }
    let policy = &set.entries[0].context.policy;
    let any_named = session.periods.iter().any(|period| period.tariff_id.is_some());
    let valid = |position: &usize| set.entries[*position].tariff.is_valid_at(session.start);
    let mut positions = Vec::with_capacity(1);
    let mut last = None;
    for period in &session.periods {
        let id = period.tariff_id.as_deref();
        if last == Some(id) {
            continue;
        }
        last = Some(id);
        if let Some(id) = id {
            let named = by_id.get(uppercase(id).as_ref()).ok_or(Refusal::UnknownTariffId)?;
            let found = named.iter().copied().find(valid).or(named.first().copied());
            positions.push(found.ok_or(Refusal::UnknownTariffId)?);
        } else if !any_named || policy.untagged_periods == UntaggedPeriods::DefaultTariff {
            let found = choice::valid_at_start(session, &set.entries, policy, &mut Vec::new());
            positions.push(found.map_err(|error| error.refusal)?);
        }
    }
    positions.sort_unstable();
    positions.dedup();
    Ok(positions)
}
