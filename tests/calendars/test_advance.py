"""From a start and a limit to what is due."""

from __future__ import annotations

import pytest

from kaocheng.calendars.advance import advance_date, advance_instant
from kaocheng.calendars.editions import Edition
from kaocheng.calendars.errors import ClockError, OutsideEdition
from kaocheng.calendars.limits import Limit
from kaocheng.calendars.numberline import (
    LAST_INSTANT,
    NEVER,
    SECOND,
    format_date,
    format_instant,
    parse_date,
    parse_instant,
)
from kaocheng.calendars.zones import Zone, Zones

LIMITS = (
    Limit(2, "hour"),
    Limit(3, "day", until="end_of_day"),
    Limit(8, "week"),
    Limit(1, "month", roll="next_working_day"),
    Limit(1, "year"),
    Limit(3, "working_day", until="close"),
)


def due_date(start: str, limit: Limit, calendar: Edition | None = None) -> str:
    """The due date of a limit, as text."""
    return format_date(advance_date(parse_date(start), limit, calendar))


def due(start: str, limit: Limit, zone: Zone, calendar: Edition | None = None) -> str:
    """The due instant of a limit, as text in the zone."""
    return format_instant(advance_instant(parse_instant(start), limit, zone, calendar), zone)


@pytest.mark.parametrize("limit", LIMITS, ids=str)
def test_never_stays_never(limit: Limit, shanghai: Zone, china: Edition) -> None:
    """A clock that never starts is never due, whatever its limit."""
    assert NEVER == advance_instant(NEVER, limit, shanghai, china)
    assert NEVER == advance_date(NEVER, limit, china)


@pytest.mark.parametrize(
    ("start", "limit", "expected"),
    [
        ("2026-03-02", Limit(0, "day"), "2026-03-02"),
        ("2026-03-02", Limit(3, "day"), "2026-03-05"),
        ("2026-03-02", Limit(3, "day", counts_start=True), "2026-03-04"),
        ("2026-03-02", Limit(2, "week"), "2026-03-16"),
        ("2026-03-02", Limit(2, "week", counts_start=True), "2026-03-15"),
        ("2026-01-31", Limit(1, "month"), "2026-02-28"),
        ("2026-01-31", Limit(2, "month"), "2026-03-31"),
        ("2026-01-15", Limit(1, "month", counts_start=True), "2026-02-14"),
        ("2026-03-01", Limit(1, "month", counts_start=True), "2026-03-31"),
        ("2026-01-28", Limit(1, "month", counts_start=True), "2026-02-27"),
        ("2026-01-29", Limit(1, "month", counts_start=True), "2026-02-28"),
        ("2026-01-31", Limit(1, "month", counts_start=True), "2026-02-28"),
        ("2024-02-29", Limit(1, "year"), "2025-02-28"),
        ("2024-02-29", Limit(1, "year", counts_start=True), "2025-02-28"),
        ("2024-02-29", Limit(4, "year", counts_start=True), "2028-02-28"),
        ("2026-03-01", Limit(1, "year", counts_start=True), "2027-02-28"),
    ],
)
def test_days_weeks_months_and_years(start: str, limit: Limit, expected: str) -> None:
    """The starting day is not counted unless the limit says so; months end as months end."""
    assert expected == due_date(start, limit)


@pytest.mark.parametrize(
    ("start", "limit", "expected"),
    [
        ("2026-02-13", Limit(1, "working_day"), "2026-02-14"),  # a make-up Saturday
        ("2026-02-13", Limit(2, "working_day"), "2026-02-24"),  # after the Spring Festival
        ("2026-02-14", Limit(1, "working_day", counts_start=True), "2026-02-14"),
        ("2026-02-15", Limit(1, "working_day", counts_start=True), "2026-02-24"),
        ("2026-02-15", Limit(0, "working_day"), "2026-02-24"),
        ("2026-02-14", Limit(0, "working_day"), "2026-02-14"),
        ("2026-02-10", Limit(7, "day", roll="next_working_day"), "2026-02-24"),
        ("2026-02-10", Limit(3, "day", roll="next_working_day"), "2026-02-13"),
        ("2026-02-10", Limit(7, "day"), "2026-02-17"),
    ],
)
def test_working_days_of_china(start: str, limit: Limit, expected: str, china: Edition) -> None:
    """Working days and rolling follow the published calendar, make-up Saturdays included."""
    assert expected == due_date(start, limit, china)


