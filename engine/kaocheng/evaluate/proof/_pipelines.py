"""Rows of rules: pipelines carried out on a symbolic row, in every version there is.

A pipeline of the steps that proofs know makes at most one row of each source row, so a
row of a rule is a source row, the version that governs it, and what the steps make of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

import z3
from attrs import evolve, field, frozen

from kaocheng.errors import UnsupportedError
from kaocheng.evaluate.proof._clock import CLOCK_COLUMNS, ClockTimes, clock
from kaocheng.evaluate.proof._expressions import anything, evaluate, one, symbol
from kaocheng.evaluate.proof._scope import RowView, Scope, Value
from kaocheng.evaluate.proof._times import is_never, moment
from kaocheng.evaluate.proof._values import (
    Symbol,
    all_of,
    any_of,
    is_false,
    is_true,
    known,
    not_,
    pick,
    yes,
)
from kaocheng.language.expressions import Expr
from kaocheng.language.schema import Relation
from kaocheng.language.types import DATE, Type
from kaocheng.plan.algebra import (
    ROW,
    UNDETERMINED,
    Clock,
    Derive,
    Pipeline,
    Require,
    RulePlan,
    Step,
    Where,
    Window,
)

VERSION = "version"
Lazy = Callable[[], Value]


@frozen(eq=False)
class State:
    """A row part of the way through a pipeline.

    `columns` are those that steps have added, each computed when it is first read.
    """

    scope: Scope
    columns: Mapping[str, Lazy] = field(factory=dict)
    kept: tuple[z3.BoolRef, ...] = ()
    marks: tuple[z3.BoolRef, ...] = ()

    @property
    def view(self) -> Scope:
        """The scope of the next step: the row's own variable, and `row`."""
        undetermined = any_of(self.marks)
        columns = {UNDETERMINED: lambda: known(undetermined), **self.columns}
        return self.scope.bound(ROW, AddedColumns(columns))

    def adding(self, columns: Mapping[str, Lazy]) -> State:
        """The row with more columns."""
        return evolve(self, columns={**self.columns, **columns})

    def marked(self, *unknown: z3.BoolRef) -> State:
        """The row, undetermined where any of these holds."""
        return evolve(self, marks=(*self.marks, *unknown))


class AddedColumns:
    """The variable `row`: columns that earlier steps added."""

    def __init__(self, columns: Mapping[str, Lazy]) -> None:
        self.relation = Relation(ROW, {}, ())
        self.present = yes()
        self._columns = columns

    def column(self, name: str) -> Value:
        """The value of a column."""
        return self._columns[name]()


def carried(state: State, steps: tuple[Step, ...]) -> State:
    """The row after the steps."""
    for step in steps:
        state = _step(state, step)
    return state


def _step(state: State, step: Step) -> State:
    if isinstance(step, Where):
        return _where(state, step)
    if isinstance(step, Derive):
        return _derive(state, step)
    if isinstance(step, Require):
        return _require(state, step)
    if isinstance(step, Clock):
        return _clock(state, step)
    name = type(step).__name__.lower()
    raise UnsupportedError(
        name,
        "proof",
        "it makes one row of many or many of one",
        zh="它把多行合为一行，或把一行拆为多行",
    )


def _where(state: State, step: Where) -> State:
    condition = symbol(step.condition, state.view)
    kept = (*state.kept, not_(is_false(condition)))
    return evolve(state, kept=kept).marked(condition.unknown)


def _derive(state: State, step: Derive) -> State:
    for name, expr in step.columns.items():
        state = state.adding({name: _lazy(expr, state.view)})
    return state


def _require(state: State, step: Require) -> State:
    row = state.view.variables[ROW]
    values = (row.column(name) for name in step.columns)  # type: ignore[union-attr]
    return state.marked(*(value.unknown for value in values))


def _clock(state: State, step: Clock) -> State:
    scope = state.view

    def optional(expr: Expr | None) -> Symbol | None:
        return None if expr is None else symbol(expr, scope)

    times = ClockTimes(
        start=symbol(step.starts, scope),
        due=symbol(step.due, scope),
        met_at=symbol(step.met_at, scope),
        lapses_at=optional(step.lapses_at),
        excused=optional(step.excused),
    )
    as_of = scope.world.as_of
    if step.starts.type == DATE:
        as_of = scope.local.day_of(known(as_of)).value
    columns = clock(times, as_of, scope.world.strings)
    lazy = {name: _ready(columns[name]) for name in CLOCK_COLUMNS}
    return state.adding(lazy).marked(times.unknown)


