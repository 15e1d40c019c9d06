"""Named periods."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.numberline import (
    DAY,
    HOUR,
    date_to_days,
    days_from_civil,
    format_date,
    format_instant,
    parse_date,
)
from kaocheng.calendars.periods import (
    Period,
    PeriodSpec,
    end_of,
    period_of,
    period_rows,
    periods_between,
    standard_periods,
    start_of,
)
from kaocheng.calendars.zones import Zone, Zones, local_day

FIRST, LAST = days_from_civil(1970, 1, 1), days_from_civil(2070, 1, 1) - 1
REPORTING_YEAR = PeriodSpec("reporting_year", "year", month=7, day=24, named_after="end")
NOVEMBER_YEAR = PeriodSpec("november_year", "year", month=11, named_after="start")
LATE_MONTH = PeriodSpec("late_month", "month", day=26, named_after="end")
SPECS = (
    *standard_periods(),
    REPORTING_YEAR,
    NOVEMBER_YEAR,
    LATE_MONTH,
    PeriodSpec("last_day_month", "month", day=31),
    PeriodSpec("leap_day_year", "year", month=2, day=29),
    PeriodSpec("own_quarter", "quarter", month=11, named_after="end"),
    PeriodSpec("own_half", "half_year", month=8, day=31),
)


def shown(spec: PeriodSpec, date: str) -> tuple[str, str, str]:
    """The first day, last day and name of the period of a date."""
    period = period_of(spec, parse_date(date))
    return format_date(period.first_day), format_date(period.last_day), period.name


def standard(unit: str) -> PeriodSpec:
    """The standard period of a unit."""
    return next(spec for spec in standard_periods() if spec.unit == unit)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_periods_follow_each_other(spec: PeriodSpec) -> None:
    """For a hundred years each day is in its period, and periods have no gap, overlap or twin."""
    periods = periods_between(spec, FIRST, LAST)
    by_day = {
        day: period for period in periods for day in range(period.first_day, period.last_day + 1)
    }

    assert [] == [day for day in range(FIRST, LAST + 1) if period_of(spec, day) != by_day[day]]
    assert len(by_day) == periods[-1].last_day - periods[0].first_day + 1
    assert len(periods) == len({period.name for period in periods})
    assert sorted(periods, key=lambda period: period.name) == list(periods)


@given(st.dates(dt.date(2, 1, 1), dt.date(9998, 1, 1)))
def test_standard_periods_agree_with_the_standard_library(date: dt.date) -> None:
    """Names of the standard periods follow from the date's own year, month and ISO week."""
    year, week, _ = date.isocalendar()
    quarter, half = (date.month + 2) // 3, (date.month + 5) // 6
    expected = [
        date.isoformat(),
        f"{year:04d}-W{week:02d}",
        f"{date.year:04d}-{date.month:02d}",
        f"{date.year:04d}-Q{quarter}",
        f"{date.year:04d}-H{half}",
        f"{date.year:04d}",
    ]

    assert expected == [period_of(spec, date_to_days(date)).name for spec in standard_periods()]


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("day", ("2009-03-02", "2009-03-02", "2009-03-02")),
        ("week", ("2009-03-02", "2009-03-08", "2009-W10")),
        ("month", ("2009-03-01", "2009-03-31", "2009-03")),
        ("quarter", ("2009-01-01", "2009-03-31", "2009-Q1")),
        ("half_year", ("2009-01-01", "2009-06-30", "2009-H1")),
        ("year", ("2009-01-01", "2009-12-31", "2009")),
    ],
)
def test_the_standard_periods_of_a_day(unit: str, expected: tuple[str, str, str]) -> None:
    """2 March 2009 has a day, a week, a month, a quarter, a half-year and a year."""
    assert expected == shown(standard(unit), "2009-03-02")


def test_a_week_belongs_to_the_year_of_its_thursday() -> None:
    """The last days of 2008 are in the first week of 2009."""
    assert ("2008-12-29", "2009-01-04", "2009-W01") == shown(standard("week"), "2008-12-31")
    assert ("2009-12-28", "2010-01-03", "2009-W53") == shown(standard("week"), "2010-01-03")


def test_a_year_may_begin_in_july() -> None:
    """A reporting year from 24 July is named after its end, also in leap years."""
    assert ("2018-07-24", "2019-07-23", "2019") == shown(REPORTING_YEAR, "2018-07-24")
    assert ("2018-07-24", "2019-07-23", "2019") == shown(REPORTING_YEAR, "2019-07-23")
    assert ("2019-07-24", "2020-07-23", "2020") == shown(REPORTING_YEAR, "2020-02-29")
    assert ("2019-07-24", "2020-07-23", "2020") == shown(REPORTING_YEAR, "2020-07-23")


def test_a_year_may_begin_in_november() -> None:
    """An assessment year from 1 November may be named after the year in which it starts."""
    assert ("2008-11-01", "2009-10-31", "2008") == shown(NOVEMBER_YEAR, "2009-03-02")


