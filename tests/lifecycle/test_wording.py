"""Expressions and values as people read them."""

from __future__ import annotations

import pytest

from kaocheng.calendars import NEVER
from kaocheng.calendars.limits import Limit
from kaocheng.calendars.zones import build_zone
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
from kaocheng.lifecycle.wording import expression_text, value_text

REPORT = Variable(type=Row("report"), name="report")
LENGTH = Field(type=INT, row=REPORT, name="length")
UNIT = Field(type=Reference("unit"), row=REPORT, name="unit")
GENRE = Field(type=Enum("genre", ("a", "b")), row=REPORT, name="genre")
SENT = Field(type=INSTANT, row=REPORT, name="sent_at")
ADOPTIONS = Linked(type=ListOf(Row("report.adoptions")), row=REPORT, link="adoptions")


def number(value: int) -> Literal:
    """A whole number."""
    return Literal(type=INT, value=value)


def call(op: str, *args: Expr, type_: Type = INT) -> Call:
    """An operation."""
    return Call(type=type_, op=op, args=args)


@pytest.mark.parametrize(
    ("expr", "text"),
    [
        (call("add", LENGTH, call("mul", number(2), LENGTH)), "report.length + 2 * report.length"),
        (call("mul", call("add", LENGTH, number(1)), number(2)), "(report.length + 1) * 2"),
        (
            call("sub", LENGTH, call("sub", LENGTH, number(1))),
            "report.length - (report.length - 1)",
        ),
        (call("neg", call("add", LENGTH, number(1))), "-(report.length + 1)"),
        (call("not", call("eq", LENGTH, number(1))), "!(report.length == 1)"),
        (
            call(
                "and",
                call("or", call("lt", LENGTH, number(1)), call("gt", LENGTH, number(9))),
                call("ne", GENRE, Literal(type=GENRE.type, value="a")),
            ),
            "(report.length < 1 || report.length > 9) && report.genre != 'a'",
        ),
        (
            call(
                "if",
                call("le", LENGTH, number(1)),
                number(1),
                call("if", call("ge", LENGTH, number(2)), number(2), number(3)),
            ),
            "report.length <= 1 ? 1 : report.length >= 2 ? 2 : 3",
        ),
        (call("rank", GENRE), "report.genre"),
        (call("rescale", call("add", LENGTH, number(1))), "report.length + 1"),
        (
            call(
                "in", GENRE, Items(type=ListOf(STRING), items=(Literal(type=STRING, value="it's"),))
            ),
            r"report.genre in ['it\'s']",
        ),
        (
            call("starts_with", GENRE, Literal(type=STRING, value="a")),
            "report.genre.startsWith('a')",
        ),
        (call("size", ADOPTIONS), "size(report.adoptions)"),
        (call("ratio", LENGTH, number(3), number(1)), "ratio(report.length, 3, 1)"),
        (
            call("diff", SENT, Literal(type=INSTANT, value=0)),
            "report.sent_at - timestamp('1970-01-01T00:00:00Z')",
        ),
        (call("date_of", SENT), "date_of(report.sent_at)"),
        (Literal(type=DATE, value=0), "date('1970-01-01')"),
        (Literal(type=DURATION, value=5_400_000_000), "duration('1h30m')"),
        (Literal(type=Decimal(2), value=-5), "-0.05"),
        (Literal(type=BOOL, value=True), "true"),
        (Literal(type=INT, value=None), "unknown"),
        (Parameter(type=INT, name="limit"), "limit"),
        (
            Field(type=STRING, row=Follow(type=Row("unit"), reference=UNIT), name="class"),
            "report.unit.class",
        ),
        (
            Lookup(type=INT, table="points", args=(GENRE, LENGTH)),
            "points(report.genre, report.length)",
        ),
        (
            Fold(
                type=BOOL,
                how="exists",
                over=ADOPTIONS,
                variable="a",
                body=call(
                    "eq",
                    Field(
                        type=STRING,
                        row=Variable(type=Row("report.adoptions"), name="a"),
                        name="outlet",
                    ),
                    GENRE,
                ),
            ),
            "report.adoptions.exists(a, a.outlet == report.genre)",
        ),
        (Has(type=BOOL, operand=LENGTH), "has(report.length)"),
        (
            Advance(type=INSTANT, start=SENT, limit=Limit(2, "working_day")),
            "report.sent_at + 2 working days",
        ),
        (Advance(type=INSTANT, start=SENT, limit=Limit(1, "hour")), "report.sent_at + 1 hour"),
        (
            call("lt", Advance(type=INSTANT, start=SENT, limit=Limit(1, "hour")), SENT),
            "report.sent_at + 1 hour < report.sent_at",
        ),
    ],
)
def test_expression(expr: Expr, text: str) -> None:
    """An expression reads as a policy writer would write it, with no needless parentheses."""
    assert text == expression_text(expr)


@pytest.mark.parametrize(
    ("value", "type_", "en", "zh"),
    [
        (None, INT, "unknown", "未知"),
        (NEVER, INSTANT, "never", "尚未发生"),
        (NEVER, INT, str(NEVER), str(NEVER)),
        (0, DATE, "1970-01-01", "1970-01-01"),
        (0, INSTANT, "1970-01-01T08:00:00+08:00", "1970-01-01T08:00:00+08:00"),
        (12_345, Decimal(2), "123.45", "123.45"),
        (-5, Decimal(0), "-5", "-5"),
        (90_500_000, DURATION, "1m30.5s", "1m30.5s"),
        (-3_600_000_000, DURATION, "-1h", "-1h"),
        (0, DURATION, "0s", "0s"),
        (False, BOOL, "false", "false"),
        ((1, None), ListOf(INT), "[1, unknown]", "[1, 未知]"),
        ((("report/1", 1),), ListOf(Row("report.adoptions")), "1 row", "1 条"),
        ((), ListOf(Row("report.adoptions")), "0 rows", "0 条"),
        (("report/1", 1), Row("report"), "report/1", "report/1"),
    ],
)
def test_value(value: object, type_: Type, en: str, zh: str) -> None:
    """A value reads as its type does: times, decimals with their places, both absences."""
    actual = value_text(value, type_, build_zone("Asia/Shanghai"))

    assert (en, zh) == (actual.en, actual.zh)
