//! Findings: what was odd in a document, a session or a tariff, with a code and a place.

use crate::component::Dimension;

/// How a finding is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It bears on the price; reports list it under `warnings` too.
    Warning,
    /// It concerns the document: something was tolerated, repaired or not understood.
    Document,
    /// The declared figures and ours differ.
    Mismatch,
    /// It concerns a tariff as such; the linter reports it.
    Lint,
}

macro_rules! codes {
    ($($variant:ident = $code:literal, $kind:ident, $meaning:literal;)+) => {
        /// The code of a finding.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $(#[doc = $meaning] $variant),+ }

        impl Code {
            /// Every code with its kind and meaning; the page `FINDINGS.md` is made from it.
            pub const TABLE: &'static [(Code, &'static str, Kind, &'static str)] =
                &[$((Code::$variant, $code, Kind::$kind, $meaning)),+];

            /// The code as reports spell it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Code::$variant => $code),+ }
            }

            /// How the finding is used.
            #[must_use]
            pub const fn kind(self) -> Kind {
                match self { $(Code::$variant => Kind::$kind),+ }
            }
        }
    };
}

codes! {
    PeriodSpansPriceChange = "period_spans_price_change", Warning,
        "The price changes inside a period, which the CPO had to split there; it is priced at the rate of its start. The bounds on the total are those with all of that volume, step_size rounding included, at the cheapest and at the dearest rate inside the period.";
    NoPriceComponent = "no_price_component", Warning,
        "No element prices this volume, so it costs nothing.";
    DuplicateDimension = "duplicate_dimension", Warning,
        "A period has the same dimension twice; the volumes are added up.";
    PeriodOutsideSession = "period_outside_session", Warning,
        "A period starts before the session or after its end.";
    PeriodsOutOfOrder = "periods_out_of_order", Warning,
        "A period starts before the one in front of it; they are priced in the order given.";
    MinPriceApplied = "min_price_applied", Warning,
        "The total was raised to the tariff's min_price.";
    MaxPriceApplied = "max_price_applied", Warning,
        "The total was lowered to the tariff's max_price.";
    AfterTaxBelowBeforeTax = "after_tax_below_before_tax", Document,
        "A limit left the total after taxes below the total before taxes.";
    LimitsSkipped = "limits_skipped", Document,
        "Several tariffs price the session, so no min_price or max_price was applied.";
    TimeZoneInferred = "time_zone_inferred", Document,
        "The time zone was taken from the country, which has only one.";
    UnknownTimeZone = "unknown_time_zone", Document,
        "The document names a time zone that does not exist.";
    MissingReading = "missing_reading", Document,
        "A restriction on current or power meets a period without such a reading.";
    TariffNotValid = "tariff_not_valid", Document,
        "A period names a tariff that was not valid at the session start.";
    TariffTypeDoesNotFit = "tariff_type_does_not_fit", Document,
        "No tariff of a type that fits the session is valid; one of another type was used.";
    OverlappingTariffs = "overlapping_tariffs", Document,
        "Several tariffs are valid at the session start and no period tells which of them is meant.";
    PeriodWithoutTariffId = "period_without_tariff_id", Document,
        "Some periods name a tariff and this one does not.";
    ReservationAssumedExpired = "reservation_assumed_expired", Document,
        "A reservation without any consumption is taken as expired.";
    ClockAndVolumeDiffer = "clock_and_volume_differ", Document,
        "The hours of a period are not the time between its timestamps: by more than four decimals explain, or so that the total is another.";
    EnergyLooksLikeWh = "energy_looks_like_wh", Document,
        "An energy volume is about a thousand times the declared energy: Wh where kWh belong.";
    InvalidDocument = "invalid_document", Document,
        "The document cannot be read as what it should be.";
    UnknownField = "unknown_field", Document,
        "A field does not belong there in this version of OCPI; it was used only if another version gives it a meaning.";
    NeedlessNull = "needless_null", Document,
        "A field is null; OCPI leaves absent fields out.";
    NumberAsText = "number_as_text", Document,
        "A number is written as a string.";
    NumberRounded = "number_rounded", Document,
        "A number has more decimals than can be kept and was rounded.";
    MissingField = "missing_field", Document,
        "A required field is not there.";
    InvalidValue = "invalid_value", Document,
        "A value cannot be understood and was not used.";
    UnknownDimension = "unknown_dimension", Document,
        "A period has a dimension that OCPI does not know.";
    UnpricedDimension = "unpriced_dimension", Document,
        "A period has a volume that no tariff can price, such as exported energy.";
    DuplicateField = "duplicate_field", Document,
        "An object has the same field twice; the last one was used.";
    TimestampWithOffset = "timestamp_with_offset", Document,
        "A timestamp has an offset; OCPI timestamps are in UTC.";
    TimestampPrecision = "timestamp_precision", Document,
        "A timestamp is finer than a millisecond and was cut.";
    CountryNotAlpha3 = "country_not_alpha3", Document,
        "A location's country is not an ISO 3166-1 alpha-3 code.";
    CountryNotAlpha2 = "country_not_alpha2", Document,
        "A party's country is not an ISO 3166-1 alpha-2 code.";
    WrongCase = "wrong_case", Document,
        "A code is written in the wrong case.";
    CurrencyUnknown = "currency_unknown", Document,
        "The currency is not an ISO 4217 code.";
    TaxUnknown = "tax_unknown", Document,
        "A component has no VAT rate where one is needed, so a side of the total cannot be known; in the costs below it that tax counts as zero.";
    TotalCostDiffers = "total_cost_differs", Mismatch,
        "The declared total_cost is not what the periods cost.";
    DimensionCostDiffers = "dimension_cost_differs", Mismatch,
        "A declared cost of one dimension is not what the periods cost.";
    TotalEnergyDiffers = "total_energy_differs", Mismatch,
        "The declared total_energy is not the sum of the periods.";
    TotalTimeDiffers = "total_time_differs", Mismatch,
        "The declared total_time is not the time between start and end.";
    TotalParkingTimeDiffers = "total_parking_time_differs", Mismatch,
        "The declared total_parking_time is not the sum of the periods.";
    TaxesDoNotAddUp = "taxes_do_not_add_up", Mismatch,
        "The declared tax lines and totals contradict each other.";
    UnreachableElement = "unreachable_element", Lint,
        "Elements before this one match whenever it does, so it never prices anything.";
    UnreachableComponent = "unreachable_component", Lint,
        "A component of the same type comes first in the element, so this one is never used.";
    FreeByAccident = "free_by_accident", Lint,
        "At some moments no element prices a dimension that is priced at others.";
    OverlappingElements = "overlapping_elements", Lint,
        "Two restricted elements match at the same moment; only the first counts.";
    TimeInsideDstChange = "time_inside_dst_change", Lint,
        "A restriction starts or ends at a local time that is skipped or repeated when clocks change.";
    WeekdayWithWrap = "weekday_with_wrap", Lint,
        "A window over midnight has weekdays; the part after midnight goes by its own weekday.";
    NeedlessRestriction = "needless_restriction", Lint,
        "A restriction excludes nothing, or nothing but discharge and periods without a reading.";
    ImpossibleRestriction = "impossible_restriction", Lint,
        "A restriction can never match.";
    OnlyDischarge = "only_discharge", Lint,
        "A restriction matches only while the vehicle gives energy.";
    ReadingsCrossed = "readings_crossed", Lint,
        "The lower limit on current or power is not below the upper one: only a period with readings on either side of both matches.";
    EqualTimes = "equal_times", Lint,
        "start_time equals end_time, which partners read differently.";
    StepSizeZero = "step_size_zero", Lint,
        "step_size 0 has no meaning; it is taken as no rounding.";
    StepSizeCoarse = "step_size_coarse", Lint,
        "step_size is large enough to bill far more than was used.";
    StepSizesDiffer = "step_sizes_differ", Lint,
        "Components of one dimension have different step sizes; only the last one used counts.";
    ReservationDimension = "reservation_dimension", Lint,
        "A reservation element prices energy or parking, which a reservation cannot have.";
    NoElements = "no_elements", Lint,
        "The tariff has no elements; free of charge is a FLAT of 0.";
    NoComponents = "no_components", Lint,
        "An element has no price components.";
    LimitsCrossed = "limits_crossed", Lint,
        "min_price is above max_price.";
    LimitTaxesCrossed = "limit_taxes_crossed", Lint,
        "A limit is lower after taxes than before.";
    LimitAlwaysReached = "limit_always_reached", Lint,
        "max_price is below a fee that is always due.";
    ValidityCrossed = "validity_crossed", Lint,
        "The tariff ends before it starts.";
    MissingTaxIncluded = "missing_tax_included", Lint,
        "A 2.3.0 tariff must say tax_included.";
    VatMissingOnSome = "vat_missing_on_some", Lint,
        "Some components have a VAT rate and others do not.";
    VatWithoutTaxes = "vat_without_taxes", Lint,
        "The tariff says tax_included N/A and has VAT rates.";
    PowerInWatt = "power_in_watt", Lint,
        "A limit on power is so high that W may have been written where kW belong.";
    DurationInMinutes = "duration_in_minutes", Lint,
        "A limit on duration is so low that minutes may have been written where seconds belong.";
    NegativePrice = "negative_price", Lint,
        "A price is below zero.";
}

