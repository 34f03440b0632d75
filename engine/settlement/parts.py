"""What the total of a CDR is made of, in words and amounts that sum to it exactly; pure."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from engine.cdrs.model import Cdr, CdrLocation, cdr_key, tariff_head
from engine.kernel.clock import to_datetime
from engine.kernel.money import Price, decimal_text, kwh_text
from engine.kernel.party import PartyKey
from engine.settlement.model import (
    BOOK,
    UNBILLED_PAYABLE,
    UNBILLED_RECEIVABLE,
    Entry,
    Part,
    Posting,
    Transfer,
    account,
    ledger_id,
)

ROUNDING_E4 = 100
"""A part may be rounded to a hundredth of a unit by whoever made the CDR."""


class Share(msgspec.Struct, frozen=True):
    """One part of a total; below zero when it takes back."""

    part: Part
    amount_e4: int
    description: str


def posting(cdr: Cdr) -> Posting:
    """Return the entry of a CDR: from eMSP receivable to CPO payable, a transfer a part."""
    debtor, creditor = PartyKey(cdr.token.owner), cdr.owner
    receivable = account(UNBILLED_RECEIVABLE, debtor, creditor, cdr.currency)
    payable = account(UNBILLED_PAYABLE, creditor, debtor, cdr.currency)
    entry_id = ledger_id("entry", cdr.key)
    transfers = tuple(
        _transfer(cdr, entry_id, seq, share, (receivable.id, payable.id))
        for seq, share in enumerate(shares(cdr))
    )
    entry = Entry(
        book_id=BOOK,
        id=entry_id,
        source=cdr.subject,
        reverses=ledger_id("entry", credited_key(cdr)) if cdr.credit else "",
        debtor=debtor,
        creditor=creditor,
        currency=cdr.currency,
        amount_e4=total_e4(cdr),
        transfers=len(transfers),
        description=describe(cdr),
        effective_us=cdr.ended_us,
        recorded_us=0,
    )
    return Posting(entry, (receivable, payable), transfers)


def total_e4(cdr: Cdr) -> int:
    """Return what the eMSP pays: with VAT where it is known."""
    cost = cdr.totals.cost
    return _known(cost) if cost.incl_e4 is None else cost.incl_e4


def shares(cdr: Cdr) -> list[Share]:
    """Return the parts of a CDR, none of them zero, that sum to `total_e4` exactly."""
    cost = cdr.totals.cost
    net_e4 = _known(cost)
    found = [*_components(cdr)]
    found += _residue(cdr, net_e4 - sum(share.amount_e4 for share in found), len(found))
    if cost.incl_e4 is not None:
        vat_e4 = cost.incl_e4 - net_e4
        found.append(Share(Part.VAT, vat_e4, f"VAT on {decimal_text(net_e4)} {cdr.currency}"))
    return [share for share in found if share.amount_e4]


def describe(cdr: Cdr) -> str:
    """Say where, when and how much.

    E.g. `Charge at Stationsplein 1, Utrecht, 2026-11-22 17:30 to 18:20, 20.5000 kWh`.
    """
    if cdr.credit:
        return f"Credit of CDR {cdr.credit_reference_id}"
    place = ", ".join(filter(None, (cdr.location.address or cdr.location.name, cdr.location.city)))
    where = f" at {place}" if place else ""
    return f"Charge{where}, {_span(cdr)}, {kwh_text(cdr.energy_mwh)} kWh"


def credited_key(cdr: Cdr) -> str:
    """Return the key of the CDR that this one credits."""
    return cdr_key(cdr.owner, cdr.credit_reference_id)


def _components(cdr: Cdr) -> Iterator[Share]:
    totals = cdr.totals
    charging_s = max(cdr.time_s - cdr.parking_s, 0)
    described = (
        (Part.ENERGY, totals.energy, f"{kwh_text(cdr.energy_mwh)} kWh"),
        (Part.TIME, totals.time, f"{_duration(charging_s)} charging"),
        (Part.PARKING_TIME, totals.parking, f"{_duration(cdr.parking_s)} parked"),
        (Part.FLAT, totals.fixed, "Fixed fee"),
        (Part.RESERVATION, totals.reservation, "Reservation"),
    )
    for part, price, description in described:
        if price is not None and price.excl_e4 is not None:
            # A credit CDR copies the parts of the original and only turns the total around (OCPI
            # 2.2.1, cdrs, 10.3.1).
            amount_e4 = -abs(price.excl_e4) if cdr.credit else price.excl_e4
            yield Share(part, amount_e4, description)


def _residue(cdr: Cdr, amount_e4: int, components: int) -> Iterator[Share]:
    """Account for what the parts leave of the total."""
    if abs(amount_e4) <= ROUNDING_E4 * components:
        yield Share(Part.ROUNDING, amount_e4, "Rounding")
    elif components and any(tariff_head(tariff).limited for tariff in cdr.tariffs):
        yield Share(Part.LIMIT, amount_e4, "Minimum or maximum price")
    else:
        yield Share(Part.OTHER, amount_e4, "Not itemised in the CDR")


def _transfer(
    cdr: Cdr, entry_id: str, seq: int, share: Share, account_ids: tuple[str, str]
) -> Transfer:
    receivable_id, payable_id = account_ids
    debit, credit = account_ids if share.amount_e4 > 0 else (payable_id, receivable_id)
    return Transfer(
        book_id=BOOK,
        id=ledger_id("transfer", cdr.key, str(seq)),
        entry_id=entry_id,
        seq=seq,
        debit_account_id=debit,
        credit_account_id=credit,
        amount_e4=abs(share.amount_e4),
        currency=cdr.currency,
        kind=share.part,
        source=cdr.subject,
        description=share.description,
        effective_us=cdr.ended_us,
        recorded_us=0,
    )


def _known(cost: Price) -> int:
    """Return the amount before VAT, or, where only the other is said, that one."""
    known = cost.excl_e4 if cost.excl_e4 is not None else cost.incl_e4
    assert known is not None, "a CDR without a total is never accepted"
    return known


def _span(cdr: Cdr) -> str:
    zone = _zone(cdr.location)
    try:
        start, end = (to_datetime(at).astimezone(zone) for at in (cdr.started_us, cdr.ended_us))
    except OverflowError:  # the first and last day of the calendar have no local time
        zone = ZoneInfo("UTC")
        start, end = to_datetime(cdr.started_us), to_datetime(cdr.ended_us)
    until = f"{end:%H:%M}" if end.date() == start.date() else f"{end:%Y-%m-%d %H:%M}"
    return f"{start:%Y-%m-%d %H:%M} to {until}" + (" UTC" if zone.key == "UTC" else "")


def _zone(location: CdrLocation) -> ZoneInfo:
    try:
        return ZoneInfo(location.time_zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def _duration(seconds: int) -> str:
    hours, rest = divmod(seconds, 3_600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d} h"
