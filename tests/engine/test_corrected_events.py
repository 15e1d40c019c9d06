"""What an act may correct: events that people brought in, and that still count."""

from __future__ import annotations

import asyncio

import pytest
from attrs import evolve

from kaocheng.calendars.numberline import DAY, parse_instant
from kaocheng.engine import Engine, Outcome
from kaocheng.host import Host
from kaocheng.language.ruleset import Ruleset
from kaocheng.model.events import MIGRATION, TIMER, Correction, Event
from kaocheng.stores import AsyncEngine, AsyncSqlStore, SqlStore

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
