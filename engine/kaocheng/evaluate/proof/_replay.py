"""A case that the solver found, assessed again by the Python evaluator.

A counterexample counts only when it breaks the promise there too: a mistake in the
encoding can then make a proof fail, but never accuse a ruleset.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from kaocheng.calendars.zones import Zones
from kaocheng.evaluate.python import compile_plan, evaluate_expression, setting_of
from kaocheng.language.schema import Relation
from kaocheng.model.facts import Facts, Times
from kaocheng.plan.algebra import UNDETERMINED, Plan
from kaocheng.plan.properties import Property

Row = tuple[object, ...]
AS_OF = "as_of"


@frozen(kw_only=True)
class Case:
    """Facts and a time, and for each variable the values by which its row is known again."""

    facts: Facts
    as_of: int
    marks: Mapping[str, Mapping[str, object]]


def replay(  # noqa: PLR0913 - a case, a promise, and all that gives them a meaning
    plan: Plan,
    promise: Property,
    case: Case,
    *,
    version: int,
    relations: Mapping[str, Relation],
    zones: Zones,
) -> Mapping[str, Row] | None:
    """The row of each variable if the case breaks the promise, else None."""
    program = compile_plan(plan, zones=zones)
    results = program.run(case.facts, Times(as_of=case.as_of))
    rows = {**case.facts.relations, **results}
    bound: dict[str, Row] = {}
    for variable, relation in relations.items():
        marks = case.marks[variable]
        found = [row for row in rows[relation.name] if _has_marks(row, relation, marks)]
        if not found or not _determined(found[0], relation):
            return None
        bound[variable] = found[0]
    context = program.context(rows, as_of=case.as_of)
    setting = setting_of(plan, version, zones=zones)
    bindings = {AS_OF: case.as_of, **bound}
    truths = [
        evaluate_expression(expr, bindings, setting, context=context)
        for expr in promise.expressions()
    ]
    broken = all(truth is True for truth in truths[:-1]) and truths[-1] is not True
    return bound if broken else None


def _has_marks(row: Row, relation: Relation, marks: Mapping[str, object]) -> bool:
    return all(row[relation.index(name)] == value for name, value in marks.items())


def _determined(row: Row, relation: Relation) -> bool:
    if UNDETERMINED not in relation.columns:
        return True
    return row[relation.index(UNDETERMINED)] is not True
