"""What an engine does besides acting, on a store in a database."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from kaocheng import Actor, Engine, Event, Host, Journal, Ruleset, open_input, with_parameters
from kaocheng.calendars.numberline import DAY, SECOND, parse_instant
from kaocheng.engine import ClashError, MemoryStore
from kaocheng.engine.visible import HiddenError
from kaocheng.errors import ArgumentError, UnsupportedError
from kaocheng.model.events import MIGRATION, TIMER, Correction
from kaocheng.stores import SqlStore
from kaocheng.stores.codec import payload_hash

SAMPLE = Path("wuhu-information", "sample", "march.jsonl")
EDITOR = Actor(id="person/editor", roles=("chief_editor",))
APRIL = parse_instant("2009-04-02T08:00:00+08:00")
MARCH = {
    "first_day": "2009-03-01",
    "last_day": "2009-03-31",
    "known_at": "2009-04-02T08:00:00+08:00",
}


@pytest.fixture(scope="module")
def office(host: Host) -> Ruleset:
    """A lifecycle, roles, points, standings and bulletins."""
    return host.load("wuhu-information")


@pytest.fixture(scope="module")
def incidents(host: Host) -> Ruleset:
    """Deadlines of a case that run by the hour."""
    return host.load("nis2")


@pytest.fixture
def sample(host: Host, office: Ruleset) -> Journal:
    """The shipped sample: one month of two units."""
    return open_input(host.rulesets["wuhu-information"] / SAMPLE.relative_to("wuhu-information"),
                      office, host.formats())  # fmt: skip


@pytest.fixture
def engine(office: Ruleset, sample: Journal) -> Engine:
    """An engine with the sample loaded, its clock standing in April."""
    engine = Engine(office, store=SqlStore.open(), clock=lambda: APRIL)
    engine.load(sample.events)
    return engine


def aware(engine: Engine, case: str = "incident/1") -> None:
    """An incident that somebody became aware of on 29 January at nine."""
    data = {"entity": "Waterworks", "trust_service": False}
    assert engine.act(case, "become_aware", at="2026-01-29T09:00:00+01:00", data=data).accepted


def test_what_was_loaded_is_the_journal(engine: Engine, sample: Journal) -> None:
    """Loading keeps events as they are."""
    ordered = sorted(sample.events, key=lambda event: (event.case, event.sequence))

    assert tuple(ordered) == engine.journal().events


def test_loading_twice_clashes_and_keeps_nothing(engine: Engine, sample: Journal) -> None:
    """An event whose number the case already has is somebody's mistake."""
    with pytest.raises(ClashError, match="already has an event 1"):
        engine.load(sample.events)

    assert len(sample.events) == len(engine.journal().events)


def test_what_the_lifecycle_would_have_refused_is_listed(office: Ruleset) -> None:
    """Events of the past are taken over, with the reasons against them."""
    engine = Engine(office, store=SqlStore.open())
    adopted = Event(case="report/1", sequence=1, event="adopt", at=APRIL)

    loaded = engine.load([adopted])

    assert (adopted,) == engine.journal().events
    assert [("report/1", 1)] == [(doubt.case, doubt.sequence) for doubt in loaded.doubts]
    assert "`adopt`" in loaded.doubts[0].reasons[0].message()


def test_loaded_and_acted_come_to_the_same(engine: Engine, office: Ruleset) -> None:
    """Facts and results are those of the same events in memory."""
    other = Engine(office, store=MemoryStore(engine.journal().events))

    for listed in engine.cases():
        assert other.case(listed.case) == engine.case(listed.case)
        assert dict(other.results(listed.case)) == dict(engine.results(listed.case))


def test_the_worklist(engine: Engine) -> None:
    """Cases by kind, state, unit and due time, in the order of their ids, page by page."""
    every = engine.cases()
    reports = engine.cases(kind="report")

    assert sorted(c.case for c in every) == [c.case for c in every]
    assert {"report"} == {listed.kind for listed in reports}
    assert (
        engine.cases(kind="report", limit=1) + engine.cases(kind="report", after=reports[0].case)
        == reports
    )
    assert ["adopted"] == [c.state for c in engine.cases(state="adopted")]
    assert ["report/synthetic-2"] == [c.case for c in engine.cases(unit="unit/synthetic-003")]


