"""How an act talks to its database: what may be listened to, waited for, and remembered."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from kaocheng import Host
from kaocheng.engine import Engine
from kaocheng.errors import StoreError
from kaocheng.language.ruleset import Ruleset
from kaocheng.stores import SqlStore, make_engine

AT = "2026-01-29T09:00:00+01:00"
DATA = {"entity": "W", "trust_service": False}


@pytest.fixture(scope="module")
def ruleset() -> Ruleset:
    """A ruleset with deadlines."""
    return Host.discover().load("nis2")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sa.Engine]:
    """A file with tables."""
    url = f"sqlite:///{tmp_path / 'cases.db'}"
    SqlStore.open(url).close()
    engine = make_engine(url)
    yield engine
    engine.dispose()


def waits(database: sa.Engine, milliseconds: int) -> None:
    """Let connections of an engine wait only so long for a lock."""

    def connected(connection: sa.PoolProxiedConnection, _: object) -> None:
        connection.cursor().execute(f"PRAGMA busy_timeout={milliseconds}")

    event.listen(database, "connect", connected)


def test_who_listens_hears_every_statement(ruleset: Ruleset, database: sa.Engine) -> None:
    """An application that traces SQLAlchemy sees what an act writes."""
    heard: list[str] = []

    def executing(_c: object, _cursor: object, statement: str, *_: object) -> None:
        heard.append(statement.split("(", maxsplit=1)[0].strip())

    event.listen(database, "before_cursor_execute", executing)
    engine = Engine(ruleset, store=SqlStore(database))
    engine.act("incident/1", "become_aware", at=AT, data=DATA)

    for table in ("events", "cases", "timers", "outbox"):
        assert f"INSERT INTO kaocheng_{table}" in heard


@pytest.mark.parametrize("name", ["engine_connect", "begin", "commit"])
def test_who_listens_hears_transactions(ruleset: Ruleset, database: sa.Engine, name: str) -> None:
    """Without listeners the driver begins and ends transactions; with one SQLAlchemy does."""
    heard: list[str] = []
    engine = Engine(ruleset, store=SqlStore(database))
    event.listen(database, name, lambda *_: heard.append(name))
    engine.act("incident/1", "become_aware", at=AT, data=DATA)

    assert heard == [name]


def test_who_listens_hears_of_refused_acts(ruleset: Ruleset, database: sa.Engine) -> None:
    """What they had done is rolled back."""
    heard: list[str] = []
    engine = Engine(ruleset, store=SqlStore(database))
    event.listen(database, "rollback", lambda *_: heard.append("rollback"))
    refused = engine.act("incident/1", "warm", at=AT)

    assert not refused.accepted
    assert heard == ["rollback"]


def test_no_transaction_is_left_open(ruleset: Ruleset, database: sa.Engine) -> None:
    """Also where the pool leaves what it is given back as it is."""
    lax = make_engine(str(database.url), pool_reset_on_return=None)
    engine = Engine(ruleset, store=SqlStore(lax))

    def fails() -> None:
        with engine._units.write() as unit:  # noqa: SLF001 - as a rule would fail
            unit.act("incident/1", "become_aware", at=AT, data=DATA)
            raise ZeroDivisionError

    for act in (
        lambda: engine.act("incident/1", "become_aware", at=AT, data=DATA, dry_run=True),
        lambda: engine.act("incident/1", "warm", at=AT),
        fails,
        lambda: engine.act("incident/1", "become_aware", at=AT, data=DATA),
    ):
        with suppress(ZeroDivisionError):
            act()
        with closing(lax.raw_connection()) as connection:
            assert not connection.dbapi_connection.in_transaction
    assert engine.sequence("incident/1") == 1
    lax.dispose()


class NoCommits(sqlite3.Connection):
    """A connection whose commits fail."""

    def commit(self) -> None:
        """Fail, once there are tables."""
        if self.in_transaction:
            raise sqlite3.OperationalError("disk I/O error")


def test_a_commit_of_the_driver_that_fails(ruleset: Ruleset, database: sa.Engine) -> None:
    """Nobody can say whether the act was kept; here it was not, and the connection goes on."""
    failing = make_engine(str(database.url), connect_args={"factory": NoCommits})
    engine = Engine(ruleset, store=SqlStore(failing))
    for _ in range(2):
        with pytest.raises(StoreError) as failed:
            engine.act("incident/1", "become_aware", at=AT, data=DATA)
        assert (failed.value.retry, failed.value.uncertain) == (True, True)
    failing.dispose()

    assert Engine(ruleset, store=SqlStore(database)).sequence("incident/1") == 0


def test_listening_changes_nothing(ruleset: Ruleset, database: sa.Engine) -> None:
    """The same rows are written whether somebody listens or not."""

    def rows(tenant: str) -> list[list[tuple[object, ...]]]:
        engine = Engine(ruleset, store=SqlStore(database, tenant=tenant, source="/s"))
        engine.act("incident/1", "become_aware", at=AT, data=DATA, idempotency_key="k")
        engine.act("incident/1", "warn", at="2026-01-29T12:00:00+01:00")
        with database.connect() as connection:
            tables = ("events", "cases", "timers", "outbox", "receipts")
            return [
                [tuple(row)[1:] for row in connection.execute(sa.text(query), {"t": tenant})]
                for table in tables
                for query in (f"SELECT * FROM kaocheng_{table} WHERE tenant = :t ORDER BY 1, 2, 3",)
            ]

    alone = rows("alone")
    event.listen(database, "before_cursor_execute", lambda *_: None)

    assert alone == rows("heard")


def test_a_lock_that_is_not_given_back(ruleset: Ruleset, database: sa.Engine) -> None:
    """Whoever waits longer than `busy_timeout` gets an error that says to try again."""
    waits(database, 20)
    engine = Engine(ruleset, store=SqlStore(database))
    other = make_engine(str(database.url))
    with other.begin():
        with pytest.raises(StoreError) as failed:
            engine.act("incident/1", "become_aware", at=AT, data=DATA)
        assert engine.cases() == ()
    other.dispose()

    assert failed.value.retry
    assert not failed.value.uncertain
    assert engine.act("incident/1", "become_aware", at=AT, data=DATA).accepted


def test_readers_wait_as_long_as_they_are_told(ruleset: Ruleset, database: sa.Engine) -> None:
    """A connection that has written waits as long as before when it reads."""
    waits(database, 1_234)
    engine = Engine(ruleset, store=SqlStore(database))
    engine.act("incident/1", "become_aware", at=AT, data=DATA)
    engine.cases()
    with database.connect() as connection:
        cursor = connection.connection.cursor()

        assert [(1_234,)] == cursor.execute("PRAGMA busy_timeout").fetchall()


def test_what_another_process_wrote_is_seen(ruleset: Ruleset, database: sa.Engine) -> None:
    """Records that a process keeps are used only as long as nobody else has written."""
    one, other = (Engine(ruleset, store=SqlStore(database)) for _ in range(2))
    one.act("incident/1", "become_aware", at=AT, data=DATA)
    one.act("incident/2", "become_aware", at=AT, data=DATA)
    other.act("incident/1", "warn", at="2026-01-29T12:00:00+01:00")
    one.act("incident/2", "warn", at="2026-01-29T12:00:00+01:00")
    outcome = one.act("incident/1", "notify", at="2026-01-29T13:00:00+01:00")

    assert outcome.event is not None
    assert outcome.event.sequence == 3
    assert one.case("incident/1") == other.case("incident/1")


def test_what_was_taken_back_is_not_remembered(ruleset: Ruleset, database: sa.Engine) -> None:
    """An act in a transaction that the caller has rolled back never was."""
    engine = Engine(ruleset, store=SqlStore(database))
    engine.act("incident/1", "become_aware", at=AT, data=DATA)
    with database.connect() as connection, connection.begin() as begun:
        engine.bind(connection).act("incident/1", "warn", at="2026-01-29T12:00:00+01:00")
        begun.rollback()
    outcome = engine.act("incident/1", "notify", at="2026-01-29T13:00:00+01:00")

    assert outcome.event is not None
    assert outcome.event.sequence == 2
    assert [e.event for e in engine.store.load("incident/1")] == ["become_aware", "notify"]


def test_timers_that_this_process_has_set(ruleset: Ruleset, database: sa.Engine) -> None:
    """What was due before an act is done first, also where the process knows all timers itself."""
    engine = Engine(ruleset, store=SqlStore(database))
    engine.act("incident/1", "become_aware", at=AT, data=DATA)
    engine.act("incident/1", "warn", at="2026-01-29T12:00:00+01:00")
    engine.act("incident/1", "notify", at="2026-03-02T09:00:00+01:00")

    events = [e.event for e in engine.store.load("incident/1")]
    assert events == ["become_aware", "warn", "kaocheng.timer", "kaocheng.timer", "notify"]


def test_a_late_tick_is_no_change_that_the_caller_missed(
    ruleset: Ruleset, database: sa.Engine
) -> None:
    """Whoever has seen the event before a timer acts on the same number, ticked or not."""
    engine = Engine(ruleset, store=SqlStore(database))
    engine.act("incident/1", "become_aware", at=AT, data=DATA)
    (due,) = {one.due for one in engine.cases()}
    assert due is not None
    assert engine.tick(due + 1).fired
    late = engine.act("incident/1", "warn", at=due + 2, expected_sequence=1)
    again = engine.act("incident/1", "notify", at=due + 3, expected_sequence=1)

    assert late.accepted
    assert ["changed_meanwhile"] == [reason.code for reason in again.reasons]
    assert not engine.act("incident/1", "notify", at=due + 3, expected_sequence=99).accepted


def test_a_case_that_fails_is_alone(
    ruleset: Ruleset, database: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of many cases that are due together one that fails is put off and the others are done."""
    from kaocheng.engine.unit_of_work import UnitOfWork

    engine = Engine(ruleset, store=SqlStore(database))
    for number in range(5):
        engine.act(f"incident/{number}", "become_aware", at=AT, data=DATA)
    fire = UnitOfWork.fire

    def failing(unit: UnitOfWork, case: str, *, before: int) -> object:
        if case == "incident/3":
            raise RuntimeError("poison")
        return fire(unit, case, before=before)

    monkeypatch.setattr(UnitOfWork, "fire", failing)
    (due,) = {one.due for one in engine.cases()}
    assert due is not None
    ticked = engine.tick(due + 1)

    assert ticked.fired == 4
    assert [case for case, _ in ticked.failed] == ["incident/3"]
    assert [1, 1, 1, 0, 1] == [engine.sequence(f"incident/{n}") - 1 for n in range(5)]
