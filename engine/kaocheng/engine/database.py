"""What an engine needs of a store in a database, beyond keeping events."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, TypedDict

from attrs import frozen

from kaocheng.engine.loading import Loaded, batches
from kaocheng.engine.unit_of_work import Parts, UnitOfWork
from kaocheng.journal.input_format import Progress
from kaocheng.model.events import Event


class Units(Protocol):
    """Gives units of work: to write in, and only to read in."""

    def write(self, *, keep: bool = True) -> AbstractContextManager[UnitOfWork]:
        """A unit of work; with `keep` it is kept if it did something and nothing failed."""

    def read(self) -> AbstractContextManager[UnitOfWork]:
        """A unit of work that sees one state of things and keeps nothing."""


@frozen(kw_only=True)
class Wanted:
    """Which cases of a worklist somebody wants; None wants all."""

    kind: str | None = None
    state: str | None = None
    unit: str | None = None
    due_before: int | None = None
    undetermined: bool = False


class Filters(TypedDict, total=False):
    """The options of `Engine.cases`."""

    kind: str | None
    state: str | None
    unit: str | None
    due_before: int | None
    overdue: bool
    undetermined: bool
    after: str | None
    limit: int


@frozen(kw_only=True)
class Listed:
    """A line of the worklist. `due` is when its earliest deadline that nobody has met is.

    `undetermined` is how many of its deadlines cannot be computed: `due` knows nothing of those.
    """

    case: str
    kind: str
    state: str | None
    unit: str | None
    sequence: int
    as_of: int
    due: int | None
    undetermined: int


@frozen(kw_only=True)
class Bulletin:
    """What was published: of which period, by which event, at which two times, as which text."""

    case: str
    sequence: int
    period: str
    as_of: int
    known_at: int
    language: str
    text: str
    versions: tuple[str, ...]


@frozen(kw_only=True)
class Claimed:
    """Cases with timers that are due: those that were taken, and those under another text.

    The latter are there where all that could be taken was.
    """

    cases: Sequence[str] = ()
    other_text: Sequence[str] = ()


@frozen(kw_only=True)
class Ticked:
    """What a tick did: how many timers it fired, and the cases it had to put off, with why.

    `other_text` are cases on which something is due and that are kept under another text of the
    ruleset, so that it was left to an engine of that text: some of them, once nothing else is due.
    """

    fired: int
    failed: tuple[tuple[str, str], ...] = ()
    other_text: tuple[str, ...] = ()


def load_all(units: Units, events: Iterable[Event], *, on_progress: Progress) -> Loaded:
    """Keep history as it is, many cases a transaction; progress is in events."""
    given = tuple(events)
    count, cases, doubts = 0, 0, []
    for batch in batches(given):
        with units.write() as unit:
            doubts += unit.load(batch)
        count += sum(len(found) for _, found in batch)
        cases += len(batch)
        on_progress(count, len(given))
    return Loaded(events=count, cases=cases, doubts=tuple(doubts))


class Database(ABC):
    """A store in a database, in which acts are transactions."""

    @abstractmethod
    def units(self, parts: Parts) -> Units:
        """Units of work, each a transaction."""

    @abstractmethod
    def bound(self, connection: object) -> Database:
        """The same store inside a transaction that somebody else begins and ends."""

    @abstractmethod
    def over(self, connection: object) -> Database:
        """The same store with transactions of its own on one connection that has none."""

    @abstractmethod
    def reading(self) -> AbstractContextManager[Database]:
        """The same store, of which everything is read in one state of things."""

    @abstractmethod
    def load(self, case: str) -> Sequence[Event]:
        """The events of a case by number; empty for one that does not exist."""

    @abstractmethod
    def cases(self) -> Iterable[str]:
        """The ids of all cases."""

    @abstractmethod
    def worklist(self, wanted: Wanted, *, after: str | None, limit: int) -> tuple[Listed, ...]:
        """The cases that somebody wants, by id, after that one."""

    @abstractmethod
    def claim(
        self, now: int, *, limit: int, kinds: Collection[str], hashes: Sequence[str]
    ) -> Claimed:
        """Take cases that have timers due, so that nobody else does for a while.

        They are of those kinds, and kept under versions of those hashes only.
        """

    @abstractmethod
    def journal(self) -> Sequence[Event]:
        """All events of the tenant in the order in which they were kept."""

    @abstractmethod
    def bulletins(self) -> Sequence[Bulletin]:
        """What has been published, in that order."""

    @abstractmethod
    def put_off(self, case: str, now: int, why: str, *, longer: bool = True) -> None:
        """Leave the timers of a case for later, longer each time, or only while they are claimed.

        In both cases it is said in the log.
        """
