//! A plan for a charge as a profile: so much energy, at such a power, and some time parked.

use crate::error::{Error, Refusal};
use crate::generate::{Profile, State};
use crate::units::{Decimal, Instant, Quantity, ten_to};

/// What is planned; what is left out follows from the rest.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Energy in Wh.
    pub energy: Option<Quantity>,
    /// Power in kW, each for some minutes; the last one for as long as needed.
    pub power: Vec<(Option<Decimal>, Decimal)>,
    /// Minutes of charging.
    pub minutes: Option<Decimal>,
    /// Minutes of parking after it.
    pub parking_minutes: Option<Decimal>,
    /// Minutes the station was reserved before it.
    pub reserved_minutes: Option<Decimal>,
}

/// The profile of a plan that starts at `start`.
///
/// # Errors
/// When energy, power and minutes do not settle how long the charge takes.
pub fn profile(start: Instant, plan: &Plan) -> Result<Profile, Error> {
    let reserved = ms_of_minutes(plan.reserved_minutes.unwrap_or_default())?;
    let charging = later(start, reserved)?;
    let mut readings = vec![(charging, Quantity::ZERO)];
    let mut power = Vec::new();
    let stretches = stretches(plan)?;
    let mut at = charging;
    let mut register = Quantity::ZERO;
    for stretch in stretches {
        if let Some(kw) = stretch.power {
            power.push((at, kw));
        }
        at = later(at, stretch.ms)?;
        register = register.plus(stretch.energy).ok_or(Refusal::AmountOverflow)?;
        readings.push((at, register));
    }
    if !power.is_empty() {
        power.push((at, Decimal::ZERO));
    }
    let end = later(at, ms_of_minutes(plan.parking_minutes.unwrap_or_default())?)?;
    let mut states = vec![(charging, State::Charging), (at, State::Parking)];
    if reserved > 0 {
        states.insert(0, (start, State::Reserved));
    }
    Ok(Profile { start, end, readings, states, power, current: Vec::new() })
}

/// A part of the charge with one power.
struct Stretch {
    power: Option<Decimal>,
    ms: i64,
    energy: Quantity,
}

fn stretches(plan: &Plan) -> Result<Vec<Stretch>, Error> {
    let total_ms = plan.minutes.map(ms_of_minutes).transpose()?;
    if plan.power.is_empty() {
        let Some(ms) = total_ms else {
            let message = "A plan needs the minutes of charging, or its power and energy";
            return Err(Error::new(Refusal::InvalidDocument, "$", message));
        };
        return Ok(vec![Stretch { power: None, ms, energy: plan.energy.unwrap_or_default() }]);
    }
    let mut found = Vec::new();
    let (mut left_ms, mut left) = (total_ms, plan.energy);
    for (minutes, kw) in &plan.power {
        let own = minutes.map(ms_of_minutes).transpose()?;
        let until_full = left.map(|energy| ms_to_fill(energy, *kw)).transpose()?.flatten();
        let Some(ms) = [own, left_ms, until_full].into_iter().flatten().min() else {
            let message = "The plan does not say for how long the last power holds";
            return Err(Error::new(Refusal::InvalidDocument, "$.power", message));
        };
        let full = until_full == Some(ms);
        let energy = match left {
            Some(energy) if full => energy,
            _ => energy_of(*kw, ms),
        };
        found.push(Stretch { power: Some(*kw), ms, energy });
        left = left.map(|left| Quantity::from_raw(left.raw() - energy.raw()));
        left_ms = left_ms.map(|left| left - ms);
        if full || left_ms == Some(0) {
            break;
        }
    }
    Ok(found)
}

/// Wh drawn at `kw` in `ms`, to 10^-9 Wh.
fn energy_of(kw: Decimal, ms: i64) -> Quantity {
    // 10^-18 kW are 10^-15 W; a W for 3600000 ms is a Wh.
    let nano_wh = kw.atto() / 1_000_000 * i128::from(ms) / 3_600_000;
    Quantity::from_raw(nano_wh * ten_to(Quantity::SCALE - 9))
}

/// Milliseconds until `energy` is drawn at `kw`, rounded up; `None` when it never is.
fn ms_to_fill(energy: Quantity, kw: Decimal) -> Result<Option<i64>, Error> {
    let nano_wh = energy.raw() / ten_to(Quantity::SCALE - 9);
    let nano_w = kw.atto() / 1_000_000;
    if nano_w <= 0 {
        return Ok(None);
    }
    let ms = (nano_wh * 3_600_000 + nano_w - 1) / nano_w;
    i64::try_from(ms).map(Some).map_err(|_| Refusal::AmountOverflow.into())
}

fn ms_of_minutes(minutes: Decimal) -> Result<i64, Error> {
    if minutes.is_negative() {
        let message = format!("{minutes} minutes cannot be planned");
        return Err(Error::new(Refusal::InvalidDocument, "$", message));
    }
    i64::try_from(minutes.atto() * 60_000 / ten_to(18)).map_err(|_| Refusal::AmountOverflow.into())
}

fn later(instant: Instant, ms: i64) -> Result<Instant, Error> {
    instant.later_by(ms).ok_or_else(|| {
        Error::new(Refusal::InvalidTimestamp, "$.start", "The plan ends after the year 9999")
    })
}
