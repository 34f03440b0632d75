import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from interwatt.common.v1 import money_pb2 as _money_pb2
from interwatt.common.v1 import party_pb2 as _party_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Account(_message.Message):
    __slots__ = ("id", "code", "name", "owner", "counterparty", "debits_posted", "credits_posted")
    ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    COUNTERPARTY_FIELD_NUMBER: _ClassVar[int]
    DEBITS_POSTED_FIELD_NUMBER: _ClassVar[int]
    CREDITS_POSTED_FIELD_NUMBER: _ClassVar[int]
    id: str
    code: int
    name: str
    owner: _party_pb2.PartyId
    counterparty: _party_pb2.PartyId
    debits_posted: _money_pb2.Money
    credits_posted: _money_pb2.Money
    def __init__(self, id: _Optional[str] = ..., code: _Optional[int] = ..., name: _Optional[str] = ..., owner: _Optional[_Union[_party_pb2.PartyId, _Mapping]] = ..., counterparty: _Optional[_Union[_party_pb2.PartyId, _Mapping]] = ..., debits_posted: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., credits_posted: _Optional[_Union[_money_pb2.Money, _Mapping]] = ...) -> None: ...

class Transfer(_message.Message):
    __slots__ = ("id", "entry_id", "debit_account_id", "credit_account_id", "amount", "kind", "effective_at", "recorded_at", "source", "description")
    ID_FIELD_NUMBER: _ClassVar[int]
    ENTRY_ID_FIELD_NUMBER: _ClassVar[int]
    DEBIT_ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    CREDIT_ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    EFFECTIVE_AT_FIELD_NUMBER: _ClassVar[int]
    RECORDED_AT_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    id: str
    entry_id: str
    debit_account_id: str
    credit_account_id: str
    amount: _money_pb2.Money
    kind: str
    effective_at: _timestamp_pb2.Timestamp
    recorded_at: _timestamp_pb2.Timestamp
    source: str
    description: str
    def __init__(self, id: _Optional[str] = ..., entry_id: _Optional[str] = ..., debit_account_id: _Optional[str] = ..., credit_account_id: _Optional[str] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., kind: _Optional[str] = ..., effective_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., recorded_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., source: _Optional[str] = ..., description: _Optional[str] = ...) -> None: ...

class Statement(_message.Message):
    __slots__ = ("id", "period_id", "party_a", "party_b", "lines", "a_owes_b", "b_owes_a", "net", "closed_at")
    ID_FIELD_NUMBER: _ClassVar[int]
    PERIOD_ID_FIELD_NUMBER: _ClassVar[int]
    PARTY_A_FIELD_NUMBER: _ClassVar[int]
    PARTY_B_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    A_OWES_B_FIELD_NUMBER: _ClassVar[int]
    B_OWES_A_FIELD_NUMBER: _ClassVar[int]
    NET_FIELD_NUMBER: _ClassVar[int]
    CLOSED_AT_FIELD_NUMBER: _ClassVar[int]
    id: str
    period_id: str
    party_a: _party_pb2.PartyId
    party_b: _party_pb2.PartyId
    lines: _containers.RepeatedCompositeFieldContainer[StatementLine]
    a_owes_b: _money_pb2.Money
    b_owes_a: _money_pb2.Money
    net: _money_pb2.Money
    closed_at: _timestamp_pb2.Timestamp
    def __init__(self, id: _Optional[str] = ..., period_id: _Optional[str] = ..., party_a: _Optional[_Union[_party_pb2.PartyId, _Mapping]] = ..., party_b: _Optional[_Union[_party_pb2.PartyId, _Mapping]] = ..., lines: _Optional[_Iterable[_Union[StatementLine, _Mapping]]] = ..., a_owes_b: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., b_owes_a: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., net: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., closed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class StatementLine(_message.Message):
    __slots__ = ("debtor", "creditor", "source", "description", "transfers", "amount")
    DEBTOR_FIELD_NUMBER: _ClassVar[int]
    CREDITOR_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    TRANSFERS_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    debtor: _party_pb2.PartyId
    creditor: _party_pb2.PartyId
    source: str
    description: str
    transfers: _containers.RepeatedCompositeFieldContainer[Transfer]
    amount: _money_pb2.Money
    def __init__(self, debtor: _Optional[_Union[_party_pb2.PartyId, _Mapping]] = ..., creditor: _Optional[_Union[_party_pb2.PartyId, _Mapping]] = ..., source: _Optional[str] = ..., description: _Optional[str] = ..., transfers: _Optional[_Iterable[_Union[Transfer, _Mapping]]] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ...) -> None: ...

class SettlementPeriod(_message.Message):
    __slots__ = ("id", "state", "recorded_after", "recorded_until", "statement_ids")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[SettlementPeriod.State]
        STATE_OPEN: _ClassVar[SettlementPeriod.State]
        STATE_CLOSED: _ClassVar[SettlementPeriod.State]
    STATE_UNSPECIFIED: SettlementPeriod.State
    STATE_OPEN: SettlementPeriod.State
    STATE_CLOSED: SettlementPeriod.State
    ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    RECORDED_AFTER_FIELD_NUMBER: _ClassVar[int]
    RECORDED_UNTIL_FIELD_NUMBER: _ClassVar[int]
    STATEMENT_IDS_FIELD_NUMBER: _ClassVar[int]
    id: str
    state: SettlementPeriod.State
    recorded_after: _timestamp_pb2.Timestamp
    recorded_until: _timestamp_pb2.Timestamp
    statement_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, id: _Optional[str] = ..., state: _Optional[_Union[SettlementPeriod.State, str]] = ..., recorded_after: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., recorded_until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., statement_ids: _Optional[_Iterable[str]] = ...) -> None: ...
