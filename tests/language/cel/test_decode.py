"""What each construct of an expression becomes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kaocheng.calendars.numberline import DAY, HOUR, MINUTE, SECOND
from kaocheng.language.expressions import (
    Call,
    Expr,
    Field,
    Fold,
    Follow,
    Has,
    Items,
    Linked,
    Literal,
    Lookup,
    Parameter,
    Variable,
)
from kaocheng.language.operations import OPERATIONS
from kaocheng.language.types import (
    BOOL,
    DATE,
    DURATION,
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

LEVEL = Enum("level", ("city", "province", "central"), ordered=True)
BAND = Enum("band", LEVEL.values, ordered=True)
CLASS = Enum("class", ("county", "city_police"))

R = Variable(type=Row("report"), name="r")
U = Variable(type=Row("unit per month"), name="u")
W = Variable(type=Row("unit"), name="w")
X = Variable(type=Row("report.adoptions"), name="x")
N = Variable(type=INT, name="n")
M = Variable(type=Decimal(2), name="m")
B = Variable(type=BOOL, name="b")
S = Variable(type=STRING, name="s")
D = Variable(type=DATE, name="d")
T = Variable(type=INSTANT, name="t")
P = Variable(type=Reference("person"), name="p")
LENGTH = Variable(type=DURATION, name="length")

R_UNIT = Field(type=Reference("unit"), row=R, name="unit")
R_LEVEL = Field(type=LEVEL, row=R, name="level")
U_CASE = Field(type=Reference("unit"), row=U, name="case")
ADOPTIONS = Linked(type=ListOf(Row("report.adoptions")), row=R, link="adoptions")
N_BAND = Lookup(type=BAND, table="band", args=(N,))
X_LEVEL = Field(type=LEVEL, row=X, name="level")
X_AT = Field(type=INSTANT, row=X, name="at")


def literal(type_: Type, value: bool | int | str) -> Literal:  # noqa: FBT001 -- any value
    """A literal."""
    return Literal(type=type_, value=value)


def integer(value: int) -> Literal:
    """A whole number."""
    return literal(INT, value)


def call(op: str, type_: Type, *args: Expr) -> Call:
    """An operation."""
    return Call(type=type_, op=op, args=args)


def condition(op: str, *args: Expr) -> Call:
    """An operation that is true or false."""
    return call(op, BOOL, *args)


def rescale(scale: int, expr: Expr) -> Call:
    """A number with more decimal places."""
    return call("rescale", Decimal(scale), expr)


def adoptions(how: str, body: Expr, type_: Type = BOOL) -> Fold:
    """A macro over the adoptions of the report."""
    return Fold(type=type_, how=how, over=ADOPTIONS, variable="x", body=body)


ONE, TWO = integer(1), integer(2)
CITY, PROVINCE = literal(LEVEL, "city"), literal(LEVEL, "province")
HIGHER = condition("gt", call("rank", INT, X_LEVEL), integer(0))

GOLDEN: dict[str, Expr] = {
    # Literals and names
    "true": literal(BOOL, value=True),
    "'紧急\\t\\u4e00'": literal(STRING, "紧急\t一"),
    "r'a\\b'": literal(STRING, "a\\b"),
    "-5": integer(-5),
    "9223372036854775807": integer(2**63 - 1),
    "-9223372036854775808": integer(-(2**63)),
    "2.50": literal(Decimal(2), 250),
    "- 0.05": literal(Decimal(2), -5),
    "duration('1h30m0.5s')": literal(DURATION, 90 * MINUTE + SECOND // 2),
    "duration('-72h')": literal(DURATION, -72 * HOUR),
    "date('2020-03-01')": literal(DATE, 18_322),
    "timestamp('1970-01-02T08:00:00+08:00')": literal(INSTANT, DAY),
    "n": N,
    "limit": Parameter(type=INT, name="limit"),
    # Logic
    "b && !b || n == 1": condition(
        "or", condition("and", B, condition("not", B)), condition("eq", N, ONE)
    ),
    "b ? n : 2": call("if", INT, B, N, TWO),
    "b ? n : m": call("if", Decimal(2), B, rescale(2, N), M),
    "b ? 'x' : s": call("if", STRING, B, literal(STRING, "x"), S),
    # Numbers: scales meet, and add up in products
    "n + 1 - 2": call("sub", INT, call("add", INT, N, ONE), TWO),
    "n + m": call("add", Decimal(2), rescale(2, N), M),
    "m - 1": call("sub", Decimal(2), M, literal(Decimal(2), 100)),
    "1.5 + 2.25": call("add", Decimal(2), literal(Decimal(2), 150), literal(Decimal(2), 225)),
    "n * m * 1.5": call("mul", Decimal(3), call("mul", Decimal(2), N, M), literal(Decimal(1), 15)),
    "-n % 2": call("mod", INT, call("neg", INT, N), TWO),
    "-m": call("neg", Decimal(2), M),
    "m >= 1.005": condition("ge", rescale(3, M), literal(Decimal(3), 1005)),
    "n == 1.0": condition("eq", rescale(1, N), literal(Decimal(1), 10)),
    "n != 1": condition("ne", N, ONE),
    "m in [1, 2.5]": condition(
        "in",
        M,
        Items(type=ListOf(Decimal(2)), items=(literal(Decimal(2), 100), literal(Decimal(2), 250))),
    ),
    "n in [1, 2]": condition("in", N, Items(type=ListOf(INT), items=(ONE, TWO))),
    "ratio(n, m, 3)": call("ratio", Decimal(3), rescale(2, N), M, integer(3)),
    "ratio(n, 2, 0)": call("ratio", INT, N, TWO, integer(0)),
    "round(m, 1)": call("round", Decimal(1), M, ONE),
    "round(m, 0)": call("round", INT, M, integer(0)),
    "round(m, 2)": M,
    "round(m, 3)": rescale(3, M),
    "started(n, 2)": call("started", INT, N, TWO),
    "whole(length, duration('1h'))": call("whole", INT, LENGTH, literal(DURATION, HOUR)),
    "min([n, m])": call(
        "min", Decimal(2), Items(type=ListOf(Decimal(2)), items=(rescale(2, N), M))
    ),
    "max([n]) + sum([n])": call(
        "add",
        INT,
        call("max", INT, Items(type=ListOf(INT), items=(N,))),
        call("sum", INT, Items(type=ListOf(INT), items=(N,))),
    ),
    # Times
    "d - date('1970-01-02')": call("diff", INT, D, literal(DATE, 1)),
    "t - t": call("diff", DURATION, T, T),
    "t + length": call("shift", INSTANT, T, LENGTH),
    "length + t": call("shift", INSTANT, T, LENGTH),
    "t - length": call("shift", INSTANT, T, call("neg", DURATION, LENGTH)),
    "t - duration('1h')": call("shift", INSTANT, T, literal(DURATION, -HOUR)),
    "length + length - -length": call(
        "sub", DURATION, call("add", DURATION, LENGTH, LENGTH), call("neg", DURATION, LENGTH)
    ),
    "t < t && d <= d && length > grace": condition(
        "and",
        condition("and", condition("lt", T, T), condition("le", D, D)),
        condition("gt", LENGTH, Parameter(type=DURATION, name="grace")),
    ),
    "int(t)": call("seconds", INT, T),
    "happened(t) && happened(d)": condition(
        "and", condition("happened", T), condition("happened", D)
    ),
    "add_months(date_of(t), -1)": call("add_months", DATE, call("date_of", DATE, T), integer(-1)),
    "is_working_day(add_days(d, n))": condition("is_working_day", call("add_days", DATE, D, N)),
    "year(d) * 100 + month(d)": call(
        "add",
        INT,
        call("mul", INT, call("year", INT, D), integer(100)),
        call("month", INT, D),
    ),
    "day(d) == weekday(d)": condition("eq", call("day", INT, D), call("weekday", INT, D)),
    "latest([d])": call("latest", DATE, Items(type=ListOf(DATE), items=(D,))),
    "end_of(d)": call("end_of", INSTANT, D),
    "utc_offset(t)": call("utc_offset", DURATION, T),
    # Text
    "s + 'x'": call("concat", STRING, S, literal(STRING, "x")),
    "s.startsWith('a')": condition("starts_with", S, literal(STRING, "a")),
    "s.endsWith(s)": condition("ends_with", S, S),
    "'abc'.contains(s)": condition("contains", literal(STRING, "abc"), S),
    "size(s) + s.size()": call("add", INT, call("length", INT, S), call("length", INT, S)),
    "s in r.tags": condition("in", S, Field(type=ListOf(STRING), row=R, name="tags")),
    # Enumerations: values are checked, orders compare ranks
    "r.level == 'city'": condition("eq", R_LEVEL, CITY),
    "'city' != r.level": condition("ne", CITY, R_LEVEL),
    "r.level in ['city', 'province']": condition(
        "in", R_LEVEL, Items(type=ListOf(LEVEL), items=(CITY, PROVINCE))
    ),
    "'city' in r.adoptions.map(x, x.level)": condition(
        "in", CITY, adoptions("map", X_LEVEL, ListOf(LEVEL))
    ),
    "r.level < 'province'": condition("lt", call("rank", INT, R_LEVEL), ONE),
    "r.level >= r.level": condition("ge", call("rank", INT, R_LEVEL), call("rank", INT, R_LEVEL)),
    "max([r.level, 'city', band(n)])": call(
        "highest", LEVEL, Items(type=ListOf(LEVEL), items=(R_LEVEL, CITY, N_BAND))
    ),
    "min(r.adoptions.map(x, x.level)) >= band(n)": condition(
        "ge",
        call("rank", INT, call("lowest", LEVEL, adoptions("map", X_LEVEL, ListOf(LEVEL)))),
        call("rank", INT, N_BAND),
    ),
    "(b ? r.level : band(n)) == band(n)": condition(
        "eq", call("if", LEVEL, B, R_LEVEL, N_BAND), N_BAND
    ),
    "r.level == (b ? 'city' : 'province')": condition(
        "eq", R_LEVEL, call("if", LEVEL, B, CITY, PROVINCE)
    ),
    "(b ? r.level : 'city') == 'province'": condition(
        "eq", call("if", LEVEL, B, R_LEVEL, CITY), PROVINCE
    ),
    "quota('county', r.level)": Lookup(
        type=INT, table="quota", args=(literal(CLASS, "county"), R_LEVEL)
    ),
    # References are followed by a dot, and compare with rows and case ids
    "r.unit.class": Field(type=CLASS, row=Follow(type=Row("unit"), reference=R_UNIT), name="class"),
    "r.unit.head.name": Field(
        type=STRING,
        row=Follow(
            type=Row("person"),
            reference=Field(
                type=Reference("person"),
                row=Follow(type=Row("unit"), reference=R_UNIT),
                name="head",
            ),
        ),
        name="name",
    ),
    "r.unit == u": condition("eq", R_UNIT, U_CASE),
    "u == r.unit": condition("eq", U_CASE, R_UNIT),
    "w != r.unit": condition("ne", Field(type=Reference("unit"), row=W, name="case"), R_UNIT),
    "r == r": condition(
        "eq",
        Field(type=Reference("report"), row=R, name="case"),
        Field(type=Reference("report"), row=R, name="case"),
    ),
    "r.unit == 'unit/jing_hu'": condition("eq", R_UNIT, literal(Reference("unit"), "unit/jing_hu")),
    "u in [r.unit, 'unit/x']": condition(
        "in",
        U_CASE,
        Items(
            type=ListOf(Reference("unit")),
            items=(R_UNIT, literal(Reference("unit"), "unit/x")),
        ),
    ),
    "p in r.authors": condition(
        "in", P, Field(type=ListOf(Reference("person")), row=R, name="authors")
    ),
    # Links
    "r.final.due": Field(
        type=INSTANT, row=Linked(type=Row("final notice"), row=R, link="final"), name="due"
    ),
    "r.points + 1": call(
        "add",
        INT,
        Linked(type=INT, row=R, link="points"),
        ONE,
    ),
    "r.adoptions": ADOPTIONS,
    "r.unit.reports": Linked(
        type=ListOf(Row("report")),
        row=Follow(type=Row("unit"), reference=R_UNIT),
        link="reports",
    ),
    # Periods
    "u.period.name": Field(type=STRING, row=U, name="period"),
    "u.period.last_day": Field(type=DATE, row=U, name="period.last_day"),
    "start_of(u.period)": call(
        "start_of", INSTANT, Field(type=DATE, row=U, name="period.first_day")
    ),
    "end_of(u.period)": call("end_of", INSTANT, Field(type=DATE, row=U, name="period.last_day")),
    # Presence
    "has(r.amount)": Has(type=BOOL, operand=Field(type=Decimal(2), row=R, name="amount")),
    "has(r.unit.class)": Has(
        type=BOOL,
        operand=Field(type=CLASS, row=Follow(type=Row("unit"), reference=R_UNIT), name="class"),
    ),
    "has(r.final)": Has(type=BOOL, operand=Linked(type=Row("final notice"), row=R, link="final")),
    # Macros
    "r.adoptions.exists(x, x.level > 'city')": adoptions("exists", HIGHER),
    "r.adoptions.all(x, x.level > 'city')": adoptions("all", HIGHER),
    "r.adoptions.exists_one(x, x.level > 'city')": adoptions("exists_one", HIGHER),
    "r.adoptions.filter(x, x.level > 'city')": adoptions("filter", HIGHER, ADOPTIONS.type),
    "earliest(r.adoptions.map(x, x.at))": call(
        "earliest", INSTANT, adoptions("map", X_AT, ListOf(INSTANT))
    ),
    "r.adoptions.map(x, x.level > 'city', x.at)": Fold(
        type=ListOf(INSTANT),
        how="map",
        over=adoptions("filter", HIGHER, ADOPTIONS.type),
        variable="x",
        body=X_AT,
    ),
    "r.adoptions.map(x, x.level > 'city' ? 1 : 2)": adoptions(
        "map", call("if", INT, HIGHER, ONE, TWO), ListOf(INT)
    ),
    "size(r.adoptions)": call("size", INT, ADOPTIONS),
    "r.authors.exists(q, q.name == s)": Fold(
        type=BOOL,
        how="exists",
        over=Field(type=ListOf(Reference("person")), row=R, name="authors"),
        variable="q",
        body=condition(
            "eq",
            Field(
                type=STRING,
                row=Follow(
                    type=Row("person"),
                    reference=Variable(type=Reference("person"), name="q"),
                ),
                name="name",
            ),
            S,
        ),
    ),
    "[1].exists(x, [2].all(y, x == y))": Fold(
        type=BOOL,
        how="exists",
        over=Items(type=ListOf(INT), items=(ONE,)),
        variable="x",
        body=Fold(
            type=BOOL,
            how="all",
            over=Items(type=ListOf(INT), items=(TWO,)),
            variable="y",
            body=condition("eq", Variable(type=INT, name="x"), Variable(type=INT, name="y")),
        ),
    ),
}


@pytest.mark.parametrize("text", GOLDEN)
def test_an_expression_becomes_its_tree(text: str, compile_: Callable[..., Any]) -> None:
    """Each construct has exactly one form in the tree that all evaluators read."""
    outcome = compile_(text)

    assert (GOLDEN[text], ()) == (outcome.expr, outcome.diagnostics)


FITTED: dict[str, tuple[str, tuple[Type, ...], Expr]] = {
    "exactly": ("n", (INT,), N),
    "one of several": ("d", (DATE, INSTANT), D),
    "a whole number for a decimal": ("n + 1", (Decimal(1),), rescale(1, call("add", INT, N, ONE))),
    "a literal for a decimal": ("-5", (Decimal(2),), literal(Decimal(2), -500)),
    "a coarser decimal": ("m", (Decimal(3),), rescale(3, M)),
    "a text for a value": ("'city'", (LEVEL,), CITY),
    "a choice of texts": (
        "b ? 'city' : 'province'",
        (LEVEL,),
        call("if", LEVEL, B, CITY, PROVINCE),
    ),
    "a text for a reference": (
        "'unit/x'",
        (Reference("unit"),),
        literal(Reference("unit"), "unit/x"),
    ),
    "a row for a reference": ("u", (Reference("unit"),), U_CASE),
    "a list of texts": ("['city']", (ListOf(LEVEL),), Items(type=ListOf(LEVEL), items=(CITY,))),
    "the exact type before the first": ("n", (Decimal(2), INT), N),
}


@pytest.mark.parametrize("name", FITTED)
def test_a_result_is_fitted_to_what_is_expected(name: str, compile_: Callable[..., Any]) -> None:
    """Where no meaning is lost the result becomes the type that its place wants."""
    text, wanted, expr = FITTED[name]

    assert expr == compile_(text, wanted).expr


def test_every_operation_is_among_the_golden_cases() -> None:
    """The golden cases use every operation that there is, so none is left without a test."""
    seen = {node.op for expr in GOLDEN.values() for node in expr.walk() if isinstance(node, Call)}

    assert set() == set(OPERATIONS) - seen
