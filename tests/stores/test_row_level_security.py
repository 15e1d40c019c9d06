"""Policies on rows: PostgreSQL itself keeps a tenant's rows from everybody else.

The application is a role that owns nothing and is no superuser; the tables belong to another role
that is none either, for whom the policies hold all the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from attrs import frozen

from kaocheng.calendars.numberline import HOUR
from kaocheng.engine import Engine
from kaocheng.errors import StoreError
from kaocheng.stores import (
    AsyncEngine,
    AsyncSqlStore,
    SqlStore,
    enable_row_level_security,
    work,
)
from kaocheng.stores.comparing import Comparison, compare
from kaocheng.stores.schema import METADATA, OWNED
from kaocheng.stores.working import Batch
from kaocheng.testing._store_test import MORNING, happen, office, submit
from kaocheng.testing.stores import StoreContract

TABLES = sorted(table.name for table in OWNED)


@frozen
class Secured:
    """A database with policies: its address for the owner of the tables, and for others."""

    owner: str
    application: str


@pytest.fixture
def secured(postgres_url: str, postgres_owner: sa.Engine) -> Secured:
    """A schema of its owner's, and a role that may only read and write rows."""
    address = sa.make_url(postgres_url)
    schema = str(address.query["options"]).partition("=")[2]
    owner, application = f"{schema}_owner", f"{schema}_application"
    _do(
        postgres_owner,
        f"CREATE ROLE {owner} LOGIN NOSUPERUSER NOBYPASSRLS",
        f"CREATE ROLE {application} LOGIN NOSUPERUSER NOBYPASSRLS",
        f"ALTER SCHEMA {schema} OWNER TO {owner}",
    )
    found = Secured(
        owner=address.set(username=owner).render_as_string(hide_password=False),
        application=address.set(username=application).render_as_string(hide_password=False),
    )
    store = SqlStore.open(found.owner)
    enable_row_level_security(store.engine)
    enable_row_level_security(store.engine)
    store.close()
    _do(
        postgres_owner,
        f"GRANT USAGE ON SCHEMA {schema} TO {application}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {application}",
    )
    return found


