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

/// Find the policies that reproduce the declared totals of one CDR or of a list; the answer is JSON.
#[pyfunction]
#[pyo3(signature = (cdrs, tariffs=None, *, time_zone=None, policy=None, reservation="auto"))]
#[allow(clippy::needless_pass_by_value)]
pub fn fit(
    py: Python<'_>,
    cdrs: Document,
    tariffs: Option<Document>,
    time_zone: Option<&str>,
    policy: Option<PolicyArgument>,
    reservation: &str,
) -> PyResult<String> {
    let context = context(time_zone, policy.as_ref(), reservation)?;
    let tariffs = tariffs.as_ref().map(Document::bytes);
    Ok(py.detach(|| text::fit_json(cdrs.bytes(), tariffs, &context)))
}

/// Every policy with its question, default and values; the answer is JSON.
#[pyfunction]
pub fn policies() -> String {
    text::policies_json()
}

/// Price a CDR or Session and explain the price as text for people.
#[pyfunction]
#[pyo3(signature = (cdr, tariffs=None, *, time_zone=None, policy=None, reservation="auto"))]
#[allow(clippy::needless_pass_by_value)]
pub fn explain(
    py: Python<'_>,
    cdr: Document,
    tariffs: Option<Document>,
    time_zone: Option<&str>,
    policy: Option<PolicyArgument>,
    reservation: &str,
) -> PyResult<String> {
    let context = context(time_zone, policy.as_ref(), reservation)?;
    let tariffs = tariffs.as_ref().map(Document::bytes);
    let explained = py.detach(|| text::explain_text(cdr.bytes(), tariffs, &context));
    Ok(explained.unwrap_or_else(|error| format!("Refused ({}): {error}\n", error.refusal.code())))
}
