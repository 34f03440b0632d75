//! Functions on JSON documents.

use pyo3::prelude::*;
use tariff_core::text;

use crate::arguments::{Document, PolicyArgument, context};

/// Price a CDR or Session; the answer is a JSON report.
#[pyfunction]
#[pyo3(signature = (cdr, tariffs=None, *, time_zone=None, policy=None, reservation="auto", explain=false))]
#[allow(clippy::needless_pass_by_value)]
pub fn price(
    py: Python<'_>,
    cdr: Document,
    tariffs: Option<Document>,
    time_zone: Option<&str>,
    policy: Option<PolicyArgument>,
    reservation: &str,
    explain: bool,
) -> PyResult<String> {
    let context = context(time_zone, policy.as_ref(), reservation)?;
    let tariffs = tariffs.as_ref().map(Document::bytes);
    Ok(py.detach(|| text::price_json(cdr.bytes(), tariffs, &context, explain)))
}

/// Check tariffs; the answer is a JSON list of findings.
#[pyfunction]
#[allow(clippy::needless_pass_by_value)]
pub fn lint(py: Python<'_>, tariff: Document) -> String {
    py.detach(|| text::lint_json(tariff.bytes()))
}

/// Cut a profile of meter readings into priced charging periods; the answer is JSON.
#[pyfunction]
#[pyo3(signature = (profile, tariffs, *, time_zone=None, policy=None))]
#[allow(clippy::needless_pass_by_value)]
pub fn cut(
    py: Python<'_>,
    profile: Document,
    tariffs: Document,
    time_zone: Option<&str>,
    policy: Option<PolicyArgument>,
) -> PyResult<String> {
    let context = context(time_zone, policy.as_ref(), "auto")?;
    Ok(py.detach(|| text::cut_json(profile.bytes(), tariffs.bytes(), &context)))
}

/// Make priced charging periods from a plan; the answer is JSON.
#[pyfunction]
#[pyo3(signature = (profile, tariffs, *, time_zone=None, policy=None))]
pub fn estimate(
    py: Python<'_>,
    profile: Document,
    tariffs: Document,
    time_zone: Option<&str>,
    policy: Option<PolicyArgument>,
) -> PyResult<String> {
    cut(py, profile, tariffs, time_zone, policy)
}
