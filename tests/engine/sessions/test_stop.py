"""Stops, as stations report them: which session they end, and what it comes to."""

from __future__ import annotations

import asyncio

import pytest

from engine.db.port import Database
from engine.kernel.clock import SECOND
from engine.kernel.errors import NotFound, RequestIdReused, StaleGeneration
from engine.sessions.model import (
    MATCHED_BY_GUESS,
    METER_START_SAMPLED,
    METER_START_UNKNOWN,
    METER_STOP_BELOW_SAMPLES,
    METER_STOP_FAR_BELOW_SAMPLES,
    METER_STOP_UNKNOWN,
    Sample,
    Session,
    State,
)
from engine.tokens.model import Status
from tests.engine.conftest import ManualClock, OpenDatabase
from tests.engine.world import (
    OTHER_STATION,
    STARTED,
    STOPPED,
    World,
    asked,
    make_stop,
    make_token,
    partner_token,
    register_at,
)


@pytest.fixture
async def world(database: Database, clock: ManualClock) -> World:
    return await World(database, clock).furnish()


async def orphans(world: World) -> list[str]:
    return [event.payload_json for event in await world.events("session.orphan")]


class TestWhatAStopMakes:
    async def test_session_ends_with_the_registers_difference(self, world: World) -> None:
        session = (await world.start()).session
        ended = (await world.stop(session.transaction_id, reason="EVDisconnected")).session
        assert ended == await world.session(session.id)
        assert ended is not None
        assert (ended.state, ended.ended_us) == (State.COMPLETED, STOPPED)
        assert (ended.energy_mwh, ended.meter_stop_mwh) == (10_000_000, 11_000_000)
        assert ended.stop_reason == "EVDisconnected"
        assert ended.flags() == []
        assert ended.version == session.version + 1

    async def test_no_reason_means_local(self, world: World) -> None:
        session = (await world.start()).session
        ended = (await world.stop(session.transaction_id, reason="")).session
        assert ended is not None
        assert ended.stop_reason == "Local"

    @pytest.mark.parametrize(
        ("meter_stop_mwh", "far"),
        [(0, True), (500_000, True), (4_999_999, True), (5_000_000, False), (5_999_999, False)],
    )
    async def test_register_below_what_was_seen_gives_way_to_it(
        self, world: World, meter_stop_mwh: int, far: bool
    ) -> None:
        session = (await world.start()).session
        await world.measure(session.transaction_id, register_at(6_000_000))
        ended = (await world.stop(session.transaction_id, meter_stop_mwh=meter_stop_mwh)).session
        assert ended is not None
        assert (ended.energy_mwh, ended.meter_stop_mwh) == (5_000_000, 6_000_000)
        flags = [METER_STOP_BELOW_SAMPLES, METER_STOP_FAR_BELOW_SAMPLES]
        assert ended.flags() == (flags if far else flags[:1])

    async def test_what_the_register_showed_before_the_start_is_not_counted(
        self, world: World
    ) -> None:
        session = (await world.start()).session
        await world.measure(session.transaction_id, register_at(90_000_000, after_s=-3_600))
        ended = (await world.stop(session.transaction_id, meter_stop_mwh=3_000_000)).session
        assert ended is not None
        assert (ended.energy_mwh, ended.flags()) == (2_000_000, [])

    async def test_register_below_the_start_without_samples_is_no_negative_energy(
        self, world: World
    ) -> None:
        session = (await world.start()).session
        ended = (await world.stop(session.transaction_id, meter_stop_mwh=0)).session
        assert ended is not None
        assert (ended.energy_mwh, ended.flags()) == (0, [METER_STOP_BELOW_SAMPLES])

    async def test_start_that_could_not_be_read_is_the_first_sample(self, world: World) -> None:
        session = (await world.start(meter_start_mwh=0, meter_start_unknown=True)).session
        assert session.flags() == [METER_START_UNKNOWN]
        for n, mwh in enumerate([900_000_000, 903_000_000, 901_000_000]):
            await world.measure(session.transaction_id, register_at(mwh, after_s=60 * n))
        ended = (await world.stop(session.transaction_id, meter_stop_mwh=905_000_000)).session
        assert ended is not None
        assert (ended.energy_mwh, ended.meter_start_mwh) == (5_000_000, 900_000_000)
        assert ended.flags() == [METER_START_SAMPLED]

    async def test_register_at_the_stop_alone_tells_no_energy(self, world: World) -> None:
        session = (await world.start(meter_start_mwh=0, meter_start_unknown=True)).session
        ended = (await world.stop(session.transaction_id, meter_stop_mwh=905_000_000)).session
        assert ended is not None
        assert (ended.energy_mwh, ended.meter_stop_mwh) == (0, 905_000_000)
        assert ended.flags() == [METER_START_UNKNOWN]
        again = (await world.stop(session.transaction_id, meter_stop_mwh=905_000_000)).session
        assert again == ended
        assert await orphans(world) == []

    @pytest.mark.parametrize("samples", [[], [register_at(6_000_000)]])
    async def test_stop_that_could_not_be_read_is_the_last_sample(
        self, world: World, samples: list[Sample]
    ) -> None:
        session = (await world.start()).session
        stop = {"meter_stop_mwh": 0, "meter_stop_unknown": True, "samples": samples}
        for _ in range(2):
            ended = (await world.stop(session.transaction_id, **stop)).session
            assert ended is not None
            assert ended.energy_mwh == (5_000_000 if samples else 0)
            assert ended.flags() == [METER_STOP_UNKNOWN]
        assert await orphans(world) == []

    async def test_samples_sent_along_are_kept_and_count(self, world: World) -> None:
        session = (await world.start()).session
        samples = [register_at(3_000_000), register_at(9_000_000, after_s=1_200)]
        ended = (
            await world.stop(session.transaction_id, meter_stop_mwh=8_000_000, samples=samples)
        ).session
        assert ended is not None
        assert ended.energy_mwh == 8_000_000
        assert len(await world.readings()) == 2

    async def test_stop_before_its_start_by_a_wrong_clock_ends_at_the_start(
        self, world: World
    ) -> None:
        session = (await world.start()).session
        ended = (await world.stop(session.transaction_id, stopped_us=STARTED - SECOND)).session
        assert ended is not None
        assert ended.ended_us == STARTED

    async def test_session_with_a_refused_token_ends_like_any_other(self, world: World) -> None:
        session = (await world.start(token_uid="NOBODY")).session
        ended = (await world.stop(session.transaction_id)).session
        assert ended is not None
        assert (ended.state, ended.token().accepted) == (State.COMPLETED, False)

    @pytest.mark.parametrize(
        ("whitelist", "status"),
        [("ALLOWED_OFFLINE", Status.ACCEPTED), ("NEVER", Status.NOT_ALLOWED)],
    )
    async def test_token_whose_issuer_was_not_heard_is_decided_by_the_whitelist(
        self, world: World, whitelist: str, status: Status
    ) -> None:
        await world.add_tokens(partner_token("ASK", whitelist=whitelist))
        session = (await world.start(token_uid="ASK")).session
        assert session.token().status == Status.PENDING
        ended = (await world.stop(session.transaction_id)).session
        assert ended is not None
        assert ended.token().status == status


