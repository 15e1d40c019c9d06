"""What goes wrong with a database for a process, other than that somebody is killed."""

from __future__ import annotations

import os
import random
import resource
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import event

Fault = Literal["none", "full", "no_space", "impatient"]
FAULTS: tuple[Fault, ...] = ("none", "none", "full", "no_space", "impatient")

_FREE = resource.RLIM_INFINITY
_BACKEND = """SELECT pg_backend_pid(), (pg_walfile_name_offset(pg_current_wal_lsn())).file_offset"""


class Trouble:
    """One fault of a process until it is relieved, which whoever met it does.

    `full`: SQLite may not grow beyond a few more pages. `no_space`: files may not grow
    beyond some size, which is how a full disk answers; on PostgreSQL it is the server's
    process that meets it, and a server that cannot write its log restarts. `impatient`:
    who has to wait for a lock gives up soon.
    """

    def __init__(self, fault: Fault, random_: random.Random) -> None:
        self.fault = fault
        self._random = random_

    def listen(self, engine: sa.Engine) -> None:
        """Have it from the next connection on."""
        event.listen(engine, "connect", self._connected)

    def relieve(self, engine: sa.Engine) -> None:
        """Let it be over: space is there again."""
        if self.fault in ("full", "no_space"):
            self.fault = "none"
            resource.setrlimit(resource.RLIMIT_FSIZE, (_FREE, _FREE))
            engine.dispose()

    def _connected(self, connection: Any, _record: object) -> None:  # noqa: ANN401 - any driver's
        cursor = connection.cursor()
        if type(connection).__module__.startswith("psycopg"):
            self._on_postgres(cursor)
            connection.commit()
        else:
            self._on_sqlite(cursor)
        cursor.close()

    def _on_sqlite(self, cursor: Any) -> None:  # noqa: ANN401 - any driver's
        if self.fault == "impatient":
            cursor.execute("PRAGMA busy_timeout=10")
        elif self.fault == "full":
            (pages,) = cursor.execute("PRAGMA page_count").fetchone()
            cursor.execute(f"PRAGMA max_page_count={pages + self._random.randrange(6)}")
        elif self.fault == "no_space":
            _, _, path = cursor.execute("PRAGMA database_list").fetchone()
            files = Path(path).parent.glob("*.db*")
            largest = max(file.stat().st_size for file in files)
            size = largest + self._random.randrange(1 << 15)
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, _FREE))

    def _on_postgres(self, cursor: Any) -> None:  # noqa: ANN401 - any driver's
        if self.fault == "impatient":
            cursor.execute("SET lock_timeout = 10")
        elif self.fault == "no_space" and self._random.random() < 0.2:
            pid, offset = cursor.execute(_BACKEND).fetchone()
            _limit(pid, offset + self._random.randrange(1 << 15))


def _limit(pid: int, size: int) -> None:
    """Limit the files of the server's process, as the user that it belongs to."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    with suppress(OSError):
        owner = Path(f"/proc/{pid}").stat().st_uid
        if owner != os.getuid():
            os.setresuid(owner, owner, owner)
        _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, most))
    os._exit(0)
