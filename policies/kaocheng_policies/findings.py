"""Findings: conclusions from facts that are not a clock's, alleged until a person verifies them."""

from __future__ import annotations

from collections.abc import Sequence

from kaocheng.language.expressions import Expr
from kaocheng.language.schema import Relation
from kaocheng.language.sections import FOR_KEY, BuiltRule, Scope, Section, rule_record
from kaocheng.language.shapes import Expression, Fields, Identifier, Key
from kaocheng.language.types import BOOL, DATE, INSTANT, ListOf
from kaocheng.plan.algebra import Each, Pipeline, Step, Where
from kaocheng_policies._shared import (
    FINDING_TITLE_KEY,
    FINDINGS_RELATION,
    HIDDEN,
    derived,
    instant_from,
    nothing,
    owner,
    text,
)
from kaocheng_policies.points import begun
from kaocheng_policies.violations import Finding, stage_of

SHAPE = rule_record(
    "a finding",
    "认定",
    FOR_KEY,
    Key("when", Expression("true or false"), "what makes the finding", "认定条件", required=True),
    Key("finding", Identifier(), "its kind", "认定种类", required=True),
    FINDING_TITLE_KEY,
    Key("owed_by", Expression("who answers for it"), "who answers for it", "责任者"),
    Key("at", Expression("a date or instant"), "when it arose", "发生时间"),
)


def build(fields: Fields, scope: Scope) -> Sequence[BuiltRule]:
    """One alleged finding per row and whoever answers, once its time has come."""
    source = scope.source(fields)
    if source is None:
        return ()
    variables = source.variables()
    when = scope.compile(fields.get("when"), variables, expected=BOOL)
    at = scope.compile(fields.get("at"), variables, expected=(DATE, INSTANT))
    owed_by = owner(scope, fields, source)
    columns = source.relation.columns
    keys = {key: source.column(key) for key in ("case", "sequence", "period") if key in columns}
    steps: list[Step] = [] if when is None else [Where(condition=when)]
    steps += [] if at is None else begun(at)
    if owed_by is not None and isinstance(owed_by.type, ListOf):
        steps.append(Each(over=owed_by, column="owed_by"))
        owed_by = derived("owed_by", FINDINGS_RELATION.columns["owed_by"])
    about = Finding(fields.text("id"), fields.text("finding"), owed_by)
    stage, links = stage_of(text("alleged"), about, source, scope)
    output: dict[str, Expr] = {
        "finding": text(fields.text("finding")),
        "stage": stage,
        "rule": text(fields.text("id")),
        **keys,
        "owed_by": owed_by or nothing(FINDINGS_RELATION.columns["owed_by"]),
        "at": nothing(INSTANT) if at is None else instant_from(at),
    }
    kept = {k: t for k, t in FINDINGS_RELATION.columns.items() if k in output or k in HIDDEN}
    relation = Relation(
        fields.text("id"), kept, tuple(k for k in FINDINGS_RELATION.key if k in kept)
    )
    pipeline = None
    if when is not None and owed_by is not None and ("at" not in fields or at is not None):
        pipeline = Pipeline(
            source=source.relation.name,
            variable=source.variable,
            steps=tuple(steps),
            output=output,
            instant=at,
        )
    return (
        BuiltRule(
            id=fields.text("id"),
            section=scope.section,
            relation=relation,
            pipeline=pipeline,
            collection="findings",
            links=links,
        ),
    )


FINDINGS = Section(
    name="findings",
    titles={"zh": "认定", "en": "Findings"},
    shape=SHAPE,
    build=build,
    reads=("violations",),
    collections={"findings": FINDINGS_RELATION},
)
