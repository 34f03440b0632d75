"""Business parties on the roaming network."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NewType

PartyKey = NewType("PartyKey", str)
"""A party as `"NL-IWT"`, upper case: OCPI compares both parts without regard to case."""

_PARTY = re.compile(r"[A-Z]{2}-[A-Z0-9]{3}")


class Role(StrEnum):
    """What a party does (OCPI 2.2.1, credentials, Role)."""

    CPO = "CPO"
    EMSP = "EMSP"
    HUB = "HUB"
    NSP = "NSP"
    OTHER = "OTHER"


def party_key(country_code: str, party_id: str) -> PartyKey:
    """Return the key of a party.

    Raises:
        ValueError: not two letters and three letters or digits.
    """
    key = f"{country_code}-{party_id}".upper()
    if not _PARTY.fullmatch(key):
        raise ValueError(
            f"Expected a country code of two letters and a party id of three letters or digits, "
            f"found {country_code!r} and {party_id!r}."
        )
    return PartyKey(key)


def parse_party(text: str) -> PartyKey:
    """Read `"NL-IWT"`.

    Raises:
        ValueError: it has another shape.
    """
    country_code, _, party_id = text.partition("-")
    return party_key(country_code, party_id)


def split_party(key: PartyKey) -> tuple[str, str]:
    """Return country code and party id."""
    return key[:2], key[3:]


def ci(text: str) -> str:
    """Return the form in which a CiString is compared and keyed."""
    return text.upper()
