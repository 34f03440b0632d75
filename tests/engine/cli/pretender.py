"""Pretends to be a process of the platform: `python -m tests.engine.cli.pretender HOW`.

`serve` says that it is ready and waits to be asked to end; `fail` logs a line and ends; `late` is
ready and then ends by itself.
"""

from __future__ import annotations

import json
import signal
import sys
import time


def main(how: str) -> int:
    print(f"pretender started to {how}", file=sys.stderr, flush=True)
    if how == "fail":
        return 3
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print("something that is not JSON", flush=True)
    print(json.dumps({"event": "ready", "listen": "127.0.0.1:1"}), flush=True)
    if how == "late":
        time.sleep(0.2)
        return 0
    signal.pause()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
