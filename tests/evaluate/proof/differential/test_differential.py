"""The encoding says of each single case what the Python evaluator says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaocheng.calendars.numberline import DAY, FIRST_DAY, LAST_DAY, NEVER, parse_instant
from kaocheng.calendars.zones import Zones
from kaocheng.evaluate.proof import prove
from kaocheng.evaluate.python import evaluate_expression, run, setting_of
from kaocheng.evaluate.python._order import sorted_rows
from kaocheng.language.expressions import Call, Expr, Field, Literal, Variable
from kaocheng.language.types import BOOL, DATE, INSTANT, INT, STRING, Type
from kaocheng.language.types import Row as RowOf
from kaocheng.model.facts import Facts, Times
from kaocheng.plan.algebra import Plan
from kaocheng.plan.properties import Property

if TYPE_CHECKING:
    from tests.evaluate.proof.differential.conftest import Generate

AS_OF = st.integers(parse_instant("2019-12-01T00:00:00Z"), parse_instant("2020-12-01T00:00:00Z"))
BEFORE_THE_CHANGE = parse_instant("2020-02-01T00:00:00Z")
Row = tuple[object, ...]
UNKNOWN = 0.1
# One example assesses several cases under many operations.
FEW = settings(max_examples=max(10, settings.default.max_examples // 4))
Term = Any  # the solver has no types


def any_value(chance: Random, pool: Sequence[object]) -> object:
    """A value of the pool, or now and then an unknown one."""
    return None if chance.random() < UNKNOWN else chance.choice(pool)


@st.composite
def facts_of(draw: st.DrawFn, plan: Plan, generate: Generate, *, things: int = 6) -> Facts:
    """Some things, and the units that they may refer to.

    The values come from a seed, so that they do not depend on each other.
    """
    chance = Random(draw(st.integers(0, 2**32)))  # noqa: S311 - cases, not secrets
    names = [f"thing/{index}" for index in range(things)]
    units = ["unit/1", "unit/2"]
    begins = chance.sample(generate.pools[INSTANT], 2)

    def rows(relation: str, keys: Sequence[Row]) -> list[Row]:
        types = list(plan.relations[relation].columns.values())
        return [
            (*key, *(any_value(chance, generate.pools[type_]) for type_ in types[len(key) :]))
            for key in keys
        ]

    return Facts(
        relations={
            "thing": rows("thing", [(name,) for name in names]),
            "unit": rows("unit", [(unit,) for unit in units]),
            "post": rows("post", [("unit/1", begin) for begin in begins]),
        }
    )


class Encoded:
    """The encoding of a rule, asked about one case after the other."""

    def __init__(self, plan: Plan, facts: Facts, as_of: int, zones: Zones) -> None:
        import z3

        from kaocheng.evaluate.proof._search import Search
        from kaocheng.evaluate.proof._strings import strings_for
        from kaocheng.evaluate.proof._world import AllRows

        self.plan, self.facts = plan, facts
        pipes = plan.rules[0].variants.values()
        self.texts = strings_for(expr for pipe in pipes for expr in pipe.expressions())
        self.world = AllRows(plan, self.texts, zones=zones, as_of=as_of)
        self.row: Any = self.world.row("rule", "rule", z3.BoolVal(val=True))
        self.values: dict[str, Any] = {n: self.row.column(n) for n in self.row.relation.columns}
        for name in ("unit", "post"):
            for index, _ in enumerate(facts.relations[name]):
                self.world.row(name, f"fact {name} {index}", z3.BoolVal(val=True))
        self.world.premises()  # states what leads to further rows, so that all are there
        self.search = Search(self.world.calendars, left=lambda: 20_000)
        told = [self.is_a_fact(base) for base in self.world.base_rows]
        self.search.state([*self.world.premises(), *told])
        self.search.rest_on(self.world.calendars.premises())

    def rows(self) -> list[Row]:
        """The rows of the rule, as the encoding has them."""
        cases = self.facts.relations["thing"]
        found = (self.of(case, version) for case in cases for version in self.row.variants)
        return sorted_rows((row for row in found if row is not None), self.row.relation)

    def of(self, case: Row, version: int) -> Row | None:
        """The row that a version makes of a case, or None."""
        import z3

        from kaocheng.evaluate.proof._shown import concrete

        (source,) = (base for base in self.world.base_rows if base.label == "rule.thing")
        is_made = z3.And(self.row.present, self.values["version"].value == version)
        supposed = z3.And(is_made, self.equals(source, case))
        outcome = self.search.find(self.search.supposing(supposed))
        assert outcome.impossible or outcome.model is not None, "the solver gave up"
        if outcome.model is None:
            return None
        columns = self.row.relation.columns
        return tuple(
            concrete(value, columns[name], outcome.model, self.texts)
            for name, value in self.values.items()
        )

    def is_a_fact(self, base: Term) -> Term:
        """That a symbolic row, if there is one, is one of the facts (or the one it stands for)."""
        import z3

        rows = self.facts.relations[base.relation.name]
        label = base.label.split()
        if label[0] == "fact":
            rows = [rows[int(label[2])]]
        return z3.Implies(base.present, z3.Or([self.equals(base, row) for row in rows]))

    def equals(self, base: Term, row: Row) -> Term:
        """That a symbolic row is the given one."""
        import z3

        parts = []
        for name, value in zip(base.relation.columns, row, strict=True):
            symbol = base.column(name)
            if value is None:
                parts.append(symbol.unknown)
            else:
                parts += [z3.Not(symbol.unknown), symbol.value == self.constant(value)]
        return z3.And(parts)

    def constant(self, value: object) -> Term:
        """A value of the number line, for the solver."""
        import z3

        if isinstance(value, str):
            return self.texts.literal(value)
        return z3.BoolVal(value) if isinstance(value, bool) else z3.IntVal(value)


@pytest.mark.parametrize("texts", [False, True])
@FEW
@given(data=st.data())
def test_each_operation_comes_out_as_in_the_python_evaluator(
    *, generate: Generate, zones: Zones, texts: bool, data: st.DataObject
) -> None:
    """Every operation, on any values, gives in the encoding what the Python evaluator gives."""
    plan = data.draw(generate.plans_with_every_operation(texts=texts))
    facts = data.draw(facts_of(plan, generate))
    expected = run(plan, facts, Times(as_of=BEFORE_THE_CHANGE))["rule"]

    actual = Encoded(plan, facts, BEFORE_THE_CHANGE, zones).rows()

    names = plan.relations["rule"].columns
    assert [dict(zip(names, row, strict=True)) for row in expected] == [
        dict(zip(names, row, strict=True)) for row in actual
    ]


@pytest.mark.parametrize("texts", [False, True])
@FEW
@given(data=st.data(), as_of=AS_OF)
def test_each_case_comes_out_as_in_the_python_evaluator(
    *, generate: Generate, zones: Zones, texts: bool, data: st.DataObject, as_of: int
) -> None:
    """On any case the encoding of any rule gives the rows that the Python evaluator gives."""
    plan = data.draw(generate.plans(texts=texts))
    facts = data.draw(facts_of(plan, generate))
    expected = run(plan, facts, Times(as_of=as_of))["rule"]

    actual = Encoded(plan, facts, as_of, zones).rows()

    assert expected == actual


def claims(plan: Plan) -> list[Expr]:
    """Promises that one may well make about the rule, right or wrong."""
    columns = plan.relations["rule"].columns

    def made(name: str) -> Expr:
        row = Variable(name="n", type=RowOf("rule"))
        return Field(row=row, name=name, type=columns[name])

    def test(op: str, *args: Expr) -> Expr:
        return Call(op=op, type=BOOL, args=args)

    late = test("eq", made("status"), Literal(value="late", type=STRING))
    return [
        test("le", made("start"), made("due")),
        test("ge", made("late_by"), Literal(value=0, type=columns["late_by"])),
        test("or", test("not", late), test("gt", made("met_at"), made("due"))),
        test("eq", made("value"), made("value")),
        test("eq", made("version"), Literal(value=1, type=INT)),
    ]


def within_reach(row: Row, columns: Mapping[str, Type]) -> bool:
    """Whether the times of a row lie a year inside the calendar, as those of promises do."""
    units = {DATE: 1, INSTANT: DAY}
    times = [
        (value, units[type_])
        for value, type_ in zip(row, columns.values(), strict=True)
        if type_ in units and isinstance(value, int) and value != NEVER
    ]
    return all(FIRST_DAY + 366 <= value // unit < LAST_DAY - 366 for value, unit in times)


@FEW
@given(data=st.data(), as_of=AS_OF)
def test_what_is_proved_no_case_breaks(
    generate: Generate, zones: Zones, data: st.DataObject, as_of: int
) -> None:
    """No random case breaks a promise that was proved, and every counterexample is real."""
    from kaocheng.evaluate.proof._question import NOT_REPRODUCED

    plan = data.draw(generate.plans(depth=1))
    claim = data.draw(st.sampled_from(claims(plan)))
    promise = Property(id="promise", titles={}, rows={"n": "rule"}, claim=claim)
    facts = data.draw(facts_of(plan, generate, things=40))

    proof = prove(plan, promise, zones=zones)

    assert proof.reason != NOT_REPRODUCED
    if proof.verdict in {"proved", "vacuous"}:
        columns, setting = plan.relations["rule"].columns, setting_of(plan, 1, zones=zones)
        rows = run(plan, facts, Times(as_of=as_of))["rule"]
        truths = [
            evaluate_expression(claim, {"n": row}, setting)
            for row in rows
            if not row[-1] and within_reach(row, columns)
        ]
        assert [True] * len(truths) == truths
        assert proof.verdict == "proved" or not truths
