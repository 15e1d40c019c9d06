"""The steps that make several rows of one: `Each` and `Split`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import ibis
import ibis.expr.types as ir
from attrs import frozen

from kaocheng.evaluate.columns import _lists
from kaocheng.evaluate.columns._children import items_of
from kaocheng.evaluate.columns._native import divide, integer, modulo, narrowed, negated, nothing
from kaocheng.evaluate.columns._nodes import (
    Behind,
    Column,
    Meaning,
    Rooted,
    RowOf,
    call,
    when,
)
from kaocheng.evaluate.columns._running import Running
from kaocheng.evaluate.columns._setting import unsupported
from kaocheng.language.expressions import Expr, Field, Variable
from kaocheng.language.types import BOOL, INT, ListOf, Row
from kaocheng.plan.algebra import Each, Split


@frozen(eq=False)
class Opened:
    """What an item of a list means, the columns of the items' order and of the rows before."""

    item: Meaning
    order: Sequence[str]
    rows: tuple[str, ...]
    known: str


def each(running: Running, step: Each) -> None:
    """One row per item; an unknown list keeps one row with an unknown item."""
    opened = _open(running, step.over)
    running.set(step.column, opened.item)


def split(running: Running, step: Split) -> None:
    """One row per recipient, with its share of an amount."""
    amount = running.columns[step.column]
    if not isinstance(amount, Expr):
        raise unsupported(
            "split", f"`{step.column}` is not one value", zh=f"`{step.column}` 不是单个值"
        )
    opened = _open(running, step.among)
    if not isinstance(opened.item, Column):
        raise unsupported("split", "its recipients are rows", zh="其分配对象是行")
    running.set(step.recipient, opened.item)
    frame = running.frame
    (divided,) = frame.named([amount], "amount")
    share = _Shares(running, step, opened, divided).share()
    known = frame.table[opened.known]
    share = ibis.ifelse(known, share, nothing("int64"))
    running.set(step.column, Column(name=frame.add(share, "share"), type=amount.type))


# Lists as rows ------------------------------------------------------------------------------


def _open(running: Running, over: Expr) -> Opened:
    """Go on with one row per item of a list, or one for a list that is unknown."""
    root = _rooted(running, over)
    frame = running.frame
    size = call("_there", BOOL, _lists.reduced("size", root, INT))
    (name,) = frame.named([size], "known")
    known = Column(name=name, type=BOOL)
    running.mark_if([call("not", BOOL, known)])
    frame.prepare(root.root.children() if isinstance(root.root, Behind) else [root.root])
    frame.identify()
    child, order = items_of(frame, root.root, root.variable, known=name)
    if root.keep is not None:
        (kept,) = child.values([root.keep])
        child.replace(child.table.filter(kept | negated(child.table[name])))
    running.frame = child
    item = _item(running, root, known)
    running.unique = False
    return Opened(item, order, frame.identity, name)


def _rooted(running: Running, over: Expr) -> Rooted:
    """The list as the items of one root; any other becomes a list column first."""
    listing = running.normal.listing(over, running.names)
    if isinstance(listing, Rooted):
        return listing
    if not isinstance(over.type, ListOf) or isinstance(over.type.item, Row):
        raise unsupported(
            "each",
            "the rows of its list come from more than one place",
            zh="其清单中的行来自不止一处",
        )
    (name,) = running.frame.named([_lists.collected(listing, over.type)], "list")
    variable = Variable(name=_lists.free_variable(frozenset()), type=over.type.item)
    return Rooted(Column(name=name, type=over.type), variable.name, variable)


def _item(running: Running, root: Rooted, known: Column) -> Meaning:
    """The item as a column or as a row of columns; it becomes part of the row's own key."""
    item = root.item
    if not isinstance(item, Expr):
        raise unsupported(
            "each",
            "an item of its list is a list or one of two rows",
            zh="其清单中有的项是清单，或是两行之一",
        )
    if not isinstance(item.type, Row):
        (name,) = running.frame.named([when(known, item)], "item")
        running.own.append(name)
        return Column(name=name, type=item.type)
    relation = running.setting.relation_of(item.type)
    types = {name: relation.columns[name] for name in running.setting.columns_of(relation)}
    fields = [
        when(known, Field(row=item, name=column, type=type_)) for column, type_ in types.items()
    ]
    names = running.frame.named(fields, "item")
    columns = {
        column: Column(name=name, type=type_)
        for (column, type_), name in zip(types.items(), names, strict=True)
    }
    running.own += [columns[column].name for column in relation.key]
    there = call("_there", BOOL, columns[relation.key[0]])
    return RowOf(dict(columns), there)