def test_quarters_count_from_the_first_day_of_their_year() -> None:
    """In a year from 1 November the first quarter is November to January."""
    own = PeriodSpec("own_quarter", "quarter", month=11, named_after="end")

    assert ("2008-11-01", "2009-01-31", "2009-Q1") == shown(own, "2008-12-31")
    assert ("2009-08-01", "2009-10-31", "2009-Q4") == shown(own, "2009-10-31")


def test_a_month_may_begin_on_the_26th() -> None:
    """The month from 26 February to 25 March is March when named after its end."""
    assert ("2009-02-26", "2009-03-25", "2009-03") == shown(LATE_MONTH, "2009-03-02")
    assert ("2008-12-26", "2009-01-25", "2009-01") == shown(LATE_MONTH, "2008-12-31")


def test_periods_that_begin_with_the_calendar_are_named_after_it() -> None:
    """A year from 1 January or a month from the 1st has one name, after its start or its end."""
    year = PeriodSpec("y", "year", named_after="end")
    month = PeriodSpec("m", "month", named_after="end")

    assert "2009" == shown(year, "2009-03-02")[2]
    assert "2009-03" == shown(month, "2009-03-02")[2]


def test_a_first_day_that_does_not_exist_is_the_last() -> None:
    """A month from the 31st begins on 28 February, a year from 29 February likewise."""
    month = PeriodSpec("m", "month", day=31)
    year = PeriodSpec("y", "year", month=2, day=29)

    assert ("2009-02-28", "2009-03-30", "2009-02") == shown(month, "2009-03-02")
    assert ("2023-02-28", "2024-02-28", "2023") == shown(year, "2024-02-28")
    assert ("2024-02-29", "2025-02-27", "2024") == shown(year, "2024-02-29")


def test_periods_between_include_those_at_the_edges() -> None:
    """Two days lie in all periods that share a day with them; the rows say the same."""
    month = standard("month")
    first, last = parse_date("2009-01-31"), parse_date("2009-03-01")

    assert ["2009-01", "2009-02", "2009-03"] == [
        period.name for period in periods_between(month, first, last)
    ]
    assert (parse_date("2009-02-01"), parse_date("2009-02-28"), "2009-02") == period_rows(
        month, first, last
    )[1]
    assert () == periods_between(month, last, first)


def test_a_period_ends_at_local_midnight(shanghai: Zone) -> None:
    """A month ends at 24:00 local time, which is 00:00 of the next day."""
    march = period_of(standard("month"), parse_date("2009-03-02"))

    assert "2009-03-01T00:00:00+08:00" == format_instant(start_of(march, shanghai), shanghai)
    assert "2009-04-01T00:00:00+08:00" == format_instant(end_of(march, shanghai), shanghai)


@given(
    name=st.sampled_from(["America/Havana", "America/Sao_Paulo", "Asia/Gaza", "Pacific/Apia"]),
    day=st.integers(FIRST, LAST),
)
def test_a_period_holds_the_instants_of_its_days(zones: Zones, name: str, day: int) -> None:
    """Also where midnight is skipped, a period begins and ends between two local days."""
    zone = zones.get(name)
    period = Period("day", day, day, "")

    assert (
        local_day(zone, start_of(period, zone) - 1) < day <= local_day(zone, end_of(period, zone))
    )
    assert start_of(period, zone) <= end_of(period, zone) <= start_of(period, zone) + DAY + HOUR


@pytest.mark.parametrize(
    ("values", "options", "message", "zh"),
    [
        (
            ("x", "months"),
            {},
            "there is no period `months`; did you mean `month`",
            "没有周期 `months`；是否想写 `month`",
        ),
        (
            ("x", "year"),
            {"named_after": "middle"},
            "a period is named after its `start` or its `end`, not `middle`",
            "周期以 `start`（起）或 `end`（止）命名，不能是 `middle`",
        ),
        (
            ("x", "year"),
            {"month": 2, "day": 30},
            "the period `x` cannot begin on day 30 of month 2",
            "周期 `x` 不能从 2 月 30 日开始",
        ),
        (
            ("x", "year"),
            {"month": 13},
            "the period `x` cannot begin on day 1 of month 13",
            "周期 `x` 不能从 13 月 1 日开始",
        ),
        (
            ("x", "week"),
            {"day": 2},
            "a week has no first day of its own",
            "周期 `week` 不能另定起始日",
        ),
    ],
)
def test_periods_that_cannot_be_are_refused(
    values: tuple[Any, ...], options: dict[str, Any], message: str, zh: str
) -> None:
    """A period with an unknown unit or an impossible first day is refused."""
    with pytest.raises(ClockError) as error:
        PeriodSpec(*values, **options)

    assert (message, zh) == (error.value.message, error.value.zh)
