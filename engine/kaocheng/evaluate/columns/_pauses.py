"""Clocks that stop: `calendars.pauses` over all pauses of all rows at once.

The pauses of a row are joined to it, brought to their union by a running maximum, turned into the
days that they cost where the limit says so, and summed as far as the clock had not run out before.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
from attrs import frozen

from kaocheng.calendars.numberline import NEVER
from kaocheng.evaluate.columns import _native, _times
from kaocheng.evaluate.columns._children import items_of
from kaocheng.evaluate.columns._native import integer
from kaocheng.evaluate.columns._nodes import Column, Paused, call, number
from kaocheng.language.expressions import Expr
from kaocheng.language.types import INSTANT, INT

if TYPE_CHECKING:
    from kaocheng.evaluate.columns._frames import Frame

# A working day beyond the calendar: later than every one inside, earlier than what never comes.
_BEYOND = NEVER - 1


@frozen(eq=False)
class _Spells:
    """The spells of a frame of pauses: the columns of their beginnings and ends."""

    child: Frame
    rows: tuple[str, ...]
    begins: str
    until: str

    def window(self, *, before: bool = False) -> object:
        """The spells of one row in order, or those before each."""
        table = self.child.table
        order = [table[self.begins].asc(), table[self.until].desc()]
        extent = {"preceding": (None, 1)} if before else {}
        return ibis.window(group_by=[table[r] for r in self.rows], order_by=order, **extent)


def join_paused(frame: Frame, exprs: Iterable[Paused]) -> None:
    """What each clock comes to."""
    frame.identify()
    for expr in exprs:
        frame.settle()
        spells, bad = _spells(frame, expr)
        spells = _union(spells)
        if expr.time is not None:
            spells = _days_lost(spells, expr, expr.time)
        if expr.ordinals:
            spells = _ordinals(spells)
        found = (_spent if expr.how == "spent" else _free)(frame, expr, spells)
        _conclude(frame, expr, bad, found)


def _spells(frame: Frame, expr: Paused) -> tuple[_Spells, tuple[ir.Table, str]]:
    """The pauses that make sense, and by row whether there are others."""
    child, _ = items_of(frame, expr.pauses, expr.variable)
    begins, until = child.named([expr.begins, expr.until], "pause")
    kept = ibis.literal(value=True) if expr.keep is None else child.values([expr.keep])[0]
    table = child.table.filter(kept)
    backwards = ibis.ifelse(table[until] < table[begins], 1, 0).max()
    bad = frame.name("backwards")
    grouped = table.group_by(list(frame.identity)).agg(**{bad: backwards})
    child.replace(table.filter(table[begins] < table[until]))
    return _Spells(child, frame.identity, begins, until), (grouped, bad)


def _union(spells: _Spells) -> _Spells:
    """Each spell from where the ones before it have ended."""
    child = spells.child
    covered = child.table[spells.until].max().over(spells.window(before=True))
    before = child.add(covered, "covered")
    begins = child.add(ibis.greatest(child.table[before], child.table[spells.begins]), "begins")
    child.replace(child.table.filter(child.table[begins] < child.table[spells.until]))
    return _Spells(child, spells.rows, begins, spells.until)


def _days_lost(spells: _Spells, expr: Paused, time: Expr) -> _Spells:
    """The days at whose time of day the clock stood still."""
    child = spells.child
    since = child.value(expr.since or expr.start)
    child.replace(child.table.filter(child.table[spells.until] > since))
    clipped = ibis.greatest(child.table[spells.begins], child.value(expr.since or expr.start))
    begins = child.add(clipped, "begins")
    days = [_sampled(child, name, time) for name in (begins, spells.until)]
    first, last = child.named(days, "day")
    return _Spells(child, spells.rows, first, last)


def _sampled(child: Frame, name: str, time: Expr) -> Expr:
    """The first local day whose time of day `time` is not before an instant."""
    zone = child.setting.zone
    instant = Column(name=name, type=INSTANT)
    wall = call("_wall", INT, instant, _times.utc_offset(zone, instant))
    day = call("_once", INT, call("_day_reaching", INT, wall, time))
    walls = [call("_at", INT, d, time) for d in (day, call("sub", INT, day, number(1)))]
    reached = [part for wall in walls for part in (wall, _times.local_offset(zone, wall))]
    return call("_sampled", INT, instant, day, *reached)


def _ordinals(spells: _Spells) -> _Spells:
    """The places of days among the working days."""
    child = spells.child
    days = [Column(name=name, type=INT) for name in (spells.begins, spells.until)]
    counts = [call("_working_days_until", INT, day) for day in days]
    child.prepare(counts)
    begins = child.value(counts[0])
    open_end = child.table[spells.until] == integer(NEVER)
    until = ibis.ifelse(open_end, integer(NEVER), child.value(counts[1]))
    first, last = child.name("begins"), child.name("until")
    child.assign({first: begins, last: until})
    return _Spells(child, spells.rows, first, last)


def _spent(frame: Frame, expr: Paused, spells: _Spells) -> tuple[ir.Table, str, str]:
    """By row: how long the clock stood still before it ran out, and whether it still does."""
    child = spells.child
    start = child.value(expr.start)
    begins = ibis.greatest(child.table[spells.begins], start)
    until = ibis.greatest(child.table[spells.until], start)
    lasts_on = until == integer(NEVER)
    length, run, open_end = (child.name(hint) for hint in ("length", "run", "open"))
    child.assign(
        {
            length: ibis.ifelse(lasts_on, integer(0), until - begins),
            run: begins - start,
            open_end: lasts_on,
        }
    )
    paused = child.table[length].sum().over(spells.window(before=True))
    before = child.add(paused.fill_null(0), "paused")
    budget = budget_of(child, expr)
    counts = (budget > 0) & (child.table[run] - child.table[before] < budget)
    applied = child.add(counts, "applied")
    table = child.table
    lost, never = frame.name("lost"), frame.name("never")
    grouped = table.group_by(list(spells.rows)).agg(
        **{
            lost: _native.narrowed(_native.wide_sum(table[length], where=table[applied])),
            never: ibis.ifelse(table[applied] & table[open_end], 1, 0).max(),
        }
    )
    return grouped, lost, never


def budget_of(child: Frame, expr: Paused) -> ir.Value:
    """What the clock has to spend."""
    return child.value(expr.budget or expr.start)


def _free(frame: Frame, expr: Paused, spells: _Spells) -> tuple[ir.Table, str, str]:
    """By row: the first working day after a lost one that is not lost, and whether any was."""
    child = spells.child
    until = Column(name=spells.until, type=INT)
    before = call("_working_days_before", INT, until)
    next_day = call("_nth_working_day", INT, before)
    child.prepare([next_day])
    never = child.table[spells.until] == integer(NEVER)
    candidate = child.add(
        ibis.ifelse(never, integer(NEVER), child.value(next_day).fill_null(_BEYOND)), "candidate"
    )
    day = child.add(child.value(expr.start), "day")
    table = child.table
    other = table.select(*spells.rows, spells.begins, spells.until)
    other = other.rename({frame.name("other"): name for name in other.columns})
    names = other.columns
    here = table[candidate]
    same = [table[a].identical_to(other[b]) for a, b in zip(spells.rows, names, strict=False)]
    hit = [other[names[-2]] <= here, here < other[names[-1]]]
    joined = table.left_join(other, [*same, *hit])
    lost = joined[names[-1]].notnull() & (joined[candidate] != integer(_BEYOND))
    taken, found, was_lost = (frame.name(hint) for hint in ("taken", "found", "lost"))
    keys = [*spells.rows, candidate, spells.begins, spells.until, day]
    each = joined.group_by(keys).agg(**{taken: ibis.ifelse(lost, 1, 0).max()})
    usable = (each[taken] == 0) & (each[spells.until] > each[day])
    inside = (each[spells.begins] <= each[day]) & (each[day] < each[spells.until])
    grouped = each.group_by(list(spells.rows)).agg(
        **{found: each[candidate].min(where=usable), was_lost: ibis.ifelse(inside, 1, 0).max()}
    )
    return grouped, found, was_lost


def _conclude(
    frame: Frame, expr: Paused, bad: tuple[ir.Table, str], found: tuple[ir.Table, str, str]
) -> None:
    grouped, value, flag = found
    before = set(frame.table.columns)
    for table in (bad[0], grouped):
        own = {name: frame.name("own") for name in frame.identity}
        right = table.rename({new: old for old, new in own.items()})
        tests = [frame.table[old].identical_to(right[new]) for old, new in own.items()]
        frame.replace(frame.table.left_join(right, tests))
    flagged = _native.decided(frame.table[flag] == 1, otherwise=False)
    start = frame.value(expr.start)
    if expr.how == "spent":
        lost = frame.table[value].fill_null(0)
        ends = _native.attempt(start + budget_of(frame, expr) + lost)
        end = ibis.ifelse(flagged, integer(NEVER), ends)
    else:
        beyond = frame.table[value] == integer(_BEYOND)
        later = ibis.ifelse(beyond, _native.nothing("int64"), frame.table[value])
        end = ibis.ifelse(flagged & start.notnull(), later, start)
    backwards = _native.decided(frame.table[bad[1]] == 1, otherwise=False)
    name = frame.name("paused")
    helpers = [column for column in frame.table.columns if column not in before]
    due = ibis.ifelse(backwards, _native.nothing("int64"), end)
    frame.assign({name: due}, drop=helpers)
    frame.known[expr] = frame.column(name)
