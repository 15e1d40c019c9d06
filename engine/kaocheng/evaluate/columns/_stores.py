"""Tables kept in DuckDB while a plan runs, and the texts of their queries for the next time.

Making the text of a query takes Ibis a hundred times as long as the database needs to run it over
a few cases. The text of a rule does not depend on the facts, apart from which of its relations are
empty and which have keys that tell their rows apart. So a plan keeps the texts: names of tables
begin with a token that stands for the run, and the times of the assessment are variables of the
database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir
from attrs import define, field, frozen

from kaocheng.evaluate.columns import _native
from kaocheng.evaluate.columns._nodes import call
from kaocheng.evaluate.columns._setting import Source
from kaocheng.language.expressions import Expr, Literal
from kaocheng.language.schema import Relation
from kaocheng.language.types import STRING, ListOf, Type
from kaocheng.plan.algebra import Plan

if TYPE_CHECKING:
    import pyarrow as pa

Values = tuple[object, ...]

_Schema = Any  # Ibis has no types
# The column that tells the rows of a stored relation apart.
_ROW = "row~"
_PLACE = {"catalog": "temp", "database": "main"}
# How many templates of a relation are kept, which differ in what they were told.
_MOST_TEMPLATES = 16


@frozen
class Statement:
    """A table to be stored: its name, its columns with their types, and its rows if there are any."""  # noqa: E501

    name: str
    columns: str
    query: str | None


@frozen
class Question:
    """A whole number that the rows decide, and what it was when the texts after it were made."""

    query: str
    answer: int | None


@frozen
class Template:
    """How a relation was made: what it read, which known rows, and which tables came before it.

    Among the tables stand the questions whose answers decide on what comes after them.
    """

    read: tuple[str, ...]
    given: tuple[object, ...]
    steps: tuple[Statement | Question, ...]
    last: Statement

    @property
    def answers(self) -> tuple[int | None, ...]:
        """The answers that it was made for."""
        return tuple(step.answer for step in self.steps if isinstance(step, Question))


@define(eq=False)
class Prepared:
    """What a plan keeps between runs; shared by threads, for what is in it stays as it is."""

    token: str = field(factory=lambda: ibis.util.gen_name("kaocheng"))
    templates: dict[object, tuple[Template, ...]] = field(factory=dict)
    given: dict[object, tuple[str, pa.Table]] = field(factory=dict)


@define(eq=False)
class _Recording:
    """A template in the making."""

    read: dict[str, None] = field(factory=dict)
    given: dict[object, None] = field(factory=dict)
    steps: list[Statement | Question] = field(factory=list)


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
        self._waiting: dict[str, tuple[str, Relation, Mapping[str, Values]]] = {}
        self._recordings: list[_Recording] = []
        for name, value in moments.items():
            self._run(f"SET VARIABLE {self._name(name)} = {value}::BIGINT")

    # Relations ------------------------------------------------------------------------------

    def facts(self, place: str, relation: Relation, rows: Sequence[tuple[object, ...]]) -> Source:
        """Take the rows of a base relation, which are stored when they are first read."""
        values = zip(*rows, strict=True) if rows else ((),) * len(relation.columns)
        columns = dict(zip(relation.columns, values, strict=True))
        self._waiting[relation.name] = (place, relation, columns)
        unique = _tell_apart([columns[name] for name in relation.key], len(rows))
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
        known = self.prepared.templates.get((place, key), ())
        count = self._replayed(known, sources)
        if count is None:
            template = self._recorded(place, relation, make)
            self.prepared.templates[place, key] = (template, *known)[:_MOST_TEMPLATES]
            count = self._execute(template.last)
        return self._source(place, relation, unique=False, empty=not count)

    def _replayed(self, known: Sequence[Template], sources: Mapping[str, Source]) -> int | None:
        """The number of rows made as once before; None where the questions had other answers."""
        answers: tuple[int | None, ...] = ()
        while fitting := [t for t in known if t.answers[: len(answers)] == answers]:
            template = fitting[0]
            self._prepare(template, sources)
            answers = self._answered(template)
            if answers == template.answers:
                return self._execute(template.last)
        return None

    def _prepare(self, template: Template, sources: Mapping[str, Source]) -> None:
        """See to it that what a template reads is there."""
        for name in template.read:
            sources[name]
        for known in template.given:
            self._load(*self.prepared.given[known])

    def _answered(self, template: Template) -> tuple[int | None, ...]:
        """Make the tables before the last, up to a question that has another answer now."""
        answers: list[int | None] = []
        for step in template.steps:
            if isinstance(step, Statement):
                self._execute(step)
                continue
            answers.append(self._asked(step.query))
            if answers[-1] != step.answer:
                break
        return tuple(answers)

    def _recorded(
        self, place: str, relation: Relation, make: Callable[[], ir.Table | None]
    ) -> Template:
        """A new template, of which all has been executed but the last statement."""
        recording = _Recording()
        self._recordings.append(recording)
        try:
            table = make()
            numbered = None if table is None else table.mutate(**{_ROW: ibis.row_number()})
            statement = self._statement(self._name(place), _schema(relation), numbered)
        finally:
            self._recordings.pop()
        return Template(
            read=tuple(recording.read),
            given=tuple(recording.given),
            steps=tuple(recording.steps),
            last=statement,
        )

    def read(self, name: str) -> None:
        """Store a base relation that waits for it, and note that what is being made reads it."""
        if name in self._waiting:
            place, relation, columns = self._waiting.pop(name)
            self._load(self._name(place), arrow(relation, columns))
        for recording in self._recordings[-1:]:
            recording.read[name] = None

    def rows(self, source: Source) -> list[Values]:
        """The rows of a stored relation."""
        columns = source.relation.columns
        lists = [at for at, type_ in enumerate(columns.values()) if isinstance(type_, ListOf)]
        names = ", ".join(f'"{name}"' for name in columns)
        query = f'SELECT {names} FROM "{source.table.op().name}"'  # noqa: S608 - our own names
        rows: list[Values] = self._run(query).fetchall()
        return [_with_tuples(row, lists) for row in rows] if lists else rows

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
            recording.steps.append(statement)
        return ibis.table(table.schema(), name=name, **_PLACE)

    def number(self, value: ir.Value) -> int | None:
        """A whole number that the rows decide; what is made of it is made for that number."""
        query = self.database.compile(value)
        answer = self._asked(query)
        for recording in self._recordings[-1:]:
            recording.steps.append(Question(query, answer))
        return answer

    def _asked(self, query: str) -> int | None:
        ((found,),) = self._run(query).fetchall()
        return None if found is None else int(found)

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


def arrow(relation: Relation, columns: Mapping[str, Values]) -> pa.Table:
    """The columns of a relation as an Arrow table, its rows numbered in their order."""
    import pyarrow as pa

    arrays = {
        name: pa.array(columns[name], _native.dtype(type_).to_pyarrow())
        for name, type_ in relation.columns.items()
    }
    count = len(next(iter(columns.values())))
    return pa.table({**arrays, _ROW: pa.array(range(count), pa.int64())})


def _tell_apart(key: Sequence[Values], count: int) -> bool:
    """Whether the columns of a key are all known, and no two of its rows have the same."""
    if any(None in column for column in key):
        return False
    rows = key[0] if len(key) == 1 else zip(*key, strict=True)
    return len(set(rows)) == count


def _with_tuples(row: Values, places: Sequence[int]) -> Values:
    """A row whose lists are tuples."""
    made = list(row)
    for place in places:
        value = made[place]
        made[place] = tuple(value) if isinstance(value, list) else value
    return tuple(made)
