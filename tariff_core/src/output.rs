//! Reports as JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::component::Dimension;
use crate::document::json::{needs_escapes, write_escaped, write_string};
use crate::error::Error;
use crate::explain::reason;
use crate::finding::Finding;
use crate::fit::{Change, Fit};
use crate::generate::{Generated, Imputed};
use crate::policy::Policy;
use crate::report::{Cost, Line, Report, TaxLine, Unpriced};
use crate::rounding::{Mode, divide};
use crate::session::Period;
use crate::tariff::Tariff;
use crate::totals::Rounder;
use crate::units::{Decimal, Quantity, ten_to};

/// A JSON object being written.
pub struct ObjectWriter<'o> {
    out: &'o mut String,
    first: bool,
}

impl<'o> ObjectWriter<'o> {
    /// Open an object.
    pub fn new(out: &'o mut String) -> ObjectWriter<'o> {
        out.push('{');
        ObjectWriter { out, first: true }
    }

    /// Start a field and hand out the text its value is to be appended to.
    pub fn field(&mut self, name: &str) -> &mut String {
        if !self.first {
            self.out.push(',');
        }
        self.first = false;
        self.out.push('"');
        write_escaped(self.out, name);
        self.out.push_str("\":");
        self.out
    }

    /// A text field.
    pub fn text(&mut self, name: &str, value: impl std::fmt::Display) {
        let out = self.field(name);
        out.push('"');
        let start = out.len();
        // Writing to a string cannot fail, here and below.
        let _ = write!(out, "{value}");
        if needs_escapes(&out[start..]) {
            let written = out.split_off(start);
            write_escaped(out, &written);
        }
        out.push('"');
    }

    /// A text field, or null.
    pub fn optional(&mut self, name: &str, value: Option<impl std::fmt::Display>) {
        match value {
            Some(value) => self.text(name, value),
            None => self.field(name).push_str("null"),
        }
    }

    /// A whole number.
    pub fn number(&mut self, name: &str, value: usize) {
        let _ = write!(self.field(name), "{value}");
    }

    /// A list.
    pub fn list<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        write: impl FnMut(&mut String, T),
    ) {
        write_list(self.field(name), items, write);
    }

    /// Close the object.
    pub fn end(self) {
        self.out.push('}');
    }
}

/// Append a JSON list.
pub fn write_list<T>(
    out: &mut String,
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut String, T),
) {
    out.push('[');
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(out, item);
    }
    out.push(']');
}

/// The report as a JSON object; given the tariffs to explain it by, every line too.
#[must_use]
pub fn report_json(report: &Report, explain: Option<&[Tariff]>) -> String {
    let mut out = String::with_capacity(4096);
    let mut object = ObjectWriter::new(&mut out);
    object.text("status", "priced");
    object.field("error").push_str("null");
    object.text("currency", report.currency.code());
    write_cost(object.field("total_cost"), Some(&report.total_cost));
    write_cost(object.field("total_cost_before_limits"), Some(&report.total_cost_before_limits));
    for (name, cost) in [
        ("total_energy_cost", &report.total_energy_cost),
        ("total_time_cost", &report.total_time_cost),
        ("total_parking_cost", &report.total_parking_cost),
        ("total_reservation_time_cost", &report.total_reservation_time_cost),
        ("total_fixed_cost", &report.total_fixed_cost),
        ("total_reservation_cost", &report.total_reservation_cost),
        ("total_charge_fixed_cost", &report.total_charge_fixed_cost),
    ] {
        write_cost(object.field(name), cost.as_ref());
    }
    object.text("billed_energy_wh", report.billed_energy);
    object.text("billed_time_s", report.billed_time);
    object.text("billed_parking_s", report.billed_parking);
    object.text("billed_reservation_s", report.billed_reservation);
    object.list("taxes", &report.taxes, write_tax);
    object.list("warnings", report.warnings(), |out, name| write_string(out, &name));
    write_policy(object.field("policy"), &report.policy);
    object.text("time_zone", &report.time_zone);
    object.list("tariffs", &report.tariffs, |out, id| write_string(out, id));
    object.list("findings", &report.findings, write_finding);
    if let Some(tariffs) = explain {
        let round = Rounder::new(report.currency, &report.policy);
        object.list("lines", &report.lines, |out, line| {
            write_line(out, line, &tariffs[line.tariff], &round);
        });
        object.list("unpriced", &report.unpriced, write_unpriced);
    }
    object.end();
    out
}

