//! Sessions as columns, borrowed from whoever holds them.

/// A column of integers.
#[derive(Clone, Copy, Debug)]
pub enum Ints<'a> {
    /// 32 bits without sign.
    U32(&'a [u32]),
    /// 32 bits with sign.
    I32(&'a [i32]),
    /// 64 bits with sign.
    I64(&'a [i64]),
}

impl Ints<'_> {
    /// Stands for a reading that is not there.
    pub const NONE: i64 = i64::MIN;

    /// The value at `index`.
    #[must_use]
    pub fn at(&self, index: usize) -> i64 {
        match self {
            Ints::U32(values) => values[index].into(),
            Ints::I32(values) => values[index].into(),
            Ints::I64(values) => values[index],
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Ints::U32(values) => values.len(),
            Ints::I32(values) => values.len(),
            Ints::I64(values) => values.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Where the periods of each row start and end, as Arrow lists say it: one entry more than rows.
#[derive(Clone, Copy, Debug)]
pub enum Offsets<'a> {
    /// A list.
    I32(&'a [i32]),
    /// A large list.
    I64(&'a [i64]),
}

impl Offsets<'_> {
    fn at(&self, index: usize) -> i64 {
        match self {
            Offsets::I32(offsets) => offsets[index].into(),
            Offsets::I64(offsets) => offsets[index],
        }
    }

    fn len(&self) -> usize {
        match self {
            Offsets::I32(offsets) => offsets.len(),
            Offsets::I64(offsets) => offsets.len(),
        }
    }
}

/// The columns of charging periods, those of all rows one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Periods<'a> {
    /// Milliseconds from the start of the session to that of the period.
    pub offset_ms: Ints<'a>,
    /// Energy in 0.1 Wh.
    pub energy: Ints<'a>,
    /// Charging time in ms.
    pub time_ms: Ints<'a>,
    /// Parking time in ms.
    pub parking_ms: Ints<'a>,
    /// Reserved time in ms.
    pub reservation_ms: Option<Ints<'a>>,
    /// Lowest and highest power in W; [`Ints::NONE`] where there is no reading.
    pub power: Option<(Ints<'a>, Ints<'a>)>,
    /// Lowest and highest current in mA; [`Ints::NONE`] where there is no reading.
    pub current: Option<(Ints<'a>, Ints<'a>)>,
}

/// Sessions as columns.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// Index of the tariff in its [`super::TariffSet`].
    pub tariff: &'a [u32],
    /// Start of the session in ms since 1970-01-01T00:00:00Z.
    pub start_ms: &'a [i64],
    /// End of the session; without it, or where it is `i64::MIN`, a session ends with its last
    /// period.
    pub end_ms: Option<&'a [i64]>,
    /// Declared total before taxes in 10^-4 of the currency unit; `i64::MIN` for none.
    pub declared_before: Option<&'a [i64]>,
    /// Declared total after taxes.
    pub declared_after: Option<&'a [i64]>,
    /// Currency codes as three bytes, to be compared with those of the tariffs.
    pub currency: Option<&'a [[u8; 3]]>,
    /// Rows that cannot be priced because a value is missing.
    pub invalid: Option<&'a [bool]>,
    /// Where each row's periods are.
    pub offsets: Offsets<'a>,
    /// The periods.
    pub periods: Periods<'a>,
}

/// Columns that do not fit together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowsError(pub String);

impl std::fmt::Display for RowsError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for RowsError {}

impl Rows<'_> {
    /// How many sessions there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.start_ms.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.start_ms.is_empty()
    }

    /// The periods of a row, as a range of the period columns.
    #[must_use]
    #[inline]
    pub fn periods_of(&self, row: usize) -> std::ops::Range<usize> {
        let index = |value: i64| usize::try_from(value).unwrap_or(0);
        index(self.offsets.at(row))..index(self.offsets.at(row + 1))
    }

    /// Check once that all columns are as long as they must be and the offsets in order, so that
    /// the kernel can rely on it.
    ///
    /// # Errors
    /// Which column does not fit, with the length found.
    pub fn check(&self) -> Result<(), RowsError> {
        let rows = self.len();
        let same = |name: &str, length: usize, expected: usize| {
            if length == expected {
                Ok(())
            } else {
                Err(RowsError(format!("{name}: expected {expected} values, found {length}")))
            }
        };
        same("tariff", self.tariff.len(), rows)?;
        same("end_ms", self.end_ms.map_or(rows, <[i64]>::len), rows)?;
        same("declared_excl_e4", self.declared_before.map_or(rows, <[i64]>::len), rows)?;
        same("declared_incl_e4", self.declared_after.map_or(rows, <[i64]>::len), rows)?;
        same("currency", self.currency.map_or(rows, <[[u8; 3]]>::len), rows)?;
        same("period offsets", self.offsets.len(), rows + 1)?;
        let periods = self.periods.offset_ms.len();
        let optional = |column: Option<Ints<'_>>| column.map_or(periods, |column| column.len());
        same("energy", self.periods.energy.len(), periods)?;
        same("time_ms", self.periods.time_ms.len(), periods)?;
        same("parking_ms", self.periods.parking_ms.len(), periods)?;
        same("reservation_ms", optional(self.periods.reservation_ms), periods)?;
        for (low, high) in [self.periods.power, self.periods.current].into_iter().flatten() {
            same("readings", low.len(), periods)?;
            same("readings", high.len(), periods)?;
        }
        let limit = i64::try_from(periods).unwrap_or(i64::MAX);
        let mut last = 0;
        for index in 0..=rows {
            let offset = self.offsets.at(index);
            if offset < last || offset > limit {
                return Err(RowsError(format!(
                    "period offset {offset} of row {index} is out of order"
                )));
            }
            last = offset;
        }
        Ok(())
    }
}
