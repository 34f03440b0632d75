//! Tariffs of any version into the normal form.

use crate::component::{Component, Dimension};
use crate::document::json::{Items, Value, View};
use crate::document::node::{
    Field, Findings, Path, read_object, read_part, shortened, unexpected, uppercase,
};
use crate::document::{fields, time, unwrap_envelope};
use crate::error::{Error, Refusal};
use crate::finding::Code;
use crate::restriction::{ReservationKind, Restrictions, Weekdays};
use crate::tariff::{Currency, Element, Limit, Tariff, TariffType, TaxIncluded, Version};
use crate::units::{Decimal, Price, Quantity, VatRate, Weekday};

/// One tariff or a list of them, bare or in a response envelope.
pub fn read_list(
    value: Value<'_>,
    path: Path<'_>,
    findings: &mut Findings,
) -> Result<Vec<Tariff>, Error> {
    read_each(value, path, findings).into_iter().collect()
}

/// As [`read_list`], but a tariff that cannot be read does not fail the others.
pub fn read_each(
    value: Value<'_>,
    path: Path<'_>,
    findings: &mut Findings,
) -> Vec<Result<Tariff, Error>> {
    each(value, &path).map(|(item, path)| read(item, path, findings)).collect()
}

/// The tariffs of a document, each with its path: the items of a list, or what it is.
fn each<'v>(value: Value<'v>, path: &'v Path<'v>) -> impl Iterator<Item = (Value<'v>, Path<'v>)> {
    let value = unwrap_envelope(value);
    let (single, list) = match value.view() {
        View::Array(items) => (None, Some(items)),
        _ => (Some((value, *path)), None),
    };
    let items = list.into_iter().flat_map(Items::iter).enumerate();
    single.into_iter().chain(items.map(|(index, item)| (item, Path::Item(path, index))))
}

