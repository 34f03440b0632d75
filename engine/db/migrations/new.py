"""Write the next revision: `python -m engine.db.migrations.new "Add the hash of a CDR"`.

Compares the tables in the code with the schema that the present revisions make, and writes what is
missing to `versions/`. Read it before it is committed: seeds, triggers and renames are not found.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import pkgutil
import re
import sys
import tempfile
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

import engine
from engine.db.migrate import configuration, upgrade

_TABLE_MODULES = re.compile(r"engine\.db\.\w+|engine\.\w+\.(\w+_)?(store|tables)")


def load_tables() -> None:
    """Import every module that declares tables: those of `engine.db` and each domain's stores."""
    for module in pkgutil.walk_packages(engine.__path__, "engine."):
        if _TABLE_MODULES.fullmatch(module.name):
            importlib.import_module(module.name)


def write(message: str) -> Path:
    """Write the next revision; returns its file."""
    load_tables()
    number = len(list(ScriptDirectory.from_config(configuration()).walk_revisions())) + 1
    with tempfile.TemporaryDirectory() as scratch:
        url = f"sqlite:///{scratch}/present.db"
        asyncio.run(upgrade(url))
        present = sa.create_engine(url)
        with present.connect() as connection:
            made = command.revision(
                configuration(connection=connection),
                message,
                autogenerate=True,
                rev_id=f"{number:04d}",
            )
        present.dispose()
    assert made is not None
    assert not isinstance(made, list)
    return Path(made.path)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("message", help='what changes, e.g. "Add the hash of a CDR"')
    print(write(parser.parse_args().message))
    return 0


if __name__ == "__main__":
    sys.exit(main())
