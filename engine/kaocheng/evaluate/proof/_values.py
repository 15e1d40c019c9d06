"""Symbolic values: a value and whether it is unknown, with Kleene's three-valued logic.

What `value` is where `unknown` holds has no meaning, and nothing may come to depend on it.
"""

from __future__ import annotations

from collections.abc import Iterable

import z3
from attrs import frozen

INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1


@frozen(eq=False)
class Symbol:
    """One symbolic value on the number line, a truth value or a string."""

    value: z3.ExprRef
    unknown: z3.BoolRef


@frozen(eq=False)
class Bag:
    """A symbolic list of bounded length: items in order, each with whether it is there."""

    items: tuple[tuple[z3.BoolRef, Symbol], ...]
    unknown: z3.BoolRef


def yes() -> z3.BoolRef:
    """The truth value that always holds."""
    return z3.BoolVal(val=True)


def no() -> z3.BoolRef:
    """The truth value that never holds."""
    return z3.BoolVal(val=False)


def known(value: z3.ExprRef) -> Symbol:
    """A value that is certainly known."""
    return Symbol(value, no())


def number(value: int) -> Symbol:
    """A whole number."""
    return known(z3.IntVal(value))


def any_of(bits: Iterable[z3.BoolRef]) -> z3.BoolRef:
    """Whether any holds, without the ones that plainly do not."""
    kept = [bit for bit in bits if not z3.is_false(bit)]
    if any(z3.is_true(bit) for bit in kept):
        return yes()
    return z3.Or(kept) if len(kept) > 1 else (kept or [no()])[0]


def all_of(bits: Iterable[z3.BoolRef]) -> z3.BoolRef:
    """Whether all hold, without the ones that plainly do."""
    kept = [bit for bit in bits if not z3.is_true(bit)]
    if any(z3.is_false(bit) for bit in kept):
        return no()
    return z3.And(kept) if len(kept) > 1 else (kept or [yes()])[0]


def not_(bit: z3.BoolRef) -> z3.BoolRef:
    """The contrary."""
    if z3.is_true(bit) or z3.is_false(bit):
        return z3.BoolVal(z3.is_false(bit))
    return z3.Not(bit)


def pick(condition: z3.BoolRef, then: z3.ExprRef, otherwise: z3.ExprRef) -> z3.ExprRef:
    """One of two values, decided at once where the condition is a constant."""
    if z3.is_true(condition):
        return then
    if z3.is_false(condition):
        return otherwise
    return z3.If(condition, then, otherwise)


def choose(condition: z3.BoolRef, then: Symbol, otherwise: Symbol) -> Symbol:
    """One of two symbols by a condition that is certainly known."""
    return Symbol(
        pick(condition, then.value, otherwise.value),
        pick(condition, then.unknown, otherwise.unknown),
    )


def is_true(symbol: Symbol) -> z3.BoolRef:
    """Whether a truth value is known and true."""
    return all_of((not_(symbol.unknown), symbol.value))


def is_false(symbol: Symbol) -> z3.BoolRef:
    """Whether a truth value is known and false."""
    return all_of((not_(symbol.unknown), not_(symbol.value)))


def both(symbols: Iterable[Symbol]) -> Symbol:
    """Kleene's conjunction."""
    parts = tuple(symbols)
    false = any_of(is_false(part) for part in parts)
    unknown = all_of((any_of(part.unknown for part in parts), not_(false)))
    return Symbol(not_(false), unknown)


def either(symbols: Iterable[Symbol]) -> Symbol:
    """Kleene's disjunction."""
    parts = tuple(symbols)
    true = any_of(is_true(part) for part in parts)
    unknown = all_of((any_of(part.unknown for part in parts), not_(true)))
    return Symbol(true, unknown)


def strict(value: z3.ExprRef, arguments: Iterable[Symbol], *errors: z3.BoolRef) -> Symbol:
    """A value that is unknown where an argument is, or where one of the errors happens."""
    return Symbol(value, any_of((*(argument.unknown for argument in arguments), *errors)))


def bounded(value: z3.ExprRef, arguments: Iterable[Symbol], *errors: z3.BoolRef) -> Symbol:
    """A whole number that is unknown where it does not fit into 64 bits."""
    if z3.is_int_value(value) and INT64_MIN <= value.as_long() <= INT64_MAX:
        return strict(value, arguments, *errors)
    return strict(value, arguments, outside(value, INT64_MIN, INT64_MAX), *errors)


def outside(value: z3.ExprRef, low: int, high: int) -> z3.BoolRef:
    """Whether a number lies below `low` or above `high`."""
    return z3.Or(value < low, value > high)


def inside(value: z3.ExprRef, low: int, high: int) -> z3.BoolRef:
    """Whether a number lies between `low` and `high`, both included."""
    return z3.And(value >= low, value <= high)
