"""The channel to the engine, against a real gRPC server."""

import asyncio

import pytest
from interwatt.commands.v1.command_pb2 import Command, StationCall
from interwatt.commands.v1.commands_service_pb2 import StreamCommandsRequest
from interwatt.commands.v1.commands_service_pb2_grpc import CommandsServiceStub
from interwatt.common.v1 import error_reason_pb2
from interwatt.tokens.v1.tokens_service_pb2 import (
    AuthorizeTokenItem,
    AuthorizeTokenOutcome,
    AuthorizeTokensRequest,
    AwaitAuthorizationRequest,
)
from interwatt.tokens.v1.tokens_service_pb2_grpc import TokensServiceStub

from gateways.common.coalesce import Coalescer
from gateways.common.engine import Engine
from gateways.common.errors import EngineError, EngineUnavailable, reason_named
from tests.fakes.engine_for_stations import KEY, EngineForStations, Status


def connect(fake: EngineForStations, key: str = KEY) -> Engine:
    return Engine.connect(address=fake.address, key=key, gateway_id="test")


async def test_a_wrong_key_is_the_engines_own_error() -> None:
    async with EngineForStations() as fake, connect(fake, key="wrong") as engine:
        with pytest.raises(EngineError) as caught:
            await engine.stub(TokensServiceStub).AuthorizeTokens(AuthorizeTokensRequest())
    assert caught.value.reason == error_reason_pb2.ERROR_REASON_UNAUTHENTICATED


async def test_a_reason_is_read_in_both_spellings() -> None:
    async with EngineForStations() as fake, connect(fake) as engine:
        with pytest.raises(EngineError) as caught:
            await engine.stub(TokensServiceStub).AwaitAuthorization(AwaitAuthorizationRequest())
    assert caught.value.name == "NOT_FOUND"
    assert reason_named("ERROR_REASON_OVERLOADED") == reason_named("OVERLOADED")
    assert reason_named("NEW") == error_reason_pb2.ERROR_REASON_UNSPECIFIED


async def test_an_engine_that_is_away_is_unavailable() -> None:
    async with EngineForStations() as fake, connect(fake) as engine:
        await fake.stop()
        with pytest.raises(EngineUnavailable):
            await engine.stub(TokensServiceStub).AuthorizeTokens(
                AuthorizeTokensRequest(), timeout=2
            )


async def test_a_call_without_answer_ends_at_its_deadline() -> None:
    async with EngineForStations() as fake, connect(fake) as engine:
        fake.gate.clear()
        with pytest.raises(EngineUnavailable):
            await engine.stub(TokensServiceStub).AuthorizeTokens(
                AuthorizeTokensRequest(), timeout=0.05
            )


async def test_a_coalesced_call_survives_a_restart_of_the_engine() -> None:
    async with EngineForStations() as fake, connect(fake) as engine:
        fake.tokens["tag"] = Status.STATUS_ACCEPTED
        authorize: Coalescer[AuthorizeTokenItem, AuthorizeTokenOutcome] = engine.coalescer(
            engine.stub(TokensServiceStub).AuthorizeTokens, AuthorizeTokensRequest
        )
        await fake.stop()
        waiting = asyncio.create_task(
            authorize.call(AuthorizeTokenItem(request_id="1", uid="TAG"), timeout=10)
        )
        await asyncio.sleep(0)
        await fake.start()
        assert (await waiting).authorization.status == Status.STATUS_ACCEPTED


async def test_a_stream_of_commands_is_followed_and_ends_as_unavailable() -> None:
    async with EngineForStations() as fake, connect(fake) as engine:
        fake.add_station("CP1").gateway_id = "test"
        stream = engine.stub(CommandsServiceStub).StreamCommands(
            StreamCommandsRequest(gateway_id="test")
        )
        responses = aiter(stream)
        first = asyncio.ensure_future(anext(responses))
        await fake.until_streaming("test")
        fake.send(Command(id="c1", channel="station/CP1", station_call=StationCall(action="Reset")))
        assert (await first).command.id == "c1"
        await fake.stop()
        with pytest.raises(EngineUnavailable):
            await anext(responses)


async def test_stubs_are_made_once() -> None:
    async with EngineForStations() as fake, connect(fake) as engine:
        assert engine.stub(TokensServiceStub) is engine.stub(TokensServiceStub)
