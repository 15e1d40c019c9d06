"""Decision tables: the first row that matches."""

from __future__ import annotations

from typing import Any

import pytest

from kaocheng.calendars import NEVER
from kaocheng.calendars.zones import Zones
from kaocheng.evaluate.python import Setting, evaluate_expression
from kaocheng.language.expressions import Lookup, Variable
from kaocheng.language.types import BOOL, DATE, INT, STRING, Type
from kaocheng.plan.algebra import Bound, TableRows, VersionFacts, Window

TABLES = {
    "points": ((("daily",), 2), (("special",), 5), (("daily",), 9)),
    "pair": ((("a", True), 1), (("b", False), 2)),
    "wild": ((("a", None), 1), ((None, True), 2), (("b", True), 3), ((None, None), 4)),
    "narrow": ((("a", None), 1), ((None, True), 2)),
    "none": (),
    "bands": (((Bound("ge", 30),), 4), ((Bound("gt", 10),), 3), ((3,), 2), ((Bound("lt", 3),), 1)),
    "ages": (
        ((Bound("le", 2), Bound("ge", 100)), 1),
        ((None, Bound("lt", 100)), 2),
        ((5, None), 3),
    ),
}
TYPES: dict[str, tuple[Type, ...]] = {"bands": (INT,), "ages": (INT, DATE)}


def setting(otherwise: int | None = None) -> Setting:
    """A version with these tables and such a fallback."""
    tables = {
        name: TableRows(name=name, rows=rows, otherwise=otherwise, result=INT)
        for name, rows in TABLES.items()
    }
    window = Window(first_day=None, last_day=None)
    version = VersionFacts(name="1", window=window, tables=tables)
    return Setting(relations={}, version=version, zones=Zones())


def look_up(table: str, key: tuple[Any, ...], otherwise: int | None = None) -> object:
    """What a table says for a key."""
    types = TYPES.get(table, (STRING, BOOL))
    args = tuple(
        Variable(type=type_, name=name) for type_, name, _ in zip(types, "ab", key, strict=False)
    )
    bindings = dict(zip("ab", key, strict=False))
    return evaluate_expression(
        Lookup(table=table, args=args, type=INT), bindings, setting(otherwise)
    )


@pytest.mark.parametrize(
    ("table", "key", "expected"),
    [
        ("points", ("daily",), 2),
        ("points", ("special",), 5),
        ("points", ("other",), None),
        ("points", (None,), None),
        ("pair", ("a", True), 1),
        ("pair", ("a", False), None),
        ("wild", ("a", True), 1),
        ("wild", ("b", True), 2),
        ("wild", ("b", False), 4),
        ("wild", ("b", None), None),
        ("narrow", ("a", False), 1),
        ("narrow", ("c", True), 2),
        ("narrow", ("c", False), None),
        ("none", ("a",), None),
    ],
)
def test_the_first_row_that_matches_counts(
    table: str, key: tuple[Any, ...], expected: int | None
) -> None:
    """A table gives its first matching row, and nothing known for an unknown key."""
    assert expected == look_up(table, key)


@pytest.mark.parametrize(
    ("table", "key", "expected"),
    [
        ("points", ("other",), 7),
        ("points", (None,), None),
        ("points", ("daily",), 2),
        ("narrow", ("c", False), 7),
        ("none", ("a",), 7),
    ],
)
def test_otherwise_is_for_known_keys_without_a_row(
    table: str, key: tuple[Any, ...], expected: int | None
) -> None:
    """The fallback counts where no row matches, and not where the key is unknown."""
    assert expected == look_up(table, key, otherwise=7)


@pytest.mark.parametrize(
    ("table", "key", "expected"),
    [
        ("bands", (31,), 4),
        ("bands", (30,), 4),
        ("bands", (29,), 3),
        ("bands", (11,), 3),
        ("bands", (10,), 7),
        ("bands", (3,), 2),
        ("bands", (2,), 1),
        ("bands", (-(2**63),), 1),
        ("bands", (None,), None),
        ("ages", (2, 100), 1),
        ("ages", (3, 100), 7),
        ("ages", (5, 100), 3),
        ("ages", (5, 99), 2),
        ("ages", (1, NEVER), 1),
        ("ages", (1, None), None),
    ],
)
def test_a_row_may_compare(table: str, key: tuple[Any, ...], expected: int | None) -> None:
    """A row that compares fits what lies on its side; what has not happened is later than all."""
    assert expected == look_up(table, key, otherwise=7)
