//! A record batch as the rows that the core prices, borrowed wherever its types allow.

use std::borrow::Cow;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt32Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch, StructArray};
use arrow_schema::{DataType, TimeUnit};
use tariff_core::columns::{Ints, Offsets, Periods, Rows};

/// A batch with what had to be converted.
pub struct Table<'b> {
    batch: &'b RecordBatch,
    tariff: Cow<'b, [u32]>,
    start: Cow<'b, [i64]>,
    end: Option<Cow<'b, [i64]>>,
    declared: [Option<Cow<'b, [i64]>>; 2],
    currency: Option<Vec<[u8; 3]>>,
    invalid: Option<Vec<bool>>,
    offsets: Offsets<'b>,
    periods: Vec<(&'static str, Option<Column<'b>>)>,
}

/// A column of integers, borrowed unless nulls had to be replaced.
enum Column<'b> {
    U32(Cow<'b, [u32]>),
    I32(Cow<'b, [i32]>),
    I64(Cow<'b, [i64]>),
}

impl Column<'_> {
    fn ints(&self) -> Ints<'_> {
        match self {
            Column::U32(values) => Ints::U32(values),
            Column::I32(values) => Ints::I32(values),
            Column::I64(values) => Ints::I64(values),
        }
    }
}

/// The columns of a period: those that are required, reserved time, then readings.
const PERIOD_COLUMNS: [&str; 9] = [
    "offset_ms",
    "energy_e4",
    "time_ms",
    "parking_ms",
    "reservation_ms",
    "min_power_w",
    "max_power_w",
    "min_current_ma",
    "max_current_ma",
];
const REQUIRED: usize = 4;
const FIRST_READING: usize = 5;

impl<'b> Table<'b> {
    /// Look at a batch. The error says which column is missing or of a type that is not taken.
    pub fn of(batch: &'b RecordBatch) -> Result<Table<'b>, String> {
        let rows = batch.num_rows();
        let mut invalid = vec![false; rows];
        let tariff = required(batch, "tariff")?;
        mark_nulls(tariff, &mut invalid);
        let start = required(batch, "start")?;
        mark_nulls(start, &mut invalid);
        let list = required(batch, "periods")?;
        mark_nulls(list, &mut invalid);
        let (offsets, structs) = split_list(list)?;
        let periods = period_columns(structs)?;
        mark_null_periods(structs, offsets, &mut invalid);
        let declared = |name: &str| -> Result<Option<Cow<'b, [i64]>>, String> {
            let Some(column) = batch.column_by_name(name) else {
                return Ok(None);
            };
            let Column::I64(values) = integers(name, column, i64::MIN)? else {
                return Err(format!("Column {name}: expected Int64, found {}", column.data_type()));
            };
            Ok(Some(values))
        };
        let Column::U32(tariff) = integers("tariff", tariff, u32::MAX.into())? else {
            return Err(format!("Column tariff: expected UInt32, found {}", tariff.data_type()));
        };
        Ok(Table {
            batch,
            tariff,
            start: instants("start", start)?,
            end: match batch.column_by_name("end") {
                None => None,
                Some(column) => Some(instants("end", column)?),
            },
            declared: [declared("declared_excl_e4")?, declared("declared_incl_e4")?],
            currency: batch.column_by_name("currency").map(currencies).transpose()?,
            invalid: invalid.contains(&true).then_some(invalid),
            offsets,
            periods: PERIOD_COLUMNS.into_iter().zip(periods).collect(),
        })
    }

    /// The rows.
    pub fn rows(&self) -> Rows<'_> {
        let ints = |name: &str| {
            let found = self.periods.iter().find(|(known, _)| *known == name);
            found.and_then(|(_, column)| column.as_ref()).map(Column::ints)
        };
        let none = Ints::U32(&[]);
        Rows {
            tariff: &self.tariff,
            start_ms: &self.start,
            end_ms: self.end.as_deref(),
            declared_before: self.declared[0].as_deref(),
            declared_after: self.declared[1].as_deref(),
            currency: self.currency.as_deref(),
            invalid: self.invalid.as_deref(),
            offsets: self.offsets,
            periods: Periods {
                // The required columns are always there; see `period_columns`.
                offset_ms: ints("offset_ms").unwrap_or(none),
                energy: ints("energy_e4").unwrap_or(none),
                time_ms: ints("time_ms").unwrap_or(none),
                parking_ms: ints("parking_ms").unwrap_or(none),
                reservation_ms: ints("reservation_ms"),
                power: ints("min_power_w").zip(ints("max_power_w")),
                current: ints("min_current_ma").zip(ints("max_current_ma")),
            },
        }
    }

    /// A column of integers to group by; its nulls are 0.
    pub fn key(&self, name: &str) -> Result<KeyColumn<'b>, String> {
        Ok(KeyColumn(integers(name, required(self.batch, name)?, 0)?))
    }
}