class TestTheSameStop:
    async def test_same_request_is_replayed_also_after_a_restart(
        self, world: World, open_database: OpenDatabase
    ) -> None:
        session = (await world.start()).session
        request = asked(make_stop(session.transaction_id))
        [first] = await world.sessions.stop([request])
        again = World(await open_database(), world.clock, "restarted")
        for engine in (world, again):
            [second] = await engine.sessions.stop([request])
            assert (second.replayed, second.value()) == (True, first.value())
        assert len(await world.events("session.completed")) == 1

    async def test_another_stop_under_a_used_request_id_is_refused(self, world: World) -> None:
        session = (await world.start()).session
        await world.sessions.stop([asked(make_stop(session.transaction_id), "same")])
        [outcome] = await world.sessions.stop([asked(make_stop(99), "same")])
        assert isinstance(outcome.result, RequestIdReused)

    async def test_told_again_changes_nothing(self, world: World) -> None:
        session = (await world.start()).session
        first = await world.stop(session.transaction_id)
        assert await world.stop(session.transaction_id) == first
        assert await world.session(session.id) == first.session
        assert await orphans(world) == []

    async def test_different_second_stop_is_kept_as_a_conflict(self, world: World) -> None:
        session = (await world.start()).session
        first = await world.stop(session.transaction_id)
        second = await world.stop(session.transaction_id, meter_stop_mwh=12_000_000)
        assert second.session == first.session == await world.session(session.id)
        [kept] = await orphans(world)
        assert "STOP_CONFLICT" in kept

    async def test_conflict_never_completes_a_later_start(self, world: World) -> None:
        session = (await world.start()).session
        await world.stop(session.transaction_id)
        await world.stop(session.transaction_id, meter_stop_mwh=12_000_000)
        assert (await world.start(connector_number=2)).session.open

    async def test_two_in_one_batch_end_it_once(self, world: World) -> None:
        session = (await world.start()).session
        stops = [
            make_stop(session.transaction_id),
            make_stop(session.transaction_id, meter_stop_mwh=12_000_000),
        ]
        outcomes = await world.sessions.stop([asked(stop) for stop in stops])
        energies = [o.value().session.energy_mwh for o in outcomes]  # type: ignore[union-attr]
        assert energies == [10_000_000, 10_000_000]
        assert len(await world.events("session.completed")) == 1

    async def test_at_two_engines_at_once_one_ends_it(
        self, world: World, open_database: OpenDatabase
    ) -> None:
        other = World(await open_database(), world.clock, "other")
        session = (await world.start()).session
        stops = [
            (world, other)[n % 2].stop(session.transaction_id, meter_stop_mwh=2_000_000 + n)
            for n in range(10)
        ]
        ended = [answer.session for answer in await asyncio.gather(*stops)]
        assert ended == [await world.session(session.id)] * 10
        assert len(await world.events("session.completed")) == 1
        assert len(await orphans(world)) == 9


