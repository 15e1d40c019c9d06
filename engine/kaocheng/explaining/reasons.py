"""Why a row is undetermined: the first fact that is missing, as far back as it is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kaocheng.evaluate.python import Traced
from kaocheng.explaining.governing import governing
from kaocheng.explaining.model import Line
from kaocheng.explaining.names import fact_name, joined, named_path, row_name, shown
from kaocheng.explaining.subject import Subject, Values, key_of
from kaocheng.explaining.texts import say
from kaocheng.language.expressions import Expr, Field, Linked, Literal, Lookup, Variable
from kaocheng.language.schema import Relation
from kaocheng.language.types import Row
from kaocheng.language.writing import write
from kaocheng.plan.algebra import ROW, Derive, RulePlan, Step
from kaocheng.rendering.words import rule_title


def culprit(traced: Traced) -> Traced:
    """The part that an unknown comes from: the innermost with the same reason."""
    for part in traced.parts:
        if part.value is None and part.reason == traced.reason:
            return culprit(part)
    return traced


def reason_line(
    subject: Subject, traced: Traced, bindings: Mapping[str, object] | None = None
) -> Line:
    """Why something is unknown, the missing fact called by its name.

    `bindings` are the rows that the expression was evaluated with: where one is the result
    of a rule that is undetermined, what is missing there is missing here.
    """
    reason = traced.reason
    if reason is None:
        return say("unknown")
    found = culprit(traced)
    inherited = _of_read_row(subject, found, bindings or {})
    if inherited is not None:
        return inherited
    if isinstance(found.expr, Literal):
        return say("no_value")
    is_fact = isinstance(found.expr, (Field, Linked)) and not _is_derived(found.expr)
    if reason.kind == "missing" and is_fact:
        english, chinese = named_path(subject, found.expr)
        return say("missing", subject=(english, _spaced(chinese)))
    if isinstance(found.expr, Lookup) and reason.kind == "no_such_key":
        return _no_row(subject, found, found.expr)
    code = f"`{reason.subject}`"
    return say(reason.kind, subject=(code, _spaced(code) if reason.kind == "missing" else code))


def _no_row(subject: Subject, found: Traced, expr: Lookup) -> Line:
    """A table that has no row for what it was asked."""
    latest, name = len(subject.plan.versions) - 1, fact_name(subject, expr)
    if name[0] == write(expr):
        name = (f"`{expr.table}`", f"`{expr.table}` ")
    keys = [shown(subject, part.value, part.expr.type, latest) for part in found.parts]
    return say("no_such_row", table=name, keys=joined(keys))


def _spaced(name: str) -> str:
    """A name before a Chinese word: code is set off by a space."""
    return f"{name} " if name.endswith("`") else name


def _is_derived(expr: Expr) -> bool:
    return any(isinstance(node, Variable) and node.name == ROW for node in expr.walk())


def _of_read_row(subject: Subject, found: Traced, bindings: Mapping[str, object]) -> Line | None:
    """The reason of the rule that gave the row whose column is unknown."""
    expr = found.expr
    if not isinstance(expr, (Field, Linked)) or not isinstance(expr.row.type, Row):
        return None
    row = found.parts[0].value if found.parts else None
    if isinstance(expr.row, Variable):
        row = bindings.get(expr.row.name)
    if not isinstance(row, tuple):
        return None
    relation = subject.plan.relations[expr.row.type.relation]
    if isinstance(expr, Linked):
        return _of_linked(subject, relation, row, expr.link)
    return _of_source(subject, relation, row)


def _of_linked(subject: Subject, relation: Relation, row: Values, name: str) -> Line | None:
    """The reason of the rule behind a link: its result is undetermined, or there is none."""
    link = relation.links[name]
    source = _rule_of(subject, link.relation)
    if source is None or link.many:
        return None
    there = subject.plan.relations[link.relation]
    wanted = [(there.index(column), row[relation.index(own)]) for own, column in link.on]
    for result in subject.rows.get(link.relation, ()):
        if all(result[place] == value for place, value in wanted):
            return _of_source(subject, there, result)
    return say("no_result", rule=rule_title(subject.assessment, source.id))


def _rule_of(subject: Subject, relation: str) -> RulePlan | None:
    return next((r for r in subject.plan.rules if r.relation.name == relation), None)


def why_unknown(subject: Subject, rule: RulePlan, version: int, row: Values) -> Line:
    """Why the rule cannot decide the row: what its source lacks, else what its own steps miss."""
    pipeline = rule.variants[version]
    relation = subject.plan.relations[pipeline.source]
    inherited = _of_source(subject, relation, row)
    return inherited or _of_steps(subject, rule, version, row) or say("unknown")


def _of_source(subject: Subject, relation: Relation, row: Values) -> Line | None:
    """The reason of the rule whose undetermined result the row is."""
    if "undetermined" not in relation.columns or row[relation.index("undetermined")] is not True:
        return None
    source = _rule_of(subject, relation.name)
    if "rule" in relation.columns:  # of the results of several rules, the one that gave this
        source = _rule_of(subject, str(row[relation.index("rule")]))
    if source is None:
        return None
    title = rule_title(subject.assessment, source.id)
    reason = _of_origin(subject, source, relation, row)
    if reason is None:
        return say("rests_on", rule=title, row=row_name(subject, relation, row))
    return say("because_of", rule=title, reason=(reason.en, reason.zh))


def _of_origin(subject: Subject, rule: RulePlan, result: Relation, row: Values) -> Line | None:
    """The reason why a result of a rule is undetermined, from the row that it was made of."""
    for name in sorted({pipeline.source for pipeline in rule.variants.values()}):
        relation = subject.plan.relations[name]
        if not set(relation.key) <= set(result.columns):
            continue
        key = tuple(row[result.index(column)] for column in relation.key)
        for origin in subject.rows.get(name, ()):
            if key_of(relation, origin) == key:
                version = governing(subject, rule, origin).version
                return None if version is None else why_unknown(subject, rule, version, origin)
    return None


def _of_steps(subject: Subject, rule: RulePlan, version: int, row: Values) -> Line | None:
    pipeline = rule.variants[version]
    derived: dict[str, object] = {}
    bindings = {pipeline.variable: row, ROW: derived}
    moment = governing(subject, rule, row).moment
    for step in pipeline.steps:
        for name, expr in _expressions(step):
            if _reads_missing(expr, derived):
                continue
            traced = subject.trace(expr, bindings, version, moment=moment)
            if traced.value is None and traced.reason is not None:
                return reason_line(subject, traced, bindings)
            if name:
                derived[name] = traced.value
    return None


def _expressions(step: Step) -> Iterator[tuple[str, Expr]]:
    if isinstance(step, Derive):
        yield from step.columns.items()
    else:
        yield from (("", expr) for expr in step.expressions())


def _reads_missing(expr: Expr, derived: Mapping[str, object]) -> bool:
    """Whether an expression reads a column that was not worked out, or the state before a row."""
    return any(
        (isinstance(n, Variable) and n.name == "was")
        or (
            isinstance(n, Field)
            and isinstance(n.row, Variable)
            and n.row.name == ROW
            and n.name not in derived
        )
        for n in expr.walk()
    )
