"""Handshake, security and the life of connections, from outside."""

import asyncio
import logging

import pytest
from interwatt.commands.v1.command_pb2 import Command, StationCall
from websockets.exceptions import InvalidStatus

from gateways.ocpp.admission import Admission, Admitted, Turned, Visitor
from tests.gateways.ocpp.bench import PASSWORD, Bench


async def test_the_clients_first_subprotocol_that_we_speak_is_taken(bench: Bench) -> None:
    for offered in (("ocpp2.1", "ocpp2.0.1", "ocpp1.6"), ("ocpp1.6", "ocpp2.1")):
        async with bench.dial(subprotocols=offered) as wire:
            assert wire.socket.subprotocol == "ocpp1.6"
            assert await wire.lives()


@pytest.mark.parametrize("offered", [("ocpp1.5",), ("foo",)])
async def test_no_common_subprotocol_completes_the_handshake_and_closes(
    bench: Bench, offered: tuple[str, ...]
) -> None:
    async with bench.dial(subprotocols=offered) as wire:
        assert wire.socket.response is not None
        assert wire.socket.response.status_code == 101
        assert wire.socket.subprotocol is None
        assert await wire.close_code() == 1002
    assert bench.engine.stations["CP1"].station.generation == 0


async def test_no_subprotocol_header_is_closed_unless_the_station_may(bench: Bench) -> None:
    bench.engine.add_station("OLD", subprotocol_optional=True)
    async with bench.dial(subprotocols=None) as wire:
        assert await wire.close_code() == 1002
    async with bench.dial("OLD", subprotocols=None) as wire:
        assert await wire.lives()


async def refused_status(bench: Bench, path: str, **options: object) -> int:
    with pytest.raises(InvalidStatus) as caught:
        async with bench.dial(path, **options):  # type: ignore[arg-type]
            pass
    return caught.value.response.status_code


@pytest.mark.parametrize("path", ["nobody", "%zz", "x" * 49, "a%3Ab", "a/b", "%ff", "a%0Ab"])
async def test_an_identity_that_is_no_station_is_404(bench: Bench, path: str) -> None:
    assert await refused_status(bench, path) == 404


async def test_no_station_is_404_whatever_else_is_wrong(bench: Bench) -> None:
    assert await refused_status(bench, "nobody", user="CP1", password=PASSWORD) == 404
    bearer = {"Authorization": "Bearer x"}
    assert await refused_status(bench, "nobody", additional_headers=bearer) == 404


async def test_the_identity_is_decoded_once(bench: Bench) -> None:
    for path, identity in [("RDAM%7C123", "RDAM|123"), ("RDAM%20123", "RDAM 123")]:
        bench.engine.add_station(identity)
        async with bench.dial(path) as wire:
            assert await wire.lives()


async def test_wrong_missing_or_foreign_credentials_are_401(bench: Bench) -> None:
    bench.engine.add_station("SAFE", security_profile=1)
    assert await refused_status(bench, "SAFE", password=b"wrong") == 401
    assert await refused_status(bench, "SAFE") == 401
    assert await refused_status(bench, "SAFE", user="CP1", password=PASSWORD) == 401
    for header in ("Basic %%%", "Bearer x", "Basic", "Basic bm9jb2xvbg=="):
        assert (
            await refused_status(bench, "SAFE", additional_headers={"Authorization": header}) == 401
        )
    async with bench.dial("SAFE", password=PASSWORD) as wire:
        assert await wire.lives()


async def test_a_key_is_taken_decoded_and_as_its_digits(bench: Bench) -> None:
    digits = b"00FF" * 10
    bench.engine.add_station("HEX", password=digits, security_profile=1)
    for password in (bytes.fromhex(digits.decode()), digits):
        async with bench.dial("HEX", password=password) as wire:
            assert await wire.lives()
    assert await refused_status(bench, "HEX", password=b"\xff\xfe" * 8) == 401


