"""Numbers that the schemas leave open and the contract does not."""

from gateways.ocpp.faults import Fault, Refusal

MILLI = 1000
MAX_CONNECTOR = 2**31 - 1
MAX_INT64 = 2**63 - 1
MAX_METER_WH = MAX_INT64 // MILLI


def connector(number: int) -> int:
    """A connector number, 0 and up.

    Raises `Refusal`.
    """
    if not 0 <= number <= MAX_CONNECTOR:
        raise Refusal(Fault.PROPERTY, "connectorId: out of range.")
    return number


def register_mwh(watt_hours: int | None) -> int | None:
    """A meter register in milliwatt-hours; nothing where it cannot be one.

    That is no reason to refuse a start or a stop: the charge took place, and its bill is flagged.
    """
    if watt_hours is None or not 0 <= watt_hours <= MAX_METER_WH:
        return None
    return watt_hours * MILLI


def transaction(number: int) -> int:
    """A transaction id as the engine takes it.

    One beyond 64 bits names no transaction and becomes -1.
    """
    return number if -MAX_INT64 <= number <= MAX_INT64 else -1
