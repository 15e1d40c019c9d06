"""Generated code against a reading of the specification that is slow and plain."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
from hypothesis import given

from kaocheng.calendars.editions import Edition
from kaocheng.calendars.numberline import DAY, NEVER
from kaocheng.calendars.zones import Zones
from kaocheng.evaluate.python import Context, Setting, compile_expression, compile_trace
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
    Variable,
)
from kaocheng.language.schema import Link, Relation
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
from kaocheng.plan.algebra import TableRows, VersionFacts, Window

CENTS = Decimal(2)
LEVEL = Enum("level", ("city", "province", "central"), ordered=True)
UNIT = Reference("unit")
REPORT, ADOPTION = Row("report"), Row("adoption")
MOST = 2**63 - 1
ZONE = ZoneInfo("Europe/Amsterdam")
RELATIONS = {
    "report": Relation(
        "report",
        {
            "case": STRING,
            "unit": UNIT,
            "level": LEVEL,
            "n": INT,
            "cents": CENTS,
            "at": INSTANT,
            "on": DATE,
            "lasts": DURATION,
            "ok": BOOL,
            "tags": ListOf(STRING),
            "times": ListOf(INSTANT),
        },
        ("case",),
        links={
            "adoptions": Link("adoptions", "adoption", (("case", "report"),), many=True),
            "size": Link("size", "unit", (("unit", "case"),), value="size", missing=7),
        },
    ),
    "adoption": Relation(
        "adoption",
        {"report": STRING, "sequence": INT, "at": INSTANT, "points": INT, "ok": BOOL},
        ("report", "sequence"),
    ),
    "unit": Relation("unit", {"case": STRING, "class": STRING, "size": INT}, ("case",)),
}
TABLE = TableRows(
    name="rate",
    rows=((("city", True), 1), ((None, False), 2), (("province", None), 3)),
    result=INT,
)
EDITION = Edition("working", 0, 30)
SETTING = Setting(
    relations=RELATIONS,
    version=VersionFacts(
        name="1",
        window=Window(first_day=None, last_day=None),
        zone="Europe/Amsterdam",
        calendar="working",
        tables={"rate": TABLE},
    ),
    editions={"working": EDITION},
    zones=Zones(),
)
UNITS = [("u1", "county", 3), ("u2", None, None)]

# Expressions --------------------------------------------------------------------------------

NUMBERS = st.one_of(
    st.integers(-20, 20), st.sampled_from([MOST, -MOST - 1, MOST - 1, 2**40]), st.none()
)
INSTANTS = st.one_of(
    st.integers(-3 * DAY, 3 * DAY),
    st.sampled_from([NEVER, 954_032_400_000_000, 954_035_999_000_000, -62_135_596_800_000_000]),
    st.none(),
)
DATES = st.one_of(st.integers(-5, 40), st.sampled_from([NEVER, -719_162, 2_932_896]), st.none())
TEXTS = st.sampled_from(["", "a", "ab", "county", None])
BOOLS = st.sampled_from([True, False, None])
VALUES: dict[Type, st.SearchStrategy[Any]] = {
    BOOL: BOOLS,
    INT: NUMBERS,
    CENTS: NUMBERS,
    DURATION: NUMBERS,
    INSTANT: INSTANTS,
    DATE: DATES,
    STRING: TEXTS,
    LEVEL: st.sampled_from([*LEVEL.values, None]),
    UNIT: st.sampled_from(["u1", "u2", "u3", None]),
    ListOf(STRING): st.one_of(st.none(), st.lists(TEXTS, max_size=3).map(tuple)),
    ListOf(INSTANT): st.one_of(st.none(), st.lists(INSTANTS, max_size=3).map(tuple)),
}
SAME = ("eq", "ne")
ORDER = ("lt", "le", "gt", "ge")
# Result type: operations that give it, each with the types of its arguments.
SHAPES: dict[Type, list[tuple[str, tuple[Type, ...]]]] = {
    BOOL: [
        *((op, (BOOL, BOOL)) for op in ("and", "or", "and", "or", "eq")),
        ("not", (BOOL,)),
        ("if", (BOOL, BOOL, BOOL)),
        *((op, (type_, type_)) for type_ in (INT, INSTANT, STRING, LEVEL) for op in SAME),
        *((op, (type_, type_)) for type_ in (INT, CENTS, INSTANT, DATE, DURATION) for op in ORDER),
        *((op, (STRING, STRING)) for op in ("starts_with", "ends_with", "contains")),
        ("in", (STRING, ListOf(STRING))),
        ("is_working_day", (DATE,)),
        ("happened", (INSTANT,)),
        ("happened", (DATE,)),
    ],
    INT: [
        *((op, (INT, INT)) for op in ("add", "sub", "mul", "mod", "started", "whole")),
        ("neg", (INT,)),
        ("if", (BOOL, INT, INT)),
        ("rank", (LEVEL,)),
        ("diff", (DATE, DATE)),
        ("length", (STRING,)),
        ("size", (ListOf(STRING),)),
        ("size", (ListOf(INSTANT),)),
        ("sum", (ListOf(INT),)),
        ("min", (ListOf(INT),)),
        ("max", (ListOf(INT),)),
        *((op, (DATE,)) for op in ("year", "month", "day", "weekday")),
        ("seconds", (INSTANT,)),
        ("whole", (DURATION, DURATION)),
    ],
    CENTS: [("rescale", (INT,)), ("add", (CENTS, CENTS)), ("ratio", (INT, CENTS, INT))],
    DURATION: [("diff", (INSTANT, INSTANT)), ("utc_offset", (INSTANT,)), ("neg", (DURATION,))],
    INSTANT: [
        ("shift", (INSTANT, DURATION)),
        ("start_of", (DATE,)),
        ("end_of", (DATE,)),
        ("earliest", (ListOf(INSTANT),)),
        ("latest", (ListOf(INSTANT),)),
        ("if", (BOOL, INSTANT, INSTANT)),
    ],
    DATE: [("date_of", (INSTANT,)), ("add_days", (DATE, INT)), ("add_months", (DATE, INT))],
    STRING: [("concat", (STRING, STRING)), ("if", (BOOL, STRING, STRING))],
}
FIELDS: dict[str, Row] = {"r": REPORT, "a": ADOPTION, "b": ADOPTION}


@st.composite
def expressions(draw: st.DrawFn, type_: Type, scope: tuple[str, ...], depth: int) -> Expr:
    """An expression of a type over the variables in scope."""
    choices: list[Callable[[], Expr]] = [
        lambda: Literal(value=draw(VALUES[type_]), type=type_),
        *(lambda field=field: field for field in fields(type_, scope)),
        *(lambda field=field: field for field in fields(type_, scope)),
    ]
    if type_ not in VALUES:
        choices = []
    if depth > 0:
        for op, types in SHAPES.get(type_, ()):
            choices.append(lambda op=op, types=types: draw(calls(op, types, type_, scope, depth)))
        choices += list(others(draw, type_, scope, depth))
    return draw(st.sampled_from(choices))() if choices else Items(items=(), type=type_)


@st.composite
def calls(
    draw: st.DrawFn,
    op: str,
    types: tuple[Type, ...],
    result: Type,
    scope: tuple[str, ...],
    depth: int,
) -> Expr:
    """One operation on expressions."""
    args = tuple(draw(expressions(type_, scope, depth - 1)) for type_ in types)
    if op == "ratio":
        args = (*args[:2], Literal(value=2, type=INT))
    return Call(op=op, args=args, type=result)


def fields(type_: Type, scope: tuple[str, ...]) -> list[Expr]:
    """The columns of that type of the rows in scope."""
    return [
        Field(row=Variable(name=name, type=FIELDS[name]), name=column, type=type_)
        for name in scope
        for column, found in RELATIONS[FIELDS[name].relation].columns.items()
        if found == type_
    ]


def others(
    draw: st.DrawFn, type_: Type, scope: tuple[str, ...], depth: int
) -> list[Callable[[], Expr]]:
    """What is not an operation: folds, links, references, tables."""
    report = Variable(name="r", type=REPORT)
    rows = Linked(row=report, link="adoptions", type=ListOf(ADOPTION))

    def fold(how: str, body: Type, result: Type, over: Expr = rows) -> Expr:
        variable = draw(st.sampled_from(["a", "b"]))
        inner = expressions(body, (*(n for n in scope if n != variable), variable), depth - 1)
        return Fold(how=how, over=over, variable=variable, body=draw(inner), type=result)

    if type_ == BOOL:
        return [
            *(lambda how=how: fold(how, BOOL, BOOL) for how in ("exists", "all", "exists_one")),
            lambda: fold("exists", BOOL, BOOL, fold("filter", BOOL, ListOf(ADOPTION))),
            lambda: Has(operand=draw(st.sampled_from(fields(INSTANT, scope))), type=BOOL),
        ]
    if type_ == INT:
        level = expressions(LEVEL, scope, 0)
        ok = expressions(BOOL, scope, depth - 1)
        unit = Follow(reference=draw(expressions(UNIT, ("r",), 0)), type=Row("unit"))
        return [
            lambda: Lookup(table="rate", args=(draw(level), draw(ok)), type=INT),
            lambda: Linked(row=report, link="size", type=INT),
            lambda: Field(row=unit, name="size", type=INT),
            lambda: Call(op="size", args=(fold("filter", BOOL, ListOf(ADOPTION)),), type=INT),
        ]
    if isinstance(type_, ListOf) and type_.item != STRING:
        return [
            lambda: fold("map", type_.item, type_),
            lambda: fold("map", type_.item, type_, fold("filter", BOOL, ListOf(ADOPTION))),
        ]
    return []


# The plain reading --------------------------------------------------------------------------


class Failed(Exception):
    """An operation has no result, which is unknown."""


def known(value: Any) -> Any:
    """The value, unless it is unknown."""
    if value is None:
        raise Failed
    return value


def bounded(value: int) -> int:
    """A number that fits into 64 bits."""
    return value if -MOST - 1 <= value <= MOST else known(None)


def happened(*times: int) -> None:
    """Refuse what has not happened."""
    if NEVER in times:
        raise Failed


def date(days: int) -> dt.date:
    """A date object."""
    happened(days)
    try:
        return dt.date(1970, 1, 1) + dt.timedelta(days=days)
    except OverflowError as error:
        raise Failed from error


def days(value: dt.date) -> int:
    """The day number of a date."""
    return (value - dt.date(1970, 1, 1)).days


def time(us: int) -> dt.datetime:
    """An aware local time."""
    try:
        utc = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=us)
        return utc.astimezone(ZONE)
    except OverflowError as error:
        raise Failed from error


def midnight(day: int) -> int:
    """The first instant of a local day (Amsterdam never skips midnight)."""
    if day == NEVER:
        return NEVER
    local = dt.datetime.combine(date(day), dt.time(), tzinfo=ZONE)
    try:
        gone = local.astimezone(dt.UTC) - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    except OverflowError as error:
        raise Failed from error
    return gone // dt.timedelta(microseconds=1)


def day_end(day: int) -> int:
    """The instant at which a local day ends."""
    last = days(dt.date(9999, 12, 31))
    return midnight(day) + DAY if day == last else midnight(days(date(day)) + 1)


def months_later(day: int, count: int) -> int:
    """The same day of a later month, or that month's last day."""
    begin = date(day)
    year, month = divmod(begin.year * 12 + begin.month - 1 + count, 12)
    if not 1 <= year <= 9999:
        raise Failed
    for last in (begin.day, 30, 29, 28):
        try:
            return days(dt.date(year, month + 1, min(begin.day, last)))
        except ValueError:
            continue
    raise Failed


