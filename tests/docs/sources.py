"""The rows of the source texts, and the scenarios that show each.

A scenario shows a row when its id begins with it: `row04_county_reports_every_day`. How many
rows there are is said outside of rulesets, so that a row nobody shows is noticed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from pages import RULESETS
from shapes import Shown, link, scenarios_of

from kaocheng.language.reference import table

ROWS = tuple(f"row{number:02}" for number in range(1, 29))

_ROW = re.compile(r"(row\d\d)_")


@cache
def shown_rows() -> Mapping[str, tuple[Shown, ...]]:
    """The scenarios that show each row."""
    found: dict[str, list[Shown]] = {row: [] for row in ROWS}
    for folder in sorted(path for path in RULESETS.iterdir() if (path / "versions").is_dir()):
        for ruleset, scenario in scenarios_of(folder):
            row = _ROW.match(scenario.id)
            if row is not None:
                found[row[1]].append(Shown(row[1], ruleset, scenario))
    return {row: tuple(items) for row, items in found.items()}


def row_table(row: str) -> str:
    """A line for each scenario of a row: the sentence, and what says it."""
    heads = ("sentence", "ruleset", "rules", "scenario")
    return table(heads, [_cells(item) for item in shown_rows()[row]])


def _cells(item: Shown) -> tuple[str, str, str, str]:
    readers = dict.fromkeys(reading.case.partition("/")[0] for reading in item.scenario.reads)
    rules = [*(f"`{rule}`" for rule in item.rules), *(f"readers of `{kind}`" for kind in readers)]
    name = item.ruleset.name
    return (
        item.scenario.cite or "",
        f"[{name}](../rulesets/kaocheng_rulesets/{name}/README.md)",
        ", ".join(rules),
        f"[{item.scenario.id}]({link(item)})",
    )
