"""A clock explained: who owes, start, limit, spells, calendar, due, done, result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kaocheng.calendars.numberline import DAY, NEVER
from kaocheng.evaluate.python.trace import Traced
from kaocheng.explaining.conditions import because, is_leaf
from kaocheng.explaining.limits import LimitExplained
from kaocheng.explaining.model import Line
from kaocheng.explaining.names import joined, party, shown
from kaocheng.explaining.subject import Found
from kaocheng.explaining.texts import say
from kaocheng.language.amounts import duration_words
from kaocheng.language.expressions import Advance, Expr, Literal
from kaocheng.language.types import INT
from kaocheng.language.writing import write
from kaocheng.plan.algebra import Clock
from kaocheng.rendering.values import as_of_text
from kaocheng.rendering.words import Pair, status_title

if TYPE_CHECKING:
    from kaocheng.explaining.steps import Walk


def clock_lines(walk: Walk, step: Clock) -> Iterator[Line]:
    """The lines of one clock on one row."""
    yield from _owner(walk)
    traced = {name: walk.trace(expr) for name, expr in _times(step).items()}
    for name, part in traced.items():
        yield _time_line(walk, name, part, step)
    if step.excused is not None:
        part = walk.trace(step.excused)
        traced["excused"] = part
        value = shown(walk.subject, part.value, step.excused.type, walk.version)
        below = walk.facts(part)
        yield say("excused", below, expression=f"`{write(step.excused)}`", value=value)
    yield _as_of(walk)
    yield from _results(walk, traced)


def _owner(walk: Walk) -> Iterator[Line]:
    """Who owes it, where it is not the row itself; several stand in a line of their own."""
    expr = walk.pipeline.output.get("owed_by")
    if expr is None or isinstance(expr, Literal) or not walk.can_trace(expr):
        return
    traced = walk.trace(expr)
    if traced.value == walk.key.get("case"):
        return
    below = () if traced.value is not None else (walk.reason(traced),)
    yield say(
        "owed_by", below, who=party(walk.subject, traced.value), expression=f"`{write(expr)}`"
    )


def _as_of(walk: Walk) -> Line:
    as_of, zone = walk.subject.assessment.times.as_of, walk.subject.zone(walk.version)
    return say("as_of", value=(as_of_text(as_of, zone), as_of_text(as_of, zone, language="zh")))


def _times(step: Clock) -> dict[str, Expr]:
    times = {"start": step.starts, "due": step.due, "met": step.met_at}
    return times if step.lapses_at is None else {**times, "lapses": step.lapses_at}


def _time_line(walk: Walk, name: str, part: Traced, step: Clock) -> Line:
    expr = part.expr
    value = shown(walk.subject, part.value, expr.type, walk.version)
    if name == "due" and part.value == NEVER:
        value = ("not fixed yet", "尚不确定")
    if isinstance(expr, Advance) and name == "due":
        limit = LimitExplained(walk.subject, part, expr, walk.version)
        given = () if limit.amount is None else walk.facts(limit.amount)
        below = (*given, *limit.lines())
        if expr.start != step.starts:
            below = (*_counted_from(walk, part, expr), *below)
        return say("due_limit", below, value=value, limit=limit.words())
    simple = isinstance(expr, Literal) or (is_leaf(expr) and part.value is not None)
    below = () if simple else walk.facts(part)
    return say(name, below, value=value, expression=f"`{write(expr)}`")


def _counted_from(walk: Walk, part: Traced, expr: Advance) -> Iterator[Line]:
    start = next(p for p in part.parts if p.expr is expr.start)
    value = shown(walk.subject, start.value, expr.start.type, walk.version)
    below = () if is_leaf(expr.start) else walk.facts(start)
    yield say("counted_from", below, value=value, expression=f"`{write(expr.start)}`")


def _results(walk: Walk, traced: dict[str, Traced]) -> Iterator[Line]:
    """The result; where several owe it and it is not the same for all, that of each."""
    lines: dict[tuple[str, str], tuple[Line, list[Pair]]] = {}
    for result in walk.results:
        line = _result(walk, result, traced)
        owed_by = party(walk.subject, result.get("owed_by"))
        lines.setdefault((line.en, line.zh), (line, []))[1].append(owed_by)
    for line, owners in lines.values():
        yield line if len(lines) == 1 else say("of_owner", who=joined(owners), line=because(line))


def _result(walk: Walk, result: Found, traced: dict[str, Traced]) -> Line:
    status, late_by = result["status"], result["late_by"]
    if status is None or status == "undetermined":
        unknown = next((p for p in traced.values() if p.value is None), None)
        reason = walk.why_unknown() if unknown is None else walk.reason(unknown)
        return say("undetermined", reason=because(reason))
    if status == "late" and late_by not in (None, NEVER):
        in_days = walk.rule.relation.columns["late_by"] == INT
        words = duration_words(int(str(late_by)) * (DAY if in_days else 1))
        return say("status_late", late_by=words)
    return say("status", status=status_title(str(status)))
