"""The shapes of rules that documents of this field have, and the scenarios that show each.

A scenario shows a shape when its id begins with the shape's: `f5_relay_chain_per_hop`. The
shapes and their ids are a list kept outside of rulesets, so that a shape nobody shows is
noticed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from attrs import frozen
from pages import DOCS, REPOSITORY, RULESETS

from kaocheng.diagnostics import Diagnostics
from kaocheng.host import Host
from kaocheng.language.reference import table
from kaocheng.language.ruleset import Ruleset
from kaocheng.scenarios import Scenario, read_scenarios, scenario_files

SHAPES = DOCS / "shapes"
GROUPS: Mapping[str, tuple[int, str]] = {
    "a": (10, "Classification and dimensions"),
    "b": (14, "Points from adoption"),
    "c": (7, "Leaders' instructions"),
    "d": (9, "Several parties"),
    "e": (12, "Quota and cadence"),
    "f": (22, "Deadlines and clocks"),
    "g": (13, "Penalties"),
    "h": (10, "Vetoes and ladders"),
    "i": (11, "Aggregation and ranking"),
    "j": (6, "Duplicates"),
    "k": (6, "Governance of the rules"),
}
IDS = tuple(f"{group}{n}" for group, (count, _) in GROUPS.items() for n in range(1, count + 1))

_SHAPE = re.compile(r"([a-k]\d+)_")


@frozen
class Shown:
    """A scenario that shows a shape, and the ruleset that it belongs to."""

    shape: str
    ruleset: Ruleset
    scenario: Scenario

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that the scenario expects something of, by the names that people gave them."""
        return tuple(dict.fromkeys(expected.rule for expected in self.scenario.expect))

    @property
    def sections(self) -> tuple[str, ...]:
        """The sections that those rules stand in."""
        texts = [v.rules[r] for v in self.ruleset.versions for r in self.rules if r in v.rules]
        return tuple(dict.fromkeys(text.section for text in texts))


@cache
def shown() -> tuple[Shown, ...]:
    """Every scenario that shows a shape."""
    folders = [path for path in sorted(SHAPES.iterdir()) if (path / "versions").is_dir()]
    folders += sorted(path for path in RULESETS.iterdir() if (path / "versions").is_dir())
    return tuple(item for folder in folders for item in _of(folder))


def _of(folder: Path) -> Iterator[Shown]:
    for ruleset, scenario in scenarios_of(folder):
        found = _SHAPE.match(scenario.id)
        if found is not None and found[1] in IDS:
            yield Shown(found[1], ruleset, scenario)


def scenarios_of(folder: Path) -> Iterator[tuple[Ruleset, Scenario]]:
    """The scenarios of a ruleset in a folder."""
    ruleset = Host.discover().load(str(folder))
    diagnostics = Diagnostics()
    for path in scenario_files(ruleset):
        for scenario in read_scenarios(path, ruleset, diagnostics):
            yield ruleset, scenario
    assert not list(diagnostics), [str(d) for d in diagnostics]


def shape_table(group: str) -> str:
    """A row for each scenario of a group of shapes."""
    rows = [
        (
            item.shape.upper(),
            item.scenario.titles.get("en", item.scenario.id),
            item.scenario.titles.get("zh", ""),
            ", ".join(item.sections),
            f"[{item.scenario.id}]({link(item)})",
        )
        for shape in IDS
        if shape[0] == group
        for item in shown()
        if item.shape == shape
    ]
    return table(("shape", "what it is", "含义", "constructs", "scenario"), rows)


def link(item: Shown) -> str:
    """The file of a scenario, as pages of the documentation link to it."""
    path = Path(item.scenario.span.file).resolve()
    place = path.relative_to(DOCS) if path.is_relative_to(DOCS) else None
    return str(place) if place is not None else f"../{path.relative_to(REPOSITORY)}"
