import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Station(_message.Message):
    __slots__ = ("id", "location_id", "connectors", "settings", "boot", "online", "generation", "online_changed_at")
    ID_FIELD_NUMBER: _ClassVar[int]
    LOCATION_ID_FIELD_NUMBER: _ClassVar[int]
    CONNECTORS_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    BOOT_FIELD_NUMBER: _ClassVar[int]
    ONLINE_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    ONLINE_CHANGED_AT_FIELD_NUMBER: _ClassVar[int]
    id: str
    location_id: str
    connectors: _containers.RepeatedCompositeFieldContainer[StationConnector]
    settings: StationSettings
    boot: BootReport
    online: bool
    generation: int
    online_changed_at: _timestamp_pb2.Timestamp
    def __init__(self, id: _Optional[str] = ..., location_id: _Optional[str] = ..., connectors: _Optional[_Iterable[_Union[StationConnector, _Mapping]]] = ..., settings: _Optional[_Union[StationSettings, _Mapping]] = ..., boot: _Optional[_Union[BootReport, _Mapping]] = ..., online: _Optional[bool] = ..., generation: _Optional[int] = ..., online_changed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class StationConnector(_message.Message):
    __slots__ = ("number", "evse_uid", "connector_id", "status", "error_code", "status_at")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    EVSE_UID_FIELD_NUMBER: _ClassVar[int]
    CONNECTOR_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ERROR_CODE_FIELD_NUMBER: _ClassVar[int]
    STATUS_AT_FIELD_NUMBER: _ClassVar[int]
    number: int
    evse_uid: str
    connector_id: str
    status: str
    error_code: str
    status_at: _timestamp_pb2.Timestamp
    def __init__(self, number: _Optional[int] = ..., evse_uid: _Optional[str] = ..., connector_id: _Optional[str] = ..., status: _Optional[str] = ..., error_code: _Optional[str] = ..., status_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class StationSettings(_message.Message):
    __slots__ = ("security_profile", "heartbeat_interval_seconds", "ping_interval_seconds", "ping_disabled", "subprotocol_optional")
    SECURITY_PROFILE_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_INTERVAL_SECONDS_FIELD_NUMBER: _ClassVar[int]
    PING_INTERVAL_SECONDS_FIELD_NUMBER: _ClassVar[int]
    PING_DISABLED_FIELD_NUMBER: _ClassVar[int]
    SUBPROTOCOL_OPTIONAL_FIELD_NUMBER: _ClassVar[int]
    security_profile: int
    heartbeat_interval_seconds: int
    ping_interval_seconds: int
    ping_disabled: bool
    subprotocol_optional: bool
    def __init__(self, security_profile: _Optional[int] = ..., heartbeat_interval_seconds: _Optional[int] = ..., ping_interval_seconds: _Optional[int] = ..., ping_disabled: _Optional[bool] = ..., subprotocol_optional: _Optional[bool] = ...) -> None: ...

class BootReport(_message.Message):
    __slots__ = ("vendor", "model", "serial_number", "firmware_version", "received_at")
    VENDOR_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    SERIAL_NUMBER_FIELD_NUMBER: _ClassVar[int]
    FIRMWARE_VERSION_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_AT_FIELD_NUMBER: _ClassVar[int]
    vendor: str
    model: str
    serial_number: str
    firmware_version: str
    received_at: _timestamp_pb2.Timestamp
    def __init__(self, vendor: _Optional[str] = ..., model: _Optional[str] = ..., serial_number: _Optional[str] = ..., firmware_version: _Optional[str] = ..., received_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
