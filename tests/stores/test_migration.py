"""Migration: what becomes of every case under another ruleset, said first and then done."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from office_acts import DATES, STEPS, Act, acts
from office_texts import CHANGED, office_text, written

from kaocheng import Actor, Host, Ruleset
from kaocheng.calendars import countries
from kaocheng.calendars.editions import Edition
from kaocheng.calendars.numberline import DAY, HOUR, parse_date, parse_instant
from kaocheng.engine import Engine
from kaocheng.errors import ArgumentError
from kaocheng.language import _editions
from kaocheng.model.events import MIGRATION, Correction
from kaocheng.stores import SqlStore
from kaocheng.stores.comparing import compare
from kaocheng.testing._store_test import MORNING, office
from kaocheng.testing.durable import Auditor, Kept

LI, WANG = Actor(id="li", roles=("informant",)), Actor(id="wang", roles=("verifier",))
NINE = parse_instant("2024-03-04T09:00:00+08:00")  # a Monday
OFFICE = """
kaocheng: 1
ruleset: office
version: "1"
title: {zh: 信息工作, en: Information work}
effective: {from: open}
time_zone: Asia/Shanghai
calendar: CN

kinds:
  incident:
    fields:
      happened_at: {at: happen}
      place: {type: string, event: happen}
  report:
    fields:
      incident: {type: incident, event: submit}
      also: {type: incident, event: submit}
      pages: {type: int, event: submit}
      submitted_at: {at: submit}
      verified_at: {at: verify}
      returned: {count: send_back}
    lifecycle:
      initial: draft
      states: [draft, submitted, returned, verified, closed]
      final: [closed]
      submit: {from: draft, to: submitted}
      send_back: {from: submitted, to: returned}
      resubmit: {from: returned, to: submitted}
      verify: {from: [submitted, returned], to: verified}
      close: {from: verified, to: closed}

relations:
  - {id: reports, of: incident, to: report, by: incident}

deadlines:
  - id: verification
    for: report as r
    owed_by: "'desk'"
    starts: r.submitted_at
    within: 2 hours
    met_at: r.verified_at
    raise: {finding: unverified, as: alleged, on: overdue}
    assumed: a test
  - id: reply
    for: report as r
    owed_by: "'desk'"
    starts: r.submitted_at
    within: 3 working days
    met_at: r.verified_at
    assumed: a test
  - id: first_report
    for: incident as i
    owed_by: "'desk'"
    starts: i.happened_at
    within: 4 hours
    met_at: earliest(i.reports.map(r, r.submitted_at))
    raise: {finding: unreported, as: alleged, on: overdue}
    assumed: a test
"""

Make = Callable[..., Ruleset]
Changes = Sequence[tuple[str, str]]


@pytest.fixture
def office_with(tmp_path: Path, host: Host) -> Make:
    """The office's ruleset, with some text in place of other text."""

    def make(*changes: tuple[str, str]) -> Ruleset:
        text = OFFICE
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        folder = tmp_path / f"office-{len(list(tmp_path.iterdir()))}"
        return host.load(written(folder, text))

    return make


@pytest.fixture
def engine(office_with: Make, store: SqlStore) -> Engine:
    """An engine with reports in every state, and an incident that one of them is about."""
    engine = Engine(office_with(), store=store, clock=lambda: NINE + 9 * HOUR)
    steps = {
        "1": ["submit"],
        "2": ["submit", "send_back"],
        "3": ["submit", "send_back", "resubmit"],
        "4": ["submit", "verify"],
        "5": ["submit", "verify", "close"],
    }
    engine.act("incident/1", "happen", at=NINE, data={"place": "north"})
    for number, events in steps.items():
        for hours, event in enumerate(events):
            data = {"incident": "incident/1", "also": "incident/9", "pages": 3}
            outcome = engine.act(
                f"report/{number}",
                event,
                at=NINE + hours * HOUR,
                data=data if event == "submit" else {},
            )
            assert outcome.accepted, outcome.reasons
    return engine


