"""Every reason of the catalogue has its row, and no fault of ours is told in detail."""

import pytest
from interwatt.common.v1 import error_reason_pb2 as reasons
from interwatt.common.v1.error_reason_pb2 import ErrorReason

from gateways.common.errors import EngineError, EngineUnavailable
from gateways.ocpi import status


def test_the_table_has_every_reason() -> None:
    assert set(status.BY_REASON) == set(ErrorReason.values())


def test_a_refused_tariff_is_answered_with_the_json_path() -> None:
    error = EngineError(
        reasons.ERROR_REASON_TARIFF_INVALID, "A price is missing.", {"path": "$.elements[0]"}
    )
    told = status.of_engine(error)
    assert (told.http, told.code) == (200, 2001)
    assert told.message == "A price is missing. ($.elements[0])"


@pytest.mark.parametrize(
    "reason", [reasons.ERROR_REASON_PERMISSION_DENIED, reasons.ERROR_REASON_UNAUTHENTICATED]
)
def test_our_own_trouble_stays_ours(reason: ErrorReason) -> None:
    told = status.of_engine(EngineError(reason, "key sha256:abc is unknown"))
    assert (told.http, told.code) == (500, 3000)
    assert "sha256" not in told.message


def test_an_engine_that_is_away_is_503_with_a_time_to_come_back() -> None:
    told = status.of_unavailable(EngineUnavailable("connect refused", retry_after=2.4))
    assert (told.http, told.code) == (503, 3000)
    assert told.headers == {"Retry-After": "2"}
