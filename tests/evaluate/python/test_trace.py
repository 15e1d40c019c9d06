"""Traces: every part with its value, and why something is unknown."""

from __future__ import annotations

from typing import Any

import pytest

from kaocheng.calendars.editions import Edition
from kaocheng.calendars.limits import Limit
from kaocheng.calendars.numberline import NEVER
from kaocheng.calendars.zones import Zones
from kaocheng.evaluate.python import Context, Reason, Setting, Traced
from kaocheng.evaluate.python._reasons import KINDS
from kaocheng.evaluate.python.trace import trace
from kaocheng.language.expressions import (
    Advance,
    Call,
    Expr,
    Field,
    Fold,
    Follow,
    Items,
    Linked,
    Literal,
    Lookup,
    Parameter,
    Variable,
)
from kaocheng.language.schema import Link, Relation
from kaocheng.language.types import (
    BOOL,
    DATE,
    INSTANT,
    INT,
    STRING,
    Decimal,
    Enum,
    ListOf,
    Reference,
    Row,
    Type,
)
from kaocheng.plan.algebra import TableRows, VersionFacts, Window

LEVEL = Enum("level", ("city", "province"), ordered=True)
COLUMNS: dict[str, Type] = {
    "case": STRING,
    "unit": Reference("unit"),
    "level": LEVEL,
    "n": INT,
    "m": INT,
    "cents": Decimal(2),
    "on": DATE,
    "at": INSTANT,
    "ok": BOOL,
    "times": ListOf(INSTANT),
}
RELATIONS = {
    "report": Relation(
        "report",
        COLUMNS,
        ("case",),
        links={
            "adoptions": Link("adoptions", "adoption", (("case", "report"),), many=True),
            "stops": Link("stops", "stop", (("case", "report"),), many=True),
            "parent": Link("parent", "unit", (("unit", "case"),)),
            "size": Link("size", "unit", (("unit", "case"),), value="size"),
        },
    ),
    "adoption": Relation("adoption", {"report": STRING, "points": INT}, ("report", "points")),
    "stop": Relation("stop", {"report": STRING, "from": DATE, "until": DATE}, ("report", "from")),
    "unit": Relation("unit", {"case": STRING, "size": INT}, ("case",)),
}
VERSION = VersionFacts(
    name="1",
    window=Window(first_day=None, last_day=None),
    zone="Europe/Amsterdam",
    calendar="office",
    parameters={"quota": None},
    tables={"points": TableRows(name="points", rows=((("city",), 5),), result=INT)},
)
ZONES = Zones()
SETTING = Setting(
    relations=RELATIONS,
    version=VERSION,
    editions={"office": Edition("office 2009", 0, 30)},
    zones=ZONES,
)
R = Variable(type=Row("report"), name="r")
A = Variable(type=Row("adoption"), name="a")
MOST, LAST_DATE = 2**63 - 1, 2_932_896


def field(name: str) -> Field:
    """A column of the report."""
    return Field(row=R, name=name, type=COLUMNS[name])


def call(op: str, *args: Expr, type_: Type = INT) -> Call:
    """An operation."""
    return Call(op=op, args=args, type=type_)


def number(value: int | None, type_: Type = INT) -> Literal:
    """A number, or a time, written out."""
    return Literal(value=value, type=type_)


def traced(
    expr: Expr, *, setting: Setting = SETTING, most_items: int = 20, **values: object
) -> Traced:
    """The trace of an expression about report `x` with these columns; others are unknown."""
    row = tuple({"case": "x", **values}.get(column) for column in COLUMNS)
    rows = {
        "unit": [("u", None)],
        "adoption": [("x", 1), ("x", None), ("y", 2)],
        "stop": [("x", 3, None)],
    }
    return trace(expr, {"r": row}, setting, context=Context(rows, as_of=0), most_items=most_items)


ADOPTIONS = Linked(row=R, link="adoptions", type=ListOf(Row("adoption")))
POINTS = Fold(
    how="map",
    over=ADOPTIONS,
    variable="a",
    body=Field(row=A, name="points", type=INT),
    type=ListOf(INT),
)
UNIT = Follow(reference=field("unit"), type=Row("unit"))
POSITIVE = call("gt", Field(row=A, name="points", type=INT), number(1), type_=BOOL)


def fold(how: str, over: Expr = ADOPTIONS) -> Fold:
    """A macro over the adoptions with more than one point."""
    return Fold(how=how, over=over, variable="a", body=POSITIVE, type=BOOL)


