"""The number line: days, instants and their text."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.numberline import (
    DAY,
    FIRST_DAY,
    FIRST_INSTANT,
    HOUR,
    LAST_DAY,
    LAST_INSTANT,
    MINUTE,
    NEVER,
    SECOND,
    civil_from_days,
    date_to_days,
    days_from_civil,
    days_to_date,
    format_date,
    format_instant,
    parse_date,
    parse_instant,
    parse_time_of_day,
)
from kaocheng.calendars.zones import Zones

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)
OFFSETS = st.integers(-23 * 60 - 59, 23 * 60 + 59)


def refused(text: str) -> ClockError:
    """Why a text is not an instant."""
    with pytest.raises(ClockError) as error:
        parse_instant(text)
    return error.value


def test_civil_agrees_over_a_whole_era() -> None:
    """Every day of 400 years has the year, month and day that the standard library gives it."""
    first = dt.date(1800, 1, 1).toordinal()
    wrong = []
    for ordinal in range(first, first + 146_097):
        date, days = dt.date.fromordinal(ordinal), ordinal - EPOCH.toordinal()
        civil = (date.year, date.month, date.day)
        if civil_from_days(days) != civil or days_from_civil(*civil) != days:
            wrong.append(date)

    assert [] == wrong


@given(st.dates())
def test_dates_round_trip(date: dt.date) -> None:
    """A date is the same day as a number, as a triple and as text, in years 0001 to 9999."""
    days = date_to_days(date)

    assert date == days_to_date(days)
    assert (date.year, date.month, date.day) == civil_from_days(days)
    assert date.isoformat() == format_date(days)
    assert days == parse_date(date.isoformat())


def test_the_line_ends_where_years_have_four_digits() -> None:
    """The first and last day and instant are those of the years 0001 and 9999."""
    assert "0001-01-01" == format_date(FIRST_DAY)
    assert "9999-12-31" == format_date(LAST_DAY)
    assert "0001-01-01T00:00:00Z" == format_instant(FIRST_INSTANT)
    assert "9999-12-31T23:59:59.999999Z" == format_instant(LAST_INSTANT)


@pytest.mark.parametrize("days", [FIRST_DAY - 1, LAST_DAY + 1])
def test_a_day_outside_the_line_has_no_text(days: int) -> None:
    """A day outside the years 0001 to 9999 is refused rather than written with five digits."""
    with pytest.raises(ClockError) as error:
        format_date(days)

    assert "the date lies outside the years 0001 to 9999" == error.value.message
    assert "日期超出公元 0001 年至 9999 年的范围" == error.value.zh


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+00:01", "9999-12-31T23:59:00-00:01"])
def test_an_offset_may_not_leave_the_line(text: str) -> None:
    """An instant whose year in UTC is 0000 or 10000 is refused."""
    assert "the instant lies outside the years 0001 to 9999" == refused(text).message


def test_never_is_a_word() -> None:
    """What has not happened is written `never`, as a date and as an instant."""
    assert "never" == format_date(NEVER)
    assert "never" == format_instant(NEVER)


@pytest.mark.parametrize(
    ("text", "us"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01t00:00:00z", 0),
        ("1970-01-01 08:00:00+08:00", 0),
        ("1969-12-31T18:30:00-05:30", 0),
        ("1970-01-01T00:00:00-00:00", 0),
        ("1970-01-01T00:00:00.5Z", 500_000),
        ("1970-01-01T00:00:00.000001Z", 1),
        ("1970-01-01T00:00:00.1234560000Z", 123_456),
        ("1969-12-31T23:59:59.999999Z", -1),
        ("2009-03-02T09:00:00+08:00", 1_235_955_600 * SECOND),
    ],
)
def test_instants_are_read(text: str, us: int) -> None:
    """An RFC 3339 text is read to the microsecond, whatever its offset and letter case."""
    assert us == parse_instant(text)


@given(st.dates(dt.date(2, 1, 1), dt.date(9998, 12, 31)), st.times(), OFFSETS)
def test_instants_agree_with_the_standard_library(
    date: dt.date, time: dt.time, minutes: int
) -> None:
    """Reading agrees with the standard library for every offset in whole minutes."""
    offset = dt.timezone(dt.timedelta(minutes=minutes))
    moment = dt.datetime.combine(date, time, tzinfo=offset)

    assert (moment - EPOCH) // MICROSECOND == parse_instant(moment.isoformat())


@given(
    us=st.integers(FIRST_INSTANT, LAST_INSTANT),
    zone=st.sampled_from([None, "Asia/Shanghai", "America/Los_Angeles", "Australia/Lord_Howe"]),
)
def test_instants_round_trip(zones: Zones, us: int, zone: str | None) -> None:
    """What is written in any zone is read back to the same microsecond."""
    text = format_instant(us, None if zone is None else zones.get(zone))

    assert us == parse_instant(text)


def test_instants_are_written_with_the_offset_of_the_zone(zones: Zones) -> None:
    """An instant is written in local time with the offset then in force."""
    us = parse_instant("2009-07-02T01:00:00.25Z")

    assert "2009-07-02T01:00:00.250000Z" == format_instant(us)
    assert "2009-07-02T09:00:00.250000+08:00" == format_instant(us, zones.get("Asia/Shanghai"))
    assert "2009-07-01T18:00:00.250000-07:00" == format_instant(
        us, zones.get("America/Los_Angeles")
    )
    assert "2009-07-02T01:00:00.250000+00:00" == format_instant(us, zones.get("Africa/Abidjan"))


def test_local_mean_time_is_written_in_utc(zones: Zones) -> None:
    """An offset with seconds, which RFC 3339 cannot write, falls back to UTC."""
    us = parse_instant("1900-06-01T00:00:00Z")

    assert zones.get("Asia/Shanghai").offsets[0] == 8 * HOUR + 5 * MINUTE + 43 * SECOND
    assert "1900-06-01T00:00:00Z" == format_instant(us, zones.get("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("text", "message", "zh"),
    [
        (
            "2009-03-02",
            "`2009-03-02` is not an instant; write it as `2009-03-02T09:00:00+08:00`",
            "`2009-03-02` 不是时刻，应写作 `2009-03-02T09:00:00+08:00`",
        ),
        (
            "2009-03-02T09:00",
            "`2009-03-02T09:00` is not an instant; write it as `2009-03-02T09:00:00+08:00`",
            "`2009-03-02T09:00` 不是时刻，应写作 `2009-03-02T09:00:00+08:00`",
        ),
        (
            "2009-03-02T24:00:00Z",
            "`2009-03-02T24:00:00Z` ends a day with 24:00; write 00:00 of the next day",
            "`2009-03-02T24:00:00Z` 写了 24:00，应写作次日 00:00",
        ),
        (
            "2016-12-31T23:59:60Z",
            "`2016-12-31T23:59:60Z` has a leap second; write the second after it",
            "`2016-12-31T23:59:60Z` 含闰秒，应写作其后一秒",
        ),
        (
            "2009-02-29T00:00:00Z",
            "`2009-02-29T00:00:00Z` names a day that does not exist",
            "`2009-02-29T00:00:00Z` 中的日期不存在",
        ),
        (
            "2009-03-02T09:60:00Z",
            "`2009-03-02T09:60:00Z` names a time that does not exist",
            "`2009-03-02T09:60:00Z` 中的时间不存在",
        ),
        (
            "2009-03-02T09:00:00.1234567Z",
            (
                "`2009-03-02T09:00:00.1234567Z` is finer than a microsecond; "
                "write at most six decimals"
            ),
            "`2009-03-02T09:00:00.1234567Z` 的精度高于微秒，小数最多六位",
        ),
        (
            "2009-03-02T09:00:00+24:00",
            "`2009-03-02T09:00:00+24:00` has the offset `+24:00`, which does not exist",
            "`2009-03-02T09:00:00+24:00` 中的时区偏移 `+24:00` 不存在",
        ),
    ],
)
def test_what_is_not_an_instant_is_refused(text: str, message: str, zh: str) -> None:
    """Each way of not being an instant has its own sentence in both languages."""
    error = refused(text)

    assert (message, zh) == (error.message, error.zh)


def test_a_local_time_is_not_an_instant() -> None:
    """A text without an offset is refused and the remedy named."""
    error = refused("2009-03-02T09:00:00")

    assert (
        "`2009-03-02T09:00:00` has no offset from UTC; "
        "end it with one, such as `+08:00`, or with `Z`" == error.message
    )
    assert "`2009-03-02T09:00:00` 没有时区偏移，末尾应写 `+08:00` 之类的偏移或 `Z`" == error.zh


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2009-3-2T09:00:00Z",
        "2009-03-02T09:00Z",
        "2009-03-02T9:00:00Z",
        "20090302T090000Z",
        "2009-03-02T09:00:00+0800",
        "2009-03-02T09:00:00 +08:00",
        "2009-03-02T09:00:00Z\n",
        "２００９-03-02T09:00:00Z",
        "-009-03-02T09:00:00Z",
        "2009-03-02T09:00:00.Z",
    ],
)
def test_near_misses_are_refused(text: str) -> None:
    """What merely looks like an instant is not one."""
    assert refused(text).message.startswith(f"`{text}` is not an instant")


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text does anything but give a number or a sentence."""
    for read in (parse_instant, parse_date, parse_time_of_day):
        try:
            told = format_instant(read(text))
        except ClockError as error:
            told = error.message

        assert text[:4] in told


