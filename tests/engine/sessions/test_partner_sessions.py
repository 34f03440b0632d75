"""Sessions as partners report them: put, merged, and never somebody else's."""

from __future__ import annotations

from itertools import product
from typing import Any

import msgspec
import pytest

from engine.db.port import Database
from engine.kernel.clock import SECOND
from engine.kernel.errors import NotFound, WrongParty
from engine.kernel.party import PartyKey
from engine.partners.model import end
from engine.sessions.model import (
    ENERGY_NEGATIVE,
    TRANSITIONS,
    Session,
    SessionToken,
    State,
    encode_token,
    session_key,
)
from engine.sessions.partner_sessions import PartnerSession, SessionPut
from engine.tariffs.model import Dimension, Period
from tests.engine.conftest import ManualClock
from tests.engine.world import PARTNER, STARTED, THEIRS, World, asked, make_partner

TOKEN = SessionToken("NL-IWT", "CARD1", "RFID", "NL-IWT-C1", "COMMAND", "ref", "ACCEPTED")
FIRST, SECOND_PERIOD = [
    Period(STARTED + n * SECOND, [Dimension("ENERGY", f"{n}.5")]) for n in (1, 2)
]


@pytest.fixture
async def world(database: Database, clock: ManualClock) -> World:
    return await World(database, clock).furnish()


def told(
    *periods: Period,
    said: tuple[str, ...] = (),
    patch: bool = False,
    owner: PartyKey = THEIRS,
    **changes: Any,
) -> PartnerSession:
    facts: dict[str, Any] = {
        "id": "S-1",
        "state": State.ACTIVE,
        "partner_id": PARTNER,
        "at_our_station": False,
        "station_id": "",
        "connector_number": 0,
        "transaction_id": 0,
        "station_transaction_id": "",
        "location_id": "L-1",
        "evse_uid": "E-1",
        "connector_id": "1",
        "token_json": encode_token(TOKEN),
        "authorization_id": "",
        "started_us": STARTED,
        "ended_us": None,
        "meter_start_mwh": 0,
        "meter_stop_mwh": 0,
        "energy_mwh": 1_000,
        "currency": "EUR",
        "cost_json": "",
        "tariff_key": "",
        "tariff_version": 0,
        "stop_reason": "",
        "flags_json": "[]",
        "periods_json": "[]",
        "document": b"{}",
        "version": 0,
        "last_updated_us": STARTED,
        "created_us": 0,
    } | changes
    session = Session(key=session_key(owner, facts["id"]), owner=owner, **facts)
    return PartnerSession(session, frozenset(said), patch, list(periods))


def patch(*periods: Period, at_us: int, **changes: Any) -> PartnerSession:
    return told(*periods, said=tuple(changes), patch=True, last_updated_us=at_us, **changes)


async def put(world: World, report: PartnerSession) -> SessionPut:
    [outcome] = await world.sessions.put_partner_sessions([asked(report)])
    return outcome.value()


async def test_put_creates_then_replaces(world: World) -> None:
    first = await put(world, told(FIRST))
    second = await put(world, told(SECOND_PERIOD, energy_mwh=2_000, last_updated_us=STARTED + 1))
    assert (first.created, second.created) == (True, False)
    assert second.session.version == 2
    assert second.session.energy_mwh == 2_000
    assert second.session.periods() == [SECOND_PERIOD]
    assert second.session == await world.sessions.get(THEIRS, "s-1")


async def test_patch_merges_and_appends_periods(world: World) -> None:
    await put(world, told(FIRST))
    merged = (await put(world, patch(SECOND_PERIOD, at_us=STARTED + 1, energy_mwh=3_000))).session
    assert (merged.energy_mwh, merged.location_id) == (3_000, "L-1")
    assert merged.periods() == [FIRST, SECOND_PERIOD]