async def test_an_engine_that_is_away_is_503(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateways.ocpp.engine_calls.HANDSHAKE_TIMEOUT", 0.05)
    await bench.engine.stop()
    assert await refused_status(bench, "CP1") == 503


async def test_a_station_that_stops_waiting_is_let_go_quietly(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    gone = asyncio.Event()
    check = Admission.check

    async def check_late(admission: Admission, visitor: Visitor) -> Admitted | Turned:
        await gone.wait()
        return await check(admission, visitor)

    monkeypatch.setattr(Admission, "check", check_late)
    with pytest.raises(TimeoutError):
        async with bench.dial(open_timeout=0.05):
            pass
    gone.set()
    async with bench.dial() as wire:
        assert await wire.lives()
    assert [record for record in caplog.records if record.exc_info] == []


async def test_many_refusals_are_slowed_for_their_address_alone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("gateways.ocpp.admission.REFUSAL_DELAY", 0.001)
    monkeypatch.setattr("gateways.ocpp.admission.FREE_REFUSALS", 3)
    real = asyncio.sleep

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await real(0)

    monkeypatch.setattr("gateways.ocpp.admission.asyncio.sleep", sleep)
    for _ in range(5):
        assert await refused_status(bench, "nobody") == 404
    assert slept.count(0.001) == 2


async def test_plain_http_is_told_to_upgrade(bench: Bench) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", bench.port)
    writer.write(b"GET /ocpp/CP1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert answer.startswith(b"HTTP/1.1 426 ")


async def test_a_newer_connection_serves_and_the_older_is_closed(bench: Bench) -> None:
    async with bench.dial() as older:
        assert await older.lives()
        async with bench.dial() as newer:
            assert await newer.lives()
            assert await older.close_code() == 1000
            result = asyncio.create_task(
                bench.engine.command(
                    Command(
                        id="c1",
                        channel="station/CP1",
                        station_call=StationCall(action="ClearCache"),
                    )
                )
            )
            call = await newer.receive()
            assert call[2] == "ClearCache"
            await newer.send([3, call[1], {"status": "Accepted"}])
            assert (await result).state == Command.STATE_DONE
            await bench.engine.until(lambda: bench.engine.count("DisconnectStations") == 1)
            assert bench.engine.stations["CP1"].station.online
    await bench.engine.until(lambda: not bench.engine.stations["CP1"].station.online)


async def test_deflate_is_negotiated_and_works(bench: Bench) -> None:
    async with bench.dial(compression="deflate") as wire:
        assert wire.socket.response is not None
        offered = wire.socket.response.headers["Sec-WebSocket-Extensions"]
        assert "permessage-deflate" in offered
        data = "x" * 65_000
        answer = await wire.ask([2, "1", "DataTransfer", {"vendorId": "v", "data": data}])
        assert answer == [3, "1", {"status": "UnknownVendorId"}]


async def test_a_frame_that_is_or_inflates_beyond_the_limit_closes_1009(bench: Bench) -> None:
    bench.engine.add_station("CP2")
    async with bench.dial("CP2") as other:
        for compression in (None, "deflate"):
            async with bench.dial(compression=compression) as wire:
                await wire.send("x" * (1024 * 1024 + 1))
                assert await wire.close_code() == 1009
        assert await other.lives()


async def test_binary_closes_1003(bench: Bench) -> None:
    async with bench.dial() as wire:
        await wire.socket.send(b"[2]")
        assert await wire.close_code() == 1003


async def test_text_that_is_no_utf8_closes_1007(bench: Bench) -> None:
    async with bench.dial() as wire:
        await wire.socket.send(b"\xff\xfe", text=True)
        assert await wire.close_code() == 1007


async def test_fragments_with_a_ping_between_are_one_message(bench: Bench) -> None:
    async with bench.dial(compression=None) as wire:
        text = '[2,"fragmented","Heartbeat",{}]'
        pong: list[object] = []

        async def pieces():  # type: ignore[no-untyped-def]
            for n in range(0, len(text), 10):
                yield text[n : n + 10]
                pong.append(await wire.socket.ping())

        await wire.socket.send(pieces())
        assert (await wire.receive())[:2] == [3, "fragmented"]
        await asyncio.gather(*pong)  # type: ignore[arg-type]


async def test_a_silent_station_is_given_up(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateways.ocpp.server.IDLE_HEARTBEATS", 0.05)
    bench.engine.add_station("MUTE", heartbeat_interval_seconds=1, ping_disabled=True)
    async with bench.dial("MUTE") as wire:
        assert await wire.close_code() == 1001
    await bench.engine.until(lambda: not bench.engine.stations["MUTE"].station.online)


async def test_stopping_closes_connections_with_service_restart(bench: Bench) -> None:
    async with bench.dial() as wire:
        assert await wire.lives()
        stopping = asyncio.create_task(bench.gateway.stop())
        assert await wire.close_code() == 1012
        await stopping
    assert not bench.engine.stations["CP1"].station.online


async def test_a_frame_log_hides_tokens_and_secrets(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger("websockets").setLevel(logging.WARNING)
    async with bench.dial() as wire:
        await wire.ask([2, "1", "Authorize", {"idTag": "SECRETCARD"}])
    shown = capsys.readouterr()
    assert "SECRETCARD" not in shown.out + shown.err
    assert "SE***" in shown.out + shown.err
