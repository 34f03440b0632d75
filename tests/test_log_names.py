"""Every line of the logs is named alike, so that one query finds an act in all processes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
NOUN_VERB = re.compile(r"[a-z_]+\.[a-z_]+")


def named(source: Path) -> Iterator[tuple[int, str]]:
    """Give the lines of a module that log under a fixed name, with the name."""
    for node in ast.walk(ast.parse(source.read_text())):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="log" | "_LOG"), attr=level),
                args=[ast.Constant(value=str(name)), *_],
            ) if level in LEVELS:
                yield node.lineno, name


@pytest.mark.parametrize("package", ["engine", "gateways/common", "gateways/ocpi", "gateways/ocpp"])
def test_a_log_line_is_named_noun_dot_verb(package: str) -> None:
    found = [
        (f"{source.relative_to(ROOT)}:{line}", name)
        for source in sorted((ROOT / package).rglob("*.py"))
        for line, name in named(source)
    ]
    assert [where for where in found if not NOUN_VERB.fullmatch(where[1])] == []
    assert found or package == "gateways/common"
