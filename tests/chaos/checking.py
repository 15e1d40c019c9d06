"""What must be so after every round, whoever was killed.

It is read from the tables and compared with what the journal says, folded anew in memory by
one process that nobody disturbed.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from acting import Said, read_log
from attrs import field, frozen
from processes import Setting
from sqlalchemy import Table

from kaocheng.assessing import fold_facts
from kaocheng.calendars.zones import build_zone
from kaocheng.engine import Engine, MemoryStore
from kaocheng.engine.cases import Record
from kaocheng.engine.following import messages_of
from kaocheng.engine.keeping import Change
from kaocheng.engine.outcome import unchained
from kaocheng.engine.telling import Teller
from kaocheng.engine.unit_of_work import Parts, UnitOfWork
from kaocheng.journal.json_text import parse_json
from kaocheng.journal.lines import read_event
from kaocheng.lifecycle import Decision
from kaocheng.model.events import Event, Journal
from kaocheng.model.facts import Times
from kaocheng.stores import make_engine
from kaocheng.stores.schema import CASES, EVENTS, OUTBOX, RECEIPTS, TENANTS, TIMERS

_YES = Decision(allowed=True, reasons=(), state_before=None, state_after=None)
Rows = Sequence[Mapping[str, Any]]


@frozen(kw_only=True)
class Checked:
    """What a check found: acts that are lost or doubled, and everything else that is wrong."""

    told: int
    lost: Sequence[str]
    doubled: Sequence[str]
    wrong: Sequence[str]


@frozen(kw_only=True)
class Tables:
    """All that the database has of one tenant, in one state of things."""

    tenants: Rows
    events: Rows
    cases: Rows
    timers: Rows
    receipts: Rows
    outbox: Rows
    journal: Sequence[Event] = field(init=False)

    @journal.default
    def _journal(self) -> Sequence[Event]:
        return [read_event(parse_json(row["line"])) for row in self.events]


def check(setting: Setting, writers: int) -> Checked:
    """Look at everything."""
    tables = read(setting)
    seen = Counter(str(event.data["ref"]) for event in tables.journal if "ref" in event.data)
    keys = {row["key"]: json.loads(row["outcome"]) for row in tables.receipts}
    places = {(event.case, event.sequence): event.data.get("ref") for event in tables.journal}
    told, lost = 0, []
    for writer in range(writers):
        for said in read_log(setting.log(f"writer-{writer}")):
            told += 1
            lost += _lost(f"w{writer}-{said.number}", said, seen, keys, places)
    doubled = [key for key, times in seen.items() if times > 1]
    wrong = [
        *(f"{key}: a receipt without its event" for key in keys if key not in seen),
        *(f"{key}: an event without a receipt" for key in seen if key not in keys),
        *_unexpected(setting),
        *_chain(tables),
        *_folded(setting, tables),
        *_assessed(setting, tables),
        *_messages(setting, tables),
    ]
    return Checked(told=told, lost=lost, doubled=doubled, wrong=wrong)


def read(setting: Setting) -> Tables:
    """All rows of the tenant."""
    engine = make_engine(setting.url, poolclass=sa.pool.NullPool)
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with engine.execution_options(kaocheng_reads=True).connect() as connection:

        def rows(table: Table, *order: str) -> Rows:
            query = sa.select(table).where(table.c.tenant == setting.tenant)
            return connection.execute(query.order_by(*(table.c[n] for n in order))).mappings().all()

        return Tables(
            tenants=rows(TENANTS),
            events=rows(EVENTS, "position"),
            cases=rows(CASES, "case"),
            timers=rows(TIMERS, "case", "rule", "at"),
            receipts=rows(RECEIPTS, "key"),
            outbox=rows(OUTBOX, "position", "number"),
        )


def _lost(
    key: str,
    said: Said,
    seen: Mapping[str, int],
    keys: Mapping[str, Mapping[str, Any]],
    places: Mapping[tuple[str, int], object],
) -> Iterator[str]:
    """An act of which its writer was told and that is not as it was told."""
    kept = keys.get(key)
    if not said.sequence:
        if kept is not None or seen.get(key):
            yield f"{key} was refused and is there"
    elif kept is None or kept["sequence"] != said.sequence:
        yield f"{key} has no receipt that says {said.sequence}"
    elif places.get((kept["case"], said.sequence)) != key:
        yield f"{key} is not event {said.sequence} of {kept['case']}"


def _unexpected(setting: Setting) -> Iterator[str]:
    path = setting.log("errors")
    if path.exists():
        yield from path.read_text().splitlines()


def _chain(tables: Tables) -> Iterator[str]:
    """The hash chain, numbers without a gap, and where the tenant's row says they end."""
    head = "0" * 64
    numbers: Counter[str] = Counter()
    for position, row in enumerate(tables.events, start=1):
        head = hashlib.sha256(f"{head}\n{row['line']}".encode()).hexdigest()
        numbers[row["case"]] += 1
        if (row["position"], row["hash"]) != (position, head):
            yield f"the chain breaks at {row['position']}"
        if row["sequence"] != numbers[row["case"]]:
            yield f"{row['case']} has no event {numbers[row['case']]}"
    for row in tables.tenants:
        if (row["position"], row["head"]) != (len(tables.events), head):
            yield f"the tenant's row says {row['position']}, there are {len(tables.events)} events"


