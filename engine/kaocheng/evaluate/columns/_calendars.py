"""Zones and working days as small tables, joined by equal whole numbers.

An as-of join finds the offset of an instant fifteen times slower than an equal join does. So the
table of a zone is cut into stretches of equal length, short enough that each holds one change at
most: the stretch is a division, and the rest one comparison.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

from kaocheng.calendars.editions import Edition
from kaocheng.calendars.numberline import DAY, FIRST_INSTANT, NEVER
from kaocheng.calendars.zones import Zone
from kaocheng.evaluate.columns import _native
from kaocheng.evaluate.columns._native import integer
from kaocheng.evaluate.columns._setting import rows_table, unsupported
from kaocheng.language.expressions import Call, Expr

if TYPE_CHECKING:
    import pyarrow as pa

    from kaocheng.evaluate.columns._frames import Frame

# Wall times reach two days beyond the first instant; stretches are counted from there.
_BASE = FIRST_INSTANT - 2 * DAY
_INT = "int64"


def stretches(starts: Sequence[int], offsets: Sequence[int]) -> tuple[int, list[tuple[int, ...]]]:
    """The length of a stretch, and the rows (stretch, change, offset before, offset from it on).

    The first and the last row also hold for all that lies before and after them.
    """
    changes = list(starts[1:])
    length = min((b - a for a, b in pairwise(changes)), default=DAY)
    first, last = ((change - _BASE) // length for change in (changes[0], changes[-1]))
    rows: list[tuple[int, ...]] = []
    for stretch in range(first, last + 1):
        begin = _BASE + stretch * length
        place = bisect_right(starts, begin)
        change = starts[place] if place < len(starts) else NEVER
        after = offsets[min(place, len(offsets) - 1)]
        rows.append((stretch, change, offsets[place - 1], after))
    return length, rows


def join_offsets(frame: Frame, exprs: Iterable[Call]) -> None:
    """The zone's offset at an instant, or to subtract from a wall time."""
    zone = frame.setting.zone
    exprs = list(exprs)
    tables = {op: _stretch_table(frame, zone, op) for op in {expr.op for expr in exprs}}
    keys: dict[str, ir.Value] = {}
    places: dict[Call, str] = {}
    for expr in exprs:
        length, first, last, _ = tables[expr.op]
        time = frame.value(expr.args[0])
        stretch = _native.divide(time - _BASE, integer(length))
        within = _between(stretch, first, last)
        places[expr] = frame.name("stretch")
        # NEVER is caught by the limits before anything is computed from it.
        keys[places[expr]] = (time < NEVER).ifelse(within, integer(last))
    frame.assign(keys)
    joined = {expr: _join_offset(frame, places[expr], tables[expr.op][3]) for expr in exprs}
    values, helpers = {}, [*keys]
    for expr, names in joined.items():
        table = frame.table
        changed = frame.value(expr.args[0]) >= table[names["change"]]
        name = frame.name("offset")
        values[name] = changed.ifelse(table[names["after"]], table[names["before"]])
        helpers += names.values()
        frame.known[expr] = name
    frame.assign(values, drop=helpers)


def _between(value: ir.Value, first: int, last: int) -> ir.Value:
    """The value moved up to `first` or down to `last`; unknown stays so where it is used."""
    return ibis.least(ibis.greatest(value, integer(first)), integer(last))


def _stretch_table(frame: Frame, zone: Zone, op: str) -> tuple[int, int, int, ir.Table]:
    starts = zone.utc_starts if op == "_utc_offset" else zone.local_starts
    length, rows = stretches(starts, zone.offsets)
    columns = dict.fromkeys(("stretch", "change", "before", "after"), _INT)
    key = (op, zone.name)
    table = frame.setting.shared.given(key, lambda: rows_table(columns, list(rows)))
    return length, rows[0][0], rows[-1][0], table


def _join_offset(frame: Frame, key: str, table: ir.Table) -> dict[str, str]:
    right, names = renamed(frame, table)
    frame.replace(frame.table.left_join(right, [frame.table[key] == right[names["stretch"]]]))
    return names


def renamed(
    frame: Frame, table: ir.Table, columns: Iterable[str] | None = None
) -> tuple[ir.Table, dict[str, str]]:
    """The table, or some columns of it, with columns of new names, and those names."""
    wanted = table.columns if columns is None else columns
    names = {name: frame.name(name) for name in wanted}
    return table.select(**{new: table[old] for old, new in names.items()}), names


# Working days -------------------------------------------------------------------------------


def join_days(frame: Frame, exprs: Iterable[Call]) -> None:
    """Whether a day is worked, and how many are before it."""
    by_day: dict[Expr, list[Call]] = {}
    for expr in exprs:
        by_day.setdefault(expr.args[0], []).append(expr)
    joined = {day: _join_day(frame, day) for day in by_day}
    values: dict[str, ir.Value] = {}
    for day, wanted in by_day.items():
        for expr in wanted:
            name = frame.name("working")
            values[name] = _of_day(frame, expr, frame.value(day), joined[day])
            frame.known[expr] = name
    frame.assign(values, drop=[name for names in joined.values() for name in names.values()])


def _join_day(frame: Frame, day: Expr) -> dict[str, str]:
    edition = _edition(frame)

    def make() -> pa.Table:
        return rows_table(
            dict.fromkeys(("day", "worked", "before"), _INT), list(edition.day_rows())
        )

    right, names = renamed(frame, frame.setting.shared.given(("days", edition), make))
    frame.replace(frame.table.left_join(right, [frame.value(day) == right[names["day"]]]))
    return names


def _edition(frame: Frame) -> Edition:
    edition = frame.setting.edition
    if edition is None:
        raise unsupported("working_day", "the version names no calendar", zh="该版本未指明日历")
    return edition


def _of_day(frame: Frame, expr: Call, day: ir.Value, names: Mapping[str, str]) -> ir.Value:
    before = frame.table[names["before"]]
    if expr.op == "_is_worked":
        return frame.table[names["worked"]] == 1
    if expr.op == "_working_days_before":
        return before
    edition = _edition(frame)
    over = (day > edition.last_day, integer(len(edition.days)))
    return ibis.cases(over, (day < edition.first_day, integer(0)), else_=before)


def join_nth(frame: Frame, exprs: Iterable[Call]) -> None:
    """The working day that has so many others before it."""
    edition = _edition(frame)

    def make() -> pa.Table:
        return rows_table({"place": _INT, "day": _INT}, list(enumerate(edition.days)))

    for expr in exprs:
        right, names = renamed(frame, frame.setting.shared.given(("nth", edition), make))
        place = frame.value(expr.args[0])
        frame.replace(frame.table.left_join(right, [place == right[names["place"]]]))
        frame.known[expr] = names["day"]
