"""Every statement of the engine finds its rows by an index: ten million sessions cost what ten do.

A statement that is made at module level is looked at as the database plans it, on empty tables and
without statistics, where a plan follows from schema and text alone.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import sqlite3
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest
import sqlalchemy as sa

import engine
from engine.db import postgres, statements
from engine.db.schema import metadata

_SMALL = frozenset({"caller", "event_head", "follower_position", "ledger_book", "partner", "route"})
"""Tables with a row for each thing that an operator set up."""

_OF_WHAT_IS_OPEN = frozenset(
    {"ix_command_open_deadline", "ix_command_requested", "ix_delivery_due"}
)
"""Partial indexes, read as a whole: they hold what waits."""

_READS_ALL = frozenset({"engine.settlement.verify"})
"""Modules that look at everything, when a person asks."""

_READS_FROM_THE_START = frozenset({"engine.events.store._OLDEST", "engine.sampling._OLDEST_SQL"})
"""Statements that take the first rows of a key, however many follow."""


def _modules() -> Iterator[Any]:
    for found in pkgutil.walk_packages(engine.__path__, "engine."):
        if ".migrations" not in found.name and not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def _statements() -> dict[str, sa.Executable]:
    kinds = (sa.Select, sa.CompoundSelect, sa.Update, sa.Delete)
    return {
        f"{module.__name__}.{name}": value
        for module in _modules()
        if module.__name__ not in _READS_ALL
        for name, value in vars(module).items()
        if isinstance(value, kinds)
    } | {
        f"engine.sampling.{name}": value
        for name, value in vars(importlib.import_module("engine.sampling")).items()
        if isinstance(value, sa.TextClause)
    }


STATEMENTS = _statements()


def test_statements_are_found() -> None:
    assert "engine.sessions.store._NAMED" in STATEMENTS
    assert "engine.db.idempotency._FIND" in STATEMENTS


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_sqlite_searches(database_url: str) -> None:
    connection = sqlite3.connect(database_url.removeprefix("sqlite:///"))
    walks = {}
    for name, statement in STATEMENTS.items():
        compiled = statements.Compiled(statement, statements.SQLITE)
        values: dict[str, Any] = dict.fromkeys(re.findall(r":(\w+)", compiled.text))
        plan = connection.execute(
            f"EXPLAIN QUERY PLAN {compiled.text}", values | compiled.constants
        ).fetchall()
        found = [row[3] for row in plan if _walks_in_sqlite(row[3])]
        if found and name not in _READS_FROM_THE_START:
            walks[name] = found
    connection.close()
    assert walks == {}


def _walks_in_sqlite(step: str) -> bool:
    scanned = re.match(r"SCAN (\w+)(?:.* INDEX (\w+))?", step)
    if scanned is None or scanned[1] in {"json_each", "first", "CONSTANT"}:
        return False
    return scanned[1] not in _SMALL and scanned[2] not in _OF_WHAT_IS_OPEN


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
async def test_postgresql_searches(database_url: str) -> None:
    connection = await asyncpg.connect(database_url, server_settings=postgres.PLANNING)
    compiled = {
        name: statements.Compiled(statement, statements.POSTGRESQL)
        for name, statement in STATEMENTS.items()
    }
    texts = {name: (one.text, len(one.order)) for name, one in compiled.items()} | {
        f"update of {table.name}": (statements.update(table, ()).text(), len(table.columns))
        for table in metadata.tables.values()
        if not all(column.primary_key for column in table.columns)
    }
    walks = {}
    for name, (text, parameters) in texts.items():
        await connection.execute(f"PREPARE looked_at AS {text}")
        values = f"({', '.join(['NULL'] * parameters)})" if parameters else ""
        plan = await connection.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE looked_at{values}")
        await connection.execute("DEALLOCATE looked_at")
        found = list(_walks_in_postgresql(json.loads(plan)[0]["Plan"]))
        if found and name not in _READS_FROM_THE_START:
            walks[name] = found
    await connection.close()
    assert walks == {}


def _walks_in_postgresql(node: dict[str, Any]) -> Iterator[str]:
    kind, table, index = node["Node Type"], node.get("Relation Name"), node.get("Index Name", "")
    if table in _SMALL:
        return
    if kind == "Seq Scan" or (index and "Index Cond" not in node and index not in _OF_WHAT_IS_OPEN):
        yield f"{kind} on {table} by {index}"
    for part in node.get("Plans", ()):
        yield from _walks_in_postgresql(part)
