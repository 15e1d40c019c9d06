"""Results of acts: equal to a whole assessment, whatever was acted in whatever order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaocheng.assessing import fold_facts
from kaocheng.calendars.numberline import DAY, HOUR, format_date, parse_instant
from kaocheng.calendars.zones import build_zone
from kaocheng.engine import Engine, MemoryStore, Receipt
from kaocheng.language.ruleset import Ruleset
from kaocheng.model.events import Actor, Correction, Event
from kaocheng.model.facts import Times

START = parse_instant("2009-03-02T09:00:00+08:00")
PEOPLE = tuple(
    Actor(id=name, roles=("informant", "verifier", "editor")) for name in ("li", "wang", "zhao")
)
REPORTS = ("report/1", "report/2")
INCIDENTS = ("incident/1", "incident/2")
RULES = (
    "verification", "verification.late", "publication", "adopted", "research", "best", "shared",
    "paused", "lateness",
)  # fmt: skip

Desk = Any  # the class stands in `conftest.py`, which cannot be imported


class Act(NamedTuple):
    """One call of `act`."""

    case: str
    event: str
    at: int | str
    actor: Actor
    data: Mapping[str, object]
    corrects: Correction | None = None


TIMES = st.one_of(
    st.integers(0, 60).map(lambda hours: START + hours * HOUR),
    st.integers(0, 3).map(lambda days: format_date(START // DAY + days)),
    st.just("unknown"),
)
OUTLETS = st.sampled_from(["daily_express", "special_report", None])
LEVELS = st.sampled_from(["city", "province", "central"])
DATA: Mapping[str, st.SearchStrategy[Mapping[str, object]]] = {
    "submit": st.fixed_dictionaries(
        {},
        optional={
            "genre": st.sampled_from(["dynamic", "research"]),
            "length": st.integers(0, 500),
            "incident": st.sampled_from([*INCIDENTS, "3"]),
            "authors": st.lists(st.sampled_from(["li", "wang"]), max_size=2),
        },
    ),
    "adopt": st.fixed_dictionaries({"outlet": OUTLETS, "level": LEVELS}),
    "send_back": st.fixed_dictionaries(
        {},
        optional={
            "genre": st.sampled_from(["dynamic", "research", None]),
            "incident": st.sampled_from(INCIDENTS),
        },
    ),
    "correct": st.just({}),
}
CORRECTIONS = st.one_of(
    st.builds(
        Correction, sequence=st.integers(1, 4), reason=st.just("r"), void=st.just(value=True)
    ),
    st.builds(
        Correction,
        sequence=st.integers(1, 4),
        reason=st.just("r"),
        at=st.integers(0, 60).map(lambda hours: START + hours * HOUR),
    ),
    st.builds(
        Correction,
        sequence=st.integers(1, 4),
        reason=st.just("r"),
        data=st.fixed_dictionaries({"genre": st.sampled_from(["dynamic", "research"])}),
    ),
)


@st.composite
def acts(draw: st.DrawFn) -> Act:
    """An act on a report, or the happening of an incident."""
    at, actor = draw(TIMES), draw(st.sampled_from(PEOPLE))
    if draw(st.integers(0, 5)) == 0:
        severity = draw(st.sampled_from(["minor", "major"]))
        return Act(draw(st.sampled_from(INCIDENTS)), "happen", at, actor, {"severity": severity})
    event = draw(
        st.sampled_from(
            [
                "submit",
                "verify",
                "adopt",
                "adopt",
                "send_back",
                "pause",
                "resume",
                "correct",
                "close",
            ]
        )
    )
    corrects = draw(CORRECTIONS) if event == "correct" else None
    data = draw(DATA.get(event, st.just({})))
    return Act(draw(st.sampled_from(REPORTS)), event, at, actor, data, corrects)


HISTORIES = st.builds(
    lambda first, rest: [
        Act("report/1", "submit", START, PEOPLE[0], {**first, "genre": "research"}),
        *rest,
    ],
    DATA["submit"],
    st.lists(acts(), max_size=14),
)


def play(engine: Engine, history: list[Act]) -> None:
    """Act out a history; what is refused is refused."""
    for act in history:
        engine.act(
            act.case, act.event, at=act.at, actor=act.actor, data=act.data, corrects=act.corrects
        )


def assessed(engine: Engine, case: str, as_of: int) -> dict[str, list[tuple[object, ...]]]:
    """What a whole assessment says of a case."""
    ruleset, times = engine.ruleset, Times(as_of=as_of)
    relations = ruleset.plan.relations
    zone = build_zone("Asia/Shanghai")
    _, folded = fold_facts(ruleset, engine.journal(), times, zone=zone)
    results = engine.program.run(folded.facts, times)
    return {
        rule: [row for row in results[rule] if row[relations[rule].index("case")] == case]
        for rule in engine.results(case)
    }


def ordered(rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Rows in an order that does not depend on how they came about."""
    return sorted(rows, key=repr)


