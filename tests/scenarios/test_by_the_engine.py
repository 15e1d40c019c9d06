"""An engine that keeps the cases of a shipped scenario says what an assessment of them says."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa

from kaocheng import Engine, Ruleset
from kaocheng.assessing import assess
from kaocheng.calendars.numberline import DAY, parse_instant
from kaocheng.calendars.zones import Zones
from kaocheng.engine import BadEventError
from kaocheng.engine.folding import Folder
from kaocheng.evaluate.python import Program, compile_plan
from kaocheng.model.events import Event, Journal
from kaocheng.rendering.data import as_data
from kaocheng.scenarios import Scenario
from kaocheng.stores import SqlStore
from kaocheng.stores.comparing import compare
from kaocheng.stores.schema import OUTBOX

FIRST = parse_instant("1990-01-01T00:00:00Z")
LATER = 800 * DAY
TOLD = ("case", "rule", "finding", "stage", "sequence", "owed_by", "at")


@pytest.fixture(scope="module")
def program(ruleset: Ruleset) -> Program:
    """Its compiled plan."""
    return compile_plan(ruleset.plan)


def loaded(engine: Engine, events: tuple[Event, ...]) -> tuple[Event, ...]:
    """The events that an engine keeps: none of cases that are older than the ruleset."""
    while True:
        try:
            engine.load(events)
        except BadEventError as error:
            events = tuple(event for event in events if event.case != error.case)
        else:
            return events


def test_what_acts_say_is_what_an_assessment_says(
    ruleset: Ruleset, program: Program, scenarios: tuple[Scenario, ...]
) -> None:
    """Of every case, as of its last event; what is kept of it is what its journal says."""
    relations = ruleset.plan.relations
    for scenario in scenarios:
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


def acted(ruleset: Ruleset, program: Program, scenario: Scenario) -> tuple[Engine, SqlStore, int]:
    """An engine on which a scenario has happened, with all that was due by its end."""
    now = FIRST
    store = SqlStore.open()
    engine = Engine(ruleset, store=store, program=program, clock=lambda: now)
    dated = [event for event in scenario.events if event.at is not None]
    for event in sorted(dated, key=lambda event: (event.at, event.sequence)):
        now = max(now, event.at or now)
        engine.tick(now)
        given = {name: getattr(event, name) for name in ("at", "actor", "data", "corrects")}
        engine.act(event.case, event.event, **given)
    now += LATER
    while engine.tick(now).fired:
        pass
    return engine, store, now


def told(store: SqlStore, rules: set[str]) -> Counter[str]:
    """The findings of some rules that were told and not withdrawn, as text."""
    found: Counter[str] = Counter()
    query = sa.select(OUTBOX.c.message)
    with store.engine.begin() as connection:
        messages = [json.loads(text) for text in connection.execute(query).scalars()]
    for message in messages:
        if message["type"].startswith("kaocheng.finding") and message["data"]["rule"] in rules:
            said = [message["data"].get(name) for name in TOLD]
            found[str(said)] += -1 if message["type"].endswith(".withdrawn") else 1
    return Counter({text: count for text, count in found.items() if count})


def test_who_listens_knows_what_an_assessment_says(
    ruleset: Ruleset, program: Program, scenarios: tuple[Scenario, ...]
) -> None:
    """What was told of findings and not withdrawn is what there is, once all that was due is done.

    Where a rule reads cases that its own merely names, a change of these shows later.
    """
    folder = Folder(ruleset, program, Zones())
    rules = [rule for found in folder.reach.rules.values() for rule in found]
    online = {rule.id.partition(".")[0] for rule in rules if not rule.reads_others}
    for scenario in scenarios:
        engine, store, now = acted(ruleset, program, scenario)
        said: Any = as_data(engine.assess(as_of=now))["findings"]
        ours = (row for row in said if row["rule"] in online)
        known = Counter(str([row.get(name) for name in TOLD]) for row in ours)

        assert known == told(store, online), scenario.id
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
