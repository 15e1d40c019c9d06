"""Random conditions of conditions: each may be an operand of each other.

Among expressions of every type such nesting is rare, and it is where parentheses are lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import hypothesis.strategies as st

from kaocheng.language.expressions import Call, Expr, Fold, Has, Items, Literal, Variable
from kaocheng.language.types import BOOL, DATE, INSTANT, INT, STRING, ListOf, Type
from kaocheng.testing._expressions import expression
from kaocheng.testing._scopes import Scope
from kaocheng.testing._worlds import CENTS, LEVEL, UNIT

Draw = Callable[..., Any]

_COMPARED: Sequence[tuple[Sequence[str], Sequence[Type]]] = (
    (("eq", "ne"), (INT, STRING, LEVEL, UNIT, DATE)),
    (("lt", "le", "gt", "ge"), (INT, CENTS, DATE, INSTANT)),
    (("starts_with", "ends_with", "contains"), (STRING,)),
)


def condition(draw: Draw, scope: Scope, depth: int) -> Expr:
    """A random condition of so many levels."""
    makers = [_plain] if depth <= 0 else _MAKERS
    return draw(st.sampled_from(makers))(draw, scope, depth - 1)  # type: ignore[no-any-return]


def _plain(draw: Draw, scope: Scope, _: int) -> Expr:
    """A condition on values that are at hand."""
    if draw(st.booleans()):
        return expression(draw, scope, BOOL, 0)
    ops, types = draw(st.sampled_from(_COMPARED))
    type_ = draw(st.sampled_from(types))
    args = tuple(expression(draw, scope, type_, 0) for _ in range(2))
    return Call(op=draw(st.sampled_from(ops)), args=args, type=BOOL)


def _operation(op: str, count: int) -> Callable[[Draw, Scope, int], Expr]:
    def make(draw: Draw, scope: Scope, depth: int) -> Expr:
        args = tuple(condition(draw, scope, depth) for _ in range(count))
        return Call(op=op, args=args, type=BOOL)

    return make


def _has(draw: Draw, scope: Scope, depth: int) -> Expr:
    return Has(operand=condition(draw, scope, depth), type=BOOL)


def _in(draw: Draw, scope: Scope, depth: int) -> Expr:
    """One of a list written out, of literals or of conditions."""
    wanted = condition(draw, scope, depth)
    known = draw(st.lists(st.booleans(), max_size=2))
    items: list[Expr] = [Literal(value=value, type=BOOL) for value in known]
    items += [condition(draw, scope, 0)] * draw(st.integers(0, 1))
    return Call(op="in", args=(wanted, _list(items)), type=BOOL)


def _fold(draw: Draw, scope: Scope, depth: int) -> Expr:
    """A test of each of some conditions."""
    item = Variable(name="b", type=BOOL)
    over = _list([condition(draw, scope, depth) for _ in range(draw(st.integers(1, 2)))])
    test = Call(op="eq", args=(item, condition(draw, scope, 0)), type=BOOL)
    body = draw(st.sampled_from([item, Call(op="not", args=(item,), type=BOOL), test]))
    how = draw(st.sampled_from(["exists", "all", "exists_one"]))
    return Fold(how=how, over=over, variable="b", body=body, type=BOOL)


def _list(items: Sequence[Expr]) -> Expr:
    return Items(items=tuple(items), type=ListOf(BOOL))


_MAKERS = [
    _plain, _operation("not", 1), _operation("not", 1), _operation("and", 2), _operation("or", 2),
    _operation("eq", 2), _operation("ne", 2), _operation("if", 3), _has, _in, _fold,
]  # fmt: skip
