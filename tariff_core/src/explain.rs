//! Why a line is what it is, in sentences and in a table.

use std::fmt::Write as _;

use crate::component::Dimension;
use crate::policy::Policy;
use crate::report::{Line, Money, Report};
use crate::restriction::{ReservationKind, Restrictions};
use crate::session::Session;
use crate::tariff::Tariff;
use crate::totals::Rounder;
use crate::units::{Quantity, Weekday};

/// The reason for a line, in a sentence.
#[must_use]
pub fn reason(line: &Line, tariff: &Tariff) -> String {
    let element = &tariff.elements[line.place.element];
    let conditions = conditions(&element.restrictions);
    let mut sentence = String::with_capacity(conditions.len() + 160);
    // Writing to a string cannot fail, here and below.
    let _ = if conditions.is_empty() {
        write!(sentence, "Element {} has no restrictions", line.place.element)
    } else {
        write!(sentence, "Element {} holds {conditions}", line.place.element)
    };
    let earlier = line.place.element;
    if line.dimension == Dimension::Flat {
        sentence.push_str(" and its fee became due here");
    } else if earlier > 0 {
        sentence.push_str(" and no element before it prices this");
    }
    if !line.step_extra.is_zero() {
        let unit = if line.dimension == Dimension::Energy { "Wh" } else { "s" };
        let (step, added) = (line.component.step_size, line.step_extra);
        let _ = write!(
            sentence,
            "; the session's total is billed in steps of {step} {unit}, which adds {added} {unit} here"
        );
    }
    sentence.push('.');
    sentence
}

/// The restrictions of an element as phrases with commas between them; empty where it has none.
#[must_use]
pub fn conditions(rules: &Restrictions) -> String {
    let mut phrases = Phrases(String::new());
    match rules.reservation {
        None => {}
        Some(ReservationKind::Reservation) => phrases.add(format_args!("for reservations")),
        Some(ReservationKind::ReservationExpires) => {
            phrases.add(format_args!("for reservations that expire"));
        }
    }
    if rules.start_time.is_some() || rules.end_time.is_some() {
        let end = rules.end_time.filter(|end| *end != 0).unwrap_or(86_400);
        let start = clock(rules.start_time.unwrap_or(0));
        phrases.add(format_args!("from {start} to {} local time", clock(end)));
    }
    let mut days = Weekday::ALL.into_iter().filter(|day| rules.days.contains(*day));
    if let Some(day) = days.next() {
        phrases.add(format_args!("on {}", day.name()));
        days.for_each(|day| phrases.add(format_args!("{}", day.name())));
    }
    phrases.bounds("on dates", rules.start_date.map(date), rules.end_date.map(date));
    phrases.bounds("after Wh", rules.min_energy, rules.max_energy);
    phrases.bounds("at A", rules.min_current, rules.max_current);
    phrases.bounds("at kW", rules.min_power, rules.max_power);
    phrases.bounds("after seconds", rules.min_duration, rules.max_duration);
    phrases.0
}

/// Phrases with commas between them.
struct Phrases(String);

impl Phrases {
    fn add(&mut self, phrase: std::fmt::Arguments<'_>) {
        if !self.0.is_empty() {
            self.0.push_str(", ");
        }
        let _ = self.0.write_fmt(phrase);
    }

    fn bounds<T: std::fmt::Display>(&mut self, what: &str, min: Option<T>, max: Option<T>) {
        match (min, max) {
            (None, None) => {}
            (Some(min), None) => self.add(format_args!("{what} from {min}")),
            (None, Some(max)) => self.add(format_args!("{what} below {max}")),
            (Some(min), Some(max)) => {
                self.add(format_args!("{what} from {min} to below {max}"));
            }
        }
    }
}

fn clock(seconds: u32) -> String {
    format!("{:02}:{:02}", seconds / 3600, seconds / 60 % 60)
}

fn date(day: i64) -> String {
    let (year, month, day) = crate::units::civil_from_days(day);
    format!("{year:04}-{month:02}-{day:02}")
}

