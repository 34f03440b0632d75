"""Each noun against a running engine: what it stores, shows and refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.cli.examples import write_examples
from engine.settings import Flags, read
from tests.engine.cli.running import Done, QuickInterwatt


@pytest.fixture(scope="session")
def examples(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Files of a location and a tariff, as the first start writes them."""
    return write_examples(read(Flags(data=str(tmp_path_factory.mktemp("examples"))), {}))


@pytest.fixture
def location(interwatt: QuickInterwatt, examples: tuple[Path, Path]) -> str:
    fine(interwatt("location", "put", str(examples[0])))
    return "LOC1"


def fine(done: Done) -> Done:
    assert (done.code, done.err) == (0, ""), done
    return done


def refused(done: Done, *words: str, code: int = 2) -> None:
    assert done.code == code
    assert done.err.startswith("interwatt: ")
    assert done.err.count("\n") == 1
    for word in words:
        assert word in done.err


def ids(rows: list[dict[str, Any]], field: str = "id") -> list[Any]:
    return [row[field] for row in rows]


class TestTariff:
    def test_the_example_is_stored_and_shown_as_it_was_written(
        self, interwatt: QuickInterwatt, examples: tuple[Path, Path]
    ) -> None:
        assert "EVENING" in fine(interwatt("tariff", "put", str(examples[1]))).out
        shown = fine(interwatt("tariff", "show", "EVENING"))
        assert shown.json() == json.loads(examples[1].read_text())
        assert "EVENING" in ids(fine(interwatt("tariff", "list", "--json")).json())
        assert "EVENING" in fine(interwatt("tariff", "list")).out

    def test_one_that_cannot_be_understood_is_refused_with_its_place(
        self, interwatt: QuickInterwatt, examples: tuple[Path, Path]
    ) -> None:
        tariff = json.loads(examples[1].read_text()) | {"id": "BAD"}
        tariff["elements"][0]["price_components"][0]["price"] = "cheap"
        done = interwatt("tariff", "put", "-", stdin=json.dumps(tariff))
        refused(done, "$.elements[0].price_components[0].price")


class TestLocationAndStation:
    def test_the_example_is_listed(self, interwatt: QuickInterwatt, location: str) -> None:
        assert location in ids(fine(interwatt("location", "list", "--json")).json())
        assert "Europe/Amsterdam" in fine(interwatt("location", "list", "--partner", "-")).out

    def test_a_new_station_gets_a_password_once_and_the_locations_connectors(
        self, interwatt: QuickInterwatt, location: str
    ) -> None:
        made = fine(interwatt("station", "add", "S1", "--location", location, "--json")).json()
        assert len(made["password"]) >= 16
        assert [c["evse_uid"] for c in made["station"]["connectors"]] == ["E1", "E2"]
        again = fine(interwatt("station", "add", "S1", "--location", location)).out
        assert "password" not in again
        assert "S1" in ids(fine(interwatt("station", "list", "--json")).json())
        assert "1=E1/1, 2=E2/1" in fine(interwatt("station", "show", "S1")).out

    def test_those_of_a_location_are_listed(self, interwatt: QuickInterwatt, location: str) -> None:
        fine(interwatt("station", "add", "S6", "--location", location))
        at = ("station", "list", "--json", "--location")
        assert "S6" in ids(fine(interwatt(*at, location)).json())
        assert fine(interwatt(*at, "ELSEWHERE")).json() == []

    def test_connectors_may_be_said(self, interwatt: QuickInterwatt, location: str) -> None:
        arguments = ["station", "add", "S2", "--location", location, "--connector", "1=E2"]
        made = fine(interwatt(*arguments, "--json")).json()
        assert [(c["number"], c["evse_uid"]) for c in made["station"]["connectors"]] == [(1, "E2")]
        refused(interwatt(*arguments[:-1], "E2"), "N=EVSE")

    def test_a_place_that_is_not_there_is_refused(self, interwatt: QuickInterwatt) -> None:
        refused(interwatt("station", "add", "S3", "--location", "NOWHERE"), "NOWHERE")
        refused(interwatt("station", "show", "S3"), "S3")

    def test_one_that_is_not_connected_cannot_be_called(
        self, interwatt: QuickInterwatt, location: str
    ) -> None:
        fine(interwatt("station", "add", "S4", "--location", location))
        call = ("station", "call", "S4", "Reset", '{"type": "Soft"}')
        refused(interwatt(*call), "not connected", code=1)
        fine(interwatt("token", "put", "AA04", "--contract", "NL-IWT-C04"))
        start = ("session", "start", "--station", "S4", "--token", "AA04")
        refused(interwatt(*start), "not connected", code=1)

    def test_one_without_a_password_is_given_none(
        self, interwatt: QuickInterwatt, location: str
    ) -> None:
        add = ("station", "add", "S5", "--location", location, "--no-password")
        assert "password" not in fine(interwatt(*add)).out
        assert fine(interwatt(*add, "--json")).json()["password"] == ""
        refused(interwatt(*add, "--password", "sixteen letters!"), "--password", "--no-password")


