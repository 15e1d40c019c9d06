"""An engine that keeps the cases of a shipped scenario says what an assessment of them says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kaocheng import Engine, Host, Ruleset
from kaocheng.assessing import assess
from kaocheng.diagnostics import Diagnostics
from kaocheng.engine import BadEventError
from kaocheng.evaluate.python import compile_plan
from kaocheng.model.events import Event, Journal
from kaocheng.scenarios import Scenario, read_scenarios, scenario_files
from kaocheng.stores import SqlStore
from kaocheng.stores.comparing import compare


@pytest.fixture(scope="module", params=sorted(Host.discover().rulesets))
def ruleset(request: pytest.FixtureRequest) -> Ruleset:
    """Each shipped ruleset."""
    return Host.discover().load(request.param)


def scenarios(ruleset: Ruleset) -> Iterator[Scenario]:
    """All scenarios of a ruleset."""
    for path in scenario_files(ruleset):
        yield from read_scenarios(path, ruleset, Diagnostics())


def loaded(engine: Engine, events: tuple[Event, ...]) -> tuple[Event, ...]:
    """The events that an engine keeps: none of cases that are older than the ruleset."""
    while True:
        try:
            engine.load(events)
        except BadEventError as error:
            events = tuple(event for event in events if event.case != error.case)
        else:
            return events


def test_what_acts_say_is_what_an_assessment_says(ruleset: Ruleset) -> None:
    """Of every case, as of its last event; what is kept of it is what its journal says."""
    program = compile_plan(ruleset.plan)
    relations = ruleset.plan.relations
    for scenario in scenarios(ruleset):
        store = SqlStore.open()
        engine = Engine(ruleset, store=store, program=program)
        events = loaded(engine, scenario.events)

        for case in store.cases():
            results = engine.results(case)
            whole = assess(ruleset, Journal(events=events), as_of=results.as_of)
            for rule in results:
                place = relations[rule].index("case")
                said = [row for row in whole.results[rule] if row[place] == case]
                assert sorted(said, key=repr) == sorted(results.rows(rule), key=repr), (
                    f"{scenario.id}: {case}: {rule}"
                )
        assert () == compare(store, ruleset, program=program).differences
        store.close()


def test_whatever_looks_at_cases_alone_is_told(ruleset: Ruleset) -> None:
    """Deadlines and findings about cases are evaluated by acts, so that somebody is told of them.

    What became of a finding is read of the violations that name its case.
    """
    online = {rule for rules in Engine(ruleset).online.values() for rule in rules}
    by_relation = {rule.relation.name: rule.id for rule in ruleset.plan.rules}
    for rule in ruleset.plan.rules:
        if rule.section not in ("deadlines", "findings"):
            continue
        sources = {pipeline.source for pipeline in rule.variants.values()}
        over_cases = {
            source
            for source in sources
            if source.partition(".")[0] in ruleset.kinds and " per " not in source
        }
        if over_cases or {by_relation.get(source) for source in sources} <= online:
            assert rule.id in online
