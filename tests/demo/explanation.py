"""Why a CDR costs what it costs: the engine prices it once more and explains every line."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from interwatt.tariffs.v1.pricing_service_pb2 import PriceCdrItem, PriceCdrsRequest
from interwatt.tariffs.v1.pricing_service_pb2_grpc import PricingServiceStub

from tests.demo.charge_plan import TIME_ZONE
from tests.demo.narrator import DemoError
from tests.harness.platform import Platform


def explain(platform: Platform, source: str) -> list[str]:
    """Explain the CDR behind a statement line, e.g. "cdr/NL-SUN/SUN-CDR-1", a sentence a price."""
    document = platform.partner.cdr(source.rpartition("/")[2])
    item = PriceCdrItem(document=document, time_zone=TIME_ZONE, explain=True)
    stub = platform.calls.stub(PricingServiceStub)
    (outcome,) = stub.PriceCdrs(PriceCdrsRequest(items=[item])).outcomes
    if outcome.HasField("error"):
        raise DemoError(f"{source} cannot be explained: {outcome.error.message}")
    return [_sentence(line) for line in json.loads(outcome.report)["lines"]]


def _sentence(line: dict[str, Any]) -> str:
    return f"{_quantity(line)} at {line['price']} = {line['cost']['excl_vat']}. {line['reason']}"


def _quantity(line: dict[str, Any]) -> str:
    billed = Decimal(line["billed"])
    match line["unit"]:
        case "Wh":
            return f"{billed / 1000:.3f} kWh"
        case "s":
            measured = Decimal(line["measured"])
            extra = f" (measured {measured / 60:g})" if measured != billed else ""
            return f"{billed / 60:g} minutes{extra}"
        case _:
            return "Once"
