"""Rows that lead to other rows: references, links, and rules over the rows of rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from attrs import evolve

from kaocheng.calendars.limits import Limit
from kaocheng.calendars.zones import Zones
from kaocheng.evaluate.proof import prove
from kaocheng.language.expressions import Expr, Field, Follow, Linked, Variable
from kaocheng.language.schema import Link, Relation
from kaocheng.language.types import BOOL, DATE, INSTANT, INT, STRING, Reference, Row, Type
from kaocheng.plan.algebra import Derive, Pipeline, Plan, Require, RulePlan, Where

if TYPE_CHECKING:
    from tests.evaluate.proof.conftest import Build

UNIT = Reference("unit")
MADE = {"case": STRING, "owner": UNIT, "value": INT, "version": INT, "undetermined": BOOL}


def of(variable: str, relation: str, name: str, type_: Type) -> Expr:
    """A column of a row."""
    return Field(row=Variable(name=variable, type=Row(relation)), name=name, type=type_)


def value(variable: str = "n") -> Expr:
    """The number that the rule `made` gives."""
    return of(variable, "made", "value", INT)


def owner(variable: str) -> Expr:
    """The unit that the rule `made` names."""
    return of(variable, "made", "owner", UNIT)


def with_rule(
    build: Build, expr: Expr, *, source: str = "incident", where: Expr | None = None
) -> Plan:
    """The rule `notice`, and a rule `made` over the incidents, or others, that gives a number."""
    plan = build.limits(Limit(45, "day"), Limit(30, "day"))
    incident = Relation(
        "incident",
        {**build.incident.columns, "owner": UNIT, "reporter": UNIT},
        ("case",),
        links={
            "notice_due": Link("notice_due", "notice", (("case", "case"),), value="due"),
            "size": Link("size", "unit", (("owner", "case"),), value="size", missing=0),
        },
    )
    unit = Relation("unit", {"case": UNIT, "size": INT}, ("case",))
    ranks: dict[str, Type] = {"case": UNIT, "from_at": INSTANT, "rank": INT}
    post = Relation("post", ranks, ("case", "from_at"), dated=True)
    made = Relation("made", MADE, ("case",))
    owned = of("i", source, "owner", UNIT) if source == "incident" else build.value("unit/1", UNIT)
    pipeline = Pipeline(
        source=source,
        variable="i",
        instant=of("i", source, "aware" if source == "incident" else "start", DATE),
        steps=(
            *(() if where is None else (Where(condition=where),)),
            Derive(columns={"value": expr}),
            Require(columns=("value",)),
        ),
        output={
            "case": of("i", source, "case", STRING),
            "owner": owned,
            "value": build.added("value", INT),
        },
    )
    rule = RulePlan(id="made", section="points", relation=made, variants={0: pipeline, 1: pipeline})
    relations = {**plan.relations, "incident": incident, "unit": unit, "post": post, "made": made}
    return evolve(plan, rules=(*plan.rules, rule), relations=relations)


def size_of_owner() -> Expr:
    """The size of the unit that an incident names."""
    unit = Follow(reference=of("i", "incident", "owner", UNIT), type=Row("unit"))
    return Field(row=unit, name="size", type=INT)


def rank_of_owner() -> Expr:
    """The rank of the unit's post on the day of the incident."""
    post = Follow(reference=of("i", "incident", "owner", UNIT), type=Row("post"))
    return Field(row=post, name="rank", type=INT)


def two_of_one_unit(build: Build, *further: Expr) -> dict[str, object]:
    """The premise that two rows name one unit, and the claim that they give one number."""
    return {
        "claim": build.test("eq", value("a"), value("b")),
        "given": build.all(build.test("eq", owner("a"), owner("b")), *further),
        "rows": {"a": "made", "b": "made"},
    }


def test_one_reference_leads_to_one_row(build: Build, zones: Zones) -> None:
    """Two incidents of one unit read the same size."""
    plan = with_rule(build, size_of_owner())

    proof = prove(plan, build.promise(**two_of_one_unit(build)), zones=zones)  # type: ignore[arg-type]

    assert proof.verdict == "proved"


def test_two_references_may_lead_to_two_rows(build: Build, zones: Zones) -> None:
    """Without the premise the sizes may differ, and the case shows the two units."""
    plan = with_rule(build, size_of_owner())
    promise = build.promise(
        build.test("eq", value("a"), value("b")), rows={"a": "made", "b": "made"}
    )

    proof = prove(plan, promise, zones=zones)

    assert proof.verdict == "refuted"
    assert proof.counterexample is not None
    sizes = {row.values["case"]: row.values["size"] for row in proof.counterexample.related}
    owners = {proof.counterexample.derived[v].values["value"] for v in ("a", "b")}
    assert set(sizes.values()) == owners
    assert 2 == len(sizes)


def test_a_reference_to_nobody_makes_the_row_undetermined(build: Build, zones: Zones) -> None:
    """A number that is required is known on every determined row."""
    plan = with_rule(build, size_of_owner())
    known = build.test("eq", value(), value())

    proof = prove(plan, build.promise(known, rows={"n": "made"}), zones=zones)

    assert proof.verdict == "proved"


