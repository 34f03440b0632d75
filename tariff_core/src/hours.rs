//! Hours that the volume of a period and the clock state differently.
//!
//! A volume cut to four decimals of an hour is never quite what the clock says. That is no
//! contradiction, unless a step_size or a tier makes money of it.

use crate::component::Dimension;
use crate::error::Refusal;
use crate::finding::{Code, Finding};
use crate::policy::{Policy, TimeSource};
use crate::price::{Context, total_cost};
use crate::report::{Cost, Report};
use crate::session::{Period, Session};
use crate::tariff::Tariff;
use crate::units::{Instant, Quantity};

/// The one kind of time of a period, by its volume and by the clock.
#[derive(Clone, Copy, Debug)]
pub struct Hours {
    /// Which kind.
    pub dimension: Dimension,
    /// What the volume says.
    pub volume: Quantity,
    /// What the clock says.
    pub clock: Quantity,
}

impl Hours {
    /// The hours of a period that ends at `end`; `None` where it has several kinds or none, which the
    /// clock cannot tell apart.
    #[must_use]
    pub fn of(period: &Period, end: Instant) -> Option<Hours> {
        let kinds = [Dimension::Time, Dimension::ParkingTime, Dimension::ReservationTime];
        let mut found = kinds
            .into_iter()
            .filter_map(|dimension| period.volume(dimension).map(|volume| (dimension, volume)));
        let (dimension, volume) = found.next()?;
        let clock = Quantity::from_ms(end.ms() - period.start.ms());
        found.next().is_none().then_some(Hours { dimension, volume, clock })
    }

    /// Whether both are the same but for the decimals after the fourth: less than 10^-4 h apart, as
    /// far as an hour rounded or cut to four decimals can be from the clock.
    #[must_use]
    pub fn agree(&self) -> bool {
        self.difference() < Quantity::from_ms(360).raw().unsigned_abs()
    }

    fn difference(&self) -> u128 {
        self.clock.raw().abs_diff(self.volume.raw())
    }

    /// What both say, as a sentence without its end.
    #[must_use]
    pub fn text(&self) -> String {
        format!("The volume is {} s and the clock says {} s", self.volume, self.clock)
    }
}

/// Note the periods whose hours agree but for their decimals, if these decimals make the total another
/// by a cent, or whatever the least unit of the currency is.
///
/// # Errors
/// When the session cannot be priced with the other reading.
pub fn note_what_decimals_change(
    session: &Session,
    tariffs: &[Tariff],
    context: &Context,
    report: &mut Report,
) -> Result<(), Refusal> {
    let ends = session.period_ends();
    let differing: Vec<(usize, Hours)> = session
        .periods
        .iter()
        .zip(ends)
        .enumerate()
        .filter_map(|(index, (period, end))| Some((index, Hours::of(period, end)?)))
        .filter(|(_, hours)| hours.difference() != 0 && hours.agree())
        .collect();
    if differing.is_empty() {
        return Ok(());
    }
    let time_source = match context.policy.time_source {
        TimeSource::Volume => TimeSource::Auto,
        TimeSource::Auto | TimeSource::Clock => TimeSource::Volume,
    };
    let policy = Policy { time_source, ..context.policy };
    let other = total_cost(session, tariffs, &Context { policy, ..context.clone() });
    let other = other.map_err(|error| error.refusal)?;
    let Some(total) = another_total(&report.total_cost, &other, report) else {
        return Ok(());
    };
    for (index, hours) in differing {
        let path = format!("$.charging_periods[{index}]");
        let message = format!("{}; by the other the total is {total}", hours.text());
        let finding = Finding::new(Code::ClockAndVolumeDiffer, path, message);
        report.findings.push(finding.about(hours.dimension));
    }
    Ok(())
}

/// The other total, if one of its sides is a least unit of the currency or more from ours.
fn another_total(ours: &Cost, other: &Cost, report: &Report) -> Option<String> {
    let least = 10_u128.pow(4_u32.saturating_sub(report.currency.minor_units()));
    let sides = [(ours.before, other.before), (ours.after, other.after)];
    let changed = |(ours, other): &(Option<_>, Option<_>)| match (ours, other) {
        (Some(ours), Some(other)) => e4(*ours).abs_diff(e4(*other)) >= least,
        (None, _) | (_, None) => false,
    };
    let (_, other) = sides.into_iter().find(changed)?;
    other.map(|money| money.to_string())
}

fn e4(money: crate::report::Money) -> i128 {
    money.e4()
}
