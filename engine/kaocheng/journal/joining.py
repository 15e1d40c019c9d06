"""One journal out of several that each number their events from 1, as foreign tables do."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve

from kaocheng.model.events import Event, Journal, Unreadable


def join(journals: Iterable[Journal]) -> Journal:
    """The journals in the order given: in each case, later ones go on counting.

    The first keeps its numbers. Corrections keep pointing at what they corrected.
    """
    events: list[Event] = []
    unreadable: list[Unreadable] = []
    last: dict[str, int] = {}
    for journal in journals:
        moved = [_moved(event, last.get(event.case, 0)) for event in journal.events]
        for event in moved:
            last[event.case] = max(last.get(event.case, 0), event.sequence)
        events.extend(moved)
        unreadable.extend(journal.unreadable)
    return Journal(events=tuple(events), unreadable=tuple(unreadable))


def _moved(event: Event, by: int) -> Event:
    if not by:
        return event
    corrects = event.corrects
    if corrects is not None:
        corrects = evolve(corrects, sequence=corrects.sequence + by)
    return evolve(event, sequence=event.sequence + by, corrects=corrects)
