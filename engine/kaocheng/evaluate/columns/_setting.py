"""What expressions of one version mean in columns: its zone, calendar and tables, and the sources."""  # noqa: E501

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
from attrs import field, frozen

from kaocheng.calendars.editions import Edition
from kaocheng.calendars.zones import Zone, Zones, local_day
from kaocheng.errors import UnsupportedError
from kaocheng.language.schema import Relation
from kaocheng.language.types import ListOf, Row, Type
from kaocheng.model.facts import Times
from kaocheng.plan.algebra import Plan, VersionFacts

if TYPE_CHECKING:
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


@frozen(kw_only=True, eq=False)
class Shared:
    """What all expressions of one evaluation share."""

    plan: Plan
    times: Times
    keep: Callable[[ir.Table], ir.Table]
    """Stores a table, so that it is computed once; whoever evaluates says where."""
    load: Callable[[pa.Table], ir.Table] = ibis.memtable
    """Makes a table of rows that are known beforehand."""
    zones: Zones = field(factory=Zones)
    numbers: Iterator[int] = field(factory=count)
    prepared: dict[object, ir.Table] = field(factory=dict)
    """Small tables made from calendars, zones and decision tables, each made once."""

    def name(self, hint: str) -> str:
        """A column name that nothing else has, whatever the case of its letters."""
        return f"{hint}~{next(self.numbers)}"

    def small(self, key: object, make: Callable[[], ir.Table]) -> ir.Table:
        """A prepared table."""
        if key not in self.prepared:
            self.prepared[key] = make()
        return self.prepared[key]

    def given(self, key: object, make: Callable[[], pa.Table]) -> ir.Table:
        """A prepared table of rows that are known beforehand."""
        return self.small(key, lambda: self.load(make()))


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
    def as_of(self) -> int:
        """The instant of the assessment."""
        return self.shared.times.as_of

    @property
    def today(self) -> int:
        """The local date of the assessment."""
        return local_day(self.zone, self.as_of)

    def relation_of(self, type_: Type) -> Relation:
        """The relation whose row, or list of rows, has this type."""
        row = type_.item if isinstance(type_, ListOf) else type_
        if not isinstance(row, Row):
            raise unsupported(str(type_), "it is not a row")
        return self.shared.plan.relations[row.relation]

    def source(self, name: str) -> Source:
        """The rows of a relation."""
        return self.sources[name]

    def columns_of(self, relation: Relation) -> list[str]:
        """The columns of a relation that the pipeline reads."""
        return [name for name in relation.columns if name in self.used]


def unsupported(operation: str, reason: str) -> UnsupportedError:
    """The refusal of what columns cannot do exactly."""
    return UnsupportedError(operation, BACK_END, reason)


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
