"""What the engine wants of partners is asked of them, and their answers come back."""

from typing import Any

import pytest
from interwatt.commands.v1.command_pb2 import (
    AskIssuer,
    Command,
    RegisterAtPartner,
    StartAtPartner,
    StopAtPartner,
)
from interwatt.common.v1.party_pb2 import ROLE_EMSP
from interwatt.tokens.v1.token_pb2 import TOKEN_TYPE_RFID
from starlette.responses import Response

from gateways.ocpi import codec
from gateways.ocpi.v221 import tokens, wire
from tests.fakes.engine_for_partners import OURS, EngineForPartners
from tests.gateways.ocpi import vectors
from tests.gateways.ocpi.conftest import BASE
from tests.gateways.ocpi.partner_fake import PartnerFake, envelope

pytestmark = pytest.mark.usefixtures("carrying")

AUTHORIZE = "/sender/tokens/012345678/authorize"


def ask() -> Command:
    return Command(
        id="ask-1",
        channel="partner/tnm",
        ask_issuer=AskIssuer(
            uid="012345678", type=TOKEN_TYPE_RFID, location_id="LOC1", evse_uid="E1"
        ),
    )


def start() -> Command:
    token = tokens.to_proto(codec.decode(vectors.text("token_put_example"), wire.Token), "")
    token.owner.CopyFrom(OURS)
    return Command(
        id="start-1",
        channel="partner/becharged",
        start_at_partner=StartAtPartner(
            token=token, location_id="LOC1", evse_uid="3256", authorization_reference="ref-9"
        ),
    )


async def outcome(engine: EngineForPartners, command: Command) -> Command:
    engine.order(command)
    await engine.until(lambda: bool(engine.results[command.id]))
    return engine.commands[command.id]


async def test_the_issuer_is_asked(engine: EngineForPartners, remote_emsp: PartnerFake) -> None:
    info = {
        "allowed": "ALLOWED",
        "authorization_reference": "ref-1",
        "info": {"language": "en", "text": "Welcome."},
        "location": None,
    }
    remote_emsp.answer("POST", AUTHORIZE, lambda _: envelope(info))
    done = await outcome(engine, ask())
    assert (done.state, done.result.code) == (Command.STATE_DONE, "ALLOWED")
    assert codec.decode_object(done.result.payload) == {
        "allowed": "ALLOWED",
        "authorization_reference": "ref-1",
        "info": "Welcome.",
    }
    [asked] = remote_emsp.received
    assert (asked.path, asked.query) == (AUTHORIZE, "type=RFID")
    assert asked.json == {"location_id": "LOC1", "evse_uids": ["E1"]}
    assert asked.headers["ocpi-to-party-id"] == "TNM"
    assert asked.headers["x-correlation-id"] == "ask-1"


async def test_a_refusal_of_the_issuer_is_an_answer(
    engine: EngineForPartners, remote_emsp: PartnerFake
) -> None:
    remote_emsp.answer("POST", AUTHORIZE, lambda _: envelope({"allowed": "BLOCKED"}))
    done = await outcome(engine, ask())
    assert (done.state, done.result.code) == (Command.STATE_DONE, "BLOCKED")


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (envelope(http=404, code=2004), Command.STATE_REFUSED),
        (Response("busy", status_code=503), Command.STATE_FAILED),
        (envelope({"allowed": "PERHAPS"}), Command.STATE_FAILED),
        (envelope(), Command.STATE_FAILED),
    ],
)
async def test_an_issuer_that_does_not_decide(
    engine: EngineForPartners, remote_emsp: PartnerFake, answer: Any, state: Command.State
) -> None:
    remote_emsp.answer("POST", AUTHORIZE, lambda _: answer)
    assert (await outcome(engine, ask())).state == state