class TestToken:
    def test_one_of_ours_may_charge_until_it_is_blocked(self, interwatt: QuickInterwatt) -> None:
        fine(interwatt("token", "put", "AA01", "--contract", "NL-IWT-C01"))
        said = fine(interwatt("token", "authorize", "AA01")).out
        assert said == "ACCEPTED: NL-IWT-C01: it is ours\n"
        fine(interwatt("token", "put", "AA01", "--contract", "NL-IWT-C01", "--blocked"))
        done = interwatt("token", "authorize", "AA01", "--json")
        assert (done.code, done.json()["status"]) == (1, "BLOCKED")
        assert "AA01" in ids(fine(interwatt("token", "list", "--json")).json(), "uid")

    def test_one_that_nobody_knows_may_not(self, interwatt: QuickInterwatt) -> None:
        done = interwatt("token", "authorize", "FFFF")
        assert (done.code, done.err) == (1, "")
        assert done.out == "UNKNOWN: nobody we know issued this token\n"

    def test_lists_come_in_pages_and_stop_at_the_limit(self, interwatt: QuickInterwatt) -> None:
        for n in range(3):
            fine(interwatt("token", "put", f"BB{n}", "--contract", f"NL-IWT-B{n}"))
        assert len(fine(interwatt("token", "list", "--limit", "2", "--json")).json()) == 2
        assert len(fine(interwatt("token", "list", "--limit", "0", "--json")).json()) >= 3


class TestPartner:
    def test_a_new_one_is_planned_with_a_token_to_hand_over(
        self, interwatt: QuickInterwatt
    ) -> None:
        made = fine(interwatt("partner", "add", "sunrise", "--json")).json()
        assert len(made["token"]) >= 32
        assert made["partner"]["state"] == "PLANNED"
        assert made["token"] not in fine(interwatt("partner", "show", "sunrise")).out
        assert "sunrise" in ids(fine(interwatt("partner", "list", "--json")).json())
        again = fine(interwatt("partner", "add", "sunrise", "--json")).json()
        assert again["token"] != made["token"]
        assert again["partner"]["state"] == "PLANNED"

    def test_one_can_be_ended(self, interwatt: QuickInterwatt) -> None:
        fine(interwatt("partner", "add", "sunset"))
        assert fine(interwatt("partner", "end", "sunset", "--json")).json()["state"] == "ENDED"
        refused(interwatt("partner", "end", "nobody"), "nobody")

    def test_a_handshake_that_no_gateway_makes_ends_with_1(self, interwatt: QuickInterwatt) -> None:
        arguments = ["--versions-url", "http://127.0.0.1:1/", "--token", "t", "--wait", "0"]
        done = interwatt("partner", "connect", "faraway", *arguments)
        assert done.code == 1
        assert "PLANNED" in done.out


class TestCaller:
    def test_a_key_works_until_it_is_revoked(self, interwatt: QuickInterwatt) -> None:
        key = fine(interwatt("caller", "create", "billing", "--role", "service")).out.strip()
        fine(interwatt("session", "list", "--key", key))
        refused(interwatt("caller", "list", "--key", key), "service")
        new = fine(interwatt("caller", "rotate", "billing")).out.strip()
        assert new != key
        fine(interwatt("caller", "revoke", "billing"))
        refused(interwatt("session", "list", "--key", new), "revoked")
        rows = fine(interwatt("caller", "list", "--json")).json()
        assert {row["name"]: row["role"] for row in rows}["billing"] == "SERVICE"

    def test_a_wrong_key_is_refused(self, interwatt: QuickInterwatt) -> None:
        refused(interwatt("partner", "list", "--key", "guess"), "key")


class TestMoney:
    def test_nothing_happened_yet(self, interwatt: QuickInterwatt) -> None:
        assert fine(interwatt("session", "list")).out == "No sessions.\n"
        assert fine(interwatt("session", "orphans")).out == "No orphans.\n"
        assert fine(interwatt("cdr", "list", "--json")).json() == []
        assert "Everything holds." in fine(interwatt("settle", "verify")).out

    def test_what_is_not_there_is_refused(self, interwatt: QuickInterwatt) -> None:
        refused(interwatt("session", "show", "absent"))
        refused(interwatt("session", "stop", "absent"))
        refused(interwatt("cdr", "show", "absent"))
        refused(interwatt("cdr", "accept", "absent"))
        refused(interwatt("settle", "statement", "absent"))

    def test_a_period_in_which_nothing_was_posted_keeps_its_name(
        self, interwatt: QuickInterwatt
    ) -> None:
        for arguments in [("--dry-run",), (), ()]:
            refused(interwatt("settle", "close", "p1", *arguments), "Nothing was posted", code=1)
        assert "period.closed" not in fine(interwatt("events", "--no-follow")).out


def test_events_are_told_in_order_and_can_be_continued(interwatt: QuickInterwatt) -> None:
    fine(interwatt("partner", "add", "eventful"))
    done = fine(interwatt("events", "--no-follow", "--json"))
    events = [json.loads(line) for line in done.out.splitlines()]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    last = events[-1]["seq"]
    assert fine(interwatt("events", "--no-follow", "--after", str(last))).out == ""
    partners = fine(interwatt("events", "--no-follow", "--kind", "partner.*"))
    assert "partner/eventful" in partners.out
    assert "tariff" not in partners.out
