"""Statements that are sent before the ones before them have been answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from kaocheng.engine import ClashError, Engine
from kaocheng.errors import StoreError
from kaocheng.stores import SqlStore
from kaocheng.stores.pipelining import pipelined
from kaocheng.stores.plain import Plain, Runner
from kaocheng.testing._store_test import MORNING, adopt, office, submit

NUMBERS = sa.Table("numbers", sa.MetaData(), sa.Column("number", sa.Integer, primary_key=True))
ADD = Plain(sa.insert(NUMBERS))
ALL = Plain(sa.select(NUMBERS.c.number).order_by(NUMBERS.c.number))


@pytest.fixture
def engine(store: SqlStore) -> Engine:
    """An engine with one case."""
    engine = Engine(office().ruleset, store=store, program=office().program, clock=lambda: MORNING)
    assert submit(engine, "report/1").accepted
    return engine


def faults(store: SqlStore) -> list[str]:
    """What is wrong with what a store keeps."""
    with store.engine.connect() as connection:
        return office().auditor.faults(connection, store.tenant)


@pytest.fixture
def numbers(store: SqlStore) -> Iterator[sa.Connection]:
    """A transaction with a table of numbers."""
    with store.engine.connect() as connection, connection.begin():
        NUMBERS.create(connection)
        yield connection


def test_what_reads_sees_what_was_sent_before(numbers: sa.Connection) -> None:
    """In the order of the statements."""
    run = Runner(numbers).run
    with pipelined(numbers):
        run(ADD, {"number": 3})
        run(ADD, [{"number": 1}, {"number": 2}])
        assert [1, 2, 3] == [number for (number,) in run(ALL, {})]
        run(ADD, [{"number": number} for number in range(4, 40)])

    assert list(range(1, 40)) == [number for (number,) in run(ALL, {})]


def twice(connection: sa.Connection) -> None:
    """Add a number that is there already, in a pipeline."""
    with pipelined(connection):
        Runner(connection).run(ADD, {"number": 1})
        Runner(connection).run(ADD, {"number": 1})


def wrong(connection: sa.Connection) -> None:
    """The same, and then something else goes wrong."""
    with pipelined(connection):
        Runner(connection).run(ADD, {"number": 1})
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("fails", "raised"), [(twice, sa.exc.IntegrityError), (wrong, ZeroDivisionError)]
)
def test_an_error_shows_before_the_end(
    numbers: sa.Connection, fails: Callable[[sa.Connection], None], raised: type[Exception]
) -> None:
    """As SQLAlchemy says it; the savepoint takes everything back."""
    savepoint = numbers.begin_nested()
    with pytest.raises(raised):
        fails(numbers)
    savepoint.rollback()

    assert () == tuple(Runner(numbers).run(ALL, {}))


def test_an_event_that_is_there_already_clashes(engine: Engine, store: SqlStore) -> None:
    """Whoever wrote past the engine is seen, and the act leaves nothing."""
    with store.engine.begin() as connection:
        connection.execute(
            sa.text(
                'INSERT INTO kaocheng_events SELECT tenant, 99, "case", 2, line, hash'
                " FROM kaocheng_events"
            )
        )
    before = store.cases(), engine.sequence("report/1")
    with pytest.raises(ClashError, match="`report/1` already has an event 2"):
        adopt(engine, "report/1")

    assert before == (store.cases(), engine.sequence("report/1"))


def test_what_cannot_be_written_is_certain(engine: Engine, store: SqlStore) -> None:
    """A table that has gone, after the event was sent: nothing is kept, and that is said."""
    with store.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE kaocheng_outbox RENAME TO elsewhere"))
    with pytest.raises(StoreError, match="could not write, and nothing was kept") as caught:
        adopt(engine, "report/1")
    with store.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE elsewhere RENAME TO kaocheng_outbox"))

    assert not caught.value.uncertain
    assert adopt(engine, "report/1").accepted
    assert [] == faults(store)
