"""Decisions about tokens: by the whitelist, by the issuer, by a remote start."""

from __future__ import annotations

import asyncio

import pytest

from engine.commands.model import Action, Command, Result, State
from engine.db.port import Database
from engine.kernel.errors import NotFound, RequestIdReused
from engine.kernel.party import PartyKey
from engine.tokens.authorization import Next, choose, decide, unanswered
from engine.tokens.model import AuthMethod, Authorization, Status, Whitelist
from engine.tokens.service import Question
from tests.engine.conftest import ManualClock, OpenDatabase
from tests.engine.world import (
    PARTNER,
    STATION,
    World,
    asked,
    make_partner,
    make_token,
    partner_token,
)

ASK, OK, NO = Status.PENDING, Status.ACCEPTED, Status.BLOCKED
TABLE = [
    # whitelist, valid, issuer answers, decision, without an answer
    (Whitelist.ALWAYS, True, True, OK, OK),
    (Whitelist.ALWAYS, True, False, OK, OK),
    (Whitelist.ALWAYS, False, True, NO, NO),
    (Whitelist.ALWAYS, False, False, NO, NO),
    (Whitelist.ALLOWED, True, True, OK, OK),
    (Whitelist.ALLOWED, True, False, OK, OK),
    (Whitelist.ALLOWED, False, True, NO, NO),
    (Whitelist.ALLOWED, False, False, NO, NO),
    (Whitelist.ALLOWED_OFFLINE, True, True, ASK, OK),
    (Whitelist.ALLOWED_OFFLINE, True, False, OK, OK),
    (Whitelist.ALLOWED_OFFLINE, False, True, ASK, NO),
    (Whitelist.ALLOWED_OFFLINE, False, False, NO, NO),
    (Whitelist.NEVER, True, True, ASK, Status.NOT_ALLOWED),
    (Whitelist.NEVER, True, False, Status.NOT_ALLOWED, Status.NOT_ALLOWED),
    (Whitelist.NEVER, False, True, ASK, Status.NOT_ALLOWED),
    (Whitelist.NEVER, False, False, Status.NOT_ALLOWED, Status.NOT_ALLOWED),
]


@pytest.fixture
async def world(database: Database, clock: ManualClock) -> World:
    return await World(database, clock).furnish()


async def authorize(world: World, uid: str, **changes: str) -> Authorization:
    facts = {"type": "RFID", "station_id": STATION, "evse_uid": "E1", "location_id": "LOC1"}
    question = Question(uid=uid, **{"partner_id": ""} | facts | changes)
    [outcome] = await world.tokens.authorize([asked(question)])
    return outcome.value()


async def answer(world: World, command_id: str, *states: State, payload: str = "") -> None:
    """Let a gateway take the question and report what came back."""
    stream = world.commands.stream("ocpi", "partner/")
    taken: Command = await anext(stream)
    await stream.aclose()  # type: ignore[attr-defined]
    assert taken.id == command_id
    for state in states:
        await world.commands.report([asked(Result(command_id, state, payload=payload))])


class TestTheWhitelist:
    @pytest.mark.parametrize(("whitelist", "valid", "answers", "status", "alone"), TABLE)
    def test_decides_or_has_the_issuer_asked(
        self, whitelist: Whitelist, valid: bool, answers: bool, status: Status, alone: Status
    ) -> None:
        token = partner_token(whitelist=whitelist, valid=valid)
        verdict = decide(token, issuer_answers=answers)
        assert verdict.status == status
        assert (verdict.next is Next.ASK_ISSUER) == (status is ASK)
        assert unanswered(token) == alone

    @pytest.mark.parametrize("whitelist", Whitelist)
    @pytest.mark.parametrize("valid", [True, False])
    def test_of_a_token_of_ours_is_not_looked_at(self, whitelist: Whitelist, valid: bool) -> None:
        verdict = decide(make_token(whitelist=whitelist, valid=valid), issuer_answers=True)
        assert verdict.status == (OK if valid else NO)

    def test_nobodys_token_is_unknown(self) -> None:
        assert decide(None, issuer_answers=True).status == Status.UNKNOWN


