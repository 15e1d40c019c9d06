"""Two texts of one ruleset on one database: an engine acts on cases of its own text only."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st
from office_acts import STEPS, Act, acts
from office_pods import DONE, LI, OF_INCIDENT, UNIT, Pods, codes
from office_texts import office_text, written
from sqlalchemy import event as listening

from kaocheng import Host, Ruleset
from kaocheng.calendars.numberline import HOUR
from kaocheng.engine import Engine, Outcome
from kaocheng.engine.loading import BadEventError
from kaocheng.engine.telling import unversioned
from kaocheng.model.events import Event
from kaocheng.stores import SqlStore
from kaocheng.stores.comparing import compare
from kaocheng.testing._store_test import MORNING, office

Logged = list[dict[str, object]]


# Acts ---------------------------------------------------------------------------------------------


def test_before_the_migration_the_new_engine_is_refused(pods: Pods) -> None:
    """It changes nothing and is told what to do; after the migration the old one is refused."""
    before, own = pods.kept(), pods.old.ruleset.versions[0].hash
    refused = pods.new.act("report/1", "amend", {"length": 10}, actor=LI)

    assert ["not_migrated"] == codes(refused)
    assert {"case": "report/1", "hash": own} == refused.reasons[0].values
    assert (
        f"`report/1` is under another text of the ruleset, a version with the hash `{own}`; migrate"
        " it with `plan_migration` and `migrate`, or act by an engine of that text"
    ) == refused.reasons[0].message()
    assert (
        f"`report/1` 现适用规则集的另一文本（版本校验码 `{own}`）；请先以 `plan_migration` 和"
        " `migrate` 迁移，或由该文本的引擎办理"
    ) == refused.reasons[0].message("zh")
    assert before == pods.kept()

    assert 2 == pods.migrate()
    assert pods.new.act("report/1", "amend", {"length": 10}, actor=LI).accepted
    assert ["gone_over"] == codes(pods.old.act("report/1", "amend", {"length": 10}, actor=LI))


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda pods: pods.happen(pods.new, "incident/1"), id="again"),
        pytest.param(lambda pods: pods.happen(pods.new, "incident/1", dry_run=True), id="dry"),
        pytest.param(
            lambda pods: pods.happen(pods.new, "incident/1", expected_sequence=7), id="expected"
        ),
        pytest.param(
            lambda pods: pods.new.act("incident/1", "nothing_of_the_kind", at=MORNING), id="unknown"
        ),
        # Reports that name the incident as their parent, which would be assessed again.
        pytest.param(lambda pods: pods.submit(pods.new, "report/2"), id="child"),
        pytest.param(lambda pods: pods.submit(pods.new, "report/2", dry_run=True), id="dry-child"),
    ],
)
def test_neither_acts_nor_tries_are_done_on_cases_of_another_text(
    pods: Pods, act: Callable[[Pods], Outcome]
) -> None:
    """Whatever the new engine would make of a case or of its child, it is not asked."""
    before = pods.kept()
    outcome = act(pods)

    assert ["not_migrated"] == codes(outcome)
    assert "incident/1" == outcome.reasons[0].values["case"]
    assert before == pods.kept()


def test_in_a_transaction_of_the_caller(pods: Pods) -> None:
    """There it is refused too, and what the caller did beside it stays."""
    with pods.store.engine.connect() as connection, connection.begin():
        bound = pods.new.bind(connection)
        assert ["not_migrated"] == codes(pods.happen(bound, "incident/1"))
        assert pods.happen(bound, "incident/2").accepted

    assert ("incident/1", "incident/2", "report/1") == tuple(pods.store.cases())
    assert 1 == pods.new.sequence("incident/1")


def test_reading_goes_on(pods: Pods) -> None:
    """What a case would be under the new text may be asked at any time."""
    (was,), (would,) = (
        engine.results("report/1")["verification"] for engine in (pods.old, pods.new)
    )

    assert 3 * HOUR == would["due"] - was["due"]
    assert pods.old.cases() == pods.new.cases()
    assert pods.new.may("report/1", actor=LI)
    assert pods.new.assess(as_of=MORNING).rows("verification")


def test_an_act_that_was_done_is_told_again(pods: Pods) -> None:
    """Under its key the new engine gives the outcome that the old one gave."""
    done = pods.old.act("report/1", "amend", {"length": 10}, actor=LI, idempotency_key="k")
    again = pods.new.act("report/1", "amend", {"length": 10}, actor=LI, idempotency_key="k")

    assert done.event == again.event


def test_history_is_not_loaded_onto_cases_of_another_text(pods: Pods) -> None:
    """Neither their own events nor those of children that they would be assessed again with."""
    own = Event(case="report/1", sequence=2, event="close", at=MORNING + HOUR)
    child = Event(case="report/2", sequence=1, event="submit", at=MORNING, data=OF_INCIDENT)
    before = pods.kept()

    for event, case in ((own, "report/1"), (child, "incident/1")):
        with pytest.raises(BadEventError) as refused:
            pods.new.load([event])
        assert [("not_migrated", case)] == [
            (reason.code, reason.values["case"]) for reason in refused.value.reasons
        ]
    assert before == pods.kept()


def test_history_that_went_over_is_loaded_under_the_text_it_went_to(
    pods: Pods, corrected: Ruleset
) -> None:
    """An engine of the text that it left would be refused on every case, so it loads none."""
    pods.migrate()
    events, restored = pods.store.journal(), pods.store.of("restored")
    with pytest.raises(BadEventError, match="went over to another text of the ruleset by event 2"):
        Engine(office().ruleset, store=restored).load(events)
    new = Engine(corrected, store=restored, clock=lambda: MORNING)

    assert [] == list(restored.cases())
    assert 2 == new.load(events).cases
    assert new.act("report/1", "amend", {"length": 10}, actor=LI).accepted
    assert compare(restored, corrected).passed


# Migrations ---------------------------------------------------------------------------------------


def test_cases_that_the_old_engine_opens_afterwards(pods: Pods) -> None:
    """They are under the old text until a second plan, which is about nothing else."""
    pods.migrate()
    assert pods.happen(pods.old, "incident/2").accepted
    assert ["not_migrated"] == codes(pods.happen(pods.new, "incident/2"))
    assert ["gone_over"] == codes(pods.submit(pods.old, "report/2"))

    plan = pods.plan()
    assert ["incident/2"] == [verdict.case for verdict in plan.verdicts]
    assert 1 == pods.migrate(plan)
    assert pods.happen(pods.new, "incident/2").accepted
    assert () == pods.plan().verdicts


def test_cases_that_stay_the_same_go_over_too(pods: Pods) -> None:
    """Else no engine of the new text could ever act on them."""
    verdicts = {verdict.case: verdict.verdict for verdict in pods.plan().verdicts}

    assert "same" == verdicts["incident/1"]
    pods.migrate()
    assert pods.happen(pods.new, "incident/1").accepted


def test_a_case_waits_for_those_that_read_it(pods: Pods) -> None:
    """Where its parent has to stay under the old text, so has the child: both can be acted on."""
    plan = pods.plan()
    pods.happen(pods.old, "incident/1")
    assert 0 == pods.migrate(plan)

    assert pods.old.act("report/1", "amend", {"length": 10}, actor=LI).accepted
    assert 2 == pods.migrate()


def test_cases_that_read_each_other_go_together(pods: Pods) -> None:
    """Reports that answer each other in a ring go over as any others do."""
    for number, other in ((2, 3), (3, 4), (4, 2)):
        data = UNIT | {"answers": f"report/{other}", "length": 2000}
        pods.old.act(f"report/{number}", "submit", data, actor=LI)

    assert 5 == pods.migrate()
    assert compare(pods.store, pods.new.ruleset).passed
    pods.now = DONE
    while pods.new.tick(pods.now).fired:
        pass
    assert all(count == 1 for count in Counter(pods.told()).values())


def test_a_third_text_is_refused_too(
    pods: Pods, tmp_path_factory: pytest.TempPathFactory, host: Host
) -> None:
    """Also where the journal says that a case went from one of two other texts to the other."""
    pods.migrate()
    text = office_text(tmp_path_factory.mktemp("third"), ("within: 2 hours", "within: 9 hours"))
    third = Engine(host.load(text), store=pods.store, clock=lambda: pods.now)

    assert ["not_migrated"] == codes(pods.happen(third, "incident/1"))
    plan = third.plan_migration(pods.new.ruleset)
    assert ((), 0, True) == (plan.verdicts, plan.other_text, plan.possible)


def test_a_plan_counts_what_is_under_neither_text(pods: Pods) -> None:
    """Who has lost the old text learns that there is something to do, and of one of the cases."""
    plan = pods.new.plan_migration(pods.new.ruleset)

    assert ((), 2, "incident/1") == (plan.verdicts, plan.other_text, plan.first_of_other_text)
    assert not plan.possible
    assert 0 == pods.migrate(plan)
    known = pods.plan()
    assert (0, None, True) == (known.other_text, known.first_of_other_text, known.possible)
    pods.migrate(known)
    assert (0, True) == (pods.plan().other_text, pods.plan().possible)


VERSIONS = """
kaocheng: 1
ruleset: growing
version: "{version}"
title: {{zh: 试验, en: Trial}}
effective: {{from: {start}}}
time_zone: Asia/Shanghai