/// A refusal as a JSON object with the fields of a report.
#[must_use]
pub fn error_json(error: &Error, policy: &Policy, findings: &[Finding]) -> String {
    let mut out = String::with_capacity(1024);
    let mut object = ObjectWriter::new(&mut out);
    object.text("status", "error");
    object.text("error", error.refusal.code());
    object.text("message", error);
    object.text("path", &error.path);
    for name in [
        "currency",
        "total_cost",
        "total_cost_before_limits",
        "total_energy_cost",
        "total_time_cost",
        "total_parking_cost",
        "total_reservation_time_cost",
        "total_fixed_cost",
        "total_reservation_cost",
        "total_charge_fixed_cost",
        "billed_energy_wh",
        "billed_time_s",
        "billed_parking_s",
        "billed_reservation_s",
    ] {
        object.field(name).push_str("null");
    }
    object.field("warnings").push_str("[]");
    write_policy(object.field("policy"), policy);
    object.list("findings", findings, write_finding);
    object.end();
    out
}

/// A list of findings.
#[must_use]
pub fn findings_json(findings: &[Finding]) -> String {
    let mut out = String::new();
    write_list(&mut out, findings, write_finding);
    out
}

fn write_cost(out: &mut String, cost: Option<&Cost>) {
    let Some(cost) = cost else {
        out.push_str("null");
        return;
    };
    let mut object = ObjectWriter::new(out);
    object.optional("excl_vat", cost.before);
    object.optional("incl_vat", cost.after);
    object.end();
}

fn write_tax(out: &mut String, tax: &TaxLine) {
    let mut object = ObjectWriter::new(out);
    object.text("name", "VAT");
    object.optional("percentage", tax.rate);
    object.text("base", tax.base);
    object.text("amount", tax.amount);
    object.end();
}

fn write_policy(out: &mut String, policy: &Policy) {
    let mut object = ObjectWriter::new(out);
    for (name, value) in policy.choices() {
        object.text(name, value);
    }
    object.end();
}

/// One finding as a JSON object.
pub fn write_finding(out: &mut String, finding: &Finding) {
    let mut object = ObjectWriter::new(out);
    object.text("code", finding.code.name());
    object.text("path", &finding.path);
    object.text("message", &finding.message);
    if let Some(dimension) = finding.dimension {
        object.text("dimension", dimension.name());
    }
    if let Some(range) = &finding.range {
        for (name, bound) in [("lowest_total", &range.lowest), ("highest_total", &range.highest)] {
            let mut inner = ObjectWriter::new(object.field(name));
            inner.optional("excl_vat", bound.0.as_ref());
            inner.optional("incl_vat", bound.1.as_ref());
            inner.end();
        }
    }
    object.end();
}

fn write_line(out: &mut String, line: &Line, tariff: &Tariff, round: &Rounder) {
    let mut object = ObjectWriter::new(out);
    object.number("period", line.period);
    object.text("dimension", line.dimension.name());
    object.text("tariff", &tariff.id);
    object.number("element", line.place.element);
    object.number("component", line.place.component);
    object.text("unit", unit(line.dimension));
    object.text("measured", line.measured);
    object.text("step_added", line.step_extra);
    object.number("step_size", line.component.step_size as usize);
    object.optional("billed", line.billed().ok());
    object.text("price", line.component.price);
    object.optional("vat", line.component.vat);
    write_cost(object.field("cost"), round.line(&line.cost).ok().as_ref());
    object.text("reason", reason(line, tariff));
    object.end();
}

fn write_unpriced(out: &mut String, entry: &Unpriced) {
    let mut object = ObjectWriter::new(out);
    object.number("period", entry.period);
    object.text("dimension", entry.dimension.name());
    object.text("unit", unit(entry.dimension));
    object.text("measured", entry.quantity);
    object.end();
}

/// What quantities of a dimension are counted in.
fn unit(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Energy => "Wh",
        Dimension::Time | Dimension::ParkingTime | Dimension::ReservationTime => "s",
        Dimension::Flat => "fee",
    }
}

/// Charging periods made from a profile, as a JSON object.
#[must_use]
pub fn generated_json(generated: &Generated) -> String {
    let mut out = String::with_capacity(4096);
    let mut object = ObjectWriter::new(&mut out);
    object.text("status", "priced");
    object.field("error").push_str("null");
    let session = &generated.session;
    object.list("charging_periods", &session.periods, write_period);
    object.list("imputed", &generated.imputed, write_imputed);
    let sum = |dimension| -> Quantity {
        let volumes = session.periods.iter().filter_map(|period| period.volume(dimension));
        volumes.fold(Quantity::ZERO, |sum, volume| sum.plus(volume).unwrap_or(sum))
    };
    let parked = sum(Dimension::ParkingTime);
    let lasted = sum(Dimension::Time).plus(parked).unwrap_or(parked);
    write_decimal(object.field("total_energy"), sum(Dimension::Energy), KWH);
    write_decimal(object.field("total_time"), lasted, HOUR);
    write_decimal(object.field("total_parking_time"), parked, HOUR);
    object.field("report").push_str(&report_json(&generated.report, None));
    object.end();
    out
}

/// An error in place of charging periods.
#[must_use]
pub fn generated_error_json(error: &Error, policy: &Policy, findings: &[Finding]) -> String {
    let mut out = String::new();
    let mut object = ObjectWriter::new(&mut out);
    object.text("status", "error");
    object.text("error", error.refusal.code());
    object.text("message", error);
    object.field("charging_periods").push_str("[]");
    object.field("imputed").push_str("[]");
    object.field("report").push_str(&error_json(error, policy, findings));
    object.end();
    out
}

