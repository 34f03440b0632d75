"""The gateway as a process in front of the real engine, and partners that only speak OCPI to it."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from interwatt.common.v1.party_pb2 import PartyId
from interwatt.locations.v1.locations_service_pb2 import PutLocationItem, PutLocationsRequest
from interwatt.locations.v1.locations_service_pb2_grpc import LocationsServiceStub
from interwatt.partners.v1.partners_service_pb2 import (
    CreatePartnerRequest,
    GetPartnerRequest,
    ListPartnersRequest,
)
from interwatt.partners.v1.partners_service_pb2_grpc import PartnersServiceStub
from interwatt.sessions.v1.sessions_service_pb2 import RequestStartRequest
from interwatt.sessions.v1.sessions_service_pb2_grpc import SessionsServiceStub
from interwatt.stations.v1.station_pb2 import Station, StationConnector
from interwatt.stations.v1.stations_service_pb2 import PutStationRequest
from interwatt.stations.v1.stations_service_pb2_grpc import StationsServiceStub
from interwatt.tariffs.v1.tariff_pb2 import Tariff
from interwatt.tariffs.v1.tariffs_service_pb2 import PutTariffItem, PutTariffsRequest
from interwatt.tariffs.v1.tariffs_service_pb2_grpc import TariffsServiceStub
from interwatt.tokens.v1.tokens_service_pb2 import PutTokenItem, PutTokensRequest
from interwatt.tokens.v1.tokens_service_pb2_grpc import TokensServiceStub

from gateways.ocpi import codec
from gateways.ocpi.v221 import locations, tokens, wire
from tests.gateways.ocpi import vectors
from tests.gateways.ocpi.conftest import PLAIN, Got, Peer
from tests.gateways.ocpi.partner_fake import PartnerFake, envelope
from tests.harness.engine_calls import EngineCalls
from tests.harness.process import Process, python_module

OURS = PartyId(country_code="NL", party_id="IWT")
CPO_MODULES = [(module, "SENDER") for module in ("locations", "tariffs", "sessions", "cdrs")] + [
    ("tokens", "RECEIVER"),
    ("commands", "RECEIVER"),
]
EMSP_MODULES = [("tokens", "SENDER"), ("commands", "SENDER")] + [
    (module, "RECEIVER") for module in ("locations", "tariffs", "sessions", "cdrs")
]


@dataclass(frozen=True)
class Running:
    """The two processes and an operator's way in."""

    base: str
    calls: EngineCalls

    def create_partner(self, **facts: str) -> tuple[str, str]:
        """Make a partner; answers with its id and its first token."""
        partner_id = f"p-{uuid.uuid4().hex[:12]}"
        response = self.calls.stub(PartnersServiceStub).CreatePartner(
            CreatePartnerRequest(request_id=str(uuid.uuid4()), id=partner_id, **facts)
        )
        return partner_id, response.token

    def put_tariff(self, tariff_id: str) -> None:
        """Put a tariff of ours."""
        document = vectors.document("tariff_4_complex") | {
            "country_code": OURS.country_code,
            "party_id": OURS.party_id,
            "id": tariff_id,
        }
        item = PutTariffItem(
            request_id=str(uuid.uuid4()),
            tariff=Tariff(document=orjson.dumps(document), ocpi_version="2.2.1"),
        )
        [outcome] = (
            self.calls.stub(TariffsServiceStub).PutTariffs(PutTariffsRequest(items=[item])).outcomes
        )
        assert not outcome.HasField("error"), outcome.error

    def put_token(self, uid: str, *, valid: bool = True) -> None:
        """Put a token of one of our drivers."""
        token = tokens.to_proto(codec.decode(vectors.text("token_put_example"), wire.Token), "")
        token.owner.CopyFrom(OURS)
        token.uid, token.valid = uid, valid
        item = PutTokenItem(request_id=str(uuid.uuid4()), token=token)
        [outcome] = (
            self.calls.stub(TokensServiceStub).PutTokens(PutTokensRequest(items=[item])).outcomes
        )
        assert not outcome.HasField("error"), outcome.error

    def put_station(self) -> None:
        """Put a location and a station there, which nobody connects."""
        read = codec.decode(vectors.text("location_example"), wire.Location)
        ours = locations.to_proto(read, partner_id="", document=b"")
        ours.owner.CopyFrom(OURS)
        put = PutLocationItem(request_id=str(uuid.uuid4()), location=ours)
        self.calls.stub(LocationsServiceStub).PutLocations(PutLocationsRequest(items=[put]))
        station = Station(
            id="CP1",
            location_id="LOC1",
            connectors=[StationConnector(number=1, evse_uid="3256", connector_id="1")],
        )
        self.calls.stub(StationsServiceStub).PutStation(
            PutStationRequest(request_id=str(uuid.uuid4()), station=station)
        )


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder: Path = tmp_path_factory.mktemp("platform")
    data = folder / "data"
    engine = Process("engine", python_module("engine", "--data", str(data)), folder)
    gateway = Process("ocpi", python_module("gateways.ocpi"), folder)
    try:
        engine.start("--listen", "127.0.0.1:0")
        address = engine.wait_ready()["listen"]
        key = data / "keys" / "ocpi-gateway.key"
        gateway.start("--engine", address, "--key-file", str(key), "--listen", "127.0.0.1:0")
        admin = (data / "keys" / "admin.key").read_text().strip()
        calls = EngineCalls(address, admin)
        yield Running(f"http://{gateway.wait_ready()['listen']}", calls)
        calls.close()
        assert gateway.stop() == 0
        assert "Traceback" not in gateway.log.read_text()
    finally:
        gateway.stop()
        engine.stop()