/// A column that rows are grouped by.
pub struct KeyColumn<'b>(Column<'b>);

impl KeyColumn<'_> {
    /// Its values.
    pub fn ints(&self) -> Ints<'_> {
        self.0.ints()
    }
}

fn required<'b>(batch: &'b RecordBatch, name: &str) -> Result<&'b ArrayRef, String> {
    batch.column_by_name(name).ok_or_else(|| {
        let schema = batch.schema();
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        format!("Column {name} is missing; there are: {}", names.join(", "))
    })
}

fn mark_nulls(column: &ArrayRef, invalid: &mut [bool]) {
    if column.null_count() > 0 {
        for (index, flag) in invalid.iter_mut().enumerate() {
            *flag |= column.is_null(index);
        }
    }
}

/// A column of integers; nulls become `instead`.
fn integers<'b>(name: &str, column: &'b ArrayRef, instead: i64) -> Result<Column<'b>, String> {
    macro_rules! take {
        ($kind:ty, $variant:ident, $int:ty) => {{
            let array = column.as_primitive::<$kind>();
            if array.null_count() == 0 {
                Column::$variant(Cow::Borrowed(array.values()))
            } else {
                let instead = <$int>::try_from(instead).unwrap_or_default();
                Column::$variant(array.iter().map(|value| value.unwrap_or(instead)).collect())
            }
        }};
    }
    Ok(match column.data_type() {
        DataType::UInt32 => take!(UInt32Type, U32, u32),
        DataType::Int32 => take!(Int32Type, I32, i32),
        DataType::Int64 => take!(Int64Type, I64, i64),
        other => {
            return Err(format!("Column {name}: expected UInt32, Int32 or Int64, found {other}"));
        }
    })
}

/// Instants in ms; other units are converted, those finer than a ms are cut.
fn instants<'b>(name: &str, column: &'b ArrayRef) -> Result<Cow<'b, [i64]>, String> {
    let null = |index: usize| column.is_null(index);
    let values: Cow<'b, [i64]> = match column.data_type() {
        DataType::Int64 => Cow::Borrowed(column.as_primitive::<Int64Type>().values()),
        DataType::Timestamp(unit, _) => match unit {
            TimeUnit::Millisecond => {
                Cow::Borrowed(column.as_primitive::<TimestampMillisecondType>().values())
            }
            TimeUnit::Second => {
                let values = column.as_primitive::<TimestampSecondType>().values();
                values.iter().map(|value| value.saturating_mul(1000)).collect()
            }
            TimeUnit::Microsecond => {
                let values = column.as_primitive::<TimestampMicrosecondType>().values();
                values.iter().map(|value| value.div_euclid(1000)).collect()
            }
            TimeUnit::Nanosecond => {
                let values = column.as_primitive::<TimestampNanosecondType>().values();
                values.iter().map(|value| value.div_euclid(1_000_000)).collect()
            }
        },
        other => {
            return Err(format!("Column {name}: expected a timestamp or Int64 ms, found {other}"));
        }
    };
    if column.null_count() == 0 {
        return Ok(values);
    }
    let open = |(index, value): (usize, &i64)| if null(index) { i64::MIN } else { *value };
    Ok(values.iter().enumerate().map(open).collect())
}

