"""Pools on SQLite of which all users get one connection, and with it one transaction.

Whoever begins another one on it fails, and what follows then takes back what is in the first.
So it is looked at beforehand, without taking the connection: even to give it back would end it.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from sqlalchemy.pool import SingletonThreadPool, StaticPool

from kaocheng.errors import StoreError

if TYPE_CHECKING:
    import sqlalchemy as sa

_SHARED = (StaticPool, SingletonThreadPool)


def check_free(engine: sa.Engine) -> None:
    """Refuse a pool whose only connection is in somebody's transaction.

    Raises:
        StoreError: it is; that transaction stays as it was.
    """
    if isinstance(engine.pool, _SHARED) and getattr(_driver(engine), "in_transaction", False):
        raise StoreError(
            "the pool has one connection, which is in a transaction that another one would end;"
            " work inside of it with `engine.bind(connection)`",
            zh="连接池只有一个连接，且已在事务中，另起事务会使其作废；"
            "请用 `engine.bind(connection)` 在该事务内办理",
            retry=True,
        )


def _driver(engine: sa.Engine) -> object:
    """The driver's connection that everybody gets, or in the thread everybody."""
    if isinstance(engine.pool, StaticPool):
        record = vars(engine.pool).get("connection")  # to ask for it would connect
        return None if record is None else record.driver_connection
    with closing(engine.raw_connection()) as pooled:  # where somebody has it, it is his
        return pooled.driver_connection
