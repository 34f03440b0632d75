"""Who may call what. Deny by default: a method that is not named here is for admins only."""

from __future__ import annotations

from enum import StrEnum


class CallerRole(StrEnum):
    """What a caller may do; see `interwatt.callers.v1.CallerRole`."""

    GATEWAY = "GATEWAY"
    SERVICE = "SERVICE"
    ANALYST = "ANALYST"
    ADMIN = "ADMIN"


_EVERYONE = frozenset(CallerRole)
_GATEWAYS = frozenset({CallerRole.GATEWAY, CallerRole.ADMIN})
_WRITERS = frozenset({CallerRole.GATEWAY, CallerRole.SERVICE, CallerRole.ADMIN})
_ADMINS = frozenset({CallerRole.ADMIN})
_ANALYSTS = frozenset({CallerRole.ANALYST, CallerRole.ADMIN})

_SERVICES: dict[str, frozenset[CallerRole]] = {
    "interwatt.tokens.v1.TokensService": _WRITERS,
    "interwatt.locations.v1.LocationsService": _WRITERS,
    "interwatt.tariffs.v1.TariffsService": _WRITERS,
    "interwatt.tariffs.v1.PricingService": _EVERYONE,
    "interwatt.sessions.v1.SessionsService": _WRITERS,
    "interwatt.events.v1.EventsService": _EVERYONE,
    "interwatt.deliveries.v1.DeliveriesService": _GATEWAYS,
    "interwatt.stations.v1.StationsService": _GATEWAYS,
    "interwatt.commands.v1.CommandsService": _GATEWAYS,
    "interwatt.cdrs.v1.CdrsService": _GATEWAYS,
    "interwatt.partners.v1.PartnersService": _GATEWAYS,
    "grpc.reflection.v1alpha.ServerReflection": _EVERYONE,
    "grpc.reflection.v1.ServerReflection": _EVERYONE,
}

_METHODS: dict[str, frozenset[CallerRole]] = {
    "/interwatt.cdrs.v1.CdrsService/AcceptCdr": _ADMINS,
    "/interwatt.cdrs.v1.CdrsService/PriceCdr": _ADMINS,
    "/interwatt.commands.v1.CommandsService/AwaitCommand": _WRITERS,
    "/interwatt.commands.v1.CommandsService/CallStation": _ADMINS,
    "/interwatt.commands.v1.CommandsService/GetCommand": _WRITERS,
    "/interwatt.partners.v1.PartnersService/CreatePartner": _ADMINS,
    "/interwatt.reconciliation.v1.ReconciliationService/RunReconciliation": _ANALYSTS,
    "/interwatt.stations.v1.StationsService/PutStation": _ADMINS,
}

_PUBLIC = ("/grpc.health.v1.Health/",)
_READS = ("Get", "List")


def is_public(method: str) -> bool:
    """Return whether `method` ("/package.Service/Method") needs no key: only health does not."""
    return method.startswith(_PUBLIC)


def may_call(role: CallerRole, method: str) -> bool:
    """Return whether a caller of `role` may call `method`."""
    if role is CallerRole.ADMIN:
        return True
    service, _, name = method.removeprefix("/").partition("/")
    if role is CallerRole.ANALYST and name.startswith(_READS):
        return service != "interwatt.callers.v1.CallersService" and name != "GetPartnerConnection"
    if role is CallerRole.SERVICE and name.startswith(_READS) and name != "GetPartnerConnection":
        return service != "interwatt.callers.v1.CallersService"
    return role in _METHODS.get(method, _SERVICES.get(service, _ADMINS))
