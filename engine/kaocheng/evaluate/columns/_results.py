"""The one order of rows in results: unknown first, then natural order, lists item by item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kaocheng.language.schema import Relation
from kaocheng.language.types import ListOf

Values = tuple[object, ...]


def sorted_rows(rows: Sequence[Values], relation: Relation) -> list[Values]:
    """Rows in the order of the relation's key, equal keys in the order of the whole row."""
    if not rows:
        return []
    columns = dict(zip(relation.columns, zip(*rows, strict=True), strict=True))
    keys = _orders(relation, {name: columns[name] for name in relation.key or columns})
    if len(set(keys)) < len(rows):
        keys = [(*k, *rest) for k, rest in zip(keys, _orders(relation, columns), strict=True)]
    return [rows[place] for place in sorted(range(len(rows)), key=keys.__getitem__)]


def _orders(relation: Relation, columns: Mapping[str, Values]) -> list[Values]:
    """What stands for each row in comparisons: values as they are where a column knows all."""
    orders = (
        map(_place, values)
        if isinstance(relation.columns[name], ListOf) or None in values
        else values
        for name, values in columns.items()
    )
    return list(zip(*orders, strict=True))


def _place(value: object) -> Values:
    """What stands for a value in comparisons, which None has none of its own."""
    if value is None:
        return (0,)
    return (1, tuple(map(_place, value)) if isinstance(value, tuple) else value)