/// Wh in a kWh and seconds in an hour.
const KWH: i128 = 1_000;
const HOUR: i128 = 3_600;

fn write_period(out: &mut String, period: &Period) {
    let mut object = ObjectWriter::new(out);
    object.text("start_date_time", period.start);
    let mut dimensions: Vec<(&str, String)> = Vec::new();
    for dimension in Dimension::MEASURED {
        if let Some(volume) = period.volume(dimension) {
            let is_energy = dimension == Dimension::Energy;
            let written = if is_energy { volume.to_kwh() } else { volume.to_hours() };
            dimensions.push((dimension.name(), written.to_string()));
        }
    }
    for (name, reading) in [
        ("MIN_POWER", period.power.lowest),
        ("MAX_POWER", period.power.highest),
        ("MIN_CURRENT", period.current.lowest),
        ("MAX_CURRENT", period.current.highest),
    ] {
        dimensions.extend(reading.map(|value| (name, value.to_string())));
    }
    object.list("dimensions", dimensions, |out, (name, volume)| {
        let mut dimension = ObjectWriter::new(out);
        dimension.text("type", name);
        dimension.field("volume").push_str(&volume);
        dimension.end();
    });
    if let Some(id) = &period.tariff_id {
        object.text("tariff_id", id);
    }
    object.end();
}

fn write_imputed(out: &mut String, imputed: &Imputed) {
    let mut object = ObjectWriter::new(out);
    object.text("at", imputed.at);
    object.text("energy_wh", imputed.energy);
    object.text("interpolated", if imputed.by_energy { "time" } else { "energy" });
    object.end();
}

/// A total in units of `per`, rounded to four decimals.
fn write_decimal(out: &mut String, quantity: Quantity, per: i128) {
    let count = divide(quantity.raw(), ten_to(Quantity::SCALE - 4) * per, Mode::HalfUp);
    let _ = write!(out, "{}", Decimal::from_atto(count * ten_to(14)));
}

/// What was found for one CDR of a fit.
#[derive(Debug)]
pub struct FittedCdr {
    /// The id of the CDR.
    pub id: String,
    /// Country code and party id of its owner, such as `NL*TNM`; empty in 2.1.1.
    pub party: String,
    /// The combinations that fit, or why the CDR cannot be read.
    pub fit: Result<Fit, Error>,
}

/// Fits as a JSON object: one entry for each CDR, and a summary for each party.
pub fn write_fits(out: &mut String, fits: &[FittedCdr]) {
    let mut object = ObjectWriter::new(out);
    object.list("cdrs", fits, write_fit);
    let mut parties: BTreeMap<&str, Vec<&Fit>> = BTreeMap::new();
    for fitted in fits {
        if let Ok(fit) = &fitted.fit {
            parties.entry(&fitted.party).or_default().push(fit);
        }
    }
    object.list("parties", parties, |out, (party, fits)| write_party_fit(out, party, &fits));
    object.end();
}

fn write_fit(out: &mut String, fitted: &FittedCdr) {
    let mut object = ObjectWriter::new(out);
    object.text("id", &fitted.id);
    object.text("party", &fitted.party);
    match &fitted.fit {
        Err(error) => {
            object.text("error", error.refusal.code());
            object.text("message", error);
        }
        Ok(fit) => {
            object.field("error").push_str("null");
            let declared = if fit.declared { "true" } else { "false" };
            object.field("declared").push_str(declared);
            object.number("tried", fit.tried);
            object.list("fitting", &fit.fitting, |out, changes| write_changes(out, changes));
        }
    }
    object.end();
}

fn write_party_fit(out: &mut String, party: &str, fits: &[&Fit]) {
    let mut counts: BTreeMap<&[Change], usize> = BTreeMap::new();
    for fit in fits {
        for changes in &fit.fitting {
            *counts.entry(changes).or_default() += 1;
        }
    }
    let mut ranked: Vec<(&[Change], usize)> = counts.into_iter().collect();
    ranked.sort_by_key(|(changes, count)| (std::cmp::Reverse(*count), changes.len()));
    let mut object = ObjectWriter::new(out);
    object.text("party", party);
    object.number("cdrs", fits.iter().filter(|fit| fit.declared).count());
    object.number("fitted", fits.iter().filter(|fit| !fit.fitting.is_empty()).count());
    object.list("combinations", ranked, |out, (changes, count)| {
        let mut combination = ObjectWriter::new(out);
        write_changes(combination.field("policy"), changes);
        combination.number("reproduces", count);
        combination.end();
    });
    object.end();
}

fn write_changes(out: &mut String, changes: &[Change]) {
    let mut object = ObjectWriter::new(out);
    for (name, value) in changes {
        object.text(name, value);
    }
    object.end();
}
