"""Connections that are given back or closed: out of their transaction first.

SQLAlchemy rolls back only what it takes for a transaction. One of which the commit was not even
sent, as a listener raised an error or somebody interrupted it, is none any more to SQLAlchemy,
and what it holds would stay locked for as long as the connection lies in its pool. On SQLite one
that is closed keeps the lock too, for as long as one of its statements lives, and a traceback
that somebody keeps may hold one.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from sqlalchemy import event
from sqlalchemy.util.concurrency import in_greenlet

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry, PoolResetState


def end_on_return(engine: sa.Engine) -> None:
    """Roll back whatever a connection of the engine is in when it is given back or closed."""
    is_async = engine.dialect.is_async

    def closed(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        if is_async and not in_greenlet():  # nobody can wait here; the driver's thread ends it
            return
        with suppress(Exception):  # it is closed anyway
            connection.rollback()

    event.listen(engine, "reset", _given_back)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "close", closed)


def _given_back(
    connection: DBAPIConnection, record: ConnectionPoolEntry, state: PoolResetState
) -> None:
    if state.terminate_only or not state.asyncio_safe:
        return
    # The driver of PostgreSQL looks itself, and that of SQLite would ask its thread.
    if getattr(record.driver_connection, "in_transaction", True):
        connection.rollback()