def _do(engine: sa.Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


@pytest.fixture
def connecting() -> Iterator[Callable[[str], sa.Engine]]:
    """Opens connections that know nothing of stores."""
    engines: list[sa.Engine] = []

    def connect(url: str) -> sa.Engine:
        engines.append(sa.create_engine(url))
        return engines[-1]

    yield connect
    for engine in engines:
        engine.dispose()


def _filled(secured: Secured) -> None:
    """Both tenants have a case, by a store of the application's."""
    for tenant in ("north", "south"):
        store = SqlStore.open(secured.application, tenant=tenant)
        engine = Engine(
            office().ruleset, store=store, program=office().program, clock=lambda: MORNING
        )
        happen(engine)
        assert submit(engine, f"report/{tenant}", incident="incident/1", key="k").accepted
        assert 2 == len(engine.journal().events)
        store.close()


def _tenants(connection: sa.Connection, table: str) -> set[object]:
    return set(connection.execute(sa.text(f"SELECT tenant FROM {table}")).scalars())


class TestContract(StoreContract):
    """A store of a role that owns nothing holds the whole contract."""

    @pytest.fixture(autouse=True)
    def _address(self, secured: Secured) -> None:
        self.secured = secured

    def open(self, tenant: str) -> SqlStore:
        """A store as the application has it."""
        return SqlStore.open(self.secured.application, tenant=tenant)

    def make_notes(self) -> None:
        """The table of the caller's own is the owner's too."""
        engine = sa.create_engine(self.secured.owner)
        _do(
            engine,
            "CREATE TABLE contract_notes (note TEXT)",
            "GRANT SELECT, INSERT ON contract_notes TO PUBLIC",
        )
        engine.dispose()


@pytest.mark.parametrize("role", ["owner", "application"])
def test_nothing_is_seen_without_a_tenant(
    secured: Secured, connecting: Callable[[str], sa.Engine], role: str
) -> None:
    """Neither before a tenant was ever named on the connection, nor after its transaction."""
    _filled(secured)
    engine = connecting(getattr(secured, role))
    for _ in range(2):
        with engine.begin() as connection:
            assert [set()] * len(TABLES) == [_tenants(connection, table) for table in TABLES]
        with engine.begin() as connection:
            _name(connection, "north")
            assert {"north"} == _tenants(connection, "kaocheng_events")
        with engine.begin() as connection:
            _name(connection, "")
            assert set() == _tenants(connection, "kaocheng_events")


@pytest.mark.parametrize("role", ["owner", "application"])
@pytest.mark.parametrize("table", TABLES)
def test_only_ones_own_rows_are_seen_and_written(
    secured: Secured, connecting: Callable[[str], sa.Engine], table: str, role: str
) -> None:
    """A tenant sees its rows, changes no others, and can add none for others."""
    _filled(secured)
    engine = connecting(getattr(secured, role))
    with engine.begin() as connection:
        _name(connection, "north")
        assert _tenants(connection, table) <= {"north"}
        changed = connection.execute(
            sa.text(f"UPDATE {table} SET tenant = tenant WHERE tenant = 'south'")
        )
        assert 0 == changed.rowcount
        dropped = connection.execute(sa.text(f"DELETE FROM {table} WHERE tenant = 'south'"))
        assert 0 == dropped.rowcount
    columns = ", ".join(f'"{column.name}"' for column in METADATA.tables[table].c)
    copied = columns.replace('"tenant"', "'south'")
    with engine.connect() as connection:
        _name(connection, "north")
        if _tenants(connection, table):
            with pytest.raises(sa.exc.ProgrammingError, match="row-level security"):
                connection.execute(
                    sa.text(f"INSERT INTO {table} ({columns}) SELECT {copied} FROM {table}")
                )


def test_a_store_that_names_another_tenant_is_stopped(
    secured: Secured, connecting: Callable[[str], sa.Engine]
) -> None:
    """In a transaction in which somebody names another tenant, nothing of ours is seen."""
    _filled(secured)
    engine = connecting(secured.application)
    with engine.begin() as connection:
        store = SqlStore(engine, tenant="north")
        bound = Engine(office().ruleset, store=store, program=office().program).bind(connection)
        assert 1 == bound.sequence("report/north")
        assert 0 == bound.sequence("report/south")
        assert {"north"} == _tenants(connection, "kaocheng_cases")


def test_an_audit_sees_its_own_tenant_only(secured: Secured, cli: Callable[..., Any]) -> None:
    """Whoever the policies hold for must say whose journal it is, and then it is looked at."""
    _filled(secured)
    unnamed = cli("audit", "verify", secured.application)
    named = cli("audit", "verify", secured.application, "--tenant", "north")
    other = cli("audit", "verify", secured.application, "--tenant", "east")

    text = "error: --tenant: it is needed: row-level security hides the tenants from this role\n"
    assert (2, text) == (unnamed.code, unnamed.err)
    assert (0, True) == (named.code, named.out.startswith("north: ok, events: 2, head: "))
    missing = "error: --tenant: the database has no tenant `east`\n"
    assert (2, missing) == (other.code, other.err)
    store = SqlStore.open(secured.application, tenant="north")
    found = compare(store, office().ruleset, program=office().program)
    store.close()
    assert Comparison(tenant="north", cases=2) == found


def test_a_worker_in_a_loop_names_its_tenant(secured: Secured) -> None:
    """It does what is due for its own tenant, as a role that sees nothing without one."""
    _filled(secured)

    async def play() -> int:
        store = await AsyncSqlStore.open(secured.application, tenant="north")
        engine = AsyncEngine(office().ruleset, store=store, program=office().program)
        batches: list[Batch] = []
        given = {"stop": asyncio.Event(), "clock": lambda: MORNING + 3 * HOUR}
        await work([engine], once=True, on_batch=batches.append, **given)
        await store.close()
        return sum(batch.fired for batch in batches)

    assert 1 == asyncio.run(play())


def test_other_databases_have_no_policies() -> None:
    """SQLite says so."""
    store = SqlStore.open()
    with pytest.raises(StoreError) as caught:
        enable_row_level_security(store.engine)
    store.close()

    assert "`sqlite` has no row-level security; PostgreSQL has" == str(caught.value)


def test_there_must_be_tables(postgres_url: str) -> None:
    """There is nothing to put policies on in an empty database."""
    engine = sa.create_engine(postgres_url)
    with pytest.raises(StoreError) as caught:
        enable_row_level_security(engine)
    engine.dispose()

    assert "the database has no tables; make them with `SqlStore.open`" == str(caught.value)


def _name(connection: sa.Connection, tenant: str) -> None:
    connection.execute(sa.select(sa.func.set_config("kaocheng.tenant", tenant, sa.true())))
