"""CDRs: stored once, never changed, shown as they were sent."""

from typing import Any

import orjson
import pytest

from gateways.ocpi import codec
from gateways.ocpi.v221 import cdrs, wire
from tests.fakes.engine_for_partners import OURS, EngineForPartners
from tests.gateways.ocpi import vectors
from tests.gateways.ocpi.conftest import BASE, Peer


def test_a_cdr_survives_the_contract() -> None:
    text = vectors.text("cdr_example")
    proto = cdrs.to_proto(codec.decode(text, wire.Cdr), partner_id="becharged", document=text)
    assert proto.total_cost.excl_vat.amount_e4 == 40_000
    assert proto.total_energy_mwh == 15_342_000
    assert proto.total_time_seconds == 7_103
    assert proto.document == text
    written = codec.decode_object(codec.encode(cdrs.to_wire(proto)))
    assert str(written["total_time"]) == "1.9731"  # whole seconds, with the digits that OCPI has
    assert written == codec.decode_object(text) | {"total_time": written["total_time"]}


async def test_a_cdr_is_stored_and_told_where(cpo: Peer) -> None:
    text = vectors.text("cdr_example")
    got = await cpo.call("POST", "receiver/cdrs", text)
    assert got.outcome == (201, 1000)
    assert got.data is None
    where = got.headers["location"]
    assert where == f"{BASE}/ocpi/2.2.1/receiver/cdrs/BE/BEC/12345"
    assert (await cpo.call("GET", where)).data == orjson.loads(text)


async def test_the_same_cdr_again_is_absorbed(cpo: Peer, engine: EngineForPartners) -> None:
    text = vectors.text("cdr_example")
    first = await cpo.call("POST", "receiver/cdrs", text)
    again = await cpo.call("POST", "receiver/cdrs", text)
    assert again.outcome == (200, 1000)
    assert again.headers["location"] == first.headers["location"]
    assert len(engine.cdrs) == 1


async def test_other_content_under_the_same_id_is_refused(cpo: Peer, cdr: dict[str, Any]) -> None:
    await cpo.call("POST", "receiver/cdrs", cdr)
    cdr["total_cost"]["excl_vat"] = 5.0
    got = await cpo.call("POST", "receiver/cdrs", cdr)
    assert got.outcome == (200, 2001)
    assert "location" not in got.headers


async def test_a_credit_cdr_has_a_longer_id_and_names_what_it_credits(
    cpo: Peer, cdr: dict[str, Any], engine: EngineForPartners
) -> None:
    credit = cdr | {
        "id": "1" * 36 + "-C1",
        "credit": True,
        "credit_reference_id": "1" * 36,
        "total_cost": {"excl_vat": -4.0, "incl_vat": -4.4},
    }
    assert (await cpo.call("POST", "receiver/cdrs", credit)).outcome == (201, 1000)
    [stored] = engine.cdrs.values()
    assert stored.credit
    assert stored.total_cost.incl_vat.amount_e4 == -44_000


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"credit": True}, "credit_reference_id"),
        ({"id": "1" * 37}, "36"),
        ({"id": "1" * 40}, "$.id"),
        ({"charging_periods": []}, "$.charging_periods"),
        ({"total_cost": {}}, "$.total_cost"),
        ({"total_time": -1}, "total_time"),
        ({"country_code": "DE"}, "DE-BEC"),
    ],
)
async def test_what_is_wrong_with_a_cdr_is_told(
    cpo: Peer, cdr: dict[str, Any], change: dict[str, Any], told: str
) -> None:
    got = await cpo.call("POST", "receiver/cdrs", cdr | change)
    assert got.outcome == (200, 2001)
    assert told in got.message


async def test_a_reservation_that_was_not_used_has_no_place_and_no_session(
    cpo: Peer, cdr: dict[str, Any]
) -> None:
    cdr["cdr_location"] |= {"evse_uid": "#NA", "evse_id": "#NA", "connector_id": "#NA"}
    assert (await cpo.call("POST", "receiver/cdrs", cdr)).outcome == (201, 1000)


async def test_a_cdr_of_another_partner_is_not_shown(
    cpo: Peer, emsp: Peer, cdr: dict[str, Any]
) -> None:
    got = await cpo.call("POST", "receiver/cdrs", cdr)
    assert (await emsp.call("GET", got.headers["location"])).http == 404


async def test_a_pull_has_only_what_we_issued_to_the_caller(
    emsp: Peer, engine: EngineForPartners
) -> None:
    text = vectors.text("cdr_example")
    for number, (partner_id, issued) in enumerate(
        [("tnm", True), ("tnm", False), ("somebody", True)]
    ):
        found = cdrs.to_proto(codec.decode(text, wire.Cdr), partner_id=partner_id, document=b"")
        found.owner.CopyFrom(OURS)
        found.id = f"C{number}"
        found.issued = issued
        engine.cdrs[found.id] = found
    got = await emsp.call("GET", "sender/cdrs")
    assert [each["id"] for each in got.data] == ["C0"]
    assert got.headers["x-total-count"] == "1"
