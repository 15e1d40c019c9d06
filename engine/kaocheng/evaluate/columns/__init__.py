"""The `columns` evaluator: a plan as tables of a database, all rows at once.

`run` takes facts and gives the rows that `kaocheng.evaluate.python.run` gives for the same
arguments. `build` takes tables of any size and gives tables that nobody has computed yet. Ibis
and the database are imported when one of them is called.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kaocheng.calendars.zones import Zones
from kaocheng.extras import needing
from kaocheng.model.facts import Facts, Times
from kaocheng.plan.algebra import Plan

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["build", "run"]

_EVALUATOR = ("the evaluator `columns`", "求值器 `columns` ")


def run(
    plan: Plan,
    facts: Facts,
    times: Times,
    *,
    connection: Any = None,  # noqa: ANN401 - Ibis has no type for a connection
    zones: Zones | None = None,
) -> dict[str, list[tuple[object, ...]]]:
    """Every rule's rows and the collections, sorted by their keys.

    Args:
        plan: the checked ruleset.
        facts: rows of the base relations.
        times: the times of the assessment.
        connection: an Ibis connection to DuckDB; without one, a database in memory is made.
        zones: those of the process, if it keeps them; they take a moment to build.

    Returns:
        Rows as plain tuples, by the name of their relation.

    Raises:
        UnsupportedError: the plan holds what columns cannot do exactly.
        MissingPackageError: Ibis or DuckDB is not installed.
    """
    with needing(_EVALUATOR, "columns", "ibis", "duckdb", "pyarrow", "sqlglot"):
        from kaocheng.evaluate.columns.program import run as run_program

    return run_program(plan, facts, times, connection=connection, zones=zones)


def build(plan: Plan, tables: Mapping[str, ir.Table], times: Times) -> dict[str, ir.Table]:
    """Every rule's rows and the collections as tables that are not computed yet.

    Args:
        plan: the checked ruleset.
        tables: the base relations by name, with their columns as the number line has them.
            The key of each must tell its rows apart; one that is not given has no rows.
        times: the times of the assessment.

    Returns:
        Tables by the name of their relation. Only a step `Carry` computes something at once:
        how many rows its largest group has, and the states of each place in turn.

    Raises:
        UnsupportedError: the plan holds what columns cannot do exactly.
    """
    from kaocheng.evaluate.columns.program import build as build_program

    return build_program(plan, tables, times)
