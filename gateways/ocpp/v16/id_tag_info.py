"""The engine's decision on a token, in the words of OCPP 1.6 (IdTagInfo, section 7.27)."""

from collections.abc import Mapping

from interwatt.tokens.v1.tokens_service_pb2 import Authorization

from gateways.ocpp.station import Payload

STATUSES: Mapping[Authorization.Status, str] = {
    Authorization.STATUS_ACCEPTED: "Accepted",
    Authorization.STATUS_BLOCKED: "Blocked",
    Authorization.STATUS_EXPIRED: "Expired",
}
"""All others, an undecided one among them, are "Invalid"."""

MAX_PARENT = 20


def id_tag_info(authorization: Authorization) -> Payload:
    """The decision as a station reads it; a group that is too long for 1.6 is left out."""
    info = {"status": STATUSES.get(authorization.status, "Invalid")}
    group = authorization.token.group_id
    if group and len(group) <= MAX_PARENT and info["status"] == "Accepted":
        info["parentIdTag"] = group
    return info
