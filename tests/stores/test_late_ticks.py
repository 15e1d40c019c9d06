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
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from office_acts import DATES, STEPS, Act, acts

from kaocheng.assessing import assess
from kaocheng.calendars.numberline import HOUR, MINUTE
from kaocheng.engine import Engine
from kaocheng.model.events import TIMER, Event
from kaocheng.stores import SqlStore
from kaocheng.testing._store_test import MORNING, office
from kaocheng.testing.durable import Kept

END = MORNING + 400 * HOUR


class Moment(NamedTuple):
    """An act, how long after the one before, and the ticks in between: when, of how much."""

    act: Act
    step: int
    ticks: Sequence[tuple[int, int]] = ()
    entered: int | str | None = None


TICKS = st.lists(st.tuples(st.integers(0, 5), st.integers(1, 3)), max_size=2)
IN_ORDER = st.lists(st.builds(Moment, acts(), STEPS, TICKS, st.none()), min_size=1, max_size=12)
IN_ANY = st.lists(
    st.builds(
        Moment,
        acts(correcting=True),
        STEPS,
        TICKS,
        st.one_of(
            st.none(),
            STEPS.map(lambda step: MORNING + step),
            DATES,
            st.just("unknown"),
        ),
    ),
    min_size=1,
    max_size=10,
)


class Played:
    """A history that was played on a store of its own."""

    def __init__(self, history: Sequence[Moment], *, ticking: bool) -> None:
        self.store = SqlStore.open()
        self.now = MORNING
        self.engine = Engine(
            office().ruleset, store=self.store, program=office().program, clock=lambda: self.now
        )
        self.accepted = [self._play(moment, ticking=ticking) for moment in history]
        self.now = END
        while self.engine.tick(END, limit=100 if ticking else 2).fired:
            pass

    def _play(self, moment: Moment, *, ticking: bool) -> bool:
        began = self.now
        for sixth, limit in sorted(moment.ticks) if ticking else ():
            self.now = began + moment.step * sixth // 6 + MINUTE if moment.step else began
            self.engine.tick(self.now, limit=limit)
        self.now = began + moment.step
        at = self.now if moment.entered is None else moment.entered
        return moment.act.by(self.engine, at).accepted

    def kept(self) -> Kept:
        """All rows."""
        with self.store.engine.begin() as connection:
            assert [] == office().auditor.faults(connection, "default")
            return Kept.read(connection, "default")

    def journal(self) -> list[Event]:
        """The events by case, those of timers without when they were recorded."""
        return [
            evolve(event, recorded_at=None) if event.event == TIMER else event
            for event in self.engine.journal().events
        ]


def told(kept: Kept) -> Counter[str]:
    """What others were told, whenever that was."""
    messages = [json.loads(str(row["message"])) for row in kept.rows["outbox"]]
    said = [[message["type"], message["subject"], message["data"]] for message in messages]
    return Counter(json.dumps(message, sort_keys=True) for message in said)


def without(kept: Kept, table: str, *columns: str) -> list[dict[str, object]]:
    """The rows of a table without some columns."""
    return [
        {name: value for name, value in row.items() if name not in columns}
        for row in kept.rows[table]
    ]


@given(IN_ORDER)
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
