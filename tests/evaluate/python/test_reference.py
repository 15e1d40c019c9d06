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

Value = Any  # whatever stands on the number line
Values = tuple[Value, ...]
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
SETTING = Setting(
    relations=RELATIONS,
    version=VersionFacts(
        name="1",
        window=Window(first_day=None, last_day=None),
        zone="Europe/Amsterdam",
        tables={"rate": TABLE},
    ),
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
VALUES: dict[Type, st.SearchStrategy[Value]] = {
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
Shape = tuple[str, tuple[Type, ...]]
Scope = tuple[str, ...]
SAME = ("eq", "ne")
ORDER = ("lt", "le", "gt", "ge")
# Result type: operations that give it, each with the types of its arguments.
SHAPES: dict[Type, list[Shape]] = {
    BOOL: [
        *((op, (BOOL, BOOL)) for op in ("and", "or", "and", "or", "eq")),
        ("not", (BOOL,)),
        ("if", (BOOL, BOOL, BOOL)),
        *((op, (type_, type_)) for type_ in (INT, INSTANT, STRING, LEVEL) for op in SAME),
        *((op, (type_, type_)) for type_ in (INT, CENTS, INSTANT, DATE, DURATION) for op in ORDER),
        *((op, (STRING, STRING)) for op in ("starts_with", "ends_with", "contains")),
        ("in", (STRING, ListOf(STRING))),
        ("happened", (INSTANT,)),
    ],
    INT: [
        *((op, (INT, INT)) for op in ("add", "sub", "mul", "mod", "started", "whole")),
        ("neg", (INT,)),
        ("if", (BOOL, INT, INT)),
        ("rank", (LEVEL,)),
        ("diff", (DATE, DATE)),
        ("length", (STRING,)),
        ("size", (ListOf(STRING),)),
        ("sum", (ListOf(INT),)),
        ("min", (ListOf(INT),)),
        ("max", (ListOf(INT),)),
        *((op, (DATE,)) for op in ("year", "weekday")),
        ("seconds", (INSTANT,)),
        ("whole", (DURATION, DURATION)),
    ],
    CENTS: [("rescale", (INT,)), ("add", (CENTS, CENTS)), ("ratio", (INT, CENTS, INT))],
    DURATION: [("diff", (INSTANT, INSTANT)), ("neg", (DURATION,))],
    INSTANT: [
        ("shift", (INSTANT, DURATION)),
        ("earliest", (ListOf(INSTANT),)),
        ("latest", (ListOf(INSTANT),)),
        ("if", (BOOL, INSTANT, INSTANT)),
    ],
    DATE: [("date_of", (INSTANT,)), ("add_days", (DATE, INT))],
    STRING: [("concat", (STRING, STRING)), ("if", (BOOL, STRING, STRING))],
    LEVEL: [("lowest", (ListOf(LEVEL),)), ("highest", (ListOf(LEVEL),))],
}
FIELDS: dict[str, Row] = {"r": REPORT, "a": ADOPTION, "b": ADOPTION}


@st.composite
def expressions(draw: st.DrawFn, type_: Type, scope: Scope, depth: int) -> Expr:
    """An expression of a type over the variables in scope."""
    choices: list[Callable[[], Expr]] = [
        lambda: Literal(value=draw(VALUES[type_]), type=type_),
        *(lambda field=field: field for field in fields(type_, scope)),
        *(lambda field=field: field for field in fields(type_, scope)),
    ]
    if type_ not in VALUES:
        choices = []
    if depth > 0:
        shapes = SHAPES.get(type_, ())
        choices += [lambda s=shape: draw(calls(s, type_, scope, depth)) for shape in shapes]
        choices += list(others(draw, type_, scope, depth))
    return draw(st.sampled_from(choices))() if choices else Items(items=(), type=type_)


@st.composite
def calls(draw: st.DrawFn, shape: Shape, result: Type, scope: Scope, depth: int) -> Expr:
    """One operation on expressions."""
    op, types = shape
    args = tuple(draw(expressions(type_, scope, depth - 1)) for type_ in types)
    if op == "ratio":
        args = (*args[:2], Literal(value=2, type=INT))
    return Call(op=op, args=args, type=result)


def fields(type_: Type, scope: Scope) -> list[Expr]:
    """The columns of that type of the rows in scope."""
    return [
        Field(row=Variable(name=name, type=FIELDS[name]), name=column, type=type_)
        for name in scope
        for column, found in RELATIONS[FIELDS[name].relation].columns.items()
        if found == type_
    ]


def others(draw: st.DrawFn, type_: Type, scope: Scope, depth: int) -> list[Callable[[], Expr]]:
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


class FailedError(Exception):
    """An operation has no result, which is unknown."""


def known(value: Value) -> Value:
    """The value, unless it is unknown."""
    if value is None:
        raise FailedError
    return value


def bounded(value: int) -> int:
    """A number that fits into 64 bits."""
    return value if -MOST - 1 <= value <= MOST else known(None)


def happened(time: int) -> int:
    """A time, unless it has not happened."""
    return known(None if time == NEVER else time)


def date(days: int) -> dt.date:
    """A date object."""
    try:
        return dt.date(1970, 1, 1) + dt.timedelta(days=happened(days))
    except OverflowError as error:
        raise FailedError from error


def days(value: dt.date) -> int:
    """The day number of a date."""
    return (value - dt.date(1970, 1, 1)).days


def time(us: int) -> dt.datetime:
    """An aware local time."""
    try:
        utc = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=us)
        return utc.astimezone(ZONE)
    except OverflowError as error:
        raise FailedError from error


def ratio(a: int, b: int) -> int:
    """An integer over cents, in cents, rounded half away from zero."""
    if b == 0:
        raise FailedError
    exact = Fraction(a) / Fraction(b, 100) * 100
    size = math.floor(abs(exact) + Fraction(1, 2))
    return bounded(-size if exact < 0 else size)


def instant_ok(us: int) -> int:
    """An instant inside the years 1 to 9999."""
    return us if -719_162 * DAY <= us < 2_932_897 * DAY else known(None)


def listed(items: Values | None) -> list[Value]:
    """The items of a list, none of them unknown."""
    return [known(item) for item in known(items)]


PLAIN: dict[str, Callable[..., Value]] = {
    "not": lambda a: not a,
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "rank": LEVEL.values.index,
    "add": lambda a, b: bounded(a + b),
    "sub": lambda a, b: bounded(a - b),
    "mul": lambda a, b: bounded(a * b),
    "neg": lambda a: bounded(-a),
    "mod": lambda a, b: a - b * math.trunc(Fraction(a, b)) if b else known(None),
    "rescale": lambda a: bounded(a * 100),
    "diff": lambda a, b: happened(a) - happened(b),
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
    "lowest": lambda a: min(listed(a) or [known(None)], key=LEVEL.values.index),
    "highest": lambda a: max(listed(a) or [known(None)], key=LEVEL.values.index),
    "sum": lambda a: bounded(sum(listed(a))),
    "date_of": lambda a: NEVER if a == NEVER else days(time(a).date()),
    "add_days": lambda a, n: NEVER if a == NEVER else days(date(days(date(a)) + n)),
    "year": lambda a: date(a).year,
    "weekday": lambda a: date(a).isoweekday(),
    "seconds": lambda a: happened(a) // 1_000_000,
    "happened": lambda a: a != NEVER,
    "started": lambda a, b: math.ceil(Fraction(a, b)) if b > 0 else known(None),
    "whole": lambda a, b: math.floor(Fraction(a, b)) if b > 0 else known(None),
    "ratio": lambda a, b, _: ratio(a, b),
}


class Reading:
    """Reads expressions off the specification, node by node."""

    def __init__(self, env: dict[str, Value], adoptions: list[Values]) -> None:
        self.env = env
        self.adoptions = adoptions

    def of(self, expr: Expr, **more: Value) -> Value:
        """The value of an expression, with more variables."""
        reading = Reading({**self.env, **more}, self.adoptions)
        return getattr(reading, type(expr).__name__.lower())(expr)

    def literal(self, expr: Literal) -> Value:
        """A constant is itself."""
        return expr.value

    def variable(self, expr: Variable) -> Value:
        """A variable is what it is bound to."""
        return self.env[expr.name]

    def items(self, expr: Items) -> Value:
        """A list that is written out."""
        return tuple(map(self.of, expr.items))

    def field(self, expr: Field) -> Value:
        """A column of a row; of no row, unknown."""
        row = self.of(expr.row)
        relation = RELATIONS[getattr(expr.row.type, "relation", "")]
        return None if row is None else row[relation.index(expr.name)]

    def follow(self, expr: Follow) -> Value:
        """The unit of that name."""
        name = self.of(expr.reference)
        return next((unit for unit in UNITS if unit[0] == name), None)

    def linked(self, expr: Linked) -> Value:
        """A report's adoptions, or the size of its unit."""
        case, name = self.env["r"][:2]
        if expr.link == "adoptions":
            return None if case is None else tuple(a for a in self.adoptions if a[0] == case)
        sizes = [unit[2] for unit in UNITS if unit[0] == name]
        return None if name is None else [*sizes, 7][0]

    def has(self, expr: Has) -> Value:
        """Neither unknown nor never."""
        return self.of(expr.operand) not in {None, NEVER}

    def lookup(self, expr: Lookup) -> Value:
        """The first row that matches a known key."""
        key = [self.of(arg) for arg in expr.args]
        found = [
            result
            for row, result in TABLE.rows
            if all(part in {None, got} for part, got in zip(row, key, strict=True))
        ]
        return None if None in key else [*found, None][0]

    def fold(self, expr: Fold) -> Value:
        """A macro over the values of its body."""
        items = self.of(expr.over)
        if items is None:
            return None
        bodies = [self.of(expr.body, **{expr.variable: item}) for item in items]
        return FOLDS[expr.how](items, bodies)

    def call(self, expr: Call) -> Value:
        """An operation; any error is unknown."""
        args = [self.of(arg) for arg in expr.args]
        if expr.op in LOGIC:
            return LOGIC[expr.op](*args)
        try:
            return PLAIN[expr.op](*map(known, args))
        except FailedError:
            return None


def exists(bodies: list[Value]) -> Value:
    """True if any is, else unknown if any is, else false."""
    return True if True in bodies else None if None in bodies else False


def every(bodies: list[Value]) -> Value:
    """False if any is, else unknown if any is, else true."""
    return False if False in bodies else None if None in bodies else True


def kept(items: Values, bodies: list[Value]) -> Value:
    """The items for which it holds; unknown where it is unknown for any."""
    held = tuple(item for item, body in zip(items, bodies, strict=True) if body)
    return None if None in bodies else held


def among(value: Value, items: Values | None) -> Value:
    """Whether some item is equal, in three values."""
    if items is None:
        return None
    return exists([None if None in {value, item} else value == item for item in items])


FOLDS: dict[str, Callable[[Values, list[Value]], Value]] = {
    "exists": lambda _, bodies: exists(bodies),
    "all": lambda _, bodies: every(bodies),
    "exists_one": lambda _, bodies: None if None in bodies else bodies.count(True) == 1,
    "filter": kept,
    "map": lambda _, bodies: tuple(bodies),
}
LOGIC: dict[str, Callable[..., Value]] = {
    "and": lambda *args: every(list(args)),
    "or": lambda *args: exists(list(args)),
    "if": lambda test, yes, no: None if test is None else yes if test else no,
    "in": among,
}


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
    expr: Expr, report: Values, adoptions: list[Values]
) -> None:
    """For any expression and any row, generated code and the plain reading agree."""
    expected = Reading({"r": report}, adoptions).of(expr)
    context = Context({"adoption": adoptions, "unit": UNITS}, as_of=0)

    actual = compile_expression(expr, SETTING)({"r": report}, context)

    assert (type(expected), expected) == (type(actual), actual)


@given(expr=EXPRESSIONS, report=REPORTS, adoptions=ADOPTIONS)
def test_a_trace_never_disagrees(expr: Expr, report: Values, adoptions: list[Values]) -> None:
    """The trace of an expression has its value, and a reason exactly where that is unknown."""
    context = Context({"adoption": adoptions, "unit": UNITS}, as_of=0)
    value = compile_expression(expr, SETTING)({"r": report}, context)

    traced = compile_trace(expr, SETTING)({"r": report}, context)

    assert (value, value is None) == (traced.value, traced.reason is not None)