def test_elapsed_limits_never_move(shanghai: Zone, china: Edition) -> None:
    """72 hours from Friday evening end on Monday evening, and on a holiday too."""
    limit = Limit(72, "hour")

    assert "2026-03-09T18:00:00+08:00" == due("2026-03-06T18:00:00+08:00", limit, shanghai, china)
    assert "2026-02-19T18:00:00+08:00" == due("2026-02-16T18:00:00+08:00", limit, shanghai, china)


def test_a_day_keeps_the_local_time(amsterdam: Zone) -> None:
    """One day across a clock change is the same time of day, 24 hours are not."""
    start = "2009-03-28T12:00:00+01:00"

    assert "2009-03-29T12:00:00+02:00" == due(start, Limit(1, "day"), amsterdam)
    assert "2009-03-29T13:00:00+02:00" == due(start, Limit(24, "hour"), amsterdam)


def test_a_skipped_due_time_moves_on_by_the_gap(amsterdam: Zone) -> None:
    """A week that ends at a skipped time of day ends as much later."""
    assert "2009-03-29T03:30:00+02:00" == due(
        "2009-03-22T02:30:00+01:00", Limit(1, "week"), amsterdam
    )


def test_a_doubled_due_time_is_the_first(amsterdam: Zone) -> None:
    """A week that ends at a time of day that occurs twice ends at the first."""
    assert "2009-10-25T02:30:00+02:00" == due(
        "2009-10-18T02:30:00+02:00", Limit(1, "week"), amsterdam
    )


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        ("same_time", "2026-03-03T15:20:00+08:00"),
        ("noon", "2026-03-03T12:00:00+08:00"),
        ("close", "2026-03-03T17:30:00+08:00"),
        ("08:15", "2026-03-03T08:15:00+08:00"),
        ("end_of_day", "2026-03-04T00:00:00+08:00"),
    ],
)
def test_until_fixes_the_time_of_day(
    until: str, expected: str, shanghai: Zone, china: Edition
) -> None:
    """The last day ends at the start's time of day, at noon, at close, at a time or at 24:00."""
    limit = Limit(1, "working_day", until=until)

    assert expected == due("2026-03-02T15:20:00+08:00", limit, shanghai, china)


def test_noon_of_the_next_working_day(shanghai: Zone, china: Edition) -> None:
    """Before the Spring Festival, noon of the next working day is ten days off."""
    limit = Limit(1, "working_day", until="noon")

    assert "2026-02-24T12:00:00+08:00" == due("2026-02-14T16:00:00+08:00", limit, shanghai, china)


def test_the_local_date_decides(shanghai: Zone, china: Edition) -> None:
    """An instant late in the evening of UTC belongs to the next day in China."""
    limit = Limit(1, "working_day", until="end_of_day")

    assert "2026-03-05T00:00:00+08:00" == due("2026-03-02T17:00:00Z", limit, shanghai, china)


def test_a_rolled_instant_ends_after_the_holiday(shanghai: Zone, china: Edition) -> None:
    """A week that ends in the Spring Festival ends with the first working day after it."""
    limit = Limit(1, "week", roll="next_working_day", until="end_of_day")

    assert "2026-02-25T00:00:00+08:00" == due("2026-02-10T09:00:00+08:00", limit, shanghai, china)


def test_nothing_is_due_before_it_begins(shanghai: Zone, amsterdam: Zone, china: Edition) -> None:
    """A time of day that has passed, and the first of two equal hours, are the start itself."""
    passed = Limit(0, "day", until="noon")
    doubled = "2009-10-25T02:30:00+01:00"

    assert "2026-03-02T15:00:00+08:00" == due("2026-03-02T15:00:00+08:00", passed, shanghai, china)
    assert doubled == due(doubled, Limit(0, "day"), amsterdam)


