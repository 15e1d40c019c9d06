"""Tables kept in DuckDB while a plan runs, and the texts of their queries for the next time.

Making the text of a query takes Ibis a hundred times as long as the database needs to run it over
a few cases. The text of a rule does not depend on the facts, apart from which of its relations are
empty and which have keys that tell their rows apart. So a plan keeps the texts: names of tables
begin with a token that stands for the run, and the times of the assessment are variables of the
database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir
from attrs import define, field, frozen

from kaocheng.evaluate.columns import _native
from kaocheng.evaluate.columns._nodes import call
from kaocheng.evaluate.columns._setting import Source
from kaocheng.language.expressions import Expr, Literal
from kaocheng.language.schema import Relation
from kaocheng.language.types import STRING, Type
from kaocheng.plan.algebra import Plan

if TYPE_CHECKING:
    import pyarrow as pa

_Schema = Any  # Ibis has no types
# The column that tells the rows of a stored relation apart.
_ROW = "row~"
_PLACE = {"catalog": "temp", "database": "main"}


@frozen
class Statement:
    """A table to be stored: its name, its columns with their types, and its rows if there are any."""  # noqa: E501

    name: str
    columns: str
    query: str | None


@frozen
class Template:
    """How a relation was made: what it read, which known rows, and the tables, itself the last."""

    read: tuple[str, ...]
    given: tuple[object, ...]
    statements: tuple[Statement, ...]


@define(eq=False)
class Prepared:
    """What a plan keeps between runs; shared by threads, for what is in it stays as it is."""

    token: str = field(factory=lambda: ibis.util.gen_name("kaocheng"))
    templates: dict[object, Template] = field(factory=dict)
    given: dict[object, tuple[str, pa.Table]] = field(factory=dict)


@define(eq=False)
class _Recording:
    """A template in the making, unless its queries depend on what the facts are."""

    read: dict[str, None] = field(factory=dict)
    given: dict[object, None] = field(factory=dict)
    statements: list[Statement] = field(factory=list)
    reusable: bool = True


class Store:
    """Temporary tables of one connection, until it is closed.

    `moments` are the times of the assessment by their names.
    """

    def __init__(
        self,
        database: Any,  # noqa: ANN401 - Ibis has no type for a connection
        plan: Plan,
        moments: Mapping[str, int],
    ) -> None:
        prepared = plan.prepared.setdefault("columns", Prepared())
        if not isinstance(prepared, Prepared):
            raise TypeError(prepared)
        self.database = database
        self.connection = database.con
        self.prepared = prepared
        self.moments = moments
        self._own = ibis.util.gen_name("kaocheng")
        self._stored: set[str] = set()
        self._recordings: list[_Recording] = []
        for name, value in moments.items():
            self._run(f"SET VARIABLE {self._name(name)} = {value}::BIGINT")

    # Relations ------------------------------------------------------------------------------

    def facts(self, place: str, relation: Relation, rows: Sequence[tuple[object, ...]]) -> Source:
        """Store the rows of a base relation."""
        key = [relation.index(column) for column in relation.key]
        keys = {tuple(row[place] for place in key) for row in rows}
        known = all(part is not None for found in keys for part in found)
        unique = known and len(keys) == len(rows)
        self._load(self._name(place), arrow(relation, rows))
        return self._source(place, relation, unique=unique, empty=not rows)

    def settle(
        self,
        place: str,
        relation: Relation,
        key: object,
        sources: Mapping[str, Source],
        make: Callable[[], ir.Table | None],
    ) -> Source:
        """Store the rows of a relation; `key` is all that its queries depend on but the plan."""
        template = self.prepared.templates.get((place, key))
        if template is None:
            template = self._recorded(place, relation, key, make)
            count = self._execute(template.statements[-1])
        else:
            for name in template.read:
                sources[name]
            for known in template.given:
                self._load(*self.prepared.given[known])
            count = [self._execute(statement) for statement in template.statements][-1]
        return self._source(place, relation, unique=False, empty=not count)

    def _recorded(
        self, place: str, relation: Relation, key: object, make: Callable[[], ir.Table | None]
    ) -> Template:
        """A new template, of which all statements but the last have been executed."""
        recording = _Recording()
        self._recordings.append(recording)
        try:
            table = make()
            numbered = None if table is None else table.mutate(**{_ROW: ibis.row_number()})
            statement = self._statement(self._name(place), _schema(relation), numbered)
        finally:
            self._recordings.pop()
        template = Template(
            read=tuple(recording.read),
            given=tuple(recording.given),
            statements=(*recording.statements, statement),
        )
        if recording.reusable:
            self.prepared.templates[place, key] = template
        return template

    def read(self, name: str) -> None:
        """Note that what is being made reads a relation."""
        for recording in self._recordings[-1:]:
            recording.read[name] = None

    def rows(self, source: Source) -> Iterator[tuple[object, ...]]:
        """The rows of a stored relation."""
        columns = ", ".join(f'"{name}"' for name in source.relation.columns)
        query = f'SELECT {columns} FROM "{source.table.op().name}"'  # noqa: S608 - our own names
        for row in self._run(query).fetchall():
            yield tuple(tuple(value) if isinstance(value, list) else value for value in row)

    # Other tables ---------------------------------------------------------------------------

    def given(self, key: object, make: Callable[[], pa.Table]) -> ir.Table:
        """A table of rows that follow from the plan."""
        known = self.prepared.given.get(key)
        if known is None:
            name = self._name(ibis.util.gen_name("given"))
            known = self.prepared.given.setdefault(key, (name, make()))
        for recording in self._recordings[-1:]:
            recording.given[key] = None
        name, table = known
        self._load(name, table)
        return ibis.table(ibis.schema(table.schema), name=name, **_PLACE)

    def keep(self, table: ir.Table) -> ir.Table:
        """Store a table until the run is over."""
        name = self._name(ibis.util.gen_name("kept"))
        statement = self._statement(name, table.schema(), table)
        self._execute(statement)
        for recording in self._recordings[-1:]:
            recording.statements.append(statement)
        return ibis.table(table.schema(), name=name, **_PLACE)

    def number(self, value: ir.Value) -> int | None:
        """A whole number that the rows decide; what is made of it is made for them alone."""
        for recording in self._recordings:
            recording.reusable = False
        found = self._run(self.database.compile(value)).fetchall()
        return None if found[0][0] is None else int(found[0][0])

    def moment(self, name: str, type_: Type) -> Expr:
        """A time of the assessment."""
        variable = Literal(value=self._name(name), type=STRING)
        return call("_variable", type_, variable)

    def close(self) -> None:
        """Drop everything that was stored."""
        for name in self._stored:
            self._run(f'DROP TABLE IF EXISTS "{name}"')
        for name in self.moments:
            self._run(f"RESET VARIABLE {self._name(name)}")

    # Statements -----------------------------------------------------------------------------

    def _name(self, place: str) -> str:
        return f"{self.prepared.token}_{place}"

    def _run(self, text: str) -> Any:  # noqa: ANN401 - DuckDB's own result
        return self.connection.execute(text.replace(self.prepared.token, self._own))

    def _source(self, place: str, relation: Relation, *, unique: bool, empty: bool) -> Source:
        table = ibis.table(_schema(relation), name=self._name(place), **_PLACE)
        return Source(relation, table, (_ROW,), unique=unique, empty=empty)

    def _statement(self, name: str, schema: _Schema, table: ir.Table | None) -> Statement:
        definitions = schema.to_sqlglot_column_defs("duckdb")
        written = ", ".join(column.sql("duckdb") for column in definitions)
        return Statement(name, written, None if table is None else self.database.compile(table))

    def _execute(self, statement: Statement) -> int:
        """Store a table; gives the number of its rows."""
        self._stored.add(statement.name)
        self._run(f'CREATE TEMP TABLE "{statement.name}" ({statement.columns})')
        if statement.query is None:
            return 0
        ((count,),) = self._run(f'INSERT INTO "{statement.name}" {statement.query}').fetchall()
        return int(count)

    def _load(self, name: str, table: pa.Table) -> None:
        """Store rows that are known, once."""
        if name in self._stored:
            return
        self._stored.add(name)
        view = ibis.util.gen_name("given")
        self.connection.register(view, table)
        try:
            self._run(f'CREATE TEMP TABLE "{name}" AS FROM {view}')
        finally:
            self.connection.unregister(view)


def _schema(relation: Relation) -> _Schema:
    """The columns of a stored relation."""
    columns = {name: _native.dtype(type_) for name, type_ in relation.columns.items()}
    return ibis.schema({**columns, _ROW: "int64"})


def arrow(relation: Relation, rows: Sequence[tuple[object, ...]]) -> pa.Table:
    """Rows of a relation as an Arrow table, numbered in their order."""
    import pyarrow as pa

    columns = list(zip(*rows, strict=True)) if rows else [()] * len(relation.columns)
    arrays = {
        name: pa.array(list(column), _native.dtype(type_).to_pyarrow())
        for (name, type_), column in zip(relation.columns.items(), columns, strict=True)
    }
    return pa.table({**arrays, _ROW: pa.array(range(len(rows)), pa.int64())})
