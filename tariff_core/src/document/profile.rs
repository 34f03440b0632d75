//! Profiles and plans written as JSON.

use crate::document::json::Value;
use crate::document::node::{Findings, Object, Path, shortened, unexpected};
use crate::error::{Error, Refusal};
use crate::estimate::{Plan, profile as profile_of_plan};
use crate::generate::{Course, Profile, State};
use crate::units::{Decimal, Instant, Quantity};

const PROFILE: &[&str] = &["start", "end", "readings", "states", "power", "current"];
const PLAN: &[&str] = &[
    "start",
    "energy_kwh",
    "energy_wh",
    "power",
    "power_kw",
    "minutes",
    "parking_minutes",
    "reserved_minutes",
];

/// A profile of what was metered, or a plan turned into one.
pub fn read(value: &Value<'_>, path: Path<'_>, findings: &mut Findings) -> Result<Profile, Error> {
    let object = Object::new(value, path)?;
    let Some(start) = object.instant("start", findings)? else {
        let path = Path::Field(&object.path, "start").to_string();
        return Err(Error::new(Refusal::InvalidDocument, path, "A profile needs a start"));
    };
    let is_metered = object.has("readings") || object.has("end") || object.has("states");
    if is_metered {
        read_metered(&object, start, findings)
    } else {
        read_plan(&object, start, findings)
    }
}

fn read_metered(
    object: &Object<'_, '_>,
    start: Instant,
    findings: &mut Findings,
) -> Result<Profile, Error> {
    object.check_fields(&[PROFILE], findings);
    let readings = read_course(object, "readings", findings, |entry, findings| {
        entry.number("energy_wh", findings).map(|number| number.map(wh))
    })?;
    let states = read_course(object, "states", findings, read_state)?;
    let last = readings.last().map(|entry: &(Instant, Quantity)| entry.0);
    let end = object.instant("end", findings)?.or(last).unwrap_or(start);
    let power = read_levels(object, "power", "kw", start, findings)?;
    let current = read_levels(object, "current", "a", start, findings)?;
    Ok(Profile { start, end, readings, states, power, current })
}

fn wh(number: Decimal) -> Quantity {
    // A Wh is 10^16 units and a Decimal counts 10^-18: two digits beyond what is kept.
    Quantity::from_raw(number.atto() / 100)
}

/// A list of objects, each with `at` and a value.
fn read_course<T>(
    object: &Object<'_, '_>,
    name: &str,
    findings: &mut Findings,
    read: impl Fn(&Object<'_, '_>, &mut Findings) -> Result<Option<T>, Error>,
) -> Result<Course<T>, Error> {
    let list = Path::Field(&object.path, name);
    let mut course = Vec::new();
    for (index, item) in object.array(name)?.iter().enumerate() {
        let entry = Object::new(item, Path::Item(&list, index))?;
        let at = entry.instant("at", findings)?;
        let value = read(&entry, findings)?;
        let (Some(at), Some(value)) = (at, value) else {
            let message = "An entry needs the instant \"at\" and a value";
            return Err(Error::new(Refusal::InvalidDocument, entry.path.to_string(), message));
        };
        course.push((at, value));
    }
    Ok(course)
}

fn read_state(entry: &Object<'_, '_>, findings: &mut Findings) -> Result<Option<State>, Error> {
    let Some(name) = entry.text("state", findings) else {
        return Ok(None);
    };
    let state = match name {
        "charging" => State::Charging,
        "parking" => State::Parking,
        "reserved" => State::Reserved,
        _ => {
            let message =
                format!("Expected charging, parking or reserved, found {:?}", shortened(name));
            let path = Path::Field(&entry.path, "state").to_string();
            return Err(Error::new(Refusal::InvalidDocument, path, message));
        }
    };
    Ok(Some(state))
}

/// One number for the whole session, or a list of levels.
fn read_levels(
    object: &Object<'_, '_>,
    name: &str,
    unit: &str,
    start: Instant,
    findings: &mut Findings,
) -> Result<Course<Decimal>, Error> {
    match object.get(name) {
        None => Ok(Vec::new()),
        Some(Value::Array(_)) => {
            read_course(object, name, findings, |entry, findings| entry.number(unit, findings))
        }
        Some(Value::Number(_) | Value::String(_)) => {
            Ok(object.number(name, findings)?.map(|level| (start, level)).into_iter().collect())
        }
        Some(other) => {
            Err(unexpected("a number or an array", other, Path::Field(&object.path, name)))
        }
    }
}

fn read_plan(
    object: &Object<'_, '_>,
    start: Instant,
    findings: &mut Findings,
) -> Result<Profile, Error> {
    object.check_fields(&[PLAN], findings);
    let energy = match object.number("energy_kwh", findings)? {
        Some(kwh) => Some(Quantity::from_kwh(kwh)),
        None => object.number("energy_wh", findings)?.map(wh),
    };
    let plan = Plan {
        energy,
        power: read_power(object, findings)?,
        minutes: object.number("minutes", findings)?,
        parking_minutes: object.number("parking_minutes", findings)?,
        reserved_minutes: object.number("reserved_minutes", findings)?,
    };
    profile_of_plan(start, &plan)
}

/// `power_kw` or `power` as one number, or a curve of `{"kw", "minutes"}`.
fn read_power(
    object: &Object<'_, '_>,
    findings: &mut Findings,
) -> Result<Vec<(Option<Decimal>, Decimal)>, Error> {
    let name = if object.has("power_kw") { "power_kw" } else { "power" };
    let Some(Value::Array(items)) = object.get(name) else {
        return Ok(object.number(name, findings)?.map(|kw| (None, kw)).into_iter().collect());
    };
    let list = Path::Field(&object.path, name);
    let mut curve = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let entry = Object::new(item, Path::Item(&list, index))?;
        let Some(kw) = entry.number("kw", findings)? else {
            let message = "A part of a power curve needs \"kw\"";
            return Err(Error::new(Refusal::InvalidDocument, entry.path.to_string(), message));
        };
        curve.push((entry.number("minutes", findings)?, kw));
    }
    Ok(curve)
}
