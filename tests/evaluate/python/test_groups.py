"""The steps that look at many rows: `Number`, `Tally`, `Carry`."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from kaocheng.calendars.numberline import DAY, NEVER, parse_date
from kaocheng.calendars.periods import PeriodSpec
from kaocheng.calendars.zones import Zones
from kaocheng.evaluate.python import compile_plan
from kaocheng.language.expressions import Call, Expr, Field, Linked, Literal, Variable
from kaocheng.language.schema import PERIOD_COLUMNS, Link, Relation
from kaocheng.language.types import BOOL, INSTANT, INT, STRING, ListOf, Row, Type
from kaocheng.model.facts import Facts, Times
from kaocheng.plan.algebra import (
    Carry,
    Derive,
    Each,
    Measure,
    Number,
    Order,
    Pipeline,
    Plan,
    RulePlan,
    Split,
    Step,
    Tally,
    VersionFacts,
    Where,
    Window,
)

COLUMNS: dict[str, Type] = {
    "case": STRING,
    "unit": STRING,
    "n": INT,
    "at": INSTANT,
    "ok": BOOL,
    "names": ListOf(STRING),
}
R = Variable(type=Row("r"), name="r")
MONTH = PeriodSpec("month", "month")
ROLL = Relation("unit per month", {"case": STRING, **PERIOD_COLUMNS}, ("case", "period"))
LINE = Relation("line", {"case": STRING, "place": INT, "n": INT}, ("case", "place"))
MARCH = ("2009-03", parse_date("2009-03-01"), parse_date("2009-03-31"))
APRIL = ("2009-04", parse_date("2009-04-01"), parse_date("2009-04-30"))
IN_MARCH = MARCH[1] * DAY
ZONES = Zones()


def field(name: str) -> Field:
    """A column of the source row."""
    return Field(row=R, name=name, type=COLUMNS[name])


def derived(name: str, type_: Type = INT) -> Field:
    """A column that an earlier step added."""
    return Field(row=Variable(type=Row("row"), name="row"), name=name, type=type_)


def was(name: str) -> Field:
    """A column of the state before the row."""
    return Field(row=Variable(type=Row("was"), name="was"), name=name, type=INT)


def call(op: str, *args: Expr, type_: Type = BOOL) -> Call:
    """An operation."""
    return Call(op=op, args=args, type=type_)


def plan(steps: Sequence[Step], output: Mapping[str, Expr], key: tuple[str, ...]) -> Plan:
    """A plan of one rule over `r`."""
    types = {name: expr.type for name, expr in output.items()}
    out = Relation("out", {**types, "version": INT, "undetermined": BOOL}, key)
    pipeline = Pipeline(source="r", variable="r", steps=tuple(steps), output=output)
    version = VersionFacts(name="1", window=Window(first_day=None, last_day=None))
    links = {"lines": Link("lines", "line", (("case", "case"),), many=True)}
    source = Relation("r", COLUMNS, ("case",), links=links)
    relations = {"r": source, "out": out, ROLL.name: ROLL, "line": LINE}
    rule = RulePlan(id="out", section="test", relation=out, variants={0: pipeline})
    return Plan(ruleset="demo", versions=(version,), relations=relations, rules=(rule,))


def rows(*values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Source rows named a, b, c …; columns that are not given are unknown."""
    cases = [{"case": case, **row} for case, row in zip("abcdefgh", values, strict=False)]
    return [tuple(row.get(column) for column in COLUMNS) for row in cases]


def assess(
    made: Plan, source: list[tuple[Any, ...]], roll: Sequence[tuple[Any, ...]] = ()
) -> list[tuple[Any, ...]]:
    """The rows of the rule, without the version."""
    facts = Facts(relations={"r": source, ROLL.name: list(roll)})
    program = compile_plan(made, zones=ZONES)
    return [(*row[:-2], row[-1]) for row in program.run(facts, Times(as_of=0))["out"]]


# Number -------------------------------------------------------------------------------------


