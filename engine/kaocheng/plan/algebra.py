"""The algebra that every section of a ruleset compiles to: rows in, rows out.

A rule is a `Pipeline`: rows of one relation, bound to a variable, carried through
steps that add columns, drop, expand or group rows, and projected to the columns of
its output relation. Expressions of a step see the variable of the source and, as
columns of the variable `row`, what earlier steps added. All evaluators run the same
pipelines.

Unknown conditions never drop a row in silence: `Where` keeps it and sets the hidden
column `undetermined` to True, and so does `Require` for an unknown value.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from attrs import field, frozen

from kaocheng.calendars.editions import Edition
from kaocheng.calendars.periods import PeriodSpec
from kaocheng.language.expressions import Expr
from kaocheng.language.schema import Relation
from kaocheng.language.types import Type

ROW = "row"  # the variable through which a step reads columns that earlier steps added
UNDETERMINED = "undetermined"

# The collections that an assessment always has; a section may add others.
COLLECTIONS = ("findings", "entries", "notices")

STATUSES = ("not_begun", "open", "overdue", "met", "late", "lapsed", "excused", "undetermined")


@frozen(kw_only=True)
class Step:
    """One verb of the algebra."""

    def expressions(self) -> tuple[Expr, ...]:
        """Every expression the step evaluates."""
        return ()


@frozen(kw_only=True)
class Where(Step):
    """Rows for which `condition` is not false; unknown keeps the row and marks it."""

    condition: Expr

    def expressions(self) -> tuple[Expr, ...]:
        """The condition."""
        return (self.condition,)


@frozen(kw_only=True)
class Derive(Step):
    """Columns by expression, each seeing the ones before it."""

    columns: Mapping[str, Expr]

    def expressions(self) -> tuple[Expr, ...]:
        """The columns' expressions in order."""
        return tuple(self.columns.values())


@frozen(kw_only=True)
class Require(Step):
    """Marks rows in which one of `columns` is unknown as undetermined."""

    columns: tuple[str, ...]


@frozen(kw_only=True)
class Each(Step):
    """One row per item of a list, as `column`; no row for an empty list.

    An unknown list keeps one row with an unknown item, marked undetermined.
    """

    over: Expr
    column: str

    def expressions(self) -> tuple[Expr, ...]:
        """The list."""
        return (self.over,)


@frozen(kw_only=True)
class Clock(Step):
    """Adds `start`, `due`, `met_at`, `late_by` and `status` (one of `STATUSES`).

    All times are of one type, dates or instants; `as_of` is then a local date or an
    instant. `late_by` counts days between dates, microseconds between instants; it is
    0 unless the row is late. In order, the first that holds:

    1. `start` is never or after `as_of`: not_begun
    2. `excused` is true: excused
    3. `met_at` <= `as_of` and `met_at` <= `due`: met
    4. `lapses_at` <= `as_of` and `lapses_at` < `met_at`: lapsed
    5. `met_at` <= `as_of`: late
    6. `due` < `as_of`: overdue
    7. otherwise: open

    An unknown that decides any of these before it is reached makes it undetermined.
    Every unknown of start, due or met_at makes the row undetermined, and so does an
    unknown `excused` or `lapses_at` (each is optional).
    """

    starts: Expr
    due: Expr
    met_at: Expr
    lapses_at: Expr | None = None
    excused: Expr | None = None

    def expressions(self) -> tuple[Expr, ...]:
        """The clock's expressions, without those that are not given."""
        given = (self.starts, self.due, self.met_at, self.lapses_at, self.excused)
        return tuple(e for e in given if e is not None)


@frozen(kw_only=True)
class Order:
    """One key of a written order."""

    by: Expr
    descending: bool = False


@frozen(kw_only=True)
class Number(Step):
    """A rank within each group as `column`, from 1, by a written order.

    `ties`: `all` gives equal rows the same rank and skips the next ranks (1, 2, 2, 4),
    `dense` does not skip, `first` breaks what is left by the row's own key. Rows marked
    undetermined get no rank (unknown) and do not count for the others; a row with an
    unknown group or order key is marked so first. `per` empty is one group. A row's own
    key is the key of its source row, then the items of each `Each` and the recipients of
    each `Split`; after a `Tally` it is the group.
    """

    column: str
    per: tuple[Expr, ...]
    order: tuple[Order, ...]
    ties: str = "all"

    def expressions(self) -> tuple[Expr, ...]:
        """Groups, then order keys."""
        return (*self.per, *(key.by for key in self.order))


@frozen(kw_only=True)
class Split(Step):
    """One row per recipient of a list; `column` (a number on the row) is divided among them.

    Shares are proportional to `weights` (the first recipients take them in order, further
    ones get nothing; None is equal shares), rounded down at the column's own scale;
    `rest` says who gets the remainder: `first`, `last`, or `largest` (largest remainder,
    ties to the earlier); `first` and `last` are those of the recipients with a weight
    above zero. The recipient becomes column `recipient`. An empty list gives no row; an
    unknown list keeps one row with an unknown recipient and an unknown amount, marked
    undetermined. An unknown amount is unknown for each recipient.
    """

    among: Expr
    recipient: str
    column: str
    weights: tuple[int, ...] | None = None
    rest: str = "first"

    def expressions(self) -> tuple[Expr, ...]:
        """The list of recipients."""
        return (self.among,)


@frozen(kw_only=True)
class Measure:
    """One aggregate of a tally: `how` is `count`, `sum`, `min` or `max` of `of`."""

    name: str
    how: str
    of: Expr | None = None


