//! Tariffs of any version into the normal form.

use crate::component::{Component, Dimension};
use crate::document::json::Value;
use crate::document::node::{Findings, Object, Path, shortened, unexpected};
use crate::document::{fields, time, unwrap_envelope, v211, v221, v230};
use crate::error::{Error, Refusal};
use crate::finding::Code;
use crate::restriction::{ReservationKind, Restrictions, Weekdays};
use crate::tariff::{Currency, Element, Limit, Tariff, TariffType, TaxIncluded, Version};
use crate::units::{Decimal, Price, Quantity, VatRate, Weekday};

/// One tariff or a list of them, bare or in a response envelope.
pub fn read_list(
    value: &Value<'_>,
    path: Path<'_>,
    findings: &mut Findings,
) -> Result<Vec<Tariff>, Error> {
    read_each(value, path, findings).into_iter().collect()
}

/// As [`read_list`], but a tariff that cannot be read does not fail the others.
pub fn read_each(
    value: &Value<'_>,
    path: Path<'_>,
    findings: &mut Findings,
) -> Vec<Result<Tariff, Error>> {
    match unwrap_envelope(value) {
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| read(item, Path::Item(&path, index), findings))
            .collect(),
        single => vec![read(single, path, findings)],
    }
}

/// Note fields that a tariff must have and that pricing does without.
pub fn note_missing_fields(
    value: &Value<'_>,
    tariffs: &[Result<Tariff, Error>],
    path: Path<'_>,
    findings: &mut Findings,
) {
    let value = unwrap_envelope(value);
    for (index, tariff) in tariffs.iter().enumerate() {
        let (item, path) = match value {
            Value::Array(items) => (&items[index], Path::Item(&path, index)),
            single => (single, path),
        };
        let (Ok(tariff), Ok(object)) = (tariff, Object::new(item, path)) else {
            continue;
        };
        let owner: &[&str] = match tariff.version {
            Version::V211 => &[],
            Version::V221 | Version::V230 => &["country_code", "party_id"],
        };
        for name in owner.iter().chain(&["last_updated"]).filter(|name| !object.has(name)) {
            let message = format!("There is no {name}");
            findings.add(Code::MissingField, Path::Field(&object.path, name), message);
        }
    }
}

/// One tariff.
pub fn read(value: &Value<'_>, path: Path<'_>, findings: &mut Findings) -> Result<Tariff, Error> {
    let object = Object::new(value, path)?;
    object.check_fields(&[fields::TARIFF, v221::TARIFF, v230::TARIFF], findings);
    let elements = object.array("elements")?;
    let list = Path::Field(&object.path, "elements");
    let elements: Vec<Element> = elements
        .iter()
        .enumerate()
        .map(|(index, element)| read_element(element, Path::Item(&list, index), findings))
        .collect::<Result<_, _>>()?;
    Ok(Tariff {
        version: version(&object, &elements),
        party: read_party(&object, findings),
        id: read_id(&object, findings),
        currency: read_currency(&object, findings),
        kind: read_type(&object, findings),
        start: object.instant("start_date_time", findings)?,
        end: object.instant("end_date_time", findings)?,
        min_price: read_limit(&object, "min_price", findings)?,
        max_price: read_limit(&object, "max_price", findings)?,
        tax_included: read_tax_included(&object, findings),
        elements,
    })
}

/// Told from the fields that only later versions have.
fn version(object: &Object<'_, '_>, elements: &[Element]) -> Version {
    let has_any = |names: &[&str]| names.iter().any(|name| object.has(name));
    let rates = elements.iter().flat_map(|element| &element.components);
    if has_any(v230::TARIFF) {
        Version::V230
    } else if has_any(v221::TARIFF) || rates.into_iter().any(|component| component.vat.is_some()) {
        Version::V221
    } else {
        Version::V211
    }
}

fn read_id(object: &Object<'_, '_>, findings: &mut Findings) -> String {
    let id = object.text("id", findings).unwrap_or_default();
    if id.is_empty() {
        findings.add(Code::MissingField, Path::Field(&object.path, "id"), "There is no id");
    }
    id.to_owned()
}