def test_what_is_overdue(incidents: Ruleset) -> None:
    """`due_before` lists cases whose earliest open deadline was due by then."""
    engine = Engine(incidents, store=SqlStore.open())
    aware(engine)

    assert not engine.cases(due_before=parse_instant("2026-01-30T09:00:00+01:00"))
    assert engine.cases(due_before=parse_instant("2026-01-30T09:00:01+01:00"))


def test_actions_say_why_not(engine: Engine) -> None:
    """Each event that leads on is allowed, or has every reason against it."""
    actions = {
        action.event: action for action in engine.actions("report/synthetic-2", actor=EDITOR)
    }

    assert not actions["attach"].allowed
    (reason,) = actions["attach"].reasons
    assert "`attach` needs the role `informant` or `verifier`" in reason.message()
    assert "`chief_editor`" in reason.message()


def test_history_at_two_times(engine: Engine) -> None:
    """A case as of a day has not what came after it, and as known then not what was told later."""
    as_of = parse_instant("2009-03-05T00:00:00+08:00")

    late = Event(
        case="report/synthetic-1", sequence=6, event="adopt", at=as_of - 1, recorded_at=APRIL
    )
    engine.load([late])

    early = engine.history("report/synthetic-1", as_of=as_of)
    known = engine.history("report/synthetic-1", known_at=as_of)

    assert [1, 2, 3, 4, 6] == [event.sequence for event in early]
    assert [1, 2, 3, 4] == [event.sequence for event in known]
    assert [1, 2, 3, 4, 5, 6] == [e.sequence for e in engine.history("report/synthetic-1")]


def test_standings_and_explanations_are_those_of_an_assessment(engine: Engine) -> None:
    """What an act does not compute is computed when it is read."""
    rows = engine.standings("league")

    assert ["unit/synthetic-002", "unit/synthetic-003"] == [row["case"] for row in rows]
    assert "adopted_item" in {e.rule for e in engine.explain("report/synthetic-1")}


def test_no_such_standing(engine: Engine) -> None:
    """A name that is not there is answered with one that is near."""
    with pytest.raises(ValueError, match="has no rule `leage`; did you mean `league`"):
        engine.standings("leage")


def test_a_timer_is_an_event_at_its_own_time(incidents: Ruleset) -> None:
    """A tick that comes late is journaled as of when it was due, and once."""
    now = parse_instant("2026-02-10T00:00:00Z")
    engine = Engine(incidents, store=SqlStore.open(), clock=lambda: now)
    aware(engine)

    ticked = [engine.tick(now), engine.tick(now)]

    assert [2, 0] == [tick.fired for tick in ticked]
    timers = [event for event in engine.history("incident/1") if event.event == TIMER]
    warning, notification = (
        parse_instant(at) for at in ("2026-01-30T08:00:00Z", "2026-02-01T08:00:00Z")
    )
    assert [(warning + 1, now), (notification + 1, now)] == [(e.at, e.recorded_at) for e in timers]


def test_an_act_does_first_what_was_due(incidents: Ruleset) -> None:
    """Nobody ticked: the act still finds the warning overdue before it happens."""
    engine = Engine(incidents, store=SqlStore.open())
    aware(engine)

    outcome = engine.act("incident/1", "warn", at="2026-01-31T09:00:00+01:00")

    assert ["become_aware", TIMER, "warn"] == [e.event for e in engine.history("incident/1")]
    assert ["late"] == [finding["finding"] for finding in outcome.findings]


def test_a_dry_run_keeps_nothing(incidents: Ruleset) -> None:
    """Its outcome is that of the act, in a database and in memory."""
    for store in (SqlStore.open(), None):
        engine = Engine(incidents, store=store)
        aware(engine)

        outcome = engine.act("incident/1", "warn", at="2026-01-31T09:00:00+01:00", dry_run=True)

        assert outcome.accepted
        assert ["late"] == [finding["finding"] for finding in outcome.findings]
        assert 1 == len(engine.journal().events)


