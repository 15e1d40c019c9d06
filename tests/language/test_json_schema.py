"""The JSON Schema for editors: it is one, shipped versions fit it, and slips do not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from kaocheng.host import Host
from kaocheng.language.json_schema import version_schema
from kaocheng.syntax import Mapping, Node, Sequence, read

VERSIONS = sorted(
    path for folder in Host.discover().rulesets.values() for path in folder.glob("versions/*.yaml")
)


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """The schema with the sections of the library."""
    return version_schema(Host.discover().sections())


def plain(node: Node) -> Any:  # noqa: ANN401 - whatever YAML holds
    """A version as an editor's YAML reader sees it, with truth values and whole numbers."""
    if isinstance(node, Mapping):
        return {entry.key.text: plain(entry.value) for entry in node.entries}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    words = {"true": True, "false": False}
    if node.text in words:
        return words[node.text]
    return int(node.text) if node.text.isdigit() else node.text


def test_it_is_a_schema(schema: dict[str, Any]) -> None:
    """It is a JSON Schema of the draft that it names."""
    jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize(
    "path", VERSIONS, ids=lambda path: f"{path.parent.parent.name}-{path.stem}"
)
def test_shipped_versions_fit(path: Path, schema: dict[str, Any]) -> None:
    """Every shipped version is one by the schema."""
    root = read(path).root
    assert root is not None
    errors = [
        error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(plain(root))
    ]

    assert [] == errors


@pytest.mark.parametrize(
    "slip",
    [
        {"deadline": []},
        {"deadlines": [{"id": "notice", "whithin": "3 days"}]},
        {"points": [{"id": "Bonus"}]},
        {"decisions": [{"id": "best", "choose": {"exactly": -1}}]},
        {"kinds": {"report": {"dated": "yes"}}},
    ],
    ids=["section", "key", "name", "number", "flag"],
)
def test_slips_do_not_fit(slip: dict[str, Any], schema: dict[str, Any]) -> None:
    """A key that nobody knows and a value of another shape are marked in the editor."""
    head = {"kaocheng": 1, "ruleset": "r", "version": "1", "effective": {"from": "open"}}
    validator = jsonschema.Draft202012Validator(schema)

    assert validator.is_valid(head)
    assert not validator.is_valid({**head, **slip})


@pytest.mark.parametrize(("lang", "expected"), [("en", "when it is in force"), ("zh", "施行时间")])
def test_descriptions_are_in_the_language(
    lang: str, expected: str, cli: Callable[..., Any]
) -> None:
    """What a key means is said in the language that was asked for."""
    printed = json.loads(cli("schema", "--lang", lang).out)

    assert expected == printed["properties"]["effective"]["description"]
