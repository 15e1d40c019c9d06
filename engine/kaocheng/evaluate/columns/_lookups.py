"""Decision tables: written out where they are small, joined where they are large."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

from kaocheng.evaluate.columns import _native
from kaocheng.evaluate.columns._calendars import renamed
from kaocheng.evaluate.columns._setting import Setting, rows_table
from kaocheng.language.expressions import Lookup
from kaocheng.language.types import Type
from kaocheng.plan.algebra import Bound, TableRows

if TYPE_CHECKING:
    import pyarrow as pa

    from kaocheng.evaluate.columns._frames import Frame

_MOST_WRITTEN = 24


def table_of(setting: Setting, expr: Lookup) -> TableRows:
    """The rows of the table that is looked into."""
    return setting.facts.tables[expr.table]


def is_large(setting: Setting, expr: Lookup) -> bool:
    """Whether the table is joined: it has many rows, and each of them matches one key only."""
    table = table_of(setting, expr)
    exact = not any(
        part is None or isinstance(part, Bound) for key, _ in table.rows for part in key
    )
    lists = any(isinstance(result, tuple) for _, result in table.rows)
    return len(table.rows) > _MOST_WRITTEN and exact and not lists


def small_lookup(setting: Setting, expr: Lookup, args: Sequence[ir.Value]) -> ir.Value:
    """The first row that matches, written out; unknown where an argument is."""
    table = table_of(setting, expr)
    known = reduce(and_, (arg.notnull() for arg in args), ibis.literal(value=True))
    otherwise = _native.literal(table.otherwise, expr.type)
    branches = [
        (_matches(expr, key, args), _native.literal(result, expr.type))
        for key, result in table.rows
    ]
    found = ibis.cases(*branches, else_=otherwise) if branches else otherwise
    return ibis.ifelse(known, found, _native.nothing(_native.dtype(expr.type)))


def _matches(expr: Lookup, key: Sequence[object], args: Sequence[ir.Value]) -> ir.Value:
    tests = [
        _test(arg, part, node.type)
        for part, arg, node in zip(key, args, expr.args, strict=True)
        if part is not None
    ]
    return reduce(and_, tests, ibis.literal(value=True))


def _test(arg: ir.Value, part: object, type_: Type) -> ir.Value:
    """Whether an argument matches a part of a key."""
    if isinstance(part, Bound):
        return part.compare(arg, _native.literal(part.value, type_))
    return arg == _native.literal(part, type_)


def join_tables(frame: Frame, exprs: Iterable[Lookup]) -> None:
    """The row of a large table, by equal keys."""
    for expr in exprs:
        _join_table(frame, expr)


def _join_table(frame: Frame, expr: Lookup) -> None:
    table = table_of(frame.setting, expr)
    kinds = [str(_native.dtype(arg.type)) for arg in expr.args]
    columns = {f"key {place}": kind for place, kind in enumerate(kinds)}
    columns["result"] = str(_native.dtype(expr.type))
    columns["found"] = "boolean"

    def make() -> pa.Table:
        first: dict[tuple[object, ...], object] = {}
        for key, result in table.rows:
            first.setdefault(key, result)
        return rows_table(columns, [(*key, result, True) for key, result in first.items()])

    right, names = renamed(
        frame, frame.setting.shared.given(("table", table.name, frame.setting.version), make)
    )
    args = [frame.value(arg) for arg in expr.args]
    tests = [arg == right[names[f"key {place}"]] for place, arg in enumerate(args)]
    frame.replace(frame.table.left_join(right, tests))
    known = reduce(and_, (frame.value(arg).notnull() for arg in expr.args))
    nothing = _native.nothing(_native.dtype(expr.type))
    missing = ibis.ifelse(known, _native.literal(table.otherwise, expr.type), nothing)
    there = frame.table[names["found"]].notnull()
    result = ibis.ifelse(there, frame.table[names["result"]], missing)
    name = frame.name(table.name)
    frame.assign({name: result}, drop=names.values())
    frame.known[expr] = name
