"""Tables kept in DuckDB while a plan runs.

Ibis makes the text of each query; the connection beneath it runs the text, because Ibis spends as
long on creating and reading a small table as on everything else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir

from kaocheng.evaluate.columns import _native
from kaocheng.evaluate.columns._setting import Source
from kaocheng.language.schema import Relation

if TYPE_CHECKING:
    import pyarrow as pa

# The column that tells the rows of a stored relation apart.
_ROW = "row~"
_PLACE = ("temp", "main")


class Store:
    """Temporary tables of one connection, until it is closed."""

    def __init__(self, database: Any) -> None:  # noqa: ANN401 - Ibis has no type for a connection
        self.database = database
        self._names: list[str] = []

    def facts(self, relation: Relation, rows: Sequence[tuple[object, ...]]) -> Source:
        """Store the rows of a base relation."""
        key = [relation.index(column) for column in relation.key]
        keys = {tuple(row[place] for place in key) for row in rows}
        known = all(part is not None for found in keys for part in found)
        unique = known and len(keys) == len(rows)
        table = self.load(arrow(relation, rows))
        return Source(relation, table, (_ROW,), unique=unique, empty=not rows)

    def settle(self, relation: Relation, table: ir.Table) -> Source:
        """Store the rows of a rule, so that they are computed once."""
        numbered = table.mutate(**{_ROW: ibis.row_number()})
        name, count = self._filled(numbered)
        return Source(relation, self._table(name), (_ROW,), empty=not count)

    def load(self, table: pa.Table) -> ir.Table:
        """Store rows that are known."""
        name, given = self._name(), ibis.util.gen_name("given")
        connection = self.database.con
        connection.register(given, table)
        try:
            connection.execute(f"CREATE TEMP TABLE {name} AS FROM {given}")
        finally:
            connection.unregister(given)
        return self._table(name)

    def keep(self, table: ir.Table) -> ir.Table:
        """Store a table until the run is over."""
        name, _ = self._filled(table)
        return self._table(name)

    def rows(self, source: Source) -> Iterator[tuple[object, ...]]:
        """The rows of a stored relation."""
        columns = ", ".join(f'"{name}"' for name in source.relation.columns)
        query = f"SELECT {columns} FROM {source.table.get_name()}"  # noqa: S608 - names of our own
        for row in self.database.con.execute(query).fetchall():
            yield tuple(tuple(value) if isinstance(value, list) else value for value in row)

    def close(self) -> None:
        """Drop everything that was stored."""
        for name in self._names:
            self.database.con.execute(f"DROP TABLE IF EXISTS {name}")

    def _name(self) -> str:
        self._names.append(ibis.util.gen_name("kaocheng"))
        return self._names[-1]

    def _filled(self, table: ir.Table) -> tuple[str, int]:
        """The name of a new table of these rows, and how many there are."""
        name = self._name()
        query = self.database.compile(table)
        columns = table.schema().to_sqlglot_column_defs("duckdb")
        written = ", ".join(column.sql("duckdb") for column in columns)
        connection = self.database.con
        connection.execute(f"CREATE TEMP TABLE {name} ({written})")
        ((count,),) = connection.execute(f"INSERT INTO {name} {query}").fetchall()
        return name, count

    def _table(self, name: str) -> ir.Table:
        return self.database.table(name, database=_PLACE)


def arrow(relation: Relation, rows: Sequence[tuple[object, ...]]) -> pa.Table:
    """Rows of a relation as an Arrow table, numbered in their order."""
    import pyarrow as pa

    columns = list(zip(*rows, strict=True)) if rows else [()] * len(relation.columns)
    arrays = {
        name: pa.array(list(column), _native.dtype(type_).to_pyarrow())
        for (name, type_), column in zip(relation.columns.items(), columns, strict=True)
    }
    return pa.table({**arrays, _ROW: pa.array(range(len(rows)), pa.int64())})
