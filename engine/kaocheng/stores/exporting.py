"""Everything that a tenant's cases are, in one state of the database and a piece at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy import Connection, bindparam

from kaocheng.model.events import Event
from kaocheng.model.kept import Kept
from kaocheng.stores.codec import event_of
from kaocheng.stores.schema import CASES, EVENTS
from kaocheng.stores.sql import SqlStore

_STREAMED = {"yield_per": 1000}


class Reading:
    """One state of a tenant's journal and cases."""

    def __init__(self, connection: Connection, tenant: str) -> None:
        self._connection = connection
        self._tenant = {"tenant": tenant}
        self._collation = "C" if connection.dialect.name == "postgresql" else "BINARY"

    def lines(self) -> Iterator[str]:
        """The lines of the canonical journal, by case and number."""
        by_case = EVENTS.c.case.collate(self._collation)
        query = (
            sa.select(EVENTS.c.line)
            .where(EVENTS.c.tenant == bindparam("tenant"))
            .order_by(by_case, EVENTS.c.sequence)
        )
        rows = self._connection.execute(query, self._tenant, execution_options=_STREAMED)
        yield from rows.scalars()

    def events(self) -> Iterator[Event]:
        """The events, by case and number.

        Raises:
            JournalError: a line is no event.
        """
        for line in self.lines():
            yield event_of(line)

    def cases(self) -> Iterator[Kept]:
        """The cases, in the order of their ids."""
        query = (
            sa.select(CASES.c.case, CASES.c.kind, CASES.c.as_of, CASES.c.facts)
            .where(CASES.c.tenant == bindparam("tenant"))
            .order_by(CASES.c.case.collate(self._collation))
        )
        rows = self._connection.execute(query, self._tenant, execution_options=_STREAMED)
        for case, kind, as_of, facts in rows:
            yield Kept(case=case, kind=kind, as_of=as_of, facts=json.loads(facts))


@contextmanager
def reading(store: SqlStore) -> Iterator[Reading]:
    """One state of what a store keeps, for as long as the block lasts."""
    with store.place.read() as connection:
        yield Reading(connection, store.tenant)
