//! OCPI documents of 2.1.1, 2.2.1 and 2.3.0 into the normal form.
//!
//! Readers are tolerant: what can be understood is used and reported as a finding, what cannot is
//! an error with its JSON path. Nothing is ignored silently.

mod fields;
pub mod json;
mod node;
mod profile;
mod session;
mod tariff;
mod time;
mod v211;
mod v221;
mod v230;

pub(crate) use node::uppercase;
pub use node::{Findings, Path};

use crate::error::{Error, Refusal};
use crate::finding::Finding;
use crate::generate::Profile;
use crate::session::Session;
use crate::tariff::Tariff;
use json::{Value, View};

const ROOT: Path<'static> = Path::Root("$");

/// What was read, and what was odd about it.
#[derive(Debug)]
pub struct Read<T> {
    /// The normal form.
    pub value: T,
    /// What was odd.
    pub findings: Vec<Finding>,
}

/// A CDR or Session and the tariffs that it carries.
#[derive(Debug)]
pub struct SessionDocument {
    /// The session.
    pub session: Session,
    /// The tariffs inside the CDR.
    pub tariffs: Vec<Tariff>,
}

/// Read a CDR or a Session of any version.
///
/// # Errors
/// When the text is not JSON or lacks what pricing needs.
pub fn read_session(text: &[u8]) -> Result<Read<SessionDocument>, Error> {
    let json = parse(text)?;
    let mut findings = Findings::default();
    let document = session::read(json.value(), ROOT, &mut findings)?;
    Ok(Read { value: document, findings: findings.into_list() })
}

/// As [`read_session`] without findings, in the memory that `json` has from reading the text before.
///
/// # Errors
/// As for [`read_session`].
pub(crate) fn read_session_in<'t>(
    json: &mut json::Document<'t>,
    text: &'t [u8],
) -> Result<SessionDocument, Error> {
    parse_in(json, text)?;
    session::read(json.value(), ROOT, &mut Findings::ignored())
}

/// Read one CDR or a list of them, of which some may be unreadable.
///
/// # Errors
/// When the text is not JSON.
pub fn read_each_session(text: &[u8]) -> Result<Vec<Result<SessionDocument, Error>>, Error> {
    let json = parse(text)?;
    let mut findings = Findings::default();
    let value = unwrap_envelope(json.value());
    Ok(match value.view() {
        View::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| session::read(item, Path::Item(&ROOT, index), &mut findings))
            .collect(),
        _ => vec![session::read(value, ROOT, &mut findings)],
    })
}

/// Read one tariff, or a list of them, of any version.
///
/// # Errors
/// When the text is not JSON or a tariff lacks what pricing needs.
pub fn read_tariffs(text: &[u8]) -> Result<Read<Vec<Tariff>>, Error> {
    let json = parse(text)?;
    let mut findings = Findings::default();
    let tariffs = tariff::read_list(json.value(), ROOT, &mut findings)?;
    Ok(Read { value: tariffs, findings: findings.into_list() })
}

/// Read a list of tariffs of which some may be unreadable.
///
/// # Errors
/// When the text is not JSON.
pub fn read_each_tariff(text: &[u8]) -> Result<Read<Vec<Result<Tariff, Error>>>, Error> {
    let json = parse(text)?;
    let mut findings = Findings::default();
    let tariffs = tariff::read_each(json.value(), ROOT, &mut findings);
    Ok(Read { value: tariffs, findings: findings.into_list() })
}

/// As [`read_each_tariff`], also noting fields that OCPI requires and pricing does without.
///
/// # Errors
/// When the text is not JSON.
pub fn read_each_tariff_strictly(text: &[u8]) -> Result<Read<Vec<Result<Tariff, Error>>>, Error> {
    let json = parse(text)?;
    let mut findings = Findings::default();
    let tariffs = tariff::read_each(json.value(), ROOT, &mut findings);
    tariff::note_missing_fields(json.value(), &tariffs, ROOT, &mut findings);
    Ok(Read { value: tariffs, findings: findings.into_list() })
}

/// Read a profile of what was metered, or a plan.
///
/// # Errors
/// When the text is not JSON or does not settle what happens.
pub fn read_profile(text: &[u8]) -> Result<Read<Profile>, Error> {
    let json = parse(text)?;
    let mut findings = Findings::default();
    let profile = profile::read(json.value(), &ROOT, &mut findings)?;
    Ok(Read { value: profile, findings: findings.into_list() })
}

/// Read one JSON value of text in UTF-8.
fn parse(text: &[u8]) -> Result<json::Document<'_>, Error> {
    let mut json = json::Document::empty();
    parse_in(&mut json, text)?;
    Ok(json)
}

fn parse_in<'t>(json: &mut json::Document<'t>, text: &'t [u8]) -> Result<(), Error> {
    let text = std::str::from_utf8(text).map_err(|problem| {
        let message = format!("Byte {} is not UTF-8", problem.valid_up_to());
        Error::new(Refusal::InvalidJson, "$", message)
    })?;
    json.read(text).map_err(|problem| {
        let message = format!("{} at byte {}", problem.message, problem.offset);
        Error::new(Refusal::InvalidJson, "$", message)
    })
}

/// The object inside an OCPI response envelope, or the value itself.
pub(crate) fn unwrap_envelope(value: Value<'_>) -> Value<'_> {
    let View::Object(fields) = value.view() else {
        return value;
    };
    let is_envelope = fields.iter().any(|field| field.0 == "status_code");
    match fields.iter().find(|field| field.0 == "data") {
        Some(data) if is_envelope => data.1,
        _ => value,
    }
}
