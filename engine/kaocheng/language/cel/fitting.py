"""Making an expression fit the type that its place wants, where no meaning is lost.

A text written out becomes an enumeration value or a case id, a whole number or a decimal
gets more decimal places, a row stands for the case it is about. Nothing else converts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from kaocheng.diagnostics import nearest
from kaocheng.language.cel import codes, syntax_codes, words
from kaocheng.language.expressions import Call, Expr, Field, Follow, Items, Literal
from kaocheng.language.types import (
    INT,
    STRING,
    Decimal,
    Enum,
    ListOf,
    Reference,
    Row,
    Type,
    is_number,
)

if TYPE_CHECKING:
    from kaocheng.language.cel.reports import Reports
    from kaocheng.language.schema import Schema

SMALLEST, LARGEST = -(2**63), 2**63 - 1
MOST_PLACES = 18


def scale(type_: Type) -> int:
    """The decimal places of a number's type."""
    return type_.scale if isinstance(type_, Decimal) else 0


def number(places: int) -> Type:
    """The type of numbers with so many decimal places; with none they are whole numbers."""
    return Decimal(places) if places else INT


def is_text(expr: Expr) -> bool:
    """Whether it is text written out, or a choice between such texts."""
    if isinstance(expr, Call) and expr.op == "if":
        return all(map(is_text, expr.args[1:]))
    return isinstance(expr, Literal) and expr.type == STRING


def _same_values(one: Type, other: Type) -> bool:
    """Whether they are enumerations of the same values in the same order, whatever their names."""
    if not isinstance(one, Enum) or not isinstance(other, Enum):
        return False
    return one.values == other.values and one.ordered == other.ordered


class Fitting:
    """Fits expressions to types and reports texts that are no value of their type."""

    def __init__(self, schema: Schema, reports: Reports) -> None:
        self._schema = schema
        self._reports = reports

    def fits(self, expr: Expr, wanted: Type) -> bool:
        """Whether the expression can stand where `wanted` is; `fit` makes it so."""
        if expr.type == wanted:
            return True
        if isinstance(wanted, Decimal):
            return is_number(expr.type) and scale(expr.type) <= wanted.scale
        if isinstance(wanted, Enum):
            return is_text(expr) or _same_values(expr.type, wanted)
        if isinstance(wanted, Reference):
            return is_text(expr) or self.reference_type(expr.type) == wanted
        if isinstance(wanted, ListOf) and isinstance(expr, Items):
            return all(self.fits(item, wanted.item) for item in expr.items)
        return False

    def fit(self, expr: Expr, wanted: Type) -> Expr | None:
        """The expression as a `wanted`, given that it fits; None when a text is no value of it."""
        if expr.type == wanted or _same_values(expr.type, wanted):
            return expr
        if isinstance(wanted, Decimal):
            return self._rescale(expr, wanted.scale)
        if isinstance(wanted, ListOf) and isinstance(expr, Items):
            return self._items(expr, wanted)
        return self._text(expr, wanted) if is_text(expr) else self.as_reference(expr)

    def can_meet(self, left: Expr, right: Expr) -> bool:
        """Whether one of the two fits the type of the other."""
        return self.fits(left, right.type) or self.fits(right, left.type)

    def meet(self, left: Expr, right: Expr) -> tuple[Expr, Expr] | None:
        """Both as one type, given that they can meet; None when a text is no value of it."""
        if self.fits(left, right.type):
            fitted = self.fit(left, right.type)
            return None if fitted is None else (fitted, right)
        fitted = self.fit(right, left.type)
        return None if fitted is None else (left, fitted)

    def reference_type(self, type_: Type) -> Reference | None:
        """What a row of this type refers to when it stands for its case."""
        if not isinstance(type_, Row):
            return None
        relation = self._schema.relations.get(type_.relation)
        case = relation.columns.get("case") if relation else None
        if isinstance(case, Reference):
            return case
        is_kind = relation is not None and case is not None and relation.key == ("case",)
        return Reference(type_.relation) if is_kind else None

    def as_reference(self, expr: Expr) -> Expr:
        """A row as a reference to its case; anything else as it is."""
        reference = self.reference_type(expr.type)
        if reference is None:
            return expr
        if isinstance(expr, Follow) and expr.reference.type == reference:
            return expr.reference
        return Field(type=reference, span=expr.span, row=expr, name="case")

    def _rescale(self, expr: Expr, places: int) -> Expr | None:
        """The same number with more decimal places; a literal is rewritten at once."""
        wanted = Decimal(places)
        if not isinstance(expr, Literal):
            return Call(type=wanted, span=expr.span, op="rescale", args=(expr,))
        value = int(expr.value or 0) * 10 ** (places - scale(expr.type))
        if not SMALLEST <= value <= LARGEST:
            self._reports.add(syntax_codes.NUMBER_RANGE, expr.span, seen=str(expr.value))
            return None
        return Literal(type=wanted, span=expr.span, value=value)

    def _items(self, items: Items, wanted: ListOf) -> Expr | None:
        fitted = [self.fit(item, wanted.item) for item in items.items]
        whole = tuple(item for item in fitted if item is not None)
        if len(whole) < len(fitted):
            return None
        return attrs.evolve(items, type=wanted, items=whole)

    def _text(self, expr: Expr, wanted: Type) -> Expr | None:
        if isinstance(expr, Call):
            condition, *texts = expr.args
            first, second = (self._text(text, wanted) for text in texts)
            if first is None or second is None:
                return None
            return attrs.evolve(expr, type=wanted, args=(condition, first, second))
        value = str(expr.value) if isinstance(expr, Literal) else ""
        if self._is_value(expr, value, wanted):
            return Literal(type=wanted, span=expr.span, value=value)
        return None

    def _is_value(self, expr: Expr, value: str, wanted: Type) -> bool:
        """Whether the text is a value of the type; reported if not."""
        if isinstance(wanted, Enum) and value not in wanted.values:
            self._reports.add(
                codes.UNKNOWN_VALUE,
                expr.span,
                suggestion=nearest(value, wanted.values),
                seen=value,
                known=words.known(wanted.values),
                key=wanted.name,
            )
            return False
        if isinstance(wanted, Reference) and not value.startswith(f"{wanted.kind}/"):
            self._reports.add(codes.WRONG_KIND, expr.span, seen=value, kind=wanted.kind)
            return False
        return True
