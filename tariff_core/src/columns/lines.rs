//! CDRs as JSON lines, priced without a report for each.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::columns::batch::{Outputs, in_threads};
use crate::columns::compile::{Entry, TariffSet};
use crate::columns::{Row, interpret};
use crate::compare::with_declared;
use crate::document::read_session;
use crate::error::Refusal;
use crate::price::price;
use crate::session::Session;
use crate::tariff::Tariff;

/// Lines that are handed to a thread at a time.
const CHUNK: usize = 256;

/// Price one CDR per line on `threads` threads, each as a single document would be.
///
/// A line takes the tariff of the set that its periods name, or else the only tariff of its own
/// party that was valid; empty lines keep their place and are refused.
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

fn tariffs_by_id(set: &TariffSet) -> HashMap<String, Vec<&Entry>> {
    let mut by_id: HashMap<String, Vec<&Entry>> = HashMap::new();
    for entry in &set.entries {
        by_id.entry(entry.tariff.id.to_ascii_lowercase()).or_default().push(entry);
    }
    by_id
}

fn price_line(
    set: &TariffSet,
    by_id: &HashMap<String, Vec<&Entry>>,
    line: &[u8],
) -> Result<Row, Refusal> {
    let document = read_session(line).map_err(|error| error.refusal)?.value;
    let session = document.session;
    let entry = entry_of(set, by_id, &session)?;
    let tariffs: &[Tariff] = std::slice::from_ref(&entry.tariff);
    let mut report = price(&session, tariffs, &entry.context).map_err(|error| error.refusal)?;
    with_declared(&session, &mut report)?;
    interpret::from_report(&report)
}

/// The tariff that a session names in its periods, among several of one id that valid at its start.
fn entry_of<'s>(
    set: &'s TariffSet,
    by_id: &HashMap<String, Vec<&'s Entry>>,
    session: &Session,
) -> Result<&'s Entry, Refusal> {
    let valid = |entry: &&&Entry| entry.tariff.is_valid_at(session.start);
    let Some(id) = session.periods.iter().find_map(|period| period.tariff_id.as_deref()) else {
        return match set.entries.as_slice() {
            [] => Err(Refusal::NoTariff),
            [only] => Ok(only),
            several => several
                .iter()
                .find(|entry| entry.tariff.is_valid_at(session.start))
                .ok_or(Refusal::NoValidTariff),
        };
    };
    let named = by_id.get(&id.to_ascii_lowercase()).ok_or(Refusal::UnknownTariffId)?;
    named.iter().find(valid).or(named.first()).copied().ok_or(Refusal::UnknownTariffId)
}
