"""Columns of rows as PostgreSQL reads them: array literals (PostgreSQL 18, 8.15.6).

A literal is one text. Given a list, the driver looks at each element to find out what it is, which
for a batch takes longer than the database does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa


def texts(values: Sequence[str]) -> str:
    """Write texts."""
    joined = '","'.join(values)
    if "\\" in joined or joined.count('"') != 2 * max(len(values) - 1, 0):
        joined = '","'.join(v.replace("\\", "\\\\").replace('"', '\\"') for v in values)
    return f'{{"{joined}"}}' if values else "{}"


def integers(values: Sequence[int | None]) -> str:
    """Write integers, of which some may be null."""
    return f"{{{','.join('NULL' if value is None else str(value) for value in values)}}}"


def truths(values: Sequence[bool]) -> str:
    """Write truth values."""
    return f"{{{','.join('t' if value else 'f' for value in values)}}}"


Writer = Callable[[Sequence[Any]], Any]

_BY_TYPE: tuple[tuple[type[Any], str, Writer], ...] = (
    (sa.Boolean, "text::boolean[]", truths),
    (sa.BigInteger, "text::bigint[]", integers),
    (sa.Integer, "text::integer[]", integers),
    (sa.LargeBinary, "bytea[]", list),
    (sa.Text, "text::text[]", texts),
)


def of(column: sa.Column[Any]) -> tuple[str, Writer]:
    """Return the type that a parameter for a column has in a statement, and what writes it."""
    return next((text, write) for kind, text, write in _BY_TYPE if isinstance(column.type, kind))
