//! The linter: what is odd about a tariff as such, before any session meets it.
//!
//! Reachability, gaps and overlaps are judged on every combination of the moments at which
//! anything can change: each cell of the week, each date, duration, energy, power and current
//! between two thresholds.

use crate::component::{Dimension, Phase};
use crate::explain::conditions;
use crate::finding::{Code, Finding};
use crate::policy::{EqualTimes, Policy};
use crate::restriction::{Moment, ReservationKind, Restrictions};
use crate::session::Readings;
use crate::tariff::{Element, Limit, Tariff, TaxIncluded, Version};
use crate::timeline::Zone;
use crate::units::{DAY_MS, Decimal, Instant, LocalTime, Price, Quantity};

/// Everything odd about a tariff; `path` is where it is in its document.
#[must_use]
pub fn lint(tariff: &Tariff, path: &str) -> Vec<Finding> {
    let mut linter = Linter { tariff, path, findings: Vec::new() };
    linter.tariff_as_a_whole();
    linter.limits();
    linter.taxes();
    for (index, element) in tariff.elements.iter().enumerate() {
        linter.components(index, element);
        linter.restrictions(index, &element.restrictions);
    }
    linter.step_sizes();
    linter.coverage();
    linter.findings
}

struct Linter<'t> {
    tariff: &'t Tariff,
    path: &'t str,
    findings: Vec<Finding>,
}

/// More combinations than this are not enumerated.
const MOST_MOMENTS: usize = 200_000;

