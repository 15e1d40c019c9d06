"""Whether what a database keeps for a tenant is what its journal says: every row, made anew.

`faults` reads the tables with plain statements, folds the journal in memory, lets everything
happen once more and compares. It shares the decision core with the stores, and of their code
only what lays a row beside a record (`kaocheng.stores.differing`). Unlike `kaocheng audit verify`
it demands every message, and rows that are what the journal says now.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

import sqlalchemy as sa
from attrs import frozen

from kaocheng.calendars.numberline import EVENT_INSTANTS, format_date
from kaocheng.calendars.zones import Zones
from kaocheng.engine.cases import Record
from kaocheng.engine.folding import Folder
from kaocheng.engine.following import messages_of
from kaocheng.engine.keeping import Change
from kaocheng.engine.memory import MemoryKeeper
from kaocheng.engine.migrating import SAME, MigrationPlan, Verdict
from kaocheng.engine.store import MemoryStore
from kaocheng.engine.unit_of_work import Parts, UnitOfWork
from kaocheng.evaluate.python import Program, compile_plan
from kaocheng.journal.lines import read_event
from kaocheng.language.ruleset import Ruleset
from kaocheng.model.events import MIGRATION, PUBLICATION, TIMER, Event
from kaocheng.stores.differing import (
    Difference,
    case_differences,
    link_differences,
    links_in,
    links_of,
    timer_differences,
)

TABLES = ("tenants", "events", "cases", "links", "timers", "receipts", "outbox", "bulletins")
"""The tables that hold something of a tenant, without `kaocheng_`."""

Rows = Sequence[Mapping[str, object]]


@frozen(kw_only=True)
class Kept:
    """All rows that a database has of a tenant, by table."""

    rows: Mapping[str, Rows]

    @classmethod
    def read(cls, connection: sa.Connection, tenant: str) -> Kept:
        """Read them all, in the order of their keys."""
        return cls(rows={table: _rows(connection, table, tenant) for table in TABLES})

    @property
    def events(self) -> tuple[Event, ...]:
        """The events in the order in which they were kept."""
        return tuple(read_event(json.loads(str(row["line"]))) for row in self.rows["events"])


def _rows(connection: sa.Connection, table: str, tenant: str) -> Rows:
    query = sa.text(f"SELECT * FROM kaocheng_{table} WHERE tenant = :tenant")  # noqa: S608 - ours
    rows = connection.execute(query, {"tenant": tenant}).mappings().all()
    found = [dict(row) for row in rows]
    order = (
        "position",
        "number",
        "case",
        "rule",
        "at",
        "key",
        "kind",
        "column",
        "value",
        "sequence",
    )
    return sorted(found, key=lambda row: [_sortable(row.get(name)) for name in order])


def _sortable(value: object) -> tuple[bool, int, str]:
    return (value is None, value if isinstance(value, int) else 0, str(value))


class Auditor:
    """Knows a ruleset, and says what is wrong with what a database keeps under it."""

    def __init__(self, ruleset: Ruleset, program: Program | None = None) -> None:
        self._zones = Zones()
        self._program = program or compile_plan(ruleset.plan, zones=self._zones)
        self._folder = Folder(ruleset, self._program, self._zones)

    def faults(self, connection: sa.Connection, tenant: str) -> list[str]:
        """Everything that is wrong, a sentence each; nothing where all is as it should be."""
        return list(self.check(Kept.read(connection, tenant)))

    def check(self, kept: Kept) -> Iterator[str]:
        """The same of rows that have been read."""
        yield from _chain_faults(kept)
        events = kept.events
        yield from _order_faults(events)
        records = self.fold(events)
        yield from self._case_faults(kept, records)
        yield from self._timer_faults(kept, records)
        yield from self._link_faults(kept, events)
        told = {int(str(row["position"])) for row in kept.rows["outbox"]}
        yield from self._message_faults(kept, self.replay(events, told), told)

    def fold(self, events: Sequence[Event]) -> Mapping[str, Record]:
        """The record of every case, from its events alone."""
        store = MemoryStore(events)
        parts = Parts(folder=self._folder, clock=None)
        unit = UnitOfWork(parts, MemoryKeeper(store), store.cases())
        found = {case: unit.known(case) for case in store.cases()}
        return {case: record for case, record in found.items() if record is not None}

    def replay(
        self, events: Sequence[Event], told: Collection[int] | None = None
    ) -> Mapping[int, Change]:
        """What each event changed, by its position, if all of them happen again in this order.

        Those that nobody was `told` of were loaded: the lifecycle had no say in them.
        """
        keeper = _Replaying(MemoryStore())
        unit = UnitOfWork(Parts(folder=self._folder, clock=keeper.clock), keeper)
        for position, event in enumerate(events, start=1):
            keeper.place, keeper.now = position, event
            if told is not None and position not in told:
                unit.load([(event.case, [event])])
            elif event.event == TIMER:
                unit.fire(event.case, before=(event.at or 0) + 1)
            elif event.event == PUBLICATION:
                unit.say_published(event.case, event.data)
            elif event.event == MIGRATION:
                verdict = Verdict(case=event.case, verdict=SAME, sequence=event.sequence - 1)
                # Under the one text, from which nothing goes over to another.
                data = {**event.data, "from": [], "to": []}
                plan = MigrationPlan(old=(), new=(), verdicts=(verdict,))
                unit.migrate(event.case, plan.going(), plan, at=event.at or 0, data=data)
            else:
                _act_again(unit, event)
        return keeper.changes

    def _case_faults(self, kept: Kept, records: Mapping[str, Record]) -> Iterator[str]:
        stored = {str(row["case"]): row for row in kept.rows["cases"]}
        yield from _differing("cases", set(stored), set(records))
        for case in sorted(stored.keys() & records.keys()):
            yield from _sentences(case_differences(stored[case], records[case], self._folder))

    def _timer_faults(self, kept: Kept, records: Mapping[str, Record]) -> Iterator[str]:
        stored = _by_case(kept.rows["timers"])
        for case in sorted(stored.keys() | records.keys()):
            timers = records[case].timers if case in records else ()
            found = timer_differences(stored.get(case, ()), case, timers, self._folder)
            yield from _sentences(found)

    def _link_faults(self, kept: Kept, events: Sequence[Event]) -> Iterator[str]:
        watched = {(child.kind, child.column) for child in self._folder.reach.children}
        rows = [row for row in kept.rows["links"] if (row["kind"], row["column"]) in watched]
        stored = {case: links_in(found) for case, found in _by_case(rows).items()}
        histories: dict[str, list[Event]] = {}
        for event in events:
            histories.setdefault(event.case, []).append(event)
        for case in sorted(stored.keys() | histories.keys()):
            wanted = links_of(self._folder, case, histories.get(case, ()))
            found = link_differences(stored.get(case, {}), case, wanted, self._folder)
            yield from _sentences(found)

    def _message_faults(
        self, kept: Kept, changes: Mapping[int, Change], told: Collection[int]
    ) -> Iterator[str]:
        stored = [
            (row["position"], row["number"], json.loads(str(row["message"])))
            for row in kept.rows["outbox"]
        ]
        teller = self._folder.teller
        said = [(position, number, _said(m)) for position, number, m in stored]
        wanted = [
            (position, number, (f"kaocheng.{kind}", case, json.loads(data)))
            for position, change in changes.items()
            if position in told
            for number, (kind, case, data) in enumerate(messages_of(change, teller), start=1)
        ]
        if said != wanted:
            yield f"the outbox says {said}, but the events say {wanted}"
        ids = [(message["source"], message["id"]) for _, _, message in stored]
        if len(set(ids)) != len(ids):
            yield "two messages have the same source and id"
        sequences = [message["sequence"] for _, _, message in stored]
        if sequences != sorted(set(sequences)):
            yield "the sequences of the messages do not grow"


class _Replaying(MemoryKeeper):
    """Keeps what each event changed; its timers are those that the journal says fired."""

    def __init__(self, store: MemoryStore) -> None:
        super().__init__(store)
        self.now: Event
        self.place = 0
        self.changes: dict[int, Change] = {}

    def clock(self) -> int:
        said = self.now.recorded_at
        return EVENT_INSTANTS[-1] if said is None else said  # nothing is later than that

    def due(self, case: str, before: int) -> Sequence[tuple[int, tuple[str, ...]]]:
        event = self.now
        if event.event != TIMER or event.case != case or event.at is None or event.at >= before:
            return ()
        if self.place in self.changes:
            return ()
        rules = event.data["rules"]
        return [(event.at, tuple(map(str, rules if isinstance(rules, list) else ())))]

    def keep(self, change: Change) -> None:
        super().keep(change)
        self.changes[self.place] = change


def _act_again(unit: UnitOfWork, event: Event) -> None:
    outcome = unit.act(
        event.case,
        event.event,
        at=_time_of(event),
        actor=event.actor,
        data=event.data,
        recorded_at=event.recorded_at,
        corrects=event.corrects,
    )
    if not outcome.accepted:
        raise ValueError(f"{event.case} {event.sequence}: {outcome.decision.message()}")


def chain(lines: Sequence[str]) -> Iterator[str]:
    """The hashes of lines: each over the one before, a line end, and the line."""
    head = "0" * 64
    for line in lines:
        head = hashlib.sha256(f"{head}\n{line}".encode()).hexdigest()
        yield head


def _chain_faults(kept: Kept) -> Iterator[str]:
    events = kept.rows["events"]
    hashes = list(chain([str(row["line"]) for row in events]))
    for number, (row, wanted) in enumerate(zip(events, hashes, strict=True), start=1):
        if row["position"] != number:
            yield f"event {number} of the tenant stands at {row['position']}"
        if row["hash"] != wanted:
            yield f"the hash of event {number} of the tenant is not that of its line"
    end = [(len(events), hashes[-1])] if events else [(0, "0" * 64)]
    found = [(row["position"], row["head"]) for row in kept.rows["tenants"]]
    if found not in (end, [] if not events else end):
        yield f"the tenant stands at {found}, but its journal ends at {end}"


def _order_faults(events: Sequence[Event]) -> Iterator[str]:
    seen: dict[str, int] = {}
    for event in events:
        seen[event.case] = seen.get(event.case, 0) + 1
        if event.sequence != seen[event.case]:
            yield f"`{event.case}` has event {event.sequence} where {seen[event.case]} was next"


def _by_case(rows: Rows) -> Mapping[str, Rows]:
    found: dict[str, list[Mapping[str, object]]] = {}
    for row in rows:
        found.setdefault(str(row["case"]), []).append(row)
    return found


def _sentences(differences: Iterable[Difference]) -> Iterator[str]:
    return (f"{found.table} of `{found.case}`: {found.why.en}" for found in differences)


def _said(message: Mapping[str, object]) -> tuple[object, ...]:
    return (message["type"], message["subject"], message["data"])


def _differing(
    what: str, stored: AbstractSet[object], wanted: AbstractSet[object]
) -> Iterator[str]:
    if stored != wanted:
        more, less = sorted(map(str, stored - wanted)), sorted(map(str, wanted - stored))
        yield f"the {what} differ: too many {more}, missing {less}"


def _time_of(event: Event) -> int | str:
    if event.at is not None:
        return event.at
    return "unknown" if event.date is None else format_date(event.date)
