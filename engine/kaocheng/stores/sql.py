"""A store on SQLite or PostgreSQL: each act is a transaction, of its own or in the caller's."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Generic, Protocol, TypeVar
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from kaocheng.calendars.numberline import SECOND
from kaocheng.delivery import is_source
from kaocheng.engine.checking import check_name
from kaocheng.engine.database import Bulletin, Claimed, Database, Listed, Units, Wanted
from kaocheng.engine.unit_of_work import Parts, UnitOfWork
from kaocheng.errors import ArgumentError
from kaocheng.model.events import Event
from kaocheng.noting import note
from kaocheng.stores import statements
from kaocheng.stores.backing_off import backoff
from kaocheng.stores.codec import bulletin_of, sayable
from kaocheng.stores.connecting import (
    begins,
    check_open,
    check_prepared,
    check_schema_on,
    create_schema,
    make_engine,
    reading_options,
    translated,
)
from kaocheng.stores.driving import can_drive, commit, driven, undo
from kaocheng.stores.pipelining import pipelined
from kaocheng.stores.plain import Drivable, Runner
from kaocheng.stores.reading import events_of, journal_of
from kaocheng.stores.securing import is_secured, name_tenant
from kaocheng.stores.sharing import check_free
from kaocheng.stores.transaction import Transaction

_LEASE = 60 * SECOND


class Place(Protocol):
    """Where transactions come from."""

    def write(self) -> AbstractContextManager[_Open[Connection]]:
        """A transaction to write in, kept unless it is taken back."""

    def act(self) -> AbstractContextManager[_Open[Drivable]]:
        """The same for what runs plain statements only."""
        return self.write()

    def read(self) -> AbstractContextManager[Connection]:
        """A connection that sees one state of things."""


_C_co = TypeVar("_C_co", bound=Drivable, covariant=True)


class _Open(Generic[_C_co]):
    """A transaction or savepoint that has begun."""

    def __init__(self, connection: _C_co) -> None:
        self.connection = connection
        self.wanted = True


def _connected(engine: sa.Engine) -> Connection:
    """A connection on which a transaction may begin."""
    check_free(engine)
    return engine.connect()


class _Own(Place):
    """Transactions of the store's own."""

    def __init__(self, engine: sa.Engine) -> None:
        self._writing = engine
        self._reading = engine.execution_options(**reading_options(engine.dialect.name))

    @contextmanager
    def write(self) -> Iterator[_Open[Connection]]:
        with translated("write"), _connected(self._writing) as connection:
            begun = connection.begin()
            opened = _Open(connection)
            yield opened
            if opened.wanted:
                with translated("commit"):
                    begun.commit()

    def act(self) -> AbstractContextManager[_Open[Drivable]]:
        return self._driven() if can_drive(self._writing) else self.write()

    @contextmanager
    def _driven(self) -> Iterator[_Open[Drivable]]:
        with translated("write"), driven(self._writing) as connection:
            opened = _Open(connection)
            yield opened
            if opened.wanted:
                with translated("commit"):
                    commit(connection)
            else:
                undo(connection)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with translated("read"), _connected(self._reading) as connection:
            yield connection


