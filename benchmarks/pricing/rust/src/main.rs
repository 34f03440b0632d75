//! `pricing-benchmark FOLDER`: CPU time per session for the files that `benchmarks.pricing` wrote.
//!
//! Prints one JSON object of nanoseconds per session.

mod clock;
mod columns;
mod documents;
mod input;

use std::path::Path;

/// Names and values.
type Figures = Vec<(String, f64)>;

/// Nanoseconds for each of so many.
fn each(ns: u64, count: usize) -> f64 {
    ns as f64 / count as f64
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args()
        .nth(1)
        .ok_or("Expected the folder with the input")?;
    let folder = Path::new(&folder);
    let mut figures = Figures::new();
    for kind in ["general", "plain"] {
        figures.extend(columns::measure(kind, &folder.join(kind))?);
    }
    let general = folder.join("general");
    figures.extend(documents::measure(&general)?);
    figures.extend(documents::measure_with_tariffs(&general)?);
    let fields: Vec<String> = figures
        .iter()
        .map(|(name, value)| format!("\"{name}\": {value:.2}"))
        .collect();
    println!("{{{}}}", fields.join(", "));
    Ok(())
}
