"""Events that a scenario says must be refused, tried on the lifecycle."""

from __future__ import annotations

from kaocheng.language.ruleset import Ruleset
from kaocheng.model.events import Event
from kaocheng.scenarios.model import Scenario


def accepted(ruleset: Ruleset, scenario: Scenario) -> tuple[Event, ...]:
    """The events that should be refused and are not.

    Each is tried after the events of its case with a smaller number.
    """
    if not scenario.refused:
        return ()
    from kaocheng.engine import Engine

    return tuple(
        event for event in scenario.refused if _is_accepted(Engine(ruleset), scenario, event)
    )


def _is_accepted(engine: object, scenario: Scenario, refused: Event) -> bool:
    raise NotImplementedError
