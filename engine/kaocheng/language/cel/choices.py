"""Functions whose operation or result depends on the types of their arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaocheng.language.cel import codes, feature_codes, literals, words
from kaocheng.language.cel.arguments import counted, values
from kaocheng.language.cel.fitting import MOST_PLACES, number, scale
from kaocheng.language.cel.misfits import report_argument, report_kind
from kaocheng.language.cel.rows import PeriodOf
from kaocheng.language.cel.tree import Constant
from kaocheng.language.expressions import Call, Expr, Literal
from kaocheng.language.types import (
    BOOL,
    DATE,
    DURATION,
    INSTANT,
    INT,
    STRING,
    Decimal,
    Enum,
    ListOf,
    Type,
    is_number,
    is_time,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kaocheng.diagnostics import Code
    from kaocheng.language.cel.check import Checker
    from kaocheng.language.cel.tree import Apply, Node

_PAIR = 2
_WITH_DIGITS = 3


def _call(checker: Checker, node: Apply, op: str, type_: Type, *args: Expr) -> Call:
    return Call(type=type_, span=checker.span(node), op=op, args=args)


def _one(checker: Checker, node: Apply) -> Expr | None:
    """The only argument."""
    args = values(checker, node, node.args, 1)
    return args[0] if args else None


def _size(checker: Checker, node: Apply) -> Expr | None:
    """`size(a)` and `a.size()`."""
    args = node.args if node.target is None else (node.target, *node.args)
    given = values(checker, node, args, 1)
    if given is None:
        return None
    if given[0].type == STRING:
        return _call(checker, node, "length", INT, *given)
    if isinstance(given[0].type, ListOf):
        return _call(checker, node, "size", INT, *given)
    report_kind(checker.reports, given[0], "list / string", "size")
    return None


def _of_list(
    wanted: str, is_item: Callable[[Type], bool]
) -> Callable[[Checker, Apply], Expr | None]:
    """A function of a list of certain items that gives one of their type."""

    def aggregate(checker: Checker, node: Apply) -> Expr | None:
        listed = _one(checker, node)
        if listed is None:
            return None
        if isinstance(listed.type, ListOf) and is_item(listed.type.item):
            return _call(checker, node, node.function, listed.type.item, listed)
        report_kind(checker.reports, listed, wanted, node.function)
        return None

    return aggregate


def _extreme(in_order: str) -> Callable[[Checker, Apply], Expr | None]:
    """`min` and `max`: of numbers, or of values of one enumeration by their order."""
    of_numbers = _of_list(_COMPARABLE, is_number)

    def extreme(checker: Checker, node: Apply) -> Expr | None:
        listed = _one(checker, node)
        item = listed.type.item if listed and isinstance(listed.type, ListOf) else None
        if listed is None or not isinstance(item, Enum):
            return listed and of_numbers(checker, node)
        if item.ordered:
            return _call(checker, node, in_order, item, listed)
        known = words.known(item.values)
        checker.report(codes.UNORDERED_VALUES, node, operator=node.function, known=known)
        return None

    return extreme


def _happened(checker: Checker, node: Apply) -> Expr | None:
    time = _one(checker, node)
    if time is None:
        return None
    if is_time(time.type):
        return _call(checker, node, "happened", BOOL, time)
    report_kind(checker.reports, time, words.either((DATE, INSTANT)), node.function)
    return None


def _edge(part: str) -> Callable[[Checker, Apply], Expr | None]:
    """`start_of` and `end_of` a day, or of a period by its first or last day."""

    def edge(checker: Checker, node: Apply) -> Expr | None:
        if not counted(checker, node, node.args, 1):
            return None
        day = checker.any(node.args[0])
        if isinstance(day, PeriodOf):
            day = day.part(part, DATE, day.span)
        if day is None or day.type == DATE:
            return day and _call(checker, node, node.function, INSTANT, day)
        report_argument(checker.reports, day, DATE, node.function)
        return None

    return edge


def _seconds(checker: Checker, node: Apply) -> Expr | None:
    instant = _one(checker, node)
    if instant is None or instant.type == INSTANT:
        return instant and _call(checker, node, "seconds", INT, instant)
    checker.report(feature_codes.CONVERSION, node, seen=node.function)
    return None


def _parts(checker: Checker, node: Apply) -> Expr | None:
    """`started` and `whole`: of two whole numbers or of two durations."""
    args = values(checker, node, node.args, _PAIR)
    if args is None:
        return None
    wanted = DURATION if args[0].type == DURATION else INT
    for arg in args:
        if arg.type != wanted:
            report_argument(checker.reports, arg, wanted, node.function)
            return None
    return _call(checker, node, node.function, INT, *args)


def _digits(checker: Checker, node: Apply, arg: Node) -> Literal | None:
    """A number of decimal places, which must be written out."""
    if isinstance(arg, Constant) and arg.kind == "int64_value":
        places = int(str(arg.value))
        if 0 <= places <= MOST_PLACES:
            return Literal(type=INT, span=checker.span(arg), value=places)
    checker.report(codes.DIGITS, arg, function=node.function)
    return None


def _ratio(checker: Checker, node: Apply) -> Expr | None:
    if not counted(checker, node, node.args, _WITH_DIGITS):
        return None
    left, right = (_number(checker, node, arg) for arg in node.args[:2])
    digits = _digits(checker, node, node.args[2])
    if left is None or right is None or digits is None:
        return None
    met = checker.fitting.meet(left, right)
    places = number(int(digits.value or 0))
    return met and _call(checker, node, "ratio", places, *met, digits)


def _number(checker: Checker, node: Apply, arg: Node) -> Expr | None:
    expr = checker.value(arg)
    if expr is None or is_number(expr.type):
        return expr
    report_kind(checker.reports, expr, "int / decimal", node.function)
    return None


def _round(checker: Checker, node: Apply) -> Expr | None:
    if not counted(checker, node, node.args, _PAIR):
        return None
    rounded = checker.value(node.args[0])
    digits = _digits(checker, node, node.args[1])
    if rounded is None or digits is None:
        return None
    if not isinstance(rounded.type, Decimal):
        report_kind(checker.reports, rounded, "decimal", node.function)
        return None
    places = int(digits.value or 0)
    if places >= scale(rounded.type):
        return checker.fitting.fit(rounded, number(places))
    return _call(checker, node, "round", number(places), rounded, digits)


def _literal(
    type_: Type, code: Code, read: Callable[[str], int | None]
) -> Callable[[Checker, Apply], Expr | None]:
    """`date('…')`, `timestamp('…')` and `duration('…')`: read once, here."""

    def literal(checker: Checker, node: Apply) -> Expr | None:
        if not counted(checker, node, node.args, 1):
            return None
        (arg,) = node.args
        if not isinstance(arg, Constant) or arg.kind != "string_value":
            form = checker.names.form(node.function) or node.function
            checker.report(codes.WRITTEN_OUT, arg, function=node.function, form=form)
            return None
        value = read(str(arg.value))
        if value is None:
            checker.report(code, arg, seen=str(arg.value))
            return None
        return Literal(type=type_, span=checker.span(node), value=value)

    return literal


_TIMES = "list of date / list of instant"
_NUMBERS = "list of int / list of decimal"
_COMPARABLE = f"{_NUMBERS} / list of ordered"

CHOICES: Mapping[str, Callable[[Checker, Apply], Expr | None]] = {
    "size": _size,
    "earliest": _of_list(_TIMES, is_time),
    "latest": _of_list(_TIMES, is_time),
    "min": _extreme("lowest"),
    "max": _extreme("highest"),
    "sum": _of_list(_NUMBERS, is_number),
    "happened": _happened,
    "start_of": _edge("first_day"),
    "end_of": _edge("last_day"),
    "int": _seconds,
    "started": _parts,
    "whole": _parts,
    "ratio": _ratio,
    "round": _round,
    "date": _literal(DATE, codes.DATE_LITERAL, literals.date),
    "timestamp": _literal(INSTANT, codes.INSTANT_LITERAL, literals.instant),
    "duration": _literal(DURATION, codes.DURATION_LITERAL, literals.duration),
}
