"""Stores that must be there already, by an address or the path of a file."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from kaocheng.errors import InputError
from kaocheng.opening import check_file
from kaocheng.stores.connecting import make_engine
from kaocheng.stores.sql import SqlStore


def open_existing(
    address: str,
    *,
    tenant: str = "default",
    source: str | None = None,
    is_read_only: bool = False,
) -> SqlStore:
    """The store of an address such as `postgresql://…`, or of a SQLite file by its path.

    Nothing is made: a name that was misspelt must not become an empty database. With
    `is_read_only` a SQLite file is not touched at all, so that a back-up stays what it was.

    Raises:
        InputError: there is no such file, or it is no file.
        StoreError: there is no such database, or its tables are of another version.
    """
    file = _file_of(address)
    if file is None:
        return SqlStore(make_engine(address), tenant=tenant, source=source)
    check_file(file)
    url = _url_of(file, "ro" if is_read_only else "rw")
    return SqlStore(make_engine(url), tenant=tenant, source=source)


def open_or_make(address: str, *, tenant: str = "default") -> SqlStore:
    """The store of an address or a file, which is made with its tables where there is none.

    Raises:
        InputError: there can be no such file.
        StoreError: there is no such server, or the tables are of another version.
    """
    file = _file_of(address)
    if file is None:
        return SqlStore.open(address, tenant=tenant)
    if "\0" in address or not file.name:
        raise InputError(str(file), "there can be no such file", zh="不可能有这样的文件")
    return SqlStore.open(_url_of(file, "rwc"), tenant=tenant)


def _url_of(file: Path, mode: str) -> str:
    name = quote(quote(str(file.absolute())))  # unquoted once by SQLAlchemy and once by SQLite
    return f"sqlite:///file:{name}?mode={mode}&uri=true"


def _file_of(address: str) -> Path | None:
    """The file of a path or of a plain SQLite address; nothing where it is something else."""
    if "://" not in address:
        return Path(address)
    name = address.removeprefix("sqlite:///")
    if name in (address, "", ":memory:") or name.startswith("file:") or "?" in name:
        return None
    return Path(name)
