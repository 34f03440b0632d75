"""The contract's messages and back."""

from __future__ import annotations

from typing import Any

import pytest
from interwatt.cdrs.v1 import cdr_pb2
from interwatt.cdrs.v1 import cdrs_service_pb2 as pb
from interwatt.common.v1 import error_reason_pb2

from engine.cdrs.held import HeldCdrs
from engine.cdrs.model import Cdr, CdrFinding, CdrLocation, Totals
from engine.cdrs.rpc import CdrsRpc, read_cdr, write_cdr
from engine.cdrs.service import CdrsService
from engine.db.port import Database
from engine.kernel.errors import EngineError, StateConflict
from engine.tariffs.pricing import Pricer
from tests.engine.cdrs.builders import credit_of, make_cdr, price
from tests.engine.cdrs.charges import OURS, add_partner

CONTEXT: Any = None


@pytest.mark.parametrize(
    "cdr",
    [
        make_cdr(correlation_id="S-1", content=b"-"),
        credit_of(make_cdr(), correlation_id="S-1"),
        make_cdr(
            correlation_id="CDR-1",
            session_id="",
            meter_id="M1",
            document='{"id": "CDR-1"}',
            totals=Totals(
                price(5, 6),
                fixed=price(1, 1),
                energy=price(1),
                time=price(None, 2),
                parking=price(1, 2),
                reservation=price(0, 0),
            ),
        ),
    ],
)
def test_cdr_survives_the_wire(cdr: Cdr) -> None:
    sent = cdr_pb2.Cdr.FromString(write_cdr(cdr).SerializeToString())
    read = read_cdr(sent, cdr.partner_id)
    assert write_cdr(read) == sent
    assert (read.totals, read.token, read.location) == (cdr.totals, cdr.token, cdr.location)
    assert (read.charging_periods, read.tariffs) == (cdr.charging_periods, cdr.tariffs)


def test_what_was_found_is_shown() -> None:
    finding = CdrFinding("COST_TOTAL", True, "It differs.", "1", "2")
    shown = write_cdr(make_cdr(findings=(finding,), repriced=price(7)))
    assert (shown.findings[0].code, shown.findings[0].blocking) == ("COST_TOTAL", True)
    assert shown.repriced_cost.excl_vat.amount_e4 == 7
    assert not shown.repriced_cost.HasField("incl_vat")


def test_line_breaks_in_a_shown_place_are_no_reason_to_refuse() -> None:
    message = write_cdr(make_cdr(location=CdrLocation(address="Straat 1\nachter")))
    assert read_cdr(message, "sun").location.address == "Straat 1 achter"


@pytest.mark.parametrize(
    "changes",
    [
        {"id": ""},
        {"id": "x\ny"},
        {"currency": "EU"},
        {"tariffs": [b"[]"]},
        {"tariffs": [b"\xff"]},
        {"document": b"not json"},
    ],
)
def test_malformed_fields_are_refused(changes: dict[str, Any]) -> None:
    message = write_cdr(make_cdr())
    message.ClearField("tariffs")
    message.MergeFrom(cdr_pb2.Cdr(**changes))
    for name, value in changes.items():
        if name in ("id", "currency"):
            setattr(message, name, value)
    with pytest.raises(EngineError):
        read_cdr(message, "sun")


@pytest.mark.parametrize("field", ["owner", "started_at", "ended_at", "total_cost", "last_updated"])
def test_missing_fields_are_refused(field: str) -> None:
    message = write_cdr(make_cdr())
    message.ClearField(field)  # type: ignore[arg-type]
    with pytest.raises(EngineError):
        read_cdr(message, "sun")


async def test_partner_imports_and_reads_back(database: Database) -> None:
    await add_partner(database)
    rpc = CdrsRpc(CdrsService(database, cpo=OURS), HeldCdrs(database, Pricer()))
    item = pb.ImportCdrItem(request_id="r", partner_id="sun", cdr=write_cdr(make_cdr()))
    broken = pb.ImportCdrItem(request_id="s", partner_id="sun")
    request = pb.ImportCdrsRequest(items=[item, broken, item])
    first, second, third = (await rpc.ImportCdrs(request, CONTEXT)).outcomes
    assert (first.created, first.replayed, third.created, third.replayed) == (
        True,
        False,
        True,
        True,
    )
    assert second.error.reason == error_reason_pb2.ERROR_REASON_INVALID_ARGUMENT
    assert first.cdr.state == cdr_pb2.Cdr.STATE_RECEIVED
    found = await rpc.GetCdr(pb.GetCdrRequest(owner=first.cdr.owner, id="cdr-1"), CONTEXT)
    assert found.cdr == first.cdr
    listed = await rpc.ListCdrs(
        pb.ListCdrsRequest(partner_id="sun", state=cdr_pb2.Cdr.STATE_RECEIVED), CONTEXT
    )
    assert (list(listed.cdrs), listed.total_size) == ([first.cdr], 1)
    with pytest.raises(StateConflict):
        await rpc.AcceptCdr(
            pb.AcceptCdrRequest(request_id="a", owner=first.cdr.owner, id="CDR-1"), CONTEXT
        )
