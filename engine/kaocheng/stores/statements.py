"""The statements on the tables, each made once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlalchemy.dialects import postgresql, sqlite

from kaocheng.engine.database import Wanted
from kaocheng.stores.plain import Plain
from kaocheng.stores.schema import (
    BULLETINS,
    CASES,
    EVENTS,
    LINKS,
    OUTBOX,
    QUEUES,
    RECEIPTS,
    SOME_UNDETERMINED,
    TENANTS,
    TIMERS,
)


def _own(table: sa.Table, *names: str) -> sa.ColumnElement[bool]:
    """The rows of a tenant with those values."""
    columns = (table.c[name] for name in ("tenant", *names))
    return sa.and_(*(column == bindparam(column.name) for column in columns))


# What every act does is `Plain`.

HOLD = Plain(sa.select(TENANTS.c.position, TENANTS.c.head).where(_own(TENANTS)).with_for_update())
ADVANCE = Plain(
    sa.update(TENANTS)
    .where(TENANTS.c.tenant == bindparam("b_tenant"))
    .values(position=bindparam("position"), head=bindparam("head"))
)

LINES = Plain(sa.select(EVENTS.c.line).where(_own(EVENTS, "case")).order_by(EVENTS.c.sequence))
# With how far the case has come, by its own row, on a line that is none.
HISTORY = Plain(
    sa.union_all(
        sa.select(EVENTS.c.line, EVENTS.c.position, EVENTS.c.sequence).where(_own(EVENTS, "case")),
        sa.select(
            sa.cast(sa.null(), sa.Text), sa.cast(sa.null(), sa.BigInteger), CASES.c.sequence
        ).where(_own(CASES, "case")),
    ).order_by(EVENTS.c.sequence)
)
BETWEEN = Plain(
    sa.select(sa.func.count())
    .select_from(EVENTS)
    .where(_own(EVENTS), EVENTS.c.position > bindparam("after"))
    .where(EVENTS.c.position < bindparam("before"))
)
ADD_EVENT = Plain(sa.insert(EVENTS))

STAMP = Plain(sa.select(CASES.c.stamp, CASES.c.versions).where(_own(CASES, "case")))
VERSIONS = Plain(sa.select(CASES.c.versions).where(_own(CASES, "case")))
TEXTS = Plain(sa.select(CASES.c.case, CASES.c.kind, CASES.c.versions).where(_own(CASES)))
RESULTS = Plain(sa.select(CASES.c.results, CASES.c.versions).where(_own(CASES, "case")))
ADD_CASE = Plain(sa.insert(CASES))
_ALWAYS = ("sequence", "as_of", "stamp", "facts", "results", "versions")


@cache
def change_case(indexed: tuple[str, ...]) -> Plain:
    """A case after an event that changed those of the columns by which worklists find it.

    SQLite writes an index anew for every column that is set, even to what it was.
    """
    of = CASES.c.tenant == bindparam("b_tenant"), CASES.c.case == bindparam("b_case")
    values: dict[str, object] = {name: bindparam(name) for name in (*indexed, *_ALWAYS)}
    return Plain(sa.update(CASES).where(*of).values(values))


CHILDREN = Plain(
    sa.select(LINKS.c.case, LINKS.c.until)
    .where(_own(LINKS, "kind", "column", "value"))
    .order_by(LINKS.c.case)
)
END_LINK = Plain(
    sa.update(LINKS)
    .where(
        *(
            LINKS.c[name] == bindparam(f"b_{name}")
            for name in ("tenant", "kind", "column", "value", "case")
        )
    )
    .values(until=bindparam("until"))
)

DROP_LINKS = Plain(sa.delete(LINKS).where(_own(LINKS, "kind", "case")))


@cache
def add_link(dialect: str) -> Plain:
    """A case names another one, which it may have done before."""
    statement = _insert(dialect)(LINKS).on_conflict_do_update(
        index_elements=list(LINKS.primary_key), set_={"until": sa.null()}
    )
    return Plain(statement, ("tenant", "kind", "column", "value", "case"))


DUE = Plain(
    sa.select(TIMERS.c.at, TIMERS.c.rule)
    .where(_own(TIMERS, "case"), TIMERS.c.at < bindparam("before"))
    .order_by(TIMERS.c.at, TIMERS.c.rule)
)
ADD_TIMER = Plain(
    sa.insert(TIMERS),
    ("tenant", "case", "rule", "at", "generation", "ready", "attempts"),
)
SET = Plain(sa.select(TIMERS.c.rule, TIMERS.c.at).where(_own(TIMERS, "case")))
DROP_TIMERS = Plain(sa.delete(TIMERS).where(_own(TIMERS, "case")))

FORGET = Plain(sa.delete(TIMERS).where(_own(TIMERS, "case", "at")))


# Which cases have something to do, and taking them for a while. Only rows that are locked
# are changed, so that two who claim timers of one case never wait for each other. What is due is
# a stretch of one index: where nothing is, nothing is read, however many timers there are.
_TEXT_OF_CASE = CASES.c.tenant == TIMERS.c.tenant, CASES.c.case == TIMERS.c.case


def _due(kinds: tuple[str, ...]) -> sa.ColumnElement[bool]:
    """The timers of cases of those kinds that may be claimed."""
    ours = (TIMERS.c.case.startswith(f"{kind}/", autoescape=True) for kind in kinds)
    return sa.and_(_own(TIMERS), TIMERS.c.ready <= bindparam("now"), sa.or_(sa.false(), *ours))


def _other(hashes: tuple[str, ...]) -> sa.ColumnElement[bool]:
    """Whether a case is kept under a version of none of those hashes."""
    others: sa.ColumnElement[str] = CASES.c.versions  # what is left of the list without our own
    for known in hashes:
        others = sa.func.replace(others, f'"{known}"', "")
    return others.contains('"')


@cache
def ready(
    kinds: tuple[str, ...], hashes: tuple[str, ...], *, other_text: bool = False
) -> sa.Select[str, str, int]:
    """The timers of cases of those kinds, kept under versions of those hashes, to be claimed.

    With `other_text` they are those of cases that are kept under others too.
    """
    elsewhere = sa.exists().where(*_TEXT_OF_CASE, _other(hashes))
    return (
        sa.select(TIMERS.c.case, TIMERS.c.rule, TIMERS.c.at)
        .where(_due(kinds), elsewhere if other_text else ~elsewhere)
        .order_by(TIMERS.c.ready)
        .limit(bindparam("most"))
    )


@cache
def waiting(kinds: tuple[str, ...], hashes: tuple[str, ...]) -> sa.Select[str, int, int, int]:
    """How much is due on cases of those kinds that are kept under other versions, by versions."""
    cases, timers = sa.func.count(TIMERS.c.case.distinct()), sa.func.count()
    return (
        sa.select(CASES.c.versions, cases, timers, sa.func.min(TIMERS.c.at))
        .where(_due(kinds), *_TEXT_OF_CASE, _other(hashes))
        .group_by(CASES.c.versions)
        .order_by(CASES.c.versions)
    )


CLAIM = (
    sa.update(TIMERS)
    .where(*(TIMERS.c[name] == bindparam(f"b_{name}") for name in ("tenant", "case", "rule", "at")))
    .values(ready=bindparam("until"))
)
ATTEMPTS = sa.select(sa.func.max(TIMERS.c.attempts)).where(
    _own(TIMERS, "case"), TIMERS.c.at <= bindparam("now")
)
PUT_OFF = (
    sa.update(TIMERS)
    .where(
        TIMERS.c.tenant == bindparam("b_tenant"),
        TIMERS.c.case == bindparam("b_case"),
        TIMERS.c.at <= bindparam("b_now"),
    )
    .values(ready=bindparam("until"), attempts=bindparam("count"), error=bindparam("why"))
)

ALL_CASES = sa.select(CASES.c.case).where(_own(CASES)).order_by(CASES.c.case)


def worklist(
    wanted: Wanted, after: str | None
) -> sa.Select[str, str, str, str, int, int, int, int]:
    """The cases that somebody wants, in the order of their ids, after that one."""
    columns = ("case", "kind", "state", "unit", "sequence", "as_of", "due", "undetermined")
    query = sa.select(*(CASES.c[name] for name in columns)).where(_own(CASES))
    for name in ("kind", "state", "unit"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(CASES.c[name] == value)
    if wanted.due_before is not None:
        query = query.where(CASES.c.due < wanted.due_before)
    if wanted.undetermined:
        query = query.where(SOME_UNDETERMINED)
    if after is not None:
        query = query.where(CASES.c.case > after)
    return query.order_by(CASES.c.case).limit(bindparam("most"))


RECEIPT = Plain(sa.select(RECEIPTS.c.payload, RECEIPTS.c.outcome).where(_own(RECEIPTS, "key")))
ADD_RECEIPT = Plain(sa.insert(RECEIPTS))

END = Plain(sa.select(TENANTS.c.position).where(_own(TENANTS)))
ALL_LINES = Plain(
    sa.select(EVENTS.c.line, EVENTS.c.position).where(_own(EVENTS)).order_by(EVENTS.c.position)
)
ADD_BULLETIN = Plain(sa.insert(BULLETINS))
_BULLETIN = sa.select(*(column for column in BULLETINS.c if column.name != "tenant"))
BULLETIN = Plain(_BULLETIN.where(_own(BULLETINS, "case", "sequence")))
ALL_BULLETINS = Plain(
    _BULLETIN.where(_own(BULLETINS)).order_by(
        BULLETINS.c.known_at, BULLETINS.c.case, BULLETINS.c.sequence
    )
)

ADD_MESSAGE = Plain(sa.insert(OUTBOX), ("tenant", "position", "number", "subject", "message"))


@cache
def add_tenant(dialect: str) -> Plain:
    """A tenant that somebody else may have added meanwhile."""
    return Plain(_insert(dialect)(TENANTS).on_conflict_do_nothing())


@cache
def add_queue(dialect: str) -> Plain:
    """The queue of a tenant, which somebody else may have added meanwhile."""
    return Plain(new_queue(dialect))


def new_queue(dialect: str) -> sa.Insert:
    """The same for whoever delivers."""
    return _insert(dialect)(QUEUES).on_conflict_do_nothing()


def _insert(dialect: str) -> Callable[[sa.Table], postgresql.Insert | sqlite.Insert]:
    """What makes inserts that say what is to be done about a row that is there already."""
    return postgresql.insert if dialect == "postgresql" else sqlite.insert
