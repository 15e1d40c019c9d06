"""A table on which expressions become columns, and what they need joined to it first.

Most of an expression is written where it is used. What it is written more than once, and what has
to be looked up in another table, gets a column of its own beforehand: all columns of one level in
one go, then the joins that rest on them, so that a table of many expressions stays shallow.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir

from kaocheng.evaluate.columns import _native
from kaocheng.evaluate.columns._bounds import ARITHMETIC, fits, raw_bounds
from kaocheng.evaluate.columns._joins import JOINS, kind_of_join
from kaocheng.evaluate.columns._lookups import small_lookup
from kaocheng.evaluate.columns._nodes import (
    Behind,
    Column,
    Paused,
    Reduced,
    asks_twice,
    is_simple,
)
from kaocheng.evaluate.columns._operations import OPERATIONS, REPEATED
from kaocheng.evaluate.columns._setting import Setting, unsupported
from kaocheng.language.expressions import Call, Expr, Field, Literal, Lookup, Variable

Reading = Callable[[ir.Table], ir.Value]
# Deeper than this, text is no longer made from a table by recursion; it is stored before.
_DEEPEST = 24
_DEEP = 8


class Frame:
    """Rows in the making.

    `identity` names columns that tell the rows apart (they may be unknown). `known` names the
    columns of expressions that have been prepared; `rows` and `items` name the columns of rows
    that were joined and of the items that folds go through.
    """

    def __init__(self, setting: Setting, table: ir.Table, identity: tuple[str, ...]) -> None:
        self.setting = setting
        self.table = table
        self.identity = identity
        self.known: dict[Expr, str] = {}
        self.rows: dict[Behind, Mapping[str, str]] = {}
        self.items: dict[str, Mapping[str, str]] = {}
        self.numbered_by: tuple[str, ...] = tuple(table.columns)
        self._depth = 0

    # Columns --------------------------------------------------------------------------------

    def name(self, hint: str) -> str:
        """A column name that nothing else has."""
        return self.setting.shared.name(hint)

    def assign(self, columns: Mapping[str, ir.Value], *, drop: Iterable[str] = ()) -> None:
        """Add columns, and leave behind some that only they needed."""
        gone = set(drop)
        if gone:
            kept = [name for name in self.table.columns if name not in gone]
            self.replace(self.table.select(*kept, **columns))
        elif columns:
            self.replace(self.table.mutate(**columns))

    def settle(self) -> None:
        """Store what is deep already, before several others are made from it."""
        if self._depth >= _DEEP:
            self.table = self.setting.shared.keep(self.table)
            self._depth = 0

    def replace(self, table: ir.Table) -> None:
        """Go on with a table made from this one, which has all its columns."""
        self.table = table
        self._depth += 1
        if self._depth >= _DEEPEST:
            self.table = self.setting.shared.keep(self.table)
            self._depth = 0

    def joinable(self) -> None:
        """See to it that a join can go by every column.

        What is selected of a join, Ibis computes within the join, and no further join can go by it.
        """
        made = self.table.op()
        if isinstance(made, ops.JoinChain):
            plain = all(isinstance(value, ops.Field) for value in made.values.values())
            self.table = self.table if plain else ir.Table(made).select(*self.table.columns)

    def add(self, value: ir.Value, hint: str) -> str:
        """Add one column and give its name."""
        name = self.name(hint)
        self.assign({name: value})
        return name

    def identify(self) -> None:
        """Make sure that rows can be told apart; rows that are equal throughout need not be."""
        if not self.identity:
            order = [self.table[name].asc(nulls_first=True) for name in self.numbered_by]
            numbers = ibis.row_number().over(ibis.window(order_by=order))
            self.identity = (self.add(numbers, "row"),)

    def reading(self, expr: Expr) -> Reading:
        """How an expression is read that is simple or has a column, on any later table."""
        if isinstance(expr, Literal) and expr not in self.known:
            return lambda _: _native.literal(expr.value, expr.type)
        name = self.known.get(expr) or self._place(expr)
        return lambda table: table[name]

    def child(self, table: ir.Table, identity: tuple[str, ...], *, inherits: bool) -> Frame:
        """A frame of other rows; it `inherits` what is known by the columns that are still there."""  # noqa: E501
        made = Frame(self.setting, table, identity)
        made._depth = self._depth + 1 if inherits else 1
        if inherits:
            there = set(table.columns)
            made.known = {e: name for e, name in self.known.items() if name in there}
            made.rows = {e: _still(names, there) for e, names in self.rows.items()}
            made.items = {v: _still(names, there) for v, names in self.items.items()}
        return made

    def narrowed(self, exprs: Iterable[Expr], *columns: str) -> Frame:
        """The same rows with their identity, some columns, and what the expressions read."""
        read = dict.fromkeys((*self.identity, *columns))
        for expr in exprs:
            read |= dict.fromkeys(self._columns_read(expr))
        return self.child(self.table.select(*read), self.identity, inherits=True)

    def _columns_read(self, expr: Expr) -> Iterator[str]:
        if expr in self.known:
            yield self.known[expr]
            return
        match expr:
            case Column(name=name):
                yield name
            case Variable(name=name) if name in self.items:
                yield from self.items[name].values()
            case Field(row=Variable(name=variable), name=name) if variable in self.items:
                # A fold further in may have an item of the same name with columns of its own.
                if name in self.items[variable]:
                    yield self.items[variable][name]
            case Field(row=Behind() as row, name=name) if row in self.rows:
                yield from (self.rows[row][name], self.known[row])
            case _:
                inner = expr.inner if isinstance(expr, (Reduced, Paused)) else ()
                for part in (*expr.children(), *inner):
                    yield from self._columns_read(part)

    # Values ---------------------------------------------------------------------------------

    def values(self, exprs: Sequence[Expr]) -> list[ir.Value]:
        """The expressions as columns of `table`, once what they need has been prepared."""
        self.prepare(exprs)
        return [self.value(expr) for expr in exprs]

    def named(self, exprs: Sequence[Expr], hint: str) -> list[str]:
        """The names of columns that hold the expressions."""
        values = self.values(exprs)
        names = [expr.name if isinstance(expr, Column) else self.name(hint) for expr in exprs]
        new = {
            name: value
            for name, value, expr in zip(names, values, exprs, strict=True)
            if not isinstance(expr, Column)
        }
        self.assign(new)
        return names

    def hold(self, exprs: Sequence[Expr]) -> None:
        """Give columns to expressions, literals too, and read them from there."""
        new = {expr: self.name(_hint(expr)) for expr in exprs if expr not in self.known}
        values = self.values(list(new))
        self.assign(dict(zip(new.values(), values, strict=True)))
        self.known |= new

    def value(self, expr: Expr) -> ir.Value:
        """An expression whose needs have been prepared."""
        known = self.known.get(expr)
        if known is not None:
            return self.table[known]
        if isinstance(expr, Call) and expr.op in ARITHMETIC:
            return self._arithmetic(expr)
        return self._plain(expr)

    def _plain(self, expr: Expr) -> ir.Value:
        if isinstance(expr, Literal):
            return _native.literal(expr.value, expr.type)
        if isinstance(expr, (Column, Variable, Field)):
            return self.table[self._place(expr)]
        if isinstance(expr, Lookup):
            return small_lookup(self.setting, expr, [self.value(arg) for arg in expr.args])
        if isinstance(expr, Call):
            return OPERATIONS[expr.op](expr, *(self.value(arg) for arg in expr.args))
        raise unsupported(type(expr).__name__.lower(), "it has no column", zh="它没有对应的列")

    def _place(self, expr: Expr) -> str:
        """The name of the column of what is one already."""
        match expr:
            case Column(name=name):
                return name
            case Variable(name=name):
                return self.items[name][""]
            case Field(row=Variable(name=variable), name=name):
                return self.items[variable][name]
            case Field(row=Behind() as row, name=name):
                return self.rows[row][name]
            case _:
                raise unsupported(
                    type(expr).__name__.lower(), "it has no column", zh="它没有对应的列"
                )

    def _arithmetic(self, expr: Call) -> ir.Value:
        """Sums and products, guarded unless they cannot overflow."""
        args = [self.value(arg) for arg in expr.args]
        written = _UNGUARDED if fits(raw_bounds(expr)) else _GUARDED
        return written[expr.op](*args)

    # Preparation ----------------------------------------------------------------------------

    def prepare(self, exprs: Iterable[Expr]) -> None:
        """Give columns to all that the expressions need beforehand."""
        levels = _Levels(self)
        for expr in exprs:
            levels.of(expr)
        for level in sorted(levels.named.keys() | levels.joined.keys()):
            self._name_all(levels.named.get(level, ()))
            self._join_all(levels.joined.get(level, ()))

    def _name_all(self, exprs: Iterable[Expr]) -> None:
        names = {expr: self.name(_hint(expr)) for expr in exprs if expr not in self.known}
        self.assign({name: self.value(expr) for expr, name in names.items()})
        self.known |= names

    def _join_all(self, exprs: Iterable[Expr]) -> None:
        by_kind: dict[str, list[Expr]] = {}
        for expr in exprs:
            if expr not in self.known:
                by_kind.setdefault(kind_of_join(self.setting, expr) or "", []).append(expr)
        if by_kind:
            self.joinable()
        for kind, group in by_kind.items():
            JOINS[kind](self, group)


class _Levels:
    """On which level each expression gets its column: above all that it rests on itself."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.named: dict[int, dict[Expr, None]] = {}
        self.joined: dict[int, dict[Expr, None]] = {}
        self._found: dict[Expr, int] = {}

    def of(self, expr: Expr) -> int:
        """The level up to which must be prepared before the expression can be written."""
        if expr in self.frame.known or is_simple(expr):
            return 0
        found = self._found.get(expr)
        if found is None:
            found = self._found[expr] = self._find(expr)
        return found

    def _find(self, expr: Expr) -> int:
        children = _prepared_children(expr)
        level = max(map(self.of, children), default=0)
        for child in _repeated(self.frame.setting, expr):
            if not is_simple(child) and child not in self.frame.known:
                level = max(level, self._name(child))
        if kind_of_join(self.frame.setting, expr) is None:
            return level
        self.joined.setdefault(level + 1, {})[expr] = None
        return level + 1

    def _name(self, expr: Expr) -> int:
        level = self.of(expr)
        if kind_of_join(self.frame.setting, expr) is not None:
            return level
        self.named.setdefault(level + 1, {})[expr] = None
        self._found[expr] = level + 1
        return level + 1