@given(history=HISTORIES)
def test_equal_to_an_assessment(desk: Desk, history: list[Act]) -> None:
    """What acts say of each case is what a whole assessment of the journal says."""
    engine = desk.engine()
    play(engine, history)

    for case in engine.store.cases():
        actual = engine.results(case)
        expected = assessed(engine, case, actual.as_of)
        for rule in actual:
            assert ordered(expected[rule]) == ordered(actual.rows(rule)), (case, rule)


@given(history=HISTORIES)
def test_equal_across_versions(desk_of_two: Desk, history: list[Act]) -> None:
    """Where several versions have the rules, each row is governed as in an assessment."""
    engine = desk_of_two.engine()
    play(engine, history)

    for case in engine.store.cases():
        actual = engine.results(case)
        expected = assessed(engine, case, actual.as_of)
        for rule in actual:
            assert ordered(expected[rule]) == ordered(actual.rows(rule)), (case, rule)


@given(history=HISTORIES)
def test_equal_after_reading_the_store(desk: Desk, history: list[Act]) -> None:
    """An engine that reads the events from a store knows what the one knows that wrote them."""
    engine = desk.engine()
    play(engine, history)
    other = desk.engine(MemoryStore(engine.journal().events))

    for case in engine.store.cases():
        assert engine.state(case) == other.state(case)
        assert engine.case(case) == other.case(case)
        assert engine.sequence(case) == other.sequence(case)
        known, read = engine.results(case), other.results(case)
        assert known.as_of == read.as_of
        for rule in known:
            assert ordered(known.rows(rule)) == ordered(read.rows(rule)), (case, rule)


@given(history=HISTORIES, act=acts())
def test_refusals_change_nothing(desk: Desk, history: list[Act], act: Act) -> None:
    """Whatever is refused leaves the journal and every result as they were."""
    engine = desk.engine()
    play(engine, history)
    before = engine.journal()
    results = {case: dict(engine.results(case)) for case in engine.store.cases()}
    outcome = engine.act(act.case, act.event, at=act.at, actor=Actor(id="nobody"), data=act.data)

    if not outcome.accepted:
        assert before == engine.journal()
        assert results == {case: dict(engine.results(case)) for case in engine.store.cases()}


@given(history=HISTORIES, hours=st.integers(-10, 100))
def test_results_at_another_time(desk: Desk, history: list[Act], hours: int) -> None:
    """A case may be asked about at any time: later events of it do not exist then."""
    engine = desk.engine()
    play(engine, history)
    as_of = START + hours * HOUR
    expected = assessed(engine, "report/1", as_of)
    actual = engine.results("report/1", as_of=as_of)

    for rule in actual:
        assert ordered(expected[rule]) == ordered(actual.rows(rule)), rule


def test_online_rules(engine: Engine) -> None:
    """The rules of a case are online, also those that rank its rows; a tally is not."""
    assert {
        "person": (),
        "unit": (),
        "incident": ("first_report",),
        "report": RULES,
    } == engine.online


