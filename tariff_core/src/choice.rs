//! Which tariff prices which period, in which currency and time zone.

use std::sync::Arc;

use crate::country::only_time_zone;
use crate::error::{Error, Refusal};
use crate::finding::{Code, Finding};
use crate::policy::{Policy, TariffChoice, UntaggedPeriods};
use crate::price::Context;
use crate::session::Session;
use crate::tariff::{Currency, Tariff, TariffType};
use crate::timeline::Zone;

/// The tariff of each period, as an index into the tariffs given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    of_period: Vec<Option<usize>>,
}

impl Assignment {
    /// The tariff of a period, with its index; `None` when no tariff was relevant.
    #[must_use]
    pub fn tariff<'t>(&self, period: usize, tariffs: &'t [Tariff]) -> Option<(usize, &'t Tariff)> {
        let index = self.of_period[period]?;
        Some((index, &tariffs[index]))
    }

    /// The tariffs that price at least one period, in the order of the periods.
    #[must_use]
    pub fn used(&self) -> Vec<usize> {
        let mut used = Vec::new();
        for index in self.of_period.iter().flatten() {
            if !used.contains(index) {
                used.push(*index);
            }
        }
        used
    }
}

/// Give each period its tariff: the one it names, else the default of the session.
///
/// # Errors
/// When a period names a tariff that is not there, or none is valid.
pub fn assign(
    session: &Session,
    tariffs: &[Tariff],
    policy: &Policy,
    findings: &mut Vec<Finding>,
) -> Result<Assignment, Error> {
    if tariffs.is_empty() {
        return Err(Refusal::NoTariff.into());
    }
    let any_named = session.periods.iter().any(|period| period.tariff_id.is_some());
    let mut default = None;
    let mut of_period = Vec::with_capacity(session.periods.len());
    for (index, period) in session.periods.iter().enumerate() {
        let chosen = if let Some(id) = &period.tariff_id {
            Some(named(session, tariffs, index, id, findings)?)
        } else {
            if any_named {
                let path = format!("$.charging_periods[{index}].tariff_id");
                let message = "This period names no tariff and others do";
                findings.push(Finding::new(Code::PeriodWithoutTariffId, path, message));
            }
            if any_named && policy.untagged_periods == UntaggedPeriods::Free {
                None
            } else if default.is_some() {
                default
            } else {
                default = Some(valid_at_start(session, tariffs, policy, findings)?);
                default
            }
        };
        of_period.push(chosen);
    }
    Ok(Assignment { of_period })
}

fn named(
    session: &Session,
    tariffs: &[Tariff],
    period: usize,
    id: &str,
    findings: &mut Vec<Finding>,
) -> Result<usize, Error> {
    let with_id =
        || tariffs.iter().enumerate().filter(|(_, tariff)| tariff.id.eq_ignore_ascii_case(id));
    let path = || format!("$.charging_periods[{period}].tariff_id");
    let mut valid = with_id().filter(|(_, tariff)| tariff.is_valid_at(session.start));
    if let Some((index, first)) = valid.next() {
        // The same tariff sent twice settles nothing new; findings that are repeated say no more.
        if valid.any(|(_, other)| other != first)
            && !findings.iter().any(|finding| finding.code == Code::OverlappingTariffs)
        {
            let message = format!("Several tariffs {id:?} are valid; the first is taken");
            findings.push(Finding::new(Code::OverlappingTariffs, path(), message));
        }
        return Ok(index);
    }
    let Some((index, _)) = with_id().next() else {
        let message = format!("No tariff has the id {id:?}");
        return Err(Error::new(Refusal::UnknownTariffId, path(), message));
    };
    let message = format!("Tariff {id:?} was not valid at {}", session.start);
    findings.push(Finding::new(Code::TariffNotValid, path(), message));
    Ok(index)
}

