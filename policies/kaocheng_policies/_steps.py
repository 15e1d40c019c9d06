"""The steps that earned points go through: `keep` and `share`, in the order written."""

from __future__ import annotations

from attrs import frozen

from kaocheng.diagnostics import nearest
from kaocheng.language import codes
from kaocheng.language.expressions import Expr, Literal
from kaocheng.language.sections import Scope, Source
from kaocheng.language.shapes import (
    Choice,
    Expression,
    Fields,
    Key,
    Many,
    Number,
    Record,
    listed,
    place_of,
    read,
    wrong_shape,
)
from kaocheng.language.types import BOOL, INT, STRING, ListOf, Reference, Type
from kaocheng.plan.algebra import Number as Rank
from kaocheng.plan.algebra import Order, Split, Step, Where
from kaocheng.syntax import Mapping, Node
from kaocheng.syntax.quoting import shown
from kaocheng_policies._shared import call, derived
from kaocheng_policies.accounts import Account, fits_account

KEEP = Record(
    "keep",
    "保留",
    (
        Key(
            "best",
            Number(least=1),
            "how many rows of a group keep their points",
            "每组保留前几项",
            required=True,
        ),
        Key("per", Many(Expression(), or_one=True), "the groups", "分组", required=True),
        Key(
            "by",
            Many(Expression(), or_one=True),
            "the order among equal points, least or earliest first",
            "分值相同时的次序",
        ),
    ),
)

SHARE = Record(
    "share",
    "分配",
    (
        Key(
            "among",
            Expression("a list of units or persons"),
            "who shares",
            "分配对象",
            required=True,
        ),
        Key(
            "weights",
            Many(Number(least=0)),
            "their weights in order; without it they share alike",
            "依次的权重；不写则均分",
        ),
        Key(
            "rest",
            Choice(("first", "last", "largest")),
            "who gets what cannot be divided",
            "除不尽的余数归谁",
        ),
    ),
)

STEPS = {"keep": KEEP, "share": SHARE}


@frozen
class StepContext:
    """Builds the steps of one points rule; `column` holds the amount, of `type`."""

    scope: Scope
    source: Source
    column: str
    type: Type
    account: Account

    def build(self, node: Node, number: int) -> list[Step] | None:
        """The verbs of one step, which is the `number`th of its rule; None after reporting."""
        if not isinstance(node, Mapping) or len(node.entries) != 1:
            wanted = ("one of `keep` and `share`, with its keys", " `keep` 或 `share` 及其各项")
            place = place_of("then", in_list=True)
            wrong_shape(node, self.scope.diagnostics, place=place, wanted=wanted)
            return None
        key, value = node.entries[0].key, node.entries[0].value
        if key.text not in STEPS:
            hint = nearest(key.text, STEPS)
            values = {"seen": shown(key.text), **listed(STEPS)}
            self.scope.report(codes.BAD_STEP, key.span, suggestion=hint, **values)
            return None
        fields = read(STEPS[key.text], value, self.scope.diagnostics, key=key.text)
        if not isinstance(fields, Fields):
            return None
        return self._keep(fields, number) if key.text == "keep" else self._share(fields)

    def _keep(self, fields: Fields, number: int) -> list[Step] | None:
        variables = self.source.variables()
        per = self.scope.each(fields, "per", variables, self.scope.value)
        by = self.scope.each(fields, "by", variables, self.scope.order)
        best = fields.get("best")
        if per is None or by is None or not isinstance(best, int):
            return None
        rank = f"rank_{number}"
        amount = Order(by=derived(self.column, self.type), descending=True)
        order = (amount, *(Order(by=expr) for expr in by))
        kept = call("le", BOOL, derived(rank, INT), Literal(type=INT, value=best))
        return [Rank(column=rank, per=per, order=order, ties="first"), Where(condition=kept)]

    def _share(self, fields: Fields) -> list[Step] | None:
        among = self.scope.compile(fields.get("among"), self.source.variables())
        weights = self._weights(fields)
        if among is None or not self._are_recipients(among, fields):
            return None
        return [
            Split(
                among=among,
                recipient="recipient",
                column=self.column,
                weights=weights,
                rest=fields.text("rest", "first"),
            )
        ]

    def _are_recipients(self, among: Expr, fields: Fields) -> bool:
        item = among.type.item if isinstance(among.type, ListOf) else None
        if item == STRING or isinstance(item, Reference):
            return fits_account(item, self.account, self.scope, fields, "among")
        place, wanted = place_of("among"), ("a list of units or persons", "单位或人员的清单")
        seen = (f"`{among.type}`", f" `{among.type}`")
        node = fields.nodes["among"]
        wrong_shape(node, self.scope.diagnostics, place=place, wanted=wanted, seen=seen)
        return False

    def _weights(self, fields: Fields) -> tuple[int, ...] | None:
        weights = fields.get("weights")
        if not isinstance(weights, tuple):
            return None
        numbers = tuple(weight for weight in weights if isinstance(weight, int))
        if not any(numbers):
            self.scope.report(codes.NO_WEIGHT, fields.at("weights"))
        return numbers
