"""What is particular to OCPP 1.6: its words, its actions, its calls for the engine's commands."""

from collections.abc import Mapping

from gateways.ocpp import schemas
from gateways.ocpp.dialect import Dialect
from gateways.ocpp.faults import Fault
from gateways.ocpp.v16.remote_start_transaction import start_charge
from gateways.ocpp.v16.remote_stop_transaction import stop_charge
from gateways.ocpp.v16.routes import BOTH_WAYS, OUTGOING, ROUTES

SUBPROTOCOL = "ocpp1.6"
FOLDER = "v16"

SPELLING: Mapping[Fault, str] = {
    Fault.NOT_IMPLEMENTED: "NotImplemented",
    Fault.NOT_SUPPORTED: "NotSupported",
    Fault.INTERNAL: "InternalError",
    Fault.PROTOCOL: "ProtocolError",
    Fault.SECURITY: "SecurityError",
    Fault.FORMATION: "FormationViolation",
    Fault.PROPERTY: "PropertyConstraintViolation",
    Fault.OCCURRENCE: "OccurenceConstraintViolation",
    Fault.TYPE: "TypeConstraintViolation",
    Fault.GENERIC: "GenericError",
}
"""1.6-J table 7; "Occurence" with one r is the specification's own."""


AGREEMENTS = frozenset({"Accepted", "AcceptedCanceled", "RebootRequired", "Scheduled", "Unlocked"})
"""Of the statuses in the answers to `OUTGOING` and `BOTH_WAYS`, those that do what was asked."""


def load() -> Dialect:
    """Load the version with its schemas."""
    callable_by_us = OUTGOING | BOTH_WAYS
    return Dialect(
        subprotocol=SUBPROTOCOL,
        routes=ROUTES,
        outgoing=OUTGOING,
        requests=schemas.load(FOLDER, ROUTES.keys() | callable_by_us, suffix=""),
        responses=schemas.load(FOLDER, callable_by_us, suffix="Response"),
        agreements=AGREEMENTS,
        spelling=SPELLING,
        unreadable_id=None,
        start_charge=start_charge,
        stop_charge=stop_charge,
    )
