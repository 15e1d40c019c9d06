"""What can be done with a case, event by event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import frozen

from kaocheng.lifecycle import Option, Refusal


@frozen(kw_only=True)
class Action:
    """An event that leads on from the present state: allowed, or every reason why not."""

    event: str
    allowed: bool
    reasons: tuple[Refusal, ...]
    titles: Mapping[str, str]


def actions_of(options: Iterable[Option]) -> tuple[Action, ...]:
    """One action per event; it is allowed where one of its transitions is."""
    found: dict[str, list[Option]] = {}
    for option in options:
        found.setdefault(option.event, []).append(option)
    return tuple(_action(event, ways) for event, ways in found.items())


def _action(event: str, ways: list[Option]) -> Action:
    allowed = any(way.allowed for way in ways)
    reasons: list[Refusal] = []
    for reason in () if allowed else (reason for way in ways for reason in way.reasons):
        if reason not in reasons:
            reasons.append(reason)
    return Action(event=event, allowed=allowed, reasons=tuple(reasons), titles=ways[0].titles)