def ranking(ties: str, *orders: Order, before: Sequence[Step] = ()) -> Plan:
    """A rank per unit."""
    step = Number(column="rank", per=(field("unit"),), order=orders, ties=ties)
    return plan([*before, step], {"case": field("case"), "rank": derived("rank")}, ("case",))


LEAST_FIRST, MOST_FIRST = Order(by=field("n")), Order(by=field("n"), descending=True)


@pytest.mark.parametrize(
    ("ties", "expected"), [("all", [2, 4, 1, 2]), ("dense", [2, 3, 1, 2]), ("first", [2, 4, 1, 3])]
)
def test_equal_rows_share_a_rank_as_the_step_says(ties: str, expected: list[int]) -> None:
    """Rank numbers skip, do not skip, or break ties by the row's own key."""
    source = rows(*({"unit": "u", "n": n} for n in (5, 3, 9, 5)))
    ranks = [rank for _, rank, _ in assess(ranking(ties, MOST_FIRST), source)]

    assert expected == ranks


def test_each_group_is_numbered_from_one() -> None:
    """A rank counts within its group."""
    source = rows({"unit": "u", "n": 2}, {"unit": "v", "n": 7}, {"unit": "u", "n": 1})

    assert [("a", 2, False), ("b", 1, False), ("c", 1, False)] == assess(
        ranking("all", LEAST_FIRST), source
    )


def test_an_unknown_key_has_no_rank() -> None:
    """A row whose group or order is unknown is marked, unranked, and not counted."""
    source = rows({"unit": "u", "n": 2}, {"unit": None, "n": 1}, {"unit": "u", "n": None})

    assert [("a", 1, False), ("b", None, True), ("c", None, True)] == assess(
        ranking("all", LEAST_FIRST), source
    )


def test_an_undetermined_row_has_no_rank() -> None:
    """A row that an earlier step marked does not take a rank from another."""
    source = rows({"unit": "u", "n": 1, "ok": None}, {"unit": "u", "n": 2, "ok": True})
    made = ranking("all", LEAST_FIRST, before=[Where(condition=field("ok"))])

    assert [("a", None, True), ("b", 1, False)] == assess(made, source)


def test_an_order_may_mix_directions() -> None:
    """Each key of an order has its own direction; text is ordered by code points."""
    made = plan(
        [
            Number(
                column="rank",
                per=(),
                order=(Order(by=field("unit"), descending=True), Order(by=field("n"))),
            )
        ],
        {"case": field("case"), "rank": derived("rank")},
        ("case",),
    )
    source = rows(*({"unit": u, "n": n} for u, n in (("u", 2), ("v", 9), ("u", 1), ("é", 5))))

    assert [4, 2, 3, 1] == [rank for _, rank, _ in assess(made, source)]


def test_the_own_key_has_the_items_of_lists() -> None:
    """Rows of one source row are told apart by the items that made them."""
    made = plan(
        [
            Each(over=field("names"), column="name"),
            Number(column="rank", per=(), order=(Order(by=field("n")),), ties="first"),
        ],
        {"case": field("case"), "name": derived("name", STRING), "rank": derived("rank")},
        ("case", "name"),
    )
    source = rows({"n": 1, "names": ("wu", "li")}, {"n": 1, "names": ("an",)})

    assert [("a", "li", 1, False), ("a", "wu", 2, False), ("b", "an", 3, False)] == assess(
        made, source
    )


def test_the_own_key_has_the_keys_of_rows_behind_a_link() -> None:
    """Rows made from children are told apart by the children's keys; no child comes first."""
    children = Linked(row=R, link="lines", type=ListOf(Row("line")))
    made = plan(
        [
            Each(over=children, column="line"),
            Number(column="rank", per=(), order=(Order(by=field("n")),), ties="first"),
        ],
        {
            "case": field("case"),
            "line": Field(row=derived("line", Row("line")), name="place", type=INT),
            "rank": derived("rank"),
        },
        ("case", "line"),
    )
    facts = {"r": rows({"n": 1}, {"n": 1}), "line": [("b", 1, 5), ("a", 2, 1), ("a", 1, 9)]}
    program = compile_plan(made, zones=ZONES)
    found = program.run(Facts(relations=facts), Times(as_of=0))["out"]

    assert [("a", 1, 1), ("a", 2, 2), ("b", 1, 3)] == [row[:3] for row in found]


