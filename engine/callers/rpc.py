"""CallersService over gRPC."""

from __future__ import annotations

import grpc
from interwatt.callers.v1 import callers_service_pb2 as pb
from interwatt.callers.v1 import callers_service_pb2_grpc as pb_grpc

from engine.callers.model import Caller
from engine.callers.service import CallersService
from engine.rpc.access import CallerRole
from engine.rpc.convert import read_enum, write_time


class CallersRpc(pb_grpc.CallersServiceServicer):
    def __init__(self, service: CallersService) -> None:
        self._service = service

    async def CreateCaller(
        self, request: pb.CreateCallerRequest, context: grpc.aio.ServicerContext
    ) -> pb.CreateCallerResponse:
        caller, key = await self._service.create(request.name, _role(request.role))
        return pb.CreateCallerResponse(caller=_write(caller), key=key)

    async def RotateCallerKey(
        self, request: pb.RotateCallerKeyRequest, context: grpc.aio.ServicerContext
    ) -> pb.RotateCallerKeyResponse:
        key = await self._service.rotate(request.name, grace_s=request.grace_seconds)
        return pb.RotateCallerKeyResponse(key=key)

    async def RevokeCaller(
        self, request: pb.RevokeCallerRequest, context: grpc.aio.ServicerContext
    ) -> pb.RevokeCallerResponse:
        return pb.RevokeCallerResponse(caller=_write(await self._service.revoke(request.name)))

    async def ListCallers(
        self, request: pb.ListCallersRequest, context: grpc.aio.ServicerContext
    ) -> pb.ListCallersResponse:
        return pb.ListCallersResponse(callers=map(_write, await self._service.list_all()))


def _role(value: pb.CallerRole) -> CallerRole:
    return CallerRole(read_enum(pb.CallerRole, value, prefix="CALLER_ROLE_", field="role"))


def _write(caller: Caller) -> pb.Caller:
    return pb.Caller(
        name=caller.name,
        role=f"CALLER_ROLE_{caller.role}",
        created_at=write_time(caller.created_us),
        revoked_at=write_time(caller.revoked_us),
    )