fn read_party(object: &Object<'_, '_>, findings: &mut Findings) -> Option<(String, String)> {
    let country = object.text("country_code", findings)?;
    let party = object.text("party_id", findings)?;
    let path = Path::Field(&object.path, "country_code");
    if country.len() != 2 {
        let message = format!("{:?} should have two letters", shortened(country));
        findings.add(Code::CountryNotAlpha2, path, message);
    }
    note_case(country, path, findings);
    Some((country.to_ascii_uppercase(), party.to_ascii_uppercase()))
}

/// The currency of a document, if it has one.
pub fn read_currency(object: &Object<'_, '_>, findings: &mut Findings) -> Option<Currency> {
    let path = Path::Field(&object.path, "currency");
    let Some(code) = object.text("currency", findings) else {
        findings.add(Code::MissingField, path, "There is no currency");
        return None;
    };
    let currency = Currency::parse(code);
    if currency.is_none() {
        let message = format!("{:?} is not an ISO 4217 code", shortened(code));
        findings.add(Code::CurrencyUnknown, path, message);
    } else {
        note_case(code, path, findings);
    }
    currency
}

fn note_case(code: &str, path: Path<'_>, findings: &mut Findings) {
    if code.bytes().any(|letter| letter.is_ascii_lowercase()) {
        let message = format!("{:?} should be in capitals", shortened(code));
        findings.add(Code::WrongCase, path, message);
    }
}

fn read_type(object: &Object<'_, '_>, findings: &mut Findings) -> Option<TariffType> {
    let name = object.text("type", findings)?;
    let kind = match name {
        "AD_HOC_PAYMENT" => TariffType::AdHocPayment,
        "PROFILE_CHEAP" => TariffType::ProfileCheap,
        "PROFILE_FAST" => TariffType::ProfileFast,
        "PROFILE_GREEN" => TariffType::ProfileGreen,
        "REGULAR" => TariffType::Regular,
        _ => {
            let message = format!("{:?} is not a tariff type", shortened(name));
            findings.add(Code::InvalidValue, Path::Field(&object.path, "type"), message);
            return None;
        }
    };
    Some(kind)
}

fn read_tax_included(object: &Object<'_, '_>, findings: &mut Findings) -> TaxIncluded {
    let path = Path::Field(&object.path, "tax_included");
    match object.get("tax_included") {
        None => TaxIncluded::Unstated,
        // YAML 1.1 turns an unquoted YES or NO into a truth value on its way to JSON.
        Some(Value::Bool(truth)) => {
            let message = "Expected YES, NO or N/A, found a truth value";
            findings.add(Code::InvalidValue, path, message);
            if *truth { TaxIncluded::Yes } else { TaxIncluded::No }
        }
        Some(Value::String(text)) => match text.to_ascii_uppercase().as_str() {
            "YES" => TaxIncluded::Yes,
            "NO" => TaxIncluded::No,
            "N/A" => TaxIncluded::NotApplicable,
            _ => {
                let message = format!("Expected YES, NO or N/A, found {:?}", shortened(text));
                findings.add(Code::InvalidValue, path, message);
                TaxIncluded::Unstated
            }
        },
        Some(_) => {
            findings.add(Code::InvalidValue, path, "Expected YES, NO or N/A");
            TaxIncluded::Unstated
        }
    }
}

/// A limit in the form of either version; a bare number is taken as the amount before taxes.
fn read_limit(
    object: &Object<'_, '_>,
    name: &str,
    findings: &mut Findings,
) -> Result<Option<Limit>, Error> {
    let Some(value) = object.get(name) else {
        return Ok(None);
    };
    let path = Path::Field(&object.path, name);
    let price = |number: Option<Decimal>| number.map(|number| Price::from_decimal(number).0);
    if let Value::Number(_) = value {
        findings.add(Code::InvalidValue, path, "Expected an object, found a number");
        let before = object.number(name, findings)?;
        return Ok(Some(Limit { before: price(before), after: None }));
    }
    let limit = Object::new(value, path)?;
    limit.check_fields(&[v221::PRICE, v230::PRICE], findings);
    let mut first_of = |names: [&str; 2]| -> Result<Option<Price>, Error> {
        for name in names {
            if let Some(number) = limit.number(name, findings)? {
                return Ok(price(Some(number)));
            }
        }
        Ok(None)
    };
    let before = first_of(["before_taxes", "excl_vat"])?;
    let after = first_of(["after_taxes", "incl_vat"])?;
    Ok(Some(Limit { before, after }))
}

