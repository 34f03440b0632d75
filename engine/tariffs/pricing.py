"""The one door to `tariff_core`: JSON text in, JSON text out, read here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

import tariff_core
from engine.kernel.clock import from_rfc3339, to_rfc3339
from engine.kernel.errors import TariffInvalid
from engine.kernel.money import Price, amount_e4
from engine.tariffs.model import (
    Billed,
    Dimension,
    Finding,
    ParsedTariff,
    Period,
    Priced,
    Profile,
)

_UNREADABLE = "invalid_document"
_MALFORMED = ("invalid_value", "missing_field")
_NEEDED = ("$.id", "$.elements", "$.min_price", "$.max_price")


class _Amounts(msgspec.Struct):
    excl_vat: str | None
    incl_vat: str | None


class _Finding(msgspec.Struct):
    code: str
    path: str = "$"
    message: str = ""


class _Report(msgspec.Struct):
    status: str
    error: str | None = None
    message: str | None = None
    currency: str | None = None
    total_cost: _Amounts | None = None
    total_energy_cost: _Amounts | None = None
    total_time_cost: _Amounts | None = None
    total_parking_cost: _Amounts | None = None
    total_reservation_cost: _Amounts | None = None
    total_charge_fixed_cost: _Amounts | None = None
    warnings: list[str] = []
    findings: list[_Finding] = []


class _Dimension(msgspec.Struct):
    type: str
    volume: Any


class _Period(msgspec.Struct):
    start_date_time: str
    dimensions: list[_Dimension]
    tariff_id: str | None = None


class _Cut(msgspec.Struct):
    report: msgspec.Raw
    charging_periods: list[_Period] = []


class _TariffHead(msgspec.Struct):
    id: str = ""
    currency: str | None = None


class Pricer:
    """Prices documents and sessions under the default policy or one that is given."""

    def parse_tariff(self, document: bytes) -> ParsedTariff:
        """Read a tariff and lint it.

        Raises:
            TariffInvalid: it cannot be understood; metadata `path` says where.
        """
        findings = msgspec.json.decode(tariff_core.lint(document), type=list[_Finding])
        for finding in findings:
            if _is_fatal(finding):
                raise TariffInvalid(
                    f"Tariff refused at {finding.path}: {finding.message}", path=finding.path
                )
        try:
            head = msgspec.json.decode(document, type=_TariffHead)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise TariffInvalid(f"Tariff refused at $: {error}.", path="$") from error
        return ParsedTariff(
            id=head.id,
            currency=head.currency or "",
            findings=[Finding(f.code, f.path, f.message) for f in findings],
        )

    def price(
        self,
        document: bytes,
        tariffs: bytes | None = None,
        *,
        time_zone: str = "",
        policy: Mapping[str, str] | None = None,
        explain: bool = False,
    ) -> Priced:
        """Price a CDR or a running session."""
        return _read_report(
            tariff_core.price(
                document, tariffs, time_zone=time_zone or None, policy=policy, explain=explain
            )
        )

    def bill(self, profile: Profile, tariffs: Sequence[bytes]) -> Billed:
        """Cut a session at every instant where its price changes, and price it."""
        text = tariff_core.cut(
            msgspec.json.encode(_profile(profile)),
            b"[" + b",".join(tariffs) + b"]",
            time_zone=profile.time_zone or None,
        )
        cut = msgspec.json.decode(text, type=_Cut)
        periods = [
            Period(
                start_us=from_rfc3339(period.start_date_time),
                dimensions=[Dimension(d.type, str(d.volume)) for d in period.dimensions],
                tariff_id=period.tariff_id or "",
            )
            for period in cut.charging_periods
        ]
        return Billed(periods, _read_report(bytes(cut.report).decode()))


def _is_fatal(finding: _Finding) -> bool:
    """Return whether a tariff is no tariff: not readable at all, or not where its prices are."""
    return finding.code == _UNREADABLE or (
        finding.code in _MALFORMED and finding.path.startswith(_NEEDED)
    )


def _profile(profile: Profile) -> dict[str, Any]:
    return {
        "start": to_rfc3339(profile.start_us),
        "end": to_rfc3339(profile.end_us),
        "readings": [
            {"at": to_rfc3339(r.at_us), "energy_wh": _wh(r.register_mwh)} for r in profile.readings
        ],
        "states": [
            {"at": to_rfc3339(s.at_us), "state": "charging" if s.charging else "parking"}
            for s in profile.states
        ],
    }


def _wh(mwh: int) -> str:
    sign = "-" if mwh < 0 else ""
    whole, part = divmod(abs(mwh), 1_000)
    return f"{sign}{whole}.{part:03d}"


def _read_report(text: str) -> Priced:
    report = msgspec.json.decode(text, type=_Report)
    currency = report.currency or ""
    failed = report.status != "priced"
    return Priced(
        error=(report.error or "error") if failed else "",
        message=report.message or "",
        currency=currency,
        total=_price(currency, report.total_cost),
        energy=_price(currency, report.total_energy_cost),
        time=_price(currency, report.total_time_cost),
        parking=_price(currency, report.total_parking_cost),
        reservation=_price(currency, report.total_reservation_cost),
        fixed=_price(currency, report.total_charge_fixed_cost),
        warnings=report.warnings,
        report_json=text,
    )


def _price(currency: str, amounts: _Amounts | None) -> Price | None:
    if amounts is None:
        return None
    return Price(
        currency,
        None if amounts.excl_vat is None else amount_e4(amounts.excl_vat),
        None if amounts.incl_vat is None else amount_e4(amounts.incl_vat),
    )
