"""Units of work in memory: one for as long as the engine lives."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType

from kaocheng.engine.cases import Lookup, Record
from kaocheng.engine.database import Bulletin
from kaocheng.engine.keeping import Change, LastResults
from kaocheng.engine.store import Payload, Receipt, Store
from kaocheng.engine.unit_of_work import Parts, UnitOfWork
from kaocheng.errors import UnsupportedError
from kaocheng.model.events import Event


def in_memory(what: str) -> UnsupportedError:
    """Why an engine in memory cannot do what needs a database."""
    why = "this engine keeps its cases in memory; give it a store in a database"
    zh = "此引擎的事项只在内存中；请为其配置数据库存储"
    return UnsupportedError(what, "engine", why, zh=zh)


class MemoryKeeper:
    """Keeps events in a store that nobody else writes to; nothing but events is kept."""

    lookup: Lookup | None = None

    def __init__(self, store: Store) -> None:
        self._store = store

    def load(self, case: str) -> Sequence[Event]:
        """The events of a case."""
        return self._store.load(case)

    def recall(self, case: str) -> Record | None:  # noqa: ARG002 - as keepers are asked
        """Nothing: the unit of work has it itself."""
        return None

    def last_results(self, record: Record) -> LastResults | None:  # noqa: ARG002 - as keepers are asked
        """Nothing: the unit of work has it itself."""
        return None

    def other_text(self, case: str) -> Sequence[str]:  # noqa: ARG002 - as keepers are asked
        """None: results are not kept, so they are always those of this text."""
        return ()

    def elsewhere(self) -> Sequence[str]:
        """None: results are not kept."""
        return ()

    def digest(self, case: str) -> str:  # noqa: ARG002 - as keepers are asked
        """None: nothing is kept but events."""
        return ""

    def due(self, case: str, before: int) -> Sequence[tuple[int, tuple[str, ...]]]:  # noqa: ARG002
        """Nothing: there are no timers in memory."""
        return ()

    def forget(self, case: str, at: int) -> None:
        """There are no timers in memory."""

    def keep(self, change: Change) -> None:
        """Keep the event and its receipt."""
        if change.receipt is None:
            self._store.append(change.event)
        else:
            self._store.append(change.event, change.receipt)

    def take(
        self,
        events: Sequence[Event],
        steps: Sequence[Record],  # noqa: ARG002 - only events are kept
        parents: Sequence[tuple[Record, Record]],  # noqa: ARG002
    ) -> None:
        """Keep the events."""
        for event in events:
            self._store.append(event)

    @property
    def position(self) -> int:
        """How many events there are."""
        return len(self.journal())

    def journal(self) -> Sequence[Event]:
        """All events, case by case."""
        return [event for case in self._store.cases() for event in self._store.load(case)]

    def link(self, steps: Sequence[Record], *, anew: bool) -> None:
        """The unit of work knows it itself."""

    def publish(self, bulletin: Bulletin) -> None:  # noqa: ARG002 - as keepers are asked
        """A bulletin is kept in databases only."""
        raise in_memory("publish")

    def bulletin(self, case: str, sequence: int) -> Bulletin | None:  # noqa: ARG002
        """None: they are kept in databases only."""
        return None

    def seal(self, payload: Payload) -> Payload:
        """The payload itself."""
        return payload

    def receipt(self, key: str) -> Receipt | None:
        """The receipt of an idempotency key."""
        return self._store.receipt(key)


class _DryKeeper(MemoryKeeper):
    """Shows what is kept, with the records of a unit of work, and keeps nothing."""

    def __init__(self, store: Store, unit: UnitOfWork) -> None:
        super().__init__(store)
        self._unit = unit

    def recall(self, case: str) -> Record | None:
        """The record as that unit has it."""
        return self._unit.known(case)

    def keep(self, change: Change) -> None:
        """Keep nothing."""


class MemoryUnits:
    """Gives the same unit of work every time; for a dry run, one of its own."""

    def __init__(self, parts: Parts, store: Store) -> None:
        self._parts = parts
        self._store = store
        self._unit = UnitOfWork(parts, MemoryKeeper(store), store.cases())

    def write(self, *, keep: bool = True) -> AbstractContextManager[UnitOfWork]:
        """The unit of work, in which a refused act has changed nothing."""
        if keep:
            return self
        return nullcontext(
            UnitOfWork(self._parts, _DryKeeper(self._store, self._unit), self._store.cases())
        )

    def read(self) -> MemoryUnits:
        """The same unit of work."""
        return self

    def __enter__(self) -> UnitOfWork:
        return self._unit

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        pass