kinds:
  report:
    fields:
      submitted_at: {{at: submit}}
      answered_at: {{at: answer}}

deadlines:
  - id: answer
    for: report as r
    owed_by: "'desk'"
    starts: r.submitted_at
    within: {hours} hours
    met_at: r.answered_at
    assumed: a test
"""


def test_a_version_more_and_a_version_less(store: SqlStore, host: Host, tmp_path: Any) -> None:  # noqa: ANN401
    """A version that is added leaves the text as it is; one that is taken away does not."""
    first = VERSIONS.format(version=1, start="open", hours=2)
    second = VERSIONS.format(version=2, start="2005-01-01", hours=3)
    one, two = (
        Engine(host.load(written(tmp_path / str(len(some)), *some)), store=store)
        for some in ((first,), (first, second))
    )
    early = MORNING - 10 * 365 * 24 * HOUR

    assert one.act("report/1", "submit", at=early).accepted
    assert two.act("report/1", "submit", at=early).accepted
    assert one.act("report/1", "submit", at=early).accepted
    assert two.act("report/2", "submit", at=MORNING).accepted
    assert ["not_migrated"] == codes(one.act("report/2", "submit", at=MORNING))


def test_what_a_child_has_changed_stays_for_the_next_plan(pods: Pods) -> None:
    """The incident has no further event, and says something else than when it was planned."""
    pods.happen(pods.old, "incident/2")
    pods.now = MORNING + 6 * HOUR
    while pods.old.tick(pods.now).fired:
        pass
    plan = pods.plan()
    before = pods.old.sequence("incident/2")
    of_it = UNIT | {"incident": "incident/2"}
    assert pods.old.act("report/2", "submit", of_it, actor=LI, at=pods.now).accepted

    assert before == pods.old.sequence("incident/2")
    assert 2 == pods.migrate(plan)
    assert ["not_migrated"] == codes(pods.happen(pods.new, "incident/2"))
    assert 2 == pods.migrate()
    assert ("finding", "incident/2", "late") in pods.told()
    assert compare(pods.store, pods.new.ruleset).passed


# What it costs ------------------------------------------------------------------------------------


@pytest.fixture
def heard(pods: Pods) -> Iterator[list[str]]:
    """Every statement that reads which versions a case is kept under."""
    found: list[str] = []

    def executing(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT") and "versions" in statement:
            found.append(statement)

    listening.listen(pods.store.engine, "before_cursor_execute", executing)
    yield found
    listening.remove(pods.store.engine, "before_cursor_execute", executing)


def test_who_has_kept_a_case_does_not_ask(pods: Pods, heard: list[str]) -> None:
    """Only a process that has not kept a case, or not last, reads whose text it is under."""
    pods.submit(pods.old, "report/2")
    pods.old.act("report/1", "amend", {"length": 10}, actor=LI)

    assert [] == heard
    beside = Engine(office().ruleset, store=pods.store, clock=lambda: pods.now)
    assert beside.act("report/1", "amend", {"length": 20}, actor=LI).accepted
    assert 2 == len(heard)  # the report and its incident
    assert beside.act("report/1", "amend", {"length": 30}, actor=LI).accepted
    assert 2 == len(heard)


# Whatever happens ---------------------------------------------------------------------------------


@frozen
class Step:
    """Something that a pod does a while later: an act, after which it may tick."""

    act: Act
    later: int
    new: bool
    ticks: bool


HISTORIES = st.lists(
    st.builds(Step, acts(correcting=True), STEPS, st.booleans(), st.booleans()),
    min_size=1,
    max_size=14,
)


@pytest.fixture(scope="module")
def pods_on(corrected: Ruleset) -> Callable[[SqlStore], Pods]:
    """Makes the engines on a store."""
    return lambda store: Pods(store, corrected)


@given(history=HISTORIES, place=st.integers(0, 14), half=st.booleans())
def test_what_others_were_told_is_what_the_text_of_the_case_says(
    pods_on: Callable[[SqlStore], Pods], history: Sequence[Step], place: int, *, half: bool
) -> None:
    """Whoever acts and ticks, before or after a migration: told minus withdrawn is what is so."""
    store = SqlStore.open()
    pods = pods_on(store)
    for number, step in enumerate(history):
        if number == place:
            plan = pods.plan()
            pods.migrate(evolve(plan, verdicts=plan.verdicts[::2] if half else plan.verdicts))
        pods.now += step.later
        engine = pods.new if step.new else pods.old
        step.act.by(engine, pods.now)
        if step.ticks:
            engine.tick(pods.now)
        assert is_so(pods) == standing(pods)
        assert [] == apart(pods)
    pods.migrate()
    pods.now += 100 * HOUR
    while pods.new.tick(pods.now).fired:
        pass

    assert () == pods.plan().verdicts
    assert is_so(pods) == standing(pods)
    store.close()


def apart(pods: Pods) -> list[tuple[str, str]]:
    """Cases and those that read them as children which are under two texts."""
    kept = pods.kept().rows
    versions = {row["case"]: row["versions"] for row in kept["cases"]}
    named = [
        (str(row["case"]), str(json.loads(str(row["value"]))))
        for row in kept["links"]
        if row["until"] is None
    ]
    return [
        (child, parent)
        for child, parent in named
        if parent in versions and versions[child] != versions[parent]
    ]


COLLECTIONS = {"finding": "findings", "entry": "entries", "notice": "notices"}


def standing(pods: Pods) -> Counter[str]:
    """What others were told and not told to forget, whichever version said it."""
    found: Counter[str] = Counter()
    for row in pods.kept().rows["outbox"]:
        message = json.loads(str(row["message"]))
        kind, _, withdrawn = message["type"].removeprefix("kaocheng.").partition(".")
        if kind in COLLECTIONS:
            found[said(kind, message["subject"], json.dumps(message["data"]))] += (
                -1 if withdrawn else 1
            )
    return Counter({row: count for row, count in found.items() if count})


def is_so(pods: Pods) -> Counter[str]:
    """What the engine of the text that each case is under says of it."""
    with pods.store.engine.connect() as connection:
        kept = connection.execute(sa.text('SELECT "case", versions FROM kaocheng_cases')).all()
    ours = {version.hash for version in pods.old.ruleset.versions}
    found: Counter[str] = Counter()
    for case, versions in kept:
        of_old = set(json.loads(versions)) <= ours
        fresh = Engine(
            pods.old.ruleset if of_old else pods.new.ruleset,
            store=pods.store,
            program=pods.old.program if of_old else pods.new.program,
        )
        with fresh._units.read() as unit:  # noqa: SLF001 - rows as messages say them
            record = unit.known(case)
        assert record is not None
        for kind, collection in COLLECTIONS.items():
            for row in fresh._folder.teller.collected(record, collection):  # noqa: SLF001
                found[said(kind, case, row)] += 1
    return found


def said(kind: str, case: str, row: str) -> str:
    """A row of a collection, in one form."""
    return json.dumps([kind, case, unversioned(row)], sort_keys=True)
