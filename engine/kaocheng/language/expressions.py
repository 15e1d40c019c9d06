"""The checked expression tree: what CEL is decoded into, once, and all evaluators read.

Every node knows its type and its place in the file. Nothing of the CEL library
or of protobuf passes this line. Operations are named in `operations.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import field, frozen

from kaocheng.calendars.limits import Limit
from kaocheng.diagnostics import Span
from kaocheng.language.types import Type

NOWHERE = Span("", 0, 0, 0, 0)


@frozen(kw_only=True)
class Expr:
    """The root of all nodes; `span` does not take part in comparison."""

    type: Type
    span: Span = field(default=NOWHERE, eq=False, repr=False)

    def children(self) -> tuple[Expr, ...]:
        """The sub-expressions, in order of writing."""
        return ()

    def walk(self) -> Iterator[Expr]:
        """This node and all below it, outermost first."""
        waiting: list[Expr] = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += reversed(node.children())


@frozen(kw_only=True)
class Literal(Expr):
    """A constant on the number line (see `types`); None is unknown."""

    value: bool | int | str | None


@frozen(kw_only=True)
class Parameter(Expr):
    """A named value of the ruleset version, replaceable by `--set`."""

    name: str


@frozen(kw_only=True)
class Variable(Expr):
    """A row variable (`for: report as r`), a variable of a fold, or `actor`."""

    name: str


@frozen(kw_only=True)
class Field(Expr):
    """A column of a row."""

    row: Expr
    name: str

    def children(self) -> tuple[Expr, ...]:
        """The row."""
        return (self.row,)


@frozen(kw_only=True)
class Follow(Expr):
    """The row that a reference names; unknown when there is none (type: `Row`)."""

    reference: Expr

    def children(self) -> tuple[Expr, ...]:
        """The reference."""
        return (self.reference,)


@frozen(kw_only=True)
class Linked(Expr):
    """What stands behind a link of a row: `Row` for one, `ListOf(Row)` for many.

    Where the link names a `value`, it is that column of the one row, or `missing`.
    """

    row: Expr
    link: str

    def children(self) -> tuple[Expr, ...]:
        """The row."""
        return (self.row,)


@frozen(kw_only=True)
class Call(Expr):
    """An operation or function of `operations.py` on its arguments."""

    op: str
    args: tuple[Expr, ...]

    def children(self) -> tuple[Expr, ...]:
        """The arguments."""
        return self.args


@frozen(kw_only=True)
class Lookup(Expr):
    """A row of a decision table; unknown (no such key) where the table has none."""

    table: str
    args: tuple[Expr, ...]

    def children(self) -> tuple[Expr, ...]:
        """The arguments."""
        return self.args


@frozen(kw_only=True)
class Items(Expr):
    """A list written out."""

    items: tuple[Expr, ...]

    def children(self) -> tuple[Expr, ...]:
        """The items."""
        return self.items


@frozen(kw_only=True)
class Fold(Expr):
    """A macro over a list: `exists`, `all`, `exists_one`, `filter` or `map`.

    `body` is evaluated with `variable` bound to each item. Kleene throughout: `exists`
    is true if any is, else unknown if any is, else false. A `filter` with an unknown
    body, and an `exists_one` with one, is unknown as a whole.
    """

    how: str
    over: Expr
    variable: str
    body: Expr

    def children(self) -> tuple[Expr, ...]:
        """The list and the body."""
        return (self.over, self.body)


@frozen(kw_only=True)
class Advance(Expr):
    """`start` moved on by `limit`, as `calendars.advance` defines; its type is that of `start`.

    `pauses` is a list of rows with `from` and `until` columns of the same type.
    """

    start: Expr
    limit: Limit
    amount: Expr | None = None
    pauses: Expr | None = None

    def children(self) -> tuple[Expr, ...]:
        """The start, the amount given by the case, and the pauses."""
        return tuple(e for e in (self.start, self.amount, self.pauses) if e is not None)


@frozen(kw_only=True)
class Has(Expr):
    """Whether a field is there: false for both absences, unknown and not happened."""

    operand: Expr

    def children(self) -> tuple[Expr, ...]:
        """The field asked about."""
        return (self.operand,)
