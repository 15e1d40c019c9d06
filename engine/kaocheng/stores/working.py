"""The worker: does what is due and delivers messages, until it is told to stop.

Any number of workers share one database. Timers are done a few cases a transaction, and after
each batch of timers a worker leaves the database alone for as long as the batch took, so
that acts get their turn in between however much is due.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from attrs import asdict, field, frozen

from kaocheng.arguments import ENGINES, check_clock, check_each
from kaocheng.calendars.numberline import DAY, format_date, format_instant
from kaocheng.delivery import Channel, check_channels
from kaocheng.engine import Engine
from kaocheng.engine.checking import check_limit
from kaocheng.errors import ArgumentError, InputError, StoreError
from kaocheng.language.ruleset import Ruleset
from kaocheng.noting import note
from kaocheng.stores import statements
from kaocheng.stores.codec import hashes_in
from kaocheng.stores.delivering import Delivered, deliver
from kaocheng.stores.sql import SqlStore

if TYPE_CHECKING:
    from sqlalchemy import Connection

AIM = 0.04
"""How many seconds of timers a batch aims at."""

LONGEST_PAUSE = 0.5
"""The longest pause after a batch, in seconds."""

LONGEST_WAIT = 30.0
"""The longest wait for a database that does not answer, in seconds."""

ENDS_SOON = 45
"""So many days before a calendar ends a worker says so, each day.

