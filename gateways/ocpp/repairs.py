"""A tolerant reader: named repairs of payloads that a schema refuses.

Strict validation comes first and repairs only after it failed, so a correct station never meets
them. Each repair is counted by its name. What carries identity or money is never guessed: ids and
idTags are not cut, and a register that cannot be read is left out, which the bill will say.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

from gateways.ocpp import times
from gateways.ocpp.faults import Fault, Refusal
from gateways.ocpp.schemas import Schema, Violation

MAX_PASSES = 8
MAX_VIOLATIONS = 5_000
LONGEST_NUMBER = 40

ALIASES: Mapping[str, str] = {
    "hz": "Hertz",
    "celcius": "Celsius",
    "%": "Percent",
    "degc": "Celsius",
    "error": "OtherError",
    "none": "NoError",
}
"""Names seen in the field for values the schemas know."""

CATCH_ALL: Mapping[str, str] = {"context": "Other", "reason": "Other"}
"""Properties whose unknown values are told as the schema's own "Other"."""

FREE_TEXT = frozenset(
    {
        "info",
        "vendorErrorCode",
        "firmwareVersion",
        "chargePointModel",
        "chargePointVendor",
        "techInfo",
    }
)
"""Properties that people read and that may be cut."""

WRITTEN_AS_NUMBER = frozenset({"value", "idTag"})
"""Text properties that some stations send as JSON numbers."""

ENTRIES = frozenset({"sampledValue", "meterValue", "transactionData"})
"""Lists whose empty or unreadable entries are dropped, so that the rest arrives."""

REGISTERS = frozenset({"meterStart", "meterStop"})
"""Required numbers that a start or a stop is taken without all the same."""

_INTEGER = re.compile(r"[+-]?\d{1,19}(?:\.0*)?")

_FAULTS: Mapping[str, Fault] = {
    "required": Fault.PROTOCOL,
    "type": Fault.TYPE,
    "maxLength": Fault.TYPE,
    "minLength": Fault.PROPERTY,
    "enum": Fault.PROPERTY,
    "format": Fault.PROPERTY,
    "pattern": Fault.PROPERTY,
    "minimum": Fault.PROPERTY,
    "maximum": Fault.PROPERTY,
    "multipleOf": Fault.PROPERTY,
    "minItems": Fault.OCCURRENCE,
    "maxItems": Fault.OCCURRENCE,
}


