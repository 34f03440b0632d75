//! The row-by-row way: a row as a session, priced like any document.

use std::sync::Arc;

use crate::columns::compile::Entry;
use crate::columns::kernel::OPEN_END;
use crate::columns::rows::{Ints, Rows};
use crate::columns::{Row, bit};
use crate::error::Refusal;
use crate::price::price;
use crate::report::{Cost, Report};
use crate::session::{Declared, Period, Readings, Session, Source};
use crate::tariff::Version;
use crate::units::{Decimal, Instant, Quantity, ten_to};

/// Price one row with the algorithm of single documents.
pub fn row(rows: &Rows<'_>, index: usize, entry: &Entry) -> Row {
    let result = session(rows, index)
        .ok_or(Refusal::InvalidTimestamp)
        .map(|session| naming(session, entry))
        .and_then(|session| {
            price(&session, std::slice::from_ref(&entry.tariff), &entry.context)
                .map_err(|error| error.refusal)
        })
        .and_then(|report| from_report(&report));
    result.unwrap_or_else(refused)
}

/// A row names its tariff, as the periods of a document do, which decides where the tariff was not
/// valid.
fn naming(mut session: Session, entry: &Entry) -> Session {
    if !entry.tariff.is_valid_at(session.start) {
        let id: Arc<str> = entry.tariff.id.as_str().into();
        for period in &mut session.periods {
            period.tariff_id = Some(Arc::clone(&id));
        }
    }
    session
}

/// The row of a refusal.
pub fn refused(refusal: Refusal) -> Row {
    // The table has a dozen entries.
    Row { status: refusal as u8 + 1, ..Row::default() }
}

fn session(rows: &Rows<'_>, index: usize) -> Option<Session> {
    let start = Instant::from_ms(rows.start_ms[index])?;
    let end = match rows.end_ms.map(|ends| ends[index]) {
        None | Some(OPEN_END) => None,
        Some(end) => Some(Instant::from_ms(end)?),
    };
    let periods: Option<Vec<Period>> =
        rows.periods_of(index).map(|period| read_period(rows, period, start)).collect();
    Some(Session {
        source: Source::Cdr,
        version: Version::V221,
        id: String::new(),
        party: None,
        start,
        end,
        currency: None,
        time_zone: None,
        country: None,
        // The row names its tariff, so the type of the token decides nothing.
        ad_hoc: false,
        credit: false,
        periods: periods?,
        declared: Declared::default(),
    })
}

fn read_period(rows: &Rows<'_>, index: usize, session_start: Instant) -> Option<Period> {
    let columns = &rows.periods;
    let mut period = Period::new(session_start.later_by(columns.offset_ms.at(index))?);
    // Columns do not tell an absent volume from none.
    let volume = |value: i64, unit: u32| {
        (value != 0).then(|| Quantity::from_raw(i128::from(value) * ten_to(Quantity::SCALE - unit)))
    };
    period.energy = volume(columns.energy.at(index), 1);
    period.time = volume(columns.time_ms.at(index), 3);
    period.parking_time = volume(columns.parking_ms.at(index), 3);
    period.reservation_time = columns.reservation_ms.and_then(|column| volume(column.at(index), 3));
    period.power = readings(columns.power, index);
    period.current = readings(columns.current, index);
    Some(period)
}

/// Readings in W or mA as kW or A.
fn readings(columns: Option<(Ints<'_>, Ints<'_>)>, index: usize) -> Readings {
    let Some((lowest, highest)) = columns else {
        return Readings::default();
    };
    let thousandths = |value: i64| {
        (value != Ints::NONE).then(|| Decimal::from_atto(i128::from(value) * ten_to(15)))
    };
    Readings { lowest: thousandths(lowest.at(index)), highest: thousandths(highest.at(index)) }
}

pub fn from_report(report: &Report) -> Result<Row, Refusal> {
    let e4 = |money: Option<crate::report::Money>| {
        money
            .map(|money| i64::try_from(money.e4()))
            .transpose()
            .map_err(|_| Refusal::AmountOverflow)
    };
    let before = |cost: Option<Cost>| -> Result<i64, Refusal> {
        Ok(e4(cost.and_then(|cost| cost.before))?.unwrap_or(0))
    };
    let billed = |quantity: Quantity, decimals: u32| {
        i64::try_from(quantity.raw() / ten_to(Quantity::SCALE - decimals))
            .map_err(|_| Refusal::AmountOverflow)
    };
    let findings =
        report.findings.iter().fold(0, |bits, finding| bits | bit(finding.code, finding.dimension));
    Ok(Row {
        status: 0,
        findings,
        before: e4(report.total_cost.before)?,
        after: e4(report.total_cost.after)?,
        energy: before(report.total_energy_cost)?,
        time: before(report.total_time_cost)?,
        parking: before(report.total_parking_cost)?,
        reservation: before(report.total_reservation_time_cost)?,
        fixed: before(report.total_fixed_cost)?,
        billed_energy: billed(report.billed_energy, 1)?,
        billed_time: billed(report.billed_time, 3)?,
        billed_parking: billed(report.billed_parking, 3)?,
        billed_reservation: billed(report.billed_reservation, 3)?,
    })
}

/// Whether a row has reserved time.
pub fn is_reserved(column: Ints<'_>, mut periods: std::ops::Range<usize>) -> bool {
    periods.any(|period| column.at(period) != 0)
}
