"""Charging periods as a CPO should send them: one starts wherever a price may change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from .documents import Period, Session, Tariff, moment, number
from .restrictions import Track, seconds

VOLUME_OF = {"charging": "TIME", "parking": "PARKING_TIME", "reserved": "RESERVATION_TIME"}


@dataclass(frozen=True)
class Stretch:
    """A part of a session with one state, power and current, in which energy flows evenly."""

    start: datetime
    end: datetime
    state: str
    kwh: Fraction = Fraction(0)
    readings: dict[str, Fraction] = field(default_factory=dict)


def cut(
    stretches: Iterable[Stretch], tariffs: tuple[Tariff, ...], zone: ZoneInfo
) -> tuple[Period, ...]:
    """Split stretches at every clock, calendar, duration and energy boundary of the tariffs."""
    stretches = list(stretches)
    base = next((s.start for s in stretches if s.state != "reserved"), stretches[0].start)
    kwh = Fraction(0)
    periods: list[Period] = []
    for stretch in stretches:
        reserved = stretch.state == "reserved"
        track = Track(
            start=stretch.start,
            end=stretch.end,
            kwh_start=kwh,
            kwh_end=kwh + stretch.kwh,
            kwh_floor=None,
            base=stretches[0].start if reserved else base,
            zone=zone,
            readings=stretch.readings,
            reservation="RESERVATION" if reserved else None,
        )
        length = seconds(stretch.end - stretch.start)
        edges = [Fraction(0), *track.cuts(tariffs), Fraction(1)]
        for first, last in pairwise(edges):
            volumes = {VOLUME_OF[stretch.state]: (last - first) * length / 3600, **stretch.readings}
            if stretch.kwh:
                volumes["ENERGY"] = (last - first) * stretch.kwh
            periods.append(Period(track.state(first).at, volumes, None))
        kwh += stretch.kwh
    return tuple(periods)


def session_of(stretches: list[Stretch], tariff: Tariff, zone: ZoneInfo) -> Session:
    """Return the session a correct CPO would have sent for these stretches."""
    return Session(
        start=stretches[0].start,
        end=stretches[-1].end,
        currency=tariff.currency,
        periods=cut(stretches, (tariff,), zone),
        tariffs=(tariff,),
    )


def stretches_of_profile(profile: dict[str, Any]) -> list[Stretch]:
    """Read a profile of meter readings and states; between two readings energy flows evenly."""
    start, end = moment(profile["start"]), moment(profile["end"])
    meter = [(moment(r["at"]), number(r["energy_wh"]) / 1000) for r in profile["readings"]]
    states = [(moment(s["at"]), s["state"]) for s in profile["states"]]
    inner = {at for at, _ in meter} | {at for at, _ in states}
    edges = [start, *sorted(at for at in inner if start < at < end), end]
    return [
        Stretch(
            start=first,
            end=last,
            state=[state for at, state in states if at <= first][-1],
            kwh=_meter_at(meter, last) - _meter_at(meter, first),
        )
        for first, last in pairwise(edges)
    ]


def _meter_at(meter: list[tuple[datetime, Fraction]], at: datetime) -> Fraction:
    for (left, low), (right, high) in pairwise(meter):
        if left <= at <= right:
            part = seconds(at - left) / seconds(right - left) if right > left else Fraction(1)
            return low + part * (high - low)
    return meter[0][1] if at < meter[0][0] else meter[-1][1]
