"""Scenarios as values."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from kaocheng.diagnostics import Span
from kaocheng.model.events import Event


@frozen(kw_only=True)
class Expected:
    """A row that must be there, or must not: the rule that gives it, and some of its columns."""

    rule: str
    columns: Mapping[str, str]
    span: Span


@frozen(kw_only=True)
class Scenario:
    """A timeline, the two times, and what must come out.

    `refused` holds events of the timeline that the lifecycle must refuse; they are not
    part of the journal. `states` are the states of cases at the end.
    """

    id: str
    titles: Mapping[str, str]
    events: tuple[Event, ...]
    as_of: str
    known_at: str | None
    expect: tuple[Expected, ...]
    absent: tuple[Expected, ...]
    span: Span
    states: Mapping[str, str] = field(factory=dict)
    refused: tuple[Event, ...] = ()
    cite: str = ""
