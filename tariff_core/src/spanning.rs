//! Periods that span a price change.
//!
//! A CPO has to start a new period wherever the price changes. Where one did not, nobody can say
//! how much was used on either side, so the period is priced at the rate of its start and the
//! finding states the lowest and the highest total that are possible.

use ethnum::I256;

use crate::choice::Assignment;
use crate::component::{self, Component, Dimension};
use crate::error::Refusal;
use crate::finding::{Code, Finding, Range};
use crate::limits;
use crate::policy::{Credit, Policy};
use crate::price::{Context, EnergyCourse, Step};
use crate::report::{Cost, Line, Report};
use crate::restriction::Moment;
use crate::session::Session;
use crate::tariff::Tariff;
use crate::tax;
use crate::timeline::{Boundaries, Zone};
use crate::totals::{Rounder, Sums};
use crate::units::{Amount, Instant, Quantity};

/// A period is searched for this many clock boundaries, more than a year of hourly prices has.
const MOST_BOUNDARIES: usize = 10_000;

/// Find the periods that span a price change and add a finding for each to the report.
///
/// # Errors
/// `AmountOverflow` when a bound does not fit.
#[allow(clippy::too_many_arguments)]
pub fn find(
    session: &Session,
    tariffs: &[Tariff],
    assignment: &Assignment,
    steps: &[Step],
    zone: &Zone,
    context: &Context,
    lines: &[Line],
    report: &mut Report,
) -> Result<(), Refusal> {
    let policy = &context.policy;
    let mut spanned = Vec::new();
    let of_tariff: Vec<(usize, Boundaries)> = assignment
        .used()
        .into_iter()
        .map(|index| (index, Boundaries::of(&tariffs[index], policy)))
        .collect();
    for step in steps {
        let Some((index, tariff)) = assignment.tariff(step.period, tariffs) else {
            continue;
        };
        let boundaries = of_tariff.iter().find(|(known, _)| *known == index);
        let Some((_, boundaries)) = boundaries.filter(|(_, found)| !found.is_empty()) else {
            continue;
        };
        let moments = moments_within(step, boundaries, zone);
        if moments.len() == 1 {
            continue;
        }
        for (dimension, quantity) in step.volumes().filter(|(_, volume)| !volume.is_zero()) {
            let rates = rates_within(step, tariff, dimension, &moments, policy);
            if rates.len() > 1 {
                spanned.push(Spanned { period: step.period, dimension, quantity, index, rates });
            }
        }
    }
    if spanned.is_empty() {
        return Ok(());
    }
    let range = range(session, tariffs, assignment, lines, &spanned, context, report)?;
    for entry in spanned {
        let path = format!("$.charging_periods[{}]", entry.period);
        let rates: Vec<String> = entry.rates.iter().copied().map(rate_text).collect();
        let message = format!(
            "{} changes inside the period: {}; priced at the first",
            entry.dimension.name(),
            rates.join(", then ")
        );
        let mut finding =
            Finding::new(Code::PeriodSpansPriceChange, path, message).about(entry.dimension);
        finding.range = Some(range.clone());
        report.findings.push(finding);
    }
    Ok(())
}

/// A dimension of a period whose price changes inside it.
struct Spanned {
    period: usize,
    dimension: Dimension,
    quantity: Quantity,
    index: usize,
    /// The components in effect, that of the period's start first.
    rates: Vec<Option<Component>>,
}

fn rate_text(component: Option<Component>) -> String {
    component.map_or_else(|| "no price".to_owned(), |found| found.price.to_string())
}

/// The moments inside a period from which on something changes, its start first. The meter is
/// taken to run evenly, as nothing says otherwise.
fn moments_within(step: &Step, boundaries: &Boundaries, zone: &Zone) -> Vec<Moment> {
    let mut passed: Vec<(Part, Passed)> = Vec::new();
    let mut last = step.start;
    while passed.len() < MOST_BOUNDARIES {
        match boundaries.next_instant(last, step.base, zone) {
            Some(next) if next < step.end => {
                let length = step.end.ms() - step.start.ms();
                let part = Part::new((next.ms() - step.start.ms()).into(), length.into());
                passed.push((part, Passed::Instant(next)));
                last = next;
            }
            _ => break,
        }
    }
    let EnergyCourse { before, after, .. } = step.energy;
    let whole = after.raw() - before.raw();
    for energy in boundaries.energies_between(before, after) {
        // Going down, a threshold is passed when the meter shows less than it.
        let beyond = if whole < 0 { energy.raw() - 1 } else { energy.raw() };
        let part = Part::new(energy.raw() - before.raw(), whole);
        passed.push((part, Passed::Energy(Quantity::from_raw(beyond))));
    }
    passed.sort_by(|one, other| one.0.compare(other.0));
    let mut moments = vec![step.moment];
    let mut moment = step.moment;
    for (place, (part, what)) in passed.iter().enumerate() {
        match what {
            Passed::Instant(instant) => {
                moment.local = zone.local(*instant);
                moment.elapsed_ms = instant.ms() - step.base.ms();
            }
            Passed::Energy(energy) => moment.energy = step.energy.seen(*energy),
        }
        let at_once = passed.get(place + 1).is_some_and(|next| next.0.compare(*part).is_eq());
        if !at_once {
            moments.push(moment);
        }
    }
    moments
}

