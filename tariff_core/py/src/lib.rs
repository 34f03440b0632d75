//! The Python module: convert, leave the interpreter lock, call the core, convert.

mod arguments;
mod capsule;
mod columns;
mod documents;
mod memory;
mod table;

use pyo3::prelude::*;

#[pymodule]
mod _native {
    #[pymodule_export]
    use super::capsule::ArrowStream;
    #[pymodule_export]
    use super::columns::{TariffSet, compile, finding_bits, status_codes};
    #[pymodule_export]
    use super::documents::{cut, estimate, explain, fit, lint, policies, price};
}
