"""Databases that can be used: how they are connected to, and whether their tables fit."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, Pool, QueuePool

from kaocheng.errors import ArgumentError, StoreError
from kaocheng.journal.texts import Text, says
from kaocheng.noting import note
from kaocheng.stores.ending import end_on_return
from kaocheng.stores.plain import Drivable
from kaocheng.stores.schema import METADATA, SCHEMA, VERSION
from kaocheng.stores.sharing import check_free
from kaocheng.stores.waiting import begin_reading, begin_writing

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

_WAIT_MS = 10_000
_LOCK_TIMEOUT = (
    f"SELECT set_config('lock_timeout', '{_WAIT_MS}', false)"
    " WHERE current_setting('lock_timeout') = '0'"
)
_FILE = "kaocheng_file"
_READS = ("connect", "read")
_NOTHING_KEPT = (", and nothing was kept", "，没有保存任何内容")
_REMOVED = ("has been removed", "已被删除")
_REPLACED = ("is another file than was opened", "已不是打开时的文件")
_LOCK = 0x6B616F6368656E67  # `kaocheng` in ASCII
_PASSING = (5, 6, 9, 10, 13)  # busy, locked, interrupted, failed to read or write, full
# Full, and failed to write: what a commit does before it is one. To sync comes after it.
_BEFORE_COMMIT = (13, 778)
_EXPORT = Text(
    "take the journal out with the kaocheng that made them (`kaocheng export`) and load it into"
    " a new database (`kaocheng load`)",
    "请用建表的那一版 kaocheng 导出台账（`kaocheng export`），再载入新的数据库（`kaocheng load`）",
)
_INSTALL = Text("install a newer kaocheng", "请安装更新的 kaocheng")
_FAILED = {
    "connect": "未能连接数据库",
    "read": "未能读取数据库",
    "write": "未能写入数据库",
    "commit": "未能提交",
    "secure its rows": "未能设置行级权限",
}
# What databases say most often, and the same in Chinese.
_SAID = {
    "unable to open database file": "无法打开数据库文件",
    "file is not a database": "文件不是数据库",
    "database is locked": "数据库正被他人写入",
    "attempt to write a readonly database": "数据库只可读取",
    "database or disk is full": "数据库或磁盘已满",
    "disk I/O error": "磁盘读写出错",
    "database disk image is malformed": "数据库文件已损坏",
    "canceling statement due to lock timeout": "等候他人写入超时",
}
DIALECTS = ("sqlite", "postgresql")


def make_engine(url: str, **options: Any) -> sa.Engine:  # noqa: ANN401 - as SQLAlchemy takes them
    """A SQLAlchemy engine as a store needs it; `prepare` does the same to one of your own.

    Raises:
        StoreError: the URL is none, or of another kind of database.
    """
    engine: sa.Engine = _made(url, sa.create_engine, QueuePool, options)
    prepare(engine)
    return engine


def make_async_engine(url: str, **options: Any) -> AsyncEngine:  # noqa: ANN401 - as above
    """The same for `AsyncEngine`; a URL without a driver gets the one that can wait.

    Raises:
        StoreError: the URL is none, or of another kind of database.
    """
    _check_url(url)
    if url.startswith("sqlite:"):
        url = url.replace("sqlite:", "sqlite+aiosqlite:", 1)
    engine: AsyncEngine = _made(url, create_async_engine, AsyncAdaptedQueuePool, options)
    prepare(engine.sync_engine)
    return engine


def _made(url: str, make: Callable[..., Any], pool: type[Pool], options: dict[str, Any]) -> Any:  # noqa: ANN401
    _check_url(url)
    try:
        parsed = sa.make_url(url)
        _check_dialect(parsed.get_backend_name())
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:"):
            # A database in memory is one connection: whoever needs it waits for it.
            one = {"poolclass": pool, "pool_size": 1, "max_overflow": 0, "pool_recycle": -1}
            options = one | {"connect_args": {"check_same_thread": False}} | options
        return make(parsed, **options)
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError) as error:
        shown = shown_url(url)
        raise StoreError(
            f"`{shown}` is no address of a database: {_first_line(error)}",
            zh=f"`{shown}` 不是数据库地址，应如 `postgresql://host/name`",
        ) from error
    except ModuleNotFoundError as error:
        shown = shown_url(url)
        raise StoreError(
            f"`{shown}` needs `{error.name}`, which is not installed; install the extra"
            " `postgres` or `async`",
            zh=f"`{shown}` 需要 `{error.name}`，尚未安装；"
            "请安装 `kaocheng[postgres]` 或 `kaocheng[async]`",
        ) from error


def _check_url(url: object) -> None:
    if not isinstance(url, str) or "\0" in url:
        raise ArgumentError("url", "must be the address of a database", zh="应为数据库地址")


def shown_url(url: str) -> str:
    """The address of a database without its password."""
    return re.sub(r":[^:@/]*@", ":***@", url)


def prepare(engine: sa.Engine) -> None:
    """Make a SQLAlchemy engine begin its transactions as a store needs them.

    Who has to wait for a lock does so for ten seconds, or as long as `busy_timeout` or
    PostgreSQL's `lock_timeout` says where that has been set. A connection that is given back
    is out of its transaction. On SQLite the driver's own transactions are turned off, whoever
    writes takes the write lock at once, and commits are synced to disk.

    Raises:
        StoreError: it is for another kind of database.
    """
    _check_dialect(engine.dialect.name)
    if engine.dialect.name == "sqlite":
        is_read_only = engine.url.query.get("mode") == "ro"
        event.listen(engine, "connect", _waits if is_read_only else _connected)
        event.listen(engine, "begin", _begun)
    else:
        event.listen(engine, "connect", _waits_for_locks)
    end_on_return(engine)


def _check_dialect(name: str) -> None:
    if name not in DIALECTS:
        raise StoreError(
            f"stores are on SQLite or PostgreSQL, not on `{name}`",
            zh=f"数据库应为 SQLite 或 PostgreSQL，不能用 `{name}`",
        )


def reading_options(dialect: str) -> dict[str, Any]:
    """The options of connections that only read: they see one state of things, and lock nothing."""
    level = {"isolation_level": "REPEATABLE READ"} if dialect == "postgresql" else {}
    return {"kaocheng_reads": True, **level}


def begins(connection: sa.Connection, *, reading: bool) -> None:
    """Say of a connection without a transaction whether its next one only reads."""
    options = reading_options(connection.dialect.name)
    if not reading:
        options["kaocheng_reads"] = False
        if "isolation_level" in options:
            options["isolation_level"] = connection.default_isolation_level
    connection.execution_options(**options)


def check_open(connection: sa.Connection) -> None:
    """Refuse a connection that is closed.

    Raises:
        ArgumentError: it is.
    """
    if connection.closed:
        raise ArgumentError("connection", "is closed", zh="已经关闭")


def check_prepared(connection: sa.Connection) -> None:
    """Refuse a connection on which the end of a savepoint would be the end of everything.

    On SQLite the driver begins transactions by itself, and not before the first row is
    changed; `prepare` turns that off. With AUTOCOMMIT there is none for anything to be in.

    Raises:
        StoreError: it says what to do.
    """
    driver: Any = connection.connection.dbapi_connection
    if _is_autocommit(connection) or getattr(driver, "autocommit", None) is True:
        raise StoreError(
            "the connection has no transactions (AUTOCOMMIT), and an act is kept in one; bind"
            " a connection with the usual isolation level",
            zh="该连接没有事务（AUTOCOMMIT），而办理须在事务中保存；请用通常隔离级别的连接",
        )
    if connection.dialect.name != "sqlite":
        return
    if _FILE in connection.info:
        _turn_off_begins(driver)
    if driver.isolation_level is not None:
        raise StoreError(
            "the connection does not keep transactions as a store needs them; call `prepare`"
            " on its engine before it connects",
            zh="该连接的事务方式不合要求，请在连接之前对其引擎调用 `prepare`",
        )


def create_schema(engine: sa.Engine) -> None:
    """Make the tables, if there are none."""
    check_free(engine)
    with engine.begin() as connection:
        create_schema_on(connection)


def create_schema_on(connection: sa.Connection) -> None:
    """Make the tables in a transaction, and refuse those of another version."""
    if connection.dialect.name == "postgresql":  # two that come at once take turns
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    if not sa.inspect(connection).has_table(SCHEMA.name):
        METADATA.create_all(connection)
        connection.execute(sa.insert(SCHEMA).values(version=VERSION))
    check_schema_on(connection)


def check_schema_on(connection: sa.Connection) -> None:
    """Refuse a database without tables, or with those of another version.

    Raises:
        StoreError: it says what to do.
    """
    if not sa.inspect(connection).has_table(SCHEMA.name):
        note("schema.refused", seen=None, wanted=VERSION)
        raise StoreError(
            "the database has no tables; make them with `SqlStore.open`",
            zh="数据库中尚无所需的表，请用 `SqlStore.open` 建立",
        )
    seen = connection.execute(sa.select(sa.func.max(SCHEMA.c.version))).scalar()
    if seen == VERSION:
        return
    note("schema.refused", seen=seen, wanted=VERSION)
    if seen is None:
        raise StoreError(
            "the tables of the database say no version; go back to a back-up",
            zh="数据库未注明其表的版本，请恢复备份",
        )
    what = _EXPORT if seen < VERSION else _INSTALL
    raise StoreError(
        f"the tables of the database are of version {seen}, and this kaocheng reads {VERSION};"
        f" {what.en}",
        zh=f"数据库中表的版本为 {seen}，本版 kaocheng 读取的是 {VERSION}；{what.zh}",
    )


class translated:  # noqa: N801 - it is used as a function
    """Say what the database said in our own error.

    Raises:
        StoreError: something went wrong in the database; nothing was kept, but for a
            commit of which nobody can say.
    """

    __slots__ = ("_what",)

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        """Nothing is to be done."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Raise ours where the database raised its own."""
        if error is None:
            return
        if isinstance(error, sa.exc.TimeoutError):
            raise StoreError(
                f"the database could not {self._what}: all connections are in use",
                zh=f"{_FAILED[self._what]}：所有连接均被占用",
                retry=True,
            ) from error
        if isinstance(error, sa.exc.DBAPIError):
            raise _translated(self._what, error) from error
        # A connection or session that is closed, or whose transaction has ended or must be.
        if isinstance(error, sa.exc.InvalidRequestError):
            said = _first_line(error)
            zh = f"{_FAILED[self._what]}：{says(said, _SAID).zh}"
            raise StoreError(f"the database could not {self._what}: {said}", zh=zh) from error


