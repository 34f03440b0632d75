"""The bench that black-box tests work at."""

from collections.abc import AsyncIterator

import pytest

from tests.gateways.ocpp.bench import Bench, open_bench


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    """A gateway and its engine, stopped after the test."""
    async with open_bench() as made:
        yield made
