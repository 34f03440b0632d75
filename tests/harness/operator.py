"""What an operator sets up before the first charge: a tariff, a location, a station, a partner, a
card.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from interwatt.common.v1.party_pb2 import PartyId
from interwatt.locations.v1.location_pb2 import Connector, Evse, Location
from interwatt.locations.v1.locations_service_pb2 import PutLocationItem, PutLocationsRequest
from interwatt.locations.v1.locations_service_pb2_grpc import LocationsServiceStub
from interwatt.partners.v1.partners_service_pb2 import CreatePartnerRequest
from interwatt.partners.v1.partners_service_pb2_grpc import PartnersServiceStub
from interwatt.stations.v1.station_pb2 import Station, StationConnector, StationSettings
from interwatt.stations.v1.stations_service_pb2 import PutStationRequest
from interwatt.stations.v1.stations_service_pb2_grpc import StationsServiceStub
from interwatt.tariffs.v1.tariff_pb2 import Tariff
from interwatt.tariffs.v1.tariffs_service_pb2 import (
    PutTariffItem,
    PutTariffOutcome,
    PutTariffsRequest,
)
from interwatt.tariffs.v1.tariffs_service_pb2_grpc import TariffsServiceStub
from interwatt.tokens.v1.token_pb2 import TOKEN_TYPE_RFID, WHITELIST_ALLOWED, Token
from interwatt.tokens.v1.tokens_service_pb2 import PutTokenItem, PutTokensRequest
from interwatt.tokens.v1.tokens_service_pb2_grpc import TokensServiceStub

from tests.harness.engine_calls import EngineCalls

OURS = PartyId(country_code="NL", party_id="IWT")
_DEMO = Path(__file__).parents[1] / "demo"
TARIFF_FILE = _DEMO / "tariffs" / "interwatt.json"
LOCATION_FILE = _DEMO / "location.json"
TARIFF_ID = "DAY-EVENING"
LOCATION_ID = "STATIONSPLEIN"
EVSE_UID = "STATIONSPLEIN-1"
STATION_ID = "CP1"
PASSWORD = "demo-password-0001"
PARTNER_ID = "sunrise"
CARD_UID = "IWT-CARD-1"


@dataclass(frozen=True, slots=True)
class Operator:
    """Sets things up over gRPC, each in one call."""

    calls: EngineCalls

    def put_tariff(self, document: bytes) -> PutTariffOutcome:
        """Put a tariff of ours; the outcome may be a refusal."""
        tariff = Tariff(document=document, ocpi_version="2.2.1")
        item = PutTariffItem(request_id=_new(), tariff=tariff)
        stub = self.calls.stub(TariffsServiceStub)
        (outcome,) = stub.PutTariffs(PutTariffsRequest(items=[item])).outcomes
        return outcome

    def put_location(self) -> None:
        """Put our one location."""
        item = PutLocationItem(request_id=_new(), location=location())
        stub = self.calls.stub(LocationsServiceStub)
        (outcome,) = stub.PutLocations(PutLocationsRequest(items=[item])).outcomes
        assert not outcome.HasField("error"), outcome.error.message

    def put_station(self) -> None:
        """Put our one station, at that location."""
        station = Station(
            id=STATION_ID,
            location_id=LOCATION_ID,
            connectors=[StationConnector(number=1, evse_uid=EVSE_UID, connector_id="1")],
            settings=StationSettings(security_profile=1),
        )
        request = PutStationRequest(request_id=_new(), station=station, password=PASSWORD)
        self.calls.stub(StationsServiceStub).PutStation(request)

    def create_partner(self, versions_url: str = "", their_token: str = "") -> str:
        """Create the partner and return the first token to hand over."""
        request = CreatePartnerRequest(
            request_id=_new(), id=PARTNER_ID, versions_url=versions_url, their_token=their_token
        )
        token: str = self.calls.stub(PartnersServiceStub).CreatePartner(request).token
        return token

    def put_token(self) -> None:
        """Put the card of a driver of ours."""
        token = Token(
            owner=OURS,
            uid=CARD_UID,
            type=TOKEN_TYPE_RFID,
            contract_id="NL-IWT-C00000001-1",
            issuer="Interwatt (demo)",
            valid=True,
            whitelist=WHITELIST_ALLOWED,
            last_updated=_now(),
        )
        item = PutTokenItem(request_id=_new(), token=token)
        stub = self.calls.stub(TokensServiceStub)
        (outcome,) = stub.PutTokens(PutTokensRequest(items=[item])).outcomes
        assert not outcome.HasField("error"), outcome.error.message

    def set_up(self) -> None:
        """Put everything that the charge at our station needs, and our driver's card."""
        outcome = self.put_tariff(TARIFF_FILE.read_bytes())
        assert not outcome.HasField("error"), outcome.error.message
        self.put_location()
        self.put_station()
        self.put_token()


def location() -> Location:
    """Build our one location, one EVSE with one socket of 22 kW, from its OCPI document."""
    document = json.loads(LOCATION_FILE.read_text())
    copied = ("id", "name", "address", "city", "postal_code", "country", "time_zone", "publish")
    return Location(
        **{name: document[name] for name in copied},
        **document["coordinates"],
        owner=OURS,
        evses=[_evse(evse) for evse in document["evses"]],
        last_updated=_now(),
    )


def _evse(document: dict[str, Any]) -> Evse:
    connectors = [
        Connector(**{name: value for name, value in connector.items() if name != "last_updated"})
        for connector in document["connectors"]
    ]
    return Evse(
        uid=document["uid"],
        evse_id=document["evse_id"],
        status=Evse.STATUS_UNKNOWN,
        connectors=connectors,
        last_updated=_now(),
    )


def _new() -> str:
    return str(uuid.uuid4())


def _now() -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(datetime.now(UTC))
    return stamp