UNKNOWN_IDS = [0, -1, 4711, 2**31, 2**63 - 1, -(2**63)]


class TestUnknownIds:
    @pytest.mark.parametrize("transaction_id", UNKNOWN_IDS)
    async def test_only_open_session_is_meant(self, world: World, transaction_id: int) -> None:
        session = (await world.start()).session
        ended = (await world.stop(transaction_id)).session
        assert ended is not None
        assert (ended.id, ended.flags()) == (session.id, [MATCHED_BY_GUESS])

    @pytest.mark.parametrize("transaction_id", UNKNOWN_IDS)
    async def test_no_session_makes_an_orphan(self, world: World, transaction_id: int) -> None:
        ended = await world.stop(transaction_id)
        assert (ended.session, len(await orphans(world))) == (None, 1)

    async def test_of_two_open_sessions_none_is_guessed(self, world: World) -> None:
        sessions = [(await world.start(connector_number=n)).session for n in (1, 2)]
        assert (await world.stop(4711)).orphan_id
        for session in sessions:
            assert (await world.session(session.id)).open

    async def test_session_that_started_later_is_not_meant(self, world: World) -> None:
        session = (await world.start(started_us=STOPPED + SECOND)).session
        assert (await world.stop(4711)).orphan_id
        assert (await world.session(session.id)).open

    async def test_session_of_another_card_is_not_meant(self, world: World) -> None:
        session = (await world.start()).session
        assert (await world.stop(4711, token_uid="ELSE")).orphan_id
        assert (await world.session(session.id)).open
        assert (await world.stop(4711, token_uid="card1")).session is not None

    async def test_another_stations_session_is_never_meant(self, world: World) -> None:
        session = (await world.start()).session
        by_number = await world.stop(session.transaction_id, station_id=OTHER_STATION)
        by_name = await world.stop(session_id=session.id, station_id=OTHER_STATION)
        assert by_number.orphan_id
        assert by_name.orphan_id
        assert (await world.session(session.id)).open

    async def test_name_that_the_station_made_is_never_guessed_around(self, world: World) -> None:
        running = (await world.start(station_transaction_id="tx-1")).session
        assert (await world.stop(station_transaction_id="tx-2")).orphan_id
        assert (await world.session(running.id)).open
        ended = (await world.stop(station_transaction_id="tx-1")).session
        assert ended is not None
        assert (ended.id, ended.flags()) == (running.id, [])

    async def test_our_own_id_wins(self, world: World) -> None:
        first, second = [(await world.start(connector_number=n)).session for n in (1, 2)]
        ended = (await world.stop(first.transaction_id, session_id=second.id)).session
        assert ended is not None
        assert ended.id == second.id


async def test_unknown_station_and_older_connection_are_refused(world: World) -> None:
    session = (await world.start()).session
    old = await world.connect()
    await world.connect()
    outcomes = await world.sessions.stop(
        [
            asked(make_stop(session.transaction_id, station_id="CS-9")),
            asked(make_stop(session.transaction_id, generation=old)),
        ]
    )
    assert [type(outcome.result) for outcome in outcomes] == [NotFound, StaleGeneration]
    assert (await world.session(session.id)).open


async def test_long_uid_is_stopped_by_its_alias(world: World) -> None:
    long = make_token("A-UID-OF-MORE-THAN-TWENTY-CHARACTERS")
    await world.add_tokens(long)
    session = (await world.start(token_uid=long.uid)).session
    ended: Session | None = (await world.stop(4711, token_uid=long.uid.lower())).session
    assert ended is not None
    assert ended.id == session.id
