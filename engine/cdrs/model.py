"""CDRs as the engine knows them: values, states, and what makes two of them the same."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec

from engine.kernel.clock import Micros
from engine.kernel.errors import InvalidArgument, StateConflict
from engine.kernel.money import Price
from engine.kernel.outcome import require
from engine.kernel.party import PartyKey, ci
from engine.tariffs.model import Period


class CdrState(StrEnum):
    """How far a CDR has come."""

    RECEIVED = "RECEIVED"
    ACCEPTED = "ACCEPTED"
    HELD = "HELD"
    POSTED = "POSTED"


TRANSITIONS: Mapping[CdrState, frozenset[CdrState]] = {
    CdrState.RECEIVED: frozenset({CdrState.ACCEPTED, CdrState.HELD}),
    CdrState.HELD: frozenset({CdrState.ACCEPTED, CdrState.HELD}),
    CdrState.ACCEPTED: frozenset({CdrState.POSTED}),
    CdrState.POSTED: frozenset(),
}

MAX_ID = 39
MAX_ORIGINAL_ID = 36
"""Credit CDRs may be longer: the original's id and a suffix (OCPI 2.2.1, cdrs, 10.3.1)."""

MAX_AMOUNT_E4 = 10**15
"""A hundred thousand million units: far above any charge, far below what a balance can hold."""

MAX_ENERGY_MWH = 10**15
MAX_TIME_S = 10**10

_CURRENCY = re.compile(r"[A-Z]{3}")
_VOLUME = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")


class CdrToken(msgspec.Struct, frozen=True):
    """Who charged. `owner` is empty for a token nobody knows."""

    owner: str
    uid: str
    type: str
    contract_id: str
    auth_method: str
    authorization_reference: str = ""


class CdrLocation(msgspec.Struct, frozen=True):
    """The place of a charge, as it was when the charge started."""

    id: str = ""
    name: str = ""
    address: str = ""
    city: str = ""
    postal_code: str = ""
    country: str = ""
    latitude: str = ""
    longitude: str = ""
    evse_uid: str = ""
    evse_id: str = ""
    connector_id: str = ""
    connector_standard: str = ""
    connector_format: str = ""
    connector_power_type: str = ""
    time_zone: str = ""


class CdrFinding(msgspec.Struct, frozen=True):
    """Something odd about a CDR.

    Attributes:
        code: names the check, e.g. `"COST_TOTAL"`.
        blocking: whether it holds the CDR back.
    """

    code: str
    blocking: bool
    message: str
    observed: str = ""
    expected: str = ""


class Totals(msgspec.Struct, frozen=True):
    """What a charge costs, in all and by part; a part that is not said is absent."""

    cost: Price
    fixed: Price | None = None
    energy: Price | None = None
    time: Price | None = None
    parking: Price | None = None
    reservation: Price | None = None

    def parts(self) -> tuple[Price | None, ...]:
        return self.fixed, self.energy, self.time, self.parking, self.reservation


class Cdr(msgspec.Struct, frozen=True):
    """One billing record.

    Attributes:
        owner: the CPO.
        partner_id: the eMSP for a CDR of ours, the CPO for one we received; empty when both sides
            are ours.
        tariffs: those that apply, each an OCPI object in JSON.
        document: the OCPI object as the partner sent it; empty for ours.
        repriced: the total as we price it.
        correlation_id: follows one charge through all its events.
        content: hash of what it says; see `content_hash`.
        version: grows with each change of state.
        created_us: when it was stored.
    """

    owner: PartyKey
    id: str
    state: CdrState
    partner_id: str
    issued: bool
    session_id: str
    started_us: Micros
    ended_us: Micros
    token: CdrToken
    location: CdrLocation
    meter_id: str
    currency: str
    tariffs: tuple[str, ...]
    charging_periods: tuple[Period, ...]
    totals: Totals
    energy_mwh: int
    time_s: int
    parking_s: int
    credit: bool
    credit_reference_id: str
    last_updated_us: Micros
    document: str = ""
    findings: tuple[CdrFinding, ...] = ()
    repriced: Price | None = None
    correlation_id: str = ""
    content: bytes = b""
    version: int = 1
    created_us: Micros = Micros(0)

    @property
    def key(self) -> str:
        """The natural key as one text."""
        return cdr_key(self.owner, self.id)

    @property
    def blocked(self) -> bool:
        """Whether a finding holds it back."""
        return any(finding.blocking for finding in self.findings)

    @property
    def subject(self) -> str:
        """What events about it, and transfers for it, name."""
        return f"cdr/{self.owner}/{self.id}"


class TariffHead(msgspec.Struct, frozen=True):
    """What a tariff document says that can be read without pricing anything."""

    currency: str | None = None
    min_price: msgspec.Raw = msgspec.Raw(b"null")
    max_price: msgspec.Raw = msgspec.Raw(b"null")

    @property
    def limited(self) -> bool:
        """Whether the total may be moved by a minimum or maximum price."""
        return any(bytes(limit) != b"null" for limit in (self.min_price, self.max_price))


def tariff_head(tariff: str) -> TariffHead:
    """Read the head of a tariff; one that cannot be read says nothing."""
    try:
        return msgspec.json.decode(tariff, type=TariffHead)
    except msgspec.MsgspecError:
        return TariffHead()


def ci_equal(one: str, other: str) -> bool:
    """Compare as OCPI compares a CiString."""
    return ci(one) == ci(other)


def cdr_key(owner: PartyKey, id_: str) -> str:
    return f"{owner}/{ci(id_)}"


