import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from interwatt.common.v1 import error_reason_pb2 as _error_reason_pb2
from interwatt.common.v1 import party_pb2 as _party_pb2
from interwatt.tariffs.v1 import tariff_pb2 as _tariff_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PutTariffsRequest(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[PutTariffItem]
    def __init__(self, items: _Optional[_Iterable[_Union[PutTariffItem, _Mapping]]] = ...) -> None: ...

class PutTariffItem(_message.Message):
    __slots__ = ("request_id", "tariff")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    TARIFF_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    tariff: _tariff_pb2.Tariff
    def __init__(self, request_id: _Optional[str] = ..., tariff: _Optional[_Union[_tariff_pb2.Tariff, _Mapping]] = ...) -> None: ...

class PutTariffsResponse(_message.Message):
    __slots__ = ("outcomes",)
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    outcomes: _containers.RepeatedCompositeFieldContainer[PutTariffOutcome]
    def __init__(self, outcomes: _Optional[_Iterable[_Union[PutTariffOutcome, _Mapping]]] = ...) -> None: ...

class PutTariffOutcome(_message.Message):
    __slots__ = ("tariff", "error", "created", "replayed", "findings")
    TARIFF_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    tariff: _tariff_pb2.Tariff
    error: _error_reason_pb2.ItemError
    created: bool
    replayed: bool
    findings: _containers.RepeatedCompositeFieldContainer[Finding]
    def __init__(self, tariff: _Optional[_Union[_tariff_pb2.Tariff, _Mapping]] = ..., error: _Optional[_Union[_error_reason_pb2.ItemError, _Mapping]] = ..., created: _Optional[bool] = ..., replayed: _Optional[bool] = ..., findings: _Optional[_Iterable[_Union[Finding, _Mapping]]] = ...) -> None: ...

class Finding(_message.Message):
    __slots__ = ("code", "path", "message")
    CODE_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    code: str
    path: str
    message: str
    def __init__(self, code: _Optional[str] = ..., path: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class DeleteTariffRequest(_message.Message):
    __slots__ = ("request_id", "owner", "id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    owner: _party_pb2.PartyId
    id: str
    def __init__(self, request_id: _Optional[str] = ..., owner: _Optional[_Union[_party_pb2.PartyId, _Mapping]] = ..., id: _Optional[str] = ...) -> None: ...

class DeleteTariffResponse(_message.Message):
    __slots__ = ("tariff",)
    TARIFF_FIELD_NUMBER: _ClassVar[int]
    tariff: _tariff_pb2.Tariff
    def __init__(self, tariff: _Optional[_Union[_tariff_pb2.Tariff, _Mapping]] = ...) -> None: ...

class GetTariffRequest(_message.Message):
    __slots__ = ("owner", "id")
    OWNER_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    owner: _party_pb2.PartyId
    id: str
    def __init__(self, owner: _Optional[_Union[_party_pb2.PartyId, _Mapping]] = ..., id: _Optional[str] = ...) -> None: ...

class GetTariffResponse(_message.Message):
    __slots__ = ("tariff",)
    TARIFF_FIELD_NUMBER: _ClassVar[int]
    tariff: _tariff_pb2.Tariff
    def __init__(self, tariff: _Optional[_Union[_tariff_pb2.Tariff, _Mapping]] = ...) -> None: ...

class ListTariffsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "partner_id", "updated_from", "updated_to")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    PARTNER_ID_FIELD_NUMBER: _ClassVar[int]
    UPDATED_FROM_FIELD_NUMBER: _ClassVar[int]
    UPDATED_TO_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    partner_id: str
    updated_from: _timestamp_pb2.Timestamp
    updated_to: _timestamp_pb2.Timestamp
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., partner_id: _Optional[str] = ..., updated_from: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., updated_to: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListTariffsResponse(_message.Message):
    __slots__ = ("tariffs", "next_page_token", "total_size")
    TARIFFS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    TOTAL_SIZE_FIELD_NUMBER: _ClassVar[int]
    tariffs: _containers.RepeatedCompositeFieldContainer[_tariff_pb2.Tariff]
    next_page_token: str
    total_size: int
    def __init__(self, tariffs: _Optional[_Iterable[_Union[_tariff_pb2.Tariff, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., total_size: _Optional[int] = ...) -> None: ...
