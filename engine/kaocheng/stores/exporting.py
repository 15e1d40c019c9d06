"""Everything that a tenant's cases are, in one state of the database and a piece at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy import Connection, bindparam

from kaocheng.errors import MissingEventError
from kaocheng.model.events import Event
from kaocheng.model.kept import Kept
from kaocheng.stores.codec import event_of
from kaocheng.stores.schema import CASES, EVENTS, TENANTS
from kaocheng.stores.sql import SqlStore

_STREAMED = {"yield_per": 1000}
_OWN = EVENTS.c.tenant == bindparam("tenant")
_END = sa.select(TENANTS.c.position).where(TENANTS.c.tenant == bindparam("tenant"))
_COUNT = sa.select(sa.func.count()).select_from(EVENTS).where(_OWN)
_PLACES = sa.select(EVENTS.c.position).where(_OWN).order_by(EVENTS.c.position)


class Reading:
    """One state of a tenant's journal and cases."""

    def __init__(self, connection: Connection, tenant: str) -> None:
        self._connection = connection
        self._tenant = {"tenant": tenant}

    def lines(self) -> Iterator[str]:
        """The lines of the canonical journal, by case and number."""
        query = sa.select(EVENTS.c.line).where(_OWN).order_by(EVENTS.c.case, EVENTS.c.sequence)
        rows = self._connection.execute(query, self._tenant, execution_options=_STREAMED)
        yield from rows.scalars()

    def events(self) -> Iterator[Event]:
        """The events, by case and number.

        Raises:
            JournalError: a line is no event, or one is missing.
        """
        self.check_complete()
        for line in self.lines():
            yield event_of(line)

    def check_complete(self) -> None:
        """Refuse a journal from which an event has been removed.

        Raises:
            MissingEventError: it has the number of the first.
        """
        end = self._connection.execute(_END, self._tenant).scalar() or 0
        if self._connection.execute(_COUNT, self._tenant).scalar() == end:
            return
        number = 0
        places = self._connection.execute(_PLACES, self._tenant, execution_options=_STREAMED)
        for number, position in enumerate(places.scalars(), start=1):
            if position != number:
                raise MissingEventError(None, number)
        raise MissingEventError(None, number + 1)

    def cases(self) -> Iterator[Kept]:
        """The cases, in the order of their ids."""
        query = (
            sa.select(CASES.c.case, CASES.c.kind, CASES.c.as_of, CASES.c.facts)
            .where(CASES.c.tenant == bindparam("tenant"))
            .order_by(CASES.c.case)
        )
        rows = self._connection.execute(query, self._tenant, execution_options=_STREAMED)
        for case, kind, as_of, facts in rows:
            yield Kept(case=case, kind=kind, as_of=as_of, facts=json.loads(facts))


@contextmanager
def reading(store: SqlStore) -> Iterator[Reading]:
    """One state of what a store keeps, for as long as the block lasts."""
    with store.place.read() as connection:
        yield Reading(connection, store.tenant)
