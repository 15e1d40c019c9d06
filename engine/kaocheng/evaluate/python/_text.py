"""Expressions as a policy writer would write them, to name what is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from kaocheng.calendars.numberline import format_date, format_instant
from kaocheng.language.expressions import (
    Advance,
    Call,
    Expr,
    Field,
    Fold,
    Follow,
    Has,
    Items,
    Linked,
    Literal,
    Lookup,
    Parameter,
    Variable,
)
from kaocheng.language.operations import OPERATIONS
from kaocheng.language.types import DATE, INSTANT, Decimal, Type

# Operations that the checker inserts and nobody writes.
_SILENT = frozenset({"rank", "rescale"})


def text(expr: Expr) -> str:
    """The expression in one line; a path such as `breach.aware_on` for a field."""
    return _TEXTS[type(expr)](expr)


def _path(expr: Field | Linked) -> str:
    name = expr.name if isinstance(expr, Field) else expr.link
    return f"{text(expr.row)}.{name}"


def _fold(expr: Fold) -> str:
    return f"{text(expr.over)}.{expr.how}({expr.variable}, {text(expr.body)})"


def _advance(expr: Advance) -> str:
    count = expr.limit.amount if expr.amount is None else text(expr.amount)
    return f"{text(expr.start)} + {count} {expr.limit.unit}"


def _call(expr: Call) -> str:
    if expr.op in _SILENT:
        return text(expr.args[0])
    written = OPERATIONS[expr.op].written
    args = [_inner(arg) for arg in expr.args]
    if expr.op == "if":
        return f"{args[0]} ? {args[1]} : {args[2]}"
    if "(" not in written:
        operator = written.strip("ab ")
        return f" {operator} ".join(args) if len(args) > 1 else f"{operator}{args[0]}"
    if written.startswith("a."):
        return f"{args[0]}.{written[2 : written.index('(')]}({_listed(expr.args[1:])})"
    return f"{written[: written.index('(')]}({_listed(expr.args)})"


def _inner(expr: Expr) -> str:
    """An operand; in parentheses where it is an operator itself."""
    whole = text(expr)
    return f"({whole})" if isinstance(expr, Call | Advance) and " " in whole else whole


def _listed(args: tuple[Expr, ...]) -> str:
    return ", ".join(text(arg) for arg in args)


def _literal(value: object, type_: Type) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{value}'"
    if isinstance(value, int):
        return _number(value, type_)
    return str(value)


def _number(value: int, type_: Type) -> str:
    if type_ == DATE:
        return format_date(value)
    if type_ == INSTANT:
        return format_instant(value)
    if not isinstance(type_, Decimal) or not type_.scale:
        return str(value)
    whole, part = divmod(abs(value), 10**type_.scale)
    return f"{'-' if value < 0 else ''}{whole}.{part:0{type_.scale}d}"


_TEXTS: Mapping[type[Expr], Callable[[Any], str]] = MappingProxyType(
    {
        Literal: lambda expr: _literal(expr.value, expr.type),
        Parameter: lambda expr: expr.name,
        Variable: lambda expr: expr.name,
        Field: _path,
        Linked: _path,
        Follow: lambda expr: text(expr.reference),
        Call: _call,
        Lookup: lambda expr: f"{expr.table}({_listed(expr.args)})",
        Items: lambda expr: f"[{_listed(expr.items)}]",
        Fold: _fold,
        Advance: _advance,
        Has: lambda expr: f"has({text(expr.operand)})",
    }
)
