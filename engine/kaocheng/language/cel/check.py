"""From an expression as written to one whose every part has a type.

The checker goes from the inside out. What it cannot accept it reports at its place and
returns None for; whoever needed that part returns None too, without a second report.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kaocheng.language.cel import codes, feature_codes, functions, literals, syntax_codes, words
from kaocheng.language.cel.fitting import LARGEST, MOST_PLACES, SMALLEST, Fitting
from kaocheng.language.cel.listings import listing
from kaocheng.language.cel.misfits import report_condition, report_no_list
from kaocheng.language.cel.names import Names
from kaocheng.language.cel.rows import PeriodOf, Rows
from kaocheng.language.cel.tree import (
    Apply,
    Braces,
    Constant,
    Listing,
    Macro,
    Name,
    Node,
    Presence,
    Select,
)
from kaocheng.language.expressions import Expr, Fold, Has, Literal
from kaocheng.language.types import BOOL, INT, STRING, Decimal, ListOf, Type

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kaocheng.diagnostics import Code, Span
    from kaocheng.language.cel.reports import Reports
    from kaocheng.language.schema import Schema

_REFUSED = {
    "null_value": feature_codes.NULL,
    "bytes_value": feature_codes.BYTES,
    "uint64_value": feature_codes.UNSIGNED,
}


class Checker:
    """Checks one expression against a schema and its variables."""

    def __init__(
        self,
        schema: Schema,
        variables: Mapping[str, Type],
        *,
        text: str,
        place: Callable[[int, int], Span],
        reports: Reports,
    ) -> None:
        self.schema = schema
        self.reports = reports
        self.fitting = Fitting(schema, reports)
        self.names = Names(schema, variables)
        self.rows = Rows(schema, reports)
        self._text = text
        self._place = place

    def span(self, node: Node) -> Span:
        """Where the node stands in its file."""
        return self._place(node.start, node.end)

    def report(
        self, code: Code, node: Node, *, suggestion: str | None = None, **values: str
    ) -> None:
        """Report `code` at the node."""
        self.reports.add(code, self.span(node), suggestion=suggestion, **values)

    def value(self, node: Node) -> Expr | None:
        """The node as a value; a whole period is none."""
        expr = self.any(node)
        if isinstance(expr, PeriodOf):
            self.reports.add(codes.PERIOD_VALUE, expr.span, seen=expr.written)
            return None
        return expr

    def condition(self, node: Node) -> Expr | None:
        """The node as something true or false."""
        expr = self.value(node)
        if expr is None or expr.type == BOOL:
            return expr
        report_condition(self.reports, expr)
        return None

    def any(self, node: Node) -> Expr | None:
        """The node as whatever it is."""
        return None if self.reports.full else _CHECKS[type(node)](self, node)

    def _constant(self, node: Constant) -> Expr | None:
        match node.kind:
            case "bool_value":
                return Literal(type=BOOL, span=self.span(node), value=bool(node.value))
            case "string_value":
                return Literal(type=STRING, span=self.span(node), value=str(node.value))
            case "int64_value" if literals.is_integer(node.source):
                return Literal(type=INT, span=self.span(node), value=int(str(node.value)))
            case "double_value":
                return self._decimal(node)
            case kind:
                code = _REFUSED.get(kind, syntax_codes.NUMBER_FORM)
                self.report(code, node, seen=node.source)
                return None

    def _decimal(self, node: Constant) -> Expr | None:
        """A literal with a point is taken from its source text, never from the double."""
        read = literals.decimal(node.source)
        if read is None:
            self.report(syntax_codes.NUMBER_FORM, node, seen=node.source)
            return None
        units, places = read
        if places > MOST_PLACES:
            self.report(codes.TOO_MANY_PLACES, node, seen=str(places))
        elif not SMALLEST <= units <= LARGEST:
            self.report(syntax_codes.NUMBER_RANGE, node, seen=node.source)
        else:
            return Literal(type=Decimal(places), span=self.span(node), value=units)
        return None

    def _name(self, node: Name) -> Expr | None:
        found = self.names.find(node.name, self.span(node))
        if found is None:
            refusal = self.names.refusal(node.name)
            self.report(refusal.code, node, suggestion=refusal.suggestion, **refusal.values)
        return found

    def _select(self, node: Select) -> Expr | None:
        operand = self.any(node.operand)
        if operand is None:
            return None
        written = self._text[node.operand.start : node.end]
        return self.rows.select(operand, node.field, self.span(node), written)

    def _presence(self, node: Presence) -> Expr | None:
        field = self.value(node.selected)
        if field is None:
            return None
        if isinstance(field.type, ListOf):
            self.report(codes.HAS_OPERAND, node.selected, seen=words.describe(field.type))
            return None
        return Has(type=BOOL, span=self.span(node), operand=field)

    def _macro(self, node: Macro) -> Expr | None:
        over, variable = self.value(node.over), node.variable
        if over is None:
            return None
        if not isinstance(over.type, ListOf):
            report_no_list(self.reports, over, node.how)
            return None
        if self.names.known(variable.name):
            self.report(codes.SHADOWED, variable, seen=variable.name)
            return None
        with self.names.bound(variable.name, over.type.item):
            body = self.value(node.body) if node.how == "map" else self.condition(node.body)
        return None if body is None else self._fold(node, over, body)

    def _fold(self, node: Macro, over: Expr, body: Expr) -> Expr | None:
        type_: Type = {"filter": over.type, "map": ListOf(body.type)}.get(node.how, BOOL)
        if node.how == "map" and isinstance(body.type, ListOf):
            self.report(codes.NESTED_LIST, node)
            return None
        name = node.variable.name
        return Fold(
            type=type_, span=self.span(node), how=node.how, over=over, variable=name, body=body
        )

    def _braces(self, node: Braces) -> None:
        code = feature_codes.MESSAGE if node.message else feature_codes.MAP
        self.report(code, node, seen=node.message)


_CHECKS: Mapping[type[Node], Callable[[Checker, Any], Expr | None]] = {
    Constant: Checker._constant,  # noqa: SLF001 - the table of this class
    Name: Checker._name,  # noqa: SLF001
    Select: Checker._select,  # noqa: SLF001
    Apply: functions.apply,
    Macro: Checker._macro,  # noqa: SLF001
    Presence: Checker._presence,  # noqa: SLF001
    Listing: listing,
    Braces: Checker._braces,  # noqa: SLF001
}