China publishes the days of the next year in November, so there is an edition to install by then.
"""

_FIRST = 8


@frozen(kw_only=True)
class Batch:
    """What a batch did: timers fired and put off with why, messages, seconds spent on timers."""

    fired: int = 0
    put_off: tuple[tuple[str, str], ...] = ()
    messages: Delivered = field(factory=Delivered)
    seconds: float = 0.0

    @property
    def idle(self) -> bool:
        """Whether there was nothing to do."""
        return not (self.fired or self.put_off or self.messages.done)


@frozen(kw_only=True)
class Waiting:
    """What is due on cases that are kept under another text of a ruleset, and so is left alone.

    `hashes` are those of the versions that the ruleset does not have; `since` is when the first
    of the timers was due.
    """

    ruleset: str
    hashes: tuple[str, ...]
    cases: int
    timers: int
    since: int


class Flag(Protocol):
    """Says when to stop, as `threading.Event` does."""

    def is_set(self) -> bool:
        """Whether to stop."""

    def wait(self, timeout: float) -> object:
        """Wait until then, or for so many seconds."""


class Worker:
    """Works on one store; for one thread.

    Args:
        engines: an engine per ruleset, all on the same store. No two know the same kind.
        channels: where messages go; without one they wait.
        clock: the present, in microseconds since 1970 UTC.
        batch: the most timers, and the most messages, of one batch.

    Raises:
        InputError: two rulesets have a kind of the same name.
        ArgumentError: something is no channel, or two have one name; there is no engine, or not
            all are on one store in a database; or one of the others is something else.
    """

    def __init__(
        self,
        engines: Sequence[Engine],
        channels: Sequence[Channel] = (),
        *,
        clock: Callable[[], int],
        batch: int = 100,
    ) -> None:
        check_channels(channels)
        check_each("engines", engines, Engine, ENGINES)
        check_clock(clock)
        check_limit(batch, "batch")
        self._engines = tuple(engines)
        self._store = _store_of(engines)
        self._channels = tuple(channels)
        self._clock = clock
        self._most = batch
        self._limit = min(_FIRST, batch)

    def batch(self) -> Batch:
        """Do some of what is due now, and deliver some messages."""
        began = time.monotonic()
        ticked = [engine.tick(self._clock(), limit=self._limit) for engine in self._engines]
        seconds = time.monotonic() - began
        fired = sum(one.fired for one in ticked)
        put_off = tuple(failure for one in ticked for failure in one.failed)
        self._adapt(fired + len(put_off), seconds)
        messages = deliver(self._store, self._channels, clock=self._clock, limit=self._most)
        return Batch(fired=fired, put_off=put_off, messages=messages, seconds=seconds)

    def waiting(self) -> tuple[Waiting, ...]:
        """What is due and waits for workers of other texts of the rulesets, by versions."""
        now = self._clock()
        with self._store.place.read() as connection:
            return tuple(
                found
                for engine in self._engines
                for found in _waiting(connection, self._store.tenant, engine.ruleset, now)
            )

    def run(
        self,
        stop: Flag,
        *,
        interval: float = 1.0,
        once: bool = False,
        on_batch: Callable[[Batch], None] = lambda _: None,
    ) -> None:
        """Work until `stop` is set, or with `once` until there is nothing to do.

        The batch in progress is finished. Where there is nothing to do it looks again after
        `interval` seconds. A database that does not answer is tried again, later each time.

        Raises:
            StoreError: the database cannot be used, or with `once` does not answer.
        """
        facts = {"tenant": self._store.tenant}
        note("worker.started", **facts, channels=[channel.name for channel in self._channels])
        wait = interval
        warned: int | None = None
        while not stop.is_set():
            today = self._clock() // DAY
            try:
                if today != warned:
                    _warned(self._engines, today, facts)
                    _left_alone(self.waiting(), facts)
                    warned = today
                batch = self.batch()
            except StoreError as error:
                if once or not error.retry:
                    raise
                note("worker.waiting", **facts, why=error.reason, seconds=wait)
                stop.wait(wait)
                wait = min(max(2 * wait, interval), LONGEST_WAIT)
                continue
            wait = interval
            if batch.idle:
                if once:
                    break
                stop.wait(interval)
            else:
                _noted(batch, facts)
                on_batch(batch)
                stop.wait(min(batch.seconds, LONGEST_PAUSE))
        note("worker.stopped", **facts)

    def _adapt(self, done: int, seconds: float) -> None:
        """Take more timers next time where that was quick, and fewer where it was slow."""
        if seconds > AIM:
            self._limit = max(1, self._limit // 2)
        elif done >= self._limit and seconds < AIM / 2:
            self._limit = min(self._most, 2 * self._limit)


def _store_of(engines: Sequence[Engine]) -> SqlStore:
    """The one store of all engines."""
    stores = {id(engine.store): engine.store for engine in engines}
    store = next(iter(stores.values()), None)
    if len(stores) != 1 or not isinstance(store, SqlStore):
        why = "must be at least one, and all on one store in a database"
        raise ArgumentError("engines", why, zh="至少应有一个，且须在同一数据库存储上")
    known: set[str] = set()
    for engine in engines:
        kinds = engine.ruleset.kinds
        for kind in sorted(kinds & known):
            raise InputError(
                engine.ruleset.name,
                f"another of the rulesets has the kind `{kind}` too, so nobody knows whose it is",
                zh=f"另一规则集也有类别 `{kind}`，无法确定归属",
            )
        known |= kinds
    return store


def _warned(engines: Sequence[Engine], today: int, facts: dict[str, str]) -> None:
    """Say which calendars end soon: whoever installs the next edition needs some time."""
    for engine in engines:
        last = {edition.name: edition.last_day for edition in engine.ruleset.editions_on(today)}
        for name, day in last.items():
            if day - today <= ENDS_SOON:
                said = {"ruleset": engine.ruleset.name, "calendar": name}
                note("calendar.ending", **facts, **said, last_day=format_date(day))


def _waiting(connection: Connection, tenant: str, ruleset: Ruleset, now: int) -> Iterator[Waiting]:
    """What is due on cases of a ruleset's kinds that are kept under versions that it lacks."""
    ours = tuple(version.hash for version in ruleset.versions)
    query = statements.waiting(tuple(sorted(ruleset.kinds)), ours)
    for versions, cases, timers, since in connection.execute(query, {"tenant": tenant, "now": now}):
        others = tuple(sorted((hashes_in(versions) or frozenset()).difference(ours)))
        yield Waiting(ruleset=ruleset.name, hashes=others, cases=cases, timers=timers, since=since)


def _left_alone(waiting: Iterable[Waiting], facts: dict[str, str]) -> None:
    """Say what is due that no worker of these rulesets does: somebody has to migrate."""
    for found in waiting:
        said = asdict(found) | {"since": format_instant(found.since)}
        note("timer.other_text", **facts, **said)


def _noted(batch: Batch, facts: dict[str, str]) -> None:
    said = batch.messages
    note(
        "worker.batch",
        **facts,
        fired=batch.fired,
        put_off=len(batch.put_off),
        delivered=said.delivered,
        reached=said.reached,
        failed=said.failed,
        given_up=said.given_up,
        stale=said.stale,
    )
