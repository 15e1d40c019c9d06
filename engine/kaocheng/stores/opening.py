"""Stores that must be there already, by an address or the path of a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kaocheng.errors import InputError
from kaocheng.stores.connecting import make_engine
from kaocheng.stores.sql import SqlStore

if TYPE_CHECKING:
    import sqlalchemy as sa


def open_existing(address: str, *, tenant: str = "default") -> SqlStore:
    """The store of an address such as `postgresql://…`, or of a SQLite file by its path.

    Nothing is made: a name that was misspelt must not become an empty database.

    Raises:
        InputError: there is no such file.
        StoreError: there is no such database, or its tables are of another version.
    """
    url = address if "://" in address else f"sqlite:///{address}"
    engine = make_engine(url)
    file = _file_of(engine)
    if file is not None and not file.is_file():
        raise InputError(str(file), "there is no such file", zh="没有这个文件")
    return SqlStore(engine, tenant=tenant)


def _file_of(engine: sa.Engine) -> Path | None:
    """The file of a SQLite database; nothing where it is in memory, or elsewhere."""
    name = engine.url.database
    if engine.dialect.name != "sqlite" or name in (None, "", ":memory:"):
        return None
    return None if name.startswith("file:") else Path(name)