@dataclass(frozen=True, slots=True)
class Repaired:
    """A payload that can be handled, and the names of what was done to it."""

    payload: Any
    repairs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a violation is: a container of the payload and the key in it."""

    root: Any
    path: list[str | int]
    kind: Any
    optional: bool

    @property
    def name(self) -> str:
        """The nearest property name."""
        names = [step for step in self.path if isinstance(step, str)]
        return names[-1] if names else ""

    @property
    def value(self) -> Any:
        """What is there."""
        return _at(self.root, self.path)

    def put(self, value: Any) -> None:
        """Put something else there."""
        _at(self.root, self.path[:-1])[self.path[-1]] = value

    def drop(self) -> None:
        """Take it away."""
        del _at(self.root, self.path[:-1])[self.path[-1]]


def repair(payload: Any, schema: Schema) -> Repaired:
    """Mend a payload that fails its schema; it is changed in place.

    Raises `Refusal` with the fault of the first violation that no repair is named for.
    """
    names: list[str] = []
    for _ in range(MAX_PASSES):
        violations = [
            v for v in islice(schema.violations(payload), MAX_VIOLATIONS) if not _excused(v)
        ]
        if not violations:
            return Repaired(payload, tuple(names))
        for violation in sorted(violations, key=_position, reverse=True):
            name = _mend(payload, violation, schema)
            if name:
                names.append(name)
    raise Refusal(Fault.FORMATION, "The payload departs from its schema in too many places.")


def without_nul(value: Any) -> Any:
    """Take NUL characters out of all texts; no store and no reader wants them."""
    match value:
        case str():
            return value.replace("\0", "")
        case list():
            return [without_nul(entry) for entry in value]
        case dict():
            return {without_nul(name): without_nul(entry) for name, entry in value.items()}
        case _:
            return value


def _mend(payload: Any, violation: Violation, schema: Schema) -> str:
    """Mend one violation; answer with the name of the repair, or nothing when its place is gone."""
    kind = violation.kind.name
    place = _Place(
        root=payload,
        path=violation.instance_path,
        kind=violation.kind,
        optional=not schema.requires(violation.schema_path),
    )
    try:
        name = _REPAIRS[kind](place) if kind in _REPAIRS else None
    except (KeyError, IndexError, TypeError):
        return ""  # an earlier repair of this pass took it away
    if name is None:
        raise _refusal(violation)
    return name


def _mend_type(place: _Place) -> str | None:
    if not place.path:
        return None
    value = place.value
    types = place.kind.as_dict()["types"]
    if value is None or (value == "" and "string" not in types):
        return _drop_optional(place) or _drop_unreadable(place)
    for wanted, convert in _CONVERSIONS.items():
        if wanted in types:
            return convert(place, value) or _drop_unreadable(place)
    return _drop_unreadable(place)


def _writable(value: Any) -> bool:
    """Whether it is a fraction that can be written out: 1e999999999 would fill the memory."""
    return (
        isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) <= LONGEST_NUMBER
    )


def _mend_integer(place: _Place, value: Any) -> str | None:
    if _writable(value) and value == value.to_integral_value():
        place.put(int(value))
        return "integral_float"
    if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        place.put(int(value.strip().partition(".")[0]))
        return "text_to_number"
    return None


def _mend_text(place: _Place, value: Any) -> str | None:
    if place.name not in WRITTEN_AS_NUMBER or isinstance(value, bool):
        return None
    if _writable(value):
        place.put(format(value, "f"))
        return "number_to_text"
    if isinstance(value, int):
        place.put(str(value))
        return "number_to_text"
    return None


def _mend_list(place: _Place, value: Any) -> str | None:
    if not isinstance(value, dict):
        return None
    place.put([value])
    return "single_object_to_array"


_CONVERSIONS: Mapping[str, Callable[[_Place, Any], str | None]] = {
    "integer": _mend_integer,
    "string": _mend_text,
    "array": _mend_list,
}


def _mend_unknown_property(place: _Place) -> str | None:
    for name in place.kind.as_dict()["unexpected"]:
        del place.value[name]
    return "unknown_property_dropped"


def _mend_missing(place: _Place) -> str | None:
    missing = place.kind.as_dict()["property"]
    in_entry = len(place.path) > 1 and place.path[-2] in ENTRIES
    if in_entry and missing in {"value", "sampledValue"}:
        place.drop()
        return "empty_entry_dropped"
    return None


def _mend_empty(place: _Place) -> str | None:
    """An empty sampledValue goes, and its meterValue with it."""
    if len(place.path) > 2 and place.path[-3] in ENTRIES:
        del _at(place.root, place.path[:-2])[place.path[-2]]
        return "empty_entry_dropped"
    return None


def _mend_enum(place: _Place) -> str | None:
    value = place.value
    if value is None or value == "":
        return _drop_optional(place) or _drop_entry(place)
    if isinstance(value, str):
        options = {option.casefold(): option for option in place.kind.as_dict()["options"]}
        key = value.strip().casefold()
        if key in options:
            place.put(options[key])
            return "enum_case"
        if ALIASES.get(key, "").casefold() in options:
            place.put(ALIASES[key])
            return "enum_alias"
        if CATCH_ALL.get(place.name) in options.values():
            place.put(CATCH_ALL[place.name])
            return "enum_other"
    return _drop_entry(place)


def _mend_length(place: _Place) -> str | None:
    limit = place.kind.as_dict()["limit"]
    value = place.value
    if len(value.strip()) <= limit:
        place.put(value.strip())
        return "blanks_trimmed"
    if place.name in FREE_TEXT:
        place.put(value[:limit])
        return "text_cut"
    return None


def _mend_format(place: _Place) -> str | None:
    if place.kind.as_dict()["format"] != "date-time":
        return None
    value = place.value
    moment = times.try_parse(value)
    if moment is not None:
        place.put(times.write(moment))
        return "timestamp_form"
    return _drop_optional(place, "unreadable_timestamp_dropped")


def _drop_optional(place: _Place, name: str = "empty_optional_dropped") -> str | None:
    if place.path and (place.optional or isinstance(place.path[-1], int)):
        place.drop()
        return name
    return None


def _drop_unreadable(place: _Place) -> str | None:
    if len(place.path) == 1 and place.name in REGISTERS:
        place.drop()
        return "unreadable_register_dropped"
    return _drop_entry(place)


def _drop_entry(place: _Place) -> str | None:
    """Give up one sampled value, so that the rest of the message arrives."""
    indexes = [
        n
        for n, step in enumerate(place.path)
        if isinstance(step, int) and n > 0 and place.path[n - 1] == "sampledValue"
    ]
    if not indexes:
        return None
    last = indexes[-1]
    del _at(place.root, place.path[:last])[place.path[last]]
    return "unreadable_sample_dropped"


_REPAIRS: Mapping[str, Callable[[_Place], str | None]] = {
    "type": _mend_type,
    "additionalProperties": _mend_unknown_property,
    "required": _mend_missing,
    "minItems": _mend_empty,
    "enum": _mend_enum,
    "maxLength": _mend_length,
    "format": _mend_format,
}


def _excused(violation: Violation) -> bool:
    """A MeterValues that is left with no entry is acknowledged all the same, and a start or a stop
    without its register is one."""
    if violation.kind.name == "required":
        return not violation.instance_path and violation.kind.as_dict()["property"] in REGISTERS
    return violation.kind.name == "minItems" and violation.instance_path == ["meterValue"]


def _refusal(violation: Violation) -> Refusal:
    kind = violation.kind.name
    where = "/".join(str(step) for step in violation.instance_path) or "payload"
    if kind == "required":
        where = f"{where}/{violation.kind.as_dict()['property']}"
    if kind == "type" and not violation.instance_path:
        return Refusal(Fault.FORMATION, "The payload is not an object.")
    return Refusal(_FAULTS.get(kind, Fault.FORMATION), f"{where}: violates {kind}.")


def _position(violation: Violation) -> list[tuple[int, int, str]]:
    return [
        (1, step, "") if isinstance(step, int) else (0, 0, step) for step in violation.instance_path
    ]


def _at(root: Any, path: list[str | int]) -> Any:
    for step in path:
        root = root[step]
    return root
