"""Saying what is wrong where two types do not meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaocheng.language.cel import codes, words
from kaocheng.language.cel.findings import report
from kaocheng.language.cel.fitting import scale
from kaocheng.language.expressions import Expr, Literal
from kaocheng.language.types import (
    BOOL,
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
    from kaocheng.diagnostics import Diagnostics, Span


def mixed_times(left: Type, right: Type) -> bool:
    """Whether one is a date and the other an instant."""
    return is_time(left) and is_time(right) and left != right


def report_operands(
    diagnostics: Diagnostics, span: Span, operator: str, left: Expr, right: Expr
) -> None:
    """Report an operator that does not apply to the types of its two sides."""
    if mixed_times(left.type, right.type):
        report_times(diagnostics, right, left.type)
        return
    report(
        diagnostics,
        codes.OPERATOR_TYPES,
        span,
        operator=operator,
        left=words.describe(left.type),
        right=words.describe(right.type),
    )


def report_comparison(
    diagnostics: Diagnostics, span: Span, operator: str, left: Expr, right: Expr
) -> None:
    """Report two sides that do not compare."""
    for one, other in ((left, right), (right, left)):
        if isinstance(one.type, Row | ListOf):
            report(diagnostics, codes.WHOLE, one.span, seen=words.describe(one.type))
            return
        if _may_be_unquoted(one, other.type):
            report_quoted(diagnostics, one, other.type)
            return
    if isinstance(left.type, Enum) and isinstance(right.type, Enum):
        values = {"left": words.describe(left.type), "right": words.describe(right.type)}
        report(diagnostics, codes.DIFFERENT_VALUES, span, **values)
        return
    report_operands(diagnostics, span, operator, left, right)


def report_argument(diagnostics: Diagnostics, expr: Expr, wanted: Type, function: str) -> None:
    """Report an argument that is not of the type that the function takes."""
    if mixed_times(expr.type, wanted):
        report_times(diagnostics, expr, wanted)
    elif _may_be_unquoted(expr, wanted):
        report_quoted(diagnostics, expr, wanted)
    elif isinstance(expr.type, Decimal) and isinstance(wanted, Decimal):
        report_places(diagnostics, expr, wanted)
    else:
        report_kind(diagnostics, expr, words.describe(wanted), function)


def report_kind(diagnostics: Diagnostics, expr: Expr, wanted: str, function: str) -> None:
    """Report an argument where the function takes something else, in words."""
    seen = words.describe(expr.type)
    report(diagnostics, codes.ARGUMENT_TYPE, expr.span, function=function, wanted=wanted, seen=seen)


def report_no_list(diagnostics: Diagnostics, expr: Expr, function: str) -> None:
    """Report what is no list, where a macro or `in` works on one."""
    seen = words.describe(expr.type)
    report(diagnostics, codes.NOT_A_LIST, expr.span, function=function, seen=seen)


def report_times(diagnostics: Diagnostics, expr: Expr, wanted: Type) -> None:
    """Report a date where an instant is needed, or the other way round."""
    values = {"seen": words.describe(expr.type), "wanted": words.describe(wanted)}
    report(diagnostics, codes.DATE_WITH_INSTANT, expr.span, **values)


def report_quoted(diagnostics: Diagnostics, text: Expr, wanted: Type) -> None:
    """Report a text written out where another type is needed."""
    value = str(text.value) if isinstance(text, Literal) else ""
    form = words.WRITTEN.get(wanted, "{}").format(value)
    values = {"seen": value, "wanted": words.describe(wanted), "form": form}
    report(diagnostics, codes.QUOTED, text.span, **values)


def report_places(diagnostics: Diagnostics, expr: Expr, wanted: Type) -> None:
    """Report a number with more decimal places than are kept."""
    values = {"seen": str(scale(expr.type)), "wanted": str(scale(wanted))}
    report(diagnostics, codes.DECIMAL_PLACES, expr.span, **values)


def _may_be_unquoted(expr: Expr, wanted: Type) -> bool:
    """Whether it is a text that was perhaps meant as a `wanted`."""
    is_text = isinstance(expr, Literal) and expr.type == STRING
    takes_text = wanted == STRING or isinstance(wanted, Enum | Reference | Row | ListOf)
    return is_text and not takes_text


def report_condition(diagnostics: Diagnostics, expr: Expr) -> None:
    """Report what stands for a condition and is neither true nor false."""
    report(diagnostics, codes.CONDITION, expr.span, seen=words.describe(expr.type))


def report_result(
    diagnostics: Diagnostics, expr: Expr, wanted: tuple[Type, ...], fields: str
) -> None:
    """Report an expression whose result is not of a type that its place wants."""
    first, wish, span = wanted[0], words.either(wanted), expr.span
    if isinstance(expr.type, Row):
        report(
            diagnostics, codes.RESULT_ROW, span, seen=expr.type.relation, wanted=wish, known=fields
        )
    elif isinstance(expr.type, ListOf) and not isinstance(first, ListOf):
        report(diagnostics, codes.RESULT_LIST, span, wanted=wish)
    elif wanted == (BOOL,):
        report_condition(diagnostics, expr)
    elif len(wanted) == 1 and is_number(expr.type) and is_number(first):
        report_places(diagnostics, expr, first)
    elif len(wanted) == 1 and mixed_times(expr.type, first):
        report_times(diagnostics, expr, first)
    elif len(wanted) == 1 and _may_be_unquoted(expr, first):
        report_quoted(diagnostics, expr, first)
    else:
        report(diagnostics, codes.RESULT_TYPE, span, seen=words.describe(expr.type), wanted=wish)
