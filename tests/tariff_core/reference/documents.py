"""OCPI 2.1.1, 2.2.1 and 2.3.0 tariffs, CDRs and Sessions, read into one form.

Numbers are read as text and kept exact. Strings where a number belongs are accepted.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
TIME_KINDS = ("TIME", "PARKING_TIME", "RESERVATION_TIME")


class RefusedError(Exception):
    """The document cannot be priced; `code` says why."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code


@dataclass(frozen=True)
class Component:
    """A price component; price per kWh, per hour or per occurrence."""

    dimension: str
    price: Fraction
    vat: Fraction | None
    step: int


@dataclass(frozen=True)
class Restrictions:
    """When an element is active; None means no restriction. Times are minutes of the local day."""

    start_time: int | None = None
    end_time: int | None = None
    start_date: date | None = None
    end_date: date | None = None
    days: tuple[int, ...] = ()
    min_kwh: Fraction | None = None
    max_kwh: Fraction | None = None
    min_current: Fraction | None = None
    max_current: Fraction | None = None
    min_power: Fraction | None = None
    max_power: Fraction | None = None
    min_duration: Fraction | None = None
    max_duration: Fraction | None = None
    reservation: str | None = None

    @property
    def needs_zone(self) -> bool:
        """Say whether the local clock or calendar decides."""
        clock = (self.start_time, self.end_time, self.start_date, self.end_date)
        return bool(self.days) or any(value is not None for value in clock)


@dataclass(frozen=True)
class Element:
    """Components under shared restrictions."""

    components: tuple[Component, ...]
    restrictions: Restrictions

    def component(self, dimension: str) -> Component | None:
        """Return the first component of a dimension."""
        return next((c for c in self.components if c.dimension == dimension), None)


@dataclass(frozen=True)
class Limit:
    """A minimum or maximum, before and after tax; each bound stands on its own."""

    before: Fraction | None
    after: Fraction | None


@dataclass(frozen=True)
class Tariff:
    """A tariff; `tax` is YES, NO, N/A or None where the document has no such field."""

    id: str
    currency: str
    elements: tuple[Element, ...]
    tax: str | None = None
    minimum: Limit | None = None
    maximum: Limit | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    type: str | None = None

    @property
    def needs_zone(self) -> bool:
        """Say whether the local clock or calendar decides anything."""
        return any(element.restrictions.needs_zone for element in self.elements)

    def valid_at(self, moment: datetime) -> bool:
        """Say whether `moment` is in [start_date_time, end_date_time)."""
        started = self.valid_from is None or self.valid_from <= moment
        return started and (self.valid_until is None or moment < self.valid_until)


@dataclass(frozen=True)
class Period:
    """A charging period with its volumes (kWh, hours, A, kW), summed per dimension."""

    start: datetime
    volumes: dict[str, Fraction]
    tariff_id: str | None
    duplicated: bool = False


@dataclass(frozen=True)
class Session:
    """A CDR or a Session, of any version."""

    start: datetime
    end: datetime | None
    currency: str
    periods: tuple[Period, ...]
    tariffs: tuple[Tariff, ...]
    time_zone: str | None = None
    token_type: str | None = None
    credit: bool = False


def loads(text: str | bytes) -> Any:
    """Read JSON with every number kept exact."""
    return json.loads(text, parse_float=Fraction, parse_int=Fraction)


def session(document: dict[str, Any]) -> Session:
    """Read a CDR or Session; raise `RefusedError` where no price can follow from it."""
    start = _first(document, "start_date_time", "start_datetime")
    if start is None:
        raise RefusedError("invalid_document", "no start")
    end = _first(document, "end_date_time", "stop_date_time", "end_datetime")
    place = _first(document, "cdr_location", "location") or {}
    return Session(
        start=moment(start),
        end=None if end is None else moment(end),
        currency=str(document.get("currency") or "").upper(),
        periods=tuple(_period(p) for p in document.get("charging_periods") or ()),
        tariffs=tuple(tariff(t) for t in document.get("tariffs") or ()),
        time_zone=place.get("time_zone"),
        token_type=(document.get("cdr_token") or {}).get("type"),
        credit=document.get("credit") is True,
    )


def tariff(document: dict[str, Any]) -> Tariff:
    """Read a tariff of any version."""
    return Tariff(
        id=str(document.get("id") or ""),
        currency=str(document.get("currency") or "").upper(),
        elements=tuple(_element(e) for e in document.get("elements") or ()),
        tax=document.get("tax_included"),
        minimum=_limit(document.get("min_price")),
        maximum=_limit(document.get("max_price")),
        valid_from=_optional(document.get("start_date_time"), moment),
        valid_until=_optional(document.get("end_date_time"), moment),
        type=document.get("type"),
    )


def number(value: Any) -> Fraction:
    """Read a number, or a string that holds one."""
    return value if isinstance(value, Fraction) else Fraction(str(value).strip())


def moment(text: str) -> datetime:
    """Read a timestamp; without an offset it is UTC, as OCPI says."""
    parsed = datetime.fromisoformat(text.strip())
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


def _period(document: dict[str, Any]) -> Period:
    volumes: dict[str, Fraction] = {}
    duplicated = False
    for entry in document.get("dimensions") or ():
        name = entry["type"]
        duplicated |= name in volumes
        volumes[name] = volumes.get(name, Fraction(0)) + number(entry["volume"])
    return Period(
        start=moment(document["start_date_time"]),
        volumes=volumes,
        tariff_id=document.get("tariff_id"),
        duplicated=duplicated,
    )


def _element(document: dict[str, Any]) -> Element:
    return Element(
        components=tuple(_component(c) for c in document.get("price_components") or ()),
        restrictions=_restrictions(document.get("restrictions") or {}),
    )


def _component(document: dict[str, Any]) -> Component:
    return Component(
        dimension=document["type"],
        price=number(document["price"]),
        vat=_optional(document.get("vat"), number),
        step=int(number(document.get("step_size") or 0)),
    )


def _restrictions(document: dict[str, Any]) -> Restrictions:
    numeric = ("kwh", "current", "power", "duration")
    bounds = {
        f"{side}_{what}": _optional(document.get(f"{side}_{what}"), number)
        for side in ("min", "max")
        for what in numeric
    }
    return Restrictions(
        start_time=_optional(document.get("start_time"), _minutes),
        end_time=_optional(document.get("end_time"), _minutes),
        start_date=_optional(document.get("start_date"), date.fromisoformat),
        end_date=_optional(document.get("end_date"), date.fromisoformat),
        days=tuple(DAYS.index(day) for day in document.get("day_of_week") or ()),
        reservation=document.get("reservation"),
        **bounds,
    )


def _limit(document: Any) -> Limit | None:
    if document is None:
        return None
    if not isinstance(document, dict):
        return Limit(before=number(document), after=None)
    before = _first(document, "before_taxes", "excl_vat")
    after = _first(document, "after_taxes", "incl_vat")
    return Limit(before=_optional(before, number), after=_optional(after, number))


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _first(document: dict[str, Any], *names: str) -> Any:
    return next((document[n] for n in names if document.get(n) is not None), None)


def _optional(value: Any, read: Any) -> Any:
    return None if value is None else read(value)
