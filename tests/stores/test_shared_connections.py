"""Pools with one connection for all: what somebody has in a transaction stays there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import Pool, SingletonThreadPool, StaticPool

from kaocheng.engine import Engine
from kaocheng.errors import StoreError
from kaocheng.stores import AsyncEngine, AsyncSqlStore, SqlStore, prepare
from kaocheng.stores.connecting import create_schema, create_schema_on
from kaocheng.testing._store_test import LI, MORNING, office, submit

SAID = (
    "the pool has one connection, which is in a transaction that another one would end; work"
    " inside of it with `engine.bind(connection)`"
)
ZH = (
    "连接池只有一个连接，且已在事务中，另起事务会使其作废；请用 `engine.bind(connection)`"
    " 在该事务内办理"
)
TABLE, ROWS = sa.text("CREATE TABLE app (x)"), sa.text("SELECT x FROM app ORDER BY x")


def row(number: int) -> sa.TextClause:
    """A row of the application's own."""
    return sa.text(f"INSERT INTO app VALUES ({number})")


@pytest.fixture(params=["memory", "static", "thread"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """A database on a pool that has one connection for all, or for all of a thread."""
    file = "" if request.param == "memory" else f"/{tmp_path / 'cases.db'}"
    pool: type[Pool] = SingletonThreadPool if request.param == "thread" else StaticPool
    engine = sa.create_engine(f"sqlite://{file}", poolclass=pool)
    prepare(engine)
    create_schema(engine)
    with engine.begin() as connection:
        connection.execute(TABLE)
    yield engine
    engine.dispose()


def engine_on(database: sa.Engine) -> Engine:
    """An engine of the office."""
    return Engine(office().ruleset, store=SqlStore(database), program=office().program)


CALLS: tuple[Callable[[Engine], object], ...] = (
    lambda engine: submit(engine, "report/1"),
    lambda engine: engine.sequence("report/1"),
    lambda engine: engine.tick(MORNING),
    lambda engine: engine_on(engine.store.engine),  # type: ignore[attr-defined]
    lambda engine: create_schema(engine.store.engine),  # type: ignore[attr-defined]
)


@pytest.mark.parametrize("listening", [False, True])
def test_a_transaction_of_the_caller_stays_as_it_was(
    database: sa.Engine, *, listening: bool
) -> None:
    """Whatever is tried beside it is refused; inside of it, and after it, all goes on."""
    engine = engine_on(database)
    if listening:
        event.listen(database, "before_cursor_execute", lambda *_: None)
    with database.begin() as connection:
        connection.execute(row(1))
        for call in CALLS:
            with pytest.raises(StoreError) as refused:
                call(engine)
            assert (SAID, ZH) == (str(refused.value), refused.value.zh)
            assert (True, False) == (refused.value.retry, refused.value.uncertain)
        assert submit(engine.bind(connection), "report/1").accepted
        connection.execute(row(2))

    with database.connect() as connection:
        assert [1, 2] == connection.execute(ROWS).scalars().all()
    assert 1 == engine.sequence("report/1")
    assert submit(engine, "report/2").accepted


async def _beside() -> list[int]:
    database = create_async_engine("sqlite+aiosqlite://", poolclass=StaticPool)
    prepare(database.sync_engine)
    async with database.begin() as connection:
        await connection.run_sync(create_schema_on)
        await connection.execute(TABLE)
    engine = AsyncEngine(office().ruleset, store=AsyncSqlStore(database), program=office().program)
    act = ("report/1", "submit", {"unit": "unit/a"})
    async with database.begin() as connection:
        await connection.execute(row(1))
        with pytest.raises(StoreError) as refused:
            await engine.act(*act, at=MORNING, actor=LI)
        await connection.execute(row(2))
    assert SAID == str(refused.value)
    assert (await engine.act(*act, at=MORNING, actor=LI)).accepted
    async with database.connect() as connection:
        found = list((await connection.execute(ROWS)).scalars())
    await database.dispose()
    return found


def test_a_transaction_beside_an_engine_that_waits() -> None:
    """It is the same for the tasks of an event loop."""
    assert [1, 2] == asyncio.run(_beside())
