"""Versions that differ in a few numbers are computed together, and give what each gives apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import ibis
import pytest
from attrs import evolve, fields
from hypothesis import HealthCheck, Phase, given, settings

from kaocheng.calendars.zones import Zones
from kaocheng.errors import UnsupportedError
from kaocheng.evaluate import columns, python
from kaocheng.evaluate.columns._versions import pipelines_of
from kaocheng.language.expressions import Expr, Field, Literal, Variable
from kaocheng.language.schema import Relation
from kaocheng.language.types import BOOL, DATE, INT, STRING, Row, Type
from kaocheng.model.facts import Facts, Times
from kaocheng.plan.algebra import (
    ROW,
    Measure,
    Number,
    Order,
    Pipeline,
    Plan,
    RulePlan,
    Step,
    VersionFacts,
    Window,
)
from kaocheng.testing._worlds import BOUNDARIES
from kaocheng.testing.plans import (
    Example,
    expression_examples,
    pipeline_examples,
)

BOUNDARY = BOUNDARIES[1]
BOUNDED = settings(
    max_examples=12,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def connection() -> Iterator[ibis.BaseBackend]:
    """One database for all examples."""
    made = ibis.duckdb.connect()
    yield made
    made.disconnect()


def shifted(part: Any) -> Any:  # noqa: ANN401 - parts of a pipeline of all sorts
    """A part of a pipeline in which every whole number is one more."""
    if isinstance(part, Literal) and part.type == INT and type(part.value) is int:
        return evolve(part, value=part.value + 1 if part.value < 2**62 else part.value - 1)
    if isinstance(part, Expr | Step | Pipeline | Order | Measure):
        own = {a.name: getattr(part, a.name) for a in fields(type(part)) if a.eq}
        return evolve(part, **{name: shifted(value) for name, value in own.items()})
    if isinstance(part, tuple):
        return tuple(shifted(item) for item in part)
    if isinstance(part, Mapping):
        return {name: shifted(value) for name, value in part.items()}
    return part


def alike(plan: Plan, *, differ: bool) -> Plan:
    """The first version of a plan and, from some day on, one that says the same or nearly so."""
    first = plan.versions[0]
    before, after = (
        Window(first_day=None, last_day=BOUNDARY - 1),
        Window(first_day=BOUNDARY, last_day=None),
    )
    versions = (evolve(first, name="1", window=before), evolve(first, name="2", window=after))
    rules = tuple(evolve(rule, variants=_variants(rule, differ=differ)) for rule in plan.rules)
    return evolve(plan, versions=versions, rules=rules)


def _variants(rule: RulePlan, *, differ: bool) -> Mapping[int, Pipeline]:
    first = rule.variants[0]
    return {0: first, 1: evolve(shifted(first), instant=first.instant) if differ else first}


def agree(example: Example, connection: ibis.BaseBackend, *, differ: bool) -> int:
    """Compare both evaluators; gives how many rules were computed for two versions at once."""
    plan = alike(example.plan, differ=differ)
    try:
        seen = columns.run(plan, example.facts, example.times, connection=connection)
    except UnsupportedError:
        return 0
    expected = python.compile_plan(plan, zones=Zones()).run(example.facts, example.times)
    assert expected == seen
    return sum(len(rule.variants) > len(pipelines_of(plan, rule)) for rule in plan.rules)


@pytest.mark.parametrize("examples", [expression_examples, pipeline_examples])
@pytest.mark.parametrize("differ", [True, False])
def test_versions_computed_together_agree(
    examples: Any,  # noqa: ANN401 - functions with defaults of their own
    differ: bool,  # noqa: FBT001 - a parameter of the test
    connection: ibis.BaseBackend,
) -> None:
    """Whether a rule says in two versions the same or nearly so, every row is as it should be."""
    together: list[int] = []

    @BOUNDED
    @given(examples())
    def holds(example: Example) -> None:
        together.append(agree(example, connection, differ=differ))

    holds()

    assert any(together)


def test_ranks_count_the_rows_of_one_version(connection: ibis.BaseBackend) -> None:
    """A row that an earlier version governs takes no rank from one that a later one does."""
    types: dict[str, Type] = {"case": STRING, "day": DATE, "n": INT}
    source = Variable(type=Row("r"), name="r")
    own = {name: Field(row=source, name=name, type=type_) for name, type_ in types.items()}
    rank = Field(row=Variable(type=Row(""), name=ROW), name="rank", type=INT)
    pipeline = Pipeline(
        source="r",
        variable="r",
        steps=(Number(column="rank", per=(), order=(Order(by=own["n"]),)),),
        output={"case": own["case"], "rank": rank},
        instant=own["day"],
    )
    out = Relation("out", {"case": STRING, "rank": INT, "version": INT, "undetermined": BOOL}, ())
    rule = RulePlan(id="out", section="rules", relation=out, variants={0: pipeline, 1: pipeline})
    versions = (
        VersionFacts(name="1", window=Window(first_day=None, last_day=9)),
        VersionFacts(name="2", window=Window(first_day=10, last_day=None)),
    )
    relations = {"r": Relation("r", types, ("case",)), "out": out}
    plan = Plan(ruleset="ranks", versions=versions, relations=relations, rules=(rule,))
    facts, times = Facts(relations={"r": [("a", 1, 5), ("b", 20, 6), ("c", 21, 4)]}), Times(as_of=0)
    ranked = [("a", 1, 0, False), ("b", 2, 1, False), ("c", 1, 1, False)]

    assert ranked == python.run(plan, facts, times)["out"]
    assert ranked == columns.run(plan, facts, times, connection=connection)["out"]
