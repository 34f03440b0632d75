"""Calling the engine from the command line."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import grpc
from google.protobuf.message import Message
from interwatt.common.v1 import error_reason_pb2 as reasons

from engine.cli.errors import AnswerIsNo, CommandError
from engine.settings import ClientSettings

TIMEOUT_S = 15.0
PAGE = 500

S = TypeVar("S")
M = TypeVar("M", bound=Message)
_AS_THINGS_ARE = (reasons.ERROR_REASON_STATION_OFFLINE, reasons.ERROR_REASON_STATE_CONFLICT)
_DETAILS = "grpc-status-details-bin"  # what an answer of the engine itself carries


class Client:
    """One channel to the engine, with the caller's key on every call."""

    def __init__(self, settings: ClientSettings) -> None:
        self._address = settings.engine
        self._metadata = (("authorization", f"Bearer {settings.key}"),)
        self._channel = grpc.insecure_channel(
            settings.engine, options=[("grpc.max_receive_message_length", 16 * 1024 * 1024)]
        )

    def stub(self, make: Callable[[grpc.Channel], S]) -> S:
        """Return the stub of a service."""
        return make(self._channel)

    def call(self, method: Callable[..., M], request: Message, timeout_s: float = TIMEOUT_S) -> M:
        """Call a method.

        Raises:
            CommandError: the engine refused or did not answer.
        """
        try:
            return method(request, metadata=self._metadata, timeout=timeout_s)
        except grpc.RpcError as error:
            raise self._explain(error) from error

    def stream(self, method: Callable[..., Any], request: Message) -> Iterator[Any]:
        """Call a method that answers with a stream.

        Raises:
            CommandError: the engine refused or went away.
        """
        try:
            yield from method(request, metadata=self._metadata)
        except grpc.RpcError as error:
            raise self._explain(error) from error

    def pages(
        self, method: Callable[..., Any], request: Any, field: str, limit: int
    ) -> Iterator[Any]:
        """Give the items of a list, page by page, at most `limit` (0 means all)."""
        given = 0
        while True:
            request.page_size = min(PAGE, limit - given) if limit else PAGE
            response = self.call(method, request)
            items = getattr(response, field)
            yield from items
            given += len(items)
            if not response.next_page_token or (limit and given >= limit):
                return
            request.page_token = response.next_page_token

    def close(self) -> None:
        """Let go of the channel."""
        self._channel.close()

    def _explain(self, error: grpc.RpcError) -> CommandError:
        assert isinstance(error, grpc.Call)
        code, details = error.code(), error.details() or ""
        answered = any(name == _DETAILS for name, _ in error.trailing_metadata() or ())
        if code is grpc.StatusCode.UNAVAILABLE and not answered:
            return CommandError(
                f"No engine answers at {self._address}. Start one with: interwatt up"
            )
        if code is grpc.StatusCode.DEADLINE_EXCEEDED:
            return CommandError(f"The engine at {self._address} did not answer in time.")
        if code is grpc.StatusCode.UNIMPLEMENTED:
            return CommandError(f"The engine at {self._address} is older than this command.")
        if code is grpc.StatusCode.FAILED_PRECONDITION:  # the status of `_AS_THINGS_ARE`
            return AnswerIsNo(details)
        return CommandError(details or code.name)


def new_request_id() -> str:
    """Return an id for one write."""
    return str(uuid.uuid4())


def value_of(outcome: Any) -> Any:
    """Return the value in the outcome of one item.

    Raises:
        CommandError: it has an error instead.
    """
    if outcome.HasField("error"):
        error = outcome.error
        raise (AnswerIsNo if error.reason in _AS_THINGS_ARE else CommandError)(error.message)
    return getattr(outcome, outcome.WhichOneof("outcome"))
