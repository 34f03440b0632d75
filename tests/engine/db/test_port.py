"""The port: what every unit of work may rely on, whichever database is behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec
import pytest
import sqlalchemy as sa

from engine.callers import store
from engine.callers.service import CallersService
from engine.db.idempotency import MAX_REQUEST_ID, run_once
from engine.db.port import Database, NewEvent, Transaction
from engine.db.schema import any_of
from engine.kernel.errors import (
    AlreadyExists,
    EngineError,
    InvalidArgument,
    RequestIdReused,
    StateConflict,
)
from engine.kernel.ids import RandomIds
from engine.kernel.outcome import Outcome, Request
from engine.rpc.access import CallerRole
from tests.engine.conftest import ManualClock, OpenDatabase
from tests.engine.db.notes import adding, counting_up, names, note, told


class TestUnitOfWork:
    async def test_what_write_returned_can_be_read(self, database: Database) -> None:
        assert await database.write(adding("a")) == "a"
        assert await names(database) == ["a"]

    async def test_what_raised_changed_nothing(self, database: Database) -> None:
        refusal = StateConflict("Not now.")
        with pytest.raises(StateConflict) as raised:
            await database.write(adding("a", fail_with=refusal))
        assert raised.value is refusal
        assert await names(database) == []
        assert await told(database) == []

    async def test_one_that_fails_spoils_none_that_wait_beside_it(self, database: Database) -> None:
        works = [
            adding(f"n{n:03}", fail_with=StateConflict("Odd.") if n % 2 else None)
            for n in range(100)
        ]
        results = await asyncio.gather(*map(database.write, works), return_exceptions=True)
        assert [isinstance(result, StateConflict) for result in results] == [False, True] * 50
        assert await names(database) == [f"n{n:03}" for n in range(0, 100, 2)]
        assert [event.seq for event in await told(database)] == list(range(1, 51))

    async def test_a_mistake_in_the_code_is_raised_as_it_is(self, database: Database) -> None:
        with pytest.raises(ZeroDivisionError):
            await database.write(adding("a", fail_with=ZeroDivisionError()))
        assert await names(database) == []

    async def test_a_row_that_exists_is_skipped_when_asked(self, database: Database) -> None:
        async def work(tx: Transaction) -> None:
            rows = [note("a", count=1), note("b", count=1)]
            await tx.insert(store._callers, rows, skip_existing=True)

        await database.write(adding("a"))
        await database.write(work)
        rows = await database.read(store.all_callers)
        assert [(row.name, row.previous_until_us) for row in rows] == [("a", 0), ("b", 1)]

    async def test_execute_says_how_many_rows_changed(self, database: Database) -> None:
        table = store._callers.table
        change = (
            sa.update(table)
            .where(any_of(table.c.name, "names"))
            .values(role=sa.bindparam("new_role"))
        )

        async def work(tx: Transaction) -> int:
            return await tx.execute(change, names=["a", "c", "nobody"], new_role="SERVICE")

        for name in "abc":
            await database.write(adding(name))
        assert await database.write(work) == 2
        rows = await database.read(store.all_callers)
        assert [row.role for row in rows] == ["SERVICE", "ADMIN", "SERVICE"]

    async def test_any_of_takes_numbers_and_an_empty_list(self, database: Database) -> None:
        table = store._callers.table
        find = sa.select(table.c.name).where(any_of(table.c.previous_until_us, "counts"))

        async def add_all(tx: Transaction) -> None:
            await tx.insert(store._callers, [note(f"n{n}", count=n) for n in range(5)])

        await database.write(add_all)
        found = await database.read(lambda tx: tx.fetch(find, counts=[1, 3]))
        assert sorted(found) == [("n1",), ("n3",)]
        assert await database.read(lambda tx: tx.fetch(find, counts=[])) == []


class TestSeveralEngines:
    async def test_no_update_is_lost(self, open_database: OpenDatabase) -> None:
        engines = [await open_database(), await open_database()]
        await engines[0].write(adding("a"))
        works = [engines[n % 2].write(counting_up("a")) for n in range(60)]
        assert sorted(await asyncio.gather(*works)) == list(range(1, 61))

    async def test_of_two_that_add_the_same_one_wins(self, open_database: OpenDatabase) -> None:
        engines = [CallersService(await open_database(), RandomIds()) for _ in range(2)]
        tries = [engines[n % 2].create("twin", CallerRole.SERVICE) for n in range(10)]
        results = await asyncio.gather(*tries, return_exceptions=True)
        assert sum(isinstance(result, tuple) for result in results) == 1
        assert sum(isinstance(result, AlreadyExists) for result in results) == 9

    async def test_events_have_no_gap_and_keep_the_order_of_their_writer(
        self, open_database: OpenDatabase
    ) -> None:
        engines = [await open_database(), await open_database()]
        seen: list[int] = []
        done = asyncio.Event()

        async def write_many(writer: int) -> None:
            for n in range(25):
                await engines[writer % 2].write(adding(f"w{writer}-{n:02}"))

        async def read_along() -> None:
            while not done.is_set() or await told(engines[0], len(seen)):
                seen.extend(event.seq for event in await told(engines[0], len(seen)))
                await asyncio.sleep(0)

        reader = asyncio.create_task(read_along())
        await asyncio.gather(*map(write_many, range(8)))
        done.set()
        await reader
        assert seen == list(range(1, 201))
        events = await told(engines[1])
        for writer in range(8):
            own = [e.subject for e in events if e.subject.startswith(f"note/w{writer}-")]
            assert own == [f"note/w{writer}-{n:02}" for n in range(25)]

    async def test_a_commit_that_told_events_wakes_who_waits(self, database: Database) -> None:
        waiter = database.changed.subscribe()
        await database.write(adding("a"))
        await asyncio.wait_for(waiter, 10)


class _Answer(msgspec.Struct, frozen=True):
    text: str


def _request(id_: str, body: str | EngineError) -> Request[str]:
    return Request(id_, repr(body).encode(), body)


class _Handler:
    """Adds a row for each command, refuses what starts with "no", remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def __call__(
        self, tx: Transaction, commands: Sequence[str]
    ) -> Sequence[_Answer | EngineError]:
        self.asked += commands
        results: list[_Answer | EngineError] = []
        for command in commands:
            if command.startswith("no"):
                results.append(StateConflict(command))
            else:
                await store.add(tx, note(command))
                tx.emit(NewEvent("note.added", f"note/{command}"))
                results.append(_Answer(f"did {command}"))
        return results