def rows(store: SqlStore) -> Kept:
    """All that the database has."""
    with store.engine.begin() as connection:
        return Kept.read(connection, store.tenant)


def faults(kept: Kept, ruleset: Ruleset) -> list[str]:
    """What is not as if every case had been under the ruleset from its first event on.

    What others were told before is not looked at: it was told by other rules.
    """
    return [fault for fault in Auditor(ruleset).check(kept) if "the outbox says" not in fault]


def planned(engine: Engine, ruleset: Ruleset) -> dict[str, tuple[str, list[str], str]]:
    """The verdict on each case, what changes and why not; nothing is written by planning."""
    assert isinstance(engine.store, SqlStore)
    before = rows(engine.store)
    plan = engine.plan_migration(ruleset)

    assert before == rows(engine.store)
    return {v.case: (v.verdict, list(v.changes), v.why) for v in plan.verdicts}


def migrated(engine: Engine, ruleset: Ruleset, at: int = NINE + 8 * HOUR) -> Engine:
    """The engine of another ruleset, to which all cases have gone over, as they should."""
    assert isinstance(engine.store, SqlStore)
    other = Engine(ruleset, store=engine.store, clock=lambda: NINE + 9 * HOUR)
    plan = engine.plan_migration(ruleset)
    numbers = {case: engine.sequence(case) for case in engine.store.cases()}

    assert plan.possible
    assert len(numbers) == other.migrate(plan, at=at, reason="a new text")
    assert [] == faults(rows(engine.store), ruleset)
    for case, number in numbers.items():
        last = other.history(case)[-1]
        assert (number + 1, MIGRATION, at, NINE + 9 * HOUR) == (
            last.sequence,
            last.event,
            last.at,
            last.recorded_at,
        )
        assert {
            "from": [version.hash for version in engine.ruleset.versions],
            "to": [version.hash for version in ruleset.versions],
            "reason": "a new text",
        } == last.data
    return other


def told(store: SqlStore, after: int) -> list[tuple[str, str, object]]:
    """What others were told since an event: the kind, the case, and the finding or the event."""
    messages = [json.loads(str(row["message"])) for row in rows(store).rows["outbox"]]
    return [
        (
            message["type"].removeprefix("kaocheng."),
            message["subject"],
            message["data"].get("finding", message["data"].get("event")),
        )
        for message in messages
        if int(message["sequence"].partition(".")[0]) > after
    ]


SAME = ("same", [], "")
REPORTS = tuple(f"report/{number}" for number in range(1, 6))

# A corrected text ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(("zh: 信息工作", "zh: 信息报送"), {}, id="a-title"),
        pytest.param(
            ("2 hours", "3 hours"),
            {
                **{key: ["timers", "verification"] for key in REPORTS[:3]},
                **{key: ["verification"] for key in REPORTS[3:]},
            },
            id="a-limit",
        ),
        pytest.param(
            (
                "met_at: r.verified_at\n    raise",
                "met_at: r.verified_at\n    lapses_at: r.submitted_at + duration('7h')\n    raise",
            ),
            {},
            id="a-lapse-that-comes-later",
        ),
        pytest.param(
            ("returned: {count: send_back}", "returned: {count: resubmit}"),
            {"report/2": ["facts"]},
            id="a-fact",
        ),
        pytest.param(
            (
                "pages: {type: int, event: submit}",
                "pages: {type: int, event: submit}\n      sheets: {count: submit}",
            ),
            {},
            id="a-fact-more",
        ),
        pytest.param(
            ("  - id: reply\n", "  - id: answer\n"),
            {key: ["timers", "reply", "answer"] for key in REPORTS[:3]}
            | {key: ["reply", "answer"] for key in REPORTS[3:]},
            id="a-rule-of-another-name",
        ),
        pytest.param(
            (
                "deadlines:\n",
                "findings:\n  - {id: long, for: report as r, when: r.pages > 99, finding: long,"
                " at: r.submitted_at, assumed: a test}\ndeadlines:\n",
            ),
            {},
            id="a-rule-that-gives-nothing",
        ),
    ],
)
def test_a_corrected_text(
    engine: Engine, office_with: Make, change: tuple[str, str], expected: dict[str, list[str]]
) -> None:
    """Each case stays the same or changes, with what; it is then what it would have been."""
    changed = office_with(change)

    assert {
        case: ("changes", expected[case], "") if case in expected else SAME
        for case in ("incident/1", *REPORTS)
    } == planned(engine, changed)
    migrated(engine, changed)


