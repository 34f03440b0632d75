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

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args()
        .nth(1)
        .ok_or("Expected the folder with the input")?;
    let folder = Path::new(&folder);
    let mut figures = Figures::new();
    for kind in ["general", "plain"] {
        figures.extend(columns::measure(kind, &folder.join(kind))?);
    }
    figures.extend(documents::measure(&folder.join("general"))?);
    let fields: Vec<String> = figures
        .iter()
        .map(|(name, value)| format!("\"{name}\": {value:.2}"))
        .collect();
    println!("{{{}}}", fields.join(", "));
    Ok(())
}
