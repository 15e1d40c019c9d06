"""The operators: which operation each is on the types of its operands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from kaocheng.language.cel import codes, feature_codes, words
from kaocheng.language.cel.fitting import MOST_PLACES, number, scale
from kaocheng.language.cel.misfits import report_comparison, report_no_list, report_operands
from kaocheng.language.cel.tree import OPERATORS
from kaocheng.language.expressions import Call, Expr, Literal
from kaocheng.language.types import (
    BOOL,
    DATE,
    DURATION,
    INSTANT,
    INT,
    STRING,
    Enum,
    ListOf,
    Row,
    Type,
    is_number,
    is_time,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kaocheng.language.cel.check import Checker
    from kaocheng.language.cel.tree import Apply

_EQUALITY = {"_==_": "eq", "_!=_": "ne"}
_ORDER = {"_<_": "lt", "_<=_": "le", "_>_": "gt", "_>=_": "ge"}
_BOTH = {"_&&_": "and", "_||_": "or"}
_LENGTHS = (DURATION, DURATION)


def operator(checker: Checker, node: Apply) -> Expr | None:
    """The operation that an operator is; `node.function` is CEL's name for it."""
    function = node.function
    if function in _BOTH:
        return _logical(checker, node)
    special = _SPECIAL.get(function)
    if special is not None:
        return special(checker, node)
    left, right = (checker.value(arg) for arg in node.args)
    if left is None or right is None:
        return None
    if function in _EQUALITY or function in _ORDER:
        return _comparison(checker, node, left, right)
    return _ARITHMETIC[function](checker, node, left, right)


def _call(checker: Checker, node: Apply, op: str, type_: Type, *args: Expr) -> Call:
    return Call(type=type_, span=checker.span(node), op=op, args=args)


def _wrong(checker: Checker, node: Apply, left: Expr, right: Expr) -> None:
    written = OPERATORS[node.function]
    report_operands(checker.reports, checker.span(node), written, left, right)


def _logical(checker: Checker, node: Apply) -> Expr | None:
    left, right = (checker.condition(arg) for arg in node.args)
    if left is None or right is None:
        return None
    return _call(checker, node, _BOTH[node.function], BOOL, left, right)


def _not(checker: Checker, node: Apply) -> Expr | None:
    operand = checker.condition(node.args[0])
    return None if operand is None else _call(checker, node, "not", BOOL, operand)


def _negative(checker: Checker, node: Apply) -> Expr | None:
    operand = checker.value(node.args[0])
    if operand is None:
        return None
    if is_number(operand.type) or operand.type == DURATION:
        return _call(checker, node, "neg", operand.type, operand)
    checker.report(codes.OPERAND_TYPE, node, operator="-", seen=words.describe(operand.type))
    return None


def _conditional(checker: Checker, node: Apply) -> Expr | None:
    condition = checker.condition(node.args[0])
    left, right = (checker.value(arg) for arg in node.args[1:])
    if condition is None or left is None or right is None:
        return None
    alike = not (isinstance(left.type, Row) ^ isinstance(right.type, Row))
    if not alike or not checker.fitting.can_meet(left, right):
        values = {"left": words.describe(left.type), "right": words.describe(right.type)}
        checker.report(codes.BRANCHES, node, **values)
        return None
    met = checker.fitting.meet(left, right)
    return met and _call(checker, node, "if", met[0].type, condition, *met)


def _division(checker: Checker, node: Apply) -> None:
    checker.report(feature_codes.DIVISION, node)
    for arg in node.args:
        checker.value(arg)


def _index(checker: Checker, node: Apply) -> None:
    checker.report(feature_codes.INDEX, node)
    checker.value(node.args[0])


def _in(checker: Checker, node: Apply) -> Expr | None:
    item, over = (checker.value(arg) for arg in node.args)
    if item is None or over is None:
        return None
    if not isinstance(over.type, ListOf):
        report_no_list(checker.reports, over, "in")
        return None
    item = checker.fitting.as_reference(item)
    fitting, wanted = checker.fitting, over.type.item
    if fitting.fits(item, wanted):
        fitted = fitting.fit(item, wanted)
        return fitted and _call(checker, node, "in", BOOL, fitted, over)
    if fitting.fits(over, ListOf(item.type)):
        listed = fitting.fit(over, ListOf(item.type))
        return listed and _call(checker, node, "in", BOOL, item, listed)
    shown = attrs.evolve(over, type=wanted)
    report_comparison(checker.reports, checker.span(node), "in", item, shown)
    return None


def _comparison(checker: Checker, node: Apply, left: Expr, right: Expr) -> Expr | None:
    fitting, span = checker.fitting, checker.span(node)
    left, right = fitting.as_reference(left), fitting.as_reference(right)
    whole = isinstance(left.type, Row | ListOf) or isinstance(right.type, Row | ListOf)
    if whole or not fitting.can_meet(left, right):
        report_comparison(checker.reports, span, OPERATORS[node.function], left, right)
        return None
    met = fitting.meet(left, right)
    if met is None:
        return None
    if node.function in _EQUALITY:
        return _call(checker, node, _EQUALITY[node.function], BOOL, *met)
    return _ordered(checker, node, *met)


