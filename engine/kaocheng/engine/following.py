"""What follows from an assessment of a case: what will be due, and who is to be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kaocheng.calendars.zones import Zone
from kaocheng.engine.cases import Record
from kaocheng.engine.outcome import CaseResults, RowView
from kaocheng.engine.timers import clocks, timers_in
from kaocheng.engine.unit_of_work import Change
from kaocheng.plan.algebra import COLLECTIONS

Message = tuple[str, str, Mapping[str, object]]
"""A kind of message, the case it is about, and what it says."""


def timers_of(record: Record, zone: Zone) -> dict[tuple[str, int], None]:
    """When the deadlines of a case will say something else, after the time of its assessment."""
    return timers_in(record.case_results, zone)


def due_of(record: Record, zone: Zone) -> int | None:
    """The last instant of the earliest deadline that is open or overdue."""
    dues = [
        due[1] - 1
        for _, _, due, status in clocks(record.case_results, zone)
        if status in ("open", "overdue") and due[1] is not None
    ]
    return min(dues, default=None)


def messages_of(change: Change) -> Iterator[Message]:
    """What to tell about an event: that it happened, and what it brought or took away."""
    event, record = change.event, change.record
    said: dict[str, object] = {
        "event": event.event,
        "sequence": event.sequence,
        "state": record.state.state,
    }
    yield "event", event.case, said
    yield from _differences(event.case, change.before, record)
    for before, after in change.parents:
        yield from _differences(after.state.case, before, after)


def _differences(case: str, before: Record, after: Record) -> Iterator[Message]:
    if after.results == before.results:
        return
    for collection in COLLECTIONS:
        were = _collected(before.case_results, collection)
        are = _collected(after.case_results, collection)
        single = _SINGLE[collection]
        for row, view in are.items():
            if row not in were:
                yield single, case, dict(view)
        for row, view in were.items():
            if row not in are:
                yield f"{single}.withdrawn", case, dict(view)


_SINGLE = {"findings": "finding", "entries": "entry", "notices": "notice"}


def _collected(results: CaseResults, collection: str) -> dict[tuple[object, ...], RowView]:
    return {view.row: view for view in results.collected(collection)}
