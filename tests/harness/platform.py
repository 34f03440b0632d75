"""The whole set as separate processes: engine, OCPP gateway, OCPI gateway and the partner platform.

    with Platform.running(folder) as platform:
        platform.operator.set_up()
        platform.register_partner()

Every process keeps its address over a restart, so that the others find it again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.harness.cli import Cli
from tests.harness.engine_calls import EngineCalls
from tests.harness.operator import Operator
from tests.harness.partner_control import PartnerControl
from tests.harness.process import Process, python_module

ANY_PORT = "127.0.0.1:0"


class Platform:
    """Processes of one platform and its partner, with their files below one folder."""

    def __init__(self, folder: Path) -> None:
        """Prepare everything below a folder and start nothing."""
        data = folder / "data"
        self.keys = data / "keys"
        logs = folder / "logs"
        self.engine = Process("engine", python_module("engine", "--data", str(data)), logs)
        self.ocpp = Process("ocpp", python_module("gateways.ocpp"), logs)
        self.ocpi = Process("ocpi", python_module("gateways.ocpi"), logs)
        self.sunrise = Process("sunrise", python_module("tests.demo.partner"), logs)
        self.calls: EngineCalls
        self.partner: PartnerControl
        self.engine_address = self.ocpp_address = self.ocpi_address = ANY_PORT

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator[Platform]:
        """Start everything, and stop everything at the end."""
        platform = cls(folder)
        try:
            platform.start()
            yield platform
        finally:
            platform.stop()

    @property
    def processes(self) -> tuple[Process, ...]:
        """All processes, in the order they start."""
        return (self.engine, self.ocpp, self.ocpi, self.sunrise)

    @property
    def stations_url(self) -> str:
        """Where stations connect, without their identity."""
        return f"ws://{self.ocpp_address}/ocpp"

    @property
    def versions_url(self) -> str:
        """Where partners begin."""
        return f"http://{self.ocpi_address}/ocpi/versions"

    @property
    def operator(self) -> Operator:
        """Who sets things up in the present run of the engine."""
        return Operator(self.calls)

    @property
    def cli(self) -> Cli:
        """The command line, set up as an admin's."""
        return Cli(self.engine_address, self.keys / "admin.key")

    def start(self) -> None:
        """Start the engine, then the rest side by side."""
        self.sunrise.start()
        self.start_engine()
        self._launch(self.ocpp)
        self._launch(self.ocpi)
        self.ocpp_address = self.ocpp.wait_ready()["listen"]
        self.ocpi_address = self.ocpi.wait_ready()["listen"]
        self.partner = PartnerControl(self.sunrise.wait_ready()["control"])

    def start_engine(self) -> None:
        """Start the engine, at its former address where it had one."""
        self._launch(self.engine)
        self.engine.wait_ready()
        self._connect()

    def kill_engine(self) -> None:
        """End the engine at once (SIGKILL)."""
        self.engine.kill()
        self.calls.close()

    def restart_engine(self) -> None:
        """Kill the engine and start it again on the same data."""
        self.kill_engine()
        self.start_engine()

    async def restart_meanwhile(self, process: Process) -> None:
        """Kill the engine or a gateway and start it again, while other tasks go on."""
        process.kill()
        self._launch(process)
        await asyncio.to_thread(process.wait_ready)
        if process is self.engine:
            self.calls.close()
            self._connect()

    def register_partner(self) -> None:
        """Make the credentials handshake with Sunrise and have both sides show what they have."""
        self.connect_partner(self.operator.create_partner())

    def connect_partner(self, first_token: str) -> None:
        """Have Sunrise register with a first token, read our lists, and push its objects."""
        self.partner.register(self.versions_url, first_token)
        self.partner.pull()
        for push in self.partner.push():
            assert push["succeeded"], push

    def stop(self) -> None:
        """Stop everything, last started first."""
        if hasattr(self, "calls"):
            self.calls.close()
        for process in reversed(self.processes):
            process.stop()

    def _launch(self, process: Process) -> None:
        if process is self.engine:
            process.start("--listen", self.engine_address)
            return
        key_file = self.keys / f"{process.name}-gateway.key"
        address = self.ocpp_address if process is self.ocpp else self.ocpi_address
        process.start(
            *("--engine", self.engine_address, "--key-file", str(key_file), "--listen", address)
        )

    def _connect(self) -> None:
        ready = self.engine.ready()
        assert ready is not None
        self.engine_address = ready["listen"]
        key = (self.keys / "admin.key").read_text().strip()
        self.calls = EngineCalls(self.engine_address, key)
