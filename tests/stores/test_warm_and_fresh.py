"""What a process remembers changes nothing: outcomes, messages and rows come of the journal alone.

The rules read in chains: a report follows a desk, its incident reads what rules say of the
report, and the report what rules say of the incident, of its siblings and of their notes. What
complaints make of the findings about reports is read too, and what rules say of complaints.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from office_texts import written

from kaocheng import Host, Ruleset
from kaocheng.calendars.numberline import HOUR
from kaocheng.engine import Engine, MemoryStore, Outcome
from kaocheng.evaluate.python import compile_plan
from kaocheng.model.events import Correction
from kaocheng.stores import SqlStore
from kaocheng.stores.comparing import compare
from kaocheng.testing._store_test import MORNING
from kaocheng.testing.durable import Kept

CHAIN = """
kaocheng: 1
ruleset: chain
version: "1"
title: {zh: 试验, en: Trial}
effective: {from: open}
time_zone: Asia/Shanghai

kinds:
  desk:
    fields: {hours: {type: int, event: set}}
  incident:
    fields:
      desk: {type: desk, event: happen}
      happened_at: {at: happen}
      grave: {type: bool, event: happen}
  report:
    fields:
      desk: {type: desk, event: submit}
      incident: {type: incident, event: submit}
      submitted_at: {at: submit}
      answered_at: {at: answer}
    lists:
      replies: {event: answer, fields: {long: {type: bool}}}
  note:
    fields:
      report: {type: report, event: write}
      loud: {type: bool, event: write}
  complaint:
    fields:
      report: {type: report, event: file}
      desk: {type: desk, event: file}
      upheld: {flag: uphold}
      rule: {type: string, event: file}
      about: {type: int, event: file}

relations:
  - {id: reports, of: incident, to: report, by: incident}
  - {id: notes, of: report, to: note, by: report}

derived:
  - {id: strict, for: incident as i, value: i.grave && i.desk.hours < 5, assumed: a test}
  - {id: noisy, for: report as r, value: "r.notes.exists(n, n.loud)", assumed: a test}
  - {id: short, for: report as r, value: r.incident.strict || r.desk.hours < 3, assumed: a test}

deadlines:
  - id: answer
    for: report as r
    owed_by: "'desk'"
    starts: r.submitted_at
    within: {amount: r.desk.hours, unit: hour}
    met_at: r.answered_at
    raise: {finding: unanswered, as: alleged, on: overdue}
    assumed: a test

violations:
  - id: outcome
    for: complaint as c
    rule: c.rule
    finding: "c.rule == 'answer' ? 'unanswered' : 'curt'"
    case: c.report
    sequence: c.about
    stage: "c.upheld ? (c.desk.hours > 4 ? 'rescinded' : 'verified') : 'alleged'"
    assumed: a test

findings:
  - id: curt
    for: report.replies as a
    when: "!a.long"
    finding: curt
    at: a.at
    assumed: a test
  - id: pressed
    for: incident as i
    when: i.reports.exists(r, r.short)
    finding: pressed
    at: i.happened_at
    assumed: a test
  - id: shouted
    for: incident as i
    when: i.reports.exists(r, r.noisy && r.desk.hours > 1)
    finding: shouted
    at: i.happened_at
    assumed: a test
  - id: beside
    for: report as r
    when: r.incident.reports.exists(x, x.submitted_at > r.submitted_at && x.short)
    finding: beside
    at: r.submitted_at
    assumed: a test
  - id: below
    for: incident as i
    when: i.reports.exists(r, r.notes.exists(n, n.loud))
    finding: below
    at: i.happened_at
    assumed: a test
"""


# A report has children, and no rule of its own reads them.
FAR = (
    CHAIN.partition("derived:")[0]
    + """
findings:
  - id: beside
    for: report as r
    when: r.incident.reports.exists(x, x.submitted_at > r.submitted_at && x.desk.hours > 3)
    finding: beside
    at: r.submitted_at
    assumed: a test
  - id: below
    for: incident as i
    when: i.desk.hours > 3 && i.reports.exists(r, r.notes.exists(n, n.loud))
    finding: below
    at: i.happened_at
    assumed: a test
