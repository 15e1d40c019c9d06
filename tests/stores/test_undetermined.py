"""A deadline of which nobody can say how it stands is seen: by who acts, by others, in lists."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import structlog
from hypothesis import given
from office_histories import IN_ANY, Moment, Played
from office_texts import written
from passing_days import Days
from structlog.testing import capture_logs

from kaocheng import Host, Ruleset
from kaocheng.calendars import countries
from kaocheng.calendars.numberline import DAY, HOUR, NEVER, parse_instant
from kaocheng.engine import Engine
from kaocheng.engine.timers import clock_places
from kaocheng.model.events import Correction
from kaocheng.stores import SqlStore
from kaocheng.stores.comparing import compare
from kaocheng.stores.statements import worklist
from kaocheng.stores.working import Worker
from kaocheng.testing.durable import Auditor, Kept

PERMITS = """
kaocheng: 1
ruleset: permits
version: "2024"
title: {zh: 试验, en: Trial}
effective: {from: open}
time_zone: Asia/Shanghai
calendar: CN
kinds:
  breach:
    fields:
      opened_at: {at: open}
      notified_at: {at: notify}
deadlines:
  - id: notice
    title: {zh: 通报, en: notice}
    clause: art. 1
    for: breach as b
    owed_by: "'desk'"
    starts: b.opened_at
    within: 3 working days
    met_at: b.notified_at
    raise: {finding: missing, as: alleged, on: overdue}
"""
LAST_DAYS = parse_instant("2025-12-30T09:00:00+08:00")
Load = Callable[[int], Ruleset]
Told = list[tuple[str, dict[str, object]]]


@pytest.fixture
def load(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Loads the ruleset as whoever knows the calendar until the end of a year."""
    path = written(tmp_path / "permits", PERMITS)

    def loaded(year: int) -> Ruleset:
        known = {**countries.PUBLISHED_YEARS, "CN": (2001, year)}
        monkeypatch.setattr(countries, "PUBLISHED_YEARS", known)
        return host.load(path)

    return loaded


@pytest.fixture
def engine(load: Load, store: SqlStore) -> Engine:
    """An engine in the last days that its calendar knows."""
    return Engine(load(2025), store=store, clock=lambda: LAST_DAYS)


def told(store: SqlStore, *, after: int = 0) -> Told:
    """What was told since an event, but that events happened."""
    with store.engine.connect() as connection:
        rows = Kept.read(connection, store.tenant).rows["outbox"]
    messages = [json.loads(str(row["message"])) for row in rows]
    return [
        (str(message["type"]).removeprefix("kaocheng."), message["data"])
        for message in messages
        if message["type"] != "kaocheng.event" and int(message["sequence"][:20]) > after
    ]


# Who acts -----------------------------------------------------------------------------------------


def test_who_acts_is_told(engine: Engine) -> None:
    """The outcome names the deadline and what is unknown, in both languages, and is accepted."""
    outcome = engine.act("breach/1", "open")
    (deadline,) = outcome.undetermined

    assert outcome.accepted
    assert ("notice", "breach/1", ("due",)) == (
        deadline.rule,
        deadline.row["case"],
        deadline.lacking,
    )
    assert (
        "the deadline `notice` of `breach/1` is undetermined (unknown: `due`): nobody can say"
        " whether it is overdue; `explain` says why"
    ) == deadline.message()
    assert (
        "`breach/1` 的期限 `notice` 待定（未知：`due`），无法判断是否逾期；原因请用 `explain` 查询"
    ) == deadline.message("zh")
    (explained,) = engine.explain("breach/1", rule="notice")
    assert "  undetermined: the calendar `CN 2001-2025` does not reach that far" in explained.texts(
        "en"
    )


def test_more_than_one_time_may_be_unknown(engine: Engine) -> None:
    """Where nobody knows when it begins, both its times are named."""
    (deadline,) = engine.act("breach/1", "open", at="2025-12-01").undetermined

    assert ("start", "due") == deadline.lacking
    assert "(unknown: `start`, `due`)" in deadline.message()
    assert "（未知：`start`、`due`）" in deadline.message("zh")


