//! Why a line is what it is, in sentences and in a table.

use crate::component::Dimension;
use crate::report::Line;
use crate::restriction::{ReservationKind, Restrictions};
use crate::tariff::Tariff;
use crate::units::Weekday;

/// The reason for a line, in a sentence.
#[must_use]
pub fn reason(line: &Line, tariff: &Tariff) -> String {
    let element = &tariff.elements[line.place.element];
    let conditions = conditions(&element.restrictions);
    let mut sentence = if conditions.is_empty() {
        format!("Element {} has no restrictions", line.place.element)
    } else {
        format!("Element {} holds {}", line.place.element, conditions.join(", "))
    };
    let earlier = line.place.element;
    if line.dimension == Dimension::Flat {
        sentence.push_str(" and its fee became due here");
    } else if earlier > 0 {
        sentence.push_str(" and no element before it prices this");
    }
    if !line.step_extra.is_zero() {
        let unit = if line.dimension == Dimension::Energy { "Wh" } else { "s" };
        sentence.push_str(&format!(
            "; the session's total is billed in steps of {} {unit}, which adds {} {unit} here",
            line.component.step_size, line.step_extra
        ));
    }
    sentence.push('.');
    sentence
}

/// The restrictions of an element, each as a phrase.
#[must_use]
pub fn conditions(rules: &Restrictions) -> Vec<String> {
    let mut phrases = Vec::new();
    match rules.reservation {
        None => {}
        Some(ReservationKind::Reservation) => phrases.push("for reservations".to_owned()),
        Some(ReservationKind::ReservationExpires) => {
            phrases.push("for reservations that expire".to_owned());
        }
    }
    if rules.start_time.is_some() || rules.end_time.is_some() {
        let end = rules.end_time.filter(|end| *end != 0).unwrap_or(86_400);
        let start = clock(rules.start_time.unwrap_or(0));
        phrases.push(format!("from {start} to {} local time", clock(end)));
    }
    if !rules.days.is_empty() {
        let days: Vec<&str> = Weekday::ALL
            .into_iter()
            .filter(|day| rules.days.contains(*day))
            .map(Weekday::name)
            .collect();
        phrases.push(format!("on {}", days.join(", ")));
    }
    bounds(&mut phrases, "on dates", rules.start_date.map(date), rules.end_date.map(date));
    bounds(&mut phrases, "after Wh", rules.min_energy, rules.max_energy);
    bounds(&mut phrases, "at A", rules.min_current, rules.max_current);
    bounds(&mut phrases, "at kW", rules.min_power, rules.max_power);
    bounds(&mut phrases, "after seconds", rules.min_duration, rules.max_duration);
    phrases
}

fn bounds<T: std::fmt::Display>(
    phrases: &mut Vec<String>,
    what: &str,
    min: Option<T>,
    max: Option<T>,
) {
    match (min, max) {
        (None, None) => {}
        (Some(min), None) => phrases.push(format!("{what} from {min}")),
        (None, Some(max)) => phrases.push(format!("{what} below {max}")),
        (Some(min), Some(max)) => phrases.push(format!("{what} from {min} to below {max}")),
    }
}

fn clock(seconds: u32) -> String {
    format!("{:02}:{:02}", seconds / 3600, seconds / 60 % 60)
}

fn date(day: i64) -> String {
    let (year, month, day) = crate::units::civil_from_days(day);
    format!("{year:04}-{month:02}-{day:02}")
}
