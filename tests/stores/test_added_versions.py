"""Cases of a database to whose ruleset a version was added are what the journal says, as before."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from office_texts import written

from kaocheng import Host, Ruleset
from kaocheng.calendars.numberline import HOUR, parse_instant
from kaocheng.cli.audit import compared
from kaocheng.engine import Engine
from kaocheng.stores import SqlStore
from kaocheng.stores.comparing import Comparison, compare
from kaocheng.testing._store_test import MORNING

ONE = """
kaocheng: 1
ruleset: growing
version: "1"
title: {zh: 试验, en: Trial}
effective: {from: open}
time_zone: Asia/Shanghai

kinds:
  report:
    fields:
      pages: {type: int, event: submit}
      submitted_at: {at: submit}
      answered_at: {at: answer}

derived:
  - {id: thick, for: report as r, value: r.pages > 5, assumed: a test}

deadlines:
  - id: answer
    for: report as r
    owed_by: "'desk'"
    starts: r.submitted_at
    within: 2 hours
    met_at: r.answered_at
    raise: {finding: unanswered, as: alleged, on: overdue}
    assumed: a test

findings:
  - {id: long, for: report as r, when: r.thick, finding: long, at: r.submitted_at, assumed: a test}
"""
TURN = parse_instant("2010-01-01T00:00:00+08:00")


def two(*changes: tuple[str, str]) -> str:
    """The text of the version that comes into force in 2010."""
    text = ONE.replace('version: "1"', 'version: "2"').replace("from: open", "from: 2010-01-01")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


SAME_SHAPE = two(("2 hours", "3 hours"))
_ASSUMED = "assumed: a test}"
MORE = two(
    (
        "      pages:",
        "      sheets: {type: int, event: submit}\n      times: {count: submit}\n      pages:",
    ),
    (
        "derived:\n",
        f"derived:\n  - {{id: thin, for: report as r, value: r.pages < 3, {_ASSUMED}\n",
    ),
    (
        "findings:\n",
        "findings:\n  - {id: short, for: report as r, when: r.thin, finding: short,"
        f" at: r.submitted_at, {_ASSUMED}\n",
    ),
)


class Growing:
    """The ruleset before and after a version was added, with a name that is short to show."""

    def __init__(self, before: Ruleset, after: Ruleset) -> None:
        self.before = before
        self.after = after


@pytest.fixture(scope="module", params=[SAME_SHAPE, MORE], ids=["same_shape", "more"])
def growing(
    request: pytest.FixtureRequest, host: Host, tmp_path_factory: pytest.TempPathFactory
) -> Growing:
    """A ruleset to which a version is added."""
    folder = tmp_path_factory.mktemp("growing")
    before = host.load(written(folder, ONE))
    return Growing(before, host.load(written(folder, ONE, request.param)))


@pytest.fixture
def filled(store: SqlStore, growing: Growing) -> SqlStore:
    """Two reports from before, one of which is thick."""
    fill(Engine(growing.before, store=store, clock=lambda: MORNING))
    return store


def fill(engine: Engine) -> None:
    """Two reports."""
    engine.act("report/1", "submit", {"pages": 12}, at=MORNING)
    engine.act("report/2", "submit", {"pages": 2}, at=MORNING)


def do(store: SqlStore, *statements: str) -> None:
    """Change the database as no engine would."""
    with store.engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def test_rows_from_before(filled: SqlStore, growing: Growing) -> None:
    """They are what the journal says, and are counted as older than the newest version."""
    found = compare(filled, growing.after)

    assert Comparison(tenant="default", cases=2, older=2, first_older="report/1") == found
    assert found.passed
    assert [
        "default: as the journal says, cases: 2",
        "  kept before the newest version was added: 2, as report/1; a migration takes them over",
    ] == list(compared(found, "en"))
    assert [
        "default：与台账一致，事项：2",
        "  增订最新版本之前保存的事项：2，如 report/1；可经迁移转入",
    ] == list(compared(found, "zh"))


def test_rows_from_after(filled: SqlStore, growing: Growing) -> None:
    """What has had an event since, or went over by a migration, is not older any more."""
    engine = Engine(growing.after, store=filled, clock=lambda: MORNING + HOUR)
    engine.act("report/1", "answer", at=MORNING + HOUR)

    assert ("report/2", 1, ()) == _older(compare(filled, growing.after))
    plan = Engine(growing.before, store=filled).plan_migration(growing.after)
    assert engine.migrate(plan, at=MORNING + HOUR, reason="a new version")
    assert (None, 0, ()) == _older(compare(filled, growing.after))


def _older(found: Comparison) -> tuple[object, ...]:
    return found.first_older, found.older, found.differences


@pytest.mark.parametrize(
    ("statement", "column"),
    [
        ("UPDATE kaocheng_cases SET facts = replace(facts, '12', '4')", "facts.pages"),
        ("UPDATE kaocheng_cases SET facts = replace(facts, '\"pages\":12,', '')", "facts.pages"),
        ("UPDATE kaocheng_cases SET facts = replace(facts, '{', '{\"x\":1,')", "facts.x"),
        (
            "UPDATE kaocheng_cases SET results = replace(results, 'desk', 'nobody')",
            "results.answer.owed_by",
        ),
        ("UPDATE kaocheng_cases SET results = '[[],[],[],[]]'", "results.answer"),
        ("UPDATE kaocheng_cases SET results = '[[],[],[]]'", "results"),
        ("DELETE FROM kaocheng_timers", "answer"),
        ("UPDATE kaocheng_cases SET due = 0", "due"),
    ],
)
def test_what_was_changed_in_rows_from_before(
    filled: SqlStore, growing: Growing, statement: str, column: str
) -> None:
    """That a row is older hides nothing of what it says."""
    do(filled, statement)
    found = compare(filled, growing.after)

    assert not found.passed
    assert column in {one.column for one in found.differences}


@pytest.mark.parametrize(
    ("statement", "column"),
    [
        ("DELETE FROM kaocheng_timers WHERE rule = 'thick'", "thick"),
        ("UPDATE kaocheng_cases SET facts = replace(facts, ',\"times\":1', '')", "facts.times"),
        ("UPDATE kaocheng_cases SET results = replace(results, '[]', '')", "results"),
    ],
)
def test_a_new_row_is_not_made_an_older_one_by_half(
    store: SqlStore, growing: Growing, statement: str, column: str
) -> None:
    """A row that knows the version has all of what it adds, its timers included."""
    if "sheets" not in growing.after.plan.relations["report"].columns:
        return
    fill(Engine(growing.after, store=store, clock=lambda: MORNING))
    assert (None, 0, ()) == _older(compare(store, growing.after))
    do(store, statement)
    found = compare(store, growing.after)

    assert 0 == found.older
    assert column in {one.column for one in found.differences}


def acts(*times: int) -> st.SearchStrategy[list[tuple[str, str, int, int]]]:
    """Acts on two reports at some times."""
    act = st.tuples(
        st.sampled_from(["report/1", "report/2"]),
        st.sampled_from(["submit", "answer"]),
        st.integers(0, 12),
        st.sampled_from(times),
    )
    return st.lists(act, min_size=1, max_size=6)


@given(
    history=acts(MORNING, MORNING + HOUR, TURN - HOUR),
    since=acts(MORNING + HOUR, TURN - HOUR, TURN, TURN + HOUR),
)
def test_whatever_happened_before_and_since(
    growing: Growing,
    history: Sequence[tuple[str, str, int, int]],
    since: Sequence[tuple[str, str, int, int]],
) -> None:
    """Nothing differs after a version was added before its day, with acts before and since."""
    store = SqlStore.open()
    for ruleset, some in ((growing.before, history), (growing.after, since)):
        engine = Engine(ruleset, store=store, clock=lambda: TURN + HOUR)
        for case, event, pages, at in some:
            engine.act(case, event, {"pages": pages} if event == "submit" else {}, at=at)
            assert () == compare(store, growing.after).differences
        assert () == compare(store, ruleset).differences
    store.close()
