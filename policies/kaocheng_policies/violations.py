"""Violations: the cases that people keep about findings, and what they make of their stage.

A finding is derived anew in every assessment; what people established about it is an
event of a violation case, which names the finding. So a finding that was verified is
verified in every later assessment, and one that was rescinded on appeal stays rescinded.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from kaocheng.diagnostics import Code
from kaocheng.language.expressions import Expr, Field, Fold, Has, Linked, Variable
from kaocheng.language.schema import Link, Relation
from kaocheng.language.sections import FOR_KEY, BuiltRule, Scope, Section, Source, rule_record
from kaocheng.language.shapes import Expression, Fields, Key
from kaocheng.language.types import BOOL, INT, STRING, ListOf, Row, Type
from kaocheng.plan.algebra import Pipeline
from kaocheng_policies._shared import HIDDEN, call, is_keyed, key_columns, nothing, text

# A later stage counts before an earlier one.
STAGES = ("rescinded", "verified")
STAGE = "stage"
PLACES = ("case", "sequence", "period")
_NAMED = ("rule", "finding", *PLACES, "owed_by")

SECOND_VIOLATIONS = Code(
    "KC504",
    "second-violations",
    "`{first}` already says what became of findings",
    "`{first}` 已写明各项认定的处理结论",
    "keep all violations in one kind of case, and one rule for it",
    "违规事项只应有一个类别、一条规则",
)

SHAPE = rule_record(
    "violations",
    "违规事项",
    FOR_KEY,
    Key(
        "rule",
        Expression("text"),
        "the rule that gave the finding",
        "作出认定的规则",
        required=True,
    ),
    Key("finding", Expression("text"), "the kind of the finding", "认定种类", required=True),
    Key("case", Expression("text"), "the case that the finding is about", "认定所涉事项"),
    Key("sequence", Expression("a whole number"), "its event or spell", "所涉事件序号"),
    Key("period", Expression("text"), "its period", "所涉周期"),
    Key("owed_by", Expression("who answers for it"), "who answers for it", "责任者"),
    Key(
        STAGE,
        Expression("text"),
        "what people made of it: `verified`, `rescinded`, or anything else",
        "处理结论：`verified`（属实）、`rescinded`（撤销）或其他",
        required=True,
    ),
)


@frozen
class Finding:
    """A finding as a violation names it; `owed_by` None or unknown where the rule names nobody."""

    rule: str
    finding: str
    owed_by: Expr | None = None


def build(fields: Fields, scope: Scope) -> Sequence[BuiltRule]:
    """One row per violation: the finding it names, and the stage that people gave it."""
    source = scope.source(fields)
    if source is None or not is_keyed(scope, source, (STAGE, *map(_of, _NAMED))):
        return ()
    if fields.text("id") != _declared(scope):
        scope.report(SECOND_VIOLATIONS, fields.at("id"), first=_declared(scope))
    found = {name: _column(fields, scope, source, name) for name in (*_NAMED, STAGE)}
    key = {name: source.relation.columns[name] for name in source.relation.key}
    columns: dict[str, Type] = {
        **key,
        **{_of(n): _type(n) for n in _NAMED},
        STAGE: STRING,
        **HIDDEN,
    }
    relation = Relation(fields.text("id"), columns, source.relation.key)
    pipeline = None
    if all(expr is not None for expr in found.values()):
        named = {_of(name): expr for name, expr in found.items() if expr is not None}
        pipeline = Pipeline(
            source=source.relation.name,
            variable=source.variable,
            steps=(),
            output={**key_columns(source), **named},
        )
    rule = BuiltRule(
        id=fields.text("id"), section=scope.section, relation=relation, pipeline=pipeline
    )
    return (rule,)


def _of(name: str) -> str:
    """The column that names a part of the finding, apart from the violation's own columns."""
    return name if name == STAGE else f"of_{name}"


def _type(name: str) -> Type:
    return INT if name == "sequence" else STRING


def _column(fields: Fields, scope: Scope, source: Source, name: str) -> Expr | None:
    if name not in fields.nodes:
        return nothing(_type(name))
    expected = None if name in ("case", "owed_by") else _type(name)
    return scope.value(scope.compile(fields.get(name), source.variables(), expected=expected))


def _declared(scope: Scope) -> str:
    """The rule that says what became of findings, or nothing."""
    return next(iter(scope.declarations.get("violations", {})), "")


def stage_of(
    own: Expr, about: Finding, source: Source, scope: Scope
) -> tuple[Expr, tuple[tuple[str, Link], ...]]:
    """The stage of a finding that a row of `source` gives, and the link that it is read by.

    Where people keep violations about findings and one names this finding, its stage
    counts if it is one of `STAGES`; otherwise it is the finding's `own`.
    """
    name = _declared(scope)
    if not name or name == source.relation.name:
        return own, ()
    places = [place for place in PLACES if place in source.relation.columns]
    link = Link(name, name, on=tuple((place, _of(place)) for place in places), many=True)
    variable = f"{source.variable}_violation"  # so that it hides nothing
    violation = Variable(type=Row(name), name=variable)
    kept = Linked(type=ListOf(Row(name)), row=source.row, link=name)

    def is_(column: str, value: Expr) -> Expr:
        there = Field(type=STRING, row=violation, name=column)
        return _both(Has(type=BOOL, operand=there), call("eq", BOOL, there, value))

    same = _both(is_(_of("rule"), text(about.rule)), is_(_of("finding"), text(about.finding)))
    if about.owed_by is not None and about.owed_by != nothing(STRING):
        same = _both(same, is_(_of("owed_by"), about.owed_by))
    stage = own
    for later in reversed(STAGES):
        body = _both(same, is_(STAGE, text(later)))
        exists = Fold(type=BOOL, how="exists", over=kept, variable=variable, body=body)
        stage = call("if", STRING, exists, text(later), stage)
    return stage, ((source.relation.name, link),)


def _both(first: Expr, second: Expr) -> Expr:
    return call("and", BOOL, first, second)


VIOLATIONS = Section(
    name="violations",
    titles={"zh": "违规事项", "en": "Violations"},
    shape=SHAPE,
    build=build,
    codes=(SECOND_VIOLATIONS,),
)
