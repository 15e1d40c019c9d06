"""Whether messages that nobody has got yet say what the journal says.

A message that is gone says nothing, and one that was delivered may be dropped: so each is asked
whether it may be there, and none is missed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from kaocheng.calendars.numberline import format_instant
from kaocheng.engine.cases import Record
from kaocheng.engine.following import SINGLE, said_of
from kaocheng.engine.telling import Said
from kaocheng.journal.json_text import compact
from kaocheng.journal.texts import Message
from kaocheng.model.events import MIGRATION, Event
from kaocheng.plan.algebra import UNDETERMINED
from kaocheng.stores.codec import Messages
from kaocheng.stores.differing import OUTBOX, Difference, differs
from kaocheng.stores.past import Looking, Tables

NOTHING_HAPPENED = Message(
    "nothing_happened",
    "there is a message {column}, but the journal has no event there",
    "存有消息 {column}，而台账中没有相应的事件",
)
TOLD_OTHERWISE = Message(
    "told_otherwise",
    "the message {column} does not say what the journal says",
    "消息 {column} 的内容与台账不符",
)

_TRIED = 1_000  # so many events of children are looked at
_COLLECTIONS = {single: told for told, single in SINGLE.items()} | {UNDETERMINED: UNDETERMINED}

Own = Mapping[int, Event]
"""The events of a case by their positions."""


class Retelling:
    """Tells again what was told of a case, one message at a time."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._then: tuple[int, Looking] | None = None

    def differences(
        self, case: str, own: Own, rows: Sequence[Mapping[str, Any]]
    ) -> Iterator[Difference]:
        """The messages about a case that are not what the journal says."""
        migrated = [place for place, event in own.items() if event.event == MIGRATION]
        for row in rows:
            position, number = row["position"], row["number"]
            place = f"{position}/{number}"
            found = self._tables.event_at(position)
            if found is None:
                yield differs(NOTHING_HAPPENED, OUTBOX, case, column=place)
                continue
            event, digest = found
            told = _told(row["message"], case, (event, position, number, digest))
            # What was told under another text before a migration is not known any more.
            is_ours = position > max(migrated, default=0)
            if told is None or (is_ours and not self._may_say(told, case, event, position, own)):
                yield differs(TOLD_OTHERWISE, OUTBOX, case, column=place)

    def _may_say(
        self, told: Mapping[str, object], case: str, event: Event, position: int, own: Own
    ) -> bool:
        kind = str(told["type"]).removeprefix("kaocheng.")
        tellable = self._tellable(kind, case, event, position, own)
        return any(told["data"] == json.loads(said) for said in tellable)

    def _tellable(
        self, kind: str, case: str, event: Event, position: int, own: Own
    ) -> Iterator[Said]:
        """What may be said of a case by that kind of message, because of that event."""
        record = self._at(position).known(case)
        single, _, withdrawn = kind.partition(".")
        if record is None:
            return
        if kind == "event" and event.case == case:
            yield said_of(event, record)
        if single not in _COLLECTIONS:
            return
        rows = self._rows(record, single)
        if not withdrawn:
            yield from rows
            return
        # What had been said before may be of when the case itself changed last, or a child of it.
        earlier = max((place for place in own if place < position), default=0)
        children = self._tables.named_by(case)
        since = self._tables.positions_after(children, earlier) if children else ()
        places = (place for place in reversed(since) if place < position)
        for place in dict.fromkeys((position - 1, earlier, *islice(places, _TRIED))):
            before = Looking(self._tables, place).known(case)
            if before is not None:
                yield from (row for row in self._rows(before, single) if row not in rows)

    def _rows(self, record: Record, single: str) -> list[Said]:
        return self._tables.folder.teller.collected(record, _COLLECTIONS[single])

    def _at(self, position: int) -> Looking:
        if self._then is None or self._then[0] != position:
            self._then = position, Looking(self._tables, position)
        return self._then[1]


def _told(text: object, case: str, at: tuple[Event, int, int, str]) -> Mapping[str, object] | None:
    """A message that is one, of that place, event and case."""
    event, position, number, digest = at
    try:
        message = json.loads(str(text))
        time = message["time"] if event.recorded_at is None else format_instant(event.recorded_at)
        texts = Messages(str(message["source"]), position, digest, str(time))
        kind = str(message["type"]).removeprefix("kaocheng.")
        wanted = json.loads(texts.text(number, kind, case, compact(message["data"])))
    except (ValueError, KeyError, TypeError):
        return None
    return wanted if wanted == message else None
