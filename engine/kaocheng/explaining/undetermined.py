"""What could not be decided, each row with the first fact that is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import frozen

from kaocheng.assessment import Assessment
from kaocheng.explaining.conditions import reason_line
from kaocheng.explaining.model import Line
from kaocheng.explaining.subject import Subject, Values
from kaocheng.language.expressions import Expr, Field, Variable
from kaocheng.language.schema import Relation
from kaocheng.plan.algebra import ROW, Derive, RulePlan, Step


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
    sources: dict[str, dict[tuple[object, ...], Values]] = {}
    for row in found:
        index = row[version]
        if not isinstance(index, int) or index not in rule.variants:
            continue
        name = rule.variants[index].source
        relation = subject.plan.relations[name]
        if name not in sources:
            sources[name] = {_key(relation, r): r for r in subject.rows.get(name, ())}
        key = {n: row[rule.relation.index(n)] for n in relation.key if n in rule.relation.columns}
        source = sources[name].get(tuple(key.get(n) for n in relation.key))
        if source is not None:
            reason = _reason(subject, rule, index, source)
            yield Undetermined(rule=rule.id, key=key, reason=reason)


def _key(relation: Relation, row: Values) -> tuple[object, ...]:
    return tuple(row[relation.index(name)] for name in relation.key)


def _reason(subject: Subject, rule: RulePlan, version: int, source: Values) -> Line:
    pipeline = rule.variants[version]
    derived: dict[str, object] = {}
    bindings = {pipeline.variable: source, ROW: derived}
    for step in pipeline.steps:
        for name, expr in _expressions(step):
            if _reads_missing(expr, derived):
                continue
            traced = subject.trace(expr, bindings, version)
            if traced.value is None and traced.reason is not None:
                return reason_line(traced.reason)
            if name:
                derived[name] = traced.value
    return reason_line(None)


def _expressions(step: Step) -> Iterator[tuple[str, Expr]]:
    if isinstance(step, Derive):
        yield from step.columns.items()
    else:
        yield from (("", expr) for expr in step.expressions())


def _reads_missing(expr: Expr, derived: Mapping[str, object]) -> bool:
    return any(
        isinstance(n, Field)
        and isinstance(n.row, Variable)
        and n.row.name == ROW
        and n.name not in derived
        for n in expr.walk()
    )