def kept_back(by: str) -> tuple[str, list[str], str]:
    """The verdict on a case that reads one that cannot go, or is read by it."""
    why = f"`{by}` cannot go over, and a case goes over together with those that read it or"
    return "cannot", [], f"{why} that it reads"


def test_a_fact_that_is_gone(engine: Engine, office_with: Make) -> None:
    """What events carried and nothing takes any more would be lost: such a case cannot go over."""
    changed = office_with(
        ("place: {type: string, event: happen}", "where: {type: string, event: happen}")
    )
    why = "the kind `incident` takes no `place` from the event `happen`"

    verdicts = planned(engine, changed)

    assert ("cannot", [], why) == verdicts["incident/1"]
    found = {verdict.case: verdict.zh for verdict in engine.plan_migration(changed).verdicts}
    assert "类别 `incident` 不从事件 `happen` 读取 `place`" == found["incident/1"]
    assert [kept_back("incident/1")] * 5 == [verdicts[case] for case in REPORTS]


# Another edition of the calendar ------------------------------------------------------------------


@pytest.fixture
def holiday(monkeypatch: pytest.MonkeyPatch) -> None:
    """The Wednesday after is a holiday for whatever is loaded from now on."""

    def build(*given: object, **options: object) -> Edition:
        edition = countries.build_edition(*given, **options)  # type: ignore[arg-type]
        off = (*edition.non_working, parse_date("2024-03-06"))
        return evolve(edition, non_working=off)

    monkeypatch.setattr(_editions, "build_edition", build)


def test_a_new_edition_of_the_calendar(
    engine: Engine, office_with: Make, request: pytest.FixtureRequest
) -> None:
    """One more holiday moves what is counted in working days, and the timers with it."""
    before = engine.results("report/1")["reply"][0]["due"]
    request.getfixturevalue("holiday")
    changed = office_with()
    moved = ("changes", ["timers", "reply"], "")

    assert engine.ruleset.versions[0].hash != changed.versions[0].hash
    assert {
        "incident/1": SAME,
        **dict.fromkeys(REPORTS[:3], moved),
        **dict.fromkeys(REPORTS[3:], ("changes", ["reply"], "")),
    } == planned(engine, changed)
    other = migrated(engine, changed)
    assert before + DAY == other.results("report/1")["reply"][0]["due"]
    assert ("reply", before + DAY + 1) in other.timers("report/1")


# Another lifecycle --------------------------------------------------------------------------------

SEND_BACK = "send_back: {from: submitted, to: returned}"
NO_RETURN = (
    ("returned, verified", "verified"),
    (SEND_BACK, "send_back: {from: submitted, to: submitted}"),
    ("      resubmit: {from: returned, to: submitted}\n", ""),
    ("[submitted, returned], to", "submitted, to"),
)
NOTED_FIRST = (("initial: draft", "initial: noted"), ("[draft,", "[noted, draft,"))
NO_RESUBMIT = "no part of the kind `report` names the event `resubmit`; did you mean `submit`"


def stays(event: str, state: str) -> str:
    """Why an event of the past does not fit."""
    return f"the event `{event}` is not accepted in the state `{state}`; the state stays"


