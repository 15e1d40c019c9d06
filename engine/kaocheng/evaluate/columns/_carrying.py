"""The step `Carry`: one set-based step for each place in the groups' order.

All first rows get their state at once, then all second rows, and so on; every step is stored, so
that it is computed once and the next one stays small.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import ibis
import ibis.expr.types as ir

from kaocheng.evaluate.columns._frames import Frame
from kaocheng.evaluate.columns._grouping import ordered, undetermined, window_of
from kaocheng.evaluate.columns._native import dtype, negated, nothing
from kaocheng.evaluate.columns._nodes import Column, Meaning, Paused, Reduced, RowOf
from kaocheng.evaluate.columns._normal import Names
from kaocheng.evaluate.columns._running import WAS, Running
from kaocheng.language.expressions import Expr
from kaocheng.plan.algebra import Carry


def carry(running: Running, step: Carry) -> None:
    """Fold the rows of each group in order; the state after a row becomes columns of it."""
    per, keys = ordered(running, step.per, step.order)
    frame = running.frame
    frame.identify()
    window = window_of(running, per, keys, step.order, own=True)
    place = frame.add(ibis.row_number().over(window), "place")
    left_out = frame.add(undetermined(running), "left_out")
    frame.prepare(_free_of_state(running, step))
    frame.replace(frame.setting.shared.keep(frame.table))
    rows = frame.table.filter(negated(frame.table[left_out]))
    states = _Folding(running, step, rows, per, place).states()
    if states is None:
        columns = {name: frame.name(name) for name in step.begin}
        unknown = {columns[n]: nothing(dtype(expr.type)) for n, expr in step.begin.items()}
        frame.assign(unknown)
    else:
        table, columns = states
        own = {name: frame.name("own") for name in frame.identity}
        right = table.rename({new: old for old, new in own.items()})
        tests = [frame.table[old].identical_to(right[new]) for old, new in own.items()]
        frame.replace(frame.table.left_join(right, tests))
    for name, expr in step.begin.items():
        running.set(name, Column(name=columns[name], type=expr.type))


def _free_of_state(running: Running, step: Carry) -> list[Expr]:
    """What the next state needs and the state before has no part in: the same at every place."""
    shared = running.setting.shared
    was: dict[str, Meaning] = {
        name: Column(name=shared.name("was"), type=expr.type) for name, expr in step.begin.items()
    }
    names = Names({**running.meanings, WAS: RowOf(was)})
    core = [running.normal.value(expr, names) for expr in step.next.values()]
    return [part for expr in core for part in _parts_without(expr, frozenset(was.values()))]


def _parts_without(expr: Expr, columns: Collection[Meaning]) -> Iterator[Expr]:
    """The largest parts of an expression that read none of some columns."""
    if not _reads(expr, columns):
        yield expr
        return
    for part in expr.children():
        yield from _parts_without(part, columns)


def _reads(expr: Expr, columns: Collection[Meaning]) -> bool:
    inner = expr.inner if isinstance(expr, (Reduced, Paused)) else ()
    return expr in columns or any(_reads(part, columns) for part in (*expr.children(), *inner))


class _Folding:
    """The states after all rows, place by place."""

    def __init__(
        self, running: Running, step: Carry, rows: ir.Table, per: Sequence[str], place: str
    ) -> None:
        self.running = running
        self.step = step
        self.rows = rows
        self.per = per
        self.place = place
        self.columns = {name: running.frame.name(name) for name in step.begin}

    def states(self) -> tuple[ir.Table, dict[str, str]] | None:
        """The state after each row, by the row's identity; None where there are no rows."""
        last = self.running.setting.shared.keeping.number(self.rows[self.place].max())
        if last is None:
            return None
        stored: list[ir.Table] = []
        for place in range(last + 1):
            stored.append(self._after(place, stored[-1] if stored else None))
        identity = self.running.frame.identity
        wanted = [table.select(*identity, *self.columns.values()) for table in stored]
        return united(wanted), self.columns

    def _after(self, place: int, before: ir.Table | None) -> ir.Table:
        table = self.rows.filter(self.rows[self.place] == place)
        frame = self.running.frame.child(table, self.running.frame.identity, inherits=True)
        was = self._begin(frame) if before is None else self._joined(frame, before)
        meanings = {**self.running.meanings, WAS: RowOf(was)}
        values = self._values(frame, self.step.next, Names(meanings))
        # A row may be told apart by what it is grouped by.
        own = dict.fromkeys((*frame.identity, *self.per))
        state = {self.columns[name]: value for name, value in values.items()}
        made = frame.table.select(*own, **state)
        return self.running.setting.shared.keep(made)

    def _values(self, frame: Frame, exprs: Mapping[str, Expr], names: Names) -> dict[str, ir.Value]:
        core = {name: self.running.normal.value(expr, names) for name, expr in exprs.items()}
        values = frame.values(list(core.values()))
        return {
            name: value.cast(dtype(expr.type))
            for (name, expr), value in zip(core.items(), values, strict=True)
        }

    def _begin(self, frame: Frame) -> dict[str, Column]:
        names = Names(self.running.meanings)
        core = {n: self.running.normal.value(e, names) for n, e in self.step.begin.items()}
        columns = frame.named(list(core.values()), "was")
        return {
            name: Column(name=column, type=expr.type)
            for (name, expr), column in zip(core.items(), columns, strict=True)
        }

    def _joined(self, frame: Frame, before: ir.Table) -> dict[str, Column]:
        """The state after the row before in the same group, whose columns are all known."""
        per = {name: frame.name("per") for name in self.per}
        was = {name: frame.name("was") for name in self.columns}
        state = {was[name]: before[column] for name, column in self.columns.items()}
        right = before.select(**{new: before[old] for old, new in per.items()}, **state)
        tests = [frame.table[old] == right[new] for old, new in per.items()]
        joined = frame.table.inner_join(right, tests) if tests else frame.table.cross_join(right)
        frame.replace(joined)
        return {
            name: Column(name=was[name], type=self.step.begin[name].type) for name in self.columns
        }


def united(tables: Sequence[ir.Table]) -> ir.Table:
    """All rows of some tables, without text that grows deeper with each."""
    if len(tables) == 1:
        return tables[0]
    middle = len(tables) // 2
    return ibis.union(united(tables[:middle]), united(tables[middle:]))
