"""The steps that look at one row at a time, each in a small plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from kaocheng.calendars.numberline import NEVER
from kaocheng.evaluate.python import compile_plan, run
from kaocheng.evaluate.python._primitives import shares
from kaocheng.language.expressions import (
    Call,
    Expr,
    Field,
    Has,
    Items,
    Linked,
    Literal,
    Variable,
)
from kaocheng.language.schema import Link, Relation
from kaocheng.language.types import BOOL, DATE, INSTANT, INT, STRING, ListOf, Row, Type
from kaocheng.model.facts import Facts, Times
from kaocheng.plan.algebra import (
    STATUSES,
    Clock,
    Derive,
    Each,
    Pipeline,
    Plan,
    Require,
    RulePlan,
    Split,
    Step,
    VersionFacts,
    Where,
    Window,
)

COLUMNS: dict[str, Type] = {
    "case": STRING,
    "a": INT,
    "b": INT,
    "ok": BOOL,
    "sure": BOOL,
    "names": ListOf(STRING),
}
TIMES: dict[str, Type] = {"case": STRING} | dict.fromkeys(
    ("start", "due", "met_at", "lapses_at"), INSTANT
)
TEXTS = ListOf(STRING)
R = Variable(type=Row("r"), name="r")
ITEM = Relation("item", {"case": STRING, "n": INT}, ("case", "n"))


def field(name: str, type_: Type = INT) -> Field:
    """A column of the source row."""
    return Field(row=R, name=name, type=type_)


def derived(name: str, type_: Type = INT) -> Field:
    """A column that an earlier step added."""
    return Field(row=Variable(type=Row("row"), name="row"), name=name, type=type_)


def call(op: str, *args: Expr, type_: Type = BOOL) -> Call:
    """An operation."""
    return Call(op=op, args=args, type=type_)


def number(value: int | None) -> Literal:
    """A number written out."""
    return Literal(value=value, type=INT)


def plan(
    steps: Sequence[Step],
    output: Mapping[str, Expr],
    columns: Mapping[str, Type] | None = None,
) -> Plan:
    """A plan of one rule over `r` whose rows are keyed by `case`."""
    source = Relation(
        "r",
        columns or COLUMNS,
        ("case",),
        links={"items": Link("items", "item", (("case", "case"),), many=True)},
    )
    types = {name: expr.type for name, expr in output.items()}
    out = Relation("out", {**types, "version": INT, "undetermined": BOOL}, ("case",))
    pipeline = Pipeline(source="r", variable="r", steps=tuple(steps), output=output)
    version = VersionFacts(
        name="1", window=Window(first_day=None, last_day=None), zone="Asia/Shanghai"
    )
    return Plan(
        ruleset="demo",
        versions=(version,),
        relations={"r": source, "out": out, "item": ITEM},
        rules=(RulePlan(id="out", section="test", relation=out, variants={0: pipeline}),),
    )


def result(
    steps: Sequence[Step], rows: list[tuple[Any, ...]], **output: Expr
) -> list[tuple[Any, ...]]:
    """The rows of the rule, without the version."""
    facts = Facts(relations={"r": rows, "item": [("x", 2), ("x", 1), ("y", 3)]})
    whole = {"case": field("case", STRING), **output}
    found = run(plan(steps, whole), facts, Times(as_of=0))["out"]
    return [(*row[:-2], row[-1]) for row in found]


def rows(*values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Source rows named x, y, z; columns that are not given are unknown."""
    cases = [{"case": case, **row} for case, row in zip("xyz", values, strict=False)]
    return [tuple(row.get(column) for column in COLUMNS) for row in cases]


def test_where_drops_what_is_false_and_marks_what_is_unknown() -> None:
    """A row goes on unless the condition is false; an unknown one marks it."""
    step = Where(condition=call("gt", field("a"), number(0)))

    assert [("x", False), ("z", True)] == result([step], rows({"a": 1}, {"a": 0}, {"a": None}))


@pytest.mark.parametrize("ok", [True, False, None])
@pytest.mark.parametrize("sure", [True, False, None])
def test_where_takes_a_conjunction_apart(*, ok: bool | None, sure: bool | None) -> None:
    """A conjunction keeps and marks the rows that it would as one condition."""
    both = call("and", field("ok", BOOL), field("sure", BOOL))
    whole = call("or", both, Literal(value=False, type=BOOL))
    source = rows({"ok": ok, "sure": sure})

    assert result([Where(condition=whole)], source) == result([Where(condition=both)], source)


def test_a_condition_that_is_always_known_marks_nothing() -> None:
    """What cannot be unknown drops rows and leaves the others determined."""
    step = Where(condition=Has(operand=field("a"), type=BOOL))

    assert [("x", False)] == result([step], rows({"a": 1}, {"a": None}))