def _translated(what: str, error: sa.exc.DBAPIError) -> StoreError:
    said = _first_line(error.orig if error.orig is not None else error)
    zh = says(said, _SAID).zh
    if what == "commit" and not _is_before_commit(error.orig):
        return StoreError(
            f"nobody can say whether it was kept, as the database said: {said};"
            " do it again: an act under the same idempotency key, a tick as it is",
            zh=f"无法判断是否已保存，数据库的答复是：{zh}；"
            "请重新执行：办理须用同一幂等键，到期处理可直接重做",
            retry=True,
            uncertain=True,
        )
    en_kept, zh_kept = ("", "") if what in _READS else _NOTHING_KEPT
    return StoreError(
        f"the database could not {what}{en_kept}: {said}",
        zh=f"{_FAILED[what]}{zh_kept}：{zh}",
        retry=isinstance(error, sa.exc.OperationalError) and _may_pass(error.orig),
    )


def _may_pass(error: object) -> bool:
    """Whether the same may work later; SQLite says so of a lock or a disk, not of a file."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is None or code & 0xFF in _PASSING


def _is_before_commit(error: object) -> bool:
    """Whether SQLite says that a commit ended before it could be found by anybody."""
    return getattr(error, "sqlite_errorcode", None) in _BEFORE_COMMIT


def _connected(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    _waits(connection, record)
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _waits_for_locks(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute(_LOCK_TIMEOUT)
    cursor.close()
    connection.commit()


def _turn_off_begins(driver: Any) -> None:  # noqa: ANN401 - the driver's
    """Turn the driver's own transactions off, also after AUTOCOMMIT, which turns them on again."""
    if driver.isolation_level is not None:
        driver.isolation_level = None  # the asynchronous driver passes it on