@pytest.fixture
async def outside(running: Running) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.AsyncHTTPTransport(verify=PLAIN)
    async with httpx.AsyncClient(transport=transport, base_url=running.base) as client:
        yield client


Join = Callable[..., Any]


@pytest.fixture
def join(running: Running, outside: httpx.AsyncClient, remote: PartnerFake) -> Join:
    """Make the handshake as a partner with these parties; answers with the partner."""

    async def make(role: str, country_code: str, party_id: str) -> Peer:
        remote.serve_handshake(*(CPO_MODULES if role == "CPO" else EMSP_MODULES))
        credentials = {
            "token": uuid.uuid4().hex,
            "url": f"{remote.url}/versions",
            "roles": [
                {
                    "role": role,
                    "country_code": country_code,
                    "party_id": party_id,
                    "business_details": {"name": party_id},
                }
            ],
        }
        _, first = running.create_partner()
        got = await Peer(outside, first).call("POST", "credentials", credentials)
        assert got.outcome == (200, 1000), got.text
        return Peer(outside, got.data["token"])

    return make


async def left(peer: Peer) -> None:
    """End the connection, so that another test may use the parties."""
    assert (await peer.call("DELETE", "credentials")).outcome == (200, 1000)
    assert (await peer.call("GET", "sender/locations")).http == 401


async def test_a_handshake_ends_the_first_token_and_cannot_be_made_twice(
    running: Running, outside: httpx.AsyncClient, remote: PartnerFake
) -> None:
    remote.serve_handshake(*CPO_MODULES)
    credentials = {
        "token": "their-token-b",
        "url": f"{remote.url}/versions",
        "roles": [
            {
                "role": "CPO",
                "country_code": "FR",
                "party_id": "HSK",
                "business_details": {"name": "Handshake"},
            }
        ],
    }
    _, first = running.create_partner()
    peer = Peer(outside, first)
    assert (await peer.call("GET", "sender/locations")).http == 401
    assert (await peer.call("PUT", "credentials", credentials)).http == 405
    got = await peer.call("POST", "credentials", credentials)
    assert got.outcome == (200, 1000)
    assert (await peer.call("GET", "/ocpi/versions")).http == 401
    registered = Peer(outside, got.data["token"])
    assert (await registered.call("POST", "credentials", credentials)).http == 405
    rotated = await registered.call("PUT", "credentials", credentials | {"token": "their-new-b"})
    assert rotated.outcome == (200, 1000)
    assert rotated.data["token"] != got.data["token"]
    await left(Peer(outside, rotated.data["token"]))


async def test_our_side_makes_the_handshake_too(running: Running, remote: PartnerFake) -> None:
    remote.serve_handshake(("locations", "SENDER"), token="their-token-c")
    partner_id, _ = running.create_partner(
        versions_url=f"{remote.url}/versions", their_token="their-token-a"
    )
    received = await remote.until(3)
    assert [(each.method, each.token) for each in received] == [
        ("GET", "their-token-a"),
        ("GET", "their-token-a"),
        ("POST", "their-token-a"),
    ]
    stub = running.calls.stub(PartnersServiceStub)
    for _ in range(100):
        partner = stub.GetPartner(GetPartnerRequest(partner_id=partner_id)).partner
        if partner.state == partner.STATE_REGISTERED:
            break
        await asyncio.sleep(0.05)
    assert partner.state == partner.STATE_REGISTERED
    assert partner.parties[0].party.party_id == "BEC"
    token = received[2].json["token"]
    async with httpx.AsyncClient(
        transport=httpx.AsyncHTTPTransport(verify=PLAIN), base_url=running.base
    ) as client:
        await left(Peer(client, token))


