"""What expressions of one version mean in columns: its zone, calendar and tables, and the sources."""  # noqa: E501

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import TYPE_CHECKING, Protocol

from attrs import field, frozen

from kaocheng.calendars.editions import Edition
from kaocheng.calendars.zones import Zone, Zones, local_day
from kaocheng.errors import UnsupportedError
from kaocheng.language.expressions import Expr
from kaocheng.language.schema import Relation
from kaocheng.language.types import DATE, INSTANT, ListOf, Row, Type
from kaocheng.model.facts import Times
from kaocheng.plan.algebra import Plan, VersionFacts

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

BACK_END = "columns"


@frozen(eq=False)
class Source:
    """A relation with its rows.

    `identity` names columns of `table` that tell all rows apart and are never unknown;
    empty says that there are none, and then whole rows are numbered in order where it
    matters. `unique` says that the relation's key tells rows apart, `empty` that there are
    certainly no rows.
    """

    relation: Relation
    table: ir.Table
    identity: tuple[str, ...] = ()
    unique: bool = False
    empty: bool = False


class Keeping(Protocol):
    """Where tables are kept, and what of them is known; whoever evaluates decides that."""

    def settle(
        self,
        place: str,
        relation: Relation,
        key: object,
        sources: Mapping[str, Source],
        make: Callable[[], ir.Table | None],
    ) -> Source:
        """What becomes of a relation's rows before others read them; they may be stored.

        `place` tells the relation from all others, and a collection from what it was before. `key`
        is what the queries that `make` makes depend on, apart from the plan; it makes none for
        no rows.
        """

    def read(self, name: str) -> None:
        """Be told that what is being made reads a relation."""

    def given(self, key: object, make: Callable[[], pa.Table]) -> ir.Table:
        """A small table that follows from the plan."""

    def keep(self, table: ir.Table) -> ir.Table:
        """Store a table, so that it is computed once."""

    def number(self, value: ir.Value) -> int | None:
        """A whole number, computed now."""

    def moment(self, name: str, type_: Type) -> Expr:
        """A time of the assessment: `as_of`, or `today_` with the index of a version."""


@frozen(kw_only=True, eq=False)
class Shared:
    """What all expressions of one evaluation share."""

    plan: Plan
    times: Times
    keeping: Keeping
    zones: Zones = field(factory=Zones)
    numbers: Iterator[int] = field(factory=count)
    prepared: dict[object, ir.Table] = field(factory=dict)
    """Tables made from the sources, each made once."""

    def name(self, hint: str) -> str:
        """A column name that nothing else has, whatever the case of its letters."""
        return f"{hint}~{next(self.numbers)}"

    def small(self, key: object, make: Callable[[], ir.Table]) -> ir.Table:
        """A prepared table."""
        if key not in self.prepared:
            self.prepared[key] = make()
        return self.prepared[key]

    def given(self, key: object, make: Callable[[], pa.Table]) -> ir.Table:
        """A small table made from a calendar, a zone or a decision table."""
        return self.keeping.given(key, make)

    def keep(self, table: ir.Table) -> ir.Table:
        """Store a table, so that it is computed once."""
        return self.keeping.keep(table)


@frozen(kw_only=True, eq=False)
class Setting:
    """One version as expressions see it."""

    shared: Shared
    version: int
    sources: Mapping[str, Source]
    used: frozenset[str] = frozenset()
    """The names of all columns that the pipeline reads."""

    @property
    def facts(self) -> VersionFacts:
        """The version itself."""
        return self.shared.plan.versions[self.version]

    @property
    def zone(self) -> Zone:
        """The table of the version's zone."""
        return self.shared.zones.get(self.facts.zone)

    @property
    def edition(self) -> Edition | None:
        """The edition of the version's calendar, if it names one."""
        name = self.facts.calendar
        return None if name is None else self.shared.plan.editions[name]

    @property
    def as_of(self) -> Expr:
        """The instant of the assessment."""
        return self.shared.keeping.moment("as_of", INSTANT)

    @property
    def today(self) -> Expr:
        """The local date of the assessment."""
        return self.shared.keeping.moment(f"today_{self.version}", DATE)

    def relation_of(self, type_: Type) -> Relation:
        """The relation whose row, or list of rows, has this type."""
        row = type_.item if isinstance(type_, ListOf) else type_
        if not isinstance(row, Row):
            raise unsupported(str(type_), "it is not a row", zh="它不是行")
        return self.shared.plan.relations[row.relation]

    def source(self, name: str) -> Source:
        """The rows of a relation."""
        return self.sources[name]

    def columns_of(self, relation: Relation) -> list[str]:
        """The columns of a relation that the pipeline reads."""
        return [name for name in relation.columns if name in self.used]


def moments_of(plan: Plan, times: Times, zones: Zones) -> dict[str, int]:
    """The times of an assessment by the names that settings give them."""
    today = {
        f"today_{index}": local_day(zones.get(version.zone), times.as_of)
        for index, version in enumerate(plan.versions)
    }
    return {"as_of": times.as_of, **today}


def unsupported(operation: str, reason: str, *, zh: str) -> UnsupportedError:
    """The refusal of what columns cannot do exactly."""
    return UnsupportedError(operation, BACK_END, reason, zh=zh)


def rows_table(columns: Mapping[str, str], rows: list[tuple[object, ...]]) -> pa.Table:
    """A small table of given rows, whose columns have the given types."""
    import pyarrow as pa

    values = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    types = {"int64": pa.int64(), "string": pa.string(), "boolean": pa.bool_()}
    arrays = {
        name: pa.array(list(column), types[kind])
        for (name, kind), column in zip(columns.items(), values, strict=True)
    }
    return pa.table(arrays)
