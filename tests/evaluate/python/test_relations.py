"""From a row to other rows: references, links, children in a period, dated rows."""

from __future__ import annotations

from typing import Any

import pytest

from kaocheng.calendars.numberline import DAY, HOUR, NEVER
from kaocheng.calendars.zones import Zones
from kaocheng.evaluate.python import Context, Setting, evaluate_expression
from kaocheng.language.expressions import Expr, Field, Follow, Linked, Variable
from kaocheng.language.schema import Link, Relation
from kaocheng.language.types import DATE, INSTANT, INT, STRING, ListOf, Reference, Row
from kaocheng.plan.algebra import VersionFacts, Window

PERIOD = {"period": STRING, "period.first_day": DATE, "period.last_day": DATE}
WITHIN = (("case", "unit"),)
RELATIONS = {
    "report": Relation(
        "report",
        {"case": STRING, "unit": Reference("unit"), "at": INSTANT, "on": DATE},
        ("case",),
        links={
            "adoptions": Link("adoptions", "adoption", (("case", "report"),), many=True),
            "points": Link("points", "adoption", (("case", "report"),), many=True, value="points"),
            "unit_row": Link("unit_row", "unit", (("unit", "case"),)),
            "size": Link("size", "unit", (("unit", "case"),), value="size", missing=0),
            "pair": Link("pair", "pair", (("case", "a"), ("unit", "b")), value="n"),
            "head": Link("head", "post", (("unit", "case"),), value="head"),
        },
    ),
    "adoption": Relation(
        "adoption", {"report": STRING, "sequence": INT, "points": INT}, ("report", "sequence")
    ),
    "unit": Relation("unit", {"case": STRING, "size": INT}, ("case",)),
    "pair": Relation("pair", {"a": STRING, "b": STRING, "n": INT}, ("a", "b")),
    "post": Relation(
        "post",
        {"case": STRING, "from_at": INSTANT, "head": STRING},
        ("case", "from_at"),
        dated=True,
    ),
    "roll": Relation(
        "roll",
        {"case": STRING, **PERIOD},
        ("case", "period"),
        links={
            "by_instant": Link("by_instant", "report", WITHIN, many=True, within="at"),
            "by_date": Link("by_date", "report", WITHIN, many=True, within="on", value="case"),
            "first": Link("first", "report", WITHIN, within="at", value="case", missing="none"),
        },
    ),
}
SETTING = Setting(
    relations=RELATIONS,
    version=VersionFacts(
        name="1", window=Window(first_day=None, last_day=None), zone="Asia/Shanghai"
    ),
    zones=Zones(),
)
ROWS: dict[str, list[tuple[Any, ...]]] = {
    "adoption": [("r1", 2, 20), ("r2", 1, 5), ("r1", 1, 10), (None, 3, 99)],
    "unit": [("u1", 3), ("u2", None), (None, 8)],
    "pair": [("r1", "u1", 7), ("r1", "u2", 8)],
    "post": [("u1", 100, "li"), ("u1", 50, "wang"), ("u1", None, "nobody"), ("u2", NEVER, "zhao")],
    "report": [
        ("r2", "u1", 9 * DAY, 9),
        ("r1", "u1", 10 * DAY, 10),
        ("r3", "u1", 10 * DAY - 8 * HOUR, 12),
        ("r4", "u2", 10 * DAY, 10),
        ("r5", "u1", None, None),
        ("r6", "u1", NEVER, NEVER),
        ("r7", None, 10 * DAY, 10),
    ],
}
REPORT, ROLL = Variable(type=Row("report"), name="r"), Variable(type=Row("roll"), name="u")


def read(expr: Expr, row: tuple[Any, ...], *, moment: int = 0) -> object:
    """What an expression reads from a row of `report` or `roll`."""
    context = Context(ROWS, as_of=1_000, moment=moment)
    return evaluate_expression(expr, {"r": row, "u": row}, SETTING, context=context)


def linked(name: str, row: Variable = REPORT) -> Linked:
    """A link of a row; its type does not matter to most tests here."""
    link = RELATIONS[row.type.relation].links[name]
    return Linked(row=row, link=name, type=ListOf(Row(link.relation)) if link.many else INT)