def _ordered(checker: Checker, node: Apply, left: Expr, right: Expr) -> Expr | None:
    """An order comparison of two sides of one type; values are compared by their rank."""
    type_, written = left.type, OPERATORS[node.function]
    if is_number(type_) or is_time(type_) or type_ == DURATION:
        return _call(checker, node, _ORDER[node.function], BOOL, left, right)
    if isinstance(type_, Enum) and type_.ordered:
        ranks = _rank(left, type_), _rank(right, type_)
        return _call(checker, node, _ORDER[node.function], BOOL, *ranks)
    if isinstance(type_, Enum):
        known = words.known(type_.values)
        checker.report(codes.UNORDERED_VALUES, node, operator=written, known=known)
    elif type_ == STRING:
        checker.report(codes.TEXT_ORDER, node, operator=written)
    else:
        _wrong(checker, node, left, right)
    return None


def _rank(expr: Expr, enum: Enum) -> Expr:
    if isinstance(expr, Literal):
        return Literal(type=INT, span=expr.span, value=enum.values.index(str(expr.value)))
    return Call(type=INT, span=expr.span, op="rank", args=(expr,))


def _numbers(checker: Checker, node: Apply, op: str, left: Expr, right: Expr) -> Expr | None:
    """An operation on two numbers of the same scale."""
    met = checker.fitting.meet(left, right)
    return met and _call(checker, node, op, met[0].type, *met)


def _add(checker: Checker, node: Apply, left: Expr, right: Expr) -> Expr | None:
    types = (left.type, right.type)
    if all(map(is_number, types)):
        return _numbers(checker, node, "add", left, right)
    if types == _LENGTHS:
        return _call(checker, node, "add", DURATION, left, right)
    if types == (STRING, STRING):
        return _call(checker, node, "concat", STRING, left, right)
    if types == (INSTANT, DURATION):
        return _call(checker, node, "shift", INSTANT, left, right)
    if types == (DURATION, INSTANT):
        return _call(checker, node, "shift", INSTANT, right, left)
    _moved(checker, node, left, right)
    return None


def _subtract(checker: Checker, node: Apply, left: Expr, right: Expr) -> Expr | None:
    types = (left.type, right.type)
    if all(map(is_number, types)):
        return _numbers(checker, node, "sub", left, right)
    if types == _LENGTHS:
        return _call(checker, node, "sub", DURATION, left, right)
    if types == (DATE, DATE):
        return _call(checker, node, "diff", INT, left, right)
    if types == (INSTANT, INSTANT):
        return _call(checker, node, "diff", DURATION, left, right)
    if types == (INSTANT, DURATION):
        return _call(checker, node, "shift", INSTANT, left, _negated(right))
    _moved(checker, node, left, right)
    return None


def _negated(length: Expr) -> Expr:
    if isinstance(length, Literal):
        return attrs.evolve(length, value=-int(length.value or 0))
    return Call(type=DURATION, span=length.span, op="neg", args=(length,))


def _moved(checker: Checker, node: Apply, left: Expr, right: Expr) -> None:
    """Report types that do not add up, with the way to move a date."""
    types = {left.type, right.type}
    if DATE in types and types & {INT, DURATION}:
        checker.report(codes.DATE_ARITHMETIC, node, operator=OPERATORS[node.function])
    else:
        _wrong(checker, node, left, right)


def _multiply(checker: Checker, node: Apply, left: Expr, right: Expr) -> Expr | None:
    if not (is_number(left.type) and is_number(right.type)):
        _wrong(checker, node, left, right)
        return None
    places = scale(left.type) + scale(right.type)
    if places > MOST_PLACES:
        checker.report(codes.TOO_MANY_PLACES, node, seen=str(places))
        return None
    return _call(checker, node, "mul", number(places), left, right)


def _remainder(checker: Checker, node: Apply, left: Expr, right: Expr) -> Expr | None:
    if left.type == right.type == INT:
        return _call(checker, node, "mod", INT, left, right)
    _wrong(checker, node, left, right)
    return None


_SPECIAL: Mapping[str, Callable[[Checker, Apply], Expr | None]] = {
    "!_": _not,
    "-_": _negative,
    "_?_:_": _conditional,
    "_/_": _division,
    "_[_]": _index,
    "@in": _in,
}
_ARITHMETIC: Mapping[str, Callable[[Checker, Apply, Expr, Expr], Expr | None]] = {
    "_+_": _add,
    "_-_": _subtract,
    "_*_": _multiply,
    "_%_": _remainder,
}
