"""Refusals that are about the call rather than the lifecycle: its data, its time, its case."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.numberline import (
    DAY,
    EVENT_INSTANTS,
    NEVER,
    checked_event_time,
    format_date,
    format_instant,
    parse_instant,
)
from kaocheng.calendars.zones import Zone, to_utc
from kaocheng.engine.epochs import why_misread, why_unset
from kaocheng.journal.known import voided_by
from kaocheng.journal.lines import read_time
from kaocheng.journal.program import KindProgram
from kaocheng.journal.texts import NO_TIME, Problem, Text, Unfit, clock_text, did_you_mean, shown
from kaocheng.lifecycle import Refusal
from kaocheng.lifecycle.decisions import joined
from kaocheng.model.events import PUBLICATION, SILENT, TIMER, Correction, Event

if TYPE_CHECKING:
    from kaocheng.engine.keeping import Keeper

_CASE = re.compile(r"[a-z][a-z0-9_]*/\S(.*\S)?", re.ASCII)
_KIND = re.compile(r"[a-z][a-z0-9_]*/", re.ASCII)
_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")
_STRAY = Text(
    "has a number that is empty, or that begins or ends with a blank", "的编号为空或首尾有空白"
)
_TURNED = Text(
    "holds a control of the direction of writing (U+202A to U+202E, U+2066 to U+2069), with which"
    " two ids look the same",
    "含有书写方向控制字符（U+202A 至 U+202E、U+2066 至 U+2069），会使两个编号看起来相同",
)

Time = tuple[int | None, int | None]

Load = Callable[[str], Iterable[Event]]
"""Gives the events of a case."""

MOST_AHEAD = DAY
"""So much later than it is recorded may an act be."""


class Refused(Exception):  # noqa: N818 - it never leaves the engine: it becomes an outcome
    """The call cannot be decided about at all; `refusals` say why.

    `sequence` is the number of the event that cannot be kept, where it is known.
    """

    def __init__(self, *refusals: Refusal, sequence: int | None = None) -> None:
        self.refusals = refusals
        self.sequence = sequence
        super().__init__()

    def __str__(self) -> str:
        """Every reason, for whoever sees it in a log."""
        return joined(self.refusals, "en")


class Elsewhere(Refused):
    """A case is under another text of the ruleset, whose engines may go on with it."""


def why_of(refused: Refused, name: str) -> Text:
    """Why an argument was refused, to stand behind its name."""
    text = refused.refusals[0].text
    en = text.en.removeprefix(f"`{name}`").removeprefix(":").lstrip()
    return Text(en, text.zh.removeprefix(f"`{name}`").removeprefix("：").lstrip())


def time_of(key: str, value: int | str | None) -> Time:
    """The instant or the date of an act; neither for `unknown`."""
    if type(value) is int and value in EVENT_INSTANTS:  # as nearly always
        refuse_misread(key, value)
        return value, None
    if type(value) is not int and not isinstance(value, str):
        raise Refused(Refusal("bad_argument", {"key": key, "why": NO_TIME}))
    try:
        time = read_time(key, value) if isinstance(value, str) else (value, None)
        checked_event_time(*time)
    except Unfit as error:
        raise Refused(Refusal("bad_time", {"why": error.text})) from error
    except ClockError as error:
        raise _bad_time(key, error) from error
    return time


def refuse_misread(key: str, value: int) -> None:
    """Refuse a number that is an instant in another unit than microseconds."""
    _refuse_time(key, why_misread(value))


def refuse_unset(key: str, value: object) -> None:
    """Refuse a number that is no instant after 1970, where something is to be kept by it."""
    if type(value) is int and value in EVENT_INSTANTS:
        _refuse_time(key, why_unset(value))


def _refuse_time(key: str, why: Text | None) -> None:
    if why is not None:
        raise Refused(Refusal("bad_time", {"why": _about(key, why)}))


def instant_of(key: str, value: int | str) -> int:
    """The instant of something that cannot be known by its day alone."""
    instant, _ = time_of(key, value)
    if instant is None:
        try:
            instant = parse_instant(str(value))
        except ClockError as error:
            raise _bad_time(key, error) from error
    return instant


def check_case(case: str, kinds: Collection[str]) -> None:
    """Refuse an id without a kind, one that reads as another, and a kind that there is not.

    It is asked of new cases: one that is kept already goes on.
    """
    if not _CASE.fullmatch(case):
        if _KIND.match(case):
            raise Refused(Refusal("bad_argument", {"key": "case", "why": _STRAY}))
        raise Refused(Refusal("bad_case", {"case": shown(case)}))
    if not case.isprintable() and _DIRECTION.search(case):
        raise Refused(Refusal("bad_argument", {"key": "case", "why": _TURNED}))
    kind = case.partition("/")[0]
    if kind not in kinds:
        hint = did_you_mean(kind, kinds)
        raise Refused(Refusal("unknown_kind", {"kind": kind, "hint": hint}))


def check_sequence(expected: int | None, seen: int, events: Callable[[], Iterable[Event]]) -> None:
    """Refuse an act on a case that has changed since the caller looked.

    Timers that were done meanwhile do not count: it must not matter when somebody looked at
    the clock, and an act does them itself where nobody has.
    """
    if expected is None or expected == seen:
        return
    since = [event for event in events() if event.sequence > expected]
    if not since or any(event.event != TIMER for event in since):
        values = {"expected": str(expected), "seen": str(seen)}
        raise Refused(Refusal("changed_meanwhile", values))


def check_here(case: str, left: int, others: Iterable[str]) -> None:
    """Refuse to go on with a case that is under another text of the ruleset.

    `left` is the number of the event by which it has left this one, `others` are the hashes of
    versions under which it is kept and that this one does not have.
    """
    refusal = why_elsewhere(case, left, others)
    if refusal is not None:
        raise Elsewhere(refusal)


def why_elsewhere(case: str, left: int, others: Iterable[str]) -> Refusal | None:
    """Why this text may not go on with a case; nothing where it may. See `check_here`."""
    if left:
        return Refusal("gone_over", {"case": case, "sequence": str(left)})
    for found in others:
        return Refusal("not_migrated", {"case": case, "hash": found})
    return None


def check_correction(corrects: Correction, events: Iterable[Event]) -> None:
    """Refuse the correction of an event that is not there, is void or is the engine's own."""
    events = tuple(events)
    names = {event.sequence: event.event for event in events}
    number = str(corrects.sequence)
    name = names.get(corrects.sequence)
    if name is None:
        count = _events(len(names))
        raise Refused(Refusal("bad_correction", {"sequence": number, "count": count}))
    if name in SILENT:
        raise Refused(Refusal("not_correctable", {"sequence": number, "event": name}))
    by = voided_by(events).get(corrects.sequence)
    if by is not None:
        raise Refused(Refusal("already_void", {"sequence": number, "by": str(by)}))


