"""Calendar editions: working days over a stated range, and nothing beyond it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaocheng.calendars.civil import iso_weekday
from kaocheng.calendars.editions import Edition, business_hours
from kaocheng.calendars.errors import ClockError, OutsideEdition
from kaocheng.calendars.numberline import HOUR, MINUTE, NEVER, parse_date

SPAN = 60
DAYS = st.integers(0, SPAN - 1)


@st.composite
def editions(draw: st.DrawFn) -> Edition:
    """Editions of sixty days with any exceptions and any weekend."""
    off = draw(st.sets(DAYS, max_size=20))
    on = draw(st.sets(DAYS, max_size=20)) - off
    weekend = draw(st.sets(st.integers(1, 7), max_size=6))
    return Edition("test", 0, SPAN - 1, weekend=weekend, non_working=off, working=on)


def works(edition: Edition, day: int) -> bool:
    """The definition of a working day."""
    if day in edition.working or day in edition.non_working:
        return day in edition.working
    return iso_weekday(day) not in edition.weekend


def outside(call: Callable[..., object], *values: int) -> OutsideEdition:
    """What an edition says when it does not reach."""
    with pytest.raises(OutsideEdition) as error:
        call(*values)
    return error.value


@given(editions())
def test_working_days_are_the_week_with_its_exceptions(edition: Edition) -> None:
    """A day is worked if it is listed as worked, or is neither listed as off nor in the weekend."""
    expected = [works(edition, day) for day in range(SPAN)]

    assert expected == [edition.is_working(day) for day in range(SPAN)]
    assert [day for day in range(SPAN) if expected[day]] == list(edition.days)


@given(editions(), DAYS, st.integers(1, SPAN))
def test_adding_counts_the_working_days_after(edition: Edition, day: int, count: int) -> None:
    """The n-th working day after a day is found by counting, or lies outside the edition."""
    after = [later for later in range(day + 1, SPAN) if works(edition, later)]
    if count <= len(after):
        assert after[count - 1] == edition.add(day, count)
    else:
        assert "test" == outside(edition.add, day, count).edition


@given(editions(), DAYS, st.integers(1, SPAN))
def test_counting_from_a_day_includes_it(edition: Edition, day: int, count: int) -> None:
    """The n-th working day from a day on counts the day itself when it is worked."""
    since = [later for later in range(day, SPAN) if works(edition, later)]
    if count <= len(since):
        assert since[count - 1] == edition.nth_from(day, count)
    else:
        assert "test" == outside(edition.nth_from, day, count).edition


@given(editions(), DAYS, st.integers(1, SPAN))
def test_a_negative_count_goes_back(edition: Edition, day: int, count: int) -> None:
    """The n-th working day before a day is found by counting backwards."""
    before = [earlier for earlier in range(day) if works(edition, earlier)]
    if count <= len(before):
        assert before[-count] == edition.add(day, -count)
    else:
        assert "test" == outside(edition.add, day, -count).edition


@given(editions(), DAYS)
def test_the_next_working_day_may_be_the_day_itself(edition: Edition, day: int) -> None:
    """Rolling stays on a working day or takes the next one; adding none does the same."""
    since = [later for later in range(day, SPAN) if works(edition, later)]
    if since:
        assert since[0] == edition.next_working(day) == edition.add(day, 0)
    else:
        assert "test" == outside(edition.next_working, day).edition


@given(editions(), DAYS, DAYS)
def test_counting_between_includes_both_ends(edition: Edition, first: int, last: int) -> None:
    """The working days between two days include both, and none when they are in the other order."""
    expected = sum(works(edition, day) for day in range(first, last + 1))

    assert expected == edition.count_between(first, last)


@given(editions(), DAYS, st.integers(1, SPAN))
def test_the_rows_add_as_the_edition_does(edition: Edition, day: int, count: int) -> None:
    """Two look-ups in the rows, as in columns, give the n-th working day that `add` gives."""
    rows = {row[0]: row for row in edition.day_rows()}
    by_number = {before: worked_day for worked_day, works_, before in rows.values() if works_}
    _, worked, before = rows[day]
    found = by_number.get(before + worked + count - 1)

    assert [*range(SPAN)] == [*rows]
    if found is None:
        assert "test" == outside(edition.add, day, count).edition
    else:
        assert found == edition.add(day, count)


@given(editions(), st.integers(-5, SPAN + 5))
def test_working_days_have_numbers(edition: Edition, day: int) -> None:
    """The number of working days before a day is that of the first one not before it."""
    number = edition.count_before(day)

    assert sum(worked < day for worked in edition.days) == number
    if number < len(edition.days):
        assert min(worked for worked in edition.days if worked >= day) == edition.nth(number)


@given(editions())
def test_an_edition_survives_storage(edition: Edition) -> None:
    """An edition is plain data: through JSON and back it has the same working days."""
    stored = Edition.from_data(json.loads(json.dumps(edition.to_data())))

    assert edition == stored
    assert edition.days == stored.days


def test_an_edition_with_hours_survives_storage() -> None:
    """Business hours are part of the data."""
    edition = Edition("office", 0, 6, hours=business_hours("09:00", "17:00"))

    assert edition == Edition.from_data(json.loads(json.dumps(edition.to_data())))


@pytest.mark.parametrize("day", [-1, SPAN])
def test_a_day_outside_the_edition_is_an_error(day: int) -> None:
    """Outside its range an edition does not fall back on weekdays."""
    edition = Edition("test", 0, SPAN - 1)

    for about_a_day in (edition.is_working, edition.next_working):
        assert "test" == outside(about_a_day, day).edition
    for with_a_number in (edition.add, edition.nth_from, edition.count_between):
        assert "test" == outside(with_a_number, day, 1).edition


def test_the_error_says_what_is_covered() -> None:
    """The sentence names the edition, its range and what was asked."""
    edition = Edition("office 2026", parse_date("2026-01-01"), parse_date("2026-12-31"))
    day = outside(edition.is_working, parse_date("2027-01-01"))
    sum_ = outside(edition.add, parse_date("2026-12-30"), 5)
    back = outside(edition.add, parse_date("2026-01-01"), -2)

    start = "the calendar `office 2026` covers 2026-01-01 to 2026-12-31 and does not reach "
    start_zh = "日历 `office 2026` 只覆盖 2026-01-01 至 2026-12-31，不包括 "
    assert start + "`2027-01-01`" == day.message
    assert start_zh + "`2027-01-01`" == day.zh
    assert start + "working day 5 after `2026-12-30`" == sum_.message
    assert start_zh + "`2026-12-30` 之后第 5 个工作日" == sum_.zh
    assert start + "working day 2 before `2026-01-01`" == back.message
    assert start_zh + "`2026-01-01` 之前第 2 个工作日" == back.zh


def test_never_stays_never() -> None:
    """No number of working days leads out of `NEVER`."""
    edition = Edition("test", 0, 6)

    assert NEVER == edition.add(NEVER, 3)
    assert NEVER == edition.nth_from(NEVER, 3)
    assert NEVER == edition.next_working(NEVER)


def test_business_hours_have_breaks() -> None:
    """A lunch break splits the day in two intervals, in whatever order breaks are given."""
    split = business_hours("09:00", "17:30", breaks=[("15:00", "15:15"), ("12:00", "13:30")])

    morning = (9 * HOUR, 12 * HOUR)
    noon = (13 * HOUR + 30 * MINUTE, 15 * HOUR)
    evening = (15 * HOUR + 15 * MINUTE, 17 * HOUR + 30 * MINUTE)
    assert (morning, noon, evening) == split
    assert ((9 * HOUR, 17 * HOUR),) == business_hours("09:00", "17:00")


@pytest.mark.parametrize(
    ("options", "message", "zh"),
    [
        (
            {"last_day": -1},
            "the calendar `x` ends before it begins",
            "日历 `x` 的末日早于首日",
        ),
        (
            {"last_day": 400 * 366},
            "the calendar `x` covers more than 400 years",
            "日历 `x` 超过 400 年",
        ),
        (
            {"weekend": (0,)},
            "the calendar `x` has a weekday other than 1 (Monday) to 7 (Sunday)",
            "日历 `x` 的星期应为 1（周一）至 7（周日）",
        ),
        (
            {"working": [3], "non_working": [3]},
            "the calendar `x` has `1970-01-04` both as a working day and as a day off",
            "日历 `x` 中 `1970-01-04` 既是工作日又是休息日",
        ),
        (
            {"working": [30]},
            "the calendar `x` lists `1970-01-31`, which it does not cover",
            "日历 `x` 列出的 `1970-01-31` 不在其覆盖范围内",
        ),
        (
            {"hours": [(5, 5)]},
            "the business hours of the calendar `x` are not in order",
            "日历 `x` 的办公时间顺序有误",
        ),
        (
            {"hours": [(5, 9), (8, 12)]},
            "the business hours of the calendar `x` are not in order",
            "日历 `x` 的办公时间顺序有误",
        ),
    ],
)
def test_data_that_contradicts_itself_is_refused(
    options: dict[str, Any], message: str, zh: str
) -> None:
    """An edition whose data cannot be true is refused when it is made."""
    with pytest.raises(ClockError) as error:
        Edition.from_data({"name": "x", "first_day": 0, "last_day": 9} | options)

    assert (message, zh) == (error.value.message, error.value.zh)
