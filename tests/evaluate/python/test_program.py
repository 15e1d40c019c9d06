"""Whole plans: versions, dated facts, collections, and what one program promises."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from attrs import evolve

from kaocheng.calendars.numberline import DAY, HOUR, NEVER
from kaocheng.calendars.periods import PeriodSpec
from kaocheng.calendars.zones import Zones
from kaocheng.evaluate.python import Program, compile_plan
from kaocheng.language.expressions import (
    Call,
    Expr,
    Field,
    Follow,
    Linked,
    Literal,
    Lookup,
    Parameter,
    Variable,
)
from kaocheng.language.schema import PERIOD_COLUMNS, Link, Relation
from kaocheng.language.types import BOOL, DATE, INSTANT, INT, STRING, Reference, Row, Type
from kaocheng.model.facts import Facts, Times
from kaocheng.plan.algebra import (
    Derive,
    Measure,
    Number,
    Order,
    Pipeline,
    Plan,
    Require,
    RulePlan,
    Step,
    TableRows,
    Tally,
    VersionFacts,
    Where,
    Window,
)

ZONES = Zones()
COLUMNS: dict[str, Type] = {
    "case": STRING,
    "unit": Reference("unit"),
    "n": INT,
    "at": INSTANT,
    "on": DATE,
}
REPORT = Relation("report", COLUMNS, ("case",))
UNIT = Relation(
    "unit", {"case": STRING, "from_at": INSTANT, "head": STRING}, ("case", "from_at"), dated=True
)
R = Variable(type=Row("report"), name="r")
END: dict[str, Type] = {"version": INT, "undetermined": BOOL}
CHANGE = 100  # the second version begins on this day
FIRST, SECOND = Window(first_day=None, last_day=CHANGE - 1), Window(first_day=CHANGE, last_day=None)
ONLY = Window(first_day=None, last_day=None)
# 16:30 UTC of the day before the change is after midnight in Shanghai.
JUST_AFTER, JUST_BEFORE = CHANGE * DAY - 8 * HOUR, CHANGE * DAY - 8 * HOUR - 1


def field(name: str) -> Field:
    """A column of a report."""
    return Field(row=R, name=name, type=COLUMNS[name])


def derived(name: str, type_: Type = INT) -> Field:
    """A column that an earlier step added."""
    return Field(row=Variable(type=Row("row"), name="row"), name=name, type=type_)


def number(value: int) -> Literal:
    """A number written out."""
    return Literal(value=value, type=INT)


def version(window: Window, **more: Mapping[str, object]) -> VersionFacts:
    """A version in Shanghai."""
    return VersionFacts(name="2009", window=window, zone="Asia/Shanghai", **more)


def rule(
    variants: Mapping[int, Pipeline], *, id_: str = "out", collection: str | None = None
) -> RulePlan:
    """A rule whose columns are those of its pipelines."""
    pipelines = list(variants.values())
    types = {name: expr.type for pipe in pipelines for name, expr in pipe.output.items()}
    relation = Relation(id_, {**types, **END}, tuple(types)[:1])
    return RulePlan(
        id=id_, section="test", relation=relation, variants=variants, collection=collection
    )


def pipeline(
    output: Mapping[str, Expr], *steps: Step, instant: Expr | None = None, source: str = "report"
) -> Pipeline:
    """A pipeline over reports."""
    return Pipeline(source=source, variable="r", steps=steps, output=output, instant=instant)


def program(*rules: RulePlan, versions: tuple[VersionFacts, ...], **more: Relation) -> Program:
    """A program of some rules."""
    relations = {"report": REPORT, "unit": UNIT, **more}
    relations |= {made.relation.name: made.relation for made in rules}
    plan = Plan(ruleset="demo", versions=versions, relations=relations, rules=rules)
    return compile_plan(plan, zones=ZONES)


def rows(made: Program, facts: Mapping[str, Any], *, as_of: int = 0, of: str = "out") -> object:
    """The rows of a rule."""
    return made.run(Facts(relations=facts), Times(as_of=as_of))[of]


def report(case: str, **values: object) -> tuple[Any, ...]:
    """A report; columns that are not given are unknown."""
    return tuple({"case": case, **values}.get(column) for column in COLUMNS)


# Versions -----------------------------------------------------------------------------------


def two_versions(instant: Expr | None) -> Program:
    """A rule of two versions that gives the number of the version that made the row."""
    variants = {
        index: pipeline({"case": field("case"), "made_by": number(index)}, instant=instant)
        for index in range(2)
    }
    return program(rule(variants), versions=(version(FIRST), version(SECOND)))


@pytest.mark.parametrize(
    ("values", "expected"),
    [({"at": JUST_BEFORE}, 0), ({"at": JUST_AFTER}, 1), ({"at": NEVER}, 1), ({"at": None}, 1)],
)
def test_an_instant_decides_the_version_by_its_local_date(
    values: dict[str, Any], expected: int
) -> None:
    """A row is governed by the version in force on its local date, or by the one at `as_of`."""
    made = two_versions(field("at"))
    facts = {"report": [report("a", **values)]}

    assert [("a", expected, expected, False)] == rows(made, facts, as_of=JUST_AFTER)


@pytest.mark.parametrize(("on", "expected"), [(CHANGE - 1, 0), (CHANGE, 1), (NEVER, 0), (None, 0)])
def test_a_date_decides_the_version(on: int | None, expected: int) -> None:
    """A row of a date is governed by the version of that date."""
    made = two_versions(field("on"))
    facts = {"report": [report("a", on=on)]}

    assert [("a", expected, expected, False)] == rows(made, facts, as_of=JUST_BEFORE)


@pytest.mark.parametrize(("as_of", "expected"), [(JUST_BEFORE, 0), (JUST_AFTER, 1)])
def test_a_rule_without_an_instant_is_the_one_in_force(as_of: int, expected: int) -> None:
    """Without an instant of its own, a row is governed by the version at `as_of`."""
    facts = {"report": [report("a", at=0)]}

    assert [("a", expected, expected, False)] == rows(two_versions(None), facts, as_of=as_of)


def test_nothing_is_governed_before_the_first_version() -> None:
    """Where no version is in force, there are no rows."""
    variants = {0: pipeline({"case": field("case")}, instant=field("at"))}
    made = program(rule(variants), versions=(version(SECOND),))
    facts = {"report": [report("a", at=0), report("b", at=None)]}

    assert [] == rows(made, facts, as_of=0)


def test_a_row_function_gives_its_version_only() -> None:
    """The function of a version gives no rows where another version governs."""
    made = two_versions(field("at"))
    context = made.context({}, as_of=0)
    row = report("a", at=JUST_AFTER)

    assert [[], [("a", 1, 1, False)]] == [
        made.row_function("out", index)(row, context) for index in range(2)
    ]


def test_each_version_has_its_own_figures() -> None:
    """Parameters and tables are those of the version that governs the row."""
    least = Parameter(name="least", type=INT)
    points = Lookup(table="points", args=(field("n"),), type=INT)
    variants = {
        index: pipeline({"case": field("case"), "sum": sum_of(least, points)}, instant=field("at"))
        for index in range(2)
    }
    versions = tuple(
        version(
            window,
            parameters={"least": least_points},
            tables={"points": TableRows(name="points", rows=(((1,), figure),), result=INT)},
        )
        for window, least_points, figure in ((FIRST, 10, 1), (SECOND, 20, 2))
    )
    made = program(rule(variants), versions=versions)
    facts = {"report": [report("a", n=1, at=JUST_BEFORE), report("b", n=1, at=JUST_AFTER)]}

    assert [("a", 11, 0, False), ("b", 22, 1, False)] == rows(made, facts)


def sum_of(a: Expr, b: Expr) -> Call:
    """The sum of two numbers."""
    return Call(op="add", args=(a, b), type=INT)


def monthly(*after: Step, period: bool = True) -> dict[int, Pipeline]:
    """A count per unit (and month) in two versions."""
    step = Tally(
        per={"unit": field("unit")},
        measures=(Measure(name="n", how="count"),),
        at=field("at"),
        period=PeriodSpec("month", "month") if period else None,
    )
    output: dict[str, Expr] = {"unit": derived("unit", STRING), "n": derived("n")}
    if period:
        output["month"] = derived("period", STRING)
    return {index: pipeline(output, step, *after) for index in range(2)}


def test_a_tally_is_governed_by_the_first_day_of_its_period() -> None:
    """All of a month is counted by the version in force when it began (day 100 is 11 April)."""
    made = program(rule(monthly()), versions=(version(FIRST), version(SECOND)))
    times = {"a": JUST_BEFORE, "b": JUST_AFTER, "c": (CHANGE + 30) * DAY, "d": None}
    facts = {"report": [report(case, unit="u", at=at) for case, at in times.items()]}

    assert [
        (None, 0, None, 1, True),
        ("u", 1, "1970-05", 1, False),
        ("u", 2, "1970-04", 0, False),
    ] == rows(made, facts, as_of=JUST_AFTER)


def test_a_tally_without_a_period_is_governed_at_as_of() -> None:
    """A count over all time is made by the version in force, and by no other."""
    made = program(rule(monthly(period=False)), versions=(version(FIRST), version(SECOND)))
    facts = {"report": [report("a", unit="u", at=JUST_BEFORE)]}

    assert [[("u", 1, 0, False)], [("u", 1, 1, False)]] == [
        rows(made, facts, as_of=as_of) for as_of in (JUST_BEFORE, JUST_AFTER)
    ]


def test_the_version_in_force() -> None:
    """A program knows which of its versions is in force at an instant, if any is."""
    made = program(rule({}), versions=(version(FIRST), version(SECOND)))
    late = program(rule({}), versions=(version(SECOND),))

    assert (0, 1, None) == (
        made.version_at(JUST_BEFORE),
        made.version_at(JUST_AFTER),
        late.version_at(JUST_BEFORE),
    )


# Dated facts --------------------------------------------------------------------------------

HEADS = [("u", 50, "wang"), ("u", 60 * DAY, "li")]
HEAD = Field(row=Follow(reference=field("unit"), type=Row("unit")), name="head", type=STRING)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"at": 49}, None),
        ({"at": 50}, "wang"),
        ({"at": 60 * DAY}, "li"),
        ({"at": NEVER}, "li"),
        ({"at": None}, "li"),
    ],
)
def test_dated_facts_are_read_at_the_rows_own_instant(
    values: dict[str, Any], expected: str | None
) -> None:
    """The head of a unit is who it was at the row's instant, or is at `as_of`."""
    made = program(
        rule({0: pipeline({"case": field("case"), "head": HEAD}, instant=field("at"))}),
        versions=(version(ONLY),),
    )
    facts = {"report": [report("a", unit="u", **values)], "unit": HEADS}

    assert [("a", expected, 0, False)] == rows(made, facts, as_of=70 * DAY)


