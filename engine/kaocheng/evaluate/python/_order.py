"""The one order of rows: unknown first, then natural order, lists item by item."""

from __future__ import annotations

from collections.abc import Iterable

from kaocheng.evaluate.python._primitives import Row
from kaocheng.language.schema import Relation


def place(value: object) -> tuple[object, ...]:
    """What stands for a value in comparisons, which None has none of its own."""
    if value is None:
        return (0,)
    if isinstance(value, tuple):
        return (1, *map(place, value))
    return (1, value)


def sorted_rows(rows: Iterable[Row], relation: Relation) -> list[Row]:
    """Rows in the order of the relation's key, equal keys in the order of the whole row."""
    columns = tuple(relation.columns)
    key = [columns.index(name) for name in relation.key]

    def order(row: Row) -> tuple[list[object], object]:
        return [place(row[index]) for index in key], place(row)

    return sorted(rows, key=order)
