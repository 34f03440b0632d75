import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from interwatt.common.v1 import money_pb2 as _money_pb2
from interwatt.common.v1 import party_pb2 as _party_pb2
from interwatt.tokens.v1 import token_pb2 as _token_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Session(_message.Message):
    __slots__ = ("owner", "id", "state", "partner_id", "at_our_station", "station_id", "connector_number", "transaction_id", "station_transaction_id", "location_id", "evse_uid", "connector_id", "token", "started_at", "ended_at", "meter_start_mwh", "meter_stop_mwh", "energy_mwh", "currency", "cost", "tariff_id", "stop_reason", "flags", "version", "last_updated", "charging_periods")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Session.State]
        STATE_PENDING: _ClassVar[Session.State]
        STATE_ACTIVE: _ClassVar[Session.State]
        STATE_COMPLETED: _ClassVar[Session.State]
        STATE_INVALID: _ClassVar[Session.State]
    STATE_UNSPECIFIED: Session.State
    STATE_PENDING: Session.State
    STATE_ACTIVE: Session.State
    STATE_COMPLETED: Session.State
    STATE_INVALID: Session.State
    OWNER_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PARTNER_ID_FIELD_NUMBER: _ClassVar[int]
    AT_OUR_STATION_FIELD_NUMBER: _ClassVar[int]
    STATION_ID_FIELD_NUMBER: _ClassVar[int]
    CONNECTOR_NUMBER_FIELD_NUMBER: _ClassVar[int]
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    STATION_TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    LOCATION_ID_FIELD_NUMBER: _ClassVar[int]
    EVSE_UID_FIELD_NUMBER: _ClassVar[int]
    CONNECTOR_ID_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_FIELD_NUMBER: _ClassVar[int]
    ENDED_AT_FIELD_NUMBER: _ClassVar[int]
    METER_START_MWH_FIELD_NUMBER: _ClassVar[int]
    METER_STOP_MWH_FIELD_NUMBER: _ClassVar[int]
    ENERGY_MWH_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    TARIFF_ID_FIELD_NUMBER: _ClassVar[int]
    STOP_REASON_FIELD_NUMBER: _ClassVar[int]
    FLAGS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    LAST_UPDATED_FIELD_NUMBER: _ClassVar[int]
    CHARGING_PERIODS_FIELD_NUMBER: _ClassVar[int]
    owner: _party_pb2.PartyId
    id: str
    state: Session.State
    partner_id: str
    at_our_station: bool
    station_id: str
    connector_number: int
    transaction_id: int
    station_transaction_id: str
    location_id: str
    evse_uid: str
    connector_id: str
    token: SessionToken
    started_at: _timestamp_pb2.Timestamp
    ended_at: _timestamp_pb2.Timestamp
    meter_start_mwh: int
    meter_stop_mwh: int
    energy_mwh: int
    currency: str
    cost: _money_pb2.Price
    tariff_id: str
    stop_reason: str
    flags: _containers.RepeatedScalarFieldContainer[str]
    version: int
    last_updated: _timestamp_pb2.Timestamp
    charging_periods: _containers.RepeatedCompositeFieldContainer[ChargingPeriod]
    def __init__(self, owner: _Optional[_Union[_party_pb2.PartyId, _Mapping]] = ..., id: _Optional[str] = ..., state: _Optional[_Union[Session.State, str]] = ..., partner_id: _Optional[str] = ..., at_our_station: _Optional[bool] = ..., station_id: _Optional[str] = ..., connector_number: _Optional[int] = ..., transaction_id: _Optional[int] = ..., station_transaction_id: _Optional[str] = ..., location_id: _Optional[str] = ..., evse_uid: _Optional[str] = ..., connector_id: _Optional[str] = ..., token: _Optional[_Union[SessionToken, _Mapping]] = ..., started_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., ended_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., meter_start_mwh: _Optional[int] = ..., meter_stop_mwh: _Optional[int] = ..., energy_mwh: _Optional[int] = ..., currency: _Optional[str] = ..., cost: _Optional[_Union[_money_pb2.Price, _Mapping]] = ..., tariff_id: _Optional[str] = ..., stop_reason: _Optional[str] = ..., flags: _Optional[_Iterable[str]] = ..., version: _Optional[int] = ..., last_updated: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., charging_periods: _Optional[_Iterable[_Union[ChargingPeriod, _Mapping]]] = ...) -> None: ...

class SessionToken(_message.Message):
    __slots__ = ("owner", "uid", "type", "contract_id", "auth_method", "authorization_reference", "accepted")
    OWNER_FIELD_NUMBER: _ClassVar[int]
    UID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    CONTRACT_ID_FIELD_NUMBER: _ClassVar[int]
    AUTH_METHOD_FIELD_NUMBER: _ClassVar[int]
    AUTHORIZATION_REFERENCE_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    owner: _party_pb2.PartyId
    uid: str
    type: _token_pb2.TokenType
    contract_id: str
    auth_method: str
    authorization_reference: str
    accepted: bool
    def __init__(self, owner: _Optional[_Union[_party_pb2.PartyId, _Mapping]] = ..., uid: _Optional[str] = ..., type: _Optional[_Union[_token_pb2.TokenType, str]] = ..., contract_id: _Optional[str] = ..., auth_method: _Optional[str] = ..., authorization_reference: _Optional[str] = ..., accepted: _Optional[bool] = ...) -> None: ...

class ChargingPeriod(_message.Message):
    __slots__ = ("start_at", "dimensions", "tariff_id")
    START_AT_FIELD_NUMBER: _ClassVar[int]
    DIMENSIONS_FIELD_NUMBER: _ClassVar[int]
    TARIFF_ID_FIELD_NUMBER: _ClassVar[int]
    start_at: _timestamp_pb2.Timestamp
    dimensions: _containers.RepeatedCompositeFieldContainer[Dimension]
    tariff_id: str
    def __init__(self, start_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., dimensions: _Optional[_Iterable[_Union[Dimension, _Mapping]]] = ..., tariff_id: _Optional[str] = ...) -> None: ...

class Dimension(_message.Message):
    __slots__ = ("type", "volume")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    VOLUME_FIELD_NUMBER: _ClassVar[int]
    type: str
    volume: str
    def __init__(self, type: _Optional[str] = ..., volume: _Optional[str] = ...) -> None: ...

class MeterReading(_message.Message):
    __slots__ = ("at", "samples")
    AT_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    at: _timestamp_pb2.Timestamp
    samples: _containers.RepeatedCompositeFieldContainer[MeterSample]
    def __init__(self, at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., samples: _Optional[_Iterable[_Union[MeterSample, _Mapping]]] = ...) -> None: ...

class MeterSample(_message.Message):
    __slots__ = ("measurand", "value_milli", "phase", "context", "location", "signed_data")
    MEASURAND_FIELD_NUMBER: _ClassVar[int]
    VALUE_MILLI_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    LOCATION_FIELD_NUMBER: _ClassVar[int]
    SIGNED_DATA_FIELD_NUMBER: _ClassVar[int]
    measurand: str
    value_milli: int
    phase: str
    context: str
    location: str
    signed_data: bytes
    def __init__(self, measurand: _Optional[str] = ..., value_milli: _Optional[int] = ..., phase: _Optional[str] = ..., context: _Optional[str] = ..., location: _Optional[str] = ..., signed_data: _Optional[bytes] = ...) -> None: ...
