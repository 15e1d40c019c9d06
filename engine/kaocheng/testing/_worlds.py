"""The invented world of generated plans: relations of every shape, and facts for them.

Times lie around the clock changes and the month ends of 2009 and at the ends of the number line;
everything may be unknown, and times may not have happened.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import hypothesis.strategies as st
from attrs import frozen

from kaocheng.calendars.editions import Edition, business_hours
from kaocheng.calendars.numberline import (
    DAY,
    FIRST_DAY,
    FIRST_INSTANT,
    HOUR,
    LAST_DAY,
    LAST_INSTANT,
    NEVER,
    days_from_civil,
)
from kaocheng.language.schema import PERIOD_COLUMNS, Link, Relation
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
    Type,
)
from kaocheng.plan.algebra import Bound, TableRows

Draw = Callable[..., object]
Row = tuple[object, ...]

MOST, LEAST = 2**63 - 1, -(2**63)
CENTS, RATE = Decimal(2), Decimal(4)
LEVEL = Enum("level", ("city", "province", "central"), ordered=True)
GENRE = Enum("genre", ("dynamic", "problem", "研究"))
UNIT, POST = Reference("unit"), Reference("post")
SCALARS: tuple[Type, ...] = (
    BOOL, INT, CENTS, RATE, DURATION, DATE, INSTANT, STRING, LEVEL, GENRE, UNIT, POST,
)  # fmt: skip
ITEMS: tuple[Type, ...] = (INT, CENTS, DATE, INSTANT, STRING, BOOL, LEVEL, UNIT)

_NEW_YEAR = days_from_civil(2009, 1, 1)
_SPRING, _AUTUMN = 1_238_288_400_000_000, 1_256_432_400_000_000  # Amsterdam changes its clocks
_DAYS = [
    *(_NEW_YEAR + place for place in (-31, -1, 0, 1, 5, 30, 58, 86, 87, 300)),
    days_from_civil(2008, 2, 29),
    days_from_civil(2008, 12, 31),
]
_INSTANTS = [
    *((_NEW_YEAR + place) * DAY + 9 * HOUR for place in (-1, 0, 2, 3, 30, 45)),
    *(change + step for change in (_SPRING, _AUTUMN) for step in (-1, 0, HOUR)),
    (_NEW_YEAR + 1) * DAY - 8 * HOUR,
    -1,
]
VALUES: Mapping[Type, list[object]] = {
    BOOL: [True, False, None],
    INT: [0, 1, 2, 3, 7, -1, -5, 100, MOST, LEAST, 2**53 + 1, None],
    CENTS: [0, 1, 50, 100, 250, -275, 99_999, MOST, LEAST, None],
    RATE: [0, 1, 5_000, 10_000, -12_345, MOST, None],
    DURATION: [0, 1, HOUR, DAY, -HOUR, 90 * DAY, MOST, LEAST, None],
    DATE: [*_DAYS, FIRST_DAY, LAST_DAY, NEVER, None],
    INSTANT: [*_INSTANTS, FIRST_INSTANT, LAST_INSTANT, NEVER, None],
    STRING: ["", "a", "ab", "b", "日报", "e\N{COMBINING ACUTE ACCENT}😀", "%_'", None],
    LEVEL: [*LEVEL.values, None],
    GENRE: [*GENRE.values, None],
    UNIT: ["u0", "u1", "u2", None],
    POST: ["p0", "p1", None],
}
"""What the values of each type are taken from; literals too, which may then be unknown."""


def values(type_: Type) -> st.SearchStrategy[object]:
    """A value of a type, unknown among them."""
    if isinstance(type_, ListOf):
        items = st.lists(values(type_.item), max_size=3).map(tuple)
        return st.one_of(items, items, items, st.none())
    if isinstance(type_, Enum):
        return st.sampled_from([*type_.values, None])
    if isinstance(type_, Decimal):
        return st.sampled_from(VALUES[CENTS])
    return st.sampled_from(VALUES[type_])


# Relations ----------------------------------------------------------------------------------

_LISTS = {
    "tags": ListOf(STRING),
    "authors": ListOf(UNIT),
    "counts": ListOf(INT),
    "times": ListOf(INSTANT),
}
_REPORT: dict[str, Type] = {
    "case": STRING, "unit": UNIT, "post": POST, "level": LEVEL, "genre": GENRE, "n": INT, "m": INT,
    "cents": CENTS, "rate": RATE, "lasts": DURATION, "on": DATE, "by": DATE, "at": INSTANT,
    "done": INSTANT, "ok": BOOL, "text": STRING, **_LISTS,
}  # fmt: skip
_PART: dict[str, Type] = {
    "case": STRING, "sequence": INT, "n": INT, "cents": CENTS, "at": INSTANT, "on": DATE,
    "ok": BOOL, "text": STRING, "unit": UNIT, "level": LEVEL, "tags": ListOf(STRING),
}  # fmt: skip


def _links_of_report() -> dict[str, Link]:
    return {
        "parts": Link("parts", "part", (("case", "case"),), many=True),
        "points": Link("points", "part", (("case", "case"),), many=True, value="n"),
        "moments": Link("moments", "part", (("case", "case"),), many=True, value="at"),
        "stops": Link("stops", "stop", (("case", "case"),), many=True),
        "holds": Link("holds", "hold", (("case", "case"),), many=True),
        "office": Link("office", "unit", (("unit", "case"),)),
        "size": Link("size", "unit", (("unit", "case"),), value="size", missing=7),
        "first_part": Link("first_part", "part", (("case", "case"),)),
        "quota": Link("quota", "post", (("post", "case"),), value="quota"),
    }


def _links_of_roll() -> dict[str, Link]:
    of_unit = (("case", "unit"),)
    month = (("case", "unit"), ("period", "period"))
    return {
        "reports": Link("reports", "report", of_unit, many=True, within="at"),
        "dated": Link("dated", "report", of_unit, many=True, within="on", value="n"),
        "first": Link("first", "report", of_unit, within="at"),
        "total": Link("total", "total", month, value="count", missing=0),
    }


@frozen
class Shape:
    """The columns that one world adds: of random types, so that schemas differ."""

    report: Mapping[str, Type]
    part: Mapping[str, Type]


def shapes() -> st.SearchStrategy[Shape]:
    """Columns of random types for reports and their parts."""
    lists = st.sampled_from(ITEMS).map(ListOf)
    types = st.one_of(st.sampled_from(SCALARS), st.integers(0, 6).map(Decimal), lists)
    some = st.lists(types, max_size=3)
    columns = some.map(lambda found: {f"x{i}": type_ for i, type_ in enumerate(found)})
    return st.builds(Shape, columns, columns)


def base_relations(shape: Shape) -> dict[str, Relation]:
    """The relations that facts fill."""
    roll: dict[str, Type] = {"case": STRING, **PERIOD_COLUMNS, "class": STRING}
    bit: dict[str, Type] = {"case": STRING, "sequence": INT, "n": INT, "ok": BOOL}
    relations = [
        Relation("report", {**_REPORT, **shape.report}, ("case",), _links_of_report()),
        Relation(
            "part",
            {**_PART, **shape.part},
            ("case", "sequence"),
            {"bits": Link("bits", "bit", (("case", "case"), ("sequence", "sequence")), many=True)},
        ),
        Relation("bit", bit, ("case", "sequence", "n")),
        Relation("stop", {"case": STRING, "from": INSTANT, "until": INSTANT}, ("case", "from")),
        Relation("hold", {"case": STRING, "from": DATE, "until": DATE}, ("case", "from")),
        Relation(
            "unit",
            {"case": STRING, "class": GENRE, "size": INT, "superior": UNIT, "since": DATE},
            ("case",),
            {"reports": Link("reports", "report", (("case", "unit"),), many=True)},
        ),
        Relation(
            "post",
            {"case": STRING, "from_at": INSTANT, "quota": INT, "level": LEVEL},
            ("case", "from_at"),
            dated=True,
        ),
        Relation("unit per month", roll, ("case", "period"), _links_of_roll()),
    ]
    return {relation.name: relation for relation in relations}


# Facts --------------------------------------------------------------------------------------

_CASES = [f"r{place}" for place in range(5)]


def facts_rows(relations: Mapping[str, Relation]) -> st.SearchStrategy[Mapping[str, list[Row]]]:
    """Rows for the base relations; each may be empty, and no key occurs twice."""
    cases = _mostly(st.lists(st.sampled_from(_CASES), unique=True, min_size=1, max_size=5))
    owners = st.sampled_from([*_CASES[:3], *_CASES[:3], "r9", None])
    places = st.sampled_from([1, 2, 3, 4])
    units = st.lists(st.sampled_from(["u0", "u1"]), unique=True)
    posts = st.tuples(
        st.sampled_from(["p0", "p1"]), st.sampled_from([*_INSTANTS[:4], FIRST_INSTANT])
    )
    months = st.tuples(st.sampled_from(["u0", "u1", "u2"]), st.sampled_from(_MONTHS))
    keyed: dict[str, st.SearchStrategy[list[Row]]] = {
        "report": cases.map(lambda found: [(case,) for case in found]),
        "part": _mostly(st.lists(st.tuples(owners, places), unique=True, min_size=1, max_size=6)),
        "bit": st.lists(st.tuples(owners, places, places), unique=True, max_size=5),
        "stop": st.lists(st.tuples(owners, values(INSTANT)), unique=True, max_size=4),
        "hold": st.lists(st.tuples(owners, values(DATE)), unique=True, max_size=4),
        "unit": units.map(lambda found: [(case,) for case in found]),
        "post": st.lists(posts, unique=True, max_size=4),
        "unit per month": _mostly(
            st.lists(months, unique=True, min_size=1, max_size=4).map(_month_rows)
        ),
    }
    filled = {name: _filled(relations[name], keys) for name, keys in keyed.items()}
    return st.fixed_dictionaries(filled)


def _mostly(rows: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    """Some rows; now and then none, of which nothing comes."""
    return st.sampled_from([*["some"] * 5, "none", *["some"] * 4]).flatmap(
        lambda word: rows if word == "some" else st.just([])
    )


_MONTHS = [("2008-12", -31, -1), ("2009-01", 0, 30), ("2009-03", 59, 89)]


def _month_rows(found: list[tuple[str, tuple[str, int, int]]]) -> list[Row]:
    return [
        (unit, name, _NEW_YEAR + first, _NEW_YEAR + last) for unit, (name, first, last) in found
    ]


def _filled(relation: Relation, keys: st.SearchStrategy[list[Row]]) -> st.SearchStrategy[list[Row]]:
    """Rows that begin with the given columns; the others are random."""

    def rows(found: list[Row]) -> st.SearchStrategy[list[Row]]:
        types = list(relation.columns.values())
        return st.tuples(
            *(st.tuples(*(values(type_) for type_ in types[len(key) :])) for key in found)
        ).map(lambda rest: [(*key, *more) for key, more in zip(found, rest, strict=True)])

    return keys.flatmap(rows)


# Tables and calendars -----------------------------------------------------------------------

TABLES: tuple[tuple[tuple[Type, ...], TableRows], ...] = (
    (
        (LEVEL, BOOL),
        TableRows(
            name="points",
            rows=((("city", True), 1), ((None, False), 2), (("province", None), None)),
            result=INT,
        ),
    ),
    (
        (STRING,),
        TableRows(
            name="word", rows=((("a",), "日报"), (("ab",), "")), otherwise="?", result=STRING
        ),
    ),
    (
        (INT,),
        TableRows(
            name="fee",
            rows=tuple(((n,), 25 * n - 50) for n in range(40)),
            otherwise=-1,
            result=CENTS,
        ),
    ),
    (
        (GENRE,),
        TableRows(name="day", rows=((("problem",), _NEW_YEAR), (("研究",), NEVER)), result=DATE),
    ),
    (
        (INT,),
        TableRows(
            name="grade",
            rows=(
                ((Bound("ge", 7),), "central"),
                ((2,), "city"),
                ((Bound("gt", 0),), "province"),
                ((Bound("lt", LEAST + 1),), None),
                ((None,), "city"),
            ),
            result=LEVEL,
        ),
    ),
    (
        (CENTS, DATE),
        TableRows(
            name="band",
            rows=(
                ((Bound("le", 100), Bound("lt", _NEW_YEAR)), 1),
                ((Bound("gt", 100), Bound("ge", _NEW_YEAR + 30)), 2),
                ((None, Bound("gt", LAST_DAY)), 3),
                ((250, None), 4),
            ),
            otherwise=-1,
            result=INT,
        ),
    ),
    (
        (INSTANT, DURATION, GENRE),
        TableRows(
            name="share",
            rows=(
                ((Bound("lt", _SPRING), Bound("ge", HOUR), "研究"), 5_000),
                ((Bound("ge", _SPRING), Bound("le", 0), None), 10_000),
                ((None, DAY, "problem"), -1),
            ),
            result=RATE,
        ),
    ),
)
"""Decision tables with their arguments' types: with wildcards and comparisons, small and large."""

EDITIONS: Mapping[str, Edition] = {
    "office": Edition(
        "office",
        _NEW_YEAR - 60,
        _NEW_YEAR + 400,
        non_working=tuple(_NEW_YEAR + place for place in (0, 1, 24, 25, 26, 27, 28)),
        working=(_NEW_YEAR + 3, _NEW_YEAR + 23),
        hours=business_hours("09:00", "17:30", breaks=[("12:00", "13:00")]),
    ),
    "bare": Edition("bare", _NEW_YEAR - 400, _NEW_YEAR + 200, weekend=()),
}
ZONES = ("UTC", "Asia/Shanghai", "Europe/Amsterdam", "America/New_York")
AS_OF = [
    (_NEW_YEAR + 20) * DAY + 5 * HOUR,
    (_NEW_YEAR + 40) * DAY,
    _SPRING,
    (_NEW_YEAR - 40) * DAY,
    (_NEW_YEAR + 500) * DAY,
]
BOUNDARIES = [_NEW_YEAR + place for place in (-30, 0, 3, 31)]
"""On which days a second version may begin."""
