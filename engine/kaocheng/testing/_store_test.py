"""What the tests of stores have in common: the office, its people, and what is done to it."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from attrs import frozen

from kaocheng.calendars.numberline import HOUR, MINUTE, parse_instant
from kaocheng.engine.core import Engine
from kaocheng.engine.outcome import Outcome
from kaocheng.evaluate.python import Program, compile_plan
from kaocheng.host import Host
from kaocheng.language.ruleset import Ruleset
from kaocheng.model.events import Actor
from kaocheng.testing._opened import Callers, Opened, opened
from kaocheng.testing.durable import Auditor, Kept, Rows

MORNING = parse_instant("2009-03-02T09:00:00+08:00")
LI = Actor(id="li", unit="north", roles=("informant",))
WANG = Actor(id="wang", roles=("verifier", "editor"))
EXPRESS = {"outlet": "daily_express"}


@frozen(eq=False)
class Office:
    """The ruleset that stores are tested with, its compiled plan, and what audits them."""

    ruleset: Ruleset
    program: Program
    auditor: Auditor


@cache
def office() -> Office:
    """The same for all tests: it never changes."""
    ruleset = Host.discover().load(str(Path(__file__).with_name("contract_office")))
    program = compile_plan(ruleset.plan)
    return Office(ruleset, program, Auditor(ruleset, program))


class StoreTest(ABC):
    """Opens stores, and sees at the end of each test that what they keep is sound."""

    @abstractmethod
    def open(self, tenant: str) -> object:
        """One more store on the database of the test that is running."""

    def setup_method(self) -> None:
        """Begin a test with nothing open."""
        self._runner = asyncio.Runner()
        self._open: dict[str, Opened] = {}
        self.now = MORNING + 1_000 * HOUR

    def teardown_method(self) -> None:
        """Close what the test has opened, after seeing that all of it is sound."""
        try:
            for store in self._open.values():
                assert [] == self.faults(store.tenant)
        finally:
            for store in self._open.values():
                store.close()
            self._runner.close()

    def store(self, tenant: str = "north") -> Opened:
        """The store of a tenant, opened when it is first asked for."""
        if tenant not in self._open:
            self._open[tenant] = opened(self.open(tenant), self._runner)
        return self._open[tenant]

    def engine(self, tenant: str = "north") -> Engine:
        """One more engine on the store of a tenant."""
        return self.store(tenant).engine(office().ruleset, office().program, lambda: self.now)

    def kept(self, tenant: str = "north") -> Mapping[str, Rows]:
        """Every row of a tenant."""
        return self.store(tenant).look(lambda connection: Kept.read(connection, tenant).rows)

    def faults(self, tenant: str = "north") -> list[str]:
        """What is wrong with what is kept of a tenant."""
        return self.store(tenant).look(lambda c: office().auditor.faults(c, tenant))

    def do(self, statement: str) -> None:
        """Do something to the database behind the back of the store."""
        self.store().look(lambda connection: connection.execute(sa.text(statement)))

    def restore(self, rows: Mapping[str, Rows]) -> None:
        """Put back every row as it was."""
        self.store().look(lambda connection: restore(connection, rows))

    def make_notes(self) -> None:
        """Make a table of the caller's own."""
        self.do("CREATE TABLE contract_notes (note TEXT)")

    def notes(self, style: str) -> object:
        """How many notes the caller has of that style."""
        query = sa.text("SELECT count(*) FROM contract_notes WHERE note = :note")
        return self.store().look(lambda c: c.execute(query, {"note": style}).scalar())


def submit(
    engine: Engine,
    case: str,
    *,
    hours: int = 0,
    key: str | None = None,
    unit: str = "unit/a",
    **data: object,
) -> Outcome:
    """A report is submitted."""
    return engine.act(
        case,
        "submit",
        at=MORNING + hours * HOUR,
        actor=LI,
        data={"unit": unit, **data},
        idempotency_key=key,
    )


def adopt(  # noqa: PLR0913 - as above
    engine: Engine,
    case: str,
    *,
    hours: int = 0,
    minutes: int = 0,
    key: str | None = None,
    expected_sequence: int | None = None,
) -> Outcome:
    """A report is adopted."""
    return engine.act(
        case,
        "adopt",
        at=MORNING + hours * HOUR + minutes * MINUTE,
        actor=WANG,
        data=EXPRESS,
        idempotency_key=key,
        expected_sequence=expected_sequence,
    )


def happen(engine: Engine, case: str = "incident/1", *, hours: int = 0) -> Outcome:
    """An incident happens."""
    data = {"unit": "unit/a", "severity": "major"}
    return engine.act(case, "happen", at=MORNING + hours * HOUR, data=data)


def found(engine: Engine, case: str) -> list[object]:
    """The findings about a case."""
    return [finding["finding"] for finding in engine.results(case).collected("findings")]


def same(one: Outcome, other: Outcome) -> None:
    """Outcomes are equal in everything that can be read of them."""
    assert one.decision == other.decision
    assert one.event == other.event
    assert one.state == other.state
    assert dict(one.results) == dict(other.results)
    assert one.results.as_of == other.results.as_of
    assert one.unknown_parents == other.unknown_parents
    for name in ("findings", "entries", "notices", "undetermined"):
        assert getattr(one, name) == getattr(other, name)
    assert {k: dict(v) for k, v in one.parents.items()} == {
        k: dict(v) for k, v in other.parents.items()
    }


def note(caller: Callers, note: str) -> None:
    """The caller does something of its own."""
    caller.execute("INSERT INTO contract_notes VALUES (:note)", note=note)


def restore(connection: sa.Connection, rows: Mapping[str, Rows]) -> None:
    """Put back every row as it was."""
    for name, kept in rows.items():
        table = f"kaocheng_{name}"
        connection.execute(sa.delete(sa.table(table)))
        if kept:
            columns: list[sa.ColumnClause[object]] = [sa.column(column) for column in kept[0]]
            connection.execute(sa.insert(sa.table(table, *columns)), kept)
