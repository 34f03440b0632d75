//! Compiled tariffs and batches.

use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::{
    ArrayRef, Decimal128Array, Int32Array, Int64Array, RecordBatch, UInt8Array, UInt32Array,
    UInt64Array,
};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use tariff_core::columns::{self, FINDING_BITS, Group, Key, Outputs, Values};
use tariff_core::document::read_each_tariff;
use tariff_core::error::Refusal;
use tariff_core::output::findings_json;
use tariff_core::timeline::Zone;

use crate::arguments::{Document, PolicyArgument, context};
use crate::capsule::{ArrowStream, read};
use crate::memory::{BITS, INTS};
use crate::table::Table;

/// A column of counts and where it comes from.
type Count = (&'static str, fn(&Group) -> u64);

/// A column of sums, its decimals and where it comes from.
type Sum = (&'static str, i8, fn(&Group) -> i128);

/// Tariffs compiled with their zones and a policy.
#[pyclass(frozen, module = "tariff_core")]
pub struct TariffSet {
    set: columns::TariffSet,
    findings: String,
}

/// One zone for all tariffs, or one for each.
#[derive(FromPyObject)]
pub enum Zones {
    /// The same for all.
    One(String),
    /// One for each, `None` where the tariff does not need it.
    Each(Vec<Option<String>>),
}

/// Compile tariffs for pricing in columns.
#[pyfunction]
#[pyo3(signature = (tariffs, *, zones=None, policy=None))]
#[allow(clippy::needless_pass_by_value)]
pub fn compile(
    py: Python<'_>,
    tariffs: Document,
    zones: Option<Zones>,
    policy: Option<PolicyArgument>,
) -> PyResult<TariffSet> {
    let policy = context(None, policy.as_ref(), "auto")?.policy;
    py.detach(|| {
        let read = read_each_tariff(tariffs.bytes()).map_err(bad_argument)?;
        let names = match zones {
            None => vec![None; read.value.len()],
            Some(Zones::One(name)) => vec![Some(name); read.value.len()],
            Some(Zones::Each(names)) => names,
        };
        let zones: Result<Vec<_>, PyErr> = names.iter().map(|name| zone(name.as_deref())).collect();
        let list = read.value.into_iter().map(|tariff| tariff.map_err(|error| error.refusal));
        let set =
            columns::TariffSet::compile(list.collect(), zones?, policy).map_err(bad_argument)?;
        Ok(TariffSet { set, findings: findings_json(&read.findings) })
    })
}

fn zone(name: Option<&str>) -> PyResult<Option<Arc<Zone>>> {
    let Some(name) = name else { return Ok(None) };
    let unknown = || PyValueError::new_err(format!("There is no time zone {name:?}"));
    Zone::get(name).map(Some).ok_or_else(unknown)
}

fn bad_argument(problem: impl std::fmt::Display) -> PyErr {
    PyValueError::new_err(problem.to_string())
}

#[pymethods]
impl TariffSet {
    /// The ids of the tariffs; the position of one is its value in the column `tariff`.
    #[getter]
    fn ids(&self) -> Vec<String> {
        self.set.ids().map(str::to_owned).collect()
    }

    /// What was odd in the tariffs, as a JSON list.
    #[getter]
    fn findings(&self) -> &str {
        &self.findings
    }

    /// How many tariffs are priced through a table, one by one, and not at all.
    #[getter]
    fn plans(&self) -> (usize, usize, usize) {
        self.set.plans()
    }

    fn __len__(&self) -> usize {
        self.set.len()
    }

    /// Price a table of sessions; see the README for its columns.
    #[pyo3(signature = (cdrs, *, threads=None, detail=false))]
    fn price(
        &self,
        py: Python<'_>,
        cdrs: &Bound<'_, PyAny>,
        threads: Option<usize>,
        detail: bool,
    ) -> PyResult<ArrowStream> {
        let (_, batches) = read(cdrs)?;
        let threads = thread_count(threads);
        py.detach(|| {
            let schema = output_schema(detail);
            let priced: Result<Vec<RecordBatch>, PyErr> = batches
                .iter()
                .map(|batch| {
                    let table = Table::of(batch).map_err(bad_argument)?;
                    let rows = batch.num_rows();
                    let mut outputs =
                        Outputs::of(rows, detail, BITS.take(rows), || INTS.take(rows));
                    columns::price_into(&self.set, &table.rows(), threads, &mut outputs)
                        .map_err(bad_argument)?;
                    output_batch(&schema, outputs)
                })
                .collect();
            Ok(ArrowStream::new(schema.clone(), priced?))
        })
    }

    /// Price CDRs written as JSON lines; a row for each line, with all columns.
    #[pyo3(signature = (cdrs, *, threads=None))]
    #[allow(clippy::needless_pass_by_value)]
    fn price_json(
        &self,
        py: Python<'_>,
        cdrs: Document,
        threads: Option<usize>,
    ) -> PyResult<ArrowStream> {
        py.detach(|| {
            let outputs = columns::price_lines(&self.set, cdrs.bytes(), thread_count(threads));
            let schema = output_schema(true);
            let batch = output_batch(&schema, outputs)?;
            Ok(ArrowStream::new(schema, vec![batch]))
        })
    }

    /// Price a table of sessions and add up the totals by group in the same pass.
    #[pyo3(signature = (cdrs, by, *, threads=None))]
    #[allow(clippy::needless_pass_by_value)]
    fn aggregate(
        &self,
        py: Python<'_>,
        cdrs: &Bound<'_, PyAny>,
        by: Vec<String>,
        threads: Option<usize>,
    ) -> PyResult<ArrowStream> {
        let (_, batches) = read(cdrs)?;
        let threads = thread_count(threads);
        py.detach(|| {
            let mut groups = Vec::new();
            for batch in &batches {
                let table = Table::of(batch).map_err(bad_argument)?;
                groups.extend(self.groups(&table, &by, threads)?);
            }
            let batch = self.group_batch(&by, &columns::merged(groups))?;
            Ok(ArrowStream::new(batch.schema(), vec![batch]))
        })
    }
}

impl TariffSet {
    fn groups(
        &self,
        table: &Table<'_>,
        by: &[String],
        threads: usize,
    ) -> PyResult<Vec<(Values, Group)>> {
        let mut held = Vec::new();
        for name in by {
            held.push(match name.as_str() {
                "tariff" | "currency" | "day" | "month" => None,
                column => Some(table.key(column).map_err(bad_argument)?),
            });
        }
        let keys: Vec<Key<'_>> = by
            .iter()
            .zip(&held)
            .map(|(name, column)| match (column, name.as_str()) {
                (Some(column), _) => Key::Column(column.ints()),
                (None, "tariff") => Key::Tariff,
                (None, "currency") => Key::Currency,
                (None, "day") => Key::Day,
                (None, _) => Key::Month,
            })
            .collect();
        columns::aggregate(&self.set, &table.rows(), &keys, threads).map_err(bad_argument)
    }

    fn group_batch(&self, by: &[String], groups: &[(Values, Group)]) -> PyResult<RecordBatch> {
        let mut fields = Vec::new();
        let mut arrays: Vec<ArrayRef> = Vec::new();
        for (position, name) in by.iter().enumerate() {
            let values = groups.iter().map(|(values, _)| values[position]);
            let array = self.key_array(name, values);
            fields.push(Field::new(name, array.data_type().clone(), false));
            arrays.push(array);
        }
        let counts: [Count; 3] = [
            ("count", |group| group.count),
            ("refused", |group| group.refused),
            ("with_findings", |group| group.with_findings),
        ];
        for (name, value) in counts {
            fields.push(Field::new(name, DataType::UInt64, false));
            arrays.push(Arc::new(UInt64Array::from_iter_values(
                groups.iter().map(|(_, group)| value(group)),
            )));
        }
        // Energy is in 0.1 Wh, which is 10^-4 kWh, and money in 10^-4: both have four decimals.
        let sums: [Sum; 5] = [
            ("total_excl", 4, |group| group.before),
            ("total_incl", 4, |group| group.after),
            ("billed_energy_kwh", 4, |group| group.energy),
            ("billed_time_s", 3, |group| group.time),
            ("billed_parking_s", 3, |group| group.parking),
        ];
        for (name, scale, value) in sums {
            let array =
                Decimal128Array::from_iter_values(groups.iter().map(|(_, group)| value(group)))
                    .with_precision_and_scale(38, scale)
                    .map_err(bad_argument)?;
            fields.push(Field::new(name, DataType::Decimal128(38, scale), false));
            arrays.push(Arc::new(array));
        }
        RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).map_err(bad_argument)
    }

    fn key_array(&self, name: &str, values: impl Iterator<Item = i64>) -> ArrayRef {
        match name {
            "tariff" => {
                let index = values.map(|value| u32::try_from(value).unwrap_or(u32::MAX));
                Arc::new(UInt32Array::from_iter_values(index))
            }
            "currency" => {
                let codes = self.set.currencies();
                let mut texts = StringBuilder::new();
                for value in values {
                    let code = usize::try_from(value).ok().and_then(|index| codes.get(index));
                    texts.append_value(code.map_or("???", String::as_str));
                }
                Arc::new(texts.finish())
            }
            "day" => {
                let days = values.map(|value| i32::try_from(value).unwrap_or(i32::MAX));
                Arc::new(arrow_array::Date32Array::from_iter_values(days))
            }
            "month" => {
                // As 202511, which reads and sorts like the calendar.
                let months = values.map(|value| {
                    let month = value.div_euclid(12) * 100 + value.rem_euclid(12) + 1;
                    i32::try_from(month).unwrap_or(i32::MAX)
                });
                Arc::new(Int32Array::from_iter_values(months))
            }
            _ => Arc::new(Int64Array::from_iter_values(values)),
        }
    }
}

fn thread_count(asked: Option<usize>) -> usize {
    let available = || std::thread::available_parallelism().map_or(1, usize::from);
    asked.unwrap_or_else(available).clamp(1, 256)
}

fn output_schema(detail: bool) -> SchemaRef {
    let mut fields = vec![
        Field::new("status", DataType::UInt8, false),
        Field::new("findings", DataType::UInt64, false),
        Field::new("total_excl_e4", DataType::Int64, true),
        Field::new("total_incl_e4", DataType::Int64, true),
        Field::new("energy_excl_e4", DataType::Int64, false),
        Field::new("time_excl_e4", DataType::Int64, false),
        Field::new("parking_excl_e4", DataType::Int64, false),
    ];
    if detail {
        let names = [
            "reservation_excl_e4",
            "fixed_excl_e4",
            "billed_energy_e4",
            "billed_time_ms",
            "billed_parking_ms",
            "billed_reservation_ms",
        ];
        fields.extend(names.map(|name| Field::new(name, DataType::Int64, false)));
    }
    Arc::new(Schema::new(fields))
}

fn output_batch(schema: &SchemaRef, outputs: Outputs) -> PyResult<RecordBatch> {
    let ints = |values: Vec<i64>| -> ArrayRef {
        Arc::new(Int64Array::new(INTS.lend(values).into(), None))
    };
    let mut arrays: Vec<ArrayRef> = vec![
        Arc::new(UInt8Array::from(outputs.status)),
        Arc::new(UInt64Array::new(BITS.lend(outputs.findings).into(), None)),
        totals(outputs.before, outputs.any_unknown),
        totals(outputs.after, outputs.any_unknown),
        ints(outputs.energy),
        ints(outputs.time),
        ints(outputs.parking),
    ];
    if let Some(detail) = outputs.detail {
        arrays.extend(
            [
                detail.reservation,
                detail.fixed,
                detail.billed_energy,
                detail.billed_time,
                detail.billed_parking,
                detail.billed_reservation,
            ]
            .map(ints),
        );
    }
    RecordBatch::try_new(Arc::clone(schema), arrays).map_err(bad_argument)
}

/// Totals, null where they cannot be known.
fn totals(values: Vec<i64>, any_unknown: bool) -> ArrayRef {
    let nulls = any_unknown
        .then(|| values.iter().map(|value| *value != Outputs::UNKNOWN).collect::<NullBuffer>());
    Arc::new(Int64Array::new(INTS.lend(values).into(), nulls))
}

/// The meaning of the bits of the column `findings`, the lowest first.
#[pyfunction]
pub fn finding_bits() -> Vec<&'static str> {
    FINDING_BITS.to_vec()
}

/// The codes of the column `status`; 0 is priced.
#[pyfunction]
pub fn status_codes() -> Vec<&'static str> {
    std::iter::once("priced").chain(Refusal::TABLE.iter().map(|row| row.1)).collect()
}
