"""Statements that run often, as the text that their dialect makes of them once.

For an act of six small statements SQLAlchemy's own work takes as long as the database's. So
the driver runs them itself, inside the transaction that SQLAlchemy has begun, wherever
SQLAlchemy has nothing else to do: nobody listens to or logs what is executed. Errors are
those of SQLAlchemy, and it is told of a connection that is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NoReturn, Union

import sqlalchemy as sa
from attrs import frozen

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.pool import PoolProxiedConnection
    from sqlalchemy.sql import ClauseElement

Values = Mapping[str, Any]
Row = Sequence[Any]

_AT_ONCE = 20  # so many rows are inserted by one statement; more go one by one
_DRIVERS = ("pysqlite", "psycopg")
_Picker = Callable[[Values], tuple[Any, ...]]  # the values of a row in the order of a text


class Plain:
    """A statement whose parameters are given by name and need no conversion.

    `columns` are those that an insert gives values; all of them if not said otherwise.
    """

    def __init__(self, statement: ClauseElement, columns: Sequence[str] | None = None) -> None:
        self.statement = statement
        self.reads = isinstance(statement, sa.SelectBase)
        self._columns = None if columns is None else list(columns)
        self._texts: dict[tuple[str, int], tuple[str, _Picker | None]] = {}

    def text(self, dialect: sa.Dialect, rows: int) -> tuple[str, _Picker | None]:
        """Its text for so many rows at once; where parameters have an order, what puts them so."""
        found = self._texts.get((dialect.driver, rows))
        if found is None:
            found = self._texts[dialect.driver, rows] = self._compiled(dialect, rows)
        return found

    def _compiled(self, dialect: sa.Dialect, rows: int) -> tuple[str, _Picker | None]:
        statement = self.statement
        if rows > 1:
            if not isinstance(statement, sa.Insert):
                raise TypeError("only rows to insert are given by the list")
            columns = self._columns or [column.name for column in statement.table.c]
            statement = statement.values(
                [{name: sa.bindparam(f"{name}_{n}") for name in columns} for n in range(rows)]
            )
        made = statement.compile(dialect=dialect, column_keys=None if rows > 1 else self._columns)
        names: Sequence[str] = getattr(made, "positiontup", None) or ()
        if rows > 1:  # the values of one row stand together, and after them those of the next
            names = [name.removesuffix("_0") for name in names[: len(names) // rows]]
        return str(made), _picker(names) if names else None


@frozen
class Driven:
    """A connection of a pool in a transaction that the driver itself has begun.

    What it has, it has under the names that SQLAlchemy's own connections use.
    """

    connection: PoolProxiedConnection
    dialect: sa.Dialect

    @property
    def info(self) -> dict[str, Any]:
        """What is noted of the connection for as long as it is open."""
        return self.connection.info

    def invalidate(self) -> None:
        """Let nobody use it again."""
        self.connection.invalidate()


Drivable = Union["Connection", Driven]
"""A connection on which the driver can be asked to run something."""


class Runner:
    """Runs plain statements on a connection."""

    def __init__(self, connection: Drivable) -> None:
        self._connection = connection
        self.dialect = connection.dialect
        # SQLAlchemy's connection, for as long as SQLAlchemy may have something to do.
        self._asked = None if isinstance(connection, Driven) else connection
        self._is_translated = self._asked is not None and is_translated(self._asked)

    def run(self, plain: Plain, values: Values | Sequence[Values]) -> Sequence[Row]:
        """Run a statement once, or once for each of several values; gives the rows."""
        asked = self._asked
        if asked is not None and self._is_translated:
            found = asked.execute(plain.statement, values)  # type: ignore[call-overload]
            return found.all() if found.returns_rows else ()
        rows = [values] if isinstance(values, Mapping) else values
        at_once = len(rows) if len(rows) <= _AT_ONCE else 1
        text, pick = plain.text(self.dialect, at_once)
        given = _given(rows, at_once, pick)
        if asked is not None and is_straight(asked):
            self._asked = asked = None  # and stays so until the transaction ends
        if asked is None:
            return executed(self._connection, text, given, reads=plain.reads)
        result = asked.exec_driver_sql(text, given)
        return result.all() if result.returns_rows else ()


def _picker(names: Sequence[str]) -> _Picker:
    pick = itemgetter(*names)
    return pick if len(names) > 1 else lambda row: (pick(row),)


def _given(rows: Sequence[Values], at_once: int, pick: _Picker | None) -> Any:  # noqa: ANN401
    """The parameters of a statement as its driver takes them: for all rows, or for each."""
    if len(rows) > at_once:
        return list(rows if pick is None else map(pick, rows))
    if pick is not None:
        return pick(rows[0]) if at_once == 1 else tuple(chain.from_iterable(map(pick, rows)))
    if at_once == 1:
        return rows[0]
    return {f"{name}_{n}": value for n, row in enumerate(rows) for name, value in row.items()}


def executed(
    connection: Drivable,
    text: str,
    given: Any = None,  # noqa: ANN401 - as the driver takes them
    *,
    reads: bool = False,
) -> Sequence[Row]:
    """What the driver gives for a text; its errors are those of SQLAlchemy."""
    driver: Any = connection.connection.dbapi_connection
    try:
        if isinstance(given, list):
            cursor = driver.cursor()
            cursor.executemany(text, given)
        else:
            cursor = driver.execute(text) if given is None else driver.execute(text, given)
        return cursor.fetchall() if reads else ()
    except driver_error(connection) as error:
        raise_as_sqlalchemy(connection, text, given, error)


def raise_as_sqlalchemy(
    connection: Drivable,
    text: str | None,
    given: Any,  # noqa: ANN401 - as the driver takes them
    error: Exception,
) -> NoReturn:
    """Raise an error of the driver as SQLAlchemy does, which is told of a lost connection."""
    dialect = connection.dialect
    lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)  # type: ignore[arg-type]
    if lost:
        _tell_of_loss(connection)
    base = driver_error(connection)
    raise sa.exc.DBAPIError.instance(text, given, error, base, dialect=dialect) from error


def _tell_of_loss(connection: Drivable) -> None:
    if isinstance(connection, Driven):
        connection.invalidate()
        return
    with suppress(sa.exc.DBAPIError):
        connection.exec_driver_sql("SELECT 1")


def driver_error(connection: Drivable) -> type[Exception]:
    """What the errors of a connection's driver are."""
    found: type[Exception] = connection.dialect.loaded_dbapi.Error
    return found


def is_translated(connection: Connection) -> bool:
    """Whether SQLAlchemy puts other names of schemas into every statement."""
    return "schema_translate_map" in connection.get_execution_options()


def is_straight(connection: Connection) -> bool:
    """Whether there is a transaction, and SQLAlchemy has nothing to do but to call the driver."""
    return (
        connection.dialect.driver in _DRIVERS
        and connection.in_transaction()
        and not is_translated(connection)
        and not listens(connection)
    )


def listens(connection: Connection | sa.Engine) -> bool:
    """Whether somebody listens to, or logs, what is executed."""
    seen = connection.dispatch
    engine = connection.engine
    return bool(
        seen.before_cursor_execute
        or seen.after_cursor_execute
        or engine.dialect.dispatch.handle_error
        or engine.echo
    )