def test_a_dated_row_may_change_between_two_days(build: Build, zones: Zones) -> None:
    """Two incidents of one unit may read different ranks, but not on one day."""
    plan = with_rule(build, rank_of_owner())

    proof = prove(plan, build.promise(**two_of_one_unit(build)), zones=zones)  # type: ignore[arg-type]

    assert proof.verdict == "refuted"
    assert proof.counterexample is not None
    begins = [row.values["from_at"] for row in proof.counterexample.related]
    assert 2 == len(set(begins))


def test_a_dated_row_is_one_on_one_day(build: Build, zones: Zones) -> None:
    """A post that is read as of one day is the same for all who read it."""
    plan = with_rule(build, rank_of_owner())
    (rule,) = (rule for rule in plan.rules if rule.id == "made")
    columns = {**MADE, "aware": DATE}
    relation = Relation("made", columns, ("case",))
    variants = {
        index: evolve(
            pipeline, output={**pipeline.output, "aware": of("i", "incident", "aware", DATE)}
        )
        for index, pipeline in rule.variants.items()
    }
    plan = evolve(
        plan,
        rules=(plan.rules[0], evolve(rule, relation=relation, variants=variants)),
        relations={**plan.relations, "made": relation},
    )
    days = [of(variable, "made", "aware", DATE) for variable in ("a", "b")]
    promise = build.promise(**two_of_one_unit(build, build.test("eq", *days)))  # type: ignore[arg-type]

    proof = prove(plan, promise, zones=zones)

    assert proof.verdict == "proved"


def test_a_link_to_nobody_reads_as_missing(build: Build, zones: Zones) -> None:
    """A link that finds no row reads as what it says, so that it is never undetermined."""
    linked = Linked(row=Variable(name="i", type=Row("incident")), link="size", type=INT)
    plan = with_rule(build, linked)
    claim = build.test("gt", value(), build.value(0, INT))

    proof = prove(plan, build.promise(claim, rows={"n": "made"}), zones=zones)

    assert proof.verdict == "refuted"
    assert proof.counterexample is not None
    assert 0 == proof.counterexample.derived["n"].values["value"]


def test_a_link_to_a_rule_reads_the_row_of_that_rule(build: Build, zones: Zones) -> None:
    """Days to the notice's due date, read through a link, are those of its version."""
    due = Linked(row=Variable(name="i", type=Row("incident")), link="notice_due", type=DATE)
    plan = with_rule(build, build.call("diff", INT, due, build.fact("aware")))
    is_45 = build.test("eq", value(), build.value(45, INT))
    is_30 = build.test("eq", value(), build.value(30, INT))

    proof = prove(
        plan, build.promise(build.test("or", is_45, is_30), rows={"n": "made"}), zones=zones
    )

    assert proof.verdict == "proved"


def test_a_rule_over_the_rows_of_a_rule_reads_them(build: Build, zones: Zones) -> None:
    """A fine for each begun week of lateness is at least one week for who is late."""
    late_by = of("i", "notice", "late_by", INT)
    weeks = build.call("started", INT, late_by, build.value(7, INT))
    is_late = build.test("eq", of("i", "notice", "status", STRING), build.value("late", STRING))
    plan = with_rule(build, weeks, source="notice", where=is_late)
    claim = build.test("ge", value(), build.value(1, INT))

    proof = prove(plan, build.promise(claim, rows={"n": "made"}), zones=zones)

    assert proof.verdict == "proved"


def test_a_flawed_rule_over_a_rule_is_shown_from_the_facts_on(build: Build, zones: Zones) -> None:
    """Counting whole weeks fines nobody who is late by six days, and the incident shows it."""
    weeks = build.call("whole", INT, of("i", "notice", "late_by", INT), build.value(7, INT))
    is_late = build.test("eq", of("i", "notice", "status", STRING), build.value("late", STRING))
    plan = with_rule(build, weeks, source="notice", where=is_late)
    claim = build.test("ge", value(), build.value(1, INT))

    proof = prove(plan, build.promise(claim, rows={"n": "made"}), zones=zones)

    assert proof.verdict == "refuted"
    assert proof.counterexample is not None
    assert 0 == proof.counterexample.derived["n"].values["value"]
    assert ["incident"] == [row.relation for row in proof.counterexample.sources["n"]]


@pytest.mark.parametrize("op", ["starts_with", "concat"])
def test_texts_can_be_taken_apart(build: Build, zones: Zones, op: str) -> None:
    """Where a rule searches or joins texts, a counterexample carries a text that shows it."""
    name = of("i", "incident", "case", STRING)
    if op == "starts_with":
        wrong = build.test("starts_with", name, build.value("急", STRING))
    else:
        joined = build.call("concat", STRING, name, build.value("件", STRING))
        wrong = build.test("eq", joined, build.value("急件", STRING))
    number = build.call("if", INT, wrong, build.value(1, INT), build.value(0, INT))
    plan = with_rule(build, number)
    claim = build.test("eq", value(), build.value(0, INT))

    proof = prove(plan, build.promise(claim, rows={"n": "made"}), zones=zones)

    assert proof.verdict == "refuted"
    assert proof.counterexample is not None
    (source,) = proof.counterexample.sources["n"]
    assert str(source.values["case"]).startswith("急")