def test_what_may_not_be_read_is_not_there(engine: Engine) -> None:
    """Whom no reader permits learns nothing, not even what there is; the office reads all of it."""
    nobody = engine.visible(None)

    assert () == nobody.cases()
    with pytest.raises(HiddenError, match=r"^`report/synthetic-1` may not be read$") as hidden:
        nobody.case("report/synthetic-1")
    assert ("report/synthetic-1", "`report/synthetic-1` 不可查阅") == (
        hidden.value.case,
        hidden.value.zh,
    )
    assert "and nobody is named as reading" in engine.may_read("report/synthetic-1").message()
    with pytest.raises(HiddenError, match=r"^`report/none` may not be read$"):
        nobody.case("report/none")
    assert engine.cases() == engine.visible(EDITOR).cases()


def test_a_bulletin_can_be_computed_again(engine: Engine) -> None:
    """What becomes known later changes nothing of what was published."""
    outcome, bulletin = engine.publish(
        "bulletin/2009-03", "publish", period="2009-03", at=APRIL, data=MARCH, actor=EDITOR
    )
    assert outcome.accepted
    assert bulletin is not None
    assert bulletin.text.startswith("# 全市党委系统信息工作考核")
    later = APRIL + 1
    data = {"outlet": "digest"}
    engine.load(
        [Event(case="report/synthetic-2", sequence=9, event="adopt", at=APRIL - 10**13,
               recorded_at=later, data=data)]
    )  # fmt: skip

    (replayed,) = engine.replay()

    assert replayed.same
    assert not replayed.other_text


def test_what_a_clock_that_is_behind_records_is_told_by_the_next_bulletin(
    office: Ruleset, sample: Journal
) -> None:
    """A bulletin knew what stood before it, not what bears an earlier time of recording."""
    told = {}
    for skew in (-2, 2):
        now = APRIL
        engine = Engine(office, store=SqlStore.open(), clock=lambda: now)  # noqa: B023 - as it is then
        engine.load(sample.events)
        engine.publish(
            "bulletin/2009-03", "publish", period="2009-03", at=APRIL, data=MARCH, actor=EDITOR
        )
        at = APRIL + skew * SECOND
        voided = Correction(sequence=4, reason="not printed", void=True)
        late = Event(
            case="report/synthetic-1",
            sequence=9,
            event="adopt",
            at=at,
            recorded_at=at,
            corrects=voided,
        )
        engine.load([late])
        now += 30 * DAY
        data = {
            "first_day": "2009-04-01",
            "last_day": "2009-04-30",
            "known_at": "2009-05-02T08:00:00+08:00",
        }
        _, bulletin = engine.publish(
            "bulletin/2009-04", "publish", period="2009-04", at=now, data=data, actor=EDITOR
        )
        assert bulletin is not None
        assert all(replayed.same for replayed in engine.replay())
        told[skew] = bulletin.text

    assert "对以往通报的更正" in told[2]
    assert told[2] == told[-2]


def test_a_bulletin_of_no_period(engine: Engine) -> None:
    """A period without rows is named, and nothing is published."""
    with pytest.raises(ValueError, match=r"the period `2009-3` by what .*; did you mean `2009-03`"):
        engine.publish("bulletin/1", "publish", period="2009-3", at=APRIL, data=MARCH, actor=EDITOR)

    assert () == engine.replay()


def test_a_changed_ruleset_case_by_case(incidents: Ruleset, host: Host) -> None:
    """A plan says what would change before anything does; a migration is journaled."""
    store = SqlStore.open()
    engine = Engine(incidents, store=store)
    aware(engine)
    same = engine.plan_migration(incidents)
    cannot = engine.plan_migration(host.load("washington-breach"))

    assert (1, 0, 0) == tuple(same.count(v) for v in ("same", "changes", "cannot"))
    assert not cannot.possible
    assert "the new ruleset has no kind `incident`" == cannot.verdicts[0].why
    assert "新规则集没有类别 `incident`" == cannot.verdicts[0].zh


def test_a_migration_is_journaled(engine: Engine, office: Ruleset) -> None:
    """Every case has an event with the reason, and the results of the new ruleset."""
    changed = with_parameters(office, {"best_points": "20"})
    other = Engine(changed, store=engine.store, clock=lambda: APRIL)
    plan = engine.plan_migration(changed)

    migrated = other.migrate(plan, at=APRIL, reason="the corrected text of 1 April")

    last = other.history("report/synthetic-1")[-1]
    assert len(engine.cases()) == migrated
    assert (MIGRATION, "the corrected text of 1 April") == (last.event, last.data["reason"])
    with pytest.raises(ArgumentError) as refused:
        engine.migrate(plan, at=APRIL, reason="the wrong way round")

    assert (
        "`plan` leads to other versions than those of this engine; migrate with an engine of the"
        " new ruleset"
    ) == str(refused.value)
    assert "`plan` 所到的版本与此引擎的不同；请用新规则集的引擎办理" == refused.value.zh


