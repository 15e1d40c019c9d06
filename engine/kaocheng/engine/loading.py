"""Years of history brought in at once, whatever the lifecycle would have said of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from attrs import frozen

from kaocheng.journal.fold import by_case
from kaocheng.lifecycle import Refusal
from kaocheng.model.events import Event

CASES_AT_ONCE = 500
"""How many cases one transaction takes."""


@frozen(kw_only=True)
class Doubt:
    """An event that was taken over, and why an act like it would have been refused."""

    case: str
    sequence: int
    reasons: tuple[Refusal, ...]


@frozen(kw_only=True)
class Loaded:
    """What came of loading: how many events and cases, and what is doubtful about them."""

    events: int
    cases: int
    doubts: tuple[Doubt, ...] = ()


def batched(cases: Iterable[str], size: int) -> Iterator[Sequence[str]]:
    """The cases, so many at a time."""
    found = iter(cases)
    while batch := list(islice(found, size)):
        yield batch


def batches(events: Iterable[Event]) -> Iterator[Sequence[tuple[str, Sequence[Event]]]]:
    """The events by case, each case's by number, so many cases at a time."""
    batch: list[tuple[str, Sequence[Event]]] = []
    for case, found in by_case(events).items():
        batch.append((case, sorted(found, key=lambda event: event.sequence)))
        if len(batch) == CASES_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch
