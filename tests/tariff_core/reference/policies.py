"""The points the specification leaves open, each a name with the answers a contract may choose."""

from __future__ import annotations

# The first answer is the default. The names of the first six are those of the vectors.
CHOICES: dict[str, tuple[str, ...]] = {
    # Parking and charging both priced: does any priced parking take the step, or the last period?
    "step_parking": ("any", "last"),
    # Does volume that no component prices count towards the total that is rounded up?
    "step_volume": ("priced", "all"),
    # start_time equal to end_time (other than 00:00, which ends the day).
    "equal_times": ("whole_day", "never"),
    # Hours from the volumes, or from the timestamps of the periods.
    "time_source": ("volume", "clock", "auto"),
    # How often FLAT is charged.
    "flat": ("once_per_kind", "once", "once_per_tariff", "each_component"),
    # min_power is tested on the peak and max_power on the trough, or each on its own extreme.
    "peak": ("peak_trough", "own_extreme"),
    # A power or current restriction without a reading.
    "missing_reading": ("no_match", "match"),
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
