"""A running platform, with everything of ours set up, for each module of tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.harness.platform import Platform


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Engine, gateways and Sunrise, who does not know us yet; none may print a traceback, and what
    the engine prints is its log."""
    with Platform.running(tmp_path_factory.mktemp("platform")) as platform:
        platform.operator.set_up()
        yield platform
    for process in platform.processes:
        assert "Traceback" not in process.log.read_text(), process.tail(60)
    [engine] = [process for process in platform.processes if process.name == "engine"]
    for line in engine.log.read_text().splitlines():
        assert line.startswith("{"), line


@pytest.fixture(scope="module")
def platform(strangers: Platform) -> Platform:
    """The same, with Sunrise registered."""
    strangers.register_partner()
    return strangers
