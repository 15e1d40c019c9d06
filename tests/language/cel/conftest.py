"""A small world of facts that the tests of expressions speak about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest
from attrs import frozen

from kaocheng.diagnostics import Diagnostic, Diagnostics
from kaocheng.language.cel import FrontEnd, Text
from kaocheng.language.expressions import Expr
from kaocheng.language.schema import PERIOD_COLUMNS, Link, Relation, Schema, TableShape
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
BAND = Enum("band", LEVEL.values, ordered=True)  # the same values under another name
GENRE = Enum("genre", ("dynamic", "problem", "research"))
CLASS = Enum("class", ("county", "city_police"))

RELATIONS = (
    Relation(
        "report",
        {
            "case": Reference("report"),
            "genre": GENRE,
            "level": LEVEL,
            "unit": Reference("unit"),
            "amount": Decimal(2),
            "rate": Decimal(4),
            "severity": INT,
            "title": STRING,
            "urgent": BOOL,
            "submitted_at": INSTANT,
            "on": DATE,
            "took": DURATION,
            "authors": ListOf(Reference("person")),
            "tags": ListOf(STRING),
        },
        ("case",),
        {
            "adoptions": Link("adoptions", "report.adoptions", (("case", "case"),), many=True),
            "final": Link("final", "final notice", (("case", "case"),)),
            "points": Link("points", "points", (("case", "case"),), value="value", missing=0),
        },
    ),
    Relation(
        "report.adoptions",
        {"case": Reference("report"), "sequence": INT, "level": LEVEL, "at": INSTANT},
        ("case", "sequence"),
    ),
    Relation(
        "unit",
        {"case": STRING, "class": CLASS, "head": Reference("person"), "since": DATE},
        ("case",),
        {"reports": Link("reports", "report", (("case", "unit"),), many=True)},
    ),
    Relation("person", {"case": STRING, "name": STRING}, ("case",)),
    Relation(
        "unit per month",
        {"case": Reference("unit"), **PERIOD_COLUMNS, "class": CLASS},
        ("case", "period"),
        {
            "reports": Link(
                "reports", "report", (("case", "unit"),), many=True, within="submitted_at"
            )
        },
    ),
    Relation("final notice", {"case": Reference("report"), "due": INSTANT}, ("case",)),
    Relation("points", {"case": Reference("report"), "value": INT}, ("case",)),
)


@frozen
class Outcome:
    """What compiling an expression came to."""

    expr: Expr | None
    diagnostics: tuple[Diagnostic, ...]


Compile = Callable[..., Outcome]


@pytest.fixture(scope="session")
def schema() -> Schema:
    """Reports with their adoptions, units with their months, two tables and two parameters."""
    quota = TableShape("quota", (("class", CLASS), ("level", LEVEL)), INT)
    band = TableShape("band", (("count", INT),), BAND)
    return Schema(
        {relation.name: relation for relation in RELATIONS},
        {"quota": quota, "band": band},
        {"limit": INT, "grace": DURATION},
    )


@pytest.fixture(scope="session")
def variables() -> Mapping[str, Type]:
    """One variable of each type."""
    return {
        "r": Row("report"),
        "a": Row("report.adoptions"),
        "u": Row("unit per month"),
        "w": Row("unit"),
        "p": Reference("person"),
        "n": INT,
        "m": Decimal(2),
        "b": BOOL,
        "s": STRING,
        "d": DATE,
        "t": INSTANT,
        "length": DURATION,
    }


@pytest.fixture(scope="session")
def front_end(schema: Schema) -> FrontEnd:
    """One front end for all tests, as a ruleset has one."""
    return FrontEnd(schema)


@pytest.fixture(scope="session")
def compile_(front_end: FrontEnd, variables: Mapping[str, Type]) -> Compile:
    """Compiles an expression over the variables of this world."""

    def compile_(text: str, expected: Type | Sequence[Type] | None = None) -> Outcome:
        diagnostics = Diagnostics()
        expr = front_end.compile(Text(text), variables, expected=expected, diagnostics=diagnostics)
        return Outcome(expr, tuple(diagnostics))

    return compile_