fn read_element(
    value: &Value<'_>,
    path: Path<'_>,
    findings: &mut Findings,
) -> Result<Element, Error> {
    let object = Object::new(value, path)?;
    object.check_fields(&[fields::ELEMENT], findings);
    let list = Path::Field(&object.path, "price_components");
    let mut components = Vec::new();
    for (index, component) in object.array("price_components")?.iter().enumerate() {
        components.extend(read_component(component, Path::Item(&list, index), findings)?);
    }
    let restrictions = match object.get("restrictions") {
        None => Restrictions::default(),
        // Some parties send a list with one object.
        Some(Value::Array(items)) if items.len() <= 1 => {
            let path = Path::Field(&object.path, "restrictions");
            findings.add(Code::InvalidValue, path, "Expected an object, found an array");
            match items.first() {
                None => Restrictions::default(),
                Some(item) => read_restrictions(item, Path::Item(&path, 0), findings)?,
            }
        }
        Some(value) => {
            read_restrictions(value, Path::Field(&object.path, "restrictions"), findings)?
        }
    };
    Ok(Element { components, restrictions })
}

/// A component; one of an unknown type prices nothing and is reported.
fn read_component(
    value: &Value<'_>,
    path: Path<'_>,
    findings: &mut Findings,
) -> Result<Option<Component>, Error> {
    let object = Object::new(value, path)?;
    object.check_fields(&[fields::COMPONENT], findings);
    let name = object.text("type", findings).unwrap_or_default();
    let dimension = match name.to_ascii_uppercase().as_str() {
        "ENERGY" => Dimension::Energy,
        "FLAT" => Dimension::Flat,
        "PARKING_TIME" => Dimension::ParkingTime,
        "TIME" => Dimension::Time,
        _ => {
            let message =
                format!("{:?} is not ENERGY, FLAT, PARKING_TIME or TIME", shortened(name));
            findings.add(Code::InvalidValue, Path::Field(&object.path, "type"), message);
            return Ok(None);
        }
    };
    note_case(name, Path::Field(&object.path, "type"), findings);
    let price_path = Path::Field(&object.path, "price");
    let Some(price) = object.number("price", findings)? else {
        let message = "A price component needs a price";
        return Err(Error::new(Refusal::InvalidDocument, price_path.to_string(), message));
    };
    let (price, rounded) = Price::from_decimal(price);
    if rounded {
        findings.add(Code::NumberRounded, price_path, format!("The price was rounded to {price}"));
    }
    Ok(Some(Component {
        dimension,
        price,
        vat: read_vat(&object, findings)?,
        step_size: read_step_size(&object, findings)?,
    }))
}

fn read_vat(object: &Object<'_, '_>, findings: &mut Findings) -> Result<Option<VatRate>, Error> {
    let Some(percent) = object.number("vat", findings)? else {
        return Ok(None);
    };
    let path = Path::Field(&object.path, "vat");
    let Some((rate, rounded)) = VatRate::from_percent(percent) else {
        let message = format!("{percent} is not a percentage from 0 to 1000");
        return Err(Error::new(Refusal::InvalidNumber, path.to_string(), message));
    };
    if rounded {
        findings.add(Code::NumberRounded, path, format!("The rate was rounded to {rate}"));
    }
    Ok(Some(rate))
}

/// A whole number of Wh or seconds; an absent one rounds nothing.
fn read_step_size(object: &Object<'_, '_>, findings: &mut Findings) -> Result<u32, Error> {
    let path = Path::Field(&object.path, "step_size");
    let Some(step) = object.number("step_size", findings)? else {
        if !object.has("step_size") {
            findings.add(Code::MissingField, path, "There is no step_size; 1 is taken");
        }
        return Ok(1);
    };
    whole(step).and_then(|step| u32::try_from(step).ok()).ok_or_else(|| {
        let message = format!("{step} is not a whole number of Wh or seconds");
        Error::new(Refusal::InvalidNumber, path.to_string(), message)
    })
}

fn whole(number: Decimal) -> Option<i64> {
    let one = Decimal::from_integer(1).atto();
    (number.atto() % one == 0).then(|| i64::try_from(number.atto() / one).ok())?
}

