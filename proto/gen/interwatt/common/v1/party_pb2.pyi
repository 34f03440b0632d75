from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class Role(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ROLE_UNSPECIFIED: _ClassVar[Role]
    ROLE_CPO: _ClassVar[Role]
    ROLE_EMSP: _ClassVar[Role]
    ROLE_HUB: _ClassVar[Role]
    ROLE_NSP: _ClassVar[Role]
    ROLE_OTHER: _ClassVar[Role]
ROLE_UNSPECIFIED: Role
ROLE_CPO: Role
ROLE_EMSP: Role
ROLE_HUB: Role
ROLE_NSP: Role
ROLE_OTHER: Role

class PartyId(_message.Message):
    __slots__ = ("country_code", "party_id")
    COUNTRY_CODE_FIELD_NUMBER: _ClassVar[int]
    PARTY_ID_FIELD_NUMBER: _ClassVar[int]
    country_code: str
    party_id: str
    def __init__(self, country_code: _Optional[str] = ..., party_id: _Optional[str] = ...) -> None: ...
