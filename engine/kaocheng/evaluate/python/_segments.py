"""One stretch of a pipeline as one function: a row in, a list of rows out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kaocheng.evaluate.python._expressions import Expressions
from kaocheng.evaluate.python._operations import of_zone
from kaocheng.evaluate.python._setting import Setting
from kaocheng.evaluate.python._source import (
    Module,
    Names,
    Value,
    constant,
    known_or_none,
    named,
    tuple_of,
)
from kaocheng.language.expressions import Expr, Field, Variable
from kaocheng.language.types import Row, Type
from kaocheng.plan.algebra import ROW, UNDETERMINED

AS_OF = "c.as_of"
_OUT = "out"
_FALSE = constant(value=False)


class Segment:
    """A function in the making, and what its row holds at this point.

    `columns` are the columns that steps have added; one of them, `undetermined`, is
    always there. `own` is the row's own key, kept up where a later step orders rows
    (`keyed`). Every assignment is to a new name, so that a loop leaves what stands before
    it as it was.
    """

    def __init__(self, module: Module, setting: Setting, rule: str, *, keyed: bool) -> None:
        self.rule = rule
        self.keyed = keyed
        self.own: list[Value] = []
        self.setting = setting
        self.module = module
        self.names = Names()
        self.writer = Expressions(module, setting, self.names, moment=AS_OF)
        self.columns: dict[str, Value] = {UNDETERMINED: _FALSE}
        self.writer.variables[ROW] = self.columns
        self.row = ""
        self._out = ""

    def define(self, name: str, note: str) -> str:
        """End the function and give its name in the module."""
        if self._out:
            self.writer.lines.close_all()
            self.writer.lines.add(f"return {self._out}")
        return self.module.define(name, [self.row, "c"], self.writer.lines, note)

    def set(self, column: str, value: Value) -> None:
        """Add or replace a column."""
        if column in self.columns:
            self.writer.forget(lambda node: _reads_column(node, column))
        self.columns[column] = self.writer.keep(value, column)

    def mark(self, values: Iterable[Value]) -> None:
        """The row is undetermined where one of these is unknown."""
        names = dict.fromkeys(value.code for value in values if value.nullable)
        self.mark_if([f"{name} is None" for name in names])

    def mark_if(self, tests: Sequence[str]) -> None:
        """The row is undetermined where one of these tests holds."""
        if not tests:
            return
        before = self.columns[UNDETERMINED]
        earlier = [] if before == _FALSE else [before.code]
        code = " or ".join([*earlier, *tests])
        self.set(UNDETERMINED, Value(code, nullable=False))

    def skip_if(self, test: str, *, word: str = "if") -> None:
        """Leave the row out."""
        with self.writer.lines.block(f"{word} {test}:"):
            self.writer.lines.add("continue" if self._out else "return []")

    def loop(self, header: str) -> None:
        """Go on once for each of several rows."""
        if not self._out:
            self._out = self.names.new(_OUT)
            self.writer.lines.add(f"{self._out} = []")
        self.writer.lines.open(header)

    def lengthen_key(self, item: Value, type_: Type) -> None:
        """An item of a list, or the key of its row, becomes part of the row's own key."""
        if not self.keyed:
            return
        if isinstance(type_, Row):
            relation = self.setting.relation_of(type_)
            places = [relation.index(column) for column in relation.key]
            key = tuple_of([Value(f"{item.code}[{place}]", tight=True) for place in places])
            item = self.writer.keep(known_or_none([item], key.code), "key")
        self.own.append(item)

    def give(self, values: Sequence[Value]) -> None:
        """The row that comes out."""
        row = tuple_of(values).code
        self.writer.lines.add(f"{self._out}.append({row})" if self._out else f"return [{row}]")

    def as_of(self, *, date: bool) -> str:
        """The name of the time of the assessment, as an instant or as the local date."""
        if not date:
            return self.writer.kept_object("as of", AS_OF, "as_of").code
        prepared = of_zone(self.writer, "date_of")
        return self.writer.kept_object("today", f"{prepared}({AS_OF})", "today").code

    def note_later(self, at: str) -> None:
        """At that instant the row will be another one, if nothing happens before."""
        with self.writer.lines.block("if c.later is not None:"):
            self.writer.lines.add(f"c.later[{self.rule!r}, {at}] = None")

    def unpack(self, state: Sequence[tuple[str, bool]]) -> list[Value]:
        """Read the row's parts into names, each as like the given one and as nullable."""
        self.row = "s"
        parts = [named(self.names.new(like), nullable=nullable) for like, nullable in state]
        self.writer.lines.add(f"{tuple_of(parts).code} = s")
        return parts


def _reads_column(node: Expr, column: str) -> bool:
    return (
        isinstance(node, Field)
        and node.name == column
        and isinstance(node.row, Variable)
        and node.row.name == ROW
    )
