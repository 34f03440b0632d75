"""A charging station: OCPP 1.6J with Basic auth, framing and schemas by the package `ocpp`.

It behaves as stations in the field do when something breaks: a message that was not acknowledged is
kept, and sent again with the same content and a new message id, in order, after a reconnect where
one is needed. The transaction id that the start was answered with goes into what follows.
"""

from __future__ import annotations

import asyncio
import base64
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ocpp.exceptions import OCPPError
from ocpp.v16 import ChargePoint, call
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from tests.demo.charge_plan import METER_START_WH, ChargePlan, Sample

CONNECTOR = 1
ANSWER_SECONDS = 10.0
RETRY_PAUSE_SECONDS = 0.2
GIVE_UP_SECONDS = 60.0

Say = Callable[..., None]
# A queued message is made when it is sent: only then the transaction id is sure to be known.
Make = Callable[["Station"], Any]


class StationError(Exception):
    """The station was refused or gave up; the message says at what."""


@dataclass(slots=True)
class Station:
    """One station with one connector, and what it has not yet got rid of."""

    url: str
    identity: str
    password: str
    say: Say = lambda *_, **__: None
    answer_seconds: float = ANSWER_SECONDS
    transaction_id: int | None = None
    attempts: int = 0
    _queue: deque[Make] = field(default_factory=deque)
    _link: _Link | None = None

    async def boot(self, at: datetime) -> None:
        """Connect, introduce itself and report a free connector."""
        boot = call.BootNotification(
            charge_point_vendor="Demo",
            charge_point_model="Twenty-two",
            charge_point_serial_number="D22-0001",
            firmware_version="1.0.0",
        )
        answer = await self._deliver(lambda _: boot)
        if answer.status != "Accepted":
            raise StationError(f"The boot was answered {answer.status}.")
        self.say("booted")
        await self.status("Available", at)

    async def authorize(self, uid: str) -> str:
        """Ask whether a card may charge; return the answer, e.g. "Accepted"."""
        answer = await self._deliver(lambda _: call.Authorize(id_tag=uid))
        status = str(answer.id_tag_info["status"])
        self.say("authorized", uid=uid, status=status)
        return status

    async def start(self, uid: str, plan: ChargePlan) -> None:
        """Report the start of a charge."""
        start = call.StartTransaction(
            connector_id=CONNECTOR,
            id_tag=uid,
            meter_start=METER_START_WH,
            timestamp=_text(plan.started_at),
        )
        self._queue.append(lambda _: start)
        answer = await self.flush()
        self.say("started", transaction_id=self.transaction_id, at=_text(plan.started_at))
        if answer.id_tag_info["status"] != "Accepted":
            raise StationError(f"The start was answered {answer.id_tag_info['status']}.")

    async def sample(self, sample: Sample) -> None:
        """Report what the meter shows."""
        self._queue.append(lambda station: _meter_values(station.transaction_id, sample))
        await self.flush()
        used = sample.register_wh - METER_START_WH
        self.say("metered", at=_text(sample.at), wh=used, watts=sample.watts)

    async def status(self, status: str, at: datetime) -> None:
        """Report what the connector is doing."""
        message = call.StatusNotification(
            connector_id=CONNECTOR, error_code="NoError", status=status, timestamp=_text(at)
        )
        self._queue.append(lambda _: message)
        await self.flush()
        self.say("status", status=status, at=_text(at))

    async def stop(self, uid: str, plan: ChargePlan) -> None:
        """Report the end of a charge."""
        self._queue.append(
            lambda station: call.StopTransaction(
                meter_stop=plan.meter_stop_wh,
                timestamp=_text(plan.stopped_at),
                transaction_id=station.transaction_id,
                reason="Local",
                id_tag=uid,
            )
        )
        await self.flush()
        self.say("stopped", at=_text(plan.stopped_at))

    async def flush(self) -> Any:
        """Deliver all that is queued, in order; return the last answer."""
        answer = None
        while self._queue:
            answer = await self._deliver(self._queue[0])
            self._queue.popleft()
            if (transaction_id := getattr(answer, "transaction_id", None)) is not None:
                self.transaction_id = transaction_id
        return answer

    async def close(self) -> None:
        """End the connection; what is queued stays queued."""
        if self._link is not None:
            await self._link.close()
            self._link = None

    async def _deliver(self, make: Make) -> Any:
        deadline = time.monotonic() + GIVE_UP_SECONDS
        while True:
            self.attempts += 1
            try:
                link = await self._connected()
                return await link.call(make(self))
            except InvalidStatus as error:
                status = error.response.status_code
                if status < 500:
                    raise StationError(f"The connection was refused with HTTP {status}.") from error
                problem = f"HTTP {status}"
            except (OSError, WebSocketException, OCPPError, TimeoutError) as error:
                problem = repr(error)
                if isinstance(error, OSError | ConnectionClosed):
                    await self.close()
            if time.monotonic() > deadline:
                raise StationError(f"Not delivered in {GIVE_UP_SECONDS:g} s: {problem}")
            self.say("retrying", because=problem)
            await asyncio.sleep(RETRY_PAUSE_SECONDS)

    async def _connected(self) -> _Link:
        if self._link is None or self._link.closed:
            await self.close()
            secret = base64.b64encode(f"{self.identity}:{self.password}".encode()).decode()
            connection = await connect(
                f"{self.url}/{self.identity}",
                subprotocols=["ocpp1.6"],
                additional_headers={"Authorization": f"Basic {secret}"},
                open_timeout=self.answer_seconds,
            )
            self._link = _Link(self.identity, connection, self.answer_seconds)
            self.say("connected")
        return self._link


class _Link:
    """One connection: the package's charge point and the task that reads for it."""

    def __init__(self, identity: str, connection: ClientConnection, seconds: float) -> None:
        self._connection = connection
        self._point = ChargePoint(identity, connection, response_timeout=seconds)
        self._reading = asyncio.create_task(self._point.start())

    @property
    def closed(self) -> bool:
        return self._reading.done()

    async def call(self, payload: Any) -> Any:
        """Send a call and wait for its answer, or for the end of the connection."""
        calling = asyncio.create_task(self._point.call(payload, suppress=False))
        await asyncio.wait({calling, self._reading}, return_when=asyncio.FIRST_COMPLETED)
        if not calling.done():
            calling.cancel()
            await asyncio.gather(calling, return_exceptions=True)
            await self._reading
            raise ConnectionError("The connection ended.")
        return await calling

    async def close(self) -> None:
        await self._connection.close()
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)


def _meter_values(transaction_id: int | None, sample: Sample) -> Any:
    energy = {
        "value": str(sample.register_wh),
        "context": "Sample.Periodic",
        "measurand": "Energy.Active.Import.Register",
        "unit": "Wh",
    }
    power = {
        "value": str(sample.watts),
        "context": "Sample.Periodic",
        "measurand": "Power.Active.Import",
        "unit": "W",
    }
    return call.MeterValues(
        connector_id=CONNECTOR,
        transaction_id=transaction_id,
        meter_value=[{"timestamp": _text(sample.at), "sampled_value": [energy, power]}],
    )


def _text(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
