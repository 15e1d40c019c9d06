"""One durable `act`: decided, assessed, and kept with its timers and messages.

Against bare inserts of the very rows that it writes, one transaction each, through the same
SQLAlchemy engine; the driver alone stands beside it. Then against `eventsourcing` and DBOS,
each as its documentation shows.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from durable import DATABASES, Acts, Rows, act
from measuring import Row, Task, compared, interleaved, shown

from kaocheng.stores.schema import CASES, EVENTS, OUTBOX, TIMERS

COUNT = 150
LATER = 3
BARE, RAW = "bare inserts of the same rows", "the same inserts by the driver"
DBOS_BARS = {"SQLite": ">= 8", "PostgreSQL": ">= 3"}


def main() -> list[Row]:
    """The rows of this benchmark."""
    found: list[Row] = []
    for name, at in DATABASES.items():
        with at() as url:
            acts = Acts(url)
            for what, events in (("an act that opens a case", 0), ("a later act", LATER)):
                found += against_inserts(f"{what}, {name}", acts, events)
            if name == "SQLite":
                found.append(against_eventsourcing(f"a later act, {name}", acts))
            found.append(against_dbos(f"a later act, {name}", acts, url, DBOS_BARS[name]))
            acts.database.dispose()
    return found


def ours(acts: Acts, events: int) -> Task:
    """The next act of cases that have so many events."""
    return Task(lambda: acts.given(COUNT, events), act)


# Bare inserts -----------------------------------------------------------------------------------

INSERTS = {table.name: sa.insert(table) for table in (EVENTS, CASES, TIMERS, OUTBOX)}


def against_inserts(what: str, acts: Acts, events: int) -> Iterator[Row]:
    """Through SQLAlchemy, which has the bar, and by the driver alone."""
    written = acts.written(COUNT, events)

    def renamed() -> list[Rows]:
        tenant = {"tenant": acts.tenant()}
        return [
            [(table, [dict(row) | tenant for row in rows]) for table, rows in one]
            for one in written
        ]

    def insert(rows: Rows) -> None:
        with acts.database.begin() as connection:
            for table, given in rows:
                connection.execute(INSERTS[table.name], given)

    tasks = {"ours": ours(acts, events), BARE: Task(renamed, insert)}
    tasks[RAW] = Task(renamed, by_driver(acts.database))
    figures = interleaved(tasks, rounds=5)
    yield compared(what, figures, BARE, ">= 0.6")
    yield Row("", "", f"{shown(figures[RAW])}, {RAW}", "", "", ok=True)


def by_driver(database: sa.Engine) -> Callable[[Rows], None]:
    """Inserts by a connection of the driver that stays open."""
    connection: Any = database.raw_connection().dbapi_connection
    is_sqlite = database.dialect.name == "sqlite"
    texts = {
        name: (str(made), getattr(made, "positiontup", None))
        for name, statement in INSERTS.items()
        for made in (statement.compile(dialect=database.dialect),)
    }

    def insert(rows: Rows) -> None:
        cursor = connection.cursor()
        if is_sqlite:
            cursor.execute("BEGIN IMMEDIATE")
        for table, given in rows:
            text, names = texts[table.name]
            values = [tuple(row[name] for name in names) for row in given] if names else given
            if len(given) == 1:
                cursor.execute(text, values[0])
            else:
                cursor.executemany(text, values)
        connection.commit()
        cursor.close()

    return insert


# eventsourcing ----------------------------------------------------------------------------------


def against_eventsourcing(what: str, acts: Acts) -> Row:
    """Load an aggregate of as many events, append one, save."""
    from eventsourcing.application import Application
    from eventsourcing.domain import Aggregate, event

    class Report(Aggregate):
        @event("Submitted")
        def __init__(self, genre: str, length: int) -> None:
            self.genre = genre
            self.length = length
            self.hearings: list[tuple[str, str]] = []

        @event("Heard")
        def hear(self, outlet: str, level: str) -> None:
            self.hearings.append((outlet, level))

    file = str(acts.database.url.database) + "-events"
    settings = {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": file}
    office: Any = Application(env=settings)

    def hear(report: uuid.UUID) -> None:
        found = office.repository.get(report)
        found.hear("special_report", "central")
        office.save(found)

    def prepare() -> Sequence[uuid.UUID]:
        reports = [Report("research", 1200) for _ in range(COUNT)]
        office.save(*reports)
        for _ in range(LATER - 1):
            for report in reports:
                hear(report.id)
        return [report.id for report in reports]

    name = "eventsourcing: load, append, save"
    figures = interleaved({"ours": ours(acts, LATER), name: Task(prepare, hear)}, rounds=5)
    office.close()
    return compared(what, figures, name, ">= 0.5")


# DBOS -------------------------------------------------------------------------------------------


def against_dbos(what: str, acts: Acts, url: str, bar: str) -> Row:
    """A workflow of one step that gives back what it is given.

    Its threads go on for a moment, so turns are longer.
    """
    with dbos_at(url) as workflow:
        name = "DBOS: a workflow of one step"
        tasks = {"ours": ours(acts, LATER), name: Task(lambda: range(COUNT), workflow)}
        return compared(what, interleaved(tasks, rounds=5, turn=10), name, bar)


@contextmanager
def dbos_at(url: str) -> Iterator[Callable[[int], int]]:
    """DBOS on a database of its own, with its usual settings."""
    from dbos import DBOS

    made = sa.make_url(url)
    if made.get_backend_name() == "sqlite":
        made = made.set(database=f"{made.database}-dbos")
    else:
        made = made.set(database="dbos_bench")
    system = made.render_as_string(hide_password=False)
    DBOS(
        config={
            "name": "bench",
            "system_database_url": system,
            "log_level": "ERROR",
            "run_admin_server": False,
        }
    )

    @DBOS.step()  # type: ignore[untyped-decorator]
    def keep(number: int) -> int:
        return number

    @DBOS.workflow()  # type: ignore[untyped-decorator]
    def workflow(number: int) -> int:
        return int(keep(number))

    DBOS.launch()
    try:
        yield workflow
    finally:
        DBOS.destroy(destroy_registry=True)