def test_a_rank_may_be_used_and_numbered_again() -> None:
    """After a rank come further steps of one row, and another rank."""
    best = call("le", derived("rank"), Literal(value=2, type=INT))
    again = Number(column="again", per=(), order=(Order(by=derived("rank"), descending=True),))
    made = plan(
        [Number(column="rank", per=(), order=(LEAST_FIRST,)), Where(condition=best), again],
        {"case": field("case"), "rank": derived("rank"), "again": derived("again")},
        ("case",),
    )
    source = rows({"n": 3}, {"n": 1}, {"n": 2})

    assert [("b", 1, 2, False), ("c", 2, 1, False)] == assess(made, source)


# Tally --------------------------------------------------------------------------------------

ALL = tuple(
    Measure(name=how, how=how, of=None if how == "count" else field("n"))
    for how in ("count", "sum", "min", "max")
)
NOTHING = (0, 0, None, None)


def tally(
    *measures: Measure,
    period: bool = True,
    roll: bool = False,
    before: Sequence[Step] = (),
    after: Sequence[Step] = (),
    **more: Expr,
) -> Plan:
    """A tally per unit (and month)."""
    step = Tally(
        per={"unit": field("unit")},
        measures=measures,
        at=field("at"),
        period=MONTH if period else None,
        roll=ROLL.name if roll else None,
    )
    columns: dict[str, Type] = {"unit": STRING, **({"period": STRING} if period else {})}
    columns |= {measure.name: INT for measure in measures} | {"provisional": INT}
    output = {name: derived(name, type_) for name, type_ in columns.items()} | more
    return plan([*before, step, *after], output, tuple(columns)[: 1 + period])


def test_measures_of_a_group() -> None:
    """A tally counts, adds up and compares the rows of each group and period."""
    source = rows(
        *({"unit": "u", "n": n, "at": IN_MARCH} for n in (5, 3)),
        {"unit": "u", "n": 9, "at": APRIL[1] * DAY},
        {"unit": "v", "n": 1, "at": IN_MARCH},
    )

    assert [
        ("u", "2009-03", 2, 8, 3, 5, 0, False),
        ("u", "2009-04", 1, 9, 9, 9, 0, False),
        ("v", "2009-03", 1, 1, 1, 1, 0, False),
    ] == assess(tally(*ALL), source)


def test_undetermined_rows_are_counted_apart() -> None:
    """A marked row, or one with an unknown measure, is left out and makes the group provisional."""
    source = rows(
        {"unit": "u", "n": 5, "at": IN_MARCH, "ok": True},
        {"unit": "u", "n": 7, "at": IN_MARCH, "ok": None},
        {"unit": "u", "n": None, "at": IN_MARCH, "ok": True},
        {"unit": "v", "n": 7, "at": IN_MARCH, "ok": None},
    )
    made = tally(*ALL, before=[Where(condition=field("ok"))])

    assert [
        ("u", "2009-03", 1, 5, 5, 5, 2, False),
        ("v", "2009-03", *NOTHING, 1, False),
    ] == assess(made, source)


def test_rows_of_no_group() -> None:
    """What has no known group or time is counted under unknown columns; never is left out."""
    source = rows(
        {"unit": None, "n": 5, "at": IN_MARCH},
        {"unit": "u", "n": 5, "at": None},
        {"unit": "u", "n": 5, "at": NEVER},
        {"unit": None, "n": 5, "at": NEVER},
    )

    assert [(None, None, *NOTHING, 2, True)] == assess(tally(*ALL), source)


def test_counting_by_a_condition() -> None:
    """A count of a condition counts the rows for which it holds; unknown ones are provisional."""
    source = rows(*({"unit": "u", "at": IN_MARCH, "ok": ok} for ok in (True, False, None)))
    made = tally(Measure(name="good", how="count", of=field("ok")))

    assert [("u", "2009-03", 1, 1, False)] == assess(made, source)


