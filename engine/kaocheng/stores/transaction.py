"""One transaction on the tables: what units of work read, and all that an event changes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from itertools import pairwise

import sqlalchemy as sa
from attrs import asdict

from kaocheng.calendars.numberline import format_instant
from kaocheng.engine.cases import Links, Record, left_at
from kaocheng.engine.database import Bulletin
from kaocheng.engine.folding import Folder
from kaocheng.engine.following import messages_of, open_deadlines
from kaocheng.engine.keeping import Change, LastResults
from kaocheng.engine.reach import watched_columns
from kaocheng.engine.records import Known, Records
from kaocheng.engine.store import ClashError, Payload, Receipt
from kaocheng.errors import JournalError
from kaocheng.journal.json_text import compact
from kaocheng.model.events import SILENT, TIMER, Event
from kaocheng.noting import note
from kaocheng.stores import statements
from kaocheng.stores.codec import (
    GENESIS,
    Messages,
    bulletin_of,
    chained,
    facts_text,
    hashes_in,
    hashes_of,
    indexed,
    line_of,
    payload_hash,
    results_text,
    rule_texts,
)
from kaocheng.stores.layout import rows_in
from kaocheng.stores.plain import Runner
from kaocheng.stores.reading import events_of, journal_of
from kaocheng.stores.receipts import SPOILT, named_event, outcome_of, outcome_text
from kaocheng.stores.schema import EVENTS

_OTHER = object()


class Transaction:
    """The rows of one tenant in one transaction.

    Whoever writes holds the tenant's row first, so that the events of a tenant have one
    order, rules that read other cases see them as they are, and nobody waits in a ring.
    """

    def __init__(
        self,
        runner: Runner,
        tenant: str,
        folder: Folder,
        records: Records,
        *,
        source: str,
    ) -> None:
        self.lookup = self._children
        self._run = runner.run
        self._dialect = runner.dialect.name
        self._tenant = tenant
        self._folder = folder
        self._records = records
        self._source = source
        self._position = 0
        self._head = GENESIS
        self._began: str | None = None
        self._kept: dict[str, Known] = {}
        self._recalled: dict[str, Known] = {}
        self._versions: dict[str, object] = {}  # as rows that others wrote have them
        self._events: list[tuple[int, Event]] = []
        self._looked: dict[tuple[str, str, str], Links] = {}  # several rules ask for the same
        self._last: Event | None = None

    def __enter__(self) -> None:
        """Take the tenant's row; a tenant that nobody has written for yet gets one."""
        key = self._own()
        rows = self._run(statements.HOLD, key)
        if not rows:
            began = key | {"position": 0, "head": GENESIS}
            self._run(statements.add_tenant(self._dialect), began)
            self._run(statements.add_queue(self._dialect), key | {"position": 0})
            rows = self._run(statements.HOLD, key)
        self._position, self._head = rows[0]
        self._began = self._head

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Say so where an event cannot be kept because there is one of its number.

        Raises:
            ClashError: it names the event, or the first of those that were kept together.
        """
        if not isinstance(error, sa.exc.IntegrityError) or self._last is None:
            return
        if EVENTS.name in str(error.orig):
            raise ClashError(self._last.case, self._last.sequence) from error

    def finish(self) -> None:
        """Say how far the tenant's journal has come."""
        if self._head != self._began:
            values = {"b_tenant": self._tenant, "position": self._position, "head": self._head}
            self._run(statements.ADVANCE, values)

    def share(self) -> None:
        """Let other transactions of this process use what this one has kept, and say so."""
        if self._began is not None and self._kept:
            self._records.put(self._kept, self._began, self._head)
        for position, event in self._events:
            facts = {"tenant": self._tenant, "case": event.case, "sequence": event.sequence}
            if event.event == TIMER:
                note("timer.fired", **facts, position=position, rules=event.data["rules"])
            else:
                note("act.accepted", **facts, position=position, act=event.event)

    # Reading ------------------------------------------------------------------------------------

    def load(self, case: str) -> Sequence[Event]:
        """The events of a case by number."""
        return events_of(self._run, {"tenant": self._tenant, "case": case})

    def recall(self, case: str) -> Record | None:
        """The record of a case that this process has, if nothing has changed it since."""
        known = self._records.get(case)
        if known is None:
            return None
        # Once the tenant's row is held, nobody else writes.
        if self._began is None or not self._records.is_current(case, self._began):
            key = {"tenant": self._tenant, "case": case}
            stamps = self._run(statements.STAMP, key)
            if not stamps or stamps[0][0] != known.stamp:
                self._versions.update((case, versions) for _, versions in stamps)
                return None
        self._recalled[case] = known
        return known.record

    def last_results(self, record: Record) -> LastResults | None:
        """What the rules of a case said when it was assessed last, as its rows have it."""
        case = record.state.case
        key = {"tenant": self._tenant, "case": case}
        for results, versions in self._run(statements.RESULTS, key):
            self._versions[case] = versions
            rows = rows_in(results, versions, record, self._folder)
            if rows is not None:
                timers = self._run(statements.SET, key)
                return LastResults(rows, [(rule, at) for rule, at in timers])
        return None

    def digest(self, case: str) -> str:
        """A digest of the results in the row of a case."""
        rows = self._run(statements.RESULTS, {"tenant": self._tenant, "case": case})
        return hashlib.sha256(str(rows[0][0]).encode()).hexdigest() if rows else ""

    def other_text(self, case: str) -> Sequence[str]:
        """The hashes of versions under which a case is kept and that this text has not.

        A row that this process has written is of this text, and need not be asked.
        """
        if case in self._kept or case in self._recalled:
            return ()
        if case not in self._versions:
            key = {"tenant": self._tenant, "case": case}
            rows = self._run(statements.VERSIONS, key)
            self._versions[case] = rows[0][0] if rows else None
        hashes = hashes_in(self._versions[case]) or frozenset()
        return sorted(hashes.difference(self._folder.hashes))

    def elsewhere(self) -> Iterator[str]:
        """The cases of this ruleset's kinds that are kept under versions this text has not."""
        ours = set(self._folder.hashes)
        for case, kind, versions in self._run(statements.TEXTS, self._own()):
            if kind in self._folder.kinds and not (hashes_in(versions) or frozenset()) <= ours:
                yield case

    def due(self, case: str, before: int) -> Sequence[tuple[int, tuple[str, ...]]]:
        """The timers of a case that are due before an instant: when, and of which rules.

        Where this process itself has set all timers of the case, it knows when none is due.
        """
        known = self._kept.get(case) or self._recalled.get(case)
        if known is not None and not any(at < before for _, at in known.record.timers):
            return ()
        key = {"tenant": self._tenant, "case": case, "before": before}
        found: dict[int, list[str]] = {}
        for at, rule in self._run(statements.DUE, key):
            found.setdefault(at, []).append(rule)
        return [(at, tuple(rules)) for at, rules in found.items()]

    def forget(self, case: str, at: int) -> None:
        """Drop timers of a case that have become stale: those of that instant."""
        key = {"tenant": self._tenant, "case": case, "at": at}
        self._run(statements.FORGET, key)

    def seal(self, payload: Payload) -> Payload:
        """The hash of a payload, which is what is kept of it."""
        return (payload_hash(payload),)

    def receipt(self, key: str) -> Receipt | None:
        """The receipt of an idempotency key."""
        where = {"tenant": self._tenant, "key": key}
        for payload, outcome in self._run(statements.RECEIPT, where):
            try:
                case, number = named_event(outcome)
                event = next(event for event in self.load(case) if event.sequence == number)
                return Receipt(key, (payload,), outcome_of(outcome, event))
            except (*SPOILT, StopIteration) as error:
                why = f"what is kept of the act under the key `{key}` is not what was kept"
                zh = f"幂等键 `{key}` 之下所存的办理结果已被改动"
                raise JournalError(outcome, why, zh=zh) from error
        return None

    @property
    def position(self) -> int:
        """How many events the tenant has, once its row is held."""
        return self._position

    def journal(self) -> Sequence[Event]:
        """All events of the tenant in the order in which they were kept."""
        return journal_of(self._run, self._own())

    def bulletin(self, case: str, sequence: int) -> Bulletin | None:
        """What was published by an event."""
        key = self._own() | {"case": case, "sequence": sequence}
        return next((bulletin_of(row) for row in self._run(statements.BULLETIN, key)), None)

    def _own(self) -> dict[str, object]:
        return {"tenant": self._tenant}

    def _children(self, kind: str, column: str, value: object) -> Links:
        text = compact(value)
        found = self._looked.get((kind, column, text))
        if found is None:
            key = {"tenant": self._tenant, "kind": kind, "column": column, "value": text}
            rows = self._run(statements.CHILDREN, key)
            found = {str(case): until for case, until in rows}
            self._looked[kind, column, text] = found
        return found

    # Writing ------------------------------------------------------------------------------------

    def keep(self, change: Change) -> None:
        """Keep an event and all that it changed.

        Raises:
            Refused: the event cannot be written.
        """
        event = change.event
        self._add_events((event,))
        self._events.append((self._position, event))
        self._keep_case(change.before, change.record, renew=event.event in SILENT)
        self._keep_links(change.before, change.record)
        for before, after in change.parents:
            self._keep_case(before, after)
        self._keep_messages(change)
        if change.receipt is not None:
            key, (payload,) = change.receipt.key, change.receipt.payload
            row = {"key": key, "payload": payload, "outcome": outcome_text(change)}
            self._run(statements.ADD_RECEIPT, self._own() | row)

    def take(
        self,
        events: Sequence[Event],
        steps: Sequence[Record],
        parents: Sequence[tuple[Record, Record]],
    ) -> None:
        """Keep events of the past, and what the case is after them; nobody is told of them.

        Raises:
            Refused: an event cannot be written.
        """
        self._add_events(events)
        self._keep_case(steps[0], steps[-1])
        for before, record in pairwise(steps):
            self._keep_links(before, record)
        for was, after in parents:
            self._keep_case(was, after)

    def link(self, steps: Sequence[Record], *, anew: bool) -> None:
        """Keep which cases a case names after each of its events; `anew` forgets what was kept."""
        if anew:
            kind, case = steps[-1].governed.name, steps[-1].state.case
            key = {"tenant": self._tenant, "kind": kind, "case": case}
            self._run(statements.DROP_LINKS, key)
        for before, record in pairwise(steps):
            self._keep_links(before, record)

    def publish(self, bulletin: Bulletin) -> None:
        """Keep what was published."""
        values = asdict(bulletin) | {"tenant": self._tenant, "versions": compact(bulletin.versions)}
        self._run(statements.ADD_BULLETIN, values)

    def _add_events(self, events: Sequence[Event]) -> None:
        rows = []
        for event in events:
            line = line_of(event)
            self._position += 1
            self._head = chained(self._head, line)
            rows.append(
                {
                    "tenant": self._tenant,
                    "position": self._position,
                    "case": event.case,
                    "sequence": event.sequence,
                    "line": line,
                    "hash": self._head,
                }
            )
        self._last = events[0]
        self._run(statements.ADD_EVENT, rows)

    def _keep_case(self, before: Record, record: Record, *, renew: bool = False) -> None:
        governed, case = record.governed, record.state.case
        columns = governed.relations[governed.name].columns
        known = self._kept.get(case) or self._recalled.get(case)
        if known is not None and known.record is not before:
            known = None
        found_by = self._found_by(record)
        texts = rule_texts(record, before, None if known is None else known.texts)
        values = {
            "tenant": self._tenant,
            "case": case,
            "kind": governed.name,
            **found_by,
            "sequence": record.state.sequence,
            "as_of": record.as_of,
            "stamp": self._head,
            "facts": facts_text(columns, record.row),
            "results": results_text(record, texts),
            "versions": hashes_of(governed, record, self._folder.hashes),
        }
        if before.count:
            # What this process has written itself need not be written again.
            was = {} if known is None else known.found_by
            changed = tuple(name for name in found_by if was.get(name, _OTHER) != found_by[name])
            values |= {"b_tenant": self._tenant, "b_case": case}
            self._run(statements.change_case(changed), values)
        else:
            self._run(statements.ADD_CASE, values)
        self._keep_timers(known, before, record, renew=renew)
        self._kept[case] = Known(self._head, record, found_by, texts)

    def _found_by(self, record: Record) -> dict[str, object]:
        due, undetermined = open_deadlines(record, self._folder.zone)
        return {
            "state": record.state.state,
            "unit": _unit(record),
            "due": due,
            "undetermined": undetermined,
        }

    def _keep_timers(
        self, known: Known | None, before: Record, record: Record, *, renew: bool
    ) -> None:
        """Set the timers of a case anew where they changed."""
        case, are = record.state.case, record.timers
        key = {"tenant": self._tenant, "case": case}
        if known is not None:
            were = set(before.timers)
        else:  # somebody else may have set them, under another ruleset too
            found = self._run(statements.SET, key) if before.count else ()
            were = {(rule, at) for rule, at in found}
        if were == are.keys() and not renew:
            return
        if were or renew:
            self._run(statements.DROP_TIMERS, key)
        if are:
            rows = [
                {
                    "tenant": self._tenant,
                    "case": case,
                    "rule": rule,
                    "at": at,
                    "generation": record.state.sequence,
                    "ready": at,
                    "attempts": 0,
                }
                for rule, at in are
            ]
            self._run(statements.ADD_TIMER, rows)

    def _keep_links(self, before: Record, record: Record) -> None:
        kind, case = record.governed.name, record.state.case
        self._looked.clear()
        for column, place in watched_columns(self._folder.reach, kind).items():
            was = before.row[place] if before.count else None
            now = record.row[place]
            key = {"tenant": self._tenant, "kind": kind, "column": column, "case": case}
            if was is not None and was != now:
                ended = {f"b_{name}": part for name, part in key.items()}
                until = {"b_value": compact(was), "until": left_at(before, record)}
                self._run(statements.END_LINK, {**ended, **until})
            if now is not None and was != now:
                value = indexed(column, compact(now))
                add = statements.add_link(self._dialect)
                self._run(add, key | {"value": value})

    def _keep_messages(self, change: Change) -> None:
        event = change.event
        at = event.recorded_at if event.recorded_at is not None else change.record.as_of
        texts = Messages(self._source, self._position, self._head, format_instant(at))
        told = messages_of(change, self._folder.teller)
        rows = []
        for number, (kind, case, data) in enumerate(told, start=1):
            rows.append(
                {
                    "tenant": self._tenant,
                    "position": self._position,
                    "number": number,
                    "subject": case,
                    "message": texts.text(number, kind, case, data),
                }
            )
        self._run(statements.ADD_MESSAGE, rows)


def _unit(record: Record) -> str | None:
    """The unit of a case, where its kind has a field of that name."""
    columns = record.governed.relations[record.governed.name].columns
    if "unit" not in columns:
        return None
    value = record.row[list(columns).index("unit")]
    return indexed("unit", value) if isinstance(value, str) else None
