"""Locations (section 8): CPOs push theirs to us whole or in part, eMSPs pull ours.

A partner's location is kept as its document. A change of an EVSE or a connector changes the
document around it, and raises `last_updated` of what it is in.
"""

from collections.abc import Mapping

from interwatt.common.v1.party_pb2 import PartyId
from interwatt.locations.v1.location_pb2 import Connector, Evse, Location
from interwatt.locations.v1.locations_service_pb2 import (
    GetLocationRequest,
    ListLocationsRequest,
    PutLocationItem,
)
from msgspec import Raw

from gateways.common import request_ids
from gateways.ocpi import codec, status
from gateways.ocpi.exchange import Exchange, Reply
from gateways.ocpi.status import OcpiError
from gateways.ocpi.times import Instant
from gateways.ocpi.v221 import names, wire

OURS = "-"
Tree = dict[str, codec.Json]


def to_proto(location: wire.Location, *, partner_id: str, document: bytes) -> Location:
    """Convert a partner's location and keep it as it was sent."""
    return Location(
        owner=PartyId(country_code=location.country_code, party_id=location.party_id),
        id=location.id,
        name=location.name or "",
        address=location.address,
        city=location.city,
        postal_code=location.postal_code or "",
        country=location.country,
        latitude=location.coordinates.latitude,
        longitude=location.coordinates.longitude,
        time_zone=location.time_zone,
        publish=location.publish,
        evses=[_evse_to_proto(evse) for evse in location.evses or ()],
        last_updated=location.last_updated.to_proto(),
        partner_id=partner_id,
        document=document,
    )


def to_wire(location: Location) -> wire.Location:
    """Convert a location of ours."""
    return wire.Location(
        country_code=location.owner.country_code,
        party_id=location.owner.party_id,
        id=location.id,
        publish=location.publish,
        name=location.name or None,
        address=location.address,
        city=location.city,
        postal_code=location.postal_code or None,
        country=location.country,
        coordinates=wire.GeoLocation(latitude=location.latitude, longitude=location.longitude),
        evses=[_evse_to_wire(evse, location) for evse in location.evses] or None,
        time_zone=location.time_zone,
        last_updated=Instant.from_proto(location.last_updated),
    )


def as_shown(location: Location) -> Raw | wire.Location:
    """Show a partner's location as it was sent, and ours as we write it."""
    return Raw(location.document) if location.document else to_wire(location)


def tree_of(location: Location) -> Tree:
    """Read a location's document to change it."""
    return codec.decode_object(location.document or codec.encode(to_wire(location)))


def find(tree: Tree, evse_uid: str | None, connector_id: str | None) -> Tree | None:
    """Find an EVSE or connector of a location; the location itself when neither is named."""
    found: Tree | None = tree
    if evse_uid is not None:
        found = _child(tree, "evses", "uid", evse_uid)
    if connector_id is not None and found is not None:
        found = _child(found, "connectors", "id", connector_id)
    return found


def place(tree: Tree, part: Tree, evse_uid: str, connector_id: str | None) -> Tree:
    """Put an EVSE or a connector into a location, in place of its namesake or at the end."""
    if connector_id is None:
        changed = _with_child(tree, "evses", "uid", part)
    else:
        evse = _child(tree, "evses", "uid", evse_uid)
        assert evse is not None
        evse = _with_child(evse, "connectors", "id", part)
        changed = _with_child(tree, "evses", "uid", _raised(evse, part["last_updated"]))
    return _raised(changed, part["last_updated"])


async def get(exchange: Exchange) -> Reply:
    """Answer with a location, EVSE or connector that the caller pushed."""
    return _part_reply(exchange, await _stored(exchange, exchange.owner()))


async def get_ours(exchange: Exchange) -> Reply:
    """Answer with a location, EVSE or connector of ours."""
    return _part_reply(exchange, await _stored(exchange, exchange.ours.cpo or PartyId()))


async def put(exchange: Exchange) -> Reply:
    """Store a location of the caller's."""
    owner = exchange.owner()
    location = exchange.read(wire.Location)
    _match(exchange, owner, location)
    async with exchange.platform.locks.hold(_key(exchange, owner)):
        return await _store(exchange, location, exchange.body)


async def put_evse(exchange: Exchange) -> Reply:
    """Store an EVSE of a location that the caller pushed."""
    evse = exchange.read(wire.Evse)
    exchange.must_match(uid=(evse.uid, exchange.path["evse_uid"]))
    return await _put_part(exchange, evse)


async def put_connector(exchange: Exchange) -> Reply:
    """Store a connector of an EVSE that the caller pushed."""
    connector = exchange.read(wire.Connector)
    exchange.must_match(id=(connector.id, exchange.path["connector_id"]))
    return await _put_part(exchange, connector)


async def patch(exchange: Exchange) -> Reply:
    """Change some fields of a location, EVSE or connector; an older change is absorbed."""
    owner = exchange.owner()
    changes = exchange.read_changes()
    evse_uid, connector_id = _part_named(exchange)
    async with exchange.platform.locks.hold(_key(exchange, owner)):
        tree = tree_of(await _stored(exchange, owner))
        part = find(tree, evse_uid, connector_id)
        if part is None:
            raise _no_such_part()
        if _instant(changes) < _instant(part):
            return Reply()
        changed = codec.merge(part, changes)
        if evse_uid is not None:
            changed = place(tree, changed, evse_uid, connector_id)
        location = exchange.understand(changed, wire.Location)
        _match(exchange, owner, location)
        return await _store(exchange, location, codec.encode(changed))