/// The tariff of a session that names none: valid at its start and meant for such sessions.
///
/// # Errors
/// When none is valid.
pub(crate) fn valid_at_start<T: AsRef<Tariff>>(
    session: &Session,
    tariffs: &[T],
    policy: &Policy,
    findings: &mut Vec<Finding>,
) -> Result<usize, Error> {
    let tariff = |index: usize| tariffs[index].as_ref();
    let valid: Vec<usize> =
        (0..tariffs.len()).filter(|index| tariff(*index).is_valid_at(session.start)).collect();
    if valid.is_empty() {
        let message = format!("No tariff is valid at {}", session.start);
        return Err(Error::new(Refusal::NoValidTariff, "$.tariffs", message));
    }
    let mut fitting: Vec<usize> =
        valid.iter().copied().filter(|index| fits(tariff(*index).kind, session.ad_hoc)).collect();
    if fitting.is_empty() {
        let message = "No valid tariff is of a type for this session; another type is used";
        findings.push(Finding::new(Code::TariffTypeDoesNotFit, "$.tariffs", message));
        fitting = valid;
    }
    if fitting.len() > 1 {
        let message = format!("{} tariffs are valid at {}", fitting.len(), session.start);
        findings.push(Finding::new(Code::OverlappingTariffs, "$.tariffs", message));
    }
    Ok(match policy.tariff_choice {
        TariffChoice::FirstValid => fitting[0],
        // `rev` keeps the first of several that start at the same moment.
        TariffChoice::LatestStart => fitting
            .iter()
            .rev()
            .copied()
            .max_by_key(|index| tariff(*index).start)
            .unwrap_or(fitting[0]),
    })
}

/// Whether a tariff of this type is meant for the session. A CDR does not tell the driver's
/// charging preference, so tariffs for a profile fit only where nothing else does.
fn fits(kind: Option<TariffType>, ad_hoc: bool) -> bool {
    match kind {
        None => true,
        Some(TariffType::AdHocPayment) => ad_hoc,
        Some(TariffType::Regular) => !ad_hoc,
        Some(TariffType::ProfileCheap | TariffType::ProfileFast | TariffType::ProfileGreen) => {
            false
        }
    }
}

/// The one currency of the session and of all tariffs that price it.
///
/// # Errors
/// When they differ, or a tariff has none.
pub fn currency(
    session: &Session,
    tariffs: &[Tariff],
    assignment: &Assignment,
) -> Result<Currency, Error> {
    let mut found = session.currency;
    for index in assignment.used() {
        let tariff = &tariffs[index];
        let Some(currency) = tariff.currency else {
            let message = format!("Tariff {:?} has no currency", tariff.id);
            let path = format!("$.tariffs[{index}].currency");
            return Err(Error::new(Refusal::MissingCurrency, path, message));
        };
        match found {
            Some(expected) if expected != currency => {
                let message = format!(
                    "Expected {}, tariff {:?} is in {}",
                    expected.code(),
                    tariff.id,
                    currency.code()
                );
                return Err(Error::new(Refusal::CurrencyMismatch, "$.currency", message));
            }
            _ => found = Some(currency),
        }
    }
    found.ok_or_else(|| Refusal::MissingCurrency.into())
}

/// The time zone of the location: given, written in the document, or the only one of its country.
///
/// # Errors
/// When a tariff depends on local time and no zone can be known.
pub fn zone(
    session: &Session,
    tariffs: &[Tariff],
    assignment: &Assignment,
    context: &Context,
    findings: &mut Vec<Finding>,
) -> Result<Arc<Zone>, Error> {
    if let Some(zone) = &context.zone {
        return Ok(Arc::clone(zone));
    }
    if let Some(name) = &session.time_zone {
        if let Some(zone) = Zone::get(name) {
            return Ok(zone);
        }
        let message = format!("There is no time zone {name:?}");
        let path = format!("{}.time_zone", session.location_path());
        findings.push(Finding::new(Code::UnknownTimeZone, path, message));
    }
    if !assignment.used().iter().any(|index| tariffs[*index].depends_on_local_time()) {
        return Ok(Zone::utc());
    }
    let country = session.country.as_deref().unwrap_or("");
    if let Some(zone) = only_time_zone(country).and_then(Zone::get) {
        let message = format!("{country:?} has only the zone {}", zone.name());
        let path = format!("{}.country", session.location_path());
        findings.push(Finding::new(Code::TimeZoneInferred, path, message));
        return Ok(zone);
    }
    let message = format!(
        "The tariff depends on local time and country {country:?} does not settle the zone"
    );
    Err(Error::new(Refusal::MissingTimeZone, session.location_path(), message))
}