def test_lists_that_are_written_out() -> None:
    """A list of the rule itself gives its items for each row."""
    names = Items(items=(Literal(value="li", type=STRING), field("case", STRING)), type=TEXTS)
    steps = [
        Each(over=names, column="name"),
        Derive(columns={"points": field("a")}),
        Split(among=names, recipient="who", column="points"),
    ]
    output = {"name": derived("name", STRING), "who": derived("who", STRING)}

    assert [("x", a, b, n, False) for a in ("li", "x") for b, n in (("li", 2), ("x", 1))] == result(
        steps, rows({"a": 3}), **output, points=derived("points")
    )


def test_derive_sees_the_columns_before_it() -> None:
    """A derived column may read an earlier one, of the same step too."""
    double = call("mul", field("a"), number(2), type_=INT)
    more = call("add", derived("double"), number(1), type_=INT)
    step = Derive(columns={"double": double, "more": more})

    assert [("x", 8, 9, False)] == result(
        [step], rows({"a": 4}), double=derived("double"), more=derived("more")
    )


def test_a_column_may_be_derived_again() -> None:
    """What reads a column after it has been replaced reads the new value."""
    plus = call("add", derived("n"), number(1), type_=INT)
    big = call("gt", plus, number(2))
    steps = [
        Derive(columns={"n": field("a"), "first": plus}),
        Derive(columns={"n": plus}),
        Derive(columns={"second": plus, "big": big}),
    ]
    output = {name: derived(name) for name in ("n", "first", "second")}

    assert [("x", 2, 2, 3, True, False)] == result(
        steps, rows({"a": 1}), **output, big=derived("big", BOOL)
    )


def test_require_marks_unknown_columns() -> None:
    """A row in which a required column is unknown is undetermined."""
    steps = [Derive(columns={"n": field("a"), "m": field("b")}), Require(columns=("n",))]

    assert [("x", 1, False), ("y", None, True)] == result(
        steps, rows({"a": 1, "b": None}, {"a": None}), n=derived("n")
    )


def test_each_gives_one_row_per_item() -> None:
    """An empty list gives no row, an unknown one a marked row, an unknown item a plain row."""
    step = Each(over=field("names", ListOf(STRING)), column="name")
    source = rows({"names": ("li", None)}, {"names": ()}, {"names": None})

    assert [("x", None, False), ("x", "li", False), ("z", None, True)] == result(
        [step], source, name=derived("name", STRING)
    )


def test_each_row_behind_a_link() -> None:
    """A row per child reads the child's columns."""
    step = Each(over=Linked(row=R, link="items", type=ListOf(Row("item"))), column="item")
    item = derived("item", Row("item"))

    assert [("x", 1, False), ("x", 2, False), ("y", 3, False)] == result(
        [step], rows({}, {}, {}), n=Field(row=item, name="n", type=INT)
    )


def test_a_mark_inside_a_loop_stays_with_its_item() -> None:
    """What is unknown of one item does not mark the row of the next."""
    steps = [
        Each(over=field("names", ListOf(STRING)), column="name"),
        Where(condition=call("ne", derived("name", STRING), Literal(value="wu", type=STRING))),
    ]

    assert [("x", None, True), ("x", "li", False)] == result(
        steps, rows({"names": (None, "wu", "li")}), name=derived("name", STRING)
    )


def test_a_skip_inside_two_loops_skips_one_item() -> None:
    """A condition after two lists leaves out pairs, not whole rows."""
    names = field("names", ListOf(STRING))
    steps = [
        Each(over=names, column="one"),
        Each(over=names, column="other"),
        Where(condition=call("ne", derived("one", STRING), derived("other", STRING))),
    ]

    assert [("x", "li", "wu", False), ("x", "wu", "li", False)] == result(
        steps,
        rows({"names": ("li", "wu")}),
        one=derived("one", STRING),
        other=derived("other", STRING),
    )


def test_what_is_undetermined_stays_so() -> None:
    """A row of a rule that is undetermined begins as undetermined in a rule that reads it."""
    first = plan([Where(condition=field("ok", BOOL))], {"case": field("case", STRING)})
    out = first.relations["out"]
    case = Field(row=Variable(type=Row("out"), name="o"), name="case", type=STRING)
    again = Relation("again", out.columns, ("case",))
    pipeline = Pipeline(source="out", variable="o", steps=(), output={"case": case})
    second = RulePlan(id="again", section="test", relation=again, variants={0: pipeline})
    whole = Plan(
        ruleset="demo",
        versions=first.versions,
        relations={**first.relations, "again": again},
        rules=(*first.rules, second),
    )
    facts = Facts(relations={"r": rows({"ok": True}, {"ok": None})})

    assert [("x", 0, False), ("y", 0, True)] == run(whole, facts, Times(as_of=0))["again"]