impl Linter<'_> {
    fn add(&mut self, code: Code, place: &str, message: impl Into<String>) -> &mut Finding {
        self.findings.push(Finding::new(code, format!("{}{place}", self.path), message));
        let last = self.findings.len() - 1;
        &mut self.findings[last]
    }

    fn tariff_as_a_whole(&mut self) {
        let tariff = self.tariff;
        if tariff.elements.is_empty() {
            self.add(Code::NoElements, ".elements", "There are no elements");
        }
        if let (Some(start), Some(end)) = (tariff.start, tariff.end)
            && end <= start
        {
            let message = format!("It is valid from {start} until {end}");
            self.add(Code::ValidityCrossed, ".end_date_time", message);
        }
        if tariff.version == Version::V230 && tariff.tax_included == TaxIncluded::Unstated {
            self.add(Code::MissingTaxIncluded, ".tax_included", "There is no tax_included");
        }
    }

    fn limits(&mut self) {
        let (min, max) = (self.tariff.min_price, self.tariff.max_price);
        for (name, limit) in [(".min_price", min), (".max_price", max)] {
            let Some(Limit { before: Some(before), after: Some(after) }) = limit else {
                continue;
            };
            if after < before {
                let message = format!("{after} after taxes is less than {before} before");
                self.add(Code::LimitTaxesCrossed, name, message);
            }
        }
        let (min, max) = (min.unwrap_or_default(), max.unwrap_or_default());
        for (low, high) in [(min.before, max.before), (min.after, max.after)] {
            if let (Some(low), Some(high)) = (low, high)
                && low > high
            {
                let message = format!("The minimum {low} is above the maximum {high}");
                self.add(Code::LimitsCrossed, ".min_price", message);
            }
        }
        let fee = self.unrestricted_fee();
        if let (Some(high), Some(fee)) = (max.before, fee)
            && fee >= high
            && fee > Price::ZERO
        {
            let message = format!("The fee of {fee} alone reaches the maximum of {high}");
            self.add(Code::LimitAlwaysReached, ".max_price", message);
        }
    }

    fn unrestricted_fee(&self) -> Option<Price> {
        let always = self
            .tariff
            .elements
            .iter()
            .find(|element| element.restrictions == Restrictions::default())?;
        let fee = always.components.iter().find(|found| found.dimension == Dimension::Flat)?;
        Some(fee.price)
    }

    fn taxes(&mut self) {
        let components = self.tariff.elements.iter().flat_map(|element| &element.components);
        let priced = components.filter(|component| component.price != Price::ZERO);
        let with = priced.clone().filter(|component| component.vat.is_some()).count();
        let without = priced.count() - with;
        if with > 0 && without > 0 {
            let message = format!("{with} components have vat and {without} do not");
            self.add(Code::VatMissingOnSome, ".elements", message);
        }
        if self.tariff.tax_included == TaxIncluded::NotApplicable && with > 0 {
            let message = "tax_included is N/A, so the vat of the components is not used";
            self.add(Code::VatWithoutTaxes, ".tax_included", message);
        }
    }

    fn components(&mut self, index: usize, element: &Element) {
        let list = format!(".elements[{index}].price_components");
        if element.components.is_empty() {
            self.add(Code::NoComponents, &list, "The element prices nothing");
        }
        for (position, component) in element.components.iter().enumerate() {
            let place = format!("{list}[{position}]");
            let dimension = component.dimension;
            let earlier = element.components[..position].iter();
            if earlier.clone().any(|other| other.dimension == dimension) {
                let message = format!("{} is priced before in this element", dimension.name());
                self.add(Code::UnreachableComponent, &place, message).dimension = Some(dimension);
            }
            if component.price < Price::ZERO {
                let message = format!("The price is {}", component.price);
                self.add(Code::NegativePrice, &place, message);
            }
            let reserving = element.restrictions.reservation.is_some();
            let meaningless = matches!(dimension, Dimension::Energy | Dimension::ParkingTime);
            if reserving && meaningless {
                let message = format!("A reservation has no {}", dimension.name());
                self.add(Code::ReservationDimension, &place, message);
            }
            self.step_size(&place, dimension, component.step_size);
        }
    }

    fn step_size(&mut self, place: &str, dimension: Dimension, step: u32) {
        let place = format!("{place}.step_size");
        let coarse = match dimension {
            Dimension::Energy => step > 1_000,
            Dimension::Time | Dimension::ParkingTime | Dimension::ReservationTime => step > 3_600,
            Dimension::Flat => return,
        };
        if step == 0 {
            self.add(Code::StepSizeZero, &place, "0 is taken as no rounding");
        } else if coarse {
            let unit = if dimension == Dimension::Energy { "Wh" } else { "s" };
            let message = format!("Every session is billed in blocks of {step} {unit}");
            self.add(Code::StepSizeCoarse, &place, message);
        }
    }

    fn step_sizes(&mut self) {
        for dimension in [Dimension::Energy, Dimension::Time, Dimension::ParkingTime] {
            let mut steps: Vec<u32> = self
                .tariff
                .elements
                .iter()
                .filter(|element| element.restrictions.reservation.is_none())
                .flat_map(|element| &element.components)
                .filter(|component| component.dimension == dimension)
                .map(|component| component.step_size)
                .collect();
            steps.sort_unstable();
            steps.dedup();
            if steps.len() > 1 {
                let message = format!("{} has the step sizes {steps:?}", dimension.name());
                self.add(Code::StepSizesDiffer, ".elements", message).dimension = Some(dimension);
            }
        }
    }

    fn restrictions(&mut self, index: usize, rules: &Restrictions) {
        let place = format!(".elements[{index}].restrictions");
        self.times(&place, rules);
        self.bounds(&place, rules);
        if rules.days.is_every_day() {
            let message = "day_of_week lists every day";
            self.add(Code::NeedlessRestriction, &format!("{place}.day_of_week"), message);
        }
        if rules.max_power.is_some_and(|kw| kw >= Decimal::from_integer(1_500))
            || rules.min_power.is_some_and(|kw| kw >= Decimal::from_integer(1_500))
        {
            self.add(Code::PowerInWatt, &place, "A limit on power is 1500 kW or more");
        }
        let durations = [rules.min_duration, rules.max_duration];
        if durations.into_iter().flatten().any(|seconds| (1..60).contains(&seconds)) {
            let message = "A limit on duration is below 60 seconds";
            self.add(Code::DurationInMinutes, &place, message);
        }
    }

    fn times(&mut self, place: &str, rules: &Restrictions) {
        let wraps = rules.time_windows(EqualTimes::WholeDay)[1].is_some();
        if wraps && !rules.days.is_empty() && !rules.days.is_every_day() {
            let message = "The part after midnight holds on the listed days, not on the days after";
            self.add(Code::WeekdayWithWrap, place, message);
        }
        match (rules.start_time, rules.end_time) {
            (Some(0), Some(0 | 86_400) | None) | (None, Some(0 | 86_400)) => {
                let message = "The window is the whole day";
                let name = if rules.start_time.is_some() { "start_time" } else { "end_time" };
                self.add(Code::NeedlessRestriction, &format!("{place}.{name}"), message);
            }
            (Some(start), Some(end)) if start == end => {
                let message = "start_time equals end_time; it is taken as the whole day";
                self.add(Code::EqualTimes, &format!("{place}.start_time"), message);
            }
            _ => {}
        }
        for (name, time) in [("start_time", rules.start_time), ("end_time", rules.end_time)] {
            let Some(time) = time.filter(|time| *time % 86_400 != 0) else {
                continue;
            };
            if let Some(message) = self.inside_dst_change(time) {
                self.add(Code::TimeInsideDstChange, &format!("{place}.{name}"), message);
            }
        }
    }

    /// Whether a time of day is skipped or repeated when clocks change at the owner's place, or
    /// where the owner is not known, in most of Europe.
    fn inside_dst_change(&self, time: u32) -> Option<String> {
        let country = self.tariff.party.as_ref().map(|(country, _)| country.as_str());
        let name = country.and_then(crate::country::only_time_zone).unwrap_or("Europe/Brussels");
        let zone = Zone::get(name)?;
        // Any recent year shows the rule; 2024 to 2026 are complete in every zone.
        let from = Instant::from_civil(2024, 1, 1, 0)?.ms();
        let until = Instant::from_civil(2027, 1, 1, 0)?.ms();
        zone.changes().windows(2).find_map(|pair| {
            let ((_, before), (at, after)) = (pair[0], pair[1]);
            if at < from || at >= until {
                return None;
            }
            let clock = |offset: i32| (at + i64::from(offset) * 1000).rem_euclid(DAY_MS) / 1000;
            let (low, high) = (clock(before.min(after)), clock(before.max(after)));
            // In the gap clocks never show the time; in the fold they show it twice.
            let inside = low < i64::from(time) && i64::from(time) < high
                || i64::from(time) == low && after > before;
            let what = if after > before { "does not exist" } else { "comes twice" };
            inside.then(|| {
                let day = (at + i64::from(before) * 1000).div_euclid(DAY_MS);
                let (year, month, date) = crate::units::civil_from_days(day);
                format!("In {name} this time {what} on {year}-{month:02}-{date:02}")
            })
        })
    }

    fn bounds(&mut self, place: &str, rules: &Restrictions) {
        let impossible = [
            ("date", crossed(rules.start_date, rules.end_date)),
            ("kwh", crossed(rules.min_energy, rules.max_energy)),
            ("duration", crossed(rules.min_duration, rules.max_duration)),
            ("duration", rules.max_duration.is_some_and(|max| max <= 0)),
        ];
        for (name, _) in impossible.iter().filter(|(_, is)| *is) {
            let message = format!("The limits on {name} leave nothing");
            self.add(Code::ImpossibleRestriction, place, message);
        }
        let crossed = [
            ("current", crossed(rules.min_current, rules.max_current)),
            ("power", crossed(rules.min_power, rules.max_power)),
        ];
        for (name, _) in crossed.iter().filter(|(_, is)| *is) {
            let message = format!("min_{name} is not below max_{name}");
            self.add(Code::ReadingsCrossed, place, message);
        }
        let discharge = [
            ("max_kwh", rules.max_energy.is_some_and(|max| max <= Quantity::ZERO)),
            ("max_power", rules.max_power.is_some_and(|max| max <= Decimal::ZERO)),
            ("max_current", rules.max_current.is_some_and(|max| max <= Decimal::ZERO)),
        ];
        for (name, _) in discharge.iter().filter(|(_, is)| *is) {
            let message = format!("No charge stays below this {name}");
            self.add(Code::OnlyDischarge, &format!("{place}.{name}"), message);
        }
        let (discharge, reading) = (" but discharge", " but periods without a reading");
        let needless = [
            ("min_kwh", rules.min_energy == Some(Quantity::ZERO), discharge),
            ("min_duration", rules.min_duration == Some(0), ""),
            ("min_power", rules.min_power == Some(Decimal::ZERO), reading),
            ("min_current", rules.min_current == Some(Decimal::ZERO), reading),
        ];
        for (name, _, but) in needless.iter().filter(|(_, is, _)| *is) {
            let message = format!("{name} 0 excludes nothing{but}");
            self.add(Code::NeedlessRestriction, &format!("{place}.{name}"), message);
        }
    }

    /// Elements that never price anything, moments that nothing prices, and overlaps.
    fn coverage(&mut self) {
        for (phase, kind) in [
            (Phase::Charge, None),
            (Phase::Reserved, Some(ReservationKind::Reservation)),
            (Phase::Expired, Some(ReservationKind::ReservationExpires)),
        ] {
            let elements: Vec<(usize, &Element)> = self
                .tariff
                .elements
                .iter()
                .enumerate()
                .filter(|(_, element)| element.restrictions.reservation == kind)
                .collect();
            if !elements.is_empty() {
                self.coverage_of(phase, &elements);
            }
        }
    }

    fn coverage_of(&mut self, phase: Phase, elements: &[(usize, &Element)]) {
        let Some(moments) = moments(elements) else {
            return;
        };
        let policy = Policy::default();
        let mut reached = vec![false; elements.len()];
        let mut overlaps = Vec::new();
        let mut gaps = [false; 5];
        let mut priced = [false; 5];
        for (moment, steady) in &moments {
            let matching: Vec<usize> = (0..elements.len())
                .filter(|slot| elements[*slot].1.restrictions.match_at(moment, &policy))
                .collect();
            for dimension in Dimension::ALL {
                let has = |slot: &&usize| {
                    elements[**slot].1.components.iter().any(|found| found.dimension == dimension)
                };
                let mut able = matching.iter().filter(has);
                let first = able.next();
                if let Some(first) = first {
                    reached[*first] = true;
                }
                if !steady {
                    continue;
                }
                let Some(first) = first else {
                    gaps[dimension as usize] = true;
                    continue;
                };
                priced[dimension as usize] = true;
                let second = able.find(|slot| !is_free_of_restrictions(elements[**slot].1));
                if let Some(second) =
                    second.filter(|_| !is_free_of_restrictions(elements[*first].1))
                {
                    overlaps.push((*first, *second));
                }
            }
        }
        for (slot, _) in reached.iter().enumerate().filter(|(_, reached)| !**reached) {
            let (index, element) = elements[slot];
            if !element.components.is_empty() {
                let message = "Elements before it match whenever it does, or it never matches";
                self.add(Code::UnreachableElement, &format!(".elements[{index}]"), message);
            }
        }
        overlaps.sort_unstable();
        overlaps.dedup();
        for (first, second) in overlaps {
            let (first, second) = (elements[first].0, elements[second].0);
            let message = format!("It can match together with element {first}, which then counts");
            self.add(Code::OverlappingElements, &format!(".elements[{second}]"), message);
        }
        if phase == Phase::Charge {
            self.gaps(gaps, priced, elements);
        }
    }

    fn gaps(&mut self, gaps: [bool; 5], priced: [bool; 5], elements: &[(usize, &Element)]) {
        for dimension in [Dimension::Energy, Dimension::Time, Dimension::ParkingTime] {
            if gaps[dimension as usize] && priced[dimension as usize] {
                let held: Vec<String> = elements
                    .iter()
                    .filter(|(_, element)| {
                        element.components.iter().any(|found| found.dimension == dimension)
                    })
                    .map(|(_, element)| conditions(&element.restrictions))
                    .collect();
                let message = format!(
                    "{} is priced only {}; otherwise it is free",
                    dimension.name(),
                    held.join(" or ")
                );
                self.add(Code::FreeByAccident, ".elements", message).dimension = Some(dimension);
            }
        }
    }
}

