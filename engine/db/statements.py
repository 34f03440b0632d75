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


class Write:
    """Rows that go into a table.

    Attributes:
        sqlite: one row a call of executemany.
        values: of a row, what goes in, in the order of the parameters.
        size: the number of parameters.
    """

    sqlite: str
    values: Callable[[Any], tuple[Any, ...]]

    def __init__(self, table: sa.Table, columns: Sequence[sa.Column[Any]]) -> None:
        self.table = table.name
        self.size = len(columns)
        self._names = _names(columns)
        self._arrays = [arrays.of(column) for column in columns]

    def text(self, first: int = 1) -> str:
        """Return it for PostgreSQL: all rows at once, one array a column, with parameters from
        number `first` on."""
        raise NotImplementedError

    def parameters(self, rows: Iterable[Any]) -> list[Any]:
        """Return the columns of rows for PostgreSQL."""
        columns = zip(*map(self.values, rows), strict=True)
        return [write(values) for (_, write), values in zip(self._arrays, columns, strict=True)]

    def _unnest(self, first: int) -> str:
        types = (type_ for type_, _ in self._arrays)
        return f"unnest({', '.join(f'${n}::{type_}' for n, type_ in enumerate(types, first))})"


class Insert(Write):
    """An INSERT of rows, columns in table order."""

    values = staticmethod(msgspec.structs.astuple)

    def __init__(self, table: sa.Table, *, skip_existing: bool) -> None:
        columns = list(table.columns)
        super().__init__(table, columns)
        verb = "INSERT OR IGNORE" if skip_existing else "INSERT"
        marks = ", ".join("?" * self.size)
        self.sqlite = f'{verb} INTO "{self.table}" ({self._names}) VALUES ({marks})'
        self._conflict = " ON CONFLICT DO NOTHING" if skip_existing else ""

    def text(self, first: int = 1) -> str:
        """Return it for PostgreSQL."""
        return (
            f'INSERT INTO "{self.table}" ({self._names}) '  # noqa: S608 - names of ours
            f"SELECT * FROM {self._unnest(first)}{self._conflict}"
        )


class Update(Write):
    """An UPDATE of rows by primary key: first the columns that change, then the key."""

    def __init__(self, table: sa.Table, only: Sequence[str]) -> None:
        self._keys = [column.name for column in table.primary_key.columns]
        self._changing = list(only) or [c.name for c in table.columns if not c.primary_key]
        names = [*self._changing, *self._keys]
        super().__init__(table, [table.c[name] for name in names])
        self.values = attrgetter(*names)
        changes = ", ".join(f'"{name}" = ?' for name in self._changing)
        where = " AND ".join(f'"{name}" = ?' for name in self._keys)
        self.sqlite = f'UPDATE "{self.table}" SET {changes} WHERE {where}'  # noqa: S608 - ours

    def text(self, first: int = 1) -> str:
        """Return it for PostgreSQL."""
        changes = ", ".join(f'"{name}" = new."{name}"' for name in self._changing)
        where = " AND ".join(f'old."{name}" = new."{name}"' for name in self._keys)
        return (
            f'UPDATE "{self.table}" AS old SET {changes} '  # noqa: S608 - names of ours
            f"FROM {self._unnest(first)} AS new({self._names}) WHERE {where}"
        )


@lru_cache(maxsize=256)
def insert(table: sa.Table, *, skip_existing: bool) -> Insert:
    """Return the INSERT into a table."""
    return Insert(table, skip_existing=skip_existing)


@lru_cache(maxsize=256)
def update(table: sa.Table, only: tuple[str, ...]) -> Update:
    """Return the UPDATE of the columns `only`, of all where it is empty."""
    return Update(table, only)


@lru_cache(maxsize=256)
def together(writes: tuple[Write, ...]) -> str:
    """Return writes to different tables as one statement of PostgreSQL."""
    parts, first = [], 1
    for write in writes:
        parts.append(write.text(first))
        first += write.size
    *others, last = parts
    named = ", ".join(f"write_{n} AS ({text})" for n, text in enumerate(others))
    return f"WITH {named} {last}" if others else last
