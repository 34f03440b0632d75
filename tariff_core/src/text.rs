//! The engine on JSON text: documents in, reports out. Whatever the bytes are, the answer is a
//! report or an error report, never a failure.

use crate::compare;
use crate::document::{read_profile, read_session, read_tariffs};
use crate::error::Error;
use crate::finding::{Code, Finding};
use crate::generate::{Generated, cut};
use crate::output::{
    error_json, findings_json, generated_error_json, generated_json, report_json,
};
use crate::price::{Context, price};
use crate::report::Report;
use crate::session::Session;
use crate::tariff::Tariff;

/// A priced document with what was read from it.
#[derive(Debug)]
pub struct Priced {
    /// The session.
    pub session: Session,
    /// The tariffs it was priced with.
    pub tariffs: Vec<Tariff>,
    /// The report.
    pub report: Report,
}

/// Price a CDR or Session document; without `tariffs`, with those inside the CDR.
///
/// # Errors
/// The error and the findings up to it.
pub fn price_documents(
    cdr: &[u8],
    tariffs: Option<&[u8]>,
    context: &Context,
) -> Result<Priced, (Error, Vec<Finding>)> {
    let mut findings = Vec::new();
    let mut read_and_price = || -> Result<Priced, Error> {
        let document = read_session(cdr)?;
        findings.extend(document.findings);
        let session = document.value.session;
        let tariffs = match tariffs {
            None => document.value.tariffs,
            Some(text) => {
                let list = read_tariffs(text).map_err(in_tariffs)?;
                findings.extend(list.findings.into_iter().map(located_in_tariffs));
                list.value
            }
        };
        let mut report = price(&session, &tariffs, context)?;
        compare::with_declared(&session, &mut report)?;
        Ok(Priced { session, tariffs, report })
    };
    match read_and_price() {
        Ok(mut priced) => {
            priced.report.findings.splice(0..0, findings);
            Ok(priced)
        }
        Err(error) => Err((error, findings)),
    }
}

/// Price a document and write the report as JSON.
#[must_use]
pub fn price_json(cdr: &[u8], tariffs: Option<&[u8]>, context: &Context, explain: bool) -> String {
    match price_documents(cdr, tariffs, context) {
        Ok(priced) => report_json(&priced.report, explain.then_some(&priced.tariffs)),
        Err((error, findings)) => error_json(&error, &context.policy, &findings),
    }
}

fn in_tariffs(mut error: Error) -> Error {
    error.path = tariff_path(&error.path);
    error
}

fn located_in_tariffs(mut finding: Finding) -> Finding {
    finding.path = tariff_path(&finding.path);
    finding
}

/// A path inside a tariffs document, told apart from one inside the CDR.
fn tariff_path(path: &str) -> String {
    path.strip_prefix('$').map_or_else(|| path.to_owned(), |rest| format!("tariffs{rest}"))
}

/// Check tariffs and write the findings as a JSON list; what cannot be read is a finding too.
#[must_use]
pub fn lint_json(tariffs: &[u8]) -> String {
    let findings = match read_tariffs(tariffs) {
        Ok(read) => read.findings,
        Err(error) => vec![Finding::new(Code::InvalidDocument, error.path, error.message)],
    };
    findings_json(&findings)
}

/// Cut a profile into charging periods, or make them from a plan, and write them with their price
/// as JSON.
#[must_use]
pub fn cut_json(profile: &[u8], tariffs: &[u8], context: &Context) -> String {
    let mut findings = Vec::new();
    let mut read_and_cut = || -> Result<Generated, Error> {
        let profile = read_profile(profile)?;
        // A profile is our own format, in which numbers may be strings.
        let as_text = |finding: &Finding| finding.code == Code::NumberAsText;
        findings.extend(profile.findings.into_iter().filter(|finding| !as_text(finding)));
        let tariffs = read_tariffs(tariffs).map_err(in_tariffs)?;
        findings.extend(tariffs.findings.into_iter().map(located_in_tariffs));
        cut(&profile.value, &tariffs.value, context)
    };
    match read_and_cut() {
        Ok(mut generated) => {
            generated.report.findings.splice(0..0, findings);
            generated_json(&generated)
        }
        Err(error) => generated_error_json(&error, &context.policy, &findings),
    }
}
