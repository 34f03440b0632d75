"""Sessions (section 9): CPOs report those of our drivers, eMSPs pull theirs at our stations."""

from interwatt.common.v1.party_pb2 import PartyId
from interwatt.sessions.v1.session_pb2 import Session, SessionToken
from interwatt.sessions.v1.sessions_service_pb2 import (
    GetSessionRequest,
    ListSessionsRequest,
    PutPartnerSessionItem,
    PutPartnerSessionOutcome,
)

from gateways.common import request_ids
from gateways.ocpi import decimals, status
from gateways.ocpi.exchange import Exchange, Reply
from gateways.ocpi.status import OcpiError
from gateways.ocpi.times import Instant
from gateways.ocpi.v221 import names, values, wire

NOT_AVAILABLE = "#NA"


def to_proto(session: wire.Session, partner_id: str) -> Session:
    """Convert a session at a partner's station."""
    return Session(
        owner=PartyId(country_code=session.country_code, party_id=session.party_id),
        id=session.id,
        state=names.SESSION_STATES[session.status],
        partner_id=partner_id,
        location_id=session.location_id,
        evse_uid=session.evse_uid,
        connector_id=session.connector_id,
        token=values.token_to_proto(
            session.cdr_token, session.auth_method, session.authorization_reference
        ),
        started_at=session.start_date_time.to_proto(),
        ended_at=session.end_date_time.to_proto() if session.end_date_time else None,
        energy_mwh=decimals.kwh_to_mwh(session.kwh),
        currency=session.currency,
        cost=values.price_to_proto(session.total_cost, session.currency),
        last_updated=session.last_updated.to_proto(),
        charging_periods=values.periods_to_proto(session.charging_periods),
    )


def patch_to_proto(
    changes: wire.SessionPatch, *, owner: PartyId, session_id: str, stored: Session
) -> Session:
    """Convert what changed; what did not is left unset. Amounts are in the session's currency."""
    currency = changes.currency or stored.currency
    changed = Session(
        owner=owner,
        id=session_id,
        partner_id=stored.partner_id,
        last_updated=changes.last_updated.to_proto(),
        location_id=changes.location_id or "",
        evse_uid=changes.evse_uid or "",
        connector_id=changes.connector_id or "",
        currency=currency if changes.total_cost else changes.currency or "",
        cost=values.price_to_proto(changes.total_cost, currency),
        charging_periods=values.periods_to_proto(changes.charging_periods),
    )
    if changes.status is not None:
        changed.state = names.SESSION_STATES[changes.status]
    if changes.start_date_time is not None:
        changed.started_at.CopyFrom(changes.start_date_time.to_proto())
    if changes.end_date_time is not None:
        changed.ended_at.CopyFrom(changes.end_date_time.to_proto())
    if changes.kwh is not None:
        changed.energy_mwh = decimals.kwh_to_mwh(changes.kwh)
    if changes.cdr_token or changes.auth_method or changes.authorization_reference:
        changed.token.CopyFrom(_changed_token(changes, stored.token))
    return changed


def _changed_token(changes: wire.SessionPatch, stored: SessionToken) -> SessionToken:
    """Return the token as it is after the changes; the contract replaces all of it."""
    auth_method = changes.auth_method or stored.auth_method
    reference = changes.authorization_reference or stored.authorization_reference
    if changes.cdr_token is not None:
        return values.token_to_proto(changes.cdr_token, auth_method, reference)
    token = SessionToken()
    token.CopyFrom(stored)
    token.auth_method, token.authorization_reference = auth_method, reference
    return token