"""
)


class Step(NamedTuple):
    """An act, so many hours after the one before, and whether somebody looks at the clock."""

    case: str
    event: str
    data: dict[str, object]
    hours: int = 0
    corrects: Correction | None = None
    ticks: bool = False

    def by(self, engine: Engine, at: int) -> Outcome:
        """Do it."""
        return engine.act(self.case, self.event, self.data, at=at, corrects=self.corrects)


def _data(**values: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    return st.fixed_dictionaries({}, optional=values)


_DESKS, _INCIDENTS = (st.sampled_from([f"{k}/1", f"{k}/2"]) for k in ("desk", "incident"))
_REPORTS = st.sampled_from(["report/1", "report/2", "report/3"])
_RULES = st.sampled_from(["answer", "curt"])
_COMPLAINTS = st.sampled_from(["complaint/1", "complaint/2"])
_HOURS = st.integers(1, 8)
_ACTS = st.one_of(
    st.tuples(_DESKS, st.just("set"), _data(hours=_HOURS)),
    st.tuples(_INCIDENTS, st.just("happen"), _data(desk=_DESKS, grave=st.booleans())),
    st.tuples(_REPORTS, st.just("submit"), _data(desk=_DESKS, incident=_INCIDENTS)),
    st.tuples(_REPORTS, st.just("answer"), _data(long=st.booleans())),
    st.tuples(
        st.sampled_from(["note/1", "note/2"]),
        st.just("write"),
        _data(report=_REPORTS, loud=st.booleans()),
    ),
    st.tuples(
        _COMPLAINTS,
        st.just("file"),
        _data(report=_REPORTS, desk=_DESKS, rule=_RULES, about=st.integers(1, 3)),
    ),
    st.tuples(_COMPLAINTS, st.just("uphold"), st.just({})),
)
_CORRECTS = st.one_of(
    *[st.none()] * 5,
    st.builds(
        Correction, sequence=st.integers(1, 2), reason=st.just("r"), void=st.just(value=True)
    ),
)
HISTORIES = st.lists(
    st.builds(
        lambda act, hours, corrects, ticks: Step(*act, hours, corrects, ticks),
        _ACTS,
        st.integers(0, 4),
        _CORRECTS,
        st.booleans(),
    ),
    min_size=2,
    max_size=14,
)
WITHDRAWN = [  # a desk changes its hours, which shows with the next event of the report
    Step("desk/1", "set", {"hours": 1}),
    Step("report/1", "submit", {"desk": "desk/1", "incident": "incident/1"}),
    Step("incident/1", "happen", {"grave": True, "desk": "desk/1"}, 2, ticks=True),
    Step("desk/1", "set", {"hours": 7}),
    Step("report/1", "answer", {}, 1),
    Step("incident/1", "happen", {"grave": True, "desk": "desk/1"}),
]
BY_A_CHILD = [  # an incident is assessed again because of a note, after a desk has changed
    Step("desk/1", "set", {"hours": 1}),
    Step("desk/2", "set", {"hours": 8}),
    Step("incident/1", "happen", {"grave": True, "desk": "desk/2"}),
    Step("report/1", "submit", {"desk": "desk/1", "incident": "incident/1"}),
    Step("desk/1", "set", {"hours": 7}),
    Step("report/2", "submit", {"desk": "desk/2", "incident": "incident/1"}),
    Step("desk/1", "set", {"hours": 1}),
    Step("incident/1", "happen", {"grave": True, "desk": "desk/2"}),
]


class Chain:
    """The ruleset and its compiled plan, with a name that is short to show."""

    def __init__(self, ruleset: Ruleset) -> None:
        self.ruleset = ruleset
        self.program = compile_plan(ruleset.plan)

    def engine(self, store: SqlStore | MemoryStore, clock: Callable[[], int]) -> Engine:
        """A new engine."""
        return Engine(self.ruleset, program=self.program, store=store, clock=clock)


@pytest.fixture(scope="module", params=[CHAIN, FAR], ids=["chain", "far"])
def chain(
    request: pytest.FixtureRequest, host: Host, tmp_path_factory: pytest.TempPathFactory
) -> Chain:
    """The rules that read in chains."""
    return Chain(host.load(written(tmp_path_factory.mktemp("chain"), request.param)))


class Played:
    """A history on a store, by engines that `engine` gives for every act."""

    def __init__(
        self,
        store: SqlStore,
        history: Sequence[Step],
        engine: Callable[[Callable[[], int]], Engine],
    ) -> None:
        now = MORNING
        self.outcomes: list[object] = []
        for step in history:
            now += step.hours * HOUR
            by = engine(lambda now=now: now)  # type: ignore[misc]
            if step.ticks:
                by.tick(now)
                by = engine(lambda now=now: now)  # type: ignore[misc]
            self.outcomes.append(_plain(step.by(by, now)))
        with store.engine.begin() as connection:
            kept = Kept.read(connection, store.tenant).rows
        self.rows = {
            table: [{k: v for k, v in row.items() if k != "tenant"} for row in rows]
            for table, rows in kept.items()
        }
        self.read = {
            case: (_rows(by.results(case)), by.timers(case))
            for case in store.cases()
            for by in (engine(lambda: now),)
        }


def _rows(results: object) -> object:
    return {rule: [row.row for row in rows] for rule, rows in dict(results).items()}  # type: ignore[call-overload]


def _plain(outcome: Outcome) -> object:
    brought = [[row.row for row in outcome.brought(c)] for c in ("findings", "entries", "notices")]
    parents = {case: _rows(found) for case, found in outcome.parents.items()}
    return outcome.accepted, outcome.event, brought, _rows(outcome.results), outcome.timers, parents


def both(chain: Chain, open_store: Callable[[], SqlStore], history: Sequence[Step]) -> None:
    """Play a history by one engine, and by one engine for each act."""
    warm, fresh = open_store(), open_store()
    now = MORNING
    one = chain.engine(warm, lambda: now)

    def same(clock: Callable[[], int]) -> Engine:
        nonlocal now
        now = clock()
        return one

    def other(clock: Callable[[], int]) -> Engine:
        return chain.engine(fresh, clock)

    try:
        expected, found = Played(warm, history, same), Played(fresh, history, other)

        assert expected.outcomes == found.outcomes
        for table, rows in expected.rows.items():
            assert rows == found.rows[table], table
        assert expected.read == found.read
        assert () == compare(warm, chain.ruleset, program=chain.program).differences
        assert () == compare(fresh, chain.ruleset, program=chain.program).differences
    finally:
        warm.close()
        fresh.close()


@given(history=HISTORIES)
@example(history=WITHDRAWN)
@example(history=BY_A_CHILD)
def test_a_fresh_engine_for_each_act_says_the_same(chain: Chain, history: list[Step]) -> None:
    """One engine and an engine per act: the same outcomes, messages, rows and timers."""
    both(chain, SqlStore.open, history)


@pytest.mark.parametrize("history", [WITHDRAWN, BY_A_CHILD], ids=["withdrawn", "by_a_child"])
def test_on_every_database(chain: Chain, history: list[Step], url: str) -> None:
    """On a file and on a server it is the same."""
    numbers = iter(("warm", "fresh"))
    both(chain, lambda: SqlStore.open(url, tenant=next(numbers), source="/chain"), history)


@given(history=HISTORIES)
@example(history=WITHDRAWN)
def test_a_dry_run_in_memory_says_what_would_come(chain: Chain, history: list[Step]) -> None:
    """What would come of an act is what comes of it, the results of others included."""
    now = MORNING
    engine = chain.engine(MemoryStore(), lambda: now)
    for step in history:
        now += step.hours * HOUR
        would = engine.act(step.case, step.event, step.data, at=now, corrects=step.corrects,
                           dry_run=True)  # fmt: skip

        assert _plain(would) == _plain(step.by(engine, now))


def test_a_rule_of_another_case_says_what_it_says_now(chain: Chain) -> None:
    """An incident that has become grave reads what its report says of that, not what it said."""
    if "pressed" not in chain.engine(MemoryStore(), lambda: MORNING).online["incident"]:
        return
    for store in (MemoryStore(), SqlStore.open()):
        engine = chain.engine(store, lambda: MORNING)
        for step in (
            Step("desk/1", "set", {"hours": 4}),
            Step("incident/1", "happen", {"grave": False, "desk": "desk/1"}),
            Step("report/1", "submit", {"desk": "desk/1", "incident": "incident/1"}),
        ):
            assert step.by(engine, MORNING).accepted
        grave: dict[str, object] = {"grave": True, "desk": "desk/1"}
        outcome = engine.act("incident/1", "happen", grave, at=MORNING)

        assert ["pressed"] == [finding["finding"] for finding in outcome.findings]
        assert engine.assess().rows("pressed")
