"""Working time: the hours of business, summed."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kaocheng.calendars.editions import Edition, business_hours
from kaocheng.calendars.errors import ClockError, OutsideEdition
from kaocheng.calendars.numberline import (
    BEGINNING,
    DAY,
    HOUR,
    MINUTE,
    NEVER,
    format_instant,
    parse_date,
    parse_instant,
)
from kaocheng.calendars.worktime import WorkingTime, working_time
from kaocheng.calendars.zones import Zone

UTC = Zone("UTC", (BEGINNING,), (0,))
SPAN = 14
TIMES = st.integers(0, SPAN * 24)


@st.composite
def tables(draw: st.DrawFn) -> WorkingTime:
    """Two weeks with any whole hours of business and any days off."""
    edges = sorted(draw(st.sets(st.integers(0, 24), min_size=2, max_size=6)))
    hours = [(a * HOUR, b * HOUR) for a, b in zip(edges[::2], edges[1::2], strict=False)]
    off = draw(st.sets(st.integers(0, SPAN - 1), max_size=10))
    return working_time(Edition("test", 0, SPAN - 1, non_working=off, hours=hours), UTC)


def open_hours(table: WorkingTime) -> list[int]:
    """The hours of business, one by one."""
    intervals = zip(table.starts, table.ends, strict=True)
    return [hour for a, b in intervals for hour in range(a // HOUR, b // HOUR)]


@given(tables(), TIMES, TIMES)
def test_between_counts_the_open_hours(table: WorkingTime, first: int, last: int) -> None:
    """The working time between two instants is the number of open hours between them."""
    forward = sum(first <= hour < last for hour in open_hours(table))
    backward = sum(last <= hour < first for hour in open_hours(table))

    assert (forward - backward) * HOUR == table.between(first * HOUR, last * HOUR)


@given(tables(), TIMES, st.integers(1, 100))
def test_adding_walks_the_open_hours(table: WorkingTime, start: int, hours: int) -> None:
    """Adding n hours ends with the n-th open hour after the start, or outside the edition."""
    after = [hour for hour in open_hours(table) if hour >= start]
    if hours <= len(after):
        assert (after[hours - 1] + 1) * HOUR == table.add(start * HOUR, hours * HOUR)
    else:
        with pytest.raises(OutsideEdition) as error:
            table.add(start * HOUR, hours * HOUR)

        assert "test" == error.value.edition


@given(tables(), st.integers(0, SPAN * DAY), st.integers(1, 40 * HOUR))
def test_adding_and_measuring_agree(table: WorkingTime, start: int, amount: int) -> None:
    """The time measured up to the end is the time added, and not a microsecond earlier."""
    assume(table.worked(start) + amount <= table.worked(SPAN * DAY))
    end = table.add(start, amount)

    assert amount == table.between(start, end)
    assert amount - 1 == table.between(start, end - 1)


@given(tables(), st.integers(0, SPAN * DAY), st.integers(0, 40 * HOUR))
def test_the_rows_join_as_the_table_adds(table: WorkingTime, start: int, amount: int) -> None:
    """Two as-of look-ups in the rows, as in columns, give what `add` gives."""
    rows = table.rows()
    opened = [row for row in rows if row[0] <= start]
    worked = 0 if not opened else opened[-1][2] + min(start, opened[-1][1]) - opened[-1][0]
    found = [row for row in rows if row[3] >= worked + amount]
    assume(found and amount)

    assert found[0][0] + worked + amount - found[0][2] == table.add(start, amount)


def test_a_day_that_is_used_up_ends_at_close(china: Edition, shanghai: Zone) -> None:
    """Seven hours from nine, with lunch, end at half past five and not on the next morning."""
    table = working_time(china, shanghai)
    end = table.add(parse_instant("2026-02-27T09:00:00+08:00"), 7 * HOUR)

    assert "2026-02-27T17:30:00+08:00" == format_instant(end, shanghai)


def test_a_make_up_saturday_is_worked(china: Edition, shanghai: Zone) -> None:
    """One minute after close on Friday 27 February 2026 is 09:01 on the Saturday."""
    table = working_time(china, shanghai)
    end = table.add(parse_instant("2026-02-27T17:30:00+08:00"), MINUTE)

    assert "2026-02-28T09:01:00+08:00" == format_instant(end, shanghai)


def test_hours_follow_the_clock_changes(amsterdam: Zone) -> None:
    """An office opens at nine local time in summer and in winter."""
    days = [parse_date("2009-03-27"), parse_date("2009-03-31")]
    edition = Edition("office", *days, hours=business_hours("09:00", "17:00"))
    table = working_time(edition, amsterdam)

    assert ["2009-03-27T09:00:00+01:00", "2009-03-30T09:00:00+02:00"] == [
        format_instant(start, amsterdam) for start in table.starts[:2]
    ]


def test_a_night_shift_loses_the_skipped_hour(amsterdam: Zone) -> None:
    """From 01:00 to 05:00 there are three hours on the night that skips one, four otherwise."""
    days = [parse_date("2009-03-28"), parse_date("2009-03-29")]
    edition = Edition("night", *days, weekend=(), hours=business_hours("01:00", "05:00"))
    table = working_time(edition, amsterdam)

    assert [4 * HOUR, 3 * HOUR] == [b - a for a, b in zip(table.starts, table.ends, strict=True)]


def test_intervals_in_the_skipped_hour_are_not_counted_twice(amsterdam: Zone) -> None:
    """Shifts that meet inside a skipped hour do not overlap as instants."""
    day = parse_date("2009-03-29")
    hours = business_hours("01:00", "05:00", breaks=[("02:15", "02:15"), ("02:45", "03:00")])
    table = working_time(Edition("night", day, day, weekend=(), hours=hours), amsterdam)
    pairs = list(zip(table.starts, table.ends, strict=True))

    assert all(a < b for a, b in pairs)
    assert all(b <= c for (_, b), (c, _) in pairwise(pairs))
    assert 3 * HOUR == table.through[-1]


def test_no_time_ends_at_once(china: Edition, shanghai: Zone) -> None:
    """No working time from a closed hour ends in that hour; `NEVER` stays `NEVER`."""
    table = working_time(china, shanghai)
    night = parse_instant("2026-02-27T03:00:00+08:00")

    assert night == table.add(night, 0)
    assert NEVER == table.add(NEVER, HOUR)


def test_outside_the_edition_nothing_is_known(china: Edition, shanghai: Zone) -> None:
    """Before the first day, after the last and for sums that run past it there is an error."""
    table = working_time(china, shanghai)
    start = "the calendar `CN 2009-2026` covers 2009-01-01 to 2026-12-31 and does not reach "
    with pytest.raises(OutsideEdition) as before:
        table.worked(parse_instant("2008-12-31T23:59:59+08:00"))
    with pytest.raises(OutsideEdition) as after:
        table.add(parse_instant("2026-12-31T09:00:00+08:00"), 8 * HOUR)

    assert start + "`2008-12-31T15:59:59Z`" == before.value.message
    assert start + "the working time asked for" == after.value.message
    assert (
        "日历 `CN 2009-2026` 只覆盖 2009-01-01 至 2026-12-31，不包括所求的工作时间"
        == after.value.zh
    )


def test_working_time_needs_hours() -> None:
    """An edition without business hours has no working time."""
    with pytest.raises(ClockError) as error:
        working_time(Edition("x", 0, 6), UTC)

    assert "the calendar `x` states no business hours" == error.value.message
    assert "日历 `x` 未规定办公时间" == error.value.zh


def test_working_time_does_not_run_backwards(china: Edition, shanghai: Zone) -> None:
    """A negative amount is refused."""
    with pytest.raises(ClockError) as error:
        working_time(china, shanghai).add(0, -1)

    assert "working time cannot be negative, but this is `-1`" == error.value.message
