"""Random tariffs, CDRs and policies, as documents of the three OCPI versions.

`PROPERTY_PROFILE=slow` draws a hundred times as many, anew on each run.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy
from pricing_cases import decimal, write
from reference import Stretch
from reference.policies import CHOICES

Document = dict[str, Any]

SLOW = os.environ.get("PROPERTY_PROFILE") == "slow"
ZONES = (
    "UTC",
    "Europe/Amsterdam",
    "America/Toronto",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Auckland",
    "Africa/Casablanca",
)
# Evenings and nights around the changes of the clocks of these zones, a weekend and a new year.
STARTS = tuple(
    datetime.fromisoformat(text).replace(tzinfo=UTC)
    for text in (
        "2025-03-29T20:00",
        "2025-10-25T20:00",
        "2025-03-09T00:00",
        "2025-11-02T00:00",
        "2025-04-05T10:00",
        "2025-10-04T10:00",
        "2025-02-23T00:00",
        "2025-06-06T15:00",
        "2025-12-31T20:00",
        "2024-02-28T20:00",
    )
)
DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
LENGTHS = (0, 1, 60, 300, 600, 613, 900, 1800, 3600, 3601, 5400, 9000, 30_000)
STEPS = (0, 0, 1, 1, 60, 100, 300, 500, 900, 1800, 7000)
RATES = (None, None, 0, "5.5", 10, 19, 21)
POLICY_NAMES = tuple(CHOICES)


def profile(examples: int) -> settings:
    """Return the settings of one property: quick and repeatable, or slow and always new."""
    return settings(
        max_examples=examples * (100 if SLOW else 1),
        derandomize=not SLOW,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


@dataclass(frozen=True)
class Spelling:
    """How a partner writes documents; none of it may change a price."""

    numbers_as_text: bool = False
    tariffs_in_cdr: bool = False
    offset: str = "Z"

    def spelled(self, value: Any, key: str = "") -> Any:
        """Write a value this way."""
        if isinstance(value, dict):
            return {k: self.spelled(v, k) for k, v in value.items()}
        if isinstance(value, list):
            return [self.spelled(item) for item in value]
        if key.endswith("date_time"):
            return self._timestamp(value)
        return decimal(value) if self.numbers_as_text and isinstance(value, Fraction) else value

    def _timestamp(self, text: str) -> str:
        at = datetime.fromisoformat(text)
        if self.offset in {"", "Z"}:
            return at.astimezone(UTC).isoformat().replace("+00:00", self.offset)
        return at.astimezone(datetime.strptime(self.offset, "%z").tzinfo).isoformat()


PLAIN = Spelling()
SPELLINGS = (
    *[PLAIN] * 6,
    Spelling(numbers_as_text=True),
    Spelling(tariffs_in_cdr=True),
    Spelling(offset=""),
    Spelling(offset="+05:45"),
    Spelling(offset="-03:30"),
)


@dataclass(frozen=True)
class Scenario:
    """Everything `price` is called with."""

    cdr: Document
    tariffs: list[Document]
    time_zone: str | None
    policy: dict[str, str]
    reservation: str
    spelling: Spelling = PLAIN

    def arguments(self) -> tuple[tuple[str, str | None], dict[str, Any]]:
        """Return the positional and keyword arguments of `price`."""
        named = {
            "time_zone": self.time_zone,
            "policy": self.policy,
            "reservation": self.reservation,
        }
        cdr, tariffs = self.spelling.spelled(self.cdr), self.spelling.spelled(self.tariffs)
        if self.spelling.tariffs_in_cdr:
            return (write({**cdr, "tariffs": tariffs}), None), named
        return (write(cdr), write(tariffs)), named

    def with_periods(self, periods: list[Document]) -> Scenario:
        """Return the same with other charging periods."""
        return replace(self, cdr={**self.cdr, "charging_periods": periods})


def decimals(low: int, high: int, places: int = 4) -> SearchStrategy[Fraction]:
    """Draw a number with up to some decimals; short ones more often."""
    return st.integers(0, places).flatmap(
        lambda digits: st.integers(low * 10**digits, high * 10**digits).map(
            lambda n: Fraction(n, 10**digits)
        )
    )


def clock_times() -> SearchStrategy[str]:
    """Draw a wall clock time, on round hours more often."""
    hours = st.integers(0, 23)
    minutes = st.sampled_from((0, 0, 0, 30, 59))
    return st.builds("{:02}:{:02}".format, hours, minutes)


@st.composite
def restrictions(draw: DrawFn, version: str) -> Document:
    """Draw restrictions; most elements have none or one."""
    bounds: dict[str, SearchStrategy[Any]] = {
        "start_time": clock_times(),
        "end_time": clock_times(),
        "start_date": st.sampled_from(("2025-03-30", "2025-06-07", "2025-11-02", "2025-10-26")),
        "end_date": st.sampled_from(("2025-03-30", "2025-06-07", "2025-11-03", "2026-01-01")),
        "day_of_week": st.lists(st.sampled_from(DAYS), max_size=4, unique=True),
        "min_kwh": decimals(0, 20, 1),
        "max_kwh": decimals(0, 20, 1),
        "min_duration": st.sampled_from((0, 600, 1800, 3600, 5401)),
        "max_duration": st.sampled_from((600, 1800, 3600, 5401)),
        "min_power": st.sampled_from((0, 11, 22)),
        "max_power": st.sampled_from((11, 22, 50)),
    }
    if version != "2.1.1":
        bounds["min_current"] = st.sampled_from((0, 16, 32))
        bounds["max_current"] = st.sampled_from((0, 16, 32))
    names = draw(st.lists(st.sampled_from(sorted(bounds)), max_size=3, unique=True))
    return {name: draw(bounds[name]) for name in names}


@st.composite
def elements(draw: DrawFn, version: str, rates: tuple[Any, ...]) -> Document:
    """Draw an element, some of them for reservations."""
    reserving = version != "2.1.1" and draw(st.integers(0, 3)) == 0
    kinds = ("TIME", "FLAT") if reserving else ("ENERGY", "TIME", "PARKING_TIME", "FLAT")
    places = draw(st.sampled_from((2, 4, 4, 7)))
    # Some currencies count thousands for a coffee, and some tariffs pay the driver.
    highest = draw(st.sampled_from((5, 5, 5, 90_000)))
    components = []
    for kind in draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=4)):
        component: Document = {
            "type": kind,
            "price": draw(decimals(*_between(kind, highest), places)),
            "step_size": draw(st.sampled_from(STEPS)),
        }
        rate = draw(st.sampled_from(rates))
        if rate is not None and version != "2.1.1":
            component["vat"] = Fraction(rate)
        components.append(component)
    found: Document = {"price_components": components}
    limits = draw(st.one_of(st.just({}), restrictions(version)))
    if reserving:
        limits["reservation"] = draw(st.sampled_from(("RESERVATION", "RESERVATION_EXPIRES")))
    if limits:
        found["restrictions"] = limits
    return found


def _between(kind: str, highest: int) -> tuple[int, int]:
    if highest > 5:
        return -highest, highest
    return (-1 if kind == "ENERGY" else 0), highest


@st.composite
def default_element(draw: DrawFn, rates: tuple[Any, ...]) -> Document:
    """Draw the advised last element: a component of each dimension, without restrictions."""
    kinds = ("ENERGY", "TIME", "PARKING_TIME")
    components = [
        {"type": kind, "price": draw(decimals(0, 2)), "step_size": draw(st.sampled_from(STEPS))}
        for kind in kinds
    ]
    rate = draw(st.sampled_from(rates))
    vat = {} if rate is None else {"vat": Fraction(rate)}
    return {"price_components": [component | vat for component in components]}


@st.composite
def limits(draw: DrawFn, version: str) -> Document:
    """Draw a minimum or maximum price, sometimes without the amount after tax."""
    before, after = (
        ("excl_vat", "incl_vat") if version == "2.2.1" else ("before_taxes", "after_taxes")
    )
    limit = {before: draw(decimals(0, 12, 2))}
    if draw(st.booleans()):
        limit[after] = draw(decimals(0, 12, 2))
    return limit


@st.composite
def tariffs(draw: DrawFn, version: str, name: str, currency: str) -> Document:
    """Draw a tariff."""
    rates = draw(st.sampled_from((RATES, (21,), (None,))))
    tariff: Document = {
        "id": name,
        "currency": currency,
        "elements": draw(st.lists(elements(version, rates), min_size=1, max_size=4)),
        "last_updated": "2024-01-01T00:00:00Z",
    }
    if draw(st.integers(0, 2)):
        tariff["elements"].append(draw(default_element(rates)))
    if version == "2.1.1":
        return tariff
    tariff |= {"country_code": "NL", "party_id": "TST"}
    if version == "2.3.0":
        tariff["tax_included"] = draw(st.sampled_from(("NO", "YES", "N/A")))
    for limit in ("min_price", "max_price"):
        if draw(st.integers(0, 3)) == 0:
            tariff[limit] = draw(limits(version))
    if draw(st.integers(0, 7)) == 0:
        tariff["start_date_time"] = draw(st.sampled_from(STARTS)).isoformat()
    if draw(st.integers(0, 11)) == 0:
        tariff["end_date_time"] = draw(st.sampled_from(STARTS)).isoformat()
    kind = draw(st.sampled_from((None, None, None, "REGULAR", "AD_HOC_PAYMENT", "PROFILE_FAST")))
    return tariff if kind is None else {**tariff, "type": kind}


def dimension(name: str, volume: Fraction | int) -> Document:
    """Return a CDR dimension."""
    return {"type": name, "volume": Fraction(volume)}


@st.composite
def periods(draw: DrawFn, version: str, start: datetime) -> tuple[list[Document], datetime]:
    """Draw charging periods one after the other, and the end of the last."""
    found = []
    at = start
    reserved = draw(st.sampled_from((0, 0, 1, 2))) if version != "2.1.1" else 0
    count = draw(st.integers(1, 6))
    for index in range(count):
        length = draw(st.sampled_from(LENGTHS))
        hours = draw(
            st.sampled_from((Fraction(length, 3600), Fraction(length * 10_000 // 3600, 10_000)))
        )
        dimensions = []
        if index < reserved:
            dimensions.append(dimension("RESERVATION_TIME", hours))
        else:
            time = draw(st.sampled_from(("TIME", "TIME", "PARKING_TIME", None)))
            if draw(st.integers(0, 3)):
                dimensions.append(
                    dimension("ENERGY", draw(decimals(-3, 15, draw(st.sampled_from((3, 4, 6))))))
                )
            if time is not None:
                dimensions.append(dimension(time, hours))
            if draw(st.integers(0, 9)) == 0:
                kinds = st.sampled_from(("TIME", "PARKING_TIME", "ENERGY"))
                dimensions.append(dimension(draw(kinds), draw(st.sampled_from((0, 0, 1)))))
        for quantity in ("POWER", "CURRENT"):
            low = draw(st.sampled_from((None, None, 0, 11, 16, 22, 40)))
            if low is not None and version != "2.1.1":
                high = low + draw(st.sampled_from((0, 6, 20)))
                dimensions += [
                    dimension(f"MIN_{quantity}", low),
                    dimension(f"MAX_{quantity}", high),
                ]
        found.append({"start_date_time": at.isoformat(), "dimensions": dimensions})
        at += timedelta(seconds=length, milliseconds=draw(st.sampled_from((0, 0, 0, 0, 1, 500))))
    return found, at


@st.composite
def policies(draw: DrawFn) -> dict[str, str]:
    """Draw a few policies; none is the most frequent."""
    names = draw(st.lists(st.sampled_from(POLICY_NAMES), max_size=5, unique=True))
    return {name: draw(st.sampled_from(CHOICES[name])) for name in names}


@st.composite
def scenarios(draw: DrawFn) -> Scenario:
    """Draw a session with its tariffs and policies."""
    version = draw(st.sampled_from(("2.1.1", "2.2.1", "2.3.0")))
    currency = draw(st.sampled_from(("EUR", "EUR", "JPY", "KWD")))
    names = ("A", "B", "C")[: draw(st.sampled_from((1, 1, 1, 2, 3)))]
    listed = [draw(tariffs(version, name, currency)) for name in names]
    if draw(st.integers(0, 19)) == 0:
        listed[-1] = {**listed[-1], "currency": draw(st.sampled_from(("SEK", currency.lower())))}
    if draw(st.integers(0, 29)) == 0:
        listed = listed[1:]
    start = draw(st.sampled_from(STARTS)) + timedelta(minutes=draw(st.integers(0, 720)))
    charging, end = draw(periods(version, start))
    if draw(st.integers(0, 9)) == 0:
        charging = draw(st.permutations(charging))
    if version != "2.1.1" and draw(st.integers(0, 2)) == 0:
        for period in charging:
            tagged = draw(st.sampled_from((None, *names * 4, *names[:1] * 4, names[-1].lower())))
            period.update({} if tagged is None else {"tariff_id": tagged})
    late = timedelta(seconds=draw(st.sampled_from((0, 0, 0, 60, -60))))
    cdr: Document = {
        "id": "C1",
        "start_date_time": start.isoformat(),
        "stop_date_time" if version == "2.1.1" else "end_date_time": (end + late).isoformat(),
        "currency": currency,
        "charging_periods": charging,
    }
    if version != "2.1.1":
        token = draw(st.sampled_from((None, "RFID", "AD_HOC_USER")))
        cdr |= {"country_code": "NL", "party_id": "TST"}
        cdr |= {} if token is None else {"cdr_token": {"uid": "1", "type": token}}
        cdr |= draw(st.sampled_from(({}, {}, {}, {"credit": True, "credit_reference_id": "C0"})))
    return Scenario(
        cdr=cdr,
        tariffs=listed,
        time_zone=draw(st.sampled_from((*ZONES * 3, None))),
        policy=draw(policies()),
        reservation=draw(st.sampled_from(("auto", "used", "expired"))),
        spelling=draw(st.sampled_from(SPELLINGS)),
    )


@st.composite
def courses(draw: DrawFn) -> list[Stretch]:
    """Draw a session of a few stretches, the first perhaps reserved."""
    at = draw(st.sampled_from(STARTS)) + timedelta(minutes=draw(st.integers(0, 720)))
    states = ["reserved"] * draw(st.sampled_from((0, 0, 0, 1)))
    states += draw(st.lists(st.sampled_from(("charging", "parking")), min_size=1, max_size=4))
    stretches = []
    for state in states:
        end = at + timedelta(seconds=draw(st.sampled_from((60, 600, 1801, 3600, 9000, 40_000))))
        kwh = draw(decimals(0, 20, 3)) if state == "charging" else Fraction(0)
        stretches.append(Stretch(at, end, state, kwh))
        at = end
    return stretches
