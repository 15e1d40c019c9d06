"""Commits that SQLite could not write: nothing was kept, and that is certain."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from shutil import copy

import pytest
import sqlalchemy as sa

from kaocheng.engine import Engine
from kaocheng.errors import StoreError
from kaocheng.stores import SqlStore, make_engine
from kaocheng.stores.audit import verify
from kaocheng.testing._store_test import office, submit


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """As if the disk were full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def after_a_crash(file: Path) -> int:
    """How many events there are for whoever finds the files as they lie on the disk."""
    for suffix in ("", "-wal"):
        copy(f"{file}{suffix}", f"{file}.copy{suffix}")
    with closing(sqlite3.connect(f"{file}.copy")) as found:
        count: int = found.execute("SELECT count(*) FROM kaocheng_events").fetchone()[0]
    return count


@pytest.mark.parametrize("listening", [False, True])
def test_nothing_was_kept(tmp_path: Path, *, listening: bool) -> None:
    """Wherever in the log the room ends, and whoever sends the commit."""
    file = tmp_path / "cases.db"
    SqlStore.open(f"sqlite:///{file}").close()
    database = make_engine(f"sqlite:///{file}")
    if listening:
        sa.event.listen(database, "commit", lambda _: None)
    store = SqlStore(database)
    engine = Engine(office().ruleset, store=store, program=office().program)
    assert submit(engine, "report/1").accepted
    size = Path(f"{file}-wal").stat().st_size
    for room in range(1, 12_000, 997):
        with no_file_beyond(size + room), pytest.raises(StoreError) as failed:
            submit(engine, "report/2")
        assert (True, False) == (failed.value.retry, failed.value.uncertain)
        assert failed.value.reason == (
            "the database could not commit, and nothing was kept: disk I/O error"
        )
        assert failed.value.zh == "未能提交，没有保存任何内容：磁盘读写出错"
        assert after_a_crash(file) == 1

    assert submit(engine, "report/2").accepted
    assert verify(store).broken is None
    assert engine.store.cases() == ["report/1", "report/2"]
    store.close()