def _folded(setting: Setting, tables: Tables) -> Iterator[str]:
    """Snapshots and timers are those of a fold of the journal."""
    engine = Engine(
        setting.rules.ruleset, program=setting.rules.program, store=MemoryStore(tables.journal)
    )
    hashes = {row["hash"] for row in tables.events}
    timers: dict[str, set[tuple[str, int]]] = {}
    for row in tables.timers:
        timers.setdefault(row["case"], set()).add((row["rule"], row["at"]))
        if row["ready"] < row["at"]:
            yield f"{row['case']}: a timer can be claimed before it is due"
    cases = {event.case for event in tables.journal}
    kept = {row["case"]: row for row in tables.cases}
    yield from (f"{case} has events and no row, or the reverse" for case in cases ^ set(kept))
    yield from (f"{case} has timers and no row" for case in set(timers) - set(kept))
    for case in sorted(cases & set(kept)):
        with engine._units.read() as unit:  # noqa: SLF001 - the record itself is compared
            record = unit.known(case)
        if record is None:
            yield f"{case} cannot be folded"
        else:
            yield from _case(kept[case], record, timers.get(case, set()))
        if kept[case]["stamp"] not in hashes:
            yield f"{case} has a stamp of no event"


def _case(row: Mapping[str, Any], record: Record, timers: set[tuple[str, int]]) -> Iterator[str]:
    governed = record.governed
    columns = governed.relations[governed.name].columns
    expected = {
        "state": record.state.state,
        "sequence": record.state.sequence,
        "as_of": record.as_of,
        "facts": _plain(dict(zip(columns, record.row, strict=True))),
        "results": _plain([unchained(rows) for rows in record.results]),
        "timers": sorted(record.timers),
    }
    actual = {
        "state": row["state"],
        "sequence": row["sequence"],
        "as_of": row["as_of"],
        "facts": json.loads(row["facts"]),
        "results": json.loads(row["results"]),
        "timers": sorted(timers),
    }
    for name, value in expected.items():
        if value != actual[name]:
            yield f"{row['case']}: {name} should be {value}, is {actual[name]}"


