"""The load, as a function of the seed: charges at stations of ours, and charges that a partner
reports and bills.

Amounts are chosen so that every price has at most four decimals: whoever computes exactly computes
the same, and no rounding can hide an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from random import Random

FIRST_START = 1_767_600_000
"""2026-01-05T08:00:00Z: any real clock is later."""

CARDS = 8
TOKEN_VERSIONS = 5
OUR_PRICE, OUR_FEE, OUR_VAT = Decimal("0.35"), Decimal("1.00"), Decimal("1.20")
PRICES = {
    "EUR": (Decimal("0.50"), Decimal("1.20")),
    "SEK": (Decimal("5.00"), Decimal("1.25")),
    "GBP": (Decimal("0.45"), Decimal("1.20")),
}
"""The partner's price of a kWh, and one plus its VAT rate."""

_DAY = 86_400
_STEP_MWH = 100_000


def our_card(number: int) -> str:
    return f"IWT-CARD-{number % CARDS}"


def their_card(number: int) -> str:
    return f"SUN-CARD-{number % CARDS}"


@dataclass(frozen=True, slots=True)
class Charge:
    """One charge at a station of ours.

    Attributes:
        transaction: the id that an OCPP 2.x station gives it; "" at an OCPP 1.6 station.
        stop_first: whether its stop overtakes its start, as offline stations' messages do.
        retold: whether its start is told a second time by another gateway, under another id.
    """

    name: str
    station: str
    card: str
    transaction: str
    started_at: int
    meter_start_mwh: int
    readings_mwh: tuple[int, ...]
    meter_stop_mwh: int
    stop_first: bool
    retold: bool

    @property
    def stopped_at(self) -> int:
        return self.started_at + 3_600

    @property
    def energy_mwh(self) -> int:
        return self.meter_stop_mwh - self.meter_start_mwh

    @property
    def total(self) -> Decimal:
        """What it costs, with VAT."""
        return (kwh(self.energy_mwh) * OUR_PRICE + OUR_FEE) * OUR_VAT


def charge(seed: int, station: int, number: int) -> Charge:
    """Plan the charge `number` of a station; every other station is an OCPP 2.x one."""
    dice = Random(f"{seed}/charge/{station}/{number}")
    own_ids = station % 2 == 1
    first = 1_000_000_000 + number * 50_000_000
    readings = tuple(first + n * _STEP_MWH * dice.randint(1, 30) for n in range(dice.randint(1, 4)))
    name = f"CS{station}"
    return Charge(
        name=f"{name}-{number}",
        station=name,
        card=our_card(number) if dice.random() < 0.3 else their_card(number),
        transaction=f"{name}-{number}" if own_ids else "",
        started_at=FIRST_START + number * 4_000,
        meter_start_mwh=first,
        readings_mwh=readings,
        meter_stop_mwh=max(readings) + _STEP_MWH * dice.randint(1, 50),
        stop_first=own_ids and dice.random() < 0.15,
        retold=dice.random() < 0.2,
    )


class Ending(StrEnum):
    """How a charge at the partner is billed."""

    PLAIN = "plain"
    CREDITED = "credited"
    REPLACED = "replaced"
    CONFLICT = "conflict"
    RACE = "race"
    RIVALS = "rivals"
    RIVAL_CREDITS = "rival credits"
    WRONG = "wrong"
    ORPHAN = "orphan credit"


@dataclass(frozen=True, slots=True)
class Roaming:
    """One charge of our driver at the partner's station.

    Attributes:
        energies_mwh: what each report of the session says, the last when it is over.
        order: in which the reports after the first arrive.
    """

    name: str
    card: str
    currency: str
    started_at: int
    energies_mwh: tuple[int, ...]
    order: tuple[int, ...]
    ending: Ending

    @property
    def energy_mwh(self) -> int:
        return self.energies_mwh[-1]


def roaming(seed: int, number: int) -> Roaming:
    """Plan the charge `number` at the partner."""
    dice = Random(f"{seed}/roaming/{number}")
    energies = sorted(_STEP_MWH * dice.randint(1, 150) for _ in range(dice.randint(2, 4)))
    order = list(range(1, len(energies)))
    dice.shuffle(order)
    weights = {Ending.PLAIN: 4, Ending.CREDITED: 2, Ending.REPLACED: 2}
    endings = list(Ending)
    return Roaming(
        name=f"S{number}",
        card=our_card(number),
        currency=dice.choice(list(PRICES)),
        # No two of a card begin within a minute: they would be one charge billed twice.
        started_at=FIRST_START + (number % 300) * _DAY // 10 + number // 300 * 120,
        energies_mwh=tuple(energies),
        order=tuple(order),
        ending=dice.choices(endings, [weights.get(one, 1) for one in endings])[0],
    )


@dataclass(frozen=True, slots=True)
class Bill:
    """What a CDR asks for."""

    currency: str
    energy_mwh: int
    excl: Decimal
    incl: Decimal


def bill(currency: str, energy_mwh: int, *, sign: int = 1, extra: Decimal = Decimal(0)) -> Bill:
    """Price an amount of energy as the partner does; `extra` is what it gets wrong."""
    price, vat = PRICES[currency]
    excl = (kwh(energy_mwh) * price + extra) * sign
    return Bill(currency, energy_mwh, excl, excl * vat)


def kwh(mwh: int) -> Decimal:
    return Decimal(mwh) / 1_000_000


def e4(amount: Decimal) -> int:
    """Return an amount in ten-thousandths, which must hold it exactly."""
    scaled = amount * 10_000
    assert scaled == int(scaled), amount
    return int(scaled)
