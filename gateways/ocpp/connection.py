"""One station's socket: frames in, answers out, and our own calls to it, one at a time."""

import asyncio
from dataclasses import dataclass

import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from gateways.common import telemetry
from gateways.ocpp import frame, metrics
from gateways.ocpp.dialect import Dialect
from gateways.ocpp.dispatch import Dispatcher, read_payload
from gateways.ocpp.faults import Fault, Fenced, Refusal
from gateways.ocpp.frame import Call, CallError, CallResult, Ignored, Malformed
from gateways.ocpp.redaction import redact
from gateways.ocpp.station import ConnectedStation, Payload

_LOG = structlog.get_logger()

MAX_INBOX = 64
"""Calls that may wait to be handled.

Beyond it the socket is not read, so the station's own sending slows down.
"""

NO_ANSWER = "NoAnswer"
OFFLINE = "Offline"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a station answered to a call of ours."""

    payload: Payload


@dataclass(frozen=True, slots=True)
class NotAnswered:
    """Why there is no answer: the station's error code, or ours."""

    code: str
    description: str
    expired: bool = False
    """Whether the time ran out; a late answer is dropped."""


Reply = Answer | NotAnswered


class Connection:
    """Owns one socket until it closes.

    Ten thousand of these wait at a time, so it has slots, and short lists for what is short.
    """

    __slots__ = (
        "_calling",
        "_dispatcher",
        "_inbox",
        "_outstanding",
        "_trace",
        "_unanswered",
        "_worker",
        "dialect",
        "socket",
        "station",
    )

    def __init__(
        self,
        socket: web.WebSocketResponse,
        station: ConnectedStation,
        dialect: Dialect,
        dispatcher: Dispatcher,
        *,
        trace: bool = False,
    ) -> None:
        """`trace` logs every frame, with tokens and secrets hidden."""
        self.station = station
        self.dialect = dialect
        self.socket = socket
        self._dispatcher = dispatcher
        self._trace = trace
        self._inbox: list[Call] = []
        self._unanswered: list[str] = []
        self._worker: asyncio.Task[None] | None = None
        self._calling = asyncio.Lock()
        self._outstanding: tuple[str, asyncio.Future[CallResult | CallError]] | None = None

    async def serve(self) -> None:
        """Read frames until the socket closes; then let what was read be handled."""
        try:
            async for message in self.socket:
                if message.type is WSMsgType.TEXT:
                    await self._receive(message.data)
                elif message.type is WSMsgType.BINARY:
                    metrics.FRAMES.labels("binary").inc()
                    await self.socket.close(
                        code=WSCloseCode.UNSUPPORTED_DATA, message=b"OCPP is text."
                    )
        except TimeoutError:
            _LOG.info("station.idled", station=self.station.id)
            await self.close(WSCloseCode.GOING_AWAY, "Nothing heard for too long.")
        finally:
            self._fail_outstanding("The connection ended.")

    async def finish(self, *, grace: float) -> None:
        """Give the calls that were read some seconds to be handled."""
        if self._worker is not None:
            await asyncio.wait([self._worker], timeout=grace)
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)

    async def close(self, code: int, reason: str) -> None:
        """Close the socket; its reader then ends."""
        await self.socket.close(code=code, message=reason.encode())

    async def call(
        self, *, message_id: str, action: str, payload: Payload, deadline: float
    ) -> Reply:
        """Send one call and wait for its answer until `deadline` of the loop's clock; never send
        it again.

        Only one call is outstanding: others wait here, each until its own deadline.
        """
        try:
            async with asyncio.timeout_at(deadline), self._calling:
                return await self._exchange(message_id, action, payload)
        except TimeoutError:
            return NotAnswered(NO_ANSWER, "The station did not answer in time.", expired=True)

    async def _exchange(self, message_id: str, action: str, payload: Payload) -> Reply:
        answered: asyncio.Future[CallResult | CallError] = (
            asyncio.get_running_loop().create_future()
        )
        if self.socket.closed:
            return NotAnswered(OFFLINE, "The station is not connected.")
        self._outstanding = (message_id, answered)
        try:
            await self._send(frame.write_call(message_id, action, payload))
            reply = await answered
        finally:
            self._outstanding = None
        if isinstance(reply, CallError):
            return NotAnswered(reply.code, reply.description)
        return self._checked(action, reply)

    def _checked(self, action: str, reply: CallResult) -> Reply:
        schema = self.dialect.responses.get(action)
        if schema is None:
            return Answer(reply.payload)
        try:
            payload = read_payload(reply.payload, reply.text, schema)
        except Refusal as refusal:
            code = self.dialect.spelling[refusal.fault]
            return NotAnswered(code, f"The answer is invalid. {refusal.description}")
        for name in payload.repairs:
            self.station.repaired(name)
        return Answer(payload.payload)

    async def _receive(self, text: str) -> None:
        if self._trace:
            _LOG.debug("frame.received", station=self.station.id, frame=redact(text))
        match frame.read(text):
            case Call() as call:
                await self._take(call)
            case CallResult() | CallError() as reply:
                self._resolve(reply)
            case Malformed(identifier, reason):
                await self._answer_malformed(identifier, reason)
            case Ignored(reason):
                metrics.FRAMES.labels("ignored").inc()
                _LOG.info("frame.ignored", station=self.station.id, reason=reason)

    async def _take(self, call: Call) -> None:
        """Queue a call.

        The exact repetition of one that is not answered yet is dropped: one answer comes anyway.
        """
        if call.text in self._unanswered:
            metrics.FRAMES.labels("repeated").inc()
            return
        if len(self._inbox) >= MAX_INBOX and self._worker is not None:
            await asyncio.wait([self._worker])
        self._unanswered.append(call.text)
        self._inbox.append(call)
        if self._worker is None or self._worker.done():
            self._worker = asyncio.get_running_loop().create_task(self._work())

    async def _work(self) -> None:
        while self._inbox:
            call = self._inbox.pop(0)
            with telemetry.correlated(f"{self.station.id}:{call.id}"):
                try:
                    answer = await self._dispatcher.answer(call, self.station)
                except Fenced:
                    self._inbox.clear()
                    await self.close(WSCloseCode.OK, "A newer connection is open.")
                    return
                finally:
                    self._unanswered.remove(call.text)
            if answer is not None:
                await self._send(answer)

    def _resolve(self, reply: CallResult | CallError) -> None:
        if self._outstanding is None or self._outstanding[0] != reply.id:
            metrics.FRAMES.labels("unasked").inc()
            _LOG.info("answer.ignored", station=self.station.id)
            return
        answered = self._outstanding[1]
        if not answered.done():
            answered.set_result(reply)

    async def _answer_malformed(self, identifier: frame.MessageId | None, reason: str) -> None:
        metrics.FRAMES.labels("malformed").inc()
        _LOG.info("frame.refused", station=self.station.id, reason=reason)
        known = self.dialect.unreadable_id if identifier is None else identifier
        if known is not None:
            code = self.dialect.spelling[Fault.FORMATION]
            await self._send(frame.write_error(known, code, reason))

    async def _send(self, text: str) -> None:
        """Send a frame; on a socket that just closed there is nobody to tell."""
        if self._trace:
            _LOG.debug("frame.sent", station=self.station.id, frame=redact(text))
        try:
            await self.socket.send_str(text)
        except ConnectionError:
            self._fail_outstanding("The connection ended.")

    def _fail_outstanding(self, reason: str) -> None:
        if self._outstanding is not None and not self._outstanding[1].done():
            self._outstanding[1].set_result(CallError(self._outstanding[0], OFFLINE, reason))
