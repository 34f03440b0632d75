"""Making statements of what was recorded; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from engine.kernel.party import PartyKey
from engine.settlement.model import Entry, Statement, StatementLine, Transfer


def make_statements(
    period_id: str, entries: Sequence[Entry], transfers: Sequence[Transfer], *, closed_us: int
) -> list[Statement]:
    """Return a statement for each pair of parties and currency; lines are in order of `entries`."""
    of_entry: dict[str, list[Transfer]] = defaultdict(list)
    for transfer in transfers:
        of_entry[transfer.entry_id].append(transfer)
    of_pair: dict[tuple[PartyKey, PartyKey, str], list[StatementLine]] = defaultdict(list)
    for entry in entries:
        a, b = sorted((entry.debtor, entry.creditor))
        of_pair[a, b, entry.currency].append(_line(entry, of_entry[entry.id]))
    return [
        _statement(period_id, (a, b, currency), lines, closed_us)
        for (a, b, currency), lines in sorted(of_pair.items())
    ]


def _line(entry: Entry, transfers: Sequence[Transfer]) -> StatementLine:
    """Return the line of an entry. Who pays a credit is who was paid for the charge."""
    debtor, creditor = entry.debtor, entry.creditor
    if entry.amount_e4 < 0:
        debtor, creditor = creditor, debtor
    return StatementLine(
        debtor=debtor,
        creditor=creditor,
        source=entry.source,
        description=entry.description,
        transfers=tuple(transfers),
        amount_e4=abs(entry.amount_e4),
    )


def _statement(
    period_id: str,
    between: tuple[PartyKey, PartyKey, str],
    lines: Sequence[StatementLine],
    closed_us: int,
) -> Statement:
    a, b, currency = between
    # A charge of our own driver at our own station is a line between a party and itself: owed both
    # ways, it nets to nothing.
    return Statement(
        id=f"{period_id}/{a}/{b}/{currency}",
        period_id=period_id,
        party_a=a,
        party_b=b,
        currency=currency,
        lines=tuple(lines),
        a_owes_b_e4=sum(line.amount_e4 for line in lines if line.debtor == a),
        b_owes_a_e4=sum(line.amount_e4 for line in lines if line.debtor == b),
        closed_us=closed_us,
    )