class TestDoingItOnce:
    async def _run(
        self, database: Database, handler: _Handler, *requests: Request[str]
    ) -> list[Outcome[_Answer]]:
        return await run_once(
            database, scope="test", requests=requests, answer_type=_Answer, handle=handler
        )

    async def test_the_same_request_gets_the_same_answer_marked_replayed(
        self, database: Database
    ) -> None:
        handler = _Handler()
        first = await self._run(database, handler, _request("1", "a"))
        second = await self._run(database, handler, _request("1", "a"))
        assert first == [Outcome(_Answer("did a"))]
        assert second == [Outcome(_Answer("did a"), replayed=True)]
        assert handler.asked == ["a"]
        assert len(await told(database)) == 1

    async def test_another_body_under_a_used_id_is_refused(self, database: Database) -> None:
        handler = _Handler()
        await self._run(database, handler, _request("1", "a"))
        (outcome,) = await self._run(database, handler, _request("1", "b"))
        assert isinstance(outcome.result, RequestIdReused)
        assert await names(database) == ["a"]

    async def test_duplicates_in_one_batch_are_done_once(self, database: Database) -> None:
        handler = _Handler()
        outcomes = await self._run(
            database,
            handler,
            _request("1", "a"),
            _request("1", "a"),
            _request("2", "b"),
            _request("1", "other"),
        )
        assert [outcome.replayed for outcome in outcomes] == [False, True, False, False]
        assert outcomes[1].result == outcomes[0].result == _Answer("did a")
        assert isinstance(outcomes[3].result, RequestIdReused)
        assert handler.asked == ["a", "b"]

    async def test_a_refused_request_leaves_no_record_and_spoils_no_other(
        self, database: Database
    ) -> None:
        handler = _Handler()
        requests = [_request("1", "no"), _request("2", "a"), _request("3", InvalidArgument("?"))]
        outcomes = await self._run(database, handler, *requests)
        kinds = [type(outcome.result) for outcome in outcomes]
        assert kinds == [StateConflict, _Answer, InvalidArgument]
        again = await self._run(database, handler, _request("1", "yes"))
        assert again == [Outcome(_Answer("did yes"))]

    @pytest.mark.parametrize("id_", ["", "x" * (MAX_REQUEST_ID + 1)], ids=["empty", "too long"])
    async def test_an_id_of_a_wrong_length_is_refused(self, database: Database, id_: str) -> None:
        (outcome,) = await self._run(database, _Handler(), _request(id_, "a"))
        assert isinstance(outcome.result, InvalidArgument)

    async def test_ids_of_two_operations_do_not_meet(self, database: Database) -> None:
        handler = _Handler()
        await self._run(database, handler, _request("1", "a"))
        (outcome,) = await run_once(
            database,
            scope="other",
            requests=[_request("1", "b")],
            answer_type=_Answer,
            handle=handler,
        )
        assert outcome == Outcome(_Answer("did b"))

    async def test_the_same_request_at_two_engines_at_once_is_done_once(
        self, open_database: OpenDatabase
    ) -> None:
        engines = [await open_database(), await open_database()]
        handler = _Handler()
        runs = [self._run(engines[n % 2], handler, _request("1", "a")) for n in range(10)]
        outcomes = [outcome for (outcome,) in await asyncio.gather(*runs)]
        assert {outcome.value() for outcome in outcomes} == {_Answer("did a")}
        assert sum(not outcome.replayed for outcome in outcomes) == 1
        assert len(await told(engines[0])) == 1


async def test_now_is_the_clock_that_was_handed_in(database: Database, clock: ManualClock) -> None:
    clock.advance(5)
    assert database.now() == clock.now()
    await database.write(adding("a"))
    assert (await told(database))[0].recorded_us == clock.now()
