"""Whatever is done to what stands beside a journal is found: which case, which column, and how."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from office_histories import IN_ANY, Moment, Played
from office_texts import office_text, written

from kaocheng import Host, Ruleset
from kaocheng.calendars.numberline import HOUR, parse_instant
from kaocheng.engine import Engine
from kaocheng.engine.cases import Record
from kaocheng.evaluate.python import compile_plan
from kaocheng.model.events import Event
from kaocheng.stores import Outbox, SqlStore
from kaocheng.stores.comparing import MOST, Comparison, compare
from kaocheng.testing._store_test import MORNING, WANG, adopt, happen, office, submit
from kaocheng.testing.information_office import Office, synthetic_year


def engine_on(store: SqlStore) -> Engine:
    """An engine of the office."""
    return Engine(
        office().ruleset, program=office().program, store=store, clock=lambda: MORNING + 50 * HOUR
    )


@pytest.fixture
def filled(store: SqlStore) -> SqlStore:
    """Seven events of an incident and of reports on it, by acts and by timers."""
    engine = engine_on(store)
    happen(engine)
    submit(engine, "report/1", hours=1, key="a", incident="incident/1", length=4_000)
    submit(engine, "report/2", hours=2, answers="report/1")
    adopt(engine, "report/2", hours=3)
    data = {"incident": None}
    engine.act("report/1", "amend", at=MORNING + 5 * HOUR, actor=WANG, data=data)
    return store


def look(store: SqlStore, **options: Any) -> Comparison:  # noqa: ANN401 - as `compare` takes them
    """Everything laid beside the journal."""
    return compare(store, office().ruleset, program=office().program, **options)


def do(store: SqlStore, *statements: str) -> None:
    """Change the database as no engine would."""
    with store.engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def said(store: SqlStore) -> list[str]:
    """What is found, as people are told in both languages."""
    found = look(store)
    assert found.passed == (not found.differences)
    return [
        line
        for one in found.differences
        for line in (f"{one.table} {one.case}: {one.why.en}".replace(" :", ":"), one.why.zh)
    ]


# What is done, line by line, and under it what is found: in English, then in Chinese.
TAMPERING = [
    block.split("\n    ")
    for block in Path(__file__).with_name("tampering.txt").read_text("utf-8").strip().split("\n\n")
]


@pytest.mark.parametrize("block", TAMPERING, ids=lambda block: block[0][:60])
def test_whatever_is_changed_is_named(filled: SqlStore, block: list[str]) -> None:
    """The table, the case, the column, what is kept and what the journal says."""
    statement, *expected = block
    do(filled, statement)

    assert expected == said(filled)


def test_what_nobody_has_touched(filled: SqlStore) -> None:
    """Everything is as the journal says: cases, and how many."""
    assert Comparison(tenant="default", cases=3) == look(filled)
    assert Comparison(tenant="other", cases=0) == look(filled.of("other"))
    assert look(filled).passed


@settings(max_examples=25)
@given(IN_ANY)
def test_whatever_happens_nothing_differs(history: list[Moment]) -> None:
    """Acts in any order, corrections, dates and ticks leave nothing that nobody said."""
    with closing(Played(history, ticking=True).store) as store:
        found = look(store)

    assert () == found.differences
    assert found.passed


def test_an_information_office(store: SqlStore, host: Host) -> None:
    """Months of an office: units, officers, reports, instructions, and the timers of them all."""
    ruleset = host.load("wuhu-information")
    program = compile_plan(ruleset.plan)
    now = 0
    engine = Engine(ruleset, store=store, program=program, clock=lambda: now)
    office_ = Office(counties=2, others=12, instructions=30, topics=2, asked=3, violations=4)
    events = sorted(synthetic_year(office=office_).events, key=lambda e: (e.at or 0, e.case))
    for event in events[:400]:
        now = max(now, event.at or 0)
        given_ = {name: getattr(event, name) for name in ("at", "actor", "data", "corrects")}
        assert engine.act(event.case, event.event, **given_).accepted
    engine.tick(now + 24 * HOUR, limit=100)
    engine.load(e for e in events[400:] if e.case not in {one.case for one in events[:400]})
    found = compare(store, ruleset, program=program)

    assert () == found.differences
    assert len(list(store.cases())) == found.cases
    do(
        store,
        'DELETE FROM kaocheng_timers WHERE "case" = (SELECT min("case") FROM kaocheng_timers)',
    )
    assert {"no_timer"} == {
        one.code for one in compare(store, ruleset, program=program).differences
    }


def test_what_is_loaded_reads_what_rules_say_of_others(store: SqlStore, host: Host) -> None:
    """Where a rule reads what another rule says of a case that is loaded beside it."""
    ruleset = host.load("wuhu-quality")
    program = compile_plan(ruleset.plan)
    learnt = parse_instant("2009-07-02T10:00:00+08:00")
    report: dict[str, object] = {"unit": "unit/f", "incident": "incident/1", "stage": "final"}
    events = [
        Event(
            case="incident/1",
            sequence=1,
            event="learn",
            at=learnt,
            data={"name": "x", "unit": "unit/f"},
        ),
        Event(case="report/1", sequence=1, event="submit", at=learnt + HOUR, data=report),
    ]
    engine = Engine(ruleset, store=store, program=program)
    engine.load(events)

    assert () == compare(store, ruleset, program=program).differences
    (urgent,) = engine.results("incident/1")["urgent_report"]
    assert "met" == urgent["status"]


# What others say ----------------------------------------------------------------------------------

FOLLOWING = """
kaocheng: 1
ruleset: following
version: "1"
title: {zh: 试验, en: Trial}
effective: {from: open}
time_zone: Asia/Shanghai
kinds:
  desk:
    fields: {hours: {type: int, event: set}}
  report:
    fields:
      desk: {type: desk, event: submit}
      submitted_at: {at: submit}
      answered_at: {at: answer}
      notes: {count: note}