def test_an_engine_in_memory_says_what_it_lacks(incidents: Ruleset) -> None:
    """What needs a database is refused with what to do."""
    engine = Engine(incidents)

    with pytest.raises(UnsupportedError, match="give it a store in a database") as refused:
        engine.cases()

    assert (
        "`engine` 无法准确完成 `cases`：此引擎的事项只在内存中；请为其配置数据库存储"
    ) == refused.value.zh


def test_what_is_overdue_by_the_clock(incidents: Ruleset) -> None:
    """`overdue` asks the engine's clock; without one it cannot be asked."""
    times = iter([parse_instant("2026-01-29T08:00:00Z"), parse_instant("2026-01-30T08:00:01Z")])
    engine = Engine(incidents, store=SqlStore.open(), clock=lambda: next(times))
    aware(engine)

    assert ["incident/1"] == [listed.case for listed in engine.cases(overdue=True)]
    with pytest.raises(ArgumentError, match="`overdue` needs an engine with a clock"):
        Engine(incidents, store=SqlStore.open()).cases(overdue=True)


def test_an_outcome_says_what_will_be_due(incidents: Ruleset) -> None:
    """Its timers are when deadlines of the case will say something else."""
    engine = Engine(incidents)
    data = {"entity": "Waterworks", "trust_service": False}

    outcome = engine.act("incident/1", "become_aware", at="2026-01-29T09:00:00+01:00", data=data)

    warning = parse_instant("2026-01-30T08:00:00Z") + 1
    assert ("early_warning", warning) in outcome.timers
    assert outcome.timers == engine.timers("incident/1")


@pytest.mark.parametrize("event", [TIMER, MIGRATION])
def test_events_of_the_engine_are_its_own(host: Host, event: str) -> None:
    """Nobody acts by their names, also where a kind takes any event."""
    engine = Engine(host.load("washington-breach"))

    outcome = engine.act("breach/1", event, at="2024-03-02", data={"aware_on": "2024-03-01"})

    assert [f"`breach` has no event `{event}`"] == [reason.message() for reason in outcome.reasons]


def test_a_refused_act_leaves_nothing_behind(incidents: Ruleset) -> None:
    """An engine that lives long does not grow by what it refuses."""
    engine = Engine(incidents)

    outcomes = [engine.act("incident/1", "warm", at="2026-01-29") for _ in range(3)]

    assert not any(outcome.accepted for outcome in outcomes)
    with engine._units.read() as unit:  # noqa: SLF001 - what it holds is what this is about
        assert unit.refusal == ("incident/1", outcomes[-1].reasons)


@pytest.mark.parametrize(
    "other", [{"entity": "Waterworks", "trust_service": "false"}, {"entity": "Waterworks"}]
)
def test_a_key_stands_for_one_payload(incidents: Ruleset, other: dict[str, object]) -> None:
    """Text that looks like another value is another payload."""
    engine = Engine(incidents, store=SqlStore.open())
    data = {"entity": "Waterworks", "trust_service": False}
    first = engine.act(
        "incident/1", "become_aware", at="2026-01-29", data=data, idempotency_key="k"
    )

    again, different = (
        engine.act("incident/1", "become_aware", at="2026-01-29", data=d, idempotency_key="k")
        for d in (dict(reversed(data.items())), other)
    )

    assert first.accepted
    assert first.event == again.event
    assert ["the idempotency key `k` was used for another act"] == [
        reason.message() for reason in different.reasons
    ]


def test_decimals_and_texts_are_other_payloads() -> None:
    """A number is not the text of its digits, wherever in the payload it stands."""
    numbers = (Decimal("1.5"), "1.5")
    payloads = [("report/1", "submit", 0, None, {"a": value}, None) for value in numbers] + [
        ("report/1", "correct", 0, None, {}, Correction(sequence=1, reason="r", data={"a": value}))
        for value in numbers
    ]

    assert 4 == len({payload_hash(payload) for payload in payloads})
