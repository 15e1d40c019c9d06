"""A late tick changes no result: when somebody looked at the clock is not to be seen.

What is equal, whenever the ticks came and however much each of them did, once all that was due by
some instant is done:

* where acts are entered in the order in which they happened: everything but the order of the
  events of different cases and `recorded_at` of timer events. The facts, results, numbers and
  events of every case are equal, and so are its timers and what others were told of it;
* where acts are entered late (`at` lies before what has been done already): the facts, and the
  results as of that instant but for the numbers of events in them. A timer that fired
  when nobody knew of the act stays in the journal; where it had not fired yet it never does.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from hypothesis import example, given
from hypothesis import strategies as st
from office_acts import PEOPLE, Act
from office_histories import END, IN_ANY, IN_ORDER, Moment, Played, without

from kaocheng.assessing import assess
from kaocheng.calendars.numberline import MINUTE
from kaocheng.engine import Engine
from kaocheng.testing._store_test import office
from kaocheng.testing.durable import Kept


def told(kept: Kept) -> Counter[str]:
    """What others were told, whenever that was."""
    messages = [json.loads(str(row["message"])) for row in kept.rows["outbox"]]
    said = [[message["type"], message["subject"], message["data"]] for message in messages]
    return Counter(json.dumps(message, sort_keys=True) for message in said)


LI, _ = PEOPLE
ANSWER = [  # both are due at the same instant, and the second reads the first as a child
    Moment(Act("report/1", "submit", LI, {"unit": "unit/a", "answers": "report/2"}, None), 0),
    Moment(Act("report/2", "submit", LI, {"unit": "unit/a"}, None), 0),
    Moment(Act("report/2", "adopt", LI, {"outlet": "daily_express"}, None), 150 * MINUTE, [(5, 1)]),
]


@given(IN_ORDER)
@example(ANSWER)
def test_a_late_tick_changes_nothing(history: list[Moment]) -> None:
    """Of acts in order all is equal but the order of cases and when timers were recorded."""
    late, now = Played(history, ticking=False), Played(history, ticking=True)
    one, other = late.kept(), now.kept()

    assert late.accepted == now.accepted
    assert late.journal() == now.journal()
    assert without(one, "cases", "stamp") == without(other, "cases", "stamp")
    assert without(one, "timers", "ready") == without(other, "timers", "ready")
    assert one.rows["links"] == other.rows["links"]
    assert told(one) == told(other)


@given(IN_ANY)
def test_a_late_tick_changes_no_result_of_late_entries(history: list[Moment]) -> None:
    """Of acts in any order and corrections, facts and results as of the end are equal."""
    late, now = Played(history, ticking=False), Played(history, ticking=True)
    late.kept(), now.kept()
    cases = late.store.cases()

    assert cases == now.store.cases()
    if any(moment.act.corrects for moment in history):
        return  # it names an event by its number, which may be another one
    assert late.accepted == now.accepted
    for case in cases:
        facts = late.engine.case(case)
        assert facts is not None
        assert dict(facts) == dict(now.engine.case(case) or {})
        assert list(_rows(late.engine, case)) == list(_rows(now.engine, case))


def _rows(engine: Engine, case: str) -> Iterator[dict[str, object]]:
    """The rows of a case's online rules as of the end, without numbers of events."""
    for rule, rows in engine.results(case, as_of=END).items():
        for row in rows:
            yield {"rule": rule} | {k: v for k, v in row.items() if k != "sequence"}


@given(IN_ANY, st.booleans())
def test_assess_agrees(history: list[Moment], ticking: bool) -> None:  # noqa: FBT001 - drawn
    """An assessment of the journal as of a case has the rows that are stored of it."""
    played = Played(history, ticking=ticking)
    engine = played.engine
    for case in played.store.cases():
        stored = engine.results(case)
        assessment = assess(office().ruleset, engine.journal(), as_of=stored.as_of)
        for rule in stored:
            wanted = [row for row in assessment.results[rule] if row[_case_of(rule)] == case]
            assert sorted(map(repr, wanted)) == sorted(map(repr, stored.rows(rule))), rule


def _case_of(rule: str) -> int:
    return office().ruleset.plan.relations[rule].index("case")
