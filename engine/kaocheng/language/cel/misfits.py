"""Saying what is wrong where two types do not meet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kaocheng.language.cel import codes, words
from kaocheng.language.cel.fitting import scale
from kaocheng.language.expressions import Call, Expr, Literal
from kaocheng.language.types import (
    BOOL,
    INT,
    STRING,
    Decimal,
    Enum,
    ListOf,
    Reference,
    Row,
    Type,
    is_number,
    is_time,
)

if TYPE_CHECKING:
    from kaocheng.diagnostics import Span
    from kaocheng.language.cel.reports import Reports

_ORDERING = ("<", "<=", ">", ">=")
_COMPARING = ("lt", "le", "gt", "ge")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def mixed_times(left: Type, right: Type) -> bool:
    """Whether one is a date and the other an instant."""
    return is_time(left) and is_time(right) and left != right


def report_operands(reports: Reports, span: Span, operator: str, left: Expr, right: Expr) -> None:
    """Report an operator that does not apply to the types of its two sides."""
    if mixed_times(left.type, right.type):
        report_times(reports, right, left.type)
        return
    reports.add(
        codes.OPERATOR_TYPES,
        span,
        operator=operator,
        left=words.describe(left.type),
        right=words.describe(right.type),
    )


def report_comparison(reports: Reports, span: Span, operator: str, left: Expr, right: Expr) -> None:
    """Report two sides that do not compare."""
    for one, other in ((left, right), (right, left)):
        if isinstance(one.type, Row | ListOf):
            reports.add(codes.WHOLE, one.span, seen=words.describe(one.type))
            return
        if _may_be_unquoted(one, other.type):
            report_quoted(reports, one, other.type)
            return
    if isinstance(left.type, Enum) and isinstance(right.type, Enum):
        values = {"left": words.describe(left.type), "right": words.describe(right.type)}
        reports.add(codes.DIFFERENT_VALUES, span, **values)
        return
    if isinstance(left, Call) and left.op in _COMPARING and operator in _ORDERING:
        reports.add(codes.CHAINED, span, operator=operator)
        return
    report_operands(reports, span, operator, left, right)


def report_argument(reports: Reports, expr: Expr, wanted: Type, function: str) -> None:
    """Report an argument that is not of the type that the function takes."""
    if mixed_times(expr.type, wanted):
        report_times(reports, expr, wanted)
    elif _may_be_unquoted(expr, wanted):
        report_quoted(reports, expr, wanted)
    elif isinstance(expr.type, Decimal) and isinstance(wanted, Decimal):
        report_places(reports, expr, wanted)
    else:
        report_kind(reports, expr, words.describe(wanted), function)


def report_kind(reports: Reports, expr: Expr, wanted: str, function: str) -> None:
    """Report an argument where the function takes something else, in words."""
    seen = words.describe(expr.type)
    reports.add(codes.ARGUMENT_TYPE, expr.span, function=function, wanted=wanted, seen=seen)


def report_no_list(reports: Reports, expr: Expr, function: str) -> None:
    """Report what is no list, where a macro or `in` works on one."""
    seen = words.describe(expr.type)
    reports.add(codes.NOT_A_LIST, expr.span, function=function, seen=seen)


def report_times(reports: Reports, expr: Expr, wanted: Type) -> None:
    """Report a date where an instant is needed, or the other way round."""
    values = {"seen": words.describe(expr.type), "wanted": words.describe(wanted)}
    reports.add(codes.DATE_WITH_INSTANT, expr.span, **values)


def report_quoted(reports: Reports, text: Expr, wanted: Type) -> None:
    """Report a text written out where another type is needed."""
    value = str(text.value) if isinstance(text, Literal) else ""
    form = words.WRITTEN.get(wanted, "{}").format(value)
    if (wanted == BOOL or is_number(wanted)) and not _reads_as(value, wanted):
        form = "true" if wanted == BOOL else "12" if wanted == INT else "2.50"
    values = {"seen": value, "wanted": words.describe(wanted), "form": form}
    reports.add(codes.QUOTED, text.span, **values)


def _reads_as(value: str, wanted: Type) -> bool:
    """Whether a text is a number, or true or false, once its quotes are taken away."""
    if wanted == BOOL:
        return value in {"true", "false"}
    return _NUMBER.fullmatch(value) is not None


def report_places(reports: Reports, expr: Expr, wanted: Type) -> None:
    """Report a number with more decimal places than are kept."""
    values = {"seen": str(scale(expr.type)), "wanted": str(scale(wanted))}
    reports.add(codes.DECIMAL_PLACES, expr.span, **values)


def _may_be_unquoted(expr: Expr, wanted: Type) -> bool:
    """Whether it is a text that was perhaps meant as a `wanted`."""
    is_text = isinstance(expr, Literal) and expr.type == STRING
    takes_text = wanted == STRING or isinstance(wanted, Enum | Reference | Row | ListOf)
    return is_text and not takes_text


def report_condition(reports: Reports, expr: Expr) -> None:
    """Report what stands for a condition and is neither true nor false."""
    reports.add(codes.CONDITION, expr.span, seen=words.describe(expr.type))


def report_result(reports: Reports, expr: Expr, wanted: tuple[Type, ...], fields: str) -> None:
    """Report an expression whose result is not of a type that its place wants."""
    first, wish, span = wanted[0], words.either(wanted), expr.span
    if isinstance(expr.type, Row):
        reports.add(codes.RESULT_ROW, span, seen=expr.type.relation, wanted=wish, known=fields)
    elif isinstance(expr.type, ListOf) and not isinstance(first, ListOf):
        reports.add(codes.RESULT_LIST, span, wanted=wish)
    elif wanted == (BOOL,):
        report_condition(reports, expr)
    elif len(wanted) == 1 and is_number(expr.type) and is_number(first):
        report_places(reports, expr, first)
    elif len(wanted) == 1 and mixed_times(expr.type, first):
        report_times(reports, expr, first)
    elif len(wanted) == 1 and _may_be_unquoted(expr, first):
        report_quoted(reports, expr, first)
    else:
        reports.add(codes.RESULT_TYPE, span, seen=words.describe(expr.type), wanted=wish)
