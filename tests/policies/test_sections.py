"""Every key of every section, in rulesets whose scenarios say what must come of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kaocheng import Host
from kaocheng.assessing import Evaluator
from kaocheng.diagnostics import Diagnostics
from kaocheng.language.ruleset import Ruleset
from kaocheng.language.shapes import Either, Key, Many, Named, Raw, Record, Shape
from kaocheng.scenarios import ScenarioRunner, read_scenarios, scenario_files
from kaocheng.syntax import Mapping, Scalar, Sequence, read
from kaocheng_policies import plugin

RULESETS = sorted((Path(__file__).parent / "rulesets").iterdir())
SECTIONS = {section.name: section for section in plugin.kaocheng_sections()}
# Said of every rule alike, or of versions that extend others: tested with the checker.
ELSEWHERE = {"replaces", "id"}


def load(folder: Path) -> Ruleset:
    """One of the rulesets, which checks without a word."""
    checked = Host.discover().check(str(folder))
    assert () == checked.diagnostics
    assert checked.ruleset is not None
    return checked.ruleset


@pytest.mark.parametrize("folder", RULESETS, ids=lambda path: path.name)
def test_every_scenario_passes(folder: Path, evaluator: Evaluator) -> None:
    """What the scenarios expect of each form comes out, in both evaluators."""
    ruleset, diagnostics = load(folder), Diagnostics()
    found = [s for p in scenario_files(ruleset) for s in read_scenarios(p, ruleset, diagnostics)]
    runner = ScenarioRunner(ruleset, evaluator)
    failures = {s.id: runner.run(s).failures for s in found}

    assert [] == list(diagnostics)
    assert dict.fromkeys(failures, ()) == failures


def written(section: str) -> Iterator[Any]:
    """The rules of a section in all rulesets."""
    for folder in RULESETS:
        for path in (folder / "versions").glob("*.yaml"):
            yield from plain(read(path).root).get(section, ())


def plain(node: object) -> Any:  # noqa: ANN401
    """A tree as mappings, lists and texts."""
    if isinstance(node, Mapping):
        return {entry.key.text: plain(entry.value) for entry in node.entries}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return node.text if isinstance(node, Scalar) else None


def unused(record: Record, values: list[Any], path: str) -> Iterator[str]:
    """The keys of a record that none of the values has, and those of records inside."""
    for key in record.keys:
        inner = [
            value[key.name] for value in values if isinstance(value, dict) and key.name in value
        ]
        where = f"{path}.{key.name}"
        if not inner and key.name not in ELSEWHERE:
            yield where
        for part in records(key.shape):
            yield from unused(part, list(flat(inner)), where)


def records(shape: Shape) -> Iterator[Record]:
    """The records that a value of the shape may be made of, but titles and reasons."""
    match shape:
        case Record(name=name):
            if name != "a title":
                yield shape
        case Many(item=item):
            yield from records(item)
        case Either(scalar=scalar, mapping=mapping):
            yield from (*records(scalar), *records(mapping))
        case Raw(parts=parts):
            yield from parts
        case Named():
            return


def flat(values: list[Any]) -> Iterator[Any]:
    """The mappings in lists and mappings of values, however deep."""
    for value in values:
        if isinstance(value, dict):
            yield value
            yield from flat(list(value.values()))
        elif isinstance(value, list):
            yield from flat(value)


@pytest.mark.parametrize("name", SECTIONS)
def test_every_key_is_used(name: str) -> None:
    """No section has a key that the rulesets of these tests leave out."""
    shape = SECTIONS[name].shape
    common = {"title", "clause", "cite", "assumed"}
    left = list(unused(shape, list(written(name)), name))

    assert [] == [where for where in left if where.rpartition(".")[2] not in common]


@pytest.mark.parametrize("key", ["title", "clause", "cite", "assumed"])
def test_common_keys_are_used(key: str) -> None:
    """What every rule may say of itself is said by some."""
    assert any(key in rule for name in SECTIONS for rule in written(name))


def test_a_key_has_a_meaning_in_both_languages() -> None:
    """Every key of every section says what it means, in English and Chinese."""

    def silent(record: Record) -> Iterator[Key]:
        for key in record.keys:
            if not (key.en and key.zh):
                yield key
            for part in records(key.shape):
                yield from silent(part)

    assert [] == [key for section in SECTIONS.values() for key in silent(section.shape)]