def test_a_deadline_that_is_known_is_not_named(engine: Engine) -> None:
    """Nor is one in a refusal, in which nothing follows."""
    assert () == engine.act("breach/1", "open", at=LAST_DAYS - 9 * DAY).undetermined
    assert () == engine.act("nothing/1", "open").undetermined


def test_the_same_act_says_the_same_again(engine: Engine) -> None:
    """What is kept under an idempotency key says which deadlines were undetermined."""
    once, again = (
        engine.act("breach/1", "open", idempotency_key="k").undetermined for _ in range(2)
    )

    assert ["notice"] == [deadline.rule for deadline in again]
    assert [deadline.text for deadline in once] == [deadline.text for deadline in again]


# Others -------------------------------------------------------------------------------------------


def test_others_are_told_once(engine: Engine, store: SqlStore) -> None:
    """By a message of its own kind, when it becomes undetermined and not again."""
    engine.act("breach/1", "open")
    ((kind, said),) = told(store)
    engine.act("breach/1", "note", at=LAST_DAYS + HOUR)

    assert "undetermined" == kind
    assert {
        "rule": "notice",
        "case": "breach/1",
        "owed_by": "desk",
        "start": "2025-12-30T09:00:00+08:00",
        "due": None,
        "met_at": "never",
        "late_by": "PT0S",
        "status": "undetermined",
        "version": "2024",
        "undetermined": True,
        "title": {"zh": "通报", "en": "notice"},
        "clause": "art. 1",
    } == said
    assert [(kind, said)] == told(store)


def test_the_next_edition_takes_it_back(engine: Engine, store: SqlStore, load: Load) -> None:
    """A migration to a ruleset that knows the days sets the timer and withdraws the message."""
    engine.act("breach/1", "open")
    ((_, said),) = told(store)
    after = len(store.journal())
    ruleset = load(2026)
    other = Engine(ruleset, store=store, clock=lambda: LAST_DAYS + HOUR)
    plan = engine.plan_migration(ruleset)
    assert 1 == other.migrate(plan, at=LAST_DAYS + HOUR, reason="the days of 2026")

    assert [("undetermined.withdrawn", said)] == told(store, after=after)
    assert () == other.cases(undetermined=True)
    assert ["notice"] == [rule for rule, _ in other.timers("breach/1")]
    assert compare(store, ruleset).passed


def test_a_migration_tells_what_it_makes_undetermined(
    store: SqlStore, load: Load, engine: Engine
) -> None:
    """A ruleset that knows fewer days tells of what it cannot compute, once."""
    known = Engine(load(2026), store=store, clock=lambda: LAST_DAYS)
    known.act("breach/1", "open")
    assert [] == told(store)
    plan = known.plan_migration(engine.ruleset)
    assert 1 == engine.migrate(plan, at=LAST_DAYS, reason="the wrong way")

    assert ["undetermined"] == [kind for kind, _ in told(store)]
    assert ["breach/1"] == [listed.case for listed in engine.cases(undetermined=True)]


def test_the_audit_knows_what_may_be_said(engine: Engine, store: SqlStore) -> None:
    """What waits and was changed is found, and what nobody has touched is as it should be."""
    engine.act("breach/1", "open")
    assert compare(store, engine.ruleset).passed
    with store.engine.begin() as connection:
        assert [] == Auditor(engine.ruleset).faults(connection, store.tenant)
        change = "UPDATE kaocheng_outbox SET message = replace(message, 'art. 1', 'art. 2')"
        connection.exec_driver_sql(change)

    (found,) = compare(store, engine.ruleset).differences
    assert ("told_otherwise", "1/2") == (found.code, found.column)


