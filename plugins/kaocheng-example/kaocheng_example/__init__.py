"""A plugin: the section `rates`, a share of rows per group and period.

Copy this project to add a section of your own. What `build` returns is made of the
algebra's verbs, so it runs in every evaluator, and `kaocheng plan` and `explain` know it.
"""

from __future__ import annotations

from collections.abc import Sequence

from kaocheng.hookspecs import hook
from kaocheng.language.expressions import Call, Expr, Field, Literal, Variable
from kaocheng.language.schema import PERIOD_COLUMNS, Relation
from kaocheng.language.sections import FOR_KEY, BuiltRule, Scope, Section, rule_record
from kaocheng.language.shapes import Expression, Fields, Identifier, Key
from kaocheng.language.types import BOOL, DATE, INSTANT, INT, Decimal, Row, Type
from kaocheng.plan.algebra import ROW, Measure, Pipeline, Tally

DIGITS = 2

SHAPE = rule_record(
    "a rate",
    "比率",
    FOR_KEY,
    Key("share", Expression("true or false"), "the rows that count", "计入的行", required=True),
    Key("per", Expression("a member"), "whose rate it is", "统计对象", required=True),
    Key("period", Identifier(), "the period", "周期", required=True),
    Key("at", Expression("a date or instant"), "the time of a row", "时间", required=True),
)


def build(fields: Fields, scope: Scope) -> Sequence[BuiltRule]:
    """The rows that count divided by all rows, rounded to two places."""
    source = scope.source(fields)
    period = scope.period(fields.text("period"), fields.at("period"))
    if source is None or period is None:
        return ()
    variables = source.variables()
    share = scope.compile(fields.get("share"), variables, expected=BOOL)
    per = scope.value(scope.compile(fields.get("per"), variables))
    at = scope.compile(fields.get("at"), variables, expected=(DATE, INSTANT))
    if share is None or per is None or at is None:
        return ()
    one = Call(type=INT, op="if", args=(share, _number(1), _number(0)))
    measures = (Measure(name="hits", how="sum", of=one), Measure(name="rows", how="count"))
    tally = Tally(per={"member": per}, measures=measures, at=at, period=period)
    columns: dict[str, Type] = {"member": per.type, **PERIOD_COLUMNS}
    ratio = (_column("hits", INT), _column("rows", INT), _number(DIGITS))
    output: dict[str, Expr] = {name: _column(name, type_) for name, type_ in columns.items()}
    output["value"] = Call(type=Decimal(DIGITS), op="ratio", args=ratio)
    hidden = {"value": Decimal(DIGITS), "version": INT, "undetermined": BOOL}
    relation = Relation(fields.text("id"), {**columns, **hidden}, ("member", "period"))
    pipeline = Pipeline(
        source=source.relation.name, variable=source.variable, steps=(tally,), output=output
    )
    rule = BuiltRule(id=relation.name, section=scope.section, relation=relation, pipeline=pipeline)
    return (rule,)


def _number(value: int) -> Literal:
    return Literal(type=INT, value=value)


def _column(name: str, type_: Type) -> Field:
    return Field(type=type_, row=Variable(type=Row(""), name=ROW), name=name)


class _Example:
    @hook
    def kaocheng_sections(self) -> Sequence[Section]:
        titles = {"zh": "比率", "en": "Rates"}
        return (Section(name="rates", titles=titles, shape=SHAPE, build=build),)


plugin = _Example()
