"""Timers while two texts of one ruleset are on one database: each is done by its own engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from office_pods import DONE, LI, UNIT, Pods
from passing_days import Days

from kaocheng.calendars.numberline import HOUR, MINUTE
from kaocheng.engine.database import Ticked
from kaocheng.errors import StoreError
from kaocheng.stores import Worker
from kaocheng.stores.comparing import compare
from kaocheng.stores.working import Waiting
from kaocheng.testing._store_test import MORNING

if TYPE_CHECKING:
    import pytest

Logged = list[dict[str, object]]


def test_timers_wait_for_the_migration(pods: Pods, logged: Logged) -> None:
    """Before it the new engine fires nothing and loses nothing; after it all is told once."""
    pods.now = DONE
    before = pods.kept()
    Worker([pods.new], clock=lambda: pods.now).batch()
    assert before == pods.kept()
    assert [] == [note for note in logged if note["log_level"] == "warning"]
    pods.migrate()
    while pods.new.tick(pods.now).fired:
        pass

    assert [("finding", "report/1", "unverified")] == pods.told()
    assert compare(pods.store, pods.new.ruleset).passed


def test_a_tick_says_what_it_leaves_to_another_text(pods: Pods) -> None:
    """It names the cases, once nothing of its own is due, until they have gone over."""
    for number in "23":
        of_it = UNIT | {"incident": f"incident/{number}"}
        pods.new.act(f"report/{number}", "submit", of_it, actor=LI, at=MORNING)
    pods.now = MORNING + 6 * HOUR
    before = rows_of_case(pods, "report/1")
    ticked = [pods.new.tick(pods.now, limit=2) for _ in range(2)]

    assert [Ticked(fired=2), Ticked(fired=0, other_text=("report/1",))] == ticked
    assert before == rows_of_case(pods, "report/1")
    pods.migrate()
    assert Ticked(fired=0) == pods.new.tick(pods.now)


def rows_of_case(pods: Pods, case: str) -> list[dict[str, object]]:
    """What is kept of a case, its timers included."""
    kept = pods.kept().rows
    return [row for table in ("cases", "timers") for row in kept[table] if row["case"] == case]


def test_a_worker_warns_of_what_waits_for_another_text(pods: Pods, logged: Logged) -> None:
    """When it starts and once a day: of which ruleset, how much, under what, and since when."""
    days = Days(1)

    def clock() -> int:
        pods.now = MORNING + (6 + 12 * days.waits) * HOUR
        return pods.now

    worker = Worker([pods.new], clock=clock)
    said = {
        "event": "timer.other_text",
        "log_level": "warning",
        "tenant": "default",
        "ruleset": "contract-office",
        "hashes": (pods.old.ruleset.versions[0].hash,),
        "cases": 1,
        "timers": 1,
        "since": "2009-03-02T03:00:00.000001Z",
    }
    worker.run(days)
    assert [said] == [note for note in logged if note["log_level"] == "warning"]
    days = Days(4)
    worker.run(days)
    assert 3 == sum(note["event"] == "timer.other_text" for note in logged)
    assert () == Worker([pods.old], clock=lambda: pods.now).waiting()
    pods.migrate()
    while pods.new.tick(pods.now).fired:
        pass
    assert () == worker.waiting()


def test_a_worker_starts_before_its_database(
    pods: Pods, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits is asked for again until there is an answer, and then said."""
    pods.now = DONE
    worker = Worker([pods.new], clock=lambda: pods.now)
    waiting, down = worker.waiting, [True]

    def sometimes() -> Sequence[Waiting]:
        if down and down.pop():
            raise StoreError("the database is down", retry=True)
        return waiting()

    monkeypatch.setattr(worker, "waiting", sometimes)
    worker.run(Days(2))

    assert ["worker.waiting", "timer.other_text"] == [
        note["event"] for note in logged if note["log_level"] == "warning"
    ]


def test_a_worker_of_the_old_text_holds_nothing_up(pods: Pods, logged: Logged) -> None:
    """Timers of cases that have gone over are neither claimed nor put off by it."""
    pods.migrate()
    pods.now = MORNING + 6 * HOUR
    before = pods.kept()
    for _ in range(5):
        Worker([pods.old], clock=lambda: pods.now).batch()
        pods.now += 61 * MINUTE

    assert before == pods.kept()
    assert [] == [note for note in logged if note["log_level"] == "warning"]
    assert pods.new.tick(pods.now).fired
    assert [("finding", "report/1", "unverified")] == pods.told()
