"""Locations: whole, and in part without losing the rest."""

import asyncio
from typing import Any

import pytest

from gateways.ocpi import codec
from gateways.ocpi.v221 import locations, wire
from tests.fakes.engine_for_partners import OURS, EngineForPartners
from tests.gateways.ocpi import vectors
from tests.gateways.ocpi.conftest import Peer

PATH = "receiver/locations/BE/BEC/LOC1"


@pytest.mark.parametrize(
    "name",
    [
        "location_example",
        "location_example_parking_garage_opening_hours",
        "location_example_uc3_destination_charger_not_published",
        "location_example_uc5_home_charge_point",
    ],
)
def test_every_example_is_understood_and_kept(name: str) -> None:
    text = vectors.text(name)
    proto = locations.to_proto(
        codec.decode(text, wire.Location), partner_id="becharged", document=text
    )
    assert proto.document == text
    assert codec.encode(locations.as_shown(proto)) == text


def test_a_location_of_ours_is_written_from_the_contract() -> None:
    read = codec.decode(vectors.text("location_example"), wire.Location)
    written = locations.to_wire(locations.to_proto(read, partner_id="", document=b""))
    assert written.evses is not None
    assert [each.uid for each in written.evses] == ["3256", "3257"]
    assert written.evses[0].connectors[0].tariff_ids == ["11"]
    assert written.coordinates.latitude == "51.047599"


async def test_a_location_is_created_changed_and_read_back(
    cpo: Peer, location: dict[str, Any]
) -> None:
    assert (await cpo.call("PUT", PATH, location)).outcome == (201, 1000)
    assert (await cpo.call("PUT", PATH, location)).outcome == (200, 1000)
    assert (await cpo.call("GET", PATH)).data == location
    assert (await cpo.call("GET", f"{PATH}/3256")).data == location["evses"][0]
    connector = location["evses"][0]["connectors"][1]
    assert (await cpo.call("GET", f"{PATH}/3256/2")).data == connector


@pytest.mark.parametrize("part", ["", "/3256", "/3256/1"])
async def test_what_was_never_pushed_is_404(cpo: Peer, part: str) -> None:
    assert (await cpo.call("GET", PATH + part)).http == 404


@pytest.mark.parametrize("part", ["/nope", "/3256/9"])
async def test_a_part_that_is_not_there_is_404(
    cpo: Peer, location: dict[str, Any], part: str
) -> None:
    await cpo.call("PUT", PATH, location)
    patch = vectors.document("location_patch_example_status")
    assert (await cpo.call("GET", PATH + part)).http == 404
    assert (await cpo.call("PATCH", PATH + part, patch)).http == 404


async def test_a_status_raises_the_locations_last_updated(
    cpo: Peer, engine: EngineForPartners, location: dict[str, Any]
) -> None:
    await cpo.call("PUT", PATH, location)
    patch = vectors.document("location_patch_example_status")
    assert (await cpo.call("PATCH", f"{PATH}/3256", patch)).outcome == (200, 1000)
    got = (await cpo.call("GET", PATH)).data
    assert got["evses"][0]["status"] == "CHARGING"
    assert got["last_updated"] == got["evses"][0]["last_updated"] == patch["last_updated"]
    assert got["operator"] == location["operator"]
    [stored] = engine.locations.values()
    assert stored.evses[0].status == stored.evses[0].STATUS_CHARGING


async def test_a_removed_evse_can_still_be_read(cpo: Peer, location: dict[str, Any]) -> None:
    await cpo.call("PUT", PATH, location)
    await cpo.call("PATCH", f"{PATH}/3256", vectors.document("location_patch_example_remove_evse"))
    assert (await cpo.call("GET", f"{PATH}/3256")).data["status"] == "REMOVED"


async def test_a_connectors_tariff_is_changed(cpo: Peer, location: dict[str, Any]) -> None:
    await cpo.call("PUT", PATH, location)
    patch = vectors.document("location_patch_example_tariff")
    assert (await cpo.call("PATCH", f"{PATH}/3256/2", patch)).outcome == (200, 1000)
    got = (await cpo.call("GET", PATH)).data
    assert got["evses"][0]["connectors"][1]["tariff_ids"] == ["15"]
    assert got["evses"][0]["last_updated"] == patch["last_updated"]


