"""Guards, ready to be asked: whether they hold, and what they read.

The lifecycle evaluates nothing itself. Whoever makes it passes `compile_guard`, which
turns an expression over the case row and `actor` into a function of both rows and a
context; None is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

from attrs import define, field

from kaocheng.calendars.numberline import OffsetTable
from kaocheng.journal.texts import Text
from kaocheng.language.expressions import Expr, Field, Fold, Linked, Parameter, Variable
from kaocheng.language.types import ListOf
from kaocheng.lifecycle.decisions import Reading
from kaocheng.lifecycle.wording import expression_text, value_text

Row = tuple[object, ...]
GuardFunction = Callable[[Row, Row, object], object]
"""Of the case row, the actor's row (`id`, `unit`, `roles`) and a context."""

GuardCompiler = Callable[[Expr], GuardFunction]


@define(slots=False)
class Guard:
    """The guard of one transition."""

    expression: Expr
    compile_guard: GuardCompiler = field(repr=False)
    zone: OffsetTable | None = field(default=None, repr=False)
    holds: GuardFunction = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Compile the guard once; what it reads is compiled when a reason is asked for."""
        self.holds = self.compile_guard(self.expression)

    @cached_property
    def text(self) -> str:
        """The guard as it is written."""
        return expression_text(self.expression)

    def readings(self, row: Row, actor: Row, context: object) -> tuple[Reading, ...]:
        """Every fact that the guard reads, with its value."""
        return tuple(
            _reading(expr, read(row, actor, context), self.zone) for expr, read in self._parts
        )

    @cached_property
    def _parts(self) -> tuple[tuple[Expr, GuardFunction], ...]:
        parts = dict.fromkeys(_facts(self.expression, frozenset()))
        return tuple((part, self.compile_guard(part)) for part in parts)


def _reading(expr: Expr, value: object, zone: OffsetTable | None) -> Reading:
    return Reading(expression_text(expr), value, value_text(value, expr.type, zone))


def _facts(expr: Expr, bound: frozenset[str]) -> Iterator[Expr]:
    """The outermost facts and parameters that stand for one value in the whole guard."""
    if isinstance(expr, Parameter) or (_is_fact(expr) and not _names(expr) & bound):
        yield expr
        return
    if isinstance(expr, Fold):
        yield from _facts(expr.over, bound)
        yield from _facts(expr.body, bound | {expr.variable})
        return
    for child in expr.children():
        yield from _facts(child, bound)


def _is_fact(expr: Expr) -> bool:
    return isinstance(expr, Field) or (isinstance(expr, Linked) and isinstance(expr.type, ListOf))


def _names(expr: Expr) -> frozenset[str]:
    return frozenset(node.name for node in expr.walk() if isinstance(node, Variable))


def readings_text(readings: tuple[Reading, ...]) -> Text:
    """The values that made a guard false, as the end of its sentence."""
    if not readings:
        return Text("", "")
    en = ", ".join(f"`{reading.text}` is `{reading.shown.en}`" for reading in readings)
    zh = "，".join(f"`{reading.text}` 为 `{reading.shown.zh}`" for reading in readings)
    return Text(f": {en}", f"（{zh}）")


def unknown_text(readings: tuple[Reading, ...]) -> Text:
    """Why a guard is unknown: the facts that are, or else the values it has no result for."""
    missing = [reading.text for reading in readings if reading.value is None]
    if missing:
        en = " and ".join(f"`{text}`" for text in missing)
        zh = "、".join(f"`{text}`" for text in missing)
        verb = "is" if len(missing) == 1 else "are"
        return Text(f": {en} {verb} unknown", f"：{zh} 未知")
    en = ", ".join(f"`{reading.text}` is `{reading.shown.en}`" for reading in readings)
    zh = "，".join(f"`{reading.text}` 为 `{reading.shown.zh}`" for reading in readings)
    return Text(f": it has no value where {en}" if en else "", f"：{zh} 时无结果" if zh else "")
