//! The engine on JSON text: documents in, reports out. Whatever the bytes are, the answer is a
//! report or an error report, never a failure.

use crate::compare;
use crate::document::{
    read_each_session, read_each_tariff_strictly, read_profile, read_session, read_tariffs,
};
use crate::error::Error;
use crate::explain;
use crate::finding::{Code, Finding};
use crate::fit::fit;
use crate::generate::{Generated, cut};
use crate::hours;
use crate::lint::lint;
use crate::output::{
    FittedCdr, ObjectWriter, error_json, findings_json, generated_error_json, generated_json,
    report_json, write_fits, write_list,
};
use crate::policy::Policy;
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
        hours::note_what_decimals_change(&session, &tariffs, context, &mut report)?;
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

/// Price a document and explain the price as text for people.
///
/// # Errors
/// The error as a sentence.
pub fn explain_text(
    cdr: &[u8],
    tariffs: Option<&[u8]>,
    context: &Context,
) -> Result<String, Error> {
    let priced = price_documents(cdr, tariffs, context).map_err(|(error, _)| error)?;
    Ok(explain::explain_text(&priced.report, &priced.session, &priced.tariffs))
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
    findings_json(&lint_documents(tariffs))
}

/// What is odd about tariff documents and about the tariffs in them.
#[must_use]
pub fn lint_documents(tariffs: &[u8]) -> Vec<Finding> {
    let unreadable = |error: Error| Finding::new(Code::InvalidDocument, error.path, error.message);
    let read = match read_each_tariff_strictly(tariffs) {
        Ok(read) => read,
        Err(error) => return vec![unreadable(error)],
    };
    let mut findings = read.findings;
    let is_list = read.value.len() > 1 || starts_a_list(tariffs);
    for (index, tariff) in read.value.into_iter().enumerate() {
        let path = if is_list { format!("$[{index}]") } else { "$".to_owned() };
        match tariff {
            Ok(tariff) => findings.extend(lint(&tariff, &path)),
            Err(error) => findings.push(unreadable(error)),
        }
    }
    findings
}

/// Whether a document is a bare list, whose tariffs have paths like `$[0]`.
fn starts_a_list(text: &[u8]) -> bool {
    text.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[')
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

/// Which policies reproduce the totals of each of many CDRs, together and by partner.
///
/// `cdrs` is one CDR or a list of them. The answer has an entry for each CDR and, for each party,
/// how many of its CDRs each combination reproduces.
#[must_use]
pub fn fit_json(cdrs: &[u8], tariffs: Option<&[u8]>, context: &Context) -> String {
    let mut out = String::new();
    let fits = match fit_documents(cdrs, tariffs, context) {
        Ok(fits) => fits,
        Err(error) => return generated_error_json(&error, &context.policy, &[]),
    };
    write_fits(&mut out, &fits);
    out
}

/// Fit each of the CDRs in a document.
///
/// # Errors
/// When the document is not JSON or the tariffs cannot be read.
pub fn fit_documents(
    cdrs: &[u8],
    tariffs: Option<&[u8]>,
    context: &Context,
) -> Result<Vec<FittedCdr>, Error> {
    let given = match tariffs {
        None => None,
        Some(text) => Some(read_tariffs(text).map_err(in_tariffs)?.value),
    };
    let documents = read_each_session(cdrs)?;
    let fitted = documents.into_iter().map(|document| match document {
        Err(error) => FittedCdr { id: String::new(), party: String::new(), fit: Err(error) },
        Ok(document) => {
            let tariffs = given.as_deref().unwrap_or(&document.tariffs);
            FittedCdr {
                id: document.session.id.clone(),
                party: document.session.party.clone().unwrap_or_default(),
                fit: Ok(fit(&document.session, tariffs, context)),
            }
        }
    });
    Ok(fitted.collect())
}

/// The table of policies as a JSON list.
#[must_use]
pub fn policies_json() -> String {
    let mut out = String::new();
    write_list(&mut out, Policy::TABLE, |out, row| {
        let mut object = ObjectWriter::new(out);
        object.text("name", row.name);
        object.text("question", row.question);
        object.text("default", row.default);
        object.list("values", row.values, |out, (name, meaning)| {
            let mut value = ObjectWriter::new(out);
            value.text("name", name);
            value.text("meaning", meaning);
            value.end();
        });
        object.end();
    });
    out
}
