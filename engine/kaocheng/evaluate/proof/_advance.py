"""Limits inside a proof: from a start to a due date or instant, as `calendars.advance` defines."""

from __future__ import annotations

import z3
from attrs import evolve

from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.limits import Limit
from kaocheng.calendars.numberline import DAY, MICROS
from kaocheng.errors import UnsupportedError
from kaocheng.evaluate.proof._times import (
    LocalTime,
    in_years,
    later,
    unless_never,
)
from kaocheng.evaluate.proof._values import Symbol, number, strict, yes
from kaocheng.language.types import DATE, INSTANT, Type

_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "year": 12}


def advance(
    local: LocalTime, start: Symbol, limit: Limit, type_: Type, amount: Symbol | None = None
) -> Symbol:
    """`start` moved on by `limit`; an amount of the case takes the place of the limit's own."""
    if amount is None:
        return unless_never(start, _moved(local, start, limit, type_, number(limit.amount)))
    fixed = z3.simplify(amount.value)
    if z3.is_int_value(fixed):
        return _of_amount(local, start, limit, type_, Symbol(fixed, amount.unknown))
    if limit.unit not in {*MICROS, *_DAYS}:
        reason = f"the number of {limit.unit}s is not written in the rule"
        zh = f"规则中没有写明以 `{limit.unit}` 计的期限长度"
        raise UnsupportedError("advance", "proof", reason, zh=zh)
    least = 1 if limit.counts_start else 0
    due = unless_never(start, _moved(local, start, limit, type_, amount))
    return strict(due.value, (due, amount), amount.value < least)


def _of_amount(
    local: LocalTime, start: Symbol, limit: Limit, type_: Type, amount: Symbol
) -> Symbol:
    try:
        stated = evolve(limit, amount=amount.value.as_long())
    except ClockError:
        return _nothing()
    due = advance(local, start, stated, type_)
    return strict(due.value, (due, amount))


def _moved(local: LocalTime, start: Symbol, limit: Limit, type_: Type, amount: Symbol) -> Symbol:
    """The due time of a start that has happened."""
    if type_ == DATE:
        if limit.elapsed is not None or limit.until != "same_time":
            return _nothing()
        return in_years(_due_day(local, start, limit, amount), DATE)
    if limit.elapsed is not None:
        length = amount.value * MICROS[limit.unit]
        return in_years(strict(start.value + length, (start, amount)), INSTANT)
    return in_years(_due_instant(local, start, limit, amount), INSTANT)


def _due_instant(local: LocalTime, start: Symbol, limit: Limit, amount: Symbol) -> Symbol:
    day = _due_day(local, local.day_of(start), limit, amount)
    time = _time_of_day(local, start, limit)
    wall = strict(day.value * DAY + time.value, (day, time))
    end = local.instant(wall)
    if limit.unit in _DAYS and limit.until == "same_time" and limit.roll == "none":
        days = z3.simplify(_days_on(limit, amount))
        if z3.is_int_value(days):
            local.relate_later_by_days(start, end, days.as_long())
    return later(start, end)


def _due_day(local: LocalTime, day: Symbol, limit: Limit, amount: Symbol) -> Symbol:
    last = _last_day(local, day, limit, amount)
    return last if limit.roll == "none" else local.next_working_day(last)


def _last_day(local: LocalTime, day: Symbol, limit: Limit, amount: Symbol) -> Symbol:
    if limit.unit in _DAYS:
        return in_years(strict(day.value + _days_on(limit, amount), (day, amount)), DATE)
    if limit.unit in _MONTHS:
        months = limit.amount * _MONTHS[limit.unit]
        return local.months(day, months, counts_start=limit.counts_start)
    return local.working_days(day, limit)


def _days_on(limit: Limit, amount: Symbol) -> z3.ArithRef:
    counted = 1 if limit.counts_start else 0
    return amount.value * _DAYS[limit.unit] - counted


def _time_of_day(local: LocalTime, start: Symbol, limit: Limit) -> Symbol:
    if limit.time_of_day is not None:
        return number(limit.time_of_day)
    if limit.until == "close":
        edition = local.edition
        return number(edition.hours[-1][1]) if edition and edition.hours else _nothing()
    wall = local.local(start)
    return Symbol(wall.value % DAY, wall.unknown)


def _nothing() -> Symbol:
    """A limit that has no end: the error makes it unknown."""
    return Symbol(z3.IntVal(0), yes())
