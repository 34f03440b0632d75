//! What the programs of the peers share.

#[path = "../rust/src/clock.rs"]
mod clock;

/// Before and after taxes, in 10^-4; nothing where a document is not priced.
pub type Total = Option<(i128, i128)>;

const RUNS: u32 = 5;

/// Price each line of the file given, and print the CPU nanoseconds each takes and then the totals.
pub fn run(price: impl Fn(&str) -> Total) -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args()
        .nth(1)
        .ok_or("Expected the file with the documents")?;
    let text = std::fs::read_to_string(path)?;
    let documents: Vec<&str> = text.lines().collect();
    let mut totals = Vec::new();
    let ns = clock::best(RUNS, || {
        totals = documents.iter().map(|document| price(document)).collect();
    });
    println!("{:.2}", ns as f64 / documents.len() as f64);
    for total in totals {
        match total {
            Some((before, after)) => println!("{before} {after}"),
            None => println!("-"),
        }
    }
    Ok(())
}

/// A decimal number of at most four decimals, in 10^-4.
pub fn e4(text: &str) -> Option<i128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{fraction:0<4}").parse().ok()
}
