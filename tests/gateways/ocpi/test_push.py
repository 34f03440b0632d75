"""Partners are shown what changed, each at its own pace."""

import asyncio
from typing import Any

import orjson
import pytest
from interwatt.common.v1.party_pb2 import ROLE_EMSP
from interwatt.deliveries.v1.deliveries_service_pb2 import ReportDeliveryItem
from interwatt.tariffs.v1.tariff_pb2 import Tariff
from starlette.responses import Response

from gateways.ocpi import codec
from gateways.ocpi.v221 import cdrs, tokens, wire
from tests.fakes.engine_for_partners import OURS, EngineForPartners
from tests.gateways.ocpi import vectors
from tests.gateways.ocpi.partner_fake import PartnerFake, envelope
from tests.gateways.ocpi.v221.test_sessions import of_ours

pytestmark = pytest.mark.usefixtures("pushing")

SESSION = "/receiver/sessions/NL/IWT/S1"


@pytest.fixture
def session(engine: EngineForPartners) -> Any:
    found = of_ours("tnm", 1, version=5)
    engine.sessions[("nl", "iwt", "s1")] = found
    return found


def due(engine: EngineForPartners, **facts: Any) -> None:
    engine.deliver(**{"partner_id": "tnm", "module": "sessions", "owner": OURS, **facts})


async def reported(engine: EngineForPartners, count: int = 1) -> ReportDeliveryItem:
    await engine.until(lambda: len(engine.reports) >= count)
    item: ReportDeliveryItem = engine.reports[count - 1]
    return item


async def test_a_new_session_is_put_whole(
    engine: EngineForPartners, remote_emsp: PartnerFake, session: Any
) -> None:
    due(engine, object_id="S1", version=4)
    report = await reported(engine)
    assert (report.delivered_version, report.error) == (5, "")
    [put] = remote_emsp.received
    assert (put.method, put.path) == ("PUT", SESSION)
    assert len(put.json["charging_periods"]) == 3
    assert b'"kwh":41.1200,' in put.body
    assert put.token == "tnm-takes-this"
    assert put.headers["ocpi-from-party-id"] == "IWT"
    assert put.headers["ocpi-to-party-id"] == "TNM"
    assert put.headers["x-request-id"]


async def test_a_session_shown_before_is_patched(
    engine: EngineForPartners, remote_emsp: PartnerFake, session: Any
) -> None:
    due(engine, object_id="S1", version=5, delivered_version=4)
    await reported(engine)
    [patch] = remote_emsp.received
    assert (patch.method, patch.path) == ("PATCH", SESSION)
    assert "charging_periods" not in patch.json
    assert patch.json["last_updated"]


@pytest.mark.parametrize("refusal", [envelope(http=404, code=2003), envelope(code=2001)])
async def test_a_patch_that_is_refused_becomes_a_put(
    engine: EngineForPartners, remote_emsp: PartnerFake, session: Any, refusal: Any
) -> None:
    remote_emsp.answer("PATCH", "/", lambda _: refusal)
    due(engine, object_id="S1", version=5, delivered_version=4)
    assert (await reported(engine)).delivered_version == 5
    assert [each.method for each in remote_emsp.received] == ["PATCH", "PUT"]


@pytest.mark.parametrize(
    ("answer", "refused"),
    [
        (envelope(http=500, code=3000), False),
        (envelope(code=3000), False),
        (envelope(http=401, code=2001), False),
        (envelope(code=2001), True),
        (Response("<html>Bad Gateway</html>", status_code=502), False),
        (Response("nope", status_code=400), True),
    ],
)
async def test_a_push_that_failed_is_reported_with_why(
    engine: EngineForPartners, remote_emsp: PartnerFake, session: Any, answer: Any, refused: bool
) -> None:
    remote_emsp.answer("PUT", "/", lambda _: answer)
    due(engine, object_id="S1", version=5)
    report = await reported(engine)
    assert report.delivered_version == 0
    assert str(answer.status_code) in report.error
    assert report.refused is refused


async def test_an_answer_without_envelope_is_taken_by_its_http_status(
    engine: EngineForPartners, remote_emsp: PartnerFake, session: Any
) -> None:
    remote_emsp.answer("PUT", "/", lambda _: Response(status_code=204))
    due(engine, object_id="S1", version=5)
    assert (await reported(engine)).delivered_version == 5


async def test_a_partner_that_is_away_is_reported(engine: EngineForPartners, register: Any) -> None:
    register("tnm", "NL", "TNM", role=ROLE_EMSP, url="http://127.0.0.1:9")
    engine.sessions[("nl", "iwt", "s1")] = of_ours("tnm", 1)
    due(engine, object_id="S1", version=1)
    report = await reported(engine)
    assert (report.delivered_version, report.refused) == (0, False)
    assert report.error


