"""Derived request ids."""

import uuid
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from gateways.common import request_ids

PARTS = st.lists(st.none() | st.text() | st.binary() | st.integers(), max_size=4)


def test_the_id_is_a_uuid_that_never_changes() -> None:
    derived = request_ids.derive("CP1", 7, None, datetime(2026, 1, 2, tzinfo=UTC))
    assert uuid.UUID(derived).version == 8
    assert derived == "4368f90b-7357-896c-bc42-d727ba9b2b50"


@given(PARTS, PARTS)
def test_equal_keys_and_only_equal_keys_give_equal_ids(a: list[str], b: list[str]) -> None:
    same = [(type(x), x) for x in a] == [(type(x), x) for x in b]
    assert (request_ids.derive(*a) == request_ids.derive(*b)) == same


def test_fresh_ids_differ() -> None:
    assert request_ids.fresh() != request_ids.fresh()


@given(PARTS, PARTS, st.integers(0, 2**48 - 1), st.integers(0, 2**48 - 1))
def test_ids_with_a_time_sort_by_it(a: list[str], b: list[str], first: int, second: int) -> None:
    one, other = request_ids.derive_at(first, *a), request_ids.derive_at(second, *b)
    assert uuid.UUID(one).version == 8
    assert (one == other) == (
        (first, [(type(x), x) for x in a]) == (second, [(type(x), x) for x in b])
    )
    if first != second:
        assert (one < other) == (first < second)


def test_a_clock_before_1970_gives_an_id_too() -> None:
    assert uuid.UUID(request_ids.derive_at(-1, "CP1")).version == 8
