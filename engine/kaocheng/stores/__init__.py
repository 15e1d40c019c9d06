"""Cases in a database: SQLite or PostgreSQL, each act one transaction.

store = SqlStore.open("sqlite:///reports.db")
engine = Engine(ruleset, store=store)
"""

from kaocheng.stores.asynchronous import AsyncEngine, AsyncSqlStore
from kaocheng.stores.connecting import make_engine, prepare
from kaocheng.stores.sql import SqlStore

__all__ = ["AsyncEngine", "AsyncSqlStore", "SqlStore", "make_engine", "prepare"]
