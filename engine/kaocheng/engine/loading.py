"""Years of history brought in at once, whatever the lifecycle would have said of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, pairwise

from attrs import frozen

from kaocheng.engine.checking import check_event
from kaocheng.engine.folding import Folder
from kaocheng.engine.refusing import Refused, check_case
from kaocheng.engine.store import ClashError
from kaocheng.errors import ArgumentError, KaochengError
from kaocheng.journal.fold import by_case
from kaocheng.journal.texts import Message, Text, did_you_mean, shown
from kaocheng.lifecycle import Refusal
from kaocheng.lifecycle.decisions import joined
from kaocheng.model.events import Event

CASES_AT_ONCE = 500
"""How many cases one transaction takes."""

_CANNOT = Message(
    "cannot_be_loaded",
    "event {sequence} of `{case}` cannot be loaded: {why}",
    "`{case}` 的第 {sequence} 号事件无法载入：{why}",
)


@frozen(kw_only=True)
class Doubt:
    """An event that was taken over, and why an act like it would have been refused."""

    case: str
    sequence: int
    reasons: tuple[Refusal, ...]

    def message(self, language: str = "en") -> str:
        """All reasons in one line."""
        return joined(self.reasons, language)


@frozen(kw_only=True)
class Loaded:
    """What came of loading: how many events and cases, and what is doubtful about them."""

    events: int
    cases: int
    doubts: tuple[Doubt, ...] = ()


class BadEventError(KaochengError, ValueError):
    """An event of the past cannot be taken over; `reasons` says why, as an act would."""

    def __init__(self, case: object, sequence: object, reasons: tuple[Refusal, ...]) -> None:
        self.case = case
        self.sequence = sequence
        self.reasons = reasons
        why = Text(joined(reasons, "en"), joined(reasons, "zh"))
        text = _CANNOT.fill(case=shown(case), sequence=shown(sequence), why=why)
        self.zh = text.zh
        super().__init__(text.en)


def checked(events: Iterable[Event], folder: Folder) -> Iterator[Event]:
    """The events, if each could have come from an act, whatever the lifecycle says of it.

    Raises:
        ArgumentError: one is no event.
        BadEventError: one could not.
    """
    if not isinstance(events, Iterable):
        raise _no_events()
    for event in events:
        if not isinstance(event, Event):
            raise _no_events()
        try:
            check_event(event)
            check_case(event.case, folder.kinds)
            _check_known(event, folder)
        except Refused as refused:
            raise BadEventError(event.case, event.sequence, refused.refusals) from refused
        yield event


def _no_events() -> ArgumentError:
    return ArgumentError("events", "must be events", zh="应为事件")


def _check_known(event: Event, folder: Folder) -> None:
    if not folder.knows(event):
        hint = did_you_mean(event.event, folder.kinds[event.kind].elsewhere)
        values: Mapping[str, str | Text] = {"kind": event.kind, "event": event.event, "hint": hint}
        raise Refused(Refusal("unknown_event", values))


def batched(cases: Iterable[str], size: int) -> Iterator[Sequence[str]]:
    """The cases, so many at a time."""
    found = iter(cases)
    while batch := list(islice(found, size)):
        yield batch


def batches(events: Iterable[Event]) -> Iterator[Sequence[tuple[str, Sequence[Event]]]]:
    """The events by case, each case's by number, so many cases at a time.

    What is named comes with whatever names it or before it, since rules may read it there.

    Raises:
        ClashError: two of them have the same number.
    """
    found = by_case(events)
    for case, own in found.items():
        own.sort(key=lambda event: event.sequence)
        for one, other in pairwise(own):
            if one.sequence == other.sequence:
                raise ClashError(case, other.sequence)
    for cases in batched(_named_first(found), CASES_AT_ONCE):
        yield [(case, found[case]) for case in cases]


def _named_first(found: Mapping[str, Sequence[Event]]) -> Iterator[str]:
    """The cases in their order, but each behind those that it names."""
    seen: set[str] = set()

    def begun(case: str) -> tuple[str, Iterator[str]]:
        seen.add(case)
        return case, _named(found[case])

    for first in found:
        path = [] if first in seen else [begun(first)]
        while path:
            case, named = path[-1]
            new = next((other for other in named if other in found and other not in seen), None)
            if new is None:
                path.pop()
                yield case
            else:
                path.append(begun(new))


def _named(events: Iterable[Event]) -> Iterator[str]:
    """Whatever text events carry, which may be the id of a case."""
    for event in events:
        said = (event.data, {} if event.corrects is None else event.corrects.data)
        for value in (value for data in said for value in data.values()):
            several = value if isinstance(value, list | tuple) else (value,)
            yield from (text for text in several if isinstance(text, str))
