"""Strings in proofs: numbers where they are only compared, texts where they are taken apart.

Equality is all that most rules ask of a string, and then a number per distinct text says
as much and is decided far faster. Only where a rule joins or searches texts are they
sequences of characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

import z3

from kaocheng.evaluate.proof._values import yes
from kaocheng.language.expressions import Call, Expr
from kaocheng.language.types import Enum, Reference, Type

TEXT_OPERATIONS = frozenset({"concat", "starts_with", "ends_with", "contains", "length"})
_SHORT = 8  # characters of a text in a counterexample, where that is possible
_ESCAPED = re.compile(r"\\u\{([0-9a-fA-F]+)\}")


class Strings(Protocol):
    """How strings are represented in one proof."""

    @property
    def sort(self) -> z3.SortRef:
        """The sort of every string."""

    def literal(self, text: str) -> z3.ExprRef:
        """The value of a text that is written in a rule."""

    def premise(self, value: z3.ExprRef, type_: Type) -> z3.BoolRef:
        """What is certain about a column of the type."""

    def nameless(self, value: z3.ExprRef) -> z3.BoolRef:
        """A wish: that a value is none of the texts that rules write."""

    def text(self, value: z3.ExprRef, type_: Type) -> str:
        """The text of a value in a model."""


def strings_for(expressions: Iterable[Expr]) -> Strings:
    """The cheaper representation in which all of the expressions can be said."""
    nodes = (node for expression in expressions for node in expression.walk())
    if any(isinstance(node, Call) and node.op in TEXT_OPERATIONS for node in nodes):
        return Texts()
    return Codes()


class Codes:
    """A number for each distinct text; which text a new number stands for is said at the end."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self._texts: dict[int, str] = {}

    @property
    def sort(self) -> z3.SortRef:
        """Whole numbers."""
        return z3.IntSort()

    def literal(self, text: str) -> z3.ExprRef:
        """The number of the text, a new one when it is first seen."""
        code = self._codes.setdefault(text, len(self._codes))
        self._texts[code] = text
        return z3.IntVal(code)

    def premise(self, value: z3.ExprRef, type_: Type) -> z3.BoolRef:
        """An enumeration has its own values only; any other string may be any number."""
        if isinstance(type_, Enum):
            return z3.Or([value == self.literal(each) for each in type_.values])
        return yes()

    def nameless(self, value: z3.ExprRef) -> z3.BoolRef:
        """A wish: that the number is a new one."""
        return value >= len(self._codes)

    def text(self, value: z3.ExprRef, type_: Type) -> str:
        """The text of the number; one that no rule names gets a text of its own."""
        code = value.as_long()
        if code not in self._texts:
            self._texts[code] = self._fresh(type_)
        return self._texts[code]

    def _fresh(self, type_: Type) -> str:
        stem = f"{type_.kind}/" if isinstance(type_, Reference) else ""
        taken = set(self._texts.values())
        count = 1
        while f"{stem}{count}" in taken:
            count += 1
        return f"{stem}{count}"


class Texts:
    """Sequences of characters."""

    @property
    def sort(self) -> z3.SortRef:
        """Strings."""
        return z3.StringSort()

    def literal(self, text: str) -> z3.ExprRef:
        """The text itself."""
        return z3.StringVal(text)

    def premise(self, value: z3.ExprRef, type_: Type) -> z3.BoolRef:
        """An enumeration has its own values only."""
        if isinstance(type_, Enum):
            return z3.Or([value == self.literal(each) for each in type_.values])
        return yes()

    def nameless(self, value: z3.ExprRef) -> z3.BoolRef:
        """A wish: that the text is a short one in small letters."""
        letters = z3.Plus(z3.Range("a", "z"))
        return z3.And(z3.InRe(value, letters), z3.Length(value) <= _SHORT)

    def text(self, value: z3.ExprRef, type_: Type) -> str:  # noqa: ARG002 - as the other one
        """The text, with the characters that the solver escapes."""
        found: str = value.as_string()
        return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), found)
