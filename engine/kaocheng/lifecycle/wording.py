"""Expressions and values as people read them in refusals: CEL text, dates, decimals."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kaocheng.calendars.numberline import (
    HOUR,
    MINUTE,
    NEVER,
    SECOND,
    OffsetTable,
    format_date,
    format_instant,
)
from kaocheng.journal.texts import Text
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
from kaocheng.language.types import (
    BOOL,
    DATE,
    DURATION,
    INSTANT,
    Decimal,
    ListOf,
    Row,
    Type,
)
from kaocheng.language.writing import sides

UNKNOWN = Text("unknown", "未知")
NEVER_TEXT = Text("never", "尚未发生")

# How tightly each operator binds in CEL; functions, fields and literals bind tightest.
_TIGHTEST = 9
_BINDING = {
    "if": 1, "or": 2, "and": 3, "eq": 4, "ne": 4, "lt": 4, "le": 4, "gt": 4, "ge": 4, "in": 4,
    "add": 5, "sub": 5, "diff": 5, "shift": 5, "concat": 5, "mul": 6, "mod": 6, "neg": 7, "not": 7,
}  # fmt: skip
_INSERTED = frozenset({"rank", "rescale"})


def expression_text(expr: Expr) -> str:
    """The expression as a policy writer would write it."""
    return _WRITERS[type(expr)](expr)


def _within(expr: Expr, binding: int) -> str:
    """The expression as an operand, in parentheses where it binds less than that."""
    text = expression_text(expr)
    return text if _binding(expr) >= binding else f"({text})"


def _binding(expr: Expr) -> int:
    if isinstance(expr, Advance):
        return _BINDING["shift"]
    if not isinstance(expr, Call):
        return _TIGHTEST
    if expr.op in _INSERTED:
        return _binding(expr.args[0])
    return _BINDING.get(expr.op, _TIGHTEST)


def _call(expr: Call) -> str:
    args = expr.args
    if expr.op in _INSERTED:
        return expression_text(args[0])
    binding = _BINDING.get(expr.op)
    if binding is None:
        return _function(expr)
    if len(args) == 1:
        return f"{OPERATIONS[expr.op].written[:-1]}{_within(args[0], binding)}"
    if expr.op == "if":
        condition, yes, no = args
        return f"{_within(condition, binding + 1)} ? {_within(yes, binding + 1)} : {_within(no, 1)}"
    operator = OPERATIONS[expr.op].written[1:-1]
    left, right = sides(expr)
    return f"{_within(left, binding)}{operator}{_within(right, binding + 1)}"


def _function(expr: Call) -> str:
    written = OPERATIONS[expr.op].written
    if written.startswith("a."):
        name = written[2:].partition("(")[0]
        return f"{_within(expr.args[0], _TIGHTEST)}.{name}({_listed(expr.args[1:])})"
    return f"{written.partition('(')[0]}({_listed(expr.args)})"


def _listed(items: tuple[Expr, ...]) -> str:
    return ", ".join(map(expression_text, items))


def _literal(expr: Literal) -> str:
    value, type_ = expr.value, expr.type
    if value is None:
        return UNKNOWN.en
    text = value_text(value, type_).en
    if type_ in _QUOTED_TYPES:
        return f"{_QUOTED_TYPES[type_]}('{text}')"
    if isinstance(value, str):
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return text


def _fold(expr: Fold) -> str:
    return (
        f"{_within(expr.over, _TIGHTEST)}.{expr.how}({expr.variable}, {expression_text(expr.body)})"
    )


def _advance(expr: Advance) -> str:
    unit = expr.limit.unit.replace("_", " ")
    amount = str(expr.limit.amount) if expr.amount is None else expression_text(expr.amount)
    plural = "" if amount == "1" else "s"
    return f"{_within(expr.start, _BINDING['shift'])} + {amount} {unit}{plural}"


_QUOTED_TYPES: Mapping[Type, str] = {DATE: "date", INSTANT: "timestamp", DURATION: "duration"}
_WRITERS: dict[type[Expr], Callable[..., str]] = {
    Literal: _literal,
    Parameter: lambda expr: expr.name,
    Variable: lambda expr: expr.name,
    Field: lambda expr: f"{expression_text(expr.row)}.{expr.name}",
    Follow: lambda expr: expression_text(expr.reference),
    Linked: lambda expr: f"{expression_text(expr.row)}.{expr.link}",
    Call: _call,
    Lookup: lambda expr: f"{expr.table}({_listed(expr.args)})",
    Items: lambda expr: f"[{_listed(expr.items)}]",
    Fold: _fold,
    Advance: _advance,
    Has: lambda expr: f"has({expression_text(expr.operand)})",
}


def value_text(value: object, type_: Type, zone: OffsetTable | None = None) -> Text:
    """A value of the number line as people write it; instants in `zone`, else in UTC."""
    if value is None:
        return UNKNOWN
    if isinstance(type_, ListOf) and isinstance(value, tuple | list):
        return _list_text(value, type_.item, zone)
    if isinstance(value, int) and type_ in {DATE, INSTANT}:
        return _time_text(value, type_, zone)
    return _same(_plain(value, type_))


def _time_text(value: int, type_: Type, zone: OffsetTable | None) -> Text:
    if value == NEVER:
        return NEVER_TEXT
    return _same(format_date(value) if type_ == DATE else format_instant(value, zone))


def _list_text(
    values: tuple[object, ...] | list[object], item: Type, zone: OffsetTable | None
) -> Text:
    if isinstance(item, Row):
        count = len(values)
        return Text(f"{count} row" if count == 1 else f"{count} rows", f"{count} 条")
    texts = [value_text(value, item, zone) for value in values]
    return Text(f"[{', '.join(t.en for t in texts)}]", f"[{', '.join(t.zh for t in texts)}]")


def _plain(value: object, type_: Type) -> str:
    if type_ == BOOL:
        return "true" if value else "false"
    if isinstance(type_, Decimal) and isinstance(value, int):
        return _decimal(value, type_.scale)
    if type_ == DURATION and isinstance(value, int):
        return _duration(value)
    if isinstance(type_, Row) and isinstance(value, tuple):
        return str(value[0])
    return str(value)


def _decimal(units: int, scale: int) -> str:
    if scale == 0:
        return str(units)
    digits = str(abs(units)).rjust(scale + 1, "0")
    return f"{'-' if units < 0 else ''}{digits[:-scale]}.{digits[-scale:]}"


def _duration(microseconds: int) -> str:
    """As CEL writes it: `1h30m`."""
    rest, text = abs(microseconds), ""
    for size, letter in ((HOUR, "h"), (MINUTE, "m")):
        count, rest = divmod(rest, size)
        text += f"{count}{letter}" if count else ""
    seconds, micros = divmod(rest, SECOND)
    if micros:
        text += f"{seconds}.{micros:06d}".rstrip("0") + "s"
    elif seconds or not text:
        text += f"{seconds}s"
    return f"-{text}" if microseconds < 0 else text


def _same(text: str) -> Text:
    return Text(text, text)