@pytest.mark.parametrize(
    ("amount", "names", "weights", "rest", "expected"),
    [
        (10, ("a", "b"), None, "first", [("a", 5), ("b", 5)]),
        (10, ("a", "b", "c"), None, "first", [("a", 4), ("b", 3), ("c", 3)]),
        (10, ("a", "b", "c"), None, "last", [("a", 3), ("b", 3), ("c", 4)]),
        (11, ("a", "b", "c"), None, "largest", [("a", 4), ("b", 4), ("c", 3)]),
        (10, ("a", "b"), (2, 1), "first", [("a", 7), ("b", 3)]),
        (10, ("a", "b"), (2, 1), "largest", [("a", 7), ("b", 3)]),
        (11, ("a", "b"), (2, 1), "last", [("a", 7), ("b", 4)]),
        (10, ("a",), (2, 1), "first", [("a", 10)]),
        (10, ("a", "b", "c"), (2, 1), "last", [("a", 6), ("b", 4), ("c", 0)]),
        (10, ("a", "b", "c"), (2, 1), "largest", [("a", 7), ("b", 3), ("c", 0)]),
        (-5, ("a", "b"), (2, 1), "first", [("a", -3), ("b", -2)]),
        (10, (), None, "first", []),
        (None, ("a", "b"), None, "first", [("a", None), ("b", None)]),
        (10, (None,), None, "first", [(None, 10)]),
        (10, ("a",), (0, 1), "first", [("a", None)]),
    ],
)
def test_split(
    amount: int | None,
    names: tuple[str | None, ...],
    weights: tuple[int, ...] | None,
    rest: str,
    expected: list[tuple[str | None, int | None]],
) -> None:
    """An amount is divided in whole units; the rest goes to whom the step says."""
    steps = [
        Derive(columns={"points": field("a")}),
        Split(
            among=field("names", ListOf(STRING)),
            recipient="who",
            column="points",
            weights=weights,
            rest=rest,
        ),
    ]

    assert [("x", *share, False) for share in expected] == result(
        steps,
        rows({"a": amount, "names": names}),
        who=derived("who", STRING),
        points=derived("points"),
    )


def test_a_split_among_nobody_known_is_undetermined() -> None:
    """Where the recipients are unknown, one marked row keeps the fact."""
    steps = [
        Derive(columns={"points": field("a")}),
        Split(among=field("names", ListOf(STRING)), recipient="who", column="points"),
    ]

    assert [("x", None, None, True)] == result(
        steps,
        rows({"a": 10, "names": None}),
        who=derived("who", STRING),
        points=derived("points"),
    )


@given(
    amount=st.integers(-1_000, 1_000),
    names=st.lists(st.sampled_from(["li", "wu", None]), min_size=1, max_size=5).map(tuple),
    weights=st.one_of(st.none(), st.lists(st.integers(0, 3), max_size=6).map(lambda w: (1, *w))),
    rest=st.sampled_from(["first", "last", "largest"]),
)
def test_shares_add_up(
    amount: int, names: tuple[str | None, ...], weights: tuple[int, ...] | None, rest: str
) -> None:
    """What is divided is all given out, whoever gets the rest."""
    given_out = [share for _, share in shares(amount, names, weights, rest)]

    assert (amount, len(names)) == (sum(given_out), len(given_out))


# Clocks ------------------------------------------------------------------------------------

AS_OF = 100


@pytest.mark.parametrize(
    ("start", "due", "met_at", "lapses_at", "excused", "status", "late_by", "undetermined"),
    [
        (NEVER, NEVER, NEVER, NEVER, False, "not_begun", 0, False),
        (101, 110, NEVER, NEVER, False, "not_begun", 0, False),
        (101, 110, NEVER, NEVER, True, "not_begun", 0, False),
        (101, None, NEVER, NEVER, False, "not_begun", 0, True),
        (None, 110, NEVER, NEVER, False, "undetermined", 0, True),
        (10, 20, NEVER, NEVER, True, "excused", 0, False),
        (10, 20, None, NEVER, True, "excused", 0, True),
        (10, 20, NEVER, NEVER, None, "undetermined", 0, True),
        (10, 20, 20, NEVER, False, "met", 0, False),
        (100, 100, 100, NEVER, False, "met", 0, False),
        (10, NEVER, 20, NEVER, False, "met", 0, False),
        (10, 20, 15, None, False, "met", 0, True),
        (10, 20, 50, 30, False, "lapsed", 0, False),
        (10, 20, NEVER, 30, False, "lapsed", 0, False),
        (10, 20, 50, 50, False, "late", 30, False),
        (10, 20, 50, 101, False, "late", 30, False),
        (10, 20, 50, NEVER, False, "late", 30, False),
        (10, 20, 50, None, False, "undetermined", 0, True),
        (10, None, 50, NEVER, False, "undetermined", 0, True),
        (10, 20, None, NEVER, False, "undetermined", 0, True),
        (10, 99, NEVER, NEVER, False, "overdue", 0, False),
        (10, 99, 101, NEVER, False, "overdue", 0, False),
        (10, 100, NEVER, NEVER, False, "open", 0, False),
        (10, 120, 110, NEVER, False, "open", 0, False),
        (10, NEVER, NEVER, NEVER, False, "open", 0, False),
        (10, None, NEVER, NEVER, False, "undetermined", 0, True),
        (10, None, 101, NEVER, False, "undetermined", 0, True),
    ],
)
def test_a_clock(  # noqa: PLR0913, PLR0917 - the columns of a table
    start: int | None,
    due: int | None,
    met_at: int | None,
    lapses_at: int | None,
    excused: bool | None,  # noqa: FBT001
    status: str,
    late_by: int,
    undetermined: bool,  # noqa: FBT001
) -> None:
    """A clock's status is the first of its tests that holds; an unknown it needs decides."""
    found = clock((start, due, met_at, lapses_at, excused))

    assert (start, due, met_at, late_by, status, undetermined) == found


