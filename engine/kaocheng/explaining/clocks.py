"""A clock explained: start, limit, spells, calendar, due, done, result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kaocheng.calendars.numberline import DAY, NEVER
from kaocheng.evaluate.python.trace import Traced
from kaocheng.explaining.conditions import because, facts, is_leaf
from kaocheng.explaining.model import Line
from kaocheng.explaining.texts import say, word
from kaocheng.language.amounts import duration_words
from kaocheng.language.expressions import Advance, Expr, Literal
from kaocheng.language.types import INSTANT, INT, ListOf, Row
from kaocheng.language.writing import limit_text, limit_text_zh, write
from kaocheng.plan.algebra import Clock

if TYPE_CHECKING:
    from kaocheng.explaining.steps import Walk


def clock_lines(walk: Walk, step: Clock) -> Iterator[Line]:
    """The lines of one clock on one row."""
    traced = {name: walk.trace(expr) for name, expr in _times(step).items()}
    for name, part in traced.items():
        yield _time_line(walk, name, part)
    if step.excused is not None:
        part = walk.trace(step.excused)
        value = walk.subject.show(part.value, step.excused.type, walk.version)
        below = facts(walk.subject, part, walk.version)
        yield say("excused", below, expression=f"`{write(step.excused)}`", value=value)
    as_of = walk.subject.show(walk.subject.assessment.times.as_of, INSTANT, walk.version)
    yield say("as_of", value=as_of)
    yield from _results(walk, traced)


def _times(step: Clock) -> dict[str, Expr]:
    times = {"start": step.starts, "due": step.due, "met": step.met_at}
    return times if step.lapses_at is None else {**times, "lapses": step.lapses_at}


def _time_line(walk: Walk, name: str, part: Traced) -> Line:
    expr = part.expr
    value = walk.subject.show(part.value, expr.type, walk.version)
    if part.value is None:
        value = because(part.reason)
    if name == "due" and isinstance(expr, Advance):
        amount = None if expr.amount is None else walk.shown_number(_amount(part, expr))
        below = (*_spells(walk, part, expr), *_calendar(walk, expr))
        limit = limit_text(expr.limit, amount=amount), limit_text_zh(expr.limit, amount=amount)
        return say("due_limit", below, value=value, limit=limit)
    simple = isinstance(expr, Literal) or is_leaf(expr)
    below = () if simple else facts(walk.subject, part, walk.version)
    return say(name, below, value=value, expression=f"`{write(expr)}`")


def _amount(part: Traced, expr: Advance) -> object:
    return next((p.value for p in part.parts if p.expr is expr.amount), None)


def _spells(walk: Walk, part: Traced, expr: Advance) -> Iterator[Line]:
    rows = next((p.value for p in part.parts if p.expr is expr.pauses), None)
    if expr.pauses is None or not isinstance(rows, (tuple, list)):
        return
    item = expr.pauses.type.item if isinstance(expr.pauses.type, ListOf) else None
    if not isinstance(item, Row):
        return
    relation = walk.subject.plan.relations[item.relation]
    start, end = relation.index("from"), relation.index("until")
    for row in rows:
        first = walk.subject.show(row[start], relation.columns["from"], walk.version)
        last = walk.subject.show(row[end], relation.columns["until"], walk.version)
        yield say("pause", first=first, last=last)


def _calendar(walk: Walk, expr: Advance) -> Iterator[Line]:
    edition = walk.subject.setting(walk.version).edition if expr.limit.by_working_days else None
    if edition is not None:
        yield say("calendar", edition=edition.name)


def _results(walk: Walk, traced: dict[str, Traced]) -> Iterator[Line]:
    for result in walk.results:
        status = result["status"]
        late_by = result["late_by"]
        if status is None or status == "undetermined":
            unknown = next((p for p in traced.values() if p.value is None), None)
            yield say("undetermined", reason=because(unknown.reason if unknown else None))
        elif status == "late" and late_by not in (None, NEVER):
            in_days = walk.rule.relation.columns["late_by"] == INT
            shown = duration_words(int(str(late_by)) * (DAY if in_days else 1))
            yield say("status_late", late_by=shown)
        else:
            yield say("status", status=word(str(status)))
