"""PartnersService over gRPC."""

from __future__ import annotations

import grpc
from interwatt.common.v1 import party_pb2
from interwatt.partners.v1 import partner_pb2 as partner_pb
from interwatt.partners.v1 import partners_service_pb2 as pb
from interwatt.partners.v1 import partners_service_pb2_grpc as pb_grpc

from engine.kernel.outcome import require
from engine.kernel.paging import page_size
from engine.kernel.party import Role
from engine.partners.model import Endpoint, Partner, Party, check_id
from engine.partners.service import PartnersService, Plan, Registration
from engine.rpc import convert
from engine.rpc.convert import read_enum, read_party, shown, text, write_party, write_time

_LONGEST_TOKEN = 64
_LONGEST_URL = 255


class PartnersRpc(pb_grpc.PartnersServiceServicer):
    def __init__(self, service: PartnersService) -> None:
        self._service = service

    async def CreatePartner(
        self, request: pb.CreatePartnerRequest, context: grpc.aio.ServicerContext
    ) -> pb.CreatePartnerResponse:
        outcome = await self._service.create(convert.request(request, _read_plan))
        admission = outcome.value()
        return pb.CreatePartnerResponse(
            partner=_write(admission.partner),
            token=admission.token,
            replayed=outcome.replayed,
            command_id=admission.command_id,
        )

    async def AuthenticatePartner(
        self, request: pb.AuthenticatePartnerRequest, context: grpc.aio.ServicerContext
    ) -> pb.AuthenticatePartnerResponse:
        require(1 <= len(request.token_candidates) <= 4, "token_candidates", "1 to 4 readings")
        found = await self._service.recognise(list(request.token_candidates))
        if found is None:
            return pb.AuthenticatePartnerResponse()
        return pb.AuthenticatePartnerResponse(
            partner=_write(found.partner),
            matched_candidate=found.candidate,
            first_token=found.first_token,
        )

    async def RegisterPartner(
        self, request: pb.RegisterPartnerRequest, context: grpc.aio.ServicerContext
    ) -> pb.RegisterPartnerResponse:
        outcome = await self._service.register(convert.request(request, _read_registration))
        admission = outcome.value()
        return pb.RegisterPartnerResponse(
            partner=_write(admission.partner), token=admission.token, replayed=outcome.replayed
        )

    async def EndPartner(
        self, request: pb.EndPartnerRequest, context: grpc.aio.ServicerContext
    ) -> pb.EndPartnerResponse:
        outcome = await self._service.end(
            convert.request(request, lambda message: message.partner_id)
        )
        return pb.EndPartnerResponse(partner=_write(outcome.value()))

    async def GetPartnerConnection(
        self, request: pb.GetPartnerConnectionRequest, context: grpc.aio.ServicerContext
    ) -> pb.GetPartnerConnectionResponse:
        partner = await self._service.get(request.partner_id)
        return pb.GetPartnerConnectionResponse(
            partner=_write(partner),
            their_token=partner.their_token,
            token_literal=partner.token_literal,
            our_token=partner.our_token,
        )

    async def GetPartner(
        self, request: pb.GetPartnerRequest, context: grpc.aio.ServicerContext
    ) -> pb.GetPartnerResponse:
        return pb.GetPartnerResponse(partner=_write(await self._service.get(request.partner_id)))

    async def ListPartners(
        self, request: pb.ListPartnersRequest, context: grpc.aio.ServicerContext
    ) -> pb.ListPartnersResponse:
        page = await self._service.list_page(page_size(request.page_size), request.page_token)
        return pb.ListPartnersResponse(
            partners=map(_write, page.items), next_page_token=page.next_token
        )

    async def GetOurParties(
        self, request: pb.GetOurPartiesRequest, context: grpc.aio.ServicerContext
    ) -> pb.GetOurPartiesResponse:
        return pb.GetOurPartiesResponse(parties=map(_write_party, self._service.our_parties))


def _read_plan(message: pb.CreatePartnerRequest) -> Plan:
    if message.their_token:
        text(message.versions_url, "versions_url", longest=_LONGEST_URL)
    return Plan(
        id=check_id(message.id),
        versions_url=text(message.versions_url, "versions_url", longest=_LONGEST_URL, shortest=0),
        their_token=text(message.their_token, "their_token", longest=_LONGEST_TOKEN, shortest=0),
    )


def _read_registration(message: pb.RegisterPartnerRequest) -> Registration:
    require(message.parties, "parties", "at least one party")
    return Registration(
        partner_id=check_id(message.partner_id),
        their_token=text(message.their_token, "their_token", longest=_LONGEST_TOKEN),
        versions_url=text(message.versions_url, "versions_url", longest=_LONGEST_URL),
        ocpi_version=text(message.ocpi_version, "ocpi_version", longest=16),
        endpoints=[Endpoint(e.module, e.interface_role, e.url) for e in message.endpoints],
        parties=[_read_party(party) for party in message.parties],
        rotate=message.rotate,
        our_token=message.our_token,
        token_literal=message.token_literal,
    )


def _read_party(message: partner_pb.PartnerParty) -> Party:
    role = read_enum(party_pb2.Role, message.role, prefix="ROLE_", field="parties.role")
    return Party(
        read_party(message.party, "parties.party"), Role(role), shown(message.name, longest=100)
    )


def _write_party(party: Party) -> partner_pb.PartnerParty:
    return partner_pb.PartnerParty(
        party=write_party(party.key),
        role=f"ROLE_{party.role}",
        name=party.name,
    )


def _write(partner: Partner) -> partner_pb.Partner:
    return partner_pb.Partner(
        id=partner.id,
        state=f"STATE_{partner.state}",
        parties=map(_write_party, partner.parties()),
        versions_url=partner.versions_url,
        ocpi_version=partner.ocpi_version,
        endpoints=[
            partner_pb.Endpoint(module=e.module, interface_role=e.interface_role, url=e.url)
            for e in partner.endpoints()
        ],
        created_at=write_time(partner.created_us),
    )
