"""What holds for every request: who may call, the envelope, ids, routing, methods."""

import base64
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from interwatt.common.v1.party_pb2 import ROLE_CPO

from tests.fakes.engine_for_partners import EngineForPartners
from tests.gateways.ocpi import vectors
from tests.gateways.ocpi.conftest import BASE, Got, Peer

TOKEN_PATH = "receiver/tokens/NL/TNM/012345678"


async def get_versions(http: httpx.AsyncClient, **headers: str) -> Got:
    return Got(await http.get("/ocpi/versions", headers=headers))


async def test_a_call_without_token_is_401(http: httpx.AsyncClient) -> None:
    got = await get_versions(http)
    assert (got.http, got.code // 1000) == (401, 2)


@pytest.mark.parametrize("value", ["Token bm9ib2R5", "Bearer x", "Token", "Token \x80", "x" * 5000])
async def test_a_call_with_an_unknown_token_is_401(http: httpx.AsyncClient, value: str) -> None:
    response = await http.get("/ocpi/versions", headers={"Authorization": value.encode("latin-1")})
    assert Got(response).http == 401


@pytest.mark.parametrize("written", ["{b64}", "{b64_newline}", "{raw}"])
@pytest.mark.parametrize("header", ["Authorization", "authorization"])
async def test_a_token_opens_however_it_is_written(
    http: httpx.AsyncClient, engine: EngineForPartners, written: str, header: str
) -> None:
    engine.register("p", token="a-token-of-ours")
    value = written.format(
        b64=base64.b64encode(b"a-token-of-ours").decode(),
        b64_newline=base64.b64encode(b"a-token-of-ours\n").decode(),
        raw="a-token-of-ours",
    )
    got = await get_versions(http, **{header: f"Token {value}"})
    assert got.outcome == (200, 1000)
    assert got.data == [{"version": "2.2.1", "url": f"{BASE}/ocpi/2.2.1"}]


async def test_the_first_token_opens_versions_and_credentials_only(
    engine: EngineForPartners, connect: Callable[[str], Peer]
) -> None:
    engine.plan_partner("new", "token-a")
    peer = connect("token-a")
    assert (await peer.call("GET", "/ocpi/versions")).outcome == (200, 1000)
    assert (await peer.call("GET", "/ocpi/2.2.1")).outcome == (200, 1000)
    assert (await peer.call("GET", "credentials")).outcome == (200, 1000)
    assert (await peer.call("GET", "sender/locations")).http == 401
    assert (await peer.call("PUT", TOKEN_PATH, {})).http == 401


async def test_version_details_name_every_module_with_an_absolute_url(cpo: Peer) -> None:
    got = await cpo.call("GET", "/ocpi/2.2.1")
    assert got.data["version"] == "2.2.1"
    offered = {(each["identifier"], each["role"]) for each in got.data["endpoints"]}
    functional = {"locations", "tariffs", "sessions", "cdrs", "tokens", "commands"}
    assert offered == {(m, r) for m in functional for r in ("SENDER", "RECEIVER")} | {
        ("credentials", "SENDER")
    }
    assert all(each["url"].startswith(f"{BASE}/ocpi/2.2.1/") for each in got.data["endpoints"])


async def test_an_answer_repeats_the_ids_and_is_json_with_a_utc_time(cpo: Peer) -> None:
    ids = {"X-Request-ID": "request-1", "X-Correlation-ID": "correlation-1"}
    got = await cpo.call("GET", "sender/tokens", None, **ids)
    assert {name: got.headers[name] for name in ids} == ids
    assert got.headers["content-type"] == "application/json"
    assert isinstance(got.code, int)
    assert got.envelope["timestamp"].endswith("Z")


async def test_a_refusal_repeats_the_ids_too(http: httpx.AsyncClient) -> None:
    got = await get_versions(http, **{"X-Request-ID": "request-2"})
    assert got.headers["x-request-id"] == "request-2"


async def test_an_answer_swaps_sender_and_receiver(cpo: Peer) -> None:
    routing = {
        "OCPI-from-country-code": "BE",
        "OCPI-from-party-id": "BEC",
        "OCPI-to-country-code": "nl",
        "OCPI-to-party-id": "iwt",
    }
    got = await cpo.call("GET", "sender/tokens", None, **routing)
    assert got.outcome == (200, 1000)
    assert got.headers["ocpi-to-country-code"] == "BE"
    assert got.headers["ocpi-to-party-id"] == "BEC"
    assert got.headers["ocpi-from-country-code"] == "nl"
    assert got.headers["ocpi-from-party-id"] == "iwt"


async def test_configuration_modules_have_no_routing_headers(cpo: Peer) -> None:
    got = await cpo.call("GET", "credentials")
    assert "ocpi-to-party-id" not in got.headers


async def test_a_message_for_somebody_else_is_refused(cpo: Peer) -> None:
    other = {"OCPI-to-country-code": "DE", "OCPI-to-party-id": "ABC"}
    got = await cpo.call("GET", "sender/tokens", None, **other)
    assert got.outcome == (200, 2001)
    assert "DE-ABC" in got.message


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "receiver/sessions/BE/BEC/101"),
        ("PATCH", "receiver/tariffs/BE/BEC/12"),
        ("PUT", "receiver/cdrs"),
        ("PATCH", "receiver/cdrs/BE/BEC/12345"),
        ("DELETE", "receiver/cdrs/BE/BEC/12345"),
        ("DELETE", "receiver/locations/BE/BEC/LOC1"),
        ("GET", "receiver/commands/START_SESSION"),
        ("POST", "/ocpi/versions"),
    ],
)
async def test_a_method_that_is_not_served_is_405(cpo: Peer, method: str, path: str) -> None:
    got = await cpo.call(method, path, {})
    assert (got.http, got.code // 1000) == (405, 2)
    assert got.headers["allow"]


async def test_a_path_that_is_not_served_is_404_with_an_envelope(cpo: Peer) -> None:
    assert (await cpo.call("GET", "sender/bookings")).outcome == (404, 2000)


async def test_a_body_that_is_not_json_is_400(emsp: Peer) -> None:
    got = await emsp.call("PUT", TOKEN_PATH, vectors.text("token_put_example")[:-3] + b",}")
    assert got.http == 400


async def test_a_body_that_is_too_long_is_413(emsp: Peer) -> None:
    got = await emsp.call("PUT", TOKEN_PATH, b" " * (4 * 1024 * 1024 + 1))
    assert got.http == 413


async def test_a_url_with_a_slash_at_its_end_is_the_same(cpo: Peer) -> None:
    assert (await cpo.call("GET", "sender/tokens/")).outcome == (200, 1000)


async def test_without_the_engine_the_answer_is_503_and_in_an_envelope(
    engine: EngineForPartners, cpo: Peer
) -> None:
    await engine.stop()
    got = await cpo.call("GET", "sender/tokens")
    assert got.outcome == (503, 3000)
    assert "grpc" not in got.text.casefold()


async def test_a_suspended_partner_may_do_nothing(
    engine: EngineForPartners, register: Callable[..., Any], connect: Callable[[str], Peer]
) -> None:
    register("gone", "DE", "GON", role=ROLE_CPO)
    engine.partners["gone"].state = engine.partners["gone"].STATE_SUSPENDED
    assert (await connect("gone-token").call("GET", "sender/tokens")).http == 401
