"""Differences between the evaluators found once, each in the smallest plan that shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import ibis
import pytest

from kaocheng.calendars.editions import Edition
from kaocheng.calendars.limits import Limit
from kaocheng.calendars.numberline import FIRST_DAY, FIRST_INSTANT, NEVER, parse_date
from kaocheng.evaluate import columns, python
from kaocheng.language.expressions import (
    Advance,
    Call,
    Expr,
    Field,
    Fold,
    Has,
    Items,
    Linked,
    Literal,
    Lookup,
    Variable,
)
from kaocheng.language.schema import Link, Relation
from kaocheng.language.types import BOOL, DATE, INSTANT, INT, STRING, ListOf, Row, Type
from kaocheng.model.facts import Facts, Times
from kaocheng.plan.algebra import (
    Carry,
    Measure,
    Pipeline,
    Plan,
    RulePlan,
    Step,
    TableRows,
    Tally,
    VersionFacts,
    Where,
    Window,
)

COLUMNS: dict[str, Type] = {"case": STRING, "ok": BOOL, "n": INT, "on": DATE, "at": INSTANT}
HOLDS = Link("holds", "hold", (("case", "case"),), many=True)
RELATIONS = {
    "r": Relation("r", COLUMNS, ("case",), {"holds": HOLDS}),
    "hold": Relation("hold", {"case": STRING, "from": DATE, "until": DATE}, ("case", "from")),
}
FEE = TableRows(name="fee", rows=tuple(((n,), 2 * n) for n in range(40)), result=INT)
EDITION = Edition("office", parse_date("2009-01-01"), parse_date("2009-12-31"))
HIDDEN: dict[str, Type] = {"version": INT, "undetermined": BOOL}
Rows = Sequence[tuple[object, ...]]


@pytest.fixture(scope="module")
def connection() -> Iterator[ibis.BaseBackend]:
    """One database for all tests."""
    made = ibis.duckdb.connect()
    yield made
    made.disconnect()


def field(name: str) -> Field:
    """A column of the source row."""
    return Field(row=Variable(type=Row("r"), name="r"), name=name, type=COLUMNS[name])


def derived(name: str, type_: Type = INT) -> Field:
    """A column that a step added."""
    return Field(row=Variable(type=Row("row"), name="row"), name=name, type=type_)


def was(name: str) -> Field:
    """A column of the state before a row."""
    return Field(row=Variable(type=Row("was"), name="was"), name=name, type=INT)


def call(op: str, *args: Expr, type_: Type = BOOL) -> Call:
    """An operation."""
    return Call(op=op, args=args, type=type_)


def literal(value: object, type_: Type = BOOL) -> Literal:
    """A value written out."""
    return Literal(value=value, type=type_)


def plan(steps: Sequence[Step], output: Mapping[str, Expr]) -> Plan:
    """A plan of one rule over `r`."""
    types = {name: expr.type for name, expr in output.items()}
    out = Relation("out", types | HIDDEN, tuple(types)[:1])
    pipeline = Pipeline(source="r", variable="r", steps=tuple(steps), output=output)
    rule = RulePlan(id="out", section="rules", relation=out, variants={0: pipeline})
    window = Window(first_day=None, last_day=None)
    version = VersionFacts(
        name="1",
        window=window,
        zone="America/New_York",
        calendar=EDITION.name,
        tables={FEE.name: FEE},
    )
    return Plan(
        ruleset="pinned",
        versions=(version,),
        relations=RELATIONS | {"out": out},
        rules=(rule,),
        editions={EDITION.name: EDITION},
    )


def agreed(
    made: Plan, rows: Rows, connection: ibis.BaseBackend, **more: Rows
) -> list[tuple[object, ...]]:
    """What both evaluators give, without the version; rows of `r` may be short."""
    full = [(*row, *[None] * (len(COLUMNS) - len(row))) for row in rows]
    given = {"r": full, **{name: list(found) for name, found in more.items()}}
    facts, times = Facts(relations=given), Times(as_of=0)
    expected = python.run(made, facts, times)["out"]

    assert expected == columns.run(made, facts, times, connection=connection)["out"]
    return [(*row[:-2], row[-1]) for row in expected]


def test_a_known_contrary_is_known(connection: ibis.BaseBackend) -> None:
    """A row is not undetermined where the contrary of a known condition holds."""
    steps = [Where(condition=call("not", field("ok")))]
    made = plan(steps, {"case": field("case")})
    rows = [("a", False), ("b", True), ("c", None)]

    assert [("a", False), ("c", True)] == agreed(made, rows, connection)


def test_a_condition_that_is_asked_about(connection: ibis.BaseBackend) -> None:
    """Whether a condition is known, or one of a list, is asked of the whole condition."""
    above = call("gt", field("n"), literal(1, INT))
    contrary = call("not", field("ok"))
    both = Items(items=(literal(value=True), literal(value=False)), type=ListOf(BOOL))
    output = {
        "case": field("case"),
        **{f"has {i}": Has(operand=e, type=BOOL) for i, e in enumerate((above, contrary))},
        **{f"in {i}": call("in", e, both) for i, e in enumerate((above, contrary))},
        "equal": call("eq", contrary, above),
    }
    rows = [("a", False, 2), ("b", True, 1), ("c",)]

    assert [
        ("a", True, True, True, True, True, False),
        ("b", True, True, True, True, True, False),
        ("c", False, False, None, None, None, False),
    ] == agreed(plan((), output), rows, connection)


def test_a_tally_without_groups(connection: ibis.BaseBackend) -> None:
    """A tally of all rows has no unknown group: its one row is provisional and not undetermined."""
    measures = (Measure(name="count", how="count"), Measure(name="sum", how="sum", of=field("n")))
    names = ("count", "sum", "provisional")
    made = plan([Tally(per={}, measures=measures)], {name: derived(name) for name in names})

    assert [(1, 3, 1, False)] == agreed(made, [("a", None, 3), ("b",)], connection)
    assert [] == agreed(made, [], connection)


def test_groups_that_are_carried_on(connection: ibis.BaseBackend) -> None:
    """The groups of a tally can be folded, each on its own."""
    group = derived("ok", BOOL)
    steps = [
        Tally(per={"ok": field("ok")}, measures=(Measure(name="count", how="count"),)),
        Carry(
            per=(group,),
            order=(),
            begin={"state": literal(1, INT)},
            next={"state": call("add", was("state"), derived("count"), type_=INT)},
        ),
    ]
    made = plan(steps, {"ok": group, "state": derived("state")})

    assert [(False, 3, False), (True, 2, False)] == agreed(
        made, [("a", False), ("b", True), ("c", False)], connection
    )


def test_an_item_that_is_a_row_is_there(connection: ibis.BaseBackend) -> None:
    """Asked whether a row of a list is there, the answer is yes."""
    item = Variable(name="h", type=Row("hold"))
    body = Has(operand=item, type=BOOL)
    found = Fold(how="exists", over=PAUSES, variable="h", body=body, type=BOOL)
    made = plan((), {"case": field("case"), "found": found})

    assert [("a", True, False), ("b", False, False)] == agreed(
        made, [("a",), ("b",)], connection, hold=[("a", MARCH, NEVER)]
    )


def test_whether_one_of_two_lists_is_known(connection: ibis.BaseBackend) -> None:
    """One list behind a link and one written out can be told apart and asked about alike."""
    item = Variable(name="h", type=Row("hold"))
    begun = Field(row=item, name="from", type=DATE)
    there = Fold(how="map", over=PAUSES, variable="h", body=begun, type=ListOf(DATE))
    written = Items(items=(field("on"),), type=ListOf(DATE))
    found = Has(operand=call("if", field("ok"), there, written, type_=ListOf(DATE)), type=BOOL)
    made = plan((), {"case": field("case"), "found": found})
    rows = [("a", True), ("b", False, 1, MARCH), ("c",)]

    assert [("a", True, False), ("b", True, False), ("c", False, False)] == agreed(
        made, rows, connection, hold=[("a", MARCH, NEVER)]
    )


def test_a_long_table_by_what_was_counted(connection: ibis.BaseBackend) -> None:
    """A table that is joined can be looked up by a value that rests on another join."""
    size = call("size", PAUSES, type_=INT)
    made = plan((), {"case": field("case"), "fee": Lookup(table="fee", args=(size,), type=INT)})

    assert [("a", 2, False), ("b", 0, False)] == agreed(
        made, [("a",), ("b",)], connection, hold=[("a", MARCH, NEVER)]
    )


# Limits -------------------------------------------------------------------------------------

MARCH = parse_date("2009-03-01")
PAUSES = Linked(row=Variable(type=Row("r"), name="r"), link="holds", type=ListOf(Row("hold")))


def due(limit: Limit, *, amount: Expr | None = None, pauses: Expr | None = None) -> Advance:
    """The date on which a limit ends that starts `on`."""
    return Advance(start=field("on"), limit=limit, amount=amount, pauses=pauses, type=DATE)


def ends(
    limit: Expr, days: Sequence[int | None], connection: ibis.BaseBackend, *holds: tuple[int, int]
) -> list[object]:
    """The ends of a limit that starts on some days and is paused for these spells."""
    rows = [(str(place), None, None, day) for place, day in enumerate(days)]
    paused = [(str(place), *hold) for place in range(len(days)) for hold in holds]
    made = plan((), {"case": field("case"), "due": limit})
    return [row[1] for row in agreed(made, rows, connection, hold=paused)]


def test_months_of_which_the_starting_day_is_the_first(connection: ibis.BaseBackend) -> None:
    """Counted from 29, 30 and 31 January and 1 February, a month ends on 28 February."""
    limit = due(Limit(1, "month", counts_start=True))
    days = [MARCH - 31, MARCH - 30, MARCH - 29, MARCH - 28]

    assert [MARCH - 2, MARCH - 1, MARCH - 1, MARCH - 1] == ends(
        limit, [MARCH - 32, *days[:3]], connection
    )
    assert [MARCH - 1, NEVER, None] == ends(limit, [days[3], NEVER, None], connection)
    assert [FIRST_DAY + 30] == ends(limit, [FIRST_DAY], connection)


def test_zero_days_can_be_lost(connection: ibis.BaseBackend) -> None:
    """A limit of no days ends on its starting day or, if that is lost, on the first that is not."""
    none = Limit(0, "day")
    hold = (MARCH - 1, MARCH + 3)
    given = due(Limit(1, "day"), amount=literal(0, INT), pauses=PAUSES)

    assert [MARCH + 3] == ends(due(none, pauses=PAUSES), [MARCH], connection, hold)
    assert [MARCH + 3] == ends(given, [MARCH], connection, hold)
    assert [MARCH] == ends(due(none, pauses=PAUSES), [MARCH], connection)


def test_an_endless_pause_has_no_next_working_day(connection: ibis.BaseBackend) -> None:
    """A clock that is paused for good never ends, whether its last day rolls or not."""
    rolling = due(Limit(3, "day", roll="next_working_day"), pauses=PAUSES)

    assert [NEVER] == ends(rolling, [MARCH], connection, (MARCH + 1, NEVER))


@pytest.mark.parametrize("unit", ["day", "week", "month"])
def test_an_amount_that_no_date_can_be_moved_by(unit: str, connection: ibis.BaseBackend) -> None:
    """A number of days past 64 bits gives no date, but what has not begun stays so."""
    limit = due(Limit(1, unit), amount=literal(2**63 - 1, INT))

    assert [None, NEVER] == ends(limit, [MARCH, NEVER], connection)


def test_the_first_instants_have_no_local_date(connection: ibis.BaseBackend) -> None:
    """A start whose local date is out of range gives no limit by days, not even one of none."""
    limit = Advance(start=field("at"), limit=Limit(0, "day"), type=INSTANT)
    rows = [("a", None, None, None, FIRST_INSTANT), ("b", None, None, None, NEVER)]
    made = plan((), {"case": field("case"), "due": limit})

    assert [("a", None, False), ("b", NEVER, False)] == agreed(made, rows, connection)
