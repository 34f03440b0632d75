"""What tables are made of. Each domain's `store.py` declares its own; alembic reads them all here.

Column conventions: `key` is the natural key as one text ("NL-IWT/0190..."), `..._us` an instant
(`Micros`), `..._mwh` energy, `..._e4` an amount, `..._json` a JSON text.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ColumnElement

metadata = sa.MetaData(
    naming_convention={"pk": "pk_%(table_name)s", "ix": "ix_%(table_name)s_%(column_0_N_name)s"}
)

R = TypeVar("R", bound=msgspec.Struct)


def text(name: str, *, key: bool = False, default: str | None = None) -> sa.Column[str]:
    """Return a text column that is never null; the empty string means absent."""
    return sa.Column(name, sa.Text, primary_key=key, nullable=False, server_default=default)


def integer(name: str, *, key: bool = False, default: str | None = None) -> sa.Column[int]:
    """Return a column of 64 bits that is never null."""
    return sa.Column(
        name,
        sa.BigInteger,
        primary_key=key,
        nullable=False,
        autoincrement=False,
        server_default=default,
    )


def optional_integer(name: str) -> sa.Column[int]:
    """Return a column of 64 bits in which null means unknown."""
    return sa.Column(name, sa.BigInteger, nullable=True)


def boolean(name: str) -> sa.Column[bool]:
    """Return a truth value that is never null."""
    return sa.Column(name, sa.Boolean, nullable=False)


def binary(name: str) -> sa.Column[bytes]:
    """Return bytes that are never null."""
    return sa.Column(name, sa.LargeBinary, nullable=False)


class Mapped(Generic[R]):
    """A table and the struct that is one row of it: same fields, same order."""

    def __init__(self, name: str, row: type[R], *columns: Any) -> None:
        self.table = sa.Table(name, metadata, *columns)
        self.row = row
        found = [column.name for column in self.table.columns]
        if found != list(row.__struct_fields__):
            raise TypeError(f"{row.__name__} and table {name} differ: {found}")
        self._truths = [
            n for n, c in enumerate(self.table.columns) if isinstance(c.type, sa.Boolean)
        ]

    @property
    def c(self) -> sa.ColumnCollection[str, sa.Column[Any]]:
        """The columns."""
        columns: sa.ColumnCollection[str, sa.Column[Any]] = self.table.c
        return columns

    def select(self) -> sa.Select[Any]:
        """Return a statement that reads whole rows."""
        return sa.select(self.table)

    def rows(self, found: list[tuple[Any, ...]]) -> list[R]:
        """Make rows of what `select` found. SQLite has no truth values: it gives 0 and 1."""
        if not self._truths:
            return [self.row(*values) for values in found]
        made = []
        for values in found:
            mended = list(values)
            for n in self._truths:
                mended[n] = bool(mended[n])
            made.append(self.row(*mended))
        return made


def constant(value: str) -> sa.BindParameter[str]:
    """Return a value that is written into the statement: a partial index is found by no other."""
    return sa.literal(value, sa.Text, literal_execute=True)


class any_of(ColumnElement[bool]):  # noqa: N801 - reads as the SQL it makes
    """`column` equals one of the values of the list parameter `name`."""

    inherit_cache = False
    _is_implicitly_boolean = True  # a comparison: written `... = 1` it would use no index
    type = sa.Boolean()

    def __init__(self, column: ColumnElement[Any], name: str) -> None:
        self.column = column
        self.name = name
        self.parameter = sa.bindparam(name, type_=sa.Text, required=False)


@compiles(any_of, "sqlite")
def _any_of_sqlite(element: any_of, compiler: SQLCompiler, **options: Any) -> str:
    column = compiler.process(element.column, **options)
    array = compiler.process(element.parameter, **options)
    return f"{column} IN (SELECT value FROM json_each({array}))"  # noqa: S608 - names of ours


@compiles(any_of, "postgresql")
def _any_of_postgresql(element: any_of, compiler: SQLCompiler, **options: Any) -> str:
    column = compiler.process(element.column, **options)
    element_type = sa.BigInteger if isinstance(element.column.type, sa.BigInteger) else sa.Text
    array = sa.bindparam(element.name, type_=ARRAY(element_type), required=False)
    return f"{column} = ANY ({compiler.process(array, **options)})"
