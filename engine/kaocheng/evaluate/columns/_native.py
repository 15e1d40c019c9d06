"""What the database is asked to do beyond plain Ibis: the only place that names its functions.

All numbers are 64-bit. Integer literals are cast, because Ibis types a small literal as 8 bits
and the database as 32; integer division and remainder are the database's own, because Ibis writes
`//` as a division of floats; arithmetic that may overflow stands inside `try`, which turns the error
into NULL instead of ending the query. Failing rows are slow there (some microseconds each), so what
fails often, `NEVER` above all, is tested for before.
"""  # noqa: E501

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import reduce

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from kaocheng.language.types import BOOL, DATE, DURATION, INSTANT, ListOf, Type, is_number

_SMALL = 2**31
# A 128-bit integer. Ibis has no name for one; a wide decimal is the nearest it can express.
_WIDE = dt.Decimal(38, 0)
_EPOCH = (1970, 1, 1)


def _stub(count: int) -> Callable[..., None]:
    """A function of so many parameters, which stands for one of the database."""

    def stub() -> None: ...

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [inspect.Parameter(f"a{i}", kind) for i in range(count)]
    stub.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return stub


def _builtin(name: str, result: dt.DataType, *arguments: dt.DataType) -> Callable[..., ir.Value]:
    """A function of the database, by name."""
    made: Callable[..., ir.Value] = ibis.udf.scalar.builtin(
        _stub(len(arguments)), name=name, signature=(arguments, result)
    )
    return made


_INT, _DAY, _TEXT = dt.int64, dt.date, dt.string
_try = _builtin("try", _INT, _INT)
# The optimizer takes an expression that occurs twice out of its guards. So guarded arithmetic is
# written with functions, which it does not take for the operators that stand unguarded, and every
# function has a guard of its own.
_add = _builtin("add", _INT, _INT, _INT)
_subtract = _builtin("subtract", _INT, _INT, _INT)
_multiply = _builtin("multiply", _INT, _INT, _INT)
divide = _builtin("divide", _INT, _INT, _INT)
"""The quotient cut off towards zero."""
modulo = _builtin("mod", _INT, _INT, _INT)
"""The remainder with the sign of the first; an error for the least number by -1."""
_make_date = _builtin("make_date", _DAY, _INT, _INT, _INT)
_add_to_date = _builtin("add", _DAY, _DAY, dt.int32)
_last_of_month = _builtin("last_day", _DAY, _DAY)
_days_between = _builtin("subtract", _INT, _DAY, _DAY)
_strftime = _builtin("strftime", _TEXT, _DAY, _TEXT)
_lpad = _builtin("lpad", _TEXT, _TEXT, dt.int32, _TEXT)
variable = _builtin("getvariable", _INT, _TEXT)
"""A variable of the database; it must be set to a 64-bit number."""
_factorial = _builtin("factorial", _WIDE, dt.int32)
_wide_add = _builtin("add", _WIDE, _WIDE, _WIDE)
_wide_multiply = _builtin("multiply", _WIDE, _WIDE, _WIDE)
_wide_divide = _builtin("divide", _WIDE, _WIDE, _WIDE)


def dtype(type_: Type) -> dt.DataType:
    """How the values of a type are stored."""
    if isinstance(type_, ListOf):
        return dt.Array(dtype(type_.item))
    if type_ == BOOL:
        return dt.boolean
    return dt.int64 if is_number(type_) or type_ in {DATE, INSTANT, DURATION} else dt.string


def nothing(type_: dt.DataType | str) -> ir.Value:
    """An unknown value.

    It is not a NULL literal, because Ibis turns a comparison with one into a test for NULL.
    """
    kind = dt.dtype(type_)
    if kind.is_array():
        return ibis.literal("").try_cast(kind)
    some = integer(0) if kind.is_integer() else ibis.literal(kind.is_boolean() or "")
    return some.nullif(some)


def integer(value: int) -> ir.Value:
    """A 64-bit literal."""
    if -_SMALL <= value < _SMALL:
        return ibis.literal(value, "int32").cast("int64")
    return ibis.literal(value, "int64")


def literal(value: object, type_: Type) -> ir.Value:
    """A literal of the number line; None is NULL."""
    if value is None:
        return nothing(dtype(type_))
    if isinstance(value, tuple) and isinstance(type_, ListOf):
        return ibis.literal(list(value), dtype(type_))
    if isinstance(value, int) and not isinstance(value, bool):
        return integer(value)
    return ibis.literal(value)


