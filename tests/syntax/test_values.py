"""Readers of single values: what they take, and that what they refuse is reported once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import TypeAlias

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kaocheng.diagnostics import Diagnostics, Span
from kaocheng.syntax import (
    Duration,
    Scalar,
    as_bool,
    as_date,
    as_decimal,
    as_duration,
    as_identifier,
    as_int,
    as_text,
    as_time,
)
from kaocheng.syntax.durations import UNITS
from kaocheng.syntax.scalars import RESERVED_WORDS

Reader: TypeAlias = Callable[[Scalar, Diagnostics], object]

READERS: tuple[Reader, ...] = (
    as_bool,
    as_date,
    as_decimal,
    as_duration,
    as_identifier,
    as_int,
    as_text,
    as_time,
)
SPAN = Span("a.yaml", 3, 5, 3, 9)


def scalar(text: str) -> Scalar:
    """A value in quotes, so that an empty one is a value too."""
    return Scalar(text, SPAN, "double", text, (3, 6))


def outcome(reader: Reader, text: str) -> tuple[object, list[str]]:
    """What a reader makes of a text, and what it reports."""
    diagnostics = Diagnostics()
    value = reader(scalar(text), diagnostics)
    return value, [item.code.name for item in diagnostics]


@pytest.mark.parametrize(
    ("reader", "text", "expected"),
    [
        (as_int, "0", 0),
        (as_int, "12", 12),
        (as_int, "-5", -5),
        (as_int, "+5", 5),
        (as_int, "-0", 0),
        (as_int, "9" * 18, 10**18 - 1),
        (as_decimal, "12", Decimal(12)),
        (as_decimal, "0.5", Decimal("0.5")),
        (as_decimal, "-1.50", Decimal("-1.50")),
        (as_bool, "true", True),
        (as_bool, "false", False),
        (as_date, "2009-03-01", dt.date(2009, 3, 1)),
        (as_date, "2024-02-29", dt.date(2024, 2, 29)),
        (as_time, "00:00", dt.time(0)),
        (as_time, "23:59", dt.time(23, 59)),
        (as_identifier, "daily_report2", "daily_report2"),
        (as_identifier, "a", "a"),
        (as_text, "", ""),
        (as_text, " no: yes ", " no: yes "),
        (as_duration, "2 hours", Duration(2, "hour")),
        (as_duration, "1 hours", Duration(1, "hour")),
        (as_duration, "8 week", Duration(8, "week")),
        (as_duration, "1 month", Duration(1, "month")),
        (as_duration, "3 working days", Duration(3, "working_day")),
        (as_duration, "1 working day", Duration(1, "working_day")),
        (as_duration, "45  days", Duration(45, "day")),
        (as_duration, "010 days", Duration(10, "day")),
    ],
)
def test_values_are_read(reader: Reader, text: str, expected: object) -> None:
    """A value in its one spelling is read, and nothing is reported."""
    assert (expected, []) == outcome(reader, text)


@pytest.mark.parametrize(
    ("reader", "text", "name"),
    [
        (as_int, "", "not-an-integer"),
        (as_int, " 1", "not-an-integer"),
        (as_int, "1.0", "not-an-integer"),
        (as_int, "--1", "not-an-integer"),
        (as_int, "1\n", "not-an-integer"),
        (as_int, "٣", "not-an-integer"),
        (as_int, "²", "not-an-integer"),
        (as_int, "00", "leading-zero"),
        (as_int, "-007", "leading-zero"),
        (as_int, "1_000", "digit-separator"),
        (as_int, "1,000", "digit-separator"),
        (as_int, "0b11", "other-base"),
        (as_int, "0X1f", "other-base"),
        (as_int, "1E+3", "exponent"),
        (as_int, "17:00:00", "clock-for-number"),
        (as_int, "9" * 19, "number-too-long"),
        (as_int, "9" * 5_000, "number-too-long"),
        (as_int, "0x" + "f" * 5_000, "not-an-integer"),
        (as_decimal, ".5", "not-a-number"),
        (as_decimal, "5.", "not-a-number"),
        (as_decimal, "NaN", "not-a-number"),
        (as_decimal, ".inf", "not-a-number"),
        (as_decimal, "Infinity", "not-a-number"),
        (as_decimal, "1e3", "exponent"),
        (as_decimal, "01.5", "leading-zero"),
        (as_decimal, "1_0.5", "digit-separator"),
        (as_decimal, "0." + "1" * 18, "number-too-long"),
        (as_bool, "True", "not-a-flag"),
        (as_bool, "on", "not-a-flag"),
        (as_bool, "1", "not-a-flag"),
        (as_date, "2009-3-1", "not-a-date"),
        (as_date, "2009-03-01T00:00:00Z", "not-a-date"),
        (as_date, "2009-03", "not-a-date"),
        (as_date, "0000-01-01", "no-such-date"),
        (as_date, "2009-13-01", "no-such-date"),
        (as_date, "2023-02-29", "no-such-date"),
        (as_time, "7:00", "not-a-time"),
        (as_time, "07:00:00", "not-a-time"),
        (as_time, "noon", "not-a-time"),
        (as_time, "24:00", "no-such-time"),
        (as_time, "12:60", "no-such-time"),
        (as_identifier, "", "not-an-identifier"),
        (as_identifier, "_a", "not-an-identifier"),
        (as_identifier, "2a", "not-an-identifier"),
        (as_identifier, "a-b", "not-an-identifier"),
        (as_identifier, "a\n", "not-an-identifier"),
        (as_identifier, "é", "not-an-identifier"),
        (as_duration, "", "not-a-duration"),
        (as_duration, "two hours", "not-a-duration"),
        (as_duration, "hours", "not-a-duration"),
        (as_duration, "2", "not-a-duration"),
        (as_duration, "２ hours", "not-a-duration"),
        (as_duration, "0 hours", "not-a-count"),
        (as_duration, "-1 days", "not-a-count"),
        (as_duration, "0.5 days", "not-a-count"),
        (as_duration, "1234567890 days", "number-too-long"),
        (as_duration, "2 decades", "unknown-unit"),
        (as_duration, "2 Hours", "unknown-unit"),
        (as_duration, "2 working_days", "unknown-unit"),
        (as_duration, "2h", "short-duration"),
        (as_duration, "2 h", "short-duration"),
        (as_duration, "2hours", "short-duration"),
        (as_duration, "1234567890123d", "short-duration"),
    ],
)
def test_other_spellings_are_refused(reader: Reader, text: str, name: str) -> None:
    """Any other spelling is refused with the diagnostic that names it."""
    assert (None, [name]) == outcome(reader, text)


@pytest.mark.parametrize(
    ("reader", "text", "suggestion"),
    [
        (as_bool, "Yes", "true"),
        (as_bool, "off", "false"),
        (as_bool, "否", "false"),
        (as_bool, "maybe", None),
        (as_date, "2009/3/1", "2009-03-01"),
        (as_date, "2009.12.31", "2009-12-31"),
        (as_date, "2009年12月31日", "2009-12-31"),
        (as_date, "31.12.2009", None),
        (as_time, "9:05", "09:05"),
        (as_time, "9时05分", "09:05"),
        (as_time, "17：00：00", "17:00"),
        (as_int, "１００", "100"),
        (as_identifier, "Daily Report", "daily_report"),
        (as_identifier, "dailyReport", "daily_report"),
        (as_identifier, "Package", None),
        (as_duration, "2 huors", "hours"),
        (as_duration, "1 dya", "day"),
        (as_duration, "5 workdays", "working days"),
        (as_duration, "1 business-day", "working day"),
        (as_duration, "5 fortnights", None),
    ],
)
def test_the_nearest_spelling_is_proposed(
    reader: Reader, text: str, suggestion: str | None
) -> None:
    """Where it can be guessed what was meant, that is proposed; else nothing is."""
    diagnostics = Diagnostics()
    reader(scalar(text), diagnostics)

    assert [suggestion] == [item.suggestion for item in diagnostics]


@pytest.mark.parametrize(
    ("reader", "text", "fixed"),
    [
        (as_int, "-007", "-7"),
        (as_int, "00", "0"),
        (as_int, "1_000_000", "1000000"),
        (as_int, "-0x1F", "-31"),
        (as_decimal, "001.50", "1.50"),
        (as_duration, "14d", "`14 days`"),
        (as_duration, "1w", "`1 week`"),
        (as_duration, "5m", "`5 minutes` / `5 months`"),
        (as_duration, "2个月", "`2 months`"),
    ],
)
def test_the_right_spelling_is_given(reader: Reader, text: str, fixed: str) -> None:
    """Where the meaning is certain, the help has the right spelling."""
    diagnostics = Diagnostics()
    reader(scalar(text), diagnostics)

    assert [fixed] == [item.values["fixed"] for item in diagnostics]


@pytest.mark.parametrize("word", sorted(RESERVED_WORDS))
def test_reserved_words_are_no_identifiers(word: str) -> None:
    """A word of the expression language cannot be a name."""
    assert (None, ["reserved-word"]) == outcome(as_identifier, word)


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
def test_blanks_are_passed_over(reader: Reader) -> None:
    """A value that was missing or refused is not reported a second time."""
    diagnostics = Diagnostics()

    assert reader(Scalar("", SPAN, "plain", "", (3, 5)), diagnostics) is None
    assert 0 == len(diagnostics)


@given(st.sampled_from(READERS), st.text(max_size=40))
@example(as_int, "0" * 5_000)
@example(as_decimal, "1" * 5_000 + ".")
@example(as_duration, "1" * 5_000 + " days")
@example(as_date, "2009年03月99日")
def test_readers_never_raise(reader: Reader, text: str) -> None:
    """A reader gives a value and reports nothing, or gives None and reports one thing."""
    diagnostics = Diagnostics()
    value = reader(scalar(text), diagnostics)

    assert (value is None) == (1 == len(diagnostics))
    for item in diagnostics:
        assert SPAN == item.span
        assert item.message("en")
        assert item.help("zh")


@given(st.integers(-(10**18) + 1, 10**18 - 1))
def test_integers_come_back(number: int) -> None:
    """Every whole number of at most 18 digits is read as it is written."""
    assert (number, []) == outcome(as_int, str(number))


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=4, min_value=-(10**13), max_value=10**13
    )
)
def test_decimals_come_back(number: Decimal) -> None:
    """A number keeps the digits behind its point, also zeros."""
    value, names = outcome(as_decimal, f"{number:f}")

    assert [] == names
    assert isinstance(value, Decimal)
    assert number.as_tuple() == value.as_tuple()


@given(st.dates())
def test_dates_come_back(day: dt.date) -> None:
    """Every day is read from its own spelling."""
    assert (day, []) == outcome(as_date, day.isoformat())


@given(st.times().map(lambda time: time.replace(second=0, microsecond=0)))
def test_times_come_back(time: dt.time) -> None:
    """Every time of day is read from its own spelling."""
    assert (time, []) == outcome(as_time, f"{time:%H:%M}")


@given(st.builds(Duration, st.integers(1, 999_999_999), st.sampled_from(UNITS)))
def test_durations_come_back(duration: Duration) -> None:
    """Every duration is read from the phrase that it is written as."""
    assert (duration, []) == outcome(as_duration, str(duration))


def test_a_block_of_text_has_no_last_line_break() -> None:
    """The line break that ends a block is not part of the text; one inside it is."""
    block = Scalar("one\ntwo\n", SPAN, "literal", "  one\n  two", (4, 1))

    assert "one\ntwo" == as_text(block, Diagnostics())