/// What is passed inside a period.
enum Passed {
    Instant(Instant),
    Energy(Quantity),
}

/// A part of a period between 0 and 1, as a ratio of integers.
#[derive(Clone, Copy)]
struct Part {
    numerator: I256,
    denominator: I256,
}

impl Part {
    fn new(numerator: i128, denominator: i128) -> Part {
        let sign = I256::from(denominator.signum());
        Part {
            numerator: I256::from(numerator) * sign,
            denominator: I256::from(denominator) * sign,
        }
    }

    fn compare(self, other: Part) -> std::cmp::Ordering {
        (self.numerator * other.denominator).cmp(&(other.numerator * self.denominator))
    }
}

/// The different rates of a dimension at these moments, the first moment's first.
fn rates_within(
    step: &Step,
    tariff: &Tariff,
    dimension: Dimension,
    moments: &[Moment],
    policy: &Policy,
) -> Vec<Option<Component>> {
    let phase = step.phase_of(dimension);
    let mut rates: Vec<Option<Component>> = Vec::new();
    for moment in moments {
        let rate = component::find(tariff, dimension, phase, moment, policy)
            .map(|place| tariff.elements[place.element].components[place.component]);
        if !rates.contains(&rate) {
            rates.push(rate);
        }
    }
    rates
}

/// The lowest and the highest total that the spanned periods leave possible.
fn range(
    session: &Session,
    tariffs: &[Tariff],
    assignment: &Assignment,
    lines: &[Line],
    spanned: &[Spanned],
    context: &Context,
    report: &Report,
) -> Result<Range, Refusal> {
    let policy = &context.policy;
    let mut total = Sums::ZERO;
    for line in lines {
        total.before = total.before.plus(line.cost.before)?;
        total.after = total.after.plus(line.cost.after)?;
    }
    let (mut lowest, mut highest) = (total, total);
    for entry in spanned {
        let mut billed = entry.quantity;
        let mut now = Sums::ZERO;
        let priced =
            |line: &&Line| line.period == entry.period && line.dimension == entry.dimension;
        if let Some(line) = lines.iter().find(priced) {
            billed = line.billed()?;
            now = Sums { before: line.cost.before, after: line.cost.after, ..now };
        }
        let (low, high) = extremes(entry, billed, &tariffs[entry.index], policy)?;
        lowest = lowest.plus(&low)?.minus(&now)?;
        highest = highest.plus(&high)?.minus(&now)?;
    }
    let limits = limits::of(session, tariffs, assignment, policy, true, &mut Vec::new());
    let round = Rounder::new(report.currency, policy);
    let negate = session.credit && policy.credit == Credit::Negate;
    let text = |sums: Sums| -> Result<(Option<String>, Option<String>), Refusal> {
        let held = match &limits {
            Some(limits) => limits::hold(sums, limits, policy)?.total,
            None => sums,
        };
        let cost: Cost = round.cost(&held, negate, true)?;
        Ok((cost.before.map(|side| side.to_string()), cost.after.map(|side| side.to_string())))
    };
    let known = |sums: Sums| Sums {
        before_known: report.exact.before_known,
        after_known: report.exact.after_known,
        ..sums
    };
    let (lowest, highest) = (text(known(lowest))?, text(known(highest))?);
    if negate {
        return Ok(Range { lowest: highest, highest: lowest });
    }
    Ok(Range { lowest, highest })
}

/// The least and the most that a spanned volume can cost, each side of the tax by itself.
fn extremes(
    entry: &Spanned,
    billed: Quantity,
    tariff: &Tariff,
    policy: &Policy,
) -> Result<(Sums, Sums), Refusal> {
    use std::cmp::Ordering::{Greater, Less};
    let mut found: Option<(Sums, Sums)> = None;
    for rate in &entry.rates {
        let cost = match rate {
            None => tax::Taxed::ZERO,
            Some(component) => {
                let cost = Amount::cost(entry.dimension, component.price, billed)?;
                tax::apply(cost, component.vat, tariff, policy)?
            }
        };
        let this = Sums { before: cost.before, after: cost.after, ..Sums::ZERO };
        let (mut low, mut high) = found.unwrap_or((this, this));
        if this.before.compare(low.before)? == Less {
            low.before = this.before;
        }
        if this.after.compare(low.after)? == Less {
            low.after = this.after;
        }
        if this.before.compare(high.before)? == Greater {
            high.before = this.before;
        }
        if this.after.compare(high.after)? == Greater {
            high.after = this.after;
        }
        found = Some((low, high));
    }
    Ok(found.unwrap_or((Sums::ZERO, Sums::ZERO)))
}
