//! CDRs and Sessions of any version into the normal form.

use crate::component::Dimension;
use crate::document::json::Value;
use crate::document::node::{Findings, Object, Path, kind, read_number, shortened};
use crate::document::tariff::{read_currency, read_list};
use crate::document::{SessionDocument, fields, unwrap_envelope, v211, v221, v230};
use crate::error::{Error, Refusal};
use crate::finding::Code;
use crate::session::{Declared, DeclaredPrice, Period, Readings, Session, Source};
use crate::tariff::Version;
use crate::units::{Decimal, Instant, Quantity};

/// A CDR or a Session, bare or in a response envelope.
pub fn read(
    value: &Value<'_>,
    path: Path<'_>,
    findings: &mut Findings,
) -> Result<SessionDocument, Error> {
    let object = Object::new(unwrap_envelope(value), path)?;
    let (version, source) = shape(&object);
    check_fields(&object, version, source, findings);
    let start = required_start(&object, findings)?;
    let tariffs = match object.get("tariffs") {
        None => Vec::new(),
        Some(tariffs) => read_list(tariffs, Path::Field(&object.path, "tariffs"), findings)?,
    };
    let periods = read_periods(&object, start, findings)?;
    let (time_zone, country) = read_location(&object, findings)?;
    let session = Session {
        source,
        version,
        id: object.text("id", findings).unwrap_or_default().to_owned(),
        party: read_party(&object, findings),
        start,
        end: first_instant(
            &object,
            &["end_date_time", "stop_date_time", "end_datetime"],
            findings,
        )?,
        currency: read_currency(&object, findings),
        time_zone,
        country,
        ad_hoc: is_ad_hoc(&object, findings)?,
        credit: object.truth("credit", findings).unwrap_or(false),
        declared: read_declared(&object, findings)?,
        periods,
    };
    note_watt_hours(&session, findings);
    Ok(SessionDocument { session, tariffs })
}

/// Version and kind, told from the fields that only some have.
fn shape(object: &Object<'_, '_>) -> (Version, Source) {
    let source =
        if object.has("kwh") || object.has("status") { Source::Session } else { Source::Cdr };
    let old = ["stop_date_time", "location", "auth_id", "start_datetime"];
    let version = if old.iter().any(|name| object.has(name)) {
        Version::V211
    } else if v230::CDR.iter().any(|name| object.has(name)) || has_taxes(object) {
        Version::V230
    } else {
        Version::V221
    };
    (version, source)
}

fn has_taxes(object: &Object<'_, '_>) -> bool {
    let Some(Value::Object(price)) = object.get("total_cost") else {
        return false;
    };
    price.iter().any(|field| field.0 == "before_taxes" || field.0 == "taxes")
}

fn check_fields(
    object: &Object<'_, '_>,
    version: Version,
    source: Source,
    findings: &mut Findings,
) {
    let known: &[&[&str]] = match (version, source) {
        (Version::V211, Source::Cdr) => &[v211::CDR],
        (Version::V211, Source::Session) => &[v211::SESSION],
        (Version::V221 | Version::V230, Source::Cdr) => &[v221::CDR, v230::CDR],
        (Version::V221 | Version::V230, Source::Session) => &[v221::SESSION, v230::CDR],
    };
    object.check_fields(known, findings);
}

fn first_instant(
    object: &Object<'_, '_>,
    names: &[&str],
    findings: &mut Findings,
) -> Result<Option<Instant>, Error> {
    for name in names {
        if let Some(instant) = object.instant(name, findings)? {
            return Ok(Some(instant));
        }
    }
    Ok(None)
}

fn required_start(object: &Object<'_, '_>, findings: &mut Findings) -> Result<Instant, Error> {
    first_instant(object, &["start_date_time", "start_datetime"], findings)?.ok_or_else(|| {
        let path = Path::Field(&object.path, "start_date_time").to_string();
        Error::new(Refusal::InvalidDocument, path, "A session needs a start_date_time")
    })
}

fn read_periods(
    object: &Object<'_, '_>,
    session_start: Instant,
    findings: &mut Findings,
) -> Result<Vec<Period>, Error> {
    let list = Path::Field(&object.path, "charging_periods");
    let items = object.array("charging_periods")?;
    let mut periods = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let period = Object::new(item, Path::Item(&list, index))?;
        periods.push(read_period(&period, session_start, findings)?);
    }
    Ok(periods)
}

fn read_period(
    object: &Object<'_, '_>,
    session_start: Instant,
    findings: &mut Findings,
) -> Result<Period, Error> {
    object.check_fields(&[fields::PERIOD], findings);
    let start = object.instant("start_date_time", findings)?.unwrap_or_else(|| {
        let path = Path::Field(&object.path, "start_date_time");
        findings.add(Code::MissingField, path, "The start of the session is taken");
        session_start
    });
    let mut period = Period::new(start);
    period.tariff_id = object.text("tariff_id", findings).map(str::to_owned);
    let list = Path::Field(&object.path, "dimensions");
    for (index, item) in object.array("dimensions")?.iter().enumerate() {
        let dimension = Object::new(item, Path::Item(&list, index))?;
        read_dimension(&dimension, &mut period, findings)?;
    }
    Ok(period)
}