def _lazy(expr: Expr, scope: Scope) -> Lazy:
    found: list[Value] = []

    def value() -> Value:
        if not found:
            found.append(evaluate(expr, scope))
        return found[0]

    return value


def _ready(value: Symbol) -> Lazy:
    return lambda: value


class Variant:
    """What one version makes of a source row; `in_force` says whether it is the one at `as_of`."""

    def __init__(
        self, pipeline: Pipeline, source: RowView, scope: Scope, in_force: z3.BoolRef
    ) -> None:
        own = scope.bound(pipeline.variable, source)
        instant = None if pipeline.instant is None else symbol(pipeline.instant, own)
        type_ = DATE if pipeline.instant is None else pipeline.instant.type
        self._pipeline = pipeline
        self._source = source
        self._governed = _governed(instant, type_, own, in_force)
        as_of = scope.world.as_of
        self._scope = evolve(own, moment=moment(own.local, instant, type_, as_of).value)

    @cached_property
    def _end(self) -> State:
        return carried(self._begin, self._pipeline.steps)

    @property
    def _begin(self) -> State:
        """The source row; what is undetermined about it stays so."""
        if UNDETERMINED not in self._source.relation.columns:
            return State(self._scope)
        mark = self._source.column(UNDETERMINED)
        return State(self._scope).marked(is_true(one(mark, UNDETERMINED)))

    @cached_property
    def present(self) -> z3.BoolRef:
        """Whether the version governs the row and its conditions keep it."""
        return all_of((self._source.present, self._governed, *self._end.kept))

    @cached_property
    def undetermined(self) -> Symbol:
        """Whether an unknown decided anything."""
        return known(any_of(self._end.marks))

    def column(self, name: str, type_: Type) -> Value:
        """A column of the output; one that the version does not fill is unknown."""
        expr = self._pipeline.output.get(name)
        if expr is None:
            return Symbol(anything(type_, self._scope), yes())
        return evaluate(expr, self._end.view)


def _governed(
    instant: Symbol | None, type_: Type, scope: Scope, in_force: z3.BoolRef
) -> z3.BoolRef:
    """Whether the row's own day is in the version's window; without one, whether `as_of` is."""
    if z3.is_true(in_force) or instant is None:
        return in_force
    day = instant if type_ == DATE else scope.local.date_of(instant)
    none = any_of((day.unknown, is_never(instant)))
    return pick(none, in_force, in_window(day.value, scope.version.window))


def in_window(day: z3.ArithRef, window: Window) -> z3.BoolRef:
    """Whether a day is one on which a version is in force."""
    limits = []
    if window.first_day is not None:
        limits.append(day >= window.first_day)
    if window.last_day is not None:
        limits.append(day <= window.last_day)
    return all_of(limits)


class RuleRow:
    """One row of a rule: `which` version made it is free among those that could have."""

    def __init__(
        self, rule: RulePlan, label: str, variants: Mapping[int, Variant], which: z3.ArithRef
    ) -> None:
        self.relation = rule.relation
        self.label = label
        self.variants = variants
        self.which = which
        self._columns: dict[str, Value] = {}

    @cached_property
    def present(self) -> z3.BoolRef:
        """Whether there is such a row."""
        return any_of(
            all_of((self._is(index), variant.present)) for index, variant in self.variants.items()
        )

    def column(self, name: str) -> Value:
        """A column of the row."""
        if name not in self._columns:
            self._columns[name] = self._merged(name)
        return self._columns[name]

    def _merged(self, name: str) -> Value:
        if name == VERSION:
            return known(self.which)
        values = [(index, self._of(variant, name)) for index, variant in self.variants.items()]
        merged = values[-1][1]
        for index, value in values[:-1]:
            if not isinstance(value, Symbol) or not isinstance(merged, Symbol):
                raise UnsupportedError(
                    name, "proof", "a list differs between versions", zh="各版本的清单不同"
                )
            here = self._is(index)
            merged = Symbol(
                pick(here, value.value, merged.value), pick(here, value.unknown, merged.unknown)
            )
        return merged

    def _of(self, variant: Variant, name: str) -> Value:
        if name == UNDETERMINED:
            return variant.undetermined
        return variant.column(name, self.relation.columns[name])

    def _is(self, index: int) -> z3.BoolRef:
        if z3.is_int_value(self.which):
            return z3.BoolVal(self.which.as_long() == index)
        return self.which == index
