"""The credentials handshake when we begin it, with a first token that Sunrise gave us."""

from __future__ import annotations

import json

from tests.harness.operator import PARTNER_ID
from tests.harness.platform import Platform

FIRST_TOKEN = "sunrise-first-token"


def test_our_side_makes_the_handshake(strangers: Platform) -> None:
    url = strangers.partner.expect_registration(FIRST_TOKEN)

    arguments = ("--versions-url", url, "--token", FIRST_TOKEN, "--json")
    shown = strangers.cli.run("partner", "connect", PARTNER_ID, *arguments)

    assert json.loads(shown)["state"] == "REGISTERED"
    assert all(push["succeeded"] for push in strangers.partner.push())
    strangers.partner.pull()
    assert strangers.partner.state()["complaints"] == []


def test_partner_that_cannot_be_reached_is_told(strangers: Platform) -> None:
    arguments = ("--versions-url", "http://127.0.0.1:9/ocpi/versions", "--token", "any-token")

    done = strangers.cli.attempt("partner", "connect", "nobody", *arguments, "--wait", "3")

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "no gateway has made it yet" not in done.stderr
    assert "127.0.0.1:9" in done.stderr
