"""How Sunrise prices a charge at its station, with Decimal and by hand.

Only what its own tariff needs: one element without restrictions, ENERGY and TIME components, step
sizes, VAT.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from tests.demo.partner.wire import Json

_UNITS = {"ENERGY": Decimal(1000), "TIME": Decimal(3600)}  # steps are in Wh and in seconds
_E4 = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a charge: when it was and what it took."""

    start: datetime
    end: datetime
    kwh: Decimal

    @property
    def hours(self) -> Decimal:
        """Its length in hours, exact."""
        return Decimal(int((self.end - self.start).total_seconds())) / 3600

    def period(self, tariff_id: str) -> Json:
        """Write it as an OCPI ChargingPeriod."""
        return {
            "start_date_time": self.start.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "dimensions": [
                {"type": "ENERGY", "volume": number(self.kwh)},
                {"type": "TIME", "volume": number(self.hours)},
            ],
            "tariff_id": tariff_id,
        }


def number(value: Decimal) -> Decimal:
    """Round to OCPI's four decimals."""
    return value.quantize(_E4, ROUND_HALF_UP)


def costs(tariff: Json, stretches: list[Stretch]) -> Json:
    """Compute total_cost, total_energy_cost and total_time_cost."""
    used = {
        "ENERGY": sum((stretch.kwh for stretch in stretches), Decimal(0)),
        "TIME": sum((stretch.hours for stretch in stretches), Decimal(0)),
    }
    (element,) = tariff["elements"]
    parts = {
        component["type"]: _cost(component, used[component["type"]])
        for component in element["price_components"]
    }
    excl = sum((part[0] for part in parts.values()), Decimal(0))
    incl = sum((part[1] for part in parts.values()), Decimal(0))
    return {
        "total_cost": _price(excl, incl),
        "total_energy_cost": _price(*parts["ENERGY"]),
        "total_time_cost": _price(*parts["TIME"]),
    }


def _cost(component: Json, quantity: Decimal) -> tuple[Decimal, Decimal]:
    unit = _UNITS[component["type"]]
    step = Decimal(component["step_size"])
    units = (quantity * unit).quantize(Decimal(1), ROUND_HALF_UP)
    billed = (units / step).to_integral_value(ROUND_CEILING) * step / unit
    excl = billed * Decimal(component["price"])
    return excl, excl * (1 + Decimal(component["vat"]) / 100)


def _price(excl: Decimal, incl: Decimal) -> Json:
    return {"excl_vat": number(excl), "incl_vat": number(incl)}
