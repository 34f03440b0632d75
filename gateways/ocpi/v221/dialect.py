"""OCPI 2.2.1 as the rest of the gateway uses it."""

from collections.abc import Sequence

from interwatt.commands.v1.command_pb2 import Command
from interwatt.partners.v1.partner_pb2 import PartnerParty

from gateways.ocpi import codec
from gateways.ocpi.client import Answer
from gateways.ocpi.dialect import Dialect, Outcome, TheirCredentials
from gateways.ocpi.outgoing import PartnerCall
from gateways.ocpi.urls import Urls
from gateways.ocpi.v221 import VERSION, commands, credentials, pushes, routes, wire


class NotACall(ValueError):
    """A command that is not a call to a partner."""


def command_call(command: Command, urls: Urls) -> PartnerCall:
    """Say how to send a command."""
    match command.WhichOneof("action"):
        case "ask_issuer":
            return commands.ask_issuer(command.ask_issuer)
        case "start_at_partner":
            url = commands.response_url(urls, "START_SESSION", command.id)
            return commands.start_session(command.start_at_partner, response_url=url)
        case "stop_at_partner":
            url = commands.response_url(urls, "STOP_SESSION", command.id)
            return commands.stop_session(command.stop_at_partner.session_id, response_url=url)
        case other:
            raise NotACall(f"A partner cannot be sent {other}.")


def command_outcome(command: Command, answer: Answer) -> Outcome:
    """Read the answer to a command."""
    if command.WhichOneof("action") == "ask_issuer":
        return commands.issuer_outcome(answer)
    return commands.command_outcome(answer)


def our_credentials(token: str, entries: Sequence[PartnerParty], urls: Urls) -> bytes:
    """Write our credentials."""
    return codec.encode(credentials.ours(token, entries, urls))


def their_credentials(data: bytes) -> TheirCredentials:
    """Read a partner's credentials."""
    theirs = codec.decode(data, wire.Credentials)
    return TheirCredentials(
        token=theirs.token,
        versions_url=theirs.url,
        parties=credentials.parties_to_proto(theirs.roles),
    )


V221 = Dialect(
    version=VERSION,
    routes=routes.ROUTES,
    plan_push=pushes.plan,
    command_call=command_call,
    command_outcome=command_outcome,
    our_credentials=our_credentials,
    their_credentials=their_credentials,
)
