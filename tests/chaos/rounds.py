"""Rounds of a story: processes act, are killed and start again, and everything is checked.

A *story* is one tenant from its first act until all is done and delivered. Whom to kill,
when, with which faults, follows from the story's seed; when exactly a process is where,
does not, so the same seed tries the same again and again, but not to the microsecond.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from acting import MINUTE, START
from attrs import define, field, frozen
from checking import check, undelivered
from databases import Place
from faults import FAULTS, Fault
from processes import Life, Role, Setting, block, bring, start, work, write
from rules import Rules
from watching import COMMITTING, INSIDE, NOW, Board

from kaocheng.engine import Engine
from kaocheng.stores import SqlStore

WRITERS = 3
ROUNDS = 4
KILLS = 8  # of one process in a round, beside the end of all of them
AIMED = 0.8
PAUSE = 0.3  # at most, before each of them
_YEAR = 366 * 1440 * MINUTE


@define
class Totals:
    """What a run has seen so far."""

    rounds: int = 0
    kills: int = 0
    inside: int = 0
    committing: int = 0
    crashes: int = 0
    errors: Counter[str] = field(factory=Counter)
    told: int = 0
    fired: int = 0
    lost: list[str] = field(factory=list)
    doubled: list[str] = field(factory=list)
    wrong: list[str] = field(factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.lost or self.doubled or self.wrong)


@frozen
class _Running:
    """A process that lives, and the place where it shows itself."""

    name: str
    role: Role
    place: int
    pid: int


class Story:
    """One tenant, from its first act to its end."""

    def __init__(self, rules: Rules, place: Place, seed: int, folder: Path, totals: Totals) -> None:
        self._random = random.Random(seed)
        self._database = place
        self._totals = totals
        self._setting = Setting(rules=rules, url=place.url, tenant=f"t{seed}", folder=folder)
        roles: list[tuple[str, Role]] = [(f"writer-{n}", write) for n in range(WRITERS)]
        self._roles = [*roles, ("worker", work), ("deliverer", bring), ("blocker", block)]
        self._board = Board(len(self._roles) + 1)
        self._clock = self._board.slot(len(self._roles))
        self._clock[NOW] = START
        self._running: list[_Running] = []

    def rounds(self) -> Iterator[int]:
        """Play round after round; gives how many were killed."""
        try:
            for number in range(ROUNDS):
                before = self._totals.kills
                self._round(number)
                yield self._totals.kills - before
                if not self._totals.is_clean:
                    return
            self._finish()
        finally:
            for one in self._running:
                os.kill(one.pid, signal.SIGKILL)
                os.waitpid(one.pid, 0)

    def _round(self, number: int) -> None:
        random_ = self._random
        blocked = number % 2
        for place in range(len(self._roles) - 1 + blocked):
            self._start(place)
        crash_at = random_.randrange(KILLS)
        for turn in range(KILLS):
            time.sleep(random_.random() * PAUSE)
            if turn == crash_at and number % 2 and self._database.crash():
                self._totals.crashes += 1
            one = self._aimed()
            self._kill(one)
            self._start(one.place)
        time.sleep(random_.random() * PAUSE)
        while self._running:
            self._kill(self._aimed())
        self._totals.rounds += 1
        self._database.wait()
        self._check()

    def _finish(self) -> None:
        """What was begun is asked for again, what is due is done, and all is delivered."""
        for place in range(WRITERS):
            self._let_end(place)
        store = SqlStore.open(self._setting.url, tenant=self._setting.tenant)
        rules, later = self._setting.rules, self._clock[NOW] + _YEAR
        engine = Engine(rules.ruleset, store=store, program=rules.program)
        while fired := engine.tick(later, limit=1_000).fired:
            self._totals.fired += fired
        store.close()
        self._clock[NOW] = later
        self._let_end(WRITERS + 1)
        self._totals.wrong += undelivered(self._setting)
        self._totals.told += self._check()
        self._totals.errors.update(self._met())

    def _start(self, place: int, *, only: int | None = None) -> _Running:
        name, role = self._roles[place]
        random_, slot = self._random, self._board.slot(place)
        slot.where = 0
        fault: Fault = "none" if role is block or only is not None else random_.choice(FAULTS)
        life = Life(
            setting=self._setting,
            name=name,
            seed=str(random_.random()),
            slot=slot,
            clock=self._clock,
            fault=fault,
            only=only,
        )
        one = _Running(name, role, place, start(role, life))
        self._running.append(one)
        return one

    def _let_end(self, place: int) -> None:
        one = self._start(place, only=1)
        os.waitpid(one.pid, 0)
        self._running.remove(one)

    def _aimed(self) -> _Running:
        """Whom to kill: mostly who is inside a transaction, or in its commit; else anybody."""
        random_ = self._random
        anybody = random_.choice(self._running)
        wanted = random_.choice([(INSIDE, COMMITTING), (COMMITTING,)])
        if random_.random() > AIMED:
            return anybody
        end = time.perf_counter() + 0.5
        while time.perf_counter() < end:
            for one in self._running:
                if one.role is not block and self._board.slot(one.place).where in wanted:
                    _wait(random_.random() * 0.0005)
                    return one
        return anybody

    def _kill(self, one: _Running) -> None:
        slot = self._board.slot(one.place)
        self._running.remove(one)
        os.kill(one.pid, signal.SIGKILL)
        os.waitpid(one.pid, 0)
        if one.role is not block:
            self._totals.kills += 1
            self._totals.inside += slot.where in (INSIDE, COMMITTING)
            self._totals.committing += slot.where == COMMITTING

    def _check(self) -> int:
        found = check(self._setting, WRITERS)
        totals = self._totals
        totals.lost += found.lost
        totals.doubled += found.doubled
        totals.wrong += found.wrong
        return found.told

    def _met(self) -> Iterator[str]:
        """What the database answered, in a few words each."""
        path = self._setting.log("met")
        for line in path.read_text().splitlines() if path.exists() else ():
            yield next((words for part, words in _ANSWERS if part in line), "other")


_ANSWERS = (
    ("nobody can say", "in a commit, uncertain"),
    ("is locked", "locked"),
    ("lock timeout", "locked"),
    ("is full", "disk full"),
    ("disk I/O error", "no space left for the file"),
    ("too large", "no space left for the file"),
    ("recovery mode", "server starting"),
    ("starting up", "server starting"),
    ("connection", "server gone"),
)


def _wait(seconds: float) -> None:
    """Wait without giving the processor away, which would take longer."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass
