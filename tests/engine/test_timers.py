"""Timers: when a case will say something else by time alone, for every rule that reads the time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kaocheng import Event, Host, Journal, assess
from kaocheng.calendars.numberline import DAY, HOUR, LAST_INSTANT, MINUTE, parse_instant
from kaocheng.calendars.zones import Zone, build_zone, to_utc
from kaocheng.engine import CaseResults, Engine, MemoryStore
from kaocheng.language.ruleset import Ruleset
from kaocheng.testing import cases, journals

NINE = parse_instant("2009-03-02T09:00:00+08:00")
MIDNIGHT = parse_instant("2009-03-03T00:00:00+08:00")
RULESETS = (
    "cac-2025",
    "dora",
    "lianshi-person",
    "nis2",
    "order-493-chain",
    "permit-receipt",
    "washington-breach",
    "wuhu-information",
)
FEW = max(5, settings.default.max_examples // 10)
END = LAST_INSTANT - 2 * DAY
"""There are local days until then, and so versions."""

MATTERS = """
kinds:
  unit:
    fields: {name: string}
  matter:
    fields:
      opened_at: {at: open}
      starts_at: instant
      planned_at: instant
      until: instant
      weight: int
      decided_at: {at: decide}
      about: {type: date, event: open}
      due_on: date
    lists:
      calls: {event: call, fields: {score: int}}
accounts:
  - {id: merit, of: unit, assumed: a test}
"""
ANSWER = """
deadlines:
  - id: answer
    for: matter as m
    owed_by: "'unit/a'"
    starts: m.opened_at
    within: 2 hours
    met_at: m.decided_at
    assumed: a test
"""
LAPSES = ANSWER + "    lapses_at: m.until\n"
PLANNED = ANSWER.replace("m.decided_at", "m.planned_at")
BOTH = LAPSES.replace("m.decided_at", "m.planned_at")
LATER = LAPSES.replace("m.opened_at", "m.starts_at")
UNKNOWN_DUE = LAPSES.replace("within: 2 hours", "due: m.starts_at")
IN_DAYS = """
deadlines:
  - id: answer
    for: matter as m
    owed_by: "'unit/a'"
    starts: m.about
    due: m.due_on
    met_at: date_of(m.decided_at)
    assumed: a test
"""
AHEAD = """
notices:
  - id: warned
    for: matter as m
    to: "'unit/a'"
    at: m.answer.due - duration('30m')
    assumed: a test
"""
EARNED = """
points:
  - id: earned
    for: matter as m
    earn: "1"
    to: "'unit/a'"
    account: merit
    at: m.planned_at
    assumed: a test
"""
FOUND = """
findings:
  - id: out_of_time
    finding: out_of_time
    for: matter as m
    when: m.weight > 1
    at: m.until
    assumed: a test
"""
DECIDED = """
decisions:
  - id: fine
    for: matter as m
    value: m.weight
    between: ["0", "9"]
    at: m.decided_at
    by: m.until
    otherwise: "3"
    assumed: a test
"""

Make = Callable[..., Ruleset]
Timers = list[tuple[str, int]]


def hours(count: float) -> str:
    """So long after nine, as an event carries it."""
    total = int(count * 60)
    return f"2009-03-02T{9 + total // 60:02}:{total % 60:02}:00+08:00"


def run_through(engine: Engine, case: str = "matter/1") -> Iterator[tuple[Timers, CaseResults]]:
    """The earliest timers of a case, one after the other, with the results that they bring."""
    results = engine.results(case)
    while results.timers:
        first = min(at for _, at in results.timers)
        due = [(rule, at - NINE) for rule, at in results.timers if at == first]
        results = engine.results(case, as_of=first)
        yield due, results


@pytest.mark.parametrize(
    ("rules", "data", "expected"),
    [
        pytest.param(ANSWER, {}, [(2 * HOUR + 1, "overdue")], id="overdue"),
        pytest.param(
            LAPSES,
            {"until": hours(3)},
            [(2 * HOUR + 1, "overdue"), (3 * HOUR, "lapsed")],
            id="lapses-overdue",
        ),
        pytest.param(LAPSES, {"until": hours(1)}, [(HOUR, "lapsed")], id="lapses-open"),
        pytest.param(PLANNED, {"planned_at": hours(1)}, [(HOUR, "met")], id="met-ahead"),
        pytest.param(
            BOTH,
            {"planned_at": hours(4), "until": hours(5)},
            [(2 * HOUR + 1, "overdue"), (4 * HOUR, "late")],
            id="late-ahead",
        ),
        pytest.param(
            BOTH,
            {"planned_at": hours(2), "until": hours(1)},
            [(HOUR, "lapsed"), (2 * HOUR, "met")],
            id="in-time-all-the-same",
        ),
        pytest.param(
            BOTH, {"planned_at": hours(3), "until": hours(1)}, [(HOUR, "lapsed")], id="too-late"
        ),
        pytest.param(BOTH, {"planned_at": hours(1)}, [(HOUR, "met")], id="the-lapse-is-unknown"),
        pytest.param(UNKNOWN_DUE, {"until": hours(1)}, [(HOUR, "lapsed")], id="due-is-unknown"),
        pytest.param(PLANNED, {}, [], id="undetermined"),
        pytest.param(
            LATER,
            {"starts_at": hours(1), "until": hours(2)},
            [(HOUR, "open"), (2 * HOUR, "lapsed")],
            id="begins",
        ),
        pytest.param(
            IN_DAYS,
            {"about": "2009-03-03", "due_on": "2009-03-04"},
            [(MIDNIGHT - NINE, "open"), (MIDNIGHT - NINE + 2 * DAY, "overdue")],
            id="in-days",
        ),
    ],
)
def test_a_deadline_says_something_else(
    ruleset_of: Make, rules: str, data: Mapping[str, object], expected: list[tuple[int, str]]
) -> None:
    """Each status of a deadline that time alone brings has a timer, and there is no other."""
    engine = Engine(ruleset_of(from_open=MATTERS + rules))
    engine.act("matter/1", "open", at=NINE, data=data)

    statuses = [(due, results["answer"][0]["status"]) for due, results in run_through(engine)]

    assert [([("answer", at)], status) for at, status in expected] == statuses


@pytest.mark.parametrize(
    ("rules", "rule", "at", "collection"),
    [
        pytest.param(ANSWER + AHEAD, "warned", 90 * MINUTE, "notices", id="notice-ahead"),
        pytest.param(EARNED, "earned", HOUR, "entries", id="points"),
        pytest.param(FOUND, "out_of_time", 5 * HOUR, "findings", id="finding"),
    ],
)
def test_what_is_not_yet(ruleset_of: Make, rules: str, rule: str, at: int, collection: str) -> None:
    """Points, findings and notices whose time is to come have a timer for it."""
    engine = Engine(ruleset_of(from_open=MATTERS + rules))
    data = {"weight": 4, "until": hours(5)}
    planned = {"planned_at": hours(1)} if rule == "earned" else {}
    outcome = engine.act("matter/1", "open", at=NINE, data=data | planned)
    brought = engine.results("matter/1", as_of=NINE + at).collected(collection)

    assert (rule, NINE + at) in outcome.timers
    assert () == outcome.results.collected(collection)
    assert (rule, NINE + at) not in engine.results("matter/1", as_of=NINE + at).timers
    assert [rule] == [row["rule"] for row in brought]


def test_what_holds_where_nobody_decides(ruleset_of: Make) -> None:
    """An amount that holds once the time to decide has passed does so by a timer."""
    engine = Engine(ruleset_of(from_open=MATTERS + DECIDED))
    engine.act("matter/1", "open", at=NINE, data={"weight": 5, "until": hours(1)})
    found = [
        (min(at for _, at in due), results["fine"][0]["value"], len(results.collected("findings")))
        for due, results in run_through(engine)
    ]

    assert [(HOUR, 3, 0), (HOUR + 1, 3, 1)] == found


def test_a_decision_that_was_taken_has_no_timer(ruleset_of: Make) -> None:
    """A time by which somebody did something passes without anything to do."""
    engine = Engine(ruleset_of(from_open=MATTERS + DECIDED))
    engine.act("matter/1", "open", at=NINE, data={"weight": 5, "until": hours(1)})
    outcome = engine.act("matter/1", "decide", at=NINE + HOUR)

    assert () == outcome.timers


CALLS = """
points:
  - id: called
    for: matter.calls as c
    earn: SCORE
    to: "'unit/a'"
    account: merit
    at: c.at
    assumed: a test
