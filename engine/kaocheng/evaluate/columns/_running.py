"""A pipeline on its way: its rows, and what its variables mean at this point."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce

from kaocheng.evaluate.columns import _lists
from kaocheng.evaluate.columns._frames import Frame
from kaocheng.evaluate.columns._nodes import (
    FALSE,
    LISTINGS,
    Column,
    Meaning,
    RowChoice,
    RowOf,
    call,
    never_unknown,
)
from kaocheng.evaluate.columns._normal import Names, Normal
from kaocheng.evaluate.columns._setting import Setting, unsupported
from kaocheng.language.expressions import Expr
from kaocheng.language.types import BOOL, INT
from kaocheng.plan.algebra import ROW, UNDETERMINED

WAS = "was"


class Running:
    """The rows of a pipeline between two steps.

    `columns` are those that steps have added, by their names; `own` are the columns of the
    row's own key, which tell rows apart if `unique`; `before` are the columns of the source row.
    """

    def __init__(self, setting: Setting, frame: Frame) -> None:
        self.setting = setting
        self.frame = frame
        self.columns: dict[str, Meaning] = {}
        self.own: list[str] = []
        self.before: list[str] = []
        self.unique = True
        self.undetermined: Expr = FALSE
        self.meanings: dict[str, Meaning] = {ROW: RowOf(self.columns)}
        self.moment: Expr = setting.as_of

    @property
    def normal(self) -> Normal:
        """What brings expressions to the core as of the row's own moment."""
        return Normal(self.setting, self.moment)

    @property
    def names(self) -> Names:
        """What the variables mean now."""
        return Names(self.meanings)

    def core(self, expr: Expr) -> Expr:
        """An expression of the plan in the core."""
        return self.normal.value(expr, self.names)

    def set(self, column: str, meaning: Meaning) -> None:
        """Add or replace a column; one that is replaced keeps its place."""
        self.columns[column] = meaning

    def keep(self, values: Mapping[str, Expr]) -> None:
        """Give columns to values, and set them."""
        for column, made in self.made(values).items():
            self.set(column, made)

    def made(self, values: Mapping[str, Expr]) -> dict[str, Column]:
        """Columns for values."""
        names = self.frame.named(list(values.values()), "step")
        return {
            column: Column(name=name, type=value.type, certain=never_unknown(value))
            for (column, value), name in zip(values.items(), names, strict=True)
        }

    def mark(self, meanings: Iterable[Meaning]) -> None:
        """The row is undetermined where one of these is unknown."""
        self.mark_if(call("not", BOOL, self.presence(meaning)) for meaning in meanings)

    def mark_if(self, tests: Iterable[Expr]) -> None:
        """The row is undetermined where one of these tests holds."""
        found = list(tests)
        if self.undetermined != FALSE:
            found.insert(0, self.undetermined)
        if not found:
            return
        any_of = reduce(lambda a, b: call("or", BOOL, a, b), found)
        (name,) = self.frame.named([any_of], UNDETERMINED)
        self.undetermined = Column(name=name, type=BOOL, certain=never_unknown(any_of))
        self.set(UNDETERMINED, self.undetermined)

    def presence(self, meaning: Meaning) -> Expr:
        """Whether a value, a list or a row is known."""
        if isinstance(meaning, RowOf):
            return meaning.there
        if isinstance(meaning, LISTINGS):
            return call("_there", BOOL, _lists.reduced("size", meaning, INT))
        if isinstance(meaning, RowChoice):
            raise unsupported("row", "it is one of two rows", zh="它是两行之一")
        return call("_there", BOOL, meaning)

    def ordering(self) -> list[str]:
        """The columns that put rows in one order where nothing else does."""
        if self.unique:
            return list(self.own)
        added = [m for m in self.columns.values() if isinstance(m, Expr)]
        names = [m.name for m in added if isinstance(m, Column)]
        return list(dict.fromkeys((*self.own, *self.before, *names)))
