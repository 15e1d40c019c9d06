"""The steps that look at many rows at once: `Number` and `Tally`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.types as ir

from kaocheng.calendars.numberline import NEVER
from kaocheng.evaluate.columns import _native, _periods, _times
from kaocheng.evaluate.columns._frames import Frame
from kaocheng.evaluate.columns._native import integer
from kaocheng.evaluate.columns._nodes import FALSE, TRUE, Column, RowOf, call
from kaocheng.evaluate.columns._running import Running
from kaocheng.language.expressions import Expr
from kaocheng.language.schema import PERIOD_COLUMNS
from kaocheng.language.types import BOOL, DATE, INSTANT, INT, Type
from kaocheng.plan.algebra import ROW, UNDETERMINED, Measure, Number, Order, Tally

PROVISIONAL = "provisional"
_ROWS = "rows~"


def ordered(
    running: Running, per: Sequence[Expr], order: Sequence[Order]
) -> tuple[list[str], list[str]]:
    """Columns for groups and order keys; rows for which one is unknown are undetermined."""
    exprs = [running.core(expr) for expr in (*per, *(key.by for key in order))]
    names = running.frame.named(exprs, "order")
    running.mark(Column(name=name, type=expr.type) for name, expr in zip(names, exprs, strict=True))
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
    ranked = ibis.ifelse(undetermined(running), _native.nothing("int64"), table[name])
    running.set(step.column, Column(name=running.frame.add(ranked, step.column), type=INT))


# Tally --------------------------------------------------------------------------------------


def tally(running: Running, step: Tally) -> None:
    """One row per group; what comes next reads the group and its measures as columns only."""
    _Tallying(running, step).tally()


class _Tallying:
    """One tally: what its rows are grouped by, and what comes of each group."""

    def __init__(self, running: Running, step: Tally) -> None:
        self.running = running
        self.step = step
        self.types: dict[str, Type] = {name: expr.type for name, expr in step.per.items()}
        if step.period is not None:
            self.types |= PERIOD_COLUMNS
        self.names = {name: running.frame.name(name) for name in self.types}
        self.measures = {m.name: running.frame.name(m.name) for m in step.measures}
        self.provisional = running.frame.name(PROVISIONAL)

    def tally(self) -> None:
        """Group the rows, add those of the roll, and go on with the groups."""
        self._leave_out_never()
        table = self._period_columns(self._grouped())
        if self.step.roll is not None:
            table = self._with_roll(table, self.step.roll)
        self._take_over(table)

    def _leave_out_never(self) -> None:
        if self.step.at is None:
            return
        frame = self.running.frame
        (self.at,) = frame.named([self.running.core(self.step.at)], "at")
        frame.replace(
            frame.table.filter(_native.decided(frame.table[self.at] != NEVER, otherwise=True))
        )

    def _grouped(self) -> ir.Table:
        """The groups with their measures; in place of a period stands its key."""
        running, step = self.running, self.step
        group = {name: running.core(expr) for name, expr in step.per.items()}
        of = {m.name: TRUE if m.of is None else running.core(m.of) for m in step.measures}
        needed = [*group.values(), *self._time()]
        names = running.frame.named([*needed, *of.values()], "tally")
        frame = running.frame
        nobody = ibis.or_(
            ibis.literal(value=False), *(frame.table[n].isnull() for n in names[: len(needed)])
        )
        unmeasured = (frame.table[n].isnull() for n in names[len(needed) :])
        left_out = ibis.or_(undetermined(running), nobody, *unmeasured)
        blank, out = frame.name("nobody"), frame.name("left_out")
        frame.assign({blank: nobody, out: left_out})
        measured = dict(zip(of, names[len(needed) :], strict=True))
        return self._aggregated(names[: len(needed)], measured, blank, out)

    def _time(self) -> list[Expr]:
        """The local day or, without a period, the time itself."""
        if self.step.at is None:
            return []
        at: Expr = Column(name=self.at, type=self.step.at.type)
        if self.step.period is not None and at.type == INSTANT:
            at = _times.date_of(self.running.setting, at)
        return [at]

    def _aggregated(
        self, needed: Sequence[str], measured: Mapping[str, str], nobody: str, out: str
    ) -> ir.Table:
        table = self.running.frame.table
        values = [table[name] for name in needed]
        if self.step.period is not None:
            values[-1] = _periods.key(self.step.period, values[-1])
        keys = {
            self.names[name]: ibis.ifelse(table[nobody], _native.nothing(value.type()), value)
            for name, value in zip(self.types, values, strict=False)
        }
        table = table.mutate(**keys) if keys else table
        counted = {
            self.measures[m.name]: _measure(
                m, table, table[measured[m.name]], _native.negated(table[out])
            )
            for m in self.step.measures
        }
        counted[self.provisional] = table.count(where=table[out])
        if keys:
            return table.group_by(list(keys)).agg(**counted)
        # Without rows there is no group either, not even the one of all.
        made = table.agg(**counted, **{_ROWS: table.count()})
        return made.filter(made[_ROWS] > 0).drop(_ROWS)

    def _period_columns(self, table: ir.Table) -> ir.Table:
        """The name, first and last day in place of the period's key, which is under its name."""
        if self.step.period is None:
            return table
        name, first, last = (self.names[column] for column in PERIOD_COLUMNS)
        made = dict(
            zip((name, first, last), _periods.columns(self.step.period, table[name]), strict=True)
        )
        return table.mutate(**made).select(*self._columns)

    @property
    def _columns(self) -> list[str]:
        return [*self.names.values(), *self.measures.values(), self.provisional]

    def _with_roll(self, table: ir.Table, roll: str) -> ir.Table:
        """The groups, and one for each member and period of the roll that has none."""
        source = self.running.setting.source(roll)
        own = [next(iter(self.names)), *(PERIOD_COLUMNS if self.step.period else ())]
        theirs = [source.relation.key[0], *own[1:]]
        members = source.table.select(
            **{f"{column}~": source.table[column] for column in theirs}
        ).distinct()
        members = members.filter(*(members[column].notnull() for column in members.columns))
        pairs = list(zip(own, members.columns, strict=True))
        missing = members.anti_join(
            table, [members[there] == table[self.names[here]] for here, there in pairs]
        )
        given = {self.names[here]: missing[there] for here, there in pairs}
        zero = {self.measures[m.name] for m in self.step.measures if m.how in {"count", "sum"}}
        columns = {
            name: given[name]
            if name in given
            else integer(0)
            if name in zero or name == self.provisional
            else _native.nothing(table[name].type())
            for name in self._columns
        }
        return ibis.union(table.select(*self._columns), missing.select(**columns))

    def _take_over(self, table: ir.Table) -> None:
        running, setting = self.running, self.running.setting
        groups = tuple(self.names.values())
        running.frame = Frame(setting, table, groups)
        running.own, running.before, running.unique = list(groups), [], True
        running.columns.clear()
        running.meanings = {ROW: RowOf(running.columns)}
        running.undetermined = FALSE
        if groups:
            nobody = Column(name=groups[0], type=next(iter(self.types.values())))
            running.undetermined = call("not", BOOL, call("_there", BOOL, nobody))
        running.set(UNDETERMINED, running.undetermined)
        for name, type_ in self.types.items():
            running.set(name, Column(name=self.names[name], type=type_))
        for measure in self.step.measures:
            type_ = INT if measure.of is None or measure.how == "count" else measure.of.type
            running.set(measure.name, Column(name=self.measures[measure.name], type=type_))
        running.set(PROVISIONAL, Column(name=self.provisional, type=INT))
        running.moment = setting.as_of
        if self.step.period is not None:
            first = Column(name=self.names["period.first_day"], type=DATE)
            running.moment = moment_of(running, first)


def moment_of(running: Running, instant: Expr) -> Expr:
    """As of when dated rows are read by a row of this instant, which may be a date."""
    setting = running.setting
    if instant.type == DATE:
        instant = _times.OPERATIONS["start_of"](setting, instant)
    return call("_or_else", INSTANT, instant, setting.as_of)


def _measure(measure: Measure, table: ir.Table, value: ir.Value, counts: ir.Value) -> ir.Value:
    if measure.how == "count":
        return table.count(where=counts & value)
    if measure.how == "sum":
        total = _native.wide_sum(value, where=counts)
        none = table.count(where=counts) == 0
        return ibis.ifelse(none, integer(0), _native.narrowed(total))
    return value.min(where=counts) if measure.how == "min" else value.max(where=counts)
