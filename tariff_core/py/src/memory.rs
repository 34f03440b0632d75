//! The memory of answers that nobody holds any more, kept for the next batch: to get it from the
//! operating system anew, page by page, takes up to half of the time of pricing it.

use std::ptr::NonNull;
use std::sync::{Arc, Mutex};

use arrow_buffer::Buffer;

/// Columns of this type to be used again.
pub struct Kept<T: 'static>(Mutex<Vec<Vec<T>>>);

/// Columns of money and quantities.
pub static INTS: Kept<i64> = Kept(Mutex::new(Vec::new()));
/// Columns of findings.
pub static BITS: Kept<u64> = Kept(Mutex::new(Vec::new()));

/// No more than this is kept of a type, what was given back last.
const MOST_BYTES: usize = 64 << 20;

/// Columns of less are as quickly made anew.
const LEAST_BYTES: usize = 256 << 10;

impl<T: Copy + Default + Send + Sync + std::panic::RefUnwindSafe> Kept<T> {
    /// A column of so many values, whatever they are.
    pub fn take(&self, rows: usize) -> Vec<T> {
        let found = self.0.lock().ok().and_then(|mut columns| {
            let fits = |column: &Vec<T>| (rows..=rows * 2).contains(&column.capacity());
            let position = columns.iter().position(fits)?;
            Some(columns.swap_remove(position))
        });
        match found {
            Some(mut column) => {
                column.resize(rows, T::default());
                column
            }
            None => vec![T::default(); rows],
        }
    }

    /// The column as a buffer; when nobody holds that any more, its memory is kept.
    pub fn lend(&'static self, column: Vec<T>) -> Buffer {
        let bytes = size_of_val(column.as_slice());
        let start = NonNull::from(column.as_slice()).cast();
        let owner = Arc::new(Lent { column, kept: self });
        // SAFETY: the owner holds the column, whose values stay where they are and as they are until
        // the buffer lets go of it.
        unsafe { Buffer::from_custom_allocation(start, bytes, owner) }
    }
}

/// A column in use.
struct Lent<T: Send + 'static> {
    column: Vec<T>,
    kept: &'static Kept<T>,
}

impl<T: Send> Drop for Lent<T> {
    fn drop(&mut self) {
        let bytes = |column: &Vec<T>| column.capacity() * size_of::<T>();
        let own = bytes(&self.column);
        if !(LEAST_BYTES..=MOST_BYTES).contains(&own) {
            return;
        }
        let Ok(mut columns) = self.kept.0.lock() else { return };
        while columns.iter().map(bytes).sum::<usize>() + own > MOST_BYTES {
            columns.remove(0);
        }
        columns.push(std::mem::take(&mut self.column));
    }
}
