"""Tokens: pushed to us, pulled from us, and asked about."""

from typing import Any

import pytest
from interwatt.common.v1 import error_reason_pb2 as reasons
from interwatt.tokens.v1 import token_pb2
from interwatt.tokens.v1.tokens_service_pb2 import Authorization

from gateways.ocpi import codec
from gateways.ocpi.v221 import tokens, wire
from tests.fakes.engine import Refused
from tests.fakes.engine_for_partners import OURS, EngineForPartners
from tests.gateways.ocpi import vectors
from tests.gateways.ocpi.conftest import Peer

PATH = "receiver/tokens/NL/TNM/012345678"


@pytest.fixture
def token() -> dict[str, Any]:
    return vectors.document("token_put_example")


@pytest.fixture
def ours(engine: EngineForPartners) -> token_pb2.Token:
    """A token of one of our drivers."""
    found = tokens.to_proto(
        codec.decode(vectors.text("token_put_example"), wire.Token), partner_id=""
    )
    found.owner.CopyFrom(OURS)
    engine.tokens[("nl", "iwt", found.uid, found.type)] = found
    return found


@pytest.mark.parametrize(
    "name", ["token_put_example", "token_example_1_app_user", "token_example_2_full_rfid"]
)
def test_a_token_survives_the_contract(name: str) -> None:
    read = codec.decode(vectors.text(name), wire.Token)
    written = tokens.to_wire(tokens.to_proto(read, "tnm"))
    document = vectors.document(name)
    kept = {field: document[field] for field in document if field in wire.Token.__struct_fields__}
    assert codec.decode_object(codec.encode(written)) == kept


async def test_a_token_is_created_then_changed(
    emsp: Peer, engine: EngineForPartners, token: dict[str, Any]
) -> None:
    assert (await emsp.call("PUT", PATH, token)).outcome == (201, 1000)
    token |= {"valid": False, "last_updated": "2015-06-30T22:39:09Z", "some_new_field": {"a": 1}}
    assert (await emsp.call("PUT", PATH, token)).outcome == (200, 1000)
    del token["some_new_field"]
    assert (await emsp.call("GET", PATH)).data == token
    [stored] = engine.tokens.values()
    assert stored.partner_id == "tnm"


async def test_an_older_token_changes_nothing(emsp: Peer, token: dict[str, Any]) -> None:
    await emsp.call("PUT", PATH, token)
    older = token | {"valid": False, "last_updated": "2015-06-29T22:39:08Z"}
    assert (await emsp.call("PUT", PATH, older)).outcome == (200, 1000)
    assert (await emsp.call("GET", PATH)).data == token


async def test_a_key_is_compared_without_regard_to_case_and_kept(
    emsp: Peer, token: dict[str, Any]
) -> None:
    token["uid"] = "DeadBeef"
    assert (await emsp.call("PUT", "receiver/tokens/nl/tnm/DEADBEEF", token)).http == 201
    assert (await emsp.call("GET", "receiver/tokens/NL/TNM/deadbeef")).data["uid"] == "DeadBeef"


async def test_a_uid_has_one_token_of_each_type(emsp: Peer, token: dict[str, Any]) -> None:
    app = token | {"type": "APP_USER", "issuer": "App"}
    assert (await emsp.call("PUT", PATH, token)).http == 201
    assert (await emsp.call("PUT", f"{PATH}?type=APP_USER", app)).http == 201
    assert (await emsp.call("GET", PATH)).data["type"] == "RFID"
    assert (await emsp.call("GET", f"{PATH}?type=APP_USER")).data["issuer"] == "App"


@pytest.mark.parametrize(
    ("path", "change", "told"),
    [
        (PATH, {"uid": "other"}, "uid"),
        (PATH, {"country_code": "DE"}, "country_code"),
        (PATH, {"party_id": "XYZ"}, "party_id"),
        (f"{PATH}?type=APP_USER", {}, "type"),
        (f"{PATH}?type=FOO", {}, "FOO"),
        (PATH, {"whitelist": "SOMETIMES"}, "$.whitelist"),
        (PATH, {"issuer": "x" * 65}, "$.issuer"),
        (PATH, {"last_updated": "today"}, "$.last_updated"),
        (PATH, {"contract_id": None}, "$.contract_id"),
    ],
)
async def test_what_is_wrong_with_a_token_is_told(
    emsp: Peer, token: dict[str, Any], path: str, change: dict[str, Any], told: str
) -> None:
    got = await emsp.call("PUT", path, token | change)
    assert got.outcome == (200, 2001)
    assert told in got.message


