"""Symbolic rows of the base relations: any row that a case could have."""

from __future__ import annotations

from collections.abc import Callable

import z3

from kaocheng.calendars.numberline import (
    FIRST_DAY,
    FIRST_INSTANT,
    LAST_DAY,
    LAST_INSTANT,
    NEVER,
)
from kaocheng.errors import UnsupportedError
from kaocheng.evaluate.proof._strings import Strings
from kaocheng.evaluate.proof._values import (
    INT64_MAX,
    INT64_MIN,
    Symbol,
    all_of,
    any_of,
    inside,
    no,
    yes,
)
from kaocheng.language.schema import PERIOD_COLUMNS, Relation
from kaocheng.language.types import (
    BOOL,
    DATE,
    DURATION,
    INSTANT,
    INT,
    STRING,
    Decimal,
    Enum,
    Reference,
    Type,
)

Tell = Callable[[z3.BoolRef], None]
FROM = "from_at"


class BaseRow:
    """One row of a base relation, of which nothing is certain but the types of its columns.

    Every column may be unknown, but for those of the key and of a roll's period, and
    every date or instant may be one that has not happened. `present` says whether there
    is such a row at all.
    """

    def __init__(
        self, relation: Relation, label: str, present: z3.BoolRef, *, strings: Strings, tell: Tell
    ) -> None:
        self.relation = relation
        self.label = label
        self.present = present
        self.columns: dict[str, Symbol] = {}
        self._strings = strings
        self._tell = tell

    def column(self, name: str) -> Symbol:
        """The value of a column, made when it is first read."""
        if name not in self.columns:
            self.columns[name] = self._make(name, self.relation.columns[name])
        return self.columns[name]

    def _make(self, name: str, type_: Type) -> Symbol:
        label = f"{self.label}.{name}"
        value = z3.Const(label, sort_of(type_, self._strings, name))
        self._tell(premise_of(value, type_, self._strings))
        if name in PERIOD_COLUMNS and type_ == DATE:
            self._tell(value != NEVER)
        if name in certain_columns(self.relation):
            return Symbol(value, no())
        return Symbol(value, z3.Bool(f"{label} is unknown"))


def certain_columns(relation: Relation) -> tuple[str, ...]:
    """The columns of a base relation that are never unknown."""
    begins = (FROM,) if relation.dated else ()
    return (*relation.key, *begins, *(c for c in PERIOD_COLUMNS if c in relation.columns))


def unique_columns(relation: Relation) -> tuple[str, ...]:
    """The columns that no two rows share; a dated key has a row from each of several times."""
    return tuple(dict.fromkeys((*relation.key, *((FROM,) if relation.dated else ()))))


def sort_of(type_: Type, strings: Strings, name: str) -> z3.SortRef:
    """The sort of a column's value."""
    if type_ == BOOL:
        return z3.BoolSort()
    if type_ == STRING or isinstance(type_, Enum | Reference):
        return strings.sort
    if type_ in {INT, DATE, INSTANT, DURATION} or isinstance(type_, Decimal):
        return z3.IntSort()
    raise UnsupportedError(
        name,
        "proof",
        f"a column of type `{type_}` has no bounded length",
        zh=f"类型为 `{type_}` 的列没有长度上限",
    )


def premise_of(value: z3.ExprRef, type_: Type, strings: Strings) -> z3.BoolRef:
    """What is certain of any value of the type."""
    if type_ == DATE:
        return z3.Or(inside(value, FIRST_DAY, LAST_DAY), value == NEVER)
    if type_ == INSTANT:
        return z3.Or(inside(value, FIRST_INSTANT, LAST_INSTANT), value == NEVER)
    if type_ in {INT, DURATION} or isinstance(type_, Decimal):
        return inside(value, INT64_MIN, INT64_MAX)
    if type_ == BOOL:
        return yes()
    return strings.premise(value, type_)


def alike(a: Symbol, b: Symbol) -> z3.BoolRef:
    """Whether two values are the same, both unknown or both known and equal."""
    return z3.And(a.unknown == b.unknown, any_of((a.unknown, a.value == b.value)))


def one_row(a: BaseRow, b: BaseRow) -> z3.BoolRef:
    """Two rows with the same key are the same row."""
    names = unique_columns(a.relation)
    same_key = all_of(a.column(name).value == b.column(name).value for name in names)
    read = [name for name in a.relation.columns if name in {*a.columns, *b.columns}]
    same_rest = z3.And([alike(a.column(name), b.column(name)) for name in read])
    return z3.Implies(z3.And(a.present, b.present, same_key), same_rest)
