//! JSON text through `tariff-core`.

use std::path::Path;

use tariff_core::columns::price_lines;
use tariff_core::price::Context;
use tariff_core::text::price_json;
use tariff_core::timeline::Zone;

use crate::Figures;
use crate::clock::best;
use crate::columns::compile;

const RUNS: u32 = 5;

/// Sessions as JSON lines, and the first of them with every reason.
pub fn measure(folder: &Path) -> Result<Figures, Box<dyn std::error::Error>> {
    let lines = std::fs::read(folder.join("lines"))?;
    let set = compile(&folder.join("tariffs.json"))?;
    let count = lines.split(|byte| *byte == b'\n').count();
    let priced = best(RUNS, || {
        let outputs = price_lines(&set, &lines, 1);
        assert!(outputs.status.iter().all(|status| *status == 0));
    });
    let cdr = std::fs::read(folder.join("cdr.json"))?;
    let tariff = std::fs::read(folder.join("tariff.json"))?;
    let context = Context {
        zone: Zone::get("Europe/Amsterdam"),
        ..Context::default()
    };
    let explained = best(RUNS, || {
        for _ in 0..EXPLAINED {
            assert!(!price_json(&cdr, Some(&tariff), &context, true).is_empty());
        }
    });
    Ok(vec![
        ("lines_ns".to_owned(), priced as f64 / count as f64),
        (
            "explain_ns".to_owned(),
            explained as f64 / f64::from(EXPLAINED),
        ),
    ])
}

const EXPLAINED: u32 = 1_000;
