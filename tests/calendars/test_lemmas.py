"""What proofs assume about calendars, checked here against the arithmetic itself.

Proofs treat the calendar as an unknown function of which only these facts are known.
"""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaocheng.calendars.advance import advance_date, advance_instant
from kaocheng.calendars.editions import Edition
from kaocheng.calendars.limits import Limit, Unit
from kaocheng.calendars.numberline import DAY, HOUR, SECOND, days_from_civil, parse_instant
from kaocheng.calendars.worktime import working_time
from kaocheng.calendars.zones import Zone, Zones, zone_slack

CENTURY = range(days_from_civil(1970, 1, 1), days_from_civil(2070, 1, 1))
WEEK = 7 * DAY


@pytest.mark.parametrize("unit", ["day", "week", "month", "year"])
@pytest.mark.parametrize(("amount", "first_counted"), [(0, 0), (1, 0), (1, 1), (2, 0), (13, 1)])
def test_dates_are_monotone(unit: Unit, amount: int, first_counted: int) -> None:
    """Over a century, a later start is never due earlier, and nothing before its start."""
    limit = Limit(amount, unit, counts_start=bool(first_counted))
    dues = [advance_date(day, limit) for day in CENTURY]

    assert 36_525 == len(dues)
    assert all(earlier <= later for earlier, later in pairwise(dues))
    assert all(day <= due for day, due in zip(CENTURY, dues, strict=True))


@pytest.mark.parametrize("amount", [0, 1, 5, 20])
@pytest.mark.parametrize("first_counted", [0, 1])
def test_working_days_are_monotone(china: Edition, amount: int, first_counted: int) -> None:
    """On every day of an edition, working days are monotone and never before the start."""
    limit = Limit(amount + first_counted, "working_day", counts_start=bool(first_counted))
    days = range(china.first_day, china.last_day - 60)
    dues = [advance_date(day, limit, china) for day in days]

    assert all(earlier <= later for earlier, later in pairwise(dues))
    assert all(day <= due for day, due in zip(days, dues, strict=True))
    assert all(china.is_working(due) for due in dues)


@pytest.mark.parametrize("unit", ["day", "month"])
def test_rolled_dates_are_monotone(china: Edition, unit: Unit) -> None:
    """On every day of an edition, rolling keeps the order and never moves a date back."""
    limit, plain = Limit(1, unit, roll="next_working_day"), Limit(1, unit)
    days = range(china.first_day, china.last_day - 60)
    dues = [advance_date(day, limit, china) for day in days]

    assert all(earlier <= later for earlier, later in pairwise(dues))
    assert all(advance_date(day, plain) <= due for day, due in zip(days, dues, strict=True))


def test_a_longer_limit_is_not_due_earlier(china: Edition) -> None:
    """One more of a unit is never due earlier."""
    units: tuple[Unit, ...] = ("day", "week", "month", "year", "working_day")
    start = days_from_civil(2012, 1, 31)
    for unit in units:
        dues = [advance_date(start, Limit(n, unit), china) for n in range(13)]

        assert sorted(dues) == dues


def test_elapsed_limits_are_exact() -> None:
    """An elapsed limit is a plain sum, whatever the zone."""
    zone = Zones().get("Europe/Amsterdam")

    assert {2 * HOUR} == {
        advance_instant(us, Limit(2, "hour"), zone) - us for us in range(0, 400 * DAY, 7 * HOUR)
    }


def starts_around_changes(zone: Zone, back: int) -> list[int]:
    """Starts within three hours of a clock change since 1977, or of `back` before one."""
    changes = [start for start in zone.utc_starts if start > parse_instant("1977-01-01T00:00:00Z")]
    steps = [*range(-3 * HOUR, 3 * HOUR + 1, 900 * SECOND), -SECOND, SECOND, -1, 1]
    return sorted({change - b + step for change in changes for b in (0, back) for step in steps})


def test_local_time_strays_by_an_hour_at_most(amsterdam: Zone) -> None:
    """Eight weeks of local time in Amsterdam are eight weeks of elapsed time to within an hour."""
    limit = Limit(8, "week")
    starts = starts_around_changes(amsterdam, 8 * WEEK)
    strays = {advance_instant(us, limit, amsterdam) - us - 8 * WEEK for us in starts}

    assert {-HOUR, 0, HOUR} == {min(strays), 0, max(strays)}


def test_local_time_is_monotone_but_for_the_slack(amsterdam: Zone) -> None:
    """A later start may be due earlier in Amsterdam, but by no more than an hour."""
    limit = Limit(8, "week")
    dues = [
        advance_instant(us, limit, amsterdam) for us in starts_around_changes(amsterdam, 8 * WEEK)
    ]

    assert HOUR - 1 == max(earlier - later for earlier, later in pairwise(dues))


@given(
    name=st.sampled_from(["Australia/Lord_Howe", "Africa/Casablanca", "Asia/Tehran", "UTC"]),
    start=st.integers(0, 120 * 365 * DAY),
    days=st.integers(0, 500),
)
def test_local_time_strays_by_the_slack_at_most(
    zones: Zones, name: str, start: int, days: int
) -> None:
    """In any zone, days of local time are elapsed time to within the spread of its offsets."""
    zone = zones.get(name)
    due = advance_instant(start, Limit(days, "day"), zone)
    slack = zone_slack(zone, start - 2 * DAY, start + (days + 2) * DAY)

    assert start <= due
    assert -slack <= due - start - days * DAY <= slack


def test_shanghai_has_no_slack_since_1992(shanghai: Zone) -> None:
    """Chinese legal time is elapsed time since summer time ended, so all limits are monotone."""
    first, last = parse_instant("1992-01-01T00:00:00Z"), parse_instant("2100-12-31T00:00:00Z")

    assert 0 == zone_slack(shanghai, first, last)


@pytest.mark.parametrize("until", ["end_of_day", "close", "noon"])
def test_a_stated_time_of_day_is_monotone(until: str, china: Edition, shanghai: Zone) -> None:
    """Limits that roll and end at a stated time of day are monotone in China, hour by hour."""
    limit = Limit(3, "day", until=until, roll="next_working_day")
    first = parse_instant("2012-01-01T00:00:00+08:00")
    dues = [
        advance_instant(us, limit, shanghai, china) for us in range(first, first + 366 * DAY, HOUR)
    ]

    assert all(earlier <= later for earlier, later in pairwise(dues))


def test_rolling_and_keeping_the_time_is_not_monotone(china: Edition, shanghai: Zone) -> None:
    """Saturday 10:00 rolls to Monday 10:00 and Sunday 09:00 to Monday 09:00: slack of a day."""
    limit = Limit(1, "day", roll="next_working_day")
    friday, saturday = "2026-03-06T10:00:00+08:00", "2026-03-07T09:00:00+08:00"
    dues = [
        advance_instant(parse_instant(start), limit, shanghai, china)
        for start in (friday, saturday)
    ]

    assert HOUR == dues[0] - dues[1]


def test_working_time_is_monotone(china: Edition, shanghai: Zone) -> None:
    """Three working hours from each half hour of a year are in order and after the start."""
    table = working_time(china, shanghai)
    first = parse_instant("2012-01-01T00:00:00+08:00")
    starts = range(first, first + 366 * DAY, HOUR // 2)
    dues = [table.add(us, 3 * HOUR) for us in starts]

    assert all(earlier <= later for earlier, later in pairwise(dues))
    assert all(us + 3 * HOUR <= due for us, due in zip(starts, dues, strict=True))