@pytest.mark.parametrize("field", ["uid", "valid", "last_updated"])
async def test_a_missing_field_is_named(emsp: Peer, token: dict[str, Any], field: str) -> None:
    del token[field]
    got = await emsp.call("PUT", PATH, token)
    assert got.outcome == (200, 2001)
    assert f"`{field}`" in got.message


async def test_a_token_of_another_party_is_404(emsp: Peer, token: dict[str, Any]) -> None:
    token |= {"country_code": "DE", "party_id": "TNM"}
    got = await emsp.call("PUT", "receiver/tokens/DE/TNM/012345678", token)
    assert got.outcome == (404, 2001)


async def test_a_change_is_merged(emsp: Peer, token: dict[str, Any]) -> None:
    await emsp.call("PUT", PATH, token)
    patch = vectors.document("token_patch_example")
    assert (await emsp.call("PATCH", PATH, patch)).outcome == (200, 1000)
    assert (await emsp.call("GET", PATH)).data == token | patch


async def test_a_change_needs_last_updated(emsp: Peer, token: dict[str, Any]) -> None:
    await emsp.call("PUT", PATH, token)
    got = await emsp.call("PATCH", PATH, {"valid": False})
    assert got.outcome == (200, 2001)
    assert "last_updated" in got.message


@pytest.mark.parametrize("method", ["GET", "PATCH"])
async def test_a_token_never_pushed_is_404(emsp: Peer, method: str) -> None:
    body = vectors.document("token_patch_example")
    assert (await emsp.call(method, PATH, body)).http == 404


async def test_authorize_answers_with_the_token_and_a_reference(
    cpo: Peer, ours: token_pb2.Token
) -> None:
    where = {"location_id": "LOC1", "evse_uids": ["3256"]}
    got = await cpo.call("POST", f"sender/tokens/{ours.uid}/authorize?type=RFID", where)
    assert got.outcome == (200, 1000)
    assert got.data["allowed"] == "ALLOWED"
    assert got.data["token"]["uid"] == ours.uid
    assert got.data["authorization_reference"] == f"ref-{ours.uid}"
    assert got.data["location"] == where


async def test_authorize_needs_no_body(cpo: Peer, ours: token_pb2.Token) -> None:
    got = await cpo.call("POST", f"sender/tokens/{ours.uid}/authorize")
    assert got.data["allowed"] == "ALLOWED"


async def test_authorize_without_the_location_it_needs_is_2002(
    cpo: Peer, engine: EngineForPartners, ours: token_pb2.Token
) -> None:
    engine.decisions[ours.uid] = Refused(
        reasons.ERROR_REASON_INVALID_ARGUMENT, "Where?", field="items[0].location_id"
    )
    got = await cpo.call("POST", f"sender/tokens/{ours.uid}/authorize")
    assert got.outcome == (200, 2002)


@pytest.mark.parametrize("query", ["?type=APP_USER", "?token_type=APP_USER"])
async def test_authorize_of_another_type_is_an_unknown_token(
    cpo: Peer, ours: token_pb2.Token, query: str
) -> None:
    got = await cpo.call("POST", f"sender/tokens/{ours.uid}/authorize{query}")
    assert got.outcome == (404, 2004)


async def test_authorize_of_an_unknown_uid_is_404_and_2004(cpo: Peer) -> None:
    assert (await cpo.call("POST", "sender/tokens/nobody/authorize")).outcome == (404, 2004)


@pytest.mark.parametrize("word", ["BLOCKED", "EXPIRED", "NO_CREDIT", "NOT_ALLOWED"])
async def test_a_refusal_is_an_answer(
    cpo: Peer, engine: EngineForPartners, ours: token_pb2.Token, word: str
) -> None:
    status = Authorization.Status.Value(f"STATUS_{word}")
    engine.decisions[ours.uid] = Authorization(status=status, token=ours, info="Sorry.")
    got = await cpo.call("POST", f"sender/tokens/{ours.uid}/authorize")
    assert got.outcome == (200, 1000)
    assert got.data["allowed"] == word
    assert got.data["info"]["text"] == "Sorry."


async def test_partners_pull_our_tokens_and_no_others(
    emsp: Peer, cpo: Peer, token: dict[str, Any], ours: token_pb2.Token
) -> None:
    await emsp.call("PUT", PATH, token)
    got = await cpo.call("GET", "sender/tokens")
    assert [each["party_id"] for each in got.data] == ["IWT"]
    assert got.headers["x-total-count"] == "1"
