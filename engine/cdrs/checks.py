"""What may be wrong with a CDR; pure. Each check looks at one thing and gives what it finds.

A check that cannot tell, because what it would compare with is not known, finds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

import msgspec

from engine.cdrs.limits import highest_cost_e4, highest_energy_cost_e4
from engine.cdrs.model import Cdr, CdrFinding, CdrState, ci_equal, tariff_head
from engine.kernel.clock import SECOND, Micros, from_rfc3339, to_rfc3339
from engine.kernel.money import Price, decimal_text, kwh_text
from engine.kernel.party import ci
from engine.tariffs.model import Priced

CLOCK_SKEW_US = 300 * SECOND
PERIOD_SKEW_US = SECOND
TOTAL_TIME_S = 60
EPOCH_US = from_rfc3339("2000-01-01T00:00:00Z")
LATE_US = 7 * 86_400 * SECOND
COST_E4 = 100
COST_PER_MILLE = 1
ENERGY_PERIOD_MWH = 1_000
ENERGY_SESSION_MWH = 100_000
ENERGY_SESSION_PERCENT = 1
ENERGY_POWER_PERCENT = 10
ENERGY_POWER_MWH = 500_000
HIGHEST_POWER_W = 4_000_000
TWIN_START_US = 60 * SECOND
TWIN_ENERGY_MWH = 10_000


class Evidence(msgspec.Struct, frozen=True):
    """What is known beside the CDR itself.

    Attributes:
        now: when it is judged.
        priced: its price as we compute it; nothing for a credit CDR, which is compared with its
            original, and nothing where no tariff is known.
        contract_id: of the token; nothing when the token is not one of ours.
        session_energy_mwh: of the session as its CPO last reported it.
        power_w: the most that the connector gives; 0 when nobody said.
        earlier: CDRs that were judged before it and bill the same session or credit the same CDR.
        near: CDRs that were judged before it and began where and about when it did, for the same
            token, and those that credit them.
        original: the CDR that a credit CDR names.
    """

    now: Micros
    priced: Priced | None = None
    contract_id: str | None = None
    session_energy_mwh: int | None = None
    power_w: int = 0
    earlier: tuple[Cdr, ...] = ()
    near: tuple[Cdr, ...] = ()
    original: Cdr | None = None


Check = Callable[[Cdr, Evidence], Iterator[CdrFinding]]


def judge(cdr: Cdr, evidence: Evidence) -> tuple[CdrFinding, ...]:
    """Return all findings, in the order of the checks."""
    return tuple(finding for check in CHECKS for finding in check(cdr, evidence))


def judge_ours(cdr: Cdr, evidence: Evidence) -> tuple[CdrFinding, ...]:
    """Return what clock and meter of a station of ours, or our tariff, got wrong in the CDR that we
    make of it."""
    return tuple(finding for check in STATION_CHECKS for finding in check(cdr, evidence))


def _time_negative(cdr: Cdr, _: Evidence) -> Iterator[CdrFinding]:
    if cdr.ended_us < cdr.started_us:
        yield CdrFinding(
            "TIME_NEGATIVE",
            True,
            "It ends before it starts.",
            to_rfc3339(cdr.ended_us),
            f"not before {to_rfc3339(cdr.started_us)}",
        )


def _time_zero(cdr: Cdr, _: Evidence) -> Iterator[CdrFinding]:
    if cdr.ended_us == cdr.started_us and (cdr.energy_mwh > 0 or _excl(cdr.totals.cost) > 0):
        yield CdrFinding(
            "TIME_ZERO",
            True,
            "It takes no time, yet has energy or a cost.",
            f"{kwh_text(cdr.energy_mwh)} kWh, {decimal_text(_excl(cdr.totals.cost))}",
            "neither",
        )


def _time_future(cdr: Cdr, evidence: Evidence) -> Iterator[CdrFinding]:
    if cdr.ended_us > evidence.now + CLOCK_SKEW_US:
        yield CdrFinding(
            "TIME_FUTURE",
            True,
            "It ends in the future.",
            to_rfc3339(cdr.ended_us),
            f"not after {to_rfc3339(evidence.now)}",
        )


def _time_epoch(cdr: Cdr, _: Evidence) -> Iterator[CdrFinding]:
    if min(cdr.started_us, cdr.ended_us) < EPOCH_US:
        yield CdrFinding(
            "TIME_EPOCH",
            True,
            "Its times are placeholders.",
            to_rfc3339(cdr.started_us),
            f"not before {to_rfc3339(EPOCH_US)}",
        )


def _time_sum(cdr: Cdr, _: Evidence) -> Iterator[CdrFinding]:
    lasted_s = (cdr.ended_us - cdr.started_us) // SECOND
    if lasted_s >= 0 and abs(cdr.time_s - lasted_s) > TOTAL_TIME_S:
        yield CdrFinding(
            "TIME_SUM",
            False,
            "Its total time is not the time between start and end.",
            f"{cdr.time_s} s",
            f"{lasted_s} s",
        )


def _parking_within_total(cdr: Cdr, _: Evidence) -> Iterator[CdrFinding]:
    if cdr.parking_s > cdr.time_s:
        yield CdrFinding(
            "PARKING_GT_TOTAL",
            True,
            "It parked longer than it took.",
            f"{cdr.parking_s} s",
            f"at most {cdr.time_s} s",
        )


def _period_order(cdr: Cdr, _: Evidence) -> Iterator[CdrFinding]:
    starts = [period.start_us for period in cdr.charging_periods]
    if not starts:
        return
    in_order = all(earlier <= later for earlier, later in pairwise(starts))
    within = (
        abs(starts[0] - cdr.started_us) <= PERIOD_SKEW_US
        and max(starts) <= cdr.ended_us + PERIOD_SKEW_US
    )
    if not (in_order and within):
        yield CdrFinding(
            "PERIOD_ORDER",
            True,
            "Its periods are not in order, or not within the charge.",
            ", ".join(to_rfc3339(Micros(start)) for start in starts[:3]),
            f"from {to_rfc3339(cdr.started_us)} to {to_rfc3339(cdr.ended_us)}",
        )


def _energy_negative(cdr: Cdr, _: Evidence) -> Iterator[CdrFinding]:
    if cdr.energy_mwh < 0:
        yield CdrFinding(
            "ENERGY_NEGATIVE",
            True,
            "Its energy is below zero.",
            f"{kwh_text(cdr.energy_mwh)} kWh",
            "0 or more",
        )


def _energy_sum(cdr: Cdr, _: Evidence) -> Iterator[CdrFinding]:
    volumes = [
        Decimal(dimension.volume)
        for period in cdr.charging_periods
        for dimension in period.dimensions
        if dimension.type == "ENERGY"
    ]
    summed_mwh = sum(volumes, Decimal(0)) * 1_000_000
    if volumes and abs(summed_mwh - cdr.energy_mwh) > ENERGY_PERIOD_MWH * len(volumes):
        yield CdrFinding(
            "ENERGY_SUM",
            True,
            "The energy of its periods is not its total energy.",
            f"{kwh_text(cdr.energy_mwh)} kWh",
            f"{kwh_text(int(summed_mwh))} kWh",
        )


def _energy_zero_billed(cdr: Cdr, _: Evidence) -> Iterator[CdrFinding]:
    if cdr.energy_mwh == 0 and cdr.totals.energy is not None and _excl(cdr.totals.energy) > 0:
        yield CdrFinding(
            "ENERGY_ZERO_BILLED",
            True,
            "Energy is billed where there was none.",
            decimal_text(_excl(cdr.totals.energy)),
            decimal_text(0),
        )


def _energy_vs_session(cdr: Cdr, evidence: Evidence) -> Iterator[CdrFinding]:
    known = evidence.session_energy_mwh
    if known is None:
        return
    tolerance = max(ENERGY_SESSION_MWH, abs(known) * ENERGY_SESSION_PERCENT // 100)
    if abs(cdr.energy_mwh - known) > tolerance:
        yield CdrFinding(
            "ENERGY_VS_SESSION",
            False,
            "Its energy is not what its session reported last.",
            f"{kwh_text(cdr.energy_mwh)} kWh",
            f"{kwh_text(known)} kWh",
        )


def _energy_within_power(cdr: Cdr, evidence: Evidence) -> Iterator[CdrFinding]:
    lasted_us = cdr.ended_us - cdr.started_us
    if lasted_us <= 0:
        return
    power_w = evidence.power_w or HIGHEST_POWER_W
    possible_mwh = power_w * 1_000 * lasted_us // (3_600 * SECOND)
    highest_mwh = possible_mwh * (100 + ENERGY_POWER_PERCENT) // 100 + ENERGY_POWER_MWH
    if cdr.energy_mwh > highest_mwh:
        yield CdrFinding(
            "ENERGY_GT_POWER",
            True,
            "No connector like this one gives that much energy in that time.",
            f"{kwh_text(cdr.energy_mwh)} kWh",
            f"at most {kwh_text(highest_mwh)} kWh",
        )


def _tariff_unknown(cdr: Cdr, evidence: Evidence) -> Iterator[CdrFinding]:
    if not cdr.credit and evidence.priced is None:
        yield CdrFinding(
            "TARIFF_UNKNOWN",
            True,
            "It has no tariff, and its owner gave us none that its periods name.",
            "no tariff",
            "at least one",
        )


def _repricing(cdr: Cdr, evidence: Evidence) -> Iterator[CdrFinding]:
    if evidence.priced is not None and evidence.priced.error:
        yield CdrFinding(
            "PRICE_UNKNOWN",
            True,
            f"It cannot be priced: {evidence.priced.message or evidence.priced.error}",
            decimal_text(_excl(cdr.totals.cost)),
            evidence.priced.error,
        )


def _currency(cdr: Cdr, _: Evidence) -> Iterator[CdrFinding]:
    for tariff in cdr.tariffs:
        currency = tariff_head(tariff).currency
        if currency and currency != cdr.currency:
            yield CdrFinding(
                "CURRENCY_MISMATCH",
                True,
                "Its currency is not that of its tariff.",
                cdr.currency,
                currency,
            )
            return


def _cost_total(cdr: Cdr, evidence: Evidence) -> Iterator[CdrFinding]:
    expected = _repriced(evidence)
    if expected is None:
        return
    for name, observed_e4, expected_e4 in (
        ("before VAT", cdr.totals.cost.excl_e4, expected.excl_e4),
        ("with VAT", cdr.totals.cost.incl_e4, expected.incl_e4),
    ):
        if observed_e4 is None or expected_e4 is None:
            continue
        if abs(observed_e4 - expected_e4) > tolerance_e4(expected_e4):
            yield CdrFinding(
                "COST_TOTAL",
                True,
                f"Its total {name} is not what its tariff gives.",
                decimal_text(observed_e4),
                decimal_text(expected_e4),
            )
            return


def _cost_component(cdr: Cdr, evidence: Evidence) -> Iterator[CdrFinding]:
    priced = evidence.priced
    if priced is None or priced.error:
        return
    totals = cdr.totals
    for name, observed, expected in (
        ("energy", totals.energy, priced.energy),
        ("time", totals.time, priced.time),
        ("parking", totals.parking, priced.parking),
        ("reservation", totals.reservation, priced.reservation),
        ("fixed", totals.fixed, priced.fixed),
    ):
        if observed is None:
            continue
        expected_e4 = _excl(expected) if expected is not None else 0
        if abs(_excl(observed) - expected_e4) > COST_E4:
            yield CdrFinding(
                "COST_COMPONENT",
                False,
                f"Its {name} cost is not what its tariff gives.",
                decimal_text(_excl(observed)),
                decimal_text(expected_e4),
            )


def _cost_sum(cdr: Cdr, _: Evidence) -> Iterator[CdrFinding]:
    parts = [part for part in cdr.totals.parts() if part is not None]
    # A credit CDR turns its total around and leaves its parts; a price limit moves only the total.
    if not parts or cdr.credit or any(tariff_head(tariff).limited for tariff in cdr.tariffs):
        return
    summed = sum(map(_excl, parts))
    if abs(summed - _excl(cdr.totals.cost)) > COST_E4 * len(parts):
        yield CdrFinding(
            "COST_SUM",
            False,
            "Its parts do not sum to its total.",
            decimal_text(_excl(cdr.totals.cost)),
            decimal_text(summed),
        )


def _cost_negative(cdr: Cdr, _: Evidence) -> Iterator[CdrFinding]:
    if not cdr.credit and _excl(cdr.totals.cost) < 0:
        yield CdrFinding(
            "COST_NEGATIVE",
            True,
            "Its total is below zero and it is no credit.",
            decimal_text(_excl(cdr.totals.cost)),
            "0 or more",
        )


def _cost_too_high(cdr: Cdr, _: Evidence) -> Iterator[CdrFinding]:
    energy = cdr.totals.energy
    for name, cost_e4, highest_e4 in (
        ("charge", _excl(cdr.totals.cost), highest_cost_e4(cdr.currency, cdr.energy_mwh)),
        (
            "energy",
            _excl(energy) if energy is not None else 0,
            highest_energy_cost_e4(cdr.currency, cdr.energy_mwh),
        ),
    ):
        if abs(cost_e4) > highest_e4:
            yield CdrFinding(
                "COST_TOO_HIGH",
                True,
                f"No {name} of {kwh_text(cdr.energy_mwh)} kWh costs that much.",
                decimal_text(cost_e4),
                f"at most {decimal_text(highest_e4)} {cdr.currency}",
            )
            return


def _vat(cdr: Cdr, _: Evidence) -> Iterator[CdrFinding]:
    cost = cdr.totals.cost
    if cost.incl_e4 is not None and abs(cost.incl_e4) < abs(_excl(cost)):
        yield CdrFinding(
            "VAT_ARITH",
            False,
            "Its total with VAT is below that before VAT.",
            decimal_text(cost.incl_e4),
            f"at least {decimal_text(_excl(cost))}",
        )


def _token(cdr: Cdr, evidence: Evidence) -> Iterator[CdrFinding]:
    if evidence.contract_id is None:
        yield CdrFinding(
            "TOKEN_UNKNOWN", True, "Its token is none that we gave out.", cdr.token.uid, ""
        )
    elif cdr.token.contract_id and not ci_equal(cdr.token.contract_id, evidence.contract_id):
        yield CdrFinding(
            "TOKEN_CONTRACT",
            False,
            "Its contract is not that of the token.",
            cdr.token.contract_id,
            evidence.contract_id,
        )


def _one_for_a_session(cdr: Cdr, evidence: Evidence) -> Iterator[CdrFinding]:
    if cdr.credit:
        return
    live = _live([other for other in evidence.earlier if _same_session(cdr, other)])
    if live:
        yield CdrFinding(
            "SESSION_MULTI_CDR",
            True,
            "Another CDR bills the same session.",
            cdr.id,
            f"only {live[0].id}",
        )


def _no_twin(cdr: Cdr, evidence: Evidence) -> Iterator[CdrFinding]:
    """Find a bill that came again under another id. Which of the two is right only its sender
    knows, so the first stands and the second waits for a person."""
    if cdr.credit:
        return
    for other in _live(evidence.near):
        if _is_twin(cdr, other):
            yield CdrFinding(
                "CDR_TWIN",
                True,
                "Another CDR has the same place, token, start and energy.",
                cdr.id,
                f"only {other.id}",
            )
            return


def _is_twin(cdr: Cdr, other: Cdr) -> bool:
    if _same_session(cdr, other):
        return False  # it is found by `_one_for_a_session`
    if abs(cdr.energy_mwh) <= TWIN_ENERGY_MWH and cdr.session_id and other.session_id:
        return False  # two attempts within a minute that gave nothing are nothing odd
    return (
        abs(cdr.started_us - other.started_us) <= TWIN_START_US
        and abs(cdr.energy_mwh - other.energy_mwh) <= TWIN_ENERGY_MWH
    )


def _same_session(cdr: Cdr, other: Cdr) -> bool:
    return bool(cdr.session_id) and ci_equal(cdr.session_id, other.session_id)


def _live(found: Sequence[Cdr]) -> list[Cdr]:
    """Return those that bill something: neither credits nor credited."""
    # A credit that is held gives nothing back, so what it names is still billed.
    credited = {
        ci(other.credit_reference_id)
        for other in found
        if other.credit and other.state in (CdrState.ACCEPTED, CdrState.POSTED)
    }
    return [other for other in found if not other.credit and ci(other.id) not in credited]


def _credit(cdr: Cdr, evidence: Evidence) -> Iterator[CdrFinding]:
    if not cdr.credit:
        return
    original = evidence.original
    if original is None:
        yield CdrFinding(
            "CREDIT_ORPHAN",
            True,
            "It credits a CDR that we do not have.",
            cdr.credit_reference_id,
            "",
        )
        return
    if _amounts(cdr.totals.cost) != tuple(
        None if amount is None else -amount for amount in _amounts(original.totals.cost)
    ):
        yield CdrFinding(
            "CREDIT_MISMATCH",
            True,
            "It is not the opposite of the CDR it credits.",
            decimal_text(_excl(cdr.totals.cost)),
            decimal_text(-_excl(original.totals.cost)),
        )
    twins = [
        other
        for other in evidence.earlier
        if other.credit and ci_equal(other.credit_reference_id, cdr.credit_reference_id)
    ]
    if twins:
        yield CdrFinding(
            "CREDIT_DOUBLE", True, "Another CDR credits the same.", cdr.id, f"only {twins[0].id}"
        )


def _late(cdr: Cdr, evidence: Evidence) -> Iterator[CdrFinding]:
    if evidence.now - cdr.ended_us > LATE_US:
        yield CdrFinding(
            "CDR_LATE",
            False,
            "It came long after the charge.",
            to_rfc3339(evidence.now),
            f"by {to_rfc3339(Micros(cdr.ended_us + LATE_US))}",
        )


CHECKS: tuple[Check, ...] = (
    _late,
    _time_negative,
    _time_zero,
    _time_future,
    _time_epoch,
    _time_sum,
    _parking_within_total,
    _period_order,
    _energy_negative,
    _energy_sum,
    _energy_zero_billed,
    _energy_vs_session,
    _energy_within_power,
    _tariff_unknown,
    _repricing,
    _currency,
    _cost_total,
    _cost_component,
    _cost_sum,
    _cost_negative,
    _cost_too_high,
    _vat,
    _token,
    _one_for_a_session,
    _no_twin,
    _credit,
)

STATION_CHECKS: tuple[Check, ...] = (
    _time_negative,
    _time_future,
    _time_epoch,
    _energy_within_power,
    _cost_too_high,
)


def tolerance_e4(expected_e4: int) -> int:
    """Return by how much a total may differ: a hundredth of a unit or a thousandth of it."""
    return max(COST_E4, abs(expected_e4) * COST_PER_MILLE // 1_000)


def _repriced(evidence: Evidence) -> Price | None:
    priced = evidence.priced
    return None if priced is None or priced.error else priced.total


def _excl(price: Price) -> int:
    return price.excl_e4 or 0


def _amounts(price: Price) -> tuple[int | None, int | None]:
    return price.excl_e4, price.incl_e4
