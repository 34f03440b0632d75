import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from interwatt.reconciliation.v1 import discrepancy_pb2 as _discrepancy_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RunReconciliationRequest(_message.Message):
    __slots__ = ("request_id", "partner_id", "started_from", "started_to")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PARTNER_ID_FIELD_NUMBER: _ClassVar[int]
    STARTED_FROM_FIELD_NUMBER: _ClassVar[int]
    STARTED_TO_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    partner_id: str
    started_from: _timestamp_pb2.Timestamp
    started_to: _timestamp_pb2.Timestamp
    def __init__(self, request_id: _Optional[str] = ..., partner_id: _Optional[str] = ..., started_from: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., started_to: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class RunReconciliationResponse(_message.Message):
    __slots__ = ("run", "replayed")
    RUN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    run: _discrepancy_pb2.ReconciliationRun
    replayed: bool
    def __init__(self, run: _Optional[_Union[_discrepancy_pb2.ReconciliationRun, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class ListRunsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListRunsResponse(_message.Message):
    __slots__ = ("runs", "next_page_token")
    RUNS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    runs: _containers.RepeatedCompositeFieldContainer[_discrepancy_pb2.ReconciliationRun]
    next_page_token: str
    def __init__(self, runs: _Optional[_Iterable[_Union[_discrepancy_pb2.ReconciliationRun, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListDiscrepanciesRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "partner_id", "state")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    PARTNER_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    partner_id: str
    state: _discrepancy_pb2.Discrepancy.State
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., partner_id: _Optional[str] = ..., state: _Optional[_Union[_discrepancy_pb2.Discrepancy.State, str]] = ...) -> None: ...

class ListDiscrepanciesResponse(_message.Message):
    __slots__ = ("discrepancies", "next_page_token")
    DISCREPANCIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    discrepancies: _containers.RepeatedCompositeFieldContainer[_discrepancy_pb2.Discrepancy]
    next_page_token: str
    def __init__(self, discrepancies: _Optional[_Iterable[_Union[_discrepancy_pb2.Discrepancy, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ResolveDiscrepancyRequest(_message.Message):
    __slots__ = ("request_id", "discrepancy_id", "resolution")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    DISCREPANCY_ID_FIELD_NUMBER: _ClassVar[int]
    RESOLUTION_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    discrepancy_id: str
    resolution: str
    def __init__(self, request_id: _Optional[str] = ..., discrepancy_id: _Optional[str] = ..., resolution: _Optional[str] = ...) -> None: ...

class ResolveDiscrepancyResponse(_message.Message):
    __slots__ = ("discrepancy", "replayed")
    DISCREPANCY_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    discrepancy: _discrepancy_pb2.Discrepancy
    replayed: bool
    def __init__(self, discrepancy: _Optional[_Union[_discrepancy_pb2.Discrepancy, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...