fn is_free_of_restrictions(element: &Element) -> bool {
    Restrictions { reservation: None, ..element.restrictions.clone() } == Restrictions::default()
}

fn crossed<T: PartialOrd>(min: Option<T>, max: Option<T>) -> bool {
    matches!((min, max), (Some(min), Some(max)) if min >= max)
}

/// A moment within every combination of stretches in which nothing changes, or `None` when there
/// are too many to look at. Steady are those of a charge whose readings are known and the same all
/// through the period: what most sessions consist of.
fn moments(elements: &[(usize, &Element)]) -> Option<Vec<(Moment, bool)>> {
    let rules = || elements.iter().map(|(_, element)| &element.restrictions);
    let locals = local_times(rules());
    let durations = samples(rules().flat_map(|r| [r.min_duration, r.max_duration]), 0, -1);
    let nothing = Quantity::ZERO;
    let limits = || rules().flat_map(|r| [r.min_energy, r.max_energy]);
    let mut energies = samples(limits(), nothing, nothing);
    let below = |least: Quantity| least.min(nothing).minus(Quantity::from_units(1));
    energies.extend(limits().flatten().min().and_then(below));
    let powers = readings(rules().flat_map(|r| [r.min_power, r.max_power]));
    let currents = readings(rules().flat_map(|r| [r.min_current, r.max_current]));
    let count = [durations.len(), energies.len(), powers.len(), currents.len()]
        .into_iter()
        .try_fold(locals.len(), usize::checked_mul)?;
    if count > MOST_MOMENTS {
        return None;
    }
    let mut moments = Vec::with_capacity(count);
    for local in &locals {
        for duration in &durations {
            for energy in &energies {
                for (power, power_steady) in &powers {
                    moments.extend(currents.iter().map(|(current, current_steady)| {
                        let moment = Moment {
                            local: *local,
                            elapsed_ms: duration * 1000,
                            energy: *energy,
                            current: *current,
                            power: *power,
                        };
                        let charging = *energy >= nothing;
                        (moment, charging && *power_steady && *current_steady)
                    }));
                }
            }
        }
    }
    Some(moments)
}

