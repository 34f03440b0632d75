"""TokensService over gRPC."""

from __future__ import annotations

import grpc
from interwatt.tokens.v1 import token_pb2 as token_pb
from interwatt.tokens.v1 import tokens_service_pb2 as pb
from interwatt.tokens.v1 import tokens_service_pb2_grpc as pb_grpc

from engine.commands.rpc import remaining_s
from engine.kernel.errors import EngineError
from engine.kernel.outcome import Outcome
from engine.kernel.paging import page_size
from engine.kernel.party import PartyKey, ci
from engine.kernel.versioned import Put
from engine.rpc.convert import (
    read_enum,
    read_optional_time,
    read_party,
    read_time,
    requests,
    text,
    write_party,
    write_time,
)
from engine.rpc.errors import item_error
from engine.rpc.outcomes import write_outcomes
from engine.tokens.model import Authorization, Token, TokenType, token_key
from engine.tokens.service import Question, TokensService


class TokensRpc(pb_grpc.TokensServiceServicer):
    def __init__(self, service: TokensService) -> None:
        self._service = service

    async def PutTokens(
        self, request: pb.PutTokensRequest, context: grpc.aio.ServicerContext
    ) -> pb.PutTokensResponse:
        outcomes = await self._service.put(
            requests(request.items, lambda item: read_token(item.token))
        )
        response = pb.PutTokensResponse()
        write_outcomes(outcomes, response.outcomes, _write_put)
        return response

    async def AuthorizeTokens(
        self, request: pb.AuthorizeTokensRequest, context: grpc.aio.ServicerContext
    ) -> pb.AuthorizeTokensResponse:
        outcomes = await self._service.authorize(requests(request.items, _read_question))
        return pb.AuthorizeTokensResponse(outcomes=map(_write_outcome, outcomes))

    async def AwaitAuthorization(
        self, request: pb.AwaitAuthorizationRequest, context: grpc.aio.ServicerContext
    ) -> pb.AwaitAuthorizationResponse:
        command_id = text(request.command_id, "command_id", longest=64)
        decision = await self._service.wait_for_decision(command_id, remaining_s(context))
        return pb.AwaitAuthorizationResponse(authorization=write_authorization(decision))

    async def GetToken(
        self, request: pb.GetTokenRequest, context: grpc.aio.ServicerContext
    ) -> pb.GetTokenResponse:
        owner = read_party(request.owner, "owner")
        uid = text(request.uid, "uid", longest=36)
        token = await self._service.get(token_key(owner, read_type(request.type), uid))
        return pb.GetTokenResponse(token=write_token(token))

    async def ListTokens(
        self, request: pb.ListTokensRequest, context: grpc.aio.ServicerContext
    ) -> pb.ListTokensResponse:
        page = await self._service.list_page(
            size=page_size(request.page_size),
            token=request.page_token,
            partner_id=request.partner_id,
            updated_from=read_optional_time(request, "updated_from"),
            updated_to=read_optional_time(request, "updated_to"),
        )
        return pb.ListTokensResponse(
            tokens=map(write_token, page.items),
            next_page_token=page.next_token,
            total_size=page.total,
        )


def read_type(value: token_pb.TokenType) -> str:
    """Return the type; unspecified means RFID."""
    return read_enum(
        token_pb.TokenType, value, prefix="TOKEN_TYPE_", field="type", default=TokenType.RFID
    )


def read_token(message: token_pb.Token) -> Token:
    """Read a token; version and creation are the store's to say."""
    owner = read_party(message.owner, "token.owner")
    uid = text(message.uid, "token.uid", longest=36)
    type_ = read_type(message.type)
    whitelist = read_enum(
        token_pb.Whitelist, message.whitelist, prefix="WHITELIST_", field="token.whitelist"
    )
    return Token(
        key=token_key(owner, type_, uid),
        owner=owner,
        uid=uid,
        uid_key=ci(uid),
        type=type_,
        contract_id=text(message.contract_id, "token.contract_id", longest=36),
        visual_number=text(message.visual_number, "token.visual_number", longest=64, shortest=0),
        issuer=text(message.issuer, "token.issuer", longest=64),
        group_id=text(message.group_id, "token.group_id", longest=36, shortest=0),
        valid=message.valid,
        whitelist=whitelist,
        language=text(message.language, "token.language", longest=2, shortest=0),
        last_updated_us=read_time(message, "last_updated"),
        partner_id=text(message.partner_id, "token.partner_id", longest=64, shortest=0),
        version=0,
        created_us=0,
    )


def _write_put(item: pb.PutTokenOutcome, put: Put[Token]) -> None:
    item.token.CopyFrom(write_token(put.stored))
    item.created = put.created


def write_token(token: Token) -> token_pb.Token:
    return token_pb.Token(
        owner=write_party(PartyKey(token.owner)),
        uid=token.uid,
        type=f"TOKEN_TYPE_{token.type}",
        contract_id=token.contract_id,
        visual_number=token.visual_number,
        issuer=token.issuer,
        group_id=token.group_id,
        valid=token.valid,
        whitelist=f"WHITELIST_{token.whitelist}",
        language=token.language,
        last_updated=write_time(token.last_updated_us),
        partner_id=token.partner_id,
    )


def write_authorization(decision: Authorization) -> pb.Authorization:
    token = decision.token()
    return pb.Authorization(
        status=f"STATUS_{decision.status}",
        token=write_token(token) if token is not None else None,
        authorization_reference=decision.reference,
        auth_method=decision.auth_method,
        command_id=decision.command_id,
        info=decision.info,
    )


def _read_question(item: pb.AuthorizeTokenItem) -> Question:
    return Question(
        uid=text(item.uid, "uid", longest=255),
        type=read_type(item.type),
        station_id=text(item.station_id, "station_id", longest=48, shortest=0),
        evse_uid=text(item.evse_uid, "evse_uid", longest=36, shortest=0),
        location_id=text(item.location_id, "location_id", longest=36, shortest=0),
        partner_id=text(item.partner_id, "partner_id", longest=64, shortest=0),
    )


def _write_outcome(outcome: Outcome[Authorization]) -> pb.AuthorizeTokenOutcome:
    if isinstance(outcome.result, EngineError):
        return pb.AuthorizeTokenOutcome(error=item_error(outcome.result))
    return pb.AuthorizeTokenOutcome(
        authorization=write_authorization(outcome.result), replayed=outcome.replayed
    )