async def test_an_emsp_pushes_tokens(join: Join) -> None:
    peer = await join("EMSP", "NL", "TNM")
    path = "receiver/tokens/NL/TNM/012345678"
    token = vectors.document("token_put_example")
    assert (await peer.call("PATCH", path, {"last_updated": "2026-01-01T00:00:00Z"})).http == 404
    assert (await peer.call("PUT", path, token)).outcome == (201, 1000)
    assert (await peer.call("PUT", path, token)).outcome == (200, 1000)
    assert (await peer.call("GET", path)).data == token
    older = token | {"valid": False, "last_updated": "2001-01-01T00:00:00Z"}
    assert (await peer.call("PUT", path, older)).outcome == (200, 1000)
    assert (await peer.call("GET", path.lower())).data == token
    patch = vectors.document("token_patch_example")
    assert (await peer.call("PATCH", path, patch)).outcome == (200, 1000)
    assert (await peer.call("GET", path)).data["valid"] is False
    app = token | {"type": "APP_USER"}
    assert (await peer.call("PUT", f"{path}?type=APP_USER", app)).outcome == (201, 1000)
    assert (await peer.call("GET", f"{path}?type=APP_USER")).data == app
    foreign = await peer.call("PUT", "receiver/tokens/DE/ABC/1", token)
    assert foreign.outcome == (404, 2001)
    await left(peer)


async def test_a_cpo_pushes_locations_and_tariffs(join: Join) -> None:
    peer = await join("CPO", "BE", "BEC")
    path = "receiver/locations/BE/BEC/LOC1"
    location = vectors.document("location_example")
    assert (await peer.call("PUT", path, location)).outcome == (201, 1000)
    assert (await peer.call("GET", path)).data == location
    status = vectors.document("location_patch_example_status")
    assert (await peer.call("PATCH", f"{path}/3256", status)).outcome == (200, 1000)
    got = (await peer.call("GET", path)).data
    assert (got["evses"][0]["status"], got["last_updated"]) == ("CHARGING", status["last_updated"])

    tariff = vectors.document("tariff_4_complex") | {"country_code": "BE", "party_id": "BEC"}
    path = f"receiver/tariffs/BE/BEC/{tariff['id']}"
    assert (await peer.call("PUT", path, tariff)).outcome == (201, 1000)
    assert (await peer.call("GET", path)).data == tariff
    tariff["elements"][1]["price_components"][0]["price"] = "a lot"
    tariff["last_updated"] = "2026-01-01T00:00:00Z"
    refused = await peer.call("PUT", path, tariff)
    assert refused.outcome == (200, 2001)
    assert "elements[1]" in refused.message
    assert "price_components[0]" in refused.message
    assert (await peer.call("DELETE", path)).outcome == (200, 1000)
    assert (await peer.call("GET", path)).http == 404
    assert (await peer.call("DELETE", path)).http == 404
    await left(peer)


async def test_a_cpo_reports_sessions_and_cdrs(join: Join) -> None:
    peer = await join("CPO", "BE", "BEC")
    path = "receiver/sessions/BE/BEC/101"
    session = vectors.document("session_example_2_short_finished") | {"status": "ACTIVE"}
    patch = vectors.document("session_patch_example_charging_period")
    assert (await peer.call("PATCH", path, patch)).http == 404
    assert (await peer.call("PUT", path, session)).outcome == (201, 1000)
    assert (await peer.call("GET", path)).data == session
    for _ in range(2):
        changed = await peer.call("PATCH", path, patch)
        assert changed.outcome == (200, 1000), changed.message
    got = (await peer.call("GET", path)).data
    assert (len(got["charging_periods"]), got["kwh"]) == (4, 15)
    assert got["total_cost"] == patch["total_cost"]

    text = vectors.text("cdr_example")
    first = await peer.call("POST", "receiver/cdrs", text)
    assert first.outcome == (201, 1000)
    again = await peer.call("POST", "receiver/cdrs", text)
    assert again.outcome == (200, 1000)
    spaced = await peer.call("POST", "receiver/cdrs", text.replace(b"\n", b"\n "))
    assert spaced.outcome == (200, 1000)
    assert again.headers["location"] == first.headers["location"]
    assert (await peer.call("GET", first.headers["location"])).data == orjson.loads(text)
    other = vectors.document("cdr_example")
    other["total_cost"]["excl_vat"] = 3.99
    conflict = await peer.call("POST", "receiver/cdrs", other)
    assert conflict.outcome == (200, 2001)
    await left(peer)


