"""Making, changing and checking callers."""

from __future__ import annotations

import msgspec

from engine.callers import store
from engine.callers.model import Caller, check_name, key_hash, may_use
from engine.db.port import Database, Transaction
from engine.kernel.clock import SECOND
from engine.kernel.errors import AlreadyExists, NotFound, StateConflict, Unauthenticated
from engine.kernel.ids import IdSource
from engine.rpc.access import CallerRole

_REMEMBER_US = 5 * SECOND


class CallersService:
    """Keeps callers. A key that worked is remembered for five seconds, so that a hot path does not
    ask the store."""

    def __init__(self, database: Database, ids: IdSource) -> None:
        self._database = database
        self._ids = ids
        self._remembered: dict[str, tuple[int, str, CallerRole]] = {}

    async def authenticate(self, key: str) -> tuple[str, CallerRole]:
        """Return name and role of the caller whose key this is.

        Raises:
            Unauthenticated: no key, an unknown one, or a revoked one.
        """
        now = self._database.now()
        remembered = self._remembered.get(key)
        if remembered is not None and now < remembered[0]:
            return remembered[1], remembered[2]
        if not key:
            raise Unauthenticated(
                'Send your key in the metadata entry "authorization: Bearer <key>".'
            )
        hashed = key_hash(key)

        async def find(tx: Transaction) -> list[Caller]:
            return await store.by_key_hash(tx, hashed)

        for caller in await self._database.read(find):
            if may_use(caller, hashed, now):
                role = CallerRole(caller.role)
                if len(self._remembered) > 1_000:
                    self._remembered.clear()
                self._remembered[key] = (now + _REMEMBER_US, caller.name, role)
                return caller.name, role
        self._remembered.pop(key, None)
        raise Unauthenticated("This key is unknown or revoked; ask an admin for one.")

    async def create(self, name: str, role: CallerRole) -> tuple[Caller, str]:
        """Make a caller and its first key.

        Raises:
            AlreadyExists: the name is taken.
        """
        check_name(name)
        key = self._ids.secret()
        caller = Caller(name, role, key_hash(key), "", 0, self._database.now(), None)

        async def work(tx: Transaction) -> None:
            if await store.by_name(tx, name) is not None:
                raise AlreadyExists(
                    f"Caller {name!r} exists already; rotate its key instead.",
                    kind="caller",
                    id=name,
                )
            await store.add(tx, caller)

        await self._database.write(work)
        return caller, key

    async def rotate(self, name: str, *, grace_s: int) -> str:
        """Make a new key; the old one works for `grace_s` seconds more, unless it was revoked.

        Raises:
            NotFound: no such caller.
        """
        key = self._ids.secret()
        until = self._database.now() + grace_s * SECOND

        async def work(tx: Transaction) -> None:
            caller = await self._named(tx, name)
            await store.replace(
                tx,
                msgspec.structs.replace(
                    caller,
                    key_hash=key_hash(key),
                    previous_key_hash=(
                        caller.key_hash if grace_s and caller.revoked_us is None else ""
                    ),
                    previous_until_us=until,
                    revoked_us=None,
                ),
            )

        await self._database.write(work)
        self._remembered.clear()
        return key

    async def revoke(self, name: str) -> Caller:
        """End all keys of a caller.

        Raises:
            NotFound: no such caller.
            StateConflict: it is the last admin; nobody could make another.
        """

        async def work(tx: Transaction) -> Caller:
            known = await self._named(tx, name)
            admins = [one.name for one in await store.all_callers(tx) if _is_admin(one)]
            if admins == [name]:
                raise StateConflict(
                    f"{name!r} is the last admin; create another before you revoke it.",
                    kind="caller",
                    id=name,
                    state="ACTIVE",
                )
            revoked = msgspec.structs.replace(known, revoked_us=self._database.now())
            await store.replace(tx, revoked)
            return revoked

        caller = await self._database.write(work)
        self._remembered.clear()
        return caller

    async def list_all(self) -> list[Caller]:
        return await self._database.read(store.all_callers)

    async def _named(self, tx: Transaction, name: str) -> Caller:
        caller = await store.by_name(tx, name)
        if caller is None:
            raise NotFound.of("caller", name)
        return caller


def _is_admin(caller: Caller) -> bool:
    return caller.role == CallerRole.ADMIN and caller.revoked_us is None
