//! Every place where OCPI is silent or contradicts itself, as a named choice with a default.
//!
//! The table below is the only one: the report prints from it, the arguments are read with it and
//! the page `POLICIES.md` is made from it.

/// One policy: its name, the question it answers, its default and its values with their meaning.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The name, as arguments and reports spell it.
    pub name: &'static str,
    /// The open question.
    pub question: &'static str,
    /// The value used unless told otherwise.
    pub default: &'static str,
    /// The values and what each means.
    pub values: &'static [(&'static str, &'static str)],
}

/// A policy or a value that does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicyError {
    /// No policy has this name.
    UnknownName(String),
    /// The policy has no such value.
    UnknownValue {
        /// The policy.
        name: &'static str,
        /// What was asked for.
        value: String,
        /// What there is.
        values: String,
    },
}

impl std::fmt::Display for PolicyError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            PolicyError::UnknownName(name) => {
                let names: Vec<&str> = Policy::TABLE.iter().map(|row| row.name).collect();
                write!(out, "No policy is called {name:?}; there are: {}", names.join(", "))
            }
            PolicyError::UnknownValue { name, value, values } => {
                write!(out, "Policy {name} cannot be {value:?}; it can be: {values}")
            }
        }
    }
}

impl std::error::Error for PolicyError {}

macro_rules! policies {
    ($($field:ident: $kind:ident, $question:literal,
        default $default:ident, {$($variant:ident = $value:literal: $meaning:literal),+ $(,)?})+) => {
        $(
            #[doc = $question]
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
            pub enum $kind { $(#[doc = $meaning] $variant),+ }

            impl $kind {
                /// The value's name.
                #[must_use]
                pub const fn name(self) -> &'static str {
                    match self { $($kind::$variant => $value),+ }
                }
            }
        )+

        /// The choice made for each open question.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct Policy { $(#[doc = $question] pub $field: $kind),+ }

        impl Default for Policy {
            fn default() -> Policy {
                Policy { $($field: $kind::$default),+ }
            }
        }

        impl Policy {
            /// All policies, in the order in which reports print them.
            pub const TABLE: &'static [Row] = &[$(Row {
                name: stringify!($field),
                question: $question,
                default: $kind::$default.name(),
                values: &[$(($value, $meaning)),+],
            }),+];

            /// Choose `value` for the policy called `name`.
            ///
            /// # Errors
            /// When there is no such policy or no such value; the message lists what there is.
            pub fn set(&mut self, name: &str, value: &str) -> Result<(), PolicyError> {
                match name {
                    $(stringify!($field) => {
                        self.$field = match value {
                            $($value => $kind::$variant,)+
                            _ => return Err(PolicyError::UnknownValue {
                                name: stringify!($field),
                                value: value.to_owned(),
                                values: [$($value),+].join(", "),
                            }),
                        };
                    })+
                    _ => return Err(PolicyError::UnknownName(name.to_owned())),
                }
                Ok(())
            }

            /// The name and the chosen value of every policy, in the order of the table.
            #[must_use]
            pub fn choices(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($field), self.$field.name())),+]
            }
        }
    };
}

