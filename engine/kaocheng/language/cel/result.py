"""What an expression must come to, as the key that it stands under wants it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaocheng.language.cel.misfits import report_result
from kaocheng.language.types import Type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kaocheng.language.cel.check import Checker
    from kaocheng.language.expressions import Expr


def result(checker: Checker, expr: Expr, expected: Type | Sequence[Type] | None) -> Expr | None:
    """The expression as one of the types expected; the first that it fits if not exactly one."""
    if expected is None:
        return expr
    wanted = (expected,) if isinstance(expected, Type) else tuple(expected)
    if expr.type in wanted:
        return expr
    for type_ in wanted:
        if checker.fitting.fits(expr, type_):
            return checker.fitting.fit(expr, type_)
    report_result(checker.reports, expr, wanted, checker.rows.fields(expr.type))
    return None
