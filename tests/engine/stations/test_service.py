"""Stations: who may connect as one, on which connection, and what it says of itself."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from engine.commands import store as commands
from engine.commands.model import station_channel
from engine.db.port import Database, Transaction
from engine.kernel.clock import SECOND, from_rfc3339
from engine.kernel.errors import NotFound, RequestIdReused, StaleGeneration
from engine.locations.model import EvseStatus, location_key
from engine.stations import store
from engine.stations.model import Boot, Settings
from engine.stations.service import (
    Admission,
    Admitted,
    BootReport,
    Connection,
    Disconnection,
    PutStation,
    StatusReport,
)
from tests.engine.conftest import ManualClock, OpenDatabase
from tests.engine.world import OURS, STARTED, STATION, World, asked

PASSWORD = b"correct horse battery staple"


@pytest.fixture
async def world(database: Database, clock: ManualClock) -> World:
    return await World(database, clock).furnish()


def put(id_: str = "CS-9", **changes: Any) -> PutStation:
    facts: dict[str, Any] = {
        "location_id": "LOC1",
        "connectors": [],
        "settings": Settings(),
        "password": PASSWORD.decode(),
    }
    return PutStation(id_, **facts | changes)


def connection(id_: str = "CS-9", **changes: Any) -> Connection:
    facts: dict[str, Any] = {
        "password": PASSWORD,
        "gateway_id": "g1",
        "subprotocol": "ocpp1.6",
        "check_only": False,
    }
    return Connection(id_, **facts | changes)


async def connect(world: World, *wanted: Connection) -> list[Admitted]:
    outcomes = await world.stations.connect([asked(each) for each in wanted])
    return [outcome.value() for outcome in outcomes]


async def online(world: World, id_: str = "CS-9") -> tuple[bool, int]:
    station, _ = await world.stations.get(id_)
    return station.online, station.generation


async def gateway(world: World, id_: str = "CS-9") -> str:
    async def work(tx: Transaction) -> str:
        found = await commands.routes(tx, [station_channel(id_)])
        return found[station_channel(id_)].gateway_id if found else ""

    return await world.database.read(work)


def status(word: str = "Charging", *, after_s: int = 0, **changes: Any) -> StatusReport:
    facts: dict[str, Any] = {
        "station_id": STATION,
        "generation": 0,
        "connector_number": 1,
        "error_code": "NoError",
        "at_us": STARTED + after_s * SECOND,
    }
    return StatusReport(status=word, **facts | changes)


async def say(world: World, *reports: StatusReport) -> None:
    outcomes = await world.stations.record_statuses([asked(report) for report in reports])
    assert [outcome.result for outcome in outcomes] == [None] * len(reports)


async def evse(world: World, uid: str = "E1") -> str:
    found = (await world.locations.get(location_key(OURS, "LOC1"))).evse(uid)
    assert found is not None
    return found.status


class TestAdmission:
    async def test_unknown_wrong_and_right(self, world: World) -> None:
        await world.stations.put(asked(put()))
        found = await connect(
            world,
            connection("CS-0"),
            connection(password=b"wrong"),
            connection(password=None),
            connection(),
        )
        assert [each.admission for each in found] == [
            Admission.UNKNOWN_STATION,
            Admission.WRONG_PASSWORD,
            Admission.WRONG_PASSWORD,
            Admission.ADMITTED,
        ]
        assert await online(world) == (True, 1)

    async def test_check_only_changes_nothing(self, world: World) -> None:
        await world.stations.put(asked(put()))
        [found] = await connect(world, connection(check_only=True))
        assert found.admission == Admission.ADMITTED
        assert await online(world) == (False, 0)
        assert await gateway(world) == ""

    async def test_password_that_was_made_works_and_is_not_stored(self, world: World) -> None:
        made = (await world.stations.put(asked(put(password="")))).value()
        assert len(made.password) >= 16
        assert made.password not in made.station.password_hash
        [found] = await connect(world, connection(password=made.password.encode()))
        assert found.admission == Admission.ADMITTED

    async def test_change_keeps_the_password_unless_it_names_one(self, world: World) -> None:
        await world.stations.put(asked(put()))
        kept = (await world.stations.put(asked(put(location_id="", password="")))).value()
        assert kept.password == ""
        assert (await connect(world, connection()))[0].admission == Admission.ADMITTED
        await world.stations.put(asked(put(password="another password")))
        found = await connect(world, connection(), connection(password=b"another password"))
        assert [each.admission for each in found] == [
            Admission.WRONG_PASSWORD,
            Admission.ADMITTED,
        ]

    async def test_key_of_hexadecimal_digits_works_as_the_bytes_it_stands_for(
        self, world: World
    ) -> None:
        key = bytes(range(200, 220))
        await world.stations.put(asked(put(password=key.hex().upper())))
        found = await connect(world, connection(password=key), connection(password=key[:-1]))
        assert [each.admission for each in found] == [
            Admission.ADMITTED,
            Admission.WRONG_PASSWORD,
        ]

    async def test_profile_0_needs_no_password(self, world: World) -> None:
        [found] = await connect(world, connection(STATION, password=None))
        assert found.admission == Admission.ADMITTED

    async def test_password_is_made_when_one_is_needed_and_not_before(self, world: World) -> None:
        bare = put("CS-7", password="")
        open_ = msgspec.structs.replace(bare, settings=Settings(security_profile=0))
        made = (await world.stations.put(asked(open_))).value()
        assert (made.password, made.station.password_hash) == ("", "")
        made = (await world.stations.put(asked(bare))).value()
        assert len(made.password) >= 16
        assert (await world.stations.put(asked(open_))).value().password == ""
        assert (await world.stations.put(asked(bare))).value().password == ""

    async def test_location_must_be_there(self, world: World) -> None:
        with pytest.raises(NotFound):
            await world.stations.put(asked(put(location_id="LOC9")))

    async def test_same_put_is_replayed_with_its_password(self, world: World) -> None:
        request = asked(put(password=""))
        one, two = [await world.stations.put(request) for _ in range(2)]
        assert (two.replayed, two.value()) == (True, one.value())
        other = await world.stations.put(asked(put("CS-8"), request.id))
        assert isinstance(other.result, RequestIdReused)


class TestConnections:
    async def test_each_has_a_higher_generation_than_all_before(
        self, world: World, open_database: OpenDatabase
    ) -> None:
        other = World(await open_database(), world.clock, "other")
        joins = [
            connect((world, other)[n % 2], connection(STATION, gateway_id=f"g{n}"))
            for n in range(12)
        ]
        stations = [found.station for [found] in await asyncio.gather(*joins)]
        assert sorted(s.generation for s in stations if s is not None) == list(range(1, 13))
        last = max((s for s in stations if s is not None), key=lambda s: s.generation)
        assert await gateway(world, STATION) == last.gateway_id

    async def test_twice_in_one_batch_the_second_fences_the_first(self, world: World) -> None:
        found = await connect(world, connection(STATION), connection(STATION, gateway_id="g2"))
        assert [each.station.generation for each in found if each.station] == [1, 2]
        assert await gateway(world, STATION) == "g2"

    async def test_same_request_is_one_connection(self, world: World) -> None:
        request = asked(connection(STATION))
        [one], [two] = [await world.stations.connect([request]) for _ in range(2)]
        assert (two.replayed, two.value()) == (True, one.value())
        assert await online(world, STATION) == (True, 1)

    async def test_end_of_an_old_one_changes_nothing(self, world: World) -> None:
        await connect(world, connection(STATION))
        await connect(world, connection(STATION, gateway_id="g2"))
        await world.stations.disconnect([asked(Disconnection(STATION, 1))])
        assert await online(world, STATION) == (True, 2)
        assert await gateway(world, STATION) == "g2"
        await world.stations.disconnect([asked(Disconnection(STATION, 2))])
        assert await online(world, STATION) == (False, 2)
        assert await gateway(world, STATION) == ""
        assert len(await world.events("station.disconnected")) == 1

    async def test_boot_on_an_old_one_is_refused(self, world: World) -> None:
        for _ in range(2):
            await connect(world, connection(STATION))
        boots = [BootReport(STATION, n, Boot(f"V{n}", "M", "", "", STARTED)) for n in (1, 2, 0)]
        outcomes = await world.stations.record_boots([asked(boot) for boot in boots])
        assert isinstance(outcomes[0].result, StaleGeneration)
        station, _ = await world.stations.get(STATION)
        boot = station.boot()
        assert boot is not None
        assert boot.vendor == "V0"


class TestStatuses:
    async def test_evse_of_the_location_follows(self, world: World) -> None:
        before = await world.locations.get(location_key(OURS, "LOC1"))
        for word, shown in (
            ("Preparing", EvseStatus.BLOCKED),
            ("Charging", EvseStatus.CHARGING),
            ("Faulted", EvseStatus.OUT_OF_ORDER),
            ("Strange", EvseStatus.UNKNOWN),
        ):
            world.clock.advance(1)
            await say(world, status(word, after_s=10))
            assert await evse(world) == shown
        after = await world.locations.get(location_key(OURS, "LOC1"))
        assert after.version == before.version + 4
        assert after.last_updated_us == world.clock.now()
        assert await evse(world, "E2") == EvseStatus.AVAILABLE

    async def test_older_one_is_logged_and_not_shown(self, world: World) -> None:
        await say(world, status("Charging", after_s=10), status("Available", after_s=5))
        assert await evse(world) == EvseStatus.CHARGING
        logged = await world.database.read(lambda tx: store.logged(tx, [STATION], 0, 2**62))
        assert [entry.status for entry in logged] == ["Available", "Charging"]

    async def test_told_again_changes_nothing(self, world: World) -> None:
        for _ in range(2):
            await say(world, status("Charging"))
        assert len(await world.events("location.changed")) == 2  # one is the world's own

    async def test_station_as_a_whole_and_a_connector_it_has_not_make_no_evse(
        self, world: World
    ) -> None:
        before = await world.locations.get(location_key(OURS, "LOC1"))
        await say(world, status("Faulted", connector_number=0), status(connector_number=7))
        assert await world.locations.get(location_key(OURS, "LOC1")) == before
        _, found = await world.stations.get(STATION)
        assert found[f"{STATION}/0"].status == "Faulted"

    @pytest.mark.parametrize("wrong", ["1970-01-01T00:00:00Z", "2099-01-01T00:00:00Z"])
    async def test_clock_that_is_plainly_wrong_hides_no_later_status(
        self, world: World, wrong: str
    ) -> None:
        await say(world, status("Preparing", after_s=10))
        world.clock.advance(1)
        await say(world, status("Charging", at_us=from_rfc3339(wrong)))
        assert await evse(world) == EvseStatus.CHARGING
        world.clock.advance(1)
        await say(world, status("Available", at_us=world.clock.now()))
        assert await evse(world) == EvseStatus.AVAILABLE

    async def test_one_on_an_older_connection_is_refused_alone(self, world: World) -> None:
        for _ in range(2):
            await connect(world, connection(STATION))
        reports = [status("Faulted", generation=1), status("Charging", generation=2)]
        outcomes = await world.stations.record_statuses([asked(r) for r in reports])
        assert isinstance(outcomes[0].result, StaleGeneration)
        assert await evse(world) == EvseStatus.CHARGING

    async def test_two_stations_at_one_location_at_two_engines_lose_none(
        self, world: World, open_database: OpenDatabase
    ) -> None:
        other = World(await open_database(), world.clock, "other")
        await asyncio.gather(
            *(
                say(
                    (world, other)[n % 2],
                    status("Charging" if n % 4 < 2 else "Available", after_s=n),
                    status("Faulted", after_s=n, station_id="CS-2", connector_number=2),
                )
                for n in range(20)
            )
        )
        assert (await evse(world), await evse(world, "E2")) == (
            EvseStatus.AVAILABLE,
            EvseStatus.OUT_OF_ORDER,
        )


async def test_list_of_a_location_has_its_stations_only_and_in_pages(world: World) -> None:
    for id_ in ("CS-7", "CS-8"):
        await world.stations.put(asked(put(id_)))
    await world.stations.put(asked(put("CS-9", location_id="")))

    async def listed(location_id: str) -> list[str]:
        found, token = [], ""
        while True:
            page, _ = await world.stations.list_page(1, token, location_id=location_id)
            found += [station.id for station in page.items]
            token = page.next_token
            if not token:
                return found

    everyone = await listed("")
    assert {"CS-7", "CS-8", "CS-9"} < set(everyone)
    assert await listed("loc1") == [id_ for id_ in everyone if id_ != "CS-9"]
    assert await listed("LOC2") == []
