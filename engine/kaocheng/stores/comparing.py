"""Whether all that a database keeps for a tenant is what its journal says, case by case.

The hash chain says that the journal is the one that was written; this says that everything else
is what comes of it under a ruleset. Each case is made anew from its events and laid beside its
rows, in one state of the database and a piece at a time, so that millions of cases need no
more memory than a few thousand and the cases that they read.

What a rule reads of another case that its own names is that case as it was when somebody
looked. So a row that is not what the journal says now may be what it said when the row was
written: its stamp says when that was, and cases that were loaded together were looked at once
all of them were there.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import groupby, islice
from operator import itemgetter
from typing import Any, cast

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy import Connection, bindparam

from kaocheng.arguments import RULESET, STORE, check_is
from kaocheng.calendars.numberline import HOUR
from kaocheng.calendars.zones import Zones
from kaocheng.engine.folding import Folder
from kaocheng.engine.publishing import CHANGED, GONE, NOT_PUBLISHED, digest_of
from kaocheng.engine.timers import Timer
from kaocheng.errors import JournalError, StoreError
from kaocheng.evaluate.python import Program, compile_plan
from kaocheng.journal.input_format import Progress, no_progress
from kaocheng.journal.texts import Message, Text
from kaocheng.language.ruleset import Ruleset
from kaocheng.model.events import PUBLICATION, Event
from kaocheng.stores import schema
from kaocheng.stores.codec import bulletin_of, event_of, hashes_in
from kaocheng.stores.differing import (
    BULLETINS,
    CASES,
    NO_EVENT,
    NO_ROW,
    OUTBOX,
    RECEIPTS,
    TIMERS,
    Difference,
    case_differences,
    differs,
    link_differences,
    links_in,
    links_of,
    timer_differences,
)
from kaocheng.stores.layout import layout_in
from kaocheng.stores.past import Looking, Tables
from kaocheng.stores.receipts import SPOILT, named_event, outcome_of
from kaocheng.stores.retelling import Retelling
from kaocheng.stores.sql import SqlStore

MOST = 100
"""How many differences are looked for."""

_LONGEST = 2 * HOUR  # how long a timer that is due may have been put off, and a clock be ahead
_PAGE = 1000
_STREAMED = {"yield_per": _PAGE}
_RENEWED = 5_000  # after so many cases those that have been read are forgotten
_TRIED = 1_000  # so many places of the journal behind a row's stamp are looked at

FAILED = Message(
    "failed",
    "the case cannot be made anew: {why}",
    "无法依据台账重新计算该事项：{why}",
)
STAMP = Message(
    "stamp",
    "`{column}` is the hash of no event by which the row can have been written",
    "`{column}` 不是任何可能写入该行的事件的校验码",
)
BULLETIN = Message(
    "bulletin", "the bulletin of event {column}: {why}", "第 {column} 号事件的通报：{why}"
)
RECEIPT_SPOILT = Message(
    "receipt_spoilt",
    "what is kept under the key `{column}` cannot be read",
    "幂等键 `{column}` 之下所存的办理结果无法读取",
)
RECEIPT_OF_NOTHING = Message(
    "receipt_of_nothing",
    "the key `{column}` stands for event {kept}, which the journal does not have",
    "幂等键 `{column}` 对应第 {kept} 号事件，而台账中没有该事件",
)

Row = Mapping[str, Any]


@frozen(kw_only=True)
class Comparison:
    """What came of laying all that is kept for a tenant beside its journal.

    `cases` is how many were compared, all of them without a difference if `differences` is
    empty; there are at most `MOST`, and `complete` says whether everything was looked at.
    `other_text` is how many cases are kept under another text of the ruleset, which says
    nothing of them, and `first_of_other_text` one of them; `other_kinds` are those of kinds
    that the ruleset does not have. `older` is how many of those that were compared are kept as
    they were before the ruleset got its newest versions, of which their rows know nothing
    yet, and `first_older` one of them.
    """

    tenant: str
    cases: int
    differences: tuple[Difference, ...] = ()
    complete: bool = True
    other_text: int = 0
    first_of_other_text: str | None = None
    other_kinds: int = 0
    older: int = 0
    first_older: str | None = None

    @property
    def passed(self) -> bool:
        """Whether everything of the ruleset's kinds was compared and is what the journal says.

        A row that is older than some versions is that as far as it knows them.
        """
        return not self.differences and not self.other_text

    def of(self, table: str) -> tuple[Difference, ...]:
        """The differences of one table."""
        return tuple(found for found in self.differences if found.table == table)


def compare(
    store: SqlStore,
    ruleset: Ruleset,
    *,
    program: Program | None = None,
    now: int | None = None,
    on_progress: Progress = no_progress,
) -> Comparison:
    """Lay all that is kept for the store's tenant beside its journal, under a ruleset.

    Nothing is written and nobody has to wait. The journal itself is believed: `audit.verify`
    says whether it may be. With `now`, a timer that was put off beyond all reason is a
    difference too: no worker puts one off for more than an hour.

    Raises:
        JournalError: a line of the journal cannot be read.
        ArgumentError: it is no store in a database, or no ruleset.
    """
    check_is("store", store, SqlStore, STORE)
    check_is("ruleset", ruleset, Ruleset, RULESET)
    zones = Zones()
    folder = Folder(ruleset, program or compile_plan(ruleset.plan, zones=zones), zones)
    latest = None if now is None else now + _LONGEST
    with store.place.read() as connection, ExitStack() as reading:
        comparing = _Comparing(connection, store.tenant, folder, latest, on_progress, reading)
        found = tuple(islice(comparing.differences(), MOST + 1))
    return Comparison(
        tenant=store.tenant,
        cases=comparing.cases,
        differences=found[:MOST],
        complete=len(found) <= MOST,
        other_text=comparing.other_text,
        first_of_other_text=comparing.first_of_other_text,
        other_kinds=comparing.other_kinds,
        older=comparing.older,
        first_older=comparing.first_older,
    )


class _Comparing:
    """Goes through the tables in the order of cases."""

    def __init__(  # noqa: PLR0913, PLR0917 - what it reads, and what it tells of it
        self,
        connection: Connection,
        tenant: str,
        folder: Folder,
        latest: int | None,
        on_progress: Progress,
        reading: ExitStack,
    ) -> None:
        self.cases = self.other_text = self.other_kinds = self.older = 0
        self.first_of_other_text: str | None = None
        self.first_older: str | None = None
        self._is_older = False  # the row that was laid beside a case last
        self._connection = connection
        self._tenant = {"tenant": tenant}
        self._folder = folder
        self._latest = latest
        self._hashes = frozenset(folder.hashes)
        self._tables = Tables(connection, tenant, folder)
        self._retelling = Retelling(self._tables)
        self._now = Looking(self._tables)
        self._on_progress = on_progress
        self._reading = reading  # closes what has not been read to its end
        self._done = 0
        self._total = 0

    def differences(self) -> Iterator[Difference]:
        """Everything that is not as the journal says."""
        rounds = 2 if self._folder.reach.children else 1
        count = self._connection.execute(_COUNT, self._tenant).scalar_one()
        self._total = rounds * count
        if rounds > 1:  # before any case is made anew that is read by way of them
            yield from self._all_links()
        yield from self._all_cases()
        yield from self._all_receipts()

    # Links --------------------------------------------------------------------------------------

    def _all_links(self) -> Iterator[Difference]:
        watched = {(child.kind, child.column) for child in self._folder.reach.children}
        kinds = {kind for kind, _ in watched}
        streams = (self._rows(query) for query in (_EVENTS, _VERSIONS, _LINKS))
        for case, (events, rows, links) in _by_case(*streams):
            self._progress()
            kind = case.partition("/")[0]
            if kind not in kinds or self._is_of_other_text(rows):
                continue
            kept = links_in(r for r in links if (r["kind"], r["column"]) in watched)
            said = links_of(self._folder, case, _events(events)) if events else {}
            if kept != said:
                self._tables.mend(case, kept, said)
                yield from link_differences(kept, case, said, self._folder)

    def _is_of_other_text(self, rows: Sequence[Row]) -> bool:
        hashes = hashes_in(rows[0]["versions"]) if rows else None
        return hashes is not None and not hashes <= self._hashes

    # Cases --------------------------------------------------------------------------------------

    def _all_cases(self) -> Iterator[Difference]:
        queries = (_EVENTS, _CASES, _TIMERS, _BULLETINS, _MESSAGES)
        streams = (self._rows(query) for query in queries)
        for number, (case, found) in enumerate(_by_case(*streams), start=1):
            self._progress()
            if number % _RENEWED == 0:
                self._now = Looking(self._tables)
            yield from self._case(case, *found)

    def _case(  # noqa: PLR0913, PLR0917 - the rows of one case, by table
        self,
        case: str,
        events: Sequence[Row],
        rows: Sequence[Row],
        timers: Sequence[Row],
        bulletins: Sequence[Row],
        messages: Sequence[Row],
    ) -> Iterator[Difference]:
        if not events:
            kept = ((CASES, rows), (TIMERS, timers), (BULLETINS, bulletins), (OUTBOX, messages))
            yield from (differs(NO_EVENT, table, case) for table, found in kept if found)
            return
        own = {row["position"]: event_of(row["line"]) for row in events}
        yield from _bulletin_differences(case, own.values(), bulletins)
        if not rows:
            yield differs(NO_ROW, CASES, case, said=str(len(events)))
        if case.partition("/")[0] not in self._folder.kinds:
            self.other_kinds += 1
            return
        if self._is_of_other_text(rows):
            self.other_text += 1
            self.first_of_other_text = self.first_of_other_text or case
            return
        self.cases += 1
        self._tables.give(case, tuple(own.values()))
        yield from self._content(case, events, rows, timers)
        try:
            yield from self._retelling.differences(case, own, messages)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a rule does, others are looked at
            yield differs(FAILED, OUTBOX, case, why=str(error))

    def _content(
        self, case: str, events: Sequence[Row], rows: Sequence[Row], timers: Sequence[Row]
    ) -> Iterator[Difference]:
        last: int = max(row["position"] for row in events)
        written: int | None = last
        if rows and rows[0]["stamp"] != next(r["hash"] for r in events if r["position"] == last):
            written = self._tables.stamped(case, rows[0]["stamp"])
            if written is None or written < last:
                yield differs(STAMP, CASES, case, column="stamp")
                written = last
        best = self._beside(self._now, case, rows, timers)
        if FAILED.name in {found.code for found in best}:
            self._now = Looking(self._tables)  # a rule that failed may have left something
            yield from best
            return
        for looking in self._earlier(case, written or last) if best else ():
            found = self._beside(looking, case, rows, timers)
            best = min(best, found, key=len)
            if not best:
                break
        if self._is_older and not best:
            self.older += 1
            self.first_older = self.first_older or case
        yield from best

    def _earlier(self, case: str, written: int) -> Iterator[Looking]:
        """The case as it was when its row was written, or soon after."""
        now, then = Looking(self._tables), Looking(self._tables, written)
        yield then
        now.known(case)
        read = (now.past.read | then.past.read) - {case}
        for position in self._tables.positions_after(read, written)[:_TRIED]:
            yield Looking(self._tables, position)

    def _beside(
        self, looking: Looking, case: str, rows: Sequence[Row], timers: Sequence[Row]
    ) -> list[Difference]:
        try:
            record = looking.known(case)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a rule does, others are looked at
            return [differs(FAILED, CASES, case, why=str(error))]
        if record is None:
            return [differs(NO_EVENT, CASES, case)]
        kept = [(row["rule"], row["at"]) for row in timers]
        folder, found = self._folder, list[Difference]()
        said: Collection[Timer] = record.timers
        self._is_older = False
        for row in rows:
            layout = layout_in(row, kept, record, folder)
            self._is_older, said = layout.known < len(folder.hashes), layout.timers
            found += case_differences(row, record, folder, layout)
        return [*found, *timer_differences(timers, case, said, folder, self._latest)]

    # Receipts -----------------------------------------------------------------------------------

    def _all_receipts(self) -> Iterator[Difference]:
        for row in self._rows(_RECEIPTS):
            key, text = row["key"], row["outcome"]
            try:
                case, number = named_event(text)
                event = self._tables.numbered(case, number)
                if event is None:
                    yield differs(RECEIPT_OF_NOTHING, RECEIPTS, case, column=key, kept=str(number))
                else:
                    outcome_of(text, event)
            except SPOILT:
                yield differs(RECEIPT_SPOILT, RECEIPTS, "", column=key)

    # Reading ------------------------------------------------------------------------------------

    def _rows(self, query: sa.Select[str]) -> Iterator[Row]:
        found = self._connection.execute(query, self._tenant, execution_options=_STREAMED)
        self._reading.enter_context(found)
        yield from cast("Iterable[Row]", found.mappings())

    def _progress(self) -> None:
        self._done += 1
        if self._done % _PAGE == 0:
            self._on_progress(self._done, self._total)


def _bulletin_differences(
    case: str, events: Iterable[Event], rows: Sequence[Row]
) -> Iterator[Difference]:
    """Where the texts of bulletins are not those whose digests were journaled."""
    said = {e.data["sequence"]: e.data["digest"] for e in events if e.event == PUBLICATION}
    for row in rows:
        number = row["sequence"]
        digest = said.pop(number, None)
        if digest is None:
            yield _about_bulletin(NOT_PUBLISHED, case, number)
        elif digest != _digest(row):
            yield _about_bulletin(CHANGED, case, number)
    yield from (_about_bulletin(GONE, case, number) for number in said)


def _about_bulletin(why: Text, case: str, number: object) -> Difference:
    return differs(BULLETIN, BULLETINS, case, column=str(number), why=why)


def _digest(row: Row) -> str | None:
    columns = [column.name for column in schema.BULLETINS.c if column.name != "tenant"]
    try:
        return digest_of(bulletin_of([row[name] for name in columns]))
    except JournalError:
        return None


def _events(rows: Iterable[Row]) -> list[Event]:
    return [event_of(row["line"]) for row in rows]


def _by_case(*streams: Iterable[Row]) -> Iterator[tuple[str, list[list[Row]]]]:
    """Streams in the order of cases as one: each case with its rows of every stream."""
    placed = [_placed(place, rows) for place, rows in enumerate(streams)]
    merged = heapq.merge(*placed, key=itemgetter(0, 1))
    for case, found in groupby(merged, key=itemgetter(0)):
        rows: list[list[Row]] = [[] for _ in streams]
        for _, place, row in found:
            rows[place].append(row)
        yield case, rows


def _placed(place: int, rows: Iterable[Row]) -> Iterator[tuple[str, int, Row]]:
    return ((row["case"], place, row) for row in rows)


def _all(table: sa.Table, *order: str, but: Sequence[str] = ()) -> sa.Select[str]:
    """The rows of a tenant in some order."""
    columns = [column for column in table.c if column.name not in ("tenant", *but)]
    query = sa.select(*columns).where(table.c.tenant == bindparam("tenant"))
    return query.order_by(*(table.c[name] for name in order))


_EVENTS = _all(schema.EVENTS, "case", "sequence")
_CASES = _all(schema.CASES, "case")
_VERSIONS = _all(schema.CASES, "case", but=("facts", "results"))
_LINKS = _all(schema.LINKS, "case", "kind", "column", "value")
_TIMERS = _all(schema.TIMERS, "case", "rule", "at")
_BULLETINS = _all(schema.BULLETINS, "case", "sequence")
_RECEIPTS = _all(schema.RECEIPTS, "key")
_MESSAGES = (
    sa.select(
        schema.OUTBOX.c.subject.label("case"),
        *(schema.OUTBOX.c[name] for name in ("position", "number", "message")),
    )
    .where(schema.OUTBOX.c.tenant == bindparam("tenant"), schema.OUTBOX.c.delivered_at.is_(None))
    .order_by("case", "position", "number")
)
_COUNT = sa.select(sa.func.count()).where(schema.CASES.c.tenant == bindparam("tenant"))
