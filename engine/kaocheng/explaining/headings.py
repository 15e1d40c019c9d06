"""The head of an explanation: title, clause, version, and what was assumed."""

from __future__ import annotations

from collections.abc import Mapping

from kaocheng.explaining.model import Line
from kaocheng.explaining.subject import Subject
from kaocheng.explaining.texts import say
from kaocheng.language.schema import Relation
from kaocheng.plan.algebra import RulePlan

# Columns that say which row it is.
KEYS = ("case", "sequence", "period")


def heading(subject: Subject, rule: RulePlan, version: int) -> Line:
    """Title, clause and version of a rule."""
    text = subject.text_of(rule.id, version)
    titles: Mapping[str, str] = {} if text is None else text.titles
    none = say("no_clause")
    clause = (none.en, none.zh) if text is None or not text.clause else (text.clause, text.clause)
    return say(
        "heading",
        title=(titles.get("en", rule.id), titles.get("zh", rule.id)),
        clause=clause,
        version=subject.version(version).name,
    )


def assumptions(subject: Subject, rule: RulePlan, version: int) -> tuple[Line, ...]:
    """What the rule assumes beyond its text."""
    text = subject.text_of(rule.id, version)
    if text is None:
        return ()
    return tuple(
        say("assumed_of", subject=item.subject, reason=_pair(item.reasons))
        if item.subject
        else say("assumed", reason=_pair(item.reasons))
        for item in text.assumed
    )


def _pair(texts: Mapping[str, str]) -> tuple[str, str]:
    return (texts.get("en", ""), texts.get("zh", ""))


def row_name(subject: Subject, relation: Relation, values: Mapping[str, object]) -> str:
    """Which row it is: the case, the event's number, the period."""
    values = {**values, "case": subject.assessment.name_of(str(values.get("case")))}
    parts = [
        str(values[key]) for key in KEYS if values.get(key) is not None and key in relation.columns
    ]
    return " ".join(parts) if len(parts) < 2 or "period" in relation.columns else "#".join(parts)  # noqa: PLR2004