fn read_restrictions(
    value: &Value<'_>,
    path: Path<'_>,
    findings: &mut Findings,
) -> Result<Restrictions, Error> {
    let object = Object::new(value, path)?;
    object.check_fields(&[v211::RESTRICTIONS, v221::RESTRICTIONS, v230::RESTRICTIONS], findings);
    if object.get("booking").is_some() {
        let message = "Prices of bookings are not supported";
        return Err(Error::new(Refusal::InvalidDocument, object.path.to_string(), message));
    }
    let kwh = |number: Option<Decimal>| number.map(Quantity::from_kwh);
    Ok(Restrictions {
        start_time: read_with(&object, "start_time", "a time HH:MM", time::time_of_day, findings)?,
        end_time: read_with(&object, "end_time", "a time HH:MM", time::time_of_day, findings)?,
        start_date: read_with(&object, "start_date", "a date YYYY-MM-DD", time::date, findings)?,
        end_date: read_with(&object, "end_date", "a date YYYY-MM-DD", time::date, findings)?,
        min_energy: kwh(object.number("min_kwh", findings)?),
        max_energy: kwh(object.number("max_kwh", findings)?),
        min_current: object.number("min_current", findings)?,
        max_current: object.number("max_current", findings)?,
        min_power: object.number("min_power", findings)?,
        max_power: object.number("max_power", findings)?,
        min_duration: read_duration(&object, "min_duration", findings)?,
        max_duration: read_duration(&object, "max_duration", findings)?,
        days: read_days(&object, findings)?,
        reservation: read_reservation(&object, findings)?,
    })
}

/// A restriction that cannot be read is an error: leaving it out would widen the element.
fn read_with<T>(
    object: &Object<'_, '_>,
    name: &str,
    expected: &str,
    read: impl Fn(&str) -> Option<T>,
    findings: &mut Findings,
) -> Result<Option<T>, Error> {
    let Some(text) = object.text(name, findings) else {
        return match object.get(name) {
            None => Ok(None),
            Some(other) => Err(unexpected(expected, other, Path::Field(&object.path, name))),
        };
    };
    read(text).map(Some).ok_or_else(|| {
        let message = format!("Expected {expected}, found {:?}", shortened(text));
        let path = Path::Field(&object.path, name).to_string();
        Error::new(Refusal::InvalidDocument, path, message)
    })
}

/// A duration in whole seconds, at most 300 years.
fn read_duration(
    object: &Object<'_, '_>,
    name: &str,
    findings: &mut Findings,
) -> Result<Option<i64>, Error> {
    const LONGEST: i64 = 10_000_000_000;
    let Some(seconds) = object.number(name, findings)? else {
        return Ok(None);
    };
    let found = whole(seconds).filter(|seconds| (-LONGEST..=LONGEST).contains(seconds));
    found.map(Some).ok_or_else(|| {
        let message = format!("{seconds} is not a whole number of seconds");
        let path = Path::Field(&object.path, name).to_string();
        Error::new(Refusal::InvalidNumber, path, message)
    })
}

fn read_days(object: &Object<'_, '_>, findings: &mut Findings) -> Result<Weekdays, Error> {
    let list = Path::Field(&object.path, "day_of_week");
    let mut days = Weekdays::default();
    for (index, value) in object.array("day_of_week")?.iter().enumerate() {
        let path = Path::Item(&list, index);
        let Value::String(name) = value else {
            return Err(unexpected("a day of the week", value, path));
        };
        let upper = name.to_ascii_uppercase();
        let Some(day) = Weekday::ALL.into_iter().find(|day| day.name() == upper) else {
            let message = format!("{:?} is not a day of the week", shortened(name));
            return Err(Error::new(Refusal::InvalidDocument, path.to_string(), message));
        };
        note_case(name, path, findings);
        days = days.with(day);
    }
    Ok(days)
}

fn read_reservation(
    object: &Object<'_, '_>,
    findings: &mut Findings,
) -> Result<Option<ReservationKind>, Error> {
    read_with(
        object,
        "reservation",
        "RESERVATION or RESERVATION_EXPIRES",
        |name| match name {
            "RESERVATION" => Some(ReservationKind::Reservation),
            "RESERVATION_EXPIRES" => Some(ReservationKind::ReservationExpires),
            _ => None,
        },
        findings,
    )
}
