"""Every generated table gives the same in both evaluators, for all combinations of values."""

from __future__ import annotations

from itertools import product

import pytest

from kaocheng.calendars.zones import Zones
from kaocheng.evaluate import columns, python
from kaocheng.language.expressions import Expr, Field, Lookup, Variable
from kaocheng.language.schema import Relation
from kaocheng.language.types import BOOL, INT, STRING, Row, Type
from kaocheng.model.facts import Facts, Times
from kaocheng.plan.algebra import Pipeline, Plan, RulePlan, TableRows, VersionFacts, Window
from kaocheng.testing._worlds import TABLES, VALUES


def plan_of(types: tuple[Type, ...], table: TableRows) -> Plan:
    """A rule that looks up every row of its source in a table."""
    names = {f"key {place}": type_ for place, type_ in enumerate(types)}
    source = Relation("source", {"case": STRING, **names}, ("case",))
    row = Variable(type=Row("source"), name="s")
    args: tuple[Expr, ...] = tuple(
        Field(type=type_, row=row, name=name) for name, type_ in names.items()
    )
    output: dict[str, Expr] = {
        "case": Field(type=STRING, row=row, name="case"),
        "value": Lookup(type=table.result, table=table.name, args=args),
    }
    made = {"case": STRING, "value": table.result, "version": INT, "undetermined": BOOL}
    relation = Relation("rule", made, ("case",))
    pipeline = Pipeline(source="source", variable="s", steps=(), output=output)
    window = Window(first_day=None, last_day=None)
    return Plan(
        ruleset="tables",
        versions=(VersionFacts(name="1", window=window, tables={table.name: table}),),
        relations={"source": source, "rule": relation},
        rules=(RulePlan(id="rule", section="derived", relation=relation, variants={0: pipeline}),),
    )


@pytest.mark.parametrize(("types", "table"), TABLES, ids=lambda item: getattr(item, "name", ""))
def test_tables_agree(types: tuple[Type, ...], table: TableRows) -> None:
    """A table gives the same row for each combination of values, bounds and unknowns included."""
    keys = product(*(VALUES[type_] for type_ in types))
    rows = [(f"case {number:04}", *key) for number, key in enumerate(keys)]
    plan, facts = plan_of(types, table), Facts(relations={"source": rows})
    times = Times(as_of=0)

    expected = python.compile_plan(plan, zones=Zones()).run(facts, times)

    assert expected == columns.run(plan, facts, times)
