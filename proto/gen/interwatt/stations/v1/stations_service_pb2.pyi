import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from interwatt.common.v1 import error_reason_pb2 as _error_reason_pb2
from interwatt.stations.v1 import station_pb2 as _station_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PutStationRequest(_message.Message):
    __slots__ = ("request_id", "station", "password")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    STATION_FIELD_NUMBER: _ClassVar[int]
    PASSWORD_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    station: _station_pb2.Station
    password: str
    def __init__(self, request_id: _Optional[str] = ..., station: _Optional[_Union[_station_pb2.Station, _Mapping]] = ..., password: _Optional[str] = ...) -> None: ...

class PutStationResponse(_message.Message):
    __slots__ = ("station", "password", "replayed")
    STATION_FIELD_NUMBER: _ClassVar[int]
    PASSWORD_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    station: _station_pb2.Station
    password: str
    replayed: bool
    def __init__(self, station: _Optional[_Union[_station_pb2.Station, _Mapping]] = ..., password: _Optional[str] = ..., replayed: _Optional[bool] = ...) -> None: ...

class ConnectStationsRequest(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[ConnectStationItem]
    def __init__(self, items: _Optional[_Iterable[_Union[ConnectStationItem, _Mapping]]] = ...) -> None: ...

class ConnectStationItem(_message.Message):
    __slots__ = ("request_id", "station_id", "password", "has_password", "gateway_id", "subprotocol", "check_only")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    STATION_ID_FIELD_NUMBER: _ClassVar[int]
    PASSWORD_FIELD_NUMBER: _ClassVar[int]
    HAS_PASSWORD_FIELD_NUMBER: _ClassVar[int]
    GATEWAY_ID_FIELD_NUMBER: _ClassVar[int]
    SUBPROTOCOL_FIELD_NUMBER: _ClassVar[int]
    CHECK_ONLY_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    station_id: str
    password: bytes
    has_password: bool
    gateway_id: str
    subprotocol: str
    check_only: bool
    def __init__(self, request_id: _Optional[str] = ..., station_id: _Optional[str] = ..., password: _Optional[bytes] = ..., has_password: _Optional[bool] = ..., gateway_id: _Optional[str] = ..., subprotocol: _Optional[str] = ..., check_only: _Optional[bool] = ...) -> None: ...

class ConnectStationsResponse(_message.Message):
    __slots__ = ("outcomes",)
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    outcomes: _containers.RepeatedCompositeFieldContainer[ConnectStationOutcome]
    def __init__(self, outcomes: _Optional[_Iterable[_Union[ConnectStationOutcome, _Mapping]]] = ...) -> None: ...

class ConnectStationOutcome(_message.Message):
    __slots__ = ("admission", "error", "station")
    class Admission(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        ADMISSION_UNSPECIFIED: _ClassVar[ConnectStationOutcome.Admission]
        ADMISSION_ADMITTED: _ClassVar[ConnectStationOutcome.Admission]
        ADMISSION_UNKNOWN_STATION: _ClassVar[ConnectStationOutcome.Admission]
        ADMISSION_WRONG_PASSWORD: _ClassVar[ConnectStationOutcome.Admission]
    ADMISSION_UNSPECIFIED: ConnectStationOutcome.Admission
    ADMISSION_ADMITTED: ConnectStationOutcome.Admission
    ADMISSION_UNKNOWN_STATION: ConnectStationOutcome.Admission
    ADMISSION_WRONG_PASSWORD: ConnectStationOutcome.Admission
    ADMISSION_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    STATION_FIELD_NUMBER: _ClassVar[int]
    admission: ConnectStationOutcome.Admission
    error: _error_reason_pb2.ItemError
    station: _station_pb2.Station
    def __init__(self, admission: _Optional[_Union[ConnectStationOutcome.Admission, str]] = ..., error: _Optional[_Union[_error_reason_pb2.ItemError, _Mapping]] = ..., station: _Optional[_Union[_station_pb2.Station, _Mapping]] = ...) -> None: ...

class DisconnectStationsRequest(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[DisconnectStationItem]
    def __init__(self, items: _Optional[_Iterable[_Union[DisconnectStationItem, _Mapping]]] = ...) -> None: ...

class DisconnectStationItem(_message.Message):
    __slots__ = ("request_id", "station_id", "generation")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    STATION_ID_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    station_id: str
    generation: int
    def __init__(self, request_id: _Optional[str] = ..., station_id: _Optional[str] = ..., generation: _Optional[int] = ...) -> None: ...

class DisconnectStationsResponse(_message.Message):
    __slots__ = ("outcomes",)
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    outcomes: _containers.RepeatedCompositeFieldContainer[RecordOutcome]
    def __init__(self, outcomes: _Optional[_Iterable[_Union[RecordOutcome, _Mapping]]] = ...) -> None: ...

class RecordOutcome(_message.Message):
    __slots__ = ("error", "replayed")
    ERROR_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    error: _error_reason_pb2.ItemError
    replayed: bool
    def __init__(self, error: _Optional[_Union[_error_reason_pb2.ItemError, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class RecordBootsRequest(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[RecordBootItem]
    def __init__(self, items: _Optional[_Iterable[_Union[RecordBootItem, _Mapping]]] = ...) -> None: ...

class RecordBootItem(_message.Message):
    __slots__ = ("request_id", "station_id", "generation", "boot")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    STATION_ID_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    BOOT_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    station_id: str
    generation: int
    boot: _station_pb2.BootReport
    def __init__(self, request_id: _Optional[str] = ..., station_id: _Optional[str] = ..., generation: _Optional[int] = ..., boot: _Optional[_Union[_station_pb2.BootReport, _Mapping]] = ...) -> None: ...

class RecordBootsResponse(_message.Message):
    __slots__ = ("outcomes",)
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    outcomes: _containers.RepeatedCompositeFieldContainer[RecordOutcome]
    def __init__(self, outcomes: _Optional[_Iterable[_Union[RecordOutcome, _Mapping]]] = ...) -> None: ...

class RecordStatusesRequest(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[RecordStatusItem]
    def __init__(self, items: _Optional[_Iterable[_Union[RecordStatusItem, _Mapping]]] = ...) -> None: ...

class RecordStatusItem(_message.Message):
    __slots__ = ("request_id", "station_id", "generation", "connector_number", "status", "error_code", "at")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    STATION_ID_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    CONNECTOR_NUMBER_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ERROR_CODE_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    station_id: str
    generation: int
    connector_number: int
    status: str
    error_code: str
    at: _timestamp_pb2.Timestamp
    def __init__(self, request_id: _Optional[str] = ..., station_id: _Optional[str] = ..., generation: _Optional[int] = ..., connector_number: _Optional[int] = ..., status: _Optional[str] = ..., error_code: _Optional[str] = ..., at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class RecordStatusesResponse(_message.Message):
    __slots__ = ("outcomes",)
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    outcomes: _containers.RepeatedCompositeFieldContainer[RecordOutcome]
    def __init__(self, outcomes: _Optional[_Iterable[_Union[RecordOutcome, _Mapping]]] = ...) -> None: ...

class GetStationRequest(_message.Message):
    __slots__ = ("station_id",)
    STATION_ID_FIELD_NUMBER: _ClassVar[int]
    station_id: str
    def __init__(self, station_id: _Optional[str] = ...) -> None: ...

class GetStationResponse(_message.Message):
    __slots__ = ("station",)
    STATION_FIELD_NUMBER: _ClassVar[int]
    station: _station_pb2.Station
    def __init__(self, station: _Optional[_Union[_station_pb2.Station, _Mapping]] = ...) -> None: ...

class ListStationsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "location_id")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    LOCATION_ID_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    location_id: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., location_id: _Optional[str] = ...) -> None: ...

class ListStationsResponse(_message.Message):
    __slots__ = ("stations", "next_page_token")
    STATIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    stations: _containers.RepeatedCompositeFieldContainer[_station_pb2.Station]
    next_page_token: str
    def __init__(self, stations: _Optional[_Iterable[_Union[_station_pb2.Station, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