def limit(start: str, stated: Limit, **more: Expr) -> Advance:
    """A limit from a date or an instant of the report."""
    return Advance(start=field(start), limit=stated, type=COLUMNS[start], **more)


STOPS = Linked(row=R, link="stops", type=ListOf(Row("stop")))
DAYS, WORKING = Limit(3, "day"), Limit(3, "working_day")
EMPTY = Items(items=(), type=ListOf(INT))


@pytest.mark.parametrize(
    ("expr", "values", "kind", "subject"),
    [
        (field("n"), {}, "missing", "r.n"),
        (number(None), {}, "missing", "unknown"),
        (Parameter(name="quota", type=INT), {}, "missing", "quota"),
        (call("add", field("n"), field("m")), {"n": 1}, "missing", "r.m"),
        (call("add", field("n"), field("m")), {}, "missing", "r.n"),
        (call("add", field("n"), number(1)), {"n": MOST}, "overflow", "r.n + 1"),
        (call("neg", field("n")), {"n": -MOST - 1}, "overflow", "-r.n"),
        (
            call("rescale", field("n"), type_=Decimal(2)),
            {"n": MOST},
            "overflow",
            "r.n",
        ),
        (call("mod", field("n"), field("m")), {"n": 1, "m": 0}, "division_by_zero", "r.n % r.m"),
        (
            call("started", field("n"), field("m")),
            {"n": 1, "m": -1},
            "division_by_zero",
            "started(r.n, r.m)",
        ),
        (
            call("ratio", field("n"), field("m"), number(2), type_=Decimal(2)),
            {"n": 1, "m": 0},
            "division_by_zero",
            "ratio(r.n, r.m, 2)",
        ),
        (
            call("ratio", field("n"), field("m"), number(2), type_=Decimal(2)),
            {"n": MOST, "m": 1},
            "overflow",
            "ratio(r.n, r.m, 2)",
        ),
        (call("diff", field("on"), number(1, DATE)), {"on": NEVER}, "not_happened", "r.on"),
        (call("year", field("on")), {"on": NEVER}, "not_happened", "r.on"),
        (call("year", field("on")), {"on": LAST_DATE + 1}, "outside_years", "year(r.on)"),
        (
            call("add_days", field("on"), number(1), type_=DATE),
            {"on": LAST_DATE},
            "outside_years",
            "add_days(r.on, 1)",
        ),
        (call("is_working_day", field("on"), type_=BOOL), {"on": 31}, "outside_edition", "office"),
        (call("is_working_day", field("on"), type_=BOOL), {"on": NEVER}, "not_happened", "r.on"),
        (call("latest", field("times"), type_=INSTANT), {"times": ()}, "empty", "r.times"),
        (call("latest", field("times"), type_=INSTANT), {"times": (None,)}, "missing", "r.times"),
        (call("max", EMPTY), {}, "empty", "[]"),
        (call("rank", field("level")), {"level": "village"}, "no_such_key", "r.level"),
        (
            call("highest", Items(items=(field("level"),), type=ListOf(LEVEL)), type_=LEVEL),
            {"level": "village"},
            "no_such_key",
            "[r.level]",
        ),
        (call("lowest", Items(items=(), type=ListOf(LEVEL)), type_=LEVEL), {}, "empty", "[]"),
        (call("sum", POINTS), {}, "missing", "a.points"),
        (
            call("sum", Items(items=(number(1), field("n")), type=ListOf(INT))),
            {},
            "missing",
            "r.n",
        ),
        (
            call("in", number(3), Items(items=(field("n"), number(1)), type=ListOf(INT))),
            {},
            "missing",
            "r.n",
        ),
        (call("and", field("ok"), fold("exists"), type_=BOOL), {"ok": True}, "missing", "a.points"),
        (
            call("or", field("ok"), call("gt", field("n"), number(1), type_=BOOL), type_=BOOL),
            {"n": 0},
            "missing",
            "r.ok",
        ),
        (call("if", field("ok"), field("n"), field("m")), {}, "missing", "r.ok"),
        (call("if", field("ok"), field("n"), field("m")), {"ok": True}, "missing", "r.n"),
        (call("if", field("ok"), field("n"), field("m")), {"ok": False}, "missing", "r.m"),
        (Lookup(table="points", args=(field("level"),), type=INT), {}, "missing", "r.level"),
        (
            Lookup(table="points", args=(field("level"),), type=INT),
            {"level": "province"},
            "no_such_key",
            "points(r.level)",
        ),
        (UNIT, {"unit": "nobody"}, "no_such_key", "r.unit"),
        (Field(row=UNIT, name="size", type=INT), {"unit": "nobody"}, "no_such_key", "r.unit"),
        (Field(row=UNIT, name="size", type=INT), {}, "missing", "r.unit"),
        (Field(row=UNIT, name="size", type=INT), {"unit": "u"}, "missing", "r.unit.size"),
        (Linked(row=R, link="parent", type=Row("unit")), {"unit": "v"}, "no_such_key", "r.parent"),
        (Linked(row=R, link="size", type=INT), {"unit": "u"}, "missing", "r.size"),
        (ADOPTIONS, {"case": None}, "missing", "r.adoptions"),
        (fold("exists"), {"case": None}, "missing", "r.adoptions"),
        (fold("filter"), {}, "missing", "a.points"),
        (limit("on", DAYS), {}, "missing", "r.on"),
        (limit("on", DAYS), {"on": LAST_DATE}, "outside_years", "r.on + 3 days"),
        (limit("on", WORKING), {"on": 31}, "outside_edition", "office 2009"),
        (limit("on", DAYS, amount=field("n")), {"on": 0}, "missing", "r.n"),
        (limit("on", DAYS, pauses=STOPS), {"on": 0}, "missing", "r.stops"),
        (
            limit("on", DAYS, amount=field("n")),
            {"on": 0, "n": -1},
            "no_such_limit",
            "r.on + r.n days",
        ),
    ],
)
def test_a_reason(expr: Expr, values: dict[str, Any], kind: str, subject: str) -> None:
    """What is unknown says why: the first fact that is missing, or what went wrong."""
    found = traced(expr, **values)

    assert (None, Reason(kind, subject)) == (found.value, found.reason)


