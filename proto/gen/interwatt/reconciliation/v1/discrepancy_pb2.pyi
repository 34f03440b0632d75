import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from interwatt.common.v1 import party_pb2 as _party_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Discrepancy(_message.Message):
    __slots__ = ("id", "code", "state", "partner_id", "owner", "session_id", "cdr_id", "observed", "expected", "tolerance", "message", "opened_at", "resolution")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Discrepancy.State]
        STATE_OPEN: _ClassVar[Discrepancy.State]
        STATE_RESOLVED: _ClassVar[Discrepancy.State]
        STATE_GONE: _ClassVar[Discrepancy.State]
    STATE_UNSPECIFIED: Discrepancy.State
    STATE_OPEN: Discrepancy.State
    STATE_RESOLVED: Discrepancy.State
    STATE_GONE: Discrepancy.State
    ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PARTNER_ID_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    CDR_ID_FIELD_NUMBER: _ClassVar[int]
    OBSERVED_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_FIELD_NUMBER: _ClassVar[int]
    TOLERANCE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    OPENED_AT_FIELD_NUMBER: _ClassVar[int]
    RESOLUTION_FIELD_NUMBER: _ClassVar[int]
    id: str
    code: str
    state: Discrepancy.State
    partner_id: str
    owner: _party_pb2.PartyId
    session_id: str
    cdr_id: str
    observed: str
    expected: str
    tolerance: str
    message: str
    opened_at: _timestamp_pb2.Timestamp
    resolution: str
    def __init__(self, id: _Optional[str] = ..., code: _Optional[str] = ..., state: _Optional[_Union[Discrepancy.State, str]] = ..., partner_id: _Optional[str] = ..., owner: _Optional[_Union[_party_pb2.PartyId, _Mapping]] = ..., session_id: _Optional[str] = ..., cdr_id: _Optional[str] = ..., observed: _Optional[str] = ..., expected: _Optional[str] = ..., tolerance: _Optional[str] = ..., message: _Optional[str] = ..., opened_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., resolution: _Optional[str] = ...) -> None: ...

class ReconciliationRun(_message.Message):
    __slots__ = ("id", "partner_id", "started_from", "started_to", "sessions", "cdrs", "matched", "discrepancies", "ran_at")
    class DiscrepanciesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    ID_FIELD_NUMBER: _ClassVar[int]
    PARTNER_ID_FIELD_NUMBER: _ClassVar[int]
    STARTED_FROM_FIELD_NUMBER: _ClassVar[int]
    STARTED_TO_FIELD_NUMBER: _ClassVar[int]
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    CDRS_FIELD_NUMBER: _ClassVar[int]
    MATCHED_FIELD_NUMBER: _ClassVar[int]
    DISCREPANCIES_FIELD_NUMBER: _ClassVar[int]
    RAN_AT_FIELD_NUMBER: _ClassVar[int]
    id: str
    partner_id: str
    started_from: _timestamp_pb2.Timestamp
    started_to: _timestamp_pb2.Timestamp
    sessions: int
    cdrs: int
    matched: int
    discrepancies: _containers.ScalarMap[str, int]
    ran_at: _timestamp_pb2.Timestamp
    def __init__(self, id: _Optional[str] = ..., partner_id: _Optional[str] = ..., started_from: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., started_to: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., sessions: _Optional[int] = ..., cdrs: _Optional[int] = ..., matched: _Optional[int] = ..., discrepancies: _Optional[_Mapping[str, int]] = ..., ran_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
