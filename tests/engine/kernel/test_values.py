"""What all domains share: instants, ids, amounts, parties, pages."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.kernel.clock import from_datetime, from_rfc3339, to_datetime, to_rfc3339
from engine.kernel.errors import InvalidArgument, PageTokenInvalid
from engine.kernel.ids import RandomIds, natural_id
from engine.kernel.money import amount_e4, decimal_text, kwh_text
from engine.kernel.paging import DEFAULT_PAGE, MAX_PAGE, make_page, page_size, read_cursor
from engine.kernel.party import parse_party, party_key, split_party

FIRST = from_datetime(datetime(1, 1, 1, tzinfo=UTC))
LAST = from_datetime(datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC))


@given(st.integers(FIRST, LAST))
def test_instant_is_written_and_read_exactly(at: int) -> None:
    assert from_rfc3339(to_rfc3339(at)) == at == from_datetime(to_datetime(at))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2026-11-22T00:30:00Z", "2026-11-22T00:30:00Z"),
        ("2026-11-22T01:30:00+01:00", "2026-11-22T00:30:00Z"),
        ("2026-11-22T00:30:00", "2026-11-22T00:30:00Z"),
        ("2026-11-22T00:30:00.120Z", "2026-11-22T00:30:00.12Z"),
        ("0900-01-02T03:04:05Z", "0900-01-02T03:04:05Z"),
    ],
)
def test_instant_is_written_as_ocpi_does(text: str, written: str) -> None:
    assert to_rfc3339(from_rfc3339(text)) == written


def test_ids_grow_and_never_repeat() -> None:
    ids = [RandomIds().new() for _ in range(1_000)]
    assert len(set(ids)) == 1_000
    assert [id_[:8] for id_ in ids] == sorted(id_[:8] for id_ in ids)
    assert len(RandomIds().secret()) == 43


def test_natural_id_tells_where_parts_end() -> None:
    assert natural_id("a", "bc") == natural_id("a", "bc") != natural_id("ab", "c")


@given(st.decimals(-(10**9), 10**9, places=4))
def test_amount_with_four_places_is_exact(value: Decimal) -> None:
    assert Decimal(decimal_text(amount_e4(value))) == value


@pytest.mark.parametrize(("text", "e4"), [("0.00005", 1), ("-0.00005", -1), ("0.00004", 0)])
def test_amount_is_rounded_half_away_from_zero(text: str, e4: int) -> None:
    assert amount_e4(text) == e4


@given(st.integers(-(10**15), 10**15))
def test_energy_is_written_exactly(mwh: int) -> None:
    assert Decimal(kwh_text(mwh)) * 1_000_000 == mwh


def test_party_is_compared_without_case() -> None:
    assert parse_party("nl-iwt") == party_key("NL", "IWT") == "NL-IWT"
    assert split_party(parse_party("nl-iwt")) == ("NL", "IWT")


@pytest.mark.parametrize(
    "text", ["", "NL", "NLIWT", "N-IWT", "NL-IW", "NL-IWTX", "NL-I\n1", "ÑL-IWT"]
)
def test_what_is_no_party_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Expected a country code"):
        parse_party(text)


def test_page_size_has_a_default_and_a_limit() -> None:
    assert [page_size(asked) for asked in (0, 1, MAX_PAGE)] == [DEFAULT_PAGE, 1, MAX_PAGE]
    with pytest.raises(InvalidArgument):
        page_size(MAX_PAGE + 1)


def test_page_token_is_of_its_list() -> None:
    token = make_page([1, 2, 3], size=2, key=lambda n: [n, str(n)], total=9).next_token
    cursor = read_cursor(token, int, str)
    assert cursor is not None
    assert (cursor.key, cursor.total) == ([2, "2"], 9)
    for shape in ((str,), (str, int), (int, str, str), ()):
        with pytest.raises(PageTokenInvalid):
            read_cursor(token, *shape)


def test_last_page_has_no_token() -> None:
    assert make_page([1, 2], size=2, key=lambda n: [n]).next_token == ""
    assert read_cursor("", str) is None
