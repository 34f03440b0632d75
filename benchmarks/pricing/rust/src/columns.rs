//! The columns of `tariff-core`.

use std::path::Path;

use tariff_core::columns::{Ints, Key, Offsets, Periods, Rows, TariffSet, aggregate, price};
use tariff_core::document::read_each_tariff;
use tariff_core::policy::Policy;
use tariff_core::timeline::Zone;

use crate::clock::best;
use crate::input::Sessions;
use crate::{Figures, each};

const RUNS: u32 = 7;

pub fn measure(kind: &str, folder: &Path) -> Result<Figures, Box<dyn std::error::Error>> {
    let sessions = Sessions::read(folder)?;
    let set = compile(&folder.join("tariffs.json"))?;
    let rows = rows(&sessions);
    let priced = best(RUNS, || {
        let outputs = price(&set, &rows, 1, false).expect("the columns fit together");
        assert_eq!(
            outputs.status.iter().filter(|status| **status != 0).count(),
            0
        );
    });
    let grouped = best(RUNS, || {
        aggregate(&set, &rows, &[Key::Day], 1).expect("the columns fit together");
    });
    Ok(vec![
        (format!("{kind}_price_ns"), each(priced, rows.len())),
        (format!("{kind}_aggregate_ns"), each(grouped, rows.len())),
    ])
}

/// The tariffs of a file, all in one zone.
pub fn compile(path: &Path) -> Result<TariffSet, Box<dyn std::error::Error>> {
    let text = std::fs::read(path)?;
    let read = read_each_tariff(&text).map_err(|error| error.to_string())?;
    let tariffs: Vec<_> = read
        .value
        .into_iter()
        .map(|tariff| tariff.map_err(|error| error.refusal))
        .collect();
    let zones = vec![Zone::get("Europe/Amsterdam"); tariffs.len()];
    Ok(TariffSet::compile(tariffs, zones, Policy::default())?)
}

fn rows(sessions: &Sessions) -> Rows<'_> {
    Rows {
        tariff: &sessions.tariff,
        start_ms: &sessions.start,
        end_ms: Some(&sessions.end),
        declared_before: None,
        declared_after: None,
        currency: None,
        invalid: None,
        offsets: Offsets::I64(&sessions.offsets),
        periods: Periods {
            offset_ms: Ints::U32(&sessions.offset_ms),
            energy: Ints::I32(&sessions.energy),
            time_ms: Ints::U32(&sessions.time_ms),
            parking_ms: Ints::U32(&sessions.parking_ms),
            reservation_ms: None,
            power: None,
            current: None,
        },
    }
}
