import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from interwatt.common.v1 import party_pb2 as _party_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Location(_message.Message):
    __slots__ = ("owner", "id", "name", "address", "city", "postal_code", "country", "latitude", "longitude", "time_zone", "publish", "evses", "last_updated", "partner_id", "document")
    OWNER_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    CITY_FIELD_NUMBER: _ClassVar[int]
    POSTAL_CODE_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    LATITUDE_FIELD_NUMBER: _ClassVar[int]
    LONGITUDE_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    PUBLISH_FIELD_NUMBER: _ClassVar[int]
    EVSES_FIELD_NUMBER: _ClassVar[int]
    LAST_UPDATED_FIELD_NUMBER: _ClassVar[int]
    PARTNER_ID_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    owner: _party_pb2.PartyId
    id: str
    name: str
    address: str
    city: str
    postal_code: str
    country: str
    latitude: str
    longitude: str
    time_zone: str
    publish: bool
    evses: _containers.RepeatedCompositeFieldContainer[Evse]
    last_updated: _timestamp_pb2.Timestamp
    partner_id: str
    document: bytes
    def __init__(self, owner: _Optional[_Union[_party_pb2.PartyId, _Mapping]] = ..., id: _Optional[str] = ..., name: _Optional[str] = ..., address: _Optional[str] = ..., city: _Optional[str] = ..., postal_code: _Optional[str] = ..., country: _Optional[str] = ..., latitude: _Optional[str] = ..., longitude: _Optional[str] = ..., time_zone: _Optional[str] = ..., publish: _Optional[bool] = ..., evses: _Optional[_Iterable[_Union[Evse, _Mapping]]] = ..., last_updated: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., partner_id: _Optional[str] = ..., document: _Optional[bytes] = ...) -> None: ...

class Evse(_message.Message):
    __slots__ = ("uid", "evse_id", "status", "connectors", "last_updated")
    class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATUS_UNSPECIFIED: _ClassVar[Evse.Status]
        STATUS_AVAILABLE: _ClassVar[Evse.Status]
        STATUS_BLOCKED: _ClassVar[Evse.Status]
        STATUS_CHARGING: _ClassVar[Evse.Status]
        STATUS_INOPERATIVE: _ClassVar[Evse.Status]
        STATUS_OUT_OF_ORDER: _ClassVar[Evse.Status]
        STATUS_PLANNED: _ClassVar[Evse.Status]
        STATUS_REMOVED: _ClassVar[Evse.Status]
        STATUS_RESERVED: _ClassVar[Evse.Status]
        STATUS_UNKNOWN: _ClassVar[Evse.Status]
    STATUS_UNSPECIFIED: Evse.Status
    STATUS_AVAILABLE: Evse.Status
    STATUS_BLOCKED: Evse.Status
    STATUS_CHARGING: Evse.Status
    STATUS_INOPERATIVE: Evse.Status
    STATUS_OUT_OF_ORDER: Evse.Status
    STATUS_PLANNED: Evse.Status
    STATUS_REMOVED: Evse.Status
    STATUS_RESERVED: Evse.Status
    STATUS_UNKNOWN: Evse.Status
    UID_FIELD_NUMBER: _ClassVar[int]
    EVSE_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    CONNECTORS_FIELD_NUMBER: _ClassVar[int]
    LAST_UPDATED_FIELD_NUMBER: _ClassVar[int]
    uid: str
    evse_id: str
    status: Evse.Status
    connectors: _containers.RepeatedCompositeFieldContainer[Connector]
    last_updated: _timestamp_pb2.Timestamp
    def __init__(self, uid: _Optional[str] = ..., evse_id: _Optional[str] = ..., status: _Optional[_Union[Evse.Status, str]] = ..., connectors: _Optional[_Iterable[_Union[Connector, _Mapping]]] = ..., last_updated: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Connector(_message.Message):
    __slots__ = ("id", "standard", "format", "power_type", "max_voltage", "max_amperage", "max_electric_power", "tariff_ids")
    ID_FIELD_NUMBER: _ClassVar[int]
    STANDARD_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    POWER_TYPE_FIELD_NUMBER: _ClassVar[int]
    MAX_VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    MAX_AMPERAGE_FIELD_NUMBER: _ClassVar[int]
    MAX_ELECTRIC_POWER_FIELD_NUMBER: _ClassVar[int]
    TARIFF_IDS_FIELD_NUMBER: _ClassVar[int]
    id: str
    standard: str
    format: str
    power_type: str
    max_voltage: int
    max_amperage: int
    max_electric_power: int
    tariff_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, id: _Optional[str] = ..., standard: _Optional[str] = ..., format: _Optional[str] = ..., power_type: _Optional[str] = ..., max_voltage: _Optional[int] = ..., max_amperage: _Optional[int] = ..., max_electric_power: _Optional[int] = ..., tariff_ids: _Optional[_Iterable[str]] = ...) -> None: ...
