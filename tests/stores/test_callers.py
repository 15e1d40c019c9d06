"""Connections and sessions that belong to the caller, and files that are taken away."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from kaocheng.assessment import Assessment
from kaocheng.engine import Engine
from kaocheng.errors import ArgumentError, StoreError, UnknownNameError
from kaocheng.stores import AsyncEngine, AsyncSqlStore, SqlStore, make_engine
from kaocheng.stores.connecting import make_async_engine
from kaocheng.testing._store_test import MORNING, adopt, office, submit


def engine_on(store: SqlStore) -> Engine:
    """An engine of the office, its clock standing still."""
    return Engine(office().ruleset, store=store, program=office().program, clock=lambda: MORNING)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database in a file, with one case."""
    path = tmp_path / "cases.db"
    store = SqlStore.open(f"sqlite:///{path}")
    assert submit(engine_on(store), "report/1").accepted
    store.close()
    return path


def test_a_savepoint_of_the_session_takes_acts_back(store: SqlStore) -> None:
    """Also where the engine was bound before the savepoint began."""
    engine = engine_on(store)
    with Session(store.engine) as session:
        bound = engine.bind(session)
        assert submit(bound, "report/1").accepted
        savepoint = session.begin_nested()
        assert submit(bound, "report/2").accepted
        savepoint.rollback()
        assert submit(bound, "report/3").accepted
        session.commit()
        assert submit(bound, "report/4").accepted
        session.rollback()
        assert submit(bound, "report/5").accepted
        session.commit()

    assert ("report/1", "report/3", "report/5") == tuple(case.case for case in engine.cases())


AUTOCOMMIT = {"isolation_level": "AUTOCOMMIT"}


def test_a_connection_without_transactions_is_refused(store: SqlStore) -> None:
    """There an act would be kept in nothing, or thrown away; afterwards all is as it was."""
    engine = engine_on(store)
    assert submit(engine, "report/1").accepted
    said = (
        "the connection has no transactions (AUTOCOMMIT), and an act is kept in one; bind a"
        " connection with the usual isolation level"
    )
    with store.engine.connect().execution_options(**AUTOCOMMIT) as connection:
        connection.execute(sa.text("SELECT 1"))
        with pytest.raises(StoreError) as caught:
            engine.bind(connection)
    assert said == str(caught.value)
    assert caught.value.zh.startswith("该连接没有事务")
    without = store.engine.execution_options(**AUTOCOMMIT)
    with Session(without) as session, pytest.raises(StoreError, match="has no transactions"):
        engine.bind(session)

    for number in range(2, 6):
        with Session(store.engine) as session:
            assert submit(engine.bind(session), f"report/{number}").accepted
            session.commit()
    assert 5 == len(engine.cases())


def test_transactions_that_the_driver_begins_are_refused(file: Path) -> None:
    """The end of a savepoint would end them; `prepare` makes them fit."""
    plain = sa.create_engine(f"sqlite:///{file}")
    store = SqlStore(make_engine(f"sqlite:///{file}"))
    with plain.connect() as connection, pytest.raises(StoreError) as caught:
        engine_on(store).bind(connection)
    plain.dispose()
    store.close()

    assert (
        "the connection does not keep transactions as a store needs them; call `prepare` on its"
        " engine before it connects"
    ) == str(caught.value)


def closed(engine: Engine, connection: sa.Connection) -> None:
    """Bind to a connection that is closed."""
    connection.close()
    engine.bind(connection)


def in_a_transaction(engine: Engine, connection: sa.Connection) -> None:
    """Take a connection for one's own that has a transaction."""
    connection.begin()
    engine.over(connection)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (closed, "`connection` is closed"),
        (in_a_transaction, "`connection` has a transaction; `bind` works inside of one"),
        (
            lambda engine, _: engine.bind(None),
            "`connection` must be a SQLAlchemy connection or session",
        ),
        (lambda engine, _: engine.over(None), "`connection` must be a SQLAlchemy connection"),
    ],
)
def test_what_is_no_connection_for_it_is_said(
    store: SqlStore, call: Callable[[Engine, sa.Connection], object], text: str
) -> None:
    """As an argument that is wrong."""
    with store.engine.connect() as connection, pytest.raises(ArgumentError) as caught:
        call(engine_on(store), connection)

    assert text == str(caught.value)


CALLERS: list[Callable[[sa.Engine], sa.Connection | Session]] = [sa.Connection, Session]


@pytest.mark.parametrize("caller", CALLERS)
def test_after_the_end_of_the_transaction_it_is_said(
    store: SqlStore, caller: Callable[[sa.Engine], sa.Connection | Session]
) -> None:
    """Where the caller has ended it inside its own `with`, nothing more is done there."""
    engine = engine_on(store)
    said = (
        "Can't operate on closed transaction inside context manager.  Please complete the context"
        " manager before emitting further commands."
    )
    with caller(store.engine) as connection, connection.begin() as transaction:
        bound = engine.bind(connection)
        assert submit(bound, "report/1").accepted
        transaction.commit()
        with pytest.raises(StoreError) as writing:
            submit(bound, "report/2")
        with pytest.raises(StoreError) as reading:
            bound.state("report/1")

    assert f"the database could not write: {said}" == str(writing.value)
    assert f"the database could not read: {said}" == str(reading.value)
    assert ["report/1"] == [case.case for case in engine.cases()]


