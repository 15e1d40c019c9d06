"""Reading events so that nobody goes on without one that somebody has removed.

Positions in a tenant's journal have no holes. The numbers of a case may have some, where it was
loaded with them; then nothing is missing between the positions of the two events either.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kaocheng.errors import MissingEventError
from kaocheng.model.events import Event
from kaocheng.stores import statements
from kaocheng.stores.codec import event_of
from kaocheng.stores.plain import Plain, Row, Values

Run = Callable[[Plain, Any], Sequence[Row]]


def events_of(run: Run, key: Values) -> list[Event]:
    """The events of a tenant's case by number.

    Raises:
        JournalError: one of them cannot be read, or is missing.
    """
    last = place = kept = 0
    events: list[Event] = []
    for line, position, number in run(statements.HISTORY, key):
        if line is None:  # not an event, but the number of the last one that was kept
            kept = number
            continue
        event = event_of(line)
        if event.sequence != last + 1 and _is_hole(run, key, place, position):
            raise MissingEventError(event.case, last + 1)
        events.append(event)
        last, place = event.sequence, position
    if last < kept:
        raise MissingEventError(str(key["case"]), last + 1)
    return events


def journal_of(run: Run, tenant: Values) -> list[Event]:
    """All events of a tenant in the order in which they were kept.

    Raises:
        JournalError: one of them cannot be read, or is missing.
    """
    ends = run(statements.END, tenant)  # first, as others may go on meanwhile
    events: list[Event] = []
    for line, position in run(statements.ALL_LINES, tenant):
        if position != len(events) + 1:
            break
        events.append(event_of(line))
    if ends and len(events) < ends[0][0]:
        raise MissingEventError(None, len(events) + 1)
    return events


def _is_hole(run: Run, key: Values, after: int, before: int) -> bool:
    """Whether something is missing between two positions."""
    between = {**key, "after": after, "before": before}
    return int(run(statements.BETWEEN, between)[0][0]) < before - after - 1
