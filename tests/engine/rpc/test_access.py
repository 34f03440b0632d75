"""Who may call what: every method, every role, and those who are nobody."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import MethodDescriptor
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from engine.rpc.access import CallerRole, is_public, may_call
from tests.engine.rpc.requests import sample
from tests.engine.rpc.running import (
    METHODS,
    SERVICES,
    Caller,
    RunningEngine,
    failure,
    find,
    path,
    running,
)

G, S, N, A = CallerRole.GATEWAY, CallerRole.SERVICE, CallerRole.ANALYST, CallerRole.ADMIN
WRITERS, EVERYONE = {G, S, A}, {G, S, N, A}
READERS_TOO = {G, S, N, A}
ADMINS_ALONE = {
    "CreateCaller",
    "RotateCallerKey",
    "RevokeCaller",
    "ListCallers",
    "CreatePartner",
    "PutStation",
    "CallStation",
    "AcceptCdr",
    "PriceCdr",
    "ClosePeriod",
    "VerifyLedger",
}
GATEWAYS = {
    "AuthenticatePartner",
    "RegisterPartner",
    "EndPartner",
    "GetPartnerConnection",
    "StreamDeliveries",
    "ReportDeliveries",
    "ConnectStations",
    "DisconnectStations",
    "RecordBoots",
    "RecordStatuses",
    "StreamCommands",
    "ReportResults",
    "ImportCdrs",
}
SETTLEMENT_READS = {"GetStatement", "ListStatements", "ListTransfers", "ListAccounts"}
ANYBODY = {"PriceCdrs", "StreamEvents", "ListEvents"}


def allowed(name: str) -> set[CallerRole]:
    """Return who may call a method, told here once more and by name."""
    if name in ADMINS_ALONE:
        return {A}
    if name in GATEWAYS:
        return {G, A}
    if name in SETTLEMENT_READS:
        return {S, N, A}
    if name in ANYBODY or name.startswith(("Get", "List")):
        return EVERYONE
    return WRITERS


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[RunningEngine]:
    async with running(tmp_path, f"sqlite:///{tmp_path / 'interwatt.db'}") as engine:
        yield engine


async def refusal(caller: Caller, method: MethodDescriptor) -> str:
    """Call with a request that is in order; returns why the call was not let in, or nothing."""
    try:
        if method.server_streaming:
            call = caller.stream(method.name, sample(method), timeout_s=0.2)
            async for _ in call:
                call.cancel()
                break
        else:
            await caller.call(method.name, sample(method), timeout_s=2)
    except grpc.aio.AioRpcError as error:
        reason = failure(error).reason
        return reason if reason in ("UNAUTHENTICATED", "PERMISSION_DENIED") else ""
    return ""


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_each_role_may_call_what_it_needs_and_no_more(method: MethodDescriptor) -> None:
    assert {role for role in CallerRole if may_call(role, path(method))} == allowed(method.name)
    assert not is_public(path(method))


def test_method_nobody_named_is_for_admins() -> None:
    method = "/interwatt.new.v1.NewService/DoIt"
    assert [role for role in CallerRole if may_call(role, method)] == [A]


async def test_calls_are_let_in_as_the_table_says(engine: RunningEngine) -> None:
    for role in (N, S, G):
        made = await engine.admin.call(
            "CreateCaller", {"name": role.lower(), "role": f"CALLER_ROLE_{role}"}
        )
        caller = engine.caller(made.key)
        for method in METHODS:
            if role in allowed(method.name) and method.name.startswith(("Await", "Stream")):
                continue  # it would wait
            expected = "" if role in allowed(method.name) else "PERMISSION_DENIED"
            assert (method.name, await refusal(caller, method)) == (method.name, expected)


async def test_no_key_and_a_wrong_key_call_nothing(engine: RunningEngine) -> None:
    for key in ("", "wrong", secrets.token_urlsafe(32)):
        for method in METHODS:
            found = await refusal(engine.caller(key), method)
            assert (method.name, found) == (method.name, "UNAUTHENTICATED")


async def test_key_works_from_its_making_to_its_revocation(engine: RunningEngine) -> None:
    made = await engine.admin.call("CreateCaller", {"name": "x", "role": "CALLER_ROLE_SERVICE"})
    old = engine.caller(made.key)
    await old.call("ListTokens", {})
    rotated = await engine.admin.call("RotateCallerKey", {"name": "x", "grace_seconds": 60})
    new = engine.caller(rotated.key)
    for caller in (old, new):
        await caller.call("ListTokens", {})
    await engine.admin.call("RevokeCaller", {"name": "x"})
    for caller in (old, new):
        assert (await caller.fails("ListTokens", {})).reason == "UNAUTHENTICATED"


async def test_stream_ends_with_the_key_it_was_opened_under(
    engine: RunningEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.rpc.boundary._ADMITTED_S", 0)
    made = await engine.admin.call("CreateCaller", {"name": "s", "role": "CALLER_ROLE_SERVICE"})
    pages = aiter(engine.caller(made.key).stream("StreamEvents", {}))

    async def put_token(uid: str) -> None:
        request: Any = sample(find("PutTokens"))
        request.items[0].request_id, request.items[0].token.uid = f"put-{uid}", uid
        await engine.admin.call("PutTokens", request)

    await put_token("FIRST")
    await anext(pages)
    await engine.admin.call("RevokeCaller", {"name": "s"})
    await put_token("SECOND")
    with pytest.raises(grpc.aio.AioRpcError) as ended:
        await anext(pages)
    assert failure(ended.value).reason == "UNAUTHENTICATED"


async def test_health_answers_without_a_key(engine: RunningEngine) -> None:
    stub = health_pb2_grpc.HealthStub(engine.channel)
    for name in ("", *(service.full_name for service in SERVICES)):
        answer = await stub.Check(health_pb2.HealthCheckRequest(service=name))
        assert answer.status == health_pb2.HealthCheckResponse.SERVING


async def test_reflection_answers_who_has_a_key(engine: RunningEngine) -> None:
    stub = reflection_pb2_grpc.ServerReflectionStub(engine.channel)
    requests = [reflection_pb2.ServerReflectionRequest(list_services="")]
    made = await engine.admin.call("CreateCaller", {"name": "y", "role": "CALLER_ROLE_ANALYST"})
    metadata = (("authorization", f"Bearer {made.key}"),)
    answers = [a async for a in stub.ServerReflectionInfo(iter(requests), metadata=metadata)]
    names = {service.name for service in answers[0].list_services_response.service}
    assert names >= {service.full_name for service in SERVICES}
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        [a async for a in stub.ServerReflectionInfo(iter(requests))]
    assert failure(raised.value).reason == "UNAUTHENTICATED"
