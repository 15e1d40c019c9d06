"""Claims of timers: several rulesets and several workers on one database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from effects_desk import DESK, NINE

from kaocheng import Engine, Host
from kaocheng.calendars.numberline import HOUR
from kaocheng.errors import StoreError
from kaocheng.stores import SqlStore, make_engine
from kaocheng.stores.connecting import create_schema
from kaocheng.stores.schema import TIMERS

if TYPE_CHECKING:
    from pathlib import Path


def test_an_engine_leaves_timers_that_it_does_not_know(
    store: SqlStore, engine: Engine, host: Host, tmp_path: Path
) -> None:
    """Two rulesets share a database: each does what is due on its own kinds, and no other."""
    folder = tmp_path / "desk" / "versions"
    folder.mkdir(parents=True)
    (folder / "2024.yaml").write_text(DESK.replace("report", "memo"), "utf-8")
    other = Engine(host.load(str(folder.parent)), store=store)
    assert engine.act("report/1", "submit", at=NINE).accepted
    assert other.act("memo/1", "submit", at=NINE).accepted

    assert 1 == other.tick(NINE + 3 * HOUR).fired
    assert 0 == other.tick(NINE + 3 * HOUR).fired
    assert 1 == engine.tick(NINE + 3 * HOUR).fired


def test_two_who_claim_one_case_never_wait_for_each_other(postgres: str, engine: Engine) -> None:
    """A claim changes only what it has locked; a second timer of the case is somebody else's."""
    store = SqlStore.open(postgres, tenant="claiming")
    desk = Engine(engine.ruleset, program=engine.program, store=store)
    desk.act("report/1", "submit", at=NINE)
    due = {"tenant": "claiming", "case": "report/1", "generation": 1, "attempts": 0}
    with store.engine.begin() as connection:
        also = due | {"rule": "another", "at": NINE + HOUR, "ready": NINE + HOUR}
        connection.execute(sa.insert(TIMERS), also)
    now = NINE + 3 * HOUR
    with store.engine.connect() as connection, connection.begin():
        connection.execute(sa.text("SET LOCAL lock_timeout = '5s'"))
        one = store.bound(connection).claim(now, limit=1, kinds=["report"])
        two = store.claim(now, limit=9, kinds=["report"])
    store.close()

    assert (["report/1"], ["report/1"]) == (one, two)


@pytest.mark.parametrize("kinds", [(), ("repor",), ("repo_t",)])
def test_a_kind_is_its_whole_name(store: SqlStore, engine: Engine, kinds: tuple[str, ...]) -> None:
    """What only looks like a kind is none."""
    engine.act("report/1", "submit", at=NINE)

    assert [] == list(store.claim(NINE + 3 * HOUR, limit=9, kinds=kinds))


def test_a_pool_that_is_exhausted(engine: Engine) -> None:
    """Who waits for a connection in vain gets an error of ours, and may try again."""
    options = {"pool_timeout": 0.01}
    database = make_engine("sqlite://", **options)
    create_schema(database)
    store = SqlStore(database)
    desk = Engine(engine.ruleset, program=engine.program, store=store)
    with database.connect(), pytest.raises(StoreError, match="connections are in use") as caught:
        desk.act("report/1", "submit", at=NINE)

    assert caught.value.retry
