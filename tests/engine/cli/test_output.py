"""Messages as JSON: names and units that a script can rely on."""

from __future__ import annotations

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from interwatt.commands.v1.command_pb2 import Command, StationCall
from interwatt.common.v1.money_pb2 import Money, Price
from interwatt.common.v1.party_pb2 import PartyId
from interwatt.sessions.v1.session_pb2 import Session
from interwatt.tariffs.v1.tariff_pb2 import Tariff

from engine.cli.output import as_data, enum_of, money, party, price, print_json, when

IWT = PartyId(country_code="NL", party_id="IWT")
EUR = Money(currency="EUR", amount_e4=125_000)


def test_every_field_is_there_and_absence_is_null() -> None:
    data = as_data(Session(owner=IWT, id="1", state=Session.STATE_ACTIVE, energy_mwh=2**60))
    assert list(data) == [field.name for field in Session.DESCRIPTOR.fields]
    assert data["owner"] == "NL-IWT"
    assert data["state"] == "ACTIVE"
    assert data["energy_mwh"] == 2**60
    assert data["ended_at"] is None
    assert data["cost"] is None
    assert data["flags"] == []


def test_amounts_are_decimal_text_and_times_are_utc() -> None:
    session = Session(cost=Price(excl_vat=EUR), started_at=Timestamp(seconds=1_795_307_400))
    data = as_data(session)
    assert data["cost"] == {"excl_vat": {"currency": "EUR", "amount": "12.5000"}, "incl_vat": None}
    assert data["started_at"] == "2026-11-22T00:30:00Z"


def test_a_document_is_shown_as_the_json_it_is_with_its_digits(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_json(as_data(Tariff(document=b'{"price": 0.2800}')))
    assert '"price": 0.2800\n' in capsys.readouterr().out
    assert as_data(Tariff(document=b"\xff"))["document"] == "/w=="
    assert as_data(Tariff())["document"] is None


def test_of_a_choice_the_others_are_null() -> None:
    data = as_data(Command(station_call=StationCall(action="Reset", payload=b"{}")))
    assert bytes(data["station_call"]["payload"]) == b"{}"
    assert data["start_charge"] is None


def test_words_for_people() -> None:
    assert money(EUR) == "12.5000 EUR"
    assert price(Price(excl_vat=EUR)) == "12.5000 EUR"
    assert price(Price(excl_vat=EUR, incl_vat=EUR)) == "12.5000 EUR (12.5000 with VAT)"
    assert price(Price()) == ""
    assert party(PartyId()) == ""
    assert when(Timestamp()) == ""
    assert enum_of(Session(), "state") == ""
