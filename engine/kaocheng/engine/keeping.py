"""What a unit of work needs of where cases are kept, and what it gives there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from attrs import frozen

from kaocheng.engine.cases import Lookup, Record
from kaocheng.engine.migrating import Told
from kaocheng.engine.outcome import Outcome, Row
from kaocheng.engine.refusing import Refused
from kaocheng.engine.store import Payload, Receipt
from kaocheng.engine.timers import Timer
from kaocheng.lifecycle import Refusal
from kaocheng.model.events import Event

if TYPE_CHECKING:
    from kaocheng.engine.database import Bulletin


@frozen
class Keyed:
    """An act under an idempotency key."""

    key: str
    payload: Payload

    def earlier(self, keeper: Keeper) -> Outcome | None:
        """The outcome that the same act had before under the same key."""
        receipt = keeper.receipt(self.key)
        if receipt is None:
            return None
        if receipt.payload != self.payload or not isinstance(receipt.outcome, Outcome):
            raise Refused(Refusal("key_reused", {"key": self.key}))
        return receipt.outcome

    def receipt(self, outcome: Outcome) -> Receipt:
        """What is kept of it."""
        return Receipt(self.key, self.payload, outcome)


@frozen
class LastResults:
    """What online rules said of a case: the rows of those that were asked for, and the timers."""

    rows: Mapping[int, Sequence[Row]]
    timers: Collection[Timer]


class Change:
    """One event as it is kept: the records before and after it, and what else it changed.

    `parents` are the cases that read this one as a child, each before and after. `told` is
    what other rules said of it before, where these have changed.
    """

    __slots__ = ("before", "event", "outcome", "parents", "receipt", "record", "told")

    def __init__(
        self, event: Event, before: Record, record: Record, told: Told | None = None
    ) -> None:
        self.event = event
        self.before = before
        self.record = record
        self.told = told
        self.outcome: Outcome
        self.parents: Sequence[tuple[Record, Record]] = ()
        self.receipt: Receipt | None = None


class Keeper(Protocol):
    """What a unit of work needs of where cases are kept.

    `lookup` finds the cases of a kind by a column; without one the unit keeps that itself.
    """

    @property
    def lookup(self) -> Lookup | None:
        """Finds children, or nothing."""

    def load(self, case: str) -> Sequence[Event]:
        """The events of a case; empty for one that does not exist."""

    def recall(self, case: str) -> Record | None:
        """The record of a case as it is kept, if there is a copy that is still true."""

    def last_results(self, record: Record) -> LastResults | None:
        """What the rules of a case that read others said when it was assessed last, if known."""

    def other_text(self, case: str) -> Sequence[str]:
        """The hashes of versions under which a case is kept and that this text has not."""

    def elsewhere(self) -> Iterable[str]:
        """The cases of this ruleset's kinds that are kept under versions this text has not."""

    def digest(self, case: str) -> str:
        """A digest of what the rules of a case said last; nothing where that is not kept."""

    def due(self, case: str, before: int) -> Sequence[tuple[int, tuple[str, ...]]]:
        """The timers of a case that are due before an instant: when, and of which rules."""

    def forget(self, case: str, at: int) -> None:
        """Drop the timers of a case and an instant: they have become stale."""

    def keep(self, change: Change) -> None:
        """Keep an event and all that it changed, or nothing; raises `ClashError`."""

    def take(
        self,
        events: Sequence[Event],
        steps: Sequence[Record],
        parents: Sequence[tuple[Record, Record]],
    ) -> None:
        """Keep events of the past, the case being before them and after each; as `keep`."""

    @property
    def position(self) -> int:
        """How many events there are of all cases."""

    def journal(self) -> Sequence[Event]:
        """All of them, in the order in which they were kept."""

    def link(self, steps: Sequence[Record], *, anew: bool) -> None:
        """Keep which cases a case names after each of its events; `anew` forgets what was kept."""

    def publish(self, bulletin: Bulletin) -> None:
        """Keep what was published."""

    def bulletin(self, case: str, sequence: int) -> Bulletin | None:
        """What was published by an event."""

    def seal(self, payload: Payload) -> Payload:
        """What is compared of the payload of an act under an idempotency key."""

    def receipt(self, key: str) -> Receipt | None:
        """The receipt of an idempotency key."""
