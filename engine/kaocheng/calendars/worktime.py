"""Working time: the hours of business of all working days, summed once and looked up after.

The table holds the intervals of business as instants and how much was worked before each. Online it
is bisected; in columns the same rows are joined as-of, once by instant and once by worked amount.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate

from attrs import field, frozen

from kaocheng.calendars.editions import Edition
from kaocheng.calendars.errors import ClockError, OutsideEdition
from kaocheng.calendars.numberline import DAY, NEVER, format_instant
from kaocheng.calendars.zones import Zone, to_utc


@frozen
class WorkingTime:
    """The cumulative working time of a calendar edition in a zone.

    Business runs from `starts[i]` to `ends[i]`, and `before[i]` was worked before that. The table
    covers the instants from `first` to `last`; anything else is an error.
    """

    name: str
    first: int
    last: int
    starts: tuple[int, ...] = field(repr=False)
    ends: tuple[int, ...] = field(repr=False)
    covered: tuple[str, str]
    """The edition's first and last day, for messages."""
    before: tuple[int, ...] = field(init=False, repr=False, eq=False)
    through: tuple[int, ...] = field(init=False, repr=False, eq=False)
    """How much was worked up to each end."""

    @through.default
    def _through(self) -> tuple[int, ...]:
        return tuple(accumulate(b - a for a, b in zip(self.starts, self.ends, strict=True)))

    @before.default
    def _before(self) -> tuple[int, ...]:
        return (0, *self._through()[:-1]) if self.starts else ()

    def worked(self, us: int) -> int:
        """The working time from the beginning of the edition to an instant."""
        if not self.first <= us <= self.last:
            raise self._outside(f"`{format_instant(us)}`", f" `{format_instant(us)}`")
        index = bisect_right(self.starts, us) - 1
        if index < 0:
            return 0
        return self.before[index] + min(us, self.ends[index]) - self.starts[index]

    def add(self, us: int, amount_us: int) -> int:
        """The first instant by which so much time has been worked since `us`.

        Working time that is used up exactly at close ends at close, not at the next opening.
        """
        if us == NEVER:
            return NEVER
        if amount_us < 0:
            message = f"working time cannot be negative, but this is `{amount_us}`"
            raise ClockError(message, zh=f"工作时间不能为负数：`{amount_us}`")
        target = self.worked(us) + amount_us
        if not amount_us:
            return us
        index = bisect_left(self.through, target)
        if index == len(self.through):
            raise self._outside("the working time asked for", "所求的工作时间")
        return self.starts[index] + target - self.before[index]

    def between(self, first_us: int, last_us: int) -> int:
        """The working time between two instants; negative when they are in the other order."""
        return self.worked(last_us) - self.worked(first_us)

    def rows(self) -> tuple[tuple[int, int, int, int], ...]:
        """One row per interval of business: start, end, worked before, worked through."""
        return tuple(zip(self.starts, self.ends, self.before, self.through, strict=True))

    def _outside(self, wanted: str, wanted_zh: str) -> OutsideEdition:
        return OutsideEdition(self.name, self.covered, wanted, wanted_zh)


def working_time(edition: Edition, zone: Zone) -> WorkingTime:
    """The working time of an edition whose hours are local times of the zone.

    An interval lasts as long as it really does, so an hour that a clock change skips is not worked
    and intervals that a change makes overlap are counted once.
    """
    if not edition.hours:
        message = f"the calendar `{edition.name}` states no business hours"
        raise ClockError(message, zh=f"日历 `{edition.name}` 未规定办公时间")
    starts, ends = [], []
    first = end = to_utc(zone, edition.first_day * DAY)
    for day in edition.days:
        for opens, closes in edition.hours:
            start = max(end, to_utc(zone, day * DAY + opens))
            stop = to_utc(zone, day * DAY + closes)
            if start < stop:
                end = stop
                starts.append(start)
                ends.append(stop)
    last = max(end, to_utc(zone, (edition.last_day + 1) * DAY))
    return WorkingTime(edition.name, first, last, tuple(starts), tuple(ends), edition.covered)
