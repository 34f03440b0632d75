"""From a station's call to our answer: action, schema, repairs, handler, errors.

No socket in sight.
"""

import time
from collections import OrderedDict
from typing import Any

import orjson
import structlog
from interwatt.common.v1 import error_reason_pb2 as reasons

from gateways.common.errors import EngineError, EngineUnavailable
from gateways.ocpp import frame, metrics, repairs
from gateways.ocpp.dialect import Dialect, Route
from gateways.ocpp.faults import Fault, Fenced, Refusal
from gateways.ocpp.frame import Call
from gateways.ocpp.schemas import Schema
from gateways.ocpp.station import ConnectedStation
from gateways.ocpp.status import FAULTS

_LOG = structlog.get_logger()

TRIES_BEFORE_LAST_RESORT = 3
MAX_REMEMBERED = 10_000


class Dispatcher:
    """Answers the calls of all stations that speak one version."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._tries = Tries()

    async def answer(self, call: Call, station: ConnectedStation) -> str | None:
        """Handle a call; answer with the frame to send, or None for no answer.

        Raises `Fenced` when a newer connection of the station exists.
        """
        route = self._dialect.routes.get(call.action)
        label = call.action if route else "unknown"
        began = time.monotonic()
        outcome, text = await self._outcome(call, route, station)
        metrics.MESSAGES.labels(label, outcome).inc()
        metrics.SECONDS.labels(label).observe(time.monotonic() - began)
        return text

    async def _outcome(
        self, call: Call, route: Route | None, station: ConnectedStation
    ) -> tuple[str, str | None]:
        try:
            if route is None:
                raise self._unroutable(call.action)
            payload = read_payload(call.payload, call.text, self._dialect.requests[call.action])
            for name in payload.repairs:
                station.repaired(name)
            result = await route.handle(payload.payload, station)
        except Refusal as refusal:
            return await self._refused(call, route, station, refusal)
        except EngineUnavailable as error:
            return self._unavailable(call, route, error)
        except EngineError as error:
            return await self._engine_refused(call, route, station, error)
        return "answered", frame.write_result(call.id, result)

    def _unroutable(self, action: str) -> Refusal:
        """NotImplemented: nobody knows it.

        NotSupported: known, but ours to send (1.6-J table 7).
        """
        if action in self._dialect.outgoing:
            return Refusal(Fault.NOT_SUPPORTED, "This action goes from central system to station.")
        return Refusal(Fault.NOT_IMPLEMENTED, "This action is not known.")

    async def _refused(
        self, call: Call, route: Route | None, station: ConnectedStation, refusal: Refusal
    ) -> tuple[str, str | None]:
        _LOG.info(
            "call.refused",
            station=station.id,
            action=call.action,
            fault=refusal.fault.name,
            reason=refusal.description,
        )
        if route is not None and route.transactional:
            kept = await self._last_resort(call, route, station)
            if kept is not None:
                return "kept_unread", kept
        code = self._dialect.spelling[refusal.fault]
        return "refused", frame.write_error(call.id, code, refusal.description)

    def _unavailable(
        self, call: Call, route: Route | None, error: EngineUnavailable
    ) -> tuple[str, str | None]:
        if route is not None and route.transactional:
            _LOG.warning("transaction.not_stored", action=call.action, reason=error.message)
            return "unanswered", None
        code = self._dialect.spelling[Fault.INTERNAL]
        return "failed", frame.write_error(call.id, code, "Try again later.")

    async def _engine_refused(
        self, call: Call, route: Route | None, station: ConnectedStation, error: EngineError
    ) -> tuple[str, str | None]:
        if error.reason == reasons.ERROR_REASON_STALE_GENERATION:
            raise Fenced(error.message) from error
        _LOG.warning(
            "engine.refused",
            station=station.id,
            action=call.action,
            error=error.name,
            reason=error.message,
        )
        fault = FAULTS.get(error.reason, Fault.INTERNAL)
        if error.reason == reasons.ERROR_REASON_INVALID_ARGUMENT:
            return await self._refused(call, route, station, Refusal(fault, error.message))
        if route is not None and route.transactional:
            kept = await self._last_resort(call, route, station)
            return ("kept_unread", kept) if kept is not None else ("unanswered", None)
        return "refused", frame.write_error(call.id, self._dialect.spelling[fault], error.message)

    async def _last_resort(self, call: Call, route: Route, station: ConnectedStation) -> str | None:
        """Free the queue of a station that would send an unusable message for ever.

        On the third identical try the message is stored as it came and acknowledged. This rule is
        ours; the specification has none.
        """
        if route.last_resort is None:
            return None
        payload = _bytes_of(call)
        if self._tries.count(station.id, call.action, payload) < TRIES_BEFORE_LAST_RESORT:
            return None
        try:
            await station.engine.keep_unreadable(
                station_id=station.id, action=call.action, payload=payload, at=station.now()
            )
        except (EngineError, EngineUnavailable) as error:
            _LOG.warning("unreadable.not_stored", station=station.id, reason=error.message)
            return None
        return frame.write_result(call.id, route.last_resort)


class Tries:
    """Counts identical messages of a station; forgets the oldest beyond a bound."""

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[str, str, int], int] = OrderedDict()

    def count(self, station_id: str, action: str, payload: bytes) -> int:
        """Count one more and answer with how many there were."""
        key = (station_id, action, hash(payload))
        self._seen[key] = self._seen.pop(key, 0) + 1
        if len(self._seen) > MAX_REMEMBERED:
            self._seen.popitem(last=False)
        return self._seen[key]


def _bytes_of(call: Call) -> bytes:
    """The payload without its message id; nested too deep to be written, the whole frame."""
    try:
        return orjson.dumps(call.payload)
    except orjson.JSONEncodeError:
        return call.text.encode()


def read_payload(payload: Any, text: str, schema: Schema) -> repairs.Repaired:
    """Check a payload, strictly first; repair it only when that fails.

    Raises `Refusal`.
    """
    if schema.accepts(payload):
        if "\\u0000" not in text:
            return repairs.Repaired(payload, ())
        return repairs.Repaired(repairs.without_nul(payload), ("nul_removed",))
    try:
        exact = frame.exact_payload(text)
    except (ValueError, RecursionError) as error:
        raise Refusal(Fault.FORMATION, "A number of the payload cannot be read.") from error
    mended = repairs.repair({} if exact is None else exact, schema)
    return repairs.Repaired(repairs.without_nul(mended.payload), mended.repairs)
