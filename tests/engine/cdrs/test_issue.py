"""A completed session is billed once, by the tariff that was sealed, or held for a person."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.cdrs import store
from engine.cdrs.billing import Sources, issued_id, make_cdr, profile
from engine.cdrs.issue import Issuer
from engine.cdrs.model import Cdr, CdrState, cdr_key
from engine.cdrs.pricing import bill
from engine.db.port import Database, Transaction
from engine.events import store as events
from engine.kernel.clock import Micros
from engine.sessions import store as sessions
from engine.sessions.model import (
    METER_START_SAMPLED,
    METER_START_UNKNOWN,
    METER_STOP_BELOW_SAMPLES,
    METER_STOP_FAR_BELOW_SAMPLES,
    METER_STOP_UNKNOWN,
    Session,
)
from engine.stations.model import StatusLogged
from engine.tariffs import store as tariffs
from engine.tariffs.model import SealedTariff
from engine.tariffs.pricing import Pricer
from tests.engine.cdrs.builders import STARTED
from tests.engine.cdrs.charges import (
    LOCATION,
    MINUTE,
    OURS,
    TARIFF_DOCUMENT,
    event_of,
    make_session,
    make_tariff,
    make_token,
    reading,
    status,
    store_charge,
)
from tests.engine.conftest import ManualClock

NOW = Micros(STARTED + 60 * MINUTE)


def sources(session: Session, **known: object) -> Sources:
    facts: dict[str, object] = {
        "readings": [],
        "statuses": [],
        "tariff": SealedTariff("NL-IWT/T1", 1, TARIFF_DOCUMENT, "2.2.1"),
        "location": LOCATION,
    }
    return Sources(session=session, **facts | known)  # type: ignore[arg-type]


def billed(found: Sources) -> Cdr:
    documents = [found.tariff.document] if found.tariff else []
    seen = profile(found)
    return make_cdr(found, seen, bill(Pricer(), seen, documents, "EUR"), NOW)


@pytest.fixture
async def database(database: Database, clock: ManualClock) -> Database:
    clock.advance((NOW - clock.now()) / 1_000_000)
    return database


async def issue(database: Database, *completed: Session) -> None:
    issuer = Issuer(database, Pricer())
    told = [event_of("session.completed", s.owner, s.id) for s in completed]

    async def prepare(tx: Transaction) -> list[Cdr]:
        return await issuer.prepare(tx, told)

    prepared = await database.read(prepare)

    async def work(tx: Transaction) -> None:
        await issuer.handle(tx, prepared)

    await database.write(work)


async def issued(database: Database, session: Session) -> Cdr | None:
    key = cdr_key(OURS, issued_id(session))

    async def read(tx: Transaction) -> dict[str, Cdr]:
        return await store.by_key(tx, [key])

    return (await database.read(read)).get(key)


async def kinds(database: Database) -> list[str]:
    async def read(tx: Transaction) -> list[str]:
        return [event.kind for event in await events.read_after(tx, 0, 1_000)]

    return [kind for kind in await database.read(read) if kind.startswith("cdr.")]


async def test_completed_session_is_billed_and_told(database: Database) -> None:
    session = make_session()
    await store_charge(
        database,
        session,
        readings=[reading(20, 11_000_000), reading(40, 21_000_000)],
        statuses=[status(0, "Charging"), status(40, "SuspendedEV"), status(49, "Finishing")],
    )
    await issue(database, session)
    cdr = await issued(database, session)
    assert cdr is not None
    assert (cdr.state, cdr.issued, cdr.partner_id, cdr.session_id) == (
        CdrState.ACCEPTED,
        True,
        "sun",
        "S-1",
    )
    assert (cdr.time_s, cdr.parking_s, cdr.energy_mwh) == (3_000, 600, 20_000_000)
    assert cdr.totals.energy is not None
    assert cdr.totals.parking is not None
    assert (cdr.totals.energy.excl_e4, cdr.totals.parking.excl_e4) == (100_000, 10_000)
    assert (cdr.totals.cost.excl_e4, cdr.totals.cost.incl_e4) == (110_000, 132_000)
    assert (cdr.location.address, cdr.location.evse_id, cdr.location.time_zone) == (
        "Stationsplein 1",
        "NL*IWT*E1",
        "Europe/Amsterdam",
    )
    assert cdr.token.authorization_reference == "REF-1"
    assert await kinds(database) == ["cdr.issued", "cdr.accepted"]


async def test_session_is_billed_once_however_often_it_completes(database: Database) -> None:
    session = make_session()
    await store_charge(database, session)
    await issue(database, session, session)
    first = await issued(database, session)
    await issue(database, session)
    assert await issued(database, session) == first
    assert await kinds(database) == ["cdr.issued", "cdr.accepted"]


async def test_refused_token_running_session_and_partners_station_are_not_billed(
    database: Database,
) -> None:
    refused = make_session(make_token(status="BLOCKED"), id="REFUSED")
    running = make_session(id="RUNNING", state="ACTIVE", ended_us=None)
    invalid = make_session(id="INVALID", state="INVALID")
    elsewhere = make_session(id="ELSEWHERE", at_our_station=False)
    await store_charge(database, refused)

    async def add(tx: Transaction) -> None:
        await sessions.add(tx, [running, invalid, elsewhere], "session.updated")

    await database.write(add)
    await issue(database, refused, running, invalid, elsewhere, make_session(id="UNKNOWN"))
    for session in (refused, running, invalid, elsewhere):
        assert await issued(database, session) is None


async def test_session_whose_price_is_unknown_is_held(database: Database) -> None:
    session = make_session(tariff_key="", tariff_version=0)
    await store_charge(database, session)
    await issue(database, session)
    cdr = await issued(database, session)
    assert cdr is not None
    assert cdr.state is CdrState.HELD
    assert [finding.code for finding in cdr.findings] == ["TARIFF_UNKNOWN"]
    assert await kinds(database) == ["cdr.held"]


async def test_sealed_version_prices_even_after_the_tariff_changed(database: Database) -> None:
    session = make_session()
    await store_charge(database, session)

    async def change(tx: Transaction) -> None:
        dearer = make_tariff(TARIFF_DOCUMENT.replace(b"0.50", b"9.99"))
        await tariffs.change(tx, [msgspec.structs.replace(dearer, version=2)])

    await database.write(change)
    await issue(database, session)
    cdr = await issued(database, session)
    assert cdr is not None
    assert cdr.totals.cost.excl_e4 == 100_000


def test_tariff_that_cannot_be_priced_holds() -> None:
    odd = SealedTariff("NL-IWT/T1", 1, b'{"id":"T1"}', "2.2.1")
    cdr = billed(sources(make_session(), tariff=odd))
    assert cdr.state is CdrState.HELD
    assert [finding.code for finding in cdr.findings] == ["PRICE_UNKNOWN"]


def test_register_far_below_its_samples_holds() -> None:
    flags = f'["{METER_STOP_BELOW_SAMPLES}","{METER_STOP_FAR_BELOW_SAMPLES}"]'
    cdr = billed(sources(make_session(flags_json=flags)))
    assert cdr.state is CdrState.HELD
    assert [finding.code for finding in cdr.findings] == ["METER_REVERSED"]


def test_prices_with_an_unknown_vat_in_them_hold() -> None:
    document = (
        b'{"country_code":"NL","party_id":"IWT","id":"T1","currency":"CAD","tax_included":"YES",'
        b'"elements":[{"price_components":[{"type":"ENERGY","price":0.5,"step_size":1}]}],'
        b'"last_updated":"2026-01-01T00:00:00Z"}'
    )
    cdr = billed(sources(make_session(), tariff=SealedTariff("NL-IWT/T1", 1, document, "2.3.0")))
    assert cdr.totals.cost.incl_e4 is not None
    assert cdr.state is CdrState.HELD
    assert [finding.code for finding in cdr.findings] == ["PRICE_UNKNOWN"]


@pytest.mark.parametrize("price", [b"9.99", b"99999999", b"9" * 20, b"9" * 40])
def test_price_beyond_reason_holds(price: bytes) -> None:
    dear = SealedTariff("NL-IWT/T1", 1, TARIFF_DOCUMENT.replace(b"0.50", price), "2.2.1")
    cdr = billed(sources(make_session(), tariff=dear))
    assert cdr.state is CdrState.HELD


def test_unknown_time_zone_holds_instead_of_stopping_the_follower() -> None:
    elsewhere = msgspec.structs.replace(LOCATION, time_zone="Nowhere/At-all")
    cdr = billed(sources(make_session(), location=elsewhere))
    assert cdr.state is CdrState.HELD


def test_register_that_ran_back_without_samples_holds() -> None:
    session = make_session(
        flags_json=f'["{METER_STOP_BELOW_SAMPLES}"]', energy_mwh=0, meter_stop_mwh=1_000_000
    )
    cdr = billed(sources(session))
    assert cdr.state is CdrState.HELD
    assert [finding.code for finding in cdr.findings] == ["METER_REVERSED"]


@pytest.mark.parametrize(
    ("flag", "energy_mwh", "state"),
    [
        (METER_START_UNKNOWN, 0, CdrState.HELD),
        (METER_START_SAMPLED, 20_000_000, CdrState.ACCEPTED),
        (METER_STOP_UNKNOWN, 20_000_000, CdrState.ACCEPTED),
        (METER_STOP_UNKNOWN, 0, CdrState.HELD),
    ],
)
def test_register_that_could_not_be_read_is_told_and_holds_where_nothing_stands_in(
    flag: str, energy_mwh: int, state: CdrState
) -> None:
    cdr = billed(sources(make_session(flags_json=f'["{flag}"]', energy_mwh=energy_mwh)))
    assert ([finding.code for finding in cdr.findings], cdr.state) == ([flag.upper()], state)


def test_energy_in_no_time_holds() -> None:
    cdr = billed(sources(make_session(ended_us=STARTED)))
    assert "TIME_ZERO" in {finding.code for finding in cdr.findings}
    assert cdr.state is CdrState.HELD


def test_energy_beyond_what_the_connector_gives_holds() -> None:
    cdr = billed(sources(make_session(energy_mwh=2_147_483_647_000)))
    assert cdr.state is CdrState.HELD
    assert "ENERGY_GT_POWER" in {finding.code for finding in cdr.findings}


@pytest.mark.parametrize(
    ("started", "code"), [(0, "TIME_EPOCH"), (STARTED + 73 * 8_766 * 60 * MINUTE, "TIME_FUTURE")]
)
def test_clock_of_the_station_that_is_wrong_holds(started: int, code: str) -> None:
    cdr = billed(sources(make_session(started_us=started, ended_us=started + 50 * MINUTE)))
    assert cdr.state is CdrState.HELD
    assert [finding.code for finding in cdr.findings] == [code]


def test_station_that_withholds_power_lets_the_charge_go_on() -> None:
    found = profile(
        sources(
            make_session(),
            statuses=[
                status(0, "Charging"),
                status(10, "SuspendedEVSE"),
                status(20, "SuspendedEV"),
                status(30, "Faulted"),
                status(40, "Charging"),
                status(60, "SuspendedEV"),
            ],
        )
    )
    assert [((s.at_us - STARTED) // MINUTE, s.charging) for s in found.states] == [
        (0, True),
        (20, False),
        (40, True),
    ]


minutes = st.integers(-5, 60)
names = st.sampled_from(["Charging", "SuspendedEV", "SuspendedEVSE", "Finishing", "Faulted"])


@given(
    st.lists(st.tuples(minutes, st.integers(0, 30_000_000)), max_size=6),
    st.lists(st.tuples(minutes, names), max_size=6),
)
def test_whatever_was_said_the_bill_adds_up(
    registers: list[tuple[int, int]], said: list[tuple[int, str]]
) -> None:
    statuses: list[StatusLogged] = [status(minute, name) for minute, name in sorted(said)]
    found = sources(
        make_session(),
        readings=[reading(minute, mwh) for minute, mwh in registers],
        statuses=statuses,
    )
    seen = profile(found)
    assert [p.register_mwh for p in seen.readings] == sorted(p.register_mwh for p in seen.readings)
    assert [s.at_us for s in seen.states] == sorted({s.at_us for s in seen.states})
    cdr = billed(found)
    assert cdr.state is CdrState.ACCEPTED
    volumes = [
        Decimal(dimension.volume)
        for period in cdr.charging_periods
        for dimension in period.dimensions
        if dimension.type == "ENERGY"
    ]
    assert abs(sum(volumes) * 1_000_000 - cdr.energy_mwh) <= len(volumes)
    assert 0 <= cdr.parking_s <= cdr.time_s == 3_000