def ratio(a: int, b: int) -> int:
    """An integer over cents, in cents, rounded half away from zero."""
    if b == 0:
        raise Failed
    exact = Fraction(a) / Fraction(b, 100) * 100
    size = math.floor(abs(exact) + Fraction(1, 2))
    return bounded(-size if exact < 0 else size)


def divided(a: int, b: int, rounding: Callable[[Fraction], int]) -> int:
    """A whole number of times; none for what cannot be counted by."""
    if b <= 0:
        raise Failed
    return rounding(Fraction(a, b))


def instant_ok(us: int) -> int:
    """An instant inside the years 1 to 9999."""
    return us if -719_162 * DAY <= us < 2_932_897 * DAY else known(None)


def listed(items: tuple[Any, ...] | None) -> list[Any]:
    """The items of a list, none of them unknown."""
    return [known(item) for item in known(items)]


def mod(a: int, b: int) -> int:
    """What is left, with the sign of a."""
    if b == 0:
        raise Failed
    return a - b * math.trunc(Fraction(a, b))


PLAIN: dict[str, Callable[..., Any]] = {
    "not": lambda a: not a,
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "rank": lambda a: LEVEL.values.index(a),
    "add": lambda a, b: bounded(a + b),
    "sub": lambda a, b: bounded(a - b),
    "mul": lambda a, b: bounded(a * b),
    "neg": lambda a: bounded(-a),
    "mod": mod,
    "rescale": lambda a: bounded(a * 100),
    "diff": lambda a, b: (happened(a, b), a - b)[1],
    "shift": lambda a, b: NEVER if a == NEVER else instant_ok(a + b),
    "concat": lambda a, b: a + b,
    "starts_with": lambda a, b: a[: len(b)] == b,
    "ends_with": lambda a, b: b == "" or a[-len(b) :] == b,
    "contains": lambda a, b: a.find(b) >= 0,
    "length": len,
    "size": len,
    "earliest": lambda a: min([*listed(a), NEVER]),
    "latest": lambda a: max(listed(a) or [known(None)]),
    "min": lambda a: min(listed(a) or [known(None)]),
    "max": lambda a: max(listed(a) or [known(None)]),
    "sum": lambda a: bounded(sum(listed(a))),
    "date_of": lambda a: NEVER if a == NEVER else days(time(a).date()),
    "start_of": midnight,
    "end_of": lambda a: NEVER if a == NEVER else day_end(a),
    "add_days": lambda a, n: NEVER if a == NEVER else days(date(days(date(a)) + n)),
    "add_months": lambda a, n: NEVER if a == NEVER else months_later(a, n),
    "year": lambda a: date(a).year,
    "month": lambda a: date(a).month,
    "day": lambda a: date(a).day,
    "weekday": lambda a: date(a).isoweekday(),
    "utc_offset": lambda a: (
        happened(a),
        time(a).utcoffset() // dt.timedelta(microseconds=1),
    )[1],
    "seconds": lambda a: (happened(a), a // 1_000_000)[1],
    "is_working_day": lambda a: EDITION.is_working(a) if 0 <= a <= 30 else known(None),
    "happened": lambda a: a != NEVER,
    "started": lambda a, b: divided(a, b, math.ceil),
    "whole": lambda a, b: divided(a, b, math.floor),
    "ratio": lambda a, b, _: ratio(a, b),
}


def plain(expr: Expr, env: dict[str, Any], adoptions: list[tuple[Any, ...]]) -> Any:
    """The value of an expression, read off the specification."""

    def of(inner: Expr, **more: Any) -> Any:
        return plain(inner, {**env, **more}, adoptions)

    match expr:
        case Literal(value=value):
            return value
        case Items(items=items):
            return tuple(map(of, items))
        case Field(row=Variable(name=name) as row, name=column):
            return env[name][RELATIONS[row.type.relation].index(column)]
        case Field(row=row, name=column):
            found = of(row)
            return None if found is None else found[RELATIONS[row.type.relation].index(column)]
        case Follow(reference=reference):
            return next((unit for unit in UNITS if unit[0] == of(reference)), None)
        case Linked(link="adoptions"):
            case = env["r"][0]
            return None if case is None else tuple(a for a in adoptions if a[0] == case)
        case Linked(link="size"):
            name = env["r"][1]
            found = next((unit for unit in UNITS if unit[0] == name), None)
            return None if name is None else 7 if found is None else found[2]
        case Has(operand=operand):
            return of(operand) not in {None, NEVER}
        case Lookup(args=args):
            key = [of(arg) for arg in args]
            rows = (
                result
                for row, result in TABLE.rows
                if all(part in {None, got} for part, got in zip(row, key, strict=True))
            )
            return None if None in key else next(rows, None)
        case Fold(how=how, over=over, variable=variable, body=body):
            items = of(over)
            return (
                None
                if items is None
                else folded(how, items, [of(body, **{variable: i}) for i in items])
            )
        case Call(op=op, args=args):
            return called(op, [of(arg) for arg in args])
    raise AssertionError(expr)


def folded(how: str, items: tuple[Any, ...], bodies: list[Any]) -> Any:
    """A macro over the values of its body."""
    match how:
        case "exists":
            return True if True in bodies else None if None in bodies else False
        case "all":
            return False if False in bodies else None if None in bodies else True
        case "exists_one":
            return None if None in bodies else bodies.count(True) == 1
        case "filter":
            kept = tuple(item for item, body in zip(items, bodies, strict=True) if body)
            return None if None in bodies else kept
        case _:
            return tuple(bodies)


def called(op: str, args: list[Any]) -> Any:
    """An operation on values."""
    match op, args:
        case "and", _:
            return folded("all", (), args)
        case "or", _:
            return folded("exists", (), args)
        case "if", [condition, yes, no]:
            return None if condition is None else yes if condition else no
        case "in", [_, None]:
            return None
        case "in", [value, items]:
            same = [None if value is None or item is None else value == item for item in items]
            return folded("exists", (), same)
    try:
        return PLAIN[op](*map(known, args))
    except Failed:
        return None


# The laws -----------------------------------------------------------------------------------

REPORTS = st.tuples(*(VALUES[type_] for type_ in RELATIONS["report"].columns.values())).map(
    lambda row: ("r1" if row[0] else row[0], *row[1:])
)
ADOPTIONS = st.lists(
    st.tuples(
        st.sampled_from(["r1", "r1", "r2", None]), st.integers(1, 9), INSTANTS, NUMBERS, BOOLS
    ),
    max_size=4,
    unique_by=lambda row: row[:2],
).map(lambda rows: sorted(rows, key=lambda row: row[1]))
ANY = st.sampled_from([BOOL, BOOL, BOOL, INT, INSTANT, DATE, CENTS, DURATION, STRING])
EXPRESSIONS = ANY.flatmap(lambda type_: expressions(type_, ("r",), 4))


@given(expr=EXPRESSIONS, report=REPORTS, adoptions=ADOPTIONS)
def test_generated_code_means_what_the_specification_says(
    expr: Expr, report: tuple[Any, ...], adoptions: list[tuple[Any, ...]]
) -> None:
    """For any expression and any row, generated code and the plain reading agree."""
    expected = plain(expr, {"r": report}, adoptions)
    context = Context({"adoption": adoptions, "unit": UNITS}, as_of=0)

    actual = compile_expression(expr, SETTING)({"r": report}, context)

    assert (type(expected), expected) == (type(actual), actual)


@given(expr=EXPRESSIONS, report=REPORTS, adoptions=ADOPTIONS)
def test_a_trace_never_disagrees(
    expr: Expr, report: tuple[Any, ...], adoptions: list[tuple[Any, ...]]
) -> None:
    """The trace of an expression has its value, and a reason exactly where that is unknown."""
    context = Context({"adoption": adoptions, "unit": UNITS}, as_of=0)
    value = compile_expression(expr, SETTING)({"r": report}, context)

    traced = compile_trace(expr, SETTING)({"r": report}, context)

    assert (value, value is None) == (traced.value, traced.reason is not None)
