import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from interwatt.common.v1 import error_reason_pb2 as _error_reason_pb2
from interwatt.common.v1 import party_pb2 as _party_pb2
from interwatt.sessions.v1 import session_pb2 as _session_pb2
from interwatt.tokens.v1 import token_pb2 as _token_pb2
from interwatt.tokens.v1 import tokens_service_pb2 as _tokens_service_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class OrphanKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ORPHAN_KIND_UNSPECIFIED: _ClassVar[OrphanKind]
    ORPHAN_KIND_READINGS: _ClassVar[OrphanKind]
    ORPHAN_KIND_STOP: _ClassVar[OrphanKind]
    ORPHAN_KIND_STOP_CONFLICT: _ClassVar[OrphanKind]
ORPHAN_KIND_UNSPECIFIED: OrphanKind
ORPHAN_KIND_READINGS: OrphanKind
ORPHAN_KIND_STOP: OrphanKind
ORPHAN_KIND_STOP_CONFLICT: OrphanKind

class StartSessionsRequest(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[StartSessionItem]
    def __init__(self, items: _Optional[_Iterable[_Union[StartSessionItem, _Mapping]]] = ...) -> None: ...

class StartSessionItem(_message.Message):
    __slots__ = ("request_id", "station_id", "generation", "connector_number", "token_uid", "token_type", "started_at", "meter_start_mwh", "station_transaction_id", "historical", "meter_start_unknown")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    STATION_ID_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    CONNECTOR_NUMBER_FIELD_NUMBER: _ClassVar[int]
    TOKEN_UID_FIELD_NUMBER: _ClassVar[int]
    TOKEN_TYPE_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_FIELD_NUMBER: _ClassVar[int]
    METER_START_MWH_FIELD_NUMBER: _ClassVar[int]
    STATION_TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    HISTORICAL_FIELD_NUMBER: _ClassVar[int]
    METER_START_UNKNOWN_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    station_id: str
    generation: int
    connector_number: int
    token_uid: str
    token_type: _token_pb2.TokenType
    started_at: _timestamp_pb2.Timestamp
    meter_start_mwh: int
    station_transaction_id: str
    historical: bool
    meter_start_unknown: bool
    def __init__(self, request_id: _Optional[str] = ..., station_id: _Optional[str] = ..., generation: _Optional[int] = ..., connector_number: _Optional[int] = ..., token_uid: _Optional[str] = ..., token_type: _Optional[_Union[_token_pb2.TokenType, str]] = ..., started_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., meter_start_mwh: _Optional[int] = ..., station_transaction_id: _Optional[str] = ..., historical: _Optional[bool] = ..., meter_start_unknown: _Optional[bool] = ...) -> None: ...

class StartSessionsResponse(_message.Message):
    __slots__ = ("outcomes",)
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    outcomes: _containers.RepeatedCompositeFieldContainer[StartSessionOutcome]
    def __init__(self, outcomes: _Optional[_Iterable[_Union[StartSessionOutcome, _Mapping]]] = ...) -> None: ...

class StartSessionOutcome(_message.Message):
    __slots__ = ("session", "error", "authorization", "replayed")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    AUTHORIZATION_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    session: _session_pb2.Session
    error: _error_reason_pb2.ItemError
    authorization: _tokens_service_pb2.Authorization
    replayed: bool
    def __init__(self, session: _Optional[_Union[_session_pb2.Session, _Mapping]] = ..., error: _Optional[_Union[_error_reason_pb2.ItemError, _Mapping]] = ..., authorization: _Optional[_Union[_tokens_service_pb2.Authorization, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class StartSessionRequest(_message.Message):
    __slots__ = ("item",)
    ITEM_FIELD_NUMBER: _ClassVar[int]
    item: StartSessionItem
    def __init__(self, item: _Optional[_Union[StartSessionItem, _Mapping]] = ...) -> None: ...

class StartSessionResponse(_message.Message):
    __slots__ = ("outcome",)
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    outcome: StartSessionOutcome
    def __init__(self, outcome: _Optional[_Union[StartSessionOutcome, _Mapping]] = ...) -> None: ...

class RecordMeterReadingsRequest(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[RecordMeterReadingsItem]
    def __init__(self, items: _Optional[_Iterable[_Union[RecordMeterReadingsItem, _Mapping]]] = ...) -> None: ...

class RecordMeterReadingsItem(_message.Message):
    __slots__ = ("request_id", "station_id", "generation", "connector_number", "transaction_id", "station_transaction_id", "readings")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    STATION_ID_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    CONNECTOR_NUMBER_FIELD_NUMBER: _ClassVar[int]
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    STATION_TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    READINGS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    station_id: str
    generation: int
    connector_number: int
    transaction_id: int
    station_transaction_id: str
    readings: _containers.RepeatedCompositeFieldContainer[_session_pb2.MeterReading]
    def __init__(self, request_id: _Optional[str] = ..., station_id: _Optional[str] = ..., generation: _Optional[int] = ..., connector_number: _Optional[int] = ..., transaction_id: _Optional[int] = ..., station_transaction_id: _Optional[str] = ..., readings: _Optional[_Iterable[_Union[_session_pb2.MeterReading, _Mapping]]] = ...) -> None: ...

class RecordMeterReadingsResponse(_message.Message):
    __slots__ = ("outcomes",)
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    outcomes: _containers.RepeatedCompositeFieldContainer[RecordMeterReadingsOutcome]
    def __init__(self, outcomes: _Optional[_Iterable[_Union[RecordMeterReadingsOutcome, _Mapping]]] = ...) -> None: ...

class RecordMeterReadingsOutcome(_message.Message):
    __slots__ = ("error", "session_id", "replayed")
    ERROR_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    error: _error_reason_pb2.ItemError
    session_id: str
    replayed: bool
    def __init__(self, error: _Optional[_Union[_error_reason_pb2.ItemError, _Mapping]] = ..., session_id: _Optional[str] = ..., replayed: _Optional[bool] = ...) -> None: ...

class StopSessionsRequest(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[StopSessionItem]
    def __init__(self, items: _Optional[_Iterable[_Union[StopSessionItem, _Mapping]]] = ...) -> None: ...

class StopSessionItem(_message.Message):
    __slots__ = ("request_id", "station_id", "generation", "transaction_id", "station_transaction_id", "session_id", "stopped_at", "meter_stop_mwh", "reason", "token_uid", "readings", "meter_stop_unknown")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    STATION_ID_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    STATION_TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    STOPPED_AT_FIELD_NUMBER: _ClassVar[int]
    METER_STOP_MWH_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    TOKEN_UID_FIELD_NUMBER: _ClassVar[int]
    READINGS_FIELD_NUMBER: _ClassVar[int]
    METER_STOP_UNKNOWN_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    station_id: str
    generation: int
    transaction_id: int
    station_transaction_id: str
    session_id: str
    stopped_at: _timestamp_pb2.Timestamp
    meter_stop_mwh: int
    reason: str
    token_uid: str
    readings: _containers.RepeatedCompositeFieldContainer[_session_pb2.MeterReading]
    meter_stop_unknown: bool
    def __init__(self, request_id: _Optional[str] = ..., station_id: _Optional[str] = ..., generation: _Optional[int] = ..., transaction_id: _Optional[int] = ..., station_transaction_id: _Optional[str] = ..., session_id: _Optional[str] = ..., stopped_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., meter_stop_mwh: _Optional[int] = ..., reason: _Optional[str] = ..., token_uid: _Optional[str] = ..., readings: _Optional[_Iterable[_Union[_session_pb2.MeterReading, _Mapping]]] = ..., meter_stop_unknown: _Optional[bool] = ...) -> None: ...

class StopSessionsResponse(_message.Message):
    __slots__ = ("outcomes",)
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    outcomes: _containers.RepeatedCompositeFieldContainer[StopSessionOutcome]
    def __init__(self, outcomes: _Optional[_Iterable[_Union[StopSessionOutcome, _Mapping]]] = ...) -> None: ...

class StopSessionOutcome(_message.Message):
    __slots__ = ("session", "error", "orphan_id", "replayed")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    ORPHAN_ID_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    session: _session_pb2.Session
    error: _error_reason_pb2.ItemError
    orphan_id: str
    replayed: bool
    def __init__(self, session: _Optional[_Union[_session_pb2.Session, _Mapping]] = ..., error: _Optional[_Union[_error_reason_pb2.ItemError, _Mapping]] = ..., orphan_id: _Optional[str] = ..., replayed: _Optional[bool] = ...) -> None: ...

class StopSessionRequest(_message.Message):
    __slots__ = ("item",)
    ITEM_FIELD_NUMBER: _ClassVar[int]
    item: StopSessionItem
    def __init__(self, item: _Optional[_Union[StopSessionItem, _Mapping]] = ...) -> None: ...

class StopSessionResponse(_message.Message):
    __slots__ = ("outcome",)
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    outcome: StopSessionOutcome
    def __init__(self, outcome: _Optional[_Union[StopSessionOutcome, _Mapping]] = ...) -> None: ...

class PutPartnerSessionsRequest(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[PutPartnerSessionItem]
    def __init__(self, items: _Optional[_Iterable[_Union[PutPartnerSessionItem, _Mapping]]] = ...) -> None: ...

class PutPartnerSessionItem(_message.Message):
    __slots__ = ("request_id", "partner_id", "session", "patch", "document")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PARTNER_ID_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    PATCH_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    partner_id: str
    session: _session_pb2.Session
    patch: bool
    document: bytes
    def __init__(self, request_id: _Optional[str] = ..., partner_id: _Optional[str] = ..., session: _Optional[_Union[_session_pb2.Session, _Mapping]] = ..., patch: _Optional[bool] = ..., document: _Optional[bytes] = ...) -> None: ...

class PutPartnerSessionsResponse(_message.Message):
    __slots__ = ("outcomes",)
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    outcomes: _containers.RepeatedCompositeFieldContainer[PutPartnerSessionOutcome]
    def __init__(self, outcomes: _Optional[_Iterable[_Union[PutPartnerSessionOutcome, _Mapping]]] = ...) -> None: ...

class PutPartnerSessionOutcome(_message.Message):
    __slots__ = ("session", "error", "created", "replayed")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    session: _session_pb2.Session
    error: _error_reason_pb2.ItemError
    created: bool
    replayed: bool
    def __init__(self, session: _Optional[_Union[_session_pb2.Session, _Mapping]] = ..., error: _Optional[_Union[_error_reason_pb2.ItemError, _Mapping]] = ..., created: _Optional[bool] = ..., replayed: _Optional[bool] = ...) -> None: ...

class RequestStartRequest(_message.Message):
    __slots__ = ("request_id", "station_id", "connector_number", "partner_id", "location_id", "evse_uid", "token_uid", "token_type", "timeout_seconds", "requested_by_partner_id", "authorization_reference", "token")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    STATION_ID_FIELD_NUMBER: _ClassVar[int]
    CONNECTOR_NUMBER_FIELD_NUMBER: _ClassVar[int]
    PARTNER_ID_FIELD_NUMBER: _ClassVar[int]
    LOCATION_ID_FIELD_NUMBER: _ClassVar[int]
    EVSE_UID_FIELD_NUMBER: _ClassVar[int]
    TOKEN_UID_FIELD_NUMBER: _ClassVar[int]
    TOKEN_TYPE_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_SECONDS_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_BY_PARTNER_ID_FIELD_NUMBER: _ClassVar[int]
    AUTHORIZATION_REFERENCE_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    station_id: str
    connector_number: int
    partner_id: str
    location_id: str
    evse_uid: str
    token_uid: str
    token_type: _token_pb2.TokenType
    timeout_seconds: int
    requested_by_partner_id: str
    authorization_reference: str
    token: _token_pb2.Token
    def __init__(self, request_id: _Optional[str] = ..., station_id: _Optional[str] = ..., connector_number: _Optional[int] = ..., partner_id: _Optional[str] = ..., location_id: _Optional[str] = ..., evse_uid: _Optional[str] = ..., token_uid: _Optional[str] = ..., token_type: _Optional[_Union[_token_pb2.TokenType, str]] = ..., timeout_seconds: _Optional[int] = ..., requested_by_partner_id: _Optional[str] = ..., authorization_reference: _Optional[str] = ..., token: _Optional[_Union[_token_pb2.Token, _Mapping]] = ...) -> None: ...

class RequestStartResponse(_message.Message):
    __slots__ = ("command_id", "authorization_reference", "replayed")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    AUTHORIZATION_REFERENCE_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    authorization_reference: str
    replayed: bool
    def __init__(self, command_id: _Optional[str] = ..., authorization_reference: _Optional[str] = ..., replayed: _Optional[bool] = ...) -> None: ...

class RequestStopRequest(_message.Message):
    __slots__ = ("request_id", "owner", "session_id", "requested_by_partner_id", "timeout_seconds")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_BY_PARTNER_ID_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_SECONDS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    owner: _party_pb2.PartyId
    session_id: str
    requested_by_partner_id: str
    timeout_seconds: int
    def __init__(self, request_id: _Optional[str] = ..., owner: _Optional[_Union[_party_pb2.PartyId, _Mapping]] = ..., session_id: _Optional[str] = ..., requested_by_partner_id: _Optional[str] = ..., timeout_seconds: _Optional[int] = ...) -> None: ...

class RequestStopResponse(_message.Message):
    __slots__ = ("command_id", "replayed")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    replayed: bool
    def __init__(self, command_id: _Optional[str] = ..., replayed: _Optional[bool] = ...) -> None: ...

class GetSessionRequest(_message.Message):
    __slots__ = ("owner", "session_id")
    OWNER_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    owner: _party_pb2.PartyId
    session_id: str
    def __init__(self, owner: _Optional[_Union[_party_pb2.PartyId, _Mapping]] = ..., session_id: _Optional[str] = ...) -> None: ...

class GetSessionResponse(_message.Message):
    __slots__ = ("session",)
    SESSION_FIELD_NUMBER: _ClassVar[int]
    session: _session_pb2.Session
    def __init__(self, session: _Optional[_Union[_session_pb2.Session, _Mapping]] = ...) -> None: ...

class ListSessionsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "partner_id", "at_our_stations", "state", "updated_from", "updated_to")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    PARTNER_ID_FIELD_NUMBER: _ClassVar[int]
    AT_OUR_STATIONS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    UPDATED_FROM_FIELD_NUMBER: _ClassVar[int]
    UPDATED_TO_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    partner_id: str
    at_our_stations: bool
    state: _session_pb2.Session.State
    updated_from: _timestamp_pb2.Timestamp
    updated_to: _timestamp_pb2.Timestamp
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., partner_id: _Optional[str] = ..., at_our_stations: _Optional[bool] = ..., state: _Optional[_Union[_session_pb2.Session.State, str]] = ..., updated_from: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., updated_to: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListSessionsResponse(_message.Message):
    __slots__ = ("sessions", "next_page_token", "total_size")
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    TOTAL_SIZE_FIELD_NUMBER: _ClassVar[int]
    sessions: _containers.RepeatedCompositeFieldContainer[_session_pb2.Session]
    next_page_token: str
    total_size: int
    def __init__(self, sessions: _Optional[_Iterable[_Union[_session_pb2.Session, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., total_size: _Optional[int] = ...) -> None: ...

class Orphan(_message.Message):
    __slots__ = ("id", "kind", "session_id", "recorded_at", "readings", "stop")
    ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    RECORDED_AT_FIELD_NUMBER: _ClassVar[int]
    READINGS_FIELD_NUMBER: _ClassVar[int]
    STOP_FIELD_NUMBER: _ClassVar[int]
    id: str
    kind: OrphanKind
    session_id: str
    recorded_at: _timestamp_pb2.Timestamp
    readings: RecordMeterReadingsItem
    stop: StopSessionItem
    def __init__(self, id: _Optional[str] = ..., kind: _Optional[_Union[OrphanKind, str]] = ..., session_id: _Optional[str] = ..., recorded_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., readings: _Optional[_Union[RecordMeterReadingsItem, _Mapping]] = ..., stop: _Optional[_Union[StopSessionItem, _Mapping]] = ...) -> None: ...

class ListOrphansRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "station_id", "loose")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    STATION_ID_FIELD_NUMBER: _ClassVar[int]
    LOOSE_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    station_id: str
    loose: bool
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., station_id: _Optional[str] = ..., loose: _Optional[bool] = ...) -> None: ...

class ListOrphansResponse(_message.Message):
    __slots__ = ("orphans", "next_page_token")
    ORPHANS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    orphans: _containers.RepeatedCompositeFieldContainer[Orphan]
    next_page_token: str
    def __init__(self, orphans: _Optional[_Iterable[_Union[Orphan, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
