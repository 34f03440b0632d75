import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from interwatt.common.v1 import money_pb2 as _money_pb2
from interwatt.common.v1 import party_pb2 as _party_pb2
from interwatt.sessions.v1 import session_pb2 as _session_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Cdr(_message.Message):
    __slots__ = ("owner", "id", "state", "partner_id", "issued", "session_id", "started_at", "ended_at", "token", "location", "meter_id", "currency", "tariffs", "charging_periods", "total_cost", "total_fixed_cost", "total_energy_cost", "total_time_cost", "total_parking_cost", "total_reservation_cost", "total_energy_mwh", "total_time_seconds", "total_parking_seconds", "credit", "credit_reference_id", "last_updated", "document", "findings", "repriced_cost", "version")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Cdr.State]
        STATE_RECEIVED: _ClassVar[Cdr.State]
        STATE_ACCEPTED: _ClassVar[Cdr.State]
        STATE_HELD: _ClassVar[Cdr.State]
        STATE_POSTED: _ClassVar[Cdr.State]
    STATE_UNSPECIFIED: Cdr.State
    STATE_RECEIVED: Cdr.State
    STATE_ACCEPTED: Cdr.State
    STATE_HELD: Cdr.State
    STATE_POSTED: Cdr.State
    OWNER_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PARTNER_ID_FIELD_NUMBER: _ClassVar[int]
    ISSUED_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_FIELD_NUMBER: _ClassVar[int]
    ENDED_AT_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    LOCATION_FIELD_NUMBER: _ClassVar[int]
    METER_ID_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    TARIFFS_FIELD_NUMBER: _ClassVar[int]
    CHARGING_PERIODS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_COST_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIXED_COST_FIELD_NUMBER: _ClassVar[int]
    TOTAL_ENERGY_COST_FIELD_NUMBER: _ClassVar[int]
    TOTAL_TIME_COST_FIELD_NUMBER: _ClassVar[int]
    TOTAL_PARKING_COST_FIELD_NUMBER: _ClassVar[int]
    TOTAL_RESERVATION_COST_FIELD_NUMBER: _ClassVar[int]
    TOTAL_ENERGY_MWH_FIELD_NUMBER: _ClassVar[int]
    TOTAL_TIME_SECONDS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_PARKING_SECONDS_FIELD_NUMBER: _ClassVar[int]
    CREDIT_FIELD_NUMBER: _ClassVar[int]
    CREDIT_REFERENCE_ID_FIELD_NUMBER: _ClassVar[int]
    LAST_UPDATED_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    REPRICED_COST_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    owner: _party_pb2.PartyId
    id: str
    state: Cdr.State
    partner_id: str
    issued: bool
    session_id: str
    started_at: _timestamp_pb2.Timestamp
    ended_at: _timestamp_pb2.Timestamp
    token: _session_pb2.SessionToken
    location: CdrLocation
    meter_id: str
    currency: str
    tariffs: _containers.RepeatedScalarFieldContainer[bytes]
    charging_periods: _containers.RepeatedCompositeFieldContainer[_session_pb2.ChargingPeriod]
    total_cost: _money_pb2.Price
    total_fixed_cost: _money_pb2.Price
    total_energy_cost: _money_pb2.Price
    total_time_cost: _money_pb2.Price
    total_parking_cost: _money_pb2.Price
    total_reservation_cost: _money_pb2.Price
    total_energy_mwh: int
    total_time_seconds: int
    total_parking_seconds: int
    credit: bool
    credit_reference_id: str
    last_updated: _timestamp_pb2.Timestamp
    document: bytes
    findings: _containers.RepeatedCompositeFieldContainer[CdrFinding]
    repriced_cost: _money_pb2.Price
    version: int
    def __init__(self, owner: _Optional[_Union[_party_pb2.PartyId, _Mapping]] = ..., id: _Optional[str] = ..., state: _Optional[_Union[Cdr.State, str]] = ..., partner_id: _Optional[str] = ..., issued: _Optional[bool] = ..., session_id: _Optional[str] = ..., started_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., ended_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., token: _Optional[_Union[_session_pb2.SessionToken, _Mapping]] = ..., location: _Optional[_Union[CdrLocation, _Mapping]] = ..., meter_id: _Optional[str] = ..., currency: _Optional[str] = ..., tariffs: _Optional[_Iterable[bytes]] = ..., charging_periods: _Optional[_Iterable[_Union[_session_pb2.ChargingPeriod, _Mapping]]] = ..., total_cost: _Optional[_Union[_money_pb2.Price, _Mapping]] = ..., total_fixed_cost: _Optional[_Union[_money_pb2.Price, _Mapping]] = ..., total_energy_cost: _Optional[_Union[_money_pb2.Price, _Mapping]] = ..., total_time_cost: _Optional[_Union[_money_pb2.Price, _Mapping]] = ..., total_parking_cost: _Optional[_Union[_money_pb2.Price, _Mapping]] = ..., total_reservation_cost: _Optional[_Union[_money_pb2.Price, _Mapping]] = ..., total_energy_mwh: _Optional[int] = ..., total_time_seconds: _Optional[int] = ..., total_parking_seconds: _Optional[int] = ..., credit: _Optional[bool] = ..., credit_reference_id: _Optional[str] = ..., last_updated: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., document: _Optional[bytes] = ..., findings: _Optional[_Iterable[_Union[CdrFinding, _Mapping]]] = ..., repriced_cost: _Optional[_Union[_money_pb2.Price, _Mapping]] = ..., version: _Optional[int] = ...) -> None: ...