def test_the_audit_knows_what_may_be_taken_back(engine: Engine, store: SqlStore) -> None:
    """Only a deadline that was undetermined before is so no more."""
    engine.act("breach/1", "open")
    taken_back = Correction(sequence=1, reason="a mistake", void=True)
    assert engine.act("breach/1", "note", corrects=taken_back).accepted
    assert ["undetermined", "undetermined.withdrawn"] == [kind for kind, _ in told(store)]
    assert compare(store, engine.ruleset).passed
    with store.engine.begin() as connection:
        change = "UPDATE kaocheng_outbox SET message = replace(message, 'desk', 'dusk')"
        connection.exec_driver_sql(f"{change} WHERE position = 2")

    (found,) = compare(store, engine.ruleset).differences
    assert ("told_otherwise", "2/2") == (found.code, found.column)


# Lists --------------------------------------------------------------------------------------------


def test_a_case_may_have_both(host: Host, store: SqlStore, tmp_path: Path) -> None:
    """A due time does not hide a deadline that is undetermined, nor is it hidden by one."""
    more = PERMITS + PERMITS[PERMITS.index("  - id: notice") :].replace("notice", "sequel", 1)
    ruleset = host.load(written(tmp_path / "both", more.replace("3 working days", "9 days", 1)))
    engine = Engine(ruleset, store=store)
    engine.act("breach/1", "open", at="2026-12-30T09:00:00+08:00")
    (listed,) = engine.cases(undetermined=True)

    assert (parse_instant("2027-01-08T09:00:00+08:00"), 1) == (listed.due, listed.undetermined)
    assert (listed,) == engine.cases(undetermined=True, due_before=(listed.due or 0) + 1)
    assert () == engine.cases(undetermined=True, due_before=listed.due)


@pytest.mark.parametrize("ends", [False, True])
def test_closing_is_no_fulfilment(
    host: Host, store: SqlStore, tmp_path: Path, *, ends: bool
) -> None:
    """A closed case stays on both lists, unless the ruleset says that its duty ends with it."""
    lifecycle = (
        "    lifecycle:\n      initial: new\n      states:\n        new: {zh: 新, en: new}\n"
        "        closed: {zh: 结, en: closed}\n      final: [closed]\n"
        "      open: {from: new, to: new}\n      notify: {from: new, to: new}\n"
        "      close: {from: new, to: closed}\ndeadlines:"
    )
    text = PERMITS.replace("deadlines:", lifecycle)
    if ends:
        text = text.replace("    owed_by:", "    when: b.state != 'closed'\n    owed_by:")
    ruleset = host.load(written(tmp_path / f"closing-{ends}", text))
    engine = Engine(ruleset, store=store, clock=lambda: parse_instant("2024-06-03T09:00:00+08:00"))
    for case, at in (("breach/1", "2024-03-04"), ("breach/2", "2024-03-04T09:00:00+08:00")):
        assert engine.act(case, "open", at=at).accepted
    assert ["breach/1"] == [listed.case for listed in engine.cases(undetermined=True)]
    for case in ("breach/1", "breach/2"):
        assert engine.act(case, "close").accepted
    lists = engine.cases(undetermined=True), engine.cases(overdue=True)

    wanted = [[], []] if ends else [["breach/1"], ["breach/2"]]
    assert wanted == [[listed.case for listed in found] for found in lists]
    assert not any(engine.cases(undetermined=True, state="new"))


def test_the_list_is_read_from_an_index_of_its_own(store: SqlStore) -> None:
    """Only the cases that belong there are in it, in the order of pages."""
    if store.engine.dialect.name != "sqlite":
        return  # a server reads a table of no rows from its beginning
    from kaocheng.engine.database import Wanted

    query = worklist(Wanted(undetermined=True), "a/1").compile(store.engine)
    values = {**query.params, "tenant": "default", "most": 9}
    found = tuple(values[name] for name in query.positiontup or ())
    with store.engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", found).all()

    assert [
        "SEARCH kaocheng_cases USING INDEX kaocheng_cases_undetermined (tenant=? AND case>?)"
    ] == [row[-1] for row in plan]


