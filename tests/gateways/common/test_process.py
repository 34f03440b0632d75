"""The life of a process."""

import asyncio
import json
import os
import signal

import pytest

from gateways.common import process


def test_it_ends_when_told_and_says_that_it_serves(capsys: pytest.CaptureFixture[str]) -> None:
    async def main(stopping: asyncio.Event) -> None:
        process.announce_ready(listen="127.0.0.1:1")
        os.kill(os.getpid(), signal.SIGTERM)
        await stopping.wait()

    assert process.run(main, name="test") == 0
    assert json.loads(capsys.readouterr().out) == {"event": "ready", "listen": "127.0.0.1:1"}


def test_a_second_signal_ends_it_at_once() -> None:
    async def main(stopping: asyncio.Event) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        await stopping.wait()
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.Event().wait()

    assert process.run(main, name="test") == 128 + signal.SIGINT


def test_bad_input_is_one_line_and_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    async def main(_stopping: asyncio.Event) -> None:
        raise process.BadInput("No such thing.")

    assert process.run(main, name="test") == 2
    assert capsys.readouterr().err == "test: No such thing.\n"
