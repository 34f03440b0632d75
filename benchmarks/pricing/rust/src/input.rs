//! Columns as the Python side wrote them: little-endian integers, a file each.

use std::io;
use std::path::Path;

/// Sessions in columns.
pub struct Sessions {
    pub tariff: Vec<u32>,
    pub start: Vec<i64>,
    pub end: Vec<i64>,
    pub offsets: Vec<i64>,
    pub offset_ms: Vec<u32>,
    pub energy: Vec<i32>,
    pub time_ms: Vec<u32>,
    pub parking_ms: Vec<u32>,
}

impl Sessions {
    pub fn read(folder: &Path) -> io::Result<Sessions> {
        let path = |name: &str| folder.join(name);
        Ok(Sessions {
            tariff: ints(&path("tariff"), u32::from_le_bytes)?,
            start: ints(&path("start"), i64::from_le_bytes)?,
            end: ints(&path("end"), i64::from_le_bytes)?,
            offsets: ints(&path("offsets"), i64::from_le_bytes)?,
            offset_ms: ints(&path("offset_ms"), u32::from_le_bytes)?,
            energy: ints(&path("energy_e4"), i32::from_le_bytes)?,
            time_ms: ints(&path("time_ms"), u32::from_le_bytes)?,
            parking_ms: ints(&path("parking_ms"), u32::from_le_bytes)?,
        })
    }
}

fn ints<const N: usize, T>(path: &Path, of: fn([u8; N]) -> T) -> io::Result<Vec<T>> {
    let bytes = std::fs::read(path)?;
    Ok(bytes
        .as_chunks::<N>()
        .0
        .iter()
        .map(|chunk| of(*chunk))
        .collect())
}
