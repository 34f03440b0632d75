"""SQL text for both databases from the same schema, made once and kept."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.dialects.sqlite import pysqlite
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql import visitors
from sqlalchemy.sql.compiler import SQLCompiler

from engine.db import arrays

SQLITE: Dialect = pysqlite.dialect(paramstyle="named")
POSTGRESQL: Dialect = asyncpg.dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]


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


class Insert:
    """An INSERT of rows into PostgreSQL: one array a column, in table order."""

    def __init__(self, table: sa.Table, *, skip_existing: bool) -> None:
        self.table = table.name
        self._columns = list(table.columns)
        self._conflict = " ON CONFLICT DO NOTHING" if skip_existing else ""

    def text(self, first: int = 1) -> str:
        """Return it with parameters from number `first` on."""
        return (
            f'INSERT INTO "{self.table}" ({_names(self._columns)}) '  # noqa: S608 - names of ours
            f"SELECT * FROM {_unnest(self._columns, first)}{self._conflict}"
        )

    def parameters(self, rows: Sequence[Any]) -> list[Any]:
        """Return the columns of rows."""
        return _parameters(self._columns, map(msgspec.structs.astuple, rows))


class Update:
    """An UPDATE of rows by primary key.

    Attributes:
        sqlite: one row a call of executemany.
        values: of a row, what goes in: the columns that change, then the key.
    """

    def __init__(self, table: sa.Table, only: Sequence[str]) -> None:
        self.table = table.name
        self._keys = list(table.primary_key.columns)
        self._changing = [table.c[name] for name in only] or [
            column for column in table.columns if not column.primary_key
        ]
        self._columns = [*self._changing, *self._keys]
        changes = ", ".join(f'"{c.name}" = ?' for c in self._changing)
        where = " AND ".join(f'"{c.name}" = ?' for c in self._keys)
        self.sqlite = f'UPDATE "{table.name}" SET {changes} WHERE {where}'  # noqa: S608 - ours
        self.values: Callable[[Any], tuple[Any, ...]] = attrgetter(*(c.name for c in self._columns))

    def text(self, first: int = 1) -> str:
        """Return it for PostgreSQL, all rows at once, with parameters from number `first` on."""
        changes = ", ".join(f'"{c.name}" = new."{c.name}"' for c in self._changing)
        where = " AND ".join(f'old."{c.name}" = new."{c.name}"' for c in self._keys)
        return (
            f'UPDATE "{self.table}" AS old SET {changes} '  # noqa: S608 - names of ours
            f"FROM {_unnest(self._columns, first)} AS new({_names(self._columns)}) WHERE {where}"
        )

    def parameters(self, rows: Sequence[Any]) -> list[Any]:
        """Return the columns of rows."""
        return _parameters(self._columns, map(self.values, rows))


Write = Insert | Update


@lru_cache(maxsize=256)
def insert(table: sa.Table, *, skip_existing: bool) -> Insert:
    """Return the INSERT into a table of PostgreSQL."""
    return Insert(table, skip_existing=skip_existing)


@lru_cache(maxsize=256)
def update(table: sa.Table, only: tuple[str, ...]) -> Update:
    """Return the UPDATE of the columns `only`, of all where it is empty."""
    return Update(table, only)


@lru_cache(maxsize=256)
def together(writes: tuple[Write, ...], sizes: tuple[int, ...]) -> str:
    """Return writes to different tables as one statement of PostgreSQL.

    Args:
        sizes: how many parameters each has.
    """
    parts, first = [], 1
    for write, size in zip(writes, sizes, strict=True):
        parts.append(write.text(first))
        first += size
    *others, last = parts
    named = ", ".join(f"write_{n} AS ({text})" for n, text in enumerate(others))
    return f"WITH {named} {last}" if others else last


def _unnest(columns: Sequence[sa.Column[Any]], first: int) -> str:
    types = (arrays.of(column)[0] for column in columns)
    return f"unnest({', '.join(f'${n}::{type_}' for n, type_ in enumerate(types, start=first))})"


def _parameters(columns: Sequence[sa.Column[Any]], rows: Iterable[tuple[Any, ...]]) -> list[Any]:
    return [
        arrays.of(column)[1](values)
        for column, values in zip(columns, zip(*rows, strict=True), strict=True)
    ]