class CdrLocation(_message.Message):
    __slots__ = ("id", "name", "address", "city", "postal_code", "country", "latitude", "longitude", "evse_uid", "evse_id", "connector_id", "connector_standard", "connector_format", "connector_power_type", "time_zone")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    CITY_FIELD_NUMBER: _ClassVar[int]
    POSTAL_CODE_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    LATITUDE_FIELD_NUMBER: _ClassVar[int]
    LONGITUDE_FIELD_NUMBER: _ClassVar[int]
    EVSE_UID_FIELD_NUMBER: _ClassVar[int]
    EVSE_ID_FIELD_NUMBER: _ClassVar[int]
    CONNECTOR_ID_FIELD_NUMBER: _ClassVar[int]
    CONNECTOR_STANDARD_FIELD_NUMBER: _ClassVar[int]
    CONNECTOR_FORMAT_FIELD_NUMBER: _ClassVar[int]
    CONNECTOR_POWER_TYPE_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    id: str
    name: str
    address: str
    city: str
    postal_code: str
    country: str
    latitude: str
    longitude: str
    evse_uid: str
    evse_id: str
    connector_id: str
    connector_standard: str
    connector_format: str
    connector_power_type: str
    time_zone: str
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., address: _Optional[str] = ..., city: _Optional[str] = ..., postal_code: _Optional[str] = ..., country: _Optional[str] = ..., latitude: _Optional[str] = ..., longitude: _Optional[str] = ..., evse_uid: _Optional[str] = ..., evse_id: _Optional[str] = ..., connector_id: _Optional[str] = ..., connector_standard: _Optional[str] = ..., connector_format: _Optional[str] = ..., connector_power_type: _Optional[str] = ..., time_zone: _Optional[str] = ...) -> None: ...

class CdrFinding(_message.Message):
    __slots__ = ("code", "blocking", "message", "observed", "expected")
    CODE_FIELD_NUMBER: _ClassVar[int]
    BLOCKING_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    OBSERVED_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_FIELD_NUMBER: _ClassVar[int]
    code: str
    blocking: bool
    message: str
    observed: str
    expected: str
    def __init__(self, code: _Optional[str] = ..., blocking: _Optional[bool] = ..., message: _Optional[str] = ..., observed: _Optional[str] = ..., expected: _Optional[str] = ...) -> None: ...
