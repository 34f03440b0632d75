"""SettlementService as its callers see it."""

from __future__ import annotations

from typing import Any

import pytest
from interwatt.settlement.v1 import settlement_pb2 as messages
from interwatt.settlement.v1 import settlement_service_pb2 as pb

from engine.db.port import Database
from engine.kernel.errors import InvalidArgument, NotFound
from engine.settlement.rpc import SettlementRpc
from engine.settlement.service import SettlementService
from tests.engine.cdrs.builders import credit_of, make_cdr
from tests.engine.settlement.test_service import add, post

CONTEXT: Any = None


@pytest.fixture
async def rpc(database: Database) -> SettlementRpc:
    cdr = make_cdr()
    await post(database, *await add(database, cdr, make_cdr(id="C2"), credit_of(cdr)))
    return SettlementRpc(SettlementService(database))


async def test_dry_run_shows_the_statements_and_leaves_the_period_open(rpc: SettlementRpc) -> None:
    request = pb.ClosePeriodRequest(period_id="2026-11", validate_only=True)
    shown = await rpc.ClosePeriod(request, CONTEXT)
    assert shown.period.state == messages.SettlementPeriod.STATE_OPEN
    with pytest.raises(NotFound):
        await rpc.GetStatement(
            pb.GetStatementRequest(statement_id=shown.period.statement_ids[0]), CONTEXT
        )
    request = pb.ClosePeriodRequest(period_id="2026-11", request_id="r")
    closed = await rpc.ClosePeriod(request, CONTEXT)
    assert closed.period.state == messages.SettlementPeriod.STATE_CLOSED
    assert closed.statements == shown.statements
    again = await rpc.ClosePeriod(request, CONTEXT)
    assert (again.statements, again.replayed) == (closed.statements, True)


async def test_statement_says_who_owes_whom_and_why(rpc: SettlementRpc) -> None:
    await rpc.ClosePeriod(pb.ClosePeriodRequest(period_id="P", request_id="r"), CONTEXT)
    listed = await rpc.ListStatements(pb.ListStatementsRequest(period_id="P"), CONTEXT)
    request = pb.GetStatementRequest(statement_id="P/NL-IWT/NL-SUN/EUR")
    statement = (await rpc.GetStatement(request, CONTEXT)).statement
    assert list(listed.statements) == [statement]
    assert (statement.a_owes_b.amount_e4, statement.b_owes_a.amount_e4) == (248_050, 124_025)
    assert (statement.net.amount_e4, statement.net.currency) == (124_025, "EUR")
    line = statement.lines[0]
    assert (line.debtor.party_id, line.creditor.party_id) == ("IWT", "SUN")
    assert [(t.kind, t.description) for t in line.transfers] == [
        ("ENERGY", "20.5000 kWh"),
        ("VAT", "VAT on 10.2500 EUR"),
    ]
    assert statement.lines[2].description == "Credit of CDR CDR-1"


async def test_book_is_listed_and_verified(rpc: SettlementRpc) -> None:
    transfers = await rpc.ListTransfers(
        pb.ListTransfersRequest(source="cdr/NL-SUN/C2", page_size=1), CONTEXT
    )
    assert len(transfers.transfers) == 1
    assert transfers.next_page_token
    accounts = (await rpc.ListAccounts(pb.ListAccountsRequest(), CONTEXT)).accounts
    assert [(a.id, a.name) for a in accounts] == [
        ("1100/NL-IWT/NL-SUN/EUR", "Unbilled receivable from eMSP"),
        ("2100/NL-SUN/NL-IWT/EUR", "Unbilled payable to CPO"),
    ]
    verified = await rpc.VerifyLedger(pb.VerifyLedgerRequest(), CONTEXT)
    assert (verified.transfers, verified.entries, list(verified.violations)) == (6, 3, [])


async def test_name_that_cannot_be_one_is_refused(rpc: SettlementRpc) -> None:
    for validate_only in (True, False):
        request = pb.ClosePeriodRequest(
            period_id="a/b", request_id="r", validate_only=validate_only
        )
        with pytest.raises(InvalidArgument):
            await rpc.ClosePeriod(request, CONTEXT)
