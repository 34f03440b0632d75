//! CDRs and Sessions of any version into the normal form.

use std::sync::Arc;

use crate::component::Dimension;
use crate::document::json::{Value, View};
use crate::document::node::{
    Field, Findings, Path, check_fields, kind, read_number, read_object, read_part, shortened,
    uppercase,
};
use crate::document::tariff::{note_case, read_currency, read_list};
use crate::document::{SessionDocument, fields, unwrap_envelope, v211, v221, v230};
use crate::error::{Error, Refusal};
use crate::finding::Code;
use crate::session::{Declared, DeclaredPrice, Period, Readings, Session, Source};
use crate::tariff::Version;
use crate::units::{Decimal, Instant, Quantity};

/// A CDR or a Session, bare or in a response envelope.
pub fn read(
    value: Value<'_>,
    path: Path<'_>,
    findings: &mut Findings,
) -> Result<SessionDocument, Error> {
    let value = unwrap_envelope(value);
    let object: fields::Session<'_> = read_part(value, &path)?;
    let (version, source) = shape(&object);
    check_fields(value, known_fields(version, source), &path, findings)?;
    let start = required_start(&object, &path, findings)?;
    let tariffs = match object.tariffs.get() {
        None => Vec::new(),
        Some(tariffs) => read_list(tariffs, object.tariffs.path(&path), findings)?,
    };
    let periods = read_periods(&object, &path, start, findings)?;
    let (time_zone, country) = read_location(&object, &path, findings)?;
    let ends = [&object.end_date_time, &object.stop_date_time, &object.end_datetime];
    let session = Session {
        source,
        version,
        id: object.id.text(&path, findings).unwrap_or_default().to_owned(),
        party: read_party(&object, &path, findings),
        start,
        end: first_instant(ends, &path, findings)?,
        currency: read_currency(&object.currency, &path, findings),
        time_zone,
        country,
        ad_hoc: is_ad_hoc(&object, &path, findings)?,
        credit: object.credit.truth(&path, findings).unwrap_or(false),
        declared: read_declared(&object, &path, findings)?,
        periods,
    };
    if session.source == Source::Cdr && session.end.is_none() {
        let message = "A CDR needs its end; the last period ends with its volume";
        findings.add(Code::MissingField, ends[0].path(&path), message);
    }
    note_watt_hours(&session, findings);
    Ok(SessionDocument { session, tariffs })
}

