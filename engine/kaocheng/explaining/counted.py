"""A tally seen from one of the rows that it runs over: where the row counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from kaocheng.calendars.numberline import NEVER
from kaocheng.calendars.periods import period_of
from kaocheng.calendars.zones import local_day
from kaocheng.evaluate.python import Traced
from kaocheng.explaining.conditions import because
from kaocheng.explaining.model import Line
from kaocheng.explaining.names import shown
from kaocheng.explaining.tallies import group_words
from kaocheng.explaining.texts import say
from kaocheng.language.types import DATE
from kaocheng.language.writing import write
from kaocheng.plan.algebra import Tally
from kaocheng.rendering.words import Pair

if TYPE_CHECKING:
    from kaocheng.explaining.steps import Walk


def counted_lines(walk: Walk, step: Tally) -> Iterator[Line]:
    """In which group and period the row is counted, and with what."""
    at = None if step.at is None else walk.trace(step.at)
    if at is not None and at.value == NEVER:
        walk.ended = True
        below = walk.facts(at)
        yield say("counts_not_yet", below, expression=f"`{write(at.expr)}`")
        return
    unknown = _unknown(walk, step, at)
    if unknown is not None:
        walk.ended = True
        yield say("left_out_undetermined", reason=because(unknown))
        return
    yield _counted(walk, step, at)


def _unknown(walk: Walk, step: Tally, at: Traced | None) -> Line | None:
    """What the tally does not know of the row, which it therefore leaves out."""
    measure = step.measures[0].of
    needed = [*(walk.trace(expr) for expr in step.per.values())]
    needed += [] if at is None else [at]
    needed += [] if measure is None else [walk.trace(measure)]
    missing = next((part for part in needed if part.value is None), None)
    if missing is not None:
        return walk.reason(missing)
    rows = walk.subject.after(walk.rule, walk.version, walk.pipeline.steps.index(step))
    kept = rows.get(walk.own_key, [])
    return walk.why_unknown() if any(row["undetermined"] for row in kept) else None


def _counted(walk: Walk, step: Tally, at: Traced | None) -> Line:
    group: dict[str, object] = {name: walk.trace(expr).value for name, expr in step.per.items()}
    if step.period is not None and at is not None and isinstance(at.value, int):
        zone = walk.subject.zone(walk.version)
        day = at.value if at.expr.type == DATE else local_day(zone, at.value)
        group["period"] = period_of(step.period, day).name
    words = group_words(walk.subject, walk.rule, group, walk.version)
    total = _total(walk, group)
    measure = step.measures[0]
    if measure.of is None:
        return say("counted", group=_in(words), total=total)
    value = shown(walk.subject, walk.trace(measure.of).value, measure.of.type, walk.version)
    return say("counted_with", group=_in(words), total=total, value=value)


def _in(words: Pair) -> Pair:
    return (f" for {words[0]}", words[1]) if words[0] else ("", "总数")


def _total(walk: Walk, group: Mapping[str, object]) -> Pair:
    """What the tally came to for that group."""
    for row in walk.subject.assessment.rows(walk.rule.id):
        if all(row[name] == value for name, value in group.items()):
            type_ = walk.rule.relation.columns["value"]
            return shown(walk.subject, row["value"], type_, walk.version)
    return ("0", "0")
