"""Commands (section 13): eMSPs send them to our stations, CPOs tell what came of those we sent.

A command is answered at once with whether we try it. What came of it follows, once, at the caller's
response_url.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

import structlog
from interwatt.commands.v1.command_pb2 import AskIssuer, Command, CommandResult, StartAtPartner
from interwatt.commands.v1.commands_service_pb2 import (
    AwaitCommandRequest,
    GetCommandRequest,
    ReportResultItem,
)
from interwatt.common.v1 import error_reason_pb2 as reasons
from interwatt.common.v1.party_pb2 import PartyId
from interwatt.locations.v1.locations_service_pb2 import GetLocationRequest
from interwatt.sessions.v1.sessions_service_pb2 import (
    GetSessionRequest,
    RequestStartRequest,
    RequestStopRequest,
)

from gateways.common import request_ids
from gateways.common.errors import EngineError, EngineUnavailable
from gateways.common.telemetry import correlation_id
from gateways.ocpi import codec, parties, status, urls
from gateways.ocpi.client import Answer, Unreachable
from gateways.ocpi.dialect import Outcome
from gateways.ocpi.exchange import Exchange, Reply
from gateways.ocpi.outgoing import PartnerCall
from gateways.ocpi.parties import Routing
from gateways.ocpi.status import OcpiError
from gateways.ocpi.urls import Urls
from gateways.ocpi.v221 import VERSION, names, tokens, wire

STATION_SECONDS = 30
"""How long a station may take."""
TOLD_SECONDS = 40
"""How long the caller is told to wait, the delivery of the result included."""
LANGUAGE = "en"

NOT_SERVED = frozenset({"CANCEL_RESERVATION", "RESERVE_NOW", "UNLOCK_CONNECTOR"})

FINAL: Mapping[Command.State, wire.CommandOutcome] = {
    Command.STATE_DONE: "ACCEPTED",
    Command.STATE_REFUSED: "REJECTED",
    Command.STATE_FAILED: "FAILED",
    Command.STATE_TIMED_OUT: "TIMEOUT",
}

RESULT_STATES: Mapping[wire.CommandOutcome, Command.State] = {
    "ACCEPTED": Command.STATE_DONE,
    "CANCELED_RESERVATION": Command.STATE_REFUSED,
    "EVSE_OCCUPIED": Command.STATE_REFUSED,
    "EVSE_INOPERATIVE": Command.STATE_REFUSED,
    "FAILED": Command.STATE_FAILED,
    "NOT_SUPPORTED": Command.STATE_REFUSED,
    "REJECTED": Command.STATE_REFUSED,
    "TIMEOUT": Command.STATE_FAILED,
    "UNKNOWN_RESERVATION": Command.STATE_REFUSED,
}

_REJECTIONS = frozenset(
    {
        reasons.ERROR_REASON_STATE_CONFLICT,
        reasons.ERROR_REASON_STATION_OFFLINE,
        reasons.ERROR_REASON_NOT_FOUND,
        reasons.ERROR_REASON_INVALID_ARGUMENT,
    }
)

log = structlog.get_logger(__name__)


async def receive(exchange: Exchange) -> Reply:
    """Take a command for one of our stations."""
    match exchange.path["command"]:
        case "START_SESSION":
            return await _start(exchange)
        case "STOP_SESSION":
            return await _stop(exchange)
        case name if name in NOT_SERVED:
            exchange.read(dict)
            return _answer("NOT_SUPPORTED", f"{name} is not offered by our stations.")
        case name:
            raise OcpiError(404, status.INVALID_PARAMETERS, f'"{name}" is not a command.')


async def receive_result(exchange: Exchange) -> Reply:
    """Take what came of a command that we sent to the caller."""
    result = exchange.read(wire.CommandResult)
    command_id = exchange.path["command_id"]
    response = await exchange.calls.commands.GetCommand(GetCommandRequest(command_id=command_id))
    if response.command.channel != f"partner/{exchange.partner.id}":
        raise OcpiError(404, status.INVALID_PARAMETERS, "There is no such command.")
    await exchange.calls.report_result.call(
        ReportResultItem(
            request_id=request_ids.derive("command result", command_id, exchange.body),
            command_id=command_id,
            state=RESULT_STATES[result.result],
            result=CommandResult(
                code=result.result,
                message=_text(result.message),
                payload=exchange.body,
            ),
        )
    )
    return Reply()


def result_to_wire(command: Command) -> wire.CommandResult:
    """Tell what came of a command at our station; one that is not final got no answer in time."""
    outcome = FINAL.get(command.state, "TIMEOUT")
    if command.state == Command.STATE_REFUSED:
        outcome = _refusal(command.result.code)
    message = command.result.message
    return wire.CommandResult(
        result=outcome,
        message=[wire.DisplayText(language=LANGUAGE, text=message)] if message else None,
    )


def ask_issuer(ask: AskIssuer) -> PartnerCall:
    """Ask the issuer of a token whether it may charge."""
    body = None
    if ask.location_id:
        body = codec.encode(
            wire.LocationReferences(
                location_id=ask.location_id, evse_uids=[ask.evse_uid] if ask.evse_uid else None
            )
        )
    return PartnerCall(
        method="POST",
        module="tokens",
        side="SENDER",
        segments=(ask.uid, "authorize"),
        query={"type": names.token_type(ask.type) if ask.type else "RFID"},
        body=body,
    )


def start_session(start: StartAtPartner, *, response_url: str) -> PartnerCall:
    """Ask a CPO to start a charge for a driver of ours."""
    command = wire.StartSession(
        response_url=response_url,
        token=tokens.to_wire(start.token),
        location_id=start.location_id,
        evse_uid=start.evse_uid or None,
        authorization_reference=start.authorization_reference or None,
    )
    return _to_receiver("START_SESSION", codec.encode(command))


def stop_session(session_id: str, *, response_url: str) -> PartnerCall:
    """Ask a CPO to stop a charge of a driver of ours."""
    command = wire.StopSession(response_url=response_url, session_id=session_id)
    return _to_receiver("STOP_SESSION", codec.encode(command))


def response_url(our_urls: Urls, name: str, command_id: str) -> str:
    """Where a partner tells what came of a command: a URL of its own for each."""
    return urls.join(our_urls.module(VERSION, "sender", "commands"), name, command_id)


def issuer_outcome(answer: Answer) -> Outcome:
    """Read an issuer's decision: DONE with its word; REFUSED when it knows no such token."""
    if not answer.succeeded or answer.data is None:
        return _not_taken(answer)
    try:
        decision = codec.decode(answer.data, wire.AuthorizationAnswer)
    except (codec.NotJson, codec.NotUnderstood) as error:
        return _outcome(Command.STATE_FAILED, "UNREADABLE", str(error))
    info = decision.info.text if decision.info else ""
    return _outcome(Command.STATE_DONE, decision.allowed, info, _decision_payload(decision))