@pytest.mark.parametrize(
    ("unit", "expected"), [("u1", 3), ("u2", None), ("u3", None), (None, None)]
)
def test_a_reference_is_followed(unit: str | None, expected: int | None) -> None:
    """A column behind a reference is that of the row it names, or unknown where there is none."""
    reference = Field(row=REPORT, name="unit", type=Reference("unit"))
    expr = Field(row=Follow(reference=reference, type=Row("unit")), name="size", type=INT)

    assert expected == read(expr, ("r1", unit, 0, 0))


@pytest.mark.parametrize(
    ("moment", "expected"), [(49, None), (50, "wang"), (99, "wang"), (100, "li"), (500, "li")]
)
def test_a_dated_reference_reads_what_is_in_force(moment: int, expected: str | None) -> None:
    """Of the rows of one key, the last that has begun by the moment counts."""
    reference = Field(row=REPORT, name="unit", type=Reference("post"))
    followed = Field(row=Follow(reference=reference, type=Row("post")), name="head", type=STRING)
    row = ("r1", "u1", 0, 0)

    assert [expected, expected] == [
        read(followed, row, moment=moment),
        read(linked("head"), row, moment=moment),
    ]


@pytest.mark.parametrize(
    ("name", "row", "expected"),
    [
        ("adoptions", ("r1", "u1", 0, 0), (("r1", 1, 10), ("r1", 2, 20))),
        ("adoptions", ("r9", "u1", 0, 0), ()),
        ("adoptions", (None, "u1", 0, 0), None),
        ("points", ("r1", "u1", 0, 0), (10, 20)),
        ("unit_row", ("r1", "u1", 0, 0), ("u1", 3)),
        ("unit_row", ("r1", "u3", 0, 0), None),
        ("size", ("r1", "u1", 0, 0), 3),
        ("size", ("r1", "u2", 0, 0), None),
        ("size", ("r1", "u3", 0, 0), 0),
        ("size", ("r1", None, 0, 0), None),
        ("pair", ("r1", "u2", 0, 0), 8),
        ("pair", ("r1", "u3", 0, 0), None),
        ("pair", ("r1", None, 0, 0), None),
    ],
)
def test_a_link(name: str, row: tuple[Any, ...], expected: object) -> None:
    """A link gives its children in the order of their key, or its one row, or what is missing."""
    assert expected == read(linked(name), row)


@pytest.mark.parametrize(
    ("name", "first", "last", "expected"),
    [
        ("by_instant", 9, 9, ["r2"]),
        ("by_instant", 9, 10, ["r1", "r2", "r3"]),
        ("by_instant", 11, 12, []),
        ("by_date", 1, 2, []),
        ("by_date", 10, 12, ["r1", "r3"]),
        ("first", 10, 10, "r1"),
        ("first", 11, 12, "none"),
    ],
)
def test_children_in_a_period(name: str, first: int, last: int, expected: object) -> None:
    """Children in a period are those whose local date lies from its first to its last day.

    `r3` was reported at 16:00 UTC of day 9, which is day 10 in Shanghai.
    """
    found = read(linked(name, ROLL), ("u1", "p", first, last))
    names = [row[0] for row in found] if name == "by_instant" else found

    assert expected == (list(names) if name == "by_date" else names)


def test_a_member_without_children() -> None:
    """A member that no row names has no children in any period."""
    assert () == read(linked("by_instant", ROLL), ("nobody", "p", 0, 99))


def test_a_dated_reference_to_nobody() -> None:
    """A reference that no dated row answers is unknown."""
    assert read(linked("head"), ("r1", "nobody", 0, 0)) is None


@pytest.mark.parametrize("row", [(None, "p", 9, 9), ("u1", "p", None, 9), ("u1", "p", 9, None)])
def test_children_of_an_unknown_period(row: tuple[Any, ...]) -> None:
    """Where the member or the period is unknown, so are its children."""
    assert read(linked("by_instant", ROLL), row) is None


def test_indexes_forget_what_is_replaced() -> None:
    """A context that is given new rows of a relation reads those."""
    context = Context(ROWS, as_of=0)
    row = {"r": ("r1", "u1", 0, 0)}
    before = evaluate_expression(linked("size"), row, SETTING, context=context)
    context.add("unit", [("u1", 4)])

    assert [3, 4] == [before, evaluate_expression(linked("size"), row, SETTING, context=context)]
