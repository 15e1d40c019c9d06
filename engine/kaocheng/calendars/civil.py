"""Steps on the civil calendar, from day to day number.

A month ends on the same day number; where the month has none, on its last day (民法典 202). To keep
the anchor of something that recurs, step from its start each time: 31 January plus one month is 28
February, plus two is 31 March, while stepping from 28 February would lose the 31st for good.
`NEVER` steps to `NEVER`.
"""

from __future__ import annotations

from kaocheng.calendars.numberline import (
    NEVER,
    checked_day,
    civil_from_days,
    days_from_civil,
    days_in_month,
)

_THURSDAY = 4


def add_days(days: int, count: int) -> int:
    """The day `count` days later."""
    return NEVER if days == NEVER else checked_day(days + count)


def add_weeks(days: int, count: int) -> int:
    """The same weekday `count` weeks later."""
    return add_days(days, 7 * count)


def add_months(days: int, count: int) -> int:
    """The same day number `count` months later, or that month's last day."""
    if days == NEVER:
        return NEVER
    year, month, day = civil_from_days(days)
    years, before = divmod(month - 1 + count, 12)
    year, month = year + years, before + 1
    if day > 28:  # noqa: PLR2004 - every month has this many days
        day = min(day, days_in_month(year, month))
    return checked_day(days_from_civil(year, month, day))


def add_years(days: int, count: int) -> int:
    """The same day `count` years later; 29 February becomes the 28th in a common year."""
    return add_months(days, 12 * count)


def iso_weekday(days: int) -> int:
    """Monday is 1, Sunday is 7."""
    return (days + 3) % 7 + 1


def iso_week(days: int) -> tuple[int, int]:
    """The ISO 8601 year and number of the week, which belong to its Thursday."""
    thursday = days - iso_weekday(days) + _THURSDAY
    year = civil_from_days(thursday)[0]
    return year, (thursday - days_from_civil(year, 1, 1)) // 7 + 1
