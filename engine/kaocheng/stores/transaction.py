"""One transaction on the tables: what units of work read, and all that an event changes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from attrs import asdict, frozen
from sqlalchemy import Connection

from kaocheng.calendars.numberline import format_instant
from kaocheng.engine.cases import Links, Record, left_at
from kaocheng.engine.database import Bulletin
from kaocheng.engine.folding import Folder
from kaocheng.engine.following import due_of, messages_of
from kaocheng.engine.keeping import Change
from kaocheng.engine.outcome import CaseResults, Outcome
from kaocheng.engine.records import Known, Records
from kaocheng.engine.store import ClashError, Payload, Receipt
from kaocheng.errors import JournalError
from kaocheng.lifecycle import Decision
from kaocheng.model.events import SILENT, TIMER, Event
from kaocheng.noting import note
from kaocheng.stores import statements
from kaocheng.stores.codec import (
    GENESIS,
    Messages,
    chained,
    encoded,
    event_of,
    facts_text,
    hashes_of,
    indexed,
    line_of,
    payload_hash,
    results_of,
    results_text,
    told_of,
)


@frozen
class _Stored:
    """A case after an act, as an outcome that was kept has it."""

    state_name: str | None
    case_results: CaseResults


class Transaction:
    """The rows of one tenant in one transaction.

    Whoever writes holds the tenant's row first, so that the events of a tenant have one
    order, rules that read other cases see them as they are, and nobody waits in a ring.
    """

    def __init__(
        self,
        connection: Connection,
        tenant: str,
        folder: Folder,
        records: Records,
        *,
        source: str,
    ) -> None:
        self.lookup = self._children
        self._connection = connection
        self._tenant = tenant
        self._folder = folder
        self._records = records
        self._source = source
        self._position = 0
        self._head = GENESIS
        self._began: str | None = None
        self._kept: dict[str, Known] = {}
        self._recalled: dict[str, Known] = {}
        self._events: list[tuple[int, Event]] = []

    def hold(self) -> None:
        """Take the tenant's row; a tenant that nobody has written for yet gets one."""
        key = {"tenant": self._tenant}
        rows = statements.HOLD.run(self._connection, key)
        if not rows:
            insert = statements.add_tenant(self._connection.dialect.name)
            self._connection.execute(insert, key | {"position": 0, "head": GENESIS})
            rows = statements.HOLD.run(self._connection, key)
        self._position, self._head = rows[0]
        self._began = self._head

    def finish(self) -> None:
        """Say how far the tenant's journal has come."""
        if self._head != self._began:
            values = {"b_tenant": self._tenant, "position": self._position, "head": self._head}
            statements.ADVANCE.run(self._connection, values)

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
        key = {"tenant": self._tenant, "case": case}
        rows = statements.LINES.run(self._connection, key)
        return [event_of(line) for (line,) in rows]

    def recall(self, case: str) -> Record | None:
        """The record of a case that this process has, if nothing has changed it since."""
        known = self._records.get(case)
        if known is None:
            return None
        # Once the tenant's row is held, nobody else writes.
        if self._began is None or not self._records.is_current(case, self._began):
            key = {"tenant": self._tenant, "case": case}
            stamps = statements.STAMP.run(self._connection, key)
            if not stamps or stamps[0][0] != known.stamp:
                return None
        self._recalled[case] = known
        return known.record

    def due(self, case: str, before: int) -> Sequence[tuple[int, tuple[str, ...]]]:
        """The timers of a case that are due before an instant: when, and of which rules.

        Where this process itself has set all timers of the case, it knows when none is due.
        """
        known = self._kept.get(case) or self._recalled.get(case)
        if known is not None and not any(at < before for _, at in known.record.timers):
            return ()
        key = {"tenant": self._tenant, "case": case, "before": before}
        found: dict[int, list[str]] = {}
        for at, rule in statements.DUE.run(self._connection, key):
            found.setdefault(at, []).append(rule)
        return [(at, tuple(rules)) for at, rules in found.items()]

    def forget(self, case: str, at: int) -> None:
        """Drop timers of a case that have become stale: those of that instant."""
        key = {"tenant": self._tenant, "case": case, "at": at}
        self._connection.execute(statements.FORGET, key)

    def seal(self, payload: Payload) -> Payload:
        """The hash of a payload, which is what is kept of it."""
        return (payload_hash(payload),)

    def receipt(self, key: str) -> Receipt | None:
        """The receipt of an idempotency key."""
        where = {"tenant": self._tenant, "key": key}
        for payload, outcome in statements.RECEIPT.run(self._connection, where):
            try:
                return Receipt(key, (payload,), self._outcome(outcome))
            except (ValueError, KeyError, TypeError, StopIteration) as error:
                why = f"what is kept of the act under the key `{key}` is not what was kept"
                raise JournalError(outcome, why) from error
        return None

    def _children(self, kind: str, column: str, value: object) -> Links:
        key = {"tenant": self._tenant, "kind": kind, "column": column, "value": encoded(value)}
        rows = statements.CHILDREN.run(self._connection, key)
        return {str(case): until for case, until in rows}

    # Writing ------------------------------------------------------------------------------------

    def keep(self, change: Change) -> None:
        """Keep an event and all that it changed.

        Raises:
            ClashError: the case already has an event of that number.
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
            self._keep_receipt(change.receipt, change)

    def take(
        self,
        events: Sequence[Event],
        steps: Sequence[Record],
        parents: Sequence[tuple[Record, Record]],
    ) -> None:
        """Keep events of the past, and what the case is after them; nobody is told of them.

        Raises:
            ClashError: the case already has an event of a number.
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
            self._connection.execute(statements.DROP_LINKS, key)
        for before, record in pairwise(steps):
            self._keep_links(before, record)

    def publish(self, bulletin: Bulletin) -> None:
        """Keep what was published."""
        values = asdict(bulletin) | {"tenant": self._tenant, "versions": encoded(bulletin.versions)}
        self._connection.execute(statements.ADD_BULLETIN, values)

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
        try:
            statements.ADD_EVENT.run(self._connection, rows)
        except sa.exc.IntegrityError as error:
            raise ClashError(events[0].case, events[0].sequence) from error

    def _keep_case(self, before: Record, record: Record, *, renew: bool = False) -> None:
        governed, case = record.governed, record.state.case
        columns = governed.relations[governed.name].columns
        values = {
            "tenant": self._tenant,
            "case": case,
            "kind": governed.name,
            "state": record.state.state,
            "unit": _unit(columns, record),
            "sequence": record.state.sequence,
            "as_of": record.as_of,
            "due": due_of(record, self._folder.zone),
            "stamp": self._head,
            "facts": facts_text(columns, record.row),
            "results": results_text(record),
            "versions": hashes_of(governed, record, self._folder.hashes),
        }
        if before.count:
            values |= {"b_tenant": self._tenant, "b_case": case}
            statements.CHANGE_CASE.run(self._connection, values)
        else:
            statements.ADD_CASE.run(self._connection, values)
        self._keep_timers(before, record, renew=renew)
        self._kept[case] = Known(self._head, record)

    def _keep_timers(self, before: Record, record: Record, *, renew: bool) -> None:
        """Set the timers of a case anew where they changed."""
        case, are = record.state.case, record.timers
        key = {"tenant": self._tenant, "case": case}
        known = self._kept.get(case) or self._recalled.get(case)
        if known is not None and known.record is before:
            were = set(before.timers)
        else:  # somebody else may have set them, under another ruleset too
            found = statements.SET.run(self._connection, key) if before.count else ()
            were = {(rule, at) for rule, at in found}
        if were == are.keys() and not renew:
            return
        if were or renew:
            statements.DROP_TIMERS.run(self._connection, key)
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
            statements.ADD_TIMER.run(self._connection, rows)

    def _keep_links(self, before: Record, record: Record) -> None:
        kind, case = record.governed.name, record.state.case
        for child in self._folder.reach.children:
            if child.kind != kind:
                continue
            was = before.row[child.place] if before.count else None
            now = record.row[child.place]
            key = {"tenant": self._tenant, "kind": kind, "column": child.column, "case": case}
            if was is not None and was != now:
                ended = {f"b_{name}": part for name, part in key.items()}
                until = {"b_value": encoded(was), "until": left_at(before, record)}
                statements.END_LINK.run(self._connection, {**ended, **until})
            if now is not None and was != now:
                value = indexed(child.column, encoded(now))
                add = statements.add_link(self._connection.dialect.name)
                add.run(self._connection, key | {"value": value})

    def _keep_messages(self, change: Change) -> None:
        event = change.event
        at = event.recorded_at if event.recorded_at is not None else change.record.as_of
        texts = Messages(self._source, self._position, self._head, format_instant(at))
        rows = []
        for number, (kind, case, data) in enumerate(messages_of(change), start=1):
            rows.append(
                {
                    "tenant": self._tenant,
                    "position": self._position,
                    "number": number,
                    "subject": case,
                    "message": texts.text(number, kind, case, told_of(self._folder.ruleset, data)),
                    "ready": 0,
                    "fence": 0,
                    "attempts": 0,
                }
            )
        statements.ADD_MESSAGE.run(self._connection, rows)

    # Receipts -----------------------------------------------------------------------------------

    def _keep_receipt(self, receipt: Receipt, change: Change) -> None:
        parents = {after.state.case: _said(after) for _, after in change.parents}
        outcome = {
            "case": change.event.case,
            "sequence": change.event.sequence,
            "states": [change.outcome.decision.state_before, change.outcome.decision.state_after],
            "before": _said(change.before) if change.before.count else None,
            "after": _said(change.record),
            "parents": parents,
        }
        row = {
            "tenant": self._tenant,
            "key": receipt.key,
            "payload": receipt.payload[0],
            "outcome": encoded(outcome),
        }
        statements.ADD_RECEIPT.run(self._connection, row)

    def _outcome(self, text: str) -> Outcome:
        kept = json.loads(text)
        case, number = kept["case"], kept["sequence"]
        event = next(event for event in self.load(case) if event.sequence == number)
        before, after = kept["states"]
        parents = {
            name: self._heard(name, said).case_results for name, said in kept["parents"].items()
        }
        decision = Decision(allowed=True, reasons=(), state_before=before, state_after=after)
        heard = self._heard(case, kept["after"])
        if kept["before"] is None:
            return Outcome(decision, event, heard, parents)
        return Outcome(decision, event, heard, parents, self._heard(case, kept["before"]))

    def _heard(self, case: str, said: Mapping[str, Any]) -> _Stored:
        governed = self._folder.governed(case.partition("/")[0], said["version"])
        results = results_of(said["results"], governed.outputs, said["as_of"], said["timers"])
        return _Stored(said["state"], results)


def _said(record: Record) -> dict[str, object]:
    return {
        "state": record.state.state,
        "version": record.governed.version,
        "as_of": record.as_of,
        "results": results_text(record),
        "timers": list(record.timers),
    }


def _unit(columns: Mapping[str, object], record: Record) -> str | None:
    """The unit of a case, where its kind has a field of that name."""
    if "unit" not in columns:
        return None
    value = record.row[list(columns).index("unit")]
    return indexed("unit", value) if isinstance(value, str) else None
