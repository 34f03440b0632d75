import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from interwatt.common.v1 import error_reason_pb2 as _error_reason_pb2
from interwatt.common.v1 import party_pb2 as _party_pb2
from interwatt.tokens.v1 import token_pb2 as _token_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Authorization(_message.Message):
    __slots__ = ("status", "token", "authorization_reference", "auth_method", "command_id", "info")
    class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATUS_UNSPECIFIED: _ClassVar[Authorization.Status]
        STATUS_ACCEPTED: _ClassVar[Authorization.Status]
        STATUS_BLOCKED: _ClassVar[Authorization.Status]
        STATUS_EXPIRED: _ClassVar[Authorization.Status]
        STATUS_UNKNOWN: _ClassVar[Authorization.Status]
        STATUS_NO_CREDIT: _ClassVar[Authorization.Status]
        STATUS_NOT_ALLOWED: _ClassVar[Authorization.Status]
        STATUS_PENDING: _ClassVar[Authorization.Status]
    STATUS_UNSPECIFIED: Authorization.Status
    STATUS_ACCEPTED: Authorization.Status
    STATUS_BLOCKED: Authorization.Status
    STATUS_EXPIRED: Authorization.Status
    STATUS_UNKNOWN: Authorization.Status
    STATUS_NO_CREDIT: Authorization.Status
    STATUS_NOT_ALLOWED: Authorization.Status
    STATUS_PENDING: Authorization.Status
    STATUS_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    AUTHORIZATION_REFERENCE_FIELD_NUMBER: _ClassVar[int]
    AUTH_METHOD_FIELD_NUMBER: _ClassVar[int]
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    INFO_FIELD_NUMBER: _ClassVar[int]
    status: Authorization.Status
    token: _token_pb2.Token
    authorization_reference: str
    auth_method: str
    command_id: str
    info: str
    def __init__(self, status: _Optional[_Union[Authorization.Status, str]] = ..., token: _Optional[_Union[_token_pb2.Token, _Mapping]] = ..., authorization_reference: _Optional[str] = ..., auth_method: _Optional[str] = ..., command_id: _Optional[str] = ..., info: _Optional[str] = ...) -> None: ...

class PutTokensRequest(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[PutTokenItem]
    def __init__(self, items: _Optional[_Iterable[_Union[PutTokenItem, _Mapping]]] = ...) -> None: ...

class PutTokenItem(_message.Message):
    __slots__ = ("request_id", "token")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    token: _token_pb2.Token
    def __init__(self, request_id: _Optional[str] = ..., token: _Optional[_Union[_token_pb2.Token, _Mapping]] = ...) -> None: ...

class PutTokensResponse(_message.Message):
    __slots__ = ("outcomes",)
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    outcomes: _containers.RepeatedCompositeFieldContainer[PutTokenOutcome]
    def __init__(self, outcomes: _Optional[_Iterable[_Union[PutTokenOutcome, _Mapping]]] = ...) -> None: ...

class PutTokenOutcome(_message.Message):
    __slots__ = ("token", "error", "created", "replayed")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    token: _token_pb2.Token
    error: _error_reason_pb2.ItemError
    created: bool
    replayed: bool
    def __init__(self, token: _Optional[_Union[_token_pb2.Token, _Mapping]] = ..., error: _Optional[_Union[_error_reason_pb2.ItemError, _Mapping]] = ..., created: _Optional[bool] = ..., replayed: _Optional[bool] = ...) -> None: ...

class AuthorizeTokensRequest(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[AuthorizeTokenItem]
    def __init__(self, items: _Optional[_Iterable[_Union[AuthorizeTokenItem, _Mapping]]] = ...) -> None: ...

class AuthorizeTokenItem(_message.Message):
    __slots__ = ("request_id", "uid", "type", "station_id", "evse_uid", "location_id", "partner_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    UID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    STATION_ID_FIELD_NUMBER: _ClassVar[int]
    EVSE_UID_FIELD_NUMBER: _ClassVar[int]
    LOCATION_ID_FIELD_NUMBER: _ClassVar[int]
    PARTNER_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    uid: str
    type: _token_pb2.TokenType
    station_id: str
    evse_uid: str
    location_id: str
    partner_id: str
    def __init__(self, request_id: _Optional[str] = ..., uid: _Optional[str] = ..., type: _Optional[_Union[_token_pb2.TokenType, str]] = ..., station_id: _Optional[str] = ..., evse_uid: _Optional[str] = ..., location_id: _Optional[str] = ..., partner_id: _Optional[str] = ...) -> None: ...

class AuthorizeTokensResponse(_message.Message):
    __slots__ = ("outcomes",)
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    outcomes: _containers.RepeatedCompositeFieldContainer[AuthorizeTokenOutcome]
    def __init__(self, outcomes: _Optional[_Iterable[_Union[AuthorizeTokenOutcome, _Mapping]]] = ...) -> None: ...

class AuthorizeTokenOutcome(_message.Message):
    __slots__ = ("authorization", "error", "replayed")
    AUTHORIZATION_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    authorization: Authorization
    error: _error_reason_pb2.ItemError
    replayed: bool
    def __init__(self, authorization: _Optional[_Union[Authorization, _Mapping]] = ..., error: _Optional[_Union[_error_reason_pb2.ItemError, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class AwaitAuthorizationRequest(_message.Message):
    __slots__ = ("command_id",)
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    def __init__(self, command_id: _Optional[str] = ...) -> None: ...

class AwaitAuthorizationResponse(_message.Message):
    __slots__ = ("authorization",)
    AUTHORIZATION_FIELD_NUMBER: _ClassVar[int]
    authorization: Authorization
    def __init__(self, authorization: _Optional[_Union[Authorization, _Mapping]] = ...) -> None: ...

class GetTokenRequest(_message.Message):
    __slots__ = ("owner", "uid", "type")
    OWNER_FIELD_NUMBER: _ClassVar[int]
    UID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    owner: _party_pb2.PartyId
    uid: str
    type: _token_pb2.TokenType
    def __init__(self, owner: _Optional[_Union[_party_pb2.PartyId, _Mapping]] = ..., uid: _Optional[str] = ..., type: _Optional[_Union[_token_pb2.TokenType, str]] = ...) -> None: ...

class GetTokenResponse(_message.Message):
    __slots__ = ("token",)
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    token: _token_pb2.Token
    def __init__(self, token: _Optional[_Union[_token_pb2.Token, _Mapping]] = ...) -> None: ...

class ListTokensRequest(_message.Message):
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

class ListTokensResponse(_message.Message):
    __slots__ = ("tokens", "next_page_token", "total_size")
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    TOTAL_SIZE_FIELD_NUMBER: _ClassVar[int]
    tokens: _containers.RepeatedCompositeFieldContainer[_token_pb2.Token]
    next_page_token: str
    total_size: int
    def __init__(self, tokens: _Optional[_Iterable[_Union[_token_pb2.Token, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., total_size: _Optional[int] = ...) -> None: ...
