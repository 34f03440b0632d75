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


@pytest.mark.parametrize("command", ["price", "explain"])
@pytest.mark.parametrize("name", ["none.json", "none.jsonl"])
def test_no_cdrs_is_bad_input(
    interwatt: QuickInterwatt, tmp_path: Path, command: str, name: str
) -> None:
    path = tmp_path / name
    path.write_text("[]" if name.endswith(".json") else "")
    done = interwatt(command, "--cdr", str(path))
    assert done.code == 2
    assert done.err.startswith("interwatt: ")


@pytest.mark.parametrize("command", ["price", "explain"])
def test_what_is_nested_too_deep_is_bad_input(
    interwatt: QuickInterwatt, tmp_path: Path, command: str
) -> None:
    path = tmp_path / "deep.json"
    path.write_text("[" * 100_000)
    done = interwatt(command, "--cdr", str(path))
    assert (done.code, done.err.count("\n")) == (2, 1)


def test_lines_are_lines_though_there_be_one(interwatt: QuickInterwatt, tmp_path: Path) -> None:
    cdr = json.loads((VECTOR / "cdr.json").read_text())
    path = tmp_path / "one.jsonl"
    path.write_text(json.dumps(cdr))
    done = interwatt("price", "--cdr", str(path), *CASE[2:], "--json")
    assert done.out.count("\n") == 1
    assert json.loads(done.out)["id"] == cdr["id"]


def test_out_without_a_parquet_is_refused(interwatt: QuickInterwatt, tmp_path: Path) -> None:
    done = interwatt("price", *CASE, "--out", str(tmp_path / "rows.parquet"))
    assert (done.code, done.out) == (2, "")


def test_no_tariffs_are_not_called_fine(interwatt: QuickInterwatt, tmp_path: Path) -> None:
    path = tmp_path / "tariffs.json"
    path.write_text("[]\n")
    assert interwatt("lint", str(path)).code == 2


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Three CDRs, of which the one in the middle cannot be priced."""
    good = json.loads((VECTOR / "cdr.json").read_text())
    bad = good | {"id": "BAD", "currency": "SEK"}
    path = tmp_path / "many.jsonl"
    path.write_text("".join(f"{json.dumps(cdr)}\n" for cdr in (good, bad, good)))
    return path


@pytest.mark.parametrize("command", ["price", "explain"])
def test_refused_ones_among_many_are_counted(
    interwatt: QuickInterwatt, many: Path, command: str
) -> None:
    done = interwatt(command, "--cdr", str(many), *CASE[2:], "--json")
    reports = [json.loads(line)["status"] for line in done.out.splitlines()]
    assert reports == ["priced", "error", "priced"]
    assert done.code == 2
    assert "1 of 3 CDRs could not be priced" in done.err


def test_explanation_of_many_goes_on_after_one_that_is_refused(
    interwatt: QuickInterwatt, many: Path
) -> None:
    alone = interwatt("explain", *CASE).out
    done = interwatt("explain", "--cdr", str(many), *CASE[2:])
    before, _, after = done.out.partition("BAD  refused  ")
    assert before == alone
    assert after.endswith(alone)
