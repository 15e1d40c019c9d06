"""Each operation: its meaning, and what unknown, never and overflow do to it."""

from __future__ import annotations

from typing import Any

import pytest

from kaocheng.calendars.editions import Edition
from kaocheng.calendars.numberline import DAY, HOUR, NEVER, parse_date, parse_instant
from kaocheng.calendars.zones import Zones
from kaocheng.evaluate.python import Setting, evaluate_expression
from kaocheng.evaluate.python._operations import OPERATIONS as WRITTEN
from kaocheng.language.expressions import Call, Expr, Has, Items, Literal, Variable
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
    Type,
)
from kaocheng.plan.algebra import VersionFacts, Window

ZONES = Zones()
SETTING = Setting(
    relations={},
    version=VersionFacts(
        name="1",
        window=Window(first_day=None, last_day=None),
        zone="Europe/Amsterdam",
        calendar="office",
    ),
    editions={"office": Edition("office", 0, 30)},
    zones=ZONES,
)
MOST, LEAST = 2**63 - 1, -(2**63)
LAST_DATE = parse_date("9999-12-31")
NUMBERS, TIMES, DATES = ListOf(INT), ListOf(INSTANT), ListOf(DATE)
TENTHS, CENTS = Decimal(1), Decimal(2)
LEVEL = Enum("level", ("city", "province", "central"), ordered=True)
LEVELS = ListOf(LEVEL)


def day(text: str) -> int:
    """A date on the number line."""
    return parse_date(text)


def instant(text: str) -> int:
    """An instant on the number line."""
    return parse_instant(text)


Case = tuple[str, tuple[tuple[Type, Any], ...], Type, Any]

