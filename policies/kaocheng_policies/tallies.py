"""Tallies: a number per group and period, zero rows on the roll included."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from attrs import evolve

from kaocheng.calendars.periods import PeriodSpec
from kaocheng.language import codes
from kaocheng.language.expressions import Expr
from kaocheng.language.schema import PERIOD_COLUMNS, Link, Relation
from kaocheng.language.sections import (
    FOR_KEY,
    BuiltRule,
    Scope,
    Section,
    Source,
    rule_record,
)
from kaocheng.language.shapes import Choice, Expression, Fields, Key, Many, listed
from kaocheng.language.types import BOOL, DATE, DURATION, INSTANT, INT, Type
from kaocheng.plan.algebra import Measure, Pipeline, Step, Tally, Where
from kaocheng.syntax import Scalar
from kaocheng.syntax import Sequence as SequenceNode
from kaocheng_policies._shared import HIDDEN, NUMBERS, derived, reference_kind

MEASURES = ("count", "sum", "min", "max")
# What no group can be called, since every row of a tally has it.
OWN_COLUMNS = ("value", "provisional", *PERIOD_COLUMNS, *HIDDEN)

SHAPE = rule_record(
    "a tally",
    "统计",
    FOR_KEY,
    Key("when", Expression("true or false"), "which rows count", "计入条件"),
    Key(
        "per",
        Many(Expression(), or_one=True),
        "the groups: expressions, and at most one period",
        "分组：表达式，至多一个周期",
    ),
    Key(
        "at",
        Expression("a date or instant"),
        "the time that places a row in a period",
        "据以归入周期的时间",
    ),
    Key("count", Choice(("rows",)), "how many rows", "行数"),
    Key("sum", Expression("a number"), "the sum of", "合计"),
    Key("min", Expression("a number"), "the least of", "最小值"),
    Key("max", Expression("a number"), "the greatest of", "最大值"),
    Key(
        "zero_rows",
        Choice(("roll",)),
        "a row for every member of the roll, also when nothing happened",
        "名册各成员均列一行，无事亦列",
    ),
)


def build(fields: Fields, scope: Scope) -> Sequence[BuiltRule]:
    """The tally's rows: groups, period, `value`, and how many undetermined rows were left out."""
    source = scope.source(fields)
    return () if source is None else _Tally(fields, scope, source).rules()


