"""The catalogue of errors is one list, told in four places."""

from __future__ import annotations

import re
from pathlib import Path

import grpc
import pytest
from interwatt.common.v1.error_reason_pb2 import ErrorReason

from engine.kernel.errors import CATALOGUE, EngineError
from engine.rpc.errors import STATUS, item_error
from gateways.ocpi.status import BY_REASON
from gateways.ocpp.status import FAULTS

ENGINE = Path(__file__).parents[2] / "engine"
PREFIX = "ERROR_REASON_"
CONTRACT = (
    Path(__file__).parents[2] / "proto" / "interwatt" / "common" / "v1" / "error_reason.proto"
)
REASONS = [name.removeprefix(PREFIX) for name, number in ErrorReason.items() if number]


def test_each_reason_has_one_class_in_the_same_order() -> None:
    assert [error.reason for error in CATALOGUE] == REASONS


def test_no_class_is_outside_the_catalogue() -> None:
    assert set(EngineError.__subclasses__()) == set(CATALOGUE)


@pytest.mark.parametrize("error", CATALOGUE, ids=lambda error: error.reason)
def test_each_class_is_raised_somewhere(error: type[EngineError]) -> None:
    sources = [path for path in ENGINE.rglob("*.py") if path.name != "errors.py"]
    made = re.compile(rf"\b{error.__name__}(\.of)?\(")
    assert any(made.search(path.read_text()) for path in sources)


def test_each_reason_has_one_grpc_status() -> None:
    assert list(STATUS) == REASONS
    assert not {grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN} & set(STATUS.values())


@pytest.mark.parametrize("table", [BY_REASON, FAULTS], ids=["ocpi", "ocpp"])
def test_each_reason_has_one_row_in_each_gateway(table: dict[ErrorReason, object]) -> None:
    assert set(table) == set(ErrorReason.values())


def test_each_reason_says_in_the_contract_what_it_means() -> None:
    text = CONTRACT.read_text()
    for reason in REASONS:
        assert re.search(rf"  // .+\n  {PREFIX}{reason} = \d+;", text), reason


@pytest.mark.parametrize("error", CATALOGUE, ids=lambda error: error.reason)
def test_each_error_can_be_an_item_of_a_batch(error: type[EngineError]) -> None:
    item = item_error(error("Do it otherwise.", field="x"))
    assert ErrorReason.Name(item.reason) == PREFIX + error.reason
    assert item.message == "Do it otherwise."
    assert dict(item.metadata) == {"field": "x"}
