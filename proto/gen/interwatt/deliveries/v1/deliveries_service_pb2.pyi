import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from interwatt.common.v1 import error_reason_pb2 as _error_reason_pb2
from interwatt.common.v1 import party_pb2 as _party_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Delivery(_message.Message):
    __slots__ = ("partner_id", "module", "owner", "object_id", "version", "delivered_version", "attempts", "last_error", "remote_url", "due_at")
    PARTNER_ID_FIELD_NUMBER: _ClassVar[int]
    MODULE_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    OBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DELIVERED_VERSION_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    LAST_ERROR_FIELD_NUMBER: _ClassVar[int]
    REMOTE_URL_FIELD_NUMBER: _ClassVar[int]
    DUE_AT_FIELD_NUMBER: _ClassVar[int]
    partner_id: str
    module: str
    owner: _party_pb2.PartyId
    object_id: str
    version: int
    delivered_version: int
    attempts: int
    last_error: str
    remote_url: str
    due_at: _timestamp_pb2.Timestamp
    def __init__(self, partner_id: _Optional[str] = ..., module: _Optional[str] = ..., owner: _Optional[_Union[_party_pb2.PartyId, _Mapping]] = ..., object_id: _Optional[str] = ..., version: _Optional[int] = ..., delivered_version: _Optional[int] = ..., attempts: _Optional[int] = ..., last_error: _Optional[str] = ..., remote_url: _Optional[str] = ..., due_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class StreamDeliveriesRequest(_message.Message):
    __slots__ = ("gateway_id",)
    GATEWAY_ID_FIELD_NUMBER: _ClassVar[int]
    gateway_id: str
    def __init__(self, gateway_id: _Optional[str] = ...) -> None: ...

class StreamDeliveriesResponse(_message.Message):
    __slots__ = ("delivery",)
    DELIVERY_FIELD_NUMBER: _ClassVar[int]
    delivery: Delivery
    def __init__(self, delivery: _Optional[_Union[Delivery, _Mapping]] = ...) -> None: ...

class ReportDeliveriesRequest(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[ReportDeliveryItem]
    def __init__(self, items: _Optional[_Iterable[_Union[ReportDeliveryItem, _Mapping]]] = ...) -> None: ...

class ReportDeliveryItem(_message.Message):
    __slots__ = ("delivery", "delivered_version", "remote_url", "error", "refused")
    DELIVERY_FIELD_NUMBER: _ClassVar[int]
    DELIVERED_VERSION_FIELD_NUMBER: _ClassVar[int]
    REMOTE_URL_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    delivery: Delivery
    delivered_version: int
    remote_url: str
    error: str
    refused: bool
    def __init__(self, delivery: _Optional[_Union[Delivery, _Mapping]] = ..., delivered_version: _Optional[int] = ..., remote_url: _Optional[str] = ..., error: _Optional[str] = ..., refused: _Optional[bool] = ...) -> None: ...

class ReportDeliveriesResponse(_message.Message):
    __slots__ = ("outcomes",)
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    outcomes: _containers.RepeatedCompositeFieldContainer[ReportDeliveryOutcome]
    def __init__(self, outcomes: _Optional[_Iterable[_Union[ReportDeliveryOutcome, _Mapping]]] = ...) -> None: ...

class ReportDeliveryOutcome(_message.Message):
    __slots__ = ("error",)
    ERROR_FIELD_NUMBER: _ClassVar[int]
    error: _error_reason_pb2.ItemError
    def __init__(self, error: _Optional[_Union[_error_reason_pb2.ItemError, _Mapping]] = ...) -> None: ...

class ListDeliveriesRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "partner_id")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    PARTNER_ID_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    partner_id: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., partner_id: _Optional[str] = ...) -> None: ...

class ListDeliveriesResponse(_message.Message):
    __slots__ = ("deliveries", "next_page_token")
    DELIVERIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    deliveries: _containers.RepeatedCompositeFieldContainer[Delivery]
    next_page_token: str
    def __init__(self, deliveries: _Optional[_Iterable[_Union[Delivery, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
