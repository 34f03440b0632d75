"""A running platform, with everything set up and Sunrise registered, for each module of tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.harness.platform import Platform


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Engine, gateways and Sunrise; nothing may have printed a traceback when they stop."""
    with Platform.running(tmp_path_factory.mktemp("platform")) as platform:
        platform.operator.set_up()
        platform.register_partner()
        yield platform
    for process in platform.processes:
        assert "Traceback" not in process.log.read_text(), process.tail(60)
