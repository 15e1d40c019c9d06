"""Histories of the office, and what a store keeps once one has been played on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from attrs import evolve
from hypothesis import strategies as st
from office_acts import DATES, STEPS, Act, acts

from kaocheng.calendars.numberline import HOUR, MINUTE
from kaocheng.engine import Engine
from kaocheng.model.events import TIMER, Event
from kaocheng.stores import SqlStore
from kaocheng.testing._store_test import MORNING, office
from kaocheng.testing.durable import Kept

END = MORNING + 400 * HOUR


class Moment(NamedTuple):
    """An act, how long after the one before, and the ticks in between: when, of how much."""

    act: Act
    step: int
    ticks: Sequence[tuple[int, int]] = ()
    entered: int | str | None = None


TICKS = st.lists(st.tuples(st.integers(0, 5), st.integers(1, 3)), max_size=2)
IN_ORDER = st.lists(st.builds(Moment, acts(), STEPS, TICKS, st.none()), min_size=1, max_size=12)
IN_ANY = st.lists(
    st.builds(
        Moment,
        acts(correcting=True),
        STEPS,
        TICKS,
        st.one_of(
            st.none(),
            STEPS.map(lambda step: MORNING + step),
            DATES,
            st.just("unknown"),
        ),
    ),
    min_size=1,
    max_size=10,
)


class Played:
    """A history that was played on a store of its own; with `end` all that is due then is done."""

    def __init__(self, history: Sequence[Moment], *, ticking: bool, end: bool = True) -> None:
        self.store = SqlStore.open()
        self.now = MORNING
        self.engine = Engine(
            office().ruleset, store=self.store, program=office().program, clock=lambda: self.now
        )
        self.accepted = [self._play(moment, ticking=ticking) for moment in history]
        if not end:
            return
        self.now = END
        while self.engine.tick(END, limit=100 if ticking else 2).fired:
            pass

    def _play(self, moment: Moment, *, ticking: bool) -> bool:
        began = self.now
        for sixth, limit in sorted(moment.ticks) if ticking else ():
            self.now = began + moment.step * sixth // 6 + MINUTE if moment.step else began
            self.engine.tick(self.now, limit=limit)
        self.now = began + moment.step
        at = self.now if moment.entered is None else moment.entered
        return moment.act.by(self.engine, at).accepted

    def kept(self) -> Kept:
        """All rows."""
        with self.store.engine.begin() as connection:
            assert [] == office().auditor.faults(connection, "default")
            return Kept.read(connection, "default")

    def journal(self) -> list[Event]:
        """The events by case, those of timers without when they were recorded."""
        return [
            evolve(event, recorded_at=None) if event.event == TIMER else event
            for event in self.engine.journal().events
        ]


def without(kept: Kept, table: str, *columns: str) -> list[dict[str, object]]:
    """The rows of a table without some columns."""
    return [
        {name: value for name, value in row.items() if name not in columns}
        for row in kept.rows[table]
    ]