def _decision_payload(decision: wire.AuthorizationAnswer) -> bytes:
    """Write what the engine reads of a decision; the text for the driver is a string."""
    fields = {
        "allowed": decision.allowed,
        "authorization_reference": decision.authorization_reference,
        "info": decision.info.text if decision.info else None,
    }
    return codec.encode({name: value for name, value in fields.items() if value is not None})


def command_outcome(answer: Answer) -> Outcome:
    """Read a CPO's answer at once: AGREED means that what came of it follows."""
    if not answer.succeeded or answer.data is None:
        return _not_taken(answer)
    try:
        response = codec.decode(answer.data, wire.CommandResponse)
    except (codec.NotJson, codec.NotUnderstood) as error:
        return _outcome(Command.STATE_FAILED, "UNREADABLE", str(error))
    agreed = response.result == "ACCEPTED"
    state = Command.STATE_AGREED if agreed else Command.STATE_REFUSED
    return _outcome(state, response.result, _text(response.message), answer.data)


async def _start(exchange: Exchange) -> Reply:
    command = exchange.read(wire.StartSession)
    _check_response_url(command.response_url)
    if command.connector_id and not command.evse_uid:
        raise OcpiError(
            200, status.INVALID_PARAMETERS, "A connector_id needs the field `evse_uid` with it."
        )
    owner = PartyId(country_code=command.token.country_code, party_id=command.token.party_id)
    if not parties.speaks_for(exchange.partner, owner):
        return _answer("REJECTED", "The token is not one of yours.")
    await _known_location(exchange, command.location_id)
    outlet = await exchange.platform.stations.find(
        location_id=command.location_id,
        evse_uid=command.evse_uid,
        connector_id=command.connector_id,
    )
    if outlet is None:
        return _answer("REJECTED", "No station of ours is at this EVSE and connector.")
    try:
        response = await exchange.calls.sessions.RequestStart(
            RequestStartRequest(
                request_id=request_ids.fresh(),
                station_id=outlet.station_id,
                connector_number=outlet.connector_number,
                location_id=command.location_id,
                evse_uid=command.evse_uid or "",
                token_uid=command.token.uid,
                token_type=names.TOKEN_TYPES[command.token.type],
                timeout_seconds=STATION_SECONDS,
                requested_by_partner_id=exchange.partner.id,
                authorization_reference=command.authorization_reference or "",
                token=tokens.to_proto(command.token, exchange.partner.id),
            )
        )
    except EngineError as error:
        return _rejected(error)
    return _accepted(exchange, response.command_id, command.response_url)


