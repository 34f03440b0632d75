"""The handshake, made by a partner."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from gateways.ocpi.status import NO_MATCHING_ENDPOINTS, UNABLE_TO_USE_API, UNSUPPORTED_VERSION
from tests.fakes.engine_for_partners import EngineForPartners
from tests.gateways.ocpi import vectors
from tests.gateways.ocpi.conftest import BASE, Peer
from tests.gateways.ocpi.partner_fake import PartnerFake, envelope

TOKEN_B = "9e80a9c4-28be-11e9-b210-d663bd873d93"


@pytest.fixture
def newcomer(engine: EngineForPartners, connect: Callable[[str], Peer]) -> Peer:
    engine.plan_partner("newcomer", "token-a")
    return connect("token-a")


@pytest.fixture
def credentials(remote: PartnerFake) -> dict[str, Any]:
    """NL-EXA, both a CPO and an eMSP."""
    remote.serve_handshake(("locations", "SENDER"), ("tokens", "SENDER"))
    return vectors.document("credentials_example2") | {"url": f"{remote.url}/versions"}


async def test_a_partner_registers(
    newcomer: Peer,
    credentials: dict[str, Any],
    remote: PartnerFake,
    engine: EngineForPartners,
    connect: Callable[[str], Peer],
) -> None:
    got = await newcomer.call("POST", "credentials", credentials)
    assert got.outcome == (200, 1000)
    assert got.data["url"] == f"{BASE}/ocpi/versions"
    assert [role["role"] for role in got.data["roles"]] == ["CPO", "EMSP"]
    assert got.data["roles"][0]["business_details"] == {"name": "Interwatt"}
    assert got.data["token"] not in ("token-a", TOKEN_B)
    assert [(r.method, r.path, r.token) for r in remote.received] == [
        ("GET", "/versions", TOKEN_B),
        ("GET", "/2.2.1", TOKEN_B),
    ]
    partner = engine.partners["newcomer"]
    assert engine.their_tokens["newcomer"] == TOKEN_B
    assert partner.ocpi_version == "2.2.1"
    assert ("tokens", "SENDER") in {(e.module, e.interface_role) for e in partner.endpoints}
    assert (await newcomer.call("GET", "/ocpi/versions")).http == 401
    registered = connect(got.data["token"])
    assert (await registered.call("GET", "sender/locations")).outcome == (200, 1000)
    assert (await registered.call("GET", "credentials")).data["token"] == got.data["token"]
    assert (await registered.call("POST", "credentials", credentials)).http == 405


async def test_a_partner_that_asks_us_while_we_ask_it_is_answered(
    newcomer: Peer, credentials: dict[str, Any], remote: PartnerFake, http: httpx.AsyncClient
) -> None:
    async def versions(_: Any) -> Any:
        assert (await newcomer.call("GET", "/ocpi/versions")).outcome == (200, 1000)
        return envelope([{"version": "2.2.1", "url": f"{remote.url}/2.2.1"}])

    remote.answer("GET", "/versions", versions)
    async with asyncio.timeout(5):
        assert (await newcomer.call("POST", "credentials", credentials)).outcome == (200, 1000)


async def test_a_partner_that_wants_its_token_literally_gets_it_so(
    newcomer: Peer, credentials: dict[str, Any], remote: PartnerFake, engine: EngineForPartners
) -> None:
    inner = remote.answers["GET", "/versions"]

    def versions(received: Any) -> Any:
        literal = received.headers["authorization"] == f"Token {TOKEN_B}"
        return inner(received) if literal else envelope(code=2001, http=401)

    remote.answer("GET", "/versions", versions)
    assert (await newcomer.call("POST", "credentials", credentials)).outcome == (200, 1000)
    assert engine.literal["newcomer"]


async def test_a_partner_that_cannot_be_reached_stays_unregistered(
    newcomer: Peer, credentials: dict[str, Any]
) -> None:
    credentials["url"] = "http://127.0.0.1:9/versions"
    got = await newcomer.call("POST", "credentials", credentials)
    assert got.outcome == (200, UNABLE_TO_USE_API)
    assert (await newcomer.call("GET", "/ocpi/versions")).http == 200
    assert (await newcomer.call("GET", "sender/locations")).http == 401


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: envelope(code=2001),
        lambda _: envelope(http=500, code=3000),
        lambda _: envelope("versions"),
        lambda _: envelope([{"version": "2.2.1"}]),
        lambda _: envelope(),
    ],
)
async def test_a_versions_list_that_cannot_be_used_is_3001(
    newcomer: Peer, credentials: dict[str, Any], remote: PartnerFake, answer: Any
) -> None:
    remote.answer("GET", "/versions", answer)
    got = await newcomer.call("POST", "credentials", credentials)
    assert got.outcome == (200, UNABLE_TO_USE_API)


async def test_no_common_version_is_3002(
    newcomer: Peer, credentials: dict[str, Any], remote: PartnerFake
) -> None:
    remote.serve_handshake(("tokens", "SENDER"), version="3.0")
    got = await newcomer.call("POST", "credentials", credentials)
    assert got.outcome == (200, UNSUPPORTED_VERSION)
    assert "2.2.1" in got.message


@pytest.mark.parametrize("modules", [(), (("tokens", "SENDER"),), (("locations", "SENDER"),)])
async def test_a_role_without_any_of_its_modules_is_3003(
    newcomer: Peer, credentials: dict[str, Any], remote: PartnerFake, modules: Any
) -> None:
    remote.serve_handshake(*modules)
    got = await newcomer.call("POST", "credentials", credentials)
    assert got.outcome == (200, NO_MATCHING_ENDPOINTS)


@pytest.mark.parametrize("token", ["has a blank", "x" * 65, "", "ünïcode"])
async def test_a_token_that_cannot_be_sent_is_refused(
    newcomer: Peer, credentials: dict[str, Any], token: str
) -> None:
    got = await newcomer.call("POST", "credentials", credentials | {"token": token})
    assert got.outcome == (200, 2001)
    assert "$.token" in got.message


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_before_the_handshake_there_is_nothing_to_change(
    newcomer: Peer, credentials: dict[str, Any], method: str
) -> None:
    assert (await newcomer.call(method, "credentials", credentials)).http == 405


async def test_put_gives_a_new_token_and_reads_the_endpoints_again(
    newcomer: Peer,
    credentials: dict[str, Any],
    remote: PartnerFake,
    engine: EngineForPartners,
    connect: Callable[[str], Peer],
) -> None:
    first = (await newcomer.call("POST", "credentials", credentials)).data["token"]
    remote.serve_handshake(("cdrs", "SENDER"), ("cdrs", "RECEIVER"))
    got = await connect(first).call("PUT", "credentials", credentials | {"token": "new-b"})
    assert got.outcome == (200, 1000)
    assert got.data["token"] != first
    assert engine.their_tokens["newcomer"] == "new-b"
    modules = {endpoint.module for endpoint in engine.partners["newcomer"].endpoints}
    assert modules == {"credentials", "cdrs"}
    assert (await connect(first).call("GET", "sender/locations")).http == 401
    assert (await connect(got.data["token"]).call("GET", "sender/locations")).http == 200


async def test_delete_ends_it(cpo: Peer) -> None:
    assert (await cpo.call("DELETE", "credentials")).outcome == (200, 1000)
    assert (await cpo.call("GET", "sender/locations")).http == 401