fn read_dimension(
    object: &Object<'_, '_>,
    period: &mut Period,
    findings: &mut Findings,
) -> Result<(), Error> {
    object.check_fields(&[fields::DIMENSION], findings);
    let name = object.text("type", findings).unwrap_or_default();
    let upper = name.to_ascii_uppercase();
    let Some(volume) = object.number("volume", findings)? else {
        let path = Path::Field(&object.path, "volume").to_string();
        return Err(Error::new(Refusal::InvalidDocument, path, "A dimension needs a volume"));
    };
    match upper.as_str() {
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
        other => note_other(other, object, volume, findings),
    }
    Ok(())
}

fn note_other(name: &str, object: &Object<'_, '_>, volume: Decimal, findings: &mut Findings) {
    let path = Path::Field(&object.path, "type");
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

fn read_party(object: &Object<'_, '_>, findings: &mut Findings) -> Option<String> {
    let country = object.text("country_code", findings)?;
    let party = object.text("party_id", findings)?;
    Some(format!("{country}*{party}").to_ascii_uppercase())
}

/// The time zone and the country of the location, where the document has them.
fn read_location(
    object: &Object<'_, '_>,
    findings: &mut Findings,
) -> Result<(Option<String>, Option<String>), Error> {
    for name in ["cdr_location", "location"] {
        let Some(value) = object.get(name) else {
            continue;
        };
        let location = Object::new(value, Path::Field(&object.path, name))?;
        let zone = location.text("time_zone", findings).map(str::to_owned);
        let country = location.text("country", findings).map(str::to_owned);
        if let Some(code) = country.as_deref().filter(|code| code.len() != 3) {
            let message = format!("{:?} should have three letters", shortened(code));
            findings.add(Code::CountryNotAlpha3, Path::Field(&location.path, "country"), message);
        }
        return Ok((zone, country));
    }
    Ok((None, None))
}

fn is_ad_hoc(object: &Object<'_, '_>, findings: &mut Findings) -> Result<bool, Error> {
    let Some(value) = object.get("cdr_token") else {
        return Ok(false);
    };
    let token = Object::new(value, Path::Field(&object.path, "cdr_token"))?;
    Ok(token.text("type", findings) == Some("AD_HOC_USER"))
}

/// The totals that the document declares. What cannot be read cannot be compared, and is said.
fn read_declared(object: &Object<'_, '_>, findings: &mut Findings) -> Result<Declared, Error> {
    let mut declared = Declared {
        total_cost: read_price(object, "total_cost", findings)?,
        total_energy: object.number("total_energy", findings)?.or(object.number("kwh", findings)?),
        total_time: object.number("total_time", findings)?,
        total_parking_time: object.number("total_parking_time", findings)?,
        dimension_costs: Vec::new(),
    };
    for (name, dimension) in [
        ("total_energy_cost", Dimension::Energy),
        ("total_time_cost", Dimension::Time),
        ("total_parking_cost", Dimension::ParkingTime),
        ("total_reservation_cost", Dimension::ReservationTime),
        ("total_fixed_cost", Dimension::Flat),
    ] {
        if let Some(price) = read_price(object, name, findings)? {
            declared.dimension_costs.push((dimension, price));
        }
    }
    Ok(declared)
}

/// A declared price in the form of any version: a number, `excl_vat` and `incl_vat`, or
/// `before_taxes` and `taxes`.
fn read_price(
    object: &Object<'_, '_>,
    name: &str,
    findings: &mut Findings,
) -> Result<Option<DeclaredPrice>, Error> {
    let Some(value) = object.get(name) else {
        return Ok(None);
    };
    let path = Path::Field(&object.path, name);
    match value {
        Value::Number(_) | Value::String(_) => {
            let before = Some(read_number(value, path, findings)?);
            return Ok(Some(DeclaredPrice { before, after: None }));
        }
        Value::Object(_) => {}
        other => {
            let message = format!("Expected a price, found {}", kind(other));
            findings.add(Code::InvalidValue, path, message);
            return Ok(None);
        }
    }
    let price = Object::new(value, path)?;
    price.check_fields(&[v221::PRICE, v230::PRICE], findings);
    let mut before = price.number("before_taxes", findings)?;
    if before.is_none() {
        before = price.number("excl_vat", findings)?;
    }
    let mut after = price.number("incl_vat", findings)?;
    if after.is_none() && price.has("taxes") {
        after = add_taxes(&price, before, findings)?;
    }
    Ok(Some(DeclaredPrice { before, after }))
}

fn add_taxes(
    price: &Object<'_, '_>,
    before: Option<Decimal>,
    findings: &mut Findings,
) -> Result<Option<Decimal>, Error> {
    let Some(before) = before else {
        return Ok(None);
    };
    let mut sum = before.atto();
    let list = Path::Field(&price.path, "taxes");
    for (index, item) in price.array("taxes")?.iter().enumerate() {
        let tax = Object::new(item, Path::Item(&list, index))?;
        let amount = tax.number("amount", findings)?.unwrap_or_default();
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
