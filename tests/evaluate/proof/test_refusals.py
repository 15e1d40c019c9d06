"""What cannot be said exactly is refused by name, before anything is proved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from attrs import evolve

from kaocheng.calendars.limits import Limit
from kaocheng.errors import UnsupportedError
from kaocheng.evaluate.proof import prove
from kaocheng.language.expressions import Advance, Call, Expr, Field, Items, Literal, Variable
from kaocheng.language.operations import OPERATIONS
from kaocheng.language.schema import Relation
from kaocheng.language.types import BOOL, DATE, INT, STRING, ListOf, Row
from kaocheng.plan.algebra import (
    Carry,
    Derive,
    Each,
    Measure,
    Number,
    Order,
    Plan,
    RulePlan,
    Split,
    Step,
    Tally,
    Where,
)

if TYPE_CHECKING:
    from tests.evaluate.proof.conftest import Build

ONE = Literal(value=1, type=INT)
NAMES = Items(items=(Literal(value="a", type=STRING),), type=ListOf(STRING))


def refusal(plan: Plan, build: Build) -> tuple[str, str]:
    """What the prover says, in both languages, to a promise that is always true of the rows."""
    known = build.test("eq", build.column("case"), build.column("case"))
    with pytest.raises(UnsupportedError) as refused:
        prove(plan, build.promise(known))
    return str(refused.value), refused.value.zh


@pytest.mark.parametrize(
    ("step", "name"),
    [
        (Each(over=NAMES, column="name"), "each"),
        (Number(column="place", per=(), order=(Order(by=ONE),)), "number"),
        (Split(among=NAMES, recipient="who", column="late_by"), "split"),
        (Tally(per={}, measures=(Measure(name="rows", how="count"),)), "tally"),
        (Carry(per=(), order=(Order(by=ONE),), begin={"x": ONE}, next={"x": ONE}), "carry"),
    ],
)
def test_steps_on_many_rows_are_refused_by_name(build: Build, step: Step, name: str) -> None:
    """A step that makes one row of many, or many of one, is named in the refusal."""
    plan = build.plan(build.pipeline(build.clock(Limit(1, "day")), step))

    expected = f"proof cannot do `{name}` exactly: it makes one row of many or many of one"
    zh = f"`proof` 无法准确完成 `{name}`：它把多行合为一行，或把一行拆为多行"
    assert (expected, zh) == refusal(plan, build)


def condition(build: Build, expr: Expr) -> Plan:
    """The rule with a condition that reads an expression."""
    where = Where(condition=build.test("eq", expr, expr))
    return build.plan(build.pipeline(where, build.clock(Limit(1, "day"))))


def test_months_of_the_case_are_refused(build: Build) -> None:
    """A number of months that a case gives has no lemma."""
    number = build.call("diff", INT, build.fact("aware"), build.fact("notified"))
    later = build.call("add_months", DATE, build.fact("aware"), number)

    expected = (
        "proof cannot do `add_months` exactly: the number of months is not written in the rule"
    )
    zh = "`proof` 无法准确完成 `add_months`：规则中没有写明月数"
    assert (expected, zh) == refusal(condition(build, later), build)


def test_working_days_of_the_case_are_refused(build: Build) -> None:
    """A number of working days that a case gives has no lemma."""
    number = build.call("diff", INT, build.fact("aware"), build.fact("notified"))
    limit = Limit(1, "working_day")
    later = Advance(start=build.fact("aware"), limit=limit, amount=number, type=DATE)

    expected = (
        "proof cannot do `advance` exactly: the number of working_days is not written in the rule"
    )
    zh = "`proof` 无法准确完成 `advance`：规则中没有写明以 `working_day` 计的期限长度"
    assert (expected, zh) == refusal(condition(build, later), build)


def test_pauses_are_refused(build: Build) -> None:
    """A limit that pauses, which may be any number of times, is refused."""
    pauses = Items(items=(), type=ListOf(Row("pause")))
    limit = Limit(1, "day")
    due = Advance(start=build.fact("aware"), limit=limit, pauses=pauses, type=DATE)

    expected = "proof cannot do `advance with pauses` exactly: pauses have no bounded number"
    zh = "`proof` 无法准确完成 `advance with pauses`：暂停期间的数目没有上限"
    assert (expected, zh) == refusal(condition(build, due), build)


def test_lists_of_a_case_are_refused(build: Build) -> None:
    """A list that a case carries has no bounded length."""
    authors = ListOf(STRING)
    incident = evolve(build.incident, columns={**build.incident.columns, "authors": authors})
    size = Call(op="size", args=(build.fact("authors", authors),), type=INT)
    plan = condition(build, size)
    plan = evolve(plan, relations={**plan.relations, "incident": incident})

    expected = (
        "proof cannot do `authors` exactly: a column of type `list of string` has no bounded length"
    )
    zh = "`proof` 无法准确完成 `authors`：类型为 `list of string` 的列没有长度上限"
    assert (expected, zh) == refusal(plan, build)


def test_rows_of_several_rules_are_refused(build: Build) -> None:
    """A rule over the findings of other rules is refused, for they come from anywhere."""
    findings = Relation("findings", {"case": STRING}, ("case",))
    plan = build.limits(Limit(1, "day"))
    (rule,) = plan.rules
    made = Relation("count", {"case": STRING}, ("case",))
    case = Field(row=Variable(name="f", type=Row("findings")), name="case", type=STRING)
    (pipeline,) = rule.variants.values()
    counting = evolve(
        pipeline, source="findings", variable="f", steps=(), output={"case": case}, instant=None
    )
    second = RulePlan(id="count", section="points", relation=made, variants={0: counting})
    plan = evolve(
        plan,
        rules=(evolve(rule, collection="findings"), second),
        relations={**plan.relations, "findings": findings, "count": made},
    )
    promise = build.promise(build.value(value=True, type_=BOOL), rows={"n": "count"})

    with pytest.raises(UnsupportedError) as refused:
        prove(plan, promise)

    expected = "proof cannot do `findings` exactly: its rows come from several rules"
    zh = "`proof` 无法准确完成 `findings`：其各行来自多条规则"
    assert (expected, zh) == (str(refused.value), refused.value.zh)


def test_what_a_promise_does_not_read_does_not_matter(build: Build) -> None:
    """A column that cannot be said exactly stands in the way of no promise that ignores it."""
    number = build.call("diff", INT, build.fact("aware"), build.fact("notified"))
    later = build.call("add_months", DATE, build.fact("aware"), number)
    unread = Derive(columns={"later": later})
    plan = build.plan(build.pipeline(unread, build.clock(Limit(1, "day"))))
    claim = build.test("ge", build.column("late_by"), build.value(0, INT))

    assert "proved" == prove(plan, build.promise(claim)).verdict


def test_an_operation_without_a_meaning_here_is_refused(build: Build) -> None:
    """An operation that nobody has encoded is refused by its name."""
    strange = Call(op="estimate", args=(build.fact("aware"),), type=DATE)

    expected = "proof cannot do `estimate` exactly: it has no encoding"
    zh = "`proof` 无法准确完成 `estimate`：它没有对应的编码"
    assert (expected, zh) == refusal(condition(build, strange), build)


def test_every_operation_of_the_language_has_a_meaning_here() -> None:
    """No operation of the language is left out of the encoding."""
    from kaocheng.evaluate.proof._expressions import ENCODED

    assert set(OPERATIONS) == set(ENCODED)


def test_without_the_solver_the_extra_is_named(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the solver is not installed, the refusal says what to install."""
    import sys

    for name in [name for name in sys.modules if name.startswith("kaocheng.evaluate.proof._")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "z3", None)

    expected = (
        "proof cannot do `prove` exactly: the solver is not installed; install the extra `proof`"
    )
    zh = "`proof` 无法准确完成 `prove`：未安装求解器；请安装可选组件 `proof`"
    assert (expected, zh) == refusal(build.limits(Limit(1, "day")), build)
