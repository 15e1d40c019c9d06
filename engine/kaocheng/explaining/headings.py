"""The head of an explanation: title, clause, version, and what was assumed."""

from __future__ import annotations

from kaocheng.explaining.conditions import assumption_lines
from kaocheng.explaining.model import Line
from kaocheng.explaining.subject import Subject
from kaocheng.explaining.texts import say
from kaocheng.plan.algebra import RulePlan
from kaocheng.rendering.words import provenance


def heading(subject: Subject, rule: RulePlan, version: int) -> Line:
    """Title, clause and version of a rule."""
    text = subject.text_of(rule.id, version)
    titles = {} if text is None else text.titles
    name = subject.version(version).name
    title = (titles.get("en", rule.id), titles.get("zh", rule.id))
    none = say("no_clause")
    source = ("", "") if text is None else provenance(text, subject.version(version).cite)
    clause = source if any(source) else (none.en, none.zh)
    return say("heading", title=title, clause=clause, version=name)


def assumptions(subject: Subject, rule: RulePlan, version: int) -> tuple[Line, ...]:
    """What the rule assumes beyond its text."""
    text = subject.text_of(rule.id, version)
    return () if text is None else assumption_lines(text.assumed)