@frozen(kw_only=True)
class Tally(Step):
    """One row per group; undetermined rows are left out and counted in `provisional`.

    `per` names the group's columns. With `period`, `at` is placed in a period and the
    columns `period`, `period.first_day`, `period.last_day` join the group. With
    `roll`, every (member, period) of that roll relation gets a row, zero when nothing
    happened; its member column is the first of `per`. A row whose group or `at` is
    unknown belongs to no group: it is counted under the group with unknown (null) columns.
    A row whose `at` is never is left out.

    A row with an unknown group, `at` or measure is undetermined too. So the group with
    unknown columns (all of them, and the period's) holds `provisional` rows only; it
    exists when there are such rows, and it is itself marked undetermined. Without columns
    there is no such group: all rows form one, which is not marked. `count` with
    an `of` counts the rows for which that holds. `sum` and `count` of no rows are 0,
    `min` and `max` unknown; a `sum` past 64 bits is unknown. The rows that `roll` adds
    have `provisional` 0; it takes away none. After a Tally a row's own instant is the
    first day of its period (without one: `as_of`), and only `row` can be read.
    """

    per: Mapping[str, Expr]
    measures: tuple[Measure, ...]
    at: Expr | None = None
    period: PeriodSpec | None = None
    roll: str | None = None

    def expressions(self) -> tuple[Expr, ...]:
        """Groups, the time, the measures."""
        at = () if self.at is None else (self.at,)
        return (*self.per.values(), *at, *(m.of for m in self.measures if m.of is not None))


@frozen(kw_only=True)
class Carry(Step):
    """A fold over the ordered rows of each group with a small state.

    `begin` gives the state before the first row, `next` the state after each row
    (reading the state before it as columns of the variable `was`); the state after
    the row becomes columns of the row. Undetermined rows are passed over: their state
    columns are unknown. Groups, unknown keys and the row's own key, which breaks what
    ties the order leaves, are as in `Number`. `begin` is read on the group's first row.
    """

    per: tuple[Expr, ...]
    order: tuple[Order, ...]
    begin: Mapping[str, Expr]
    next: Mapping[str, Expr]

    def expressions(self) -> tuple[Expr, ...]:
        """Groups, order keys, first and next state."""
        keys = (key.by for key in self.order)
        return (*self.per, *keys, *self.begin.values(), *self.next.values())


@frozen(kw_only=True)
class Pipeline:
    """One rule of one version.

    `instant` is the row's own instant (a date or an instant): it decides which version
    governs the row and as of when dated attributes are read. An unknown or never
    instant is governed by the version in force at `as_of`. `output` maps each column
    of the rule's relation to the expression that fills it, over `variable` and `row`.
    A row whose source row has a true column `undetermined` begins as undetermined.
    """

    source: str
    variable: str
    steps: tuple[Step, ...]
    output: Mapping[str, Expr]
    instant: Expr | None = None

    def expressions(self) -> Iterator[Expr]:
        """Every expression of the pipeline."""
        if self.instant is not None:
            yield self.instant
        for step in self.steps:
            yield from step.expressions()
        yield from self.output.values()


@frozen(kw_only=True)
class Window:
    """When a version is in force: from `first_day` (None: open) up to and including `last_day`."""

    first_day: int | None
    last_day: int | None


@frozen
class Bound:
    """A part of a table's key that compares: it matches what is `op` than or as `value`.

    `op` is an operation: `lt`, `le`, `gt` or `ge`. As in expressions, what has not
    happened is later than every date and every instant.
    """

    op: str
    value: int

    @property
    def compare(self) -> Callable[[Any, Any], Any]:
        """The comparison, of whatever has Python's operators for it."""
        return COMPARISONS[self.op]


COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = MappingProxyType(
    {"lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge}
)
"""What a `Bound` may say."""


@frozen(kw_only=True)
class TableRows:
    """A decision table's rows: keys in the order of its arguments; `otherwise` is the fallback.

    A key part of None matches anything, a `Bound` what it compares with, and every other
    part its equal; the first row that matches counts. Where an argument is unknown, so is
    the result.
    """

    name: str
    rows: tuple[tuple[tuple[object, ...], object], ...]
    otherwise: object | None = None
    result: Type


@frozen(kw_only=True)
class RulePlan:
    """A rule across versions: its output relation and, by version index, its pipelines.

    `collection` names the union relation its rows also belong to (`COLLECTIONS`), or None;
    a rule that runs over one reads the rows of those rules that stand before it. Every
    output relation ends in the columns `version` (index) and `undetermined` (bool).
    """

    id: str
    section: str
    relation: Relation
    variants: Mapping[int, Pipeline]
    collection: str | None = None


@frozen(kw_only=True)
class VersionFacts:
    """What evaluators need of one version besides its rules."""

    name: str
    window: Window
    parameters: Mapping[str, object] = field(factory=dict)
    tables: Mapping[str, TableRows] = field(factory=dict)
    zone: str = "UTC"
    calendar: str | None = None


@frozen(kw_only=True)
class Plan:
    """A whole ruleset, ready to run.

    `relations` are the base relations and, by name, every rule's output and the
    collections; `rules` stand in the order of what they read.
    """

    ruleset: str
    versions: tuple[VersionFacts, ...]
    relations: Mapping[str, Relation]
    rules: tuple[RulePlan, ...]
    editions: Mapping[str, Edition] = field(factory=dict)
    prepared: dict[str, object] = field(init=False, factory=dict, eq=False, repr=False)
    """What evaluators, by their names, have made of the plan and can use again."""
