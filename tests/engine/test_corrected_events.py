"""What an act may correct: events that people brought in, and that still count."""

from __future__ import annotations

import asyncio

import pytest
from attrs import evolve

from kaocheng import Correction
from kaocheng.calendars.numberline import DAY, HOUR, parse_instant
from kaocheng.engine import Engine, Outcome
from kaocheng.host import Host
from kaocheng.language.ruleset import Ruleset
from kaocheng.model.events import MIGRATION, TIMER, Event
from kaocheng.stores import AsyncEngine, AsyncSqlStore, SqlStore
from kaocheng.stores.comparing import compare

NINE = parse_instant("2026-01-29T08:00:00Z")
LATER = NINE + 10 * DAY
OWN = {
    TIMER: {"rules": ["early_warning"]},
    MIGRATION: {"from": ["a"], "to": ["b"], "reason": "r"},
}
WHY = (
    "event {} cannot be corrected: the engine itself recorded `{}`; correct the act that brought"
    " it about"
)


@pytest.fixture(scope="module")
def incidents(host: Host) -> Ruleset:
    """Deadlines of a case that run by the hour."""
    return host.load("nis2")


def history(*events: str) -> list[Event]:
    """An incident that somebody became aware of at nine, and what the engine recorded of it."""
    data = {"entity": "Waterworks", "trust_service": False}
    began = Event(case="incident/1", sequence=1, event="become_aware", at=NINE, data=data)
    own = [
        evolve(began, sequence=number, event=event, at=NINE + number * DAY, data=OWN[event])
        for number, event in enumerate(events, start=2)
    ]
    return [began, *own]


def loaded(ruleset: Ruleset, *events: str) -> Engine:
    """An engine that knows that history."""
    engine = Engine(ruleset, store=SqlStore.open(), clock=lambda: LATER)
    engine.load(history(*events))
    return engine


def corrected(engine: Engine, corrects: Correction, *, dry_run: bool = False) -> Outcome:
    """An act that corrects an event."""
    return engine.act("incident/1", "correct", at=LATER, corrects=corrects, dry_run=dry_run)


@pytest.mark.parametrize("event", [TIMER, MIGRATION])
@pytest.mark.parametrize("change", [{"void": True}, {"at": NINE}, {"data": {"rules": ["x"]}}])
@pytest.mark.parametrize("dry_run", [False, True])
def test_what_the_engine_recorded_is_not_corrected(
    incidents: Ruleset, event: str, change: dict[str, object], *, dry_run: bool
) -> None:
    """Nobody takes back that a deadline lapsed, or that a case went over to another text."""
    engine = loaded(incidents, event)
    before = engine.journal()
    corrects = Correction(sequence=2, reason="r", **change)  # type: ignore[arg-type]
    outcome = corrected(engine, corrects, dry_run=dry_run)

    assert ["not_correctable"] == [reason.code for reason in outcome.reasons]
    assert WHY.format(2, event) == outcome.reasons[0].message()
    assert (
        f"无法更正第 2 号事件：`{event}` 由引擎自行记录；请更正引起它的那次办理"
    ) == outcome.reasons[0].message("zh")
    assert before == engine.journal()


def test_an_engine_that_waits_refuses_it_too(incidents: Ruleset) -> None:
    """With the same code."""

    async def refused() -> list[str]:
        store = await AsyncSqlStore.open()
        engine = AsyncEngine(incidents, store=store, clock=lambda: LATER)
        await engine.load(history(TIMER))
        void = Correction(sequence=2, reason="r", void=True)
        outcome = await engine.act("incident/1", "correct", at=LATER, corrects=void)
        await store.close()
        return [reason.code for reason in outcome.reasons]

    assert ["not_correctable"] == asyncio.run(refused())