async def list_ours(exchange: Exchange) -> Reply:
    """Answer with a page of our locations."""
    return await exchange.page(
        exchange.calls.locations.ListLocations,
        ListLocationsRequest(partner_id=OURS),
        "locations",
        as_shown,
    )


def _evse_to_proto(evse: wire.Evse) -> Evse:
    return Evse(
        uid=evse.uid,
        evse_id=evse.evse_id or "",
        status=names.EVSE_STATUSES[evse.status],
        connectors=[
            Connector(
                id=connector.id,
                standard=connector.standard,
                format=connector.format,
                power_type=connector.power_type,
                max_voltage=connector.max_voltage,
                max_amperage=connector.max_amperage,
                max_electric_power=connector.max_electric_power or 0,
                tariff_ids=connector.tariff_ids or (),
            )
            for connector in evse.connectors
        ],
        last_updated=evse.last_updated.to_proto(),
    )


def _evse_to_wire(evse: Evse, location: Location) -> wire.Evse:
    """Convert an EVSE of ours; one that says no time of its own changed with its location."""
    changed = evse.last_updated if evse.HasField("last_updated") else location.last_updated
    last_updated = Instant.from_proto(changed)
    return wire.Evse(
        uid=evse.uid,
        evse_id=evse.evse_id or None,
        status=names.evse_status(evse.status),
        connectors=[
            wire.Connector(
                id=connector.id,
                standard=connector.standard,
                format="CABLE" if connector.format == "CABLE" else "SOCKET",
                power_type=connector.power_type,
                max_voltage=connector.max_voltage,
                max_amperage=connector.max_amperage,
                max_electric_power=connector.max_electric_power or None,
                tariff_ids=list(connector.tariff_ids) or None,
                last_updated=last_updated,
            )
            for connector in evse.connectors
        ],
        last_updated=last_updated,
    )


async def _put_part(exchange: Exchange, part: wire.Evse | wire.Connector) -> Reply:
    owner = exchange.owner()
    evse_uid, connector_id = _part_named(exchange)
    assert evse_uid is not None
    async with exchange.platform.locks.hold(_key(exchange, owner)):
        tree = tree_of(await _stored(exchange, owner))
        if connector_id is not None and find(tree, evse_uid, None) is None:
            raise _no_such_part()
        present = find(tree, evse_uid, connector_id)
        if present is not None and part.last_updated < _instant(present):
            return Reply()
        tree = place(tree, codec.decode_object(exchange.body), evse_uid, connector_id)
        location = exchange.understand(tree, wire.Location)
        await _store(exchange, location, codec.encode(tree))
        return Reply(http=201 if present is None else 200)


async def _stored(exchange: Exchange, owner: PartyId) -> Location:
    response = await exchange.calls.locations.GetLocation(
        GetLocationRequest(owner=owner, id=exchange.path["location_id"])
    )
    return response.location


async def _store(exchange: Exchange, location: wire.Location, document: bytes) -> Reply:
    outcome = await exchange.calls.put_location.call(
        PutLocationItem(
            request_id=request_ids.fresh(),
            location=to_proto(location, partner_id=exchange.partner.id, document=document),
        )
    )
    return Reply(http=201 if outcome.created else 200)


def _part_reply(exchange: Exchange, location: Location) -> Reply:
    evse_uid, connector_id = _part_named(exchange)
    if evse_uid is None:
        return Reply(data=as_shown(location))
    part = find(tree_of(location), evse_uid, connector_id)
    if part is None:
        raise _no_such_part()
    return Reply(data=part)


def _part_named(exchange: Exchange) -> tuple[str | None, str | None]:
    return exchange.path.get("evse_uid"), exchange.path.get("connector_id")


def _match(exchange: Exchange, owner: PartyId, location: wire.Location) -> None:
    exchange.must_match(
        country_code=(location.country_code, owner.country_code),
        party_id=(location.party_id, owner.party_id),
        id=(location.id, exchange.path["location_id"]),
    )


def _key(exchange: Exchange, owner: PartyId) -> tuple[str, ...]:
    names_of_key = (owner.country_code, owner.party_id, exchange.path["location_id"])
    return ("location", *(name.casefold() for name in names_of_key))


def _child(parent: Tree, listed: str, key: str, wanted: str) -> Tree | None:
    for child in parent.get(listed) or ():
        if str(child.get(key, "")).casefold() == wanted.casefold():
            return dict(child)
    return None


def _with_child(parent: Tree, listed: str, key: str, child: Tree) -> Tree:
    children = list(parent.get(listed) or ())
    name = str(child[key]).casefold()
    for index, other in enumerate(children):
        if str(other.get(key, "")).casefold() == name:
            children[index] = child
            break
    else:
        children.append(child)
    return {**parent, listed: children}


def _raised(parent: Tree, last_updated: str) -> Tree:
    """Give a parent the time of its child's change, where that is later than its own."""
    if _instant(parent) >= Instant.parse(last_updated):
        return parent
    return {**parent, "last_updated": last_updated}


def _instant(tree: Mapping[str, codec.Json]) -> Instant:
    text = tree.get("last_updated")
    try:
        return Instant.parse(str(text))
    except ValueError as error:
        raise OcpiError(200, status.INVALID_PARAMETERS, f"last_updated: {error}.") from error


def _no_such_part() -> OcpiError:
    return OcpiError(404, status.UNKNOWN_LOCATION, "The location has no such EVSE or connector.")