def check_revived(case: str, corrects: Correction, events: Iterable[Event], keeper: Keeper) -> None:
    """Refuse to void the withdrawal of a circular whose period has another one by now.

    `events` are those of the case; the journal is read only where a circular would be back.
    """
    events = tuple(events)
    acts = {e.data["sequence"]: str(e.data["period"]) for e in events if e.event == PUBLICATION}
    if not acts or not corrects.void:
        return
    last = max(event.sequence for event in events)
    after = Event(case=case, sequence=last + 1, event="", corrects=corrects)
    void, still_void = voided_by(events), voided_by((*events, after))
    for number in acts.keys() & void.keys() - still_void.keys():
        refusals = tuple(why_published(acts[number], after.kind, keeper.journal(), keeper.load))
        if refusals:
            raise Refused(*refusals)


def why_published(
    period: str, kind: str, journal: Iterable[Event], load: Load
) -> Iterator[Refusal]:
    """By what a period was published already, in whatever language, by a case of the kind."""
    for event in journal:
        if event.event != PUBLICATION or event.kind != kind or event.data["period"] != period:
            continue
        sequence = event.data["sequence"]
        if sequence not in voided_by(load(event.case)):
            values = {"period": period, "case": event.case, "sequence": str(sequence)}
            yield Refusal("already_published", values)


def hole_before(sequence: int, last: int) -> tuple[Refusal, ...]:
    """What is doubtful about an event whose number is not the next one of its case."""
    first, before = last + 1, sequence - 1
    if first > before:
        return ()
    missing = Text(f"event {first} is", f"第 {first} 号事件")
    if first < before:
        missing = Text(f"events {first} to {before} are", f"第 {first} 至 {before} 号事件")
    return (Refusal("hole", {"missing": missing}),)


def check_ahead(
    time: Time, corrects: Correction | None, recorded_at: int | None, zone: Zone
) -> None:
    """Refuse an act, or what a correction puts in its place, that has not happened yet.

    A day is left for clocks and zones that differ; a date counts from its first instant.
    Where nobody knows when it is recorded there is nothing to compare with.
    """
    if recorded_at is None:
        return
    _refuse_ahead("at", *time, recorded_at, zone)
    if corrects is not None:
        _refuse_ahead("corrects.at", corrects.instant, corrects.date, recorded_at, zone)


def _refuse_ahead(key: str, at: int | None, date: int | None, recorded_at: int, zone: Zone) -> None:
    begins = at if date is None else to_utc(zone, date * DAY)
    if begins is None or begins <= recorded_at + MOST_AHEAD:
        return
    seen, recorded = time_said(at, date, zone), format_instant(recorded_at, zone)
    values = {"key": key, "at": seen, "recorded_at": recorded}
    raise Refused(Refusal("ahead", values))


def time_said(at: int | None, date: int | None, zone: Zone) -> str:
    """A time as it was said: the day alone, or the instant."""
    if date is not None:
        return format_date(date)
    return format_instant(NEVER if at is None else at, zone)


def data_refusals(program: KindProgram, made: Event) -> tuple[Refusal, ...]:
    """Every key that the event does not carry, and every value that is not of its type."""
    event, data = made.event, made.data
    program = program.in_era(made)
    plan = program.events.get(event) or program.anything
    if plan is None:
        return ()
    found = [
        Refusal(
            "unknown_data",
            {"event": event, "key": shown(key), "hint": did_you_mean(str(key), plan.known)},
        )
        for key in data
        if key not in plan.known
    ]
    for key, read in plan.cells:
        why = _misfit(read, data.get(key))
        if why is not None:
            found.append(Refusal("bad_data", {"key": key, "why": why}))
    return tuple(found)


def misfits(problems: Iterable[Problem]) -> tuple[Refusal, ...]:
    """What folding reported, as refusals."""
    return tuple(Refusal("misfit", {"why": Text(p.en, p.zh)}) for p in problems)


def _bad_time(key: str, error: ClockError) -> Refused:
    return Refused(Refusal("bad_time", {"why": _about(key, clock_text(error))}))


def _about(key: str, why: Text) -> Text:
    return Text(f"`{key}`: {why.en}", f"`{key}`：{why.zh}")


def _misfit(read: Callable[[object], object], value: object) -> Text | None:
    if value is None:
        return None
    try:
        read(value)
    except Unfit as error:
        return error.text
    return None


def _events(count: int) -> Text:
    return Text(f"{count} event" if count == 1 else f"{count} events", f"{count} 条事件")
