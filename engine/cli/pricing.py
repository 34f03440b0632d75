"""`price`, `explain` and `lint`: offline commands on files, with no engine behind them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import msgspec
import polars as pl
import typer
from rich.console import Console
from rich.progress import track

import tariff_core
from engine.cli.documents import items_of, read_text
from engine.cli.errors import EXIT_BAD_INPUT, EXIT_NO, CommandError

TOTALS = {
    "total_energy_cost": "energy",
    "total_time_cost": "charging time",
    "total_parking_cost": "parking",
    "total_reservation_time_cost": "reservation",
    "total_fixed_cost": "fees",
    "total_cost_before_limits": "before limits",
    "total_cost": "total",
}
LINES = (".jsonl", ".ndjson")
ROWS_AT_ONCE = 1_000_000


class Format(StrEnum):
    """How results are printed."""

    TEXT = "text"
    JSON = "json"


class Reservation(StrEnum):
    """What became of a reservation."""

    AUTO = "auto"
    USED = "used"
    EXPIRED = "expired"


CdrFile = Annotated[
    Path,
    typer.Option(
        "--cdr",
        metavar="FILE",
        help="A CDR or Session; a list of them; JSON lines (.jsonl) or Parquet of many.",
    ),
]
TariffsFile = Annotated[
    Path | None,
    typer.Option("--tariffs", metavar="FILE", help="OCPI tariffs; those of the CDR when absent."),
]
ZoneName = Annotated[
    str | None, typer.Option("--time-zone", metavar="ZONE", help="IANA zone of the location.")
]
Policies = Annotated[
    list[str] | None,
    typer.Option(
        "--policy", metavar="NAME=VALUE", help="Choose a policy; see tariff_core/POLICIES.md."
    ),
]
Reserved = Annotated[
    Reservation, typer.Option("--reservation", help="Whether a reservation was used.")
]
Printed = Annotated[Format, typer.Option("--format", help="Text for people, JSON for programs.")]
Json = Annotated[bool, typer.Option("--json", help="The same as --format json.")]
OutFile = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Parquet file for the priced rows of a Parquet."),
]


def price(
    *,
    cdr: CdrFile,
    tariffs: TariffsFile = None,
    time_zone: ZoneName = None,
    policy: Policies = None,
    reservation: Reserved = Reservation.AUTO,
    format_: Printed = Format.TEXT,
    as_json: Json = False,
    out: OutFile = None,
) -> None:
    """Price a CDR; no engine needed.

    Ends with 1 when there are findings, with 2 when a CDR cannot be priced.
    """
    call = _call(tariffs, time_zone, policy, reservation)
    with_errors(lambda: _price(cdr, call(), as_json or format_ is Format.JSON, out))


def explain(
    *,
    cdr: CdrFile,
    tariffs: TariffsFile = None,
    time_zone: ZoneName = None,
    policy: Policies = None,
    reservation: Reserved = Reservation.AUTO,
    format_: Printed = Format.TEXT,
    as_json: Json = False,
) -> None:
    """Price a CDR and say why, line by line."""
    call = _call(tariffs, time_zone, policy, reservation)
    with_errors(lambda: _explain(cdr, call(), as_json or format_ is Format.JSON))


def lint(
    tariffs: Annotated[Path, typer.Argument(metavar="TARIFFS", help="One tariff or a list.")],
    *,
    format_: Printed = Format.TEXT,
    as_json: Json = False,
) -> None:
    """Find what is odd in tariffs.

    Ends with 1 when something is.
    """
    with_errors(lambda: _lint(tariffs, as_json or format_ is Format.JSON))


def with_errors(run: Callable[[], int]) -> None:
    """Run a command; bad input is one line on stderr and exit code 2."""
    try:
        code = run()
    except (CommandError, ValueError) as error:
        print(f"interwatt: {error}", file=sys.stderr)
        code = EXIT_BAD_INPUT
    raise typer.Exit(code)


@dataclass(frozen=True, slots=True)
class Call:
    """What `tariff_core` is called with, beside the CDR."""

    tariffs: bytes | None
    time_zone: str | None
    policy: dict[str, str]
    reservation: str

    def price(self, document: bytes, *, explain: bool = False) -> str:
        """Return the JSON report of a document."""
        return tariff_core.price(
            document,
            self.tariffs,
            time_zone=self.time_zone,
            policy=self.policy,
            reservation=self.reservation,
            explain=explain,
        )


def _call(
    tariffs: Path | None,
    time_zone: str | None,
    policy: list[str] | None,
    reservation: Reservation,
) -> Callable[[], Call]:
    """Return how to read the options, so that what is wrong with them ends the command."""
    return lambda: Call(
        tariffs=None if tariffs is None else read_text(tariffs),
        time_zone=time_zone,
        policy=_policy(policy),
        reservation=reservation.value,
    )


def _price(cdr: Path, call: Call, as_json: bool, out: Path | None) -> int:
    if cdr.suffix == ".parquet":
        return _price_parquet(cdr, call, as_json, out)
    if out is not None:
        raise CommandError("--out takes the rows of a Parquet file; this is JSON.")
    found = _documents(cdr)
    if not found.many:
        return _price_one(found.documents[0], call, as_json)
    codes = []
    for document in _progress(found.documents):
        report = _report(call, document)
        codes.append(_code(report))
        print(json.dumps(report) if as_json else _summary(report))
    return _worst(codes)


def _report(call: Call, document: bytes, *, explain: bool = False) -> dict[str, Any]:
    """Return the report of a document, headed by its id."""
    return {"id": _id(document), **json.loads(call.price(document, explain=explain))}


def _worst(codes: list[int]) -> int:
    """Return how the pricing of many CDRs ends.

    Raises:
        CommandError: some could not be priced.
    """
    refused = codes.count(EXIT_BAD_INPUT)
    if refused:
        raise CommandError(f"{refused} of {len(codes)} CDRs could not be priced.")
    return max(codes)


def _price_one(document: bytes, call: Call, as_json: bool) -> int:
    report = _report(call, document)
    if as_json:
        print(json.dumps(report, indent=2))
    elif report["status"] == "priced":
        _print_totals(report)
    if report["status"] == "error":
        raise CommandError(f"{report['error']}: {report['message']}")
    return _code(report)


def _print_totals(report: dict[str, Any]) -> None:
    rows = [("", "before tax", "after tax")]
    for name, label in TOTALS.items():
        cost = report[name]
        if cost is not None:
            rows.append((label, cost["excl_vat"] or "unknown", cost["incl_vat"] or "unknown"))
    width = max(14, *(len(amount) + 2 for _, *amounts in rows for amount in amounts))
    for label, before, after in rows:
        unit = "" if label else f"  {report['currency']}"
        print(f"{label:<16}{before:>{width}}{after:>{width}}{unit}")
    _print_findings(report["findings"])


def _print_findings(findings: list[dict[str, Any]]) -> None:
    for finding in findings:
        print(f"{finding['code']} at {finding['path']}: {finding['message']}")
        if "lowest_total" in finding:
            low, high = (
                "/".join(side or "-" for side in finding[name].values())
                for name in ("lowest_total", "highest_total")
            )
            print(f"  the total is between {low} and {high}")


def _summary(report: dict[str, Any]) -> str:
    """Return a line about one of many CDRs."""
    name = report["id"]
    if report["status"] == "error":
        return f"{name}  refused  {report['error']}: {report['message']}"
    total = report["total_cost"]
    sides = " / ".join(total[side] or "unknown" for side in ("excl_vat", "incl_vat"))
    codes = sorted({finding["code"] for finding in report["findings"]})
    return f"{name}  {sides} {report['currency']}  {', '.join(codes)}".rstrip()


def _id(document: bytes) -> str:
    try:
        return str(msgspec.json.decode(document, type=_Identified).id)
    except (ValueError, RecursionError):
        return "?"


def _code(report: dict[str, Any]) -> int:
    if report["status"] == "error":
        return EXIT_BAD_INPUT
    return EXIT_NO if report["findings"] else 0


def _price_parquet(cdr: Path, call: Call, as_json: bool, out: Path | None) -> int:
    """Price the rows of a Parquet file in columns; its columns are those of `TariffSet.price`."""
    if call.tariffs is None:
        raise CommandError("A Parquet file needs --tariffs; its column tariff counts them from 0.")
    compiled = tariff_core.compile(call.tariffs, zones=call.time_zone, policy=call.policy)
    try:
        frame = pl.scan_parquet(cdr)
        rows = frame.select(pl.len()).collect().item()
    except (OSError, pl.exceptions.PolarsError) as error:
        raise CommandError(f"{cdr} cannot be read: {error}") from error
    priced: list[pl.DataFrame] = []
    for first in _progress(range(0, rows, ROWS_AT_ONCE)):
        part = frame.slice(first, ROWS_AT_ONCE).collect()
        priced.append(pl.DataFrame(compiled.price(part, detail=True)))
    if not priced:
        raise CommandError(f"{cdr} has no rows.")
    result = pl.concat(priced)
    if out is not None:
        result.write_parquet(out)
    elif as_json:
        result.write_ndjson(sys.stdout)
    codes = tariff_core.status_codes()
    refused = result.filter(pl.col("status") != 0)["status"].value_counts()
    with_findings = result.filter(pl.col("findings") != 0).height
    if not as_json or out is not None:
        print(f"{rows} rows, {rows - result.filter(pl.col('status') != 0).height} priced")
        for status, count in refused.iter_rows():
            print(f"{count} refused: {codes[status]}")
        for bit, name in enumerate(tariff_core.finding_bits()):
            count = result.filter(pl.col("findings") & (1 << bit) != 0).height
            if count:
                print(f"{count} with {name}")
    return EXIT_NO if with_findings or refused.height else 0


def _explain(cdr: Path, call: Call, as_json: bool) -> int:
    found = _documents(cdr)
    codes = []
    for document in found.documents:
        report = _report(call, document, explain=True)
        refused = report["status"] == "error"
        codes.append(_code(report))
        if as_json:
            print(json.dumps(report, indent=None if found.many else 2))
        if refused and not found.many:
            raise CommandError(f"{report['error']}: {report['message']}")
        if refused and not as_json:
            print(_summary(report))
        elif not as_json:
            text = tariff_core.explain(
                document,
                call.tariffs,
                time_zone=call.time_zone,
                policy=call.policy,
                reservation=call.reservation,
            )
            print(text)
    return _worst(codes)


def _lint(tariffs: Path, as_json: bool) -> int:
    text = read_text(tariffs)
    if text.strip() == b"[]":
        raise CommandError(f"{tariffs} has no tariffs.")
    findings = json.loads(tariff_core.lint(text))
    if as_json:
        print(json.dumps(findings, indent=2))
    else:
        _print_findings(findings)
        count = len(findings)
        print(f"{count} finding{'' if count == 1 else 's'}" if count else "Nothing odd.")
    unreadable = [found for found in findings if found["code"] == "invalid_document"]
    if unreadable:
        raise CommandError(f"{unreadable[0]['path']}: {unreadable[0]['message']}")
    return EXIT_NO if findings else 0


def _policy(choices: list[str] | None) -> dict[str, str]:
    policy = {}
    for choice in choices or []:
        name, found, value = choice.partition("=")
        if not found:
            raise CommandError(f"Expected --policy NAME=VALUE, found {choice!r}.")
        policy[name] = value
    return policy


class _Identified(msgspec.Struct):
    id: Any = "?"


@dataclass(frozen=True, slots=True)
class _Documents:
    """The CDRs of a file, each as it was written; `many` says whether the file could hold more."""

    documents: list[bytes]
    many: bool


def _documents(path: Path) -> _Documents:
    text = read_text(path)
    if path.suffix in LINES:
        found = [line for line in text.splitlines() if line.strip()]
    elif text.lstrip().startswith(b"["):
        found = items_of(text, path)
    else:
        return _Documents([text], many=False)
    if not found:
        raise CommandError(f"{path} has no CDRs.")
    return _Documents(found, many=True)


def _progress(items: Any) -> Any:
    """Show a bar on a terminal's stderr while items are worked on."""
    console = Console(file=sys.stderr)
    if not sys.stderr.isatty() or len(items) <= 1:
        return items
    return track(items, description="Pricing", console=console)
