# ruff: noqa: N802 - methods are named by the contract
"""The engine as the OCPI gateway sees it, with its facts in memory.

An older object is ignored, a CDR never changes, a delivery that failed is not given again unless
the test gives it.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import orjson
from interwatt.cdrs.v1 import cdrs_service_pb2 as cdrs_pb
from interwatt.cdrs.v1 import cdrs_service_pb2_grpc as cdrs_grpc
from interwatt.cdrs.v1.cdr_pb2 import Cdr
from interwatt.commands.v1 import commands_service_pb2 as commands_pb
from interwatt.commands.v1 import commands_service_pb2_grpc as commands_grpc
from interwatt.commands.v1.command_pb2 import Command
from interwatt.common.v1 import error_reason_pb2 as reasons
from interwatt.common.v1.error_reason_pb2 import ErrorReason
from interwatt.common.v1.party_pb2 import ROLE_CPO, ROLE_EMSP, PartyId
from interwatt.deliveries.v1 import deliveries_service_pb2 as deliveries_pb
from interwatt.deliveries.v1 import deliveries_service_pb2_grpc as deliveries_grpc
from interwatt.locations.v1 import locations_service_pb2 as locations_pb
from interwatt.locations.v1 import locations_service_pb2_grpc as locations_grpc
from interwatt.partners.v1 import partners_service_pb2 as partners_pb
from interwatt.partners.v1 import partners_service_pb2_grpc as partners_grpc
from interwatt.partners.v1.partner_pb2 import Partner, PartnerParty
from interwatt.sessions.v1 import sessions_service_pb2 as sessions_pb
from interwatt.sessions.v1 import sessions_service_pb2_grpc as sessions_grpc
from interwatt.stations.v1 import stations_service_pb2 as stations_pb
from interwatt.stations.v1 import stations_service_pb2_grpc as stations_grpc
from interwatt.tariffs.v1 import tariffs_service_pb2 as tariffs_pb
from interwatt.tariffs.v1 import tariffs_service_pb2_grpc as tariffs_grpc
from interwatt.tokens.v1 import tokens_service_pb2 as tokens_pb
from interwatt.tokens.v1 import tokens_service_pb2_grpc as tokens_grpc
from interwatt.tokens.v1.token_pb2 import TOKEN_TYPE_RFID

from tests.fakes.engine import FakeEngine, Refused, abort

OURS = PartyId(country_code="NL", party_id="IWT")
FINAL = (
    Command.STATE_DONE,
    Command.STATE_REFUSED,
    Command.STATE_FAILED,
    Command.STATE_TIMED_OUT,
)


class EngineForPartners(FakeEngine):
    """Its facts, open to a test, and the server in front of them."""

    def __init__(self) -> None:
        super().__init__()
        self.partners: dict[str, Partner] = {}
        self.first_tokens: dict[str, str] = {}
        self.our_tokens: dict[str, str] = {}
        self.their_tokens: dict[str, str] = {}
        self.literal: dict[str, bool] = {}
        self.tokens: dict[Any, Any] = {}
        self.locations: dict[Any, Any] = {}
        self.tariffs: dict[Any, Any] = {}
        self.sessions: dict[Any, Any] = {}
        self.cdrs: dict[Any, Cdr] = {}
        self.stations: list[Any] = []
        self.decisions: dict[str, Any] = {}
        self.commands: dict[str, Command] = {}
        self.starts: list[Any] = []
        self.stops: list[Any] = []
        self.reports: list[Any] = []
        self.results: defaultdict[str, list[Any]] = defaultdict(list)
        self.calls: list[str] = []
        self._deliveries: asyncio.Queue[Any] = asyncio.Queue()
        self._to_partners: asyncio.Queue[Command] = asyncio.Queue()

    def serve(self, server: grpc.aio.Server) -> None:
        partners_grpc.add_PartnersServiceServicer_to_server(_Partners(self), server)
        tokens_grpc.add_TokensServiceServicer_to_server(_Tokens(self), server)
        locations_grpc.add_LocationsServiceServicer_to_server(_Locations(self), server)
        tariffs_grpc.add_TariffsServiceServicer_to_server(_Tariffs(self), server)
        stations_grpc.add_StationsServiceServicer_to_server(_Stations(self), server)
        sessions_grpc.add_SessionsServiceServicer_to_server(_Sessions(self), server)
        cdrs_grpc.add_CdrsServiceServicer_to_server(_Cdrs(self), server)
        deliveries_grpc.add_DeliveriesServiceServicer_to_server(_Deliveries(self), server)
        commands_grpc.add_CommandsServiceServicer_to_server(_Commands(self), server)

    def plan_partner(self, partner_id: str, first_token: str) -> None:
        """Know a partner that has not made the handshake."""
        self.partners[partner_id] = Partner(id=partner_id, state=Partner.STATE_PLANNED)
        self.first_tokens[partner_id] = first_token

    def register(
        self, partner_id: str, *parties: PartnerParty, token: str, **facts: Any
    ) -> Partner:
        """Know a partner whose handshake is done."""
        partner = Partner(
            id=partner_id,
            state=Partner.STATE_REGISTERED,
            parties=parties,
            ocpi_version="2.2.1",
            **facts,
        )
        self.partners[partner_id] = partner
        self.our_tokens[partner_id] = token
        self.their_tokens[partner_id] = f"{partner_id}-takes-this"
        return partner

    def deliver(self, **facts: Any) -> None:
        """Give a delivery to the gateway."""
        self._deliveries.put_nowait(deliveries_pb.Delivery(**facts))

    def order(self, command: Command) -> None:
        """Give a command for a partner to the gateway."""
        command.state = Command.STATE_SENT
        if not command.HasField("deadline"):
            command.deadline.FromDatetime(datetime.now(UTC) + timedelta(seconds=20))
        self.commands[command.id] = command
        self._to_partners.put_nowait(command)

    async def finish(self, command_id: str, state: Command.State, code: str = "") -> None:
        """End a command for a station of ours."""
        self.commands[command_id].state = state
        self.commands[command_id].result.code = code
        await self.tell()

    async def batch(
        self, method: str, items: Iterable[Any], kind: Any, answer: Callable[[Any], Any]
    ) -> list[Any]:
        """Answer each item once; replay what was answered before."""
        outcomes = []
        for item in items:
            self.calls.append(method)
            outcomes.append(self.once(method, item, kind, answer))
        await self.tell()
        return outcomes


def key_of(owner: PartyId, *parts: Any) -> tuple[Any, ...]:
    """The key of an object, without regard to case."""
    names = (owner.country_code, owner.party_id, *parts)
    return tuple(part.casefold() if isinstance(part, str) else part for part in names)


def newer(one: Any, other: Any) -> bool:
    """Whether one object was changed after another."""
    first, second = one.last_updated, other.last_updated
    return (first.seconds, first.nanos) > (second.seconds, second.nanos)


def page(objects: Iterable[Any], request: Any) -> tuple[list[Any], str, int]:
    """A page of what the filters leave."""
    found = [each for each in objects if _in_time(each, request)]
    if request.page_token and not request.page_token.isdecimal():
        raise Refused(reasons.ERROR_REASON_PAGE_TOKEN_INVALID, "This page token was not made here.")
    start = int(request.page_token or 0)
    size = request.page_size or 100
    rest = start + size < len(found)
    return found[start : start + size], str(start + size) if rest else "", len(found)


def _in_time(each: Any, request: Any) -> bool:
    at = (each.last_updated.seconds, each.last_updated.nanos)
    low, high = request.updated_from, request.updated_to
    after = not request.HasField("updated_from") or at >= (low.seconds, low.nanos)
    return after and (not request.HasField("updated_to") or at < (high.seconds, high.nanos))


def _of_partner(objects: Iterable[Any], wanted: str) -> list[Any]:
    partner_id = "" if wanted == "-" else wanted
    return [each for each in objects if not wanted or each.partner_id == partner_id]


def _guarded(method: Any) -> Any:
    async def call(self: Any, request: Any, context: Any) -> Any:
        self.engine.calls.append(method.__name__)
        try:
            return await method(self, request, context)
        except Refused as refused:
            error = refused.error
            return await abort(
                context,
                grpc.StatusCode.FAILED_PRECONDITION,
                ErrorReason.Name(error.reason),
                message=error.message,
                metadata=error.metadata,
            )

    return call


class _Servicer:
    def __init__(self, engine: EngineForPartners) -> None:
        self.engine = engine

    def find(self, objects: Any, key: Any, kind: str) -> Any:
        """Look up, or say that there is none."""
        if key not in objects:
            raise Refused(reasons.ERROR_REASON_NOT_FOUND, f"There is no such {kind}.", kind=kind)
        return objects[key]


class _Partners(_Servicer, partners_grpc.PartnersServiceServicer):
    @_guarded
    async def AuthenticatePartner(self, request: Any, context: Any) -> Any:
        for index, candidate in enumerate(request.token_candidates):
            for first, tokens in (
                (True, self.engine.first_tokens),
                (False, self.engine.our_tokens),
            ):
                for partner_id, token in tokens.items():
                    if token == candidate:
                        return partners_pb.AuthenticatePartnerResponse(
                            partner=self.engine.partners[partner_id],
                            matched_candidate=index,
                            first_token=first,
                        )
        return partners_pb.AuthenticatePartnerResponse()

    @_guarded
    async def RegisterPartner(self, request: Any, context: Any) -> Any:
        partner = self.find(self.engine.partners, request.partner_id, "partner")
        if partner.state == Partner.STATE_REGISTERED and not request.rotate:
            raise Refused(reasons.ERROR_REASON_STATE_CONFLICT)
        updated = Partner(
            id=partner.id,
            state=Partner.STATE_REGISTERED,
            parties=request.parties,
            versions_url=request.versions_url,
            ocpi_version=request.ocpi_version,
            endpoints=request.endpoints,
        )
        self.engine.partners[partner.id] = updated
        self.engine.first_tokens.pop(partner.id, None)
        token = request.our_token or f"token-{len(self.engine.calls)}"
        self.engine.our_tokens[partner.id] = token
        self.engine.their_tokens[partner.id] = request.their_token
        self.engine.literal[partner.id] = request.token_literal
        return partners_pb.RegisterPartnerResponse(partner=updated, token=token)

    @_guarded
    async def EndPartner(self, request: Any, context: Any) -> Any:
        partner = self.find(self.engine.partners, request.partner_id, "partner")
        partner.state = Partner.STATE_ENDED
        self.engine.our_tokens.pop(partner.id, None)
        return partners_pb.EndPartnerResponse(partner=partner)

    @_guarded
    async def GetPartnerConnection(self, request: Any, context: Any) -> Any:
        partner = self.find(self.engine.partners, request.partner_id, "partner")
        return partners_pb.GetPartnerConnectionResponse(
            partner=partner,
            their_token=self.engine.their_tokens.get(partner.id, ""),
            token_literal=self.engine.literal.get(partner.id, False),
            our_token=self.engine.our_tokens.get(partner.id, ""),
        )

    @_guarded
    async def GetOurParties(self, request: Any, context: Any) -> Any:
        return partners_pb.GetOurPartiesResponse(
            parties=[
                PartnerParty(party=OURS, role=ROLE_CPO, name="Interwatt"),
                PartnerParty(party=OURS, role=ROLE_EMSP, name="Interwatt"),
            ]
        )


class _Tokens(_Servicer, tokens_grpc.TokensServiceServicer):
    async def PutTokens(self, request: Any, context: Any) -> Any:
        outcomes = await self.engine.batch(
            "PutTokens", request.items, tokens_pb.PutTokenOutcome, self._put
        )
        return tokens_pb.PutTokensResponse(outcomes=outcomes)

    def _put(self, item: Any) -> Any:
        token = item.token
        key = key_of(token.owner, token.uid, token.type)
        stored = self.engine.tokens.get(key)
        if stored is None or not newer(stored, token):
            self.engine.tokens[key] = token
        return tokens_pb.PutTokenOutcome(token=self.engine.tokens[key], created=stored is None)

    async def AuthorizeTokens(self, request: Any, context: Any) -> Any:
        outcomes = await self.engine.batch(
            "AuthorizeTokens", request.items, tokens_pb.AuthorizeTokenOutcome, self._authorize
        )
        return tokens_pb.AuthorizeTokensResponse(outcomes=outcomes)

    def _authorize(self, item: Any) -> Any:
        token = self.engine.tokens.get(key_of(OURS, item.uid, item.type or TOKEN_TYPE_RFID))
        decision = self.engine.decisions.get(item.uid)
        if isinstance(decision, Refused):
            raise decision
        if token is None:
            decision = tokens_pb.Authorization(status=tokens_pb.Authorization.STATUS_UNKNOWN)
        elif decision is None:
            decision = tokens_pb.Authorization(
                status=tokens_pb.Authorization.STATUS_ACCEPTED,
                token=token,
                authorization_reference=f"ref-{item.uid}",
            )
        return tokens_pb.AuthorizeTokenOutcome(authorization=decision)

    @_guarded
    async def GetToken(self, request: Any, context: Any) -> Any:
        key = key_of(request.owner, request.uid, request.type or TOKEN_TYPE_RFID)
        return tokens_pb.GetTokenResponse(token=self.find(self.engine.tokens, key, "token"))

    @_guarded
    async def ListTokens(self, request: Any, context: Any) -> Any:
        found, following, total = page(
            _of_partner(self.engine.tokens.values(), request.partner_id), request
        )
        return tokens_pb.ListTokensResponse(
            tokens=found, next_page_token=following, total_size=total
        )


class _Locations(_Servicer, locations_grpc.LocationsServiceServicer):
    async def PutLocations(self, request: Any, context: Any) -> Any:
        outcomes = await self.engine.batch(
            "PutLocations", request.items, locations_pb.PutLocationOutcome, self._put
        )
        return locations_pb.PutLocationsResponse(outcomes=outcomes)

    def _put(self, item: Any) -> Any:
        location = item.location
        key = key_of(location.owner, location.id)
        stored = self.engine.locations.get(key)
        if stored is None or not newer(stored, location):
            self.engine.locations[key] = location
        return locations_pb.PutLocationOutcome(
            location=self.engine.locations[key], created=stored is None
        )

    @_guarded
    async def GetLocation(self, request: Any, context: Any) -> Any:
        key = key_of(request.owner, request.id)
        return locations_pb.GetLocationResponse(
            location=self.find(self.engine.locations, key, "location")
        )

    @_guarded
    async def ListLocations(self, request: Any, context: Any) -> Any:
        found, following, total = page(
            _of_partner(self.engine.locations.values(), request.partner_id), request
        )
        return locations_pb.ListLocationsResponse(
            locations=found, next_page_token=following, total_size=total
        )


class _Tariffs(_Servicer, tariffs_grpc.TariffsServiceServicer):
    async def PutTariffs(self, request: Any, context: Any) -> Any:
        outcomes = await self.engine.batch(
            "PutTariffs", request.items, tariffs_pb.PutTariffOutcome, self._put
        )
        return tariffs_pb.PutTariffsResponse(outcomes=outcomes)

    def _put(self, item: Any) -> Any:
        tariff = item.tariff
        for index, element in enumerate(orjson.loads(tariff.document)["elements"]):
            if "price_components" not in element:
                raise Refused(
                    reasons.ERROR_REASON_TARIFF_INVALID,
                    "An element needs price components.",
                    path=f"$.elements[{index}].price_components",
                )
        key = key_of(tariff.owner, tariff.id)
        stored = self.engine.tariffs.get(key)
        if stored is None or not newer(stored, tariff):
            self.engine.tariffs[key] = tariff
        return tariffs_pb.PutTariffOutcome(tariff=self.engine.tariffs[key], created=stored is None)

    @_guarded
    async def DeleteTariff(self, request: Any, context: Any) -> Any:
        key = key_of(request.owner, request.id)
        tariff = self.find(self.engine.tariffs, key, "tariff")
        del self.engine.tariffs[key]
        return tariffs_pb.DeleteTariffResponse(tariff=tariff)

    @_guarded
    async def GetTariff(self, request: Any, context: Any) -> Any:
        key = key_of(request.owner, request.id)
        return tariffs_pb.GetTariffResponse(tariff=self.find(self.engine.tariffs, key, "tariff"))

    @_guarded
    async def ListTariffs(self, request: Any, context: Any) -> Any:
        found, following, total = page(
            _of_partner(self.engine.tariffs.values(), request.partner_id), request
        )
        return tariffs_pb.ListTariffsResponse(
            tariffs=found, next_page_token=following, total_size=total
        )


class _Stations(_Servicer, stations_grpc.StationsServiceServicer):
    @_guarded
    async def ListStations(self, request: Any, context: Any) -> Any:
        wanted = request.location_id.casefold()
        return stations_pb.ListStationsResponse(
            stations=[s for s in self.engine.stations if s.location_id.casefold() == wanted]
        )


class _Sessions(_Servicer, sessions_grpc.SessionsServiceServicer):
    async def PutPartnerSessions(self, request: Any, context: Any) -> Any:
        outcomes = await self.engine.batch(
            "PutPartnerSessions", request.items, sessions_pb.PutPartnerSessionOutcome, self._put
        )
        return sessions_pb.PutPartnerSessionsResponse(outcomes=outcomes)

    def _put(self, item: Any) -> Any:
        session = item.session
        key = key_of(session.owner, session.id)
        stored = self.engine.sessions.get(key)
        if stored is None and item.patch:
            raise Refused(reasons.ERROR_REASON_NOT_FOUND, "There is no such session.")
        if stored is not None and item.patch:
            if session.HasField("token"):
                stored.ClearField("token")  # the engine replaces it whole
            stored.MergeFrom(session)
        elif stored is None or not newer(stored, session):
            self.engine.sessions[key] = session
        return sessions_pb.PutPartnerSessionOutcome(
            session=self.engine.sessions[key], created=stored is None
        )

    @_guarded
    async def RequestStart(self, request: Any, context: Any) -> Any:
        self.engine.starts.append(request)
        command = Command(id=f"start-{len(self.engine.starts)}", state=Command.STATE_SENT)
        self.engine.commands[command.id] = command
        return sessions_pb.RequestStartResponse(command_id=command.id)

    @_guarded
    async def RequestStop(self, request: Any, context: Any) -> Any:
        self.engine.stops.append(request)
        command = Command(id=f"stop-{len(self.engine.stops)}", state=Command.STATE_SENT)
        self.engine.commands[command.id] = command
        return sessions_pb.RequestStopResponse(command_id=command.id)

    @_guarded
    async def GetSession(self, request: Any, context: Any) -> Any:
        owner = request.owner if request.HasField("owner") else OURS
        key = key_of(owner, request.session_id)
        return sessions_pb.GetSessionResponse(
            session=self.find(self.engine.sessions, key, "session")
        )

    @_guarded
    async def ListSessions(self, request: Any, context: Any) -> Any:
        found, following, total = page(
            [
                each
                for each in _of_partner(self.engine.sessions.values(), request.partner_id)
                if each.at_our_station or not request.at_our_stations
            ],
            request,
        )
        return sessions_pb.ListSessionsResponse(
            sessions=found, next_page_token=following, total_size=total
        )


class _Cdrs(_Servicer, cdrs_grpc.CdrsServiceServicer):
    async def ImportCdrs(self, request: Any, context: Any) -> Any:
        outcomes = await self.engine.batch(
            "ImportCdrs", request.items, cdrs_pb.ImportCdrOutcome, self._import
        )
        return cdrs_pb.ImportCdrsResponse(outcomes=outcomes)

    def _import(self, item: Any) -> Any:
        key = key_of(item.cdr.owner, item.cdr.id)
        stored = self.engine.cdrs.get(key)
        if stored is not None and stored != item.cdr:
            raise Refused(
                reasons.ERROR_REASON_CDR_CONFLICT, "This CDR came before with other content."
            )
        self.engine.cdrs[key] = item.cdr
        return cdrs_pb.ImportCdrOutcome(cdr=item.cdr, created=stored is None)

    @_guarded
    async def GetCdr(self, request: Any, context: Any) -> Any:
        owner = request.owner if request.HasField("owner") else OURS
        return cdrs_pb.GetCdrResponse(
            cdr=self.find(self.engine.cdrs, key_of(owner, request.id), "cdr")
        )

    @_guarded
    async def ListCdrs(self, request: Any, context: Any) -> Any:
        found, following, total = page(
            [
                each
                for each in _of_partner(self.engine.cdrs.values(), request.partner_id)
                if each.issued or not request.issued
            ],
            request,
        )
        return cdrs_pb.ListCdrsResponse(cdrs=found, next_page_token=following, total_size=total)


class _Deliveries(_Servicer, deliveries_grpc.DeliveriesServiceServicer):
    async def StreamDeliveries(self, request: Any, context: Any) -> AsyncIterator[Any]:
        while True:
            delivery = await self.engine._deliveries.get()
            yield deliveries_pb.StreamDeliveriesResponse(delivery=delivery)

    async def ReportDeliveries(self, request: Any, context: Any) -> Any:
        self.engine.reports.extend(request.items)
        await self.engine.tell()
        outcomes = [deliveries_pb.ReportDeliveryOutcome() for _ in request.items]
        return deliveries_pb.ReportDeliveriesResponse(outcomes=outcomes)


class _Commands(_Servicer, commands_grpc.CommandsServiceServicer):
    async def StreamCommands(self, request: Any, context: Any) -> AsyncIterator[Any]:
        while True:
            command = await self.engine._to_partners.get()
            yield commands_pb.StreamCommandsResponse(command=command)

    async def ReportResults(self, request: Any, context: Any) -> Any:
        outcomes = await self.engine.batch(
            "ReportResults", request.items, commands_pb.ReportResultOutcome, self._report
        )
        return commands_pb.ReportResultsResponse(outcomes=outcomes)

    def _report(self, item: Any) -> Any:
        command = self.find(self.engine.commands, item.command_id, "command")
        self.engine.results[item.command_id].append(item)
        if command.state not in FINAL:
            command.state = item.state
            command.result.CopyFrom(item.result)
        return commands_pb.ReportResultOutcome(command=command)

    @_guarded
    async def AwaitCommand(self, request: Any, context: Any) -> Any:
        command = self.engine.commands[request.command_id]
        await self.engine.until(lambda: command.state in FINAL)
        return commands_pb.AwaitCommandResponse(command=command)

    @_guarded
    async def GetCommand(self, request: Any, context: Any) -> Any:
        command = self.find(self.engine.commands, request.command_id, "command")
        return commands_pb.GetCommandResponse(command=command)
