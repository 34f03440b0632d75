"""A token is read every way that partners write one."""

import base64

import pytest

from gateways.ocpi.auth import read_token

TOKEN = "ebf3b399-779f-4497-9b9d-ac6ad3cc44d2"


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "written",
    [
        base64_of(TOKEN),
        base64_of(TOKEN + "\n"),
        base64_of(TOKEN).rstrip("="),
        TOKEN,
    ],
)
def test_every_spelling_of_a_token_has_the_token_among_its_readings(written: str) -> None:
    assert TOKEN in read_token(written)


def test_what_decodes_to_no_text_is_read_as_it_stands() -> None:
    assert read_token("abcd") == ["abcd"]