/// Note fields that a tariff must have and that pricing does without.
pub fn note_missing_fields(
    value: Value<'_>,
    tariffs: &[Result<Tariff, Error>],
    path: Path<'_>,
    findings: &mut Findings,
) {
    for ((item, path), tariff) in each(value, &path).zip(tariffs) {
        let (Ok(tariff), Ok(object)) = (tariff, read_part::<fields::Tariff<'_>>(item, &path))
        else {
            continue;
        };
        let owner = match tariff.version {
            Version::V211 => [None, None],
            Version::V221 | Version::V230 => [Some(object.country_code), Some(object.party_id)],
        };
        let required = owner.into_iter().flatten().chain([object.last_updated]);
        for field in required.filter(|field| !field.is_there()) {
            let message = format!("There is no {}", field.name());
            findings.add(Code::MissingField, field.path(&path), message);
        }
    }
}

/// One tariff.
pub fn read(value: Value<'_>, path: Path<'_>, findings: &mut Findings) -> Result<Tariff, Error> {
    let object: fields::Tariff<'_> = read_object(value, &path, findings)?;
    let list = object.elements.path(&path);
    let elements: Vec<Element> = object
        .elements
        .array(&path)?
        .enumerate()
        .map(|(index, element)| read_element(element, &Path::Item(&list, index), findings))
        .collect::<Result<_, _>>()?;
    if elements.is_empty() {
        findings.add(Code::MissingField, list, "A tariff needs elements; nothing else has a price");
    }
    Ok(Tariff {
        version: version(&object, &elements),
        party: read_party(&object, &path, findings),
        id: read_id(&object.id, &path, findings),
        currency: read_currency(&object.currency, &path, findings),
        kind: read_type(&object.kind, &path, findings),
        start: object.start_date_time.instant(&path, findings)?,
        end: object.end_date_time.instant(&path, findings)?,
        min_price: read_limit(&object.min_price, &path, findings)?,
        max_price: read_limit(&object.max_price, &path, findings)?,
        tax_included: read_tax_included(&object.tax_included, &path, findings),
        elements,
    })
}

/// Told from the fields that only later versions have.
fn version(object: &fields::Tariff<'_>, elements: &[Element]) -> Version {
    let since_221 = [
        &object.country_code,
        &object.party_id,
        &object.kind,
        &object.min_price,
        &object.max_price,
    ];
    let since_230 = [&object.tax_included, &object.preauthorize_amount];
    let mut rates = elements.iter().flat_map(|element| &element.components);
    if since_230.iter().any(|field| field.is_there()) {
        Version::V230
    } else if since_221.iter().any(|field| field.is_there())
        || rates.any(|component| component.vat.is_some())
    {
        Version::V221
    } else {
        Version::V211
    }
}

fn read_id(field: &Field<'_>, path: &Path<'_>, findings: &mut Findings) -> String {
    let id = field.text(path, findings).unwrap_or_default();
    if id.is_empty() {
        findings.add(Code::MissingField, field.path(path), "There is no id");
    }
    id.to_owned()
}

fn read_party(
    object: &fields::Tariff<'_>,
    path: &Path<'_>,
    findings: &mut Findings,
) -> Option<(String, String)> {
    let country = object.country_code.text(path, findings)?;
    let party = object.party_id.text(path, findings)?;
    let path = object.country_code.path(path);
    if country.len() != 2 {
        let message = format!("{:?} should have two letters", shortened(country));
        findings.add(Code::CountryNotAlpha2, path, message);
    }
    note_case(country, path, findings);
    Some((country.to_ascii_uppercase(), party.to_ascii_uppercase()))
}

/// The currency of a document, if it has one.
pub fn read_currency(
    field: &Field<'_>,
    path: &Path<'_>,
    findings: &mut Findings,
) -> Option<Currency> {
    let Some(code) = field.text(path, findings) else {
        findings.add(Code::MissingField, field.path(path), "There is no currency");
        return None;
    };
    let path = field.path(path);
    let currency = Currency::parse(code);
    if currency.is_none() {
        let message = format!("{:?} is not an ISO 4217 code", shortened(code));
        findings.add(Code::CurrencyUnknown, path, message);
    } else {
        note_case(code, path, findings);
    }
    currency
}

pub fn note_case(code: &str, path: Path<'_>, findings: &mut Findings) {
    if code.bytes().any(|letter| letter.is_ascii_lowercase()) {
        let message = format!("{:?} should be in capitals", shortened(code));
        findings.add(Code::WrongCase, path, message);
    }
}

fn read_type(field: &Field<'_>, path: &Path<'_>, findings: &mut Findings) -> Option<TariffType> {
    let name = field.text(path, findings)?;
    let kind = match name {
        "AD_HOC_PAYMENT" => TariffType::AdHocPayment,
        "PROFILE_CHEAP" => TariffType::ProfileCheap,
        "PROFILE_FAST" => TariffType::ProfileFast,
        "PROFILE_GREEN" => TariffType::ProfileGreen,
        "REGULAR" => TariffType::Regular,
        _ => {
            let message = format!("{:?} is not a tariff type", shortened(name));
            findings.add(Code::InvalidValue, field.path(path), message);
            return None;
        }
    };
    Some(kind)
}

fn read_tax_included(field: &Field<'_>, path: &Path<'_>, findings: &mut Findings) -> TaxIncluded {
    let path = field.path(path);
    match field.view() {
        None => TaxIncluded::Unstated,
        // YAML 1.1 turns an unquoted YES or NO into a truth value on its way to JSON.
        Some(View::Bool(truth)) => {
            let message = "Expected YES, NO or N/A, found a truth value";
            findings.add(Code::InvalidValue, path, message);
            if truth { TaxIncluded::Yes } else { TaxIncluded::No }
        }
        Some(View::String(text)) => {
            let found = match uppercase(text).as_ref() {
                "YES" => TaxIncluded::Yes,
                "NO" => TaxIncluded::No,
                "N/A" => TaxIncluded::NotApplicable,
                _ => {
                    let message = format!("Expected YES, NO or N/A, found {:?}", shortened(text));
                    findings.add(Code::InvalidValue, path, message);
                    return TaxIncluded::Unstated;
                }
            };
            note_case(text, path, findings);
            found
        }
        Some(_) => {
            findings.add(Code::InvalidValue, path, "Expected YES, NO or N/A");
            TaxIncluded::Unstated
        }
    }
}

/// A limit in the form of either version; a bare number is taken as the amount before taxes.
fn read_limit(
    field: &Field<'_>,
    path: &Path<'_>,
    findings: &mut Findings,
) -> Result<Option<Limit>, Error> {
    let Some(value) = field.get() else {
        return Ok(None);
    };
    let price = |number: Option<Decimal>| number.map(|number| Price::from_decimal(number).0);
    let limit_path = field.path(path);
    if let View::Number(_) = value.view() {
        findings.add(Code::InvalidValue, limit_path, "Expected an object, found a number");
        let before = field.number(path, findings)?;
        return Ok(Some(Limit { before: price(before), after: None }));
    }
    let limit: fields::Price<'_> = read_object(value, &limit_path, findings)?;
    let mut first_of = |fields: [&Field<'_>; 2]| -> Result<Option<Price>, Error> {
        for field in fields {
            if let Some(number) = field.number(&limit_path, findings)? {
                return Ok(price(Some(number)));
            }
        }
        Ok(None)
    };
    let before = first_of([&limit.before_taxes, &limit.excl_vat])?;
    let after = first_of([&limit.after_taxes, &limit.incl_vat])?;
    Ok(Some(Limit { before, after }))
}

fn read_element(
    value: Value<'_>,
    path: &Path<'_>,
    findings: &mut Findings,
) -> Result<Element, Error> {
    let object: fields::Element<'_> = read_object(value, path, findings)?;
    let list = object.price_components.path(path);
    let mut components = Vec::new();
    for (index, component) in object.price_components.array(path)?.enumerate() {
        components.extend(read_component(component, &Path::Item(&list, index), findings)?);
    }
    let path = &object.restrictions.path(path);
    let restrictions = match object.restrictions.get().map(|value| (value, value.view())) {
        None => Restrictions::default(),
        // Some parties send a list with one object.
        Some((_, View::Array(items))) if items.iter().nth(1).is_none() => {
            findings.add(Code::InvalidValue, *path, "Expected an object, found an array");
            match items.iter().next() {
                None => Restrictions::default(),
                Some(item) => read_restrictions(item, &Path::Item(path, 0), findings)?,
            }
        }
        Some((value, _)) => read_restrictions(value, path, findings)?,
    };
    Ok(Element { components, restrictions })
}

/// A component; one of an unknown type prices nothing and is reported.
fn read_component(
    value: Value<'_>,
    path: &Path<'_>,
    findings: &mut Findings,
) -> Result<Option<Component>, Error> {
    let object: fields::Component<'_> = read_object(value, path, findings)?;
    let name = object.kind.text(path, findings).unwrap_or_default();
    let dimension = match uppercase(name).as_ref() {
        "ENERGY" => Dimension::Energy,
        "FLAT" => Dimension::Flat,
        "PARKING_TIME" => Dimension::ParkingTime,
        "TIME" => Dimension::Time,
        _ => {
            let message =
                format!("{:?} is not ENERGY, FLAT, PARKING_TIME or TIME", shortened(name));
            findings.add(Code::InvalidValue, object.kind.path(path), message);
            return Ok(None);
        }
    };
    note_case(name, object.kind.path(path), findings);
    let price_path = object.price.path(path);
    let Some(price) = object.price.number(path, findings)? else {
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
        vat: read_vat(&object.vat, path, findings)?,
        step_size: read_step_size(&object.step_size, path, findings)?,
    }))
}

