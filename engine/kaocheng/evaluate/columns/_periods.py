"""Periods in columns: rows are grouped by a whole number, and only groups get names.

The number is the period's first day for days and weeks, and for all others the month, counted
from January of the year 0, in which it begins.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from kaocheng.calendars.numberline import FIRST_DAY, days_from_civil
from kaocheng.calendars.periods import PeriodSpec
from kaocheng.evaluate.columns import _native
from kaocheng.evaluate.columns._native import divide, integer, modulo

_MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
_LETTERS = {"quarter": "Q", "half_year": "H"}
_MARCH, _ALWAYS_THERE = 3, 28
_COMMON_YEAR = 2001


def key(spec: PeriodSpec, day: ir.Value) -> ir.Value:
    """The number of the period that a day lies in."""
    if spec.unit == "day":
        return day
    if spec.unit == "week":
        return day - modulo(day - FIRST_DAY, integer(7))
    if spec.unit == "year" and (spec.month >= _MARCH or (spec.month, spec.day) == (1, 1)):
        return _year_begun(spec, day)
    step, anchor = _MONTHS[spec.unit], _anchor(spec)
    begun = _month_begun(spec, day)
    return divide(begun - anchor, integer(step)) * step + anchor


def _anchor(spec: PeriodSpec) -> int:
    return 0 if spec.unit == "month" else spec.month - 1


def _year_begun(spec: PeriodSpec, day: ir.Value) -> ir.Value:
    # From March on, every year is as long as the calendar year that begins after its first day.
    # Moved on by what is left of the calendar year then, the one becomes the other.
    first = days_from_civil(_COMMON_YEAR, spec.month, spec.day)
    shift = days_from_civil(_COMMON_YEAR + 1, 1, 1) - first
    if (spec.month, spec.day) == (1, 1):
        return _native.as_date(day).year().cast("int64") * 12
    year = _native.as_date(day + shift).year().cast("int64") - 1
    return year * 12 + _anchor(spec)


def _month_begun(spec: PeriodSpec, day: ir.Value) -> ir.Value:
    """The latest month that has begun by a day in the spec's sense."""
    date = _native.as_date(day)
    index = _native.month_index(date)
    if spec.day == 1:
        return index
    first = integer(spec.day)
    if spec.day > _ALWAYS_THERE:
        first = ibis.least(first, _native.month_end(index).day().cast("int64"))
    return index - ibis.ifelse(date.day().cast("int64") < first, integer(1), integer(0))


def columns(spec: PeriodSpec, number: ir.Value) -> tuple[ir.Value, ir.Value, ir.Value]:
    """The name, the first and the last day of a period."""
    if spec.unit == "day":
        return _native.iso_date(_native.as_date(number)), number, number
    if spec.unit == "week":
        return _native.iso_week(_native.as_date(number)), number, number + 6
    last = _first_of(spec, number + _MONTHS[spec.unit]) - 1
    return _name(spec, number), _first_of(spec, number), last


def _first_of(spec: PeriodSpec, index: ir.Value) -> ir.Value:
    """The day on which a month begins in the spec's sense."""
    start = _native.day_number(_native.month_start(index))
    if spec.day <= _ALWAYS_THERE:
        return start + (spec.day - 1)
    days = _native.month_end(index).day().cast("int64")
    return start + ibis.least(integer(spec.day), days) - 1


def _name(spec: PeriodSpec, start: ir.Value) -> ir.Value:
    after_end = spec.named_after == "end"
    twelve = integer(12)
    if spec.unit == "month":
        index = start + int(after_end and spec.day != 1)
        month = _native.padded(modulo(index, twelve) + 1, 2)
        return _native.padded(divide(index, twelve), 4) + "-" + month
    months = start - _anchor(spec)
    later = int(after_end and (spec.month, spec.day) != (1, 1))
    year = _native.padded(divide(months, twelve) + later, 4)
    if spec.unit == "year":
        return year
    place = divide(modulo(months, twelve), integer(_MONTHS[spec.unit])) + 1
    return year + f"-{_LETTERS[spec.unit]}" + place.cast("string")