def dues(engine: Engine, case: str) -> Iterator[tuple[str, str]]:
    """The deadlines of a case that are not done: the rule, and what makes them seen."""
    results = engine.results(case)
    places = clock_places(
        {
            rule: engine.ruleset.plan.relations[rule]
            for rule in engine.online[case.partition("/")[0]]
        }
    )
    timers = {rule for rule, _ in results.timers}
    for place in places:
        for row in results[place.rule]:
            if row["status"] is None:
                yield place.rule, "undetermined"
            elif row["status"] == "overdue":
                yield place.rule, "due"
            elif row["status"] in {"not_begun", "open"} and row["due"] != NEVER:
                yield place.rule, "timer" if place.rule in timers else "nothing"


@given(IN_ANY)
def test_undetermined_means_what_an_assessment_says(history: list[Moment]) -> None:
    """A case is listed as undetermined, with how many, if and only if `assess` has such rows."""
    played = Played(history, ticking=True)
    with closing(played.store):
        assessment = played.engine.assess(as_of=played.now)
        said: dict[str, int] = {}
        for rule in assessment.rules("deadlines"):
            for row in assessment.rows(rule.id):
                said[row["case"]] = said.get(row["case"], 0) + (row["status"] is None)
        listed = {one.case: one.undetermined for one in played.engine.cases(undetermined=True)}

    assert {case: count for case, count in said.items() if count} == listed


@given(IN_ANY)
def test_no_open_deadline_is_lost(history: list[Moment]) -> None:
    """What is not done has a timer, or is overdue and listed so, or is listed as undetermined."""
    played = Played(history, ticking=True, end=False)
    with closing(played.store):
        engine = played.engine
        for one in engine.cases():
            seen = list(dues(engine, one.case))
            kinds = [kind for _, kind in seen]

            assert "nothing" not in kinds, seen
            assert kinds.count("undetermined") == one.undetermined
            assert (one.due is not None) == bool({"due", "timer"} & {*kinds})


# Before it is too late ----------------------------------------------------------------------------


def warned(ruleset: Ruleset, begins: str, *, waits: int) -> list[dict[str, object]]:
    """What a worker logs of calendars, from a time on."""
    days = Days(waits)
    with closing(SqlStore.open()) as store, capture_logs() as notes:
        structlog.configure()

        def clock() -> int:
            return parse_instant(begins) + days.waits * 12 * HOUR

        Worker([Engine(ruleset, store=store)], clock=clock).run(days)
    structlog.reset_defaults()
    return [dict(one) for one in notes if one["event"] == "calendar.ending"]


def test_a_worker_says_early_that_a_calendar_ends(load: Load) -> None:
    """Once when it starts and once a day, from 45 days before the last day on, and after it."""
    ruleset = load(2025)
    said = {
        "event": "calendar.ending",
        "log_level": "warning",
        "tenant": "default",
        "ruleset": "permits",
        "calendar": "CN 2001-2025",
        "last_day": "2025-12-31",
    }

    assert [] == warned(ruleset, "2025-11-15T12:00:00Z", waits=1)
    assert [said] == warned(ruleset, "2025-11-15T12:00:00Z", waits=2)
    assert [said] * 3 == warned(ruleset, "2025-11-16T00:00:00Z", waits=6)
    assert [said] == warned(ruleset, "2026-02-01T00:00:00Z", waits=1)


def test_a_version_that_is_over_needs_no_days(host: Host, tmp_path: Path) -> None:
    """Nobody is warned of the calendar of a version that has ended, once no days are counted."""
    then = PERMITS.replace('"2024"', '"2025"').replace("{from: open}", "{from: 2025-01-01}")
    ruleset = host.load(
        written(
            tmp_path / "over",
            PERMITS,
            then.replace("3 working days", "9 days").replace("calendar: CN\n", ""),
        )
    )

    assert 1 == len(ruleset.editions)
    assert () == ruleset.editions_on(parse_instant("2025-01-01T00:00:00Z") // DAY)
    assert [] == warned(ruleset, "2026-12-30T00:00:00Z", waits=1)
