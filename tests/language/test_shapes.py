"""Shapes: what a stretch of YAML may look like, and what reading it gives."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from kaocheng.diagnostics import Diagnostics
from kaocheng.language.shapes import (
    TITLES,
    Choice,
    Day,
    DecimalNumber,
    Either,
    Expression,
    Fields,
    Flag,
    Identifier,
    Key,
    Many,
    Named,
    Number,
    Phrase,
    Raw,
    Record,
    Shape,
    Text,
    listed_items,
    named_entries,
    read,
    read_record,
    texts,
)
from kaocheng.syntax import Duration, Mapping, Node, Scalar, Sequence, parse

PART = Record("a part", "部分", (Key("name", Identifier(), required=True), Key("size", Number())))


def node(text: str) -> Node:
    """The value of `x` in a YAML text."""
    root = parse(f"x: {text}\n", "f.yaml").root
    assert isinstance(root, Mapping)
    return root.entries[0].value


def read_text(shape: Shape, text: str) -> tuple[object, list[str]]:
    """What a text is read as, and what is said about it."""
    diagnostics = Diagnostics()
    value = read(shape, node(text), diagnostics, key="x")
    return value, [item.message() for item in diagnostics]


@pytest.mark.parametrize(
    ("shape", "text", "value"),
    [
        (Text(), "2009.10", "2009.10"),
        (Text(), "no", "no"),
        (Text(), "|\n  two\n  lines\n", "two\nlines"),
        (Identifier(), "a_b1", "a_b1"),
        (Number(), "-3", -3),
        (Number(least=0), "0", 0),
        (DecimalNumber(), "1.50", Decimal("1.50")),
        (Flag(), "true", True),
        (Day(), "2009-03-02", dt.date(2009, 3, 2)),
        (Phrase(), "3 working days", Duration(3, "working_day")),
        (Choice(("a", "1")), "1", "1"),
        (Many(Number()), "[1, 2]", (1, 2)),
        (Many(Number(), or_one=True), "1", (1,)),
        (Many(Number()), "[]", ()),
        (Named(Number()), "{a b: 1, c: 2}", {"a b": 1, "c": 2}),
        (Either(Number(), Named(Text())), "1", 1),
        (Either(Number(), Named(Text())), "{a: b}", {"a": "b"}),
        (Either(Number(), Named(Text()), Many(Flag())), "[true]", (True,)),
    ],
)
def test_values(shape: Shape, text: str, value: object) -> None:
    """A value is read by the shape that is expected, and not by what YAML takes it for."""
    assert (value, []) == read_text(shape, text)


@pytest.mark.parametrize(
    ("shape", "text", "message"),
    [
        (Text(), "[a]", "`x` wants a text, and is a list"),
        (Text(), '" "', "`x` wants a text, and is empty"),
        (Number(), "{a: 1}", "`x` wants a whole number, and is a mapping"),
        (Number(least=1), "0", "`x` is 0, and must be at least 1"),
        (Phrase(), "[1]", "`x` wants a duration such as `2 hours`, and is a list"),
        (Flag(), "[1]", "`x` wants `true` or `false`, and is a list"),
        (Day(), "[1]", "`x` wants a date such as `2009-03-01`, and is a list"),
        (DecimalNumber(), "[1]", "`x` wants a number, and is a list"),
        (Identifier(), "[a]", "`x` wants a name, and is a list"),
        (Expression(), "{a: b}", "`x` wants an expression, and is a mapping"),
        (Choice(("late", "met")), "latte", "`latte` is not a value of `x`"),
        (Many(Number()), "1", "`x` wants a list, and is a single value"),
        (Many(Many(Number())), "[1]", "an item of `x` wants a list, and is a single value"),
        (Named(Number()), "[1]", "`x` wants a mapping, and is a list"),
        (Named(Number(), identifiers=True), "{a-b: 1}", "`a-b` is not an identifier"),
        (PART, "1", "`x` wants a mapping with `name`, and is a single value"),
        (PART, "{size: 1}", "a part has no `name`"),
        (PART, "{name: a, siz: 1}", "unknown key `siz` in a part"),
        (TITLES, "{zh: 甲}", "a title has no `en`"),
    ],
)
def test_mistakes(shape: Shape, text: str, message: str) -> None:
    """A value of another form is refused with what is wanted and what is there."""
    assert [message] == read_text(shape, text)[1]


def test_raw_and_expressions_are_nodes() -> None:
    """What a section reads itself, and expressions, stay nodes with their places."""
    given = node("a > 1")

    assert isinstance(given, Scalar)
    assert given is read(Raw(), given, Diagnostics(), key="x")
    assert given is read(Expression(), given, Diagnostics(), key="x")


def test_what_is_blank_has_been_reported() -> None:
    """A value that was missing or refused before is passed over in silence."""
    for shape in (Text(), Number(), Many(Text()), Named(Text()), PART, Raw(), Choice(("a",))):
        assert (None, []) == read_text(shape, "")


def test_fields() -> None:
    """A record knows its values, its nodes, its keys, and where all of them stand."""
    fields = read_record(PART, node("{name: a, size: none}"), Diagnostics(), key="x")

    assert isinstance(fields, Fields)
    assert ("name" in fields, "size" in fields, "size" in fields.nodes) == (True, False, True)
    assert ("a", "", "-") == (fields.text("name"), fields.text("size"), fields.text("size", "-"))
    assert (11, 20, 4) == tuple(fields.at(key).column for key in ("name", "size", "other"))
    assert (5, 14) == tuple(span.column for span in fields.keys.values())


def test_names_of_a_mapping() -> None:
    """The names in a mapping have places of their own."""
    shape = Record("a", "甲", (Key("parts", Named(Text())),))
    fields = read_record(shape, node("{parts: {a: 1, b: 2}}"), Diagnostics(), key="x")

    assert fields is not None
    assert {"a": 13, "b": 19} == {n: span.column for n, span in fields.names("parts").items()}
    assert {} == fields.names("others")


def test_texts_of_a_title() -> None:
    """A title is its texts by language, and nothing where there is none."""
    value, _ = read_text(TITLES, "{zh: 甲, en: a}")

    assert {"zh": "甲", "en": "a"} == texts(value)
    assert {} == texts(None)


@pytest.mark.parametrize("text", ["[1]", "1", "{a: 1}"])
def test_sections(text: str) -> None:
    """A section is a list of items or a mapping from names; anything else is refused."""
    diagnostics, given = Diagnostics(), node(text)
    items = listed_items(given, diagnostics, key="x")
    entries = list(named_entries(given, diagnostics, key="x"))

    assert bool(items) == isinstance(given, Sequence)
    assert bool(entries) == isinstance(given, Mapping)
    assert 2 - bool(items) - bool(entries) == len(diagnostics)


def test_sections_that_are_not_there() -> None:
    """A section that is absent or blank is empty, and nothing more is said."""
    diagnostics = Diagnostics()

    for given in (None, node("")):
        assert () == listed_items(given, diagnostics, key="x")
        assert [] == list(named_entries(given, diagnostics, key="x"))
    assert 0 == len(diagnostics)
