"""When another version comes into force, rules that read what rules say of other cases change too.

`strict` is said of a desk and `short` of a report; the version of February says both of more of
them. A report reads its desk, and the desk its reports as children.
"""

from __future__ import annotations

import json

import pytest
from office_texts import written

from kaocheng import Host, Ruleset
from kaocheng.assessing import assess
from kaocheng.calendars.numberline import parse_instant
from kaocheng.engine import Engine, Outcome
from kaocheng.stores import SqlStore
from kaocheng.testing.durable import Kept

FIRST = """
kaocheng: 1
ruleset: turn
version: "1"
title: {zh: 试验, en: Trial}
effective: {from: open, last_day: 2024-01-31}
time_zone: Asia/Shanghai

kinds:
  desk:
    fields:
      hours: {type: int, event: set}
      set_at: {at: set}
      note: {type: string, event: note}
  report:
    fields:
      desk: {type: desk, event: submit}
      length: {type: int, event: submit}
      submitted_at: {at: submit}
      note: {type: string, event: note}

relations:
  - {id: reports, of: desk, to: report, by: desk}

derived:
  - {id: strict, for: desk as d, value: d.hours < 5, assumed: a test}
  - {id: short, for: report as r, value: r.length < 100, assumed: a test}

findings:
  - id: hard
    for: report as r
    when: r.desk.strict
    finding: hard
    at: r.submitted_at
    assumed: a test
  - id: thin
    for: desk as d
    when: d.reports.exists(r, r.short)
    finding: thin
    at: d.set_at
    assumed: a test
"""

SECOND = """
kaocheng: 1
ruleset: turn
version: "2"
extends: "1"
without: [strict, short]
effective: {from: 2024-02-01}

derived:
  - {id: strict, for: desk as d, value: d.hours < 50, assumed: a test}
  - {id: short, for: report as r, value: r.length < 1000, assumed: a test}
"""

JANUARY = parse_instant("2024-01-10T09:00:00+08:00")
TURN = parse_instant("2024-02-01T00:00:00+08:00")
FEBRUARY = parse_instant("2024-02-10T09:00:00+08:00")


@pytest.fixture(scope="module")
def ruleset(tmp_path_factory: pytest.TempPathFactory) -> Ruleset:
    """Two versions, in force one after the other."""
    return Host.discover().load(written(tmp_path_factory.mktemp("turn"), FIRST, SECOND))


def opened(ruleset: Ruleset) -> Engine:
    """An engine with a desk and a report, as January leaves them."""
    engine = Engine(ruleset, store=SqlStore.open())
    assert engine.act("desk/1", "set", {"hours": 10}, at=JANUARY).accepted
    assert engine.act("report/1", "submit", {"desk": "desk/1", "length": 500}, at=JANUARY).accepted
    assert engine.results("report/1").collected("findings") == ()
    assert engine.results("desk/1").collected("findings") == ()
    return engine


def told(engine: Engine) -> list[tuple[str, str]]:
    """The findings that others were told of."""
    assert isinstance(engine.store, SqlStore)
    with engine.store.engine.begin() as connection:
        rows = Kept.read(connection, "default").rows["outbox"]
    messages = [json.loads(str(row["message"])) for row in rows]
    found = [m for m in messages if m["type"] == "kaocheng.finding"]
    return sorted((str(m["subject"]), str(m["data"]["finding"])) for m in found)


@pytest.mark.parametrize(("case", "finding"), [("report/1", "hard"), ("desk/1", "thin")])
@pytest.mark.parametrize("ticks", [0, 1, 5])
def test_a_late_tick_changes_nothing(ruleset: Ruleset, case: str, finding: str, ticks: int) -> None:
    """However much of what is due has been done, an act says what an assessment says."""
    engine = opened(ruleset)
    if ticks:
        engine.tick(FEBRUARY, limit=ticks)
    outcome: Outcome = engine.act(case, "note", {"note": "-"}, at=FEBRUARY)
    assessment = assess(ruleset, engine.journal(), as_of=outcome.results.as_of)

    assert outcome.accepted
    assert [finding] == [row["finding"] for row in outcome.results.collected("findings")]
    assert len(assessment.rows(finding)) == 1


def test_others_are_told_when_the_version_turns(ruleset: Ruleset) -> None:
    """Nothing has happened to the report, nor to the desk."""
    engine = opened(ruleset)

    assert ("hard", TURN) in engine.timers("report/1")
    assert ("thin", TURN) in engine.timers("desk/1")
    assert told(engine) == []
    while engine.tick(TURN).fired:
        pass
    assert told(engine) == [("desk/1", "thin"), ("report/1", "hard")]
    assert engine.timers("report/1") == engine.timers("desk/1") == ()
