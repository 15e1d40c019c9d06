"""Our own stores hold the contract of stores: on a file, in memory, on a server; waiting or not."""

from __future__ import annotations

from collections.abc import Awaitable
from pathlib import Path

import pytest

from kaocheng.stores import AsyncSqlStore, SqlStore
from kaocheng.testing.stores import StoreContract


class TestSqliteFile(StoreContract):
    """SQLite in a file."""

    @pytest.fixture(autouse=True)
    def _address(self, tmp_path: Path) -> None:
        self.url = f"sqlite:///{tmp_path}/cases.db"

    def open(self, tenant: str) -> SqlStore:
        """A store with connections of its own."""
        return SqlStore.open(self.url, tenant=tenant)


class TestSqliteFileAsync(TestSqliteFile):
    """SQLite in a file, awaited."""

    def open(self, tenant: str) -> Awaitable[AsyncSqlStore]:  # type: ignore[override]
        """A store with connections of its own."""
        return AsyncSqlStore.open(self.url, tenant=tenant)


class TestSqliteMemory(StoreContract):
    """SQLite in memory: one connection for all stores."""

    @pytest.fixture(autouse=True)
    def _database(self) -> None:
        self.first: SqlStore | None = None

    def open(self, tenant: str) -> SqlStore:
        """A store on the connection of the first one."""
        if self.first is None:
            self.first = SqlStore.open("sqlite://", tenant=tenant)
            return self.first
        return SqlStore(self.first.engine, tenant=tenant)


class TestSqliteMemoryAsync(StoreContract):
    """SQLite in memory, awaited."""

    @pytest.fixture(autouse=True)
    def _database(self) -> None:
        self.first: AsyncSqlStore | None = None

    async def open(self, tenant: str) -> AsyncSqlStore:
        """A store on the connection of the first one."""
        if self.first is None:
            self.first = await AsyncSqlStore.open("sqlite://", tenant=tenant)
            return self.first
        return AsyncSqlStore(self.first.database, tenant=tenant)


class TestPostgres(StoreContract):
    """PostgreSQL."""

    @pytest.fixture(autouse=True)
    def _address(self, postgres_url: str) -> None:
        self.url = postgres_url

    def open(self, tenant: str) -> SqlStore:
        """A store with connections of its own."""
        return SqlStore.open(self.url, tenant=tenant)


class TestPostgresAsync(TestPostgres):
    """PostgreSQL, awaited."""

    def open(self, tenant: str) -> Awaitable[AsyncSqlStore]:  # type: ignore[override]
        """A store with connections of its own."""
        return AsyncSqlStore.open(self.url, tenant=tenant)