def check_new(cdr: Cdr) -> Cdr:
    """Check what must hold of any CDR before it is stored, and return it with its content hashed.

    Whether it is right is judged afterwards; this is only about what cannot be kept or posted.

    Raises:
        InvalidArgument: it does not hold.
    """
    longest = MAX_ID if cdr.credit else MAX_ORIGINAL_ID
    require(1 <= len(cdr.id) <= longest, "cdr.id", f"1 to {longest} characters")
    require(_CURRENCY.fullmatch(cdr.currency), "cdr.currency", "three letters A-Z")
    require(
        cdr.credit == bool(cdr.credit_reference_id),
        "cdr.credit_reference_id",
        "the id of the CDR that is credited, for a credit CDR and no other",
    )
    require(cdr.totals.cost.excl_e4 is not None, "cdr.total_cost", "an amount before VAT")
    for price in (cdr.totals.cost, *cdr.totals.parts()):
        for amount in (price.excl_e4, price.incl_e4) if price else ():
            require(
                amount is None or abs(amount) <= MAX_AMOUNT_E4,
                "cdr.total_cost",
                f"amounts of at most {MAX_AMOUNT_E4 // 10_000} units",
            )
    for limit, value in ((MAX_ENERGY_MWH, abs(cdr.energy_mwh)), (MAX_TIME_S, cdr.time_s)):
        require(value <= limit, "cdr", f"an energy or a time of at most {limit}")
    require(cdr.parking_s <= MAX_TIME_S, "cdr.total_parking_seconds", f"at most {MAX_TIME_S}")
    for period in cdr.charging_periods:
        for dimension in period.dimensions:
            require(
                _VOLUME.fullmatch(dimension.volume),
                "cdr.charging_periods.dimensions.volume",
                "a decimal number",
            )
    try:
        return msgspec.structs.replace(cdr, content=content_hash(cdr))
    except (msgspec.MsgspecError, RecursionError) as error:
        raise InvalidArgument(
            f"cdr.document: expected JSON that can be read: {error}.", field="cdr.document"
        ) from error


def check_acceptable(cdr: Cdr) -> None:
    """Check that a person may accept a CDR: it is held, and says who pays how much.

    Raises:
        StateConflict: it may not be accepted.
    """
    check_held(cdr)
    if not cdr.token.owner or cdr.totals.cost.excl_e4 is None:
        missing = "who pays" if not cdr.token.owner else "a total"
        remedy = "price it again" if cdr.issued else "ask its owner for another"
        raise StateConflict(
            f"CDR {cdr.id!r} does not say {missing}; {remedy}.",
            kind="cdr",
            id=cdr.id,
            state=cdr.state,
        )


def check_held(cdr: Cdr) -> None:
    """Check that a CDR waits for a person.

    Raises:
        StateConflict: it does not.
    """
    if cdr.state is not CdrState.HELD:
        raise StateConflict(
            f"CDR {cdr.id!r} is {cdr.state}; only a held one waits for a person.",
            kind="cdr",
            id=cdr.id,
            state=cdr.state,
        )


def moved(cdr: Cdr, to: CdrState, **changes: Any) -> Cdr:
    """Return `cdr` in the state `to`, one version on.

    Raises:
        StateConflict: `TRANSITIONS` does not allow it.
    """
    if to not in TRANSITIONS[cdr.state]:
        raise StateConflict(
            f"CDR {cdr.id!r} is {cdr.state} and cannot become {to}.",
            kind="cdr",
            id=cdr.id,
            state=cdr.state,
        )
    return msgspec.structs.replace(cdr, state=to, version=cdr.version + 1, **changes)


def content_hash(cdr: Cdr) -> bytes:
    """Return a hash of what a CDR says.

    Spelling does not matter: order of keys, zeros behind a number, members that are null. Nor does
    `last_updated`, which some platforms set when they send.
    """
    said: Any = _read(cdr.document) if cdr.document else _said(cdr)
    return hashlib.sha256(canonical(said).encode()).digest()


def _said(cdr: Cdr) -> dict[str, Any]:
    facts = msgspec.structs.replace(
        cdr,
        state=CdrState.RECEIVED,
        findings=(),
        repriced=None,
        correlation_id="",
        content=b"",
        version=1,
        created_us=Micros(0),
        tariffs=(),
        charging_periods=(),
        last_updated_us=Micros(0),
    )
    said: dict[str, Any] = msgspec.to_builtins(facts)
    said["tariffs"] = [_read(tariff) for tariff in cdr.tariffs]
    said["charging_periods"] = [
        [
            period.start_us,
            period.tariff_id,
            [[d.type, Decimal(d.volume)] for d in period.dimensions],
        ]
        for period in cdr.charging_periods
    ]
    return said


_DECODER = msgspec.json.Decoder(float_hook=Decimal)


def _read(document: str) -> Any:
    return _DECODER.decode(document)


def canonical(value: Any) -> str:
    """Write a JSON value the one way all its spellings share, without `last_updated` and nulls."""
    match value:
        case dict():
            members = (
                f"{canonical(name)}:{canonical(member)}"
                for name, member in sorted(value.items())
                if member is not None and name != "last_updated"
            )
            return "{" + ",".join(members) + "}"
        case list() | tuple():
            return "[" + ",".join(map(canonical, value)) + "]"
        case bool() | None | str():
            return msgspec.json.encode(value).decode()
        case _:
            return _canonical_number(Decimal(value))


def _canonical_number(value: Decimal) -> str:
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int), "JSON has no infinities"
    text = "".join(map(str, digits)).lstrip("0")
    kept = text.rstrip("0")
    if not kept:
        return "0"
    return f"{'-' if sign else ''}{kept}e{exponent + len(text) - len(kept)}"
