//! Tariffs made ready for batches.

use std::collections::HashMap;
use std::sync::Arc;

use crate::columns::settle::Settlement;
use crate::columns::table::{Layout, Tables};
use crate::country::only_time_zone;
use crate::error::Refusal;
use crate::policy::{EnergyBase, Flat, NegativeEnergy, Policy, TimeSource, ZeroConsumption};
use crate::price::Context;
use crate::tariff::{Tariff, TaxIncluded, Version};
use crate::timeline::Zone;
use crate::units::Instant;

/// Tariffs compiled with their zones and a policy. Immutable, and shared between threads.
#[derive(Clone, Debug)]
pub struct TariffSet {
    pub(crate) entries: Vec<Entry>,
    /// What pricing a row looks at first, apart from the rest so that it stays in the cache.
    pub(crate) hot: Vec<Hot>,
    /// The tables of all tariffs.
    pub(crate) tables: Tables,
    /// The different settlements of the tariffs.
    pub(crate) settlements: Vec<Settlement>,
    pub(crate) currencies: Vec<[u8; 3]>,
}

/// One tariff as it was given, for rows that are priced one by one.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub tariff: Tariff,
    pub context: Context,
    /// The zone that the caller gave, rather than one inferred.
    pub given_zone: Option<Arc<Zone>>,
}

impl AsRef<Tariff> for Entry {
    fn as_ref(&self) -> &Tariff {
        &self.tariff
    }
}

/// What every row of a tariff needs, on one cache line.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub(crate) struct Hot {
    pub plan: Plan,
    pub zone: Arc<Zone>,
    /// The position of its currency among those of the set.
    pub currency_index: u32,
    /// The currency as three bytes.
    pub currency: [u8; 3],
    /// The decimals of its minor unit.
    pub minor_units: u8,
    /// First and last ms at which the tariff is valid, the last exclusive.
    pub valid: (i64, i64),
}

const _: () = assert!(size_of::<Hot>() == 64);

/// How the rows of a tariff are priced.
#[derive(Clone, Debug)]
pub(crate) enum Plan {
    /// Through its table, with the settlement at this position.
    Table(Layout, u32),
    /// One by one.
    ByRow,
    /// Not at all.
    Refused(Refusal),
}

/// Arguments that do not fit together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompileError(pub String);

impl std::fmt::Display for CompileError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for CompileError {}

impl TariffSet {
    /// Compile `tariffs`, each with its zone. A tariff that is used in two zones is given twice; one
    /// that could not be read keeps its place, and its rows are refused.
    ///
    /// # Errors
    /// When there are not as many zones as tariffs, or more tariffs than an index can name.
    pub fn compile(
        tariffs: Vec<Result<Tariff, Refusal>>,
        zones: Vec<Option<Arc<Zone>>>,
        policy: Policy,
    ) -> Result<TariffSet, CompileError> {
        if tariffs.len() != zones.len() {
            let (expected, found) = (tariffs.len(), zones.len());
            return Err(CompileError(format!("Expected {expected} zones, found {found}")));
        }
        if u32::try_from(tariffs.len()).is_err() {
            return Err(CompileError(format!("{} tariffs are too many", tariffs.len())));
        }
        let mut made = Made::default();
        let (entries, mut hot): (Vec<Entry>, Vec<Hot>) = tariffs
            .into_iter()
            .zip(zones)
            .map(|(tariff, zone)| match tariff {
                Ok(tariff) => prepare(tariff, zone, policy, &mut made),
                Err(refusal) => unreadable(refusal, policy),
            })
            .unzip();
        let mut currencies: Vec<[u8; 3]> = hot.iter().map(|tariff| tariff.currency).collect();
        currencies.sort_unstable();
        currencies.dedup();
        for tariff in &mut hot {
            let index = currencies.binary_search(&tariff.currency).unwrap_or(0);
            tariff.currency_index = u32::try_from(index).unwrap_or(0);
        }
        let Made { tables, settlements, .. } = made;
        Ok(TariffSet { entries, hot, tables, settlements, currencies })
    }