def cannot(state: str, *events: str) -> tuple[str, list[str], str]:
    """The verdict on a case that would not have left a state by those events."""
    return "cannot", [], "; ".join(stays(event, state) for event in events)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            NO_RETURN,
            {
                "report/2": ("cannot", ["state"], kept_back("report/3")[2]),
                "report/3": ("cannot", [], NO_RESUBMIT),
            },
            id="a-state-less",
        ),
        pytest.param(
            [("verify: {from: [submitted, returned]", "verify: {from: returned")],
            {
                "report/4": cannot("submitted", "verify"),
                "report/5": cannot("submitted", "verify", "close"),
            },
            id="a-transition-less",
        ),
        pytest.param(
            [
                ("close: {from", "reopen: {from: closed, to: submitted}\n      close: {from"),
                ("      final: [closed]\n", ""),
            ],
            {},
            id="a-transition-more",
        ),
        pytest.param(
            [*NOTED_FIRST, ("submit: {from: draft", "submit: {from: [noted, draft]"),
             ("close: {from", "note: {from: noted, to: draft}\n      close: {from")],
            {},
            id="another-initial-state",
        ),
        pytest.param(
            [*NOTED_FIRST, ("close: {from", "note: {from: noted, to: draft}\n      close: {from")],
            {
                "report/1": cannot("noted", "submit"),
                "report/2": cannot("noted", "submit", "send_back"),
                "report/3": cannot("noted", "submit", "send_back", "resubmit"),
                "report/4": cannot("noted", "submit", "verify"),
                "report/5": cannot("noted", "submit", "verify", "close"),
            },
            id="a-step-before-the-first",
        ),
    ],
)  # fmt: skip
def test_a_changed_lifecycle(
    engine: Engine,
    office_with: Make,
    changes: Changes,
    expected: dict[str, tuple[str, list[str], str]],
) -> None:
    """What happened under one lifecycle must be possible in the other, or it stays with others.

    All reports are of one incident, so where one of them cannot go, none of them does.
    """
    changed = office_with(*changes)
    first = next((case for case, verdict in expected.items() if not verdict[1]), None)
    others = SAME if first is None else kept_back(first)
    verdicts = {"incident/1": others, **dict.fromkeys(REPORTS, others)} | expected

    assert verdicts == planned(engine, changed)
    other = Engine(changed, store=engine.store)
    plan = engine.plan_migration(changed)
    other.migrate(plan, at=NINE + 8 * HOUR, reason="a new lifecycle")
    assert [case for case in verdicts if verdicts[case][0] != "cannot"] == [
        case for case in verdicts if other.history(case)[-1].event == MIGRATION
    ]


def test_cases_go_on_under_the_new_lifecycle(engine: Engine, office_with: Make) -> None:
    """After migration a case does what its new lifecycle lets it."""
    reopen = ("close: {from", "reopen: {from: closed, to: submitted}\n      close: {from")
    changed = office_with(reopen, ("      final: [closed]\n", ""))
    other = migrated(engine, changed)

    assert other.act("report/5", "reopen", at=NINE + 9 * HOUR).accepted
    assert [] == faults(rows(store_of(engine)), changed)


# Who is told, and who is not concerned ------------------------------------------------------------


def test_others_are_told_of_what_differs(
    engine: Engine, store: SqlStore, office_with: Make
) -> None:
    """A finding that the new rules do not make is withdrawn, one that they make is told, once."""
    engine.tick(NINE + 7 * HOUR)
    changed = office_with(("2 hours", "9 hours"), ("finding: unreported", "finding: not_reported"))
    before = len(store.journal())
    # A case that reads others goes over after them.
    engine.act("incident/9", "happen", at=NINE + HOUR)
    engine.tick(NINE + 7 * HOUR)
    after = len(store.journal())
    migrated(engine, changed)
    said = told(store, after)

    assert ("finding", "incident/9", "unreported") in told(store, before)
    assert [*REPORTS, "incident/1", "incident/9"] == [
        case for kind, case, _ in said if kind == "event"
    ]
    assert [
        *(("finding.withdrawn", case, "unverified") for case in REPORTS[:3]),
        ("finding", "incident/9", "not_reported"),
        ("finding.withdrawn", "incident/9", "unreported"),
    ] == [message for message in said if message[0] != "event"]


