from interwatt.partners.v1 import partner_pb2 as _partner_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CreatePartnerRequest(_message.Message):
    __slots__ = ("request_id", "id", "versions_url", "their_token")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    VERSIONS_URL_FIELD_NUMBER: _ClassVar[int]
    THEIR_TOKEN_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    id: str
    versions_url: str
    their_token: str
    def __init__(self, request_id: _Optional[str] = ..., id: _Optional[str] = ..., versions_url: _Optional[str] = ..., their_token: _Optional[str] = ...) -> None: ...

class CreatePartnerResponse(_message.Message):
    __slots__ = ("partner", "token", "replayed", "command_id")
    PARTNER_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    partner: _partner_pb2.Partner
    token: str
    replayed: bool
    command_id: str
    def __init__(self, partner: _Optional[_Union[_partner_pb2.Partner, _Mapping]] = ..., token: _Optional[str] = ..., replayed: _Optional[bool] = ..., command_id: _Optional[str] = ...) -> None: ...

class AuthenticatePartnerRequest(_message.Message):
    __slots__ = ("token_candidates",)
    TOKEN_CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    token_candidates: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, token_candidates: _Optional[_Iterable[str]] = ...) -> None: ...

class AuthenticatePartnerResponse(_message.Message):
    __slots__ = ("partner", "matched_candidate", "first_token")
    PARTNER_FIELD_NUMBER: _ClassVar[int]
    MATCHED_CANDIDATE_FIELD_NUMBER: _ClassVar[int]
    FIRST_TOKEN_FIELD_NUMBER: _ClassVar[int]
    partner: _partner_pb2.Partner
    matched_candidate: int
    first_token: bool
    def __init__(self, partner: _Optional[_Union[_partner_pb2.Partner, _Mapping]] = ..., matched_candidate: _Optional[int] = ..., first_token: _Optional[bool] = ...) -> None: ...

class RegisterPartnerRequest(_message.Message):
    __slots__ = ("request_id", "partner_id", "their_token", "versions_url", "ocpi_version", "endpoints", "parties", "rotate", "our_token", "token_literal")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PARTNER_ID_FIELD_NUMBER: _ClassVar[int]
    THEIR_TOKEN_FIELD_NUMBER: _ClassVar[int]
    VERSIONS_URL_FIELD_NUMBER: _ClassVar[int]
    OCPI_VERSION_FIELD_NUMBER: _ClassVar[int]
    ENDPOINTS_FIELD_NUMBER: _ClassVar[int]
    PARTIES_FIELD_NUMBER: _ClassVar[int]
    ROTATE_FIELD_NUMBER: _ClassVar[int]
    OUR_TOKEN_FIELD_NUMBER: _ClassVar[int]
    TOKEN_LITERAL_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    partner_id: str
    their_token: str
    versions_url: str
    ocpi_version: str
    endpoints: _containers.RepeatedCompositeFieldContainer[_partner_pb2.Endpoint]
    parties: _containers.RepeatedCompositeFieldContainer[_partner_pb2.PartnerParty]
    rotate: bool
    our_token: str
    token_literal: bool
    def __init__(self, request_id: _Optional[str] = ..., partner_id: _Optional[str] = ..., their_token: _Optional[str] = ..., versions_url: _Optional[str] = ..., ocpi_version: _Optional[str] = ..., endpoints: _Optional[_Iterable[_Union[_partner_pb2.Endpoint, _Mapping]]] = ..., parties: _Optional[_Iterable[_Union[_partner_pb2.PartnerParty, _Mapping]]] = ..., rotate: _Optional[bool] = ..., our_token: _Optional[str] = ..., token_literal: _Optional[bool] = ...) -> None: ...

class RegisterPartnerResponse(_message.Message):
    __slots__ = ("partner", "token", "replayed")
    PARTNER_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    partner: _partner_pb2.Partner
    token: str
    replayed: bool
    def __init__(self, partner: _Optional[_Union[_partner_pb2.Partner, _Mapping]] = ..., token: _Optional[str] = ..., replayed: _Optional[bool] = ...) -> None: ...

class EndPartnerRequest(_message.Message):
    __slots__ = ("request_id", "partner_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PARTNER_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    partner_id: str
    def __init__(self, request_id: _Optional[str] = ..., partner_id: _Optional[str] = ...) -> None: ...

class EndPartnerResponse(_message.Message):
    __slots__ = ("partner",)
    PARTNER_FIELD_NUMBER: _ClassVar[int]
    partner: _partner_pb2.Partner
    def __init__(self, partner: _Optional[_Union[_partner_pb2.Partner, _Mapping]] = ...) -> None: ...

class GetPartnerConnectionRequest(_message.Message):
    __slots__ = ("partner_id",)
    PARTNER_ID_FIELD_NUMBER: _ClassVar[int]
    partner_id: str
    def __init__(self, partner_id: _Optional[str] = ...) -> None: ...

class GetPartnerConnectionResponse(_message.Message):
    __slots__ = ("partner", "their_token", "token_literal", "our_token")
    PARTNER_FIELD_NUMBER: _ClassVar[int]
    THEIR_TOKEN_FIELD_NUMBER: _ClassVar[int]
    TOKEN_LITERAL_FIELD_NUMBER: _ClassVar[int]
    OUR_TOKEN_FIELD_NUMBER: _ClassVar[int]
    partner: _partner_pb2.Partner
    their_token: str
    token_literal: bool
    our_token: str
    def __init__(self, partner: _Optional[_Union[_partner_pb2.Partner, _Mapping]] = ..., their_token: _Optional[str] = ..., token_literal: _Optional[bool] = ..., our_token: _Optional[str] = ...) -> None: ...

class GetPartnerRequest(_message.Message):
    __slots__ = ("partner_id",)
    PARTNER_ID_FIELD_NUMBER: _ClassVar[int]
    partner_id: str
    def __init__(self, partner_id: _Optional[str] = ...) -> None: ...

class GetPartnerResponse(_message.Message):
    __slots__ = ("partner",)
    PARTNER_FIELD_NUMBER: _ClassVar[int]
    partner: _partner_pb2.Partner
    def __init__(self, partner: _Optional[_Union[_partner_pb2.Partner, _Mapping]] = ...) -> None: ...

class ListPartnersRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListPartnersResponse(_message.Message):
    __slots__ = ("partners", "next_page_token")
    PARTNERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    partners: _containers.RepeatedCompositeFieldContainer[_partner_pb2.Partner]
    next_page_token: str
    def __init__(self, partners: _Optional[_Iterable[_Union[_partner_pb2.Partner, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetOurPartiesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetOurPartiesResponse(_message.Message):
    __slots__ = ("parties",)
    PARTIES_FIELD_NUMBER: _ClassVar[int]
    parties: _containers.RepeatedCompositeFieldContainer[_partner_pb2.PartnerParty]
    def __init__(self, parties: _Optional[_Iterable[_Union[_partner_pb2.PartnerParty, _Mapping]]] = ...) -> None: ...
