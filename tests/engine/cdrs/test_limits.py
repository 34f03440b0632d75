"""What a charge may cost at most, in currencies of different worth."""

from __future__ import annotations

import pytest

from engine.cdrs.limits import highest_cost_e4, highest_energy_cost_e4

KWH = 1_000_000


@pytest.mark.parametrize(
    ("currency", "energy_mwh", "charge", "energy"),
    [
        ("EUR", 0, 500, 10),
        ("EUR", 20 * KWH, 500, 50),
        ("EUR", 1_000 * KWH, 2_000, 2_010),  # a lorry
        ("SEK", 20 * KWH, 5_000, 500),
        ("JPY", 20 * KWH, 75_000, 7_500),
        ("XTS", 20 * KWH, 1_000_000, 1_000_000),
        ("EUR", -5 * KWH, 500, 10),
    ],
)
def test_the_bound_follows_currency_and_energy(
    currency: str, energy_mwh: int, charge: int, energy: int
) -> None:
    assert highest_cost_e4(currency, energy_mwh) == charge * 10_000
    assert highest_energy_cost_e4(currency, energy_mwh) == energy * 10_000