def test_what_fell_due_meanwhile_is_told_too(
    engine: Engine, store: SqlStore, office_with: Make
) -> None:
    """Nobody has looked at the clock: the migration itself says what is so as of its time."""
    after = len(store.journal())
    migrated(engine, office_with(("2 hours", "3 hours")), at=NINE + 7 * HOUR)

    assert [("finding", case, "unverified") for case in REPORTS[:3]] == [
        message for message in told(store, after) if message[0] != "event"
    ]


def test_a_case_that_has_moved_on_is_left(engine: Engine, office_with: Make) -> None:
    """A plan is about cases as they were; what happened since is for the next plan.

    So is what goes over together with such a case: its incident, and the reports of that.
    """
    changed = office_with(("2 hours", "3 hours"))
    engine.act("report/6", "submit", at=NINE, data={"pages": 3})
    plan = engine.plan_migration(changed)
    engine.act("report/1", "verify", at=NINE + HOUR)
    other = Engine(changed, store=engine.store)

    assert 1 == other.migrate(plan, at=NINE + 8 * HOUR, reason="a new text")
    assert MIGRATION == other.history("report/6")[-1].event
    assert "verify" == other.history("report/1")[-1].event
    assert ("changes", ["verification"], "") == planned(engine, changed)["report/1"]


def test_cases_of_other_rulesets_are_none_of_its_business(
    engine: Engine, host: Host, office_with: Make
) -> None:
    """A database may hold cases that this ruleset does not know; they are not in the plan."""
    breach = Engine(host.load("washington-breach"), store=engine.store)
    breach.act("breach/1", "notify", at="2024-03-05", data={"aware_on": "2024-03-04"})

    assert "breach/1" in store_of(engine).cases()
    assert {"incident/1", *REPORTS} == set(planned(engine, office_with()))


def test_a_kind_that_is_gone(engine: Engine, host: Host) -> None:
    """There is nothing that a case could go over to."""
    verdicts = planned(engine, host.load("washington-breach"))

    assert ("cannot", [], "the new ruleset has no kind `report`") == verdicts["report/1"]


# Cases that read others ---------------------------------------------------------------------------

AUTHORS = (
    ("kinds:\n", "kinds:\n  person:\n    fields:\n      joined_at: {at: join}\n"),
    ("      pages:", "      author: {actor: submit}\n      pages:"),
    ("relations:\n", "relations:\n  - {id: works, of: person, to: report, by: author}\n"),
    (
        "deadlines:\n",
        """deadlines:
  - id: first_work
    for: person as p
    owed_by: p
    starts: p.joined_at
    within: 1 day
    met_at: earliest(p.works.map(r, r.submitted_at))
    assumed: a test
""",
    ),
)


@pytest.mark.parametrize("at", [NINE + 2 * HOUR, NINE + 8 * HOUR])
def test_children_are_found_by_another_column(engine: Engine, office_with: Make, at: int) -> None:
    """Where rules read children by another column, which cases those name is kept too."""
    engine.act("incident/9", "happen", at=NINE)
    other = migrated(engine, office_with(("by: incident", "by: also")), at)

    assert ["open" if at < NINE + 4 * HOUR else "overdue", "met"] == [
        other.results(case)["first_report"][0]["status"] for case in ("incident/1", "incident/9")
    ]


