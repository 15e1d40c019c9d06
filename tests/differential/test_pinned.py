"""Differences between the evaluators found once, each in the smallest plan that shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import ibis
import pytest

from kaocheng.evaluate import columns, python
from kaocheng.language.expressions import Call, Expr, Field, Has, Items, Literal, Variable
from kaocheng.language.schema import Relation
from kaocheng.language.types import BOOL, INT, STRING, ListOf, Row, Type
from kaocheng.model.facts import Facts, Times
from kaocheng.plan.algebra import (
    Measure,
    Pipeline,
    Plan,
    RulePlan,
    Step,
    Tally,
    VersionFacts,
    Where,
    Window,
)

COLUMNS: dict[str, Type] = {"case": STRING, "ok": BOOL, "n": INT}
HIDDEN: dict[str, Type] = {"version": INT, "undetermined": BOOL}
Rows = Sequence[tuple[object, ...]]


@pytest.fixture(scope="module")
def connection() -> Iterator[ibis.BaseBackend]:
    """One database for all tests."""
    made = ibis.duckdb.connect()
    yield made
    made.disconnect()


def field(name: str) -> Field:
    """A column of the source row."""
    return Field(row=Variable(type=Row("r"), name="r"), name=name, type=COLUMNS[name])


def derived(name: str, type_: Type = INT) -> Field:
    """A column that a step added."""
    return Field(row=Variable(type=Row("row"), name="row"), name=name, type=type_)


def call(op: str, *args: Expr, type_: Type = BOOL) -> Call:
    """An operation."""
    return Call(op=op, args=args, type=type_)


def literal(value: object, type_: Type = BOOL) -> Literal:
    """A value written out."""
    return Literal(value=value, type=type_)


def plan(steps: Sequence[Step], output: Mapping[str, Expr]) -> Plan:
    """A plan of one rule over `r`."""
    types = {name: expr.type for name, expr in output.items()}
    out = Relation("out", types | HIDDEN, tuple(types)[:1])
    pipeline = Pipeline(source="r", variable="r", steps=tuple(steps), output=output)
    rule = RulePlan(id="out", section="rules", relation=out, variants={0: pipeline})
    version = VersionFacts(name="1", window=Window(first_day=None, last_day=None))
    relations = {"r": Relation("r", COLUMNS, ("case",)), "out": out}
    return Plan(ruleset="pinned", versions=(version,), relations=relations, rules=(rule,))


def agreed(made: Plan, rows: Rows, connection: ibis.BaseBackend) -> Rows:
    """What both evaluators give, without the version."""
    facts, times = Facts(relations={"r": list(rows)}), Times(as_of=0)
    expected = python.run(made, facts, times)["out"]

    assert expected == columns.run(made, facts, times, connection=connection)["out"]
    return [(*row[:-2], row[-1]) for row in expected]


def test_a_known_contrary_is_known(connection: ibis.BaseBackend) -> None:
    """A row is not undetermined where the contrary of a known condition holds."""
    steps = [Where(condition=call("not", field("ok")))]
    made = plan(steps, {"case": field("case")})
    rows = [("a", False, None), ("b", True, None), ("c", None, None)]

    assert [("a", False), ("c", True)] == agreed(made, rows, connection)


def test_a_condition_that_is_asked_about(connection: ibis.BaseBackend) -> None:
    """Whether a condition is known, or one of a list, is asked of the whole condition."""
    above = call("gt", field("n"), literal(1, INT))
    contrary = call("not", field("ok"))
    both = Items(items=(literal(value=True), literal(value=False)), type=ListOf(BOOL))
    output = {
        "case": field("case"),
        **{f"has {i}": Has(operand=e, type=BOOL) for i, e in enumerate((above, contrary))},
        **{f"in {i}": call("in", e, both) for i, e in enumerate((above, contrary))},
        "equal": call("eq", contrary, above),
    }
    rows = [("a", False, 2), ("b", True, 1), ("c", None, None)]

    assert [
        ("a", True, True, True, True, True, False),
        ("b", True, True, True, True, True, False),
        ("c", False, False, None, None, None, False),
    ] == agreed(plan((), output), rows, connection)


def test_a_tally_without_groups(connection: ibis.BaseBackend) -> None:
    """A tally of all rows has no unknown group: its one row is provisional and not undetermined."""
    measures = (Measure(name="count", how="count"), Measure(name="sum", how="sum", of=field("n")))
    names = ("count", "sum", "provisional")
    made = plan([Tally(per={}, measures=measures)], {name: derived(name) for name in names})

    assert [(1, 3, 1, False)] == agreed(made, [("a", None, 3), ("b", None, None)], connection)
    assert [] == agreed(made, [], connection)
