"""Named periods: the day, week, month, quarter, half-year or year that a date lies in.

A year may have its own first day: an assessment year from 1 November, a reporting year from 24
July. Its quarters and half-years count from the same day, and months may begin on a day of their
own (from the 26th). A period that spans two calendar years or months is named after the one in
which it starts or ends, as the spec says. A first day that a month does not have is its last day,
so periods always follow each other without gap or overlap, leap years included.

Names: `2009-03-02`, `2009-W10` (ISO 8601), `2009-03`, `2009-Q1`, `2009-H1`, `2009`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, get_args

from attrs import field, frozen

from kaocheng.calendars.civil import iso_week, iso_weekday
from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.numberline import (
    DAY,
    checked_day,
    civil_from_days,
    days_from_civil,
    days_in_month,
    format_date,
)
from kaocheng.calendars.zones import Zone, to_utc
from kaocheng.diagnostics import nearest

PeriodUnit = Literal["day", "week", "month", "quarter", "half_year", "year"]
_MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
_LETTERS = {"quarter": "Q", "half_year": "H"}
_LEAP_YEAR = 2000


@frozen
class PeriodSpec:
    """A kind of period: its unit, the first day of its year (or month), and how it is named.

    A month uses `day` alone, a day or week neither. `named_after` matters only for periods that do
    not begin with the calendar year or month.
    """

    name: str
    unit: PeriodUnit
    month: int = field(default=1, kw_only=True)
    day: int = field(default=1, kw_only=True)
    named_after: Literal["start", "end"] = field(default="start", kw_only=True)

    def __attrs_post_init__(self) -> None:
        """Refuse units and first days that do not exist."""
        if self.unit not in get_args(PeriodUnit):
            suggestion = nearest(self.unit, get_args(PeriodUnit))
            hint = f"; did you mean `{suggestion}`" if suggestion else ""
            hint_zh = f"；是否想写 `{suggestion}`" if suggestion else ""
            message = f"there is no period `{self.unit}`{hint}"
            raise ClockError(message, zh=f"没有周期 `{self.unit}`{hint_zh}")
        if self.named_after not in {"start", "end"}:
            message = f"a period is named after its `start` or its `end`, not `{self.named_after}`"
            zh = f"周期以 `start`（起）或 `end`（止）命名，不能是 `{self.named_after}`"
            raise ClockError(message, zh=zh)
        if not 1 <= self.month <= _MONTHS["year"] or not self._day_exists:
            message = (
                f"the period `{self.name}` cannot begin on day {self.day} of month {self.month}"
            )
            raise ClockError(
                message, zh=f"周期 `{self.name}` 不能从 {self.month} 月 {self.day} 日开始"
            )
        if self.unit in {"day", "week"} and (self.month, self.day) != (1, 1):
            message = f"a {self.unit} has no first day of its own"
            raise ClockError(message, zh=f"周期 `{self.unit}` 不能另定起始日")

    @property
    def _day_exists(self) -> bool:
        return 1 <= self.day <= days_in_month(_LEAP_YEAR, self.month)


@frozen
class Period:
    """One period, its first and last day included; `kind` is the name of its spec."""

    kind: str
    first_day: int
    last_day: int
    name: str


def standard_periods() -> tuple[PeriodSpec, ...]:
    """The periods of the calendar, each under the name of its unit."""
    return tuple(PeriodSpec(unit, unit) for unit in get_args(PeriodUnit))


def period_of(spec: PeriodSpec, day: int) -> Period:
    """The period that a day lies in."""
    checked_day(day)
    if spec.unit == "day":
        return Period(spec.name, day, day, format_date(day))
    if spec.unit == "week":
        monday = day - iso_weekday(day) + 1
        year, week = iso_week(day)
        return Period(spec.name, monday, monday + 6, f"{year:04d}-W{week:02d}")
    step = _MONTHS[spec.unit]
    anchor = 0 if spec.unit == "month" else spec.month - 1
    start = anchor + (_month_begun(spec, day) - anchor) // step * step
    first, last = _first_of(spec, start), _first_of(spec, start + step) - 1
    return Period(spec.name, first, last, _name(spec, start, anchor))


def periods_between(spec: PeriodSpec, first: int, last: int) -> tuple[Period, ...]:
    """All periods that share a day with the days from `first` to `last`, in order."""
    return tuple(_periods(spec, first, last))


def period_rows(spec: PeriodSpec, first: int, last: int) -> tuple[tuple[int, int, str], ...]:
    """The same as rows (first day, last day, name), for joins."""
    return tuple((p.first_day, p.last_day, p.name) for p in _periods(spec, first, last))


def start_of(period: Period, zone: Zone) -> int:
    """The instant at which the period begins: local 00:00 of its first day."""
    return to_utc(zone, period.first_day * DAY)


def end_of(period: Period, zone: Zone) -> int:
    """The instant at which the period ends: local 24:00 of its last day."""
    return to_utc(zone, (period.last_day + 1) * DAY)


def _periods(spec: PeriodSpec, first: int, last: int) -> Iterator[Period]:
    day = first
    while day <= last:
        period = period_of(spec, day)
        yield period
        day = period.last_day + 1


def _first_of(spec: PeriodSpec, index: int) -> int:
    """The day on which a month counted from year 0 begins in the spec's sense."""
    year, before = divmod(index, 12)
    day = spec.day if spec.day <= 28 else min(spec.day, days_in_month(year, before + 1))  # noqa: PLR2004
    return days_from_civil(year, before + 1, day)


def _month_begun(spec: PeriodSpec, day: int) -> int:
    """The latest month, counted from year 0, that has begun by a day in the spec's sense."""
    year, month, _ = civil_from_days(day)
    index = 12 * year + month - 1
    return index if _first_of(spec, index) <= day else index - 1


def _name(spec: PeriodSpec, start: int, anchor: int) -> str:
    after_end = spec.named_after == "end"
    if spec.unit == "month":
        year, before = divmod(start + (after_end and spec.day != 1), 12)
        return f"{year:04d}-{before + 1:02d}"
    year, months = divmod(start - anchor, 12)
    year += after_end and (spec.month, spec.day) != (1, 1)
    if spec.unit == "year":
        return f"{year:04d}"
    return f"{year:04d}-{_LETTERS[spec.unit]}{months // _MONTHS[spec.unit] + 1}"