CASES: list[Case] = [
    ("and", ((BOOL, True), (BOOL, True)), BOOL, True),
    ("and", ((BOOL, True), (BOOL, False)), BOOL, False),
    ("and", ((BOOL, None), (BOOL, False)), BOOL, False),
    ("and", ((BOOL, False), (BOOL, None)), BOOL, False),
    ("and", ((BOOL, None), (BOOL, True)), BOOL, None),
    ("and", ((BOOL, True), (BOOL, None)), BOOL, None),
    ("and", ((BOOL, None), (BOOL, None)), BOOL, None),
    ("or", ((BOOL, False), (BOOL, False)), BOOL, False),
    ("or", ((BOOL, False), (BOOL, True)), BOOL, True),
    ("or", ((BOOL, None), (BOOL, True)), BOOL, True),
    ("or", ((BOOL, True), (BOOL, None)), BOOL, True),
    ("or", ((BOOL, None), (BOOL, False)), BOOL, None),
    ("or", ((BOOL, False), (BOOL, None)), BOOL, None),
    ("or", ((BOOL, None), (BOOL, None)), BOOL, None),
    ("not", ((BOOL, True),), BOOL, False),
    ("if", ((BOOL, True), (INT, 1), (INT, 2)), INT, 1),
    ("if", ((BOOL, False), (INT, 1), (INT, 2)), INT, 2),
    ("if", ((BOOL, None), (INT, 1), (INT, 1)), INT, None),
    ("if", ((BOOL, True), (INT, 1), (INT, None)), INT, 1),
    ("if", ((BOOL, True), (INT, None), (INT, 2)), INT, None),
    ("eq", ((STRING, "a"), (STRING, "a")), BOOL, True),
    ("eq", ((INSTANT, NEVER), (INSTANT, NEVER)), BOOL, True),
    ("ne", ((INT, 1), (INT, 1)), BOOL, False),
    ("lt", ((INT, 1), (INT, 2)), BOOL, True),
    ("lt", ((INSTANT, 5), (INSTANT, NEVER)), BOOL, True),
    ("le", ((INT, 2), (INT, 2)), BOOL, True),
    ("le", ((DATE, NEVER), (DATE, 5)), BOOL, False),
    ("gt", ((INT, 2), (INT, 2)), BOOL, False),
    ("gt", ((DATE, NEVER), (DATE, 5)), BOOL, True),
    ("ge", ((INT, 2), (INT, 2)), BOOL, True),
    ("rank", ((LEVEL, "province"),), INT, 1),
    ("rank", ((LEVEL, "village"),), INT, None),
    ("add", ((INT, 2), (INT, 3)), INT, 5),
    ("add", ((INT, MOST), (INT, 1)), INT, None),
    ("add", ((INT, MOST), (INT, 0)), INT, MOST),
    ("sub", ((INT, 2), (INT, 3)), INT, -1),
    ("sub", ((INT, LEAST), (INT, 1)), INT, None),
    ("mul", ((INT, 2), (INT, -3)), INT, -6),
    ("mul", ((TENTHS, 15), (TENTHS, 15)), CENTS, 225),
    ("mul", ((INT, 2**62), (INT, 2)), INT, None),
    ("neg", ((INT, 5),), INT, -5),
    ("neg", ((INT, -5),), INT, 5),
    ("neg", ((INT, LEAST),), INT, None),
    ("mod", ((INT, 7), (INT, 3)), INT, 1),
    ("mod", ((INT, -7), (INT, 3)), INT, -1),
    ("mod", ((INT, 7), (INT, -3)), INT, 1),
    ("mod", ((INT, LEAST), (INT, -1)), INT, 0),
    ("mod", ((INT, 7), (INT, 0)), INT, None),
    ("rescale", ((INT, 3),), CENTS, 300),
    ("rescale", ((TENTHS, 3),), CENTS, 30),
    ("rescale", ((INT, MOST // 10),), CENTS, None),
    ("diff", ((DATE, 5), (DATE, 2)), INT, 3),
    ("diff", ((INSTANT, 5), (INSTANT, 2)), DURATION, 3),
    ("diff", ((DATE, NEVER), (DATE, 2)), INT, None),
    ("diff", ((DATE, 2), (DATE, NEVER)), INT, None),
    ("diff", ((DATE, NEVER), (DATE, NEVER)), INT, None),
    ("shift", ((INSTANT, 5), (DURATION, 2)), INSTANT, 7),
    ("shift", ((INSTANT, NEVER), (DURATION, 2)), INSTANT, NEVER),
    ("shift", ((INSTANT, 0), (DURATION, MOST)), INSTANT, None),
    ("shift", ((INSTANT, 0), (DURATION, LEAST)), INSTANT, None),
    ("concat", ((STRING, "a"), (STRING, "é")), STRING, "aé"),
    ("starts_with", ((STRING, "unit/a"), (STRING, "unit/")), BOOL, True),
    ("ends_with", ((STRING, "unit/a"), (STRING, "unit/")), BOOL, False),
    ("contains", ((STRING, "unit/a"), (STRING, "t/")), BOOL, True),
    ("contains", ((STRING, "t/"), (STRING, "unit/a")), BOOL, False),
    ("length", ((STRING, "信息😀"),), INT, 3),
    ("in", ((INT, 1), (NUMBERS, (1, None))), BOOL, True),
    ("in", ((INT, 2), (NUMBERS, (1, None))), BOOL, None),
    ("in", ((INT, 2), (NUMBERS, (1, 3))), BOOL, False),
    ("in", ((INT, 2), (NUMBERS, ())), BOOL, False),
    ("in", ((INT, None), (NUMBERS, ())), BOOL, False),
    ("in", ((INT, None), (NUMBERS, (1,))), BOOL, None),
    ("in", ((INT, 1), (NUMBERS, None)), BOOL, None),
    ("size", ((NUMBERS, (1, None)),), INT, 2),
    ("size", ((NUMBERS, ()),), INT, 0),
    ("earliest", ((TIMES, (5, NEVER, 3)),), INSTANT, 3),
    ("earliest", ((TIMES, (NEVER,)),), INSTANT, NEVER),
    ("earliest", ((TIMES, ()),), INSTANT, NEVER),
    ("earliest", ((TIMES, (5, None)),), INSTANT, None),
    ("latest", ((DATES, (5, 3)),), DATE, 5),
    ("latest", ((DATES, (5, NEVER)),), DATE, NEVER),
    ("latest", ((DATES, ()),), DATE, None),
    ("latest", ((DATES, (NEVER, None)),), DATE, None),
    ("min", ((NUMBERS, (5, 3)),), INT, 3),
    ("min", ((NUMBERS, ()),), INT, None),
    ("min", ((NUMBERS, (5, None)),), INT, None),
    ("max", ((NUMBERS, (5, 3)),), INT, 5),
    ("max", ((NUMBERS, ()),), INT, None),
    ("max", ((NUMBERS, (5, None)),), INT, None),
    ("lowest", ((LEVELS, ("province", "central")),), LEVEL, "province"),
    ("lowest", ((LEVELS, ("province", "city")),), LEVEL, "city"),
    ("lowest", ((LEVELS, ()),), LEVEL, None),
    ("lowest", ((LEVELS, None),), LEVEL, None),
    ("highest", ((LEVELS, ("province", "central", "city")),), LEVEL, "central"),
    ("highest", ((LEVELS, ("city",)),), LEVEL, "city"),
    ("highest", ((LEVELS, ()),), LEVEL, None),
    ("highest", ((LEVELS, ("city", None)),), LEVEL, None),
    ("highest", ((LEVELS, ("city", "village")),), LEVEL, None),
    ("sum", ((NUMBERS, (5, 3)),), INT, 8),
    ("sum", ((NUMBERS, ()),), INT, 0),
    ("sum", ((NUMBERS, (5, None)),), INT, None),
    ("sum", ((NUMBERS, (MOST, 1)),), INT, None),
    ("sum", ((NUMBERS, (MOST, 1, -1)),), INT, MOST),
    ("date_of", ((INSTANT, instant("2009-03-02T23:30:00Z")),), DATE, day("2009-03-03")),
    ("date_of", ((INSTANT, NEVER),), DATE, NEVER),
    ("date_of", ((INSTANT, instant("9999-12-31T23:30:00Z")),), DATE, None),
    ("start_of", ((DATE, day("2009-03-03")),), INSTANT, instant("2009-03-03T00:00:00+01:00")),
    ("start_of", ((DATE, NEVER),), INSTANT, NEVER),
    ("start_of", ((DATE, day("0001-01-01")),), INSTANT, None),
    ("end_of", ((DATE, day("2009-03-29")),), INSTANT, instant("2009-03-30T00:00:00+02:00")),
    ("end_of", ((DATE, NEVER),), INSTANT, NEVER),
    ("add_days", ((DATE, 5), (INT, -7)), DATE, -2),
    ("add_days", ((DATE, NEVER), (INT, 7)), DATE, NEVER),
    ("add_days", ((DATE, LAST_DATE), (INT, 1)), DATE, None),
    ("add_days", ((DATE, 0), (INT, LEAST)), DATE, None),
    ("add_months", ((DATE, day("2009-01-31")), (INT, 1)), DATE, day("2009-02-28")),
    ("add_months", ((DATE, NEVER), (INT, 1)), DATE, NEVER),
    ("add_months", ((DATE, LAST_DATE), (INT, 1)), DATE, None),
    ("year", ((DATE, day("2009-03-02")),), INT, 2009),
    ("year", ((DATE, NEVER),), INT, None),
    ("month", ((DATE, day("2009-03-02")),), INT, 3),
    ("month", ((DATE, NEVER),), INT, None),
    ("day", ((DATE, day("2009-03-02")),), INT, 2),
    ("day", ((DATE, NEVER),), INT, None),
    ("weekday", ((DATE, day("2009-03-02")),), INT, 1),
    ("weekday", ((DATE, day("2009-03-08")),), INT, 7),
    ("weekday", ((DATE, NEVER),), INT, None),
    ("utc_offset", ((INSTANT, instant("2009-07-01T00:00:00Z")),), DURATION, 2 * HOUR),
    ("utc_offset", ((INSTANT, NEVER),), DURATION, None),
    ("seconds", ((INSTANT, -1),), INT, -1),
    ("seconds", ((INSTANT, 1_999_999),), INT, 1),
    ("seconds", ((INSTANT, NEVER),), INT, None),
    ("is_working_day", ((DATE, 1),), BOOL, True),
    ("is_working_day", ((DATE, 2),), BOOL, False),
    ("is_working_day", ((DATE, 31),), BOOL, None),
    ("is_working_day", ((DATE, NEVER),), BOOL, None),
    ("happened", ((DATE, 1),), BOOL, True),
    ("happened", ((DATE, NEVER),), BOOL, False),
    ("started", ((INT, 7), (INT, 3)), INT, 3),
    ("started", ((INT, 6), (INT, 3)), INT, 2),
    ("started", ((INT, -7), (INT, 3)), INT, -2),
    ("started", ((INT, 7), (INT, 0)), INT, None),
    ("started", ((INT, 7), (INT, -3)), INT, None),
    ("whole", ((DURATION, 7 * HOUR), (DURATION, 2 * HOUR)), INT, 3),
    ("whole", ((INT, -7), (INT, 3)), INT, -3),
    ("whole", ((INT, 7), (INT, 0)), INT, None),
    ("ratio", ((INT, 1), (INT, 3), (INT, 2)), CENTS, 33),
    ("ratio", ((INT, 1), (INT, 200), (INT, 2)), CENTS, 1),
    ("ratio", ((INT, -1), (INT, 200), (INT, 2)), CENTS, -1),
    ("ratio", ((TENTHS, 10), (CENTS, 300), (INT, 2)), CENTS, 33),
    ("ratio", ((INT, 1), (INT, 0), (INT, 2)), CENTS, None),
    ("ratio", ((INT, MOST), (INT, 1), (INT, 2)), CENTS, None),
    ("round", ((CENTS, 125), (INT, 1)), TENTHS, 13),
    ("round", ((CENTS, -125), (INT, 1)), TENTHS, -13),
    ("round", ((CENTS, 124), (INT, 1)), TENTHS, 12),
    ("round", ((TENTHS, 12), (INT, 2)), CENTS, 120),
    ("round", ((TENTHS, MOST), (INT, 2)), CENTS, None),
]
NAMES = ("a", "b", "x")


def call_of(case: Case, *, literally: bool) -> tuple[Expr, dict[str, Any]]:
    """The operation on variables or, literally, on values written out; and the bindings."""
    op, args, type_, _ = case
    bindings = {name: value for name, (_, value) in zip(NAMES, args, strict=False)}
    exprs = [
        written_out(kind, value)
        if literally or (op, name) in {("ratio", "x"), ("round", "b")}
        else Variable(type=kind, name=name)
        for name, (kind, value) in zip(NAMES, args, strict=False)
    ]
    return Call(op=op, args=tuple(exprs), type=type_), bindings


def written_out(type_: Type, value: object) -> Expr:
    """A value as a literal, a list as its items."""
    if isinstance(type_, ListOf) and isinstance(value, tuple):
        items = tuple(Literal(value=item, type=type_.item) for item in value)
        return Items(items=items, type=type_)
    return Literal(value=value, type=type_)


@pytest.mark.parametrize("literally", [False, True], ids=["of variables", "of literals"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_operation(case: Case, *, literally: bool) -> None:
    """An operation gives what its definition says, for variables and for literals."""
    expr, bindings = call_of(case, literally=literally)

    assert case[-1] == evaluate_expression(expr, bindings, SETTING)


@pytest.mark.parametrize("case", [case for case in CASES if OPERATIONS[case[0]].strict], ids=str)
def test_strict_operations_pass_unknown_on(case: Case) -> None:
    """A strict operation with any unknown argument is unknown."""
    expr, bindings = call_of(case, literally=False)
    names = [node.name for node in expr.walk() if isinstance(node, Variable)]
    results = [evaluate_expression(expr, {**bindings, name: None}, SETTING) for name in names]

    assert [None] * len(names) == results


def test_every_operation_is_written() -> None:
    """Each operation of the language has its Python, and Python has no other."""
    assert set(OPERATIONS) == set(WRITTEN)


def test_every_operation_is_tested() -> None:
    """Each operation has a known and an unknown result in the table of this file."""
    with_result = {op for op, _, _, result in CASES if result is not None}

    assert set(OPERATIONS) == with_result


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
    [
        (INT, 0, True),
        (INT, None, False),
        (DATE, 0, True),
        (DATE, None, False),
        (DATE, NEVER, False),
        (INT, NEVER, True),
        (STRING, "", True),
    ],
)
def test_has(type_: Type, value: object, expected: bool) -> None:  # noqa: FBT001 - a column of a table
    """A field is there unless it is unknown or has not happened."""
    of_variable = Has(operand=Variable(type=type_, name="a"), type=BOOL)
    of_literal = Has(operand=Literal(value=value, type=type_), type=BOOL)
    results = [
        evaluate_expression(of_variable, {"a": value}, SETTING),
        evaluate_expression(of_literal, {}, SETTING),
    ]

    assert [expected, expected] == results


def test_a_literal_list_keeps_unknown_items() -> None:
    """An unknown item of a list that is written out is one of its items."""
    items = (Literal(value=1, type=INT), Variable(type=INT, name="a"))
    expr = Items(items=items, type=NUMBERS)

    assert (1, None) == evaluate_expression(expr, {"a": None}, SETTING)


def test_a_local_day_may_begin_an_hour_late() -> None:
    """Where a clock change skips midnight, the day begins when the gap is over."""
    version = VersionFacts(
        name="1", window=Window(first_day=None, last_day=None), zone="America/Sao_Paulo"
    )
    setting = Setting(relations={}, version=version, zones=ZONES)
    expr = Call(op="start_of", args=(Literal(value=day("2017-10-15"), type=DATE),), type=INSTANT)

    assert instant("2017-10-15T01:00:00-02:00") == evaluate_expression(expr, {}, setting)


def test_a_date_counts_days_from_1970() -> None:
    """Day 0 begins at instant 0 in UTC."""
    version = VersionFacts(name="1", window=Window(first_day=None, last_day=None))
    setting = Setting(relations={}, version=version, zones=ZONES)
    expr = Call(op="start_of", args=(Variable(type=DATE, name="d"),), type=INSTANT)

    assert [0, DAY] == [evaluate_expression(expr, {"d": d}, setting) for d in (0, 1)]
