"""The same engine for applications that wait with `await`.

Nothing is written twice: a call is carried out by `Engine` on SQLAlchemy's own bridge
between the two worlds (`AsyncConnection.run_sync`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, TypedDict, TypeVar, Unpack

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from kaocheng.arguments import ASYNC_CONNECTION, ASYNC_STORE, check_is
from kaocheng.assessing import Evaluator
from kaocheng.engine.actions import Action
from kaocheng.engine.core import Engine
from kaocheng.engine.database import Bulletin, Filters, Listed, Ticked
from kaocheng.engine.loading import Loaded
from kaocheng.engine.migrating import MigrationPlan
from kaocheng.engine.outcome import CaseResults, Outcome, RowView
from kaocheng.engine.publishing import Replayed
from kaocheng.engine.visible import Visible
from kaocheng.evaluate.python import Program
from kaocheng.journal.input_format import Progress, no_progress
from kaocheng.language.ruleset import Ruleset
from kaocheng.lifecycle import Access, Option
from kaocheng.model.events import Actor, Correction, Event, Journal
from kaocheng.stores.connecting import (
    begins,
    create_schema_on,
    make_async_engine,
    translated,
)
from kaocheng.stores.sharing import check_free
from kaocheng.stores.sql import SqlStore

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine as AsyncDatabase
    from sqlalchemy.orm import Session

    from kaocheng.assessment import Assessment
    from kaocheng.explaining import Explanation

Result = TypeVar("Result")


class ActOptions(TypedDict, total=False):
    """The options of `Engine.act`."""

    at: int | str | None
    actor: Actor | None
    recorded_at: int | str | None
    corrects: Correction | None
    expected_sequence: int | None
    idempotency_key: str | None
    dry_run: bool


class Asking(TypedDict, total=False):
    """Who asks, and as of when."""

    actor: Actor | None
    at: int | str | None


class TwoTimes(TypedDict, total=False):
    """As of when, and as known when."""

    as_of: int | str | None
    known_at: int | str | None


class Publishing(TypedDict, total=False):
    """The options of `Engine.publish`."""

    at: int | str | None
    as_of: int | str | None
    actor: Actor | None
    data: Mapping[str, object] | None
    expected_sequence: int | None
    idempotency_key: str | None
    language: str


class AsyncSqlStore:
    """`SqlStore` for an event loop: keeps the cases of one tenant in a database."""

    def __init__(
        self, database: AsyncDatabase, *, tenant: str = "default", source: str | None = None
    ) -> None:
        self.database = database
        self.sync = SqlStore.unchecked(database.sync_engine, tenant=tenant, source=source)
        self._checked = False

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
            try:
                async with database.begin() as connection:
                    await connection.run_sync(create_schema_on)
            except BaseException:
                await database.dispose()
                raise
        return cls(database, tenant=tenant, source=source)

    def check(self, connection: Connection) -> None:
        """Refuse a database without tables, or with those of another version, when first used.

        Raises:
            StoreError: it says what to do.
        """
        if self._checked:
            return
        if connection.in_transaction():
            self.sync.check(connection)
        else:
            begins(connection, reading=True)
            with connection.begin():
                self.sync.check(connection)
        self._checked = True

    async def close(self) -> None:
        """Close the connections."""
        await self.database.dispose()


class AsyncEngine:
    """`Engine` with `await`: its methods with the same arguments and results.

    `read_as` stands for `visible`; `over` is not needed, as each call has a connection.

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
        earlier: Collection[Ruleset] = (),
    ) -> None:
        check_is("store", store, AsyncSqlStore, ASYNC_STORE)
        self.store = store
        self._engine = Engine(
            ruleset, store=store.sync, program=program, clock=clock, earlier=earlier
        )

    def beside(self, store: SqlStore) -> Engine:
        """The engine on a store that runs on the bridge for long, as `work` does."""
        return self._engine._on(store)  # noqa: SLF001 - as `over`, but for more than one call

    def bind(self, connection: AsyncConnection | AsyncSession) -> BoundAsyncEngine:
        """The same engine inside somebody else's transaction, which it never ends.

        Raises:
            ArgumentError: it is neither a connection nor a session of an event loop.
        """
        check_is("connection", connection, (AsyncConnection, AsyncSession), ASYNC_CONNECTION)
        return BoundAsyncEngine(self._engine, self.store, connection)

    async def _run(self, work: Callable[[Engine], Result]) -> Result:
        def run(sync: Connection) -> Result:
            self.store.check(sync)
            return work(self._engine.over(sync))

        with translated("connect"):
            check_free(self.store.database.sync_engine)
            async with self.store.database.connect() as connection:
                return await connection.run_sync(run)

    async def act(
        self,
        case: str,
        event: str,
        data: Mapping[str, object] | None = None,
        **options: Unpack[ActOptions],
    ) -> Outcome:
        """See `Engine.act`."""
        return await self._run(lambda engine: engine.act(case, event, data, **options))

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

    async def actions(self, case: str, **asking: Unpack[Asking]) -> tuple[Action, ...]:
        """See `Engine.actions`."""
        return await self._run(lambda engine: engine.actions(case, **asking))

    async def history(self, case: str, **times: Unpack[TwoTimes]) -> tuple[Event, ...]:
        """See `Engine.history`."""
        return await self._run(lambda engine: engine.history(case, **times))

    async def assess(
        self, *, evaluator: Evaluator = "python", **times: Unpack[TwoTimes]
    ) -> Assessment:
        """See `Engine.assess`."""
        return await self._run(lambda engine: engine.assess(evaluator=evaluator, **times))

    async def standings(
        self, name: str, **times: Unpack[TwoTimes]
    ) -> tuple[Mapping[str, object], ...]:
        """See `Engine.standings`."""
        return await self._run(lambda engine: engine.standings(name, **times))

    async def explain(
        self, case: str, *, rule: str | None = None, **times: Unpack[TwoTimes]
    ) -> tuple[Explanation, ...]:
        """See `Engine.explain`."""
        return await self._run(lambda engine: engine.explain(case, rule=rule, **times))

    async def read_as(
        self, actor: Actor | None, read: Callable[[Visible], Result], *, at: int | str | None = None
    ) -> Result:
        """What `read` makes of the engine as an actor may read it (`Engine.visible`)."""
        return await self._run(lambda engine: read(engine.visible(actor, at=at)))

    async def load(self, events: Iterable[Event], *, on_progress: Progress = no_progress) -> Loaded:
        """See `Engine.load`."""
        return await self._run(lambda engine: engine.load(events, on_progress=on_progress))

    async def publish(
        self, case: str, event: str, *, period: str, **options: Unpack[Publishing]
    ) -> tuple[Outcome, Bulletin | None]:
        """See `Engine.publish`."""
        return await self._run(lambda engine: engine.publish(case, event, period=period, **options))

    async def circular(
        self, period: str, *, as_of: int | str, known_at: int | str, language: str = "zh"
    ) -> str:
        """See `Engine.circular`."""

        def issued(engine: Engine) -> str:
            return engine.circular(period, as_of=as_of, known_at=known_at, language=language)

        return await self._run(issued)

    async def replay(self) -> tuple[Replayed, ...]:
        """See `Engine.replay`."""
        return await self._run(lambda engine: engine.replay())

    async def plan_migration(self, new: Ruleset) -> MigrationPlan:
        """See `Engine.plan_migration`."""
        return await self._run(lambda engine: engine.plan_migration(new))

    async def migrate(self, plan: MigrationPlan, *, at: int | str, reason: str) -> int:
        """See `Engine.migrate`."""
        return await self._run(lambda engine: engine.migrate(plan, at=at, reason=reason))

    async def journal(self) -> Journal:
        """See `Engine.journal`."""
        return await self._run(lambda engine: engine.journal())

    async def cases(self, **filters: Unpack[Filters]) -> tuple[Listed, ...]:
        """See `Engine.cases`."""
        return await self._run(lambda engine: engine.cases(**filters))

    @property
    def online(self) -> Mapping[str, tuple[str, ...]]:
        """See `Engine.online`."""
        return self._engine.online

    async def timers(self, case: str) -> tuple[tuple[str, int], ...]:
        """See `Engine.timers`."""
        return await self._run(lambda engine: engine.timers(case))

    async def tick(self, now: int, *, limit: int = 100) -> Ticked:
        """See `Engine.tick`."""
        return await self._run(lambda engine: engine.tick(now, limit=limit))


class BoundAsyncEngine(AsyncEngine):
    """An engine in the transaction of an asynchronous connection or session."""

    def __init__(
        self, engine: Engine, store: AsyncSqlStore, connection: AsyncConnection | AsyncSession
    ) -> None:
        self.store = store
        self._engine = engine
        self._connection = connection

    async def _run(self, work: Callable[[Engine], Result]) -> Result:
        def run(sync: Connection | Session) -> Result:
            with translated("read"):
                self.store.check(sync if isinstance(sync, Connection) else sync.connection())
            return work(self._engine.bind(sync))

        with translated("read"):
            return await self._connection.run_sync(run)