@pytest.mark.parametrize(("on", "expected"), [(60, "wang"), (61, "li"), (None, "li")])
def test_a_date_reads_dated_facts_at_the_start_of_its_day(on: int | None, expected: str) -> None:
    """Day 60 begins in Shanghai eight hours before it does in UTC, when Wang was still head."""
    made = program(
        rule({0: pipeline({"case": field("case"), "head": HEAD}, instant=field("on"))}),
        versions=(version(ONLY),),
    )
    facts = {"report": [report("a", unit="u", on=on)], "unit": HEADS}

    assert [("a", expected, 0, False)] == rows(made, facts, as_of=70 * DAY)


def test_the_instant_itself_reads_dated_facts_as_of_now() -> None:
    """An instant that comes from a dated fact is read at `as_of`; what follows, at the instant."""
    begun = Field(row=HEAD.row, name="from_at", type=INSTANT)
    made = program(
        rule({0: pipeline({"case": field("case"), "head": HEAD}, instant=begun)}),
        versions=(version(ONLY),),
    )
    facts = {"report": [report("a", unit="u")], "unit": [("u", 50, "wang"), ("u", 80, "li")]}

    assert [[("a", "wang", 0, False)], [("a", "li", 0, False)]] == [
        rows(made, facts, as_of=as_of) for as_of in (79, 80)
    ]


