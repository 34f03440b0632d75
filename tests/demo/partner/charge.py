"""A charge at Sunrise's own station, played as its platform would report it: session, changes of
it, CDR.

The charge lies in the past (yesterday morning) and takes 39 minutes and 18.6 kWh; only the pauses
between the reports are real.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from tests.demo.partner import data
from tests.demo.partner.client import Answer, push
from tests.demo.partner.pricing import Stretch, costs, number
from tests.demo.partner.state import Sunrise
from tests.demo.partner.wire import Json, timestamp

PAUSE_SECONDS = 0.15


def stretches() -> list[Stretch]:
    """Return the two stretches of the charge: 21 minutes with 10.2 kWh, 18 minutes with 8.4 kWh."""
    local = datetime.now(ZoneInfo(data.TIME_ZONE)) - timedelta(days=1)
    start = local.replace(hour=9, minute=30, second=0, microsecond=0).astimezone(UTC)
    middle, end = start + timedelta(minutes=21), start + timedelta(minutes=39)
    return [Stretch(start, middle, Decimal("10.2")), Stretch(middle, end, Decimal("8.4"))]


async def play(sunrise: Sunrise, command: Json) -> None:
    """Report one charge for the token of a START_SESSION, from its start to its CDR."""
    number_of_charge = len(sunrise.own_sessions) + 1
    first, second = stretches()
    session = _session(command, f"SUN-SESSION-{number_of_charge}", first.start)
    sunrise.own_sessions[session["id"]] = session
    await _report(sunrise, "PUT", session, session)
    await asyncio.sleep(PAUSE_SECONDS)
    await _change(sunrise, session, {"kwh": first.kwh}, first)
    await asyncio.sleep(PAUSE_SECONDS)
    ended = {
        "kwh": first.kwh + second.kwh,
        "status": "COMPLETED",
        "end_date_time": timestamp(second.end),
    }
    await _change(sunrise, session, ended, second)
    await send_cdr(sunrise, cdr(session, [first, second]))


def cdr(session: Json, parts: list[Stretch]) -> Json:
    """Seal a session into its CDR."""
    tariff = data.tariffs()[0]
    location = data.locations()[0]
    copied = ("country_code", "party_id", "start_date_time", "end_date_time", "cdr_token")
    copied += ("auth_method", "authorization_reference", "currency")
    return {
        **{name: session[name] for name in copied if name in session},
        "id": session["id"].replace("SESSION", "CDR"),
        "session_id": session["id"],
        "cdr_location": _cdr_location(location),
        "tariffs": [tariff],
        "charging_periods": [part.period(tariff["id"]) for part in parts],
        **costs(tariff, parts),
        "total_energy": number(sum((part.kwh for part in parts), Decimal(0))),
        "total_time": number(sum((part.hours for part in parts), Decimal(0))),
        "last_updated": timestamp(),
    }


async def send_cdr(sunrise: Sunrise, record: Json) -> None:
    """Send a CDR until it is taken."""
    peer = sunrise.peer
    assert peer is not None
    sunrise.own_cdrs[record["id"]] = record
    answer = await push(sunrise, "POST", peer.endpoint("cdrs", "RECEIVER"), record)
    if answer.succeeded and not answer.location:
        sunrise.complain("The answer to a CDR has no Location header")
    _noted(sunrise, answer, "cdr_sent", record["id"], cost=str(record["total_cost"]["excl_vat"]))


def _session(command: Json, session_id: str, start: datetime) -> Json:
    token = command["token"]
    evse = data.evse()
    reference = command.get("authorization_reference")
    return {
        "country_code": data.COUNTRY,
        "party_id": data.PARTY,
        "id": session_id,
        "start_date_time": timestamp(start),
        "kwh": Decimal(0),
        "cdr_token": {
            name: token[name] for name in ("country_code", "party_id", "uid", "type", "contract_id")
        },
        "auth_method": "COMMAND",
        **({"authorization_reference": reference} if reference else {}),
        "location_id": command["location_id"],
        "evse_uid": command.get("evse_uid", evse["uid"]),
        "connector_id": command.get("connector_id", evse["connectors"][0]["id"]),
        "currency": "EUR",
        "status": "ACTIVE",
        "last_updated": timestamp(),
    }


def _cdr_location(location: Json) -> Json:
    evse = location["evses"][0]
    connector = evse["connectors"][0]
    copied = ("id", "name", "address", "city", "postal_code", "country", "coordinates")
    return {
        **{name: location[name] for name in copied},
        "evse_uid": evse["uid"],
        "evse_id": evse["evse_id"],
        "connector_id": connector["id"],
        "connector_standard": connector["standard"],
        "connector_format": connector["format"],
        "connector_power_type": connector["power_type"],
    }


async def _change(sunrise: Sunrise, session: Json, change: Json, part: Stretch) -> None:
    period = part.period(data.tariffs()[0]["id"])
    change = {**change, "charging_periods": [period], "last_updated": timestamp()}
    periods = [*session.get("charging_periods", []), period]
    session.update({**change, "charging_periods": periods})
    await _report(sunrise, "PATCH", session, change)


async def _report(sunrise: Sunrise, method: str, session: Json, body: Json) -> None:
    peer = sunrise.peer
    assert peer is not None
    base = peer.endpoint("sessions", "RECEIVER")
    url = f"{base}/{data.COUNTRY}/{data.PARTY}/{session['id']}"
    answer = await push(sunrise, method, url, body)
    if method == "PATCH" and answer.http_status == 404:
        answer = await push(sunrise, "PUT", url, session)
    facts = {"status": session["status"], "kwh": str(session["kwh"])}
    _noted(sunrise, answer, "session_sent", session["id"], method=method, **facts)


def _noted(sunrise: Sunrise, answer: Answer, kind: str, key: str, **facts: str) -> None:
    if answer.succeeded:
        sunrise.note(kind, id=key, **facts)
    else:
        sunrise.complain(
            f"{kind} {key} was answered HTTP {answer.http_status}, "
            f"OCPI {answer.status_code}: {answer.message}"
        )
