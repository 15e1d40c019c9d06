"""Calendar editions: which days are working days, over a stated range and never beyond it.

Working days are published, not computed: in China the State Council moves them each year, so some
Saturdays are worked and some weekdays are not. An edition therefore covers a first to a last day,
holds the exceptions to its weekend as plain data, and answers `OutsideEdition` for every other day.

Whether an ordinary weekend counts as a statutory holiday for the roll of 民法典 203 is the
edition's to say: one with `weekend=()` rolls over holidays only.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from attrs import field, frozen

from kaocheng.calendars.civil import iso_weekday
from kaocheng.calendars.errors import ClockError, OutsideEdition
from kaocheng.calendars.numberline import (
    DAY,
    NEVER,
    checked_day,
    format_date,
    parse_time_of_day,
)

SATURDAY, SUNDAY = 6, 7
_MOST_DAYS = 400 * 366

Interval = tuple[int, int]


def _sorted_days(days: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(days)))


def _pairs(intervals: Iterable[Sequence[int]]) -> tuple[Interval, ...]:
    return tuple((first, second) for first, second in intervals)


@frozen
class Edition:
    """The working days from `first_day` to `last_day`, both included.

    A day is worked unless its weekday (Monday 1 to Sunday 7) is in `weekend`; `non_working` and
    `working` are the dated exceptions. `hours` are the intervals of business, in microseconds from
    local midnight, the same on every working day; a lunch break is the gap between two.
    """

    name: str
    first_day: int
    last_day: int
    weekend: tuple[int, ...] = field(
        default=(SATURDAY, SUNDAY), kw_only=True, converter=_sorted_days
    )
    non_working: tuple[int, ...] = field(
        default=(), kw_only=True, converter=_sorted_days, repr=False
    )
    working: tuple[int, ...] = field(default=(), kw_only=True, converter=_sorted_days, repr=False)
    hours: tuple[Interval, ...] = field(default=(), kw_only=True, converter=_pairs)
    days: tuple[int, ...] = field(init=False, repr=False, eq=False)
    """The working days in order: the table that everything else looks up."""

    @days.default
    def _days(self) -> tuple[int, ...]:
        self._check()
        off, on, weekend = set(self.non_working), set(self.working), self.weekend
        return tuple(
            day
            for day in range(self.first_day, self.last_day + 1)
            if day in on or (day not in off and iso_weekday(day) not in weekend)
        )

    def is_working(self, day: int) -> bool:
        """Whether the day is a working day."""
        index = self._before(day)
        return index < len(self.days) and self.days[index] == day

    def next_working(self, day: int) -> int:
        """The day itself if it is a working day, else the next one."""
        return NEVER if day == NEVER else self._at(self._before(day), day, 0)

    def add(self, day: int, count: int) -> int:
        """The `count`-th working day after `day`, which is not counted itself.

        Zero gives the day itself if it is a working day, else the next one; a negative count goes
        back to the working days before `day`.
        """
        if day == NEVER:
            return NEVER
        before = self._before(day)
        if count <= 0:
            return self._at(before + count, day, count)
        today = before < len(self.days) and self.days[before] == day
        return self._at(before + today + count - 1, day, count)

    def nth_from(self, day: int, count: int) -> int:
        """The `count`-th working day from `day` on, which is the first one if it is worked."""
        if day == NEVER:
            return NEVER
        return self._at(self._before(day) + count - 1, day, count)

    def count_between(self, first: int, last: int) -> int:
        """The number of working days from `first` to `last`, both included."""
        self._inside(first)
        self._inside(last)
        return max(0, bisect_right(self.days, last) - bisect_left(self.days, first))

    def count_before(self, day: int) -> int:
        """The number of working days before a day; days beyond the edition see all or none."""
        return bisect_left(self.days, day)

    def nth(self, index: int) -> int:
        """The working day that has `index` others of the edition before it."""
        return self._at(index, self.first_day, index + 1)

    def day_rows(self) -> tuple[tuple[int, int, int], ...]:
        """One row per covered day: the day, 1 if it is worked, and how many are worked before it.

        With it the columnar evaluator adds working days by two joins on whole numbers: the `n`-th
        after a day is the worked row whose third number is `before + worked + n - 1`.
        """
        worked = set(self.days)
        before, rows = 0, []
        for day in range(self.first_day, self.last_day + 1):
            rows.append((day, int(day in worked), before))
            before += day in worked
        return tuple(rows)

    def to_data(self) -> dict[str, Any]:
        """The edition as strings, whole numbers and lists, for storing; see `from_data`."""
        return {
            "name": self.name,
            "first_day": self.first_day,
            "last_day": self.last_day,
            "weekend": list(self.weekend),
            "non_working": list(self.non_working),
            "working": list(self.working),
            "hours": [list(interval) for interval in self.hours],
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Edition:
        """The edition that `to_data` described."""
        return cls(**data)

    def _before(self, day: int) -> int:
        return bisect_left(self.days, self._inside(day))

    def _inside(self, day: int) -> int:
        if self.first_day <= day <= self.last_day:
            return day
        wanted = format_date(day)
        raise OutsideEdition(self.name, self.covered, f"`{wanted}`", f" `{wanted}`")

    def _at(self, index: int, day: int, count: int) -> int:
        if 0 <= index < len(self.days):
            return self.days[index]
        seen, nth = format_date(day), abs(count) or 1
        side, side_zh = ("before", "之前") if count < 0 else ("after", "之后")
        wanted = f"working day {nth} {side} `{seen}`"
        wanted_zh = f" `{seen}` {side_zh}第 {nth} 个工作日"
        raise OutsideEdition(self.name, self.covered, wanted, wanted_zh)

    @property
    def covered(self) -> tuple[str, str]:
        """The first and the last day as text."""
        return format_date(self.first_day), format_date(self.last_day)

    def _check(self) -> None:
        _check_range(self)
        _check_exceptions(self)
        _check_hours(self)


def business_hours(
    opens: str, closes: str, *, breaks: Iterable[tuple[str, str]] = ()
) -> tuple[Interval, ...]:
    """The intervals of business between two local times, less the breaks between them."""
    intervals, begins = [], parse_time_of_day(opens)
    for pause, resume in sorted(breaks):
        intervals.append((begins, parse_time_of_day(pause)))
        begins = parse_time_of_day(resume)
    return (*intervals, (begins, parse_time_of_day(closes)))


def _check_range(edition: Edition) -> None:
    first, last = checked_day(edition.first_day), checked_day(edition.last_day)
    if first > last:
        message = f"the calendar `{edition.name}` ends before it begins"
        raise ClockError(message, zh=f"日历 `{edition.name}` 的末日早于首日")
    if last - first >= _MOST_DAYS:
        message = f"the calendar `{edition.name}` covers more than 400 years"
        raise ClockError(message, zh=f"日历 `{edition.name}` 超过 400 年")
    if any(not 1 <= weekday <= SUNDAY for weekday in edition.weekend):
        message = f"the calendar `{edition.name}` has a weekday other than 1 (Monday) to 7 (Sunday)"
        raise ClockError(message, zh=f"日历 `{edition.name}` 的星期应为 1（周一）至 7（周日）")


def _check_exceptions(edition: Edition) -> None:
    both = set(edition.working) & set(edition.non_working)
    if both:
        seen = format_date(min(both))
        message = (
            f"the calendar `{edition.name}` has `{seen}` both as a working day and as a day off"
        )
        raise ClockError(message, zh=f"日历 `{edition.name}` 中 `{seen}` 既是工作日又是休息日")
    for day in (*edition.working, *edition.non_working):
        if not edition.first_day <= day <= edition.last_day:
            seen = format_date(day)
            message = f"the calendar `{edition.name}` lists `{seen}`, which it does not cover"
            raise ClockError(message, zh=f"日历 `{edition.name}` 列出的 `{seen}` 不在其覆盖范围内")


def _check_hours(edition: Edition) -> None:
    edges = [0, *(edge for interval in edition.hours for edge in interval), DAY]
    backwards = any(later < earlier for earlier, later in pairwise(edges))
    if backwards or any(a >= b for a, b in edition.hours):
        message = f"the business hours of the calendar `{edition.name}` are not in order"
        raise ClockError(message, zh=f"日历 `{edition.name}` 的办公时间顺序有误")
