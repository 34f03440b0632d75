"""Instants are UTC, whichever way a partner writes them."""

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from gateways.ocpi.times import Instant, NotAnInstant


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2015-06-29T20:39:09Z", "2015-06-29T20:39:09Z"),
        ("2015-06-29T20:39:09", "2015-06-29T20:39:09Z"),
        ("2015-06-29T20:39:09.5Z", "2015-06-29T20:39:09.500Z"),
        ("2015-06-29T20:39:09.123456789Z", "2015-06-29T20:39:09.123Z"),
        ("2015-06-29T22:39:09+02:00", "2015-06-29T20:39:09Z"),
    ],
)
def test_what_is_read_is_written_in_utc_within_25_characters(text: str, written: str) -> None:
    assert str(Instant.parse(text)) == written
    assert len(written) <= 25


@pytest.mark.parametrize("text", ["", "yesterday", "2015-06-29", "2015-13-01T00:00:00Z", "12"])
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(NotAnInstant):
        Instant.parse(text)


def test_an_instant_survives_the_contract() -> None:
    instant = Instant.parse("2015-06-29T20:39:09.123Z")
    assert Instant.from_proto(instant.to_proto()) == instant
    assert instant.to_proto() == Timestamp(seconds=1435610349, nanos=123_000_000)
