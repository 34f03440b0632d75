"""Steer the partner platform and see what it has seen, through its private port."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

WAIT_SECONDS = 20.0
_POLL_SECONDS = 0.05
_CALL_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class PartnerControl:
    """The private side of one running partner platform."""

    address: str

    def state(self) -> dict[str, Any]:
        """Return everything it remembers. Amounts are floats here: compare them after rounding."""
        return self._get("/state")

    def events(self, after: int, wait: float = 0.0) -> list[dict[str, Any]]:
        """Return what happened after an event, waiting a while for the first."""
        return self._get(f"/events?after={after}&wait={wait}")

    def cdr(self, cdr_id: str) -> bytes:
        """Return one CDR that it received or sent, as JSON with the numbers as written."""
        response = httpx.get(f"http://{self.address}/cdrs/{cdr_id}", timeout=_CALL_SECONDS)
        response.raise_for_status()
        return response.content

    def register(self, versions_url: str, token: str) -> None:
        """Have it register at a platform with the first token that was handed over."""
        self._post("/register", {"versions_url": versions_url, "token": token})

    def expect_registration(self, token: str) -> str:
        """Have it accept a first token; return its versions URL."""
        url: str = self._post("/first-token", {"token": token})["versions_url"]
        return url

    def push(self) -> list[dict[str, Any]]:
        """Have it push its cards, tariff and location."""
        return self._post("/push", {})

    def pull(self) -> None:
        """Have it read the locations and tariffs of the peer."""
        self._post("/pull", {})

    def start(self, *, location_id: str, evse_uid: str, uid: str) -> dict[str, Any]:
        """Have it ask for a charge of its driver at a station of the peer; return the answer."""
        body = {"location_id": location_id, "evse_uid": evse_uid, "uid": uid}
        return self._post("/start", body)

    def fail(self, module: str, mode: str, times: int | None = None) -> None:
        """Have calls of a module fail: "down", "hold", "error" or "lose_answer"."""
        self._post("/fail", {"module": module, "mode": mode, "times": times})

    def work(self, module: str = "*") -> None:
        """Have calls of a module work again."""
        self._post("/fail", {"module": module, "mode": None})

    def wait_for(
        self, what: str, holds: Callable[[dict[str, Any]], bool], seconds: float = WAIT_SECONDS
    ) -> dict[str, Any]:
        """Wait until its state fulfils a condition and return the state."""
        deadline = time.monotonic() + seconds
        while not holds(state := self.state()):
            if time.monotonic() > deadline:
                raise AssertionError(f"Sunrise did not see {what} in {seconds:g} s.")
            time.sleep(_POLL_SECONDS)
        return state

    def _get(self, path: str) -> Any:
        return self._checked(httpx.get(f"http://{self.address}{path}", timeout=_CALL_SECONDS))

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        url = f"http://{self.address}{path}"
        return self._checked(httpx.post(url, json=body, timeout=_CALL_SECONDS))

    def _checked(self, response: httpx.Response) -> Any:
        if response.is_error:
            raise AssertionError(f"Sunrise: {response.text}")
        return response.json()
