"""How an object of ours is shown to a partner in OCPI 2.2.1."""

from interwatt.cdrs.v1.cdrs_service_pb2 import GetCdrRequest
from interwatt.common.v1 import error_reason_pb2 as reasons
from interwatt.deliveries.v1.deliveries_service_pb2 import Delivery
from interwatt.locations.v1.locations_service_pb2 import GetLocationRequest
from interwatt.sessions.v1.session_pb2 import Session
from interwatt.sessions.v1.sessions_service_pb2 import GetSessionRequest
from interwatt.tariffs.v1.tariffs_service_pb2 import GetTariffRequest
from interwatt.tokens.v1 import token_pb2
from interwatt.tokens.v1.tokens_service_pb2 import GetTokenRequest

from gateways.common.errors import EngineError
from gateways.ocpi import codec
from gateways.ocpi.engine_calls import EngineCalls
from gateways.ocpi.outgoing import PartnerCall, Plan
from gateways.ocpi.v221 import cdrs, locations, names, sessions, tariffs, tokens

RFID = token_pb2.TOKEN_TYPE_RFID


class UnknownModule(ValueError):
    """A delivery of a module that is never pushed."""


async def plan(delivery: Delivery, calls: EngineCalls) -> Plan:
    """Read the object of a delivery and say how to show it."""
    match delivery.module:
        case "sessions":
            return await _session(delivery, calls)
        case "cdrs":
            return await _cdr(delivery, calls)
        case "tokens":
            return await _token(delivery, calls)
        case "locations":
            return await _location(delivery, calls)
        case "tariffs":
            return await _tariff(delivery, calls)
        case other:
            raise UnknownModule(f'"{other}" is not a module that is pushed.')


def session_calls(session: Session, *, shown_before: bool) -> tuple[PartnerCall, ...]:
    """Show a session: changes to a partner that has it, else and if it refuses those, the whole."""
    segments = (session.owner.country_code, session.owner.party_id, session.id)
    whole = PartnerCall(
        method="PUT",
        module="sessions",
        side="RECEIVER",
        segments=segments,
        body=codec.encode(sessions.to_wire(session)),
    )
    if not shown_before:
        return (whole,)
    changes = PartnerCall(
        method="PATCH",
        module="sessions",
        side="RECEIVER",
        segments=segments,
        body=codec.encode(sessions.to_wire_patch(session)),
    )
    return (changes, whole)


async def _session(delivery: Delivery, calls: EngineCalls) -> Plan:
    response = await calls.sessions.GetSession(
        GetSessionRequest(owner=delivery.owner, session_id=delivery.object_id)
    )
    session = response.session
    return Plan(
        calls=session_calls(session, shown_before=delivery.delivered_version > 0),
        version=session.version or delivery.version,
        owner=session.owner,
        session_id=session.id,
    )


async def _cdr(delivery: Delivery, calls: EngineCalls) -> Plan:
    response = await calls.cdrs.GetCdr(GetCdrRequest(owner=delivery.owner, id=delivery.object_id))
    post = PartnerCall(
        method="POST",
        module="cdrs",
        side="RECEIVER",
        body=codec.encode(cdrs.to_wire(response.cdr)),
    )
    return Plan(
        calls=(post,),
        version=delivery.version,
        owner=response.cdr.owner,
        session_id=response.cdr.session_id,
    )


async def _token(delivery: Delivery, calls: EngineCalls) -> Plan:
    kind, _, uid = delivery.object_id.partition("/")
    response = await calls.tokens.GetToken(
        GetTokenRequest(owner=delivery.owner, uid=uid, type=_type_of(kind))
    )
    token = tokens.to_wire(response.token)
    put = PartnerCall(
        method="PUT",
        module="tokens",
        side="RECEIVER",
        segments=(token.country_code, token.party_id, token.uid),
        query={"type": token.type},
        body=codec.encode(token),
    )
    return Plan(calls=(put,), version=delivery.version, owner=response.token.owner)


async def _location(delivery: Delivery, calls: EngineCalls) -> Plan:
    response = await calls.locations.GetLocation(
        GetLocationRequest(owner=delivery.owner, id=delivery.object_id)
    )
    location = response.location
    put = PartnerCall(
        method="PUT",
        module="locations",
        side="RECEIVER",
        segments=(location.owner.country_code, location.owner.party_id, location.id),
        body=codec.encode(locations.as_shown(location)),
    )
    return Plan(calls=(put,), version=delivery.version, owner=location.owner)


async def _tariff(delivery: Delivery, calls: EngineCalls) -> Plan:
    owner = delivery.owner
    segments = (owner.country_code, owner.party_id, delivery.object_id)
    try:
        response = await calls.tariffs.GetTariff(
            GetTariffRequest(owner=owner, id=delivery.object_id)
        )
    except EngineError as error:
        if error.reason != reasons.ERROR_REASON_NOT_FOUND:
            raise
        withdrawal = PartnerCall(
            method="DELETE", module="tariffs", side="RECEIVER", segments=segments
        )
        return Plan(calls=(withdrawal,), version=delivery.version, owner=owner, absent_is_done=True)
    put = PartnerCall(
        method="PUT",
        module="tariffs",
        side="RECEIVER",
        segments=segments,
        body=codec.encode(tariffs.to_wire(response.tariff)),
    )
    return Plan(calls=(put,), version=delivery.version, owner=owner)


def _type_of(kind: str) -> token_pb2.TokenType:
    """Read a token type as deliveries name it; 2.2.1 has no word for a certificate."""
    if kind == "EMAID":
        return token_pb2.TOKEN_TYPE_EMAID
    return next((known for name, known in names.TOKEN_TYPES.items() if name == kind), RFID)
