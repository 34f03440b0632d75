"""Sessions: reported by CPOs whole and in part, pulled by eMSPs."""

from typing import Any

import pytest
from interwatt.sessions.v1.session_pb2 import Session

from gateways.ocpi import codec
from gateways.ocpi.v221 import sessions, wire
from tests.fakes.engine_for_partners import OURS, EngineForPartners
from tests.gateways.ocpi import vectors
from tests.gateways.ocpi.conftest import Peer

PATH = "receiver/sessions/BE/BEC/101"
NOON = 1_700_000_000


@pytest.fixture
def session() -> dict[str, Any]:
    return vectors.document("session_example_2_short_finished")


def of_ours(partner_id: str, number: int, **facts: Any) -> Session:
    """A charge at our station."""
    found = sessions.to_proto(
        codec.decode(vectors.text("session_example_2_short_finished"), wire.Session), partner_id
    )
    found.owner.CopyFrom(OURS)
    found.id = f"S{number}"
    found.at_our_station = True
    found.version = number
    for name, value in facts.items():
        setattr(found, name, value)
    return found


@pytest.mark.parametrize(
    "name", ["session_example_1_simple_start", "session_example_2_short_finished"]
)
def test_a_session_survives_the_contract(name: str) -> None:
    read = codec.decode(vectors.text(name), wire.Session)
    written = sessions.to_wire(sessions.to_proto(read, "becharged"))
    assert codec.decode(codec.encode(written), wire.Session) == read


def test_energy_is_exact_in_the_contract() -> None:
    read = codec.decode(vectors.text("session_example_2_short_finished"), wire.Session)
    assert sessions.to_proto(read, "becharged").energy_mwh == 41_120_000


def test_what_changes_is_written_without_periods() -> None:
    written = codec.decode_object(codec.encode(sessions.to_wire_patch(of_ours("tnm", 1))))
    assert set(written) == {"end_date_time", "kwh", "total_cost", "status", "last_updated"}


async def test_a_session_is_created_then_replaced_with_its_periods(
    cpo: Peer, session: dict[str, Any]
) -> None:
    assert (await cpo.call("PUT", PATH, session)).outcome == (201, 1000)
    assert len((await cpo.call("GET", PATH)).data["charging_periods"]) == 3
    session["charging_periods"] = session["charging_periods"][:1]
    assert (await cpo.call("PUT", PATH, session)).outcome == (200, 1000)
    assert len((await cpo.call("GET", PATH)).data["charging_periods"]) == 1


async def test_a_change_appends_its_periods_once(cpo: Peer, session: dict[str, Any]) -> None:
    await cpo.call("PUT", PATH, session)
    patch = vectors.document("session_patch_example_charging_period")
    for _ in range(2):
        assert (await cpo.call("PATCH", PATH, patch)).outcome == (200, 1000)
    got = (await cpo.call("GET", PATH)).data
    assert len(got["charging_periods"]) == 4
    assert got["kwh"] == 15
    assert got["total_cost"] == {"excl_vat": 0.80, "incl_vat": 0.88}


async def test_a_change_leaves_the_rest(cpo: Peer, session: dict[str, Any]) -> None:
    await cpo.call("PUT", PATH, session)
    await cpo.call("PATCH", PATH, vectors.document("session_patch_example_total_cost"))
    got = (await cpo.call("GET", PATH)).data
    assert (got["kwh"], got["status"], got["total_cost"]["excl_vat"]) == (41.12, "COMPLETED", 0.6)


@pytest.mark.parametrize(
    "field", ["cdr_token", "auth_method", "authorization_reference"], ids=lambda field: field
)
async def test_a_change_of_the_token_leaves_what_it_does_not_say(
    cpo: Peer, session: dict[str, Any], field: str
) -> None:
    told = session | {"auth_method": "AUTH_REQUEST", "authorization_reference": "ref-1"}
    await cpo.call("PUT", PATH, told)
    other = {
        "cdr_token": session["cdr_token"] | {"uid": "OTHER"},
        "auth_method": "COMMAND",
        "authorization_reference": "ref-2",
    }
    change = {field: other[field], "last_updated": session["last_updated"]}
    assert (await cpo.call("PATCH", PATH, change)).outcome == (200, 1000)
    got = (await cpo.call("GET", PATH)).data
    assert {name: got[name] for name in other} == {name: told[name] for name in other} | {
        field: other[field]
    }


async def test_energy_can_be_put_back_to_nothing(cpo: Peer, session: dict[str, Any]) -> None:
    await cpo.call("PUT", PATH, session)
    change = {"kwh": 0, "last_updated": session["last_updated"]}
    assert (await cpo.call("PATCH", PATH, change)).outcome == (200, 1000)
    assert (await cpo.call("GET", PATH)).data["kwh"] == 0


async def test_a_change_before_its_session_is_404(cpo: Peer) -> None:
    got = await cpo.call("PATCH", PATH, vectors.document("session_patch_example_total_cost"))
    assert got.http == 404


async def test_a_change_needs_last_updated(cpo: Peer, session: dict[str, Any]) -> None:
    await cpo.call("PUT", PATH, session)
    got = await cpo.call("PATCH", PATH, {"kwh": 1})
    assert got.outcome == (200, 2001)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"kwh": "much"}, "$.kwh"),
        ({"kwh": None}, "$.kwh"),
        ({"status": "FOO"}, "$.status"),
        ({"id": "other"}, "id"),
        ({"cdr_token": {}}, "$.cdr_token"),
    ],
)
async def test_what_is_wrong_with_a_session_is_told(
    cpo: Peer, session: dict[str, Any], change: dict[str, Any], told: str
) -> None:
    got = await cpo.call("PUT", PATH, session | change)
    assert got.outcome == (200, 2001)
    assert told in got.message


async def test_a_number_of_absurd_size_is_refused(cpo: Peer, session: dict[str, Any]) -> None:
    text = codec.encode(session).replace(b'"kwh":41.12', b'"kwh":1e999999')
    got = await cpo.call("PUT", PATH, text)
    assert got.outcome == (200, 2001)


async def test_the_partners_bytes_are_kept(
    cpo: Peer, engine: EngineForPartners, session: dict[str, Any]
) -> None:
    await cpo.call("PUT", PATH, session)
    [(body, _)] = [known for (method, _), known in engine.answers.items() if "Partner" in method]
    assert b'"location_id":"LOC1"' in body


async def test_a_pull_needs_date_from(emsp: Peer) -> None:
    assert (await emsp.call("GET", "sender/sessions")).outcome == (200, 2001)


async def test_a_pull_has_the_callers_sessions_at_our_stations_only(
    emsp: Peer, engine: EngineForPartners
) -> None:
    mine, elsewhere, others = (
        of_ours("tnm", 1),
        of_ours("tnm", 2, at_our_station=False),
        of_ours("somebody", 3),
    )
    for each in (mine, elsewhere, others):
        engine.sessions[each.id] = each
    got = await emsp.call("GET", "sender/sessions?date_from=2015-01-01T00:00:00Z")
    assert [each["id"] for each in got.data] == ["S1"]
    assert got.headers["x-total-count"] == "1"
