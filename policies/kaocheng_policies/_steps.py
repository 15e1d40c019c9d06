"""The steps that earned points go through: `keep` and `share`, in the order written."""

from __future__ import annotations

from attrs import frozen

from kaocheng.diagnostics import nearest
from kaocheng.language import codes
from kaocheng.language.expressions import Expr, Literal
from kaocheng.language.sections import Scope, Source, as_key
from kaocheng.language.shapes import Choice, Expression, Fields, Key, Many, Number, Record, read
from kaocheng.language.types import BOOL, INT, ListOf, Type
from kaocheng.plan.algebra import Number as Rank
from kaocheng.plan.algebra import Order, Split, Step, Where
from kaocheng.syntax import Mapping, Node, Scalar
from kaocheng_policies._shared import call, derived

KEEP = Record(
    "keep",
    "保留",
    (
        Key(
            "best",
            Number(),
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
            Many(Number()),
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

    def build(self, node: Node) -> list[Step] | None:
        """The verbs of one step, or None after reporting."""
        if isinstance(node, Scalar) and node.text in STEPS:
            read(STEPS[node.text], node, self.scope.diagnostics, key=node.text)
            return None
        entry = node.entries[0] if isinstance(node, Mapping) and len(node.entries) == 1 else None
        if entry is None or entry.key.text not in STEPS:
            seen = node.text if isinstance(node, Scalar) else "…"
            if entry is not None:
                seen = entry.key.text
            known = ", ".join(f"`{name}`" for name in STEPS)
            self.scope.report(
                codes.BAD_STEP, node.span, seen=seen, known=known, suggestion=nearest(seen, STEPS)
            )
            return None
        fields = read(
            STEPS[entry.key.text], entry.value, self.scope.diagnostics, key=entry.key.text
        )
        if not isinstance(fields, Fields):
            return None
        return self._keep(fields) if entry.key.text == "keep" else self._share(fields)

    def _keep(self, fields: Fields) -> list[Step] | None:
        per = self._expressions(fields, "per")
        by = self._expressions(fields, "by")
        best = fields.get("best")
        if per is None or by is None or not isinstance(best, int):
            return None
        rank = f"rank_{fields.span.line}"
        amount = Order(by=derived(self.column, self.type), descending=True)
        order = (amount, *(Order(by=expr) for expr in by))
        kept = call("le", BOOL, derived(rank, INT), Literal(type=INT, value=best))
        return [Rank(column=rank, per=tuple(per), order=order, ties="first"), Where(condition=kept)]

    def _share(self, fields: Fields) -> list[Step] | None:
        among = self.scope.compile(fields.get("among"), self.source.variables())
        if among is None:
            return None
        if not isinstance(among.type, ListOf):
            node: Node = fields.nodes["among"]
            self.scope.report(
                codes.WRONG_SHAPE,
                node.span,
                key="among",
                wanted="a list",
                wanted_zh="清单",
                seen=str(among.type),
                seen_zh=str(among.type),
            )
            return None
        weights = fields.get("weights")
        return [
            Split(
                among=among,
                recipient="recipient",
                column=self.column,
                weights=tuple(int(str(w)) for w in weights) if isinstance(weights, tuple) else None,
                rest=fields.text("rest", "first"),
            )
        ]

    def _expressions(self, fields: Fields, key: str) -> list[Expr] | None:
        nodes = fields.get(key, ())
        compiled = [
            self.scope.compile(node, self.source.variables())
            for node in (nodes if isinstance(nodes, tuple) else ())
        ]
        found = [as_key(expr) for expr in compiled if expr is not None]
        return found if len(found) == len(compiled) else None
