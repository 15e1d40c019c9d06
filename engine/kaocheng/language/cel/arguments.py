"""The arguments of a call: as many as it takes, of the types that it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaocheng.language.cel import codes
from kaocheng.language.cel.misfits import report_argument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kaocheng.language.cel.check import Checker
    from kaocheng.language.cel.tree import Apply, Node
    from kaocheng.language.expressions import Expr
    from kaocheng.language.types import Type


def counted(checker: Checker, node: Apply, args: Sequence[Node], wanted: int) -> bool:
    """Whether there are as many arguments as wanted; reported if not."""
    if len(args) == wanted:
        return True
    name = node.function
    form = checker.names.form(name) or name
    values = {"function": name, "wanted": str(wanted), "seen": str(len(args)), "form": form}
    checker.report(codes.ARGUMENT_COUNT, node, **values)
    return False


def values(checker: Checker, node: Apply, args: Sequence[Node], wanted: int) -> list[Expr] | None:
    """So many arguments of whatever types, or None after a report."""
    if not counted(checker, node, args, wanted):
        return None
    checked = [checker.value(arg) for arg in args]
    whole = [arg for arg in checked if arg is not None]
    return whole if len(whole) == wanted else None


def fitted(
    checker: Checker, node: Apply, args: Sequence[Node], types: Sequence[Type]
) -> tuple[Expr, ...] | None:
    """The arguments as the types wanted, or None after a report."""
    if not counted(checker, node, args, len(types)):
        return None
    pairs = zip(args, types, strict=True)
    checked = [_fitted(checker, node, arg, type_) for arg, type_ in pairs]
    whole = tuple(arg for arg in checked if arg is not None)
    return whole if len(whole) == len(types) else None


def _fitted(checker: Checker, node: Apply, arg: Node, wanted: Type) -> Expr | None:
    expr = checker.value(arg)
    if expr is None or checker.fitting.fits(expr, wanted):
        return expr and checker.fitting.fit(expr, wanted)
    report_argument(checker.reports, expr, wanted, node.function)
    return None