async def test_an_evse_is_added(cpo: Peer, location: dict[str, Any]) -> None:
    await cpo.call("PUT", PATH, location)
    evse = location["evses"][0] | {"uid": "3258", "last_updated": "2019-06-24T12:39:09Z"}
    assert (await cpo.call("PUT", f"{PATH}/3258", evse)).outcome == (201, 1000)
    assert (await cpo.call("PUT", f"{PATH}/3258", evse)).outcome == (200, 1000)
    assert len((await cpo.call("GET", PATH)).data["evses"]) == 3


async def test_an_incomplete_evse_is_refused(cpo: Peer, location: dict[str, Any]) -> None:
    await cpo.call("PUT", PATH, location)
    got = await cpo.call("PUT", f"{PATH}/3256", vectors.document("location_put_example_add_evse"))
    assert got.outcome == (200, 2001)
    assert "connectors[0]" in got.message


async def test_changes_of_one_location_at_the_same_time_are_all_kept(
    cpo: Peer, location: dict[str, Any]
) -> None:
    await cpo.call("PUT", PATH, location)
    patches = [
        cpo.call("PATCH", f"{PATH}/{uid}", {"status": "BLOCKED", "last_updated": time})
        for uid, time in (("3256", "2019-06-24T12:39:09Z"), ("3257", "2019-06-24T12:39:10Z"))
    ]
    await asyncio.gather(*patches)
    got = (await cpo.call("GET", PATH)).data
    assert [each["status"] for each in got["evses"]] == ["BLOCKED", "BLOCKED"]


async def test_an_older_change_is_absorbed(cpo: Peer, location: dict[str, Any]) -> None:
    await cpo.call("PUT", PATH, location)
    older = {"status": "BLOCKED", "last_updated": "2001-01-01T00:00:00Z"}
    assert (await cpo.call("PATCH", f"{PATH}/3256", older)).outcome == (200, 1000)
    assert (await cpo.call("GET", PATH)).data == location


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"address": "x" * 46}, "$.address"),
        ({"id": "LOC2"}, "id"),
        ({"time_zone": None}, "time_zone"),
        ({"evses": [{}]}, "$.evses[0]"),
    ],
)
async def test_what_is_wrong_with_a_location_is_told(
    cpo: Peer, location: dict[str, Any], change: dict[str, Any], told: str
) -> None:
    got = await cpo.call("PUT", PATH, location | change)
    assert got.outcome == (200, 2001)
    assert told in got.message


async def test_an_unknown_status_is_refused_and_an_unknown_capability_is_not(
    cpo: Peer, location: dict[str, Any]
) -> None:
    location["evses"][0]["capabilities"] = ["FOO"]
    assert (await cpo.call("PUT", PATH, location)).outcome == (201, 1000)
    location["evses"][0]["status"] = "FOO"
    assert (await cpo.call("PUT", PATH, location)).outcome == (200, 2001)


async def test_a_change_of_the_location_needs_last_updated(
    cpo: Peer, location: dict[str, Any]
) -> None:
    await cpo.call("PUT", PATH, location)
    assert (await cpo.call("PATCH", PATH, {"name": "New"})).outcome == (200, 2001)


async def test_partners_pull_our_locations_whole_and_in_part(
    emsp: Peer, engine: EngineForPartners
) -> None:
    read = codec.decode(vectors.text("location_example"), wire.Location)
    ours = locations.to_proto(read, partner_id="", document=b"")
    ours.owner.CopyFrom(OURS)
    engine.locations[("nl", "iwt", "loc1")] = ours
    got = await emsp.call("GET", "sender/locations")
    assert [each["party_id"] for each in got.data] == ["IWT"]
    assert (await emsp.call("GET", "sender/locations/LOC1/3257")).data["status"] == "RESERVED"
    assert (await emsp.call("GET", "sender/locations/NOPE")).http == 404
