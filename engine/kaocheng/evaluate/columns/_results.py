"""The one order of rows in results: unknown first, then natural order, lists item by item."""

from __future__ import annotations

from collections.abc import Iterable

from kaocheng.language.schema import Relation

Values = tuple[object, ...]


def sorted_rows(rows: Iterable[Values], relation: Relation) -> list[Values]:
    """Rows in the order of the relation's key, equal keys in the order of the whole row."""
    places = [relation.index(column) for column in relation.key]

    def order(row: Values) -> Values:
        return (*(_place(row[index]) for index in places), *map(_place, row))

    return sorted(rows, key=order)


def _place(value: object) -> Values:
    """What stands for a value in comparisons, which None has none of its own."""
    if value is None:
        return (0,)
    return (1, tuple(map(_place, value)) if isinstance(value, tuple) else value)
