"""Transactions in which SQLAlchemy has nothing to do: the driver begins and ends them.

An act on SQLite is a handful of small statements. Where nobody listens to SQLAlchemy, its pool
gives the connection and takes it back, and all that is in between is the driver's. Errors are
those of SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from kaocheng.stores.connecting import begin, is_only_ours
from kaocheng.stores.plain import Driven, driver_error, listens, raise_as_sqlalchemy
from kaocheng.stores.sharing import check_free
from kaocheng.stores.waiting import begin_writing

if TYPE_CHECKING:
    import sqlalchemy as sa


def can_drive(engine: sa.Engine) -> bool:
    """Whether the driver may begin and end transactions, as nobody would notice."""
    return engine.dialect.driver == "pysqlite" and is_only_ours(engine) and not listens(engine)


@contextmanager
def driven(engine: sa.Engine) -> Iterator[Driven]:
    """A transaction to write in, on a connection of the pool; what is not committed is undone.

    Raises:
        DBAPIError: it could not begin.
        StoreError: the file is not there any more, or another one; or the pool's only connection
            is in somebody's transaction.
    """
    check_free(engine)
    pooled = engine.raw_connection()
    connection = Driven(pooled, engine.dialect)
    try:
        begin(connection, begin_writing)
        yield connection
    except BaseException:
        with suppress(driver_error(connection)):  # what went wrong first counts
            undo(connection)
        raise
    finally:
        pooled.close()


def commit(connection: Driven) -> None:
    """Keep what has been done.

    Raises:
        DBAPIError: it could not be kept, or nobody can say.
    """
    try:
        connection.connection.commit()
    except driver_error(connection) as error:
        raise_as_sqlalchemy(connection, None, None, error)


def undo(connection: Driven) -> None:
    """Take back what has been done, unless the connection has been given up."""
    if connection.connection.is_valid:
        connection.connection.rollback()
