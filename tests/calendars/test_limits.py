"""Limits as rulesets state them."""

from __future__ import annotations

import attrs
import pytest

from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.limits import Limit
from kaocheng.calendars.numberline import DAY, HOUR, MINUTE


def refused(amount: int, unit: str, **options: str | bool) -> ClockError:
    """Why there is no such limit."""
    with pytest.raises(ClockError) as error:
        Limit(amount, unit, **options)  # type: ignore[arg-type]
    return error.value


def test_elapsed_limits_know_their_length() -> None:
    """Seconds, minutes and hours have a length; a day of the calendar has none."""
    assert 2 * HOUR == Limit(2, "hour").elapsed
    assert 90 * MINUTE == Limit(90, "minute").elapsed
    assert None is Limit(1, "day").elapsed


def test_a_named_time_of_day_is_known() -> None:
    """`until` stands for a time of day, except where the start or the calendar decides it."""
    times = [
        Limit(1, "day", until=until).time_of_day
        for until in ("end_of_day", "noon", "17:30", "same_time", "close")
    ]

    assert [DAY, 12 * HOUR, 17 * HOUR + 30 * MINUTE, None, None] == times


def test_a_limit_given_by_the_case_is_measured_anew() -> None:
    """A limit whose amount the case gives has the length of that amount."""
    limit = attrs.evolve(Limit(0, "hour"), amount=3)

    assert 3 * HOUR == limit.elapsed


def test_limits_of_the_same_words_are_equal() -> None:
    """Limits are values: equal when stated alike."""
    limits = {Limit(1, "day", until="noon"), Limit(1, "day", until="noon"), Limit(1, "day")}

    assert 2 == len(limits)


def test_an_unknown_unit_suggests_the_nearest() -> None:
    """A misspelt unit is refused with the one that was meant, or with all of them."""
    near, far = refused(1, "hours"), refused(1, "fortnight")

    assert "there is no unit `hours`; did you mean `hour`" == near.message
    assert "没有 `hours` 这一时间单位；是否想写 `hour`" == near.zh
    assert (
        "there is no unit `fortnight`; it is one of"
        " second, minute, hour, day, week, month, year, working_day" == far.message
    )


def test_an_unknown_roll_is_refused() -> None:
    """A way of rolling that does not exist is refused."""
    assert (
        "there is no roll `previous`; it is one of none, next_working_day"
        == refused(1, "day", roll="previous").message
    )


def test_a_negative_limit_is_refused() -> None:
    """A limit does not run backwards."""
    error = refused(-1, "day")

    assert "a limit cannot be negative, but this one is `-1`" == error.message
    assert "期限不能为负数：`-1`" == error.zh


@pytest.mark.parametrize(
    "options", [{"roll": "next_working_day"}, {"until": "noon"}, {"counts_start": True}]
)
def test_elapsed_limits_take_no_options(options: dict[str, str | bool]) -> None:
    """A limit in hours never rolls, has no time of day and counts from its start."""
    error = refused(72, "hour", **options)

    assert "a limit in hours runs from the moment it starts and never moves" == error.message
    assert "以小时计算的期限自起算时刻起连续计算，不予顺延" == error.zh


def test_counting_the_start_needs_a_day() -> None:
    """A limit of no days cannot count its starting day."""
    error = refused(0, "day", counts_start=True)

    assert "a limit that counts its starting day is at least one day long" == error.message
    assert "起算日计入的期限至少为一日" == error.zh


def test_an_unknown_time_of_day_is_refused() -> None:
    """`until` is one of its words or a time of day."""
    assert (
        "`dusk` is not a time of day; write it as `17:30`"
        == refused(1, "day", until="dusk").message
    )
