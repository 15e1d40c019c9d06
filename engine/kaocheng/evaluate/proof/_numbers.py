"""Arithmetic on whole and scaled numbers: exact, and unknown where 64 bits do not hold it.

Division here is what the language means by it, truncating or rounding as it says; the
solver's own is Euclidean, and divides by what is known to be positive only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import z3

from kaocheng.evaluate.proof._values import (
    INT64_MIN,
    Symbol,
    bounded,
    not_,
    pick,
    strict,
)
from kaocheng.language.expressions import Call
from kaocheng.language.types import Decimal, Type

_Numeric = Callable[[Call, tuple[Symbol, ...]], Symbol]


def _add(_: Call, args: tuple[Symbol, ...]) -> Symbol:
    return bounded(args[0].value + args[1].value, args)


def _sub(_: Call, args: tuple[Symbol, ...]) -> Symbol:
    return bounded(args[0].value - args[1].value, args)


def _mul(_: Call, args: tuple[Symbol, ...]) -> Symbol:
    return bounded(args[0].value * args[1].value, args)


def _neg(_: Call, args: tuple[Symbol, ...]) -> Symbol:
    return strict(-args[0].value, args, args[0].value == INT64_MIN)


def _mod(_: Call, args: tuple[Symbol, ...]) -> Symbol:
    a, b = args[0].value, args[1].value
    rest = size(a) % size(b)
    return strict(pick(a < 0, -rest, rest), args, b == 0)


def _rescale(call: Call, args: tuple[Symbol, ...]) -> Symbol:
    return bounded(args[0].value * 10 ** (scale(call.type) - scale(call.args[0].type)), args)


def _started(_: Call, args: tuple[Symbol, ...]) -> Symbol:
    a, b = args[0].value, args[1].value
    return strict(-((-a) / b), args, b <= 0)


def _whole(_: Call, args: tuple[Symbol, ...]) -> Symbol:
    a, b = args[0].value, args[1].value
    return strict(a / b, args, b <= 0)


def _ratio(call: Call, args: tuple[Symbol, ...]) -> Symbol:
    a, b, _ = args
    shift = scale(call.type) + scale(call.args[1].type) - scale(call.args[0].type)
    above = a.value * 10 ** max(0, shift)
    below = b.value * 10 ** max(0, -shift)
    return bounded(_rounded(above, below), (a, b), b.value == 0)


def _round(call: Call, args: tuple[Symbol, ...]) -> Symbol:
    shift = scale(call.type) - scale(call.args[0].type)
    if shift >= 0:
        return bounded(args[0].value * 10**shift, args[:1])
    return bounded(_rounded(args[0].value, z3.IntVal(10**-shift)), args[:1])


def _rounded(a: z3.ArithRef, b: z3.ArithRef) -> z3.ArithRef:
    """A quotient rounded half away from zero."""
    quotient = (2 * size(a) + size(b)) / (2 * size(b))
    return pick((a < 0) != (b < 0), -quotient, quotient)


def size(value: z3.ArithRef) -> z3.ArithRef:
    """The number without its sign."""
    if z3.is_int_value(value):
        return z3.IntVal(abs(value.as_long()))
    return z3.If(value < 0, -value, value)


def scale(type_: Type) -> int:
    """The decimal places of a number type; whole numbers have none."""
    return type_.scale if isinstance(type_, Decimal) else 0


def _eq(_: Call, args: tuple[Symbol, ...]) -> Symbol:
    return same(*args)


def _ne(_: Call, args: tuple[Symbol, ...]) -> Symbol:
    equal = same(*args)
    return Symbol(not_(equal.value), equal.unknown)


def same(a: Symbol, b: Symbol) -> Symbol:
    """Whether two values are equal."""
    return strict(a.value == b.value, (a, b))


def _lt(_: Call, args: tuple[Symbol, ...]) -> Symbol:
    return strict(args[0].value < args[1].value, args)


def _le(_: Call, args: tuple[Symbol, ...]) -> Symbol:
    return strict(args[0].value <= args[1].value, args)


def _gt(_: Call, args: tuple[Symbol, ...]) -> Symbol:
    return strict(args[0].value > args[1].value, args)


def _ge(_: Call, args: tuple[Symbol, ...]) -> Symbol:
    return strict(args[0].value >= args[1].value, args)


NUMERIC: Mapping[str, _Numeric] = MappingProxyType(
    {
        "add": _add,
        "sub": _sub,
        "mul": _mul,
        "neg": _neg,
        "mod": _mod,
        "rescale": _rescale,
        "started": _started,
        "whole": _whole,
        "ratio": _ratio,
        "round": _round,
        "eq": _eq,
        "ne": _ne,
        "lt": _lt,
        "le": _le,
        "gt": _gt,
        "ge": _ge,
    }
)
"""Operations that need nothing but their arguments and types."""
