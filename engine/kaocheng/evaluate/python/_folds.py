"""Folds as loops: `exists`, `all`, `exists_one`, `filter` and `map`, Kleene throughout."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kaocheng.evaluate.python._source import Value, named
from kaocheng.language.expressions import Expr, Fold, Linked
from kaocheng.language.types import ListOf, Row

if TYPE_CHECKING:
    from kaocheng.evaluate.python._expressions import Expressions

_Finish = Callable[["Expressions", str, Value], None]


def fold(writer: Expressions, expr: Fold) -> Value:
    """The value of a macro over a list."""
    if expr.how in LISTS:
        return _as_tuple(writer, expr)
    begin, finish = TESTS[expr.how]
    result = _loop(writer, expr, begin, finish)
    if expr.how != "exists_one":
        return result
    if not result.nullable:
        return Value(f"{result.code} == 1", nullable=False)
    return Value(f"None if {result.code} is None else {result.code} == 1")


def listed(writer: Expressions, expr: Fold) -> Value:
    """The items of a `filter` or `map` as a list, which saves the tuple where it is read once."""
    with writer.lines.aside() as lines, writer.layer() as kept:
        comprehension = _comprehension(writer, expr)
    if comprehension is not None:
        writer.lines.place(lines)
        writer.keep_all(kept)
        return comprehension
    return _loop(writer, expr, "[]", LISTS[expr.how])


def _as_tuple(writer: Expressions, expr: Fold) -> Value:
    items = listed(writer, expr)
    if not items.nullable:
        return Value(f"tuple({items.code})", nullable=False, tight=True)
    items = writer.keep(items, expr.how)
    return Value(f"None if {items.code} is None else tuple({items.code})")


def _comprehension(writer: Expressions, expr: Fold) -> Value | None:
    """The list on one line, where the body needs no lines of its own."""
    over = _over(writer, expr)
    item = named(writer.names.new(expr.variable), nullable=may_hold_unknown(expr.over))
    with writer.bound(expr.variable, item):
        body, lines = writer.aside(expr.body)
    if lines or (expr.how == "filter" and body.nullable):
        return None
    if expr.how == "filter":
        code = f"[{item.code} for {item.code} in {over.inner} if {body.inner}]"
    else:
        code = f"[{body.code} for {item.code} in {over.inner}]"
    if over.nullable:
        return Value(f"None if {over.code} is None else {code}")
    return Value(code, nullable=False, tight=True)


def _loop(writer: Expressions, expr: Fold, begin: str, finish: _Finish) -> Value:
    over = _over(writer, expr)
    result = writer.names.new(expr.how)
    if not over.nullable:
        writer.lines.add(f"{result} = {begin}")
        body = _each_item(writer, expr, over, result, finish)
        return named(result, nullable=body.nullable and expr.how != "map")
    writer.lines.add(f"{result} = None")
    with writer.block(f"if {over.code} is not None:"):
        writer.lines.add(f"{result} = {begin}")
        _each_item(writer, expr, over, result, finish)
    return named(result)


def _over(writer: Expressions, expr: Fold) -> Value:
    over = writer.sequence(expr.over)
    # An assignment inside what a comprehension reads through is an error in Python.
    return writer.keep(over, "items") if over.nullable or ":=" in over.code else over


def _each_item(writer: Expressions, expr: Fold, over: Value, result: str, finish: _Finish) -> Value:
    item = named(writer.names.new(expr.variable), nullable=may_hold_unknown(expr.over))
    with writer.block(f"for {item.code} in {over.inner}:"), writer.bound(expr.variable, item):
        body = writer.value(expr.body)
        if body.nullable or expr.how == "filter":
            body = writer.keep(body, "holds")
        finish(writer, result, body)
        if expr.how == "filter":
            writer.lines.add(f"{result}.append({item.code})")
    return body


def may_hold_unknown(over: Expr) -> bool:
    """Whether an item of a list may be None. Rows behind a link never are."""
    while isinstance(over, Fold) and over.how == "filter":
        over = over.over
    rows = isinstance(over.type, ListOf) and isinstance(over.type.item, Row)
    return not (rows and isinstance(over, Linked))


def _exists(writer: Expressions, result: str, body: Value) -> None:
    _decide(writer, result, body, when=body.inner, decided="True")


def _all(writer: Expressions, result: str, body: Value) -> None:
    when = f"{body.code} is False" if body.nullable else f"not {body.inner}"
    _decide(writer, result, body, when=when, decided="False")


def _decide(writer: Expressions, result: str, body: Value, *, when: str, decided: str) -> None:
    with writer.lines.block(f"if {when}:"):
        writer.lines.add(f"{result} = {decided}")
        writer.lines.add("break")
    if body.nullable:
        with writer.lines.block(f"if {body.code} is None:"):
            writer.lines.add(f"{result} = None")


def _exists_one(writer: Expressions, result: str, body: Value) -> None:
    _stop_at_unknown(writer, result, body)
    with writer.lines.block(f"if {body.inner}:"):
        writer.lines.add(f"{result} += 1")


def _filter(writer: Expressions, result: str, body: Value) -> None:
    _stop_at_unknown(writer, result, body)
    with writer.lines.block(f"if not {body.inner}:"):
        writer.lines.add("continue")


def _map(writer: Expressions, result: str, body: Value) -> None:
    writer.lines.add(f"{result}.append({body.code})")


def _stop_at_unknown(writer: Expressions, result: str, body: Value) -> None:
    if body.nullable:
        with writer.lines.block(f"if {body.code} is None:"):
            writer.lines.add(f"{result} = None")
            writer.lines.add("break")


TESTS: dict[str, tuple[str, _Finish]] = {
    "exists": ("False", _exists),
    "all": ("True", _all),
    "exists_one": ("0", _exists_one),
}
LISTS: dict[str, _Finish] = {"filter": _filter, "map": _map}