async def _stop(exchange: Exchange) -> Reply:
    command = exchange.read(wire.StopSession)
    _check_response_url(command.response_url)
    try:
        stored = await exchange.calls.sessions.GetSession(
            GetSessionRequest(session_id=command.session_id)
        )
        if stored.session.partner_id != exchange.partner.id:
            return _unknown_session()
        response = await exchange.calls.sessions.RequestStop(
            RequestStopRequest(
                request_id=request_ids.fresh(),
                session_id=command.session_id,
                requested_by_partner_id=exchange.partner.id,
                timeout_seconds=STATION_SECONDS,
            )
        )
    except EngineError as error:
        if error.reason in (reasons.ERROR_REASON_NOT_FOUND, reasons.ERROR_REASON_WRONG_PARTY):
            return _unknown_session()
        return _rejected(error)
    return _accepted(exchange, response.command_id, command.response_url)


async def _known_location(exchange: Exchange, location_id: str) -> None:
    try:
        await exchange.calls.locations.GetLocation(
            GetLocationRequest(owner=exchange.ours.cpo, id=location_id)
        )
    except EngineError as error:
        if error.reason != reasons.ERROR_REASON_NOT_FOUND:
            raise
        raise OcpiError(
            200, status.UNKNOWN_LOCATION, f'"{location_id}" is not a location of ours.'
        ) from error


def _accepted(exchange: Exchange, command_id: str, url: str) -> Reply:
    exchange.platform.background.start(
        _tell_result(exchange, command_id, url), name=f"result of command {command_id}"
    )
    return _answer("ACCEPTED")


async def _tell_result(exchange: Exchange, command_id: str, url: str) -> None:
    """Wait for the station, then tell the caller, once: OCPI asks for no repetition."""
    command = Command(state=Command.STATE_TIMED_OUT)
    try:
        response = await exchange.calls.commands.AwaitCommand(
            AwaitCommandRequest(command_id=command_id), timeout=STATION_SECONDS + 1
        )
        command = response.command
    except (EngineError, EngineUnavailable) as error:
        log.warning("command.not_followed", command=command_id, message=str(error))
    try:
        connection = await exchange.platform.connections.get(exchange.partner.id)
        answer = await exchange.platform.client.call(
            "POST",
            url,
            credential=connection.credential,
            correlation_id=correlation_id.get(),
            routing=Routing(
                sender=exchange.ours.cpo, receiver=parties.first(exchange.partner.parties)
            ),
            body=codec.encode(result_to_wire(command)),
        )
        if not answer.succeeded:
            log.warning("result.not_taken", command=command_id, answer=str(answer))
    except (EngineError, EngineUnavailable, Unreachable) as error:
        log.warning("result.not_delivered", command=command_id, message=str(error))


def _to_receiver(name: str, body: bytes) -> PartnerCall:
    return PartnerCall(
        method="POST", module="commands", side="RECEIVER", segments=(name,), body=body
    )


def _answer(result: wire.CommandAnswer, message: str = "") -> Reply:
    text = [wire.DisplayText(language=LANGUAGE, text=message)] if message else None
    return Reply(data=wire.CommandResponse(result=result, timeout=TOLD_SECONDS, message=text))


def _unknown_session() -> Reply:
    return _answer("UNKNOWN_SESSION", "No session of your drivers has this id.")


def _rejected(error: EngineError) -> Reply:
    """Turn a refusal into the command's own answer; what is about something else stays an error."""
    if error.reason not in _REJECTIONS:
        raise error
    return _answer("REJECTED", error.message)


def _refusal(code: str) -> wire.CommandOutcome:
    """Read a station's own word, from OCPP 1.6 or 2.x."""
    match code.casefold():
        case "occupied":
            return "EVSE_OCCUPIED"
        case "faulted" | "unavailable" | "inoperative":
            return "EVSE_INOPERATIVE"
        case "notsupported" | "notimplemented":
            return "NOT_SUPPORTED"
        case _:
            return "REJECTED"


def _check_response_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        fine = False
    if not fine:
        raise OcpiError(
            200, status.INVALID_PARAMETERS, f'Expected response_url to be a URL, found "{url}".'
        )


def _text(message: list[wire.DisplayText] | None) -> str:
    return message[0].text if message else ""


def _not_taken(answer: Answer) -> Outcome:
    state = Command.STATE_REFUSED if answer.refused else Command.STATE_FAILED
    return _outcome(state, str(answer.code or answer.http), str(answer))


def _outcome(state: Command.State, code: str, message: str, payload: bytes = b"") -> Outcome:
    return Outcome(state, CommandResult(code=code, message=message, payload=payload))
