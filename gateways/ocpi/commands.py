"""Carrying out what the engine wants of partners: takes commands, sends them, reports the answer.

A command is given once and is not repeated: what has no answer is FAILED, and the engine decides
what follows.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterable, Mapping
from datetime import UTC, datetime

import structlog
from interwatt.commands.v1.command_pb2 import Command, CommandResult
from interwatt.commands.v1.commands_service_pb2 import (
    ReportResultItem,
    StreamCommandsRequest,
    StreamCommandsResponse,
)
from interwatt.common.v1.party_pb2 import ROLE_CPO, ROLE_EMSP
from interwatt.partners.v1.partners_service_pb2 import RegisterPartnerRequest

from gateways.common import request_ids
from gateways.common.errors import EngineError, EngineUnavailable
from gateways.common.streams import follow
from gateways.common.telemetry import correlated
from gateways.ocpi import codec, handshake, outgoing, parties
from gateways.ocpi.client import Unreachable
from gateways.ocpi.connections import Connection
from gateways.ocpi.dialect import Dialect, Outcome
from gateways.ocpi.exchange import Platform
from gateways.ocpi.handshake import HandshakeFailed
from gateways.ocpi.outgoing import NoEndpoint, PartnerCall
from gateways.ocpi.parties import Routing

CHANNEL_PREFIX = "partner/"
AT_ONCE_A_PARTNER = 32

log = structlog.get_logger(__name__)


class Courier:
    """Carries commands to partners."""

    def __init__(
        self, *, platform: Platform, dialects: Mapping[str, Dialect], gateway_id: str
    ) -> None:
        self._platform = platform
        self._dialects = dialects
        self._gateway_id = gateway_id
        self._turns: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(AT_ONCE_A_PARTNER)
        )

    async def run(self) -> None:
        """Follow the commands for partners, until cancelled."""

        def open_stream() -> AsyncIterable[StreamCommandsResponse]:
            return self._platform.calls.commands.StreamCommands(
                StreamCommandsRequest(gateway_id=self._gateway_id, channel_prefix=CHANNEL_PREFIX)
            )

        async for response in follow(open_stream, name="commands"):
            command = response.command
            self._platform.background.start(self._work(command), name=f"command {command.id}")

    async def _work(self, command: Command) -> None:
        with correlated(command.id):
            async with self._turns[command.channel]:
                outcome = await self._carry_out(command)
            await self._report(command, outcome)

    async def _carry_out(self, command: Command) -> Outcome:
        partner_id = command.channel.removeprefix(CHANNEL_PREFIX)
        try:
            async with asyncio.timeout(_seconds_left(command)):
                if command.HasField("register_at_partner"):
                    self._platform.connections.forget(partner_id)
                    connection = await self._platform.connections.get(partner_id)
                    return await self._register(command, connection)
                connection = await self._platform.connections.get(partner_id)
                return await self._send(command, connection)
        except (NoEndpoint, HandshakeFailed) as error:
            return _failed("NOT_POSSIBLE", str(error))
        except (EngineError, EngineUnavailable, Unreachable) as error:
            return _failed("UNREACHABLE", str(error))
        except TimeoutError:
            return _failed("TIMEOUT", "The partner did not answer in time.")

    async def _send(self, command: Command, connection: Connection) -> Outcome:
        dialect = self._dialects.get(connection.partner.ocpi_version)
        if dialect is None:
            return _failed("NOT_POSSIBLE", "The partner's OCPI version is not spoken here.")
        call = dialect.command_call(command, self._platform.urls)
        answer = await outgoing.send(
            self._platform.client,
            connection,
            call,
            routing=await self._routing(call, connection),
            correlation_id=command.id,
        )
        if answer.unauthorized:
            self._platform.connections.forget(connection.partner.id)
        return dialect.command_outcome(command, answer)

    async def _routing(self, call: PartnerCall, connection: Connection) -> Routing:
        """A token's issuer is asked by our CPO, a station's CPO by our eMSP."""
        ours = await self._platform.calls.our_parties()
        entries = connection.partner.parties
        if call.module == "tokens":
            return Routing(sender=ours.cpo, receiver=parties.with_role(entries, ROLE_EMSP))
        return Routing(sender=ours.emsp, receiver=parties.with_role(entries, ROLE_CPO))

    async def _register(self, command: Command, connection: Connection) -> Outcome:
        """Make the handshake from our side: our token goes out, the partner's comes back.

        While the partner looks at our endpoints with our token, this process answers: nothing waits
        here.
        """
        platform = self._platform
        found = await handshake.discover(
            platform.client,
            versions_url=command.register_at_partner.versions_url,
            credential=connection.credential,
            supported=self._dialects,
            correlation_id=command.id,
        )
        dialect = self._dialects[found.version]
        ours = await platform.calls.our_parties()
        answer = await platform.client.call(
            "POST",
            found.credentials_url,
            credential=found.credential,
            correlation_id=command.id,
            body=dialect.our_credentials(connection.our_token, ours.entries, platform.urls),
        )
        if not answer.succeeded or answer.data is None:
            return Outcome(
                Command.STATE_REFUSED,
                CommandResult(code=str(answer.code or answer.http), message=str(answer)),
            )
        try:
            theirs = dialect.their_credentials(answer.data)
        except (codec.NotJson, codec.NotUnderstood) as error:
            return _failed("UNREADABLE", f"The partner's credentials cannot be read: {error}")
        await platform.calls.partners.RegisterPartner(
            RegisterPartnerRequest(
                request_id=request_ids.derive("register", command.id),
                partner_id=connection.partner.id,
                their_token=theirs.token,
                versions_url=theirs.versions_url,
                ocpi_version=found.version,
                endpoints=found.endpoints,
                parties=theirs.parties,
                our_token=connection.our_token,
                token_literal=found.credential.literal,
            )
        )
        platform.authenticator.forget()
        platform.connections.forget(connection.partner.id)
        return Outcome(Command.STATE_DONE, CommandResult(code="REGISTERED"))

    async def _report(self, command: Command, outcome: Outcome) -> None:
        state = Command.State.Name(outcome.state).removeprefix("STATE_")
        log.info("command.ended", command=command.id, state=state, code=outcome.result.code)
        try:
            await self._platform.calls.report_result.call(
                ReportResultItem(
                    request_id=request_ids.derive("command", command.id, self._gateway_id),
                    command_id=command.id,
                    state=outcome.state,
                    result=outcome.result,
                )
            )
        except (EngineError, EngineUnavailable) as error:
            log.warning("result.not_reported", command=command.id, message=str(error))


def _seconds_left(command: Command) -> float:
    deadline = datetime.fromtimestamp(command.deadline.seconds, UTC)
    return max(0.0, (deadline - datetime.now(UTC)).total_seconds())


def _failed(code: str, message: str) -> Outcome:
    return Outcome(Command.STATE_FAILED, CommandResult(code=code, message=message))
