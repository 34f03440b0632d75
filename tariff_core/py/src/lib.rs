//! The Python module: convert, leave the interpreter lock, call the core, convert.

mod arguments;
mod documents;

use pyo3::prelude::*;

#[pymodule]
mod _native {
    #[pymodule_export]
    use super::documents::{cut, estimate, lint, price};
}