async def test_pages_of_our_tariffs_and_a_push_of_a_new_one(
    running: Running, join: Join, remote: PartnerFake
) -> None:
    for number in range(12):
        running.put_tariff(f"T{number:02}")
    peer = await join("EMSP", "DE", "PAG")
    seen = []
    url = "sender/tariffs?limit=5"
    while url:
        got = await peer.call("GET", url)
        assert got.outcome == (200, 1000)
        assert got.headers["x-total-count"] == "12"
        seen += [each["id"] for each in got.data]
        url = got.headers.get("link", "").partition(">")[0].removeprefix("<")
    assert seen == [f"T{number:02}" for number in range(12)]
    offset = await peer.call("GET", "sender/tariffs?offset=10&limit=5")
    assert [each["id"] for each in offset.data] == ["T10", "T11"]
    assert (await peer.call("GET", "sender/tariffs?cursor=forged")).outcome == (200, 2001)

    before = len(remote.received)
    running.put_tariff("T99")
    pushed = (await remote.until(before + 1))[-1]
    assert (pushed.method, pushed.path) == ("PUT", "/receiver/tariffs/NL/IWT/T99")
    assert pushed.headers["ocpi-to-party-id"] == "PAG"
    await left(peer)


async def test_a_cpo_asks_about_our_tokens(running: Running, join: Join) -> None:
    running.put_token("OUR-CARD")
    running.put_token("OUR-BLOCKED", valid=False)
    peer = await join("CPO", "SE", "ASK")
    fine = await peer.call("POST", "sender/tokens/our-card/authorize", {"location_id": "L1"})
    assert fine.outcome == (200, 1000)
    assert fine.data["allowed"] == "ALLOWED"
    assert fine.data["token"]["uid"] == "OUR-CARD"
    blocked = await peer.call("POST", "sender/tokens/OUR-BLOCKED/authorize")
    assert (blocked.outcome, blocked.data["allowed"]) == ((200, 1000), "BLOCKED")
    unknown = await peer.call("POST", "sender/tokens/nobody/authorize")
    assert unknown.outcome == (404, 2004)
    other_type = await peer.call("POST", "sender/tokens/OUR-CARD/authorize?type=APP_USER")
    assert other_type.outcome == (404, 2004)
    await left(peer)


async def test_commands_for_our_station(running: Running, join: Join, remote: PartnerFake) -> None:
    running.put_station()
    peer = await join("EMSP", "NL", "CMD")
    start = {
        "response_url": f"{remote.url}/results/1",
        "token": vectors.document("token_put_example")
        | {"country_code": "NL", "party_id": "CMD", "type": "APP_USER"},
        "location_id": "LOC1",
        "evse_uid": "3256",
    }
    path = "receiver/commands/START_SESSION"
    offline = await peer.call("POST", path, start)
    assert (offline.outcome, offline.data["result"]) == ((200, 1000), "REJECTED")
    nowhere = await peer.call("POST", path, start | {"location_id": "NOPE"})
    assert nowhere.outcome == (200, 2003)
    stop = {"response_url": f"{remote.url}/results/2", "session_id": "nope"}
    unknown = await peer.call("POST", "receiver/commands/STOP_SESSION", stop)
    assert unknown.data["result"] == "UNKNOWN_SESSION"
    lacking = await peer.call("POST", "receiver/commands/RESERVE_NOW", {})
    assert lacking.data["result"] == "NOT_SUPPORTED"
    await left(peer)


async def test_a_start_at_a_partner_and_its_outcome(
    running: Running, outside: httpx.AsyncClient, join: Join, remote: PartnerFake
) -> None:
    running.put_token("OUR-DRIVER")
    peer = await join("CPO", "DK", "FAR")
    accepted = {"result": "ACCEPTED", "timeout": 30}
    remote.answer("POST", "/receiver/commands/START_SESSION", lambda _: envelope(accepted))
    partners = running.calls.stub(PartnersServiceStub)
    [partner] = [
        each
        for each in partners.ListPartners(ListPartnersRequest()).partners
        if any(entry.party.party_id == "FAR" for entry in each.parties)
    ]
    asked = running.calls.stub(SessionsServiceStub).RequestStart(
        RequestStartRequest(
            request_id=str(uuid.uuid4()),
            partner_id=partner.id,
            location_id="L1",
            evse_uid="E1",
            token_uid="OUR-DRIVER",
        )
    )
    sent = (await remote.until(3))[-1]
    assert sent.path == "/receiver/commands/START_SESSION"
    assert sent.json["token"]["uid"] == "OUR-DRIVER"
    assert sent.json["authorization_reference"] == asked.authorization_reference
    told = await outside.post(
        sent.json["response_url"], headers=peer.headers, json={"result": "ACCEPTED"}
    )
    assert Got(told).outcome == (200, 1000)
    await left(peer)
