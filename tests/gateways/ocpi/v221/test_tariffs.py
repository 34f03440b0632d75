"""Tariffs: the document is the tariff, digit for digit."""

from typing import Any

import orjson
import pytest

from gateways.ocpi import codec
from gateways.ocpi.v221 import tariffs, wire
from tests.fakes.engine_for_partners import OURS, EngineForPartners
from tests.gateways.ocpi import vectors
from tests.gateways.ocpi.conftest import BASE, Peer

PATH = "receiver/tariffs/BE/BEC/12"


@pytest.fixture
def tariff() -> dict[str, Any]:
    return vectors.document("tariff_5_free_of_charge") | {
        "country_code": "BE",
        "party_id": "BEC",
        "id": "12",
    }


async def test_a_tariff_is_created_changed_and_read_back_digit_for_digit(
    cpo: Peer, tariff: dict[str, Any]
) -> None:
    text = orjson.dumps(tariff).replace(b'"price":0.0', b'"price": 0.2500')
    assert (await cpo.call("PUT", PATH, text)).outcome == (201, 1000)
    assert (await cpo.call("PUT", PATH, text)).outcome == (200, 1000)
    got = await cpo.call("GET", PATH)
    assert text.decode() in got.text


async def test_a_tariff_without_last_updated_is_refused(cpo: Peer) -> None:
    got = await cpo.call(
        "PUT", "receiver/tariffs/BE/BEC/12", vectors.document("tariff_put_example")
    )
    assert got.outcome == (200, 2001)
    assert "`last_updated`" in got.message


async def test_a_tariff_that_cannot_be_understood_is_refused_with_its_place(
    cpo: Peer, tariff: dict[str, Any]
) -> None:
    tariff["elements"] = [tariff["elements"][0], {}]
    got = await cpo.call("PUT", PATH, tariff)
    assert got.outcome == (200, 2001)
    assert "$.elements[1].price_components" in got.message


async def test_a_tariff_is_withdrawn_once(cpo: Peer, tariff: dict[str, Any]) -> None:
    await cpo.call("PUT", PATH, tariff)
    assert (await cpo.call("DELETE", PATH)).outcome == (200, 1000)
    assert (await cpo.call("GET", PATH)).http == 404
    assert (await cpo.call("DELETE", PATH)).http == 404


async def test_an_older_tariff_changes_nothing(cpo: Peer, tariff: dict[str, Any]) -> None:
    await cpo.call("PUT", PATH, tariff)
    older = tariff | {"currency": "SEK", "last_updated": "2001-01-01T00:00:00Z"}
    assert (await cpo.call("PUT", PATH, older)).outcome == (200, 1000)
    assert (await cpo.call("GET", PATH)).data["currency"] == tariff["currency"]


def store_ours(engine: EngineForPartners, count: int) -> None:
    for number in range(count):
        document = vectors.document("tariff_5_free_of_charge") | {
            "country_code": OURS.country_code,
            "party_id": OURS.party_id,
            "id": f"T{number:02}",
            "last_updated": f"2026-11-01T00:00:{number:02}Z",
        }
        text = orjson.dumps(document)
        tariff = tariffs.to_proto(codec.decode(text, wire.Tariff), partner_id="", document=text)
        engine.tariffs[("nl", "iwt", f"t{number:02}")] = tariff


async def test_pages_are_followed_to_the_end(emsp: Peer, engine: EngineForPartners) -> None:
    store_ours(engine, 25)
    url = "sender/tariffs?limit=10&date_from=2026-01-01T00:00:00Z"
    seen = []
    pages = 0
    while url:
        got = await emsp.call("GET", url)
        assert got.outcome == (200, 1000)
        assert got.headers["x-total-count"] == "25"
        assert got.headers["x-limit"] == "100"
        seen += [each["id"] for each in got.data]
        pages += 1
        link = got.headers.get("link", "")
        url = link.partition(">")[0].removeprefix("<")
        assert not link or ("date_from=2026-01-01T00%3A00%3A00Z" in url and 'rel="next"' in link)
        assert not link or url.startswith(f"{BASE}/ocpi/2.2.1/sender/tariffs?")
    assert pages == 3
    assert seen == [f"T{number:02}" for number in range(25)]


async def test_an_offset_is_counted_from_the_start(emsp: Peer, engine: EngineForPartners) -> None:
    store_ours(engine, 25)
    got = await emsp.call("GET", "sender/tariffs?offset=20&limit=10")
    assert [each["id"] for each in got.data] == [f"T{number}" for number in range(20, 25)]
    assert "link" not in got.headers


async def test_an_offset_beyond_the_end_is_an_empty_page(
    emsp: Peer, engine: EngineForPartners
) -> None:
    store_ours(engine, 3)
    got = await emsp.call("GET", "sender/tariffs?offset=99")
    assert (got.outcome, got.data) == ((200, 1000), [])
    assert got.headers["x-total-count"] == "3"


async def test_a_limit_above_ours_is_ours(emsp: Peer, engine: EngineForPartners) -> None:
    store_ours(engine, 60)
    got = await emsp.call("GET", "sender/tariffs?limit=5000")
    assert (len(got.data), got.headers["x-limit"]) == (60, "100")


async def test_date_from_includes_and_date_to_excludes(
    emsp: Peer, engine: EngineForPartners
) -> None:
    store_ours(engine, 5)
    got = await emsp.call(
        "GET", "sender/tariffs?date_from=2026-11-01T00:00:01Z&date_to=2026-11-01T00:00:03"
    )
    assert [each["id"] for each in got.data] == ["T01", "T02"]


@pytest.mark.parametrize(
    "query", ["limit=-1", "limit=0", "limit=x", "offset=-1", "date_from=soon", "cursor=forged"]
)
async def test_a_query_that_makes_no_sense_is_2001(emsp: Peer, query: str) -> None:
    assert (await emsp.call("GET", f"sender/tariffs?{query}")).outcome == (200, 2001)
