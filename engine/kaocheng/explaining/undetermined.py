"""What could not be decided, each row with the first fact that is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import frozen

from kaocheng.assessment import Assessment
from kaocheng.explaining.model import Line
from kaocheng.explaining.reasons import why_unknown
from kaocheng.explaining.subject import Key, Subject, Values, key_of
from kaocheng.plan.algebra import RulePlan


@frozen(kw_only=True)
class Undetermined:
    """A row that could not be decided: its rule, its key, and the reason in two languages."""

    rule: str
    key: Mapping[str, object]
    reason: Line


def undetermined(assessment: Assessment) -> Iterator[Undetermined]:
    """Every undetermined row of the assessment, in the order of the plan."""
    subject = Subject(assessment)
    for rule in assessment.ruleset.plan.rules:
        if "." not in rule.id:
            yield from _rows(subject, rule)


def _rows(subject: Subject, rule: RulePlan) -> Iterator[Undetermined]:
    place, version = rule.relation.index("undetermined"), rule.relation.index("version")
    found = [row for row in subject.assessment.results.get(rule.id, ()) if row[place]]
    sources: dict[str, dict[Key, Values]] = {}
    for row in found:
        index = row[version]
        if not isinstance(index, int) or index not in rule.variants:
            continue
        name = rule.variants[index].source
        relation = subject.plan.relations[name]
        if name not in sources:
            sources[name] = {key_of(relation, r): r for r in subject.rows.get(name, ())}
        key = {n: row[rule.relation.index(n)] for n in relation.key if n in rule.relation.columns}
        source = sources[name].get(tuple(key.get(n) for n in relation.key))
        if source is not None:
            reason = why_unknown(subject, rule, index, source)
            yield Undetermined(rule=rule.id, key=key, reason=reason)
