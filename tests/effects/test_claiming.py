"""Claims of timers: several rulesets and several workers on one database."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from effects_desk import DESK, NINE, Clock

from kaocheng import Engine, Host
from kaocheng.calendars.numberline import HOUR
from kaocheng.engine.database import Claimed
from kaocheng.errors import StoreError
from kaocheng.model.events import Correction
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
    now, hashes = NINE + 3 * HOUR, [version.hash for version in engine.ruleset.versions]
    with store.engine.connect() as connection, connection.begin():
        connection.execute(sa.text("SET LOCAL lock_timeout = '5s'"))
        one = store.bound(connection).claim(now, limit=1, kinds=["report"], hashes=hashes)
        two = store.claim(now, limit=9, kinds=["report"], hashes=hashes)
    store.close()

    assert (("report/1",), ("report/1",)) == (one.cases, two.cases)


def _met(desk: Engine) -> None:
    desk.act("report/1", "verify", at=NINE + HOUR)


def _moved(desk: Engine) -> None:
    later = Correction(sequence=1, reason="at eleven", at=NINE + 2 * HOUR)
    desk.act("report/1", "note", at=NINE + HOUR, corrects=later)


def _done(desk: Engine) -> None:
    desk.act("report/1", "note", at=NINE + 3 * HOUR)


@pytest.mark.parametrize(("meanwhile", "events"), [(_met, 2), (_moved, 2), (_done, 3)])
def test_a_claim_that_has_become_stale_does_nothing(  # noqa: PLR0913, PLR0917 - fixtures
    store: SqlStore,
    engine: Engine,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    meanwhile: Callable[[Engine], None],
    events: int,
) -> None:
    """A timer that somebody else removes, moves or does after it was claimed is not done again."""
    engine.act("report/1", "submit", at=NINE)
    generations = _generations(store)
    claim = store.claim
    other = Engine(engine.ruleset, program=engine.program, store=store.of("default"))

    def claimed(now: int, **options: Any) -> Claimed:  # noqa: ANN401
        taken = claim(now, **options)
        meanwhile(other)
        return taken

    monkeypatch.setattr(store, "claim", claimed)
    ticked = engine.tick(clock.turn(3 * 3600))

    assert [("report/1", 1)] == generations
    assert (0, ()) == (ticked.fired, ticked.failed)
    assert events == engine.sequence("report/1")
    assert generations != _generations(store)


def _generations(store: SqlStore) -> list[tuple[str, int]]:
    """The timers that there are, and by which event of its case each was set."""
    with store.engine.connect() as connection:
        rows = connection.execute(sa.select(TIMERS.c.case, TIMERS.c.generation)).all()
    return [(row.case, row.generation) for row in rows]


@pytest.mark.parametrize("kinds", [(), ("repor",), ("repo_t",)])
def test_a_kind_is_its_whole_name(store: SqlStore, engine: Engine, kinds: tuple[str, ...]) -> None:
    """What only looks like a kind is none."""
    engine.act("report/1", "submit", at=NINE)

    assert Claimed() == store.claim(NINE + 3 * HOUR, limit=9, kinds=kinds, hashes=())


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