class _Tally:
    """Builds one tally."""

    def __init__(self, fields: Fields, scope: Scope, source: Source) -> None:
        self.fields = fields
        self.scope = scope
        self.source = source
        self.id = fields.text("id")
        self.complete = True
        self._place = {"place": f"the tally `{self.id}`", "place_zh": f"统计 `{self.id}` "}

    def rules(self) -> Sequence[BuiltRule]:
        """The tally and the reading it adds to the roll or the kind."""
        period, per = self._groups()
        at = self._compile("at", (DATE, INSTANT))
        measure = self._measure()
        when = self._compile("when", BOOL)
        if period is not None and "at" not in self.fields:
            self._report_missing("at")
        value = INT if measure is None or measure.of is None else measure.of.type
        relation = self._relation(per, period, value)
        roll = self._roll(per, period)
        pipeline = None
        if self.complete and measure is not None:
            tally = Tally(per=per, measures=(measure,), at=at, period=period, roll=roll)
            pipeline = self._pipeline(relation, tally, when)
        rule = BuiltRule(
            id=self.id,
            section=self.scope.section,
            relation=relation,
            pipeline=pipeline,
            links=self._links(per, period, relation, measure),
        )
        return (rule,)

    def _compile(self, key: str, expected: object) -> Expr | None:
        expr = self.scope.compile(self.fields.get(key), self.source.variables(), expected=expected)  # type: ignore[arg-type]
        if key in self.fields and expr is None:
            self.complete = False
        return expr

    def _report_missing(self, key: str) -> None:
        self.scope.report(codes.MISSING_KEY, self.fields.span, key=key, **self._place)
        self.complete = False

    def _groups(self) -> tuple[PeriodSpec | None, dict[str, Expr]]:
        period: PeriodSpec | None = None
        per: dict[str, Expr] = {}
        node = self.fields.nodes.get("per")
        items = node.items if isinstance(node, SequenceNode) else ([] if node is None else [node])
        for item in items:
            if isinstance(item, Scalar) and item.text in self.scope.periods:
                self._check_second(period, item)
                period = self.scope.periods[item.text]
                continue
            expr = self.scope.value(self.scope.compile(item, self.source.variables()))
            if expr is None or not isinstance(item, Scalar):
                self.complete = False
                continue
            name = item.text.rpartition(".")[2].strip()
            is_free = name.isidentifier() and name not in (*per, *OWN_COLUMNS)
            per[name if is_free else f"group_{len(per) + 1}"] = expr
        return period, per

    def _check_second(self, period: PeriodSpec | None, item: Scalar) -> None:
        if period is not None:
            self.scope.report(codes.SECOND_PERIOD, item.span, seen=item.text)
            self.complete = False

    def _measure(self) -> Measure | None:
        given = [name for name in MEASURES if name in self.fields.nodes]
        if len(given) != 1:
            span = self.fields.keys[given[1]] if given else self.fields.span
            self.scope.report(codes.EXACTLY_ONE, span, **self._place, **listed(MEASURES, "keys"))
            self.complete = False
            return None
        how = given[0]
        if how == "count":
            return Measure(name="value", how="count")
        expr = self._compile(how, (*NUMBERS, DURATION))
        return None if expr is None else Measure(name="value", how=how, of=expr)

    def _relation(
        self, per: Mapping[str, Expr], period: PeriodSpec | None, value: Type
    ) -> Relation:
        columns: dict[str, Type] = {name: expr.type for name, expr in per.items()}
        key = tuple(columns)
        if period is not None:
            columns |= PERIOD_COLUMNS
            key = (*key, "period")
        return Relation(self.id, {**columns, "value": value, "provisional": INT, **HIDDEN}, key)

    def _member(self, per: Mapping[str, Expr]) -> tuple[str, str] | None:
        for name, expr in per.items():
            kind = reference_kind(expr.type)
            return (name, kind) if kind is not None else None
        return None

    def _roll(self, per: Mapping[str, Expr], period: PeriodSpec | None) -> str | None:
        if "zero_rows" not in self.fields:
            return None
        member = self._member(per)
        if member is None or period is None or len(per) != 1:
            self.scope.report(codes.ZERO_ROWS, self.fields.at("zero_rows"))
            self.complete = False
            return None
        kind = self.scope.kinds.get(member[1])
        if kind is None or kind.member is None:
            self.scope.report(codes.NOT_MEMBERS, self.fields.at("zero_rows"), kind=member[1])
            self.complete = False
            return None
        return f"{member[1]} per {period.name}"

    def _links(
        self,
        per: Mapping[str, Expr],
        period: PeriodSpec | None,
        relation: Relation,
        measure: Measure | None,
    ) -> tuple[tuple[str, Link], ...]:
        missing = 0 if measure is not None and measure.how in ("count", "sum") else None
        link = Link(name=self.id, relation=relation.name, on=(), value="value", missing=missing)
        member = self._member(per)
        if member is not None and len(per) == 1:
            return (self._of_member(member, period, link),)
        return () if period is None else tuple(self._of_period(per, period, link))

    def _of_member(
        self, member: tuple[str, str], period: PeriodSpec | None, link: Link
    ) -> tuple[str, Link]:
        """The number of a case, or of a member in a period."""
        name, kind = member
        on = (("case", name),)
        if period is None:
            return (kind, evolve(link, on=on))
        return (f"{kind} per {period.name}", evolve(link, on=(*on, ("period", "period"))))

    def _of_period(
        self, per: Mapping[str, Expr], period: PeriodSpec, link: Link
    ) -> Iterator[tuple[str, Link]]:
        """The number of a period, or of a group of members that has a column of its name."""
        on = (*((name, name) for name in per), ("period", "period"))
        for kind in self.scope.kinds:
            roll = self.scope.schema.relations.get(f"{kind} per {period.name}")
            if roll is None or self.id in (*roll.columns, *roll.links):
                continue
            if all(roll.columns.get(name) == expr.type for name, expr in per.items()):
                yield roll.name, evolve(link, on=on)

    def _pipeline(self, relation: Relation, tally: Tally, when: Expr | None) -> Pipeline:
        steps: tuple[Step, ...] = (tally,) if when is None else (Where(condition=when), tally)
        output = {n: derived(n, t) for n, t in relation.columns.items() if n not in HIDDEN}
        return Pipeline(
            source=self.source.relation.name,
            variable=self.source.variable,
            steps=steps,
            output=output,
        )


TALLIES = Section(
    name="tallies",
    titles={"zh": "统计", "en": "Tallies"},
    shape=SHAPE,
    build=build,
)