/// The report as text for people: a table of lines, the totals and the findings.
#[must_use]
pub fn explain_text(report: &Report, session: &Session, tariffs: &[Tariff]) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{} from {}, priced in {} with tariff {} in {}\n",
        if session.id.is_empty() { "Session" } else { &session.id },
        session.start,
        report.currency.code(),
        report.tariffs.join(", "),
        report.time_zone,
    );
    let header = [
        "period",
        "what",
        "element",
        "measured",
        "step",
        "billed",
        "rate",
        "VAT %",
        "before tax",
        "after tax",
    ];
    let mut rows = vec![header.map(str::to_owned)];
    let round = Rounder::new(report.currency, &report.policy);
    let mut reasons = Vec::new();
    for line in &report.lines {
        rows.push(row(line, &round));
        reasons.push(format!(
            "  {} {}: {}",
            line.period,
            line.dimension.name(),
            reason(line, &tariffs[line.tariff])
        ));
    }
    for entry in report.unpriced.iter().filter(|entry| !entry.quantity.is_zero()) {
        let mut cells = header.map(|_| String::new());
        cells[0] = entry.period.to_string();
        entry.dimension.name().clone_into(&mut cells[1]);
        "none".clone_into(&mut cells[2]);
        cells[3] = entry.amount_text();
        "0".clone_into(&mut cells[8]);
        rows.push(cells);
    }
    table(&mut out, &rows);
    let _ = writeln!(out, "\nTotal before limits  {}", report.total_cost_before_limits.text());
    let _ = writeln!(out, "Total                {}", report.total_cost.text());
    for tax in &report.taxes {
        let rate = tax.rate.map_or_else(|| "-".to_owned(), |rate| rate.to_string());
        let _ = writeln!(out, "VAT {rate:>5} %          {} on {}", tax.amount, tax.base);
    }
    section(&mut out, "Why", &reasons);
    let findings: Vec<String> = report
        .findings
        .iter()
        .map(|finding| {
            format!("  {} at {}: {}", finding.warning_name(), finding.path, finding.message)
        })
        .collect();
    section(&mut out, "Findings", &findings);
    let defaults = Policy::default().choices();
    let changed: Vec<String> = report
        .policy
        .choices()
        .into_iter()
        .filter(|choice| !defaults.contains(choice))
        .map(|(name, value)| format!("  {name} = {value}"))
        .collect();
    section(&mut out, "Policies other than the defaults", &changed);
    out
}

fn section(out: &mut String, title: &str, lines: &[String]) {
    if !lines.is_empty() {
        let _ = writeln!(out, "\n{title}\n{}", lines.join("\n"));
    }
}

fn row(line: &Line, round: &Rounder) -> [String; 10] {
    let unit = match line.dimension {
        Dimension::Energy => " Wh",
        Dimension::Flat => "",
        Dimension::Time | Dimension::ParkingTime | Dimension::ReservationTime => " s",
    };
    let is_fee = line.dimension == Dimension::Flat;
    let quantity = |value: Quantity| {
        if is_fee { String::new() } else { format!("{value}{unit}") }
    };
    let cost = round.line(&line.cost).ok();
    let money = |side: Option<Money>| side.map(|money| money.to_string()).unwrap_or_default();
    [
        line.period.to_string(),
        line.dimension.name().to_owned(),
        format!("{}.{}", line.place.element, line.place.component),
        quantity(line.measured),
        if is_fee { String::new() } else { format!("{}{unit}", line.component.step_size) },
        line.billed().map(quantity).unwrap_or_default(),
        line.component.price.to_string(),
        line.component.vat.map(|vat| vat.to_string()).unwrap_or_default(),
        money(cost.and_then(|cost| cost.before)),
        money(cost.and_then(|cost| cost.after)),
    ]
}

/// Columns as wide as their widest cell; names to the left, figures to the right.
fn table(out: &mut String, rows: &[[String; 10]]) {
    let lengths: Vec<[usize; 10]> =
        rows.iter().map(|row| row.each_ref().map(|cell| cell.chars().count())).collect();
    let widths: [usize; 10] = std::array::from_fn(|column| {
        lengths.iter().map(|lengths| lengths[column]).max().unwrap_or(0)
    });
    for (index, (row, lengths)) in rows.iter().zip(&lengths).enumerate() {
        for (column, cell) in row.iter().enumerate() {
            let padding = widths[column] - lengths[column];
            let (before, after) = if column == 1 { (0, padding) } else { (padding, 0) };
            out.extend(std::iter::repeat_n(' ', before));
            out.push_str(cell);
            out.extend(std::iter::repeat_n(' ', after + 2));
        }
        out.truncate(out.trim_end_matches(' ').len());
        out.push('\n');
        if index == 0 {
            let total = widths.iter().sum::<usize>() + 2 * (widths.len() - 1);
            let _ = writeln!(out, "{}", "-".repeat(total));
        }
    }
}