async def test_a_partner_without_the_module_is_not_asked_again(
    engine: EngineForPartners, remote_emsp: PartnerFake, session: Any
) -> None:
    del engine.partners["tnm"].endpoints[:]
    due(engine, object_id="S1", version=1)
    report = await reported(engine)
    assert report.refused
    assert "sessions RECEIVER" in report.error


async def test_a_cdr_is_posted_and_its_place_kept(
    engine: EngineForPartners, remote_emsp: PartnerFake
) -> None:
    text = vectors.text("cdr_example")
    cdr = cdrs.to_proto(codec.decode(text, wire.Cdr), partner_id="tnm", document=b"")
    cdr.owner.CopyFrom(OURS)
    cdr.session_id = "S1"
    engine.cdrs[("nl", "iwt", "12345")] = cdr
    remote_emsp.answer(
        "POST", "/receiver/cdrs", lambda _: envelope(http=201, Location="http://there/1")
    )
    due(engine, module="cdrs", object_id="12345", version=1)
    report = await reported(engine)
    assert (report.delivered_version, report.remote_url) == (1, "http://there/1")
    [post] = remote_emsp.received
    assert (post.method, post.path) == ("POST", "/receiver/cdrs")
    assert post.json["total_energy"] == 15.342
    assert post.headers["x-correlation-id"] == "S1"
    assert b'"total_cost":{"excl_vat":4.00,"incl_vat":4.40}' in post.body
    assert b'"price": 2.00' in post.body


async def test_tokens_locations_and_tariffs_are_put_and_a_withdrawn_tariff_deleted(
    engine: EngineForPartners, remote_emsp: PartnerFake
) -> None:
    token = tokens.to_proto(codec.decode(vectors.text("token_put_example"), wire.Token), "")
    token.owner.CopyFrom(OURS)
    engine.tokens[("nl", "iwt", token.uid, token.type)] = token
    document = orjson.dumps({"country_code": "NL", "party_id": "IWT", "id": "T1"})
    engine.tariffs[("nl", "iwt", "t1")] = Tariff(owner=OURS, id="T1", document=document)
    due(engine, module="tokens", object_id="RFID/012345678", version=1)
    due(engine, module="tariffs", object_id="T1", version=1)
    due(engine, module="tariffs", object_id="T2", version=1)
    remote_emsp.answer("DELETE", "/", lambda _: envelope(http=404, code=2001))
    await reported(engine, 3)
    assert {(each.method, each.path, each.query) for each in remote_emsp.received} == {
        ("PUT", "/receiver/tokens/NL/IWT/012345678", "type=RFID"),
        ("PUT", "/receiver/tariffs/NL/IWT/T1", ""),
        ("DELETE", "/receiver/tariffs/NL/IWT/T2", ""),
    }
    assert all(report.delivered_version == 1 for report in engine.reports)


async def test_one_object_is_pushed_once_at_a_time(
    engine: EngineForPartners, remote_emsp: PartnerFake, session: Any
) -> None:
    gate = asyncio.Event()
    running = []

    async def slow(_: Any) -> Any:
        running.append(1)
        assert len(running) == 1
        await gate.wait()
        running.pop()
        return envelope()

    remote_emsp.answer("PUT", SESSION, slow)
    due(engine, object_id="S1", version=5)
    due(engine, object_id="S1", version=6)
    await remote_emsp.until(1)
    gate.set()
    await reported(engine, 2)
    assert len(remote_emsp.received) == 2


async def test_a_slow_partner_holds_up_nobody_else(
    engine: EngineForPartners, remote_emsp: PartnerFake, register: Any
) -> None:
    async with PartnerFake() as quick:
        register("quick", "DE", "QCK", role=ROLE_EMSP, url=quick.url)
        gate = asyncio.Event()

        async def slow(_: Any) -> Any:
            await gate.wait()
            return envelope()

        remote_emsp.answer("PUT", "/", slow)
        for number in range(20):
            engine.sessions[("nl", "iwt", f"s{number}")] = of_ours("tnm", number)
            due(engine, object_id=f"S{number}", version=1)
        due(engine, partner_id="quick", object_id="S1", version=1)
        await quick.until(1)
        report = await reported(engine)
        assert report.delivery.partner_id == "quick"
        gate.set()


async def test_the_stream_is_followed_again_after_the_engine_went_away(
    engine: EngineForPartners, remote_emsp: PartnerFake, session: Any
) -> None:
    due(engine, object_id="S1", version=5)
    await reported(engine)
    await engine.stop()
    await engine.start()
    due(engine, object_id="S1", version=6)
    await reported(engine, 2)