def test_children_are_found_by_another_fact(store: SqlStore, office_with: Make) -> None:
    """Where a case names another one than before, it is a child of that one alone."""
    engine = Engine(office_with(*AUTHORS), store=store)
    for person in ("li", "wang"):
        engine.act(f"person/{person}", "join", at=NINE)
    engine.act(
        "report/1", "submit", at=NINE, actor=LI, data={"incident": "1", "also": "2", "pages": 1}
    )
    engine.act("report/1", "verify", at=NINE + HOUR, actor=WANG)
    before = [
        engine.results(f"person/{name}")["first_work"][0]["status"] for name in ("li", "wang")
    ]
    by_verifier = ("author: {actor: submit}", "author: {actor: verify}")
    other = migrated(engine, office_with(*AUTHORS, by_verifier))

    assert ["met", "open"] == before
    assert ["open", "met"] == [
        other.results(f"person/{name}")["first_work"][0]["status"] for name in ("li", "wang")
    ]


# Engines of the old text --------------------------------------------------------------------------


def test_an_engine_of_the_old_text_is_told_to_stop(engine: Engine, office_with: Make) -> None:
    """It neither acts on a case that has gone over nor opens what that reads, nor fires."""
    new = office_with(("4 hours", "9 hours"))
    other = Engine(new, store=engine.store, clock=lambda: NINE + 9 * HOUR)
    assert 6 == other.migrate(engine.plan_migration(new), at=NINE + 2 * HOUR, reason="a new text")
    kept = rows(store_of(engine))

    of_it = {"incident": "incident/1", "pages": 3}
    for outcome in (
        engine.act("incident/1", "happen", at=NINE + HOUR),
        engine.act("report/7", "submit", of_it, at=NINE + HOUR),
    ):
        assert [
            "`incident/1` went over to another text of the ruleset by event 2; start this engine"
            " with that text"
        ] == [reason.message() for reason in outcome.reasons]
        zh = "`incident/1` 已经第 2 号事件改用规则集的另一文本，请以该文本重新启动本引擎"
        assert [zh] == [reason.message("zh") for reason in outcome.reasons]
    # It leaves their timers to the others.
    assert 0 == engine.tick(NINE + 14 * HOUR).fired
    assert kept == rows(store_of(engine))
    assert other.act("report/1", "verify", at=NINE + 15 * HOUR).accepted


def test_going_back_to_the_old_text_is_a_migration_too(engine: Engine, office_with: Make) -> None:
    """Then it is the engine of the new text that is told to stop."""
    new = migrated(engine, office_with(("2 hours", "3 hours")))
    assert not engine.act("report/1", "send_back").accepted
    back = migrated(new, engine.ruleset, at=NINE + 9 * HOUR)

    refused = new.act("report/1", "send_back", at=NINE + 9 * HOUR)
    assert ["gone_over"] == [reason.code for reason in refused.reasons]
    assert back.act("report/1", "send_back", at=NINE + 9 * HOUR).accepted
    assert engine.act("report/1", "resubmit", at=NINE + 9 * HOUR).accepted


# Whatever happened --------------------------------------------------------------------------------

TIMES = st.one_of(st.none(), st.none(), STEPS.map(lambda step: MORNING + step), DATES)
HISTORIES = st.lists(
    st.tuples(acts(correcting=True), STEPS, TIMES, st.booleans()), min_size=1, max_size=10
)


@pytest.fixture(scope="module")
def other_office(tmp_path_factory: pytest.TempPathFactory, host: Host) -> Ruleset:
    """The office that stores are tested with, by a text that was corrected."""
    return host.load(office_text(tmp_path_factory.mktemp("other"), *CHANGED))


