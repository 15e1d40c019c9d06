"""Derived values: a value with a name for every row that the rule runs over.

Other rules read it behind the row, `i.grade`, and on the roll `u.adoption_rate`. So a
condition or an amount that several rules need stands once, with its clause.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from kaocheng.language.expressions import Expr
from kaocheng.language.schema import Relation
from kaocheng.language.sections import FOR_KEY, BuiltRule, Scope, Section, Source, rule_record
from kaocheng.language.shapes import Expression, Fields, Key
from kaocheng.language.types import DATE, INSTANT, STRING, Type
from kaocheng.plan.algebra import Derive, Pipeline, Require
from kaocheng_policies._shared import HIDDEN, derived, is_keyed, key_columns, link_from

VALUE = "value"

SHAPE = rule_record(
    "a derived value",
    "派生值",
    FOR_KEY,
    Key(VALUE, Expression("any value"), "the value of each row", "各行的值", required=True),
    Key(
        "at",
        Expression("a date or instant"),
        "when it counts, which decides the version that governs it",
        "计算时间（据以确定适用版本）",
    ),
)

# The column of a row that says when it counts, where the rule does not.
_MOMENTS = ("period.first_day", "start", "at", "from")


def build(fields: Fields, scope: Scope) -> Sequence[BuiltRule]:
    """One value per row, unknown where it cannot be worked out."""
    source = scope.source(fields)
    if source is None or not is_keyed(scope, source, (VALUE,)):
        return ()
    value = scope.value(scope.compile(fields.get(VALUE), source.variables()))
    at = scope.compile(fields.get("at"), source.variables(), expected=(DATE, INSTANT))
    type_: Type = STRING if value is None else value.type
    key = {name: source.relation.columns[name] for name in source.relation.key}
    relation = Relation(fields.text("id"), {**key, VALUE: type_, **HIDDEN}, source.relation.key)
    pipeline = None
    if value is not None and ("at" not in fields or at is not None):
        pipeline = Pipeline(
            source=source.relation.name,
            variable=source.variable,
            steps=(Derive(columns={VALUE: value}), Require(columns=(VALUE,))),
            output={**key_columns(source), VALUE: derived(VALUE, type_)},
            instant=at or _moment(source),
        )
    target, link = link_from(source, fields.text("id"))
    return (
        BuiltRule(
            id=fields.text("id"),
            section=scope.section,
            relation=relation,
            pipeline=pipeline,
            links=((target, evolve(link, value=VALUE)),),
        ),
    )


def _moment(source: Source) -> Expr | None:
    """When a row counts by itself; a case has no time of its own, and is governed as of now."""
    columns = source.relation.columns
    found = (name for name in _MOMENTS if columns.get(name) in {DATE, INSTANT})
    return next((source.column(name) for name in found), None)


DERIVED = Section(
    name="derived",
    titles={"zh": "派生值", "en": "Derived values"},
    shape=SHAPE,
    build=build,
)
