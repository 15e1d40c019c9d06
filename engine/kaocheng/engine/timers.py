"""When the deadlines of a case will say something else than now.

A *timer* is the first such instant: when a deadline begins, and when it has become overdue.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kaocheng.calendars.numberline import DAY, LAST_INSTANT, NEVER
from kaocheng.calendars.zones import Zone, to_utc
from kaocheng.language.types import DATE

if TYPE_CHECKING:
    from kaocheng.engine.outcome import CaseResults

_CLOCK = ("start", "due", "status")

Moment = tuple[int | None, int | None]
"""The first instant of a time, and the first one after it."""


def timers_in(results: CaseResults, zone: Zone) -> dict[tuple[str, int], None]:
    """The same of results: rules with instants, in the order of the rules."""
    found: dict[tuple[str, int], None] = {}
    for rule, start, due, status in clocks(results, zone):
        at = start[0] if status == "not_begun" else due[1] if status == "open" else None
        if at is not None and results.as_of < at <= LAST_INSTANT:
            found[rule, at] = None
    return found


def clocks(results: CaseResults, zone: Zone) -> Iterator[tuple[str, Moment, Moment, object]]:
    """The rows of the case's deadlines: the rule, start, due, and status."""
    for name, relation, rows in results.plain():
        columns = relation.columns
        if not all(column in columns for column in _CLOCK):
            continue
        start, due, status = (relation.index(column) for column in _CLOCK)
        is_date = columns["due"] == DATE
        for row in rows:
            yield (
                name,
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
