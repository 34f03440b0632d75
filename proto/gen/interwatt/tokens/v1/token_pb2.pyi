import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from interwatt.common.v1 import party_pb2 as _party_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TokenType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TOKEN_TYPE_UNSPECIFIED: _ClassVar[TokenType]
    TOKEN_TYPE_RFID: _ClassVar[TokenType]
    TOKEN_TYPE_APP_USER: _ClassVar[TokenType]
    TOKEN_TYPE_AD_HOC_USER: _ClassVar[TokenType]
    TOKEN_TYPE_OTHER: _ClassVar[TokenType]
    TOKEN_TYPE_EMAID: _ClassVar[TokenType]

class Whitelist(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WHITELIST_UNSPECIFIED: _ClassVar[Whitelist]
    WHITELIST_ALWAYS: _ClassVar[Whitelist]
    WHITELIST_ALLOWED: _ClassVar[Whitelist]
    WHITELIST_ALLOWED_OFFLINE: _ClassVar[Whitelist]
    WHITELIST_NEVER: _ClassVar[Whitelist]
TOKEN_TYPE_UNSPECIFIED: TokenType
TOKEN_TYPE_RFID: TokenType
TOKEN_TYPE_APP_USER: TokenType
TOKEN_TYPE_AD_HOC_USER: TokenType
TOKEN_TYPE_OTHER: TokenType
TOKEN_TYPE_EMAID: TokenType
WHITELIST_UNSPECIFIED: Whitelist
WHITELIST_ALWAYS: Whitelist
WHITELIST_ALLOWED: Whitelist
WHITELIST_ALLOWED_OFFLINE: Whitelist
WHITELIST_NEVER: Whitelist

class Token(_message.Message):
    __slots__ = ("owner", "uid", "type", "contract_id", "visual_number", "issuer", "group_id", "valid", "whitelist", "language", "last_updated", "partner_id")
    OWNER_FIELD_NUMBER: _ClassVar[int]
    UID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    CONTRACT_ID_FIELD_NUMBER: _ClassVar[int]
    VISUAL_NUMBER_FIELD_NUMBER: _ClassVar[int]
    ISSUER_FIELD_NUMBER: _ClassVar[int]
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    VALID_FIELD_NUMBER: _ClassVar[int]
    WHITELIST_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    LAST_UPDATED_FIELD_NUMBER: _ClassVar[int]
    PARTNER_ID_FIELD_NUMBER: _ClassVar[int]
    owner: _party_pb2.PartyId
    uid: str
    type: TokenType
    contract_id: str
    visual_number: str
    issuer: str
    group_id: str
    valid: bool
    whitelist: Whitelist
    language: str
    last_updated: _timestamp_pb2.Timestamp
    partner_id: str
    def __init__(self, owner: _Optional[_Union[_party_pb2.PartyId, _Mapping]] = ..., uid: _Optional[str] = ..., type: _Optional[_Union[TokenType, str]] = ..., contract_id: _Optional[str] = ..., visual_number: _Optional[str] = ..., issuer: _Optional[str] = ..., group_id: _Optional[str] = ..., valid: _Optional[bool] = ..., whitelist: _Optional[_Union[Whitelist, str]] = ..., language: _Optional[str] = ..., last_updated: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., partner_id: _Optional[str] = ...) -> None: ...