    /// How many tariffs there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The ids of the tariffs, in order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.tariff.id.as_str())
    }

    /// The currencies of the tariffs, sorted; `???` stands for none.
    #[must_use]
    pub fn currencies(&self) -> Vec<String> {
        self.currencies.iter().map(|code| String::from_utf8_lossy(code).into_owned()).collect()
    }

    /// How many of the tariffs are priced through a table, one by one, and not at all.
    #[must_use]
    pub fn plans(&self) -> (usize, usize, usize) {
        let count = |wanted: fn(&Plan) -> bool| {
            self.hot.iter().filter(|tariff| wanted(&tariff.plan)).count()
        };
        (
            count(|plan| matches!(plan, Plan::Table(..))),
            count(|plan| matches!(plan, Plan::ByRow)),
            count(|plan| matches!(plan, Plan::Refused(_))),
        )
    }
}

/// What the tariffs of a set share while they are compiled.
#[derive(Default)]
struct Made {
    tables: Tables,
    settlements: Vec<Settlement>,
    /// The positions of the settlements.
    known: HashMap<Settlement, u32>,
}

impl Made {
    fn position(&mut self, settlement: Settlement) -> u32 {
        // There are no more than tariffs.
        let next = u32::try_from(self.settlements.len()).unwrap_or(u32::MAX);
        let position = *self.known.entry(settlement.clone()).or_insert(next);
        if position == next {
            self.settlements.push(settlement);
        }
        position
    }
}

fn prepare(
    tariff: Tariff,
    zone: Option<Arc<Zone>>,
    policy: Policy,
    made: &mut Made,
) -> (Entry, Hot) {
    let given_zone = zone.clone();
    let known = zone.or_else(|| zone_of(&tariff));
    let mut currency = [b'?'; 3];
    if let Some(code) = &tariff.currency {
        currency.copy_from_slice(code.code().as_bytes());
    }
    let minor_units = tariff.currency.map_or(2, |currency| currency.minor_units());
    let plan = plan(&tariff, known.as_ref(), &policy, made);
    let zone = known.unwrap_or_else(Zone::utc);
    let context = Context { zone: Some(Arc::clone(&zone)), policy, ..Context::default() };
    let hot = Hot {
        plan,
        zone,
        currency_index: 0,
        currency,
        minor_units: u8::try_from(minor_units).unwrap_or(2),
        valid: (
            tariff.start.map_or(i64::MIN, Instant::ms),
            tariff.end.map_or(i64::MAX, Instant::ms),
        ),
    };
    (Entry { tariff, context, given_zone }, hot)
}

/// The place of a tariff that could not be read.
fn unreadable(refusal: Refusal, policy: Policy) -> (Entry, Hot) {
    let tariff = Tariff {
        version: Version::V221,
        party: None,
        id: String::new(),
        currency: None,
        kind: None,
        start: None,
        end: None,
        min_price: None,
        max_price: None,
        tax_included: TaxIncluded::Unstated,
        elements: Vec::new(),
    };
    let (entry, hot) = prepare(tariff, None, policy, &mut Made::default());
    (entry, Hot { plan: Plan::Refused(refusal), ..hot })
}

/// The only zone of the owner's country, for a tariff that comes without one.
fn zone_of(tariff: &Tariff) -> Option<Arc<Zone>> {
    let (country, _) = tariff.party.as_ref()?;
    only_time_zone(country).and_then(Zone::get)
}

fn plan(tariff: &Tariff, zone: Option<&Arc<Zone>>, policy: &Policy, made: &mut Made) -> Plan {
    if tariff.currency.is_none() {
        return Plan::Refused(Refusal::MissingCurrency);
    }
    let utc = Zone::utc();
    let zone = match zone {
        Some(zone) => zone,
        None if tariff.depends_on_local_time() => return Plan::Refused(Refusal::MissingTimeZone),
        None => &utc,
    };
    let plain = policy.time_source == TimeSource::Volume
        && policy.energy_base == EnergyBase::Net
        && policy.negative_energy == NegativeEnergy::SameRate
        && policy.zero_consumption == ZeroConsumption::Billed
        && policy.flat != Flat::OncePerElement;
    if !plain {
        return Plan::ByRow;
    }
    let Ok(layout) = made.tables.add(tariff, policy) else {
        return Plan::ByRow;
    };
    match Settlement::compile(tariff, &made.tables.at(&layout, zone), policy) {
        Some(settlement) => Plan::Table(layout, made.position(settlement)),
        None => Plan::ByRow,
    }
}