def test_every_kind_of_reason_is_tested() -> None:
    """The table of reasons has each kind that there is."""
    (marks,) = [mark for mark in test_a_reason.pytestmark if mark.name == "parametrize"]  # type: ignore[attr-defined]

    assert set(KINDS) == {case[2] for case in marks.args[1]}


def test_a_limit_without_its_calendar() -> None:
    """Working days without a calendar are no limit that can be."""
    version = VersionFacts(name="1", window=Window(first_day=None, last_day=None))
    setting = Setting(relations=RELATIONS, version=version, zones=ZONES)
    found = traced(limit("on", WORKING), setting=setting, on=0)

    assert Reason("no_such_limit", "r.on + 3 working days") == found.reason


def test_a_trace_has_the_parts_of_what_it_traces() -> None:
    """Each operation has its arguments below it; a field of a row has nothing below it."""
    expr = call("add", field("n"), call("mul", field("m"), number(2)))
    found = traced(expr, n=1, m=3)

    assert (7, [1, 6], [[], [3, 2]]) == (
        found.value,
        [part.value for part in found.parts],
        [[below.value for below in part.parts] for part in found.parts],
    )


def test_a_fold_shows_its_items() -> None:
    """A fold has its list and then its body for each item, with the item."""
    found = traced(fold("exists"))
    rows = (("x", None), ("x", 1))

    assert [(rows, None), (None, rows[0]), (False, rows[1])] == [
        (part.value, part.item) for part in found.parts
    ]


def test_a_fold_shows_at_most_so_many_items() -> None:
    """Items past the bound are not shown, but an unknown one among them is still the reason."""
    times = (5, 6, None)
    t = Variable(type=INSTANT, name="t")
    late = call("gt", t, number(9, INSTANT), type_=BOOL)
    expr = Fold(how="exists", over=field("times"), variable="t", body=late, type=BOOL)
    found = traced(expr, most_items=2, times=times)

    assert (3, Reason("missing", "t")) == (len(found.parts), found.reason)


def test_what_is_known_has_no_reason() -> None:
    """A false conjunction has no reason, although one side of it has."""
    expr = call("and", field("ok"), Literal(value=False, type=BOOL), type_=BOOL)
    found = traced(expr)

    assert (False, None, Reason("missing", "r.ok")) == (
        found.value,
        found.reason,
        found.parts[0].reason,
    )


def test_columns_that_steps_added_are_bound_by_name() -> None:
    """`row` is bound to a mapping of columns, as the steps of a rule left them."""
    derived = Field(row=Variable(type=Row("row"), name="row"), name="due", type=INT)
    expr = call("add", derived, number(1))

    assert 6 == trace(expr, {"row": {"due": 5}}, SETTING).value
