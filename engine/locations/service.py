"""Keeping locations."""

from __future__ import annotations

from engine.db.port import Database
from engine.kernel.versioned import Put
from engine.locations import store
from engine.locations.model import Location
from engine.partners.ownership import OwnedObjects


class LocationsService(OwnedObjects[Location]):
    """Keeps locations."""

    def __init__(self, database: Database, our_parties: frozenset[str]) -> None:
        super().__init__(database, our_parties, store, kind="location", put_type=Put[Location])
