"""Stores of both kinds behind one face, so that a test is written once.

A test calls everything as if nothing ever waited: what has to be awaited runs in a loop of
the test's own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import Session

from kaocheng.engine.core import Engine
from kaocheng.evaluate.python import Program
from kaocheng.language.ruleset import Ruleset
from kaocheng.stores import AsyncEngine, AsyncSqlStore, SqlStore

Result = TypeVar("Result")
Clock = Callable[[], int]
STYLES = ("connection", "session")
"""What a caller may hold a transaction by."""


class Callers(Protocol):
    """A transaction of the caller's, and an engine inside it."""

    engine: Engine

    def execute(self, statement: str, **values: object) -> object:
        """Do something of the caller's own in it; gives the first value of the first row."""

    def is_open(self) -> bool:
        """Whether it has neither been committed nor rolled back."""

    def commit(self) -> None:
        """Commit it."""

    def rollback(self) -> None:
        """Roll it back."""


class Opened(Protocol):
    """A store that is open, and what a test does to it."""

    tenant: str

    def engine(
        self, ruleset: Ruleset, program: Program | None = None, clock: Clock | None = None
    ) -> Engine:
        """One more engine on the store."""

    def transaction(self, engine: Engine, style: str) -> AbstractContextManager[Callers]:
        """A transaction of the caller's, with that engine bound to it; rolled back at the end."""

    def together(self, engines: Sequence[Engine], work: Work[Result]) -> Sequence[Result]:
        """The same work by several engines at once."""

    def look(self, work: Callable[[sa.Connection], Result]) -> Result:
        """Do something on a connection of its own, and commit."""

    def close(self) -> None:
        """Close the store."""


Work = Callable[[Engine], Result]


def opened(store: object, runner: asyncio.Runner) -> Opened:
    """A store of either kind, or the promise of one."""
    if isinstance(store, Awaitable):
        store = runner.run(_awaited(store))
    if isinstance(store, AsyncSqlStore):
        return _Waiting(store, runner)
    if isinstance(store, SqlStore):
        return _Plain(store)
    raise TypeError("`open` must give a `SqlStore` or an `AsyncSqlStore`")


async def _awaited(promise: Awaitable[Result]) -> Result:
    return await promise


class _Plain:
    """A store that does not wait."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store
        self.tenant = store.tenant

    def engine(
        self, ruleset: Ruleset, program: Program | None = None, clock: Clock | None = None
    ) -> Engine:
        return Engine(ruleset, store=self._store, program=program, clock=clock)

    @contextmanager
    def transaction(self, engine: Engine, style: str) -> Iterator[Callers]:
        with self._store.engine.connect() as connection:
            if style == "session":
                with Session(connection) as session:
                    session.begin()
                    yield _PlainCallers(session, engine)
            else:
                connection.begin()
                yield _PlainCallers(connection, engine)

    def together(self, engines: Sequence[Engine], work: Work[Result]) -> Sequence[Result]:
        with ThreadPoolExecutor(len(engines)) as pool:
            return list(pool.map(work, engines))

    def look(self, work: Callable[[sa.Connection], Result]) -> Result:
        with self._store.place.write() as opened:
            return work(opened.connection)

    def close(self) -> None:
        self._store.close()


class _PlainCallers:
    """A transaction of a connection or a session."""

    def __init__(self, holder: sa.Connection | Session, engine: Engine) -> None:
        self._holder = holder
        self.engine = engine.bind(holder)

    def execute(self, statement: str, **values: object) -> object:
        found = self._holder.execute(sa.text(statement), values)
        return found.scalar() if found.returns_rows else None  # type: ignore[attr-defined]

    def is_open(self) -> bool:
        return self._holder.in_transaction()

    def commit(self) -> None:
        self._holder.commit()

    def rollback(self) -> None:
        self._holder.rollback()


class _Waiting:
    """A store for an event loop."""

    def __init__(self, store: AsyncSqlStore, runner: asyncio.Runner) -> None:
        self._store = store
        self._runner = runner
        self.tenant = store.sync.tenant

    def engine(
        self, ruleset: Ruleset, program: Program | None = None, clock: Clock | None = None
    ) -> Engine:
        engine = AsyncEngine(ruleset, store=self._store, program=program, clock=clock)
        return _unwaited(engine, self._runner)

    @contextmanager
    def transaction(self, engine: Engine, style: str) -> Iterator[Callers]:
        run, database = self._runner.run, self._store.database
        holder: AsyncConnection | AsyncSession
        if style == "session":
            holder = AsyncSession(database)
            run(_begun(holder))
        else:
            holder = database.connect()
            run(_begun(holder))
        try:
            yield _WaitingCallers(holder, engine, self._runner)
        finally:
            run(holder.close())

    def together(self, engines: Sequence[Engine], work: Work[Result]) -> Sequence[Result]:
        async def gathered() -> list[Result]:
            calls = [cast("Awaitable[Result]", work(_waited(engine))) for engine in engines]
            return list(await asyncio.gather(*calls))

        return self._runner.run(gathered())

    def look(self, work: Callable[[sa.Connection], Result]) -> Result:
        def look(connection: sa.Connection) -> Result:
            self._store.check(connection)
            with self._store.sync.over(connection).place.write() as opened:
                return work(opened.connection)

        async def looked() -> Result:
            async with self._store.database.connect() as connection:
                return await connection.run_sync(look)

        return self._runner.run(looked())

    def close(self) -> None:
        self._runner.run(self._store.close())


async def _begun(holder: AsyncConnection | AsyncSession) -> None:
    if isinstance(holder, AsyncConnection):
        holder = await holder.start()
    await holder.begin()


class _WaitingCallers:
    """A transaction of an asynchronous connection or session."""

    def __init__(
        self, holder: AsyncConnection | AsyncSession, engine: Engine, runner: asyncio.Runner
    ) -> None:
        self._holder = holder
        self._run = runner.run
        bound = cast("AsyncEngine", _waited(engine)).bind(holder)
        self.engine = _unwaited(bound, runner)

    def execute(self, statement: str, **values: object) -> object:
        found = self._run(_awaited(self._holder.execute(sa.text(statement), values)))
        return found.scalar() if found.returns_rows else None  # type: ignore[attr-defined]

    def is_open(self) -> bool:
        return self._holder.in_transaction()

    def commit(self) -> None:
        self._run(self._holder.commit())

    def rollback(self) -> None:
        self._run(self._holder.rollback())


class _Unwaited:
    """An engine whose methods do not have to be awaited."""

    def __init__(self, engine: AsyncEngine, runner: asyncio.Runner) -> None:
        self.waiting = engine
        self._runner = runner

    def __getattr__(self, name: str) -> object:
        method = getattr(self.waiting, name)

        def call(*arguments: object, **options: object) -> object:
            return self._runner.run(_awaited(method(*arguments, **options)))

        return call


def _unwaited(engine: AsyncEngine, runner: asyncio.Runner) -> Engine:
    return cast("Engine", _Unwaited(engine, runner))


def _waited(engine: Engine) -> Engine:
    """The engine itself, whose methods give promises."""
    return cast("Engine", cast("_Unwaited", engine).waiting)