class _Over(Place):
    """Transactions of the store's own, on a connection that somebody else opened for it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @contextmanager
    def write(self) -> Iterator[_Open[Connection]]:
        begins(self._connection, reading=False)
        with translated("write"), self._connection.begin() as begun:
            opened = _Open(self._connection)
            yield opened
            with translated("commit"):
                if opened.wanted:
                    begun.commit()
                else:
                    begun.rollback()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        begins(self._connection, reading=True)
        with translated("read"), self._connection.begin():
            yield self._connection


class _Callers(Place):
    """Savepoints in a transaction that the caller begins and ends.

    A session makes its own savepoints only when it is asked for its connection, so it is
    asked every time.
    """

    def __init__(self, caller: Connection | Session) -> None:
        self._caller = caller

    @property
    def connection(self) -> Connection:
        """The connection in the state in which the caller wants it."""
        caller = self._caller
        return caller.connection() if isinstance(caller, Session) else caller

    @contextmanager
    def write(self) -> Iterator[_Open[Connection]]:
        with translated("write"):
            connection = self.connection
            savepoint = connection.begin_nested()
            opened = _Open(connection)
            try:
                yield opened
            except BaseException:
                savepoint.rollback()
                raise
            if opened.wanted:
                savepoint.commit()
            else:
                savepoint.rollback()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with translated("read"):
            yield self.connection


class _ForTenant(Place):
    """Transactions that name their tenant first, for policies on rows."""

    def __init__(self, place: Place, tenant: str) -> None:
        self._place = place
        self._tenant = tenant

    @contextmanager
    def write(self) -> Iterator[_Open[Connection]]:
        with self._place.write() as opened:
            name_tenant(opened.connection, self._tenant)
            yield opened

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self._place.read() as connection:
            name_tenant(connection, self._tenant)
            yield connection


class SqlStore(Database):
    """Keeps the cases of one tenant in a database.

        store = SqlStore.open("sqlite:///reports.db", tenant="wuhu")
        engine = Engine(ruleset, store=store, clock=now)

    Args:
        engine: a SQLAlchemy engine for SQLite or PostgreSQL.
        tenant: whose cases these are. Tenants see nothing of each other.
        source: the `source` of the CloudEvents in the outbox, a URI reference.

    Raises:
        StoreError: the database has no tables, or those of another version.
        ArgumentError: there can be no such engine, tenant or source.
    """

    def __init__(
        self,
        engine: sa.Engine,
        *,
        tenant: str = "default",
        source: str | None = None,
        place: Place | None = None,
        secured: bool = False,
    ) -> None:
        if not isinstance(engine, sa.Engine):
            raise ArgumentError(
                "engine",
                "must be a SQLAlchemy engine; `SqlStore.open` takes an address",
                zh="应为 SQLAlchemy 的引擎；数据库地址请交给 `SqlStore.open`",
            )
        check_name("tenant", tenant)
        if source is not None:
            _check_source(source)
        self.engine = engine
        self.tenant = tenant
        self.source = f"/kaocheng/{quote(tenant, safe='')}" if source is None else source
        self.secured = secured
        if place is None:
            place = _Own(engine)
            with translated("connect"), place.read() as connection:
                self.check(connection)
        self._place = _ForTenant(place, tenant) if self.secured else place

    @classmethod
    def open(
        cls, url: str = "sqlite://", *, tenant: str = "default", source: str | None = None
    ) -> SqlStore:
        """A store on the database of that URL, with its tables made if there are none.

        `sqlite://` is a database in memory; `sqlite:///reports.db` is a file.

        Raises:
            StoreError: there is no such database, or its tables are of another version.
        """
        with translated("connect"):
            engine = make_engine(url)
            with _disposed(engine):
                create_schema(engine)
                return cls(engine, tenant=tenant, source=source)

    def check(self, connection: Connection) -> None:
        """Look at the tables: their version, and whether they have policies on rows.

        Raises:
            StoreError: the database has no tables, or those of another version.
        """
        check_schema_on(connection)
        self.secured = is_secured(connection)

    @classmethod
    def unchecked(cls, engine: sa.Engine, *, tenant: str, source: str | None) -> SqlStore:
        """A store on a database whose tables have been looked at already."""
        return cls(engine, tenant=tenant, source=source, place=_Own(engine))

    @property
    def place(self) -> Place:
        """Where its transactions come from, for what else works on the same tables."""
        return self._place

    def of(self, tenant: str) -> SqlStore:
        """The store of another tenant of the same database, with transactions of its own."""
        place = _Own(self.engine)
        return SqlStore(self.engine, tenant=tenant, place=place, secured=self.secured)

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()

    def bound(self, connection: object) -> SqlStore:
        """The same store inside the transaction of a connection or a session.

        Raises:
            ArgumentError: it is neither, or is closed.
            StoreError: its database has no tables, or does not begin transactions as needed.
        """
        if not isinstance(connection, Connection | Session):
            raise ArgumentError(
                "connection",
                "must be a SQLAlchemy connection or session",
                zh="应为 SQLAlchemy 的连接或会话",
            )
        place = _Callers(connection)
        with translated("connect"):
            found = place.connection
            check_open(found)
            check_prepared(found)
            if found.engine.url != self.engine.url:
                check_schema_on(found)
        return self._at(place)

    def over(self, connection: object) -> SqlStore:
        """The same store on one connection, which has no transaction yet.

        Raises:
            ArgumentError: it is none, is closed, or has one.
        """
        if not isinstance(connection, Connection):
            raise ArgumentError(
                "connection", "must be a SQLAlchemy connection", zh="应为 SQLAlchemy 的连接"
            )
        check_open(connection)
        if connection.in_transaction():
            raise ArgumentError(
                "connection",
                "has a transaction; `bind` works inside of one",
                zh="已有事务；在事务之内请用 `bind`",
            )
        return self._at(_Over(connection))

    @contextmanager
    def reading(self) -> Iterator[SqlStore]:
        """The same store in one transaction, to read several things in one state of them."""
        with self._place.read() as connection:
            yield self._at(_Callers(connection))

    def _at(self, place: Place) -> SqlStore:
        return SqlStore(
            self.engine,
            tenant=self.tenant,
            source=self.source,
            place=place,
            secured=self.secured,
        )

    def units(self, parts: Parts) -> Units:
        """Units of work, each a transaction or a savepoint."""
        return _SqlUnits(self, self._place, parts)

    # Reading ------------------------------------------------------------------------------------

    def load(self, case: str) -> Sequence[Event]:
        """The events of a case by number."""
        with self._place.read() as connection:
            return events_of(Runner(connection).run, {"tenant": self.tenant, "case": case})

    def cases(self) -> Sequence[str]:
        """The ids of all cases in order."""
        with self._place.read() as connection:
            return connection.execute(statements.ALL_CASES, {"tenant": self.tenant}).scalars().all()

    def journal(self) -> Sequence[Event]:
        """All events of the tenant in the order in which they were kept."""
        with self._place.read() as connection:
            return journal_of(Runner(connection).run, {"tenant": self.tenant})

    def bulletins(self) -> Sequence[Bulletin]:
        """What has been published, in that order."""
        with self._place.read() as connection:
            rows = Runner(connection).run(statements.ALL_BULLETINS, {"tenant": self.tenant})
            return [bulletin_of(row) for row in rows]

    def worklist(self, wanted: Wanted, *, after: str | None, limit: int) -> tuple[Listed, ...]:
        """The cases that somebody wants, by id, after that one."""
        query = statements.worklist(wanted, after)
        with self._place.read() as connection:
            rows = connection.execute(query, {"tenant": self.tenant, "most": limit})
            return tuple(Listed(**row) for row in rows.mappings())

    # Timers -------------------------------------------------------------------------------------

    def claim(
        self, now: int, *, limit: int, kinds: Collection[str], hashes: Sequence[str]
    ) -> Claimed:
        """Take cases with timers that are due, so that nobody else does for a minute.

        Nothing is written where nothing is due.
        """
        key = {"tenant": self.tenant, "now": now, "most": limit}
        whose = tuple(sorted(kinds)), tuple(hashes)
        ready, others = statements.ready(*whose), statements.ready(*whose, other_text=True)
        with self._place.read() as connection:
            if connection.execute(ready, key | {"most": 1}).first() is None:
                return Claimed(other_text=_cases_of(connection.execute(others, key).all()))
        with self._place.write() as opened:
            claiming = ready.with_for_update(skip_locked=True)
            rows = opened.connection.execute(claiming, key).all()
            if rows:
                taken = [
                    {"b_tenant": self.tenant, "b_case": case, "b_rule": rule, "b_at": at}
                    for case, rule, at in rows
                ]
                until = {"until": now + _LEASE}
                opened.connection.execute(statements.CLAIM, [row | until for row in taken])
            left = [] if len(rows) == limit else opened.connection.execute(others, key).all()
        return Claimed(cases=_cases_of(rows), other_text=_cases_of(left))

    def put_off(self, case: str, now: int, why: str, *, longer: bool = True) -> None:
        """Leave the due timers of a case for later: for a second, then two, four, up to an hour.

        Without `longer` they are left for as long as they are claimed.
        """
        why = sayable(why)
        facts: dict[str, object] = {"again": now + _LEASE}
        if longer:
            count = self._backed_off(case, now, why)
            facts = {"again": now + backoff(count), "attempts": count + 1}
        note("timer.put_off", tenant=self.tenant, case=case, **facts, why=why)

    def _backed_off(self, case: str, now: int, why: str) -> int:
        """Have the due timers of a case wait; gives how often they have before."""
        key = {"tenant": self.tenant, "case": case, "now": now}
        with self._place.write() as opened:
            count: int = opened.connection.execute(statements.ATTEMPTS, key).scalar() or 0
            values = {
                "b_tenant": self.tenant,
                "b_case": case,
                "b_now": now,
                "until": now + backoff(count),
                "count": count + 1,
                "why": why,
            }
            opened.connection.execute(statements.PUT_OFF, values)
        return count


class _SqlUnits:
    """Units of work of one engine on a store."""

    def __init__(self, store: SqlStore, place: Place, parts: Parts) -> None:
        self._store = store
        self._place = place
        self._parts = parts

    @contextmanager
    def write(self, *, keep: bool = True) -> Iterator[UnitOfWork]:
        with self._place.act() as opened:
            transaction = self._transaction(opened.connection)
            with transaction, pipelined(opened.connection):
                unit = UnitOfWork(self._parts, transaction)
                yield unit
                opened.wanted = keep and unit.refusal is None
                if opened.wanted:
                    transaction.finish()
        if opened.wanted:
            transaction.share()
        if keep and unit.refusal is not None:
            case, refusals = unit.refusal
            codes = [refusal.code for refusal in refusals]
            note("act.refused", tenant=self._store.tenant, case=case, reasons=codes)

    @contextmanager
    def read(self) -> Iterator[UnitOfWork]:
        with self._place.read() as connection:
            yield UnitOfWork(self._parts, self._transaction(connection))

    def _transaction(self, connection: Drivable) -> Transaction:
        store, parts = self._store, self._parts
        return Transaction(
            Runner(connection), store.tenant, parts.folder, parts.records, source=store.source
        )


def _cases_of(timers: Iterable[Sequence[object]]) -> tuple[str, ...]:
    """The cases of timers, each once."""
    return tuple(dict.fromkeys(str(timer[0]) for timer in timers))


def _check_source(source: object) -> None:
    if not is_source(source):
        raise ArgumentError(
            "source",
            "must be a URI reference without blanks, such as `/waterworks/incidents`; write other"
            " characters as `%C3%BC`",
            zh="应为不含空格的 URI 引用，如 `/waterworks/incidents`；其他字符写作 `%C3%BC`",
        )


@contextmanager
def _disposed(engine: sa.Engine) -> Iterator[None]:
    """Close the connections if this does not come to its end."""
    try:
        yield
    except BaseException:
        engine.dispose()
        raise
