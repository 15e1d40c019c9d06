"""Every shape of rule is shown by a scenario that passes, and not without its rules."""

from __future__ import annotations

import pytest
from shapes import GROUPS, IDS, SHAPES, Shown, shown

from kaocheng.assessing import Evaluator
from kaocheng.scenarios import ScenarioRunner, without_rule

pytestmark = pytest.mark.skipif(not SHAPES.is_dir(), reason="there are no shapes yet")

SHOWN = shown() if SHAPES.is_dir() else ()


def test_no_shape_is_left_out() -> None:
    """Each of the 120 shapes has a scenario."""
    assert 120 == len(IDS) == sum(count for count, _ in GROUPS.values())
    assert [] == [shape for shape in IDS if shape not in {item.shape for item in SHOWN}]


@pytest.mark.parametrize("item", SHOWN, ids=lambda item: item.scenario.id)
def test_a_shape_is_shown(item: Shown, evaluator: Evaluator) -> None:
    """The scenario comes out as written, in both evaluators."""
    outcome = ScenarioRunner(item.ruleset, evaluator).run(item.scenario)

    assert () == outcome.failures


@pytest.mark.parametrize("item", SHOWN, ids=lambda item: item.scenario.id)
def test_a_shape_needs_its_rules(item: Shown) -> None:
    """The scenario fails with any of the rules removed that it expects something of."""
    given = {plan.id for plan in item.ruleset.plan.rules}
    rules = [rule for rule in item.rules if rule in given]
    survived = [
        rule
        for rule in rules
        if ScenarioRunner(without_rule(item.ruleset, rule)).run(item.scenario).passed
    ]

    assert rules
    assert [] == survived


@pytest.mark.parametrize("item", SHOWN, ids=lambda item: item.scenario.id)
def test_a_shape_says_where_it_comes_from(item: Shown) -> None:
    """The scenario has a title in both languages, and cites the document it was met in."""
    assert {"zh", "en"} <= item.scenario.titles.keys()
    assert item.scenario.cite