@pytest.mark.parametrize("rule", ["adopted", "research"])
def test_old_rows_are_kept(engine: Engine, rule: str) -> None:
    """Rows that a growing rule gave are the same objects after the next act."""
    engine.act("report/1", "submit", at=START, actor=PEOPLE[0], data={"genre": "research"})
    data = {"outlet": "daily_express", "level": "city"}
    first = engine.act("report/1", "adopt", at=START + 1, actor=PEOPLE[1], data=data)
    second = engine.act("report/1", "adopt", at=START + 2, actor=PEOPLE[1], data=data)

    assert first.results.rows(rule)[0] is second.results.rows(rule)[0]
    assert 2 == len(second.results.rows(rule))


@pytest.mark.parametrize("versions", ["desk", "desk_of_two"])
def test_what_they_read_changes(request: pytest.FixtureRequest, versions: str) -> None:
    """Where a column that a growing rule reads has changed, all of its rows are anew."""
    engine: Engine = request.getfixturevalue(versions).engine()
    engine.act("report/1", "submit", at=START, actor=PEOPLE[0], data={"genre": "research"})
    data = {"outlet": "daily_express", "level": "city"}
    engine.act("report/1", "adopt", at=START + 1, actor=PEOPLE[1], data=data)
    outcome = engine.act("report/1", "send_back", at=START + 2, data={"genre": "dynamic"})

    assert [] == outcome.results.rows("research")


def test_next_version_comes_into_force(desk_of_two: Desk) -> None:
    """Rows of unknown time are governed by the version of the day, so they change with it."""
    engine = desk_of_two.engine()
    engine.act("report/1", "submit", at=START, actor=PEOPLE[0])
    data = {"outlet": "daily_express", "level": "city"}
    before = engine.act("report/1", "adopt", at="unknown", actor=PEOPLE[1], data=data)
    after = engine.act("report/1", "send_back", at=START + 3 * 24 * HOUR)

    assert [(0, 20_000)] == [(r["version"], r["amount"]) for r in before.results["adopted"]]
    assert [(1, 30_000)] == [(r["version"], r["amount"]) for r in after.results["adopted"]]


VISITS = """
kinds:
  person:
    fields:
      name: string
  unit:
    dated: true
    fields:
      class: {one_of: [county, other]}
    lists:
      visits: {event: visit, fields: {by: person}}
accounts:
  - {id: merit, of: person, assumed: a test}
points:
  - id: visited
    for: unit.visits as v
    earn: "v.case.class == 'county' ? 2 : 1"
    to: v.by
    account: merit
    at: v.at
    assumed: a test
"""


def test_dated_facts_are_read_as_of_the_row(ruleset_of: Callable[..., Ruleset]) -> None:
    """A fact entered late changes what a row of that time reads, whatever it is today."""
    engine = Engine(ruleset_of(from_open=VISITS))
    engine.act("unit/jing_hu", "set_up", at=START, data={"class": "other"})
    engine.act("unit/jing_hu", "visit", at=START + 2 * HOUR, data={"by": "li"})
    engine.act("unit/jing_hu", "set_up", at=START + 3 * HOUR, data={"class": "other"})
    before = engine.results("unit/jing_hu")["visited"]
    outcome = engine.act("unit/jing_hu", "set_up", at=START + HOUR, data={"class": "county"})

    assert [10_000] == [row["amount"] for row in before]
    assert [20_000] == [row["amount"] for row in outcome.results["visited"]]


NOTICES = """
kinds:
  incident:
    fields:
      minor: {count: happen}
  notice:
    fields:
      incident: incident
      sent_at: {at: send}
deadlines:
  - id: notice_in_time
    for: notice as n
    owed_by: "'unit/office'"
    starts: n.sent_at
    within: "2 hours"
    met_at: n.sent_at
    excused: n.incident.minor == 1
    assumed: a test
"""


