"""SettlementService over gRPC."""

from __future__ import annotations

import grpc
from interwatt.settlement.v1 import settlement_pb2 as messages
from interwatt.settlement.v1 import settlement_service_pb2 as pb
from interwatt.settlement.v1 import settlement_service_pb2_grpc as pb_grpc

from engine.rpc import convert
from engine.rpc.convert import text, write_money, write_party, write_time
from engine.settlement.model import (
    CHART,
    Account,
    Balance,
    SettlementPeriod,
    Statement,
    StatementLine,
    Transfer,
)
from engine.settlement.service import ClosePeriod, SettlementService, read_close

_LONGEST = 128


class SettlementRpc(pb_grpc.SettlementServiceServicer):
    def __init__(self, service: SettlementService) -> None:
        self._service = service

    async def ClosePeriod(
        self, request: pb.ClosePeriodRequest, context: grpc.aio.ServicerContext
    ) -> pb.ClosePeriodResponse:
        if request.validate_only:
            period, statements = await self._service.preview(_read_close(request))
            return pb.ClosePeriodResponse(
                period=_write_period(period, messages.SettlementPeriod.STATE_OPEN),
                statements=map(_write_statement, statements),
            )
        outcome = await self._service.close(convert.request(request, _read_close))
        period = outcome.value()
        return pb.ClosePeriodResponse(
            period=_write_period(period, messages.SettlementPeriod.STATE_CLOSED),
            statements=map(_write_statement, await self._service.statements_of(period)),
            replayed=outcome.replayed,
        )

    async def GetStatement(
        self, request: pb.GetStatementRequest, context: grpc.aio.ServicerContext
    ) -> pb.GetStatementResponse:
        statement = await self._service.statement(
            text(request.statement_id, "statement_id", longest=_LONGEST)
        )
        return pb.GetStatementResponse(statement=_write_statement(statement))

    async def ListStatements(
        self, request: pb.ListStatementsRequest, context: grpc.aio.ServicerContext
    ) -> pb.ListStatementsResponse:
        page = await self._service.list_statements(
            text(request.period_id, "period_id", longest=_LONGEST, shortest=0),
            size=request.page_size,
            token=request.page_token,
        )
        return pb.ListStatementsResponse(
            statements=map(_write_statement, page.items), next_page_token=page.next_token
        )

    async def ListTransfers(
        self, request: pb.ListTransfersRequest, context: grpc.aio.ServicerContext
    ) -> pb.ListTransfersResponse:
        page = await self._service.list_transfers(
            text(request.source, "source", longest=_LONGEST, shortest=0),
            size=request.page_size,
            token=request.page_token,
        )
        return pb.ListTransfersResponse(
            transfers=map(_write_transfer, page.items), next_page_token=page.next_token
        )

    async def ListAccounts(
        self, request: pb.ListAccountsRequest, context: grpc.aio.ServicerContext
    ) -> pb.ListAccountsResponse:
        page = await self._service.list_accounts(size=request.page_size, token=request.page_token)
        return pb.ListAccountsResponse(
            accounts=[_write_account(*row) for row in page.items], next_page_token=page.next_token
        )

    async def VerifyLedger(
        self, request: pb.VerifyLedgerRequest, context: grpc.aio.ServicerContext
    ) -> pb.VerifyLedgerResponse:
        found = await self._service.verify()
        return pb.VerifyLedgerResponse(
            transfers=found.transfers, entries=found.entries, violations=found.violations
        )


def _read_close(message: pb.ClosePeriodRequest) -> ClosePeriod:
    return read_close(message.period_id)


def _write_period(
    period: SettlementPeriod, state: messages.SettlementPeriod.State
) -> messages.SettlementPeriod:
    return messages.SettlementPeriod(
        id=period.id,
        state=state,
        recorded_after=write_time(period.recorded_after_us),
        recorded_until=write_time(period.recorded_until_us),
        statement_ids=period.statement_ids,
    )


def _write_statement(statement: Statement) -> messages.Statement:
    return messages.Statement(
        id=statement.id,
        period_id=statement.period_id,
        party_a=write_party(statement.party_a),
        party_b=write_party(statement.party_b),
        lines=[_write_line(line, statement.currency) for line in statement.lines],
        a_owes_b=write_money(statement.currency, statement.a_owes_b_e4),
        b_owes_a=write_money(statement.currency, statement.b_owes_a_e4),
        net=write_money(statement.currency, statement.net_e4),
        closed_at=write_time(statement.closed_us),
    )


def _write_line(line: StatementLine, currency: str) -> messages.StatementLine:
    return messages.StatementLine(
        debtor=write_party(line.debtor),
        creditor=write_party(line.creditor),
        source=line.source,
        description=line.description,
        transfers=map(_write_transfer, line.transfers),
        amount=write_money(currency, line.amount_e4),
    )


def _write_transfer(transfer: Transfer) -> messages.Transfer:
    return messages.Transfer(
        id=transfer.id,
        entry_id=transfer.entry_id,
        debit_account_id=transfer.debit_account_id,
        credit_account_id=transfer.credit_account_id,
        amount=write_money(transfer.currency, transfer.amount_e4),
        kind=transfer.kind,
        effective_at=write_time(transfer.effective_us),
        recorded_at=write_time(transfer.recorded_us),
        source=transfer.source,
        description=transfer.description,
    )


def _write_account(account: Account, balance: Balance) -> messages.Account:
    return messages.Account(
        id=account.id,
        code=account.code,
        name=CHART[account.code],
        owner=write_party(account.owner),
        counterparty=write_party(account.counterparty),
        debits_posted=write_money(account.currency, balance.debits_e4),
        credits_posted=write_money(account.currency, balance.credits_e4),
    )
