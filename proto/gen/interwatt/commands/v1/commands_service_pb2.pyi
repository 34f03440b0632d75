from interwatt.commands.v1 import command_pb2 as _command_pb2
from interwatt.common.v1 import error_reason_pb2 as _error_reason_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class StreamCommandsRequest(_message.Message):
    __slots__ = ("gateway_id", "channel_prefix")
    GATEWAY_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_PREFIX_FIELD_NUMBER: _ClassVar[int]
    gateway_id: str
    channel_prefix: str
    def __init__(self, gateway_id: _Optional[str] = ..., channel_prefix: _Optional[str] = ...) -> None: ...

class StreamCommandsResponse(_message.Message):
    __slots__ = ("command",)
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    command: _command_pb2.Command
    def __init__(self, command: _Optional[_Union[_command_pb2.Command, _Mapping]] = ...) -> None: ...

class ReportResultsRequest(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[ReportResultItem]
    def __init__(self, items: _Optional[_Iterable[_Union[ReportResultItem, _Mapping]]] = ...) -> None: ...

class ReportResultItem(_message.Message):
    __slots__ = ("request_id", "command_id", "state", "result")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    command_id: str
    state: _command_pb2.Command.State
    result: _command_pb2.CommandResult
    def __init__(self, request_id: _Optional[str] = ..., command_id: _Optional[str] = ..., state: _Optional[_Union[_command_pb2.Command.State, str]] = ..., result: _Optional[_Union[_command_pb2.CommandResult, _Mapping]] = ...) -> None: ...

class ReportResultsResponse(_message.Message):
    __slots__ = ("outcomes",)
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    outcomes: _containers.RepeatedCompositeFieldContainer[ReportResultOutcome]
    def __init__(self, outcomes: _Optional[_Iterable[_Union[ReportResultOutcome, _Mapping]]] = ...) -> None: ...

class ReportResultOutcome(_message.Message):
    __slots__ = ("command", "error", "replayed")
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    command: _command_pb2.Command
    error: _error_reason_pb2.ItemError
    replayed: bool
    def __init__(self, command: _Optional[_Union[_command_pb2.Command, _Mapping]] = ..., error: _Optional[_Union[_error_reason_pb2.ItemError, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class CallStationRequest(_message.Message):
    __slots__ = ("request_id", "station_id", "action", "payload", "timeout_seconds")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    STATION_ID_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_SECONDS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    station_id: str
    action: str
    payload: bytes
    timeout_seconds: int
    def __init__(self, request_id: _Optional[str] = ..., station_id: _Optional[str] = ..., action: _Optional[str] = ..., payload: _Optional[bytes] = ..., timeout_seconds: _Optional[int] = ...) -> None: ...

class CallStationResponse(_message.Message):
    __slots__ = ("command", "replayed")
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    command: _command_pb2.Command
    replayed: bool
    def __init__(self, command: _Optional[_Union[_command_pb2.Command, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class AwaitCommandRequest(_message.Message):
    __slots__ = ("command_id",)
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    def __init__(self, command_id: _Optional[str] = ...) -> None: ...

class AwaitCommandResponse(_message.Message):
    __slots__ = ("command",)
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    command: _command_pb2.Command
    def __init__(self, command: _Optional[_Union[_command_pb2.Command, _Mapping]] = ...) -> None: ...

class GetCommandRequest(_message.Message):
    __slots__ = ("command_id",)
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    def __init__(self, command_id: _Optional[str] = ...) -> None: ...

class GetCommandResponse(_message.Message):
    __slots__ = ("command",)
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    command: _command_pb2.Command
    def __init__(self, command: _Optional[_Union[_command_pb2.Command, _Mapping]] = ...) -> None: ...
