"""Clauses of the shipped rulesets that can be read in two ways: what each reading gives."""

from __future__ import annotations

import pytest

from kaocheng import Host, Journal, assess
from kaocheng.assessing import Evaluator
from kaocheng.calendars import parse_instant
from kaocheng.diagnostics import Diagnostics
from kaocheng.language.parameters import with_parameters
from kaocheng.scenarios import Scenario, read_scenarios, scenario_files

END_OF_APRIL = parse_instant("2007-04-30T23:59:59+08:00")


def scenario(host: Host, name: str, wanted: str) -> Scenario:
    """One scenario of a shipped ruleset."""
    ruleset = host.load(name)
    found = (s for p in scenario_files(ruleset) for s in read_scenarios(p, ruleset, Diagnostics()))
    return next(s for s in found if s.id == wanted)


@pytest.mark.parametrize(("adds", "points"), [("false", -7), ("true", -9)])
def test_a_fault_that_is_publicised(
    host: Host, evaluator: Evaluator, adds: str, points: int
) -> None:
    """Two sent, two missing, one fault publicised: 2 - 4 - 5, or by the other reading 2 less."""
    ruleset = with_parameters(host.load("lianshi-person"), {"publicised_adds": adds})
    told = scenario(host, "lianshi-person", "two_reports_and_one_fault_publicised")
    journal = Journal(events=told.events)
    (row,) = assess(ruleset, journal, as_of=END_OF_APRIL, evaluator=evaluator).rows("league")

    assert points == row["points"]
