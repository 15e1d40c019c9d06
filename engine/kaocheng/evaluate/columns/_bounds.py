"""How large a value can be: arithmetic that cannot overflow needs no guard.

Dates and instants lie in the years 1 to 9999, are NEVER, or unknown: facts hold no others, and no
operation makes any. All other numbers may take any 64-bit value unless the operation says less.
"""

from __future__ import annotations

from collections.abc import Callable

from kaocheng.calendars.numberline import (
    DAY,
    FIRST_DAY,
    FIRST_INSTANT,
    LAST_INSTANT,
    NEVER,
)
from kaocheng.language.expressions import Call, Expr, Literal
from kaocheng.language.types import DATE, INSTANT

LEAST, MOST = -(2**63), 2**63 - 1
Bounds = tuple[int, int]
ANY: Bounds = (LEAST, MOST)

_MANY = 2**40  # more than any text or list holds
_FIXED: dict[str, Bounds] = {
    "year": (1, 9999),
    "month": (1, 12),
    "day": (1, 31),
    "weekday": (1, 7),
    "rank": (0, _MANY),
    "length": (0, _MANY),
    "size": (0, _MANY),
    "diff": (FIRST_INSTANT - LAST_INSTANT, LAST_INSTANT - FIRST_INSTANT),
    "seconds": (FIRST_INSTANT // 10**6, LAST_INSTANT // 10**6),
    "_utc_offset": (-2 * DAY, 2 * DAY),
    "_local_offset": (-2 * DAY, 2 * DAY),
    "_month_of": (0, 12 * 10_000),
    "_working_days_before": (0, _MANY),
    "_working_days_until": (0, _MANY),
    "_time_of_wall": (0, DAY),
}


def bounds(expr: Expr) -> Bounds:
    """The least and the greatest value of a number or time."""
    if isinstance(expr, Literal):
        value = expr.value if isinstance(expr.value, int) else 0
        return (value, value)
    if isinstance(expr, Call):
        found = _FIXED.get(expr.op)
        if found is not None:
            return found
        combined = _COMBINED.get(expr.op)
        if combined is not None:
            return _inside(combined(*map(bounds, expr.args)))
        if expr.op == "if":
            return _union(*map(bounds, expr.args[1:]))
    return _of_type(expr)


def raw_bounds(expr: Call) -> Bounds:
    """What a sum, difference, product or negative can be before it is known to fit."""
    return _COMBINED[expr.op](*map(bounds, expr.args))


def fits(found: Bounds) -> bool:
    """Whether all values are 64-bit numbers."""
    return found[0] >= LEAST and found[1] <= MOST


def _of_type(expr: Expr) -> Bounds:
    if expr.type == DATE:
        return (FIRST_DAY, NEVER)
    return (FIRST_INSTANT, NEVER) if expr.type == INSTANT else ANY


def _inside(found: Bounds) -> Bounds:
    # Past 64 bits a result is unknown and no value at all.
    return (min(max(found[0], LEAST), MOST), max(min(found[1], MOST), LEAST))


def _union(a: Bounds, b: Bounds) -> Bounds:
    return (min(a[0], b[0]), max(a[1], b[1]))


def _add(a: Bounds, b: Bounds) -> Bounds:
    return (a[0] + b[0], a[1] + b[1])


def _sub(a: Bounds, b: Bounds) -> Bounds:
    return (a[0] - b[1], a[1] - b[0])


def _mul(a: Bounds, b: Bounds) -> Bounds:
    products = [x * y for x in a for y in b]
    return (min(products), max(products))


def _neg(a: Bounds) -> Bounds:
    return (-a[1], -a[0])


_COMBINED: dict[str, Callable[..., Bounds]] = {"add": _add, "sub": _sub, "mul": _mul, "neg": _neg}
ARITHMETIC = frozenset(_COMBINED)
"""The operations that need a guard unless they cannot overflow."""