deadlines:
  - id: answer
    for: report as r
    owed_by: "'desk'"
    starts: r.submitted_at
    within: {amount: r.desk.hours, unit: hour}
    met_at: r.answered_at
    raise: {finding: unanswered, as: alleged, on: overdue}
    assumed: a test
"""


@pytest.fixture
def following(host: Host, tmp_path: Path) -> Ruleset:
    """Reports whose deadline depends on their desk, which may change."""
    return host.load(written(tmp_path / "following", FOLLOWING))


def test_a_case_says_what_it_said_when_it_was_looked_at(
    store: SqlStore, following: Ruleset
) -> None:
    """A change of another case shows with the next event; what is older is no difference."""
    engine = Engine(following, store=store)
    engine.act("desk/1", "set", {"hours": 1}, at=MORNING)
    engine.act("report/1", "submit", {"desk": "desk/1"}, at=MORNING)
    for hours in (5, 3, 7):
        engine.act("desk/1", "set", {"hours": hours}, at=MORNING + 1)

    assert compare(store, following).passed
    do(store, "UPDATE kaocheng_cases SET due = 0 WHERE \"case\" = 'report/1'")
    assert ["due"] == [one.column for one in compare(store, following).differences]


def test_cases_that_were_loaded_together(store: SqlStore, following: Ruleset) -> None:
    """They were looked at when all were there, though some stand earlier in the journal."""
    events = [
        Event(case=case, sequence=1, event=event, at=MORNING, data=data)
        for case, event, data in (
            ("report/1", "submit", {"desk": "zesk/1"}),
            ("report/2", "submit", {"desk": "desk/1"}),
            ("desk/1", "set", {"hours": 5}),
        )
    ]
    engine = Engine(following, store=store)
    engine.load(events)
    engine.act("desk/1", "set", {"hours": 1}, at=MORNING + 1)

    assert compare(store, following).passed


def test_a_finding_that_was_withdrawn(store: SqlStore, following: Ruleset) -> None:
    """What was said before may be of when the case changed last; nothing else may be withdrawn."""
    engine = Engine(following, store=store, clock=lambda: MORNING + 9 * HOUR)
    engine.act("desk/1", "set", {"hours": 1}, at=MORNING)
    engine.act("report/1", "submit", {"desk": "desk/1"}, at=MORNING)
    engine.tick(MORNING + 2 * HOUR)
    engine.act("desk/1", "set", {"hours": 5}, at=MORNING + 2 * HOUR)
    engine.act("report/1", "note", at=MORNING + 3 * HOUR)
    told = [claim.text for claim in Outbox(store).claim(MORNING + 9 * HOUR)]

    assert 1 == sum("kaocheng.finding.withdrawn" in text for text in told)
    assert compare(store, following).passed
    do(
        store,
        "UPDATE kaocheng_outbox SET message = replace(message, 'unanswered', 'late')"
        " WHERE message <> replace(message, 'withdrawn', '')",
    )
    assert ["told_otherwise"] == [one.code for one in compare(store, following).differences]


def test_another_text(filled: SqlStore, host: Host, following: Ruleset, tmp_path: Path) -> None:
    """Cases kept under another text of the ruleset are counted, and cases of other kinds apart."""
    other = host.load(office_text(tmp_path / "office", ("within: 2 hours", "within: 3 hours")))
    found = compare(filled, other)
    elsewhere = compare(filled, following)

    assert (0, 3, "incident/1") == (found.cases, found.other_text, found.first_of_other_text)
    assert ((), False) == (found.differences, found.passed)
    assert (2, 1, False) == (elsewhere.other_text, elsewhere.other_kinds, elsewhere.passed)
    engine = engine_on(filled)
    plan = engine.plan_migration(other)
    after = Engine(other, store=filled, clock=lambda: MORNING + 60 * HOUR)
    assert 3 == after.migrate(plan, at=MORNING + 60 * HOUR, reason="a new text")
    assert compare(filled, other).passed
    assert 3 == look(filled).other_text


def test_a_row_that_claims_another_text(filled: SqlStore) -> None:
    """Whoever changes a row and says that it is of another text has not made it pass."""
    do(filled, "UPDATE kaocheng_cases SET facts = '{}', versions = '[\"f\"]'")
    found = look(filled)

    assert (0, 3, (), False) == (found.cases, found.other_text, found.differences, found.passed)


# How it is looked ---------------------------------------------------------------------------------


def test_a_timer_that_waits_for_ever(filled: SqlStore) -> None:
    """Where the present is known, a timer that nobody will do is a difference."""
    do(filled, "UPDATE kaocheng_timers SET ready = 253370764800000000")
    (found,) = look(filled, now=MORNING + 50 * HOUR).differences

    assert look(filled).passed
    assert ("timer_ready", "verification") == (found.code, found.column)
    do(filled, f"UPDATE kaocheng_timers SET ready = {MORNING + 51 * HOUR}")
    assert look(filled, now=MORNING + 50 * HOUR).passed


def test_no_more_than_so_many(store: SqlStore) -> None:
    """Where everything is wrong, that is said after a hundred differences."""
    engine = engine_on(store)
    for number in range(60):
        submit(engine, f"report/{number}")
    do(store, "UPDATE kaocheng_cases SET state = 'closed', unit = 'unit/c'")
    found = look(store)

    assert (MOST, False, False) == (len(found.differences), found.complete, found.passed)
    assert found.differences == found.of("cases")
    assert () == found.of("timers")


def test_who_writes_meanwhile_makes_no_difference(
    filled: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything is of one state: acts and ticks go on, and are seen the next time."""
    monkeypatch.setattr("kaocheng.stores.comparing._PAGE", 1)
    told: list[tuple[int, int | None]] = []
    engine = engine_on(filled)

    def act(done: int, total: int | None) -> None:
        told.append((done, total))
        for number in (1, 2, 7):
            amended = engine.act("report/1", "amend", {"incident": f"incident/{number}"},
                                 at=MORNING + 6 * HOUR, actor=WANG)  # fmt: skip
            assert amended.accepted
        submit(engine, f"report/{done + 10}", hours=7)
        engine.tick(MORNING + 10 * HOUR)

    before = len(engine.journal().events)
    assert Comparison(tenant="default", cases=3) == look(filled, on_progress=act)
    assert [(n, 6) for n in range(1, 7)] == told
    assert len(engine.journal().events) > before
    assert look(filled).passed