@given(history=HISTORIES, later=STEPS)
def test_what_is_kept_is_what_it_would_have_been(
    other_office: Ruleset, history: Sequence[tuple[Act, int, int | str | None, bool]], later: int
) -> None:
    """Facts, results, timers and links are those of cases that were under the new text always."""
    store, now = SqlStore.open(), MORNING
    engine = Engine(office().ruleset, store=store, program=office().program, clock=lambda: now)
    for act, step, entered, ticked in history:
        now += step
        act.by(engine, now if entered is None else entered)
        if ticked:
            engine.tick(now)
    plan = engine.plan_migration(other_office)
    other = Engine(other_office, store=store, clock=lambda: now)
    last = max((verdict.last for verdict in plan.verdicts), default=now)
    at = min(max(now + later, last), now + DAY)
    done = other.migrate(plan, at=at, reason="a corrected text")

    assert plan.possible
    assert len(store.cases()) == done
    assert [] == faults(rows(store), other_office)
    now += 100 * HOUR
    while other.tick(now).fired:
        pass
    assert [] == faults(rows(store), other_office)
    assert all(v.verdict == "same" for v in other.plan_migration(other_office).verdicts)


def store_of(engine: Engine) -> SqlStore:
    """The store of an engine."""
    assert isinstance(engine.store, SqlStore)
    return engine.store


def test_a_migration_is_not_ahead_of_the_clock(engine: Engine, office_with: Make) -> None:
    """A mistyped year is refused as it is of an act, before any case has gone over."""
    changed = office_with(("2 hours", "3 hours"))
    plan, now = engine.plan_migration(changed), NINE + 9 * HOUR
    other = Engine(changed, store=engine.store, clock=lambda: now)
    refused = engine.act("incident/1", "happen", at=now + 25 * HOUR).reasons[0].message()
    before = rows(store_of(engine))

    with pytest.raises(ValueError, match="`at` is 2024-03-05T19:00:00") as ahead:
        other.migrate(plan, at=now + 25 * HOUR, reason="a new text")
    assert refused == str(ahead.value)
    assert before == rows(store_of(engine))
    assert 6 == other.migrate(plan, at=now + 24 * HOUR, reason="a new text")


def test_a_migration_is_not_before_what_has_happened(engine: Engine, office_with: Make) -> None:
    """The latest event of a case that would go over is the bound; `at` may be text."""
    changed = office_with(("2 hours", "3 hours"))
    assert engine.act("incident/9", "happen", at=NINE + 9 * HOUR).accepted
    plan = engine.plan_migration(changed)
    other = Engine(changed, store=engine.store, clock=lambda: NINE + 10 * HOUR)
    before = rows(store_of(engine))

    with pytest.raises(ArgumentError) as early:
        other.migrate(plan, at=NINE + 9 * HOUR - 1, reason="a new text")
    last = "2024-03-04T18:00:00+08:00"
    assert early.value.reason == f"must not be before `{last}`, the last event of `incident/9`"
    assert early.value.zh == f"`at` 不得早于 `incident/9` 最后一次事件的时间 `{last}`"
    assert before == rows(store_of(engine))
    assert len(plan.verdicts) == other.migrate(plan, at=last, reason="a new text")


@pytest.mark.parametrize(
    ("recorded_at", "at", "fits"),
    [
        (NINE + DAY, "2024-03-04T07:00:00Z", True),
        (NINE + DAY, NINE - DAY, False),
        (NINE + HOUR, NINE + HOUR, True),
        (NINE + HOUR, NINE + HOUR - 1, False),
    ],
)
def test_a_day_is_no_bound_within_itself(
    engine: Engine, office_with: Make, recorded_at: int, at: int | str, *, fits: bool
) -> None:
    """Where an event is known by its day alone, a case may go over later on that day.

    If it was recorded on that day, it had happened by then.
    """
    changed = office_with(("2 hours", "3 hours"))
    day = "2024-03-04"
    assert engine.act("report/9", "submit", at=day, actor=LI, recorded_at=recorded_at).accepted
    plan = engine.plan_migration(changed)
    plan = evolve(plan, verdicts=tuple(v for v in plan.verdicts if v.case == "report/9"))
    other = Engine(changed, store=engine.store, clock=lambda: NINE + DAY)

    with nullcontext() if fits else pytest.raises(ArgumentError, match="`report/9`"):
        assert 1 == other.migrate(plan, at=at, reason="a new text")


