"""The scenarios of the shipped rulesets: they pass, they show every rule, and they can fail."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kaocheng import Ruleset
from kaocheng.scenarios import (
    Scenario,
    ScenarioRunner,
    without_rule,
)


def rules(ruleset: Ruleset) -> set[str]:
    """The rules that give rows."""
    given = {plan.id for plan in ruleset.plan.rules}
    return {name for version in ruleset.versions for name in version.rules} & given


def expectations(scenario: Scenario) -> Iterator[str]:
    """The rules that a scenario expects something of."""
    yield from dict.fromkeys(expected.rule for expected in scenario.expect)


@pytest.mark.parametrize("evaluator", ["python", "columns"])
def test_every_scenario_passes(
    ruleset: Ruleset, scenarios: tuple[Scenario, ...], evaluator: str
) -> None:
    """Every scenario comes out as written, by either evaluator."""
    runner = ScenarioRunner(ruleset, evaluator)  # type: ignore[arg-type]
    failed = {s.id: runner.run(s).failures for s in scenarios}

    assert {} == {name: failures for name, failures in failed.items() if failures}


def test_every_rule_fires_somewhere(ruleset: Ruleset, scenarios: tuple[Scenario, ...]) -> None:
    """Every rule is expected by some scenario."""
    fired = {rule for scenario in scenarios for rule in expectations(scenario)}

    assert set() == rules(ruleset) - fired


def test_every_rule_is_silent_somewhere(ruleset: Ruleset, scenarios: tuple[Scenario, ...]) -> None:
    """Every rule has a scenario in which what it says elsewhere is absent."""
    absent = {expected.rule for scenario in scenarios for expected in scenario.absent}

    assert set() == rules(ruleset) - absent


def test_no_scenario_passes_without_its_rule(
    ruleset: Ruleset, scenarios: tuple[Scenario, ...]
) -> None:
    """With a rule removed, every scenario that expects something of it fails."""
    survived = [
        (scenario.id, rule)
        for rule in sorted(rules(ruleset))
        for scenario in scenarios
        if rule in expectations(scenario)
        and ScenarioRunner(without_rule(ruleset, rule)).run(scenario).passed
    ]

    assert [] == survived
