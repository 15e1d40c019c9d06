"""Statements that do not wait for each other's answers, where the driver can send them so.

On PostgreSQL an act would otherwise go to the server and back for each of the rows that it
changes. In the driver's pipeline only what reads waits, and the end of the pipeline does: an
error shows there at the latest, before anything is committed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import Any

from kaocheng.stores.plain import (
    Drivable,
    Driven,
    driver_error,
    is_straight,
    raise_as_sqlalchemy,
)


def pipelined(connection: Drivable) -> AbstractContextManager[None]:
    """Run what is inside in a pipeline of the driver, if it has one.

    Raises:
        DBAPIError: a statement failed; as SQLAlchemy would have said it.
    """
    driver = _driver(connection)
    return nullcontext() if driver is None else _pipeline(connection, driver)


@contextmanager
def _pipeline(connection: Drivable, driver: Any) -> Iterator[None]:  # noqa: ANN401 - the driver's
    pipeline = driver.pipeline()
    pipeline.__enter__()
    try:
        yield
    except BaseException:
        if not driver.closed:
            with suppress(driver_error(connection)):  # what went wrong first counts
                pipeline.__exit__(None, None, None)
        raise
    try:
        pipeline.__exit__(None, None, None)
    except driver_error(connection) as error:
        raise_as_sqlalchemy(connection, None, None, error)


def _driver(connection: Drivable) -> Any:  # noqa: ANN401 - the driver's
    dialect = connection.dialect
    if isinstance(connection, Driven) or dialect.driver != "psycopg" or dialect.is_async:
        return None
    if not is_straight(connection):
        return None
    return connection.connection.dbapi_connection
