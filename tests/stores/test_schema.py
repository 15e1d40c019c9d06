"""A database says of which version its tables are, and others are not touched."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from kaocheng.errors import StoreError
from kaocheng.stores import AsyncEngine, AsyncSqlStore, SqlStore
from kaocheng.stores.connecting import make_async_engine, make_engine
from kaocheng.testing._store_test import office

NO_TABLES = "the database has no tables; make them with `SqlStore.open`"
NEWER = (
    "the tables of the database are of version 5, and this kaocheng reads 4;"
    " install a newer kaocheng"
)
OLDER = (
    "the tables of the database are of version 1, and this kaocheng reads 4;"
    " take the journal out with the kaocheng that made them (`kaocheng export`)"
    " and load it into a new database (`kaocheng load`)"
)
NONE = "the tables of the database say no version; go back to a back-up"
NO_TABLES_ZH = "数据库中尚无所需的表，请用 `SqlStore.open` 建立"
SEEN = "数据库中表的版本为 {}，本版 kaocheng 读取的是 4；"
NEWER_ZH = SEEN.format(5) + "请安装更新的 kaocheng"
OLDER_ZH = SEEN.format(1) + (
    "请用建表的那一版 kaocheng 导出台账（`kaocheng export`），再载入新的数据库（`kaocheng load`）"
)
NONE_ZH = "数据库未注明其表的版本，请恢复备份"


def store_on(url: str) -> None:
    """A store on an engine that somebody else has made."""
    engine = make_engine(url)
    try:
        SqlStore(engine)
    finally:
        engine.dispose()


def store_opened(url: str) -> None:
    """A store that makes its tables."""
    SqlStore.open(url).close()


def async_store_on(url: str) -> None:
    """A store on an asynchronous engine that somebody else has made, when it is first used."""

    async def used() -> None:
        store = AsyncSqlStore(make_async_engine(url))
        engine = AsyncEngine(office().ruleset, store=store, program=office().program)
        try:
            await engine.state("report/1")
        finally:
            await store.close()

    asyncio.run(used())


def async_store_bound(url: str) -> None:
    """The same in the caller's transaction."""

    async def used() -> None:
        store = AsyncSqlStore(make_async_engine(url))
        engine = AsyncEngine(office().ruleset, store=store, program=office().program)
        try:
            async with store.database.begin() as connection:
                await engine.bind(connection).act("report/1", "submit", at="unknown")
        finally:
            await store.close()

    asyncio.run(used())


def async_store_opened(url: str) -> None:
    """An asynchronous store that makes its tables."""

    async def opened() -> None:
        await (await AsyncSqlStore.open(url)).close()

    asyncio.run(opened())


USES = (store_on, async_store_on, async_store_bound)
OPENS = (store_opened, async_store_opened)


@pytest.fixture
def database(url: str) -> Iterator[sa.Engine]:
    """Connections to the database that know nothing of stores."""
    engine = sa.create_engine(make_engine(url).url)
    yield engine
    engine.dispose()


def tables(database: sa.Engine) -> list[str]:
    """The tables that are there."""
    return sorted(sa.inspect(database).get_table_names())


@pytest.mark.parametrize("use", USES)
def test_a_database_without_tables_is_refused(
    url: str, database: sa.Engine, use: Callable[[str], None]
) -> None:
    """Nothing is made in it: only `open` does that."""
    with pytest.raises(StoreError) as caught:
        use(url)

    assert NO_TABLES == str(caught.value) == caught.value.reason
    assert NO_TABLES_ZH == caught.value.zh
    assert (False, False) == (caught.value.retry, caught.value.uncertain)
    assert [] == tables(database)


@pytest.mark.parametrize("use", [*USES, *OPENS])
@pytest.mark.parametrize(
    ("change", "texts"),
    [
        ("UPDATE kaocheng_schema SET version = 5", (NEWER, NEWER_ZH)),
        ("UPDATE kaocheng_schema SET version = 1", (OLDER, OLDER_ZH)),
        ("INSERT INTO kaocheng_schema VALUES (5)", (NEWER, NEWER_ZH)),
        ("DELETE FROM kaocheng_schema", (NONE, NONE_ZH)),
    ],
)
def test_tables_of_another_version_are_refused(
    url: str,
    database: sa.Engine,
    change: str,
    texts: tuple[str, str],
    use: Callable[[str], None],
) -> None:
    """The message says which version there is, which one is read, and what to do."""
    store_opened(url)
    with database.begin() as connection:
        connection.execute(sa.text(change))
    before = tables(database)
    with pytest.raises(StoreError) as caught:
        use(url)

    assert texts == (str(caught.value), caught.value.zh)
    assert not caught.value.retry
    assert before == tables(database)


@pytest.mark.parametrize("opens", OPENS)
def test_tables_are_made_once(url: str, database: sa.Engine, opens: Callable[[str], None]) -> None:
    """Opening a database twice changes nothing."""
    opens(url)
    before = tables(database)
    opens(url)
    with database.begin() as connection:
        versions = connection.execute(sa.text("SELECT version FROM kaocheng_schema")).all()

    assert before == tables(database)
    assert [(4,)] == versions


def test_texts_are_in_the_order_of_code_points(url: str, database: sa.Engine) -> None:
    """On a server with another locale too: every text column says so itself."""
    store_opened(url)
    with database.begin() as connection:
        if database.dialect.name == "sqlite":
            sql = connection.execute(sa.text("SELECT group_concat(sql) FROM sqlite_master"))
            assert "COLLATE" not in str(sql.scalar())  # byte by byte, as SQLite does of itself
            return
        found = connection.execute(
            sa.text(
                "SELECT DISTINCT collation_name FROM information_schema.columns"
                " WHERE table_schema = current_schema() AND data_type = 'text'"
            )
        ).all()

    assert [("C",)] == found
