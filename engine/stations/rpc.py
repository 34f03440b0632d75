"""StationsService over gRPC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import grpc
from interwatt.stations.v1 import station_pb2 as station_pb
from interwatt.stations.v1 import stations_service_pb2 as pb
from interwatt.stations.v1 import stations_service_pb2_grpc as pb_grpc

from engine.kernel.errors import EngineError
from engine.kernel.outcome import Outcome, require
from engine.kernel.paging import page_size
from engine.rpc import convert
from engine.rpc.convert import read_time, read_timestamp, requests, shown, text, write_time
from engine.rpc.errors import item_error
from engine.stations.model import (
    Boot,
    Connector,
    ConnectorStatus,
    Settings,
    Station,
    check_id,
    status_key,
)
from engine.stations.service import (
    Admission,
    BootReport,
    Connection,
    Disconnection,
    PutStation,
    StationsService,
    StatusReport,
)

_CONNECTION = ("generation",)
_ADMISSIONS = {
    Admission.ADMITTED: pb.ConnectStationOutcome.ADMISSION_ADMITTED,
    Admission.UNKNOWN_STATION: pb.ConnectStationOutcome.ADMISSION_UNKNOWN_STATION,
    Admission.WRONG_PASSWORD: pb.ConnectStationOutcome.ADMISSION_WRONG_PASSWORD,
}


class StationsRpc(pb_grpc.StationsServiceServicer):
    def __init__(self, service: StationsService) -> None:
        self._service = service

    async def PutStation(
        self, request: pb.PutStationRequest, context: grpc.aio.ServicerContext
    ) -> pb.PutStationResponse:
        outcome = await self._service.put(convert.request(request, _read_put))
        put = outcome.value()
        return pb.PutStationResponse(
            station=_write(put.station, {}), password=put.password, replayed=outcome.replayed
        )

    async def ConnectStations(
        self, request: pb.ConnectStationsRequest, context: grpc.aio.ServicerContext
    ) -> pb.ConnectStationsResponse:
        outcomes = await self._service.connect(requests(request.items, _read_connection))
        response = pb.ConnectStationsResponse()
        for outcome in outcomes:
            item = response.outcomes.add()
            if isinstance(outcome.result, EngineError):
                item.error.CopyFrom(item_error(outcome.result))
                continue
            item.admission = _ADMISSIONS[outcome.result.admission]
            if outcome.result.station is not None:
                item.station.CopyFrom(_write(outcome.result.station, {}))
        return response

    async def DisconnectStations(
        self, request: pb.DisconnectStationsRequest, context: grpc.aio.ServicerContext
    ) -> pb.DisconnectStationsResponse:
        outcomes = await self._service.disconnect(
            requests(
                request.items,
                lambda item: Disconnection(check_id(item.station_id), item.generation),
            )
        )
        return pb.DisconnectStationsResponse(outcomes=_write_outcomes(outcomes))

    async def RecordBoots(
        self, request: pb.RecordBootsRequest, context: grpc.aio.ServicerContext
    ) -> pb.RecordBootsResponse:
        outcomes = await self._service.record_boots(
            requests(request.items, _read_boot, ignore=_CONNECTION)
        )
        return pb.RecordBootsResponse(outcomes=_write_outcomes(outcomes))

    async def RecordStatuses(
        self, request: pb.RecordStatusesRequest, context: grpc.aio.ServicerContext
    ) -> pb.RecordStatusesResponse:
        outcomes = await self._service.record_statuses(
            requests(request.items, _read_status, ignore=_CONNECTION)
        )
        return pb.RecordStatusesResponse(outcomes=_write_outcomes(outcomes))

    async def GetStation(
        self, request: pb.GetStationRequest, context: grpc.aio.ServicerContext
    ) -> pb.GetStationResponse:
        station, statuses = await self._service.get(request.station_id)
        return pb.GetStationResponse(station=_write(station, statuses))

    async def ListStations(
        self, request: pb.ListStationsRequest, context: grpc.aio.ServicerContext
    ) -> pb.ListStationsResponse:
        page, statuses = await self._service.list_page(
            page_size(request.page_size),
            request.page_token,
            location_id=text(request.location_id, "location_id", longest=36, shortest=0),
        )
        return pb.ListStationsResponse(
            stations=[_write(station, statuses) for station in page.items],
            next_page_token=page.next_token,
        )


def _read_put(message: pb.PutStationRequest) -> PutStation:
    station, settings = message.station, message.station.settings
    check_id(station.id)
    require(settings.security_profile <= 3, "station.settings.security_profile", "0 to 3")
    numbers = [c.number for c in station.connectors]
    require(
        all(numbers) and len(set(numbers)) == len(numbers),
        "station.connectors",
        "numbers from 1, each once",
    )
    if message.password:
        text(message.password, "password", shortest=16, longest=64)
    return PutStation(
        id=station.id,
        location_id=text(station.location_id, "station.location_id", longest=36, shortest=0),
        connectors=[
            Connector(
                c.number,
                text(c.evse_uid, "station.connectors.evse_uid", longest=36),
                text(c.connector_id or "1", "station.connectors.connector_id", longest=36),
            )
            for c in station.connectors
        ],
        settings=Settings(
            security_profile=settings.security_profile if station.HasField("settings") else 1,
            heartbeat_interval_seconds=settings.heartbeat_interval_seconds,
            ping_interval_seconds=settings.ping_interval_seconds,
            ping_disabled=settings.ping_disabled,
            subprotocol_optional=settings.subprotocol_optional,
        ),
        password=message.password,
    )


def _read_connection(item: pb.ConnectStationItem) -> Connection:
    return Connection(
        station_id=text(item.station_id, "station_id", longest=255),
        password=item.password if item.has_password else None,
        gateway_id=text(item.gateway_id, "gateway_id", longest=64),
        subprotocol=shown(item.subprotocol, longest=64),
        check_only=item.check_only,
    )


def _read_boot(item: pb.RecordBootItem) -> BootReport:
    boot = item.boot
    return BootReport(
        check_id(item.station_id),
        item.generation,
        Boot(
            vendor=shown(boot.vendor, longest=255),
            model=shown(boot.model, longest=255),
            serial_number=shown(boot.serial_number, longest=255),
            firmware_version=shown(boot.firmware_version, longest=255),
            received_us=read_timestamp(boot.received_at, "boot.received_at"),
        ),
    )


def _read_status(item: pb.RecordStatusItem) -> StatusReport:
    return StatusReport(
        check_id(item.station_id),
        item.generation,
        connector_number=item.connector_number,
        status=text(item.status, "status", longest=64),
        error_code=shown(item.error_code, longest=64),
        at_us=read_time(item, "at"),
    )


def _write_outcomes(outcomes: Sequence[Outcome[None]]) -> list[pb.RecordOutcome]:
    return [
        pb.RecordOutcome(
            error=item_error(outcome.result) if isinstance(outcome.result, EngineError) else None,
            replayed=outcome.replayed,
        )
        for outcome in outcomes
    ]


def _write(station: Station, statuses: Mapping[str, ConnectorStatus]) -> station_pb.Station:
    settings, boot = station.settings(), station.boot()
    return station_pb.Station(
        id=station.id,
        location_id=station.location_id,
        connectors=[
            _write_connector(c, statuses.get(status_key(station.id, c.number)))
            for c in station.connectors()
        ],
        settings=station_pb.StationSettings(
            security_profile=settings.security_profile,
            heartbeat_interval_seconds=settings.heartbeat_interval_seconds,
            ping_interval_seconds=settings.ping_interval_seconds,
            ping_disabled=settings.ping_disabled,
            subprotocol_optional=settings.subprotocol_optional,
        ),
        boot=station_pb.BootReport(
            vendor=boot.vendor,
            model=boot.model,
            serial_number=boot.serial_number,
            firmware_version=boot.firmware_version,
            received_at=write_time(boot.received_us),
        )
        if boot is not None
        else None,
        online=station.online,
        generation=station.generation,
        online_changed_at=write_time(station.online_changed_us),
    )


def _write_connector(
    connector: Connector, status: ConnectorStatus | None
) -> station_pb.StationConnector:
    return station_pb.StationConnector(
        number=connector.number,
        evse_uid=connector.evse_uid,
        connector_id=connector.connector_id,
        status=status.status if status else "",
        error_code=status.error_code if status else "",
        status_at=write_time(status.at_us) if status else None,
    )
