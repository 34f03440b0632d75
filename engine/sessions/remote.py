"""Asking stations to start and stop, ours and partners' (OCPI 2.2.1 section 13; OCPP 1.6 sections
5.11 and 5.12)."""

from __future__ import annotations

import hashlib

import msgspec

from engine.commands import store as commands
from engine.commands.model import Action, Command, partner_channel, station_channel
from engine.commands.model import request as command_request
from engine.commands.service import require_held
from engine.db.port import Database, Transaction
from engine.kernel.clock import SECOND, to_rfc3339
from engine.kernel.errors import NotFound, StateConflict
from engine.kernel.ids import IdSource
from engine.kernel.party import PartyKey, ci, split_party
from engine.partners import store as partners
from engine.partners.ownership import Ownership
from engine.sessions import store
from engine.sessions.model import Session
from engine.stations import store as stations
from engine.tokens import store as tokens
from engine.tokens.authorization import choose
from engine.tokens.model import Grant, Token, encode

_ID_TAG_LENGTH = 20
_GRANT_LIFE_US = 600 * SECOND


class StartRequest(msgspec.Struct, frozen=True):
    """A charge to start; see RequestStartRequest.

    Attributes:
        station_id: our station, or "" for a partner's.
        token: the token as an asking partner sent it; nothing when it is to be looked up by
        `token_uid`.
    """

    station_id: str
    connector_number: int
    partner_id: str
    location_id: str
    evse_uid: str
    token_uid: str
    token_type: str
    timeout_s: int
    requested_by_partner_id: str
    authorization_reference: str
    token: Token | None


class StopRequest(msgspec.Struct, frozen=True):
    """A session to stop; see RequestStopRequest."""

    session_key: str
    requested_by_partner_id: str
    timeout_s: int


class Requested(msgspec.Struct, frozen=True):
    """The command that was made."""

    command_id: str
    authorization_reference: str


