"""Meter values.

Text with a unit becomes whole thousandths of a base unit, without a float on the way (section
7.43).
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from interwatt.sessions.v1.session_pb2 import MeterReading, MeterSample

from gateways.ocpp import times
from gateways.ocpp.v16.limits import MAX_INT64

DEFAULT_MEASURAND = "Energy.Active.Import.Register"
DEFAULT_CONTEXT = "Sample.Periodic"
DROPPED = "unreadable_sample_dropped"

_KILO = Decimal(1000)
_ABSOLUTE_ZERO = Decimal("273.15")

_TO_BASE: Mapping[str, Callable[[Decimal], Decimal]] = {
    "kWh": lambda v: v * _KILO,
    "kvarh": lambda v: v * _KILO,
    "kW": lambda v: v * _KILO,
    "kVA": lambda v: v * _KILO,
    "kvar": lambda v: v * _KILO,
    "K": lambda v: v - _ABSOLUTE_ZERO,
    "Fahrenheit": lambda v: (v - 32) * 5 / 9,
}
"""Units that are not base units; Wh, varh, W, VA, var, A, V, Celsius, Percent and Hertz are."""


def read(
    entries: Sequence[Mapping[str, Any]], dropped: Callable[[str], None]
) -> list[MeterReading]:
    """Read a meterValue or transactionData list.

    `dropped` is told of each sample that is no number.
    """
    readings = []
    for entry in entries:
        samples = [s for s in map(_sample, entry["sampledValue"]) if s is not None]
        for _ in range(len(entry["sampledValue"]) - len(samples)):
            dropped(DROPPED)
        if samples:
            reading = MeterReading(samples=samples)
            reading.at.FromDatetime(times.parse(entry["timestamp"]))
            readings.append(reading)
    return readings


def to_milli(text: str, unit: str) -> int | None:
    """A value in thousandths of its base unit; None for what is no number or beyond 64 bits."""
    try:
        value = Decimal(text.strip())
        value = _TO_BASE[unit](value) if unit in _TO_BASE else value
        milli = int((value * 1000).to_integral_value(ROUND_HALF_EVEN))
    except (ArithmeticError, ValueError):
        return None
    return milli if abs(milli) <= MAX_INT64 else None


def _sample(value: Mapping[str, Any]) -> MeterSample | None:
    """One sample. Signed data is kept as it came and never read as a number."""
    sample = MeterSample(
        measurand=value.get("measurand", DEFAULT_MEASURAND),
        phase=value.get("phase", ""),
        context=value.get("context", DEFAULT_CONTEXT),
        location=value.get("location", ""),
    )
    if value.get("format") == "SignedData":
        sample.signed_data = value["value"].encode("utf-8", "replace")
        return sample
    milli = to_milli(value["value"], value.get("unit", ""))
    if milli is None:
        return None
    sample.value_milli = milli
    return sample