def test_reference(ruleset_of: Callable[..., Ruleset]) -> None:
    """A reference reads the case that it names; one whose events are all voided is not there."""
    engine = Engine(ruleset_of(from_open=NOTICES))
    engine.act("incident/1", "happen", at=START)
    there = engine.act("notice/1", "send", at=START, data={"incident": "1"})
    void = Correction(sequence=1, reason="no incident", void=True)
    engine.act("incident/1", "correct", at=START, corrects=void)
    gone = engine.act("notice/2", "send", at=START, data={"incident": "1"})
    nowhere = engine.act("notice/3", "send", at=START, data={"incident": "2"})

    assert engine.case("incident/1") is None
    assert ["excused", None, None] == [
        outcome.results["notice_in_time"][0]["status"] for outcome in (there, gone, nowhere)
    ]


# Cases that read others -------------------------------------------------------------------------


def test_parent_is_assessed_again(engine: Engine) -> None:
    """An act on a child assesses again the parent whose rules read it."""
    engine.act("incident/1", "happen", at=START, data={"severity": "major"})
    before = engine.results("incident/1")["first_report"][0]
    outcome = engine.act(
        "report/1", "submit", at=START + HOUR, actor=PEOPLE[0], data={"incident": "1"}
    )

    assert "open" == before["status"]
    assert ["incident/1"] == list(outcome.parents)
    assert "met" == outcome.parents["incident/1"]["first_report"][0]["status"]
    assert "met" == engine.results("incident/1")["first_report"][0]["status"]


class UnsteadyStore(MemoryStore):
    """A store that fails while it is told to."""

    failing = False

    def append(self, event: Event, receipt: Receipt | None = None) -> None:
        """Keep the event, or fail."""
        if self.failing:
            raise OSError("the disk is full")
        super().append(event, receipt)


def test_failure_leaves_parents_as_they_were(desk: Desk) -> None:
    """Where the store fails, neither the child nor its parents have changed; it can be retried."""
    store = UnsteadyStore()
    engine = desk.engine(store)
    for incident in INCIDENTS:
        engine.act(incident, "happen", at=START)
    engine.act("report/1", "submit", at=START + HOUR, actor=PEOPLE[0], data={"incident": "1"})
    store.failing = True
    with pytest.raises(OSError, match="the disk is full"):
        engine.act("report/1", "send_back", at=START + 2 * HOUR, data={"incident": "2"})
    with pytest.raises(OSError, match="the disk is full"):
        engine.act("report/2", "submit", at=START + HOUR, actor=PEOPLE[0], data={"incident": "2"})
    statuses = [engine.results(name)["first_report"][0]["status"] for name in INCIDENTS]
    store.failing = False
    outcome = engine.act("report/1", "send_back", at=START + 2 * HOUR, data={"incident": "2"})

    assert ["met", "open"] == statuses
    assert engine.case("report/2") is None
    assert ["open", "met"] == [
        outcome.parents[name]["first_report"][0]["status"] for name in INCIDENTS
    ]


def test_child_before_its_parent(engine: Engine) -> None:
    """A child may be there before its parent: the parent finds it when it is opened."""
    engine.act("report/1", "submit", at=START + HOUR, actor=PEOPLE[0], data={"incident": "1"})
    outcome = engine.act("incident/1", "happen", at=START, data={"severity": "major"})

    assert {} == outcome.parents
    assert "met" == outcome.results["first_report"][0]["status"]


def test_child_moves_to_another_parent(engine: Engine) -> None:
    """A child that names another parent leaves the old one, and both are assessed again."""
    for incident in INCIDENTS:
        engine.act(incident, "happen", at=START, data={"severity": "major"})
    engine.act("report/1", "submit", at=START + HOUR, actor=PEOPLE[0], data={"incident": "1"})
    engine.act("report/1", "send_back", at=START + 2 * HOUR, data={"incident": "2"})

    assert ["open", "met"] == [
        engine.results(incident)["first_report"][0]["status"] for incident in INCIDENTS
    ]