def test_a_skipped_day_is_moved_over(zones: Zones) -> None:
    """Samoa had no 30 December 2011: a day from the 29th is the same time on the 31st."""
    apia = zones.get("Pacific/Apia")

    assert "2011-12-31T10:00:00+14:00" == due("2011-12-29T10:00:00-10:00", Limit(1, "day"), apia)


def test_later_may_be_due_earlier_by_an_hour(amsterdam: Zone) -> None:
    """Eight weeks from one second later are due an hour earlier, when the last night skips one."""
    limit = Limit(8, "week")

    assert 954_035_999 * SECOND == advance_instant(949_197_599 * SECOND, limit, amsterdam)
    assert 954_032_400 * SECOND == advance_instant(949_197_600 * SECOND, limit, amsterdam)


def test_outside_the_edition_is_an_error(shanghai: Zone, china: Edition) -> None:
    """A limit whose working days are not published has no due date."""
    for limit in (Limit(5, "working_day"), Limit(1, "month", roll="next_working_day")):
        with pytest.raises(OutsideEdition) as date:
            advance_date(parse_date("2026-12-30"), limit, china)
        with pytest.raises(OutsideEdition) as instant:
            advance_instant(parse_instant("2026-12-30T09:00:00+08:00"), limit, shanghai, china)

        assert "CN 2009-2026" == date.value.edition == instant.value.edition


def test_calendar_days_need_no_edition(shanghai: Zone, china: Edition) -> None:
    """A limit that does not ask for working days is not bounded by the edition."""
    start = "2026-12-30T09:00:00+08:00"

    assert "2027-01-30T09:00:00+08:00" == due(start, Limit(1, "month"), shanghai, china)


@pytest.mark.parametrize(
    "limit",
    [
        Limit(1, "working_day"),
        Limit(1, "day", roll="next_working_day"),
        Limit(1, "day", until="close"),
    ],
    ids=str,
)
def test_a_missing_calendar_is_named(limit: Limit, shanghai: Zone) -> None:
    """What depends on working days or business hours is refused without a calendar."""
    with pytest.raises(ClockError) as error:
        advance_instant(0, limit, shanghai)

    assert (
        "the limit depends on working days or business hours, but there is no calendar"
        == error.value.message
    )
    assert "期限须按工作日或办公时间计算，但未指定日历" == error.value.zh


def test_missing_hours_are_named(shanghai: Zone) -> None:
    """Close of business needs a calendar that says when that is."""
    with pytest.raises(ClockError) as error:
        advance_instant(0, Limit(1, "day", until="close"), shanghai, Edition("x", 0, 9))

    assert "the calendar `x` states no business hours" == error.value.message
    assert "日历 `x` 未规定办公时间" == error.value.zh


def test_a_date_has_no_hours() -> None:
    """A limit in hours, or until a time of day, cannot run from a date."""
    with pytest.raises(ClockError) as hours:
        advance_date(0, Limit(2, "hour"))
    with pytest.raises(ClockError) as noon:
        advance_date(0, Limit(2, "day", until="noon"))

    assert "a limit in hours cannot run from a date" == hours.value.message
    assert "从日期起算的期限不能以小时计算" == hours.value.zh
    assert "a limit on a date ends on a date, so `noon` has no meaning" == noon.value.message
    assert "从日期起算的期限以日期届满，`noon` 没有意义" == noon.value.zh


@pytest.mark.parametrize("unit", ["hour", "day", "month"])
def test_limits_do_not_leave_the_line(unit: str, shanghai: Zone) -> None:
    """A limit that ends after the year 9999 is refused and never wraps around."""
    with pytest.raises(ClockError) as error:
        advance_instant(LAST_INSTANT - 1, Limit(10**12, unit), shanghai)  # type: ignore[arg-type]

    assert error.value.message.endswith("lies outside the years 0001 to 9999")