fn read_vat(
    field: &Field<'_>,
    path: &Path<'_>,
    findings: &mut Findings,
) -> Result<Option<VatRate>, Error> {
    let Some(percent) = field.number(path, findings)? else {
        return Ok(None);
    };
    let path = field.path(path);
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
fn read_step_size(
    field: &Field<'_>,
    path: &Path<'_>,
    findings: &mut Findings,
) -> Result<u32, Error> {
    let Some(step) = field.number(path, findings)? else {
        if !field.is_there() {
            let message = "There is no step_size; 1 is taken";
            findings.add(Code::MissingField, field.path(path), message);
        }
        return Ok(1);
    };
    let path = field.path(path);
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
    value: Value<'_>,
    path: &Path<'_>,
    findings: &mut Findings,
) -> Result<Restrictions, Error> {
    let object: fields::Restrictions<'_> = read_object(value, path, findings)?;
    if object.booking.get().is_some() {
        let message = "Prices of bookings are not supported";
        return Err(Error::new(Refusal::InvalidDocument, path.to_string(), message));
    }
    let start_time = read_time(&object.start_time, path, findings)?;
    let end_time = read_time(&object.end_time, path, findings)?;
    let mut date = |field| read_with(field, "a date YYYY-MM-DD", time::date, path, findings);
    let (start_date, end_date) = (date(&object.start_date)?, date(&object.end_date)?);
    let kwh = |number: Option<Decimal>| number.map(Quantity::from_kwh);
    Ok(Restrictions {
        start_time,
        end_time,
        start_date,
        end_date,
        min_energy: kwh(object.min_kwh.number(path, findings)?),
        max_energy: kwh(object.max_kwh.number(path, findings)?),
        min_current: object.min_current.number(path, findings)?,
        max_current: object.max_current.number(path, findings)?,
        min_power: object.min_power.number(path, findings)?,
        max_power: object.max_power.number(path, findings)?,
        min_duration: read_duration(&object.min_duration, path, findings)?,
        max_duration: read_duration(&object.max_duration, path, findings)?,
        days: read_days(&object.day_of_week, path, findings)?,
        reservation: read_reservation(&object.reservation, path, findings)?,
    })
}

/// A restriction that cannot be read is an error: leaving it out would widen the element.
fn read_with<T>(
    field: &Field<'_>,
    expected: &str,
    read: impl Fn(&str) -> Option<T>,
    path: &Path<'_>,
    findings: &mut Findings,
) -> Result<Option<T>, Error> {
    let Some(text) = field.text(path, findings) else {
        return match field.view() {
            None => Ok(None),
            Some(other) => Err(unexpected(expected, other, field.path(path))),
        };
    };
    read(text).map(Some).ok_or_else(|| {
        let message = format!("Expected {expected}, found {:?}", shortened(text));
        Error::new(Refusal::InvalidDocument, field.path(path).to_string(), message)
    })
}

/// A time of day in seconds since midnight.
fn read_time(
    field: &Field<'_>,
    path: &Path<'_>,
    findings: &mut Findings,
) -> Result<Option<u32>, Error> {
    let time = read_with(field, "a time HH:MM", time::time_of_day, path, findings)?;
    if time == Some(86_400) {
        findings.add(Code::InvalidValue, field.path(path), "OCPI writes midnight as 00:00");
    }
    Ok(time)
}

/// A duration in whole seconds, at most 300 years.
fn read_duration(
    field: &Field<'_>,
    path: &Path<'_>,
    findings: &mut Findings,
) -> Result<Option<i64>, Error> {
    const LONGEST: i64 = 10_000_000_000;
    let Some(seconds) = field.number(path, findings)? else {
        return Ok(None);
    };
    let found = whole(seconds).filter(|seconds| (-LONGEST..=LONGEST).contains(seconds));
    found.map(Some).ok_or_else(|| {
        let message = format!("{seconds} is not a whole number of seconds");
        Error::new(Refusal::InvalidNumber, field.path(path).to_string(), message)
    })
}

fn read_days(
    field: &Field<'_>,
    path: &Path<'_>,
    findings: &mut Findings,
) -> Result<Weekdays, Error> {
    let list = field.path(path);
    let mut days = Weekdays::default();
    for (index, value) in field.array(path)?.enumerate() {
        let path = Path::Item(&list, index);
        let View::String(name) = value.view() else {
            return Err(unexpected("a day of the week", value.view(), path));
        };
        let upper = uppercase(name);
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
    field: &Field<'_>,
    path: &Path<'_>,
    findings: &mut Findings,
) -> Result<Option<ReservationKind>, Error> {
    read_with(
        field,
        "RESERVATION or RESERVATION_EXPIRES",
        |name| match name {
            "RESERVATION" => Some(ReservationKind::Reservation),
            "RESERVATION_EXPIRES" => Some(ReservationKind::ReservationExpires),
            _ => None,
        },
        path,
        findings,
    )
}
