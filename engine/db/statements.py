"""SQL text for both databases from the same schema, made once and kept."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.dialects.sqlite import pysqlite
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql import visitors
from sqlalchemy.sql.compiler import SQLCompiler

SQLITE: Dialect = pysqlite.dialect(paramstyle="named")
POSTGRESQL: Dialect = asyncpg.dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]

_ARRAY_TYPES: tuple[tuple[type[Any], str], ...] = (
    (sa.Boolean, "boolean[]"),
    (sa.BigInteger, "bigint[]"),
    (sa.Integer, "integer[]"),
    (sa.LargeBinary, "bytea[]"),
    (sa.Text, "text[]"),
)


class Compiled:
    """A statement as text, and how its parameters go in.

    Attributes:
        text: the SQL.
        order: names of the parameters by position, where they go by position.
        constants: values written in the statement itself.
    """

    __slots__ = ("constants", "order", "text")

    def __init__(self, statement: sa.Executable, dialect: Dialect) -> None:
        for element in visitors.iterate(statement):  # type: ignore[arg-type]
            if isinstance(element, sa.BindParameter):
                element.required = False  # its value comes when the statement runs
        compiled = statement.compile(  # type: ignore[attr-defined]
            dialect=dialect,
            compile_kwargs={"render_postcompile": True},  # IN with a list of constants
        )
        assert isinstance(compiled, SQLCompiler)
        self.text = str(compiled)
        self.order: Sequence[str] = compiled.positiontup or ()
        self.constants: dict[str, Any] = {
            name: value for name, value in compiled.params.items() if value is not None
        }


class Cache:
    """Compiled statements, kept as long as the statement itself is."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._known: weakref.WeakKeyDictionary[sa.Executable, Compiled] = (
            weakref.WeakKeyDictionary()
        )

    def get(self, statement: sa.Executable) -> Compiled:
        found = self._known.get(statement)
        if found is None:
            found = self._known[statement] = Compiled(statement, self._dialect)
        return found


def _names(columns: Sequence[sa.Column[Any]]) -> str:
    return ", ".join(f'"{column.name}"' for column in columns)


@lru_cache(maxsize=256)
def sqlite_insert(table: sa.Table, *, skip_existing: bool) -> str:
    """One row a call of executemany, columns in table order."""
    columns = list(table.columns)
    verb = "INSERT OR IGNORE" if skip_existing else "INSERT"
    return (
        f'{verb} INTO "{table.name}" ({_names(columns)}) VALUES ({", ".join("?" * len(columns))})'
    )


class Update:
    """An UPDATE of rows by primary key.

    Attributes:
        sqlite: one row a call of executemany.
        postgresql: all rows in one statement, one array a column.
        values: of a row, what goes in: the columns that change, then the key.
    """

    def __init__(self, table: sa.Table, only: Sequence[str]) -> None:
        keys = list(table.primary_key.columns)
        changing = [table.c[name] for name in only] or [
            column for column in table.columns if not column.primary_key
        ]
        columns = [*changing, *keys]
        changes = ", ".join(f'"{c.name}" = ?' for c in changing)
        where = " AND ".join(f'"{c.name}" = ?' for c in keys)
        self.sqlite = f'UPDATE "{table.name}" SET {changes} WHERE {where}'  # noqa: S608 - ours
        changes = ", ".join(f'"{c.name}" = new."{c.name}"' for c in changing)
        where = " AND ".join(f'old."{c.name}" = new."{c.name}"' for c in keys)
        self.postgresql = (
            f'UPDATE "{table.name}" AS old SET {changes} '  # noqa: S608 - names of ours
            f"FROM {_unnest(columns)} AS new({_names(columns)}) WHERE {where}"
        )
        self.values: Callable[[Any], tuple[Any, ...]] = attrgetter(*(c.name for c in columns))


@lru_cache(maxsize=256)
def update(table: sa.Table, only: tuple[str, ...]) -> Update:
    """Return the UPDATE of the columns `only`, of all where it is empty."""
    return Update(table, only)


def _unnest(columns: Sequence[sa.Column[Any]]) -> str:
    arrays = []
    for number, column in enumerate(columns, start=1):
        array = next(text for kind, text in _ARRAY_TYPES if isinstance(column.type, kind))
        arrays.append(f"${number}::{array}")
    return f"unnest({', '.join(arrays)})"


@lru_cache(maxsize=256)
def postgresql_insert(table: sa.Table, *, skip_existing: bool) -> str:
    """All rows in one statement: one array a column, in table order."""
    columns = list(table.columns)
    conflict = " ON CONFLICT DO NOTHING" if skip_existing else ""
    return (
        f'INSERT INTO "{table.name}" ({_names(columns)}) '  # noqa: S608 - names of ours
        f"SELECT * FROM {_unnest(columns)}{conflict}"
    )
