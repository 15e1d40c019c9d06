"""The steps that look at many rows: `Number`, `Tally` and `Carry`.

Rows come to them as parts: what they are grouped and ordered by, and `state`, which is
handed on as it is with the new columns behind it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import Any

from attrs import frozen

from kaocheng.evaluate.python._context import Context
from kaocheng.evaluate.python._order import place
from kaocheng.evaluate.python._primitives import LEAST, MOST, Row
from kaocheng.language.schema import PERIOD_COLUMNS, Relation


@frozen
class Ordered:
    """A row for `Number` and `Carry`; group and order are known unless it is undetermined."""

    undetermined: bool
    group: Row
    order: Row
    own: Row
    state: Row


@frozen(kw_only=True)
class Numbering:
    """The step `Number`: rows with their rank behind them."""

    descending: tuple[bool, ...]
    ties: str

    def __call__(self, rows: Iterable[Row], _context: Context) -> list[Row]:
        """Number the rows of each group."""
        unranked, groups = grouped(rows, self.descending)
        numbered = [(*row.state, None) for row in unranked]
        for group in groups:
            numbered += [(*row.state, rank) for row, rank in self._ranked(group)]
        return numbered

    def _ranked(self, group: Sequence[Ordered]) -> Iterator[tuple[Ordered, int]]:
        if self.ties == "first":
            yield from ((row, rank) for rank, row in enumerate(group, 1))
            return
        rank = 1
        for _, equals in groupby(group, key=lambda row: row.order):
            tied = list(equals)
            yield from ((row, rank) for row in tied)
            rank += 1 if self.ties == "dense" else len(tied)


@frozen(kw_only=True)
class Carrying:
    """The step `Carry`: rows with the state after them behind them."""

    descending: tuple[bool, ...]
    width: int
    begin: Callable[[Row, Context], Row]
    next: Callable[[Row, Row, Context], Row]

    def __call__(self, rows: Iterable[Row], context: Context) -> list[Row]:
        """Fold the rows of each group in order."""
        passed_over, groups = grouped(rows, self.descending)
        carried = [(*row.state, *[None] * self.width) for row in passed_over]
        for group in groups:
            was = self.begin(group[0].state, context)
            for row in group:
                was = self.next(row.state, was, context)
                carried.append((*row.state, *was))
        return carried


@frozen(kw_only=True)
class Tallying:
    """The step `Tally`: one row per group, `undetermined` first and `provisional` last."""

    measures: tuple[str, ...]
    width: int
    periods: bool
    roll: Relation | None = None

    def __call__(self, rows: Iterable[Any], context: Context) -> list[Row]:
        """Count, add up and compare the rows of each group."""
        groups: dict[Row, Group] = {}
        for undetermined, group, values in rows:
            _group(groups, group or self._nobody, self.measures).add(undetermined, values)
        if self.roll is not None:
            for member in self._missing(groups, self.roll, context):
                _group(groups, member, self.measures)
        return [(self._is_unknown(key), *key, *found.row()) for key, found in groups.items()]

    def _is_unknown(self, key: Row) -> bool:
        """Whether the group is that of rows which belong to none; without columns, none is."""
        return bool(key) and key == self._nobody

    @property
    def _nobody(self) -> Row:
        return (None,) * self.width

    def _missing(self, groups: Iterable[Row], roll: Relation, context: Context) -> Iterator[Row]:
        """The roll's members and periods that have no group."""
        names = (roll.key[0], *(PERIOD_COLUMNS if self.periods else ()))
        places = [roll.index(name) for name in names]
        members = (tuple(row[i] for i in places) for row in context.rows.get(roll.name, ()))
        others = self.width - 1 - len(PERIOD_COLUMNS) * self.periods
        present = {(key[0], *key[1 + others :]) for key in groups}
        for member in dict.fromkeys(members):
            if member not in present and None not in member:
                yield (member[0], *[None] * others, *member[1:])


class Group:
    """The measures of one group so far."""

    __slots__ = ("_measures", "_provisional", "_values")

    def __init__(self, measures: tuple[str, ...]) -> None:
        self._measures = measures
        self._values = [BEGIN[how] for how in measures]
        self._provisional = 0

    def add(self, undetermined: bool, values: Row) -> None:  # noqa: FBT001 - a column of a row
        """One more row."""
        if undetermined:
            self._provisional += 1
            return
        for index, (how, value) in enumerate(zip(self._measures, values, strict=True)):
            self._values[index] = MEASURES[how](self._values[index], value)

    def row(self) -> Row:
        """The measures, and how many rows they leave out."""
        within = (_bounded(value) for value in self._values)
        return (*within, self._provisional)


def grouped(
    rows: Iterable[Row], descending: Sequence[bool]
) -> tuple[list[Ordered], list[list[Ordered]]]:
    """The rows that are undetermined, and the others by group in order."""
    left_out: list[Ordered] = []
    groups: dict[Row, list[Ordered]] = {}
    for row in rows:
        ordered = Ordered(*row)  # type: ignore[arg-type]
        if ordered.undetermined:
            left_out.append(ordered)
        else:
            groups.setdefault(ordered.group, []).append(ordered)
    for group in groups.values():
        _sort(group, descending)
    return left_out, list(groups.values())


def _sort(group: list[Ordered], descending: Sequence[bool]) -> None:
    # Rows of the same key, such as two shares of one recipient, still need one order.
    if len({row.own for row in group}) < len(group):
        group.sort(key=lambda row: place(row.state))
    group.sort(key=lambda row: place(row.own))
    for index, backwards in reversed(list(enumerate(descending))):
        group.sort(key=partial(_order_key, index), reverse=backwards)


def _order_key(index: int, row: Ordered) -> Any:  # noqa: ANN401 - whatever the column holds
    return row.order[index]


def _group(groups: dict[Row, Group], key: Row, measures: tuple[str, ...]) -> Group:
    found = groups.get(key)
    if found is None:
        found = groups[key] = Group(measures)
    return found


def _bounded(value: object) -> object:
    return value if not isinstance(value, int) or LEAST <= value <= MOST else None


def _smaller(a: Any, b: Any) -> object:  # noqa: ANN401 - numbers, or nothing yet
    return b if a is None or b < a else a


def _greater(a: Any, b: Any) -> object:  # noqa: ANN401 - numbers, or nothing yet
    return b if a is None or b > a else a


BEGIN: dict[str, object] = {"count": 0, "sum": 0, "min": None, "max": None}
# A counted row has the value 1, or 0 where the measure's condition does not hold.
MEASURES: dict[str, Callable[[Any, Any], object]] = {
    "count": operator.add,
    "sum": operator.add,
    "min": _smaller,
    "max": _greater,
}
