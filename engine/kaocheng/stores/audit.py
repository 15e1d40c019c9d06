"""Whether a tenant's journal is the one that was written: its hash chain, event by event.

The hash of an event is over the hash before it and its line, and the tenant's row has the
last one. So a line, its place or its absence cannot be changed without all later hashes
being made again. Whoever makes all of them again, and the tenant's row, is found out by a
head that was noted elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy import Connection, bindparam

from kaocheng.errors import JournalError
from kaocheng.journal.texts import Message, Text
from kaocheng.stores.codec import GENESIS, chained, event_of
from kaocheng.stores.schema import EVENTS, OWNED, TENANTS
from kaocheng.stores.sql import SqlStore

Progress = Callable[[int, int | None], None]

_PAGE = 1000
_STREAMED = {"yield_per": _PAGE}
_BEFORE_ALL = -(2**63)
_AHEAD = 1000  # how far behind a break the event that belongs there is looked for

MISSING = Message(
    "missing",
    "the events at positions {first} to {last} are missing",
    "第 {first} 至 {last} 号事件缺失",
)
CHANGED = Message(
    "changed",
    "its hash belongs to another line, or to another event before it: one of the two was"
    " changed, or an event between them is gone",
    "其校验码对应另一内容或另一前序事件：二者之一被改动，或其间有事件被删去",
)
HASH_CHANGED = Message(
    "hash_changed", "its hash was changed; the line is as it was", "校验码被改动，该行内容未变"
)
SWAPPED = Message(
    "swapped",
    "it stands where the event at position {other} belongs, and that one where it belongs",
    "与第 {other} 号事件互换了位置",
)
INSERTED = Message(
    "inserted",
    "it was inserted, or moved here: the event at position {other} belongs here",
    "该事件系插入或移来，此处应为第 {other} 号事件",
)
COLUMN = Message(
    "column",
    "`{column}` of the row is `{seen}`, but `{said}` in its line",
    "行中 `{column}` 为 `{seen}`，内容中为 `{said}`",
)
UNREADABLE = Message("unreadable", "its line cannot be read: {why}", "该行内容无法读取：{why}")
TRUNCATED = Message(
    "truncated",
    "the journal ends before position {first}, but had {last} events",
    "台账在第 {first} 号事件之前中断，原有 {last} 条事件",
)
BEFORE = Message(
    "before",
    "it stands before the beginning: positions count from 1",
    "该事件位于开头之前：位置自 1 起编号",
)
BEYOND = Message(
    "beyond",
    "it stands behind the end: the tenant's row says that there are {last} events",
    "该事件位于末尾之后：租户行记载共 {last} 条事件",
)
HEAD = Message(
    "head",
    "the tenant's row has another head: {seen}",
    "租户行记载的末端校验码不同：{seen}",
)
NO_TENANT = Message("no_tenant", "there are events, but no row of the tenant", "有事件而没有租户行")
GONE = Message(
    "gone",
    "the journal is gone: other tables still have rows of the tenant",
    "台账已不存在，而其他表中仍有该租户的数据",
)
NOT_SEEN = Message(
    "not_seen",
    "the head that was noted earlier is not in the chain: {seen}",
    "此前记下的末端校验码不在链中：{seen}",
)


@frozen(kw_only=True)
class Broken:
    """Where a chain first breaks: the position, the case that stands there, and what differs."""

    code: str
    position: int
    case: str | None
    why: Text


@frozen(kw_only=True)
class Audit:
    """What came of looking at a tenant's journal: how far it is whole, and where it breaks."""

    tenant: str
    events: int
    head: str
    broken: Broken | None = None

    @property
    def passed(self) -> bool:
        """Whether the whole journal is as it was written."""
        return self.broken is None


@frozen
class _Line:
    """A row of the journal."""

    position: int
    case: str
    sequence: int
    line: str
    hash: str


def tenants(store: SqlStore) -> tuple[str, ...]:
    """The names of all tenants that the database shows to the store, in order."""
    with store.place.read() as connection:
        return tuple(connection.execute(_TENANTS).scalars())


def is_there(store: SqlStore) -> bool:
    """Whether any table has a row of the store's tenant."""
    with store.place.read() as connection:
        return _is_there(connection, store.tenant)


def hides_tenants(store: SqlStore) -> bool:
    """Whether row-level security keeps other tenants from whoever is connected."""
    if not store.secured:
        return False
    with store.place.read() as connection:
        return bool(connection.execute(_IS_ACTIVE, {"name": EVENTS.name}).scalar())


def _is_there(connection: Connection, tenant: str) -> bool:
    return bool(connection.execute(_ANY_ROW, {"tenant": tenant}).scalar())


