//! JSON text through `tariff-core`.

use std::path::Path;

use tariff_core::columns::price_lines;
use tariff_core::price::Context;
use tariff_core::text::{price_documents, price_json};
use tariff_core::timeline::Zone;

use crate::clock::best;
use crate::columns::compile;
use crate::{Figures, each};

const RUNS: u32 = 5;
const EXPLAINED: u32 = 1_000;

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
    let context = context();
    let explained = best(RUNS, || {
        for _ in 0..EXPLAINED {
            assert!(!price_json(&cdr, Some(&tariff), &context, true).is_empty());
        }
    });
    Ok(vec![
        ("lines_ns".to_owned(), each(priced, count)),
        ("explain_ns".to_owned(), each(explained, EXPLAINED as usize)),
    ])
}

/// CDRs that carry their tariff, each to a report of its own and all of them to rows.
pub fn measure_with_tariffs(folder: &Path) -> Result<Figures, Box<dyn std::error::Error>> {
    let text = std::fs::read_to_string(folder.join("documents"))?;
    let documents: Vec<&str> = text.lines().collect();
    let set = compile(&folder.join("tariffs.json"))?;
    let context = context();
    let reports = best(RUNS, || {
        for document in &documents {
            assert!(price_documents(document.as_bytes(), None, &context).is_ok());
        }
    });
    let rows = best(RUNS, || {
        let outputs = price_lines(&set, text.as_bytes(), 1);
        assert!(outputs.status.iter().all(|status| *status == 0));
    });
    Ok(vec![
        ("reports_ns".to_owned(), each(reports, documents.len())),
        ("rows_ns".to_owned(), each(rows, documents.len())),
    ])
}

fn context() -> Context {
    Context {
        zone: Zone::get("Europe/Amsterdam"),
        ..Context::default()
    }
}
