"""Statements that run often, as the text that their dialect makes of them once.

SQLAlchemy makes it from a statement every time, from a cache: for an act of eight small
statements that takes as long as the database does. It still runs them, translates errors
and knows of lost connections.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection, CursorResult
    from sqlalchemy.sql import ClauseElement

Values = Mapping[str, Any]


class Plain:
    """A statement whose parameters are given by name and need no conversion.

    `columns` are those that an insert gives values; all of them if not said otherwise.
    """

    def __init__(self, statement: ClauseElement, columns: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._columns = None if columns is None else list(columns)
        self._texts: dict[tuple[str, str], tuple[str, Sequence[str] | None]] = {}

    def run(
        self, connection: Connection, values: Values | Sequence[Values]
    ) -> CursorResult[*tuple[Any, ...]]:
        """Run it once, or once for each of several values."""
        if "schema_translate_map" in connection.get_execution_options():
            return connection.execute(self._statement, values)  # type: ignore[call-overload, no-any-return]
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
        return connection.exec_driver_sql(text, given)

    def _compiled(self, connection: Connection) -> tuple[str, Sequence[str] | None]:
        dialect = connection.dialect
        made = self._statement.compile(dialect=dialect, column_keys=self._columns)
        names = getattr(made, "positiontup", None) if getattr(made, "positional", False) else None
        found = self._texts[dialect.name, dialect.driver] = (str(made), names)
        return found
