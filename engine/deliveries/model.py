"""Deliveries."""

from __future__ import annotations

import msgspec

from engine.kernel.clock import SECOND

LEASE_US = 30 * SECOND
_FIRST_PAUSE_US = 1 * SECOND
_LONGEST_PAUSE_US = 300 * SECOND


class Delivery(msgspec.Struct, frozen=True):
    """An object that a partner must be shown.

    Attributes:
        module: OCPI module of the object.
        version: the latest; it grows and never falls.
        delivered_version: the last that was shown; 0 when none.
        pending: whether the latest is still to be shown.
        due_us: when to try.
        leased_until_us: a gateway is at it until then.
    """

    key: str
    partner_id: str
    module: str
    owner: str
    object_id: str
    version: int
    delivered_version: int
    pending: bool
    attempts: int
    due_us: int
    leased_until_us: int
    last_error: str
    remote_url: str


class Report(msgspec.Struct, frozen=True):
    """How one push went; `delivered_version` 0 means that it failed."""

    key: str
    version: int
    delivered_version: int
    remote_url: str
    error: str
    refused: bool


def delivery_key(partner_id: str, module: str, owner: str, object_id: str) -> str:
    return f"{partner_id}/{module}/{owner}/{object_id}"


def wanted(before: Delivery | None, fresh: Delivery) -> Delivery:
    """Return the row after a change of its object: the new version is due at once, unless its
    partner is down."""
    if before is None:
        return fresh
    if fresh.version <= before.version:
        return before
    if fresh.version <= before.delivered_version:  # what was shown was newer than what was due
        return msgspec.structs.replace(before, version=fresh.version)
    return msgspec.structs.replace(
        before,
        version=fresh.version,
        pending=True,
        due_us=before.due_us if before.attempts else fresh.due_us,
    )


def after(delivery: Delivery, report: Report, now: int) -> Delivery:
    """Return the row after a push. A failed one is due again later, each time later still; one
    that failed after another had shown the latest version changes nothing."""
    if report.delivered_version:
        return msgspec.structs.replace(
            delivery,
            delivered_version=max(report.delivered_version, delivery.delivered_version),
            pending=report.delivered_version < delivery.version,
            attempts=0,
            due_us=now,
            leased_until_us=0,
            last_error="",
            remote_url=report.remote_url or delivery.remote_url,
        )
    if not delivery.pending:
        return delivery
    if report.refused:
        return msgspec.structs.replace(
            delivery,
            pending=report.version < delivery.version,
            attempts=delivery.attempts + 1,
            leased_until_us=0,
            last_error=report.error,
        )
    pause = min(_FIRST_PAUSE_US << min(delivery.attempts, 20), _LONGEST_PAUSE_US)
    return msgspec.structs.replace(
        delivery,
        attempts=delivery.attempts + 1,
        due_us=now + pause,
        leased_until_us=0,
        last_error=report.error,
    )
