"""Statements that run often, as the text that their dialect makes of them once.

For an act of six small statements SQLAlchemy's own work takes as long as the database's. So
the driver runs them itself, inside the transaction that SQLAlchemy has begun, wherever
SQLAlchemy has nothing else to do: nobody listens to or logs what is executed. Errors are
those of SQLAlchemy, and it is told of a connection that is lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.sql import ClauseElement

Values = Mapping[str, Any]
Row = Sequence[Any]

_AT_ONCE = 20  # so many rows are inserted by one statement; more go one by one
_DRIVERS = ("pysqlite", "psycopg")


class Plain:
    """A statement whose parameters are given by name and need no conversion.

    `columns` are those that an insert gives values; all of them if not said otherwise.
    """

    def __init__(self, statement: ClauseElement, columns: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._columns = None if columns is None else list(columns)
        self._texts: dict[tuple[str, str, int], tuple[str, Sequence[str] | None]] = {}

    def run(self, connection: Connection, values: Values | Sequence[Values]) -> Sequence[Row]:
        """Run it once, or once for each of several values; gives the rows."""
        if "schema_translate_map" in connection.get_execution_options():
            found = connection.execute(self._statement, values)  # type: ignore[call-overload]
            return found.all() if found.returns_rows else ()
        rows = 1
        if not isinstance(values, Mapping):
            if 1 < len(values) <= _AT_ONCE:
                rows = len(values)
                values = {f"{k}_{n}": v for n, row in enumerate(values) for k, v in row.items()}
            elif len(values) == 1:
                (values,) = values
        dialect = connection.dialect
        known = self._texts.get((dialect.name, dialect.driver, rows))
        text, names = self._compiled(connection, rows) if known is None else known
        given: Any = values
        if names is not None:
            if isinstance(values, Mapping):
                given = tuple([values[name] for name in names])
            else:
                given = [tuple([row[name] for name in names]) for row in values]
        if dialect.driver in _DRIVERS and _nobody_listens(connection):
            return executed(connection, text, given)
        result = connection.exec_driver_sql(text, given)
        return result.all() if result.returns_rows else ()

    def _compiled(self, connection: Connection, rows: int) -> tuple[str, Sequence[str] | None]:
        dialect, statement = connection.dialect, self._statement
        if rows > 1:
            if not isinstance(statement, sa.Insert):
                raise TypeError("only rows to insert are given by the list")
            columns = self._columns or [column.name for column in statement.table.c]
            statement = statement.values(
                [{name: sa.bindparam(f"{name}_{n}") for name in columns} for n in range(rows)]
            )
        made = statement.compile(dialect=dialect, column_keys=None if rows > 1 else self._columns)
        names = getattr(made, "positiontup", None) if getattr(made, "positional", False) else None
        found = self._texts[dialect.name, dialect.driver, rows] = (str(made), names)
        return found


def executed(connection: Connection, text: str, given: Any = None) -> Sequence[Row]:  # noqa: ANN401
    """What the driver gives for a text; its errors are those of SQLAlchemy."""
    cursor = connection.connection.cursor()
    try:
        if isinstance(given, list):
            cursor.executemany(text, given)
        elif given is None:
            cursor.execute(text)
        else:
            cursor.execute(text, given)
        return cursor.fetchall() if cursor.description else ()
    except Exception as error:
        dialect = connection.dialect
        base = dialect.loaded_dbapi.Error
        if not isinstance(error, base):
            raise
        _tell(connection, error)
        raise sa.exc.DBAPIError.instance(text, given, error, base, dialect=dialect) from error
    finally:
        cursor.close()


def _tell(connection: Connection, error: Exception) -> None:
    """Let SQLAlchemy find out that the connection is lost, as all others of its pool are."""
    lost = connection.dialect.is_disconnect(error, connection.connection.dbapi_connection, None)  # type: ignore[arg-type]
    if lost:
        with suppress(sa.exc.DBAPIError):
            connection.exec_driver_sql("SELECT 1")


def _nobody_listens(connection: Connection) -> bool:
    """Whether there is a transaction, and nothing else for SQLAlchemy to do."""
    seen = connection.dispatch
    return connection.in_transaction() and not (
        seen.before_cursor_execute
        or seen.after_cursor_execute
        or connection.dialect.dispatch.handle_error
        or connection.engine.echo
    )
