"""Two engines on one database, driven at random against a model in memory.

The model is a fold of the events that the database says were accepted; it has no timers, no tables
and no caches.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from office_acts import DATES, Act, acts

from kaocheng.calendars.numberline import HOUR, MINUTE
from kaocheng.engine import Engine, Outcome
from kaocheng.model.events import Event
from kaocheng.stores import SqlStore
from kaocheng.testing._store_test import MORNING, office
from kaocheng.testing.durable import Kept

if TYPE_CHECKING:
    import sqlalchemy as sa

ENGINES = st.integers(0, 1)
ACTS = acts(correcting=True)
TIMES = st.one_of(st.none(), st.none(), DATES, st.integers(0, 60).map(lambda h: MORNING + h * HOUR))


class TwoEngines(RuleBasedStateMachine):
    """What two engines do to one database, in turns."""

    keyed = Bundle("keyed")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="kaocheng-machine-"))
        self.url = f"sqlite:///{self.folder}/cases.db"
        self.now = MORNING
        self.accepted: list[Event] = []
        self.engines: list[Engine] = []

    @initialize()
    def open(self) -> None:
        """Two engines, each with a store of its own."""
        self.engines = [self._opened(), self._opened()]

    def _opened(self) -> Engine:
        store = SqlStore.open(self.url)
        with store.engine.connect() as connection:
            connection.connection.driver_connection.execute("PRAGMA synchronous=OFF")  # type: ignore[union-attr]
        return Engine(office().ruleset, store=store, program=office().program, clock=self._clock)

    def _clock(self) -> int:
        return self.now

    @rule(number=ENGINES, act=ACTS, at=TIMES)
    def act(self, number: int, act: Act, at: int | str | None) -> None:
        """Something is done, now or entered for another time."""
        outcome = act.by(self.engines[number], self.now if at is None else at)
        self._seen(number, act, outcome)

    @rule(target=keyed, number=ENGINES, act=ACTS)
    def act_under_key(self, number: int, act: Act) -> tuple[str, Act, int, Outcome]:
        """Something is done under a key that is new."""
        key = f"key {len(self.accepted)} {self.now} {act.case} {act.event}"
        outcome = act.by(self.engines[number], self.now, key)
        return key, act, self.now, outcome

    @rule(number=ENGINES, kept=keyed)
    def act_again(self, number: int, kept: tuple[str, Act, int, Outcome]) -> None:
        """The same again under its key: its first outcome, if it was accepted."""
        key, act, at, first = kept
        if not first.accepted:
            return
        before = self._kept()
        again = act.by(self.engines[number], at, key)

        assert first.event == again.event
        assert first.decision == again.decision
        assert dict(first.results) == dict(again.results)
        assert [first.findings, first.entries, first.notices] == [
            again.findings,
            again.entries,
            again.notices,
        ]
        assert before == self._kept()

    @rule(number=ENGINES, act=ACTS)
    def look_ahead(self, number: int, act: Act) -> None:
        """A dry run keeps nothing, and its outcome is that of the act."""
        before = self._kept()
        engine = self.engines[number]
        dry = engine.act(
            act.case,
            act.event,
            at=self.now,
            actor=act.actor,
            data=act.data,
            corrects=act.corrects,
            dry_run=True,
        )
        assert before == self._kept()
        wet = act.by(engine, self.now)

        assert dry.decision == wet.decision
        assert dry.event == wet.event
        assert dict(dry.results) == dict(wet.results)

    @rule(minutes=st.integers(0, 40).map(lambda quarters: 15 * quarters))
    def wait(self, minutes: int) -> None:
        """Time goes by."""
        self.now += minutes * MINUTE

    @rule(number=ENGINES, limit=st.integers(1, 3))
    def tick(self, number: int, limit: int) -> None:
        """Somebody looks at the clock."""
        ticked = self.engines[number].tick(self.now, limit=limit)

        assert () == ticked.failed

    @rule(number=ENGINES, many=st.lists(ACTS, min_size=1, max_size=3), commits=st.booleans())
    def act_for_caller(self, number: int, many: list[Act], commits: bool) -> None:  # noqa: FBT001
        """Some acts in the caller's transaction, who commits it or not."""
        before = self._kept()
        engine = self.engines[number]
        with _database(engine).connect() as connection:
            transaction = connection.begin()
            bound = engine.bind(connection)
            for act in many:
                act.by(bound, self.now)
            bound.tick(self.now, limit=1)
            assert connection.in_transaction()
            if commits:
                transaction.commit()
            else:
                transaction.rollback()
        if not commits:
            assert before == self._kept()

    @rule(number=ENGINES)
    def open_again(self, number: int) -> None:
        """An engine goes, and another one comes."""
        _database(self.engines[number]).dispose()
        self.engines[number] = self._opened()

    @precondition(lambda self: self.engines)
    @invariant()
    def engines_agree_with_the_model(self) -> None:
        """Every case reads the same in both engines and in the model."""
        events = self._kept().events
        assert self.accepted == list(events[: len(self.accepted)])
        self.accepted = list(events)
        for case, record in office().auditor.fold(events).items():
            for engine in self.engines:
                assert record.state.state == engine.state(case)
                assert record.state.sequence == engine.sequence(case)
                assert record.row == getattr(engine.case(case), "row", record.row)
                assert dict(record.case_results) == dict(engine.results(case))
                assert record.as_of == engine.results(case).as_of

    def _seen(self, number: int, act: Act, outcome: Outcome) -> None:
        engine = self.engines[number]

        assert outcome.state == engine.state(act.case)
        if outcome.event is not None:
            assert outcome.event.sequence == engine.sequence(act.case)
            assert dict(outcome.results) == dict(engine.results(act.case))

    def _kept(self) -> Kept:
        with _database(self.engines[0]).begin() as connection:
            return Kept.read(connection, "default")

    def teardown(self) -> None:
        """Every table is what the journal says; close everything."""
        if self.engines:
            assert [] == list(office().auditor.check(self._kept()))
        for engine in self.engines:
            _database(engine).dispose()
        shutil.rmtree(self.folder)


def _database(engine: Engine) -> sa.Engine:
    store: Any = engine.store
    found: sa.Engine = store.engine
    return found


TestTwoEngines = TwoEngines.TestCase
PROFILE = settings()
TestTwoEngines.settings = settings(
    PROFILE, max_examples=max(PROFILE.max_examples // 4, 10), stateful_step_count=20
)
