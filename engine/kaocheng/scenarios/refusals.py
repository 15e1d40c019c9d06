"""Timelines acted out on the lifecycle: what should be refused is, and nothing else is.

So are readings: who may read a case at the end, and who may not.
"""

from __future__ import annotations

from collections.abc import Iterator

from kaocheng.calendars.numberline import format_date
from kaocheng.engine import Engine, MemoryStore, Outcome
from kaocheng.journal.lines import UNKNOWN_WORD
from kaocheng.language.ruleset import Ruleset
from kaocheng.lifecycle import Access
from kaocheng.model.events import Event
from kaocheng.scenarios.model import Reading, Scenario, Step


def wrongly_decided(ruleset: Ruleset, scenario: Scenario) -> Iterator[tuple[Step, Outcome]]:
    """The steps that the lifecycle decides otherwise than the scenario says.

    Only a scenario that expects a refusal is acted out; the journals of the others are
    taken as they stand, as `assess` takes any journal.
    """
    if not any(step.refused for step in scenario.timeline):
        return
    engine = Engine(ruleset)
    for step in scenario.timeline:
        event = step.event
        outcome = engine.act(
            event.case,
            event.event,
            at=_time(event),
            actor=event.actor,
            data=event.data,
            recorded_at=event.recorded_at,
            corrects=event.corrects,
        )
        if outcome.accepted == step.refused:
            yield step, outcome


def _time(event: Event) -> int | str:
    """When it happened, as an act takes it."""
    if event.at is not None:
        return event.at
    return UNKNOWN_WORD if event.date is None else format_date(event.date)


def wrongly_read(ruleset: Ruleset, scenario: Scenario) -> Iterator[tuple[Reading, Access]]:
    """The readings that the readers of the ruleset decide otherwise than the scenario says."""
    if not scenario.reads:
        return
    engine = Engine(ruleset, store=MemoryStore(scenario.events))
    for reading in scenario.reads:
        # Of a case that nobody has opened nothing is asked of the versions, which may begin later.
        at = scenario.as_of if engine.sequence(reading.case) else None
        access = engine.may_read(reading.case, actor=reading.actor, at=at)
        if access.allowed == reading.refused:
            yield reading, access
