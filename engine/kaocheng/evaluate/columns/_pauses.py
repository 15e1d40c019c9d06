"""Clocks that stop: `calendars.pauses` over all pauses of all rows at once.

The pauses of a row are joined to it, brought to their union by a running maximum, turned into the
days that they cost where the limit says so, and summed as far as the clock had not run out before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
from attrs import frozen

from kaocheng.calendars.numberline import NEVER
from kaocheng.evaluate.columns import _native, _times
from kaocheng.evaluate.columns._children import items_of, root_reads
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


@frozen(eq=False)
class _Found:
    """What is known of each row that has pauses: a table, and two of its columns."""

    table: ir.Table
    value: str
    flag: str


def join_paused(frame: Frame, exprs: Iterable[Paused]) -> None:
    """What each clock comes to; those that the same pauses stop in the same way go together."""
    frame.identify()
    groups: dict[object, list[Paused]] = {}
    for expr in exprs:
        how = (expr.pauses, expr.variable, expr.inner, expr.since, expr.time, expr.ordinals)
        groups.setdefault(how, []).append(expr)
    for group in groups.values():
        frame.settle()
        _join_group(frame, group)


def _join_group(frame: Frame, exprs: Sequence[Paused]) -> None:
    first = exprs[0]
    reads = [part for expr in exprs for part in expr.children()]
    narrow = frame.narrowed([*root_reads(first.pauses), *first.inner, *reads])
    spells, bad = _spells(narrow, first)
    spells = _union(spells)
    if first.time is not None:
        spells = _days_lost(spells, first, first.time)
    if first.ordinals:
        spells = _ordinals(spells)
    if len(exprs) > 1:
        child = spells.child
        child.replace(child.setting.shared.keep(child.table))
    found = {expr: (_spent if expr.how == "spent" else _free)(expr, spells) for expr in exprs}
    before = set(frame.table.columns)
    for table in (bad.table, *(f.table for f in found.values())):
        own = {name: frame.name("own") for name in frame.identity}
        right = table.rename({new: old for old, new in own.items()})
        tests = [frame.table[old].identical_to(right[new]) for old, new in own.items()]
        frame.replace(frame.table.left_join(right, tests))
    names: dict[Expr, str] = {expr: frame.name("paused") for expr in exprs}
    helpers = [column for column in frame.table.columns if column not in before]
    ends = {names[expr]: _end(frame, expr, bad, found[expr]) for expr in exprs}
    frame.assign(ends, drop=helpers)
    frame.known |= names


def _spells(frame: Frame, expr: Paused) -> tuple[_Spells, _Found]:
    """The pauses that make sense, and the rows that have others."""
    child, _ = items_of(frame, expr.pauses, expr.variable)
    begins, until = child.named([expr.begins, expr.until], "pause")
    kept = ibis.literal(value=True) if expr.keep is None else child.values([expr.keep])[0]
    table = child.table.filter(kept)
    bad = frame.name("backwards")
    backwards = ibis.ifelse(table[until] < table[begins], 1, 0).max()
    grouped = table.group_by(list(frame.identity)).agg(**{bad: backwards})
    child.replace(table.filter(table[begins] < table[until]))
    return _Spells(child, frame.identity, begins, until), _Found(grouped, bad, bad)


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
    first, last = child.named([_sampled(child, b, time) for b in (begins, spells.until)], "day")
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
    begins, until = child.values([call("_working_days_until", INT, day) for day in days])
    open_end = child.table[spells.until] == integer(NEVER)
    first, last = child.name("begins"), child.name("until")
    child.assign({first: begins, last: ibis.ifelse(open_end, integer(NEVER), until)})
    return _Spells(child, spells.rows, first, last)


def _spent(expr: Paused, spells: _Spells) -> _Found:
    """By row: how long the clock stood still before it ran out, and whether it still does."""
    child = spells.child.child(spells.child.table, (), inherits=True)
    spells = _Spells(child, spells.rows, spells.begins, spells.until)
    start = child.value(expr.start)
    begins = ibis.greatest(child.table[spells.begins], start)
    until = ibis.greatest(child.table[spells.until], start)
    lasts_on = until == integer(NEVER)
    length, run, open_end = (child.name(hint) for hint in ("length", "run", "open"))
    lengths = ibis.ifelse(lasts_on, integer(0), until - begins)
    child.assign({length: lengths, run: begins - start, open_end: lasts_on})
    paused = child.table[length].sum().over(spells.window(before=True))
    before = child.add(paused.fill_null(0), "paused")
    budget = _budget(child, expr)
    counts = (budget > 0) & (child.table[run] - child.table[before] < budget)
    applied = child.add(counts, "applied")
    table = child.table
    lost, never = child.name("lost"), child.name("never")
    aggregates = {
        lost: _native.narrowed(_native.wide_sum(table[length], where=table[applied])),
        never: ibis.ifelse(table[applied] & table[open_end], 1, 0).max(),
    }
    return _Found(table.group_by(list(spells.rows)).agg(**aggregates), lost, never)


def _budget(frame: Frame, expr: Paused) -> ir.Value:
    """What the clock has to spend."""
    return frame.value(expr.budget or expr.start)


def _free(expr: Paused, spells: _Spells) -> _Found:
    """By row: the first working day after a lost one that is not lost, and whether any was."""
    child = spells.child.child(spells.child.table, (), inherits=True)
    until = Column(name=spells.until, type=INT)
    (next_day,) = child.values(
        [call("_nth_working_day", INT, call("_working_days_before", INT, until))]
    )
    never = child.table[spells.until] == integer(NEVER)
    candidate, day = child.name("candidate"), child.name("day")
    candidates = ibis.ifelse(never, integer(NEVER), next_day.fill_null(_BEYOND))
    child.assign({candidate: candidates, day: child.value(expr.start)})
    each, taken = _taken(child, spells, candidate, day)
    usable = (each[taken] == 0) & (each[spells.until] > each[day])
    inside = (each[spells.begins] <= each[day]) & (each[day] < each[spells.until])
    found, lost = child.name("found"), child.name("lost")
    aggregates = {
        found: each[candidate].min(where=usable),
        lost: ibis.ifelse(inside, 1, 0).max(),
    }
    return _Found(each.group_by(list(spells.rows)).agg(**aggregates), found, lost)


def _taken(child: Frame, spells: _Spells, candidate: str, day: str) -> tuple[ir.Table, str]:
    """Each spell, and whether another one of the row loses the day that it would lead to."""
    table = child.table
    other = table.select(*spells.rows, spells.begins, spells.until)
    other = other.rename({child.name("other"): name for name in other.columns})
    *same, begins, until = other.columns
    here = table[candidate]
    tests = [table[a].identical_to(other[b]) for a, b in zip(spells.rows, same, strict=True)]
    joined = table.left_join(other, [*tests, other[begins] <= here, here < other[until]])
    lost = joined[until].notnull() & (joined[candidate] != integer(_BEYOND))
    keys = [*spells.rows, candidate, spells.begins, spells.until, day]
    taken = child.name("taken")
    return joined.group_by(keys).agg(**{taken: ibis.ifelse(lost, 1, 0).max()}), taken


def _end(frame: Frame, expr: Paused, bad: _Found, found: _Found) -> ir.Value:
    """When the clock ends; unknown where a pause ends before it begins."""
    table = frame.table
    flagged = _native.decided(table[found.flag] == 1, otherwise=False)
    start, nothing = frame.value(expr.start), _native.nothing("int64")
    if expr.how == "spent":
        lost = table[found.value].fill_null(0)
        ends = _native.plus(_native.plus(start, _budget(frame, expr)), lost)
        end = ibis.ifelse(flagged, integer(NEVER), ends)
    else:
        beyond = table[found.value] == integer(_BEYOND)
        later = ibis.ifelse(beyond, nothing, table[found.value])
        end = ibis.ifelse(flagged & start.notnull(), later, start)
    backwards = _native.decided(table[bad.flag] == 1, otherwise=False)
    return ibis.ifelse(backwards, nothing, end)
