"""Tariffs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from engine.kernel.money import Price
from engine.kernel.party import PartyKey, ci


class Tariff(msgspec.Struct, frozen=True):
    """The present version of a tariff.

    Attributes:
        document: the OCPI object, UTF-8 JSON, numbers as written.
        withdrawn: deleted by its owner; sessions that started under it keep it.
    """

    key: str
    owner: str
    id: str
    currency: str
    document: bytes
    ocpi_version: str
    last_updated_us: int
    partner_id: str
    withdrawn: bool
    version: int
    created_us: int


class SealedTariff(msgspec.Struct, frozen=True):
    """One version of a tariff, kept for ever."""

    key: str
    version: int
    document: bytes
    ocpi_version: str


class Finding(msgspec.Struct, frozen=True):
    """Something odd in a document: a code, a JSON path, a sentence."""

    code: str
    path: str
    message: str


class ParsedTariff(msgspec.Struct, frozen=True):
    """What a tariff document says of itself, and what the linter says of it."""

    id: str
    currency: str
    findings: list[Finding]


class Priced(msgspec.Struct, frozen=True):
    """A price report, read as far as the engine acts on it.

    Attributes:
        error: why nothing could be priced; "" when it was.
        report_json: the whole report.
    """

    error: str
    message: str
    currency: str
    total: Price | None
    energy: Price | None
    time: Price | None
    parking: Price | None
    reservation: Price | None
    fixed: Price | None
    warnings: list[str]
    report_json: str


class Dimension(msgspec.Struct, frozen=True):
    """An amount of one kind: OCPI CdrDimensionType and an exact decimal as text."""

    type: str
    volume: str


class Period(msgspec.Struct, frozen=True):
    """A stretch with one price."""

    start_us: int
    dimensions: list[Dimension]
    tariff_id: str = ""


class Billed(msgspec.Struct, frozen=True):
    """A session cut into periods and priced."""

    periods: list[Period]
    priced: Priced


class MeterPoint(msgspec.Struct, frozen=True):
    """What the meter's register said: milliwatt-hours."""

    at_us: int
    register_mwh: int


class StateChange(msgspec.Struct, frozen=True):
    """From when on the vehicle charges, or only stands there."""

    at_us: int
    charging: bool


class Profile(msgspec.Struct, frozen=True):
    """A charge as the meter and the station saw it."""

    start_us: int
    end_us: int
    readings: list[MeterPoint]
    states: list[StateChange]
    time_zone: str


def tariff_key(owner: PartyKey, id_: str) -> str:
    return f"{owner}/{ci(id_)}"


def in_force(keys: Iterable[str], known: Mapping[str, Tariff]) -> Tariff | None:
    """Return the tariff in force: the first that `keys` name and that is not withdrawn."""
    named = (known[key] for key in keys if key in known)
    return next((tariff for tariff in named if not tariff.withdrawn), None)
