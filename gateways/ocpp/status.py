"""What a station is told when the engine refuses: one row for each reason of the catalogue.

Of transaction messages only INVALID_ARGUMENT comes here; see `dispatch`.
"""

from collections.abc import Mapping

from interwatt.common.v1 import error_reason_pb2 as reasons
from interwatt.common.v1.error_reason_pb2 import ErrorReason

from gateways.ocpp.faults import Fault

FAULTS: Mapping[ErrorReason, Fault] = {
    reasons.ERROR_REASON_UNSPECIFIED: Fault.INTERNAL,
    reasons.ERROR_REASON_INVALID_ARGUMENT: Fault.PROPERTY,
    reasons.ERROR_REASON_NOT_FOUND: Fault.GENERIC,
    reasons.ERROR_REASON_ALREADY_EXISTS: Fault.GENERIC,
    reasons.ERROR_REASON_REQUEST_ID_REUSED: Fault.GENERIC,
    reasons.ERROR_REASON_STATE_CONFLICT: Fault.GENERIC,
    reasons.ERROR_REASON_WRONG_PARTY: Fault.SECURITY,
    reasons.ERROR_REASON_CURRENCY_MISMATCH: Fault.GENERIC,
    reasons.ERROR_REASON_UNAUTHENTICATED: Fault.INTERNAL,
    reasons.ERROR_REASON_PERMISSION_DENIED: Fault.INTERNAL,
    reasons.ERROR_REASON_TARIFF_INVALID: Fault.INTERNAL,
    reasons.ERROR_REASON_CDR_CONFLICT: Fault.GENERIC,
    reasons.ERROR_REASON_STALE_GENERATION: Fault.SECURITY,
    reasons.ERROR_REASON_STATION_OFFLINE: Fault.GENERIC,
    reasons.ERROR_REASON_OVERLOADED: Fault.INTERNAL,
    reasons.ERROR_REASON_STORE_UNAVAILABLE: Fault.INTERNAL,
    reasons.ERROR_REASON_PAGE_TOKEN_INVALID: Fault.INTERNAL,
    reasons.ERROR_REASON_EVENTS_EXPIRED: Fault.INTERNAL,
}
