"""Named repairs: what is mended, under which name, and what is not."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.ocpp import schemas
from gateways.ocpp.faults import Fault, Refusal
from gateways.ocpp.repairs import repair

ACTIONS = (
    "Authorize",
    "BootNotification",
    "DataTransfer",
    "MeterValues",
    "StartTransaction",
    "StatusNotification",
    "StopTransaction",
)
SCHEMAS = schemas.load("v16", ACTIONS, suffix="")
AT = "2026-01-02T03:04:05Z"


def start(**changes: Any) -> dict[str, Any]:
    return {"connectorId": 1, "idTag": "TAG", "meterStart": 10, "timestamp": AT, **changes}


def stop(**changes: Any) -> dict[str, Any]:
    return {"transactionId": 1, "meterStop": 10, "timestamp": AT, **changes}


def meter(*samples: Any, **changes: Any) -> dict[str, Any]:
    entry = {"timestamp": AT, "sampledValue": list(samples)}
    return {"connectorId": 1, "meterValue": [entry], **changes}


def status(**changes: Any) -> dict[str, Any]:
    return {"connectorId": 1, "errorCode": "NoError", "status": "Available", **changes}


def boot(**changes: Any) -> dict[str, Any]:
    return {"chargePointVendor": "V", "chargePointModel": "M", **changes}


ONE = {"value": "1"}

MENDED = [
    ("StartTransaction", start(reservationId=None), start(), "empty_optional_dropped"),
    ("StartTransaction", start(reservationId=""), start(), "empty_optional_dropped"),
    ("StartTransaction", start(note="hello"), start(), "unknown_property_dropped"),
    ("StartTransaction", start(meterStart=Decimal("10.0")), start(), "integral_float"),
    ("StartTransaction", start(meterStart=" 10 "), start(), "text_to_number"),
    ("StartTransaction", start(idTag=123), start(idTag="123"), "number_to_text"),
    ("StartTransaction", start(idTag="T" + " " * 30), start(idTag="T"), "blanks_trimmed"),
    (
        "StartTransaction",
        start(timestamp="2026-01-02 03:04:05"),
        start(timestamp="2026-01-02T03:04:05.000Z"),
        "timestamp_form",
    ),
    ("StopTransaction", stop(reason="local"), stop(reason="Local"), "enum_case"),
    ("StopTransaction", stop(reason="Boredom"), stop(reason="Other"), "enum_other"),
    ("StopTransaction", stop(transactionData=None), stop(), "empty_optional_dropped"),
    ("StatusNotification", status(errorCode="Error"), status(errorCode="OtherError"), "enum_alias"),
    ("StatusNotification", status(info="x" * 60), status(info="x" * 50), "text_cut"),
    ("StatusNotification", status(timestamp="yesterday"), status(), "unreadable_timestamp_dropped"),
    ("MeterValues", meter(ONE, transactionId=None), meter(ONE), "empty_optional_dropped"),
    ("MeterValues", meter(ONE, {}), meter(ONE), "empty_entry_dropped"),
    ("MeterValues", meter(ONE, {"value": None}), meter(ONE), "unreadable_sample_dropped"),
    ("MeterValues", meter({"value": 1}), meter(ONE), "number_to_text"),
    ("MeterValues", meter({"value": Decimal("1.50")}), meter({"value": "1.50"}), "number_to_text"),
    (
        "MeterValues",
        meter({"value": "1", "unit": "Hz"}),
        meter({"value": "1", "unit": "Hertz"}),
        "enum_alias",
    ),
    (
        "MeterValues",
        meter({"value": "1", "context": "Later"}),
        meter({"value": "1", "context": "Other"}),
        "enum_other",
    ),
    (
        "MeterValues",
        meter(ONE, {"value": "1", "unit": "?"}),
        meter(ONE),
        "unreadable_sample_dropped",
    ),
    (
        "MeterValues",
        {"connectorId": 1, "meterValue": {"timestamp": AT, "sampledValue": ONE}},
        meter(ONE),
        "single_object_to_array",
    ),
    ("MeterValues", meter(), {"connectorId": 1, "meterValue": []}, "empty_entry_dropped"),
]


@pytest.mark.parametrize(("action", "payload", "mended", "name"), MENDED)
def test_mended(action: str, payload: Any, mended: Any, name: str) -> None:
    assert not SCHEMAS[action].accepts(payload)
    result = repair(payload, SCHEMAS[action])
    assert result.payload == mended
    assert name in result.repairs


@pytest.mark.parametrize("register", [Decimal("10.5"), "much", None, True, {"value": 10}])
def test_a_register_that_cannot_be_read_is_left_out(register: Any) -> None:
    for action, name, sent in (
        ("StartTransaction", "meterStart", start(meterStart=register)),
        ("StopTransaction", "meterStop", stop(meterStop=register)),
    ):
        result = repair(sent, SCHEMAS[action])
        assert name not in result.payload
        assert result.repairs == ("unreadable_register_dropped",)


@pytest.mark.parametrize("number", ["1e999999999", "1e-999999999", "Infinity"])
def test_a_number_that_would_fill_the_memory_is_not_written_out(number: str) -> None:
    sent = meter({"value": Decimal(number)})
    assert repair(sent, SCHEMAS["MeterValues"]).payload == {"connectorId": 1, "meterValue": []}
    sent = start(meterStart=Decimal(number))
    assert "meterStart" not in repair(sent, SCHEMAS["StartTransaction"]).payload
    with pytest.raises(Refusal):
        repair({"idTag": Decimal(number)}, SCHEMAS["Authorize"])


def test_a_register_that_was_not_sent_is_no_reason_to_refuse() -> None:
    sent = {"transactionId": 1, "timestamp": AT}
    assert repair(dict(sent), SCHEMAS["StopTransaction"]).payload == sent


REFUSED = [
    ("Authorize", {"idTag": "T" * 21}, Fault.TYPE),
    ("Authorize", {}, Fault.PROTOCOL),
    ("Authorize", {"idTag": None}, Fault.TYPE),
    ("Authorize", [], Fault.FORMATION),
    ("BootNotification", boot(chargePointVendor=1), Fault.TYPE),
    ("DataTransfer", {"vendorId": "v" * 256}, Fault.TYPE),
    ("StartTransaction", start(timestamp="yesterday"), Fault.PROPERTY),
    ("StatusNotification", status(status="Broken"), Fault.PROPERTY),
    ("StatusNotification", status(connectorId=True), Fault.TYPE),
    ("StopTransaction", {"meterStop": 10, "timestamp": AT}, Fault.PROTOCOL),
]


@pytest.mark.parametrize(("action", "payload", "fault"), REFUSED)
def test_not_mended(action: str, payload: Any, fault: Fault) -> None:
    with pytest.raises(Refusal) as caught:
        repair(payload, SCHEMAS[action])
    assert caught.value.fault is fault


def test_a_refusal_does_not_repeat_what_was_sent() -> None:
    with pytest.raises(Refusal) as caught:
        repair({"idTag": "SECRET" * 5}, SCHEMAS["Authorize"])
    assert "SECRET" not in caught.value.description


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30) | st.decimals(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(
    st.sampled_from(ACTIONS), st.sampled_from([start(), stop(), meter(ONE), status()]), st.data()
)
def test_a_repaired_payload_fits_or_is_refused(action: str, base: Any, data: st.DataObject) -> None:
    changed = {name: data.draw(st.just(value) | VALUES) for name, value in base.items()}
    changed |= data.draw(st.dictionaries(st.sampled_from(["info", "reason", "x"]), VALUES))
    try:
        result = repair(changed, SCHEMAS[action])
    except Refusal:
        return
    register = {"StartTransaction": "meterStart", "StopTransaction": "meterStop"}.get(action)
    whole = ({register: 0} if register else {}) | result.payload
    assert result.payload.get("meterValue") == [] or SCHEMAS[action].accepts(whole)