def test_of_two_tokens_with_one_uid_the_type_presented_wins_then_ours() -> None:
    ours, theirs = make_token("X"), partner_token("X")
    app = partner_token("X", type="APP_USER")
    assert choose([app, theirs, ours], "RFID") == ours
    assert choose([app, theirs], "RFID") == theirs
    assert choose([ours, app], "APP_USER") == app
    assert choose([], "RFID") is None


class TestAuthorizing:
    async def test_case_does_not_matter_and_ours_has_a_reference(self, world: World) -> None:
        decision = await authorize(world, "card1")
        assert (decision.status, decision.auth_method) == (OK, AuthMethod.AUTH_REQUEST)
        assert 0 < len(decision.reference) <= 36

    async def test_unknown_is_an_answer(self, world: World) -> None:
        assert (await authorize(world, "NOBODY")).status == Status.UNKNOWN

    async def test_partner_asks_about_the_very_token_of_ours(self, world: World) -> None:
        assert (await authorize(world, "CARD1", partner_id=PARTNER, station_id="")).status == OK
        for uid, type_ in (("CARD1", "APP_USER"), ("SUN1", "RFID")):
            decision = await authorize(world, uid, partner_id=PARTNER, station_id="", type=type_)
            assert decision.status == Status.UNKNOWN

    async def test_same_request_is_replayed_and_asks_the_issuer_once(
        self, world: World, open_database: OpenDatabase
    ) -> None:
        await world.add_tokens(partner_token("ASK", whitelist="NEVER"))
        request = asked(Question("ASK", "RFID", STATION, "", "", ""))
        [first] = await world.tokens.authorize([request])
        again = World(await open_database(), world.clock, "restarted")
        [second] = await again.tokens.authorize([request])
        assert (second.replayed, second.value()) == (True, first.value())
        assert first.value().status == ASK
        assert len(await world.events("command.requested")) == 1
        [other] = await world.tokens.authorize(
            [asked(Question("CARD1", "RFID", STATION, "", "", ""), request.id)]
        )
        assert isinstance(other.result, RequestIdReused)

    async def test_issuer_that_does_not_answer_for_tokens_is_not_asked(self, world: World) -> None:
        await world.add_partners(make_partner("mute", PartyKey("FR-MUT"), modules=["cdrs"]))
        token = partner_token(
            "MUTE", owner=PartyKey("FR-MUT"), partner_id="mute", whitelist="ALLOWED_OFFLINE"
        )
        await world.add_tokens(token)
        decision = await authorize(world, "MUTE")
        assert (decision.status, decision.command_id) == (OK, "")


