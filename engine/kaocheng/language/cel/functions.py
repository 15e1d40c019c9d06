"""Calls: operators, functions, methods and tables, and what a wrong call was meant as."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaocheng.diagnostics import nearest
from kaocheng.language.cel import codes, feature_codes, syntax_codes
from kaocheng.language.cel.arguments import fitted
from kaocheng.language.cel.choices import CHOICES
from kaocheng.language.cel.forms import FUNCTIONS, MACROS, METHOD_OPERATIONS, METHODS
from kaocheng.language.cel.operators import operator
from kaocheng.language.cel.tree import OPERATORS, Name, Select
from kaocheng.language.expressions import Call, Expr, Lookup
from kaocheng.language.types import BOOL, DATE, DURATION, INSTANT, INT, STRING, Type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kaocheng.diagnostics import Code
    from kaocheng.language.cel.check import Checker
    from kaocheng.language.cel.tree import Apply, Node

# Function -> the types it takes and gives, where there is one choice only.
_SIMPLE: Mapping[str, tuple[tuple[Type, ...], Type]] = {
    "date_of": ((INSTANT,), DATE),
    "add_days": ((DATE, INT), DATE),
    "add_months": ((DATE, INT), DATE),
    "year": ((DATE,), INT),
    "month": ((DATE,), INT),
    "day": ((DATE,), INT),
    "weekday": ((DATE,), INT),
    "utc_offset": ((INSTANT,), DURATION),
    "is_working_day": ((DATE,), BOOL),
}
_GETTERS = [
    "getFullYear",
    "getMonth",
    "getDate",
    "getDayOfMonth",
    "getDayOfWeek",
    "getDayOfYear",
    "getHours",
    "getMinutes",
    "getSeconds",
    "getMilliseconds",
]
_REFUSED: Mapping[str, Code] = {
    "matches": feature_codes.PATTERN,
    "dyn": feature_codes.DYNAMIC,
    "type": feature_codes.TYPE_VALUE,
    "bytes": feature_codes.BYTES,
    **dict.fromkeys(("string", "double", "uint", "bool"), feature_codes.CONVERSION),
    **dict.fromkeys(_GETTERS, feature_codes.GETTER),
}
# Words that other languages use for these operators, and that here look like calls.
_WORDS = {"not": "!", "and": "&&", "or": "||"}
_TWO_VARIABLES = 3


def apply(checker: Checker, node: Apply) -> Expr | None:
    """The expression that an operator, function, method or table lookup is."""
    name = node.function
    if name in OPERATORS:
        return operator(checker, node)
    if node.target is not None and not (name == "size" and not node.args):
        return _method(checker, node, node.target)
    if name in _SIMPLE:
        types, result = _SIMPLE[name]
        return _call(checker, node, name, fitted(checker, node, node.args, types), result)
    if name in CHOICES:
        return CHOICES[name](checker, node)
    if name in checker.schema.tables:
        return _lookup(checker, node)
    _refuse(checker, node)
    return None


def _call(
    checker: Checker, node: Apply, op: str, args: tuple[Expr, ...] | None, result: Type
) -> Expr | None:
    if args is None:
        return None
    return Call(type=result, span=checker.span(node), op=op, args=args)


def _method(checker: Checker, node: Apply, target: Node) -> Expr | None:
    name = node.function
    if name not in METHODS or len(node.args) != 1:
        _refuse(checker, node)
        return None
    args = fitted(checker, node, (target, *node.args), (STRING, STRING))
    return _call(checker, node, METHOD_OPERATIONS[name], args, BOOL)


def _lookup(checker: Checker, node: Apply) -> Expr | None:
    table = checker.schema.tables[node.function]
    args = fitted(checker, node, node.args, [type_ for _, type_ in table.arguments])
    if args is None:
        return None
    return Lookup(type=table.result, span=checker.span(node), table=table.name, args=args)


def _refuse(checker: Checker, node: Apply) -> None:
    """Report a call that is none, by what it is most likely meant as."""
    name = node.function
    form = checker.names.form(name)
    if name in _REFUSED:
        checker.report(_REFUSED[name], node, seen=name)
    elif name in MACROS:
        two = len(node.args) == _TWO_VARIABLES and name != "has"
        code = feature_codes.TWO_VARIABLES if two else syntax_codes.MACRO_FORM
        checker.report(code, node, name=name, form=MACROS[name])
    elif form is not None:
        checker.report(codes.CALL_FORM, node, seen=name, form=form)
    elif name in _WORDS and node.target is None:
        checker.report(syntax_codes.NO_SUCH_OPERATOR, node, seen=name, instead=_WORDS[name])
    else:
        written = _qualified(node)
        suggestion = nearest(written, [*FUNCTIONS, *METHODS, *MACROS, *checker.schema.tables])
        checker.report(codes.UNKNOWN_FUNCTION, node, seen=written, suggestion=suggestion)


def _qualified(node: Apply) -> str:
    """The function with the name before its dot, such as `math.greatest`."""
    parts, target = [node.function], node.target
    while isinstance(target, Select):
        parts.append(target.field)
        target = target.operand
    if isinstance(target, Name):
        parts.append(target.name)
        return ".".join(reversed(parts))
    return node.function
