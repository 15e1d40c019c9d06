"""Which names an expression may use, and what a name that it may not use was meant as."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from attrs import frozen

from kaocheng.diagnostics import nearest
from kaocheng.language.cel import codes, feature_codes, words
from kaocheng.language.cel.forms import FUNCTIONS, MACROS, METHODS, TYPE_NAMES, table_form
from kaocheng.language.expressions import Expr, Parameter, Variable
from kaocheng.language.types import Enum, ListOf, Type

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kaocheng.diagnostics import Code, Span
    from kaocheng.language.schema import Schema


@frozen
class Refusal:
    """Why a name cannot be used."""

    code: Code
    values: Mapping[str, str]
    suggestion: str | None = None


class Names:
    """The variables in scope over the parameters of the schema."""

    def __init__(self, schema: Schema, variables: Mapping[str, Type]) -> None:
        self._schema = schema
        self._variables = dict(variables)

    def find(self, name: str, span: Span) -> Expr | None:
        """What the name stands for, or None."""
        if name in self._variables:
            return Variable(type=self._variables[name], span=span, name=name)
        if name in self._schema.parameters:
            return Parameter(type=self._schema.parameters[name], span=span, name=name)
        return None

    def known(self, name: str) -> bool:
        """Whether the name already stands for something."""
        return name in self._variables or name in self._schema.parameters

    @contextmanager
    def bound(self, name: str, type_: Type) -> Iterator[None]:
        """The name as a variable for the length of the block; it must not be known before."""
        self._variables[name] = type_
        try:
            yield
        finally:
            del self._variables[name]

    def refusal(self, name: str) -> Refusal:
        """Why an unknown name cannot be used, by what it is most likely meant as."""
        form = self.form(name)
        if name in TYPE_NAMES:
            return Refusal(feature_codes.TYPE_VALUE, {"seen": name})
        if form is not None:
            return Refusal(codes.CALL_FORM, {"seen": name, "form": form})
        if any(name in enum.values for enum in self._enumerations()):
            return Refusal(codes.UNQUOTED_VALUE, {"seen": name})
        own = [*self._variables, *self._schema.parameters]
        suggestion = nearest(name, [*own, *self._schema.tables, *FUNCTIONS])
        values = {"seen": name, "known": words.known(own)}
        return Refusal(codes.UNKNOWN_NAME, values, suggestion)

    def form(self, function: str) -> str | None:
        """How a function, macro or table of that name is written; None if there is none."""
        if function in self._schema.tables:
            return table_form(self._schema.tables[function])
        return FUNCTIONS.get(function) or METHODS.get(function) or MACROS.get(function)

    def _enumerations(self) -> Iterator[Enum]:
        for relation in self._schema.relations.values():
            for column in relation.columns.values():
                type_ = column.item if isinstance(column, ListOf) else column
                if isinstance(type_, Enum):
                    yield type_
