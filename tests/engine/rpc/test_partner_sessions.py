"""What a partner's session says in a message, and what it leaves unsaid."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from interwatt.common.v1.error_reason_pb2 import ErrorReason

from tests.engine.rpc.requests import furnish, request_id, sample
from tests.engine.rpc.running import RunningEngine, find, running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningEngine]:
    data: Path = tmp_path_factory.mktemp("engine")
    async with running(data, f"sqlite:///{data / 'interwatt.db'}") as engine:
        await furnish(engine.admin)
        yield engine


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_amount_in_another_currency_is_refused(engine: RunningEngine) -> None:
    request = sample(find("PutPartnerSessions"))
    session = request.items[0].session
    session.currency = "EUR"
    session.cost.excl_vat.currency, session.cost.excl_vat.amount_e4 = "SEK", 10_000
    [outcome] = (await engine.admin.call("PutPartnerSessions", request)).outcomes
    assert ErrorReason.Name(outcome.error.reason) == "ERROR_REASON_CURRENCY_MISMATCH"
    assert dict(outcome.error.metadata) == {"expected": "EUR", "found": "SEK"}


async def test_energy_of_a_partners_session_can_be_put_back_to_nothing(
    engine: RunningEngine,
) -> None:
    request = sample(find("PutPartnerSessions"))
    item = request.items[0]
    item.session.energy_mwh = 5_000
    item.session.state = item.session.STATE_ACTIVE
    await engine.admin.call("PutPartnerSessions", request)
    item.request_id, item.patch = request_id(), True
    item.session.energy_mwh = 0
    [outcome] = (await engine.admin.call("PutPartnerSessions", request)).outcomes
    assert outcome.session.energy_mwh == 0
    item.request_id = request_id()
    item.session.energy_mwh = 7_000
    await engine.admin.call("PutPartnerSessions", request)
    item.request_id = request_id()
    item.session.ClearField("energy_mwh")
    [outcome] = (await engine.admin.call("PutPartnerSessions", request)).outcomes
    assert outcome.session.energy_mwh == 7_000
