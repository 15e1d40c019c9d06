"""Carry: a small state handed on from row to row of a group, in a written order.

It is how a ladder remembers the step it has reached, how demerits are carried over, and
how one period reads earlier ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import evolve

from kaocheng.diagnostics import Code
from kaocheng.language import codes
from kaocheng.language.expressions import Expr
from kaocheng.language.schema import Relation
from kaocheng.language.sections import (
    FOR_KEY,
    BuiltRule,
    Scope,
    Section,
    Source,
    rule_record,
)
from kaocheng.language.shapes import Expression, Fields, Key, Many, Named, listed
from kaocheng.language.types import BOOL, DATE, INSTANT, Row, Type
from kaocheng.plan.algebra import Carry, Order, Pipeline, Step, Where
from kaocheng_policies._shared import HIDDEN, derived, is_keyed, key_columns, link_from

WAS = "was"

STATE_DIFFERS = Code(
    "KC501",
    "state-differs",
    "`begin` and `next` do not carry the same: {names}",
    "`begin` 与 `next` 所列不一致：{names}",
    "write every part of the state in both",
    "状态的每一项都须同时写在 `begin` 和 `next` 中",
)
STATE_CHANGES_TYPE = Code(
    "KC502",
    "state-changes-type",
    "`{name}` begins as `{first}` and goes on as `{second}`",
    "`{name}` 初始为 `{first}`，其后为 `{second}`",
    "let both be of one type",
    "请使前后类型一致",
)

_STATE = Named(Expression(), identifiers=True)
SHAPE = rule_record(
    "a carried state",
    "结转",
    FOR_KEY,
    Key("when", Expression("true or false"), "which rows change the state", "计入条件"),
    Key("per", Many(Expression(), or_one=True), "whose state it is", "结转对象", required=True),
    Key(
        "in_order",
        Many(Expression(), or_one=True),
        "the order of the rows, earliest first",
        "先后次序",
        required=True,
    ),
    Key("begin", _STATE, "the state before the first row", "初始状态", required=True),
    Key(
        "next",
        _STATE,
        "the state after a row; `was` is the state before it",
        "每行之后的状态；`was` 为之前的状态",
        required=True,
    ),
    Key("at", Expression("a date or instant"), "when the row counts", "计入时间"),
)


def build(fields: Fields, scope: Scope) -> Sequence[BuiltRule]:
    """The state after every row, with the key of the row."""
    source = scope.source(fields)
    state = fields.names("begin")
    if source is None or not is_keyed(scope, source, state, state):
        return ()
    if source.variable == WAS:
        what = {"what": "the state before a row", "what_zh": "之前的状态"}
        scope.report(codes.NAME_TAKEN, source.span, name=WAS, **what)
        return ()
    return (_Carried(fields, scope, source).rule(),)


class _Carried:
    """Builds one carried state."""

    def __init__(self, fields: Fields, scope: Scope, source: Source) -> None:
        self.fields = fields
        self.scope = scope
        self.source = source
        self.id = fields.text("id")

    def rule(self) -> BuiltRule:
        """The rule; without a pipeline when something does not check."""
        variables = self.source.variables()
        when = self.scope.compile(self.fields.get("when"), variables, expected=BOOL)
        at = self.scope.compile(self.fields.get("at"), variables, expected=(DATE, INSTANT))
        per = self.scope.each(self.fields, "per", variables, self.scope.value)
        order = self.scope.each(self.fields, "in_order", variables, self.scope.order)
        begin = self._state("begin", self.scope, variables)
        types = {name: expr.type for name, expr in begin.items()}
        following = self._next(types)
        relation = self._relation(types)
        given = {"when": when, "at": at}
        complete = all(expr is not None for key, expr in given.items() if key in self.fields)
        complete = complete and per is not None and order is not None
        pipeline = None
        if complete and per is not None and order is not None and self._agree(types, following):
            carry = Carry(
                per=per,
                order=tuple(Order(by=expr) for expr in order),
                begin=begin,
                next=following,
            )
            pipeline = self._pipeline(relation, carry, when, at)
        return BuiltRule(
            id=self.id,
            section=self.scope.section,
            relation=relation,
            pipeline=pipeline,
            links=(link_from(self.source, self.id),),
        )

    def _state(self, key: str, scope: Scope, variables: Mapping[str, Type]) -> dict[str, Expr]:
        nodes = self.fields.get(key)
        found = {}
        for name, node in nodes.items() if isinstance(nodes, dict) else ():
            expr = scope.value(scope.compile(node, variables))
            if expr is not None:
                found[name] = expr
        return found

    def _next(self, types: Mapping[str, Type]) -> dict[str, Expr]:
        name = f"state of {self.id}"
        was = Relation(name, types, ())
        schema = evolve(self.scope.schema, relations={**self.scope.schema.relations, name: was})
        variables = {**self.source.variables(), WAS: Row(name)}
        return self._state("next", self.scope.with_schema(schema), variables)

    def _agree(self, types: Mapping[str, Type], following: Mapping[str, Expr]) -> bool:
        begun, written = (set(self.fields.names(key)) for key in ("begin", "next"))
        if written != begun:
            missing = listed(sorted(begun ^ written), "names")
            self.scope.report(STATE_DIFFERS, self.fields.at("next"), **missing)
            return False
        for name, expr in following.items():
            if expr.type != types[name]:
                self.scope.report(
                    STATE_CHANGES_TYPE,
                    expr.span,
                    name=name,
                    first=str(types[name]),
                    second=str(expr.type),
                )
                return False
        return set(following) == set(types) == begun

    def _relation(self, types: Mapping[str, Type]) -> Relation:
        key = self.source.relation.key
        columns = {name: self.source.relation.columns[name] for name in key}
        return Relation(self.id, {**columns, **types, **HIDDEN}, key)

    def _pipeline(
        self, relation: Relation, carry: Carry, when: Expr | None, at: Expr | None
    ) -> Pipeline:
        steps: tuple[Step, ...] = (carry,) if when is None else (Where(condition=when), carry)
        state = {name: derived(name, relation.columns[name]) for name in carry.begin}
        return Pipeline(
            source=self.source.relation.name,
            variable=self.source.variable,
            steps=steps,
            output={**key_columns(self.source), **state},
            instant=at,
        )


CARRY = Section(
    name="carry",
    titles={"zh": "结转", "en": "Carry"},
    shape=SHAPE,
    build=build,
    codes=(STATE_DIFFERS, STATE_CHANGES_TYPE),
)
