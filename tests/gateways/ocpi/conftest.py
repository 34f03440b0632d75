"""The gateway in process, in front of an engine in memory, with partners as they call it."""

import base64
import ssl
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import orjson
import pytest
from interwatt.common.v1.party_pb2 import ROLE_CPO, ROLE_EMSP, PartyId
from interwatt.partners.v1.partner_pb2 import Endpoint, PartnerParty

from gateways.common.engine import Engine
from gateways.ocpi.__main__ import make_platform
from gateways.ocpi.app import create_app
from gateways.ocpi.background import Background
from gateways.ocpi.client import PartnerClient
from gateways.ocpi.commands import Courier
from gateways.ocpi.exchange import Platform
from gateways.ocpi.push import Pusher
from gateways.ocpi.versions import DIALECTS
from tests.fakes.engine_for_partners import EngineForPartners
from tests.gateways.ocpi.partner_fake import PartnerFake
from tests.gateways.ocpi.vectors import document

BASE = "http://gateway.test"
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Reading the machine's certificates takes longer than a test, and no partner here uses TLS."""
PARTNER_MODULES = ("credentials", "locations", "tariffs", "sessions", "cdrs", "tokens", "commands")


class Peer:
    """A partner as the gateway's HTTP client sees it."""

    def __init__(self, client: httpx.AsyncClient, token: str) -> None:
        self._client = client
        self.headers = {"Authorization": f"Token {base64.b64encode(token.encode()).decode()}"}

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> "Got":
        """Call a path below /ocpi/2.2.1, or an absolute one."""
        url = path if path.startswith(("http", "/ocpi")) else f"/ocpi/2.2.1/{path}"
        content = body if isinstance(body, bytes) or body is None else orjson.dumps(body)
        response = await self._client.request(
            method, url, content=content, headers={**self.headers, **headers}
        )
        return Got(response)


class Got:
    """An answer, and its envelope."""

    def __init__(self, response: httpx.Response) -> None:
        self.http = response.status_code
        self.headers = response.headers
        self.text = response.text
        self.envelope = orjson.loads(response.content)
        self.code = self.envelope["status_code"]
        self.message = self.envelope.get("status_message", "")
        self.data = self.envelope.get("data")

    @property
    def outcome(self) -> tuple[int, int]:
        """HTTP status and OCPI code."""
        return self.http, self.code


@pytest.fixture
async def engine() -> AsyncIterator[EngineForPartners]:
    async with EngineForPartners() as fake:
        yield fake


@pytest.fixture
async def platform(engine: EngineForPartners) -> AsyncIterator[Platform]:
    async with (
        Engine.connect(address=engine.address, key="k", gateway_id="ocpi-test") as connected,
        PartnerClient(timeout=1.0, transport=httpx.AsyncHTTPTransport(verify=PLAIN)) as client,
        Background(grace=0) as background,
    ):
        yield make_platform(connected, client, background, BASE)


@pytest.fixture
async def http(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=create_app(platform))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        yield client


@pytest.fixture
def connect(http: httpx.AsyncClient) -> Callable[[str], Peer]:
    return lambda token: Peer(http, token)


@pytest.fixture
async def remote() -> AsyncIterator[PartnerFake]:
    async with PartnerFake() as fake:
        yield fake


@pytest.fixture
def register(engine: EngineForPartners) -> Callable[..., Any]:
    def make(partner_id: str, country: str, party: str, *, role: Any, url: str = "") -> None:
        entry = PartnerParty(
            party=PartyId(country_code=country, party_id=party), role=role, name=partner_id
        )
        endpoints = [
            Endpoint(module=module, interface_role=side, url=f"{url}/{side.lower()}/{module}")
            for module in PARTNER_MODULES
            for side in ("SENDER", "RECEIVER")
        ]
        engine.register(partner_id, entry, token=f"{partner_id}-token", endpoints=endpoints)

    return make


@pytest.fixture
def cpo(register: Callable[..., Any], connect: Callable[[str], Peer]) -> Peer:
    """BE-BEC, the CPO of the specification's examples."""
    register("becharged", "BE", "BEC", role=ROLE_CPO)
    return connect("becharged-token")


@pytest.fixture
def emsp(register: Callable[..., Any], connect: Callable[[str], Peer]) -> Peer:
    """NL-TNM, the eMSP of the specification's examples."""
    register("tnm", "NL", "TNM", role=ROLE_EMSP)
    return connect("tnm-token")


@pytest.fixture
def remote_cpo(register: Callable[..., Any], remote: PartnerFake) -> PartnerFake:
    """BE-BEC as a server."""
    register("becharged", "BE", "BEC", role=ROLE_CPO, url=remote.url)
    return remote


@pytest.fixture
def remote_emsp(register: Callable[..., Any], remote: PartnerFake) -> PartnerFake:
    """NL-TNM as a server."""
    register("tnm", "NL", "TNM", role=ROLE_EMSP, url=remote.url)
    return remote


@pytest.fixture
async def pushing(platform: Platform) -> None:
    pusher = Pusher(platform=platform, dialects=DIALECTS, gateway_id="ocpi-test")
    platform.background.keep(pusher.run(), name="pusher")


@pytest.fixture
async def carrying(platform: Platform) -> None:
    courier = Courier(platform=platform, dialects=DIALECTS, gateway_id="ocpi-test")
    platform.background.keep(courier.run(), name="courier")


@pytest.fixture
def location() -> dict[str, Any]:
    return document("location_example")


@pytest.fixture
def cdr() -> dict[str, Any]:
    return document("cdr_example")