def test_cases_are_forgotten_on_the_way(filled: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has been read is not kept for ever; nothing else comes of it."""
    monkeypatch.setattr("kaocheng.stores.comparing._RENEWED", 1)

    assert Comparison(tenant="default", cases=3) == look(filled)


def test_a_rule_that_fails_is_alone(filled: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A case that cannot be made anew is named with the reason, and the others are compared."""
    from kaocheng.engine import finding

    evaluate = finding.evaluate

    def failing(record: Record, *rest: Any) -> None:  # noqa: ANN401 - as the one that it stands for
        if record.state.case == "report/2":
            raise ZeroDivisionError("poison")
        evaluate(record, *rest)

    monkeypatch.setattr(finding, "evaluate", failing)
    found = look(filled)

    assert 3 == found.cases
    assert {("report/1", "failed"), ("report/2", "failed")} >= {
        (d.case, d.code) for d in found.differences
    }
    assert "the case cannot be made anew: poison" == found.differences[-1].why.en


def test_messages_that_were_delivered(filled: SqlStore) -> None:
    """What others have got is not looked at any more; what was given up is."""
    outbox = Outbox(filled)
    claims = outbox.claim(MORNING + 50 * HOUR, limit=2)
    outbox.delivered(claims[0], MORNING + 50 * HOUR)
    do(filled, "UPDATE kaocheng_outbox SET message = 'oops' WHERE delivered_at IS NOT NULL")

    assert look(filled).passed
    do(
        filled,
        "UPDATE kaocheng_outbox SET ready = NULL, message = 'oops' WHERE delivered_at IS NULL",
    )
    assert {"told_otherwise"} == {one.code for one in look(filled).differences}


def test_a_bulletin_that_was_never_published(filled: SqlStore) -> None:
    """A text of which the journal does not say that it was published is no bulletin."""
    row = "'default', 'incident/1', 1, '2009-03', 0, 0, 'zh', 'text', '{}'"
    do(filled, f"INSERT INTO kaocheng_bulletins VALUES ({row.format('[]')})")

    english, chinese = said(filled)
    why = "the journal does not say that it was published"
    assert f"bulletins incident/1: the bulletin of event 1: {why}" == english
    assert "第 1 号事件的通报：台账没有记载其发布" == chinese
