"""The framing alone: every text is some frame."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.ocpp import frame
from gateways.ocpp.frame import Call, CallError, CallResult, Ignored, Malformed

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def test_a_call_is_read() -> None:
    text = '[2,"1","Heartbeat",{}]'
    assert frame.read(text) == Call("1", "Heartbeat", {}, text)


def test_a_null_payload_is_an_empty_one() -> None:
    read = frame.read('[2,"1","Heartbeat",null]')
    assert isinstance(read, Call)
    assert read.payload == {}


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        ("{}", None),
        ("[]", None),
        ("", None),
        ("null", None),
        ("[2]", None),
        ('[2,"a"]', "a"),
        ('[2,"a","Heartbeat"]', "a"),
        ('[2,"a","Heartbeat",{},1]', "a"),
        ('[2,"","Heartbeat",{}]', ""),
        ('[2,"a",5,{}]', "a"),
        ('[2,"a","",{}]', "a"),
        ('[2,null,"Heartbeat",{}]', None),
        ('[2,true,"Heartbeat",{}]', None),
        ('[2,1.5,"Heartbeat",{}]', None),
        (f'[2,"{"x" * 300}","Heartbeat",{{}}]', None),
        ('[2,"a","StopTransaction",{"transactionId":,"meterStop":1}]', "a"),
        ('[2, 7 ,"MeterValues",{"v":1e400}]', 7),
        ('[2,"a","X",{"s":"\\ud800"}]', "a"),
        ('[2,"a","X",' + "[" * 10_000 + "]" * 10_000 + "]", "a"),
    ],
)
def test_what_is_no_message_keeps_the_id_where_one_can_be_read(
    text: str, identifier: str | int | None
) -> None:
    read = frame.read(text)
    assert isinstance(read, Malformed)
    assert read.id == identifier


def test_a_numeric_id_is_echoed_as_a_number() -> None:
    read = frame.read('[2,42,"Heartbeat",{}]')
    assert isinstance(read, Call)
    assert frame.write_result(read.id, {}) == "[3,42,{}]"


@pytest.mark.parametrize("text", ['[5,"a","x","y",{}]', '[6,"a","X",{}]', '[7,"a"]', '["2","a"]'])
def test_other_message_types_are_ignored(text: str) -> None:
    assert isinstance(frame.read(text), Ignored)


def test_a_result_is_read_with_its_id_as_text() -> None:
    assert frame.read("[3,5,{}]") == CallResult("5", {}, "[3,5,{}]")
    assert isinstance(frame.read('[3,"a"]'), Ignored)


def test_an_error_is_read_with_three_to_five_elements() -> None:
    assert frame.read('[4,"a","NotImplemented"]') == CallError("a", "NotImplemented", "")
    assert frame.read('[4,"a","X","y",{},1]') == CallError("a", "X", "y")
    assert isinstance(frame.read('[4,"a"]'), Ignored)


def test_a_refusal_is_cut_to_what_the_protocol_allows() -> None:
    written = json.loads(frame.write_error("1", "GenericError", "x" * 256))
    assert written == [4, "1", "GenericError", "x" * 255, {}]


def test_fractions_are_read_again_without_a_float() -> None:
    text = '[2,"1","X",{"v":0.12345678901234567890123}]'
    assert frame.exact_payload(text) == {"v": Decimal("0.12345678901234567890123")}


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_any_text_is_some_frame(text: str) -> None:
    frame.read(text)


@given(st.lists(st.sampled_from([2, 3, 4]) | JSON, max_size=6))
def test_any_array_is_some_frame(message: list[object]) -> None:

    frame.read(json.dumps(message))