class RemoteControl:
    """Makes the commands."""

    def __init__(self, database: Database, ids: IdSource) -> None:
        self._database = database
        self._ids = ids

    async def start(self, tx: Transaction, request: StartRequest) -> Requested:
        """Ask for a charge.

        Raises:
            NotFound: no such station, partner or token.
            StateConflict: the token may not charge.
            WrongParty: the token is not the asking partner's.
            StationOffline: our station is not connected.
        """
        reference = request.authorization_reference or self._ids.new()
        if request.station_id:
            command = await self._at_our_station(tx, request, reference)
        else:
            command = await self._at_partner(tx, request, reference)
        await commands.add(tx, [command])
        return Requested(command.id, reference)

    async def stop(self, tx: Transaction, request: StopRequest) -> Requested:
        """Ask to end a session.

        Raises:
            NotFound: no such session, or it is not the asking partner's driver's.
            StateConflict: it is over.
            StationOffline: our station is not connected.
        """
        session = (await store.by_key(tx, [request.session_key])).get(request.session_key)
        asking = request.requested_by_partner_id
        if session is None or (
            asking and not (session.at_our_station and session.partner_id == asking)
        ):
            raise NotFound.of("session", request.session_key)
        if not session.open:
            raise StateConflict(
                f"Session {session.id} is {session.state}; there is nothing to stop.",
                kind="session",
                id=session.id,
                state=session.state,
            )
        if session.at_our_station:
            await require_held(tx, [session.station_id])
        command = self._stop_command(session, request.timeout_s)
        await commands.add(tx, [command])
        return Requested(command.id, session.token().authorization_reference)

    async def _at_our_station(
        self, tx: Transaction, request: StartRequest, reference: str
    ) -> Command:
        if request.station_id not in await stations.by_id(tx, [request.station_id]):
            raise NotFound.of("station", request.station_id)
        await require_held(tx, [request.station_id])
        token = await self._token_to_start(tx, request)
        command = self._command(
            station_channel(request.station_id),
            Action.START_CHARGE,
            {
                "connector_number": request.connector_number,
                "id_tag": id_tag(token.uid),
                "remote_start_id": _remote_start_id(reference),
            },
            request.timeout_s,
            reference,
        )
        if not request.requested_by_partner_id and token.partner_id:
            _require_short(token)
            return command  # nobody asked its issuer yet: the station's own report will
        await tokens.add_grant(
            tx,
            Grant(
                id=command.id,
                station_id=request.station_id,
                id_tag_key=ci(id_tag(token.uid)),
                token_json=encode(token),
                reference=reference,
                partner_id=request.requested_by_partner_id,
                expires_us=command.deadline_us + _GRANT_LIFE_US,
                used=False,
            ),
        )
        return command

    async def _at_partner(self, tx: Transaction, request: StartRequest, reference: str) -> Command:
        if request.partner_id not in await partners.by_id(tx, [request.partner_id]):
            raise NotFound.of("partner", request.partner_id)
        token = await self._stored_token(tx, request)
        _require_valid(token)
        country_code, party_id = split_party(PartyKey(token.owner))
        return self._command(
            partner_channel(request.partner_id),
            Action.START_AT_PARTNER,
            {
                "token": {
                    "owner": {"country_code": country_code, "party_id": party_id},
                    "uid": token.uid,
                    "type": f"TOKEN_TYPE_{token.type}",
                    "contract_id": token.contract_id,
                    "visual_number": token.visual_number,
                    "issuer": token.issuer,
                    "group_id": token.group_id,
                    "valid": token.valid,
                    "whitelist": f"WHITELIST_{token.whitelist}",
                    "language": token.language,
                    "last_updated": to_rfc3339(token.last_updated_us),
                },
                "location_id": request.location_id,
                "evse_uid": request.evse_uid,
                "authorization_reference": reference,
            },
            request.timeout_s,
            reference,
        )

    async def _token_to_start(self, tx: Transaction, request: StartRequest) -> Token:
        """Return the token that charges at our station: an asking partner's must be its own."""
        asking = request.requested_by_partner_id
        token = request.token or await self._stored_token(tx, request)
        _require_valid(token)
        if not asking:
            return token
        ownership = await Ownership.of(tx, [asking], frozenset())
        ownership.check(asking, token.owner)
        return msgspec.structs.replace(token, partner_id=asking)

    async def _stored_token(self, tx: Transaction, request: StartRequest) -> Token:
        found = (await tokens.by_uid(tx, [ci(request.token_uid)])).get(ci(request.token_uid), [])
        if request.partner_id:  # at a partner's station only our own drivers charge
            found = [token for token in found if not token.partner_id]
        token = choose(found, request.token_type)
        if token is None:
            raise NotFound.of("token", request.token_uid)
        return token

    def _stop_command(self, session: Session, timeout_s: int) -> Command:
        if session.at_our_station:
            return self._command(
                station_channel(session.station_id),
                Action.STOP_CHARGE,
                {
                    "transaction_id": session.transaction_id,
                    "station_transaction_id": session.station_transaction_id,
                },
                timeout_s,
                session.id,
            )
        country_code, party_id = split_party(PartyKey(session.owner))
        return self._command(
            partner_channel(session.partner_id),
            Action.STOP_AT_PARTNER,
            {
                "owner": {"country_code": country_code, "party_id": party_id},
                "session_id": session.id,
            },
            timeout_s,
            session.id,
        )

    def _command(
        self,
        channel: str,
        action: Action,
        details: dict[str, object],
        timeout_s: int,
        correlation_id: str,
    ) -> Command:
        return command_request(
            id_=self._ids.new(),
            channel=channel,
            action=action,
            details=details,
            now=self._database.now(),
            timeout_s=timeout_s,
            correlation_id=correlation_id,
        )


def _require_valid(token: Token) -> None:
    if not token.valid:
        raise StateConflict(
            f"Token {token.uid} is blocked; it starts no charge.",
            kind="token",
            id=token.uid,
            state="BLOCKED",
        )


def _require_short(token: Token) -> None:
    """Check that a station reports the token by its own uid, so that its issuer can be asked."""
    if len(token.uid) > _ID_TAG_LENGTH:
        raise StateConflict(
            f"Token {token.uid!r} is longer than {_ID_TAG_LENGTH} characters: only its issuer can "
            "start a charge for it.",
            kind="token",
            id=token.key,
            state="TOO_LONG",
        )


def id_tag(uid: str) -> str:
    """Return what an OCPP 1.6 station takes for a token: its uid, or an alias of 20 characters
    where it is longer."""
    if len(uid) <= _ID_TAG_LENGTH:
        return uid
    return hashlib.sha256(ci(uid).encode()).hexdigest()[:_ID_TAG_LENGTH].upper()


def _remote_start_id(reference: str) -> int:
    """Return a positive integer of 31 bits."""
    digest = hashlib.sha256(reference.encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1 or 1