def verify(
    store: SqlStore, *, seen: str | None = None, on_progress: Progress = lambda _done, _total: None
) -> Audit:
    """Look at the whole journal of the store's tenant, in one state of the database.

    `seen` is a head that was noted at an earlier time, which must be in the chain.
    """
    key = {"tenant": store.tenant}
    with store.place.read() as connection:
        end = connection.execute(_END, key).one_or_none()
        walk = _Walk(connection, store.tenant, None if end is None else tuple(end), seen)
        rows = connection.execute(_LINES, key | {"after": _BEFORE_ALL}, execution_options=_STREAMED)
        total = None if end is None else end[0]
        broken = None
        for row in rows:
            broken = walk.next(_Line(*row))
            if broken is not None:
                rows.close()
                break
            if walk.position % _PAGE == 0:
                on_progress(walk.position, total)
        if broken is None:
            broken = walk.end()
    return Audit(tenant=store.tenant, events=walk.position, head=walk.head, broken=broken)


class _Walk:
    """A walk along a chain: how far it is whole."""

    def __init__(
        self,
        connection: Connection,
        tenant: str,
        end: tuple[int, str] | None,
        seen: str | None,
    ) -> None:
        self.position = 0
        self.head = GENESIS
        self._before = GENESIS  # the head before the last event
        self._connection = connection
        self._tenant = tenant
        self._end = end
        self._seen = seen
        self._met = seen in (None, GENESIS)

    def next(self, row: _Line) -> Broken | None:
        """Go on by one event; gives what is wrong with it."""
        if row.position <= self.position:
            return _broken(BEFORE, row.position, row.case)
        if row.position != self.position + 1:
            first, last = str(self.position + 1), str(row.position - 1)
            return _broken(MISSING, self.position + 1, None, first=first, last=last)
        if self._end is not None and row.position > self._end[0]:
            return _broken(BEYOND, row.position, row.case, last=str(self._end[0]))
        head = chained(self.head, row.line)
        if head != row.hash:
            return self._why(row, head)
        wrong = _inside(row)
        if wrong is None:
            self.position, self._before, self.head = row.position, self.head, head
            self._met = self._met or head == self._seen
        return wrong

    def end(self) -> Broken | None:
        """What is wrong with the end, where every event is whole."""
        if self._end is None:
            if self.position:
                return _broken(NO_TENANT, 0, None)
            if _is_there(self._connection, self._tenant):
                return _broken(GONE, 0, None)
            return self._noted()
        position, head = self._end
        if position > self.position:
            first = str(self.position + 1)
            return _broken(TRUNCATED, self.position + 1, None, first=first, last=str(position))
        if head != self.head:
            return _broken(HEAD, self.position, None, seen=head)
        return self._noted()

    def _noted(self) -> Broken | None:
        if self._met:
            return None
        return _broken(NOT_SEEN, self.position, None, seen=str(self._seen))

    def _why(self, row: _Line, head: str) -> Broken:
        """Why the hash of an event is not over the hash before it and its line."""
        place, case = row.position, row.case
        if self.position and chained(self._before, row.line) == row.hash:
            return _broken(INSERTED, self.position, None, other=str(place))
        later = self._later(place)
        after = later[0].hash if later else self._end[1] if self._end is not None else None
        if after == (chained(head, later[0].line) if later else head):
            return _broken(HASH_CHANGED, place, case)
        for other in later:
            is_next = chained(self.head, other.line)
            if is_next in (other.hash, row.hash):
                swapped = chained(is_next, row.line) in (row.hash, other.hash)
                message = SWAPPED if swapped else INSERTED
                return _broken(message, place, case, other=str(other.position))
        return _broken(CHANGED, place, case)

    def _later(self, position: int) -> Sequence[_Line]:
        key = {"tenant": self._tenant, "after": position}
        rows = self._connection.execute(_LINES.limit(_AHEAD), key)
        return [_Line(*row) for row in rows]


def _inside(row: _Line) -> Broken | None:
    """Whether a row says of its event what the line says."""
    try:
        event = event_of(row.line)
    except JournalError as error:
        return _broken(UNREADABLE, row.position, row.case, why=error.why)
    for column, seen, said in (
        ("case", row.case, event.case),
        ("sequence", row.sequence, event.sequence),
    ):
        if seen != said:
            values = {"column": column, "seen": str(seen), "said": str(said)}
            return _broken(COLUMN, row.position, row.case, **values)
    return None


def _broken(message: Message, position: int, case: str | None, **values: str) -> Broken:
    return Broken(code=message.name, position=position, case=case, why=message.fill(**values))


_LINES = (
    sa.select(*(EVENTS.c[name] for name in ("position", "case", "sequence", "line", "hash")))
    .where(EVENTS.c.tenant == bindparam("tenant"), EVENTS.c.position > bindparam("after"))
    .order_by(EVENTS.c.position)
)
_END = sa.select(TENANTS.c.position, TENANTS.c.head).where(TENANTS.c.tenant == bindparam("tenant"))
_TENANTS = sa.union(*(sa.select(table.c.tenant) for table in OWNED)).order_by("tenant")
_ANY_ROW = sa.select(
    sa.or_(*(sa.exists().where(table.c.tenant == bindparam("tenant")) for table in OWNED))
)
_IS_ACTIVE = sa.text("SELECT row_security_active(:name)")
