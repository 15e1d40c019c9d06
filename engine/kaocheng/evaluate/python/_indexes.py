"""Hash indexes: how a row finds its parents and children, built once per assessment.

| kind | built | read |
| --- | --- | --- |
| `one` | key → the first row | a reference, a link to one row |
| `many` | key → rows, in the order of the relation's key | a link to children |
| `within` | key → their days, and the rows by day | children inside a period |
| `dated` | key → their beginnings, and the rows by them | a reference to what is in force |

A key of one column is its value, of several their tuple. Rows with an unknown key are
in no index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from attrs import field, frozen

from kaocheng.evaluate.python._order import sorted_rows
from kaocheng.evaluate.python._primitives import Row
from kaocheng.language.schema import Relation

FROM = "from_at"


@frozen(eq=False)  # found by identity, which is the fastest hash there is
class Index:
    """One way to find rows of `relation` by `columns`.

    `day` gives the local day of a row, for children inside a period. `value` is the one
    column that children yield, else they are whole rows.
    """

    relation: Relation
    columns: tuple[str, ...]
    kind: str
    day: Callable[[Row], int | None] | None = None
    value: str | None = None
    _places: tuple[int, ...] = field(init=False, repr=False)

    @_places.default
    def _columns_places(self) -> tuple[int, ...]:
        return tuple(self.relation.index(column) for column in self.columns)

    def build(self, rows: Iterable[Row]) -> dict[object, object]:
        """The index of some rows."""
        return dict(BUILDERS[self.kind](self, self._grouped(rows)))

    def child(self, row: Row) -> object:
        """What a child reads as: its row, or the one column asked for."""
        return row if self.value is None else row[self.relation.index(self.value)]

    def _grouped(self, rows: Iterable[Row]) -> dict[object, list[Row]]:
        groups: dict[object, list[Row]] = {}
        for row in rows:
            key = tuple(row[place] for place in self._places)
            if None not in key:
                groups.setdefault(key[0] if len(key) == 1 else key, []).append(row)
        return groups


_Groups = dict[object, list[Row]]
_Built = Iterator[tuple[object, object]]


def _one(index: Index, groups: _Groups) -> _Built:
    for key, rows in groups.items():
        yield key, rows[0] if len(rows) == 1 else sorted_rows(rows, index.relation)[0]


def _many(index: Index, groups: _Groups) -> _Built:
    for key, rows in groups.items():
        in_order = rows if len(rows) == 1 else sorted_rows(rows, index.relation)
        yield key, tuple(map(index.child, in_order))


def _within(index: Index, groups: _Groups) -> _Built:
    day_of = index.day or _no_day
    for key, rows in groups.items():
        days = (
            (day, place, index.child(row))
            for place, row in enumerate(sorted_rows(rows, index.relation))
            if (day := day_of(row)) is not None
        )
        by_day = sorted(days, key=lambda entry: entry[:2])
        yield key, ([day for day, _, _ in by_day], [entry[1:] for entry in by_day])


def _dated(index: Index, groups: _Groups) -> _Built:
    begins_at = index.relation.index(FROM)
    for key, rows in groups.items():
        known = [row for row in sorted_rows(rows, index.relation) if row[begins_at] is not None]
        by_begin = sorted(known, key=lambda row: row[begins_at])  # type: ignore[arg-type,return-value]
        yield key, ([row[begins_at] for row in by_begin], by_begin)


def _no_day(_row: Row) -> int | None:
    return None


BUILDERS: dict[str, Callable[[Index, _Groups], _Built]] = {
    "one": _one,
    "many": _many,
    "within": _within,
    "dated": _dated,
}
