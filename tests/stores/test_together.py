"""Cases of which one reads the other are under one text: they go over together or stay together."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from office_pods import LI, UNIT, Pods, codes
from office_texts import office_text

from kaocheng import Host
from kaocheng.calendars.numberline import HOUR
from kaocheng.engine import Engine
from kaocheng.engine.migrating import CANNOT, SAME
from kaocheng.model.events import MIGRATION, Event
from kaocheng.stores import SqlStore, Worker
from kaocheng.stores.comparing import compare
from kaocheng.testing._store_test import MORNING

Logged = list[dict[str, object]]
With = Callable[..., Pods]


@pytest.fixture
def pods_with(store: SqlStore, host: Host, tmp_path_factory: pytest.TempPathFactory) -> With:
    """Engines of the office's ruleset and of another text of it, with changes."""

    def make(*changes: tuple[str, str]) -> Pods:
        return Pods(store, host.load(office_text(tmp_path_factory.mktemp("text"), *changes)))

    return make


NO_AMENDING = ("      amend: {from: {after: submitted}, repeats: true, by: [editor]}\n", "")


def fired(pods: Pods, engine: Engine) -> int:
    """How many timers an engine has fired, until none was left."""
    count = 0
    while done := engine.tick(pods.now).fired:
        count += done
    return count


# What cannot go keeps back its parents and children -----------------------------------------------


def test_a_child_that_cannot_go_keeps_its_parent(pods_with: With) -> None:
    """Its plan says so and names the child; all of them can be acted on, and their timers fire."""
    pods = pods_with(NO_AMENDING)
    pods.happen(pods.old, "incident/1")
    pods.happen(pods.old, "incident/2")
    for number in "12":
        pods.submit(pods.old, f"report/{number}")
    assert pods.old.act("report/1", "amend", {"length": 10}, actor=LI).accepted
    plan = pods.plan()
    verdicts = {verdict.case: verdict for verdict in plan.verdicts}

    assert not plan.possible
    assert {"incident/1": CANNOT, "incident/2": SAME, "report/1": CANNOT, "report/2": CANNOT} == {
        case: verdict.verdict for case, verdict in verdicts.items()
    }
    for case in ("incident/1", "report/2"):
        assert (
            "`report/1` cannot go over, and a case goes over together with those that read it or"
            " that it reads"
        ) == verdicts[case].why
        assert ("`report/1` 无法转入，而事项须与读取它的、它所读取的事项一并转入") == verdicts[
            case
        ].zh
    assert 1 == pods.migrate(plan)
    assert pods.happen(pods.new, "incident/2").accepted
    assert pods.old.act("report/1", "amend", {"length": 20}, actor=LI).accepted
    pods.now = MORNING + 6 * HOUR
    assert 2 == fired(pods, pods.old)
    assert ("finding", "report/1", "unverified") in pods.told()


def test_a_child_that_was_opened_meanwhile_keeps_its_parent(pods: Pods) -> None:
    """Also where it changes nothing of what the parent says; the next plan takes both along."""
    plan = pods.plan()
    said = dict(pods.old.results("incident/1"))
    assert pods.submit(pods.old, "report/2").accepted

    assert said == dict(pods.old.results("incident/1"))
    assert 0 == pods.migrate(plan)
    assert pods.old.act("report/2", "amend", {"length": 10}, actor=LI).accepted
    assert 3 == pods.migrate()
    assert pods.new.act("report/2", "amend", {"length": 20}, actor=LI).accepted
    assert compare(pods.store, pods.new.ruleset).passed


def test_a_child_of_the_old_text_alone_keeps_its_parent(pods_with: With) -> None:
    """The new text reads no reports of an incident; the old engine does while there is one."""
    no_reports = ("  - {id: reports, of: incident, to: report, by: incident}\n", "")
    not_met = ("earliest(i.reports.map(r, r.submitted_at))", "i.happened_at")
    pods = pods_with(no_reports, not_met)
    pods.happen(pods.old, "incident/1")
    plan = pods.plan()
    assert pods.submit(pods.old, "report/1").accepted

    assert 0 == pods.migrate(plan)
    assert pods.old.act("report/1", "amend", {"length": 10}, actor=LI).accepted
    assert 2 == pods.migrate()


