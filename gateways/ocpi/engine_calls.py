"""The calls of the engine that this gateway makes: batches coalesced, the rest one by one."""

from time import monotonic
from typing import TYPE_CHECKING

from interwatt.cdrs.v1.cdrs_service_pb2 import ImportCdrItem, ImportCdrOutcome, ImportCdrsRequest
from interwatt.cdrs.v1.cdrs_service_pb2_grpc import CdrsServiceStub
from interwatt.commands.v1.commands_service_pb2 import (
    ReportResultItem,
    ReportResultOutcome,
    ReportResultsRequest,
)
from interwatt.commands.v1.commands_service_pb2_grpc import CommandsServiceStub
from interwatt.common.v1.party_pb2 import ROLE_CPO, ROLE_EMSP, PartyId
from interwatt.deliveries.v1.deliveries_service_pb2 import (
    ReportDeliveriesRequest,
    ReportDeliveryItem,
    ReportDeliveryOutcome,
)
from interwatt.deliveries.v1.deliveries_service_pb2_grpc import DeliveriesServiceStub
from interwatt.locations.v1.locations_service_pb2 import (
    PutLocationItem,
    PutLocationOutcome,
    PutLocationsRequest,
)
from interwatt.locations.v1.locations_service_pb2_grpc import LocationsServiceStub
from interwatt.partners.v1.partner_pb2 import PartnerParty
from interwatt.partners.v1.partners_service_pb2 import GetOurPartiesRequest
from interwatt.partners.v1.partners_service_pb2_grpc import PartnersServiceStub
from interwatt.sessions.v1.sessions_service_pb2 import (
    PutPartnerSessionItem,
    PutPartnerSessionOutcome,
    PutPartnerSessionsRequest,
)
from interwatt.sessions.v1.sessions_service_pb2_grpc import SessionsServiceStub
from interwatt.stations.v1.stations_service_pb2_grpc import StationsServiceStub
from interwatt.tariffs.v1.tariffs_service_pb2 import (
    PutTariffItem,
    PutTariffOutcome,
    PutTariffsRequest,
)
from interwatt.tariffs.v1.tariffs_service_pb2_grpc import TariffsServiceStub
from interwatt.tokens.v1.tokens_service_pb2 import (
    AuthorizeTokenItem,
    AuthorizeTokenOutcome,
    AuthorizeTokensRequest,
    PutTokenItem,
    PutTokenOutcome,
    PutTokensRequest,
)
from interwatt.tokens.v1.tokens_service_pb2_grpc import TokensServiceStub

from gateways.common.engine import Engine
from gateways.ocpi import parties

if TYPE_CHECKING:
    from gateways.common.coalesce import Coalescer

PARTIES_KEPT_SECONDS = 30.0


class OurParties:
    """The parties that this platform speaks for."""

    def __init__(self, entries: list[PartnerParty]) -> None:
        self.entries = entries

    @property
    def cpo(self) -> PartyId | None:
        """Ours as the one that runs stations."""
        return parties.with_role(self.entries, ROLE_CPO)

    @property
    def emsp(self) -> PartyId | None:
        """Ours as the one that serves drivers."""
        return parties.with_role(self.entries, ROLE_EMSP)

    def include(self, party: PartyId) -> bool:
        """Tell whether a party is ours."""
        return any(parties.same(entry.party, party) for entry in self.entries)


class EngineCalls:
    """Stubs for what is asked now and then, coalescers for what partners send all day."""

    def __init__(self, engine: Engine) -> None:
        self.partners = engine.stub(PartnersServiceStub)
        self.tokens = engine.stub(TokensServiceStub)
        self.locations = engine.stub(LocationsServiceStub)
        self.tariffs = engine.stub(TariffsServiceStub)
        self.stations = engine.stub(StationsServiceStub)
        self.sessions = engine.stub(SessionsServiceStub)
        self.cdrs = engine.stub(CdrsServiceStub)
        self.deliveries = engine.stub(DeliveriesServiceStub)
        self.commands = engine.stub(CommandsServiceStub)

        self.put_token: Coalescer[PutTokenItem, PutTokenOutcome] = engine.coalescer(
            self.tokens.PutTokens, PutTokensRequest
        )
        self.authorize_token: Coalescer[AuthorizeTokenItem, AuthorizeTokenOutcome] = (
            engine.coalescer(self.tokens.AuthorizeTokens, AuthorizeTokensRequest)
        )
        self.put_location: Coalescer[PutLocationItem, PutLocationOutcome] = engine.coalescer(
            self.locations.PutLocations, PutLocationsRequest
        )
        self.put_tariff: Coalescer[PutTariffItem, PutTariffOutcome] = engine.coalescer(
            self.tariffs.PutTariffs, PutTariffsRequest
        )
        self.put_session: Coalescer[PutPartnerSessionItem, PutPartnerSessionOutcome] = (
            engine.coalescer(self.sessions.PutPartnerSessions, PutPartnerSessionsRequest)
        )
        self.import_cdr: Coalescer[ImportCdrItem, ImportCdrOutcome] = engine.coalescer(
            self.cdrs.ImportCdrs, ImportCdrsRequest
        )
        self.report_delivery: Coalescer[ReportDeliveryItem, ReportDeliveryOutcome] = (
            engine.coalescer(self.deliveries.ReportDeliveries, ReportDeliveriesRequest)
        )
        self.report_result: Coalescer[ReportResultItem, ReportResultOutcome] = engine.coalescer(
            self.commands.ReportResults, ReportResultsRequest
        )
        self._ours: OurParties | None = None
        self._ours_until = 0.0

    async def our_parties(self) -> OurParties:
        """Read our parties; they are configuration and are kept for a while."""
        if self._ours is None or monotonic() > self._ours_until:
            response = await self.partners.GetOurParties(GetOurPartiesRequest())
            self._ours = OurParties(list(response.parties))
            self._ours_until = monotonic() + PARTIES_KEPT_SECONDS
        return self._ours
