//! What pricing says: totals, lines, findings and the policies it used.

use crate::component::{Component, Dimension, Place};
use crate::error::Refusal;
use crate::finding::{Finding, Kind};
use crate::policy::Policy;
use crate::tariff::Currency;
use crate::tax::Taxed;
use crate::totals::Sums;
use crate::units::{Quantity, VatRate};

/// Rounded money: a whole count of 10^-decimals of the currency unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Money {
    /// The count.
    pub count: i128,
    /// The decimals it counts.
    pub decimals: u32,
}

impl Money {
    /// The count of 10^-4 of the currency unit.
    #[must_use]
    pub fn e4(self) -> i128 {
        self.count * 10_i128.pow(4_u32.saturating_sub(self.decimals))
    }
}

impl std::fmt::Display for Money {
    /// Always four decimals.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let count = self.e4();
        let sign = if count < 0 { "-" } else { "" };
        let magnitude = count.unsigned_abs();
        // Most amounts fit 64 bits, which are far quicker to write than 128.
        match u64::try_from(magnitude) {
            Ok(short) => write!(out, "{sign}{}.{:04}", short / 10_000, short % 10_000),
            Err(_) => write!(out, "{sign}{}.{:04}", magnitude / 10_000, magnitude % 10_000),
        }
    }
}

/// A cost before and after taxes; a side is `None` when it cannot be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Before taxes.
    pub before: Option<Money>,
    /// After taxes.
    pub after: Option<Money>,
}

impl Cost {
    /// Both sides in one short text.
    #[must_use]
    pub fn text(&self) -> String {
        let side = |money: Option<Money>| money.map_or_else(|| "-".to_owned(), |m| m.to_string());
        format!("{} / {}", side(self.before), side(self.after))
    }
}

/// The tax of one rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaxLine {
    /// The rate; `None` for tax that a limit brings and no rate explains.
    pub rate: Option<VatRate>,
    /// What it is due on, before taxes and limits.
    pub base: Money,
    /// The tax.
    pub amount: Money,
}

/// A volume that no component prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unpriced {
    /// Index of the period.
    pub period: usize,
    /// What there is a volume of.
    pub dimension: Dimension,
    /// How much, in Wh or seconds.
    pub quantity: Quantity,
}

impl Unpriced {
    /// The volume with its unit.
    #[must_use]
    pub fn amount_text(&self) -> String {
        let unit = if self.dimension == Dimension::Energy { "Wh" } else { "s" };
        format!("{} {unit}", self.quantity)
    }
}

/// One priced dimension of one period.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// Index of the period.
    pub period: usize,
    /// What is priced.
    pub dimension: Dimension,
    /// Index of the tariff.
    pub tariff: usize,
    /// The element and component.
    pub place: Place,
    /// The component itself.
    pub component: Component,
    /// Whether it is a fee of the reservation.
    pub reservation_fee: bool,
    /// What was measured, in Wh or seconds; nothing for a fee.
    pub measured: Quantity,
    /// What `step_size` adds to it.
    pub step_extra: Quantity,
    /// What it costs.
    pub cost: Taxed,
}

impl Line {
    /// A line that has not been rounded up or costed yet.
    #[must_use]
    pub fn new(
        period: usize,
        dimension: Dimension,
        tariff: usize,
        place: Place,
        component: Component,
        measured: Quantity,
    ) -> Line {
        Line {
            period,
            dimension,
            tariff,
            place,
            component,
            reservation_fee: false,
            measured,
            step_extra: Quantity::ZERO,
            cost: Taxed::ZERO,
        }
    }

    /// What is billed, in Wh or seconds.
    ///
    /// # Errors
    /// `AmountOverflow` when it does not fit.
    pub fn billed(&self) -> Result<Quantity, Refusal> {
        self.measured.plus(self.step_extra).ok_or(Refusal::AmountOverflow)
    }
}

/// The price of a session and how it came about.
#[derive(Clone, Debug)]
pub struct Report {
    /// The currency of all amounts.
    pub currency: Currency,
    /// What the session costs. A side that depends on an unknown tax is `None`.
    pub total_cost: Cost,
    /// The same before `min_price` and `max_price`; a tax that is not known counts as zero here
    /// and in the costs below.
    pub total_cost_before_limits: Cost,
    /// The cost of energy, if any was priced.
    pub total_energy_cost: Option<Cost>,
    /// The cost of charging time, if any was priced.
    pub total_time_cost: Option<Cost>,
    /// The cost of parking time, if any was priced.
    pub total_parking_cost: Option<Cost>,
    /// The cost of reserved time, if any was priced.
    pub total_reservation_time_cost: Option<Cost>,
    /// Fees, those of the reservation included, if any were due.
    pub total_fixed_cost: Option<Cost>,
    /// Reserved time and the fees of the reservation: what a CDR calls `total_reservation_cost`
    /// (OCPI 2.2.1 section 10.3.1).
    pub total_reservation_cost: Option<Cost>,
    /// The other fees: what a CDR calls `total_fixed_cost`.
    pub total_charge_fixed_cost: Option<Cost>,
    /// Billed energy in Wh, with what `step_size` added.
    pub billed_energy: Quantity,
    /// Billed charging time in seconds.
    pub billed_time: Quantity,
    /// Billed parking time in seconds.
    pub billed_parking: Quantity,
    /// Billed reserved time in seconds.
    pub billed_reservation: Quantity,
    /// The taxes; they add up to the difference between the totals.
    pub taxes: Vec<TaxLine>,
    /// The policies used.
    pub policy: Policy,
    /// The time zone used.
    pub time_zone: String,
    /// The ids of the tariffs that priced it.
    pub tariffs: Vec<String>,
    /// Every priced dimension of every period.
    pub lines: Vec<Line>,
    /// What nothing prices.
    pub unpriced: Vec<Unpriced>,
    /// What was odd.
    pub findings: Vec<Finding>,
    /// The exact total before rounding.
    pub exact: Sums,
}

impl Report {
    /// The cost that a CDR declares for a dimension, nothing where none was priced.
    #[must_use]
    pub fn declared_as(&self, dimension: Dimension) -> Cost {
        let cost = match dimension {
            Dimension::Energy => self.total_energy_cost,
            Dimension::Time => self.total_time_cost,
            Dimension::ParkingTime => self.total_parking_cost,
            Dimension::ReservationTime => self.total_reservation_cost,
            Dimension::Flat => self.total_charge_fixed_cost,
        };
        let nothing = Some(Money { count: 0, decimals: 4 });
        cost.unwrap_or(Cost { before: nothing, after: nothing })
    }

    /// The names of the findings that bear on the price, sorted, each once.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .findings
            .iter()
            .filter(|finding| finding.code.kind() == Kind::Warning)
            .map(Finding::warning_name)
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}