"""


def test_the_next_version(ruleset_of: Make) -> None:
    """A row of unknown time, which the version of the day governs, changes with the version."""
    one, two = (MATTERS + CALLS.replace("SCORE", score) for score in ("c.score", "2 * c.score"))
    engine = Engine(ruleset_of(from_open=one, from_2009_03_04=two))
    engine.act("matter/1", "open", at=NINE)
    known = engine.act("matter/1", "call", at=NINE + HOUR, data={"score": 1})
    unknown = engine.act("matter/1", "call", at="unknown", data={"score": 1})
    after = engine.act("matter/1", "call", at=NINE + 2 * HOUR, data={"score": 1})
    turn = MIDNIGHT + DAY
    amounts = [row["amount"] for row in engine.results("matter/1", as_of=turn)["called"]]

    assert () == known.timers
    assert (("called", turn),) == unknown.timers == after.timers
    assert () == engine.results("matter/1", as_of=turn).timers
    assert [10_000, 10_000, 20_000] == sorted(amounts)


def test_timers_are_forgotten_with_their_rows(ruleset_of: Make) -> None:
    """Where rows of unknown time are gone, so is the timer for the next version."""
    when = CALLS.replace("earn: SCORE", "when: c.case.weight > 1\n    earn: c.score")
    engine = Engine(ruleset_of(from_open=MATTERS + when, from_2009_03_04=MATTERS + when))
    engine.act("matter/1", "open", at=NINE, data={"weight": 2})
    before = engine.act("matter/1", "call", at="unknown", data={"score": 1})
    after = engine.act("matter/1", "open", at=NINE + HOUR, data={"weight": 1})

    assert (("called", MIDNIGHT + DAY),) == before.timers == after.timers
    assert engine.timers("matter/1") == Engine(
        engine.ruleset,
        program=engine.program,
        store=engine.store,  # type: ignore[arg-type]
    ).timers("matter/1")


# All of it under the shipped rulesets -------------------------------------------------------------


def rows(results: CaseResults) -> Mapping[str, list[str]]:
    """The rows of every rule, in an order that does not depend on how they came about."""
    return {rule: sorted(map(repr, results.rows(rule))) for rule in results}


def times_in(results: CaseResults, zone: Zone) -> Iterator[int]:
    """Every instant that rows name, and the beginnings and ends of every day."""
    for rule in results:
        for row in results.rows(rule):
            for value in row:
                if type(value) is int and abs(value) < END // DAY:
                    yield from (to_utc(zone, value * DAY), to_utc(zone, (value + 1) * DAY))
                elif type(value) is int:
                    yield from (value, value + 1)


A_YEAR = 366 * DAY


@pytest.fixture(scope="module", params=RULESETS)
def shipped(request: pytest.FixtureRequest, host: Host) -> Engine:
    """An engine without any case, under a shipped ruleset with rules that read the time."""
    return Engine(host.load(request.param))


@pytest.fixture(scope="module")
def zone(shipped: Engine) -> Zone:
    """Where its days begin."""
    return build_zone(shipped.ruleset.versions[-1].zone)


def stretches(
    engine: Engine, case: str, zone: Zone, data: st.DataObject
) -> Iterator[tuple[CaseResults, int]]:
    """What is said of a case from one timer to the next, with instants in between."""
    said = engine.results(case)
    for _ in range(4):
        first = min((at for _, at in said.timers), default=END)
        between = {t for t in times_in(said, zone) if said.as_of <= t < first}
        between |= {said.as_of, first - 1, (said.as_of + first) // 2}
        for as_of in data.draw(st.sets(st.sampled_from(sorted(between)), max_size=3)):
            yield said, as_of
        if first == END:
            return
        said = engine.results(case, as_of=first)


def test_between_timers_a_case_says_the_same(shipped: Engine, zone: Zone) -> None:
    """From its assessment to its first timer, and from there to the next, nothing changes."""

    @settings(suppress_health_check=[HealthCheck.too_slow])
    @given(journals(shipped.ruleset), st.data())
    def holds(journal: Journal, data: st.DataObject) -> None:
        store = MemoryStore(journal.events)
        engine = Engine(shipped.ruleset, program=shipped.program, store=store)
        for case in sorted(store.cases()):
            for said, as_of in stretches(engine, case, zone, data):
                assert rows(said) == rows(engine.results(case, as_of=as_of))

    holds()


def test_an_assessment_says_the_same(shipped: Engine, zone: Zone) -> None:
    """At every instant an assessment of the journal says what the last timer left."""

    @settings(max_examples=FEW, suppress_health_check=[HealthCheck.too_slow])
    @given(cases(shipped.ruleset), st.data())
    def holds(events: tuple[Event, ...], data: st.DataObject) -> None:
        store, journal = MemoryStore(events), Journal(events=events)
        engine = Engine(shipped.ruleset, program=shipped.program, store=store)
        for case in store.cases():
            soon = engine.results(case).as_of + A_YEAR  # rolls grow by a row a day and member
            for said, as_of in stretches(engine, case, zone, data):
                if as_of > soon:
                    break
                found = assess(shipped.ruleset, journal, as_of=as_of).results
                wanted = {rule: sorted(map(repr, found[rule])) for rule in said}
                assert wanted == rows(said)

    holds()
