"""The canonical journal: JSON Lines whose bytes depend on the events alone.

Lines stand by case and sequence, keys in one order, data keys sorted; instants are in
UTC unless a zone is given. What was read comes back equal.
"""

from __future__ import annotations

from collections.abc import Iterator

from kaocheng.calendars.numberline import OffsetTable
from kaocheng.journal.json_text import canonical
from kaocheng.journal.lines import event_fields
from kaocheng.model.events import Event, Journal


def write_jsonl(journal: Journal, *, zone: OffsetTable | None = None) -> str:
    """The whole journal as text, one event per line."""
    return "".join(f"{line}\n" for line in journal_lines(journal, zone=zone))


def journal_lines(journal: Journal, *, zone: OffsetTable | None = None) -> Iterator[str]:
    """The lines of the canonical journal, without their ends."""
    for event in sorted(journal.events, key=_place):
        yield event_line(event, zone=zone)


def event_line(event: Event, *, zone: OffsetTable | None = None) -> str:
    """The canonical line of one event."""
    pairs = (f'"{key}": {canonical(part)}' for key, part in event_fields(event, zone).items())
    return "{" + ", ".join(pairs) + "}"


def _place(event: Event) -> tuple[str, int]:
    return event.case, event.sequence