class TestAskingTheIssuer:
    @pytest.fixture
    async def pending(self, world: World) -> Authorization:
        await world.add_tokens(partner_token("ASK", whitelist="ALLOWED_OFFLINE"))
        decision = await authorize(world, "ask")
        command = await world.commands.get(decision.command_id)
        assert (decision.status, command.action) == (ASK, Action.ASK_ISSUER)
        assert command.details()["uid"] == "ASK"
        return decision

    @pytest.mark.parametrize(
        ("state", "payload", "status"),
        [
            (State.DONE, '{"allowed":"ALLOWED"}', OK),
            (State.DONE, '{"allowed":"BLOCKED"}', Status.BLOCKED),
            (State.DONE, '{"allowed":"EXPIRED"}', Status.EXPIRED),
            (State.DONE, '{"allowed":"NO_CREDIT"}', Status.NO_CREDIT),
            (State.DONE, '{"allowed":"PERHAPS"}', Status.NOT_ALLOWED),
            (State.DONE, "no JSON", Status.NOT_ALLOWED),
            (State.REFUSED, "", Status.UNKNOWN),
            (State.FAILED, "", OK),
        ],
    )
    async def test_its_answer_decides(
        self, world: World, pending: Authorization, state: State, payload: str, status: Status
    ) -> None:
        await answer(world, pending.command_id, state, payload=payload)
        decision = await world.tokens.wait_for_decision(pending.command_id, 5)
        assert decision.status == status
        assert len(await world.events("authorization.decided")) == 1

    async def test_its_reference_is_kept(self, world: World, pending: Authorization) -> None:
        payload = '{"allowed":"ALLOWED","authorization_reference":"r-1","info":"Hello"}'
        await answer(world, pending.command_id, State.DONE, payload=payload)
        decision = await world.tokens.wait_for_decision(pending.command_id, 5)
        assert (decision.reference, decision.info) == ("r-1", "Hello")

    async def test_no_answer_in_time_is_decided_by_the_whitelist(
        self, world: World, pending: Authorization
    ) -> None:
        decision = await world.tokens.wait_for_decision(pending.command_id, 0)
        assert (decision.status, decision.auth_method) == (OK, AuthMethod.WHITELIST)

    async def test_decision_once_made_stays(self, world: World, pending: Authorization) -> None:
        decided = await world.tokens.wait_for_decision(pending.command_id, 0)
        await answer(world, pending.command_id, State.DONE, payload='{"allowed":"BLOCKED"}')
        assert await world.tokens.wait_for_decision(pending.command_id, 5) == decided

    async def test_two_that_wait_at_two_engines_hear_the_same(
        self, world: World, open_database: OpenDatabase, pending: Authorization
    ) -> None:
        other = World(await open_database(), world.clock, "other")
        await answer(world, pending.command_id, State.DONE, payload='{"allowed":"BLOCKED"}')
        waits = [
            (world, other)[n % 2].tokens.wait_for_decision(pending.command_id, 0 if n < 5 else 5)
            for n in range(10)
        ]
        assert {decision.status for decision in await asyncio.gather(*waits)} == {Status.BLOCKED}
        assert len(await world.events("authorization.decided")) == 1

    async def test_timed_out_question_is_decided_by_the_whitelist(
        self, world: World, pending: Authorization
    ) -> None:
        world.clock.advance(9)
        sweep = asyncio.create_task(world.commands.expire_forever())
        decision = await world.tokens.wait_for_decision(pending.command_id, 30)
        sweep.cancel()
        assert decision.status == OK

    async def test_session_that_started_meanwhile_takes_the_answer(
        self, world: World, pending: Authorization
    ) -> None:
        session = (await world.start(token_uid="ASK")).session
        assert session.token().status == ASK
        await answer(world, pending.command_id, State.DONE, payload='{"allowed":"BLOCKED"}')
        await world.tokens.wait_for_decision(pending.command_id, 5)
        decided = await world.events("authorization.decided")
        await world.database.write(lambda tx: world.sessions.take_decisions(tx, decided))
        assert (await world.session(session.id)).token().status == Status.BLOCKED

    async def test_start_after_the_answer_needs_no_other(
        self, world: World, pending: Authorization
    ) -> None:
        await answer(world, pending.command_id, State.DONE, payload='{"allowed":"ALLOWED"}')
        started = await world.start(token_uid="ASK")
        assert started.session.token().status == OK
        assert len(await world.events("command.requested")) == 1

    async def test_command_that_asks_nothing_is_not_found(self, world: World) -> None:
        with pytest.raises(NotFound):
            await world.tokens.wait_for_decision("nothing", 0)


async def test_what_was_decided_at_the_station_holds_a_quarter_of_an_hour(world: World) -> None:
    await authorize(world, "CARD1")
    first = await world.start()
    world.clock.advance(15 * 60 + 1)
    second = await world.start(connector_number=2)
    assert first.authorization.id != second.authorization.id
    assert len({first.authorization.id, (await authorize(world, "CARD1")).id}) == 2
