//! Arguments from Python. Only these raise; documents never do.

use std::collections::BTreeMap;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use tariff_core::policy::Policy;
use tariff_core::price::{Context, Reservation};
use tariff_core::timeline::Zone;

/// A document given as `str` or `bytes`.
pub struct Document(Vec<u8>);

impl Document {
    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for Document {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Document> {
        if let Ok(text) = object.cast::<PyString>() {
            return Ok(Document(text.to_str()?.as_bytes().to_vec()));
        }
        if let Ok(bytes) = object.cast::<PyBytes>() {
            return Ok(Document(bytes.as_bytes().to_vec()));
        }
        Err(PyTypeError::new_err("Expected str or bytes of JSON"))
    }
}

/// The policies by name; the rest keep their defaults.
pub type PolicyArgument = BTreeMap<String, String>;

/// What the caller decides about pricing.
pub fn context(
    time_zone: Option<&str>,
    policy: Option<&PolicyArgument>,
    reservation: &str,
) -> PyResult<Context> {
    let mut chosen = Policy::default();
    for (name, value) in policy.into_iter().flatten() {
        chosen.set(name, value).map_err(|problem| PyValueError::new_err(problem.to_string()))?;
    }
    Ok(Context { zone: zone(time_zone)?, policy: chosen, reservation: reserved(reservation)? })
}

fn zone(name: Option<&str>) -> PyResult<Option<std::sync::Arc<Zone>>> {
    let Some(name) = name else { return Ok(None) };
    let unknown = || PyValueError::new_err(format!("There is no time zone {name:?}"));
    Zone::get(name).map(Some).ok_or_else(unknown)
}

fn reserved(name: &str) -> PyResult<Reservation> {
    match name {
        "auto" => Ok(Reservation::Auto),
        "used" => Ok(Reservation::Used),
        "expired" => Ok(Reservation::Expired),
        _ => Err(PyValueError::new_err(format!(
            "Expected reservation auto, used or expired, found {name:?}"
        ))),
    }
}
