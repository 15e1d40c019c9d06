"""Where events are kept: a small port, and the store in memory.

A store keeps events and, for acts with an idempotency key, their receipts. Everything
else an engine knows is folded from the events.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from attrs import frozen

from kaocheng.errors import KaochengError
from kaocheng.model.events import Event

Payload = tuple[object, ...]


@frozen
class Receipt:
    """What was asked under an idempotency key, and what came of it."""

    key: str
    payload: Payload
    outcome: object


class ClashError(KaochengError):
    """Another event of the case already has this number: somebody else was faster."""

    def __init__(self, case: str, sequence: int) -> None:
        self.case = case
        self.sequence = sequence
        self.zh = f"`{case}` 已有第 {sequence} 号事件"
        super().__init__(f"`{case}` already has an event {sequence}")


class Store(Protocol):
    """What an engine needs of a store.

    `append` keeps the event and the receipt together or neither, and raises `ClashError`
    where the case already has an event of that number. The transaction, if there is
    one, is the caller's: an engine never commits.
    """

    def load(self, case: str) -> Sequence[Event]:
        """The events of a case; empty for one that does not exist."""

    def append(self, event: Event, receipt: Receipt | None = None) -> None:
        """Keep one more event and, with it, its receipt."""

    def receipt(self, key: str) -> Receipt | None:
        """The receipt of an idempotency key."""

    def cases(self) -> Iterable[str]:
        """The ids of all cases."""


class MemoryStore:
    """Events in a dictionary, for one thread at a time."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self._events: dict[str, dict[int, Event]] = {}
        self._receipts: dict[str, Receipt] = {}
        for event in events:
            self.append(event)

    def load(self, case: str) -> Sequence[Event]:
        """The events of a case, in the order in which they were kept."""
        return tuple(self._events.get(case, {}).values())

    def append(self, event: Event, receipt: Receipt | None = None) -> None:
        """Keep one more event and, with it, its receipt."""
        events = self._events.get(event.case)
        if events is None:
            events = self._events[event.case] = {}
        elif event.sequence in events:
            raise ClashError(event.case, event.sequence)
        events[event.sequence] = event
        if receipt is not None:
            self._receipts[receipt.key] = receipt

    def receipt(self, key: str) -> Receipt | None:
        """The receipt of an idempotency key."""
        return self._receipts.get(key)

    def cases(self) -> Iterator[str]:
        """The ids of all cases, in the order of their first event."""
        return iter(tuple(self._events))
