"""What follows from an assessment of a case: what will be due, and who is to be told.

Pure functions of records. A *timer* is the first instant at which a deadline of the case
says something else than now: when it begins, and when it has become overdue.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kaocheng.calendars.numberline import DAY, LAST_INSTANT, NEVER
from kaocheng.calendars.zones import Zone, to_utc
from kaocheng.engine.cases import Record
from kaocheng.engine.outcome import CaseResults, RowView, unchained
from kaocheng.engine.unit_of_work import Change
from kaocheng.language.types import DATE
from kaocheng.plan.algebra import COLLECTIONS

Timers = Mapping[tuple[str, int], None]
"""Rules with instants, in the order of the rules."""

Message = tuple[str, str, Mapping[str, object]]
"""A kind of message, the case it is about, and what it says."""

_CLOCK = ("start", "due", "status")


def timers_of(record: Record, zone: Zone) -> dict[tuple[str, int], None]:
    """When the deadlines of a case will say something else, after the time of its assessment."""
    found: dict[tuple[str, int], None] = {}
    for rule, start, due, status in _clocks(record, zone):
        at = start[0] if status == "not_begun" else due[1] if status == "open" else None
        if at is not None and record.as_of < at <= LAST_INSTANT:
            found[rule, at] = None
    return found


def due_of(record: Record, zone: Zone) -> int | None:
    """The last instant of the earliest deadline that is open or overdue."""
    dues = [
        due[1] - 1
        for _, _, due, status in _clocks(record, zone)
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


Moment = tuple[int | None, int | None]
"""The first instant of a time, and the first one after it."""


def _clocks(record: Record, zone: Zone) -> Iterator[tuple[str, Moment, Moment, object]]:
    """The rows of the case's deadlines: the rule, start, due, and status."""
    for rule, rows in zip(record.governed.rules, record.results, strict=True):
        columns = rule.relation.columns
        if not all(name in columns for name in _CLOCK):
            continue
        start, due, status = (rule.relation.index(name) for name in _CLOCK)
        is_date = columns["due"] == DATE
        for row in unchained(rows):
            yield (
                rule.id,
                _moment(row[start], zone, is_date=is_date),
                _moment(row[due], zone, is_date=is_date),
                row[status],
            )


def _moment(value: object, zone: Zone, *, is_date: bool) -> Moment:
    if not isinstance(value, int) or value == NEVER:
        return None, None
    if is_date:
        return to_utc(zone, value * DAY), to_utc(zone, (value + 1) * DAY)
    return value, value + 1