# Shares -------------------------------------------------------------------------------------


class _Shares:
    """An amount in proportion to weights: rounded down, and then the units that are left.

    With the amount cut into `whole` units of the sum of weights and a rest, every product
    stays below the amount itself, and the rests of all recipients add up to what is left.
    """

    def __init__(self, running: Running, step: Split, opened: Opened, amount: str) -> None:
        self.step = step
        self.frame = running.frame
        self.rows = opened.rows
        self.order = opened.order
        self.names = {"amount": amount}

    def share(self) -> ir.Value:
        """Each recipient's share."""
        self._name(place=self._place(), count=self._count())
        self._name(part=self._part(), parts=self._parts())
        self._name(rest=modulo(self["amount"], self["parts"]) * self["part"])
        self._name(over=self._over())
        self._name(left=self._left())
        down = divide(self["rest"] - self["over"], self["parts"])
        given = self["part"] * divide(self["amount"], self["parts"]) + down
        return given + self._more()

    def _name(self, **values: ir.Value) -> None:
        names = {short: self.frame.name(short) for short in values}
        self.frame.assign({names[short]: value for short, value in values.items()})
        self.names |= names

    def __getitem__(self, short: str) -> ir.Value:
        """One of the columns named so far."""
        return self.frame.table[self.names[short]]

    def _columns(self, names: Sequence[str]) -> list[ir.Value]:
        return [self.frame.table[name] for name in names]

    def _place(self) -> ir.Value:
        order = [column.asc(nulls_first=True) for column in self._columns(self.order)]
        window = ibis.window(group_by=self._columns(self.rows), order_by=order)
        return ibis.row_number().over(window).cast("int64")

    def _count(self) -> ir.Value:
        window = ibis.window(group_by=self._columns(self.rows))
        return self.frame.table.count().over(window).cast("int64")

    def _part(self) -> ir.Value:
        if self.step.weights is None:
            return integer(1)
        weights = enumerate(self.step.weights)
        cases = [(self["place"] == i, integer(weight)) for i, weight in weights]
        return ibis.cases(*cases, else_=integer(0)) if cases else integer(0)

    def _parts(self) -> ir.Value:
        """The sum of the weights that some recipient has; unknown for none."""
        weights = self.step.weights
        if weights is None:
            return self["count"]
        sums = accumulate(weights)
        cases = [(self["count"] == i, integer(total)) for i, total in enumerate(sums, 1)]
        whole = ibis.cases(*cases, else_=integer(sum(weights))) if cases else integer(0)
        return whole.nullif(integer(0))

    def _over(self) -> ir.Value:
        """What is left of the rest when it is rounded down, also for amounts below zero."""
        return modulo(modulo(self["rest"], self["parts"]) + self["parts"], self["parts"])

    def _left(self) -> ir.Value:
        """How many units rounding down leaves."""
        window = ibis.window(group_by=self._columns(self.rows))
        return divide(narrowed(self["over"].sum().over(window)), self["parts"])

    def _more(self) -> ir.Value:
        """The units that a recipient gets of what is left."""
        if self.step.rest == "largest":
            weighted = self["part"] > 0
            order = [self["over"].desc(), self["place"].asc()]
            window = ibis.window(group_by=[*self._columns(self.rows), weighted], order_by=order)
            rank = ibis.row_number().over(window)
            return ibis.ifelse(weighted & (rank < self["left"]), integer(1), integer(0))
        return ibis.ifelse(self["place"] == self._favoured(), self["left"], integer(0))

    def _favoured(self) -> ir.Value:
        """The place of the first or last recipient with a weight."""
        weights = self.step.weights
        if weights is None:
            return integer(0) if self.step.rest == "first" else self["count"] - 1
        weighted = [place for place, weight in enumerate(weights) if weight]
        if self.step.rest == "first":
            return integer(weighted[0] if weighted else -1)
        cases = [(self["count"] > place, integer(place)) for place in reversed(weighted)]
        return ibis.cases(*cases, else_=integer(-1)) if cases else integer(-1)
