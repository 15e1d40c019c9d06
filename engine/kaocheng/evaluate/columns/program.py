"""Run a plan over facts in columns, or build its tables for whoever has tables already."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir

from kaocheng.calendars.zones import Zones
from kaocheng.collector import collector_paused
from kaocheng.evaluate.columns import _native
from kaocheng.evaluate.columns._building import build_tables, place_of
from kaocheng.evaluate.columns._nodes import number
from kaocheng.evaluate.columns._results import sorted_rows
from kaocheng.evaluate.columns._setting import Shared, Source, moments_of
from kaocheng.evaluate.columns._stores import Store
from kaocheng.language.expressions import Expr
from kaocheng.language.schema import Relation
from kaocheng.language.types import Type
from kaocheng.model.facts import Facts, Times
from kaocheng.plan.algebra import Plan

if TYPE_CHECKING:
    import pyarrow as pa


# DuckDB divides the rows of a table among threads in groups of this size.
_ROWS_OF_A_THREAD = 122_880


def build(plan: Plan, tables: Mapping[str, ir.Table], times: Times) -> dict[str, ir.Table]:
    """Every rule's rows and the collections as tables, not computed yet.

    `tables` hold the base relations under their names, with the relations' columns as the
    number line has them; the key of each must tell its rows apart. A relation that is not
    given has no rows. Only a step `Carry` computes something now: how many rows its largest
    group has, and the states of each place in turn; and what grows too deep is stored
    as a temporary table.

    Raises:
        UnsupportedError: the plan holds what columns cannot do exactly.
    """
    sources = {
        name: Source(plan.relations[name], table, plan.relations[name].key, unique=True)
        for name, table in tables.items()
    }
    zones = Zones()
    keeping = _Uncomputed(moments_of(plan, times, zones))
    made = build_tables(Shared(plan=plan, times=times, keeping=keeping, zones=zones), sources)
    return {name: source.table for name, source in made.items()}


class _Uncomputed:
    """Tables that are left as they are, apart from those that must be stored."""

    def __init__(self, moments: Mapping[str, int]) -> None:
        self.moments = moments
        self._given: dict[object, ir.Table] = {}

    def settle(
        self,
        place: str,  # noqa: ARG002 - tables are not stored
        relation: Relation,
        key: object,  # noqa: ARG002 - and their queries not remembered
        sources: Mapping[str, Source],  # noqa: ARG002
        make: Callable[[], ir.Table | None],
    ) -> Source:
        """The rows as they are."""
        table = make()
        if table is None:
            return Source(relation, ibis.memtable(no_rows(relation)), unique=True, empty=True)
        return Source(relation, table)

    def read(self, name: str) -> None:
        """Nothing is noted."""

    def given(self, key: object, make: Callable[[], pa.Table]) -> ir.Table:
        """A table in memory."""
        if key not in self._given:
            self._given[key] = ibis.memtable(make())
        return self._given[key]

    def keep(self, table: ir.Table) -> ir.Table:
        """Store a table beside those that it is made from, for as long as they can be reached."""
        name = ibis.util.gen_name("kaocheng")
        return ibis.get_backend(table).create_table(name, table, temp=True)

    def number(self, value: ir.Value) -> int | None:
        """The number itself."""
        found: int | None = value.to_pyarrow().as_py()
        return found

    def moment(self, name: str, type_: Type) -> Expr:
        """The number itself."""
        return number(self.moments[name], type_)


def no_rows(relation: Relation) -> pa.Table:
    """No rows of a relation."""
    import pyarrow as pa

    types = {name: _native.dtype(type_) for name, type_ in relation.columns.items()}
    schema = pa.schema([(name, type_.to_pyarrow()) for name, type_ in types.items()])
    return schema.empty_table()


def _threads(facts: Facts) -> dict[str, int]:
    """One thread where no relation has rows for a second, which would wait and take time."""
    most = max(map(len, facts.relations.values()), default=0)
    return {"threads": 1} if most <= _ROWS_OF_A_THREAD else {}


def run(
    plan: Plan,
    facts: Facts,
    times: Times,
    *,
    connection: Any = None,  # noqa: ANN401 - Ibis has no type for a connection
    zones: Zones | None = None,
) -> dict[str, list[tuple[object, ...]]]:
    """Every rule's rows and the collections, sorted by their keys.

    `connection` is an Ibis connection to DuckDB; without one, a database in memory is made.
    `zones` are those of the process, if it keeps them.

    Raises:
        UnsupportedError: the plan holds what columns cannot do exactly.
    """
    own = connection is None
    known_zones = zones or Zones()
    database = ibis.duckdb.connect(**_threads(facts)) if own else connection
    store = Store(database, plan, moments_of(plan, times, known_zones))
    try:
        with collector_paused():
            return _run(store, plan, facts, times, known_zones)
    finally:
        if own:
            database.disconnect()
        else:
            store.close()


def _run(
    store: Store, plan: Plan, facts: Facts, times: Times, zones: Zones
) -> dict[str, list[tuple[object, ...]]]:
    """Every rule's rows and the collections, by way of tables that the store keeps."""
    sources = {
        name: store.facts(place_of(plan, name), plan.relations[name], rows)
        for name, rows in facts.relations.items()
        if name in plan.relations
    }
    made = build_tables(Shared(plan=plan, times=times, keeping=store, zones=zones), sources)
    return {name: sorted_rows(store.rows(source), source.relation) for name, source in made.items()}
