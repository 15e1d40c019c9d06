"""How each operation of the core is written in columns.

A function gets the operation and its arguments as columns. What it writes more than once must be
cheap to write, so `REPEATED` says which arguments need a column of their own first.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import ibis
import ibis.expr.types as ir

from kaocheng.calendars.numberline import (
    DAY,
    FIRST_DAY,
    FIRST_INSTANT,
    LAST_DAY,
    LAST_INSTANT,
    NEVER,
    SECOND,
    days_from_civil,
)
from kaocheng.evaluate.columns import _native
from kaocheng.evaluate.columns._native import divide, integer, modulo
from kaocheng.evaluate.columns._nodes import asks_twice
from kaocheng.evaluate.columns._setting import unsupported
from kaocheng.language.expressions import Call, Literal
from kaocheng.language.types import BOOL, DATE, Decimal, Enum, Type

Lowered = Callable[..., ir.Value]

_MOST_DIGITS = 18
_DAY_LIMITS, _INSTANT_LIMITS = (FIRST_DAY, LAST_DAY), (FIRST_INSTANT, LAST_INSTANT)
# Two days before the first, so that wall times just outside are not negative either.
_BASE_DAY = FIRST_DAY - 2
_BASE = _BASE_DAY * DAY
_FIRST_MONTH, _LAST_MONTH = 12, 12 * 10_000 - 1


def _plain(function: Callable[..., ir.Value]) -> Lowered:
    """An operation of which the columns' own is the right one."""
    return lambda _expr, *args: function(*args)


def _never() -> ir.Value:
    return integer(NEVER)


def _cases(*branches: tuple[ir.Value, ir.Value], otherwise: ir.Value | None = None) -> ir.Value:
    return ibis.cases(*branches, else_=otherwise)


# Logic and comparison -----------------------------------------------------------------------


def _if(expr: Call, condition: ir.Value, yes: ir.Value, no: ir.Value) -> ir.Value:
    if not asks_twice(expr):
        return ibis.ifelse(condition, yes, no)
    nothing = _native.nothing(_native.dtype(expr.type))
    return _cases((condition.isnull(), nothing), (condition, yes), otherwise=no)


def _one_of(expr: Call, wanted: ir.Value, *items: ir.Value) -> ir.Value:
    if expr.args[0].type == BOOL:
        # A condition as an operand of `IN` would be written without parentheses.
        return ibis.or_(*(wanted == item for item in items))
    return wanted.isin([item.value for item in expr.args[1:] if isinstance(item, Literal)])


def _rank(expr: Call, value: ir.Value) -> ir.Value:
    type_ = expr.args[0].type
    if not isinstance(type_, Enum):
        raise unsupported("rank", f"`{type_}` has no order", zh=f"`{type_}` 没有次序")
    return _cases(*((value == name, integer(place)) for place, name in enumerate(type_.values)))


def _value_at(expr: Call, place: ir.Value) -> ir.Value:
    values = expr.type.values if isinstance(expr.type, Enum) else ()
    nothing = _native.nothing("string")
    return _cases(*((place == at, name) for at, name in enumerate(values)), otherwise=nothing)


def _there(_: Call, value: ir.Value) -> ir.Value:
    return value.notnull()


def _has_happened(_: Call, time: ir.Value) -> ir.Value:
    return time.notnull() & (time != _never())


# Numbers ------------------------------------------------------------------------------------


def scale_of(type_: Type) -> int:
    """The decimal places of a number."""
    return type_.scale if isinstance(type_, Decimal) else 0


def _mod(expr: Call, a: ir.Value, b: ir.Value) -> ir.Value:
    divisor = expr.args[1]
    if isinstance(divisor, Literal) and divisor.value not in {-1, None}:
        return modulo(a, b)
    # The least number by -1 is an error of the database; what divides by -1 leaves nothing.
    return _cases((b == -1, a - a), otherwise=modulo(a, b))


def _started(_: Call, a: ir.Value, b: ir.Value) -> ir.Value:
    more = ibis.ifelse(modulo(a, b) > 0, integer(1), integer(0))
    return _cases((b > 0, divide(a, b) + more))


def _whole(_: Call, a: ir.Value, b: ir.Value) -> ir.Value:
    less = ibis.ifelse(modulo(a, b) < 0, integer(1), integer(0))
    return _cases((b > 0, divide(a, b) - less))