def clock(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """A clock with all its parts: start, due, met_at, late_by, status, undetermined."""
    columns = {**TIMES, "excused": BOOL}
    step = Clock(
        starts=field("start", INSTANT),
        due=field("due", INSTANT),
        met_at=field("met_at", INSTANT),
        lapses_at=field("lapses_at", INSTANT),
        excused=field("excused", BOOL),
    )
    output: dict[str, Expr] = {"case": field("case", STRING)}
    for name in ("start", "due", "met_at", "late_by", "status"):
        output[name] = derived(name, INSTANT)
    facts = Facts(relations={"r": [("x", *values)]})
    (row,) = run(plan([step], output, columns), facts, Times(as_of=AS_OF))["out"]
    return (*row[1:6], row[-1])


def test_every_status_is_tested() -> None:
    """The table of clocks has each of the eight statuses."""
    (marks,) = [mark for mark in test_a_clock.pytestmark if mark.name == "parametrize"]  # type: ignore[attr-defined]

    assert set(STATUSES) == {case[5] for case in marks.args[1]}


@pytest.mark.parametrize(
    ("due", "met_at", "status", "late_by"),
    [(0, NEVER, "open", 0), (-1, NEVER, "overdue", 0), (-3, -1, "late", 2), (-3, -3, "met", 0)],
)
def test_a_clock_on_dates(due: int, met_at: int, status: str, late_by: int) -> None:
    """On dates a clock reads the local date: at 20:00 UTC of 31 December it is 1 January."""
    step = Clock(starts=field("start", DATE), due=field("due", DATE), met_at=field("met_at", DATE))
    columns = {"case": STRING, "start": DATE, "due": DATE, "met_at": DATE}
    output: dict[str, Expr] = {"case": field("case", STRING)}
    output |= {"status": derived("status", STRING), "late_by": derived("late_by")}
    facts = Facts(relations={"r": [("x", -9, due, met_at)]})
    as_of = -4 * 3_600_000_000
    (row,) = run(plan([step], output, columns), facts, Times(as_of=as_of))["out"]

    assert (status, late_by) == row[1:3]


@pytest.mark.parametrize(
    ("at", "status", "undetermined"),
    [(AS_OF, "met", False), (101, "not_begun", False), (None, "undetermined", True)],
)
def test_a_clock_of_one_time(at: int | None, status: str, *, undetermined: bool) -> None:
    """A clock whose times are all the same says whether that time has come."""
    time = field("start", INSTANT)
    output: dict[str, Expr] = {"case": field("case", STRING)}
    output |= {"status": derived("status", STRING), "late_by": derived("late_by")}
    made = plan([Clock(starts=time, due=time, met_at=time)], output, TIMES)
    facts = Facts(relations={"r": [("x", at, None, None, None)]})

    assert [("x", status, 0, 0, undetermined)] == run(made, facts, Times(as_of=AS_OF))["out"]


def test_row_wise_rules_need_one_function() -> None:
    """A rule of these steps is row-wise, and its function gives what the whole run gives."""
    steps = [Derive(columns={"n": field("a")}), Require(columns=("n",))]
    output: dict[str, Expr] = {"case": field("case", STRING), "n": derived("n")}
    program = compile_plan(plan(steps, output))
    source = rows({"a": 1}, {"a": None})
    context = program.context({"r": source}, as_of=0)
    function = program.row_function("out", 0)
    one_by_one = [out for row in source for out in function(row, context)]

    assert (True, one_by_one) == (
        program.is_row_wise("out"),
        program.run(Facts(relations={"r": source}), Times(as_of=0))["out"],
    )
