"""Prepared functions of local time: one per zone, calendar edition, limit or period.

Each takes known values and gives None for an error, as the other primitives do. What has
not happened stays so, where the operation says so.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import lru_cache

from attrs import evolve

from kaocheng.calendars import pauses as paused
from kaocheng.calendars.advance import advance_date, advance_instant
from kaocheng.calendars.editions import Edition
from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.limits import Limit
from kaocheng.calendars.numberline import (
    DAY,
    FIRST_DAY,
    FIRST_INSTANT,
    LAST_DAY,
    LAST_INSTANT,
    NEVER,
    checked_day,
    checked_instant,
)
from kaocheng.calendars.periods import PeriodSpec, period_of
from kaocheng.calendars.zones import Zone, to_local, to_utc

_MOST_LIMITS = 256

OfTime = Callable[[int], int | None]
Advancing = Callable[..., int | None]


def date_of(zone: Zone) -> OfTime:
    """The local date of an instant.

    The last one is kept, since all rules of an act ask for that of one event. It is one
    value, so that threads may share it.
    """
    starts, offsets = zone.utc_starts, zone.offsets
    last_start, last_offset = starts[-1], offsets[-1]
    last: tuple[int, int | None] = (NEVER, NEVER)

    def local_date(instant: int) -> int | None:
        nonlocal last
        known, day = last
        if instant == known:
            return day
        offset = last_offset
        if instant < last_start:
            offset = offsets[bisect_right(starts, instant) - 1]
        day = (instant + offset) // DAY
        if not FIRST_DAY <= day <= LAST_DAY:
            day = NEVER if instant == NEVER else None
        last = (instant, day)
        return day

    return local_date


def start_of(zone: Zone) -> OfTime:
    """The first instant of a local day."""

    def first_instant(day: int) -> int | None:
        if day == NEVER:
            return NEVER
        instant = to_utc(zone, day * DAY)
        return instant if FIRST_INSTANT <= instant <= LAST_INSTANT else None

    return first_instant


def end_of(zone: Zone) -> OfTime:
    """The end of a local day, which is where the next one begins."""
    begins = start_of(zone)

    def next_midnight(day: int) -> int | None:
        return NEVER if day == NEVER else begins(day + 1)

    return next_midnight


def utc_offset(zone: Zone) -> OfTime:
    """The zone's offset from UTC at an instant."""
    starts, offsets = zone.utc_starts, zone.offsets

    def offset_then(instant: int) -> int | None:
        return None if instant == NEVER else offsets[bisect_right(starts, instant) - 1]

    return offset_then


def is_working_day(edition: Edition | None) -> Callable[[int], bool | None]:
    """Whether a date is a working day; unknown outside the edition."""

    def worked(day: int) -> bool | None:
        inside = edition is not None and edition.first_day <= day <= edition.last_day
        return edition.is_working(day) if edition is not None and inside else None

    return worked


def moment_of_date(zone: Zone) -> Callable[[int | None, int], int]:
    """As of when a row of a date reads dated rows: the start of its day, else `as_of`."""
    begins = start_of(zone)

    def moment(day: int | None, as_of: int) -> int:
        instant = None if day is None or day == NEVER else begins(day)
        return as_of if instant is None else instant

    return moment


def period(spec: PeriodSpec) -> Callable[[int], tuple[str, int, int] | None]:
    """The name, first and last day of the period that a date lies in."""

    @lru_cache(maxsize=4096)
    def found(day: int) -> tuple[str, int, int] | None:
        if not FIRST_DAY <= day <= LAST_DAY:
            return None
        period = period_of(spec, day)
        return period.name, period.first_day, period.last_day

    return found


def add_local_days(zone: Zone, days: int) -> OfTime:
    """The same local time so many days later, which is what a plain limit in days or weeks is."""
    step, last_offset = days * DAY, zone.offsets[-1]
    # From here on the clock never changes again, so a local day is 24 hours.
    settled = max(zone.local_starts[-1] - last_offset, FIRST_INSTANT + DAY)
    last_end = min(LAST_INSTANT, LAST_INSTANT - last_offset)

    def later(start: int) -> int | None:
        if settled <= start <= last_end - step:
            return start + step
        if start == NEVER:
            return NEVER
        wall = to_local(zone, start) + step
        end = max(start, to_utc(zone, wall))
        inside = FIRST_INSTANT <= wall <= LAST_INSTANT and FIRST_INSTANT <= end <= LAST_INSTANT
        return end if inside else None

    return later


def advance(limit: Limit, *, dates: bool, zone: Zone, edition: Edition | None) -> Advancing:
    """`limit` on from a start, with an amount given by the case (or None) and pauses."""
    due = advancing(limit, dates=dates, zone=zone, edition=edition)

    def due_or_unknown(
        start: int, amount: int | None = None, pauses: Sequence[paused.Pause] = ()
    ) -> int | None:
        try:
            return due(start, amount, pauses)
        except ClockError:
            return None

    return due_or_unknown


def advancing(
    limit: Limit, *, dates: bool, zone: Zone, edition: Edition | None
) -> Callable[[int, int | None, Sequence[paused.Pause]], int]:
    """The same, raising the `ClockError` that says why there is no due time."""

    @lru_cache(maxsize=_MOST_LIMITS)
    def limit_of(amount: int) -> Limit:
        return evolve(limit, amount=amount)

    def due(start: int, amount: int | None, pauses: Sequence[paused.Pause]) -> int:
        stated = limit if amount is None else limit_of(amount)
        if dates:
            end = paused.run_date(start, stated, edition, pauses).due
            return end if end == NEVER else checked_day(end)
        end = paused.run_instant(start, stated, zone, edition, pauses).due
        return end if end == NEVER else checked_instant(end)

    def plain(start: int, amount: int | None, pauses: Sequence[paused.Pause]) -> int:
        if pauses:
            return due(start, amount, pauses)
        stated = limit if amount is None else limit_of(amount)
        if dates:
            return advance_date(start, stated, edition)
        return advance_instant(start, stated, zone, edition)

    return plain
