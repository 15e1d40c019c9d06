"""What an act under a key brought about is said again as it was, whatever the rules are now."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from office_texts import office_text

from kaocheng import Engine, Host
from kaocheng.calendars.numberline import HOUR
from kaocheng.engine import Outcome
from kaocheng.errors import JournalError
from kaocheng.stores import SqlStore
from kaocheng.testing._store_test import MORNING, adopt, happen, office, same, submit

NOTICES = """notices:
  - id: reminded
"""
POINTS = "points:\n  - id: adopted\n"
DAYS = (
    ("    starts: i.happened_at\n    within: 4 hours\n",
     "    starts: date_of(i.happened_at)\n    within: 4 days\n"),
    ("met_at: earliest(i.reports.map(r, r.submitted_at))\n    raise:",
     "met_at: earliest(i.reports.map(r, date_of(r.submitted_at)))\n    raise:"),
)  # fmt: skip
SWAPPED = (
    "\npoints:\n",
    "\nfindings:\n  - {id: first, for: report as r, when: happened(r.submitted_at), finding: long,"
    " at: r.submitted_at, assumed: a test}\n\npoints:\n",
)

Ask = Callable[[Engine], Outcome]


def engine_on(store: SqlStore) -> Engine:
    """An engine of the office."""
    return Engine(
        office().ruleset, program=office().program, store=store, clock=lambda: MORNING + 99 * HOUR
    )


def changed(store: SqlStore, folder: Path, host: Host, *changes: tuple[str, str]) -> Engine:
    """An engine on the store whose rules have other texts."""
    ruleset = host.load(office_text(folder, *changes))
    return Engine(ruleset, store=store, clock=lambda: MORNING + 99 * HOUR)


def asks(engine: Engine) -> list[Ask]:
    """Acts under keys, done once: with a parent, with points and notices, and opening a case."""
    happen(engine)
    asked: list[Ask] = [
        lambda e: submit(e, "report/1", hours=5, key="a", incident="incident/1", length=4_000),
        lambda e: adopt(e, "report/1", hours=6, key="b"),
        lambda e: submit(e, "report/2", hours=7, key="c", answers="report/1"),
    ]
    for ask in asked:
        assert ask(engine).accepted
    return asked


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param((SWAPPED,), id="a-rule-before-the-others"),
        pytest.param(((" - id: told_of_adoption", " - id: fed_back"),), id="another-name"),
        pytest.param(
            ((NOTICES, NOTICES.replace("reminded", "aaa")), (POINTS, POINTS[:-8] + "zzz\n")),
            id="names-in-another-order",
        ),
    ],
)
def test_an_outcome_says_what_it_said(
    store: SqlStore, tmp_path: Path, host: Host, changes: tuple[tuple[str, str], ...]
) -> None:
    """Rules may be added, renamed or say something else: an act that was done is not done again."""
    engine = engine_on(store)
    asked = asks(engine)
    first = [ask(engine) for ask in asked]
    other = changed(store, tmp_path / "office", host, *changes)

    for before, ask in zip(first, asked, strict=True):
        same(before, ask(other))
        assert before.timers == ask(other).timers
        assert list(before.results.clocks()) == list(ask(other).results.clocks())


def test_deadlines_of_days_stay_such(store: SqlStore, tmp_path: Path, host: Host) -> None:
    """Whether a deadline ends with a day is known of a kept outcome too."""
    engine = changed(store, tmp_path / "office", host, *DAYS)
    asked, *_ = asks(engine)
    (clock,) = [clock for clock, _ in asked(engine).parents["incident/1"].clocks()]

    assert clock.is_date
    same(asked(engine), asked(engine_on(store)))
    assert [clock] == [c for c, _ in asked(engine_on(store)).parents["incident/1"].clocks()]


def test_an_outcome_under_rules_that_are_gone(store: SqlStore, tmp_path: Path, host: Host) -> None:
    """It has the rules that there were, by their names, and none that came later."""
    engine = engine_on(store)
    *_, asked, _ = asks(engine)
    other = changed(store, tmp_path / "office", host, *FEWER)
    outcome = asked(other)

    assert "told_of_adoption" not in other.online["report"]
    assert ["report/1"] == [row["case"] for row in outcome.results["told_of_adoption"]]
    assert ["told_of_adoption"] == [row["rule"] for row in outcome.notices]
    assert ["adopted"] == [row["rule"] for row in outcome.entries]
    assert list(engine.online["report"]) == list(outcome.results)


FEWER = (
    (
        "  - id: told_of_adoption\n"
        "    title: {zh: 采用反馈, en: report adopted}\n"
        "    for: report.adoptions as a\n"
        "    to: a.case.unit\n"
        "    at: a.at\n"
        "    assumed: {zh: 为测试而设, en: made for tests}\n",
        "",
    ),
)


@pytest.mark.parametrize(
    "damage",
    [
        '{"case": "report/1"}',
        "[]",
        "null",
        "not even that",
        '{"case": "report/9", "sequence": 1}',
        '{"case": "report/1", "sequence": 1, "states": [null, null], "before": null, "after": []}',
    ],
)
def test_what_was_changed_is_said(store: SqlStore, damage: str) -> None:
    """A text that is no outcome is refused with a reason, and the act is not done again."""
    engine = engine_on(store)
    asked, *_ = asks(engine)
    with store.engine.begin() as connection:
        change = sa.text("UPDATE kaocheng_receipts SET outcome = :t WHERE key = 'a'")
        connection.execute(change, {"t": damage})
    with pytest.raises(JournalError) as caught:
        asked(engine)

    assert "what is kept of the act under the key `a` is not what was kept" == caught.value.why


def test_a_rule_without_rows_takes_no_room(store: SqlStore) -> None:
    """What is kept has the columns of those rules only that say something."""
    asks(engine_on(store))
    with store.engine.begin() as connection:
        query = sa.text("SELECT outcome FROM kaocheng_receipts WHERE key = 'c'")
        after = json.loads(connection.execute(query).scalar_one())["after"]["results"]

    assert list(engine_on(store).online["report"]) == list(after)
    assert {"verification"} == {rule for rule, said in after.items() if said}
    assert ["columns", "rows"] == list(after["verification"])