def test_a_child_of_a_third_text_goes_by_a_plan_of_its_own(pods: Pods, pods_with: With) -> None:
    """It keeps nobody back: else neither plan could ever be carried out."""
    third = pods_with(("within: 2 hours", "within: 9 hours")).new
    early = Event(case="incident/2", sequence=1, event="happen", at=MORNING, data=UNIT)
    of_it = UNIT | {"incident": "incident/2"}
    assert third.act("report/2", "submit", of_it, actor=LI, at=MORNING).accepted
    pods.old.load([early])

    assert 3 == pods.migrate()
    plan = third.plan_migration(pods.new.ruleset)
    assert ["report/2"] == [verdict.case for verdict in plan.verdicts]
    assert 1 == pods.migrate(plan)
    assert pods.new.act("report/2", "amend", {"length": 10}, actor=LI).accepted


def test_a_family_goes_in_one_transaction(pods: Pods) -> None:
    """Where it fails on its way, all of it is as it was; who reads others goes last."""
    for number in "23":
        pods.submit(pods.old, f"report/{number}")
    before, plan = pods.kept(), pods.plan()
    numbers = iter(range(4))

    def failing() -> int:
        if next(numbers) == 2:
            raise ZeroDivisionError("no such luck")
        return pods.now

    broken = Engine(pods.new.ruleset, store=pods.store, clock=failing)
    with pytest.raises(ZeroDivisionError):
        broken.migrate(plan, at=pods.now, reason="a corrected text")
    assert before == pods.kept()
    assert 4 == pods.migrate(plan)
    assert ["report/1", "report/2", "report/3", "incident/1"] == [
        event.case for event in pods.store.journal() if event.event == MIGRATION
    ]


# What is opened -----------------------------------------------------------------------------------


def test_a_parent_is_opened_by_an_engine_of_its_childrens_text(pods: Pods) -> None:
    """Else nobody could act on the children any more."""
    of_it = UNIT | {"incident": "incident/2"}
    assert pods.old.act("report/2", "submit", of_it, actor=LI, at=MORNING).accepted
    refused = pods.happen(pods.new, "incident/2")

    assert [("not_migrated", "report/2")] == [
        (reason.code, reason.values["case"]) for reason in refused.reasons
    ]
    assert ["not_migrated"] == codes(pods.happen(pods.new, "incident/2", dry_run=True))
    assert "incident/2" not in pods.store.cases()
    pods.migrate()
    assert [("gone_over", "report/2")] == [
        (reason.code, reason.values["case"])
        for reason in pods.happen(pods.old, "incident/2").reasons
    ]
    assert pods.happen(pods.new, "incident/2").accepted


# What is under two texts all the same -------------------------------------------------------------


@pytest.fixture
def parted(pods: Pods) -> Pods:
    """The old text has a report of an incident that was loaded under the new one afterwards."""
    of_it = UNIT | {"incident": "incident/2"}
    assert pods.old.act("report/2", "submit", of_it, actor=LI, at=MORNING).accepted
    early = Event(case="incident/2", sequence=1, event="happen", at=MORNING, data=UNIT)
    pods.new.load([early])
    return pods


def test_both_engines_say_the_same(parted: Pods) -> None:
    """What has to be done, and not each that the other may act; then either of them may."""
    said = (
        "`report/2` and `incident/2`, which reads it, are under two texts of the ruleset, so no"
        " engine may act on `report/2`; take both under the newer text with `plan_migration` and"
        " `migrate`"
    )
    zh = (
        "`report/2` 与读取它的 `incident/2` 分别适用规则集的两个文本，任何引擎均不得办理"
        " `report/2`；请以 `plan_migration` 和 `migrate` 将二者一并迁移至较新文本"
    )
    parted.now = MORNING + 6 * HOUR  # when something is due on the incident, too
    for engine in (parted.old, parted.new):
        (refused,) = engine.act("report/2", "amend", {"length": 10}, actor=LI).reasons
        assert ("parted", said, zh) == (refused.code, refused.message(), refused.message("zh"))
    assert 3 == parted.migrate()
    assert parted.new.act("report/2", "amend", {"length": 10}, actor=LI).accepted
    assert compare(parted.store, parted.new.ruleset).passed


def test_a_timer_that_nobody_may_fire_is_in_the_log(parted: Pods, logged: Logged) -> None:
    """With its case and the reason, for as long as it lasts; it waits no longer each time."""
    parted.now = MORNING + 3 * HOUR
    for _ in range(3):
        Worker([parted.old], clock=lambda: parted.now).batch()
        parted.now += HOUR // 60
    put_off = [note for note in logged if note["event"] == "timer.put_off"]

    assert 3 == len(put_off)
    assert {"report/2"} == {note["case"] for note in put_off}
    assert {MORNING + 3 * HOUR + minutes * (HOUR // 60) for minutes in (1, 2, 3)} == {
        note["again"] for note in put_off
    }
    assert all("are under two texts of the ruleset" in str(note["why"]) for note in put_off)
