"""What the long mode calls a problem."""

from __future__ import annotations

from tests.crash.stations import not_once

STARTS = {"2026-01-01T16:15:00Z", "2026-01-02T16:15:00Z"}


def started(*starts: str) -> list[dict[str, str]]:
    return [{"start_date_time": start} for start in starts]


def test_one_of_each_is_no_problem() -> None:
    assert not_once("CDR", started(*STARTS), STARTS) == []


def test_lost_doubled_and_foreign_charges_are_named() -> None:
    found = started("2026-01-02T16:15:00Z", "2026-01-02T16:15:00Z", "2026-01-03T16:15:00Z")

    assert not_once("CDR", found, STARTS) == [
        "0 times CDR, for the charge of 2026-01-01T16:15:00Z",
        "2 times CDR, for the charge of 2026-01-02T16:15:00Z",
        "1 times CDR, for a charge of 2026-01-03T16:15:00Z that was not played",
    ]
