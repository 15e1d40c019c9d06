"""The same engine for applications that wait with `await`.

Nothing is written twice: a call is carried out by `Engine` on SQLAlchemy's own bridge
between the two worlds (`AsyncConnection.run_sync`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypedDict, TypeVar, Unpack

from kaocheng.engine.core import Engine
from kaocheng.engine.database import Listed, Ticked
from kaocheng.engine.outcome import CaseResults, Outcome, RowView
from kaocheng.evaluate.python import Program
from kaocheng.language.ruleset import Ruleset
from kaocheng.lifecycle import Access, Option
from kaocheng.model.events import Actor, Correction, Journal
from kaocheng.stores.connecting import create_schema_on, make_async_engine, translated
from kaocheng.stores.sql import SqlStore

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
    from sqlalchemy.ext.asyncio import AsyncEngine as AsyncDatabase

Result = TypeVar("Result")


class ActOptions(TypedDict, total=False):
    """The options of `Engine.act`."""

    actor: Actor | None
    data: Mapping[str, object] | None
    recorded_at: int | str | None
    corrects: Correction | None
    expected_sequence: int | None
    idempotency_key: str | None
    dry_run: bool


class Asking(TypedDict, total=False):
    """Who asks, and as of when."""

    actor: Actor | None
    at: int | str | None


class Filters(TypedDict, total=False):
    """The options of `Engine.cases`."""

    kind: str | None
    state: str | None
    unit: str | None
    due_before: int | None
    after: str | None
    limit: int


class AsyncSqlStore:
    """`SqlStore` for an event loop: keeps the cases of one tenant in a database."""

    def __init__(
        self, database: AsyncDatabase, *, tenant: str = "default", source: str | None = None
    ) -> None:
        self.database = database
        self.sync = SqlStore.unchecked(database.sync_engine, tenant=tenant, source=source)

    @classmethod
    async def open(
        cls, url: str = "sqlite+aiosqlite://", *, tenant: str = "default", source: str | None = None
    ) -> AsyncSqlStore:
        """A store on the database of that URL, with its tables made if there are none.

        Raises:
            StoreError: there is no such database, or its tables are of another version.
        """
        with translated("connect"):
            database = make_async_engine(url)
            async with database.begin() as connection:
                await connection.run_sync(create_schema_on)
        return cls(database, tenant=tenant, source=source)

    async def close(self) -> None:
        """Close the connections."""
        await self.database.dispose()


class AsyncEngine:
    """`Engine` with `await`: the same methods, the same arguments, the same results.

        store = await AsyncSqlStore.open("sqlite+aiosqlite:///reports.db")
        engine = AsyncEngine(ruleset, store=store)

    It may be used by many tasks of one event loop at a time; each call has a connection
    of its own. Needs the extra `async`, and `postgres` for PostgreSQL.
    """

    def __init__(
        self,
        ruleset: Ruleset,
        *,
        store: AsyncSqlStore,
        program: Program | None = None,
        clock: Callable[[], int] | None = None,
    ) -> None:
        self.store = store
        self._engine = Engine(ruleset, store=store.sync, program=program, clock=clock)

    def bind(self, connection: AsyncConnection | AsyncSession) -> BoundAsyncEngine:
        """The same engine inside somebody else's transaction, which it never ends."""
        return BoundAsyncEngine(self._engine, connection)

    async def _run(self, work: Callable[[Engine], Result]) -> Result:
        with translated("connect"):
            async with self.store.database.connect() as connection:
                return await connection.run_sync(lambda sync: work(self._engine.over(sync)))

    async def act(
        self, case: str, event: str, *, at: int | str, **options: Unpack[ActOptions]
    ) -> Outcome:
        """See `Engine.act`."""
        return await self._run(lambda engine: engine.act(case, event, at=at, **options))

    async def may(self, case: str, **asking: Unpack[Asking]) -> tuple[Option, ...]:
        """See `Engine.may`."""
        return await self._run(lambda engine: engine.may(case, **asking))

    async def may_read(self, case: str, **asking: Unpack[Asking]) -> Access:
        """See `Engine.may_read`."""
        return await self._run(lambda engine: engine.may_read(case, **asking))

    async def state(self, case: str) -> str | None:
        """See `Engine.state`."""
        return await self._run(lambda engine: engine.state(case))

    async def case(self, case: str) -> RowView | None:
        """See `Engine.case`."""
        return await self._run(lambda engine: engine.case(case))

    async def sequence(self, case: str) -> int:
        """See `Engine.sequence`."""
        return await self._run(lambda engine: engine.sequence(case))

    async def results(self, case: str, *, as_of: int | str | None = None) -> CaseResults:
        """See `Engine.results`."""
        return await self._run(lambda engine: engine.results(case, as_of=as_of))

    async def journal(self) -> Journal:
        """See `Engine.journal`."""
        return await self._run(lambda engine: engine.journal())

    async def cases(self, **filters: Unpack[Filters]) -> tuple[Listed, ...]:
        """See `Engine.cases`."""
        return await self._run(lambda engine: engine.cases(**filters))

    async def tick(self, now: int, *, limit: int = 100) -> Ticked:
        """See `Engine.tick`."""
        return await self._run(lambda engine: engine.tick(now, limit=limit))


class BoundAsyncEngine(AsyncEngine):
    """An engine in the transaction of an asynchronous connection or session."""

    def __init__(self, engine: Engine, connection: AsyncConnection | AsyncSession) -> None:
        self._engine = engine
        self._connection = connection

    async def _run(self, work: Callable[[Engine], Result]) -> Result:
        return await self._connection.run_sync(lambda sync: work(self._engine.bind(sync)))