def _ratio(expr: Call, a: ir.Value, b: ir.Value, *_: ir.Value) -> ir.Value:
    digits = scale_of(expr.type) + scale_of(expr.args[1].type) - scale_of(expr.args[0].type)
    if abs(digits) > _MOST_DIGITS:
        raise unsupported(
            "ratio",
            f"it needs {abs(digits)} more digits, and 18 is the most",
            zh=f"还须 {abs(digits)} 位小数，至多 18 位",
        )
    return _native.rounded_quotient(a, 10 ** max(digits, 0), b, 10 ** max(-digits, 0))


def _round(expr: Call, a: ir.Value, *_: ir.Value) -> ir.Value:
    places = scale_of(expr.args[0].type) - scale_of(expr.type)
    if places <= 0:
        return _native.times(a, integer(10**-places))
    if places > _MOST_DIGITS:
        return a - a
    unit = integer(10**places)
    half, rest = integer(10**places // 2), modulo(a, unit)
    away = _cases((rest >= half, integer(1)), (rest <= -half, integer(-1)), otherwise=integer(0))
    return divide(a, unit) + away


# Texts --------------------------------------------------------------------------------------


def _length(_: Call, text: ir.Value) -> ir.Value:
    return text.length().cast("int64")


# Times --------------------------------------------------------------------------------------


def _moved(expr: Call, time: ir.Value, by: ir.Value, sum_: ir.Value | None = None) -> ir.Value:
    """A date some days on, or an instant some time on; unknown outside the years 1 to 9999.

    Where it is not known how far, the sum comes as a third argument.
    """
    limits = _DAY_LIMITS if expr.type == DATE else _INSTANT_LIMITS
    never = time == _never()
    if sum_ is not None:
        return _cases((by.notnull() & never, time), (_inside(sum_, limits), sum_))
    step = expr.args[1]
    first, last = limits
    if not isinstance(step, Literal) or not isinstance(step.value, int):
        return _native.nothing("int64")
    if abs(step.value) > last - first:
        return _cases((never, time))
    if step.value == 0:
        # The local date of the first instants is the eve of the first date.
        return _cases((_inside(time, limits) | never, time))
    if step.value > 0:
        return _cases((time <= integer(last - step.value), time + by), (never, time))
    return _cases((never, time), (time >= integer(first - step.value), time + by))


def _diff(_: Call, a: ir.Value, b: ir.Value) -> ir.Value:
    return a.nullif(_never()) - b.nullif(_never())


def _add_months(expr: Call, day: ir.Value, count: ir.Value) -> ir.Value:  # noqa: ARG001
    """So many months on, where it is known how many."""
    step = expr.args[1]
    if not isinstance(step, Literal) or not isinstance(step.value, int):
        return _native.nothing("int64")
    date = _native.as_date(day)
    first, last = _first_of_month(12 - step.value), _first_of_month(120_000 - step.value) - 1
    moved = _same_day(date, _native.month_index(date) + step.value)
    return _cases((_inside(day, (first, last)), moved), (day == _never(), day))


def _month_of(_: Call, day: ir.Value) -> ir.Value:
    return _cases((day != _never(), _native.month_index(_native.as_date(day))))


def _in_month(_: Call, day: ir.Value, count: ir.Value, index: ir.Value) -> ir.Value:
    """The day in the month that was counted to; what has not happened stays so."""
    known = count.notnull() & (day == _never())
    inside = _inside(index, (_FIRST_MONTH, _LAST_MONTH))
    return _cases((known, day), (inside, _same_day(_native.as_date(day), index)))


def _first_of_month(index: int) -> int:
    """The first day of a month counted from year 0, which holds the eve of the first date."""
    index = min(max(index, 0), _LAST_MONTH + 1)
    return days_from_civil(index // 12, index % 12 + 1, 1)


def _same_day(date: ir.Value, index: ir.Value) -> ir.Value:
    days = ibis.least(date.day(), _native.month_end(index).day()).cast("int64")
    return _native.day_number(_native.month_start(index)) + days - 1


def _part(name: str) -> Lowered:
    """A part of a date."""

    def lowered(_: Call, day: ir.Value) -> ir.Value:
        part = getattr(_native.as_date(day), name)().cast("int64")
        return _cases((day != _never(), part))

    return lowered


def _weekday(_: Call, day: ir.Value) -> ir.Value:
    return _cases((day != _never(), modulo(day - FIRST_DAY, integer(7)) + 1))


def _seconds(_: Call, instant: ir.Value) -> ir.Value:
    whole = divide(instant - FIRST_INSTANT, integer(SECOND)) + FIRST_INSTANT // SECOND
    return _cases((instant != _never(), whole))


def _date_of(
    _: Call, instant: ir.Value, offset: ir.Value, first: ir.Value, last: ir.Value
) -> ir.Value:
    day = divide(instant + offset - FIRST_INSTANT, integer(DAY)) + FIRST_DAY
    return _cases((instant.between(first, last), day), (instant == _never(), instant))


def _midnight(_: Call, day: ir.Value, later: ir.Value) -> ir.Value:
    return _cases((day != _never(), (day + later) * DAY))


def _instant_of(_: Call, day: ir.Value, wall: ir.Value, offset: ir.Value) -> ir.Value:
    instant = wall - offset
    return _cases((day == _never(), day), (_inside(instant, _INSTANT_LIMITS), instant))


def _inside(value: ir.Value, limits: tuple[int, int]) -> ir.Value:
    return value.between(integer(limits[0]), integer(limits[1]))


def _or_else(_: Call, time: ir.Value, other: ir.Value) -> ir.Value:
    return ibis.coalesce(time.nullif(_never()), other)


def _first_of(_: Call, *args: ir.Value) -> ir.Value:
    return _cases(*_pairs(args[:-1]), otherwise=args[-1])


# Limits -------------------------------------------------------------------------------------


def _unless_never(_: Call, time: ir.Value, value: ir.Value) -> ir.Value:
    return _cases((time != _never(), value))


def _wall(_: Call, instant: ir.Value, offset: ir.Value) -> ir.Value:
    return _cases((instant != _never(), instant + offset))


def _day_of_wall(_: Call, wall: ir.Value) -> ir.Value:
    return divide(wall - _BASE, integer(DAY)) + _BASE_DAY


def _time_of_wall(_: Call, wall: ir.Value) -> ir.Value:
    return modulo(wall - _BASE, integer(DAY))


def _at(_: Call, day: ir.Value, time: ir.Value) -> ir.Value:
    return _cases((day == _never(), day), otherwise=day * DAY + time)


def _due(_: Call, start: ir.Value, wall: ir.Value, offset: ir.Value) -> ir.Value:
    due = wall - offset
    in_time = (_inside(due, _INSTANT_LIMITS), ibis.greatest(start, due))
    return _cases((start == _never(), start), (wall == _never(), wall), in_time)


def _unless_start_never(_: Call, start: ir.Value, due: ir.Value) -> ir.Value:
    return _cases((start == _never(), start), otherwise=due)


def _in_range(limits: tuple[int, int]) -> Lowered:
    def lowered(_: Call, time: ir.Value) -> ir.Value:
        return _cases((_inside(time, limits) | (time == _never()), time))

    return lowered


def _if_there(_: Call, first: ir.Value, value: ir.Value) -> ir.Value:
    return _cases((first.notnull(), value))


def _later(_: Call, day: ir.Value, count: ir.Value) -> ir.Value:
    return _cases((day != _never(), day + count))


def _before_end(_: Call, end: ir.Value) -> ir.Value:
    return _cases((end == _never(), end), otherwise=end - 1)


def _nth_before_end(_: Call, end: ir.Value, day: ir.Value) -> ir.Value:
    return _cases((end == _never(), end), otherwise=day)


def _day_reaching(_: Call, wall: ir.Value, time: ir.Value) -> ir.Value:
    return divide(wall - time + (DAY - 1) - _BASE, integer(DAY)) + _BASE_DAY


def _sampled(  # noqa: PLR0913, PLR0917 - a day, and the day before it, with their instants
    _: Call,
    instant: ir.Value,
    day: ir.Value,
    wall: ir.Value,
    offset: ir.Value,
    wall_before: ir.Value,
    offset_before: ir.Value,
) -> ir.Value:
    # Around a clock change the wall time may be ahead of or behind the instant by a day at most.
    early = (wall_before - offset_before >= instant, day - 1)
    late = (wall - offset < instant, day + 1)
    return _cases((instant == _never(), instant), early, late, otherwise=day)


# Lists written out --------------------------------------------------------------------------


def _pairs(args: Sequence[ir.Value]) -> list[tuple[ir.Value, ir.Value]]:
    return list(zip(args[::2], args[1::2], strict=True))


def _total(_: Call, *items: ir.Value) -> ir.Value:
    return _native.total(items)


def _extreme(choose: Callable[..., ir.Value], empty: int | None = None) -> Lowered:
    """The least or greatest of the items that are kept; unknown where one of them is."""

    def lowered(_: Call, *args: ir.Value) -> ir.Value:
        nothing = _native.nothing("int64") if empty is None else integer(empty)
        if not args:
            return nothing
        pairs = _pairs(args)
        blank = ibis.or_(*(keep & item.isnull() for keep, item in pairs))
        kept = [ibis.ifelse(keep, item, _native.nothing("int64")) for keep, item in pairs]
        found = choose(*kept) if len(kept) > 1 else kept[0]
        return _cases((blank, _native.nothing("int64")), (found.isnull(), nothing), otherwise=found)

    return lowered


def _collected(expr: Call, *args: ir.Value) -> ir.Value:
    type_ = _native.dtype(expr.type)
    none = ibis.literal([], type_)
    parts = [ibis.ifelse(keep, ibis.array([item]), none) for keep, item in _pairs(args)]
    return parts[0].concat(*parts[1:]) if len(parts) > 1 else (parts or [none])[0]


# Arithmetic is in `_frames`, which knows what needs a guard; look-ups are in `_lookups`.
OPERATIONS: Mapping[str, Lowered] = MappingProxyType(
    {
        "and": _plain(operator.and_),
        "or": _plain(operator.or_),
        "not": _plain(_native.negated),
        "if": _if,
        "eq": _plain(operator.eq),
        "ne": _plain(operator.ne),
        "lt": _plain(operator.lt),
        "le": _plain(operator.le),
        "gt": _plain(operator.gt),
        "ge": _plain(operator.ge),
        "rank": _rank,
        "_value_at": _value_at,
        "mod": _mod,
        "diff": _diff,
        "shift": _moved,
        "_moved": _moved,
        "concat": _plain(operator.add),
        "starts_with": _plain(lambda a, b: a.startswith(b)),
        "ends_with": _plain(lambda a, b: a.endswith(b)),
        "contains": _plain(lambda a, b: a.contains(b)),
        "length": _length,
        "add_days": _moved,
        "add_months": _add_months,
        "_month_of": _month_of,
        "_in_month": _in_month,
        "year": _part("year"),
        "month": _part("month"),
        "day": _part("day"),
        "weekday": _weekday,
        "seconds": _seconds,
        "happened": _plain(lambda a: a != _never()),
        "started": _started,
        "whole": _whole,
        "ratio": _ratio,
        "round": _round,
        "_once": _plain(lambda a: a),
        "_variable": _plain(_native.variable),
        "_one_of": _one_of,
        "_there": _there,
        "_is_true": _plain(lambda a: _native.decided(a, otherwise=False)),
        "_happened": _has_happened,
        "_date_of": _date_of,
        "_midnight": _midnight,
        "_instant_of": _instant_of,
        "_unless_never": _unless_never,
        "_or_else": _or_else,
        "_first_of": _first_of,
        "_wall": _wall,
        "_day_of_wall": _day_of_wall,
        "_time_of_wall": _time_of_wall,
        "_at": _at,
        "_due": _due,
        "_unless_start_never": _unless_start_never,
        "_day_in_range": _in_range(_DAY_LIMITS),
        "_instant_in_range": _in_range(_INSTANT_LIMITS),
        "_if_there": _if_there,
        "_later": _later,
        "_before_end": _before_end,
        "_nth_before_end": _nth_before_end,
        "_day_reaching": _day_reaching,
        "_sampled": _sampled,
        "_total": _total,
        "_min_of": _extreme(ibis.least),
        "_max_of": _extreme(ibis.greatest),
        "_latest_of": _extreme(ibis.greatest),
        "_earliest_of": _extreme(ibis.least, NEVER),
        "_collected": _collected,
    }
)

REPEATED: Mapping[str, tuple[int, ...] | None] = MappingProxyType(
    {
        "if": (0,),
        **dict.fromkeys(("rank", "_value_at", "year", "month", "day", "weekday", "seconds"), (0,)),
        "mod": (0, 1),
        **dict.fromkeys(("shift", "add_days", "add_months", "_month_of"), (0,)),
        **dict.fromkeys(("_moved", "_in_month"), (0, 1, 2)),
        **dict.fromkeys(("started", "whole", "ratio"), (0, 1)),
        **dict.fromkeys(("round", "_once", "_happened", "_unless_never", "_wall"), (0,)),
        **dict.fromkeys(("_date_of", "_midnight", "_at", "_unless_start_never"), (0,)),
        **dict.fromkeys(("_day_in_range", "_instant_in_range", "_later", "_before_end"), (0,)),
        "_nth_before_end": (0,),
        "_sampled": (0, 1, 2, 4),
        "_instant_of": (0, 1),
        "_due": (0, 1),
        **dict.fromkeys(("_min_of", "_max_of", "_latest_of", "_earliest_of"), None),
        "_collected": (),
    }
)
"""The places of the arguments that an operation writes more than once; None is all of them."""
