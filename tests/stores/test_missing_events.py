"""Events that somebody has removed from a database: nobody goes on without them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from attrs import evolve

from kaocheng.calendars.numberline import DAY, HOUR
from kaocheng.engine import Engine
from kaocheng.errors import MissingEventError
from kaocheng.model.events import Event
from kaocheng.stores import SqlStore
from kaocheng.testing._store_test import LI, MORNING, adopt, office, submit

ENDS = "; `kaocheng audit verify` says what else"
ENDS_ZH = "；可用 `kaocheng audit verify` 查明"


def engine_on(store: SqlStore) -> Engine:
    """An engine that has read nothing yet."""
    now = MORNING + DAY
    return Engine(office().ruleset, store=store, program=office().program, clock=lambda: now)


def without(store: SqlStore, position: int) -> Engine:
    """An engine that has read nothing yet, on a journal without the event at a position."""
    query = sa.text("DELETE FROM kaocheng_events WHERE position = :position")
    with store.engine.begin() as connection:
        connection.execute(query, {"position": position})
    return engine_on(store)


@pytest.fixture
def three(store: SqlStore) -> SqlStore:
    """A case with three events, behind which another one begins."""
    engine = engine_on(store)
    for act in (submit, adopt, adopt):
        assert act(engine, "report/1").accepted
    assert submit(engine, "report/2").accepted
    return store


READS: tuple[Callable[[Engine], object], ...] = (
    lambda engine: adopt(engine, "report/1"),
    lambda engine: engine.history("report/1"),
    lambda engine: engine.state("report/1"),
    lambda engine: engine.results("report/1"),
)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_case_that_lacks_an_event_is_refused(three: SqlStore, number: int) -> None:
    """Whether it was the first, the last or another one; other cases go on, and a tick too."""
    engine = without(three, number)
    said = f"event {number} of `report/1` is missing"
    for read in READS:
        with pytest.raises(MissingEventError) as caught:
            read(engine)
        error = caught.value
        assert (f"{said}{ENDS}", said) == (str(error), error.why)
        assert f"`report/1` 的第 {number} 号事件缺失{ENDS_ZH}" == error.zh
        assert ("report/1", number) == (error.case, error.number)

    assert adopt(engine, "report/2").accepted


@pytest.mark.parametrize("position", [1, 2, 3, 4])
def test_a_journal_that_lacks_an_event_is_not_assessed(three: SqlStore, position: int) -> None:
    """Also where it was the last one of all, and the only one of its case."""
    engine = without(three, position)
    for read in (engine.assess, engine.journal, lambda: engine.explain("report/2")):
        with pytest.raises(MissingEventError) as caught:
            read()
        assert f"event {position} of the journal is missing{ENDS}" == str(caught.value)
        assert f"台账的第 {position} 号事件缺失{ENDS_ZH}" == caught.value.zh
        assert (None, position) == (caught.value.case, caught.value.number)


def test_a_case_of_which_nothing_is_left_does_not_begin_again(three: SqlStore) -> None:
    """Its row says that there was something."""
    engine = without(three, 4)
    with pytest.raises(MissingEventError, match="event 1 of `report/2` is missing"):
        submit(engine, "report/2")


def test_what_was_loaded_with_holes_lacks_nothing(store: SqlStore) -> None:
    """Cases of which events never were in this journal go on, until one is removed here."""
    first = Event(
        case="report/1", sequence=3, event="submit", at=MORNING, actor=LI, data={"unit": "unit/a"}
    )
    amended = evolve(first, sequence=6, event="amend", at=MORNING + HOUR, data={"length": 10})
    assert 2 == len(engine_on(store).load([first, amended]).doubts)

    assert submit(engine_on(store), "report/2").accepted
    assert adopt(engine_on(store), "report/1", hours=2).accepted
    numbers = [event.sequence for event in engine_on(store).history("report/1")]
    assert [3, 6, 7] == numbers
    assert 4 == len(engine_on(store).journal().events)

    engine = without(store, 2)
    with pytest.raises(MissingEventError, match="event 4 of `report/1` is missing"):
        engine.state("report/1")
