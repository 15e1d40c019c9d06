"""The calendar as functions on whole numbers, as proofs see it: tables with a domain.

Month lengths, holidays and clock changes are beyond a solver's arithmetic. A proof
therefore takes each as a function of which it knows only some lemmas (see `lemmas`),
and looks up a `Piece` of the true table where a case depends on more. The functions
here are the truth: they call `kaocheng.calendars`, as the other evaluators do.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

from attrs import field, frozen

from kaocheng.calendars.advance import last_day
from kaocheng.calendars.civil import add_months
from kaocheng.calendars.editions import Edition
from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.limits import Limit
from kaocheng.calendars.numberline import (
    BEGINNING,
    DAY,
    FIRST_DAY,
    FIRST_INSTANT,
    LAST_DAY,
    LAST_INSTANT,
    NEVER,
    civil_from_days,
)
from kaocheng.calendars.zones import Zone, to_local, to_utc

# The local day of an instant in a valid year may lie one day outside the years.
_DAYS = (FIRST_DAY - 1, LAST_DAY + 1)
_LONGEST_PIECE = 400  # days looked at to either side; a year is the longest that helps


@frozen
class Piece:
    """From `first` to `last` the function is `slope * x + constant`; the slope is 0 or 1."""

    first: int
    last: int
    slope: int
    constant: int

    def at(self, x: int) -> int:
        """The value at a point of the piece."""
        return self.slope * x + self.constant


@frozen
class Function:
    """A function from `first` to `last`, both included, and undefined (unknown) elsewhere.

    `value` is the truth; `piece` gives a stretch around a point on which the truth is
    linear. An empty domain (`last` before `first`) is a function that is never known.
    """

    id: str
    first: int
    last: int
    value: Callable[[int], int] = field(repr=False, eq=False)
    piece: Callable[[int], Piece] = field(repr=False, eq=False)
    breaks: tuple[int, ...] = field(default=(), repr=False, eq=False)
    """Where the pieces of a table begin, for functions that are one table."""

    def covers(self, x: int) -> bool:
        """Whether the function is defined at a point."""
        return self.first <= x <= self.last


def offset(zone: Zone) -> Function:
    """Local time minus UTC, by instant."""
    table = _Steps(zone.utc_starts, zone.offsets)
    return table.function(f"offset:{zone.name}", FIRST_INSTANT, LAST_INSTANT)


def local_offset(zone: Zone) -> Function:
    """What to subtract from a local time to get the instant, by local time."""
    table = _Steps(zone.local_starts, zone.local_offsets)
    return table.function(f"local_offset:{zone.name}", FIRST_INSTANT - DAY, LAST_INSTANT + DAY)


def months(count: int) -> Function:
    """The date so many months later."""
    return _by_days(f"months:{count}", lambda day: add_months(day, count), *_DAYS)


def counted_months(count: int) -> Function:
    """The last day of so many months of which the starting day is the first."""
    limit = Limit(count, "month", counts_start=True)
    return _by_days(f"counted_months:{count}", lambda day: last_day(day, limit, None), *_DAYS)


def year() -> Function:
    """The calendar year of a date."""
    return _by_days("year", lambda day: civil_from_days(day)[0], FIRST_DAY, LAST_DAY)


def month() -> Function:
    """The month of a date."""
    return _by_days("month", lambda day: civil_from_days(day)[1], FIRST_DAY, LAST_DAY)


def day_of_month() -> Function:
    """The day of the month of a date."""
    return _by_days("day", lambda day: civil_from_days(day)[2], FIRST_DAY, LAST_DAY)


def working_days(edition: Edition, limit: Limit) -> Function:
    """The last day of a limit in working days."""
    counted = "counted_" if limit.counts_start else ""
    name = f"{counted}working_days:{edition.name}:{limit.amount}"
    return _of_edition(name, lambda day: last_day(day, limit, edition), edition)


def next_working(edition: Edition) -> Function:
    """The date itself or the next working day."""
    return _of_edition(f"next_working_day:{edition.name}", edition.next_working, edition)


def is_working(edition: Edition) -> Function:
    """1 for working days and 0 for the others."""
    name = f"is_working_day:{edition.name}"
    return _of_edition(name, lambda day: int(edition.is_working(day)), edition)


def local_day_of(zone: Zone) -> Function:
    """The local date of an instant."""

    def value(us: int) -> int:
        return to_local(zone, us) // DAY

    name, breaks = f"local_day:{zone.name}", zone.utc_starts[1:]
    return Function(name, FIRST_INSTANT, LAST_INSTANT, value, _no_piece, breaks)


def later_by_days(zone: Zone, days: int) -> Function:
    """The instant at the same local time so many days later."""

    def value(us: int) -> int:
        return to_utc(zone, to_local(zone, us) + days * DAY)

    breaks = set(zone.utc_starts[1:])
    for start in zone.local_starts[1:]:
        breaks |= {start - days * DAY - each for each in set(zone.offsets)}
    name = f"later_by_days:{zone.name}:{days}"
    first, last = FIRST_INSTANT, LAST_INSTANT - (days + 1) * DAY
    inside = tuple(sorted(each for each in breaks if first <= each <= last))
    return Function(name, first, last, value, _no_piece, inside)


@frozen
class _Steps:
    """A step table: value `i` holds from `starts[i]` on; the first start is the beginning."""

    starts: tuple[int, ...]
    values: tuple[int, ...]

    def function(self, name: str, first: int, last: int) -> Function:
        return Function(name, first, last, self._value, self._piece, self.starts[1:])

    def _value(self, x: int) -> int:
        return self.values[bisect_right(self.starts, x) - 1]

    def _piece(self, x: int) -> Piece:
        index = bisect_right(self.starts, x)
        end = self.starts[index] - 1 if index < len(self.starts) else NEVER - 1
        return Piece(max(BEGINNING, self.starts[index - 1]), end, 0, self.values[index - 1])


def _no_piece(x: int) -> Piece:
    raise NotImplementedError(x)


def _of_edition(name: str, value: Callable[[int], int], edition: Edition) -> Function:
    return _by_days(name, value, edition.first_day, edition.last_day)


def _by_days(name: str, value: Callable[[int], int], first: int, last: int) -> Function:
    """A function on days whose domain is the stretch of days for which there is a value."""
    if not _defined(value, first):
        first = _edge(value, last, first)
    if first > last:
        return Function(name, 0, -1, value, _no_piece)
    if not _defined(value, last):
        last = _edge(value, first, last)

    def piece(day: int) -> Piece:
        return _grown(value, day, first, last)

    return Function(name, first, last, value, piece)


def _defined(value: Callable[[int], int], day: int) -> bool:
    try:
        value(day)
    except ClockError:
        return False
    return True


def _edge(value: Callable[[int], int], good: int, bad: int) -> int:
    """The last defined day on the way from a defined to an undefined one.

    Where not even `good` is defined the function has no domain: the day beyond it comes back.
    """
    if not _defined(value, good):
        return good + (1 if bad <= good else -1)
    while abs(bad - good) > 1:
        middle = (good + bad) // 2
        if _defined(value, middle):
            good = middle
        else:
            bad = middle
    return good


def _grown(value: Callable[[int], int], day: int, first: int, last: int) -> Piece:
    """The longer of the level and the rising stretch around a day."""
    here = value(day)
    pieces = []
    for slope in (0, 1):
        constant = here - slope * day
        low = high = day
        while (
            low > max(first, day - _LONGEST_PIECE)
            and value(low - 1) == slope * (low - 1) + constant
        ):
            low -= 1
        while (
            high < min(last, day + _LONGEST_PIECE)
            and value(high + 1) == slope * (high + 1) + constant
        ):
            high += 1
        pieces.append(Piece(low, high, slope, constant))
    return max(pieces, key=lambda each: each.last - each.first)
