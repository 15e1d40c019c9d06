"""Cases in a database: SQLite or PostgreSQL, each act one transaction.

store = SqlStore.open("sqlite:///reports.db")
engine = Engine(ruleset, store=store)
"""

from kaocheng.stores.async_working import work
from kaocheng.stores.asynchronous import AsyncEngine, AsyncSqlStore
from kaocheng.stores.connecting import make_engine, prepare
from kaocheng.stores.delivering import deliver
from kaocheng.stores.outbox import Outbox
from kaocheng.stores.securing import enable_row_level_security
from kaocheng.stores.sql import SqlStore
from kaocheng.stores.working import Worker

__all__ = [
    "AsyncEngine",
    "AsyncSqlStore",
    "Outbox",
    "SqlStore",
    "Worker",
    "deliver",
    "enable_row_level_security",
    "make_engine",
    "prepare",
    "work",
]