fn split_list(column: &ArrayRef) -> Result<(Offsets<'_>, &StructArray), String> {
    let (offsets, values) = match column.data_type() {
        DataType::List(_) => {
            let list = column.as_list::<i32>();
            (Offsets::I32(list.value_offsets()), list.values())
        }
        DataType::LargeList(_) => {
            let list = column.as_list::<i64>();
            (Offsets::I64(list.value_offsets()), list.values())
        }
        other => {
            return Err(format!("Column periods: expected a list of structs, found {other}"));
        }
    };
    let structs = values.as_struct_opt().ok_or_else(|| {
        format!("Column periods: expected a list of structs, found one of {}", values.data_type())
    })?;
    Ok((offsets, structs))
}

fn period_columns(structs: &StructArray) -> Result<Vec<Option<Column<'_>>>, String> {
    PERIOD_COLUMNS
        .into_iter()
        .enumerate()
        .map(|(position, name)| match structs.column_by_name(name) {
            Some(column) if position >= FIRST_READING => readings(name, column).map(Some),
            Some(column) => integers(name, column, 0).map(Some),
            None if position < REQUIRED => Err(format!("Field {name} of periods is missing")),
            None => Ok(other_reading(name, structs)),
        })
        .collect()
}

/// A column of readings. Nobody read what is null, which is not the same as 0.
fn readings<'b>(name: &str, column: &'b ArrayRef) -> Result<Column<'b>, String> {
    let found = integers(name, column, 0)?;
    if column.null_count() == 0 {
        return Ok(found);
    }
    let ints = found.ints();
    let values = (0..ints.len())
        .map(|index| if column.is_null(index) { Ints::NONE } else { ints.at(index) });
    Ok(Column::I64(values.collect()))
}

/// In place of a column of readings that is not there while its counterpart is: nothing was read.
fn other_reading<'b>(name: &str, structs: &'b StructArray) -> Option<Column<'b>> {
    let other = match name.split_once('_')? {
        ("min", rest) => format!("max_{rest}"),
        (_, rest) => format!("min_{rest}"),
    };
    let there = structs.column_by_name(&other).is_some();
    there.then(|| Column::I64(vec![Ints::NONE; structs.len()].into()))
}

/// A period that is null, or whose offset is, leaves its row without a price.
fn mark_null_periods(structs: &StructArray, offsets: Offsets<'_>, invalid: &mut [bool]) {
    let starts = structs.column_by_name("offset_ms");
    let nulls =
        |index: usize| structs.is_null(index) || starts.is_some_and(|starts| starts.is_null(index));
    if structs.null_count() == 0 && starts.is_none_or(|starts| starts.null_count() == 0) {
        return;
    }
    let bounds: Vec<usize> = match offsets {
        Offsets::I32(offsets) => {
            offsets.iter().map(|at| usize::try_from(*at).unwrap_or(0)).collect()
        }
        Offsets::I64(offsets) => {
            offsets.iter().map(|at| usize::try_from(*at).unwrap_or(0)).collect()
        }
    };
    for (flag, pair) in invalid.iter_mut().zip(bounds.windows(2)) {
        *flag |= (pair[0]..pair[1]).any(nulls);
    }
}

/// Currency codes as three bytes; one that is no such code matches no tariff.
fn currencies(column: &ArrayRef) -> Result<Vec<[u8; 3]>, String> {
    let code = |text: Option<&str>| {
        let upper = text.unwrap_or("").to_ascii_uppercase();
        <[u8; 3]>::try_from(upper.as_bytes()).unwrap_or([0; 3])
    };
    match column.data_type() {
        DataType::Utf8 => Ok(column.as_string::<i32>().iter().map(code).collect()),
        DataType::LargeUtf8 => Ok(column.as_string::<i64>().iter().map(code).collect()),
        DataType::Utf8View => Ok(column.as_string_view().iter().map(code).collect()),
        DataType::Dictionary(_, _) => {
            let dictionary = column.as_any_dictionary();
            let known = currencies(dictionary.values())?;
            // Without values every row is null, and there is nothing to look up.
            let keys = if known.is_empty() { Vec::new() } else { dictionary.normalized_keys() };
            let of_row = |row: usize| keys.get(row).filter(|_| column.is_valid(row));
            let code_of = |row: usize| of_row(row).and_then(|key| known.get(*key)).copied();
            Ok((0..column.len()).map(|row| code_of(row).unwrap_or([0; 3])).collect())
        }
        other => Err(format!("Column currency: expected a string, found {other}")),
    }
}
