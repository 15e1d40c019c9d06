"""What stands behind a dot: columns, links, references followed, and the parts of a period."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from kaocheng.diagnostics import nearest
from kaocheng.language.cel import codes, words
from kaocheng.language.cel.forms import FUNCTIONS
from kaocheng.language.expressions import Expr, Field, Follow, Linked
from kaocheng.language.types import ListOf, Primitive, Reference, Row, Type

if TYPE_CHECKING:
    from kaocheng.diagnostics import Span
    from kaocheng.language.cel.reports import Reports
    from kaocheng.language.schema import Link, Relation, Schema

PERIOD = Primitive("period")
_FIRST_DAY = "first_day"
_PARTS = ("name", _FIRST_DAY, "last_day")


@frozen(kw_only=True)
class PeriodOf(Expr):
    """The period of a row as a whole, of which only parts are values.

    `column` is the column of its name, and the beginning of those of its days.
    """

    row: Expr
    column: str
    written: str

    def part(self, name: str, type_: Type, span: Span) -> Field:
        """One of its parts, `name` being `name`, `first_day` or `last_day`."""
        column = self.column if name == "name" else f"{self.column}.{name}"
        return Field(type=type_, span=span, row=self.row, name=column)


def is_period(relation: Relation, column: str) -> bool:
    """Whether the column is the name of a period, whose days are columns beside it."""
    return f"{column}.{_FIRST_DAY}" in relation.columns


def names(relation: Relation) -> tuple[str, ...]:
    """What may be written after the dot."""
    columns = (column for column in relation.columns if "." not in column)
    return tuple(dict.fromkeys([*columns, *relation.links]))


class Rows:
    """Selects from rows and reports what they do not have."""

    def __init__(self, schema: Schema, reports: Reports) -> None:
        self._schema = schema
        self._reports = reports

    def select(self, operand: Expr, name: str, span: Span, written: str) -> Expr | None:
        """`operand.name`; `written` is the text of both."""
        if isinstance(operand, PeriodOf):
            return self._part(operand, name, span)
        row, type_ = operand, operand.type
        if isinstance(type_, Reference):
            type_ = Row(type_.kind)
            row = Follow(type=type_, span=operand.span, reference=operand)
        if isinstance(type_, Row) and type_.relation in self._schema.relations:
            relation = self._schema.relations[type_.relation]
            return self._named(row, relation, name, span, written)
        self._no_row(type_, name, span)
        return None

    def _no_row(self, type_: Type, name: str, span: Span) -> None:
        if isinstance(type_, ListOf):
            self._reports.add(codes.FIELD_OF_LIST, span, seen=name)
        elif name in FUNCTIONS:
            self._reports.add(codes.CALL_FORM, span, seen=name, form=FUNCTIONS[name])
        else:
            type_words = words.describe(type_)
            self._reports.add(codes.NO_FIELDS, span, seen=name, type=type_words)

    def fields(self, type_: Type) -> str:
        """The names that a row of this type has, in words."""
        relation = self._schema.relations.get(type_.relation) if isinstance(type_, Row) else None
        return words.known(names(relation)) if relation else ""

    def _part(self, period: PeriodOf, name: str, span: Span) -> Expr | None:
        if name in _PARTS:
            return period.part(name, self._part_type(period, name), span)
        self._unknown("period", name, _PARTS, span)
        return None

    def _part_type(self, period: PeriodOf, name: str) -> Type:
        relation = self.relation(period.row)
        return relation.columns[period.column if name == "name" else f"{period.column}.{name}"]

    def relation(self, row: Expr) -> Relation:
        """The relation of a row that has been selected from."""
        assert isinstance(row.type, Row)  # noqa: S101 -- only rows are selected from
        return self._schema.relations[row.type.relation]

    def _named(
        self, row: Expr, relation: Relation, name: str, span: Span, written: str
    ) -> Expr | None:
        if name in relation.columns and is_period(relation, name):
            return PeriodOf(type=PERIOD, span=span, row=row, column=name, written=written)
        if name in relation.columns:
            return Field(type=relation.columns[name], span=span, row=row, name=name)
        if name in relation.links:
            return self._linked(row, relation.links[name], span)
        self._unknown(relation.name, name, names(relation), span)
        return None

    def _linked(self, row: Expr, link: Link, span: Span) -> Expr:
        target = Row(link.relation)
        if link.many:
            return Linked(type=ListOf(target), span=span, row=row, link=link.name)
        if link.value is None:
            return Linked(type=target, span=span, row=row, link=link.name)
        type_ = self._schema.relations[link.relation].columns[link.value]
        return Linked(type=type_, span=span, row=row, link=link.name)

    def _unknown(self, owner: str, name: str, known: tuple[str, ...], span: Span) -> None:
        self._reports.add(
            codes.UNKNOWN_FIELD,
            span,
            suggestion=nearest(name, known),
            owner=owner,
            seen=name,
            known=words.known(known),
        )