def test_the_moment_outlasts_a_rank() -> None:
    """After rows are ranked, dated facts are still read at the row's own instant."""
    step = Number(column="rank", per=(), order=(Order(by=field("at")),))
    output = {"case": field("case"), "rank": derived("rank"), "head": HEAD}
    made = program(
        rule({0: pipeline(output, step, instant=field("at"))}), versions=(version(ONLY),)
    )
    facts = {"report": [report("a", unit="u", at=60 * DAY), report("b", unit="u", at=51)]}

    assert [("a", 2, "li", 0, False), ("b", 1, "wang", 0, False)] == rows(
        made, {**facts, "unit": HEADS}, as_of=70 * DAY
    )


def test_a_tally_reads_dated_facts_at_the_first_day_of_its_period() -> None:
    """The head of a month is who it was when the month began."""
    unit = Follow(reference=derived("unit", Reference("unit")), type=Row("unit"))
    (first, _) = monthly().values()
    output = {**first.output, "head": Field(row=unit, name="head", type=STRING)}
    made = program(rule({0: evolve(first, output=output)}), versions=(version(ONLY),))
    facts = {"report": [report("a", unit="u", at=61 * DAY), report("b", unit="u", at=95 * DAY)]}

    assert [("u", 1, "1970-03", "wang", 0, False), ("u", 1, "1970-04", "li", 0, False)] == rows(
        made, {**facts, "unit": HEADS}
    )


