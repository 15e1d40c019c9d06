"""A rule that reads a case which its own names reads it as of its own time, whoever looks late."""

from __future__ import annotations

import json
from typing import NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from office_texts import written

from kaocheng import Host, Ruleset
from kaocheng.calendars.numberline import HOUR
from kaocheng.engine import Engine
from kaocheng.stores import SqlStore
from kaocheng.stores.comparing import compare
from kaocheng.testing._store_test import MORNING
from kaocheng.testing.durable import Kept

FOLLOW = """
kaocheng: 1
ruleset: follow
version: "1"
title: {zh: 试验, en: Trial}
effective: {from: open}
time_zone: Asia/Shanghai

kinds:
  breach:
    fields: {residents: {type: int, event: report}}
  followup:
    fields:
      breach: {type: breach, event: file}
      filed_at: {at: file}
      answered_at: {at: answer}

deadlines:
  - id: answer
    for: followup as f
    when: f.breach.residents > 100
    owed_by: "'desk'"
    starts: f.filed_at
    within: 48 hours
    met_at: f.answered_at
    raise: {finding: unanswered, as: alleged, on: overdue}
    assumed: a test
"""

END = MORNING + 1_000 * HOUR


class Step(NamedTuple):
    """An act, so many hours after the one before."""

    hours: int
    case: str
    event: str
    data: dict[str, object]


def _reported(number: int, residents: int) -> tuple[str, str, dict[str, object]]:
    return f"breach/{number}", "report", {"residents": residents}


def _filed(number: int, breach: int) -> tuple[str, str, dict[str, object]]:
    return f"followup/{number}", "file", {"breach": f"breach/{breach}"}


NUMBERS = st.integers(1, 2)
ACTS = st.one_of(
    st.builds(_reported, NUMBERS, st.sampled_from([5, 500])),
    st.builds(_filed, NUMBERS, NUMBERS),
    st.tuples(NUMBERS.map("followup/{}".format), st.just("answer"), st.just({})),
)
STEPS = st.lists(
    st.builds(lambda hours, act: Step(hours, *act), st.sampled_from([0, 1, 30, 60]), ACTS),
    min_size=1,
    max_size=10,
)


@pytest.fixture(scope="module")
def ruleset(tmp_path_factory: pytest.TempPathFactory) -> Ruleset:
    """A deadline that is there only while the breach is large."""
    return Host.discover().load(written(tmp_path_factory.mktemp("follow"), FOLLOW))


def told(ruleset: Ruleset, steps: list[Step], *, late: bool) -> tuple[object, ...]:
    """What others are told, and what the rules say at the end."""
    now = MORNING
    store = SqlStore.open()
    engine = Engine(ruleset, store=store, clock=lambda: now)
    for step in steps:
        now += step.hours * HOUR
        while not late and engine.tick(now).fired:
            pass
        engine.act(step.case, step.event, step.data, at=now)
    now = END
    while engine.tick(now).fired:
        pass
    assert compare(store, ruleset).passed
    with store.engine.begin() as connection:
        rows = Kept.read(connection, "default").rows["outbox"]
    messages = [json.loads(str(row["message"])) for row in rows]
    said = sorted(json.dumps([m["type"], m["subject"], m["data"]]) for m in messages)
    return said, [(case, dict(engine.results(case))) for case in store.cases()]


SHRUNK = [  # after the deadline has passed, and before anybody has looked
    Step(0, *_reported(1, 500)),
    Step(0, *_filed(1, 1)),
    Step(60, *_reported(1, 5)),
]


@given(steps=STEPS)
@example(steps=SHRUNK)
def test_it_does_not_matter_when_somebody_looks(ruleset: Ruleset, steps: list[Step]) -> None:
    """A timer that is done late reads the breach as it was when it was due."""
    assert told(ruleset, steps, late=False) == told(ruleset, steps, late=True)
