"""Run a plan over facts in columns, or build its tables for whoever has tables already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir

from kaocheng.calendars.zones import Zones
from kaocheng.evaluate.columns import _native
from kaocheng.evaluate.columns._building import build_tables
from kaocheng.evaluate.columns._results import sorted_rows
from kaocheng.evaluate.columns._setting import Shared, Source
from kaocheng.language.schema import Relation
from kaocheng.model.facts import Facts, Times
from kaocheng.plan.algebra import Plan

if TYPE_CHECKING:
    import pyarrow as pa

# The column that tells the rows of a stored relation apart.
_ROW = "row~"


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
    shared = Shared(plan=plan, times=times, keep=_keep)
    made = build_tables(shared, sources, settle=Source)
    return {name: source.table for name, source in made.items()}


def _keep(table: ir.Table) -> ir.Table:
    """Store a table beside those that it is made from, for as long as they can be reached."""
    name = ibis.util.gen_name("kaocheng")
    return ibis.get_backend(table).create_table(name, table, temp=True)


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
    database = ibis.duckdb.connect() if own else connection
    store = _Store(database)
    try:
        sources = {
            name: store.facts(plan.relations[name], rows)
            for name, rows in facts.relations.items()
            if name in plan.relations
        }
        shared = Shared(plan=plan, times=times, keep=store.keep, zones=zones or Zones())
        made = build_tables(shared, sources, settle=store.settle)
        return {name: _rows(source) for name, source in made.items()}
    finally:
        store.close()
        if own:
            database.disconnect()


class _Store:
    """Relations kept in a database while a plan runs."""

    def __init__(self, database: Any) -> None:  # noqa: ANN401 - as above
        self.database = database
        self._names: list[str] = []

    def facts(self, relation: Relation, rows: Sequence[tuple[object, ...]]) -> Source:
        """Store the rows of a base relation."""
        key = [relation.index(column) for column in relation.key]
        keys = {tuple(row[place] for place in key) for row in rows}
        known = all(part is not None for found in keys for part in found)
        unique = known and len(keys) == len(rows)
        return Source(relation, self.keep(arrow(relation, rows)), (_ROW,), unique=unique)

    def settle(self, relation: Relation, table: ir.Table) -> Source:
        """Store the rows of a rule, so that they are computed once."""
        numbered = table.mutate(**{_ROW: ibis.row_number()})
        return Source(relation, self.keep(numbered), (_ROW,))

    def keep(self, table: Any) -> ir.Table:  # noqa: ANN401 - an Arrow or an Ibis table
        """Store a table until the run is over."""
        name = ibis.util.gen_name("kaocheng")
        self._names.append(name)
        return self.database.create_table(name, table, temp=True)

    def close(self) -> None:
        """Drop everything that was stored."""
        for name in self._names:
            self.database.drop_table(name, force=True)


def arrow(relation: Relation, rows: Sequence[tuple[object, ...]]) -> pa.Table:
    """Rows of a relation as an Arrow table, numbered in their order."""
    import pyarrow as pa

    columns = list(zip(*rows, strict=True)) if rows else [()] * len(relation.columns)
    arrays = {
        name: pa.array(list(column), _native.dtype(type_).to_pyarrow())
        for (name, type_), column in zip(relation.columns.items(), columns, strict=True)
    }
    return pa.table({**arrays, _ROW: pa.array(range(len(rows)), pa.int64())})


def _rows(source: Source) -> list[tuple[object, ...]]:
    columns = list(source.relation.columns)
    found = source.table.select(*columns).to_pyarrow()
    lists = [found[name].to_pylist() for name in columns]
    rows = zip(*lists, strict=True) if lists else ()
    return sorted_rows((tuple(map(_value, row)) for row in rows), source.relation)


def _value(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value
