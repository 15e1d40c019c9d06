"""The head of an explanation: title, clause, version, and what was assumed."""

from __future__ import annotations

from kaocheng.explaining.conditions import pair_of
from kaocheng.explaining.model import Line
from kaocheng.explaining.subject import Subject
from kaocheng.explaining.texts import say
from kaocheng.plan.algebra import RulePlan


def heading(subject: Subject, rule: RulePlan, version: int) -> Line:
    """Title, clause and version of a rule."""
    text = subject.text_of(rule.id, version)
    titles = {} if text is None else text.titles
    name = subject.version(version).name
    title = (titles.get("en", rule.id), titles.get("zh", rule.id))
    none = say("no_clause")
    clause = (none.en, none.zh) if text is None or not text.clause else (text.clause, text.clause)
    return say("heading", title=title, clause=clause, version=name)


def assumptions(subject: Subject, rule: RulePlan, version: int) -> tuple[Line, ...]:
    """What the rule assumes beyond its text."""
    text = subject.text_of(rule.id, version)
    if text is None:
        return ()
    return tuple(
        say("assumed_of", subject=item.subject, reason=pair_of(item.reasons))
        if item.subject
        else say("assumed", reason=pair_of(item.reasons))
        for item in text.assumed
    )
