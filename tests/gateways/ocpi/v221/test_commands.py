"""Commands that partners send to our stations, and what they tell about ours."""

from typing import Any

import pytest
from interwatt.commands.v1.command_pb2 import Command
from interwatt.locations.v1.location_pb2 import Location
from interwatt.sessions.v1.session_pb2 import Session
from interwatt.stations.v1.station_pb2 import Station, StationConnector

from gateways.ocpi.v221.commands import result_to_wire
from tests.fakes.engine_for_partners import OURS, EngineForPartners
from tests.gateways.ocpi import vectors
from tests.gateways.ocpi.conftest import Peer
from tests.gateways.ocpi.partner_fake import PartnerFake

START = "receiver/commands/START_SESSION"
STOP = "receiver/commands/STOP_SESSION"


@pytest.fixture
def driver(remote_emsp: PartnerFake, connect: Any, engine: EngineForPartners) -> Peer:
    """NL-TNM, whose server is `remote_emsp`, and a station of ours to charge at."""
    engine.locations[("nl", "iwt", "loc1")] = Location(owner=OURS, id="LOC1")
    engine.stations.append(
        Station(
            id="CP1",
            location_id="LOC1",
            online=True,
            connectors=[
                StationConnector(number=1, evse_uid="E1", connector_id="1"),
                StationConnector(number=2, evse_uid="E2", connector_id="1"),
            ],
        )
    )
    peer: Peer = connect("tnm-token")
    return peer


@pytest.fixture
def start(remote_emsp: PartnerFake) -> dict[str, Any]:
    return {
        "response_url": f"{remote_emsp.url}/results/77",
        "token": vectors.document("token_put_example") | {"type": "APP_USER"},
        "location_id": "LOC1",
        "evse_uid": "E2",
        "authorization_reference": "ref-1",
    }


def running(partner_id: str) -> Session:
    return Session(owner=OURS, id="S1", partner_id=partner_id, at_our_station=True)


async def test_a_start_is_accepted_and_its_outcome_follows_once(
    driver: Peer, start: dict[str, Any], engine: EngineForPartners, remote_emsp: PartnerFake
) -> None:
    got = await driver.call("POST", START, start, **{"X-Correlation-ID": "trace-1"})
    assert got.outcome == (200, 1000)
    assert got.data["result"] == "ACCEPTED"
    assert isinstance(got.data["timeout"], int)
    [asked] = engine.starts
    assert (asked.station_id, asked.connector_number) == ("CP1", 2)
    assert (asked.token_uid, asked.requested_by_partner_id) == ("012345678", "tnm")
    assert asked.authorization_reference == "ref-1"
    assert "AuthorizeTokens" not in engine.calls
    await engine.finish("start-1", Command.STATE_DONE)
    [result] = await remote_emsp.until(1)
    assert (result.method, result.path, result.json) == (
        "POST",
        "/results/77",
        {"result": "ACCEPTED"},
    )
    assert result.token == "tnm-takes-this"
    assert result.headers["x-correlation-id"] == "trace-1"
    assert result.headers["ocpi-to-party-id"] == "TNM"


@pytest.mark.parametrize(
    ("state", "code", "result"),
    [
        (Command.STATE_DONE, "Accepted", "ACCEPTED"),
        (Command.STATE_REFUSED, "Rejected", "REJECTED"),
        (Command.STATE_REFUSED, "Occupied", "EVSE_OCCUPIED"),
        (Command.STATE_REFUSED, "NotSupported", "NOT_SUPPORTED"),
        (Command.STATE_FAILED, "", "FAILED"),
        (Command.STATE_TIMED_OUT, "", "TIMEOUT"),
        (Command.STATE_SENT, "", "TIMEOUT"),
    ],
)
def test_an_outcome_is_told_in_ocpis_words(state: Command.State, code: str, result: str) -> None:
    command = Command(state=state)
    command.result.code = code
    assert result_to_wire(command).result == result


async def test_an_unknown_location_is_2003_and_nothing_follows(
    driver: Peer, start: dict[str, Any], engine: EngineForPartners
) -> None:
    got = await driver.call("POST", START, start | {"location_id": "NOPE"})
    assert got.outcome == (200, 2003)
    assert not engine.starts