/// Something odd, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub code: Code,
    /// Where: a JSON path such as `$.charging_periods[2]`.
    pub path: String,
    /// A sentence with the values found.
    pub message: String,
    /// Which dimension, where it has one.
    pub dimension: Option<Dimension>,
    /// The lowest and highest total the session can have had, before and after taxes, where the
    /// finding leaves it open.
    pub range: Option<Range>,
}

/// Bounds on a total, as decimal text in the currency unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// The lowest total before and after taxes.
    pub lowest: (Option<String>, Option<String>),
    /// The highest total before and after taxes.
    pub highest: (Option<String>, Option<String>),
}

impl Finding {
    /// A finding without dimension or range.
    #[must_use]
    pub fn new(code: Code, path: impl Into<String>, message: impl Into<String>) -> Finding {
        Finding { code, path: path.into(), message: message.into(), dimension: None, range: None }
    }

    /// The same finding about one dimension.
    #[must_use]
    pub fn about(mut self, dimension: Dimension) -> Finding {
        self.dimension = Some(dimension);
        self
    }

    /// The name under which reports list it as a warning: the code, with its dimension if any.
    #[must_use]
    pub fn warning_name(&self) -> String {
        match self.dimension {
            Some(dimension) => format!("{}:{}", self.code.name(), dimension.name()),
            None => self.code.name().to_owned(),
        }
    }
}
