"""Lists written out: all items as one type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaocheng.language.cel import codes, words
from kaocheng.language.cel.fitting import number, scale
from kaocheng.language.expressions import Expr, Items
from kaocheng.language.types import ListOf, Type, is_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kaocheng.language.cel.check import Checker
    from kaocheng.language.cel.tree import Listing


def listing(checker: Checker, node: Listing) -> Expr | None:
    """The list with its items fitted to the one type that they have in common."""
    if not node.items:
        checker.report(codes.EMPTY_LIST, node)
        return None
    checked = [checker.value(item) for item in node.items]
    items = [item for item in checked if item is not None]
    if len(items) < len(checked):
        return None
    type_ = _common(checker, items)
    if isinstance(type_, ListOf):
        checker.report(codes.NESTED_LIST, node)
        return None
    fitted = None if type_ is None else [checker.fitting.fit(item, type_) for item in items]
    if type_ is None or fitted is None or None in fitted:
        return None
    whole = tuple(item for item in fitted if item is not None)
    return Items(type=ListOf(type_), span=checker.span(node), items=whole)


def _common(checker: Checker, items: Sequence[Expr]) -> Type | None:
    """The type that all items fit; None when there is none, which is reported."""
    fits, types = checker.fitting.fits, [item.type for item in items]
    if all(map(is_number, types)):
        return number(max(map(scale, types)))
    for type_ in dict.fromkeys(types):
        if all(fits(item, type_) for item in items):
            return type_
    odd = next(item for item in items if not fits(item, types[0]))
    values = {"left": words.describe(types[0]), "right": words.describe(odd.type)}
    checker.reports.add(codes.ITEMS, odd.span, **values)
    return None