def to_wire(session: Session) -> wire.Session:
    """Convert a session; a place that is not known is written as OCPI writes it."""
    return wire.Session(
        country_code=session.owner.country_code,
        party_id=session.owner.party_id,
        id=session.id,
        start_date_time=Instant.from_proto(session.started_at),
        end_date_time=_ended(session),
        kwh=decimals.mwh_to_kwh(session.energy_mwh),
        cdr_token=values.token_to_wire(session.token),
        auth_method=values.auth_method(session.token),
        authorization_reference=session.token.authorization_reference or None,
        location_id=session.location_id or NOT_AVAILABLE,
        evse_uid=session.evse_uid or NOT_AVAILABLE,
        connector_id=session.connector_id or NOT_AVAILABLE,
        currency=session.currency,
        charging_periods=values.periods_to_wire(session.charging_periods) or None,
        total_cost=values.price_to_wire(session.cost),
        status=names.session_status(session.state),
        last_updated=Instant.from_proto(session.last_updated),
    )


def to_wire_patch(session: Session) -> wire.SessionPatch:
    """Write what may change while a session runs; periods are left out: they would be appended."""
    return wire.SessionPatch(
        end_date_time=_ended(session),
        kwh=decimals.mwh_to_kwh(session.energy_mwh),
        total_cost=values.price_to_wire(session.cost),
        status=names.session_status(session.state),
        last_updated=Instant.from_proto(session.last_updated),
    )


async def get(exchange: Exchange) -> Reply:
    """Answer with a session that the caller reported."""
    return Reply(data=to_wire(await _stored(exchange)))


async def put(exchange: Exchange) -> Reply:
    """Store a whole session of the caller's, its periods included."""
    owner = exchange.owner()
    session = exchange.read(wire.Session)
    exchange.must_match(
        country_code=(session.country_code, owner.country_code),
        party_id=(session.party_id, owner.party_id),
        id=(session.id, exchange.path["session_id"]),
    )
    outcome = await exchange.calls.put_session.call(
        PutPartnerSessionItem(
            request_id=request_ids.fresh(),
            partner_id=exchange.partner.id,
            session=to_proto(session, exchange.partner.id),
            document=exchange.body,
        )
    )
    return _stored_reply(outcome)


async def patch(exchange: Exchange) -> Reply:
    """Change a session of the caller's; its periods are appended, once however often they are sent.

    The id of the write comes from what was sent: a partner that lost our answer sends the same
    again.
    """
    exchange.read_changes()
    changes = exchange.read(wire.SessionPatch)
    stored = await _stored(exchange)
    exchange.must_match(
        country_code=(changes.country_code, stored.owner.country_code),
        party_id=(changes.party_id, stored.owner.party_id),
        id=(changes.id, stored.id),
    )
    outcome = await exchange.calls.put_session.call(
        PutPartnerSessionItem(
            request_id=request_ids.derive(
                "session patch", exchange.partner.id, stored.id, exchange.body
            ),
            partner_id=exchange.partner.id,
            session=patch_to_proto(
                changes, owner=stored.owner, session_id=stored.id, stored=stored
            ),
            patch=True,
            document=exchange.body,
        )
    )
    return _stored_reply(outcome)


async def list_ours(exchange: Exchange) -> Reply:
    """Answer with a page of the caller's drivers' sessions at our stations."""
    if not exchange.query.get("date_from"):
        raise OcpiError(200, status.INVALID_PARAMETERS, "The parameter date_from is required.")
    return await exchange.page(
        exchange.calls.sessions.ListSessions,
        ListSessionsRequest(partner_id=exchange.partner.id, at_our_stations=True),
        "sessions",
        to_wire,
    )


async def _stored(exchange: Exchange) -> Session:
    owner = exchange.owner()
    response = await exchange.calls.sessions.GetSession(
        GetSessionRequest(owner=owner, session_id=exchange.path["session_id"])
    )
    return response.session


def _stored_reply(outcome: PutPartnerSessionOutcome) -> Reply:
    return Reply(http=201 if outcome.created and not outcome.replayed else 200)


def _ended(session: Session) -> Instant | None:
    return Instant.from_proto(session.ended_at) if session.HasField("ended_at") else None