/// Version and kind, told from the fields that only some have.
fn shape(object: &fields::Session<'_>) -> (Version, Source) {
    let has_any = |fields: &[&Field<'_>]| fields.iter().any(|field| field.is_there());
    let source =
        if has_any(&[&object.kwh, &object.status]) { Source::Session } else { Source::Cdr };
    let old = [&object.stop_date_time, &object.location, &object.auth_id, &object.start_datetime];
    let version = if has_any(&old) {
        Version::V211
    } else if object.booking_id.is_there() || has_taxes(object) {
        Version::V230
    } else {
        Version::V221
    };
    (version, source)
}

fn has_taxes(object: &fields::Session<'_>) -> bool {
    let Some(View::Object(price)) = object.total_cost.view() else {
        return false;
    };
    price.iter().any(|field| field.0 == "before_taxes" || field.0 == "taxes")
}

fn known_fields(version: Version, source: Source) -> &'static [&'static [&'static str]] {
    match (version, source) {
        (Version::V211, Source::Cdr) => &[v211::CDR],
        (Version::V211, Source::Session) => &[v211::SESSION],
        (Version::V221 | Version::V230, Source::Cdr) => &[v221::CDR, v230::CDR],
        (Version::V221 | Version::V230, Source::Session) => &[v221::SESSION, v230::CDR],
    }
}

fn first_instant<const N: usize>(
    fields: [&Field<'_>; N],
    path: &Path<'_>,
    findings: &mut Findings,
) -> Result<Option<Instant>, Error> {
    for field in fields {
        if let Some(instant) = field.instant(path, findings)? {
            return Ok(Some(instant));
        }
    }
    Ok(None)
}

fn required_start(
    object: &fields::Session<'_>,
    path: &Path<'_>,
    findings: &mut Findings,
) -> Result<Instant, Error> {
    let starts = [&object.start_date_time, &object.start_datetime];
    first_instant(starts, path, findings)?.ok_or_else(|| {
        let path = object.start_date_time.path(path).to_string();
        Error::new(Refusal::InvalidDocument, path, "A session needs a start_date_time")
    })
}

fn read_periods(
    object: &fields::Session<'_>,
    path: &Path<'_>,
    session_start: Instant,
    findings: &mut Findings,
) -> Result<Vec<Period>, Error> {
    let list = object.charging_periods.path(path);
    let items = object.charging_periods.array(path)?;
    let mut periods: Vec<Period> = Vec::with_capacity(items.clone().count());
    for (index, item) in items.enumerate() {
        let path = Path::Item(&list, index);
        periods.push(read_period(item, &path, session_start, periods.last(), findings)?);
    }
    Ok(periods)
}

fn read_period(
    value: Value<'_>,
    path: &Path<'_>,
    session_start: Instant,
    before: Option<&Period>,
    findings: &mut Findings,
) -> Result<Period, Error> {
    let object: fields::Period<'_> = read_object(value, path, findings)?;
    let start = object.start_date_time.instant(path, findings)?.unwrap_or_else(|| {
        let path = object.start_date_time.path(path);
        findings.add(Code::MissingField, path, "The start of the session is taken");
        session_start
    });
    let mut period = Period::new(start);
    let tariff_id = object.tariff_id.text(path, findings);
    // All periods of a session nearly always have the same.
    let known = before.and_then(|before| before.tariff_id.as_ref());
    period.tariff_id = tariff_id.map(|id| match known {
        Some(known) if **known == *id => Arc::clone(known),
        _ => id.into(),
    });
    let list = object.dimensions.path(path);
    let mut dimensions = object.dimensions.array(path)?.enumerate().peekable();
    if dimensions.peek().is_none() {
        findings.add(Code::MissingField, list, "A period needs dimensions; this one uses nothing");
    }
    for (index, item) in dimensions {
        read_dimension(item, &Path::Item(&list, index), &mut period, findings)?;
    }
    Ok(period)
}

fn read_dimension(
    value: Value<'_>,
    path: &Path<'_>,
    period: &mut Period,
    findings: &mut Findings,
) -> Result<(), Error> {
    let object: fields::Dimension<'_> = read_object(value, path, findings)?;
    let name = object.kind.text(path, findings).unwrap_or_default();
    let upper = uppercase(name);
    let Some(volume) = object.volume.number(path, findings)? else {
        let path = object.volume.path(path).to_string();
        return Err(Error::new(Refusal::InvalidDocument, path, "A dimension needs a volume"));
    };
    match upper.as_ref() {
        "ENERGY" => add_volume(
            &mut period.energy,
            Quantity::from_kwh(volume),
            "ENERGY",
            &mut period.duplicates,
        ),
        "TIME" => add_volume(
            &mut period.time,
            Quantity::from_hours(volume),
            "TIME",
            &mut period.duplicates,
        ),
        "PARKING_TIME" => add_volume(
            &mut period.parking_time,
            Quantity::from_hours(volume),
            "PARKING_TIME",
            &mut period.duplicates,
        ),
        "RESERVATION_TIME" => add_volume(
            &mut period.reservation_time,
            Quantity::from_hours(volume),
            "RESERVATION_TIME",
            &mut period.duplicates,
        ),
        "MIN_CURRENT" => period.current.lowest = Some(volume),
        "MAX_CURRENT" => period.current.highest = Some(volume),
        "CURRENT" => fill(&mut period.current, volume),
        "MIN_POWER" => period.power.lowest = Some(volume),
        "MAX_POWER" => period.power.highest = Some(volume),
        "POWER" => fill(&mut period.power, volume),
        // A fee is due by the tariff, however often a 2.1.1 period mentions it.
        "FLAT" => {}
        other if fields::READINGS.contains(&other) => {}
        other => {
            note_other(other, object.kind.path(path), volume, findings);
            return Ok(());
        }
    }
    note_case(name, object.kind.path(path), findings);
    Ok(())
}

fn note_other(name: &str, path: Path<'_>, volume: Decimal, findings: &mut Findings) {
    if fields::UNPRICED.contains(&name) {
        let message = format!("No tariff prices {name}; {volume} kWh are not billed");
        findings.add(Code::UnpricedDimension, path, message);
    } else {
        let message = format!("OCPI has no dimension {:?}", shortened(name));
        findings.add(Code::UnknownDimension, path, message);
    }
}

/// An average reading stands for an extreme that is not given.
fn fill(readings: &mut Readings, volume: Decimal) {
    readings.lowest = readings.lowest.or(Some(volume));
    readings.highest = readings.highest.or(Some(volume));
}

fn add_volume(
    slot: &mut Option<Quantity>,
    volume: Quantity,
    name: &'static str,
    duplicates: &mut Vec<&'static str>,
) {
    *slot = Some(match *slot {
        None => volume,
        Some(there) => {
            if !duplicates.contains(&name) {
                duplicates.push(name);
            }
            there.plus(volume).unwrap_or(there)
        }
    });
}

fn read_party(
    object: &fields::Session<'_>,
    path: &Path<'_>,
    findings: &mut Findings,
) -> Option<String> {
    let country = object.country_code.text(path, findings)?;
    let party = object.party_id.text(path, findings)?;
    Some(format!("{country}*{party}").to_ascii_uppercase())
}

/// The time zone and the country of the location, where the document has them.
fn read_location(
    object: &fields::Session<'_>,
    path: &Path<'_>,
    findings: &mut Findings,
) -> Result<(Option<String>, Option<String>), Error> {
    for field in [&object.cdr_location, &object.location] {
        let Some(value) = field.get() else {
            continue;
        };
        let path = field.path(path);
        let location: fields::Location<'_> = read_part(value, &path)?;
        let zone = location.time_zone.text(&path, findings).map(str::to_owned);
        let country = location.country.text(&path, findings).map(str::to_owned);
        if let Some(code) = country.as_deref().filter(|code| code.len() != 3) {
            let message = format!("{:?} should have three letters", shortened(code));
            findings.add(Code::CountryNotAlpha3, location.country.path(&path), message);
        }
        return Ok((zone, country));
    }
    Ok((None, None))
}

fn is_ad_hoc(
    object: &fields::Session<'_>,
    path: &Path<'_>,
    findings: &mut Findings,
) -> Result<bool, Error> {
    let Some(value) = object.cdr_token.get() else {
        return Ok(false);
    };
    let path = object.cdr_token.path(path);
    let token: fields::Token<'_> = read_part(value, &path)?;
    Ok(token.kind.text(&path, findings) == Some("AD_HOC_USER"))
}

/// The totals that the document declares. What cannot be read cannot be compared, and is said.
fn read_declared(
    object: &fields::Session<'_>,
    path: &Path<'_>,
    findings: &mut Findings,
) -> Result<Declared, Error> {
    let total_cost = read_price(&object.total_cost, path, findings)?;
    let total_energy = object.total_energy.number(path, findings)?;
    let kwh = object.kwh.number(path, findings)?;
    let mut declared = Declared {
        total_cost,
        total_energy: total_energy.or(kwh),
        total_time: object.total_time.number(path, findings)?,
        total_parking_time: object.total_parking_time.number(path, findings)?,
        dimension_costs: Vec::new(),
    };
    for (field, dimension) in [
        (&object.total_energy_cost, Dimension::Energy),
        (&object.total_time_cost, Dimension::Time),
        (&object.total_parking_cost, Dimension::ParkingTime),
        (&object.total_reservation_cost, Dimension::ReservationTime),
        (&object.total_fixed_cost, Dimension::Flat),
    ] {
        if let Some(price) = read_price(field, path, findings)? {
            declared.dimension_costs.push((dimension, price));
        }
    }
    Ok(declared)
}

/// A declared price in the form of any version: a number, `excl_vat` and `incl_vat`, or
/// `before_taxes` and `taxes`.
fn read_price(
    field: &Field<'_>,
    path: &Path<'_>,
    findings: &mut Findings,
) -> Result<Option<DeclaredPrice>, Error> {
    let Some(value) = field.get() else {
        return Ok(None);
    };
    let path = field.path(path);
    match value.view() {
        View::Number(_) | View::String(_) => {
            let before = Some(read_number(value, path, findings)?);
            return Ok(Some(DeclaredPrice { before, after: None }));
        }
        View::Object(_) => {}
        other => {
            let message = format!("Expected a price, found {}", kind(other));
            findings.add(Code::InvalidValue, path, message);
            return Ok(None);
        }
    }
    let price: fields::Price<'_> = read_object(value, &path, findings)?;
    let mut before = price.before_taxes.number(&path, findings)?;
    if before.is_none() {
        before = price.excl_vat.number(&path, findings)?;
    }
    let mut after = price.incl_vat.number(&path, findings)?;
    if after.is_none() && price.taxes.is_there() {
        after = add_taxes(&price.taxes, &path, before, findings)?;
    }
    Ok(Some(DeclaredPrice { before, after }))
}

fn add_taxes(
    taxes: &Field<'_>,
    path: &Path<'_>,
    before: Option<Decimal>,
    findings: &mut Findings,
) -> Result<Option<Decimal>, Error> {
    let Some(before) = before else {
        return Ok(None);
    };
    let mut sum = before.atto();
    let list = taxes.path(path);
    for (index, item) in taxes.array(path)?.enumerate() {
        let path = Path::Item(&list, index);
        let tax: fields::Tax<'_> = read_part(item, &path)?;
        let amount = tax.amount.number(&path, findings)?.unwrap_or_default();
        sum = sum.saturating_add(amount.atto());
    }
    Ok(Some(Decimal::from_atto(sum)))
}

/// Some parties write Wh where kWh belong; the declared energy gives it away.
fn note_watt_hours(session: &Session, findings: &mut Findings) {
    let Some(declared) = session.declared.total_energy else {
        return;
    };
    let declared = Quantity::from_kwh(declared).raw();
    let sum = session
        .periods
        .iter()
        .filter_map(|period| period.energy)
        .fold(0_i128, |sum, energy| sum.saturating_add(energy.raw()));
    if declared > 0 && sum / 500 > declared {
        let root = Path::Root("$");
        let path = Path::Field(&root, "charging_periods");
        let message = "The periods add up to about a thousand times the declared energy";
        findings.add(Code::EnergyLooksLikeWh, path, message);
    }
}
