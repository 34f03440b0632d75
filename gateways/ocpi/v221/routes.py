"""Every path of OCPI 2.2.1 that we serve, and what its methods do."""

from collections.abc import Sequence

from gateways.ocpi.exchange import Exchange, Reply, Route
from gateways.ocpi.urls import PREFIX, Urls
from gateways.ocpi.v221 import (
    VERSION,
    cdrs,
    commands,
    credentials,
    locations,
    sessions,
    tariffs,
    tokens,
    wire,
)

ROOT = f"{PREFIX}/{VERSION}"
SENDER = f"{ROOT}/sender"
RECEIVER = f"{ROOT}/receiver"
OWNED = "{country_code}/{party_id}"

MODULES: Sequence[tuple[str, wire.InterfaceRole]] = (
    ("locations", "SENDER"),
    ("tariffs", "SENDER"),
    ("sessions", "SENDER"),
    ("cdrs", "SENDER"),
    ("tokens", "SENDER"),
    ("commands", "SENDER"),
    ("locations", "RECEIVER"),
    ("tariffs", "RECEIVER"),
    ("sessions", "RECEIVER"),
    ("cdrs", "RECEIVER"),
    ("tokens", "RECEIVER"),
    ("commands", "RECEIVER"),
)


def details(urls: Urls) -> wire.VersionDetails:
    """List our endpoints; the role of credentials means nothing and is SENDER by custom."""
    endpoints = [
        wire.Endpoint(identifier="credentials", role="SENDER", url=urls.credentials(VERSION))
    ]
    endpoints += [
        wire.Endpoint(
            identifier=module, role=role, url=urls.module(VERSION, role.casefold(), module)
        )
        for module, role in MODULES
    ]
    return wire.VersionDetails(version=VERSION, endpoints=endpoints)


async def get_details(exchange: Exchange) -> Reply:
    """Answer with our endpoints."""
    return Reply(data=details(exchange.platform.urls))


ROUTES: Sequence[Route] = (
    Route(path=ROOT, functional=False, methods={"GET": get_details}),
    Route(
        path=f"{ROOT}/credentials",
        functional=False,
        methods={
            "GET": credentials.get,
            "POST": credentials.post,
            "PUT": credentials.put,
            "DELETE": credentials.delete,
        },
    ),
    Route(path=f"{SENDER}/locations", methods={"GET": locations.list_ours}),
    Route(path=f"{SENDER}/locations/{{location_id}}", methods={"GET": locations.get_ours}),
    Route(
        path=f"{SENDER}/locations/{{location_id}}/{{evse_uid}}", methods={"GET": locations.get_ours}
    ),
    Route(
        path=f"{SENDER}/locations/{{location_id}}/{{evse_uid}}/{{connector_id}}",
        methods={"GET": locations.get_ours},
    ),
    Route(
        path=f"{RECEIVER}/locations/{OWNED}/{{location_id}}",
        methods={"GET": locations.get, "PUT": locations.put, "PATCH": locations.patch},
    ),
    Route(
        path=f"{RECEIVER}/locations/{OWNED}/{{location_id}}/{{evse_uid}}",
        methods={"GET": locations.get, "PUT": locations.put_evse, "PATCH": locations.patch},
    ),
    Route(
        path=f"{RECEIVER}/locations/{OWNED}/{{location_id}}/{{evse_uid}}/{{connector_id}}",
        methods={"GET": locations.get, "PUT": locations.put_connector, "PATCH": locations.patch},
    ),
    Route(path=f"{SENDER}/tariffs", methods={"GET": tariffs.list_ours}),
    Route(
        path=f"{RECEIVER}/tariffs/{OWNED}/{{tariff_id}}",
        methods={"GET": tariffs.get, "PUT": tariffs.put, "DELETE": tariffs.delete},
    ),
    Route(path=f"{SENDER}/sessions", methods={"GET": sessions.list_ours}),
    Route(
        path=f"{RECEIVER}/sessions/{OWNED}/{{session_id}}",
        methods={"GET": sessions.get, "PUT": sessions.put, "PATCH": sessions.patch},
    ),
    Route(path=f"{SENDER}/cdrs", methods={"GET": cdrs.list_ours}),
    Route(path=f"{RECEIVER}/cdrs", methods={"POST": cdrs.post}),
    Route(path=f"{RECEIVER}/cdrs/{OWNED}/{{cdr_id}}", methods={"GET": cdrs.get}),
    Route(path=f"{SENDER}/tokens", methods={"GET": tokens.list_ours}),
    Route(path=f"{SENDER}/tokens/{{uid}}/authorize", methods={"POST": tokens.authorize}),
    Route(
        path=f"{RECEIVER}/tokens/{OWNED}/{{uid}}",
        methods={"GET": tokens.get, "PUT": tokens.put, "PATCH": tokens.patch},
    ),
    Route(path=f"{RECEIVER}/commands/{{command}}", methods={"POST": commands.receive}),
    Route(
        path=f"{SENDER}/commands/{{command}}/{{command_id}}",
        methods={"POST": commands.receive_result},
    ),
)
