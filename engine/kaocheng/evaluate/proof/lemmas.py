"""What proofs take for granted about the calendar, each said, named and checkable.

A lemma is a sentence about one `Function`. A proof lists those it rests on, and `holds`
tries a lemma against the true table, so that tests can do it for every day there is.

| lemma | says |
| --- | --- |
| `Bounds` | `low <= scale * F(x) - slope * x <= high` for every x from `since` on |
| `Order` | `F(x) <= F(y) + slack` whenever `since <= x <= y` |
| `Table` | the pieces that a proof looked up are those of the table |

Clock changes were wilder in the past than they are now, so the functions of a zone have
a lemma for each stretch of time from which on a narrower one holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from attrs import field, frozen

from kaocheng.calendars.editions import Edition
from kaocheng.calendars.numberline import days_from_civil, days_in_month, format_instant
from kaocheng.evaluate.proof.functions import Function

_CYCLE_YEARS, _CYCLE_DAYS = 400, 146_097  # the Gregorian calendar repeats after these
# 146097 * year - 400 * day lies between these for every date; the tests try them all.
_YEAR_DRIFT = (287_664_912, 287_811_488)
_T = TypeVar("_T")
_AROUND_MONTH_ENDS = (1, 2, 27, 28, 29, 30, 31)


@frozen(kw_only=True)
class Lemma:
    """A sentence about a function of the calendar; `id` names it in results."""

    id: str
    en: str
    zh: str
    function: Function = field(repr=False, eq=False)

    def holds(self, points: Iterable[int]) -> bool:
        """Whether the sentence is true of the true table at the points."""
        raise NotImplementedError


@frozen(kw_only=True)
class Bounds(Lemma):
    """`low <= scale * F(x) - slope * x <= high` for every x from `since` on."""

    low: int
    high: int
    since: int
    scale: int = 1
    slope: int = 0

    def holds(self, points: Iterable[int]) -> bool:
        """Whether the bounds hold at each of the points that the lemma is about."""
        value = self.function.value
        inside = (x for x in points if x >= self.since and self.function.covers(x))
        return all(self.low <= self.scale * value(x) - self.slope * x <= self.high for x in inside)


@frozen(kw_only=True)
class Order(Lemma):
    """`F(x) <= F(y) + slack` whenever `since <= x <= y`; with slack 0, F is monotone."""

    slack: int
    since: int

    def holds(self, points: Iterable[int]) -> bool:
        """Whether no point comes out more than the slack below an earlier one."""
        highest: int | None = None
        for x in sorted(x for x in points if x >= self.since and self.function.covers(x)):
            here = self.function.value(x)
            if highest is not None and highest > here + self.slack:
                return False
            highest = here if highest is None else max(highest, here)
        return True


@frozen(kw_only=True)
class Table(Lemma):
    """The pieces that a proof looks up are those of the table."""

    def holds(self, points: Iterable[int]) -> bool:
        """Whether the piece around each point tells the truth at both ends and at the point."""
        for x in filter(self.function.covers, points):
            piece = self.function.piece(x)
            ends = (max(piece.first, self.function.first), min(piece.last, self.function.last))
            if any(piece.at(each) != self.function.value(each) for each in (*ends, x)):
                return False
        return True


def table(function: Function) -> Table:
    """The lemma by which a proof may look a function up."""
    return Table(
        id=f"{function.id}/table",
        en=f"the table of `{function.id}` is as published, row by row",
        zh=f"`{function.id}` 以所载数据逐行为准",
        function=function,
    )


def bounds(  # noqa: PLR0913 - the numbers of one inequality
    function: Function,
    low: int,
    high: int,
    *,
    since: int | None = None,
    scale: int = 1,
    slope: int = 0,
) -> Bounds:
    """The lemma that a function stays within bounds, from `since` on."""
    left = "F(x)" if scale == 1 else f"{scale}·F(x)"
    left += "" if slope == 0 else " − x" if slope == 1 else f" − {slope}·x"
    return Bounds(
        id=f"{function.id}/bounds{_era(since)}",
        en=f"with F = `{function.id}`, {low} ≤ {left} ≤ {high}{_era_en(since)}",
        zh=f"设 F 为 `{function.id}`，则 {low} ≤ {left} ≤ {high}{_era_zh(since)}",
        function=function, low=low, high=high, scale=scale, slope=slope,
        since=function.first if since is None else since,
    )  # fmt: skip


def order(function: Function, slack: int = 0, *, since: int | None = None) -> Order:
    """The lemma that a function never falls by more than `slack`, from `since` on."""
    more = f" + {slack}" if slack else ""
    return Order(
        id=f"{function.id}/order{_era(since)}",
        en=f"with F = `{function.id}`, x ≤ y implies F(x) ≤ F(y){more}{_era_en(since)}",
        zh=f"设 F 为 `{function.id}`，x ≤ y 时 F(x) ≤ F(y){more}{_era_zh(since)}",
        function=function, slack=slack, since=function.first if since is None else since,
    )  # fmt: skip


def of_steps(function: Function) -> tuple[Lemma, ...]:
    """A step table stays within what it holds from some time on."""
    return _bounds_by_era(function, slope=0)


def of_local_day(function: Function) -> tuple[Lemma, ...]:
    """The local date follows the instant, but for a fold at midnight."""
    return _order_by_era(function)


def of_later_by_days(function: Function) -> tuple[Lemma, ...]:
    """Local time strays from elapsed time, and falls back, by no more than the clock changes."""
    return (*_bounds_by_era(function, slope=1), *_order_by_era(function))


def of_months(function: Function) -> tuple[Lemma, ...]:
    """Months are monotone, and as long as the shortest and the longest there are."""
    low, high = month_lengths(function)
    return (bounds(function, low, high, slope=1), order(function))


def of_year(function: Function) -> tuple[Lemma, ...]:
    """Years are monotone and follow the mean length of the year."""
    low, high = _YEAR_DRIFT
    return (bounds(function, low, high, scale=_CYCLE_DAYS, slope=_CYCLE_YEARS), order(function))


def of_range(function: Function, low: int, high: int) -> tuple[Lemma, ...]:
    """A function with few values has no others."""
    return (bounds(function, low, high),)


def of_edition(function: Function, edition: Edition) -> tuple[Lemma, ...]:
    """Working days are monotone and lie no farther off than the edition ever puts them."""
    days = range(edition.first_day, edition.last_day + 1)
    far = [function.value(day) - day for day in filter(function.covers, days)]
    if not far:
        return ()
    return (bounds(function, min(far), max(far), slope=1), order(function))


def month_lengths(function: Function) -> tuple[int, int]:
    """The fewest and the most days that a number of months can be.

    The number changes only where one of the two months ends, so the days around the ends
    of all months of one Gregorian cycle show every value.
    """
    lengths = [
        function.value(day) - day
        for year in range(2000, 2000 + _CYCLE_YEARS)
        for month in range(1, 13)
        for day in _telling_days(year, month)
    ]
    return min(lengths), max(lengths)


def _telling_days(year: int, month: int) -> Iterable[int]:
    first = days_from_civil(year, month, 1)
    last = days_in_month(year, month)
    return (first + day - 1 for day in _AROUND_MONTH_ENDS if day <= last)


def _stretches(function: Function) -> list[tuple[int, int]]:
    """The stretches between the breaks of a function, first to last."""
    firsts = [function.first, *(x for x in function.breaks if function.covers(x))]
    firsts = sorted(set(firsts))
    return list(zip(firsts, [*(x - 1 for x in firsts[1:]), function.last], strict=True))


def _bounds_by_era(function: Function, *, slope: int) -> tuple[Lemma, ...]:
    lows_highs: list[tuple[int, tuple[int, int]]] = []
    low = high = None
    for first, _ in reversed(_stretches(function)):
        here = function.value(first) - slope * first
        low = here if low is None else min(low, here)
        high = here if high is None else max(high, here)
        lows_highs.append((first, (low, high)))
    return _eras(
        function, lows_highs, lambda at, since: bounds(function, *at, since=since, slope=slope)
    )


def _order_by_era(function: Function) -> tuple[Lemma, ...]:
    falls: list[tuple[int, int]] = []
    lowest_after: int | None = None
    fall = 0
    for first, last in reversed(_stretches(function)):
        if lowest_after is not None:
            fall = max(fall, function.value(last) - lowest_after)
        here = function.value(first)
        lowest_after = here if lowest_after is None else min(lowest_after, here)
        falls.append((first, fall))
    return _eras(function, falls, lambda slack, since: order(function, slack, since=since))


def _eras(
    function: Function, backwards: list[tuple[int, _T]], lemma: Callable[[_T, int | None], Lemma]
) -> tuple[Lemma, ...]:
    """One lemma for each distinct value, from the earliest time at which it holds."""
    # What comes later in the list, and so replaces what was there, is earlier in time.
    found = {value: since for since, value in backwards}
    return tuple(
        lemma(value, None if since == function.first else since) for value, since in found.items()
    )


def _era(since: int | None) -> str:
    return "" if since is None else f"@{format_instant(since)}"


def _era_en(since: int | None) -> str:
    return "" if since is None else f" from {format_instant(since)} on"


def _era_zh(since: int | None) -> str:
    return "" if since is None else f"（自 {format_instant(since)} 起）"
