"""Beginning a transaction on SQLite, where who waits for the lock looks whether it is free.

SQLite itself looks less and less often, in the end every tenth of a second. Who comes while
others write a lot, as a worker does that has much to do, would then find the lock free by
luck only. Here it is looked at every few milliseconds, for as long as the connection's
`busy_timeout` says.
"""

from __future__ import annotations

import sqlalchemy as sa

from kaocheng.stores.plain import Drivable, executed

_LOOK_MS = 8  # SQLite looks after 1, 3 and 8 milliseconds
_WAIT = "kaocheng_wait_ms"
_IS_SHORT = "kaocheng_wait_is_short"
_BUSY = 5


def begin_reading(connection: Drivable) -> None:
    """Begin a transaction that waits for nobody, unless the file is being recovered."""
    if connection.info.get(_IS_SHORT):
        executed(connection, f"PRAGMA busy_timeout={connection.info[_WAIT]}")
        connection.info[_IS_SHORT] = False
    executed(connection, "BEGIN")


def begin_writing(connection: Drivable) -> None:
    """Begin a transaction that holds the lock."""
    info = connection.info
    if not info.get(_IS_SHORT):
        if _WAIT not in info:
            info[_WAIT] = int(executed(connection, "PRAGMA busy_timeout", reads=True)[0][0])
        executed(connection, f"PRAGMA busy_timeout={min(_LOOK_MS, info[_WAIT])}")
        info[_IS_SHORT] = True
    for left in range(info[_WAIT] // _LOOK_MS, -1, -1):
        try:
            executed(connection, "BEGIN IMMEDIATE")
        except sa.exc.OperationalError as error:
            if not left or not _is_busy(error):
                raise
        else:
            return


def _is_busy(error: sa.exc.OperationalError) -> bool:
    code = getattr(error.orig, "sqlite_errorcode", None)
    return code is not None and code & 0xFF == _BUSY
