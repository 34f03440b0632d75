//! Profiles and plans written as JSON.

use crate::document::fields::object;
use crate::document::json::{Value, View};
use crate::document::node::{
    Field, Findings, Object, Path, check_fields, read_part, shortened, unexpected,
};
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

object! {
    /// A profile or a plan.
    Fields {
        start: "start",
        // Those of a profile.
        end: "end",
        readings: "readings",
        states: "states",
        current: "current",
        power: "power",
        // Those of a plan.
        power_kw: "power_kw",
        energy_kwh: "energy_kwh",
        energy_wh: "energy_wh",
        minutes: "minutes",
        parking_minutes: "parking_minutes",
        reserved_minutes: "reserved_minutes",
    }
}

object! {
    /// An entry of a list in a profile or a plan.
    Entry {
        at: "at",
        energy_wh: "energy_wh",
        state: "state",
        kw: "kw",
        a: "a",
        minutes: "minutes",
    }
}

/// A profile of what was metered, or a plan turned into one.
pub fn read(value: Value<'_>, path: &Path<'_>, findings: &mut Findings) -> Result<Profile, Error> {
    let object: Fields<'_> = read_part(value, path)?;
    let Some(start) = object.start.instant(path, findings)? else {
        let path = object.start.path(path).to_string();
        return Err(Error::new(Refusal::InvalidDocument, path, "A profile needs a start"));
    };
    let metered = [object.readings, object.end, object.states];
    if metered.iter().any(Field::is_there) {
        check_fields(value, &[PROFILE], path, findings)?;
        read_metered(&object, path, start, findings)
    } else {
        check_fields(value, &[PLAN], path, findings)?;
        read_plan(&object, path, start, findings)
    }
}

fn read_metered(
    object: &Fields<'_>,
    path: &Path<'_>,
    start: Instant,
    findings: &mut Findings,
) -> Result<Profile, Error> {
    let readings = read_course(&object.readings, path, findings, |entry, path, findings| {
        entry.energy_wh.number(path, findings).map(|number| number.map(wh))
    })?;
    let states = read_course(&object.states, path, findings, read_state)?;
    let last = readings.last().map(|entry: &(Instant, Quantity)| entry.0);
    let end = object.end.instant(path, findings)?.or(last).unwrap_or(start);
    let power = read_levels(&object.power, |entry| entry.kw, start, path, findings)?;
    let current = read_levels(&object.current, |entry| entry.a, start, path, findings)?;
    Ok(Profile { start, end, readings, states, power, current })
}

fn wh(number: Decimal) -> Quantity {
    // A Wh is 10^16 units and a Decimal counts 10^-18: two digits beyond what is kept.
    Quantity::from_raw(number.atto() / 100)
}

/// A list of objects, each with `at` and a value.
fn read_course<T>(
    field: &Field<'_>,
    path: &Path<'_>,
    findings: &mut Findings,
    read: impl Fn(&Entry<'_>, &Path<'_>, &mut Findings) -> Result<Option<T>, Error>,
) -> Result<Course<T>, Error> {
    let list = field.path(path);
    let mut course = Vec::new();
    for (index, item) in field.array(path)?.enumerate() {
        let path = Path::Item(&list, index);
        let entry: Entry<'_> = read_part(item, &path)?;
        let at = entry.at.instant(&path, findings)?;
        let value = read(&entry, &path, findings)?;
        let (Some(at), Some(value)) = (at, value) else {
            let message = "An entry needs the instant \"at\" and a value";
            return Err(Error::new(Refusal::InvalidDocument, path.to_string(), message));
        };
        course.push((at, value));
    }
    Ok(course)
}

fn read_state(
    entry: &Entry<'_>,
    path: &Path<'_>,
    findings: &mut Findings,
) -> Result<Option<State>, Error> {
    let Some(name) = entry.state.text(path, findings) else {
        return Ok(None);
    };
    let state = match name {
        "charging" => State::Charging,
        "parking" => State::Parking,
        "reserved" => State::Reserved,
        _ => {
            let message =
                format!("Expected charging, parking or reserved, found {:?}", shortened(name));
            let path = entry.state.path(path).to_string();
            return Err(Error::new(Refusal::InvalidDocument, path, message));
        }
    };
    Ok(Some(state))
}

/// One number for the whole session, or a list of levels.
fn read_levels(
    field: &Field<'_>,
    level: impl for<'v> Fn(&Entry<'v>) -> Field<'v>,
    start: Instant,
    path: &Path<'_>,
    findings: &mut Findings,
) -> Result<Course<Decimal>, Error> {
    match field.view() {
        None => Ok(Vec::new()),
        Some(View::Array(_)) => read_course(field, path, findings, |entry, path, findings| {
            level(entry).number(path, findings)
        }),
        Some(View::Number(_) | View::String(_)) => {
            Ok(field.number(path, findings)?.map(|level| (start, level)).into_iter().collect())
        }
        Some(other) => Err(unexpected("a number or an array", other, field.path(path))),
    }
}

fn read_plan(
    object: &Fields<'_>,
    path: &Path<'_>,
    start: Instant,
    findings: &mut Findings,
) -> Result<Profile, Error> {
    let energy = match object.energy_kwh.number(path, findings)? {
        Some(kwh) => Some(Quantity::from_kwh(kwh)),
        None => object.energy_wh.number(path, findings)?.map(wh),
    };
    let plan = Plan {
        energy,
        power: read_power(object, path, findings)?,
        minutes: object.minutes.number(path, findings)?,
        parking_minutes: object.parking_minutes.number(path, findings)?,
        reserved_minutes: object.reserved_minutes.number(path, findings)?,
    };
    profile_of_plan(start, &plan)
}

/// `power_kw` or `power` as one number, or a curve of `{"kw", "minutes"}`.
fn read_power(
    object: &Fields<'_>,
    path: &Path<'_>,
    findings: &mut Findings,
) -> Result<Vec<(Option<Decimal>, Decimal)>, Error> {
    let field = if object.power_kw.is_there() { &object.power_kw } else { &object.power };
    let Some(View::Array(items)) = field.view() else {
        return Ok(field.number(path, findings)?.map(|kw| (None, kw)).into_iter().collect());
    };
    let list = field.path(path);
    let mut curve = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let path = Path::Item(&list, index);
        let entry: Entry<'_> = read_part(item, &path)?;
        let Some(kw) = entry.kw.number(&path, findings)? else {
            let message = "A part of a power curve needs \"kw\"";
            return Err(Error::new(Refusal::InvalidDocument, path.to_string(), message));
        };
        curve.push((entry.minutes.number(&path, findings)?, kw));
    }
    Ok(curve)
}
