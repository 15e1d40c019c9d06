"""Rows behind references and links: one row joined to each row that looks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

from kaocheng.evaluate.columns._calendars import renamed
from kaocheng.evaluate.columns._children import children_of, order_of
from kaocheng.evaluate.columns._nodes import Behind
from kaocheng.evaluate.columns._setting import Source
from kaocheng.evaluate.columns._used import FROM
from kaocheng.language.schema import Relation

if TYPE_CHECKING:
    from kaocheng.evaluate.columns._frames import Frame

_UNTIL = "until_at~"


def in_order(table: ir.Table, relation: Relation) -> list[ir.Value]:
    """The order of a relation's rows: by key, then by everything; unknown first."""
    columns = dict.fromkeys((*relation.key, *relation.columns))
    return [table[name].asc(nulls_first=True) for name in columns]


def join_rows(frame: Frame, exprs: Iterable[Behind]) -> None:
    """The row behind each reference or link."""
    for expr in exprs:
        if expr.within is None:
            _join_row(frame, expr)
        else:
            _join_first_within(frame, expr)


def _join_row(frame: Frame, expr: Behind) -> None:
    source = frame.setting.source(expr.relation)
    shared = frame.setting.shared
    if expr.moment is None:
        made = shared.small((source, expr.columns), lambda: _firsts(source, expr.columns))
    else:
        made = shared.small((source, expr.columns, "dated"), lambda: _dated(source, expr.columns))
    columns = frame.setting.columns_of(source.relation)
    until = [] if expr.moment is None else [_UNTIL]
    right, names = renamed(frame, made, [*columns, *until])
    tests = [
        frame.value(key) == right[names[column]]
        for key, column in zip(expr.keys, expr.columns, strict=True)
    ]
    if expr.moment is not None:
        moment = frame.value(expr.moment)
        end = right[names[_UNTIL]]
        tests += [right[names[FROM]] <= moment, end.isnull() | (end > moment)]
    frame.replace(frame.table.left_join(right, tests))
    _remember(frame, expr, names)


def _remember(frame: Frame, expr: Behind, names: dict[str, str]) -> None:
    frame.rows[expr] = names
    # The column that was joined by is known wherever there is a row.
    frame.known[expr] = names[expr.columns[0]]


def _firsts(source: Source, columns: Sequence[str]) -> ir.Table:
    """One row for each value of the columns: the first."""
    table = source.table.select(*source.relation.columns)
    if source.unique and set(source.relation.key) <= set(columns):
        return table
    window = ibis.window(
        group_by=[table[name] for name in columns], order_by=in_order(table, source.relation)
    )
    numbered = table.mutate(**{_UNTIL: ibis.row_number().over(window)})
    return numbered.filter(numbered[_UNTIL] == 0).drop(_UNTIL)


def _dated(source: Source, columns: Sequence[str]) -> ir.Table:
    """Dated rows with the instant at which the next one of the same key begins."""
    table = source.table.select(*source.relation.columns)
    table = table.filter(table[FROM].notnull())
    window = ibis.window(
        group_by=[table[name] for name in columns],
        order_by=[table[FROM].asc(), *in_order(table, source.relation)],
    )
    return table.mutate(**{_UNTIL: table[FROM].lead().over(window)})


def _join_first_within(frame: Frame, expr: Behind) -> None:
    """The first of the rows that lie in the row's period."""
    frame.identify()
    child, names = children_of(frame.narrowed(expr.children()), expr)
    order = order_of(frame, expr, names)
    window = ibis.window(
        group_by=[child.table[name] for name in frame.identity],
        order_by=[child.table[name].asc(nulls_first=True) for name in order],
    )
    place = child.add(ibis.row_number().over(window), "place")
    firsts = child.table.filter(child.table[place] == 0)
    kept = firsts.select(*frame.identity, *names.values())
    own = {name: frame.name("own") for name in frame.identity}
    right = kept.rename({new: old for old, new in own.items()})
    tests = [frame.table[old].identical_to(right[new]) for old, new in own.items()]
    frame.replace(frame.table.left_join(right, tests))
    _remember(frame, expr, names)
