"""Tokens (section 12): partners push theirs, pull ours, and ask whether one of ours may charge."""

from interwatt.common.v1.party_pb2 import PartyId
from interwatt.tokens.v1.token_pb2 import Token
from interwatt.tokens.v1.tokens_service_pb2 import (
    Authorization,
    AuthorizeTokenItem,
    GetTokenRequest,
    ListTokensRequest,
    PutTokenItem,
)

from gateways.common import request_ids
from gateways.common.errors import EngineError
from gateways.ocpi import codec, status
from gateways.ocpi.exchange import Exchange, Reply
from gateways.ocpi.status import OcpiError
from gateways.ocpi.times import Instant
from gateways.ocpi.v221 import names, wire

OURS = "-"
DEFAULT_LANGUAGE = "en"


def to_proto(token: wire.Token, partner_id: str) -> Token:
    """Convert a partner's token."""
    return Token(
        owner=PartyId(country_code=token.country_code, party_id=token.party_id),
        uid=token.uid,
        type=names.TOKEN_TYPES[token.type],
        contract_id=token.contract_id,
        visual_number=token.visual_number or "",
        issuer=token.issuer,
        group_id=token.group_id or "",
        valid=token.valid,
        whitelist=names.WHITELISTS[token.whitelist],
        language=token.language or "",
        last_updated=token.last_updated.to_proto(),
        partner_id=partner_id,
    )


def to_wire(token: Token) -> wire.Token:
    """Convert a token; a contract that is not known is the uid."""
    return wire.Token(
        country_code=token.owner.country_code,
        party_id=token.owner.party_id,
        uid=token.uid,
        type=names.token_type(token.type),
        contract_id=token.contract_id or token.uid,
        visual_number=token.visual_number or None,
        issuer=token.issuer,
        group_id=token.group_id or None,
        valid=token.valid,
        whitelist=names.whitelist(token.whitelist),
        language=token.language or None,
        last_updated=Instant.from_proto(token.last_updated),
    )


def decision_to_wire(
    decision: Authorization, location: wire.LocationReferences | None
) -> wire.AuthorizationInfo:
    """Convert a decision on a known token; where it may charge is said only when it may."""
    allowed = names.DECISIONS.get(decision.status, "NOT_ALLOWED")
    language = decision.token.language or DEFAULT_LANGUAGE
    return wire.AuthorizationInfo(
        allowed=allowed,
        token=to_wire(decision.token),
        location=location if allowed == "ALLOWED" else None,
        authorization_reference=decision.authorization_reference or None,
        info=wire.DisplayText(language=language, text=decision.info) if decision.info else None,
    )


async def get(exchange: Exchange) -> Reply:
    """Answer with a token that the caller pushed."""
    owner = exchange.owner()
    kind = _type_asked(exchange)
    return Reply(data=to_wire(await _stored(exchange, owner, kind or "RFID")))


async def put(exchange: Exchange) -> Reply:
    """Store a token of the caller's."""
    owner = exchange.owner()
    token = exchange.read(wire.Token)
    kind = _type_asked(exchange)
    exchange.must_match(
        country_code=(token.country_code, owner.country_code),
        party_id=(token.party_id, owner.party_id),
        uid=(token.uid, exchange.path["uid"]),
        type=(token.type, kind or token.type),
    )
    return await _store(exchange, token)


async def patch(exchange: Exchange) -> Reply:
    """Change some fields of a token of the caller's; an older change is absorbed."""
    owner = exchange.owner()
    changes = exchange.read_changes()
    kind = _type_asked(exchange) or "RFID"
    key = ("token", owner.country_code, owner.party_id, exchange.path["uid"].casefold(), kind)
    async with exchange.platform.locks.hold(key):
        stored = to_wire(await _stored(exchange, owner, kind))
        tree = codec.merge(codec.decode_object(codec.encode(stored)), changes)
        token = exchange.understand(tree, wire.Token)
        exchange.must_match(
            country_code=(token.country_code, owner.country_code),
            party_id=(token.party_id, owner.party_id),
            uid=(token.uid, exchange.path["uid"]),
            type=(token.type, kind),
        )
        if token.last_updated < stored.last_updated:
            return Reply()
        return await _store(exchange, token)


async def list_ours(exchange: Exchange) -> Reply:
    """Answer with a page of our drivers' tokens."""
    return await exchange.page(
        exchange.calls.tokens.ListTokens, ListTokensRequest(partner_id=OURS), "tokens", to_wire
    )


async def authorize(exchange: Exchange) -> Reply:
    """Decide whether one of our drivers' tokens may charge at the caller's station."""
    location = exchange.read(wire.LocationReferences) if exchange.body.strip() else None
    kind = _type_asked(exchange) or "RFID"
    evses = (location.evse_uids if location else None) or []
    try:
        outcome = await exchange.calls.authorize_token.call(
            AuthorizeTokenItem(
                request_id=request_ids.fresh(),
                uid=exchange.path["uid"],
                type=names.TOKEN_TYPES[kind],
                location_id=location.location_id if location else "",
                evse_uid=evses[0] if len(evses) == 1 else "",
                partner_id=exchange.partner.id,
            )
        )
    except EngineError as error:
        raise _not_decided(error) from error
    decision = outcome.authorization
    if decision.status == Authorization.STATUS_UNKNOWN or not decision.HasField("token"):
        raise OcpiError(404, status.UNKNOWN_TOKEN, "No token of ours has this uid and type.")
    return Reply(data=decision_to_wire(decision, location))


def _not_decided(error: EngineError) -> OcpiError:
    """Tell apart what the caller left out from every other refusal."""
    if error.name == "INVALID_ARGUMENT" and error.metadata.get("field", "").endswith("location_id"):
        return OcpiError(200, status.NOT_ENOUGH_INFORMATION, error.message)
    return status.of_engine(error)


def _type_asked(exchange: Exchange) -> wire.TokenType | None:
    """Read the `type` of the query, or `token_type` as some partners write it."""
    text = exchange.query.get("type") or exchange.query.get("token_type")
    if not text:
        return None
    for known in names.TOKEN_TYPES:
        if text == known:
            return known
    raise OcpiError(200, status.INVALID_PARAMETERS, f'"{text}" is not a token type.')


async def _stored(exchange: Exchange, owner: PartyId, kind: wire.TokenType) -> Token:
    response = await exchange.calls.tokens.GetToken(
        GetTokenRequest(owner=owner, uid=exchange.path["uid"], type=names.TOKEN_TYPES[kind])
    )
    return response.token


async def _store(exchange: Exchange, token: wire.Token) -> Reply:
    item = PutTokenItem(request_id=request_ids.fresh(), token=to_proto(token, exchange.partner.id))
    outcome = await exchange.calls.put_token.call(item)
    return Reply(http=201 if outcome.created else 200)
