"""A tenant's journal as it was after some event, and cases made anew from it.

Nothing but events is believed, and which cases name which others, as far as somebody has seen
that the journal says so too: where it does not, `Tables.mend` is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy import Connection, bindparam

from kaocheng.engine.cases import Links as Named
from kaocheng.engine.cases import Record
from kaocheng.engine.folding import Folder
from kaocheng.engine.loading import batched
from kaocheng.engine.memory import MemoryKeeper
from kaocheng.engine.store import MemoryStore
from kaocheng.engine.unit_of_work import Parts, UnitOfWork
from kaocheng.journal.json_text import compact
from kaocheng.model.events import Event
from kaocheng.stores import statements
from kaocheng.stores.codec import event_of
from kaocheng.stores.differing import Links, links_of
from kaocheng.stores.plain import Runner
from kaocheng.stores.schema import EVENTS

_AT_ONCE = 500


class Tables:
    """What a tenant's tables say of events and of which case names which, in one transaction."""

    def __init__(self, connection: Connection, tenant: str, folder: Folder) -> None:
        self.folder = folder
        self._connection = connection
        self._run = Runner(connection).run
        self._tenant = tenant
        self._given: tuple[str, Sequence[Event]] = "", ()
        self._mended: dict[tuple[str, str, str], dict[str, Links]] = {}

    def events(self, case: str, until: int | None = None) -> Sequence[Event]:
        """The events of a case by number, those after a position left out."""
        if until is None and case == self._given[0]:
            return self._given[1]
        key = {"tenant": self._tenant, "case": case}
        if until is None:
            rows = self._run(statements.LINES, key)
        else:
            rows = self._connection.execute(_LINES_UNTIL, key | {"until": until}).all()
        return [event_of(line) for (line,) in rows]

    def give(self, case: str, events: Sequence[Event]) -> None:
        """Say what the events of a case are, which somebody has read already."""
        self._given = case, events

    def event_at(self, position: int) -> tuple[Event, str] | None:
        """The event at a position of the journal, and its hash."""
        key = {"tenant": self._tenant, "position": position}
        row = self._connection.execute(_EVENT_AT, key).one_or_none()
        return None if row is None else (event_of(row[0]), row[1])

    def numbered(self, case: str, sequence: int) -> Event | None:
        """The event of a case with that number."""
        key = {"tenant": self._tenant, "case": case, "sequence": sequence}
        line = self._connection.execute(_NUMBERED, key).scalar_one_or_none()
        return None if line is None else event_of(line)

    def mend(self, case: str, kept: Links, said: Links) -> None:
        """Go by what the journal says a case names, where something else is kept."""
        kind = case.partition("/")[0]
        for column, value in kept.keys() | said.keys():
            self._mended.setdefault((kind, column, value), {})[case] = said

    def children(self, kind: str, column: str, value: object) -> Named:
        """The cases of a kind that name a value in a column or have done so, and until when."""
        text = compact(value)
        key = {"tenant": self._tenant, "kind": kind, "column": column, "value": text}
        found = {str(case): until for case, until in self._run(statements.CHILDREN, key)}
        for case, said in self._mended.get((kind, column, text), {}).items():
            found.pop(case, None)
            if (column, text) in said:
                found[case] = said[column, text]
        return found

    def positions_after(self, cases: Iterable[str], after: int) -> list[int]:
        """The positions of events of some cases behind one of them, in order."""
        return sorted(self._found(_AFTER, cases, after=after))

    def stamped(self, parent: str, stamp: str) -> int | None:
        """The position of the event with that hash, of the cases that name one or have done so."""
        return next(self._found(_STAMPED, self.named_by(parent), stamp=stamp), None)

    def named_by(self, parent: str) -> set[str]:
        """The cases by whose events a case is assessed again: they name it or have done so."""
        kind = parent.partition("/")[0]
        watched = [child for child in self.folder.reach.children if child.parent == kind]
        return {case for c in watched for case in self.children(c.kind, c.column, parent)}

    def _found(self, query: sa.Select[int], cases: Iterable[str], **more: object) -> Iterator[int]:
        for some in batched(sorted(set(cases)), _AT_ONCE):
            values = {"tenant": self._tenant, "cases": some, **more}
            yield from self._connection.execute(query, values).scalars()


class Past(MemoryKeeper):
    """The journal up to a position, or all of it; `read` are the cases that were asked for."""

    def __init__(self, tables: Tables, until: int | None = None) -> None:
        super().__init__(MemoryStore())
        self.lookup = self._children
        self.read: set[str] = set()
        self._tables = tables
        self._until = until

    def load(self, case: str) -> Sequence[Event]:
        """The events of a case that there were."""
        self.read.add(case)
        return self._tables.events(case, self._until)

    def _children(self, kind: str, column: str, value: object) -> Named:
        found = self._tables.children(kind, column, value)
        if self._until is None:
            return found
        return dict(self._then(found, column, compact(value)))

    def _then(
        self, cases: Iterable[str], column: str, value: str
    ) -> Iterator[tuple[str, int | None]]:
        """Which cases named a value at that time, and until when."""
        for case in cases:
            links = links_of(self._tables.folder, case, self.load(case))
            if (column, value) in links:
                yield case, links[column, value]


class Looking:
    """Makes cases anew, as they were after some event or as they are."""

    def __init__(self, tables: Tables, until: int | None = None) -> None:
        self.past = Past(tables, until)
        self._unit = UnitOfWork(Parts(folder=tables.folder, clock=None), self.past)

    def known(self, case: str) -> Record | None:
        """A case, if there was one."""
        return self._unit.known(case)


# Not the bare column, or SQLite goes through all positions of the tenant instead of the case's.
_position = EVENTS.c.position + 0
_LINES_UNTIL = (
    sa.select(EVENTS.c.line)
    .where(
        EVENTS.c.tenant == bindparam("tenant"),
        EVENTS.c.case == bindparam("case"),
        _position <= bindparam("until"),
    )
    .order_by(EVENTS.c.sequence)
)
_EVENT_AT = sa.select(EVENTS.c.line, EVENTS.c.hash).where(
    EVENTS.c.tenant == bindparam("tenant"), EVENTS.c.position == bindparam("position")
)
_NUMBERED = sa.select(EVENTS.c.line).where(
    EVENTS.c.tenant == bindparam("tenant"),
    EVENTS.c.case == bindparam("case"),
    EVENTS.c.sequence == bindparam("sequence"),
)
_OF = sa.and_(
    EVENTS.c.tenant == bindparam("tenant"), EVENTS.c.case.in_(bindparam("cases", expanding=True))
)
_AFTER = sa.select(EVENTS.c.position).where(_OF, _position > bindparam("after"))
_STAMPED = sa.select(EVENTS.c.position).where(_OF, EVENTS.c.hash == bindparam("stamp"))