@pytest.mark.parametrize("patched", [False, True])
async def test_energy_below_zero_is_kept_and_flagged(world: World, patched: bool) -> None:
    first = told(energy_mwh=0 if patched else -5_000_000)
    session = (await put(world, first)).session
    if patched:
        session = (await put(world, patch(at_us=STARTED + 1, energy_mwh=-5_000_000))).session
    assert (session.energy_mwh, session.flags()) == (-5_000_000, [ENERGY_NEGATIVE])


async def test_patch_told_again_appends_nothing(world: World) -> None:
    await put(world, told(FIRST))
    for _ in range(2):
        merged = (await put(world, patch(SECOND_PERIOD, at_us=STARTED + 1))).session
    assert merged.periods() == [FIRST, SECOND_PERIOD]


async def test_older_report_changes_nothing(world: World) -> None:
    stored = (await put(world, told(FIRST))).session
    older: dict[str, Any] = {"last_updated_us": STARTED - 1, "energy_mwh": 9}
    assert (await put(world, told(**older))).session == stored
    assert (await put(world, patch(at_us=STARTED - 1, energy_mwh=9))).session == stored
    assert len(await world.events("session.reported")) == 1


async def test_patch_before_its_put_is_not_found(world: World) -> None:
    [outcome] = await world.sessions.put_partner_sessions([asked(patch(at_us=STARTED))])
    assert isinstance(outcome.result, NotFound)
    [outcome] = await world.sessions.put_partner_sessions([asked(told())])
    assert outcome.value().created


@pytest.mark.parametrize("owner", ["NL-IWT", "FR-ELS"], ids=["ours", "a stranger's"])
async def test_session_of_another_party_is_refused(world: World, owner: str) -> None:
    report = told(owner=PartyKey(owner))
    [outcome] = await world.sessions.put_partner_sessions([asked(report)])
    assert isinstance(outcome.result, WrongParty)


async def test_partner_that_is_unknown_or_over_reports_nothing(world: World) -> None:
    await world.add_partners(end(make_partner("old", PartyKey("FR-OLD")), world.clock.now()))
    reports = [told(partner_id="nobody"), told(partner_id="old", owner=PartyKey("FR-OLD"))]
    outcomes = await world.sessions.put_partner_sessions([asked(r) for r in reports])
    assert [type(outcome.result) for outcome in outcomes] == [NotFound, WrongParty]


async def test_put_and_patches_in_one_batch_follow_each_other(world: World) -> None:
    reports = [
        told(FIRST),
        patch(SECOND_PERIOD, at_us=STARTED + 1),
        patch(at_us=STARTED + 2, state=State.COMPLETED),
    ]
    outcomes = await world.sessions.put_partner_sessions([asked(r) for r in reports])
    last = outcomes[-1].value().session
    assert (last.state, last.version, len(last.periods())) == (State.COMPLETED, 3, 2)
    assert last == await world.sessions.get(THEIRS, "S-1")


async def test_same_request_is_replayed(world: World) -> None:
    request = asked(told(FIRST))
    first, second = [(await world.sessions.put_partner_sessions([request]))[0] for _ in range(2)]
    assert (second.replayed, second.value()) == (True, first.value())


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("by_patch", [False, True], ids=["PUT", "PATCH"])
@pytest.mark.parametrize(("before", "after"), list(product(State, State)))
async def test_state_follows_the_table(
    world: World, before: State, after: State, by_patch: bool
) -> None:
    stored = (await put(world, told(state=before))).session
    at_us = STARTED + 1
    report = (
        patch(at_us=at_us, state=after) if by_patch else told(state=after, last_updated_us=at_us)
    )
    found = (await put(world, report)).session
    if not TRANSITIONS[before]:
        assert found == stored
    else:
        assert found.state == (after if after in TRANSITIONS[before] else before)
        assert found.version == 2


def test_final_states_are_those_that_lead_nowhere() -> None:
    assert {state for state, nexts in TRANSITIONS.items() if not nexts} == {
        State.COMPLETED,
        State.INVALID,
    }
    assert set(TRANSITIONS) == set(State)
    assert msgspec.structs.replace(told().session, state=State.PENDING).open
