"""What an operator sets up before the first charge: a tariff, a location, a station, a partner, a
card.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

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
TARIFF_FILE = Path(__file__).parents[1] / "demo" / "tariffs" / "interwatt.json"
TARIFF_ID = "DAY-EVENING"
LOCATION_ID = "IWT-STATION-1"
EVSE_UID = "IWT-STATION-1-E1"
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
    """Build our one location: one EVSE with one socket of 22 kW."""
    connector = Connector(
        id="1",
        standard="IEC_62196_T2",
        format="SOCKET",
        power_type="AC_3_PHASE",
        max_voltage=230,
        max_amperage=32,
        tariff_ids=[TARIFF_ID],
    )
    evse = Evse(
        uid=EVSE_UID,
        evse_id="NL*IWT*E000001",
        status=Evse.STATUS_UNKNOWN,
        connectors=[connector],
        last_updated=_now(),
    )
    return Location(
        owner=OURS,
        id=LOCATION_ID,
        name="Stationsplein (demo)",
        address="Stationsplein 1",
        city="Utrecht",
        postal_code="3511ED",
        country="NLD",
        latitude="52.089444",
        longitude="5.110278",
        time_zone="Europe/Amsterdam",
        publish=True,
        evses=[evse],
        last_updated=_now(),
    )


def _new() -> str:
    return str(uuid.uuid4())


def _now() -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(datetime.now(UTC))
    return stamp
