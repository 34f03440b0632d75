"""`python -m gateways.ocpp`: the OCPP gateway as a process."""

import asyncio
import sys
from collections.abc import Sequence

from gateways.common import process, settings, telemetry
from gateways.common.engine import Engine
from gateways.ocpp.server import Gateway

PROGRAM = "interwatt ocpp"
DESCRIPTION = """\
The OCPP gateway: charging stations connect to it, and it tells the engine what they say.

A station dials ws://LISTEN/ocpp/<station id>, offers the subprotocol ocpp1.6 and sends HTTP Basic
credentials: its id and the password that `interwatt station add` showed. An unknown id is
answered 404, a wrong password 401.
"""
EPILOG = """\
Each setting is a flag, or the environment variable in brackets, or a key of the TOML file given by
--config, in this order. The process prints one JSON line when it serves, logs to stderr, and stops
gracefully on SIGTERM.

example:
  interwatt ocpp --key-file interwatt-data/keys/ocpp-gateway.key --listen 0.0.0.0:9000
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the gateway until it is told to stop; answer with the exit code."""
    arguments = sys.argv[1:] if argv is None else argv

    async def serve(stopping: asyncio.Event) -> None:
        found = settings.read(
            program=PROGRAM,
            description=DESCRIPTION,
            epilog=EPILOG,
            listen=settings.OCPP_LISTEN,
            argv=arguments,
        )
        telemetry.configure(level=found.log_level)
        await _serve(found, stopping)

    return process.run(serve, name=PROGRAM)


async def _serve(found: settings.GatewaySettings, stopping: asyncio.Event) -> None:
    facts: dict[str, str] = {}
    metrics = None
    if found.metrics is not None:
        metrics = telemetry.MetricsServer(host=found.metrics.host, port=found.metrics.port)
        facts["metrics"] = str(settings.Address(host=found.metrics.host, port=metrics.port))
    async with Engine.connect(
        address=found.engine, key=found.key, gateway_id=found.gateway_id, otlp=found.otlp
    ) as engine:
        gateway = Gateway(engine, gateway_id=found.gateway_id, trace=found.log_level == "debug")
        try:
            port = await gateway.start(host=found.listen.host, port=found.listen.port)
        except OSError as error:
            raise process.BadInput(f"Cannot listen on {found.listen}: {error.strerror}.") from error
        listen = settings.Address(host=found.listen.host, port=port)
        process.announce_ready(listen=str(listen), gateway_id=found.gateway_id, **facts)
        await stopping.wait()
        await gateway.stop()
    if metrics is not None:
        metrics.close()


if __name__ == "__main__":
    sys.exit(main())