def test_history_in_which_a_timer_was_taken_back_is_loaded(incidents: Ruleset) -> None:
    """What was accepted once is kept and folded as it was; it is listed as doubtful."""
    void = Correction(sequence=2, reason="r", void=True)
    began, timer = history(TIMER)
    taken_back = evolve(began, sequence=3, event="correct", at=LATER, data={}, corrects=void)
    engine = Engine(incidents, store=SqlStore.open(), clock=lambda: LATER)
    done = engine.load([began, timer, taken_back])

    assert [WHY.format(2, TIMER)] == [doubt.message() for doubt in done.doubts]
    assert ["become_aware", "correct"] == [e.event for e in engine.history("incident/1")]


def test_what_is_void_is_not_corrected(incidents: Ruleset) -> None:
    """It would change nothing; to void what voided it, after two timers, brings it back."""
    engine = loaded(incidents)
    void = Correction(sequence=1, reason="mistake", void=True)
    assert corrected(engine, void).accepted
    again = Correction(sequence=1, reason="it did happen", data={"entity": "Gasworks"})
    for correction in (void, again, evolve(again, data={}, at=LATER)):
        (reason,) = corrected(engine, correction).reasons

        assert "already_void" == reason.code
        assert "event 1 is void; to have it back, void event 4" == reason.message()
        assert "第 1 号事件已被作废；如需恢复，请作废第 4 号事件" == reason.message("zh")

    assert corrected(engine, Correction(sequence=4, reason="it did happen", void=True)).accepted
    assert corrected(engine, again).accepted
    row = engine.case("incident/1")
    assert row is not None
    assert "Gasworks" == row["entity"]


@pytest.mark.parametrize(
    ("said", "at", "date"),
    [
        ("2026-01-29T08:30:00+01:00", NINE - HOUR // 2, None),
        ("2026-01-28", None, NINE // DAY - 1),
        ("1969-12-31T23:00:00Z", -HOUR, None),
        (NINE - HOUR, NINE - HOUR, None),
    ],
)
def test_a_correction_says_when_as_an_act_does(
    incidents: Ruleset, said: int | str, at: int | None, date: int | None
) -> None:
    """As text or as a number; the journal has the instant or the day."""
    engine = loaded(incidents)
    by_key = [
        engine.act(
            *("incident/1", "correct"), at=LATER, idempotency_key="k",
            corrects=Correction(sequence=1, reason="r", at=said),
        )
        for _ in range(2)
    ]  # fmt: skip
    kept = engine.store.load("incident/1")[-1].corrects

    assert [True, True] == [outcome.accepted for outcome in by_key]
    assert kept == Correction(sequence=1, reason="r", at=at, date=date)
    assert (at, date) == (engine.history("incident/1")[0].at, engine.history("incident/1")[0].date)
    assert compare(engine.store, incidents).passed  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("corrects", "code", "message"),
    [
        (
            Correction(sequence=1, reason="r", at="2026-01-32"),
            "bad_time",
            "`corrects.at`: `2026-01-32` names a day that does not exist",
        ),
        (
            Correction(sequence=1, reason="r", at="2026-01-28", date=5),
            "bad_argument",
            "`corrects.date` cannot stand beside `at`",
        ),
        (
            Correction(sequence=1, reason="r", at="2026-01-28", void=True),
            "bad_argument",
            "`corrects.void` cannot stand beside `at`, `date` or `data`: an event that is void is"
            " not replaced",
        ),
        (
            Correction(sequence=1, reason="r", at="2026-03-01T09:00:00Z"),
            "ahead",
            "`corrects.at` is 2026-03-01T10:00:00+01:00, more than a day after it is recorded"
            " (2026-02-08T09:00:00+01:00); check the date: an event is recorded once it has"
            " happened",
        ),
    ],
)
def test_the_text_of_a_correction_is_looked_at(
    incidents: Ruleset, corrects: Correction, code: str, message: str
) -> None:
    """It is refused as that of an act, under its own name, and nothing is kept."""
    engine = loaded(incidents)
    (reason,) = corrected(engine, corrects).reasons

    assert (code, message) == (reason.code, reason.message())
    assert 1 == engine.sequence("incident/1")
