"""The JSON schemas of the protocol, loaded from the `ocpp` distribution at run time."""

import json
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from typing import Any, Protocol

import jsonschema_rs


class Violation(Protocol):
    """One place where a payload departs from its schema."""

    @property
    def instance_path(self) -> list[str | int]:
        """Where in the payload."""
        ...

    @property
    def schema_path(self) -> list[str | int]:
        """Where in the schema."""
        ...

    @property
    def kind(self) -> Any:
        """Which rule, with its values."""
        ...


class Schema:
    """The schema of one message."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._validator = jsonschema_rs.validator_for(dict(document))

    def accepts(self, payload: object) -> bool:
        """Whether the payload fits, strictly."""
        return self._validator.is_valid(payload)

    def violations(self, payload: object) -> Iterator[Violation]:
        """Every place where it does not."""
        return iter(self._validator.iter_errors(payload))

    def requires(self, schema_path: list[str | int]) -> bool:
        """Whether the property that a rule is about may not be left out."""
        node: Any = self._document
        owner: Any = None
        name: str | int = ""
        steps = iter(schema_path[:-1])
        for step in steps:
            if step == "properties":
                owner, name = node, next(steps, "")
                node = node["properties"][name]
            else:
                node = node[step]
        return owner is None or name in owner.get("required", ())


def load(folder: str, actions: Iterable[str], *, suffix: str) -> Mapping[str, Schema]:
    """Load the schemas of a version, e.g. ("v16", {"Heartbeat"}, suffix="Response"), by action."""
    directory = resources.files("ocpp") / folder / "schemas"
    return {
        action: Schema(
            json.loads((directory / f"{action}{suffix}.json").read_text(encoding="utf-8-sig"))
        )
        for action in actions
    }
