"""The core that expressions are brought to before they become columns.

A row is no value here: each reading of a field knows where the column is. Folds turn into `Reduced`
nodes over the rows behind a link or the items of a list column, or, for lists written out, into
plain operations. What needs the zone, the calendar or a second look at a value turns into
operations whose names begin with `_`; see `_operations`.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from kaocheng.language.expressions import Call, Expr, Field, Literal, Variable
from kaocheng.language.types import BOOL, INT, Type

TRUE: Expr = Literal(type=BOOL, value=True)
FALSE: Expr = Literal(type=BOOL, value=False)


@frozen(kw_only=True)
class Column(Expr):
    """A column of the table that the rows are in; child rows carry those of their parent.

    One that is `certain` is never unknown.
    """

    name: str
    certain: bool = field(default=False, eq=False)


@frozen(kw_only=True)
class Behind(Expr):
    """The rows of `relation` whose `columns` equal `keys`, or the first of them (type: `Row`).

    With `within`, a date or instant column of theirs lies in `period`. With `moment`, the one row
    in force then. `value` is the one column that a child reads as.
    """

    relation: str
    columns: tuple[str, ...]
    keys: tuple[Expr, ...]
    within: str | None = None
    period: tuple[Expr, ...] = ()
    moment: Expr | None = None
    value: str | None = None

    def children(self) -> tuple[Expr, ...]:
        """What the row that looks must know."""
        moment = () if self.moment is None else (self.moment,)
        return (*self.keys, *self.period, *moment)


@frozen(kw_only=True)
class Reduced(Expr):
    """One value for all items of a list: `how` of `item`, or of `body`, where `keep` holds.

    `root` is `Behind` or a list column; `variable` stands for its items. A `keep` that is
    unknown for one of them makes the whole unknown.
    """

    how: str
    root: Expr
    variable: str
    item: Expr
    keep: Expr | None = None
    body: Expr | None = None

    def children(self) -> tuple[Expr, ...]:
        """What the list rests on; the rest is about its items."""
        return self.root.children() if isinstance(self.root, Behind) else (self.root,)

    @property
    def inner(self) -> tuple[Expr, ...]:
        """What is evaluated once per item."""
        return tuple(e for e in (self.item, self.keep, self.body) if e is not None)


@frozen(kw_only=True)
class Paused(Expr):
    """When a clock that pauses stop has spent what it has; see `calendars.pauses`.

    `spent`: the first moment by which `budget` has run since `start`. `free`: the first working
    day from `start`, which is one, that is not lost. The pauses are taken as they are or, with
    `time`, as the days that they cost a clock that began at `since` and ends at that time of
    day; with `ordinals`, as the places of those days among the working days.
    """

    how: str
    pauses: Behind
    variable: str
    begins: Expr
    until: Expr
    start: Expr
    keep: Expr | None = None
    budget: Expr | None = None
    since: Expr | None = None
    time: Expr | None = None
    ordinals: bool = False

    def children(self) -> tuple[Expr, ...]:
        """The clock and the row that the pauses belong to; the rest is about each pause."""
        own = (self.start, self.budget, self.since, self.time)
        return (*self.pauses.children(), *(e for e in own if e is not None))

    @property
    def inner(self) -> tuple[Expr, ...]:
        """What is evaluated once per pause."""
        keep = () if self.keep is None else (self.keep,)
        return (self.begins, self.until, *keep)


@frozen(eq=False)
class RowOf:
    """A row whose columns are known one by one; `there` says where it is one at all."""

    columns: Mapping[str, Meaning]
    there: Expr = TRUE
    key: tuple[str, ...] = ()


@frozen(eq=False)
class RowChoice:
    """One of two rows; none where the condition is unknown."""

    condition: Expr
    yes: Meaning
    no: Meaning


@frozen(eq=False)
class Rooted:
    """A list as the items of `root` that `keep`, each meaning `item`, in terms of `variable`."""

    root: Expr
    variable: str
    item: Meaning
    keep: Expr | None = None


@frozen(eq=False)
class Written:
    """A list written out: its items, each with the condition under which it is there."""

    pieces: tuple[tuple[Expr, Meaning], ...] = field(default=())


@frozen(eq=False)
class ListChoice:
    """One of two lists; unknown where the condition is."""

    condition: Expr
    yes: Listing
    no: Listing


Listing = Rooted | Written | ListChoice
Meaning = Expr | RowOf | RowChoice | Rooted | Written | ListChoice
LISTINGS = (Rooted, Written, ListChoice)


def call(op: str, type_: Type, *args: Expr) -> Call:
    """An operation on arguments."""
    return Call(op=op, type=type_, args=args)


def number(value: int, type_: Type = INT) -> Literal:
    """A literal number or time."""
    return Literal(type=type_, value=value)


def unknown(type_: Type) -> Literal:
    """What is never known."""
    return Literal(type=type_, value=None)


def when(condition: Expr, yes: Expr, no: Expr | None = None) -> Expr:
    """`yes` where the condition holds, else `no`; without it, unknown."""
    if condition == TRUE:
        return yes
    return call("if", yes.type, condition, yes, unknown(yes.type) if no is None else no)


def never_unknown(expr: Expr) -> bool:
    """Whether an expression is certainly known."""
    if isinstance(expr, Literal):
        return expr.value is not None
    if isinstance(expr, Column):
        return expr.certain
    if not isinstance(expr, Call):
        return False
    if expr.op == "_first_of":
        return all(map(never_unknown, (*expr.args[1::2], expr.args[-1])))
    if expr.op in {"and", "or", "not", "if", "eq", "ne", "lt", "le", "gt", "ge", "_one_of"}:
        return all(map(never_unknown, expr.args))
    return expr.op in {"_there", "_happened", "_is_true", "_variable"}


def asks_twice(expr: Call) -> bool:
    """Whether a choice must also ask whether its condition is known."""
    condition, _, no = expr.args
    return not never_unknown(condition) and no != unknown(no.type)


def both(first: Expr, second: Expr) -> Expr:
    """Whether both hold."""
    if TRUE in {first, second}:
        return second if first == TRUE else first
    return call("and", BOOL, first, second)


def is_simple(expr: Expr) -> bool:
    """Whether writing it twice costs nothing."""
    item = isinstance(expr, Field) and isinstance(expr.row, Variable)
    variable = isinstance(expr, Call) and expr.op == "_variable"
    return item or variable or isinstance(expr, (Literal, Column, Variable))


def reads_outside(expr: Expr, bound: frozenset[str]) -> bool:
    """Whether a core expression reads more than the variables in `bound`."""
    if isinstance(expr, Column):
        return True
    if isinstance(expr, Variable):
        return expr.name not in bound
    if isinstance(expr, (Reduced, Paused)):
        inside = bound | {expr.variable}
        if any(reads_outside(inner, inside) for inner in expr.inner):
            return True
    return any(reads_outside(child, bound) for child in expr.children())
