"""Row-level security of PostgreSQL: who has a tenant's rows is decided by the database too.

A policy on every table lets a transaction see and write the rows of the tenant that it names in
the setting `kaocheng.tenant`, and no row where it names none. Stores name theirs at the beginning
of every transaction. The policies hold for the owner of the tables as well (`FORCE`); only
superusers and roles with `BYPASSRLS` are beyond them, so let applications be neither.
"""

from __future__ import annotations

import sqlalchemy as sa

from kaocheng.errors import StoreError
from kaocheng.stores.connecting import check_schema_on, translated
from kaocheng.stores.schema import EVENTS, OWNED

_SETTING = "kaocheng.tenant"
_OURS = f"tenant = nullif(current_setting('{_SETTING}', true), '')"
_SET = sa.select(sa.func.set_config(_SETTING, sa.bindparam("tenant"), sa.true()))
_IS_SECURED = sa.text("SELECT relrowsecurity FROM pg_class WHERE oid = to_regclass(:name)")


def enable_row_level_security(engine: sa.Engine) -> None:
    """Put the policies on the tables, as their owner; stores that are opened later keep to them.

    Doing it again changes nothing.

    Raises:
        StoreError: the database is not PostgreSQL, has no tables, or those of another version.
    """
    if engine.dialect.name != "postgresql":
        name = engine.dialect.name
        raise StoreError(
            f"`{name}` has no row-level security; PostgreSQL has",
            zh=f"`{name}` 没有行级权限控制，PostgreSQL 才有",
        )
    with translated("secure its rows"), engine.begin() as connection:
        check_schema_on(connection)
        for table in OWNED:
            _secure(connection, table.name)


def is_secured(connection: sa.Connection) -> bool:
    """Whether the tables have their policies."""
    if connection.dialect.name != "postgresql":
        return False
    return bool(connection.execute(_IS_SECURED, {"name": EVENTS.name}).scalar())


def name_tenant(connection: sa.Connection, tenant: str) -> None:
    """Say until the end of the transaction whose rows it is about."""
    connection.execute(_SET, {"tenant": tenant})


def _secure(connection: sa.Connection, table: str) -> None:
    for statement in (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"DROP POLICY IF EXISTS kaocheng_tenant ON {table}",
        f"CREATE POLICY kaocheng_tenant ON {table} USING ({_OURS}) WITH CHECK ({_OURS})",
    ):
        connection.execute(sa.text(statement))
