"""The Python evaluator and the columns evaluator give the same rows for generated plans.

Each example batches many expressions, steps and rows into one plan, over two versions,
with unknowns, what has not happened, and the extremes of every type.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

import ibis
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kaocheng.calendars.numberline import DAY
from kaocheng.calendars.zones import Zones
from kaocheng.errors import UnsupportedError
from kaocheng.evaluate import columns, python
from kaocheng.language.expressions import Call, Expr
from kaocheng.language.operations import OPERATIONS
from kaocheng.model.facts import Facts, Times
from kaocheng.plan import algebra
from kaocheng.plan.algebra import Pipeline
from kaocheng.plan.printing import print_plan
from kaocheng.testing.plans import (
    Example,
    condition_examples,
    expression_examples,
    limit_examples,
    pipeline_examples,
)

Results = Mapping[str, Sequence[tuple[object, ...]]]

# One plan takes about a second to build as queries; a plan holds dozens of expressions.
BOUNDED = settings(
    max_examples=12,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
COUNTED = settings(BOUNDED, max_examples=300, report_multiple_bugs=False)
STEPS = {
    step
    for step in vars(algebra).values()
    if isinstance(step, type) and issubclass(step, algebra.Step) and step is not algebra.Step
}


@pytest.fixture(scope="module")
def connection() -> Iterator[ibis.BaseBackend]:
    """One database for all examples."""
    made = ibis.duckdb.connect()
    yield made
    made.disconnect()


def same(example: Example, connection: ibis.BaseBackend) -> bool:
    """Whether columns take the plan; then both evaluators give the same rows, time and again."""
    program = python.compile_plan(example.plan, zones=Zones())
    for facts, times in ((example.facts, example.times), _later(example)):
        try:
            seen = columns.run(example.plan, facts, times, connection=connection)
        except UnsupportedError:
            return False
        expected = program.run(facts, times)
        if expected != seen:
            pytest.fail("\n".join([*_differences(expected, seen), *print_plan(example.plan)]))
    return True


def _later(example: Example) -> tuple[Facts, Times]:
    """Half of the facts, some time later: the plan keeps what does not depend on them."""
    facts = {name: rows[: len(rows) // 2] for name, rows in example.facts.relations.items()}
    return Facts(relations=facts), Times(as_of=example.times.as_of + 40 * DAY)


def _differences(expected: Results, seen: Results) -> Iterator[str]:
    """The rows that only one of the evaluators gives, some of each relation."""
    for name, rows in expected.items():
        for word, these, others in (("expected", rows, seen[name]), ("seen", seen[name], rows)):
            only = [row for row in these if row not in others]
            yield from (f"{name}: only {word}: {row}" for row in only[:3])


GENERATED = {
    "expressions of every type": expression_examples(),
    "conditions of conditions": condition_examples(),
    "limits and pauses": limit_examples(),
    "rules of every step": pipeline_examples(),
}


@pytest.mark.parametrize("examples", GENERATED.values(), ids=GENERATED.keys())
def test_generated_plans_agree(
    examples: st.SearchStrategy[Example], connection: ibis.BaseBackend
) -> None:
    """Generated plans of every kind give the same rows in both."""
    compared: list[bool] = []

    @BOUNDED
    @given(examples)
    def holds(example: Example) -> None:
        compared.append(same(example, connection))

    holds()

    assert sum(compared) > len(compared) / 2


class _AllSeen(Exception):  # noqa: N818 - it ends a search and is no error
    """Nothing is left to look for."""


def test_every_operation_and_step_is_generated() -> None:
    """No operation and no step is left out of what is compared."""
    operations, steps = set(OPERATIONS), set(STEPS)

    @COUNTED
    @given(expression_examples(columns=40))
    def expressions(example: Example) -> None:
        operations.difference_update(op for e in _all(example) for op in _operations(e))
        if not operations:
            raise _AllSeen

    @COUNTED
    @given(pipeline_examples())
    def pipelines(example: Example) -> None:
        steps.difference_update(type(step) for p in _pipelines(example) for step in p.steps)
        if not steps:
            raise _AllSeen

    with suppress(_AllSeen):
        expressions()
    with suppress(_AllSeen):
        pipelines()

    assert set() == operations
    assert set() == steps


def _pipelines(example: Example) -> Iterator[Pipeline]:
    for rule in example.plan.rules:
        yield from rule.variants.values()


def _all(example: Example) -> Iterator[Expr]:
    for pipeline in _pipelines(example):
        yield from pipeline.expressions()


def _operations(expr: Expr) -> Iterator[str]:
    return (node.op for node in expr.walk() if isinstance(node, Call))
