"""Run a plan over facts in columns, or build its tables for whoever has tables already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis
import ibis.expr.types as ir

from kaocheng.calendars.zones import Zones
from kaocheng.collector import collector_paused
from kaocheng.evaluate.columns._building import build_tables
from kaocheng.evaluate.columns._results import sorted_rows
from kaocheng.evaluate.columns._setting import Shared, Source
from kaocheng.evaluate.columns._stores import Store
from kaocheng.model.facts import Facts, Times
from kaocheng.plan.algebra import Plan


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
    store = Store(database)
    try:
        sources = {
            name: store.facts(plan.relations[name], rows)
            for name, rows in facts.relations.items()
            if name in plan.relations
        }
        shared = Shared(
            plan=plan, times=times, keep=store.keep, load=store.load, zones=zones or Zones()
        )
        with collector_paused():
            made = build_tables(shared, sources, settle=store.settle)
        return {
            name: sorted_rows(store.rows(source), source.relation) for name, source in made.items()
        }
    finally:
        if own:
            database.disconnect()
        else:
            store.close()
