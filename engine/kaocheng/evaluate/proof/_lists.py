"""Lists of bounded length: what is asked of them, and the macros over them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import z3

from kaocheng.calendars.numberline import NEVER
from kaocheng.evaluate.proof._numbers import same
from kaocheng.evaluate.proof._values import (
    Bag,
    Symbol,
    all_of,
    any_of,
    bounded,
    either,
    is_true,
    no,
    not_,
    number,
    pick,
    strict,
    yes,
)

Item = tuple[z3.BoolRef, Symbol]


def literal_list(items: tuple[Symbol, ...]) -> Bag:
    """A list written out."""
    return Bag(tuple((yes(), item) for item in items), no())


def contains(value: Symbol, bag: Bag) -> Symbol:
    """Whether one of the items is the value; an empty list has none, whatever the value."""
    found = either(_when(there, same(value, item)) for there, item in bag.items)
    return Symbol(found.value, any_of((bag.unknown, found.unknown)))


def exists(bag: Bag, body: Callable[[Symbol], Symbol]) -> Symbol:
    """Whether the body holds for any item."""
    found = either(_when(there, body(item)) for there, item in bag.items)
    return Symbol(found.value, any_of((bag.unknown, found.unknown)))


def every(bag: Bag, body: Callable[[Symbol], Symbol]) -> Symbol:
    """Whether the body holds for all items."""
    failed = exists(bag, lambda item: _negated(body(item)))
    return _negated(failed)


def exists_one(bag: Bag, body: Callable[[Symbol], Symbol]) -> Symbol:
    """Whether the body holds for exactly one item; unknown if it is unknown for any."""
    return strict(size(chosen(bag, body)).value == 1, (_as_symbol(chosen(bag, body)),))


def chosen(bag: Bag, body: Callable[[Symbol], Symbol]) -> Bag:
    """The items for which the body holds; unknown as a whole if it is unknown for any."""
    tests = tuple((there, item, body(item)) for there, item in bag.items)
    unknown = any_of((bag.unknown, *(all_of((there, test.unknown)) for there, _, test in tests)))
    return Bag(
        tuple((all_of((there, is_true(test))), item) for there, item, test in tests), unknown
    )


def mapped(bag: Bag, body: Callable[[Symbol], Symbol]) -> Bag:
    """The body's value for each item."""
    return Bag(tuple((there, body(item)) for there, item in bag.items), bag.unknown)


def size(bag: Bag) -> Symbol:
    """How many items there are."""
    ones = [pick(there, z3.IntVal(1), z3.IntVal(0)) for there, _ in bag.items]
    return Symbol(z3.Sum(ones) if ones else z3.IntVal(0), bag.unknown)


def total(bag: Bag) -> Symbol:
    """The sum; 0 for an empty list."""
    parts = [pick(there, item.value, z3.IntVal(0)) for there, item in bag.items]
    value = z3.Sum(parts) if parts else z3.IntVal(0)
    return bounded(value, (_strict_list(bag),))


def earliest(bag: Bag) -> Symbol:
    """The first of some times; never for none."""
    return Symbol(_extreme(bag, least=True, empty=NEVER), _strict_list(bag).unknown)


def least(bag: Bag) -> Symbol:
    """The least of some numbers; unknown for none."""
    return strict(_extreme(bag, least=True, empty=0), (_strict_list(bag),), _empty(bag))


def greatest(bag: Bag) -> Symbol:
    """The greatest of some numbers or the last of some times; unknown for none."""
    return strict(_extreme(bag, least=False, empty=0), (_strict_list(bag),), _empty(bag))


def _extreme(bag: Bag, *, least: bool, empty: int) -> z3.ArithRef:
    best, seen = z3.IntVal(empty), no()
    for there, item in bag.items:
        better = item.value < best if least else item.value > best
        best = pick(all_of((there, any_of((not_(seen), better)))), item.value, best)
        seen = any_of((seen, there))
    return best


def _empty(bag: Bag) -> z3.BoolRef:
    return not_(any_of(there for there, _ in bag.items))


def _strict_list(bag: Bag) -> Symbol:
    """Carries what makes the list, or any item of it, unknown."""
    items = (all_of((there, item.unknown)) for there, item in bag.items)
    return Symbol(number(0).value, any_of((bag.unknown, *items)))


def _as_symbol(bag: Bag) -> Symbol:
    return Symbol(number(0).value, bag.unknown)


def _when(there: z3.BoolRef, test: Symbol) -> Symbol:
    """A test that is false where its item is not there."""
    return Symbol(all_of((there, test.value)), all_of((there, test.unknown)))


def _negated(test: Symbol) -> Symbol:
    return Symbol(not_(test.value), test.unknown)


AGGREGATES: Mapping[str, Callable[[Bag], Symbol]] = MappingProxyType(
    {
        "size": size,
        "sum": total,
        "earliest": earliest,
        "latest": greatest,
        "min": least,
        "max": greatest,
    }
)
"""Operations on one list."""

TESTS: Mapping[str, Callable[[Bag, Callable[[Symbol], Symbol]], Symbol]] = MappingProxyType(
    {"exists": exists, "all": every, "exists_one": exists_one}
)
"""Macros that yield a truth value."""

BAGS: Mapping[str, Callable[[Bag, Callable[[Symbol], Symbol]], Bag]] = MappingProxyType(
    {"filter": chosen, "map": mapped}
)
"""Macros that yield a list."""