/// Readings of a period on all sides of all limits, and whether they are steady.
fn readings(limits: impl Iterator<Item = Option<Decimal>>) -> Vec<(Readings, bool)> {
    let limits: Vec<Decimal> = limits.flatten().collect();
    let none = Decimal::ZERO;
    let mut levels = samples(limits.iter().copied().map(Some), none, none);
    let steady = |level: &Decimal| (Readings { lowest: Some(*level), highest: Some(*level) }, true);
    let mut found: Vec<(Readings, bool)> = levels.iter().map(steady).collect();
    if limits.is_empty() {
        return found;
    }
    let least = limits.iter().fold(none, |least, limit| least.min(*limit));
    levels.push(Decimal::from_atto(least.atto() - 1));
    let levels: Vec<Option<Decimal>> = levels.into_iter().map(Some).chain([None]).collect();
    for lowest in &levels {
        let highest = levels.iter().filter(|highest| highest.is_none() || *highest >= lowest);
        found.extend(
            highest.map(|highest| (Readings { lowest: *lowest, highest: *highest }, false)),
        );
    }
    found
}

/// Zero and every threshold above it: one value in each stretch between two thresholds.
fn samples<T: Copy + Ord>(found: impl Iterator<Item = Option<T>>, zero: T, floor: T) -> Vec<T> {
    let mut values: Vec<T> = found.flatten().filter(|value| *value > floor).collect();
    values.push(zero);
    values.sort_unstable();
    values.dedup();
    values
}

fn local_times<'r>(rules: impl Iterator<Item = &'r Restrictions>) -> Vec<LocalTime> {
    let mut times = vec![0_i64];
    let mut days = Vec::new();
    let mut by_weekday = false;
    for rules in rules {
        by_weekday |= !rules.days.is_empty();
        days.extend([rules.start_date, rules.end_date].into_iter().flatten());
        for (start, end) in rules.time_windows(EqualTimes::WholeDay).into_iter().flatten() {
            times.extend([start % 86_400, end % 86_400].map(|second| i64::from(second) * 1000));
        }
    }
    // The day before the first date stands for all days before it.
    days.push(days.iter().min().map_or(0, |first| first - 8));
    let span = if by_weekday { 7 } else { 1 };
    let mut all: Vec<LocalTime> = days
        .iter()
        .flat_map(|day| (0..span).map(move |later| day + later))
        .flat_map(|day| times.iter().map(move |time| LocalTime { day, ms_of_day: *time }))
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}