# Rules that read rules ----------------------------------------------------------------------

FINDINGS = Relation("findings", {"rule": STRING, "case": STRING, "more": INT, **END}, ("rule",))


def finding(name: str) -> RulePlan:
    """A rule whose rows are findings."""
    output: dict[str, Expr] = {"rule": Literal(value=name, type=STRING), "case": field("case")}
    output["n"] = field("n")
    steps = (Derive(columns={"n": field("n")}), Require(columns=("n",)))
    return rule({0: pipeline(output, *steps)}, id_=name, collection="findings")


def test_a_collection_is_the_union_of_its_rules() -> None:
    """Findings are the rows of all rules that make them; a column that a rule lacks is unknown."""
    made = program(
        finding("second"), finding("first"), versions=(version(ONLY),), findings=FINDINGS
    )
    facts = {"report": [report("a", n=1), report("b", n=None)]}

    assert [
        ("first", "a", None, 0, False),
        ("first", "b", None, 0, True),
        ("second", "a", None, 0, False),
        ("second", "b", None, 0, True),
    ] == rows(made, facts, of="findings")


def test_a_collection_without_rows_is_empty() -> None:
    """Findings and entries are there even when no rule makes any."""
    made = program(versions=(version(ONLY),), findings=FINDINGS)

    assert {"findings": []} == made.run(Facts(relations={}), Times(as_of=0))


def test_a_rule_may_read_a_collection_and_a_link_to_a_rule() -> None:
    """A later rule goes over the findings, and a link finds a rule's row by its key."""
    links = {"first": Link("first", "first", (("case", "case"),), value="n", missing=0)}
    linked_findings = evolve(FINDINGS, links=links)
    f = Variable(type=Row("findings"), name="r")
    output: dict[str, Expr] = {
        "case": Field(row=f, name="case", type=STRING),
        "n": Linked(row=f, link="first", type=INT),
    }
    again = rule({0: pipeline(output, source="findings")}, id_="again")
    made = program(finding("first"), again, versions=(version(ONLY),), findings=linked_findings)
    facts = {"report": [report("a", n=7), report("b", n=None)]}

    assert [("a", 7, 0, False), ("b", None, 0, True)] == rows(made, facts, of="again")


def test_a_ranked_rule_is_not_row_wise() -> None:
    """A rule that looks at many rows has no function of one."""
    step = Number(column="rank", per=(), order=(Order(by=field("n")),))
    made = program(rule({0: pipeline({"case": field("case")}, step)}), versions=(version(ONLY),))
    with pytest.raises(ValueError, match="the rule `out` looks at more than one row at a time"):
        made.row_function("out", 0)

    assert not made.is_row_wise("out")


def test_period_columns_pass_through() -> None:
    """A rule over the roll reads its three period columns."""
    roll = Relation("roll", {"case": STRING, **PERIOD_COLUMNS}, ("case", "period"))
    u = Variable(type=Row("roll"), name="r")
    output: dict[str, Expr] = {
        "case": Field(row=u, name="case", type=STRING),
        "last": Field(row=u, name="period.last_day", type=DATE),
    }
    made = program(rule({0: pipeline(output, source="roll")}), versions=(version(ONLY),), roll=roll)

    assert [("u", 30, 0, False)] == rows(made, {"roll": [("u", "1970-01", 0, 30)]})


def test_rows_are_sorted_by_their_key() -> None:
    """Unknown comes first, then natural order; equal keys go by the whole row."""
    made = program(
        rule({0: pipeline({"n": field("n"), "case": field("case")})}), versions=(version(ONLY),)
    )
    facts = {"report": [report("b", n=10), report("a", n=10), report("c", n=9), report("d")]}

    assert [None, 9, 10, 10] == [row[0] for row in rows(made, facts)]
    assert ["d", "c", "a", "b"] == [row[1] for row in rows(made, facts)]


def test_a_module_reads_well() -> None:
    """The text of a program has one function per rule and version, under its name."""
    low = Call(op="lt", args=(field("n"), number(5)), type=BOOL)
    made = program(
        rule({0: pipeline({"case": field("case"), "n": field("n")}, Where(condition=low))}),
        versions=(version(ONLY),),
    )

    assert (
        """\
# demo


# out, version 2009
def out_0(r, c):
    r_n = r[2]
    holds = None if r_n is None else r_n < 5
    if holds is False:
        return []
    undetermined = holds is None
    return [(r[0], r_n, 0, undetermined)]
"""
        == made.source
    )