def test_a_sum_past_the_limits_is_unknown() -> None:
    """A sum that needs more than 64 bits is unknown, although its parts are known."""
    source = rows(*({"unit": "u", "n": 2**62, "at": IN_MARCH} for _ in range(2)))
    made = tally(Measure(name="sum", how="sum", of=field("n")))

    assert [("u", "2009-03", None, 0, False)] == assess(made, source)


def test_the_roll_adds_members_without_rows() -> None:
    """Each member and period of the roll has a row, zero where nothing happened."""
    source = rows({"unit": "u", "n": 5, "at": IN_MARCH}, {"unit": "w", "n": 1, "at": IN_MARCH})
    roll = [("u", *MARCH), ("u", *APRIL), ("v", *MARCH), (None, *MARCH)]

    assert [
        ("u", "2009-03", 1, 5, 5, 5, 0, False),
        ("u", "2009-04", *NOTHING, 0, False),
        ("v", "2009-03", *NOTHING, 0, False),
        ("w", "2009-03", 1, 1, 1, 1, 0, False),
    ] == assess(tally(*ALL, roll=True), source, roll)


def test_the_roll_without_periods() -> None:
    """Without a period the roll adds each member once."""
    roll = [("u", *MARCH), ("v", *MARCH), ("v", *APRIL)]
    made = tally(ALL[0], period=False, roll=True)
    source = rows({"unit": "u", "n": 5, "at": IN_MARCH})

    assert [("u", 1, 0, False), ("v", 0, 0, False)] == assess(made, source, roll)


def test_the_roll_looks_at_the_member_alone() -> None:
    """A member with a row in any further group is not added."""
    step = Tally(
        per={"unit": field("unit"), "ok": field("ok")},
        measures=(ALL[0],),
        at=field("at"),
        period=MONTH,
        roll=ROLL.name,
    )
    output = {name: derived(name, STRING) for name in ("unit", "ok", "count")}
    source = rows({"unit": "u", "ok": True, "at": IN_MARCH})

    assert [("u", True, 1, False), ("v", None, 0, False)] == assess(
        plan([step], output, ("unit", "ok")), source, [("u", *MARCH), ("v", *MARCH)]
    )


def test_groups_are_numbered_and_kept() -> None:
    """What follows a tally reads its columns: the best of each month."""
    after = [
        Number(
            column="rank",
            per=(derived("period", STRING),),
            order=(Order(by=derived("sum"), descending=True),),
        ),
        Where(condition=call("le", derived("rank"), Literal(value=1, type=INT))),
    ]
    made = tally(ALL[1], after=after, rank=derived("rank"))
    source = rows(
        {"unit": "u", "n": 5, "at": IN_MARCH},
        {"unit": "v", "n": 7, "at": IN_MARCH},
        {"unit": "u", "n": 1, "at": APRIL[1] * DAY},
    )

    assert [("u", "2009-04", 1, 0, 1, False), ("v", "2009-03", 7, 0, 1, False)] == assess(
        made, source
    )


# Carry --------------------------------------------------------------------------------------


def ladder(*before: Step, order: Sequence[Order] = (LEAST_FIRST,)) -> Plan:
    """Counts the rows of a unit up to three, and remembers the number of the row before."""
    most = Literal(value=3, type=INT)
    more = call("add", was("step"), Literal(value=1, type=INT), type_=INT)
    capped = call("if", call("lt", more, most), more, most, type_=INT)
    step = Carry(
        per=(field("unit"),),
        order=tuple(order),
        begin={"step": Literal(value=0, type=INT), "last": field("n")},
        next={"last": field("n"), "step": capped},
    )
    output = {"case": field("case"), "step": derived("step"), "last": derived("last")}
    return plan([*before, step], output, ("case",))


