"""Steps on the civil calendar."""

from __future__ import annotations

import calendar
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaocheng.calendars.civil import (
    add_days,
    add_months,
    add_weeks,
    add_years,
    iso_week,
    iso_weekday,
)
from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.numberline import (
    LAST_DAY,
    NEVER,
    date_to_days,
    format_date,
    parse_date,
)

DATES = st.dates(dt.date(1000, 1, 1), dt.date(9000, 12, 31))


def months_later(date: dt.date, count: int) -> dt.date:
    """The definition, on date objects: the same day number, or the month's last day."""
    year, month = divmod(date.year * 12 + date.month - 1 + count, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(date.day, last))


@given(DATES, st.integers(-6000, 6000))
def test_months_end_on_the_same_day_or_the_last(date: dt.date, count: int) -> None:
    """Adding months keeps the day number, or takes the last day of a shorter month."""
    assert date_to_days(months_later(date, count)) == add_months(date_to_days(date), count)


@given(DATES, st.integers(-500, 500))
def test_years_are_twelve_months(date: dt.date, count: int) -> None:
    """Adding a year is adding twelve months."""
    assert date_to_days(months_later(date, 12 * count)) == add_years(date_to_days(date), count)


def test_the_anchor_is_kept() -> None:
    """What recurs on the 31st falls on 28 February and then on 31 March again."""
    start = parse_date("2026-01-31")
    dates = [format_date(add_months(start, count)) for count in range(1, 5)]

    assert ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"] == dates


def test_a_leap_day_keeps_its_anchor() -> None:
    """29 February falls on the 28th in common years and returns after four."""
    start = parse_date("2024-02-29")

    assert ["2025-02-28", "2028-02-29"] == [format_date(add_years(start, n)) for n in (1, 4)]


@given(DATES)
def test_weekdays_and_weeks_are_iso(date: dt.date) -> None:
    """Weekdays and week numbers are those of ISO 8601."""
    days = date_to_days(date)

    assert date.isoweekday() == iso_weekday(days)
    assert date.isocalendar()[:2] == iso_week(days)


def test_days_and_weeks_are_plain_sums() -> None:
    """A week is seven days."""
    assert 110 == add_days(100, 10)
    assert 121 == add_weeks(100, 3)


def test_never_stays_never() -> None:
    """Any step from `NEVER` is `NEVER`."""
    assert {NEVER} == {step(NEVER, 3) for step in (add_days, add_weeks, add_months, add_years)}


def test_steps_do_not_leave_the_line() -> None:
    """A step past the year 9999 is refused."""
    for step in (add_days, add_weeks, add_months, add_years):
        with pytest.raises(ClockError) as error:
            step(LAST_DAY, 1)

        assert "the date lies outside the years 0001 to 9999" == error.value.message
