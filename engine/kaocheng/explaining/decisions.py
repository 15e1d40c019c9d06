"""A choice explained: how many were chosen in its period, and how many may be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kaocheng.explaining.model import Line
from kaocheng.explaining.results import finding_line
from kaocheng.explaining.subject import Found
from kaocheng.explaining.texts import say
from kaocheng.language.expressions import Call, Literal
from kaocheng.plan.algebra import RulePlan, Where
from kaocheng.rendering.words import Pair

if TYPE_CHECKING:
    from kaocheng.explaining.steps import Walk

# The comparison that breaks a bound, and the bound in words.
_BOUNDS = {
    "ne": ("exactly {n} are to be chosen", "应选 {n} 项"),
    "gt": ("at most {n} may be chosen", "至多选 {n} 项"),
    "lt": ("at least {n} are to be chosen", "至少选 {n} 项"),
}


def choice_lines(walk: Walk) -> Iterator[Line]:
    """What the rule says of the period that the choice was made in."""
    rules = {rule.id: rule for rule in walk.subject.plan.rules}
    count, wrong = (rules.get(f"{walk.rule.id}.{part}") for part in ("count", "miscounted"))
    if count is None or wrong is None or not walk.results:
        return
    counted = _period_of(walk, count)
    bound = _bound(wrong, walk.version)
    if counted is None or bound is None:
        return
    yield say("chosen", period=str(counted["period"]), count=str(counted["value"]), bound=bound)
    for found in walk.subject.assessment.rows(wrong.id):
        if found["period"] == counted["period"] and not found["undetermined"]:
            yield finding_line(walk, found)


def _period_of(walk: Walk, count: RulePlan) -> Found | None:
    day = walk.results[0]["at"]
    for row in walk.subject.assessment.rows(count.id):
        first, last = row["period.first_day"], row["period.last_day"]
        known = isinstance(day, int) and isinstance(first, int) and isinstance(last, int)
        if known and first <= day <= last:  # type: ignore[operator]
            return row
    return None


def _bound(wrong: RulePlan, version: int) -> Pair | None:
    """The bound, read off the condition that breaks it."""
    pipeline = wrong.variants.get(version)
    conditions = () if pipeline is None else pipeline.steps
    for step in conditions:
        condition = step.condition if isinstance(step, Where) else None
        if isinstance(condition, Call) and condition.op in _BOUNDS:
            number = condition.args[1]
            if isinstance(number, Literal):
                english, chinese = _BOUNDS[condition.op]
                return (english.format(n=number.value), chinese.format(n=number.value))
    return None
