"""Hosts whose clocks differ by up to a minute: what is done now comes after what is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from office_acts import PEOPLE, Act, acts
from office_histories import END

from kaocheng.calendars.numberline import DAY, HOUR, MINUTE, SECOND
from kaocheng.engine import Engine, MemoryStore
from kaocheng.errors import ArgumentError
from kaocheng.model.events import TIMER, Correction
from kaocheng.stores import SqlStore
from kaocheng.testing._store_test import EXPRESS, LI, MORNING, WANG, office

CASE = "report/1"
Store = SqlStore | MemoryStore


class Turn(NamedTuple):
    """What the host whose clock is behind by so much does after a step: a tick, or an act now."""

    behind: int
    step: int
    act: Act | None


ON_ONE_CASE = acts().map(lambda act: act._replace(case=CASE))
STEPS = st.sampled_from([0, SECOND, 30 * SECOND, MINUTE, HOUR, 5 * HOUR])
SUBMITTED = Turn(0, 0, Act(CASE, "submit", PEOPLE[0], {"unit": "unit/a"}))
TURNS = st.builds(Turn, st.sampled_from([0, MINUTE]), STEPS, st.none() | ON_ONE_CASE)
HISTORIES = st.lists(TURNS, min_size=1, max_size=8).map(lambda turns: [SUBMITTED, *turns])


def at(store: Store, clock: Callable[[], int]) -> Engine:
    """The engine of a host."""
    return Engine(office().ruleset, store=store, program=office().program, clock=clock)


def do(engine: Engine, act: Act) -> bool:
    """Do it now."""
    return engine.act(act.case, act.event, actor=act.actor, data=act.data).accepted


def by_two_hosts(store: Store, turns: Sequence[Turn]) -> list[bool]:
    """Which acts are accepted of hosts with clocks of their own."""
    now, clock, accepted = MORNING, MORNING, list[bool]()

    def present() -> int:
        return clock

    engines = {turn.behind: at(store, present) for turn in turns}
    for turn in turns:
        now += turn.step
        clock = now - turn.behind
        engine = engines[turn.behind]
        if isinstance(store, MemoryStore):  # a process that has just read what the others did
            engine = at(store, present)
        if turn.act is not None:
            accepted.append(do(engine, turn.act))
        elif isinstance(store, SqlStore):
            engine.tick(clock)
    return accepted


def by_one_host(store: Store, turns: Sequence[Turn]) -> list[bool]:
    """The same by one host, whose clock says the later of what those say and have recorded."""
    now, clock, accepted = MORNING, MORNING - MINUTE, list[bool]()
    engine = at(store, lambda: clock)
    for turn in turns:
        now += turn.step
        seen = [event.recorded_at or 0 for event in engine.history(CASE)]
        clock = max([now - turn.behind, *seen])
        if turn.act is not None:
            accepted.append(do(engine, turn.act))
        elif isinstance(store, SqlStore):
            engine.tick(now - turn.behind)
    return accepted


def check(*stores: Store) -> None:
    """The case is the same in both, and nobody ever knew of an event and not of an earlier one."""
    one, two = (at(store, lambda: END) for store in stores)
    for engine in (one, two):
        while isinstance(engine.store, SqlStore) and engine.tick(END).fired:
            pass
    events = two.history(CASE)

    assert one.history(CASE) == events
    assert one.case(CASE) == two.case(CASE)
    assert one.state(CASE) == two.state(CASE)
    assert one.results(CASE).as_of == two.results(CASE).as_of
    assert dict(one.results(CASE)) == dict(two.results(CASE))
    for number, event in enumerate(events, start=1):
        known = [found.sequence for found in two.history(CASE, known_at=event.recorded_at)]
        assert list(range(1, number + 1)) == known[:number]


@given(HISTORIES)
def test_two_clocks_are_as_one_in_memory(turns: list[Turn]) -> None:
    """Of acts that are done now, none comes before one that was there when it was done."""
    one, two = MemoryStore(), MemoryStore()

    assert by_one_host(one, turns) == by_two_hosts(two, turns)
    check(one, two)


@given(HISTORIES)
def test_two_clocks_are_as_one_in_a_database(turns: list[Turn]) -> None:
    """The same where timers fire, by ticks and by acts."""
    one, two = SqlStore.open(), SqlStore.open()

    assert by_one_host(one, turns) == by_two_hosts(two, turns)
    check(one, two)


def test_the_act_of_a_host_that_is_behind_is_the_later_one() -> None:
    """It happens when the last event was recorded, and takes effect."""
    store = SqlStore.open()
    first = at(store, lambda: MORNING).act(CASE, "submit", {"unit": "unit/a"}, actor=LI)
    behind = at(store, lambda: MORNING - MINUTE)
    later = behind.act(CASE, "amend", {"length": 2}, actor=WANG, expected_sequence=1)

    assert first.event is not None
    assert later.event is not None
    assert (MORNING, MORNING) == (later.event.at, later.event.recorded_at)
    row = behind.case(CASE)
    assert row is not None
    assert 2 == row["length"]


def test_a_clock_that_is_wrong_takes_nobody_along() -> None:
    """Of what was recorded more than a minute ahead nothing follows."""
    store = SqlStore.open()
    at(store, lambda: MORNING + 1).act(CASE, "submit", {"unit": "unit/a"}, actor=LI)
    later = at(store, lambda: MORNING - MINUTE).act(CASE, "amend", {"length": 2}, actor=WANG)

    assert later.event is not None
    assert (MORNING - MINUTE,) * 2 == (later.event.at, later.event.recorded_at)


def test_what_an_act_says_of_its_times_stays() -> None:
    """A given `at` is kept beside a later `recorded_at`, and a given `recorded_at` is kept too."""
    store, earlier = SqlStore.open(), MORNING - HOUR
    at(store, lambda: MORNING).act(CASE, "submit", {"unit": "unit/a"}, actor=LI)
    behind = at(store, lambda: MORNING - SECOND)
    told = behind.act(CASE, "adopt", EXPRESS, at=earlier, actor=WANG)
    fix = Correction(sequence=2, reason="a slip", data={"outlet": "special_report"})
    mended = behind.act(CASE, "amend", actor=WANG, recorded_at=MORNING - 1, corrects=fix)

    assert told.event is not None
    assert (earlier, MORNING) == (told.event.at, told.event.recorded_at)
    assert mended.event is not None
    assert (MORNING, MORNING - 1) == (mended.event.at, mended.event.recorded_at)


def test_a_timer_is_recorded_no_earlier_than_what_is_there() -> None:
    """Whoever ticks or acts on a host that is behind."""
    store = SqlStore.open()
    at(store, lambda: MORNING).act(
        CASE, "submit", {"unit": "unit/a"}, at=MORNING - 4 * HOUR, actor=LI
    )
    at(store, lambda: MORNING - SECOND).tick(MORNING - SECOND)
    timers = [e for e in at(store, lambda: MORNING).history(CASE) if e.event == TIMER]

    assert [MORNING] == [event.recorded_at for event in timers]


def test_an_act_is_recorded_no_earlier_than_the_timers_that_it_fires() -> None:
    """A clock goes on while it does so."""
    store, now = SqlStore.open(), count(MORNING)
    data, submitted = {"unit": "unit/a"}, MORNING - 4 * HOUR
    engine = at(store, lambda: next(now))
    engine.act(CASE, "submit", data, at=submitted, actor=LI, recorded_at=submitted)
    engine.act(CASE, "adopt", EXPRESS, actor=WANG)
    recorded = [event.recorded_at or 0 for event in engine.history(CASE)]

    assert ["submit", TIMER, "adopt"] == [event.event for event in engine.history(CASE)]
    assert sorted(recorded) == recorded


def test_what_has_not_come_is_not_done() -> None:
    """A tick more than a day ahead of the engine's clock is refused; without a clock it is done."""
    store = SqlStore.open()
    engine = at(store, lambda: MORNING)
    engine.act(CASE, "submit", {"unit": "unit/a"}, actor=LI)
    with pytest.raises(ArgumentError) as caught:
        engine.tick(MORNING + DAY + 1)

    assert "now" == caught.value.argument
    assert str(caught.value) == (
        "`now` is 2009-03-03T09:00:00.000001+08:00, more than a day ahead of the engine's clock"
        " (2009-03-02T09:00:00+08:00); give the present: a timer that has fired stays in the"
        " journal"
    )
    assert caught.value.zh == (
        "`now` 为 2009-03-03T09:00:00.000001+08:00，晚于引擎时钟（2009-03-02T09:00:00+08:00）"
        "一日以上；应给出当前时刻：到期处理一经办理即记入台账"
    )
    assert 1 == engine.sequence(CASE)
    assert 1 == engine.tick(MORNING + DAY).fired
    unclocked = Engine(office().ruleset, store=SqlStore.open(), program=office().program)
    assert 0 == unclocked.tick(END).fired


def test_a_keyed_act_of_a_host_that_is_behind_is_the_same_act() -> None:
    """Under its key it is what was said that counts, not when it was recorded."""
    store = SqlStore.open()
    at(store, lambda: MORNING).act(CASE, "submit", {"unit": "unit/a"}, actor=LI)
    ways = [at(store, lambda: MORNING - SECOND), at(store, lambda: MORNING + HOUR)]
    first, again = (
        engine.act(CASE, "adopt", EXPRESS, actor=WANG, idempotency_key="k") for engine in ways
    )

    assert first.event == again.event
    assert 2 == ways[0].sequence(CASE)
