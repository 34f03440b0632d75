from interwatt.common.v1 import error_reason_pb2 as _error_reason_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PriceCdrsRequest(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[PriceCdrItem]
    def __init__(self, items: _Optional[_Iterable[_Union[PriceCdrItem, _Mapping]]] = ...) -> None: ...

class PriceCdrItem(_message.Message):
    __slots__ = ("document", "tariffs", "time_zone", "policy", "explain")
    class PolicyEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    TARIFFS_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    EXPLAIN_FIELD_NUMBER: _ClassVar[int]
    document: bytes
    tariffs: bytes
    time_zone: str
    policy: _containers.ScalarMap[str, str]
    explain: bool
    def __init__(self, document: _Optional[bytes] = ..., tariffs: _Optional[bytes] = ..., time_zone: _Optional[str] = ..., policy: _Optional[_Mapping[str, str]] = ..., explain: _Optional[bool] = ...) -> None: ...

class PriceCdrsResponse(_message.Message):
    __slots__ = ("outcomes",)
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    outcomes: _containers.RepeatedCompositeFieldContainer[PriceCdrOutcome]
    def __init__(self, outcomes: _Optional[_Iterable[_Union[PriceCdrOutcome, _Mapping]]] = ...) -> None: ...

class PriceCdrOutcome(_message.Message):
    __slots__ = ("report", "error")
    REPORT_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    report: bytes
    error: _error_reason_pb2.ItemError
    def __init__(self, report: _Optional[bytes] = ..., error: _Optional[_Union[_error_reason_pb2.ItemError, _Mapping]] = ...) -> None: ...
