"""Statements that run often, as the text that their dialect makes of them once.

For an act of six small statements SQLAlchemy's own work takes as long as the database's. It
still runs them where it has something to do: on a server, whose connection may be lost,
and wherever somebody listens to or logs what is executed. On SQLite, which is part of the
process, the driver does it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.sql import ClauseElement

Values = Mapping[str, Any]
Row = Sequence[Any]


class Plain:
    """A statement whose parameters are given by name and need no conversion.

    `columns` are those that an insert gives values; all of them if not said otherwise.
    """

    def __init__(self, statement: ClauseElement, columns: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._columns = None if columns is None else list(columns)
        self._texts: dict[tuple[str, str], tuple[str, Sequence[str] | None]] = {}

    def run(self, connection: Connection, values: Values | Sequence[Values]) -> Sequence[Row]:
        """Run it once, or once for each of several values; gives the rows."""
        if "schema_translate_map" in connection.get_execution_options():
            found = connection.execute(self._statement, values)  # type: ignore[call-overload]
            return found.all() if found.returns_rows else ()
        if not isinstance(values, Mapping) and len(values) == 1:
            (values,) = values
        dialect = connection.dialect
        known = self._texts.get((dialect.name, dialect.driver))
        text, names = self._compiled(connection) if known is None else known
        given: Any = values
        if names is not None:
            if isinstance(values, Mapping):
                given = tuple([values[name] for name in names])
            else:
                given = [tuple([row[name] for name in names]) for row in values]
        if dialect.driver == "pysqlite" and _nobody_listens(connection):
            return executed(connection, text, given)
        result = connection.exec_driver_sql(text, given)
        return result.all() if result.returns_rows else ()

    def _compiled(self, connection: Connection) -> tuple[str, Sequence[str] | None]:
        dialect = connection.dialect
        made = self._statement.compile(dialect=dialect, column_keys=self._columns)
        names = getattr(made, "positiontup", None) if getattr(made, "positional", False) else None
        found = self._texts[dialect.name, dialect.driver] = (str(made), names)
        return found


def executed(connection: Connection, text: str, given: Any = ()) -> Sequence[Row]:  # noqa: ANN401
    """What the driver gives for a text; its errors are those of SQLAlchemy."""
    cursor = connection.connection.cursor()
    try:
        if isinstance(given, list):
            cursor.executemany(text, given)
        else:
            cursor.execute(text, given)
        return cursor.fetchall()
    except Exception as error:
        base = connection.dialect.loaded_dbapi.Error
        if not isinstance(error, base):
            raise
        raise sa.exc.DBAPIError.instance(
            text, given, error, base, dialect=connection.dialect
        ) from error
    finally:
        cursor.close()


def _nobody_listens(connection: Connection) -> bool:
    """Whether there is a transaction, and nothing else for SQLAlchemy to do."""
    seen = connection.dispatch
    return connection.in_transaction() and not (
        seen.before_cursor_execute
        or seen.after_cursor_execute
        or connection.dialect.dispatch.handle_error
        or connection.engine.echo
    )
