"""A carried state explained: the rows before, the state before, the state after."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kaocheng.explaining.conditions import because
from kaocheng.explaining.model import Line
from kaocheng.explaining.names import MOST, joined, row_title, shown
from kaocheng.explaining.subject import Found, Key
from kaocheng.explaining.texts import say
from kaocheng.language.expressions import Expr, Variable
from kaocheng.language.writing import write
from kaocheng.plan.algebra import Carry
from kaocheng.rendering.words import Pair

if TYPE_CHECKING:
    from kaocheng.explaining.steps import Walk

WAS = "was"


def carry_lines(walk: Walk, step: Carry, index: int) -> Iterator[Line]:
    """The state that the row found and the state that it left."""
    carried = _Carried(walk, step, index)
    if carried.own is None:
        return
    if any(carried.own[name] is None for name in step.next) and walk.is_undetermined:
        yield say("no_state", reason=because(walk.why_unknown()))
        return
    yield from carried.lines()


class _Carried:
    """One row among the rows that carry a state on."""

    def __init__(self, walk: Walk, step: Carry, index: int) -> None:
        self._walk = walk
        self._step = step
        rows = walk.subject.after(walk.rule, walk.version, index + 1)
        mine = rows.get(walk.own_key, [])
        self.own: Found | None = mine[0] if mine else None
        self._earlier = self._before(rows) if self.own is not None else []

    def _before(self, rows: object) -> list[tuple[Key, Found]]:
        """The rows of the group that come before, in order; the row's own key breaks ties."""
        own = self.own or {}
        groups = [f"group {number}" for number in range(len(self._step.per))]
        found = [
            (key, row)
            for key, items in dict(rows).items()  # type: ignore[call-overload]
            for row in items
            if not row["undetermined"] and all(row[name] == own[name] for name in groups)
        ]
        found.sort(key=lambda item: self._place(*item))
        mine = [key for key, _ in found]
        place = mine.index(self._walk.own_key) if self._walk.own_key in mine else 0
        return found[:place]

    def _place(self, key: Key, row: Found) -> tuple[object, ...]:
        order = []
        for number, written in enumerate(self._step.order):
            value = row[f"order {number}"]
            order.append(-value if written.descending and isinstance(value, int) else value)
        return (*order, *((part is not None, part) for part in key))

    def lines(self) -> Iterator[Line]:
        """Who carries it, the rows before, the state before and after."""
        if self._step.per:
            yield say(
                "carried_for", who=joined([self._group(n) for n in range(len(self._step.per))])
            )
        if self._earlier:
            yield say("carried_after", self._rows(), count=str(len(self._earlier)))
        before = self._earlier[-1][1] if self._earlier else None
        for name, expr in self._step.next.items():
            yield self._state(name, expr, before)

    def _group(self, number: int) -> Pair:
        expr, own = self._step.per[number], self.own or {}
        return shown(self._walk.subject, own[f"group {number}"], expr.type, self._walk.version)

    def _rows(self) -> tuple[Line, ...]:
        return tuple(
            say("carried_row", row=self._name(key), state=self._states(row))
            for key, row in self._earlier[-MOST:]
        )

    def _name(self, key: Key) -> Pair:
        relation = self._walk.relation
        return row_title(self._walk.subject, relation, dict(zip(relation.key, key, strict=True)))

    def _states(self, row: Found) -> Pair:
        parts = []
        for name, expr in self._step.next.items():
            value = shown(self._walk.subject, row[name], expr.type, self._walk.version)
            parts.append((f"{name} = {value[0]}", f"{name} = {value[1]}"))
        return joined(parts)

    def _state(self, name: str, expr: Expr, before: Found | None) -> Line:
        walk, own = self._walk, self.own or {}
        begin = self._step.begin[name]
        was = walk.trace(begin).value if before is None else before[name]
        return say(
            "state",
            self._facts(expr),
            name=name,
            before=shown(walk.subject, was, expr.type, walk.version),
            after=shown(walk.subject, own[name], expr.type, walk.version),
            expression=f"`{write(expr)}`",
        )

    def _facts(self, expr: Expr) -> tuple[Line, ...]:
        """The values of the parts that do not read the state before."""
        if any(isinstance(node, Variable) and node.name == WAS for node in expr.walk()):
            below = [line for child in expr.children() for line in self._facts(child)]
            return tuple(dict.fromkeys(below))
        return self._walk.facts(self._walk.trace(expr))