async def test_an_issuer_that_is_away_is_a_failure(
    engine: EngineForPartners, register: Any
) -> None:
    register("tnm", "NL", "TNM", role=ROLE_EMSP, url="http://127.0.0.1:9")
    done = await outcome(engine, ask())
    assert (done.state, done.result.code) == (Command.STATE_FAILED, "UNREACHABLE")


async def test_a_start_at_a_partner_is_agreed_with_a_url_of_its_own(
    engine: EngineForPartners, remote_cpo: PartnerFake
) -> None:
    remote_cpo.answer(
        "POST", "/receiver/commands", lambda _: envelope({"result": "ACCEPTED", "timeout": 30})
    )
    agreed = await outcome(engine, start())
    assert agreed.state == Command.STATE_AGREED
    [sent] = remote_cpo.received
    assert sent.path == "/receiver/commands/START_SESSION"
    assert sent.json["response_url"] == (f"{BASE}/ocpi/2.2.1/sender/commands/START_SESSION/start-1")
    assert sent.json["authorization_reference"] == "ref-9"
    assert sent.json["token"]["party_id"] == "IWT"


async def test_a_start_that_a_partner_rejects_is_refused(
    engine: EngineForPartners, remote_cpo: PartnerFake
) -> None:
    remote_cpo.answer(
        "POST", "/receiver/commands", lambda _: envelope({"result": "REJECTED", "timeout": 0})
    )
    refused = await outcome(engine, start())
    assert (refused.state, refused.result.code) == (Command.STATE_REFUSED, "REJECTED")


async def test_a_stop_at_a_partner_names_its_session(
    engine: EngineForPartners, remote_cpo: PartnerFake
) -> None:
    stop = Command(
        id="stop-1", channel="partner/becharged", stop_at_partner=StopAtPartner(session_id="101")
    )
    remote_cpo.answer(
        "POST", "/receiver/commands", lambda _: envelope({"result": "ACCEPTED", "timeout": 30})
    )
    assert (await outcome(engine, stop)).state == Command.STATE_AGREED
    assert remote_cpo.received[0].json["session_id"] == "101"


async def test_our_side_registers_at_a_partner(
    engine: EngineForPartners, remote: PartnerFake
) -> None:
    engine.plan_partner("becharged", "unused")
    engine.their_tokens["becharged"] = "their-token-a"
    engine.our_tokens["becharged"] = "our-token-b"
    remote.serve_handshake(("locations", "SENDER"), token="their-token-c")
    command = Command(
        id="r1",
        channel="partner/becharged",
        register_at_partner=RegisterAtPartner(versions_url=f"{remote.url}/versions"),
    )
    done = await outcome(engine, command)
    assert done.state == Command.STATE_DONE, done.result.message
    assert [(r.method, r.path, r.token) for r in remote.received] == [
        ("GET", "/versions", "their-token-a"),
        ("GET", "/2.2.1", "their-token-a"),
        ("POST", "/sender/credentials", "their-token-a"),
    ]
    sent = remote.received[2].json
    assert (sent["token"], sent["url"]) == ("our-token-b", f"{BASE}/ocpi/versions")
    assert engine.their_tokens["becharged"] == "their-token-c"
    assert engine.our_tokens["becharged"] == "our-token-b"
    [party] = engine.partners["becharged"].parties
    assert party.party.party_id == "BEC"


async def test_a_partner_that_refuses_the_handshake_is_not_registered(
    engine: EngineForPartners, remote: PartnerFake
) -> None:
    engine.plan_partner("becharged", "unused")
    engine.their_tokens["becharged"] = "their-token-a"
    remote.serve_handshake(("locations", "SENDER"))
    remote.answer("POST", "/sender/credentials", lambda _: envelope(http=405, code=2000))
    command = Command(
        id="r1",
        channel="partner/becharged",
        register_at_partner=RegisterAtPartner(versions_url=f"{remote.url}/versions"),
    )
    refused = await outcome(engine, command)
    assert refused.state == Command.STATE_REFUSED
    assert "405" in refused.result.message
