"""Timestamps in the forms that stations send."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.ocpp import times

MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-02T03:04:05Z",
        "2026-01-02t03:04:05z",
        "2026-01-02T03:04:05.000Z",
        "2026-01-02T04:04:05+01:00",
        "2026-01-02T04:04:05+0100",
        "2026-01-02T02:34:05-00:30",
        "2026-01-02T03:04:05",
        "2026-01-02 03:04:05",
        " 2026-01-02T03:04:05 Z ",
        "20260102T030405Z",
        "2026-01-02T03:04:05,0Z",
    ],
)
def test_every_form_is_the_same_moment(text: str) -> None:
    assert times.try_parse(text) == MOMENT


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01T00:00:00Z", "12:00", "1e9"])
def test_what_is_no_timestamp_is_none(text: str) -> None:
    assert times.try_parse(text) is None


def test_a_leap_second_and_a_year_before_the_calendar_do_not_fail() -> None:
    assert times.parse("2016-12-31T23:59:60Z") == datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert times.parse("0000-01-01T00:00:00Z") == datetime(1970, 1, 1, tzinfo=UTC)
    assert times.parse("0001-01-01T00:00:00+23:00") == datetime(1970, 1, 1, tzinfo=UTC)


def test_what_we_write_is_utc_with_milliseconds() -> None:
    there = MOMENT.astimezone(timezone(timedelta(hours=5))).replace(microsecond=123_999)
    assert times.write(there) == "2026-01-02T03:04:05.123Z"


@given(st.datetimes(min_value=datetime(1970, 1, 2), timezones=st.just(UTC)))
def test_what_we_write_we_read(moment: datetime) -> None:
    assert times.parse(times.write(moment)) == moment.replace(
        microsecond=moment.microsecond // 1000 * 1000
    )