def test_a_void_case_goes_over_as_nothing(engine: Engine, office_with: Make) -> None:
    """A case that was entered by mistake has no rows, before and after; others hear of no rule."""
    first = engine.act("incident/9", "happen", at=NINE, data={"place": "south"})
    void = Correction(sequence=first.event.sequence, reason="a mistake", void=True)
    assert engine.act("incident/9", "happen", at=NINE, corrects=void).accepted
    changed, store = office_with(("4 hours", "5 hours")), store_of(engine)
    plan = engine.plan_migration(changed)
    other = Engine(changed, store=store, clock=lambda: NINE + 9 * HOUR)
    told = len(rows(store).rows["outbox"])
    only = evolve(plan, verdicts=tuple(v for v in plan.verdicts if v.case == "incident/9"))
    assert 1 == other.migrate(only, at=NINE + 9 * HOUR, reason="a new text")

    assert not any(other.results("incident/9").values())
    assert told + 1 == len(rows(store).rows["outbox"])
    assert not [d for d in compare(store, changed).differences if d.case == "incident/9"]
    assert other.act("incident/9", "happen", at=NINE + 10 * HOUR).accepted
    assert ["open"] == [row["status"] for row in other.results("incident/9")["first_report"]]
    assert not [d for d in compare(store, changed).differences if d.case == "incident/9"]


def test_a_verdict_says_values_as_people_write_them(engine: Engine, office_with: Make) -> None:
    """Times, dates and amounts are told as messages tell them, each under its own ruleset."""
    limit = ("2 hours", "3 hours")
    (verdict,) = (
        v for v in engine.plan_migration(office_with(limit)).verdicts if v.case == "report/1"
    )
    was, would = verdict.changes["verification"]

    assert [["2024-03-04T11:00:00+08:00"], ["2024-03-04T12:00:00+08:00"]] == [
        [row["due"] for row in rows] for rows in (was, would)
    ]
    assert (
        ("verification", "2024-03-04T11:00:00.000001+08:00"),
        ("verification", "2024-03-04T12:00:00.000001+08:00"),
    ) == tuple(timers[0] for timers in verdict.changes["timers"])


FEE = (
    "      pages: {type: int, event: submit}\n",
    "      pages: {type: int, event: submit}\n      fee: {type: decimal(1), event: submit}\n",
)
FINER = (FEE[0], FEE[1].replace("(1)", "(2)"))


def charged(value: str) -> tuple[str, str]:
    """A rule that gives an amount."""
    rule = f"{{id: charged, for: report as r, value: {value}, assumed: a test}}"
    return "deadlines:\n", f"derived:\n  - {rule}\ndeadlines:\n"


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        pytest.param(
            (FINER, charged("1.5")), {"facts": ({"fee": "1.5"}, {"fee": "1.50"})}, id="a-field"
        ),
        pytest.param((FEE, charged("0.15")), {"charged": ("1.5", "0.15")}, id="a-result"),
    ],
)
def test_other_decimals_are_seen(
    store: SqlStore, office_with: Make, new: Changes, expected: dict[str, object]
) -> None:
    """Where a number means another amount under the new text, the verdict says both amounts."""
    before = Engine(office_with(FEE, charged("1.5")), store=store, clock=lambda: NINE)
    assert before.act("report/1", "submit", {"fee": "1.5"}, at=NINE).accepted
    (verdict,) = before.plan_migration(office_with(*new)).verdicts
    found = dict(verdict.changes)
    if "charged" in found:
        was, would = found["charged"]
        found["charged"] = (was[0]["value"], would[0]["value"])  # type: ignore[index]

    assert ("changes", expected) == (verdict.verdict, found)
