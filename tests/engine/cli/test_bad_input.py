"""What cannot be done is one clear line on standard error and exit code 2, never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.cli.running import Done, Interwatt, QuickInterwatt

NOWHERE = "127.0.0.1:1"


@pytest.fixture
def interwatt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> QuickInterwatt:
    monkeypatch.chdir(tmp_path)
    return QuickInterwatt({"INTERWATT_ENGINE": NOWHERE, "INTERWATT_KEY": "secret"})


def assert_refused(done: Done, *words: str) -> None:
    assert done.code == 2
    assert done.out == ""
    assert done.err.count("\n") == 1
    assert done.err.startswith("interwatt: ")
    assert "Traceback" not in done.err
    for word in words:
        assert word in done.err


def test_the_process_itself_ends_with_one_line_and_2(tmp_path: Path) -> None:
    environment = {"INTERWATT_ENGINE": NOWHERE, "INTERWATT_KEY": "secret"}
    assert_refused(Interwatt(tmp_path, environment)("partner", "list"), NOWHERE)


def test_an_engine_that_does_not_answer(interwatt: QuickInterwatt) -> None:
    assert_refused(interwatt("partner", "list"), NOWHERE, "interwatt up")


def test_no_key(interwatt: QuickInterwatt) -> None:
    done = QuickInterwatt({})("partner", "list")
    assert_refused(done, "interwatt-data/keys/admin.key", "--key-file")


@pytest.mark.parametrize("address", ["nonsense", "127.0.0.1:99999", ":50051"])
def test_an_address_that_is_none(interwatt: QuickInterwatt, address: str) -> None:
    assert_refused(interwatt("partner", "list", "--engine", address), "HOST:PORT", address)


@pytest.mark.parametrize(
    ("flag", "value"),
    [("--party", "nobody"), ("--listen", "nonsense"), ("--config", "absent.toml")],
)
def test_a_platform_that_cannot_be_started_so(
    interwatt: QuickInterwatt, flag: str, value: str
) -> None:
    assert_refused(interwatt("up", flag, value), value)


def test_a_file_that_is_not_there(interwatt: QuickInterwatt) -> None:
    assert_refused(interwatt("tariff", "put", "absent.json"), "absent.json")


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '["x"]', '[{"a": 1}, {]'])
def test_a_document_that_is_no_object(interwatt: QuickInterwatt, text: str) -> None:
    assert_refused(interwatt("tariff", "put", "-", stdin=text), "JSON")


def test_a_location_with_a_wrong_type_names_the_place(interwatt: QuickInterwatt) -> None:
    text = '{"id": "LOC1", "country_code": "NL", "party_id": "IWT", "evses": [{"uid": 7}]}'
    assert_refused(interwatt("location", "put", "-", stdin=text), "$.evses[0].uid")


def test_a_choice_that_does_not_exist_names_those_that_do(interwatt: QuickInterwatt) -> None:
    done = interwatt("caller", "create", "x", "--role", "king")
    assert_refused(done, "GATEWAY, SERVICE, ANALYST, ADMIN", "king")


def test_a_party_of_another_shape(interwatt: QuickInterwatt) -> None:
    assert_refused(interwatt("cdr", "show", "1", "--owner", "Netherlands"), "NL-IWT")


def test_a_call_whose_payload_is_no_object(interwatt: QuickInterwatt) -> None:
    assert_refused(interwatt("station", "call", "CP1", "Reset", "{"), "JSON")
    assert_refused(interwatt("station", "call", "CP1", "Reset", "[1]"), "object")


def test_a_start_that_does_not_say_where(interwatt: QuickInterwatt) -> None:
    assert_refused(interwatt("session", "start", "--token", "A"), "--station", "--partner")


def test_a_database_of_another_kind(interwatt: QuickInterwatt) -> None:
    assert_refused(interwatt("migrate", "--database", "mysql://x"), "postgresql://")


def test_a_database_that_does_not_answer(interwatt: QuickInterwatt) -> None:
    url = f"postgresql://nobody@{NOWHERE}/nothing"
    assert_refused(interwatt("migrate", "--database", url), "PostgreSQL")


@pytest.mark.parametrize("arguments", [["nonsense"], ["partner", "lst"], ["partner", "list", "-x"]])
def test_a_command_or_flag_that_does_not_exist(
    interwatt: QuickInterwatt, arguments: list[str]
) -> None:
    done = interwatt(*arguments)
    assert done.code == 2
    assert "Error: No such" in done.err
    assert "Traceback" not in done.err
