"""What an expression sees inside a proof: rows, a version's setting, and the world around."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from attrs import evolve, field, frozen

from kaocheng.evaluate.proof._strings import Strings
from kaocheng.evaluate.proof._times import LocalTime
from kaocheng.evaluate.proof._values import Bag, Symbol
from kaocheng.language.schema import Relation
from kaocheng.plan.algebra import VersionFacts

if TYPE_CHECKING:
    import z3

Value = Symbol | Bag


class RowView(Protocol):
    """A symbolic row; columns come into being when they are first read."""

    @property
    def relation(self) -> Relation:
        """The shape of the row."""

    @property
    def present(self) -> z3.BoolRef:
        """Whether there is such a row."""

    def column(self, name: str) -> Value:
        """The value of a column."""


class World(Protocol):
    """All rows of a proof, and the way from one to another."""

    @property
    def strings(self) -> Strings:
        """How strings are represented."""

    @property
    def as_of(self) -> z3.ArithRef:
        """The time of the assessment."""

    def relation(self, name: str) -> Relation:
        """The shape of a relation."""

    def related(
        self, name: str, columns: tuple[str, ...], keys: tuple[Symbol, ...], moment: z3.ArithRef
    ) -> RowView:
        """The row of relation `name` whose `columns` are `keys`, there or not."""


@frozen(eq=False)
class Scope:
    """The variables and the version that an expression is evaluated in.

    `moment` is the instant as of which dated rows are read.
    """

    world: World
    version: VersionFacts
    local: LocalTime
    moment: z3.ArithRef
    variables: Mapping[str, RowView | Value] = field(factory=dict)

    def bound(self, name: str, value: RowView | Value) -> Scope:
        """The scope with one more variable."""
        return evolve(self, variables={**self.variables, name: value})
