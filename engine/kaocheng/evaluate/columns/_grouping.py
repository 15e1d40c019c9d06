"""The steps that look at many rows at once: `Number` and `Tally`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.types as ir

from kaocheng.calendars.numberline import NEVER
from kaocheng.evaluate.columns import _native, _periods, _times
from kaocheng.evaluate.columns._frames import Frame
from kaocheng.evaluate.columns._native import integer
from kaocheng.evaluate.columns._nodes import FALSE, TRUE, Column, RowOf, both, call
from kaocheng.evaluate.columns._running import Running
from kaocheng.evaluate.columns._setting import unsupported
from kaocheng.language.expressions import Expr
from kaocheng.language.schema import PERIOD_COLUMNS
from kaocheng.language.types import BOOL, DATE, INSTANT, INT, Type
from kaocheng.plan.algebra import ROW, UNDETERMINED, Measure, Number, Order, Tally

PROVISIONAL = "provisional"


def ordered(
    running: Running, per: Sequence[Expr], order: Sequence[Order]
) -> tuple[list[str], list[str]]:
    """Columns for groups and order keys; rows for which one is unknown are undetermined."""
    exprs = [running.core(expr) for expr in (*per, *(key.by for key in order))]
    names = running.frame.named(exprs, "order")
    running.mark(
        Column(name=name, type=expr.type) for name, expr in zip(names, exprs, strict=True)
    )
    return names[: len(per)], names[len(per) :]


def window_of(
    running: Running, per: Sequence[str], keys: Sequence[str], order: Sequence[Order], *, own: bool
) -> object:
    """The rows of a group in order; with `own`, the row's own key decides what is left."""
    table = running.frame.table
    left_out = undetermined(running)
    by = [
        table[name].desc() if key.descending else table[name].asc()
        for name, key in zip(keys, order, strict=True)
    ]
    if own:
        by += [table[name].asc(nulls_first=True) for name in running.ordering()]
    return ibis.window(group_by=[left_out, *(table[name] for name in per)], order_by=by)


def undetermined(running: Running) -> ir.Value:
    """Whether a row is undetermined, as a column."""
    return running.frame.value(running.undetermined)


def number_rows(running: Running, step: Number) -> None:
    """Rank the rows of each group that are determined."""
    per, keys = ordered(running, step.per, step.order)
    window = window_of(running, per, keys, step.order, own=step.ties == "first")
    ranks = {"all": ibis.rank, "dense": ibis.dense_rank, "first": ibis.row_number}
    rank = ranks[step.ties]().over(window).cast("int64") + 1
    name = running.frame.add(rank, "rank")
    table = running.frame.table
    ranked = ibis.ifelse(undetermined(running), ibis.null("int64"), table[name])
    running.set(step.column, Column(name=running.frame.add(ranked, step.column), type=INT))


# Tally --------------------------------------------------------------------------------------


def tally(running: Running, step: Tally) -> None:
    """One row per group; what comes next reads the group and its measures as columns only."""
    types = {name: running.core(expr).type for name, expr in step.per.items()}
    grouped, groups, measures = _grouped(running, step)
    frame = Frame(running.setting, grouped, tuple(groups.values()))
    _take_over(running, frame, step, groups, types)
    for measure, name in measures.items():
        running.set(measure.name, Column(name=name, type=_type_of(running, measure)))


def _type_of(_: Running, measure: Measure) -> Type:
    return INT if measure.how == "count" or measure.of is None else measure.of.type