def test_a_state_is_carried_in_order() -> None:
    """Each row has the state after it; another group starts anew."""
    source = rows(*({"unit": u, "n": n} for u, n in zip("uuvuu", (2, 1, 9, 4, 3), strict=True)))

    assert [2, 1, 1, 3, 3] == [step for _, step, _, _ in assess(ladder(), source)]


def test_undetermined_rows_are_passed_over() -> None:
    """A marked row, or one of an unknown place, has no state and changes none."""
    source = rows(
        {"unit": "u", "n": 1, "ok": True},
        {"unit": "u", "n": 2, "ok": None},
        {"unit": "u", "n": None, "ok": True},
        {"unit": "u", "n": 3, "ok": True},
    )

    assert [
        ("a", 1, 1, False),
        ("b", None, None, True),
        ("c", None, None, True),
        ("d", 2, 3, False),
    ] == assess(ladder(Where(condition=field("ok"))), source)


def test_an_order_that_leaves_ties_goes_by_the_own_key() -> None:
    """Equal rows are folded in the order of their keys, whatever the order of the input."""
    source = rows(*({"unit": "u", "n": 1} for _ in range(3)))

    assert [1, 2, 3] == [step for _, step, _, _ in assess(ladder(), source[::-1])]


def test_the_state_begins_on_the_first_row() -> None:
    """The first state may read the first row of the group, and the next the state before."""
    step = Carry(
        per=(field("unit"),),
        order=(LEAST_FIRST,),
        begin={"before": field("n"), "sum": Literal(value=0, type=INT)},
        next={
            "before": was("before"),
            "sum": call("add", was("sum"), field("n"), type_=INT),
        },
    )
    output = {"case": field("case"), "before": derived("before"), "sum": derived("sum")}
    source = rows({"unit": "u", "n": 5}, {"unit": "u", "n": 2})

    assert [("a", 2, 7, False), ("b", 2, 2, False)] == assess(
        plan([step], output, ("case",)), source
    )


# Laws ---------------------------------------------------------------------------------------

SHARED = [
    Derive(columns={"points": field("n")}),
    Split(among=field("names"), recipient="who", column="points", weights=(2, 1)),
]
TOP = Number(
    column="rank",
    per=(derived("who", STRING),),
    order=(Order(by=derived("points"), descending=True),),
    ties="first",
)
CARRIED = Carry(
    per=(derived("who", STRING),),
    order=(Order(by=derived("points")),),
    begin={"sum": Literal(value=0, type=INT)},
    next={"sum": call("add", was("sum"), derived("points"), type_=INT)},
)
OUTPUT: Mapping[str, Expr] = {"case": field("case"), "who": derived("who", STRING)} | {
    name: derived(name) for name in ("points", "rank", "sum")
}
SOURCE = st.lists(
    st.tuples(
        st.sampled_from("uv"),
        st.sampled_from([1, 2, 3, None]),
        st.sampled_from([IN_MARCH, APRIL[1] * DAY, NEVER, None]),
        st.sampled_from([True, False, None]),
        st.sampled_from([("li",), ("li", "wu"), ("li", "li"), (), None]),
    ),
    max_size=6,
).map(lambda values: [(f"r{place}", *value) for place, value in enumerate(values)])


@given(source=SOURCE, seed=st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(
    source: list[tuple[Any, ...]], seed: random.Random
) -> None:
    """Facts in any order give the same rows in the same order."""
    made = plan([*SHARED, TOP, CARRIED], OUTPUT, ("case", "who"))
    counted = tally(*ALL, before=[Where(condition=field("ok"))])
    shuffled = seed.sample(source, len(source))

    assert (assess(made, source), assess(counted, source)) == (
        assess(made, shuffled),
        assess(counted, shuffled),
    )


@given(source=SOURCE)
def test_a_tally_loses_no_row(source: list[tuple[Any, ...]]) -> None:
    """Each row that has happened is counted once: in a group, or as provisional."""
    happened = [row for row in source if row[3] != NEVER]
    groups = assess(tally(*ALL), source)

    assert len(happened) == sum(group[2] + group[6] for group in groups)
