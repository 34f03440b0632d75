import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from interwatt.common.v1 import party_pb2 as _party_pb2
from interwatt.tokens.v1 import token_pb2 as _token_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Command(_message.Message):
    __slots__ = ("id", "channel", "state", "start_charge", "stop_charge", "station_call", "ask_issuer", "start_at_partner", "stop_at_partner", "register_at_partner", "deadline", "requested_at", "generation", "result")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Command.State]
        STATE_REQUESTED: _ClassVar[Command.State]
        STATE_SENT: _ClassVar[Command.State]
        STATE_AGREED: _ClassVar[Command.State]
        STATE_DONE: _ClassVar[Command.State]
        STATE_REFUSED: _ClassVar[Command.State]
        STATE_FAILED: _ClassVar[Command.State]
        STATE_TIMED_OUT: _ClassVar[Command.State]
    STATE_UNSPECIFIED: Command.State
    STATE_REQUESTED: Command.State
    STATE_SENT: Command.State
    STATE_AGREED: Command.State
    STATE_DONE: Command.State
    STATE_REFUSED: Command.State
    STATE_FAILED: Command.State
    STATE_TIMED_OUT: Command.State
    ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    START_CHARGE_FIELD_NUMBER: _ClassVar[int]
    STOP_CHARGE_FIELD_NUMBER: _ClassVar[int]
    STATION_CALL_FIELD_NUMBER: _ClassVar[int]
    ASK_ISSUER_FIELD_NUMBER: _ClassVar[int]
    START_AT_PARTNER_FIELD_NUMBER: _ClassVar[int]
    STOP_AT_PARTNER_FIELD_NUMBER: _ClassVar[int]
    REGISTER_AT_PARTNER_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_AT_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    id: str
    channel: str
    state: Command.State
    start_charge: StartCharge
    stop_charge: StopCharge
    station_call: StationCall
    ask_issuer: AskIssuer
    start_at_partner: StartAtPartner
    stop_at_partner: StopAtPartner
    register_at_partner: RegisterAtPartner
    deadline: _timestamp_pb2.Timestamp
    requested_at: _timestamp_pb2.Timestamp
    generation: int
    result: CommandResult
    def __init__(self, id: _Optional[str] = ..., channel: _Optional[str] = ..., state: _Optional[_Union[Command.State, str]] = ..., start_charge: _Optional[_Union[StartCharge, _Mapping]] = ..., stop_charge: _Optional[_Union[StopCharge, _Mapping]] = ..., station_call: _Optional[_Union[StationCall, _Mapping]] = ..., ask_issuer: _Optional[_Union[AskIssuer, _Mapping]] = ..., start_at_partner: _Optional[_Union[StartAtPartner, _Mapping]] = ..., stop_at_partner: _Optional[_Union[StopAtPartner, _Mapping]] = ..., register_at_partner: _Optional[_Union[RegisterAtPartner, _Mapping]] = ..., deadline: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., requested_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., generation: _Optional[int] = ..., result: _Optional[_Union[CommandResult, _Mapping]] = ...) -> None: ...

class StartCharge(_message.Message):
    __slots__ = ("connector_number", "id_tag", "remote_start_id")
    CONNECTOR_NUMBER_FIELD_NUMBER: _ClassVar[int]
    ID_TAG_FIELD_NUMBER: _ClassVar[int]
    REMOTE_START_ID_FIELD_NUMBER: _ClassVar[int]
    connector_number: int
    id_tag: str
    remote_start_id: int
    def __init__(self, connector_number: _Optional[int] = ..., id_tag: _Optional[str] = ..., remote_start_id: _Optional[int] = ...) -> None: ...

class StopCharge(_message.Message):
    __slots__ = ("transaction_id", "station_transaction_id")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    STATION_TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    transaction_id: int
    station_transaction_id: str
    def __init__(self, transaction_id: _Optional[int] = ..., station_transaction_id: _Optional[str] = ...) -> None: ...

class StationCall(_message.Message):
    __slots__ = ("action", "payload")
    ACTION_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    action: str
    payload: bytes
    def __init__(self, action: _Optional[str] = ..., payload: _Optional[bytes] = ...) -> None: ...

class AskIssuer(_message.Message):
    __slots__ = ("uid", "type", "location_id", "evse_uid")
    UID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    LOCATION_ID_FIELD_NUMBER: _ClassVar[int]
    EVSE_UID_FIELD_NUMBER: _ClassVar[int]
    uid: str
    type: _token_pb2.TokenType
    location_id: str
    evse_uid: str
    def __init__(self, uid: _Optional[str] = ..., type: _Optional[_Union[_token_pb2.TokenType, str]] = ..., location_id: _Optional[str] = ..., evse_uid: _Optional[str] = ...) -> None: ...

class StartAtPartner(_message.Message):
    __slots__ = ("token", "location_id", "evse_uid", "authorization_reference")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    LOCATION_ID_FIELD_NUMBER: _ClassVar[int]
    EVSE_UID_FIELD_NUMBER: _ClassVar[int]
    AUTHORIZATION_REFERENCE_FIELD_NUMBER: _ClassVar[int]
    token: _token_pb2.Token
    location_id: str
    evse_uid: str
    authorization_reference: str
    def __init__(self, token: _Optional[_Union[_token_pb2.Token, _Mapping]] = ..., location_id: _Optional[str] = ..., evse_uid: _Optional[str] = ..., authorization_reference: _Optional[str] = ...) -> None: ...

class StopAtPartner(_message.Message):
    __slots__ = ("owner", "session_id")
    OWNER_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    owner: _party_pb2.PartyId
    session_id: str
    def __init__(self, owner: _Optional[_Union[_party_pb2.PartyId, _Mapping]] = ..., session_id: _Optional[str] = ...) -> None: ...

class RegisterAtPartner(_message.Message):
    __slots__ = ("versions_url",)
    VERSIONS_URL_FIELD_NUMBER: _ClassVar[int]
    versions_url: str
    def __init__(self, versions_url: _Optional[str] = ...) -> None: ...

class CommandResult(_message.Message):
    __slots__ = ("code", "message", "payload")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    code: str
    message: str
    payload: bytes
    def __init__(self, code: _Optional[str] = ..., message: _Optional[str] = ..., payload: _Optional[bytes] = ...) -> None: ...
