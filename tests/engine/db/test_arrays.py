"""Array literals are what PostgreSQL reads back, whatever is in them."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.db import arrays

pytestmark = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
COLUMNS = st.one_of(
    st.tuples(st.just("text"), st.just(arrays.texts), st.lists(TEXTS)),
    st.tuples(
        st.just("bigint"),
        st.just(arrays.integers),
        st.lists(st.none() | st.integers(-(2**63), 2**63 - 1)),
    ),
    st.tuples(st.just("boolean"), st.just(arrays.truths), st.lists(st.booleans())),
)


@pytest.mark.parametrize(
    "values", [[], [""], ["", ""], ['"'], ["\\"], ["NULL"], ["{}", ","], [' "a" '], ["\n\t"]]
)
async def test_odd_texts(empty_url: str, values: list[str]) -> None:
    connection = await asyncpg.connect(empty_url)
    assert await connection.fetchval("SELECT $1::text::text[]", arrays.texts(values)) == values
    await connection.close()


async def test_any_values(empty_url: str) -> None:
    connection = await asyncpg.connect(empty_url)
    found: list[tuple[str, str, list[Any]]] = []

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(COLUMNS)
    def collect(column: tuple[str, arrays.Writer, list[Any]]) -> None:
        kind, write, values = column
        found.append((kind, write(values), values))

    collect()
    for kind, literal, values in found:
        assert await connection.fetchval(f"SELECT $1::text::{kind}[]", literal) == values
    await connection.close()
