"""Databases that fail or are not what they should be: our error, and nothing half-written."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from kaocheng.calendars.numberline import DAY
from kaocheng.engine import Engine, Outcome
from kaocheng.errors import ArgumentError, JournalError, StoreError
from kaocheng.stores import AsyncSqlStore, SqlStore, enable_row_level_security, make_engine
from kaocheng.testing._store_test import MORNING, adopt, office, submit

Make = Callable[[sa.Engine], Engine]
CONNECT = "the database could not connect: "
WRITE = "the database could not write, and nothing was kept: "
CONNECT_ZH = "未能连接数据库："
WRITE_ZH = "未能写入数据库，没有保存任何内容："


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


def fails(call: Callable[[], object], text: str, zh: str, *, retry: bool) -> None:
    """It raises an error of ours of that text, in either language."""
    with pytest.raises(StoreError) as caught:
        call()

    assert (text, retry, False) == (str(caught.value), caught.value.retry, caught.value.uncertain)
    assert (text, zh) == (caught.value.reason, caught.value.zh)


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
    no_file = (f"{CONNECT}unable to open database file", f"{CONNECT_ZH}无法打开数据库文件")

    fails(lambda: opens(f"sqlite:///{tmp_path}"), *no_file, retry=False)
    fails(lambda: opens(f"sqlite:///{tmp_path}/no/cases.db"), *no_file, retry=False)
    no_database = (f"{CONNECT}file is not a database", f"{CONNECT_ZH}文件不是数据库")
    fails(lambda: opens(f"sqlite:///{tmp_path}/text.db"), *no_database, retry=False)
    assert (tmp_path / "text.db").read_text().startswith("no database")

    with pytest.raises(StoreError, match="connection failed") as caught:
        opens("postgresql://localhost:1/cases")
    assert caught.value.retry
    assert caught.value.zh.startswith(f"{CONNECT_ZH}connection failed: ")


@pytest.mark.parametrize("opens", OPENS)
@pytest.mark.parametrize("url", [None, 5, b"sqlite://", "sqlite:///a\0b"])
def test_an_address_is_text(url: Any, opens: Callable[[Any], object]) -> None:  # noqa: ANN401
    """Without NUL characters."""
    with pytest.raises(ArgumentError) as caught:
        opens(url)

    assert "`url` must be the address of a database" == str(caught.value)
    assert "`url` 应为数据库地址" == caught.value.zh


def test_other_addresses_are_refused() -> None:
    """With what there could be."""
    said = "Could not parse SQLAlchemy URL from given URL string"
    fails(
        lambda: SqlStore.open("cases.db"),
        f"`cases.db` is no address of a database: {said}",
        "`cases.db` 不是数据库地址，应如 `postgresql://host/name`",
        retry=False,
    )
    fails(
        lambda: SqlStore.open("mysql://host/cases"),
        "stores are on SQLite or PostgreSQL, not on `mysql`",
        "数据库应为 SQLite 或 PostgreSQL，不能用 `mysql`",
        retry=False,
    )


def test_a_driver_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named with the extra that has it, without the password of the address."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    fails(
        lambda: SqlStore.open("postgresql://li:secret@host/cases"),
        "`postgresql://li:***@host/cases` needs `psycopg`, which is not installed;"
        " install the extra `postgres` or `async`",
        "`postgresql://li:***@host/cases` 需要 `psycopg`，尚未安装；"
        "请安装 `kaocheng[postgres]` 或 `kaocheng[async]`",
        retry=False,
    )


def test_rows_are_secured_on_a_server_only(file: Path) -> None:
    """SQLite has no policies on rows."""
    fails(
        lambda: enable_row_level_security(make_engine(f"sqlite:///{file}")),
        "`sqlite` has no row-level security; PostgreSQL has",
        "`sqlite` 没有行级权限控制，PostgreSQL 才有",
        retry=False,
    )


def test_all_connections_in_use(file: Path, make: Make) -> None:
    """Whoever waits too long for one is told so."""
    database = make_engine(f"sqlite:///{file}", pool_size=1, max_overflow=0, pool_timeout=0.01)
    engine = make(database)
    with database.connect():
        fails(
            lambda: adopt(engine, "report/1"),
            "the database could not write: all connections are in use",
            "未能写入数据库：所有连接均被占用",
            retry=True,
        )


def test_a_commit_that_nobody_answers(file: Path, make: Make) -> None:
    """Nobody knows whether it was kept, so the act is to be done again under its key."""
    database = opened(file)
    engine = make(database)

    @sa.event.listens_for(database, "commit")
    def _lose(_connection: sa.Connection) -> None:
        raise sa.exc.OperationalError("COMMIT", {}, sqlite3.OperationalError("disk I/O error"))

    with pytest.raises(StoreError) as caught:
        adopt(engine, "report/1")

    assert (True, True) == (caught.value.retry, caught.value.uncertain)
    assert str(caught.value) == (
        "nobody can say whether it was kept, as the database said: disk I/O error;"
        " do it again: an act under the same idempotency key, a tick as it is"
    )
    assert (
        "无法判断是否已保存，数据库的答复是：磁盘读写出错；"
        "请重新执行：办理须用同一幂等键，到期处理可直接重做" == caught.value.zh
    )


def test_a_read_only_file_is_read(file: Path, make: Make) -> None:
    """Reading works, acting says why it does not."""
    engine = make(make_engine(f"sqlite:///file:{file}?mode=ro&uri=true"))
    text = (f"{WRITE}attempt to write a readonly database", f"{WRITE_ZH}数据库只可读取")

    assert "submitted" == engine.state("report/1")
    fails(lambda: adopt(engine, "report/1"), *text, retry=False)
    fails(lambda: engine.tick(MORNING + DAY), *text, retry=False)
    assert "submitted" == engine.state("report/1")
    assert [] == faults(file)


def test_a_locked_file_is_waited_for_and_then_said(file: Path, make: Make) -> None:
    """Reading goes on, and the same act works afterwards."""
    engine = make(opened(file, busy_timeout=10))
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        text = (f"{WRITE}database is locked", f"{WRITE_ZH}数据库正被他人写入")
        fails(lambda: adopt(engine, "report/1"), *text, retry=True)
        assert "submitted" == engine.state("report/1")
        other.execute("ROLLBACK")

    assert adopt(engine, "report/1").accepted
    assert [] == faults(file)


def test_a_tenant_that_others_hold_is_waited_for_and_then_said(
    postgres_url: str, make: Make
) -> None:
    """Reading goes on, and the same act works afterwards."""
    engine = make(_with_tables(postgres_url, "-clock_timeout=10"))
    assert submit(engine, "report/1", key="k").accepted
    holder = make_engine(postgres_url)
    with holder.begin() as other:
        other.execute(sa.text("SELECT * FROM kaocheng_tenants FOR UPDATE"))
        said, zh = "canceling statement due to lock timeout", "等候他人写入超时"
        fails(lambda: adopt(engine, "report/1"), WRITE + said, WRITE_ZH + zh, retry=True)
        assert "submitted" == engine.state("report/1")

    assert adopt(engine, "report/1").accepted
    holder.dispose()


def _with_tables(url: str, option: str) -> sa.Engine:
    SqlStore.open(url).close()
    address = sa.make_url(url)
    options = f"{address.query['options']} {option}"
    changed = address.update_query_dict({"options": options})
    return make_engine(changed.render_as_string(hide_password=False))


def test_who_set_no_other_time_waits_for_ten_seconds(postgres_url: str) -> None:
    """Connections of a role or an address that says how long are left as they are."""
    shown = {"-cgeqo=on": "10s", "-clock_timeout=3s": "3s"}
    assert list(shown.values()) == [_waits(_with_tables(postgres_url, one)) for one in shown]


def _waits(database: sa.Engine) -> object:
    with database.connect() as connection:
        found = connection.execute(sa.text("SHOW lock_timeout")).scalar()
        connection.rollback()  # of which nothing is lost
        assert found == connection.execute(sa.text("SHOW lock_timeout")).scalar()
    database.dispose()
    return found


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

    text = (f"{WRITE}database or disk is full", f"{WRITE_ZH}数据库或磁盘已满")
    fails(fill, *text, retry=True)
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
    gone = "no such table: kaocheng_timers"
    fails(lambda: submit(engine, "report/2"), f"{WRITE}{gone}", f"{WRITE_ZH}{gone}", retry=False)
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
    "call",
    [
        lambda engine: adopt(engine, "report/1"),
        lambda engine: engine.sequence("report/1"),
        lambda engine: engine.tick(MORNING),
    ],
    ids=["act", "read", "tick"],
)
def test_one_call_finds_out_that_all_connections_are_cut(
    postgres_url: str, postgres_owner: sa.Engine, call: Callable[[Engine], object]
) -> None:
    """However many a store has: as after a restart of the server, the next call works."""
    url = sa.make_url(postgres_url).update_query_dict({"application_name": "cut_all"})
    store = SqlStore.open(url.render_as_string(hide_password=False))
    engine = Engine(office().ruleset, store=store, program=office().program, clock=lambda: MORNING)
    assert submit(engine, "report/1").accepted
    with ExitStack() as several:
        for _ in range(4):
            several.enter_context(store.engine.connect()).exec_driver_sql("SELECT 1")
    cut = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cut_all'"
    )
    with postgres_owner.connect() as connection:
        assert 4 == len(connection.execute(sa.text(cut)).all())
    with pytest.raises(StoreError) as caught:
        call(engine)
    for _ in range(5):
        call(engine)

    assert caught.value.retry
    store.close()


@pytest.mark.parametrize(
    ("line", "why", "zh"),
    [
        ("nonsense", "this is not JSON: expecting value", "不是 JSON：此处缺少值"),
        ("[]", "it is no object", "不是对象"),
        ("{}", "the line has no `case`", "该行缺少 `case`"),
        (
            '{"case": "report/1", "sequence": 1, "event": "x", "at": "2009"}',
            "`at`: `2009` is not a date; write it as `2009-03-02`",
            "`at`：`2009` 不是日期，应写作 `2009-03-02`",
        ),
    ],
)
def test_a_line_that_cannot_be_read_is_shown(
    file: Path, make: Make, line: str, why: str, zh: str
) -> None:
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
        place = "可用 `kaocheng audit verify` 查明其位置"
        assert f"台账中有一行无法读取：{zh}；{place}" == caught.value.zh
        assert not caught.value.retry

    ticked = other_engine.tick(MORNING + DAY)
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
    assert "：幂等键 `k` 之下所存的办理结果已被改动；" in caught.value.zh
    assert 1 == engine.sequence("report/1")
    assert [] == faults(file)


def test_a_broken_chain_is_seen(file: Path) -> None:
    """A line that was changed, with everything else left as it was."""
    with closing(sqlite3.connect(file)) as other, other:
        other.execute("UPDATE kaocheng_events SET line = replace(line, 'unit/a', 'unit/b')")

    assert "the hash of event 1 of the tenant is not that of its line" == faults(file)[0]


def _no_tables(file: Path) -> Path:
    empty = file.with_name("empty.db")
    empty.touch()
    return empty


def _broken(file: Path) -> Path:
    with closing(sqlite3.connect(file)) as other, other:
        other.execute("UPDATE kaocheng_events SET line = '{}'")
    return file


@pytest.mark.parametrize(
    ("database", "options", "said"),
    [
        (_no_tables, (), "数据库中尚无所需的表，请用 `SqlStore.open` 建立"),
        (
            _broken,
            ("--format", "xes"),
            "台账中有一行无法读取：该行缺少 `case`；可用 `kaocheng audit verify` 查明其位置",
        ),
        (lambda _: "mysql://h/x", (), "数据库应为 SQLite 或 PostgreSQL，不能用 `mysql`"),
        (
            lambda _: "://x:secret@h",
            (),
            "`://x:***@h` 不是数据库地址，应如 `postgresql://host/name`",
        ),
        (lambda file: file, ("--tenant", ""), "`tenant` 为空"),
    ],
)
def test_the_command_line_says_it_in_chinese(
    file: Path,
    cli: Callable[..., Any],
    database: Callable[[Path], object],
    options: Sequence[str],
    said: str,
) -> None:
    """Where somebody asks for Chinese, no English is left in what goes wrong with a database."""
    ran = cli("export", database(file), *options, "--lang", "zh")

    assert (1, f"错误：{said}\n") == (ran.code, ran.err)
