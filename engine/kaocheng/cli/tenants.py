"""Whose rows of a database a command is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kaocheng.stores import SqlStore


def check_tenant(store: SqlStore) -> None:
    """Refuse a tenant of whom a database has nothing while it has rows of others.

    Raises:
        InputError: it names the tenant, and the nearest one that there is.
    """
    from kaocheng.errors import InputError
    from kaocheng.journal.texts import did_you_mean
    from kaocheng.stores import audit

    if audit.is_there(store):
        return
    known = audit.tenants(store)
    if known or audit.hides_tenants(store):
        hint, seen = did_you_mean(store.tenant, known), store.tenant
        raise InputError(
            "--tenant",
            f"the database has no tenant `{seen}`{hint.en}",
            zh=f"数据库中没有租户 `{seen}`{hint.zh}",
        )


def tenants_of(store: SqlStore) -> tuple[str, ...]:
    """All tenants of a database.

    Raises:
        InputError: the database hides them from whoever is connected.
    """
    from kaocheng.errors import InputError
    from kaocheng.stores import audit

    if audit.hides_tenants(store):
        raise InputError(
            "--tenant",
            "it is needed: row-level security hides the tenants from this role",
            zh="须指明：行级安全策略对该角色隐藏了各租户",
        )
    return audit.tenants(store)
