"""Plans at random, with every operation, and the values that their cases draw from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

import pytest
from attrs import evolve, frozen
from attrs import field as field_of
from hypothesis import strategies as st

from kaocheng.calendars.editions import Edition, business_hours
from kaocheng.calendars.limits import Limit
from kaocheng.calendars.numberline import (
    DAY,
    FIRST_DAY,
    FIRST_INSTANT,
    HOUR,
    LAST_DAY,
    LAST_INSTANT,
    NEVER,
    parse_date,
    parse_instant,
)
from kaocheng.language.expressions import (
    Advance,
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
from kaocheng.plan.algebra import (
    Bound,
    Clock,
    Derive,
    Pipeline,
    Plan,
    Require,
    RulePlan,
    Step,
    TableRows,
    VersionFacts,
    Where,
    Window,
)

GRADE = Enum("grade", ("low", "middle", "high"), ordered=True)
MONEY = Decimal(2)
UNIT = Reference("unit")
THING = Relation(
    "thing",
    {
        "case": STRING, "a": DATE, "b": DATE, "t": INSTANT, "u": INSTANT, "n": INT, "m": INT,
        "d": MONEY, "e": MONEY, "p": BOOL, "q": BOOL, "g": GRADE, "h": GRADE, "s": STRING,
        "r": STRING, "w": DURATION, "v": DURATION, "owner": UNIT,
    },
    ("case",),
    links={
        "size": Link("size", "unit", (("owner", "case"),), value="n", missing=-1),
        "namesake": Link("namesake", "unit", (("owner", "case"),)),
    },
)  # fmt: skip
UNITS = Relation("unit", {"case": UNIT, "n": INT, "since": DATE, "s": STRING}, ("case",))
POSTS = Relation(
    "post", {"case": UNIT, "from_at": INSTANT, "n": INT}, ("case", "from_at"), dated=True
)
FESTIVAL = range(parse_date("2020-01-24"), parse_date("2020-02-02"))
EDITION = Edition(
    "office", parse_date("2019-01-01"), parse_date("2021-12-31"), non_working=FESTIVAL,
    working=[FESTIVAL.start - 5], hours=business_hours("09:00", "17:00"),
)  # fmt: skip
CHANGE = parse_date("2020-03-01")

INTERESTING_DAYS = [
    FIRST_DAY, FIRST_DAY + 40, LAST_DAY, LAST_DAY - 40, CHANGE - 1, CHANGE,
    parse_date("2020-01-31"), parse_date("2020-02-29"), parse_date("2019-12-31"), NEVER,
    parse_date("2021-12-30"),
]  # fmt: skip
INTERESTING_INSTANTS = [
    FIRST_INSTANT, LAST_INSTANT, NEVER, parse_instant("2020-03-29T00:59:59Z"),
    parse_instant("2020-03-29T01:00:00Z"), parse_instant("2020-10-25T00:30:00Z"),
    parse_instant("2020-10-25T01:30:00Z"), parse_instant("2020-02-29T23:00:00Z"),
    parse_instant("1940-05-15T23:40:00Z"), parse_instant("2020-02-02T01:30:00Z"),
]  # fmt: skip
NUMBERS = [*range(-4, 5), *range(-60, 61, 7), -(2**63), 2**63 - 1, 2**62, 10**12]
POOLS: Mapping[Type, Sequence[object]] = {
    BOOL: (True, False),
    DATE: (*INTERESTING_DAYS, *range(parse_date("2019-06-01"), CHANGE + 400, 17)),
    INSTANT: (
        *INTERESTING_INSTANTS,
        *range((CHANGE - 270) * DAY + 7, (CHANGE + 365) * DAY, 29 * DAY),
    ),
    INT: NUMBERS,
    MONEY: NUMBERS,
    STRING: ("", "a", "ab", "市委", "急件😀", "low"),
    GRADE: GRADE.values,
    DURATION: (0, 1, HOUR, -HOUR, DAY, 90 * DAY, -(2**63), 2**63 - 1),
    UNIT: ("unit/1", "unit/2", "unit/3"),
}


def maybe(type_: Type) -> st.SearchStrategy[object]:
    """A value of the type, or now and then an unknown one."""
    return st.sampled_from((*POOLS[type_], None))


def field(name: str) -> Expr:
    """A column of the thing."""
    row = Variable(name="x", type=Row("thing"))
    return Field(row=row, name=name, type=THING.columns[name])


def call(op: str, type_: Type, *args: Expr) -> Expr:
    """An operation."""
    return Call(op=op, type=type_, args=args)


def literal(value: object, type_: Type) -> Expr:
    """A constant."""
    return Literal(value=value, type=type_)  # type: ignore[arg-type]


def owner() -> Expr:
    """The unit that the thing refers to."""
    return Follow(reference=field("owner"), type=Row("unit"))


def leaves(type_: Type) -> st.SearchStrategy[Expr]:
    """A column or a constant of a type."""
    names = [name for name, of in THING.columns.items() if of == type_ and name != "case"]
    columns = st.sampled_from(names).map(field)
    return st.one_of(columns, columns, maybe(type_).map(lambda value: literal(value, type_)))


Sub = Callable[[Type], st.SearchStrategy[Expr]]


def calls(op: str, type_: Type, *args: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    """An operation on arguments drawn from strategies."""
    return st.tuples(*args).map(lambda drawn: call(op, type_, *drawn))


def lists(sub: Sub, item: Type) -> st.SearchStrategy[Expr]:
    """A list written out, or what a macro makes of one."""
    written = st.lists(sub(item), max_size=3).map(
        lambda items: Items(items=tuple(items), type=ListOf(item))
    )
    if item != INT:
        return written
    body = st.sampled_from([call("gt", BOOL, Variable(name="i", type=INT), field("n")), field("p")])
    filtered = st.tuples(written, body).map(
        lambda drawn: Fold(
            how="filter", over=drawn[0], variable="i", body=drawn[1], type=ListOf(item)
        )
    )
    return written | filtered


def literals(type_: Type, low: int, high: int) -> st.SearchStrategy[Expr]:
    """A constant between bounds."""
    return st.integers(low, high).map(lambda value: literal(value, type_))


def booleans(sub: Sub, *, texts: bool) -> list[st.SearchStrategy[Expr]]:
    """Expressions that are true, false or unknown."""
    compared = st.sampled_from([DATE, INSTANT, INT, MONEY, DURATION]).flatmap(
        lambda type_: (
            calls("lt", BOOL, sub(type_), sub(type_))
            | calls("ge", BOOL, sub(type_), sub(type_))
            | calls("le", BOOL, sub(type_), sub(type_))
            | calls("gt", BOOL, sub(type_), sub(type_))
        )
    )
    equal = st.sampled_from([BOOL, DATE, STRING, GRADE, INT]).flatmap(
        lambda type_: (
            calls("eq", BOOL, sub(type_), sub(type_)) | calls("ne", BOOL, sub(type_), sub(type_))
        )
    )
    tests = st.tuples(
        st.sampled_from(["exists", "all", "exists_one"]), lists(sub, INT), st.sampled_from(NUMBERS)
    ).map(
        lambda drawn: Fold(
            how=drawn[0],
            over=drawn[1],
            variable="i",
            body=call("lt", BOOL, Variable(name="i", type=INT), literal(drawn[2], INT)),
            type=BOOL,
        )
    )
    there = st.sampled_from([DATE, INT, INSTANT]).flatmap(
        lambda type_: sub(type_).map(lambda expr: Has(operand=expr, type=BOOL))
    )
    found = [
        calls("and", BOOL, sub(BOOL), sub(BOOL)),
        calls("or", BOOL, sub(BOOL), sub(BOOL)),
        calls("not", BOOL, sub(BOOL)),
        compared,
        equal,
        tests,
        there,
        calls("in", BOOL, sub(INT), lists(sub, INT)),
        calls("in", BOOL, sub(STRING), lists(sub, STRING)),
        calls("happened", BOOL, sub(DATE)),
        calls("is_working_day", BOOL, sub(DATE)),
    ]
    if texts:
        parts = (sub(STRING), sub(STRING))
        found += [calls(op, BOOL, *parts) for op in ("starts_with", "ends_with", "contains")]
    return found


def integers(sub: Sub, *, texts: bool) -> list[st.SearchStrategy[Expr]]:
    """Expressions that are whole numbers."""
    found = [
        *(calls(op, INT, sub(INT), sub(INT)) for op in ("add", "sub", "mul", "mod")),
        *(calls(op, INT, sub(INT), sub(INT)) for op in ("started", "whole")),
        calls("whole", INT, sub(DURATION), sub(DURATION)),
        calls("neg", INT, sub(INT)),
        calls("rank", INT, sub(GRADE)),
        calls("diff", INT, sub(DATE), sub(DATE)),
        calls("seconds", INT, sub(INSTANT)),
        calls("size", INT, lists(sub, INT)),
        *(calls(op, INT, lists(sub, INT)) for op in ("sum", "min", "max")),
        *(calls(op, INT, sub(DATE)) for op in ("year", "month", "day", "weekday")),
        calls("if", INT, sub(BOOL), sub(INT), sub(INT)),
        st.just(Parameter(name="limit", type=INT)),
        st.just(Linked(row=Variable(name="x", type=Row("thing")), link="size", type=INT)),
        st.just(Field(row=owner(), name="n", type=INT)),
        st.just(Field(row=Follow(reference=field("owner"), type=Row("post")), name="n", type=INT)),
        st.tuples(sub(GRADE), sub(INT)).map(
            lambda args: Lookup(table="points", args=tuple(args), type=INT)
        ),
    ]
    if texts:
        found.append(calls("length", INT, sub(STRING)))
    return found


def decimals(sub: Sub) -> list[st.SearchStrategy[Expr]]:
    """Expressions that are decimals."""
    ratio = st.tuples(sub(INT), sub(MONEY)).map(
        lambda drawn: call("ratio", MONEY, *drawn, literal(2, INT))
    )
    rounded = sub(MONEY).map(
        lambda expr: call("rescale", MONEY, call("round", Decimal(0), expr, literal(0, INT)))
    )
    return [
        ratio,
        rounded,
        calls("rescale", MONEY, sub(INT)),
        calls("add", MONEY, sub(MONEY), sub(MONEY)),
        calls("mul", MONEY, sub(INT), sub(MONEY)),
        calls("if", MONEY, sub(BOOL), sub(MONEY), sub(MONEY)),
    ]


LIMITS_OF_DATES = [
    Limit(45, "day"), Limit(1, "day", counts_start=True), Limit(8, "week"), Limit(1, "month"),
    Limit(1, "month", counts_start=True), Limit(3, "month", counts_start=True),
    Limit(1, "year", roll="next_working_day"), Limit(3, "working_day"), Limit(2, "hour"),
    Limit(3, "working_day", counts_start=True), Limit(0, "working_day"),
]  # fmt: skip
LIMITS_OF_INSTANTS = [
    *LIMITS_OF_DATES, Limit(0, "day", until="noon"), Limit(0, "day", until="02:30"),
    Limit(1, "day", until="end_of_day"), Limit(2, "working_day", until="close"),
    Limit(1, "month", until="02:30"),
]  # fmt: skip
AMOUNTS = [Limit(1, "day"), Limit(1, "week", counts_start=True), Limit(1, "hour")]


def advances(sub: Sub, type_: Type) -> st.SearchStrategy[Expr]:
    """A time moved on by a limit, sometimes with an amount of its own."""
    limits = LIMITS_OF_DATES if type_ == DATE else LIMITS_OF_INSTANTS
    plain = st.tuples(sub(type_), st.sampled_from(limits)).map(
        lambda drawn: Advance(start=drawn[0], limit=drawn[1], type=type_)
    )
    given_by_case = st.tuples(sub(type_), st.sampled_from(AMOUNTS), sub(INT)).map(
        lambda drawn: Advance(start=drawn[0], limit=drawn[1], amount=drawn[2], type=type_)
    )
    return st.one_of(plain, plain, given_by_case)


def dates(sub: Sub) -> list[st.SearchStrategy[Expr]]:
    """Expressions that are dates."""
    return [
        calls("date_of", DATE, sub(INSTANT)),
        calls("add_days", DATE, sub(DATE), sub(INT)),
        calls("add_months", DATE, sub(DATE), literals(INT, -14, 14)),
        calls("earliest", DATE, lists(sub, DATE)),
        calls("latest", DATE, lists(sub, DATE)),
        calls("if", DATE, sub(BOOL), sub(DATE), sub(DATE)),
        advances(sub, DATE),
        st.just(Field(row=owner(), name="since", type=DATE)),
    ]


def instants(sub: Sub) -> list[st.SearchStrategy[Expr]]:
    """Expressions that are instants."""
    return [
        calls("start_of", INSTANT, sub(DATE)),
        calls("end_of", INSTANT, sub(DATE)),
        calls("shift", INSTANT, sub(INSTANT), sub(DURATION)),
        calls("earliest", INSTANT, lists(sub, INSTANT)),
        calls("if", INSTANT, sub(BOOL), sub(INSTANT), sub(INSTANT)),
        advances(sub, INSTANT),
        advances(sub, INSTANT),
    ]


def strings(sub: Sub, *, texts: bool) -> list[st.SearchStrategy[Expr]]:
    """Expressions that are strings."""
    namesake = Linked(row=Variable(name="x", type=Row("thing")), link="namesake", type=Row("unit"))
    found = [
        calls("if", STRING, sub(BOOL), sub(STRING), sub(STRING)),
        st.just(Field(row=namesake, name="s", type=STRING)),
    ]
    return [*found, calls("concat", STRING, sub(STRING), sub(STRING))] if texts else found


@cache
def operations(type_: Type, depth: int, *, texts: bool) -> list[st.SearchStrategy[Expr]]:
    """Every way to make a value of a type, from values so many operations deep."""

    def sub(inner: Type) -> st.SearchStrategy[Expr]:
        return expressions(inner, depth, texts=texts)

    made: dict[Type, list[st.SearchStrategy[Expr]]] = {
        BOOL: booleans(sub, texts=texts),
        INT: integers(sub, texts=texts),
        MONEY: decimals(sub),
        DATE: dates(sub),
        INSTANT: instants(sub),
        STRING: strings(sub, texts=texts),
        DURATION: [
            calls("diff", DURATION, sub(INSTANT), sub(INSTANT)),
            calls("utc_offset", DURATION, sub(INSTANT)),
            calls("add", DURATION, sub(DURATION), sub(DURATION)),
        ],
        GRADE: [
            calls("if", GRADE, sub(BOOL), sub(GRADE), sub(GRADE)),
            *(calls(op, GRADE, lists(sub, GRADE)) for op in ("lowest", "highest")),
            st.tuples(sub(INT), sub(MONEY), sub(DATE)).map(
                lambda args: Lookup(table="bands", args=tuple(args), type=GRADE)
            ),
        ],
    }
    return made[type_]


@cache
def expressions(type_: Type, depth: int, *, texts: bool = False) -> st.SearchStrategy[Expr]:
    """Expressions of a type, so many operations deep."""
    if depth == 0 or type_ == UNIT:
        return leaves(type_)
    return st.one_of(*operations(type_, depth - 1, texts=texts), leaves(type_))


TYPES = (BOOL, INT, MONEY, DATE, INSTANT, STRING, DURATION, GRADE)
CLOCK_TYPES: Mapping[str, Callable[[Type], Type]] = {
    "start": lambda of: of,
    "due": lambda of: of,
    "met_at": lambda of: of,
    "late_by": lambda of: INT if of == DATE else DURATION,
    "status": lambda _: STRING,
}


@st.composite
def pipelines(
    draw: st.DrawFn, type_: Type, clock_type: Type, *, depth: int, texts: bool
) -> Pipeline:
    """A rule on things: a condition, a column, perhaps a clock."""

    def expression(of: Type, deep: int = depth) -> Expr:
        return draw(expressions(of, deep, texts=texts))

    steps: list[Step] = [Derive(columns={"value": expression(type_)})]
    if draw(st.booleans()):
        steps.insert(0, Where(condition=expression(BOOL, 1)))
    if draw(st.booleans()):
        steps.append(Require(columns=("value",)))
    steps.append(
        Clock(
            starts=expression(clock_type, 1),
            due=expression(clock_type, 1),
            met_at=expression(clock_type, 1),
            lapses_at=expression(clock_type, 0) if draw(st.booleans()) else None,
            excused=expression(BOOL, 1) if draw(st.booleans()) else None,
        )
    )
    instant = expression(draw(st.sampled_from([DATE, INSTANT])), 1)
    return Pipeline(
        source="thing",
        variable="x",
        steps=tuple(steps),
        output={
            "case": field("case"),
            "value": _of_row("value", type_),
            **{name: _of_row(name, of(clock_type)) for name, of in CLOCK_TYPES.items()},
        },
        instant=instant if draw(st.booleans()) else None,
    )


def _of_row(name: str, type_: Type) -> Expr:
    return Field(row=Variable(name="row", type=Row("row")), name=name, type=type_)


@st.composite
def plans(draw: st.DrawFn, *, depth: int = 2, texts: bool = False) -> Plan:
    """Two versions of one rule on things."""
    type_ = draw(st.sampled_from(TYPES))
    clock_type = draw(st.sampled_from([DATE, INSTANT]))
    variants = {
        index: draw(pipelines(type_, clock_type, depth=depth, texts=texts)) for index in (0, 1)
    }
    columns: dict[str, Type] = {"case": STRING, "value": type_}
    columns |= {name: of(clock_type) for name, of in CLOCK_TYPES.items()}
    columns |= {"version": INT, "undetermined": BOOL}
    made = Relation("rule", columns, ("case",))
    points = TableRows(
        name="points",
        rows=((("low", None), 1), (("low", 3), 2), ((None, 0), 3), (("high", 1), None)),
        otherwise=draw(st.sampled_from([None, 7])),
        result=INT,
    )
    bands = TableRows(
        name="bands",
        rows=(
            ((Bound("ge", 30), None, None), "high"),
            ((Bound("lt", -3), Bound("le", 4), Bound("lt", CHANGE)), None),
            ((None, Bound("gt", 0), Bound("ge", CHANGE)), "middle"),
            ((2, None, None), "low"),
        ),
        otherwise=draw(st.sampled_from([None, "low"])),
        result=GRADE,
    )
    versions = tuple(
        VersionFacts(
            name=name,
            window=window,
            parameters={"limit": draw(maybe(INT))},
            tables={"points": points, "bands": bands},
            zone=draw(st.sampled_from(["Europe/Amsterdam", "Asia/Shanghai", "UTC"])),
            calendar=draw(st.sampled_from(["office", None])),
        )
        for name, window in (
            ("1", Window(first_day=None, last_day=CHANGE - 1)),
            ("2", Window(first_day=CHANGE, last_day=None)),
        )
    )
    return Plan(
        ruleset="things",
        versions=versions,
        relations={"thing": THING, "unit": UNITS, "post": POSTS, "rule": made},
        rules=(RulePlan(id="rule", section="deadlines", relation=made, variants=variants),),
        editions={"office": EDITION},
    )


@st.composite
def plans_with_every_operation(draw: st.DrawFn, *, texts: bool) -> Plan:
    """One rule on things with a column for every way to make a value."""
    plan = draw(plans(depth=0))
    columns = {
        f"{type_} {index}": (type_, draw(made))
        for type_ in TYPES
        for index, made in enumerate(operations(type_, 0, texts=texts))
    }
    pipeline = Pipeline(
        source="thing",
        variable="x",
        steps=(),
        output={"case": field("case"), **{name: expr for name, (_, expr) in columns.items()}},
    )
    types: dict[str, Type] = {"case": STRING, **{name: of for name, (of, _) in columns.items()}}
    made = Relation("rule", {**types, "version": INT, "undetermined": BOOL}, ("case",))
    rule = RulePlan(id="rule", section="points", relation=made, variants={0: pipeline})
    return evolve(plan, rules=(rule,), relations={**plan.relations, "rule": made})


@frozen
class Generate:
    """Strategies for plans, and by type the values that cases draw from."""

    plans: Callable[..., st.SearchStrategy[Plan]] = plans
    plans_with_every_operation: Callable[..., st.SearchStrategy[Plan]] = plans_with_every_operation
    pools: Mapping[Type, Sequence[object]] = field_of(factory=lambda: POOLS)


@pytest.fixture(scope="session")
def generate() -> Generate:
    """Strategies for plans, and values for cases."""
    return Generate()
