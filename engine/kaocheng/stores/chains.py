"""Reading, case by case, the messages of an outbox that are not done.

Of a long queue no more is read than a batch needs. Nobody waits for anybody: what another
transaction is busy with is left to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, bindparam

from kaocheng.stores.queueing import (
    GONE,
    Failure,
    Pending,
    Walk,
    failures_of,
    failures_text,
    told_of,
    walk,
)
from kaocheng.stores.schema import OUTBOX, QUEUES
from kaocheng.stores.statements import new_queue

_PAGE = 1000

Place = tuple[int, int]


def is_anything_ready(connection: Connection, tenant: str, now: int) -> bool:
    """Whether there is a message that may be ready to go somewhere."""
    return bool(connection.execute(_IS_ANYTHING, {"tenant": tenant, "now": now}).scalar())


def take_in(connection: Connection, tenant: str) -> bool:
    """Let messages that are new be claimed, so many in one go; whether there were any.

    Acts leave that to whoever delivers: it is more work than writing them. Where another
    transaction is at it already there is nothing to do.
    """
    key = {"tenant": tenant, "most": _PAGE}
    last = connection.execute(_LAST_TAKEN_IN, key).scalar()
    if last is None:
        if connection.execute(_TAKEN_IN_UNTIL, key).first() is None:  # lost, and not only locked
            began = {"tenant": tenant, "position": 0}
            connection.execute(new_queue(connection.dialect.name), began)
        return False
    until = connection.execute(_NEW, key | {"last": last}).scalar()
    if until is None:
        return False
    named = {"b_tenant": tenant, "last": last, "until": until}
    connection.execute(_TAKE_IN, named)
    connection.execute(_TAKEN_IN, named)
    return True


def walks(
    connection: Connection, tenant: str, now: int, *, channels: frozenset[str] | None, limit: int
) -> list[Walk]:
    """What can be done about the cases that have a message that is ready, so many at most."""
    key = {"tenant": tenant, "now": now, "most": limit}
    subjects = set(connection.execute(_FIND_AND_LOCK, key).scalars())
    return [
        walk(chain, now=now, channels=channels, limit=limit)
        for chain in _chains(connection, tenant, sorted(subjects))
    ]


def locked(
    connection: Connection, tenant: str, places: Iterable[Place]
) -> Mapping[Place, sa.RowMapping]:
    """Those of some messages that nobody else is busy with, as they are now."""
    found: list[sa.RowMapping] = []
    positions = sorted({position for position, _ in places})
    for start in range(0, len(positions), _PAGE):
        key = {"tenant": tenant, "positions": positions[start : start + _PAGE]}
        found += connection.execute(_LOCK, key).mappings()
    return {(row["position"], row["number"]): row for row in found}


def is_still(message: Pending, ours: Mapping[Place, sa.RowMapping]) -> bool:
    """Whether a message is locked by us and as it was when it was read."""
    return message.place in ours and ours[message.place]["ready"] == message.ready


def owe(
    connection: Connection, tenant: str, subject: str, place: Place, channels: Iterable[str]
) -> None:
    """Have what stands behind a place go to channels that are gone, or be given up there."""
    marks = dict.fromkeys(channels, Failure(attempts=0, why=GONE, again=0))
    of = {"b_tenant": tenant, "b_subject": subject}
    connection.execute(_OWE_NEW, of | {"failures": failures_text(marks)})
    chain = _page(connection, tenant, [subject], after=place, held=True)
    for message in _continued(connection, tenant, chain, held=True):
        told, failed = message.told or {}, message.failures
        owed = {name: mark for name, mark in marks.items() if name not in told}
        tried = {name: one for name, one in failed.items() if one.attempts or name not in owed}
        position, number = message.place
        this = {"b_tenant": tenant, "b_position": position, "b_number": number}
        connection.execute(_OWE, this | {"failures": failures_text(owed | tried)})


def _chains(
    connection: Connection, tenant: str, subjects: Sequence[str]
) -> Iterator[Iterator[Pending]]:
    """The messages of each case; further pages of a long one are read when they are asked for."""
    while subjects:
        page = _page(connection, tenant, subjects)
        for _, rows in groupby(page, key=attrgetter("subject")):
            chain = list(rows)
            is_cut = len(page) == _PAGE and chain[-1] is page[-1]
            yield _continued(connection, tenant, chain) if is_cut else iter(chain)
        last = page[-1].subject if len(page) == _PAGE else subjects[-1]
        subjects = [one for one in subjects if one > last]


def _continued(
    connection: Connection, tenant: str, chain: Sequence[Pending], *, held: bool = False
) -> Iterator[Pending]:
    """The messages of a case whose first page, or a part of it, is at hand."""
    while chain:
        yield from chain
        last = chain[-1]
        chain = _page(connection, tenant, [last.subject], after=last.place, held=held)


def _page(
    connection: Connection,
    tenant: str,
    subjects: Sequence[str],
    *,
    after: Place = (0, 0),
    held: bool = False,
) -> list[Pending]:
    """Some of the messages in order; `held` for changing them, as others may be ending them."""
    key: dict[str, Any] = {"tenant": tenant, "subjects": subjects, "most": _PAGE}
    position, number = after
    query = _HELD if held else _PENDING
    rows = connection.execute(query, key | {"position": position, "number": number})
    return [_pending(row) for row in rows.mappings()]


def _pending(row: sa.RowMapping) -> Pending:
    told = None if row["told"] is None else told_of(row["told"])
    return Pending(**(dict(row) | {"told": told, "failures": failures_of(row["failures"])}))


IS_NEW = sa.and_(*(OUTBOX.c[name].is_(None) for name in ("ready", "delivered_at", "error")))
"""A message that nobody has taken in yet."""

THIS = sa.and_(
    *(OUTBOX.c[name] == bindparam(f"b_{name}") for name in ("tenant", "position", "number"))
)
"""One message, to be changed."""

# A message that no channel is done with holds up all later ones of its case, so those behind it
# are not looked for.
_EARLIER = OUTBOX.alias("earlier")
_OWN = OUTBOX.c.tenant == bindparam("tenant")
_PLACE = sa.tuple_(OUTBOX.c.position, OUTBOX.c.number)
_IS_BEHIND = sa.exists().where(
    _EARLIER.c.tenant == OUTBOX.c.tenant,
    _EARLIER.c.subject == OUTBOX.c.subject,
    _EARLIER.c.ready.is_not(None),
    _EARLIER.c.told.is_(None),
    sa.tuple_(_EARLIER.c.position, _EARLIER.c.number) < _PLACE,
)
_READY = sa.select(OUTBOX.c.subject).where(_OWN, OUTBOX.c.ready <= bindparam("now"), ~_IS_BEHIND)
_FIND = _READY.order_by(OUTBOX.c.ready, OUTBOX.c.position, OUTBOX.c.number).limit(bindparam("most"))
_TAKEN_IN_UNTIL = sa.select(QUEUES.c.position).where(QUEUES.c.tenant == bindparam("tenant"))
# The last message and not any message behind that place: for one that is not there a planner that
# expects many would read the whole table.
_LAST = sa.select(sa.func.max(OUTBOX.c.position)).where(_OWN).scalar_subquery()
_FROM = sa.func.coalesce(_TAKEN_IN_UNTIL.scalar_subquery(), 0)
_IS_ANYTHING = sa.select(sa.or_(_FROM < _LAST, _READY.exists()))
_LAST_TAKEN_IN = _TAKEN_IN_UNTIL.with_for_update(skip_locked=True)
_AFTER = (
    sa.select(OUTBOX.c.position)
    .where(_OWN, OUTBOX.c.position > bindparam("last"))
    .order_by(OUTBOX.c.position)
    .limit(bindparam("most"))
    .subquery()
)
_NEW = sa.select(sa.func.max(_AFTER.c.position))
_TAKE_IN = (
    sa.update(OUTBOX)
    .where(
        OUTBOX.c.tenant == bindparam("b_tenant"),
        OUTBOX.c.position > bindparam("last"),
        OUTBOX.c.position <= bindparam("until"),
        IS_NEW,
    )
    .values(ready=0)
)
_TAKEN_IN = (
    sa.update(QUEUES)
    .where(QUEUES.c.tenant == bindparam("b_tenant"))
    .values(position=bindparam("until"))
)
_FIND_AND_LOCK = _FIND.with_for_update(skip_locked=True, of=OUTBOX)
_SEEN = [OUTBOX.c[name] for name in ("position", "number", "subject", "ready", "told", "failures")]
_PENDING = (
    sa.select(*_SEEN)
    .where(
        _OWN,
        OUTBOX.c.subject.in_(bindparam("subjects", expanding=True)),
        OUTBOX.c.ready.is_not(None),
        sa.tuple_(bindparam("position"), bindparam("number")) < _PLACE,
    )
    .order_by(OUTBOX.c.subject, OUTBOX.c.position, OUTBOX.c.number)
    .limit(bindparam("most"))
)
_HELD = _PENDING.with_for_update(of=OUTBOX)
_LOCK = (
    sa.select(*_SEEN, OUTBOX.c.message, OUTBOX.c.fence, OUTBOX.c.attempts)
    .where(_OWN, OUTBOX.c.position.in_(bindparam("positions", expanding=True)))
    .with_for_update(skip_locked=True)
)
_OWE = sa.update(OUTBOX).where(THIS).values(failures=bindparam("failures"))
_OWE_NEW = (
    sa.update(OUTBOX)
    .where(
        OUTBOX.c.tenant == bindparam("b_tenant"),
        OUTBOX.c.position
        > sa.select(QUEUES.c.position)
        .where(QUEUES.c.tenant == bindparam("b_tenant"))
        .scalar_subquery(),
        OUTBOX.c.subject == bindparam("b_subject"),
        IS_NEW,
    )
    .values(failures=bindparam("failures"))
)
