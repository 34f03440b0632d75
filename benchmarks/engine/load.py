"""The load: stations that start, report three meter readings and stop, over and over.

The ids of their requests begin with the time, as those that the OCPP gateway derives do.
"""

from __future__ import annotations

import asyncio
import itertools
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import grpc
from google.protobuf.timestamp_pb2 import Timestamp
from interwatt.common.v1.party_pb2 import PartyId
from interwatt.sessions.v1 import sessions_service_pb2 as sessions
from interwatt.sessions.v1.session_pb2 import MeterReading, MeterSample
from interwatt.sessions.v1.sessions_service_pb2_grpc import SessionsServiceStub
from interwatt.stations.v1 import stations_service_pb2 as stations
from interwatt.stations.v1.station_pb2 import Station, StationSettings
from interwatt.stations.v1.stations_service_pb2_grpc import StationsServiceStub
from interwatt.tokens.v1 import tokens_service_pb2 as tokens
from interwatt.tokens.v1.token_pb2 import Token
from interwatt.tokens.v1.tokens_service_pb2_grpc import TokensServiceStub

from benchmarks.engine.echo import METHOD
from gateways.common.coalesce import Coalescer
from gateways.common.engine import Engine

TOKEN = "BENCH-TOKEN"
_started = itertools.count(1_700_000_000, 10)


@dataclass(slots=True)
class Tally:
    """What a load did: latencies in seconds of every operation that was answered in time."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile_ms(self, percent: int) -> float:
        ranked = sorted(self.latencies)
        return ranked[min(len(ranked) * percent // 100, len(ranked) - 1)] * 1_000


Operation = Callable[[], Awaitable[object]]


async def drive(callers: list[Callable[[], Operation]], seconds: float) -> Tally:
    """Let callers repeat their operations, one at a time each, for `seconds`."""
    tally = Tally()
    until = time.perf_counter() + seconds

    async def call(next_operation: Callable[[], Operation]) -> None:
        while (now := time.perf_counter()) < until:
            await next_operation()()
            tally.latencies.append(time.perf_counter() - now)

    started = time.perf_counter()
    await asyncio.gather(*(call(caller) for caller in callers))
    tally.seconds = time.perf_counter() - started
    return tally


def echo_callers(channel: grpc.aio.Channel, count: int) -> list[Callable[[], Operation]]:
    """Return callers of the bare echo."""
    echo = channel.unary_unary(
        METHOD,
        request_serializer=sessions.StartSessionItem.SerializeToString,
        response_deserializer=sessions.StartSessionItem.FromString,
    )
    item = _start("echo", 1_700_000_000)
    return [lambda: lambda: echo(item) for _ in range(count)]


class Stations:
    """The engine's side: as many stations as callers, each one charge after the other."""

    def __init__(self, engine: Engine) -> None:
        stub = engine.stub(SessionsServiceStub)
        self.start: Coalescer = engine.coalescer(stub.StartSessions, sessions.StartSessionsRequest)
        self.meter: Coalescer = engine.coalescer(
            stub.RecordMeterReadings, sessions.RecordMeterReadingsRequest
        )
        self.stop: Coalescer = engine.coalescer(stub.StopSessions, sessions.StopSessionsRequest)

    def callers(self, count: int) -> list[Callable[[], Operation]]:
        return [self._caller(f"BENCH{n}") for n in range(count)]

    def _caller(self, station: str) -> Callable[[], Operation]:
        plan = self._operations(station)
        return lambda: next(plan)

    def _operations(self, station: str) -> Iterator[Operation]:
        while True:
            charge = _Charge(self, station, next(_started))
            yield charge.start
            for n in (1, 2, 3):
                yield partial(charge.meter, n)
            yield charge.stop


class _Charge:
    """One charge of one station."""

    def __init__(self, stations_: Stations, station: str, at: int) -> None:
        self._stations = stations_
        self._station = station
        self._at = at
        self._transaction = 0

    async def start(self) -> None:
        outcome = await self._stations.start.call(_start(self._station, self._at))
        self._transaction = outcome.session.transaction_id

    async def meter(self, n: int) -> None:
        item = _readings(self._station, self._transaction, self._at + n, n)
        await self._stations.meter.call(item)

    async def stop(self) -> None:
        await self._stations.stop.call(_stop(self._station, self._transaction, self._at + 4))


async def prepare(engine: Engine, count: int) -> None:
    """Make the stations and the token that the load uses."""
    put = engine.stub(StationsServiceStub).PutStation
    for n in range(count):
        await put(
            stations.PutStationRequest(
                request_id=str(uuid.uuid4()),
                station=Station(id=f"BENCH{n}", settings=StationSettings(security_profile=0)),
            )
        )
    token = Token(
        owner=PartyId(country_code="NL", party_id="IWT"),
        uid=TOKEN,
        type="TOKEN_TYPE_RFID",
        contract_id="NL-IWT-BENCH",
        issuer="Interwatt",
        valid=True,
        whitelist="WHITELIST_ALWAYS",
        last_updated=Timestamp(seconds=1_700_000_000),
    )
    item = tokens.PutTokenItem(request_id=str(uuid.uuid4()), token=token)
    await engine.stub(TokensServiceStub).PutTokens(tokens.PutTokensRequest(items=[item]))


def _start(station: str, at: int) -> sessions.StartSessionItem:
    return sessions.StartSessionItem(
        request_id=f"{at}-{station}-start",
        station_id=station,
        connector_number=1,
        token_uid=TOKEN,
        started_at=Timestamp(seconds=at),
        meter_start_mwh=1_000_000,
    )


def _readings(station: str, transaction: int, at: int, n: int) -> sessions.RecordMeterReadingsItem:
    sample = MeterSample(
        measurand="Energy.Active.Import.Register", value_milli=1_000_000 + n * 250_000
    )
    return sessions.RecordMeterReadingsItem(
        request_id=f"{at}-{station}-meter",
        station_id=station,
        connector_number=1,
        transaction_id=transaction,
        readings=[MeterReading(at=Timestamp(seconds=at), samples=[sample])],
    )


def _stop(station: str, transaction: int, at: int) -> sessions.StopSessionItem:
    return sessions.StopSessionItem(
        request_id=f"{at}-{station}-stop",
        station_id=station,
        transaction_id=transaction,
        stopped_at=Timestamp(seconds=at),
        meter_stop_mwh=2_000_000,
    )
