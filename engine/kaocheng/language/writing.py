"""Expressions as text again, as a policy writer would have written them."""

from __future__ import annotations

from kaocheng.calendars.limits import Limit
from kaocheng.calendars.numberline import NEVER, format_date, format_instant
from kaocheng.language.amounts import decimal, duration
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
from kaocheng.language.types import DATE, DURATION, INSTANT, STRING, Decimal, Enum, Reference

_INFIX = {
    "and": ("&&", 2),
    "or": ("||", 1),
    "eq": ("==", 3),
    "ne": ("!=", 3),
    "lt": ("<", 3),
    "le": ("<=", 3),
    "gt": (">", 3),
    "ge": (">=", 3),
    "in": ("in", 3),
    "add": ("+", 4),
    "sub": ("-", 4),
    "diff": ("-", 4),
    "shift": ("+", 4),
    "concat": ("+", 4),
    "mul": ("*", 5),
    "mod": ("%", 5),
}
_METHODS = {"starts_with": "startsWith", "ends_with": "endsWith", "contains": "contains"}
_FUNCTIONS = {"length": "size", "seconds": "int", "lowest": "min", "highest": "max"}
_UNARY = 6


def write(expr: Expr) -> str:
    """The expression as CEL text."""
    return _write(expr, 0)


def _write(expr: Expr, above: int) -> str:  # noqa: C901, PLR0911 - one case per node
    match expr:
        case Literal():
            return _literal(expr)
        case Parameter() | Variable():
            return expr.name
        case Field():
            return _field(expr)
        case Follow():
            return _write(expr.reference, _UNARY)
        case Linked():
            return f"{_write(expr.row, _UNARY)}.{expr.link}"
        case Call():
            return _call(expr, above)
        case Lookup():
            return f"{expr.table}({_list(expr.args)})"
        case Items():
            return f"[{_list(expr.items)}]"
        case Fold():
            body = _write(expr.body, 0)
            return f"{_write(expr.over, _UNARY)}.{expr.how}({expr.variable}, {body})"
        case Advance():
            return _advance(expr)
        case Has():
            return f"has({_write(expr.operand, 0)})"
        case _:
            return "…"


def _list(items: tuple[Expr, ...]) -> str:
    return ", ".join(_write(item, 0) for item in items)


def _field(expr: Field) -> str:
    row = _write(expr.row, _UNARY)
    if isinstance(expr.row, Variable) and expr.row.name == "row":
        return expr.name
    if expr.name == "period":
        return f"{row}.period.name"
    return f"{row}.{expr.name}"


def _literal(expr: Literal) -> str:  # noqa: PLR0911 - one case per type
    value, type_ = expr.value, expr.type
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{value}'" if type_ == STRING or isinstance(type_, (Enum, Reference)) else value
    if type_ in (DATE, INSTANT) and value == NEVER:
        return "never"
    if type_ == DATE:
        return f"date('{format_date(value)}')"
    if type_ == INSTANT:
        return f"timestamp('{format_instant(value)}')"
    if type_ == DURATION:
        return f"duration('{_clock(value)}')"
    return decimal(value, type_.scale) if isinstance(type_, Decimal) else str(value)


def _clock(micros: int) -> str:
    """A duration as expressions write it: `2h30m`."""
    text = duration(micros).replace("P", "").replace("T", "").lower()
    days, _, rest = text.rpartition("d")
    hours, _, rest = rest.rpartition("h")
    if not days:
        return f"{hours}h{rest}" if hours else rest
    sign = "-" if days.startswith("-") else ""
    total = 24 * int(days.lstrip("-")) + int(hours or 0)
    return f"{sign}{total}h{rest}"


def sides(expr: Call) -> tuple[Expr, Expr]:
    """Both sides of an operation as they were written: a rank written out is a value's name."""
    left, right = expr.args
    return _named(left, beside=right), _named(right, beside=left)


def _named(expr: Expr, *, beside: Expr) -> Expr:
    if not isinstance(beside, Call) or beside.op != "rank":
        return expr
    if not isinstance(expr, Literal) or not isinstance(expr.value, int):
        return expr
    type_ = beside.args[0].type
    return Literal(type=type_, value=type_.values[expr.value]) if isinstance(type_, Enum) else expr


def _call(expr: Call, above: int) -> str:
    if expr.op in _INFIX:
        sign, level = _INFIX[expr.op]
        left, right = sides(expr)
        text = f"{_write(left, level)} {sign} {_write(right, level + 1)}"
        return f"({text})" if level < above else text
    if expr.op == "if":
        test, then, other = (_write(arg, 1) for arg in expr.args)
        text = f"{test} ? {then} : {other}"
        return f"({text})" if above else text
    if expr.op in ("not", "neg"):
        return f"{'!' if expr.op == 'not' else '-'}{_write(expr.args[0], _UNARY)}"
    if expr.op in ("rescale", "rank"):
        return _write(expr.args[0], above)
    if expr.op in _METHODS:
        return f"{_write(expr.args[0], _UNARY)}.{_METHODS[expr.op]}({_list(expr.args[1:])})"
    return f"{_FUNCTIONS.get(expr.op, expr.op)}({_list(expr.args)})"


def _advance(expr: Advance) -> str:
    amount = None if expr.amount is None else _write(expr.amount, _UNARY)
    text = f"{_write(expr.start, 4)} + {limit_text(expr.limit, amount=amount)}"
    return text if expr.pauses is None else f"{text} without {_write(expr.pauses, _UNARY)}"


_CHINESE_UNITS = {
    "second": "秒",
    "minute": "分钟",
    "hour": "小时",
    "day": "日",
    "week": "周",
    "month": "个月",
    "year": "年",
    "working_day": "个工作日",
}
_ENDS = {"end_of_day": "the end of the day", "close": "close of business"}
_CHINESE_ENDS = {"end_of_day": "当日二十四时", "close": "下班时间", "noon": "正午"}


def limit_text(limit: Limit, *, amount: str | None = None, flat: bool = False) -> str:
    """A limit as the one phrase of the language: `3 working days`, with its options.

    `flat` writes the options without brackets of their own.
    """
    unit = limit.unit.replace("_", " ")
    number = str(limit.amount) if amount is None else amount
    text = f"{number} {unit}{'' if number == '1' else 's'}"
    options = []
    if limit.until != "same_time":
        options.append(f"until {_ENDS.get(limit.until, limit.until)}")
    if limit.roll != "none":
        options.append("rolling to the next working day")
    if limit.counts_start:
        options.append("the starting day counted")
    if flat:
        return ", ".join((text, *options))
    return f"{text} ({', '.join(options)})" if options else text


def limit_text_zh(limit: Limit, *, amount: str | None = None, flat: bool = False) -> str:
    """The same in Chinese: `3 个工作日`."""
    text = f"{limit.amount if amount is None else amount} {_CHINESE_UNITS[limit.unit]}"
    options = []
    if limit.until != "same_time":
        options.append(f"至{_CHINESE_ENDS.get(limit.until, limit.until)}")
    if limit.roll != "none":
        options.append("遇非工作日顺延")
    if limit.counts_start:
        options.append("起算当日计入")
    if flat:
        return "，".join((text, *options))
    return f"{text}（{'，'.join(options)}）" if options else text
