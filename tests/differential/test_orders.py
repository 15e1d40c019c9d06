"""The highest and lowest of ordered values, for all combinations, in both evaluators."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import pytest

from kaocheng.calendars.zones import Zones
from kaocheng.evaluate import columns, python
from kaocheng.language.expressions import Call, Expr, Field, Fold, Items, Linked, Literal, Variable
from kaocheng.language.schema import Link, Relation
from kaocheng.language.types import BOOL, INT, STRING, Enum, ListOf, Row
from kaocheng.model.facts import Facts, Times
from kaocheng.plan.algebra import Pipeline, Plan, RulePlan, VersionFacts, Window

LEVEL = Enum("level", ("low", "middle", "high"), ordered=True)  # by name it would be otherwise
LEVELS = ListOf(LEVEL)
VALUES = (*LEVEL.values, "village", None)
SOURCE = Relation(
    "source",
    {"case": STRING, "a": LEVEL, "b": LEVEL, "list": LEVELS},
    ("case",),
    {"parts": Link("parts", "part", (("case", "case"),), many=True)},
)
PART = Relation("part", {"case": STRING, "sequence": INT, "level": LEVEL}, ("case", "sequence"))
ROW = Variable(type=Row("source"), name="s")
A, B = (Field(type=LEVEL, row=ROW, name=name) for name in "ab")
LIST = Field(type=LEVELS, row=ROW, name="list")
PARTS = Linked(type=ListOf(Row("part")), row=ROW, link="parts")
P, X = Variable(type=Row("part"), name="p"), Variable(type=LEVEL, name="x")
P_LEVEL = Field(type=LEVEL, row=P, name="level")
LOW = Literal(type=LEVEL, value="low")
LISTS: Mapping[str, Expr] = {
    "written": Items(type=LEVELS, items=(A, B)),
    "with a literal": Items(type=LEVELS, items=(LOW, A)),
    "empty": Items(type=LEVELS, items=()),
    "of a column": LIST,
    "filtered": Fold(
        type=LEVELS,
        how="filter",
        over=LIST,
        variable="x",
        body=Call(type=BOOL, op="ne", args=(X, A)),
    ),
    "of children": Fold(type=LEVELS, how="map", over=PARTS, variable="p", body=P_LEVEL),
    "chosen": Call(
        type=LEVELS,
        op="if",
        args=(
            Call(type=BOOL, op="eq", args=(A, LOW)),
            LIST,
            Items(type=LEVELS, items=(A, B)),
        ),
    ),
}


@pytest.mark.parametrize("op", ["lowest", "highest"])
@pytest.mark.parametrize("name", LISTS)
def test_orders_agree(op: str, name: str) -> None:
    """Both evaluators find the same value of every list, and unknown for the same lists."""
    output = {
        "case": Field(type=STRING, row=ROW, name="case"),
        "value": Call(type=LEVEL, op=op, args=(LISTS[name],)),
    }
    made = {"case": STRING, "value": LEVEL, "version": INT, "undetermined": BOOL}
    relation = Relation("rule", made, ("case",))
    pipeline = Pipeline(source="source", variable="s", steps=(), output=output)
    window = Window(first_day=None, last_day=None)
    plan = Plan(
        ruleset="orders",
        versions=(VersionFacts(name="1", window=window),),
        relations={"source": SOURCE, "part": PART, "rule": relation},
        rules=(RulePlan(id="rule", section="derived", relation=relation, variants={0: pipeline}),),
    )
    lists = (None, (), ("middle",), ("high", "low", "middle"), ("low", None), ("high", "village"))
    keys = list(product(VALUES, VALUES, lists))
    rows = [(f"case {number:03}", *key) for number, key in enumerate(keys)]
    parts = [
        (f"case {number:03}", place, level)
        for number, (*_, listed) in enumerate(keys)
        for place, level in enumerate(listed or ())
    ]
    facts, times = Facts(relations={"source": rows, "part": parts}), Times(as_of=0)

    expected = python.compile_plan(plan, zones=Zones()).run(facts, times)

    assert expected == columns.run(plan, facts, times)
