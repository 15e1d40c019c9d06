"""Amounts that people decide: one number per row, between bounds, by a time, for a reason.

An amount counts once it has been decided and lies within its bounds. Until then it is
unknown, so that what rests on it is provisional. `otherwise` says what it is where nobody
decides: from the start, or with `by` once that time has passed.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve, frozen

from kaocheng.language.expressions import Expr, Has, Literal
from kaocheng.language.schema import Relation
from kaocheng.language.sections import BuiltRule, Scope, Source
from kaocheng.language.shapes import Expression, Fields, Key, Many, place_of, wrong_shape
from kaocheng.language.types import BOOL, DATE, INSTANT, INT, STRING, Decimal, Type
from kaocheng.plan.algebra import Clock, Derive, Pipeline, Require, Step, Where
from kaocheng_policies._shared import (
    FINDINGS_RELATION,
    HIDDEN,
    NUMBERS,
    call,
    date_from,
    derived,
    instant_from,
    key_columns,
    link_from,
    nothing,
    owner,
    text,
)
from kaocheng_policies.violations import Finding, stage_of

AMOUNT_KEYS = (
    Key("value", Expression("a number"), "the amount that was decided", "所定数额"),
    Key(
        "when",
        Expression("true or false"),
        "with `value`: which rows need one",
        "与 `value` 同用：须作决定的条件",
    ),
    Key(
        "between",
        Many(Expression()),
        "with `value`: the least and the most, both included",
        "与 `value` 同用：下限和上限（均含本数）",
    ),
    Key(
        "by",
        Expression("a date or instant"),
        "with `value`: the time to decide by",
        "与 `value` 同用：决定期限",
    ),
    Key(
        "otherwise",
        Expression("a number"),
        "with `value`: the amount where nobody decides",
        "与 `value` 同用：未作决定时的数额",
    ),
    Key(
        "reason",
        Expression("text"),
        "with `value`: the reason that must be given",
        "与 `value` 同用：须说明的理由",
    ),
    Key(
        "owed_by",
        Expression("who decides it"),
        "with `value`: who answers for the decision",
        "与 `value` 同用：决定的责任者",
    ),
)

_BOUNDS = ("low", "high")


def amount_rules(fields: Fields, scope: Scope, source: Source) -> Sequence[BuiltRule]:
    """The amounts, and findings where one is out of bounds, without a reason or overdue."""
    return _Amount(fields, scope, source).rules()


@frozen
class _Parts:
    """The expressions of one decision, those of numbers with the same decimal places."""

    at: Expr
    value: Expr
    low: Expr
    high: Expr
    when: Expr | None
    by: Expr | None
    otherwise: Expr | None
    reason: Expr | None
    owed_by: Expr


class _Amount:
    """Builds one amount."""

    def __init__(self, fields: Fields, scope: Scope, source: Source) -> None:
        self.fields = fields
        self.scope = scope
        self.source = source
        self.id = fields.text("id")

    def rules(self) -> Sequence[BuiltRule]:
        """The amounts, then the findings."""
        parts = self._parts()
        type_: Type = INT if parts is None else parts.value.type
        relation = self._relation(type_)
        pipeline = None if parts is None else self._pipeline(relation, parts)
        target, link = link_from(self.source, self.id)
        rule = BuiltRule(
            id=self.id,
            section=self.scope.section,
            relation=relation,
            pipeline=pipeline,
            links=((target, evolve(link, value="value")),),
        )
        return (rule, *(() if parts is None else self._findings(parts)))

    def _parts(self) -> _Parts | None:
        at = self._compile("at", (DATE, INSTANT))
        by = self._compile("by", (DATE, INSTANT))
        value, otherwise = self._compile("value", NUMBERS), self._compile("otherwise", NUMBERS)
        when, reason = self._compile("when", BOOL), self._compile("reason", None)
        owed_by = owner(self.scope, self.fields, self.source)
        bounds = self._bounds()
        given = {"at": at, "by": by, "value": value, "otherwise": otherwise}
        given |= {"when": when, "reason": reason, "owed_by": owed_by}
        if bounds is None or any(k in self.fields and e is None for k, e in given.items()):
            return None
        if at is None or value is None or owed_by is None:
            return None
        numbers = _alike([value, *bounds, *([] if otherwise is None else [otherwise])])
        return _Parts(
            at=at if by is None or at.type == by.type else date_from(at),
            value=numbers[0],
            low=numbers[1],
            high=numbers[2],
            when=when,
            by=by if by is None or at.type == by.type else date_from(by),
            otherwise=None if otherwise is None else numbers[3],
            reason=reason,
            owed_by=owed_by,
        )

    def _compile(self, key: str, expected: Type | Sequence[Type] | None) -> Expr | None:
        node = self.fields.get(key)
        return self.scope.compile(node, self.source.variables(), expected=expected)

    def _bounds(self) -> tuple[Expr, Expr] | None:
        nodes = self.fields.get("between")
        items = nodes if isinstance(nodes, tuple) else ()
        if len(items) != len(_BOUNDS):
            wanted = ("the least and the most", "下限和上限")
            node, report = self.fields.nodes["between"], self.scope.diagnostics
            wrong_shape(node, report, place=place_of("between"), wanted=wanted)
            return None
        low, high = (
            self.scope.compile(item, self.source.variables(), expected=NUMBERS) for item in items
        )
        return None if low is None or high is None else (low, high)

    def _relation(self, type_: Type) -> Relation:
        source = self.source.relation
        columns: dict[str, Type] = {name: source.columns[name] for name in source.key}
        columns |= {"at": DATE, "decided": BOOL, "value": type_, **HIDDEN}
        return Relation(self.id, columns, source.key)

    def _pipeline(self, relation: Relation, parts: _Parts) -> Pipeline:
        steps: list[Step] = [] if parts.when is None else [Where(condition=parts.when)]
        late: Expr = Literal(type=BOOL, value=True)
        if parts.by is not None:
            steps.append(Clock(starts=parts.by, due=parts.by, met_at=parts.at))
            late = call("ne", BOOL, derived("status", STRING), text("not_begun"))
        decided = call("and", BOOL, call("happened", BOOL, parts.at), _within(parts))
        steps += [
            Derive(columns={"decided": decided}),
            Derive(columns={"value": _valued(parts, late)}),
            Require(columns=("value",)),
        ]
        type_ = relation.columns["value"]
        output = {
            **key_columns(self.source),
            "at": date_from(parts.at),
            "decided": derived("decided", BOOL),
            "value": derived("value", type_),
        }
        return Pipeline(
            source=self.source.relation.name,
            variable=self.source.variable,
            steps=tuple(steps),
            output=output,
            instant=parts.at,
        )

    def _findings(self, parts: _Parts) -> list[BuiltRule]:
        happened = call("happened", BOOL, parts.at)
        outside = call("not", BOOL, _within(parts))
        found = [self._finding("out_of_bounds", parts, parts.at, _both(happened, outside))]
        if parts.reason is not None:
            none = call("not", BOOL, Has(type=BOOL, operand=parts.reason))
            found.append(self._finding("without_reason", parts, parts.at, _both(happened, none)))
        if parts.by is not None:
            overdue = call("eq", BOOL, derived("status", STRING), text("overdue"))
            found.append(self._finding("overdue", parts, parts.by, overdue))
        return found

    def _finding(self, name: str, parts: _Parts, at: Expr, condition: Expr) -> BuiltRule:
        columns = self.source.relation.columns
        kind = f"{self.id}_{name}"
        stage, links = stage_of(
            text("alleged"), Finding(self.id, kind, parts.owed_by), self.source, self.scope
        )
        output: dict[str, Expr] = {
            "finding": text(kind),
            "stage": stage,
            "rule": text(self.id),
            **{k: self.source.column(k) for k in ("case", "sequence", "period") if k in columns},
            "owed_by": parts.owed_by,
            "at": instant_from(at),
        }
        kept = {k: t for k, t in FINDINGS_RELATION.columns.items() if k in output or k in HIDDEN}
        key = tuple(k for k in FINDINGS_RELATION.key if k in kept)
        steps: list[Step] = [] if parts.when is None else [Where(condition=parts.when)]
        if parts.by is not None:
            steps.append(Clock(starts=parts.by, due=parts.by, met_at=parts.at))
        pipeline = Pipeline(
            source=self.source.relation.name,
            variable=self.source.variable,
            steps=(*steps, Where(condition=condition)),
            output=output,
            instant=at,
        )
        rule = f"{self.id}.{name}"
        return BuiltRule(
            id=rule,
            section=self.scope.section,
            relation=Relation(rule, kept, key),
            pipeline=pipeline,
            collection="findings",
            links=links,
        )


def _both(first: Expr, second: Expr) -> Expr:
    return call("and", BOOL, first, second)


def _within(parts: _Parts) -> Expr:
    return _both(
        call("le", BOOL, parts.low, parts.value), call("le", BOOL, parts.value, parts.high)
    )


def _valued(parts: _Parts, late: Expr) -> Expr:
    """The amount that counts: the one decided, else `otherwise` once it is too late."""
    type_ = parts.value.type
    rest: Expr = nothing(type_)
    if parts.otherwise is not None:
        rest = call("if", type_, late, parts.otherwise, rest)
    return call("if", type_, derived("decided", BOOL), parts.value, rest)


def _alike(numbers: Sequence[Expr]) -> list[Expr]:
    """Numbers with as many decimal places as the one that has most."""
    scale = max(n.type.scale if isinstance(n.type, Decimal) else 0 for n in numbers)
    if scale == 0 and all(n.type == INT for n in numbers):
        return list(numbers)
    wanted = Decimal(scale)
    return [n if n.type == wanted else call("rescale", wanted, n) for n in numbers]
