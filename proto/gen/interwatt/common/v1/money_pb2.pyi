from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Money(_message.Message):
    __slots__ = ("currency", "amount_e4")
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_E4_FIELD_NUMBER: _ClassVar[int]
    currency: str
    amount_e4: int
    def __init__(self, currency: _Optional[str] = ..., amount_e4: _Optional[int] = ...) -> None: ...

class Price(_message.Message):
    __slots__ = ("excl_vat", "incl_vat")
    EXCL_VAT_FIELD_NUMBER: _ClassVar[int]
    INCL_VAT_FIELD_NUMBER: _ClassVar[int]
    excl_vat: Money
    incl_vat: Money
    def __init__(self, excl_vat: _Optional[_Union[Money, _Mapping]] = ..., incl_vat: _Optional[_Union[Money, _Mapping]] = ...) -> None: ...
