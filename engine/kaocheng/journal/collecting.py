"""From lines that were read to a journal in which every event stands once.

A line that says exactly what an earlier one says is counted once and reported. Lines
that claim the same place of a case and differ are all reported and none is counted:
which of them is true cannot follow from the order of the lines.
"""

from __future__ import annotations

from collections.abc import Iterable

from kaocheng.journal.texts import Message
from kaocheng.journal.writing import event_line
from kaocheng.model.events import Event, Journal, Unreadable

Entry = tuple[str, Event]
"""An event and the place of its line."""

STANDS_TWICE = Message(
    "stands_twice",
    "event {sequence} of `{case}` stands here again, word for word as at {other};"
    " it is counted once",
    "`{case}` 的第 {sequence} 号事件与 {other} 逐字重复，只计一次",
)
SAME_PLACE = Message(
    "same_place",
    "event {sequence} of `{case}` stands also at {other}, with other content; neither is counted",
    "`{case}` 的第 {sequence} 号事件在 {other} 另有内容不同的一行，两行均不计入",
)


def collect(lines: Iterable[Entry | Unreadable]) -> Journal:
    """The journal of the lines, in their order."""
    first: dict[tuple[str, int], tuple[int, Entry]] = {}
    kept: dict[int, Entry] = {}
    refused: dict[int, Unreadable] = {}
    for index, line in enumerate(lines):
        if isinstance(line, Unreadable):
            refused[index] = line
            continue
        event = line[1]
        other_index, other = first.setdefault((event.case, event.sequence), (index, line))
        if other_index == index:
            kept[index] = line
        elif event_line(event) == event_line(other[1]):
            refused[index] = _about(STANDS_TWICE, line, other)
        else:
            refused[index] = _about(SAME_PLACE, line, other)
            refused.setdefault(other_index, _about(SAME_PLACE, other, line))
            kept.pop(other_index, None)
    unreadable = tuple(refused[index] for index in sorted(refused))
    return Journal(
        events=tuple(event for _, event in kept.values()),
        unreadable=unreadable,
        places=tuple(place for place, _ in kept.values()),
    )


def _about(message: Message, entry: Entry, other: Entry) -> Unreadable:
    place, event = entry
    return message.unreadable(place, case=event.case, sequence=str(event.sequence), other=other[0])