def test_a_session_that_is_closed_for_good_is_refused(store: SqlStore) -> None:
    """In our own words, as a connection is."""
    session = Session(store.engine, close_resets_only=False)
    session.close()

    with pytest.raises(StoreError, match="could not connect: This Session has been permanently"):
        engine_on(store).bind(session)


def test_what_cannot_wait_is_refused_by_an_engine_that_waits(file: Path) -> None:
    """When it is bound; a connection that nobody has awaited, when it is used."""

    async def refused() -> None:
        waiting = async_store(file)
        engine = AsyncEngine(office().ruleset, store=waiting, program=office().program)
        plain: tuple[Any, ...] = (None, waiting.database, sa.create_engine("sqlite://").connect())
        try:
            for other in plain:
                with pytest.raises(ArgumentError) as caught:
                    engine.bind(other)
                assert (
                    "`connection` must be an asynchronous connection or session of SQLAlchemy"
                ) == str(caught.value)
            with pytest.raises(StoreError) as failed:
                await engine.bind(waiting.database.connect()).state("report/1")
        finally:
            await waiting.close()
        assert (
            "the database could not read: AsyncConnection context has not been started and object"
            " has not been awaited."
        ) == str(failed.value)

    asyncio.run(refused())


def test_a_connection_to_elsewhere_has_no_tables(store: SqlStore, tmp_path: Path) -> None:
    """That is said when it is bound."""
    other = make_engine(f"sqlite:///{tmp_path}/empty.db")
    with other.connect() as connection, pytest.raises(StoreError, match="has no tables"):
        engine_on(store).bind(connection)
    other.dispose()


def test_reading_waits_for_no_writer(file: Path) -> None:
    """An engine that waits reads beside a transaction that writes, as one that does not."""

    async def read() -> int:
        store = async_store(file)
        engine = AsyncEngine(office().ruleset, store=store, program=office().program)
        try:
            return await engine.sequence("report/1")
        finally:
            await store.close()

    writer = make_engine(f"sqlite:///{file}")
    with writer.begin():
        assert 1 == asyncio.run(read())
    writer.dispose()


def test_who_waits_may_choose_the_evaluator(file: Path) -> None:
    """An assessment takes the same arguments, and a name that does not exist is refused."""

    async def assessed() -> tuple[Assessment, Assessment]:
        store = async_store(file)
        engine = AsyncEngine(office().ruleset, store=store, program=office().program)
        try:
            with pytest.raises(UnknownNameError):
                await engine.assess(evaluator="colums")  # type: ignore[arg-type]
            return await engine.assess(), await engine.assess(evaluator="columns")
        finally:
            await store.close()

    one, other = asyncio.run(assessed())

    assert 1 == one.cases
    assert one.results == other.results


def async_store(file: Path) -> AsyncSqlStore:
    """A store that waits for a lock for a moment only."""
    made = make_async_engine(f"sqlite:///{file}")

    @sa.event.listens_for(made.sync_engine, "connect")
    def _short(connection: sa.PoolProxiedConnection, _: object) -> None:
        connection.cursor().execute("PRAGMA busy_timeout=10")

    return AsyncSqlStore(made)


def test_a_file_that_is_replaced_is_seen(file: Path, tmp_path: Path) -> None:
    """A restore under a running engine loses nothing that was acknowledged after it."""
    store = SqlStore(make_engine(f"sqlite:///{file}"))
    engine = engine_on(store)
    assert adopt(engine, "report/1").accepted
    backup = tmp_path / "backup.db"
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(backup)) as target:
        source.backup(target)
    for end in ("-wal", "-shm"):
        Path(f"{file}{end}").unlink()
    backup.replace(file)
    with pytest.raises(StoreError) as caught:
        submit(engine, "report/2")

    assert caught.value.retry
    assert f"`{file}` is another file than was opened; nothing was kept" == str(caught.value)
    assert submit(engine, "report/2").accepted
    other = SqlStore(make_engine(f"sqlite:///{file}"))
    assert ("report/1", "report/2") == tuple(other.cases())
    other.close()
    store.close()


def test_a_file_that_is_removed_is_missed(file: Path) -> None:
    """Nothing is acknowledged that nobody could ever read."""
    store = SqlStore(make_engine(f"sqlite:///{file}"))
    engine = engine_on(store)
    assert adopt(engine, "report/1").accepted
    file.unlink()
    for call in (lambda: submit(engine, "report/2"), lambda: engine.tick(MORNING)):
        with pytest.raises(StoreError) as caught:
            call()
        assert f"`{file}` has been removed; nothing was kept" == str(caught.value)
    assert not file.exists()
    store.close()


def test_an_engine_that_waits_has_the_same_methods(file: Path) -> None:
    """All of them, but for two that have a form of their own, and they say the same."""

    def public(kind: type) -> set[str]:
        return {name for name in dir(kind) if not name.startswith("_")}

    assert {"visible", "over"} == public(Engine) - public(AsyncEngine)
    assert {"read_as", "beside"} == public(AsyncEngine) - public(Engine)

    store = SqlStore.open(f"sqlite:///{file}")
    same = engine_on(store)

    async def read() -> None:
        waiting = async_store(file)
        engine = AsyncEngine(office().ruleset, store=waiting, program=office().program)
        try:
            assert same.online == engine.online
            assert same.timers("report/1") == await engine.timers("report/1")
            with pytest.raises(ValueError, match="no rows for the period `2024-03`"):
                await engine.circular("2024-03", as_of=MORNING, known_at=MORNING)
        finally:
            await waiting.close()

    asyncio.run(read())
    store.close()
