"""`interwatt price`, `explain` and `lint` on files, without an engine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.engine.cli.running import QuickInterwatt

VECTOR = Path(__file__).resolve().parents[2] / "vectors/pricing/authored-hard/h02_dst_gap"
CASE = (
    "--cdr",
    str(VECTOR / "cdr.json"),
    "--tariffs",
    str(VECTOR / "tariffs.json"),
    "--time-zone",
    "Europe/Copenhagen",
)


@pytest.fixture
def interwatt() -> QuickInterwatt:
    return QuickInterwatt({})


@pytest.mark.parametrize("printed", [("--format", "json"), ("--json",)])
def test_json_is_the_report(interwatt: QuickInterwatt, printed: tuple[str, ...]) -> None:
    done = interwatt("price", *CASE, *printed)
    report = done.json()
    assert (done.code, report["status"]) == (0, "priced")
    assert report["total_cost"] == {"excl_vat": "3.5000", "incl_vat": "3.5000"}
    assert report["policy"]["step_parking"] == "any"


def test_text_is_the_default(interwatt: QuickInterwatt) -> None:
    assert "3.5000" in interwatt("price", *CASE).out
    assert interwatt("price", *CASE, "--format", "text").out == interwatt("price", *CASE).out


def test_policy_that_is_none_is_one_line(interwatt: QuickInterwatt) -> None:
    done = interwatt("price", *CASE, "--policy", "step_parking=never")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)


@pytest.mark.parametrize("name", ["none.json", "none.jsonl"])
def test_no_cdrs_is_bad_input(interwatt: QuickInterwatt, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("[]" if name.endswith(".json") else "")
    done = interwatt("price", "--cdr", str(path))
    assert done.code == 2
    assert done.err.startswith("interwatt: ")


def test_refused_ones_among_many_are_counted(interwatt: QuickInterwatt, tmp_path: Path) -> None:
    good = json.loads((VECTOR / "cdr.json").read_text())
    many = tmp_path / "many.jsonl"
    many.write_text(f"{json.dumps(good)}\n{json.dumps(good | {'currency': 'SEK'})}\n")
    done = interwatt("price", "--cdr", str(many), *CASE[2:], "--json")
    assert [json.loads(line)["status"] for line in done.out.splitlines()] == ["priced", "error"]
    assert done.code == 2
    assert "1 of 2 CDRs could not be priced" in done.err
