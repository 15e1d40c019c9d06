"""Lists in the core: filtered, mapped, and brought down to one value.

A list written out becomes plain operations on its items; every other one a `Reduced` node. A
`filter` whose condition is unknown for an item makes the whole list unknown, so conditions are
kept with the items until something asks for the list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import attrs
from attrs import evolve

from kaocheng.evaluate.columns._nodes import (
    FALSE,
    LISTINGS,
    TRUE,
    Behind,
    ListChoice,
    Listing,
    Meaning,
    Reduced,
    Rooted,
    RowChoice,
    RowOf,
    Written,
    both,
    call,
    number,
    when,
)
from kaocheng.evaluate.columns._setting import unsupported
from kaocheng.language.expressions import Expr, Literal, Variable
from kaocheng.language.types import BOOL, INT, ListOf, Row, Type

OPERATIONS = frozenset({"size", "earliest", "latest", "min", "max", "sum"})
# What is not about the items' values: the item may then be a row.
_OF_BODY = frozenset({"size", "exists", "all", "exists_one"})

Body = Callable[[Meaning], Expr]
_Part = Any  # a meaning, or a part of one of whatever type


def filtered(items: Listing, body: Body) -> Listing:
    """Those items for which `body` holds."""
    if isinstance(items, ListChoice):
        return ListChoice(items.condition, filtered(items.yes, body), filtered(items.no, body))
    if isinstance(items, Written):
        return Written(tuple((_kept(keep, body(item)), item) for keep, item in items.pieces))
    return evolve(items, keep=_kept(items.keep or TRUE, body(items.item)))


def mapped(items: Listing, body: Callable[[Meaning], Meaning]) -> Listing:
    """What `body` makes of each item."""
    if isinstance(items, ListChoice):
        return ListChoice(items.condition, mapped(items.yes, body), mapped(items.no, body))
    if isinstance(items, Written):
        return Written(tuple((keep, body(item)) for keep, item in items.pieces))
    return evolve(items, item=body(items.item))


def chosen(condition: Expr, yes: Listing, no: Listing) -> Listing:
    """One of two lists; those behind the same link become one that is looked for elsewhere."""
    if not isinstance(yes, Rooted) or not isinstance(no, Rooted):
        return ListChoice(condition, yes, no)
    a, b = yes.root, no.root
    same_item = yes.variable == no.variable and yes.item == no.item
    if not same_item or not isinstance(a, Behind) or not isinstance(b, Behind):
        return ListChoice(condition, yes, no)
    if evolve(a, keys=b.keys, period=b.period) != b:
        return ListChoice(condition, yes, no)
    keys, period = (
        tuple(when(condition, x, y) for x, y in zip(ours, theirs, strict=True))
        for ours, theirs in ((a.keys, b.keys), (a.period, b.period))
    )
    keep = None
    if yes.keep is not None or no.keep is not None:
        keep = when(condition, yes.keep or TRUE, no.keep or TRUE)
    return evolve(yes, root=evolve(a, keys=keys, period=period), keep=keep)


def reduced(how: str, items: Listing, type_: Type, body: Body | None = None) -> Expr:
    """One value for all items."""
    if isinstance(items, ListChoice):
        yes, no = (reduced(how, side, type_, body) for side in (items.yes, items.no))
        return when(items.condition, yes, no)
    if isinstance(items, Written):
        return _written(how, items, type_, body)
    return Reduced(
        how=how,
        root=items.root,
        variable=items.variable,
        item=TRUE if how in _OF_BODY else one_value(items.item),
        keep=items.keep,
        body=None if body is None else body(items.item),
        type=type_,
    )


def collected(items: Listing, type_: Type) -> Expr:
    """The list as a list column."""
    if isinstance(items, ListChoice):
        return when(items.condition, collected(items.yes, type_), collected(items.no, type_))
    if isinstance(items, Written):
        arguments = [e for keep, item in items.pieces for e in (keep, one_value(item))]
        return _all_known(items, call("_collected", type_, *arguments))
    if items.keep is None and _is_item(items):
        return items.root
    return reduced("collect", items, type_)


def _is_item(items: Rooted) -> bool:
    """Whether the list is its list column as it stands."""
    type_ = items.root.type
    plain = isinstance(items.item, Variable) and items.item.name == items.variable
    return plain and isinstance(type_, ListOf) and not isinstance(type_.item, Row)


def plain_values(items: Listing) -> tuple[Literal, ...] | None:
    """The items of a list written out that are all known literals; None for any other list."""
    if not isinstance(items, Written) or not items.pieces:
        return None
    found = tuple(
        item
        for keep, item in items.pieces
        if keep == TRUE and isinstance(item, Literal) and item.value is not None
    )
    return found if len(found) == len(items.pieces) else None


def one_value(item: Meaning) -> Expr:
    """An item that is one value, and neither a row nor a list."""
    if not isinstance(item, Expr) or isinstance(item.type, (Row, ListOf)):
        raise unsupported(
            "list",
            "its items are rows or lists and not single values",
            zh="其各项是行或清单，而非单个值",
        )
    return item


def _kept(keep: Expr, condition: Expr) -> Expr:
    # Not a conjunction: an item that an earlier filter cannot decide leaves the list unknown,
    # whatever a later one says.
    return condition if keep == TRUE else when(keep, condition, FALSE)


# Lists written out --------------------------------------------------------------------------


def _written(how: str, items: Written, type_: Type, body: Body | None) -> Expr:
    if how in _TESTS:
        if body is None:
            raise unsupported(how, "it has no condition", zh="它没有条件")
        tests = [(keep, body(item)) for keep, item in items.pieces]
        return _all_known(items, _TESTS[how](tests))
    if how == "size":
        return _all_known(items, _count([keep for keep, _ in items.pieces]))
    if how == "sum":
        zero = number(0, type_)
        kept = [when(keep, one_value(item), zero) for keep, item in items.pieces]
        return call("_total", type_, *kept) if kept else zero
    arguments = [e for keep, item in items.pieces for e in (keep, one_value(item))]
    return _all_known(items, call(f"_{how}_of", type_, *arguments))


def _all_known(items: Written, value: Expr) -> Expr:
    """The value, but unknown where one of the conditions on the items is."""
    conditions = [keep for keep, _ in items.pieces if keep != TRUE]
    known = reduce(
        both, (call("or", BOOL, keep, call("not", BOOL, keep)) for keep in conditions), TRUE
    )
    return when(known, value)


def _exists(tests: Sequence[tuple[Expr, Expr]]) -> Expr:
    hits = [both(keep, holds) for keep, holds in tests]
    return reduce(lambda a, b: call("or", BOOL, a, b), hits) if hits else FALSE


def _all(tests: Sequence[tuple[Expr, Expr]]) -> Expr:
    hits = [
        holds if keep == TRUE else call("or", BOOL, call("not", BOOL, keep), holds)
        for keep, holds in tests
    ]
    return reduce(both, hits, TRUE)


def _exists_one(tests: Sequence[tuple[Expr, Expr]]) -> Expr:
    count = _count([when(keep, holds, FALSE) for keep, holds in tests])
    return call("eq", BOOL, count, number(1))


def _count(conditions: Sequence[Expr]) -> Expr:
    ones = [when(c, number(1), number(0)) for c in conditions]
    return reduce(lambda a, b: call("add", INT, a, b), ones) if ones else number(0)


_TESTS: dict[str, Callable[[Sequence[tuple[Expr, Expr]]], Expr]] = {
    "exists": _exists,
    "all": _all,
    "exists_one": _exists_one,
}


# Variables ----------------------------------------------------------------------------------


def free_variable(bound: frozenset[str]) -> str:
    """A variable for items that is not among those bound."""
    count = 0
    while f"item {count}" in bound:
        count += 1
    return f"item {count}"


def variables(items: Listing) -> frozenset[str]:
    """The variables that stand for the items of a list."""
    if isinstance(items, Rooted):
        return frozenset({items.variable})
    if isinstance(items, ListChoice):
        return variables(items.yes) | variables(items.no)
    return frozenset()


def apart(items: Listing, bound: frozenset[str], fresh: Callable[[str], str]) -> Listing:
    """The list with variables for its items that are not among those bound."""
    for old in variables(items) & bound:
        items = _renamed(items, old, fresh("item"))
    return items


def _renamed(thing: _Part, old: str, new: str) -> _Part:
    """A meaning with one variable under another name."""
    if isinstance(thing, Variable):
        return evolve(thing, name=new) if thing.name == old else thing
    if isinstance(thing, tuple):
        return tuple(_renamed(part, old, new) for part in thing)
    if isinstance(thing, RowOf):
        columns = {name: _renamed(part, old, new) for name, part in thing.columns.items()}
        return evolve(thing, columns=columns, there=_renamed(thing.there, old, new))
    if isinstance(thing, (Reduced, Rooted)) and thing.variable == old:
        thing = evolve(thing, variable=new)
    if isinstance(thing, (Expr, RowChoice, *LISTINGS)):
        return _rebuilt(thing, old, new)
    return thing


def _rebuilt(thing: _Part, old: str, new: str) -> _Part:
    parts = {
        field.name: getattr(thing, field.name)
        for field in attrs.fields(type(thing))
        if field.init and field.name not in {"type", "span"}
    }
    return evolve(thing, **{name: _renamed(part, old, new) for name, part in parts.items()})