@pytest.mark.parametrize(
    ("change", "outcome", "result"),
    [
        ({"evse_uid": "E9"}, (200, 1000), "REJECTED"),
        ({"evse_uid": None, "connector_id": "1"}, (200, 2001), None),
        ({"response_url": "ftp://x"}, (200, 2001), None),
        ({"token": None}, (200, 2001), None),
    ],
)
async def test_a_start_that_cannot_be_is_refused_at_once(
    driver: Peer,
    start: dict[str, Any],
    engine: EngineForPartners,
    change: dict[str, Any],
    outcome: tuple[int, int],
    result: str | None,
) -> None:
    got = await driver.call("POST", START, start | change)
    assert got.outcome == outcome
    assert (got.data or {}).get("result") == result
    assert not engine.starts


async def test_a_start_with_somebody_elses_token_is_rejected(
    driver: Peer, start: dict[str, Any], engine: EngineForPartners
) -> None:
    start["token"]["party_id"] = "XYZ"
    got = await driver.call("POST", START, start)
    assert got.data["result"] == "REJECTED"
    assert not engine.starts


async def test_a_start_without_evse_lets_the_station_choose(
    driver: Peer, start: dict[str, Any], engine: EngineForPartners
) -> None:
    del start["evse_uid"]
    assert (await driver.call("POST", START, start)).data["result"] == "ACCEPTED"
    assert engine.starts[0].connector_number == 0


async def test_a_stop_is_accepted_for_the_callers_own_session(
    driver: Peer, engine: EngineForPartners, remote_emsp: PartnerFake
) -> None:
    engine.sessions[("nl", "iwt", "s1")] = running("tnm")
    stop = {"response_url": f"{remote_emsp.url}/results/78", "session_id": "S1"}
    assert (await driver.call("POST", STOP, stop)).data["result"] == "ACCEPTED"
    await engine.finish("stop-1", Command.STATE_REFUSED, "Rejected")
    assert (await remote_emsp.until(1))[0].json == {"result": "REJECTED"}


@pytest.mark.parametrize("session", [None, running("somebody-else")])
async def test_a_stop_of_what_is_not_the_callers_is_an_unknown_session(
    driver: Peer, engine: EngineForPartners, session: Session | None
) -> None:
    if session is not None:
        engine.sessions[("nl", "iwt", "s1")] = session
    got = await driver.call("POST", STOP, {"response_url": "http://x.test", "session_id": "S1"})
    assert got.outcome == (200, 1000)
    assert got.data["result"] == "UNKNOWN_SESSION"
    assert not engine.stops


@pytest.mark.parametrize("name", ["RESERVE_NOW", "CANCEL_RESERVATION", "UNLOCK_CONNECTOR"])
async def test_what_our_stations_lack_is_not_supported(driver: Peer, name: str) -> None:
    got = await driver.call("POST", f"receiver/commands/{name}", {})
    assert got.outcome == (200, 1000)
    assert got.data["result"] == "NOT_SUPPORTED"


async def test_an_unknown_command_is_404(driver: Peer) -> None:
    assert (await driver.call("POST", "receiver/commands/DANCE", {})).outcome == (404, 2001)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("ACCEPTED", Command.STATE_DONE),
        ("EVSE_OCCUPIED", Command.STATE_REFUSED),
        ("TIMEOUT", Command.STATE_FAILED),
    ],
)
async def test_a_partner_tells_what_came_of_our_command(
    cpo: Peer, engine: EngineForPartners, word: str, state: Command.State
) -> None:
    engine.commands["c1"] = Command(
        id="c1", channel="partner/becharged", state=Command.STATE_AGREED
    )
    got = await cpo.call("POST", "sender/commands/START_SESSION/c1", {"result": word})
    assert got.outcome == (200, 1000)
    assert engine.commands["c1"].state == state
    assert engine.commands["c1"].result.code == word


async def test_another_partners_command_cannot_be_answered(
    cpo: Peer, engine: EngineForPartners
) -> None:
    engine.commands["c1"] = Command(id="c1", channel="partner/other", state=Command.STATE_AGREED)
    got = await cpo.call("POST", "sender/commands/START_SESSION/c1", {"result": "ACCEPTED"})
    assert got.http == 404
    assert engine.commands["c1"].state == Command.STATE_AGREED
