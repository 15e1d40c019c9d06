"""What a random expression may name at some place: rows, their columns and links, parameters."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve, frozen

from kaocheng.language.expressions import Expr, Field, Follow, Linked, Variable
from kaocheng.language.schema import Relation
from kaocheng.language.types import Enum, ListOf, Reference, Row, Type, is_number


@frozen
class Scope:
    """What an expression may name: rows, plain variables, columns of `row` and `was`."""

    relations: Mapping[str, Relation]
    variables: Mapping[str, Type]
    columns: Mapping[str, Mapping[str, Type]]
    parameters: Mapping[str, Type]
    folds: int = 2

    def inside(self, name: str, type_: Type) -> Scope:
        """The same within a fold."""
        return evolve(self, variables={**self.variables, name: type_}, folds=self.folds - 1)


def fields_of(scope: Scope, type_: Type) -> list[Expr]:
    """Columns of the rows in scope, plain variables, and columns that steps added."""
    found: list[Expr] = []
    for name, kind in scope.variables.items():
        if kind == type_:
            found.append(Variable(type=type_, name=name))
        elif isinstance(kind, Row):
            row = Variable(type=kind, name=name)
            columns = scope.relations[kind.relation].columns
            found += [Field(row=row, name=c, type=t) for c, t in columns.items() if t == type_]
    for name, columns in scope.columns.items():
        row = Variable(type=Row(name), name=name)
        found += [Field(row=row, name=c, type=t) for c, t in columns.items() if t == type_]
    return found


def rows_in(scope: Scope) -> list[Expr]:
    """The rows that variables name, and those behind their references and single links."""
    found: list[Expr] = [
        Variable(type=kind, name=name)
        for name, kind in scope.variables.items()
        if isinstance(kind, Row)
    ]
    for row in tuple(found):
        relation = relation_of(scope, row)
        for name, type_ in relation.columns.items():
            if isinstance(type_, Reference):
                reference = Field(row=row, name=name, type=type_)
                found.append(Follow(reference=reference, type=Row(type_.kind)))
        for link in relation.links.values():
            if not link.many and link.value is None and link.relation in scope.relations:
                found.append(Linked(row=row, link=link.name, type=Row(link.relation)))  # noqa: PERF401
    return found


def relation_of(scope: Scope, row: Expr) -> Relation:
    """The relation whose row it is."""
    assert isinstance(row.type, Row)  # noqa: S101 - for the type checker
    return scope.relations[row.type.relation]


def children_in(scope: Scope) -> list[tuple[Expr, str, str]]:
    """The links to children in scope: the row, the link, the relation."""
    return [
        (row, link.name, link.relation)
        for row in rows_in(scope)
        for link in relation_of(scope, row).links.values()
        if link.many and link.value is None and link.relation in scope.relations
    ]


def is_of_rows(type_: Type) -> bool:
    """Whether it is a list of rows."""
    return isinstance(type_, ListOf) and isinstance(type_.item, Row)


def is_plain(type_: Type) -> bool:
    """Whether values of the type can be grouped and ordered by."""
    return not isinstance(type_, (ListOf, Row))


def is_amount(type_: Type) -> bool:
    """Whether it can be divided among recipients."""
    return is_number(type_) and not isinstance(type_, Enum)
