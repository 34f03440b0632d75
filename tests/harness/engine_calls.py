"""Speak gRPC to the engine as an operator does: an admin key and a deadline on every call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

import grpc
from interwatt.cdrs.v1.cdr_pb2 import Cdr
from interwatt.cdrs.v1.cdrs_service_pb2 import ListCdrsRequest
from interwatt.cdrs.v1.cdrs_service_pb2_grpc import CdrsServiceStub
from interwatt.sessions.v1.session_pb2 import Session
from interwatt.sessions.v1.sessions_service_pb2 import ListSessionsRequest
from interwatt.sessions.v1.sessions_service_pb2_grpc import SessionsServiceStub
from interwatt.settlement.v1.settlement_pb2 import Transfer
from interwatt.settlement.v1.settlement_service_pb2 import (
    ListTransfersRequest,
    VerifyLedgerRequest,
    VerifyLedgerResponse,
)
from interwatt.settlement.v1.settlement_service_pb2_grpc import SettlementServiceStub

CALL_SECONDS = 20.0
PAGE_SIZE = 1000
StubT = TypeVar("StubT")


class EngineCalls:
    """One channel to one run of the engine; make a new one after a restart."""

    def __init__(self, address: str, key: str) -> None:
        """Connect with the first call."""
        self._channel = grpc.insecure_channel(address)
        self._calls = grpc.intercept_channel(self._channel, _Identified(key))

    def stub(self, make: Callable[[grpc.Channel], StubT]) -> StubT:
        """Return the stub of a service."""
        return make(self._calls)

    def close(self) -> None:
        """End the connection."""
        self._channel.close()

    def sessions(self) -> list[Session]:
        """Return all sessions, ours and partners'."""
        call = self.stub(SessionsServiceStub).ListSessions
        return _all_pages(call, ListSessionsRequest(page_size=PAGE_SIZE), "sessions")

    def cdrs(self) -> list[Cdr]:
        """Return all CDRs, issued and received."""
        call = self.stub(CdrsServiceStub).ListCdrs
        return _all_pages(call, ListCdrsRequest(page_size=PAGE_SIZE), "cdrs")

    def transfers(self) -> list[Transfer]:
        """Return the whole ledger."""
        call = self.stub(SettlementServiceStub).ListTransfers
        return _all_pages(call, ListTransfersRequest(page_size=PAGE_SIZE), "transfers")

    def verify_ledger(self) -> VerifyLedgerResponse:
        """Have the engine recompute its book."""
        return self.stub(SettlementServiceStub).VerifyLedger(VerifyLedgerRequest())


def _all_pages(call: Callable[[Any], Any], request: Any, field: str) -> list[Any]:
    found: list[Any] = []
    while True:
        page = call(request)
        found += getattr(page, field)
        if not page.next_page_token:
            return found
        request.page_token = page.next_page_token


class _Details(NamedTuple):
    """What gRPC reads of a call that an interceptor made."""

    method: str
    timeout: float | None
    metadata: Sequence[tuple[str, str]]
    credentials: Any = None
    wait_for_ready: bool | None = True
    compression: Any = None


class _Identified(grpc.UnaryUnaryClientInterceptor):
    def __init__(self, key: str) -> None:
        self._metadata = (("authorization", f"Bearer {key}"),)

    def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        timeout = CALL_SECONDS if details.timeout is None else details.timeout
        return continuation(_Details(details.method, timeout, self._metadata), request)
