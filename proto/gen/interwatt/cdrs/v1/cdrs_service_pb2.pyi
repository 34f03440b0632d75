import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from interwatt.cdrs.v1 import cdr_pb2 as _cdr_pb2
from interwatt.common.v1 import error_reason_pb2 as _error_reason_pb2
from interwatt.common.v1 import party_pb2 as _party_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ImportCdrsRequest(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[ImportCdrItem]
    def __init__(self, items: _Optional[_Iterable[_Union[ImportCdrItem, _Mapping]]] = ...) -> None: ...

class ImportCdrItem(_message.Message):
    __slots__ = ("request_id", "partner_id", "cdr")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PARTNER_ID_FIELD_NUMBER: _ClassVar[int]
    CDR_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    partner_id: str
    cdr: _cdr_pb2.Cdr
    def __init__(self, request_id: _Optional[str] = ..., partner_id: _Optional[str] = ..., cdr: _Optional[_Union[_cdr_pb2.Cdr, _Mapping]] = ...) -> None: ...

class ImportCdrsResponse(_message.Message):
    __slots__ = ("outcomes",)
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    outcomes: _containers.RepeatedCompositeFieldContainer[ImportCdrOutcome]
    def __init__(self, outcomes: _Optional[_Iterable[_Union[ImportCdrOutcome, _Mapping]]] = ...) -> None: ...

class ImportCdrOutcome(_message.Message):
    __slots__ = ("cdr", "error", "created", "replayed")
    CDR_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    cdr: _cdr_pb2.Cdr
    error: _error_reason_pb2.ItemError
    created: bool
    replayed: bool
    def __init__(self, cdr: _Optional[_Union[_cdr_pb2.Cdr, _Mapping]] = ..., error: _Optional[_Union[_error_reason_pb2.ItemError, _Mapping]] = ..., created: _Optional[bool] = ..., replayed: _Optional[bool] = ...) -> None: ...

class AcceptCdrRequest(_message.Message):
    __slots__ = ("request_id", "owner", "id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    owner: _party_pb2.PartyId
    id: str
    def __init__(self, request_id: _Optional[str] = ..., owner: _Optional[_Union[_party_pb2.PartyId, _Mapping]] = ..., id: _Optional[str] = ...) -> None: ...

class AcceptCdrResponse(_message.Message):
    __slots__ = ("cdr",)
    CDR_FIELD_NUMBER: _ClassVar[int]
    cdr: _cdr_pb2.Cdr
    def __init__(self, cdr: _Optional[_Union[_cdr_pb2.Cdr, _Mapping]] = ...) -> None: ...

class PriceCdrRequest(_message.Message):
    __slots__ = ("request_id", "owner", "id", "tariff_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    TARIFF_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    owner: _party_pb2.PartyId
    id: str
    tariff_id: str
    def __init__(self, request_id: _Optional[str] = ..., owner: _Optional[_Union[_party_pb2.PartyId, _Mapping]] = ..., id: _Optional[str] = ..., tariff_id: _Optional[str] = ...) -> None: ...

class PriceCdrResponse(_message.Message):
    __slots__ = ("cdr", "replayed")
    CDR_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    cdr: _cdr_pb2.Cdr
    replayed: bool
    def __init__(self, cdr: _Optional[_Union[_cdr_pb2.Cdr, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class GetCdrRequest(_message.Message):
    __slots__ = ("owner", "id")
    OWNER_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    owner: _party_pb2.PartyId
    id: str
    def __init__(self, owner: _Optional[_Union[_party_pb2.PartyId, _Mapping]] = ..., id: _Optional[str] = ...) -> None: ...

class GetCdrResponse(_message.Message):
    __slots__ = ("cdr",)
    CDR_FIELD_NUMBER: _ClassVar[int]
    cdr: _cdr_pb2.Cdr
    def __init__(self, cdr: _Optional[_Union[_cdr_pb2.Cdr, _Mapping]] = ...) -> None: ...

class ListCdrsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "partner_id", "issued", "state", "updated_from", "updated_to")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    PARTNER_ID_FIELD_NUMBER: _ClassVar[int]
    ISSUED_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    UPDATED_FROM_FIELD_NUMBER: _ClassVar[int]
    UPDATED_TO_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    partner_id: str
    issued: bool
    state: _cdr_pb2.Cdr.State
    updated_from: _timestamp_pb2.Timestamp
    updated_to: _timestamp_pb2.Timestamp
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., partner_id: _Optional[str] = ..., issued: _Optional[bool] = ..., state: _Optional[_Union[_cdr_pb2.Cdr.State, str]] = ..., updated_from: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., updated_to: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListCdrsResponse(_message.Message):
    __slots__ = ("cdrs", "next_page_token", "total_size")
    CDRS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    TOTAL_SIZE_FIELD_NUMBER: _ClassVar[int]
    cdrs: _containers.RepeatedCompositeFieldContainer[_cdr_pb2.Cdr]
    next_page_token: str
    total_size: int
    def __init__(self, cdrs: _Optional[_Iterable[_Union[_cdr_pb2.Cdr, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., total_size: _Optional[int] = ...) -> None: ...