def plus(a: ir.Value, b: ir.Value) -> ir.Value:
    """The sum, or NULL where it overflows."""
    return _try(_add(a, b))


def minus(a: ir.Value, b: ir.Value) -> ir.Value:
    """The difference, or NULL where it overflows."""
    return _try(_subtract(a, b))


def times(a: ir.Value, b: ir.Value) -> ir.Value:
    """The product, or NULL where it overflows."""
    return _try(_multiply(a, b))


def decided(condition: ir.Value, *, otherwise: bool) -> ir.Value:
    """The condition, or `otherwise` where it is unknown."""
    return ibis.coalesce(condition, ibis.literal(otherwise))


def negated(condition: ir.Value) -> ir.Value:
    """The contrary of a condition.

    It is no `NOT`, because Ibis writes that without parentheses where it is an operand, and the
    database then takes `NOT a IS NULL` for `NOT (a IS NULL)`, and `NOT a IN b` alike.
    """
    return condition == ibis.literal(value=False)


# Sums and quotients in 128 bits -------------------------------------------------------------


def _wide(value: ir.Value) -> ir.Value:
    # The factorial of 0 is the 128-bit number 1, which makes what it multiplies 128 bits wide.
    return _wide_multiply(_factorial(ibis.literal(0, "int32")), value)


def narrowed(value: ir.Value) -> ir.Value:
    """A 128-bit number in 64 bits, or NULL where it does not fit."""
    if value.type() == dt.int64:
        # Ibis takes the sum of 64-bit numbers for one itself and would leave the cast out.
        value = _wide_add(value, integer(0))
    return value.try_cast("int64")


def total(values: Sequence[ir.Value]) -> ir.Value:
    """The sum of some numbers, NULL where one is or where it does not fit into 64 bits."""
    return narrowed(reduce(_wide_add, values[1:], _wide(values[0])))


wide_sum: Callable[..., ir.Value] = ibis.udf.agg.builtin(
    _stub(1), name="sum", signature=((_INT,), _WIDE)
)
"""The 128-bit sum of a group; NULL for none."""


def rounded_quotient(a: ir.Value, above: int, b: ir.Value, below: int) -> ir.Value:
    """`a * above / (b * below)` rounded half away from zero, NULL for b = 0; both are columns."""
    twice = _wide_multiply(_wide(a), integer(2 * above))
    # Twice the quotient, cut off, shows on which side of a half the quotient lies.
    halves = _wide_divide(twice, _wide_multiply(_wide(b), integer(below)))
    away = ibis.ifelse((a < 0) == (b < 0), integer(1), integer(-1))
    return narrowed(_wide_divide(_wide_add(halves, away), integer(2)))


# Dates --------------------------------------------------------------------------------------


def as_date(days: ir.Value) -> ir.Value:
    """The date of a day number, which must not be NEVER."""
    return _add_to_date(_make_date(*map(integer, _EPOCH)), days.cast("int32"))


def month_start(index: ir.Value) -> ir.Value:
    """The date on which a month begins, counted from January of the year 0."""
    twelve = integer(12)
    return _make_date(divide(index, twelve), modulo(index, twelve) + 1, integer(1))


def month_end(index: ir.Value) -> ir.Value:
    """The date on which a month counted from January of the year 0 ends."""
    return _last_of_month(month_start(index))


def day_number(date: ir.Value) -> ir.Value:
    """The day number of a date."""
    return _days_between(date, _make_date(*map(integer, _EPOCH)))


def month_index(date: ir.Value) -> ir.Value:
    """The month of a date, counted from January of the year 0."""
    return date.year().cast("int64") * 12 + date.month() - 1


def iso_week(date: ir.Value) -> ir.Value:
    """The ISO 8601 name of a date's week, `2009-W10`."""
    return _strftime(date, ibis.literal("%G-W%V"))


def padded(number: ir.Value, width: int) -> ir.Value:
    """A number that is not negative, in at least `width` digits."""
    text = number.cast("string")
    filled = _lpad(text, ibis.literal(width, "int32"), ibis.literal("0"))
    return ibis.ifelse(number < 10**width, filled, text)


def iso_date(date: ir.Value) -> ir.Value:
    """A date as `2009-03-02`."""
    return _strftime(date, ibis.literal("%Y-%m-%d"))
