"""The points the specification leaves open, each a name with the answers a contract may choose."""

from __future__ import annotations

# The first answer is the default.
CHOICES: dict[str, tuple[str, ...]] = {
    # Parking and charging both priced: does any priced parking take the step, or the last period?
    "step_parking": ("any", "last"),
    # Does volume that no component prices count towards the total that is rounded up?
    "step_volume": ("priced", "all"),
    # Once per session, or each period by itself.
    "step_scope": ("session", "period"),
    # Reserved time on its own, or as part of the charging time.
    "step_reservation": ("own", "with_time"),
    # start_time equal to end_time (other than 00:00, which ends the day).
    "equal_times": ("whole_day", "never"),
    # Hours from the volumes, or from the timestamps of the periods.
    "time_source": ("volume", "clock", "auto"),
    # How often FLAT is charged.
    "flat": ("once_per_kind", "once", "once_per_tariff", "once_per_element"),
    # min_power is tested on the peak and max_power on the trough, or each on its own extreme.
    "peak": ("peak_trough", "own_extreme"),
    # A power or current restriction without a reading.
    "missing_reading": ("no_match", "match"),
    # Duration from the end of the reservation, or from the session start.
    "duration_base": ("charging", "session"),
    # Energy so far: the net sum, or the highest it has been.
    "energy_base": ("net", "high_water"),
    # Discharged energy: paid at the rate of the period, or as if it were not there.
    "negative_energy": ("same_rate", "unpaid"),
    # Round totals only, the cost of each dimension, or each line.
    "rounding": ("total", "dimension", "line"),
    "rounding_mode": ("half_up", "half_even", "down", "up"),
    "rounding_decimals": ("4", "currency", "3", "2", "0"),
    # A period without tariff_id where others have one.
    "untagged_periods": ("default_tariff", "free"),
    # Several tariffs valid at the start.
    "tariff_choice": ("first_valid", "latest_start"),
    # FLAT of RESERVATION_EXPIRES instead of that of RESERVATION, or both.
    "expired_flat": ("replace", "add"),
    # min_price and max_price where several tariffs price a session.
    "limits_with_several_tariffs": ("skip", "first"),
    # A limit without an amount after taxes leaves the total after taxes, or moves it in proportion.
    "limit_without_after_tax": ("independent", "scale"),
    # Limits hold for the total with the reservation, or without it.
    "limits_on_reservation": ("included", "excluded"),
    # FLAT and min_price where nothing was consumed.
    "zero_consumption": ("billed", "free"),
    # A component without vat.
    "missing_vat": ("by_version", "zero", "unknown"),
    # The total of a credit CDR.
    "credit": ("negate", "as_priced"),
}

Policy = dict[str, str]


def resolve(overrides: Policy | None) -> Policy:
    """Return every policy, the named ones overridden; unknown names and answers are refused."""
    policy = {name: answers[0] for name, answers in CHOICES.items()}
    for name, answer in (overrides or {}).items():
        if answer not in CHOICES[name]:
            raise ValueError(f"Policy {name} has no answer {answer!r}, only {CHOICES[name]}")
        policy[name] = answer
    return policy
