"""What an engine hands out: rows by name, results by rule, a store of events."""

from __future__ import annotations

import threading

import pytest

from kaocheng.engine import CaseResults, ClashError, Engine, MemoryStore, Receipt, RowView
from kaocheng.engine.outcome import Outputs
from kaocheng.evaluate.python import Program
from kaocheng.language.ruleset import Ruleset
from kaocheng.language.schema import Relation
from kaocheng.language.types import INT, STRING
from kaocheng.model.events import Actor, Event

RELATION = Relation("points", {"case": STRING, "amount": INT}, ("case",))
ONE, TWO, THREE = ("report/1", 1), ("report/1", 2), ("report/1", 3)


def event(sequence: int, case: str = "report/1") -> Event:
    """An event of a case."""
    return Event(case=case, sequence=sequence, event="submit", at=sequence)


def test_row_by_name() -> None:
    """A row is read by the names of its columns, like any mapping."""
    row = RowView(RELATION, ONE)

    assert {"case": "report/1", "amount": 1} == dict(row)
    assert row == {"case": "report/1", "amount": 1}
    assert ONE == row.row
    assert "RowView({'case': 'report/1', 'amount': 1})" == repr(row)


def test_no_such_column() -> None:
    """A column that the row does not have is a key error."""
    with pytest.raises(KeyError, match="sum"):
        RowView(RELATION, ONE)["sum"]


@pytest.mark.parametrize(
    "chain", [[ONE, TWO, THREE], ([ONE], [TWO, THREE]), (([ONE], [TWO]), [THREE])]
)
def test_rows_of_a_rule(chain: object) -> None:
    """The rows of a rule are in order, however many acts gave them."""
    results = CaseResults(Outputs({"points": RELATION}, {}), [chain], 7)  # type: ignore[list-item]

    assert [ONE, TWO, THREE] == results.rows("points")
    assert [1, 2, 3] == [row["amount"] for row in results["points"]]
    assert (["points"], 1, 7) == (list(results), len(results), results.as_of)


def test_no_such_rule() -> None:
    """A rule that has no results for the case is a key error."""
    with pytest.raises(KeyError, match="merits"):
        CaseResults(Outputs({"points": RELATION}, {}), [[ONE]], 7)["merits"]


def test_store() -> None:
    """A store gives back the events of a case, the cases, and the receipts."""
    store = MemoryStore([event(1), event(1, "report/2")])
    receipt = Receipt("k", ("report/1",), None)
    store.append(event(2), receipt)

    assert (event(1), event(2)) == store.load("report/1")
    assert () == store.load("report/3")
    assert ["report/1", "report/2"] == list(store.cases())
    assert receipt == store.receipt("k")
    assert store.receipt("l") is None


def test_clash() -> None:
    """Two events of a case cannot have the same number, and the receipt of the second is lost."""
    store = MemoryStore([event(1)])

    with pytest.raises(ClashError, match="`report/1` already has an event 1"):
        store.append(event(1), Receipt("k", (), None))
    assert (event(1),) == store.load("report/1")
    assert store.receipt("k") is None


def test_journal_in_order(engine: Engine) -> None:
    """The journal has all events by case and number."""
    for case in ("incident/2", "incident/1"):
        for at in (5, 3):
            engine.act(case, "happen", at=at)

    assert [("incident/1", 1), ("incident/1", 2), ("incident/2", 1), ("incident/2", 2)] == [
        (e.case, e.sequence) for e in engine.journal().events
    ]


def test_an_engine_per_thread(office: Ruleset, program: Program) -> None:
    """Engines in several threads may share a compiled program."""
    states: list[str | None] = []

    def work() -> None:
        engine = Engine(office, program=program)
        for number in range(50):
            outcome = engine.act(
                f"report/{number}",
                "submit",
                at=number + 1,
                actor=Actor(id="li", roles=("informant",)),
            )
            states.append(outcome.state)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert ["submitted"] * 200 == states
