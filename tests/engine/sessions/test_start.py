"""Starts, as stations report them: once each, whatever comes again, late or about no card."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from engine.db.port import Database
from engine.kernel.clock import SECOND
from engine.kernel.errors import NotFound, RequestIdReused, StaleGeneration
from engine.sessions.model import CLOSED_BY_RULE, HISTORICAL, STOP_BEFORE_START, Session, State
from engine.tariffs import store as tariffs
from engine.tokens.model import AuthMethod, Status
from tests.engine.conftest import ManualClock, OpenDatabase
from tests.engine.world import (
    HOUR,
    OTHER_STATION,
    PARTNER,
    STARTED,
    STATION,
    STOPPED,
    World,
    asked,
    make_start,
    make_stop,
    make_tariff,
    make_token,
    partner_token,
    register_at,
)


@pytest.fixture
async def world(database: Database, clock: ManualClock) -> World:
    return await World(database, clock).furnish()


async def only(world: World) -> Session:
    [session] = await world.all_sessions()
    return session


class TestWhatAStartMakes:
    async def test_session_has_what_the_station_said_and_where_it_stands(
        self, world: World
    ) -> None:
        started = await world.start(token_uid="card1")
        session = started.session
        assert started.authorization.status == Status.ACCEPTED
        assert session == await only(world)
        assert session.state == State.ACTIVE
        assert session.transaction_id > 0
        assert (session.location_id, session.evse_uid, session.connector_id) == ("LOC1", "E1", "1")
        assert session.token().uid == "CARD1"
        assert session.partner_id == ""

    async def test_tariff_in_force_is_sealed_by_version(self, world: World) -> None:
        session = (await world.start()).session
        newer = make_tariff(version=2, last_updated_us=STARTED + HOUR)
        await world.database.write(lambda tx: tariffs.change(tx, [newer]))
        later = (await world.start(connector_number=2)).session
        assert (session.tariff_key, session.tariff_version, session.currency) == (
            "NL-IWT/T1",
            1,
            "EUR",
        )
        assert later.tariff_version == 2
        assert (await world.session(session.id)).tariff_version == 1

    async def test_withdrawn_tariff_is_not_taken(self, world: World) -> None:
        withdrawn = make_tariff(version=2, withdrawn=True)
        await world.database.write(lambda tx: tariffs.change(tx, [withdrawn]))
        session = (await world.start()).session
        assert (session.tariff_key, session.currency) == ("", "")

    async def test_connector_the_station_does_not_have_is_kept_and_made_no_evse(
        self, world: World
    ) -> None:
        session = (await world.start(connector_number=7)).session
        assert (session.connector_number, session.evse_uid) == (7, "")

    async def test_partners_token_makes_the_session_the_partners(self, world: World) -> None:
        session = (await world.start(token_uid="SUN1")).session
        assert session.partner_id == PARTNER
        [event] = await world.events("session.started")
        assert event.partner_id == PARTNER

    @pytest.mark.parametrize(
        ("uid", "status"), [("NOBODY", Status.UNKNOWN), ("BLOCKED", Status.BLOCKED), ("", None)]
    )
    async def test_refused_token_is_an_answer_and_the_session_is_stored(
        self, world: World, uid: str, status: Status | None
    ) -> None:
        await world.add_tokens(make_token("BLOCKED", valid=False))
        started = await world.start(token_uid=uid)
        assert started.authorization.status == (status or Status.UNKNOWN)
        assert started.session.state == State.ACTIVE
        assert started.session.transaction_id > 0
        assert not started.session.token().accepted

    async def test_unknown_station_is_refused(self, world: World) -> None:
        [outcome] = await world.sessions.start([asked(make_start(station_id="CS-9"))])
        assert isinstance(outcome.result, NotFound)
        assert await world.all_sessions() == []

    async def test_start_on_an_older_connection_changes_nothing(self, world: World) -> None:
        old = await world.connect()
        new = await world.connect(gateway_id="g2")
        outcomes = await world.sessions.start(
            [asked(make_start(generation=old)), asked(make_start(generation=new, token_uid="X"))]
        )
        assert isinstance(outcomes[0].result, StaleGeneration)
        assert outcomes[1].value().session.token().uid == "X"
        assert len(await world.all_sessions()) == 1


class TestTheSameStart:
    async def test_same_request_is_replayed(self, world: World) -> None:
        request = asked(make_start())
        [first] = await world.sessions.start([request])
        [second] = await world.sessions.start([request])
        assert second.replayed
        assert second.value() == first.value()
        assert len(await world.events("session.started")) == 1

    async def test_same_request_is_replayed_after_a_restart(
        self, world: World, open_database: OpenDatabase
    ) -> None:
        request = asked(make_start())
        [first] = await world.sessions.start([request])
        again = World(await open_database(), world.clock, "restarted")
        [second] = await again.sessions.start([request])
        assert (second.replayed, second.value()) == (True, first.value())

    async def test_another_start_under_a_used_request_id_is_refused(self, world: World) -> None:
        await world.sessions.start([asked(make_start(), "same")])
        [outcome] = await world.sessions.start([asked(make_start(connector_number=2), "same")])
        assert isinstance(outcome.result, RequestIdReused)
        assert len(await world.all_sessions()) == 1

    @pytest.mark.parametrize("station_transaction_id", ["", "tx-1"], ids=["1.6", "2.x"])
    async def test_new_request_id_gives_the_same_session_and_transaction_id(
        self, world: World, station_transaction_id: str
    ) -> None:
        first = await world.start(station_transaction_id=station_transaction_id)
        second = await world.start(station_transaction_id=station_transaction_id)
        assert second.session == first.session
        assert second.authorization == first.authorization
        assert len(await world.all_sessions()) == 1
        assert len(await world.events("session.started")) == 1

    async def test_token_in_other_case_is_the_same_start(self, world: World) -> None:
        first = await world.start(token_uid="CARD1")
        second = await world.start(token_uid="card1")
        assert second.session.id == first.session.id

    async def test_twice_in_one_batch_is_one_session_with_one_transaction_id(
        self, world: World
    ) -> None:
        requests = [asked(make_start()), asked(make_start()), asked(make_start())]
        outcomes = await world.sessions.start(requests)
        stored = await only(world)
        assert [outcome.value().session for outcome in outcomes] == [stored] * 3
        assert len({outcome.value().authorization.id for outcome in outcomes}) == 1

    async def test_retry_after_the_stop_gives_the_ended_session(self, world: World) -> None:
        first = (await world.start()).session
        await world.stop(first.transaction_id)
        again = (await world.start()).session
        assert (again.id, again.state) == (first.id, State.COMPLETED)
        assert len(await world.all_sessions()) == 1

    async def test_same_start_at_two_engines_at_once_is_one_session(
        self, world: World, open_database: OpenDatabase
    ) -> None:
        other = World(await open_database(), world.clock, "other")
        starts = [(world, other)[n % 2].start() for n in range(12)]
        found = await asyncio.gather(*starts)
        stored = await only(world)
        assert {started.session.transaction_id for started in found} == {stored.transaction_id}
        assert len(await world.events("session.started")) == 1

    async def test_transaction_ids_of_two_engines_never_meet(
        self, world: World, open_database: OpenDatabase
    ) -> None:
        other = World(await open_database(), world.clock, "other")
        starts = [
            (world, other)[n % 2].start(started_us=STARTED + n, connector_number=n + 3)
            for n in range(20)
        ]
        numbers = [started.session.transaction_id for started in await asyncio.gather(*starts)]
        assert len(set(numbers)) == 20
        assert all(0 < number < 2**31 for number in numbers)


class TestGhosts:
    async def test_new_start_on_the_connector_ends_the_one_before(self, world: World) -> None:
        ghost = (await world.start()).session
        await world.measure(ghost.transaction_id, register_at(4_000_000))
        await world.start(started_us=STOPPED, meter_start_mwh=4_500_000)
        ended = await world.session(ghost.id)
        assert ended.state == State.COMPLETED
        assert ended.flags() == [CLOSED_BY_RULE]
        assert ended.ended_us == STOPPED
        assert ended.energy_mwh == 3_000_000
        assert len(await world.events("session.completed")) == 1

    async def test_in_one_batch_too(self, world: World) -> None:
        starts = [make_start(started_us=STARTED + n * HOUR) for n in range(3)]
        outcomes = await world.sessions.start([asked(start) for start in starts])
        states = [outcome.value().session.state for outcome in outcomes]
        assert states == [State.COMPLETED, State.COMPLETED, State.ACTIVE]
        stored = sorted(await world.all_sessions(), key=lambda session: session.started_us)
        assert [session.state for session in stored] == states
        assert [session.ended_us for session in stored] == [
            STARTED + HOUR,
            STARTED + 2 * HOUR,
            None,
        ]

    async def test_other_connectors_and_stations_go_on(self, world: World) -> None:
        other_connector = (await world.start(connector_number=2)).session
        other_station = (await world.start(station_id=OTHER_STATION)).session
        await world.start(started_us=STOPPED)
        assert (await world.session(other_connector.id)).open
        assert (await world.session(other_station.id)).open

    async def test_historical_start_leaves_the_live_one_alone(self, world: World) -> None:
        live = (await world.start()).session
        historical = (await world.start(started_us=STOPPED, historical=True)).session
        assert historical.flags() == [HISTORICAL]
        assert (await world.session(live.id)).open

    async def test_ghost_whose_issuer_was_not_heard_is_decided_by_the_whitelist(
        self, world: World
    ) -> None:
        await world.add_tokens(partner_token("OFFLINE", whitelist="ALLOWED_OFFLINE"))
        ghost = (await world.start(token_uid="OFFLINE")).session
        assert ghost.token().status == Status.PENDING
        await world.start(started_us=STOPPED)
        token = (await world.session(ghost.id)).token()
        assert (token.status, token.auth_method) == (Status.ACCEPTED, AuthMethod.WHITELIST)


class TestStopBeforeStart:
    async def test_orphan_completes_the_session_that_starts_later(self, world: World) -> None:
        early = await world.stop(4711, token_uid="card1")
        assert early.session is None
        assert early.orphan_id
        session = (await world.start()).session
        assert session.state == State.COMPLETED
        assert session.flags() == [STOP_BEFORE_START]
        assert (session.started_us, session.ended_us) == (STARTED, STOPPED)
        assert session.energy_mwh == 10_000_000
        assert session == await only(world)
        assert [e.kind for e in await world.events() if e.kind.startswith("session.")] == [
            "session.orphan",
            "session.completed",
        ]

    async def test_orphan_is_used_once(self, world: World) -> None:
        await world.stop(4711)
        await world.start()
        second = (await world.start(connector_number=2)).session
        assert second.open

    @pytest.mark.parametrize(
        "unlike",
        [
            {"started_us": STOPPED + SECOND},
            {"started_us": STOPPED - 25 * HOUR},
            {"meter_start_mwh": 12_000_000},
            {"token_uid": "ELSE"},
            {"station_id": OTHER_STATION},
            {"station_transaction_id": "tx-1"},
        ],
        ids=lambda unlike: next(iter(unlike)),
    )
    async def test_orphan_of_another_charge_is_left(
        self, world: World, unlike: dict[str, object]
    ) -> None:
        await world.stop(4711, token_uid="CARD1")
        assert (await world.start(**unlike)).session.open

    async def test_stop_told_twice_is_one(self, world: World) -> None:
        await world.stop(4711)
        await world.stop(4711)
        session = (await world.start()).session
        assert (session.state, session.energy_mwh) == (State.COMPLETED, 10_000_000)
        assert (await world.start(connector_number=2)).session.open

    async def test_two_orphans_that_fit_are_none(self, world: World) -> None:
        await world.stop(4711)
        await world.stop(4712)
        assert (await world.start()).session.open

    async def test_station_that_names_its_transactions_gets_the_very_one(
        self, world: World
    ) -> None:
        for name, mwh in (("tx-1", 2_000_000), ("tx-2", 3_000_000)):
            await world.stop(station_transaction_id=name, meter_stop_mwh=mwh)
        second = (await world.start(station_transaction_id="tx-2", connector_number=2)).session
        first = (await world.start(station_transaction_id="tx-1")).session
        assert (first.energy_mwh, second.energy_mwh) == (1_000_000, 2_000_000)

    async def test_in_one_batch_the_orphan_goes_to_one(self, world: World) -> None:
        await world.stop(4711)
        outcomes = await world.sessions.start([asked(make_start()), asked(make_start())])
        assert [o.value().session.state for o in outcomes] == [State.COMPLETED] * 2
        assert (await only(world)).state == State.COMPLETED

    async def test_token_whose_issuer_was_not_heard_is_decided(self, world: World) -> None:
        await world.add_tokens(partner_token("OFFLINE", whitelist="ALLOWED_OFFLINE"))
        await world.stop(4711)
        session = (await world.start(token_uid="OFFLINE")).session
        assert session.token().status == Status.ACCEPTED


async def test_start_and_stop_at_two_engines_at_once_end_the_session(
    world: World, open_database: OpenDatabase
) -> None:
    other = World(await open_database(), world.clock, "other")
    names = [f"tx-{n}" for n in range(20)]
    starts = [
        make_start(station_transaction_id=name, connector_number=n)
        for n, name in enumerate(names, start=3)
    ]
    stops = [make_stop(station_transaction_id=name) for name in names]
    await asyncio.gather(
        *(world.sessions.start([asked(start)]) for start in starts),
        *(other.sessions.stop([asked(stop)]) for stop in stops),
    )
    ended = await world.all_sessions()
    assert [session.state for session in ended] == [State.COMPLETED] * 20
    assert {session.energy_mwh for session in ended} == {10_000_000}


async def test_one_bad_item_fails_no_other(world: World) -> None:
    starts = [make_start(station_id="CS-9"), make_start(), make_start(connector_number=2)]
    outcomes = await world.sessions.start([asked(start) for start in starts])
    assert isinstance(outcomes[0].result, NotFound)
    assert [outcome.value().session.connector_number for outcome in outcomes[1:]] == [1, 2]


async def test_message_can_be_told_of_every_start(world: World) -> None:
    started = await world.start()
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(started), type=type(started)) == started
    assert started.session.station_id == STATION