def _waits(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    _turn_off_begins(connection)
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={_WAIT_MS}")
    cursor.execute("PRAGMA database_list")
    files = [name for _, _, name in cursor.fetchall() if name]
    record.info[_FILE] = [(path, _file_at(path)) for path in files]
    cursor.close()


def _file_at(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - every transaction asks
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _check_file(connection: Drivable) -> None:
    """Refuse to go on with a file that has been removed, or replaced by another one."""
    for path, file in connection.info.get(_FILE, ()):
        now = _file_at(path)
        if now != file:
            if now is not None:  # else a new connection would make an empty file
                connection.invalidate()
            what, zh = _REMOVED if now is None else _REPLACED
            raise StoreError(
                f"`{path}` {what}; nothing was kept",
                zh=f"`{path}` {zh}，没有保存任何内容",
                retry=now is not None,
            )


def _begun(connection: sa.Connection) -> None:
    if _is_autocommit(connection):
        return
    reads = connection.get_execution_options().get("kaocheng_reads", False)
    begin(connection, begin_reading if reads else begin_writing)


def begin(connection: Drivable, how: Callable[[Drivable], None]) -> None:
    """Begin a transaction on SQLite, on the file that was opened."""
    _check_file(connection)
    _turn_off_begins(connection.connection.dbapi_connection)
    how(connection)


def is_only_ours(engine: sa.Engine) -> bool:
    """Whether nobody but `prepare` has something to do when a transaction begins or ends."""
    seen = engine.dispatch
    return (
        list(seen.begin) == [_begun]
        and not (seen.engine_connect or seen.commit or seen.rollback)
        and not engine.get_execution_options()
    )


def _is_autocommit(connection: sa.Connection) -> bool:
    return connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT"


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0]
