"""The short mode: a few kills on either database, one fault, and every check of the long mode."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash import variants
from tests.crash.load import Pace
from tests.crash.variants import POSTGRESQL, SQLITE, Variant

PACE = Pace(stations=8, drivers=5, rest_s=0.1, close_s=1.0, answers=20, fault_s=0.3)


@pytest.mark.parametrize("variant", [SQLITE, POSTGRESQL], ids=lambda variant: variant.name)
async def test_nothing_is_lost_or_doubled(variant: Variant, tmp_path: Path) -> None:
    outcome = await variants.play(
        variant, tmp_path, kills=4, seed=4, tell=lambda _: None, pace=PACE
    )
    assert outcome.problems == [], "\n".join(outcome.lines())
    assert sum(outcome.kills.values()) >= 4
    assert min(outcome.checked.values()) > 0, outcome.checked
