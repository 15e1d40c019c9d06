"""What expressions may name: relations with columns and links, tables, parameters.

A relation is rows of one shape. Rows are plain tuples in the order of `columns`,
in facts, in every evaluator and in results.

| relation | one row per | key |
| --- | --- | --- |
| `report` (a kind) | case | `case` |
| `report.adoptions` (a list) | event of the list | `case`, `sequence` |
| `unit per month` (the roll) | member and period | `case`, `period` |
| `notice` (a rule) | row of what the rule runs over | the same, and `owed_by` when it is a list |
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from kaocheng.language.types import DATE, STRING, Type


@frozen
class Link:
    """A named way from a row to rows of another relation.

    `on` pairs a column of this relation with one of the other. With `many` it is a
    list of children; otherwise one row (or none, which reads as `missing`). `within`
    names the other's date or instant column that must fall inside this row's period.
    `value` names the one column that reading the link yields (`u.research` is the
    tally's number, not its row). Children stand in the order of their key. Where a column
    of this row that the link needs is unknown, so is what it reads; rows of the other
    relation with an unknown column belong to nobody. One row of a dated relation is the
    one in force, as for a reference.
    """

    name: str
    relation: str
    on: tuple[tuple[str, str], ...]
    many: bool = False
    within: str | None = None
    value: str | None = None
    missing: object = None


@frozen
class Relation:
    """The shape of the rows of one name.

    `dated` says that a key has several rows, each in force from its `from_at` (an
    instant column) until the next; a reference to it reads the one in force at the
    reading row's own instant.
    """

    name: str
    columns: Mapping[str, Type]
    key: tuple[str, ...]
    links: Mapping[str, Link] = field(factory=dict)
    dated: bool = False

    def index(self, column: str) -> int:
        """The place of `column` in a row tuple."""
        return tuple(self.columns).index(column)


# A row of the roll carries its period as three columns; expressions see them as
# `u.period.name`, `u.period.first_day` and `u.period.last_day`.
PERIOD_COLUMNS: Mapping[str, Type] = {
    "period": STRING,
    "period.first_day": DATE,
    "period.last_day": DATE,
}


@frozen
class TableShape:
    """A decision table as expressions see it: a function of its `by` columns."""

    name: str
    arguments: tuple[tuple[str, Type], ...]
    result: Type


@frozen
class Schema:
    """Everything that an expression may name, apart from its own variables."""

    relations: Mapping[str, Relation]
    tables: Mapping[str, TableShape] = field(factory=dict)
    parameters: Mapping[str, Type] = field(factory=dict)
