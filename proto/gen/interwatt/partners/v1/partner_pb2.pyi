import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from interwatt.common.v1 import party_pb2 as _party_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Partner(_message.Message):
    __slots__ = ("id", "state", "parties", "versions_url", "ocpi_version", "endpoints", "created_at")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Partner.State]
        STATE_PLANNED: _ClassVar[Partner.State]
        STATE_REGISTERED: _ClassVar[Partner.State]
        STATE_SUSPENDED: _ClassVar[Partner.State]
        STATE_ENDED: _ClassVar[Partner.State]
    STATE_UNSPECIFIED: Partner.State
    STATE_PLANNED: Partner.State
    STATE_REGISTERED: Partner.State
    STATE_SUSPENDED: Partner.State
    STATE_ENDED: Partner.State
    ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PARTIES_FIELD_NUMBER: _ClassVar[int]
    VERSIONS_URL_FIELD_NUMBER: _ClassVar[int]
    OCPI_VERSION_FIELD_NUMBER: _ClassVar[int]
    ENDPOINTS_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    id: str
    state: Partner.State
    parties: _containers.RepeatedCompositeFieldContainer[PartnerParty]
    versions_url: str
    ocpi_version: str
    endpoints: _containers.RepeatedCompositeFieldContainer[Endpoint]
    created_at: _timestamp_pb2.Timestamp
    def __init__(self, id: _Optional[str] = ..., state: _Optional[_Union[Partner.State, str]] = ..., parties: _Optional[_Iterable[_Union[PartnerParty, _Mapping]]] = ..., versions_url: _Optional[str] = ..., ocpi_version: _Optional[str] = ..., endpoints: _Optional[_Iterable[_Union[Endpoint, _Mapping]]] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class PartnerParty(_message.Message):
    __slots__ = ("party", "role", "name")
    PARTY_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    party: _party_pb2.PartyId
    role: _party_pb2.Role
    name: str
    def __init__(self, party: _Optional[_Union[_party_pb2.PartyId, _Mapping]] = ..., role: _Optional[_Union[_party_pb2.Role, str]] = ..., name: _Optional[str] = ...) -> None: ...

class Endpoint(_message.Message):
    __slots__ = ("module", "interface_role", "url")
    MODULE_FIELD_NUMBER: _ClassVar[int]
    INTERFACE_ROLE_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    module: str
    interface_role: str
    url: str
    def __init__(self, module: _Optional[str] = ..., interface_role: _Optional[str] = ..., url: _Optional[str] = ...) -> None: ...
