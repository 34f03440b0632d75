"""The versions of OCPI that we speak, and the list of them that partners read first."""

from collections.abc import Mapping

import msgspec

from gateways.ocpi.dialect import Dialect
from gateways.ocpi.exchange import Exchange, Reply, Route
from gateways.ocpi.urls import VERSIONS_PATH
from gateways.ocpi.v221.dialect import V221

DIALECTS: Mapping[str, Dialect] = {each.version: each for each in (V221,)}


class ListedVersion(msgspec.Struct, frozen=True):
    """One line of the list."""

    version: str
    url: str


def versions_route() -> Route:
    """The route of the list."""
    return Route(path=VERSIONS_PATH, methods={"GET": list_versions}, functional=False)


async def list_versions(exchange: Exchange) -> Reply:
    """Answer with the versions and where their details are."""
    urls = exchange.platform.urls
    return Reply(data=[ListedVersion(version, urls.version(version)) for version in DIALECTS])
