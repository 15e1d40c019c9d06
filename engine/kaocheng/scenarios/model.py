"""Scenarios as values."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from kaocheng.diagnostics import Span
from kaocheng.model.events import Actor, Event


@frozen(kw_only=True)
class Expected:
    """A row that must be there, or must not: the rule that gives it, and some of its columns."""

    rule: str
    columns: Mapping[str, str]
    span: Span


@frozen(kw_only=True)
class Step:
    """An event of a timeline; one that the lifecycle must refuse is not part of the journal."""

    event: Event
    refused: bool
    span: Span


@frozen(kw_only=True)
class Reading:
    """Somebody who wants to read a case at the end; `refused` says that he must not."""

    case: str
    actor: Actor | None
    refused: bool
    span: Span


@frozen(kw_only=True)
class Scenario:
    """A timeline, the two times, and what must come out; `states` are those at the end."""

    id: str
    titles: Mapping[str, str]
    timeline: tuple[Step, ...]
    as_of: str
    known_at: str | None
    expect: tuple[Expected, ...]
    absent: tuple[Expected, ...]
    span: Span
    states: Mapping[str, str] = field(factory=dict)
    reads: tuple[Reading, ...] = ()
    cite: str = ""

    @property
    def events(self) -> tuple[Event, ...]:
        """The events that happen."""
        return tuple(step.event for step in self.timeline if not step.refused)
