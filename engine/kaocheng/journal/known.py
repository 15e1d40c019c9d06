"""Which events of a case count: duplicates, corrections and the two times, in that order.

* An event is known from its `recorded_at` on; without one, from when it happened.
* A correction is knowledge, not history: it counts once it is known, whatever `as_of`.
  It may itself be corrected; where several replace the same value, the latest wins.
* An event without a known time happened at some time, so it counts at every `as_of`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from attrs import evolve, frozen

from kaocheng.calendars.zones import Zone, local_day
from kaocheng.journal.texts import Message, Problem, problem
from kaocheng.journal.writing import event_line
from kaocheng.model.events import Correction, Event
from kaocheng.model.facts import Times

CLASHING = Message(
    "clashing_events",
    "two events have the number {sequence} and differ; neither is counted",
    "有两条内容不同的事件编号同为 {sequence}，均不计入",
)
CORRECTS_NOTHING = Message(
    "corrects_nothing",
    "the correction names event {sequence}, which the case does not have",
    "更正所指的第 {sequence} 号事件在该事项中不存在",
)


@frozen
class Moment:
    """One of the two times, as an instant and as a local date for dated events."""

    instant: int
    day: int

    @classmethod
    def of(cls, instant: int, zone: Zone) -> Moment:
        """The moment at an instant."""
        return cls(instant, local_day(zone, instant))

    def reaches(self, at: int | None, date: int | None) -> bool:
        """Whether what happened at that time has happened by now."""
        if at is not None:
            return at <= self.instant
        return date is None or date <= self.day


@frozen(kw_only=True)
class Horizon:
    """How far history and knowledge reach; None is without end."""

    as_of: Moment | None = None
    known_at: Moment | None = None

    @classmethod
    def of(cls, times: Times, zone: Zone) -> Horizon:
        """The horizon of an assessment."""
        known_at = None if times.known_at is None else Moment.of(times.known_at, zone)
        return cls(as_of=Moment.of(times.as_of, zone), known_at=known_at)


ENDLESS = Horizon()


def place_of(event: Event) -> str:
    """Where a problem with the event is: its case and number."""
    return f"{event.case}#{event.sequence}"


def sequence_of(found: Problem) -> int:
    """The number of the event that the problem is about."""
    return int(found.place.rpartition("#")[2])


def in_force(events: Iterable[Event], horizon: Horizon) -> tuple[list[Event], list[Problem]]:
    """The events of one case that count, by sequence, with corrections applied."""
    ordered, problems = unique(sorted(events, key=sequence_order))
    known = [event for event in ordered if _is_known(event, horizon.known_at)]
    if any(event.corrects is not None for event in known):
        problems += _wrong_targets(known, ordered)
        known = _corrected(known)
    if horizon.as_of is not None:
        reaches = horizon.as_of.reaches
        known = [event for event in known if reaches(event.at, event.date)]
    return known, problems


def sequence_order(event: Event) -> int:
    """By what the events of a case are sorted."""
    return event.sequence


def unique(ordered: Sequence[Event]) -> tuple[list[Event], list[Problem]]:
    """Of a case's events by number: equal ones once; of different ones with one number, none."""
    numbers = {event.sequence for event in ordered}
    if len(numbers) == len(ordered):
        return list(ordered), []
    lines: dict[int, set[str]] = {}
    for event in ordered:
        lines.setdefault(event.sequence, set()).add(event_line(event))
    first = {event.sequence: event for event in reversed(ordered)}
    kept = [first[n] for n in sorted(numbers) if len(lines[n]) == 1]
    clashes = [first[n] for n in sorted(numbers) if len(lines[n]) > 1]
    return kept, [problem(CLASHING, place_of(e), sequence=str(e.sequence)) for e in clashes]


def _is_known(event: Event, known_at: Moment | None) -> bool:
    if known_at is None:
        return True
    if event.recorded_at is not None:
        return event.recorded_at <= known_at.instant
    return known_at.reaches(event.at, event.date)


def _wrong_targets(known: Iterable[Event], all_events: Iterable[Event]) -> list[Problem]:
    numbers = {event.sequence for event in all_events}
    return [
        problem(CORRECTS_NOTHING, place_of(event), sequence=str(event.corrects.sequence))
        for event in known
        if event.corrects is not None
        and (event.corrects.sequence not in numbers or event.corrects.sequence >= event.sequence)
    ]


def _corrected(known: Sequence[Event]) -> list[Event]:
    """The events as the corrections leave them; a voided one is as if never written.

    A correction under the name of the event that it corrects says that event again: it is
    none of its own, and who corrects it corrects that event.
    """
    by_number = {event.sequence: event for event in known}
    voids = voided_by(known)
    voided = set(voids)
    replacing: dict[int, list[Correction]] = {}
    for event in reversed(known):
        corrects = event.corrects
        if corrects is None or event.sequence in voids or corrects.sequence >= event.sequence:
            continue
        target = None if corrects.void else _meant(corrects.sequence, by_number, voids)
        if target is not None:
            replacing.setdefault(target, []).append(corrects)
        if _says_again(event, by_number):
            voided.add(event.sequence)
    return [_replaced(event, replacing) for event in known if event.sequence not in voided]


def _says_again(event: Event, by_number: Mapping[int, Event]) -> bool:
    """Whether an event corrects one of its own name."""
    earlier = None if event.corrects is None else by_number.get(event.corrects.sequence)
    return earlier is not None and earlier.event == event.event


def _meant(number: int, by_number: Mapping[int, Event], voids: Mapping[int, int]) -> int | None:
    """The event that a correction of a number is about; None where that has been taken back."""
    while number not in voids:
        event = by_number.get(number)
        corrects = None if event is None else event.corrects
        if event is None or corrects is None or corrects.void or corrects.sequence >= number:
            return number
        if not _says_again(event, by_number):
            return number
        number = corrects.sequence
    return None


def voided_by(known: Iterable[Event]) -> Mapping[int, int]:
    """By the number of each event of a case that is taken back, the one that takes it back."""
    found: dict[int, int] = {}
    # A correction can only be undone by a later one, so the latest are settled first.
    for event in sorted(known, key=sequence_order, reverse=True):
        corrects, own = event.corrects, event.sequence
        if corrects is not None and corrects.void and own not in found and corrects.sequence < own:
            found.setdefault(corrects.sequence, own)
    return found


def _replaced(event: Event, replacing: Mapping[int, Sequence[Correction]]) -> Event:
    for corrects in reversed(replacing.get(event.sequence, ())):
        # When the event became known does not move with the time at which it happened.
        recorded_at = event.at if event.recorded_at is None else event.recorded_at
        event = evolve(event, data={**event.data, **corrects.data}, recorded_at=recorded_at)
        if corrects.at is not None or corrects.date is not None:
            event = evolve(event, at=corrects.instant, date=corrects.date)
    return event
