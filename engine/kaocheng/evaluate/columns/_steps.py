"""The steps that look at one row at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from kaocheng.evaluate.columns import _native
from kaocheng.evaluate.columns._carrying import carry
from kaocheng.evaluate.columns._expanding import each, split
from kaocheng.evaluate.columns._grouping import number_rows, tally
from kaocheng.evaluate.columns._nodes import (
    LISTINGS,
    Column,
    Meaning,
    RowChoice,
    RowOf,
    call,
    is_simple,
    never_unknown,
    number,
    when,
)
from kaocheng.evaluate.columns._running import Running
from kaocheng.language.expressions import Expr, Field, Literal, Variable
from kaocheng.language.types import BOOL, DATE, DURATION, INT, STRING, Row
from kaocheng.plan.algebra import (
    ROW,
    Carry,
    Clock,
    Derive,
    Each,
    Number,
    Require,
    Split,
    Step,
    Tally,
    Where,
)


def where(running: Running, step: Where) -> None:
    """Rows for which the condition is not false."""
    condition = running.core(step.condition)
    frame = running.frame
    if never_unknown(condition):
        (holds,) = frame.values([condition])
        frame.replace(frame.table.filter(holds))
        return
    (name,) = frame.named([condition], "holds")
    frame.replace(frame.table.filter(_native.decided(frame.table[name], otherwise=True)))
    running.mark([Column(name=name, type=BOOL)])


def derive(running: Running, step: Derive) -> None:
    """Columns by expression; those that rest on each other are computed one after the other."""
    waiting: dict[str, Expr] = {}
    for column, expr in step.columns.items():
        if not waiting.keys().isdisjoint(_columns_read(expr)):
            running.keep(waiting)
            waiting = {}
        meaning = running.normal.meaning(expr, running.names)
        if _is_alias(meaning):
            waiting.pop(column, None)
            running.set(column, meaning)
        elif isinstance(meaning, Expr):
            waiting[column] = meaning
    running.keep(waiting)


def _is_alias(meaning: Meaning) -> bool:
    """Whether a column needs no computing: a row, a list, or what is a column already."""
    if isinstance(meaning, (RowOf, RowChoice, *LISTINGS)):
        return True
    return is_simple(meaning) or isinstance(meaning.type, Row)


def _columns_read(expr: Expr) -> Iterator[str]:
    for node in expr.walk():
        if isinstance(node, Field) and isinstance(node.row, Variable) and node.row.name == ROW:
            yield node.name


def require(running: Running, step: Require) -> None:
    """Mark rows in which one of the columns is unknown."""
    running.mark([running.columns[column] for column in step.columns])


def clock(running: Running, step: Clock) -> None:
    """The status of a deadline and how late it is."""
    given = {
        "start": step.starts,
        "due": step.due,
        "met_at": step.met_at,
        "lapses_at": step.lapses_at,
        "excused": step.excused,
    }
    values = {name: running.core(expr) for name, expr in given.items() if expr is not None}
    names = running.frame.named(list(values.values()), "clock")
    times: dict[str, Expr] = {
        key: Column(name=name, type=values[key].type)
        for key, name in zip(values, names, strict=True)
    }
    dates = step.starts.type == DATE
    as_of = running.setting.today if dates else running.setting.as_of
    status = running.made({"status": _status(times, as_of)})["status"]
    late = call("eq", BOOL, status, Literal(type=STRING, value="late"))
    late_by = call("sub", INT if dates else DURATION, times["met_at"], times["due"])
    for key in ("start", "due", "met_at"):
        running.set(key, times[key])
    running.keep({"late_by": when(late, late_by, number(0, late_by.type))})
    running.set("status", status)
    running.mark(times.values())


def _status(times: Mapping[str, Expr], as_of: Expr) -> Expr:
    """The tests of a clock in order; each unknown comes just before the test that it decides."""
    start, due, met_at = times["start"], times["due"], times["met_at"]
    lapses_at, excused = times.get("lapses_at"), times.get("excused")
    met = _le(met_at, as_of)
    tests: list[tuple[Expr, str]] = [
        (_unknown(start), "undetermined"),
        (call("gt", BOOL, start, as_of), "not_begun"),
    ]
    if excused is not None:
        tests += [(_unknown(excused), "undetermined"), (excused, "excused")]
    tests += [
        (_unknown(met_at), "undetermined"),
        (_both(met, _unknown(due)), "undetermined"),
        (_both(met, _le(met_at, due)), "met"),
    ]
    if lapses_at is not None:
        lapsed = _both(_le(lapses_at, as_of), call("lt", BOOL, lapses_at, met_at))
        tests += [(_unknown(lapses_at), "undetermined"), (lapsed, "lapsed")]
    tests += [
        (met, "late"),
        (_unknown(due), "undetermined"),
        (call("lt", BOOL, due, as_of), "overdue"),
    ]
    words = [part for test, word in tests for part in (test, Literal(type=STRING, value=word))]
    return call("_first_of", STRING, *words, Literal(type=STRING, value="open"))


def _le(a: Expr, b: Expr) -> Expr:
    return call("le", BOOL, a, b)


def _both(a: Expr, b: Expr) -> Expr:
    return call("and", BOOL, a, b)


def _unknown(expr: Expr) -> Expr:
    return call("not", BOOL, call("_there", BOOL, expr))


STEPS: Mapping[type[Step], Callable[..., None]] = {
    Where: where,
    Derive: derive,
    Require: require,
    Each: each,
    Clock: clock,
    Number: number_rows,
    Split: split,
    Tally: tally,
    Carry: carry,
}
"""Every step of the algebra; a test holds the table complete."""