def _prepared_children(expr: Expr) -> tuple[Expr, ...]:
    """What is evaluated on the same rows as the expression itself."""
    if isinstance(expr, Field):
        return () if isinstance(expr.row, Variable) else (expr.row,)
    return expr.children()


def _repeated(setting: Setting, expr: Expr) -> tuple[Expr, ...]:
    """The arguments that are written more than once."""
    if isinstance(expr, Lookup) or kind_of_join(setting, expr) is not None:
        return expr.children()
    if isinstance(expr, Call):
        if expr.op == "if" and not asks_twice(expr):
            return ()
        places = REPEATED.get(expr.op, ())
        return expr.args if places is None else tuple(expr.args[place] for place in places)
    return ()


def _still(names: Mapping[str, str], there: Collection[str]) -> dict[str, str]:
    return {short: name for short, name in names.items() if name in there}


def _hint(expr: Expr) -> str:
    return expr.op.strip("_") if isinstance(expr, Call) else type(expr).__name__.lower()


_UNGUARDED: Mapping[str, Callable[..., ir.Value]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "neg": operator.neg,
}
_GUARDED: Mapping[str, Callable[..., ir.Value]] = {
    "add": _native.plus,
    "sub": _native.minus,
    "mul": _native.times,
    "neg": lambda a: _native.minus(_native.integer(0), a),
}
