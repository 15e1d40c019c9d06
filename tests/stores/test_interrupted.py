"""Whatever interrupts an act, others can write at once."""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from kaocheng.engine import Engine
from kaocheng.stores import AsyncEngine, AsyncSqlStore, SqlStore, make_engine
from kaocheng.testing._store_test import LI, MORNING, office, submit


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with tables."""
    path = tmp_path / "cases.db"
    SqlStore.open(f"sqlite:///{path}").close()
    return path


def is_free(file: Path) -> bool:
    """Whether somebody else can write."""
    with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as other:
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        return True


def events(file: Path) -> int:
    """How many events there are, as somebody else sees it."""
    with closing(sqlite3.connect(file)) as other:
        found: int = other.execute("SELECT count(*) FROM kaocheng_events").fetchone()[0]
    return found


def engine_on(database: sa.Engine) -> Engine:
    """An engine of the office."""
    return Engine(office().ruleset, store=SqlStore(database), program=office().program)


def at_statement(database: sa.Engine, when: str, number: int, do: Callable[[], object]) -> None:
    """Do something before or after that statement."""
    seen = itertools.count(1)

    def executing(*_: object) -> None:
        if next(seen) == number:
            do()

    event.listen(database, f"{when}_cursor_execute", executing)


def interrupt() -> None:
    """What Ctrl-C does."""
    raise KeyboardInterrupt


def fail(_: object) -> None:
    """What an application's own listener may do."""
    raise ZeroDivisionError


@pytest.mark.parametrize("reset", ["rollback", None])
def test_a_commit_listener_that_fails(file: Path, reset: str | None) -> None:
    """The transaction that it leaves is ended, also where the pool itself ends none."""
    database = make_engine(f"sqlite:///{file}", pool_reset_on_return=reset)
    engine = engine_on(database)
    event.listen(database, "commit", fail)
    with pytest.raises(ZeroDivisionError):
        submit(engine, "report/1")

    assert is_free(file)
    assert events(file) == 0
    database.dispose()


def test_a_commit_listener_that_fails_on_a_server(postgres_url: str) -> None:
    """There, too, nobody has to wait for who has given the connection back."""
    SqlStore.open(postgres_url).close()
    database, other = make_engine(postgres_url), make_engine(postgres_url)
    engine = engine_on(database)
    assert submit(engine, "report/1").accepted
    event.listen(database, "commit", fail)
    with pytest.raises(ZeroDivisionError):
        submit(engine, "report/2")

    with other.begin() as connection:
        held = "SELECT position FROM kaocheng_tenants FOR UPDATE NOWAIT"
        assert connection.execute(sa.text(held)).scalar() == 1
    database.dispose()
    other.dispose()


def interrupted(engine: Engine) -> KeyboardInterrupt | None:
    """The interrupt of an act, if there was one."""
    try:
        submit(engine, "report/1")
    except KeyboardInterrupt as error:
        return error
    return None


def test_an_interrupt_at_any_statement(file: Path) -> None:
    """Also for as long as somebody keeps the traceback; nothing was kept in the file."""
    kept = []
    for number in range(1, 100):
        database = make_engine(f"sqlite:///{file}")
        engine = engine_on(database)
        at_statement(database, "after", number, interrupt)
        kept.append(interrupted(engine))

        assert is_free(file)
        assert events(file) == (1 if kept[-1] is None else 0)
        database.dispose()
        if kept[-1] is None:
            break
    assert len(kept) > 5


async def _cancelled(file: Path, number: int) -> tuple[bool, bool]:
    """Whether an act was cancelled at that statement, and whether the file is free then."""
    store = await AsyncSqlStore.open(f"sqlite+aiosqlite:///{file}")
    engine = AsyncEngine(office().ruleset, store=store, program=office().program)
    task = asyncio.create_task(
        engine.act("report/1", "submit", {"unit": "unit/a"}, at=MORNING, actor=LI)
    )
    at_statement(store.database.sync_engine, "before", number, task.cancel)
    await asyncio.wait([task])  # which keeps the task, and it the frames that it ended in
    free = is_free(file)
    await store.close()
    return task.cancelled(), free


def test_a_cancelled_act_at_any_statement(file: Path) -> None:
    """It gives the lock back before it ends, not when somebody forgets its task."""
    for number in range(1, 100):
        cancelled, free = asyncio.run(_cancelled(file, number))
        assert free
        if not cancelled:
            break

    assert number > 5