@pytest.mark.parametrize("text", ["2009-02-29", "0000-01-01", "2009-13-01", "2009-04-31"])
def test_days_that_do_not_exist_are_refused(text: str) -> None:
    """A date that is on no calendar is refused."""
    with pytest.raises(ClockError) as error:
        parse_date(text)

    assert f"`{text}` names a day that does not exist" == error.value.message


def test_what_is_not_a_date_is_refused() -> None:
    """A date is written with four, two and two digits."""
    with pytest.raises(ClockError) as error:
        parse_date("2/3/2009")

    assert "`2/3/2009` is not a date; write it as `2009-03-02`" == error.value.message
    assert "`2/3/2009` 不是日期，应写作 `2009-03-02`" == error.value.zh


def test_times_of_day_are_read() -> None:
    """A time of day is the time since local midnight."""
    assert 0 == parse_time_of_day("00:00")
    assert 17 * HOUR + 30 * MINUTE == parse_time_of_day("17:30")
    assert DAY - MINUTE == parse_time_of_day("23:59")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("5pm", "`5pm` is not a time of day; write it as `17:30`"),
        ("24:00", "`24:00` ends a day with 24:00; write 00:00 of the next day"),
        ("25:00", "`25:00` names a time that does not exist"),
        ("12:60", "`12:60` names a time that does not exist"),
    ],
)
def test_what_is_not_a_time_of_day_is_refused(text: str, message: str) -> None:
    """A time of day is refused with the reason."""
    with pytest.raises(ClockError) as error:
        parse_time_of_day(text)

    assert message == error.value.message