def _assessed(setting: Setting, tables: Tables) -> Iterator[str]:
    """The results of each case are what a whole assessment says as of the case's time."""
    ruleset, program = setting.rules.ruleset, setting.rules.program
    journal, zone = Journal(events=tuple(tables.journal)), build_zone(ruleset.versions[-1].zone)
    online = Engine(ruleset, program=program).online
    relations = ruleset.plan.relations
    for row in tables.cases:
        times = Times(as_of=row["as_of"])
        _, folded = fold_facts(ruleset, journal, times, zone=zone)
        results = program.run(folded.facts, times)
        for rule, kept in zip(online[row["kind"]], json.loads(row["results"]), strict=True):
            place = relations[rule].index("case")
            found = [_plain(one) for one in results[rule] if one[place] == row["case"]]
            if sorted(found, key=repr) != sorted(kept, key=repr):
                yield f"{row['case']}: {rule} should be {found}, is {kept}"


def _messages(setting: Setting, tables: Tables) -> Iterator[str]:
    """The outbox has a message for each event and one for each difference, and no other."""
    kept = [
        (row["position"], row["number"], said["type"], said["subject"], said["data"])
        for row in tables.outbox
        for said in (json.loads(row["message"]),)
    ]
    teller = Teller(setting.rules.ruleset, build_zone(setting.rules.ruleset.versions[-1].zone))
    due = [
        (position, number, f"kaocheng.{kind}", case, json.loads(data))
        for position, change in enumerate(replayed(setting, tables.journal), start=1)
        for number, (kind, case, data) in enumerate(messages_of(change, teller), start=1)
    ]
    for was, should in zip(kept, due, strict=False):
        if was != should:
            yield f"the outbox has {was}, should have {should}"
            return
    if len(kept) != len(due):
        yield f"the outbox has {len(kept)} messages, should have {len(due)}"


def replayed(setting: Setting, journal: Sequence[Event]) -> Iterator[Change]:
    """What each event changed, in the order in which they were kept."""
    rules = setting.rules
    parts = Engine(rules.ruleset, program=rules.program)._parts  # noqa: SLF001 - as it has them
    keeper = _Replay()
    unit = UnitOfWork(parts, keeper)
    for event in journal:
        before = _before(parts, unit, event)
        grown = parts.folder.grown(before, event)
        unit._keep(Change(event, before, grown), _YES, None)  # noqa: SLF001 - without deciding again
        yield keeper.changes.pop()


def _before(parts: Parts, unit: UnitOfWork, event: Event) -> Record:
    known = unit.known(event.case)
    if known is not None:
        return known
    version = parts.folder.opening_version(event.at, event.date)
    return parts.folder.opened(event.case, version or 0)


class _Replay:
    """Keeps changes to be looked at."""

    lookup = None

    def __init__(self) -> None:
        self.changes: list[Change] = []

    def load(self, case: str) -> Sequence[Event]:  # noqa: ARG002 - as keepers are asked
        return ()

    def recall(self, case: str) -> None:  # noqa: ARG002 - as keepers are asked
        return None

    def digest(self, case: str) -> str:  # noqa: ARG002 - as keepers are asked
        """None: here nothing is migrated."""
        return ""

    def other_text(self, case: str) -> tuple[str, ...]:  # noqa: ARG002 - as keepers are asked
        """None: there is one text here."""
        return ()

    def keep(self, change: Change) -> None:
        self.changes.append(change)


def undelivered(setting: Setting) -> Iterator[str]:
    """Messages that nobody was given, or not in order, once everything has been delivered."""
    # An id is the place of a message and the beginning of a hash.
    ids = setting.log("delivered").read_text().split()
    given = dict.fromkeys(name.partition("-")[0] for name in ids)
    places = {name: place for place, name in enumerate(given)}
    last: dict[str, int] = {}
    for row in read(setting).outbox:
        name, subject = f"{row['position']}.{row['number']}", row["subject"]
        if name not in given or row["ready"] is not None or row["delivered_at"] is None:
            yield f"message {name} was not delivered"
        elif places[name] < last.get(subject, -1):
            yield f"message {name} was delivered before an earlier one about {subject}"
        last[subject] = max(places.get(name, -1), last.get(subject, -1))


def _plain(value: object) -> Any:  # noqa: ANN401 - what JSON gives back
    return json.loads(json.dumps(value, ensure_ascii=False))
