"""Parameters, periods, and single values of a known type."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from kaocheng.calendars.numberline import date_to_days, parse_instant
from kaocheng.calendars.periods import PeriodSpec

Check = Callable[..., Any]
PARAMETER = 'kinds: {{unit: {{}}}}\nparameters: {{x: {{type: {}, value: {}, clause: "1"}}}}'


@pytest.mark.parametrize(
    ("type_", "written", "value"),
    [
        ("int", "-3", -3),
        ("decimal(2)", "1.5", 150),
        ("decimal(2)", "2", 200),
        ("decimal(0)", "2.0", 2),
        ("bool", "true", True),
        ("string", '"no"', "no"),
        ("string", "17:00", "17:00"),
        ("date", "2009-03-02", date_to_days(dt.date(2009, 3, 2))),
        ("instant", "2009-03-02T09:00:00+08:00", parse_instant("2009-03-02T01:00:00Z")),
        ("duration", "90 minutes", 90 * 60 * 1_000_000),
        ("{one_of: [a, b]}", "b", "b"),
        ("unit", "unit/a", "unit/a"),
        ("unit", "a", "unit/a"),
    ],
)
def test_parameters(check_text: Check, type_: str, written: str, value: object) -> None:
    """A parameter's value is of its type, on the number line."""
    text = PARAMETER.format(type_, written)

    assert {"x": value} == check_text(text).version.parameters


@pytest.mark.parametrize(
    ("type_", "written", "name"),
    [
        ("int", "1.5", "not-an-integer"),
        ("int", "010", "leading-zero"),
        ("decimal(1)", "1.25", "not-of-type"),
        ("decimal(9)", "99999999999", "not-of-type"),
        ("bool", "yes", "not-a-flag"),
        ("date", "2009-02-30", "no-such-date"),
        ("instant", "2009-03-02", "not-of-type"),
        ("duration", "2 days", "not-of-type"),
        ("duration", "72h", "short-duration"),
        ("{one_of: [a, b]}", "c", "unknown-choice"),
        ("unit", "person/a", "other-kind"),
        ("{list: int}", "1", "wrong-shape"),
        ("int", "[1]", "wrong-shape"),
        ("what", "1", "unknown-type"),
    ],
)
def test_parameters_that_are_none(check_text: Check, type_: str, written: str, name: str) -> None:
    """A value that is not of the declared type is refused, at its own place."""
    text = PARAMETER.format(type_, written)

    assert [name] == check_text(text).names


def test_periods(check_text: Check) -> None:
    """A period may have its own first day and be named after its end."""
    periods = check_text(
        """
        periods:
          reporting_year: {unit: year, from: 07-24, named_after: end}
          our_month: {unit: month, from: 01-26}
          leap: {unit: year, from: 02-29}
        """
    ).version.periods

    assert {
        "reporting_year": PeriodSpec("reporting_year", "year", month=7, day=24, named_after="end"),
        "our_month": PeriodSpec("our_month", "month", day=26),
        "leap": PeriodSpec("leap", "year", month=2, day=29),
    } == {name: spec for name, spec in periods.items() if spec.name != spec.unit}
    assert {"day", "week", "month", "quarter", "half_year", "year"} < periods.keys()


@pytest.mark.parametrize(
    ("written", "suggestion"),
    [("7-24", "07-24"), ("7/4", "07-04"), ("7月24日", "07-24"), ("W30-5", None), ("13-01", None)],
)
def test_first_days_that_are_none(check_text: Check, written: str, suggestion: str | None) -> None:
    """The first day of a period is a month and a day; what is nearly one is mended."""
    (item,) = check_text(f'periods: {{p: {{unit: year, from: "{written}"}}}}').diagnostics

    assert ("bad-month-day", suggestion) == (item.code.name, item.suggestion)
