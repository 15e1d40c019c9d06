"""Databases that fail or are not what they should be: our error, and nothing half-written."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from kaocheng.engine import Engine, Outcome
from kaocheng.errors import ArgumentError, JournalError, StoreError
from kaocheng.stores import AsyncSqlStore, SqlStore, make_engine
from kaocheng.testing._store_test import MORNING, adopt, office, submit

Make = Callable[[sa.Engine], Engine]
CONNECT = "the database could not connect, and nothing was kept: "
WRITE = "the database could not write, and nothing was kept: "


@pytest.fixture
def make() -> Iterator[Make]:
    """Makes engines, whose stores are closed in the end."""
    stores: list[SqlStore] = []

    def made(database: sa.Engine) -> Engine:
        stores.append(SqlStore(database))
        return Engine(
            office().ruleset, store=stores[-1], program=office().program, clock=lambda: MORNING
        )

    yield made
    for store in stores:
        store.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database with one case."""
    path = tmp_path / "cases.db"
    store = SqlStore.open(f"sqlite:///{path}")
    engine = Engine(office().ruleset, store=store, program=office().program, clock=lambda: MORNING)
    assert submit(engine, "report/1", key="k").accepted
    store.close()
    return path


def opened(file: Path, **pragmas: object) -> sa.Engine:
    """The database of a file, with settings of SQLite."""
    engine = make_engine(f"sqlite:///{file}")

    @sa.event.listens_for(engine, "connect")
    def _set(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's
        for name, value in pragmas.items():
            connection.execute(f"PRAGMA {name}={value}")

    return engine


def faults(file: Path) -> list[str]:
    """What is wrong with what a file keeps."""
    engine = sa.create_engine(f"sqlite:///{file}")
    try:
        with engine.connect() as connection:
            return office().auditor.faults(connection, "default")
    finally:
        engine.dispose()


def fails(call: Callable[[], object], text: str, *, retry: bool) -> None:
    """It raises an error of ours of that text."""
    with pytest.raises(StoreError) as caught:
        call()

    assert (text, retry, False) == (str(caught.value), caught.value.retry, caught.value.uncertain)
    assert caught.value.reason == text


async def _open_async(url: str) -> None:
    try:
        await (await AsyncSqlStore.open(url)).close()
    finally:
        await asyncio.sleep(0.05)  # the driver's thread says once more that it has failed


OPENS: tuple[Callable[[Any], object], ...] = (
    SqlStore.open,
    lambda url: asyncio.run(_open_async(url)),
)


@pytest.mark.parametrize("opens", OPENS)
def test_what_is_no_database_is_said(tmp_path: Path, opens: Callable[[str], object]) -> None:
    """A folder, a file of something else, a folder that is not there, a server that is not."""
    (tmp_path / "text.db").write_text("no database, " * 1_000)
    no_file = f"{CONNECT}unable to open database file"

    fails(lambda: opens(f"sqlite:///{tmp_path}"), no_file, retry=False)
    fails(lambda: opens(f"sqlite:///{tmp_path}/no/cases.db"), no_file, retry=False)
    no_database = f"{CONNECT}file is not a database"
    fails(lambda: opens(f"sqlite:///{tmp_path}/text.db"), no_database, retry=False)
    assert (tmp_path / "text.db").read_text().startswith("no database")

    with pytest.raises(StoreError, match="connection failed") as caught:
        opens("postgresql://localhost:1/cases")
    assert caught.value.retry


@pytest.mark.parametrize("opens", OPENS)
@pytest.mark.parametrize("url", [None, 5, b"sqlite://", "sqlite:///a\0b"])
def test_an_address_is_text(url: Any, opens: Callable[[Any], object]) -> None:  # noqa: ANN401
    """Without NUL characters."""
    with pytest.raises(ArgumentError) as caught:
        opens(url)

    assert "`url` must be the address of a database" == str(caught.value)


def test_other_addresses_are_refused() -> None:
    """With what there could be."""
    said = "Could not parse SQLAlchemy URL from given URL string"
    fails(
        lambda: SqlStore.open("cases.db"),
        f"`cases.db` is no address of a database: {said}",
        retry=False,
    )
    other = "stores are on SQLite or PostgreSQL, not on `mysql`"
    fails(lambda: SqlStore.open("mysql://host/cases"), other, retry=False)


def test_a_read_only_file_is_read(file: Path, make: Make) -> None:
    """Reading works, acting says why it does not."""
    engine = make(make_engine(f"sqlite:///file:{file}?mode=ro&uri=true"))
    text = f"{WRITE}attempt to write a readonly database"

    assert "submitted" == engine.state("report/1")
    fails(lambda: adopt(engine, "report/1"), text, retry=False)
    fails(lambda: engine.tick(MORNING + 10**12), text, retry=False)
    assert "submitted" == engine.state("report/1")
    assert [] == faults(file)


def test_a_locked_file_is_waited_for_and_then_said(file: Path, make: Make) -> None:
    """Reading goes on, and the same act works afterwards."""
    engine = make(opened(file, busy_timeout=10))
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        fails(lambda: adopt(engine, "report/1"), f"{WRITE}database is locked", retry=True)
        assert "submitted" == engine.state("report/1")
        other.execute("ROLLBACK")

    assert adopt(engine, "report/1").accepted
    assert [] == faults(file)


def test_a_full_disk_is_said(file: Path, make: Make) -> None:
    """What was acknowledged is there, what failed is not, and acting works when there is room."""
    database = opened(file)
    engine = make(database)
    with database.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    accepted: list[Outcome] = []

    def fill() -> None:
        while len(accepted) < 500:
            outcome = submit(engine, f"report/full{len(accepted)}")
            accepted.append(outcome)

    fails(fill, f"{WRITE}database or disk is full", retry=True)
    assert [] == faults(file)
    assert 1 + len(accepted) == len(engine.cases(limit=1_000))
    with database.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=100000")
    assert submit(engine, f"report/full{len(accepted)}").accepted
    assert [] == faults(file)


def test_tables_that_vanish_are_said(file: Path, make: Make) -> None:
    """Nothing is half-written where one of several tables is gone."""
    engine = make(opened(file))
    with closing(sqlite3.connect(file)) as other, other:
        other.execute("ALTER TABLE kaocheng_timers RENAME TO elsewhere")
    gone = f"{WRITE}no such table: kaocheng_timers"
    fails(lambda: submit(engine, "report/2"), gone, retry=False)
    with closing(sqlite3.connect(file)) as other, other:
        other.execute("ALTER TABLE elsewhere RENAME TO kaocheng_timers")

    assert [] == faults(file)
    assert submit(engine, "report/2").accepted


def test_connections_that_are_cut_are_replaced(
    postgres_url: str, postgres_owner: sa.Engine
) -> None:
    """One act fails and says that it may be tried again; the next one has a new connection."""
    url = sa.make_url(postgres_url).update_query_dict({"application_name": "cut"})
    store = SqlStore.open(url.render_as_string(hide_password=False))
    engine = Engine(office().ruleset, store=store, program=office().program, clock=lambda: MORNING)
    assert submit(engine, "report/1").accepted
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cut'"
    with postgres_owner.connect() as connection:
        connection.execute(sa.text(cut)).all()
    with pytest.raises(StoreError) as caught:
        adopt(engine, "report/1")

    assert caught.value.retry
    assert str(caught.value).startswith(
        f"{WRITE}terminating connection due to administrator command"
    )
    assert adopt(engine, "report/1").accepted
    assert 2 == engine.sequence("report/1")
    with store.engine.connect() as connection:
        assert [] == office().auditor.faults(connection, "default")
    store.close()


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("nonsense", "this is not JSON: expecting value"),
        ("[]", "it is no object"),
        ("{}", "the line has no `case`"),
        (
            '{"case": "report/1", "sequence": 1, "event": "x", "at": "2009"}',
            "`at`: `2009` is not a date; write it as `2009-03-02`",
        ),
    ],
)
def test_a_line_that_cannot_be_read_is_shown(file: Path, make: Make, line: str, why: str) -> None:
    """Whoever reads or acts on the case is told; other cases go on, and a tick too."""
    engine = make(opened(file))
    assert submit(engine, "report/2").accepted
    with closing(sqlite3.connect(file)) as other, other:
        other.execute("UPDATE kaocheng_events SET line = ? WHERE position = 1", (line,))
    text = f"a line of the journal cannot be read: {why}; `kaocheng audit verify` says where"
    other_engine = make(opened(file))
    for call in (
        lambda: other_engine.state("report/1"),
        other_engine.journal,
        lambda: adopt(other_engine, "report/1"),
    ):
        with pytest.raises(JournalError) as caught:
            call()
        assert (text, line, why) == (str(caught.value), caught.value.line, caught.value.why)
        assert not caught.value.retry

    ticked = other_engine.tick(MORNING + 10**12)
    assert (1, (("report/1", text),)) == (ticked.fired, ticked.failed)
    assert adopt(other_engine, "report/2").accepted


def test_a_receipt_that_cannot_be_read_is_said(file: Path, make: Make) -> None:
    """The act is not done a second time."""
    engine = make(opened(file))
    with closing(sqlite3.connect(file)) as other, other:
        other.execute("UPDATE kaocheng_receipts SET outcome = '{}'")
    with pytest.raises(JournalError) as caught:
        submit(engine, "report/1", key="k")

    assert "what is kept of the act under the key `k` is not what was kept" == caught.value.why
    assert 1 == engine.sequence("report/1")
    assert [] == faults(file)


def test_a_broken_chain_is_seen(file: Path) -> None:
    """A line that was changed, with everything else left as it was."""
    with closing(sqlite3.connect(file)) as other, other:
        other.execute("UPDATE kaocheng_events SET line = replace(line, 'unit/a', 'unit/b')")

    assert "the hash of event 1 of the tenant is not that of its line" == faults(file)[0]
