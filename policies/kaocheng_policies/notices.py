"""Notices: who should be told what, when and why.

A notice is part of the assessment and no message: delivering it is the business of whoever
embeds the library. What the title of the rule says is what the notice is about.
"""

from __future__ import annotations

from collections.abc import Sequence

from kaocheng.language.expressions import Expr
from kaocheng.language.schema import Relation
from kaocheng.language.sections import FOR_KEY, BuiltRule, Scope, Section, Source, rule_record
from kaocheng.language.shapes import Expression, Fields, Key
from kaocheng.language.types import BOOL, DATE, INSTANT, INT, STRING, ListOf, Type
from kaocheng.plan.algebra import Derive, Each, Pipeline, Require, Step, Where
from kaocheng_policies._shared import HIDDEN, derived, instant_from, owner, text
from kaocheng_policies.points import begun

TO = "to"

NOTICES_RELATION = Relation(
    "notices",
    {
        "rule": STRING,
        "case": STRING,
        "sequence": INT,
        "period": STRING,
        TO: STRING,
        "at": INSTANT,
        **HIDDEN,
    },
    ("rule", "case", "sequence", "period", TO),
)

SHAPE = rule_record(
    "a notice",
    "告知",
    FOR_KEY,
    Key("when", Expression("true or false"), "which rows give one", "告知条件"),
    Key(
        TO,
        Expression("who is told"),
        "who is told: a unit, a person, or a list of them",
        "告知对象",
        required=True,
    ),
    Key("at", Expression("a date or instant"), "when", "告知时间", required=True),
)


def build(fields: Fields, scope: Scope) -> Sequence[BuiltRule]:
    """One notice per row and recipient, once its time has come."""
    source = scope.source(fields)
    if source is None:
        return ()
    variables = source.variables()
    when = scope.compile(fields.get("when"), variables, expected=BOOL)
    at = scope.compile(fields.get("at"), variables, expected=(DATE, INSTANT))
    to = owner(scope, fields, source, key=TO) if TO in fields else None
    relation = _relation(fields.text("id"), source)
    pipeline = None
    if to is not None and at is not None and ("when" not in fields or when is not None):
        pipeline = _pipeline(relation, source, when, to, at)
    return (
        BuiltRule(
            id=fields.text("id"),
            section=scope.section,
            relation=relation,
            pipeline=pipeline,
            collection="notices",
        ),
    )


def _relation(name: str, source: Source) -> Relation:
    own = source.relation.columns
    columns: dict[str, Type] = {
        column: type_
        for column, type_ in NOTICES_RELATION.columns.items()
        if column not in ("case", "sequence", "period") or column in own
    }
    return Relation(name, columns, tuple(k for k in NOTICES_RELATION.key if k in columns))


def _pipeline(
    relation: Relation, source: Source, when: Expr | None, to: Expr, at: Expr
) -> Pipeline:
    steps: list[Step] = [] if when is None else [Where(condition=when)]
    steps += begun(at)
    several = isinstance(to.type, ListOf)
    steps.append(Each(over=to, column=TO) if several else Derive(columns={TO: to}))
    steps.append(Require(columns=(TO,)))
    output: dict[str, Expr] = {
        "rule": text(relation.name),
        **{
            name: source.column(name)
            for name in ("case", "sequence", "period")
            if name in relation.columns
        },
        TO: derived(TO, STRING),
        "at": instant_from(at),
    }
    return Pipeline(
        source=source.relation.name,
        variable=source.variable,
        steps=tuple(steps),
        output=output,
        instant=at,
    )


NOTICES = Section(
    name="notices",
    titles={"zh": "告知", "en": "Notices"},
    shape=SHAPE,
    build=build,
    collections={"notices": NOTICES_RELATION},
)
