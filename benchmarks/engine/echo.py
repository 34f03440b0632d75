"""The floor: a unary grpc.aio echo that does nothing. Run as a process: prints its port."""

from __future__ import annotations

import asyncio

import grpc
import uvloop
from interwatt.sessions.v1.sessions_service_pb2 import StartSessionItem

METHOD = "/benchmark.Echo/Echo"


async def _echo(request: StartSessionItem, _: grpc.aio.ServicerContext) -> StartSessionItem:
    return request


async def serve(server: grpc.aio.Server) -> None:
    """Serve on a free port until the process ends; prints the port."""
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(f'{{"event":"ready","listen":"127.0.0.1:{port}"}}', flush=True)
    await asyncio.Event().wait()


async def _serve() -> None:
    server = grpc.aio.server()
    handler = grpc.unary_unary_rpc_method_handler(
        _echo,
        request_deserializer=StartSessionItem.FromString,
        response_serializer=StartSessionItem.SerializeToString,
    )
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler("benchmark.Echo", {"Echo": handler})]
    )
    await serve(server)


if __name__ == "__main__":
    uvloop.run(_serve())