policies! {
    step_parking: StepParking,
    "When both charging time and parking time are priced, which of the two does step_size round up?",
    default Any, {
        Any = "any": "Parking, wherever it comes in the session; charging time stays exact.",
        Last = "last": "Whichever of the two was priced last.",
    }
    step_volume: StepVolume,
    "Does volume that no component prices count towards the total that step_size rounds up?",
    default Priced, {
        Priced = "priced": "No, only priced volume counts (tariff 14, third case).",
        All = "all": "Yes; the rounding is still billed at the last priced component.",
    }
    step_scope: StepScope,
    "Is step_size applied once per session or to each charging period?",
    default Session, {
        Session = "session": "Once per session, as the text says since 2.2.",
        Period = "period": "To each period by itself; some 2.1.1 partners read it so.",
    }
    step_reservation: StepReservation,
    "Is reserved time rounded up on its own or together with charging time?",
    default Own, {
        Own = "own": "On its own.",
        WithTime = "with_time": "As part of the charging time.",
    }
    equal_times: EqualTimes,
    "What does a restriction with start_time equal to end_time cover?",
    default WholeDay, {
        WholeDay = "whole_day": "The whole day.",
        Never = "never": "Nothing.",
    }
    time_source: TimeSource,
    "Are hours taken from the volume or from the clock?",
    default Volume, {
        Volume = "volume": "From the volume as written.",
        Clock = "clock": "From the timestamps, for a period with a single kind of time.",
        Auto = "auto": "From the timestamps when the volume is the same duration cut to 4 decimals of an hour, else from the volume.",
    }
    flat: Flat,
    "How often is a FLAT component charged?",
    default OncePerKind, {
        OncePerKind = "once_per_kind": "Once for the reservation and once for the charge, the first to become active.",
        Once = "once": "Once in all, the first to become active.",
        OncePerTariff = "once_per_tariff": "As once_per_kind, again for each tariff that prices the session.",
        OncePerElement = "once_per_element": "Once for each element that becomes active.",
    }
    peak: Peak,
    "Which reading of a period is a limit on current or power compared with?",
    default PeakTrough, {
        PeakTrough = "peak_trough": "min_* with the highest reading and max_* with the lowest.",
        OwnExtreme = "own_extreme": "min_* with the lowest reading and max_* with the highest.",
    }
    missing_reading: MissingReading,
    "Does a limit on current or power match a period without a reading?",
    default NoMatch, {
        NoMatch = "no_match": "No.",
        Match = "match": "Yes.",
    }
    duration_base: DurationBase,
    "From when do min_duration and max_duration count?",
    default Charging, {
        Charging = "charging": "From the end of the reservation, when there was one, else from the session start.",
        Session = "session": "From the session start, reservation included.",
    }
    energy_base: EnergyBase,
    "Which energy do min_kwh and max_kwh look at when the vehicle discharges?",
    default Net, {
        Net = "net": "The net energy since the session start.",
        HighWater = "high_water": "The highest net energy so far, so that a discharge never re-opens a tier.",
    }
    negative_energy: NegativeEnergy,
    "Is energy that the vehicle gives back paid for?",
    default SameRate, {
        SameRate = "same_rate": "Yes, at the rate of the period.",
        Unpaid = "unpaid": "No; such a period costs nothing and counts nothing.",
    }
    rounding: Rounding,
    "Where is money rounded?",
    default Total, {
        Total = "total": "Nowhere but at the end, each total by itself.",
        Dimension = "dimension": "Each dimension's cost, then their sum.",
        Line = "line": "Each priced line of each period, then their sum.",
    }
    rounding_mode: RoundingMode,
    "How is money rounded?",
    default HalfUp, {
        HalfUp = "half_up": "To the nearest, the middle away from zero.",
        HalfEven = "half_even": "To the nearest, the middle to the even neighbour.",
        Down = "down": "Towards zero.",
        Up = "up": "Away from zero.",
    }
    rounding_decimals: RoundingDecimals,
    "To how many decimals is money rounded?",
    default Four, {
        Four = "4": "Four, as many as an OCPI number has.",
        Currency = "currency": "As many as the currency has: 0, 2 or 3.",
        Three = "3": "Three.",
        Two = "2": "Two.",
        Zero = "0": "None.",
    }
    untagged_periods: UntaggedPeriods,
    "What prices a period without tariff_id when other periods have one?",
    default DefaultTariff, {
        DefaultTariff = "default_tariff": "The tariff that is valid at the session start.",
        Free = "free": "Nothing: no tariff was relevant.",
    }
    tariff_choice: TariffChoice,
    "Several tariffs are valid at the session start and no period names one: which is used?",
    default FirstValid, {
        FirstValid = "first_valid": "The first whose type fits the session.",
        LatestStart = "latest_start": "The one whose type fits that became valid last.",
    }
    expired_flat: ExpiredFlat,
    "A reservation expired and both RESERVATION and RESERVATION_EXPIRES have a FLAT: which is due?",
    default Replace, {
        Replace = "replace": "Only that of RESERVATION_EXPIRES.",
        Add = "add": "Both.",
    }
    limits_with_several_tariffs: LimitsWithSeveralTariffs,
    "Several tariffs price a session: do min_price and max_price hold?",
    default Skip, {
        Skip = "skip": "No; a finding says so.",
        First = "first": "Those of the tariff that prices the first period hold for the whole.",
    }
    limit_without_after_tax: LimitWithoutAfterTax,
    "A limit gives no amount after taxes: what happens to the total after taxes?",
    default Independent, {
        Independent = "independent": "Nothing; each total has its own limit.",
        Scale = "scale": "It changes in the proportion in which the total before taxes does.",
    }
    limits_on_reservation: LimitsOnReservation,
    "Do min_price and max_price cover the reservation?",
    default Included, {
        Included = "included": "Yes, they hold for the total of the session.",
        Excluded = "excluded": "No, the reservation is added after the limits.",
    }
    zero_consumption: ZeroConsumption,
    "Are FLAT fees and min_price due when nothing was consumed?",
    default Billed, {
        Billed = "billed": "Yes, the session was started.",
        Free = "free": "No.",
    }
    missing_vat: MissingVat,
    "A component has no vat field: what is the tax?",
    default ByVersion, {
        ByVersion = "by_version": "None; but unknown where the tariff says tax_included YES or NO (2.3.0).",
        Zero = "zero": "None.",
        Unknown = "unknown": "Unknown; only one of the two totals can be given.",
    }
    credit: Credit,
    "What is the total of a credit CDR?",
    default Negate, {
        Negate = "negate": "The negative of what its periods cost, before and after limits; the costs of the dimensions stay positive.",
        AsPriced = "as_priced": "What its periods cost.",
    }
}

impl RoundingDecimals {
    /// The number of decimals for a currency with `minor_units` of its own.
    #[must_use]
    pub const fn count(self, minor_units: u32) -> u32 {
        match self {
            RoundingDecimals::Four => 4,
            RoundingDecimals::Currency => minor_units,
            RoundingDecimals::Three => 3,
            RoundingDecimals::Two => 2,
            RoundingDecimals::Zero => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_in_the_table_can_be_chosen() {
        let defaults = Policy::default().choices();
        for (row, default) in Policy::TABLE.iter().zip(defaults) {
            assert_eq!((row.name, row.default), default);
            for (value, _) in row.values {
                let mut policy = Policy::default();
                policy.set(row.name, value).unwrap();
                assert!(policy.choices().contains(&(row.name, value)));
            }
        }
    }

    #[test]
    fn unknown_names_and_values_say_what_there_is() {
        let mut policy = Policy::default();
        let message = policy.set("step", "any").unwrap_err().to_string();
        assert!(message.contains("step_parking"), "{message}");
        let message = policy.set("flat", "twice").unwrap_err().to_string();
        assert!(message.contains("once_per_kind"), "{message}");
    }
}
