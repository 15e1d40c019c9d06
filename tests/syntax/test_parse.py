"""What a tree holds, what ends the reading, and hostile files."""

from __future__ import annotations

import time

import pytest

from kaocheng.diagnostics import Span
from kaocheng.syntax import Limits, Mapping, Parsed, Scalar, Sequence, parse
from kaocheng.syntax.tree import Node

LONGEST_TIME = 20.0  # seconds; what is not bounded takes minutes or ends the process


def names(parsed: Parsed) -> list[str]:
    """The names of what was reported, in order."""
    return [item.code.name for item in parsed.diagnostics]


def plain(node: Node | None) -> object:
    """A tree as lists, dictionaries and texts."""
    if isinstance(node, Mapping):
        return {entry.key.text: plain(entry.value) for entry in node.entries}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return None if node is None else node.text


def test_nothing_is_typed_by_its_looks() -> None:
    """Every value is the text that was written, whatever YAML would make of it."""
    text = "a: 17:00\nb: no\nc: 010\nd: 2009.10\ne: [1_000, 2009-03-01, .inf]\n"
    expected = {
        "a": "17:00",
        "b": "no",
        "c": "010",
        "d": "2009.10",
        "e": ["1_000", "2009-03-01", ".inf"],
    }

    assert expected == plain(parse(text, "a.yaml").root)


def test_a_byte_order_mark_takes_no_column() -> None:
    """Columns are those that an editor shows, with a byte order mark and without."""
    assert parse("k: 信 # x\n", "a.yaml") == parse("\ufeffk: 信 # x\n", "a.yaml")


def test_columns_count_characters() -> None:
    """A column is a character, neither a byte nor half of a pair."""
    root = parse("😀信: x\n", "a.yaml").root

    assert isinstance(root, Mapping)
    assert Span("a.yaml", 1, 5, 1, 6) == root.entries[0].value.span


def test_windows_line_ends_change_no_place() -> None:
    """A file has the same places with either kind of line end."""
    text = "a:\n  - b: 'x'\n    c: |\n      y\n      z\n  - d ==\n    e\n"
    expected = [item.span for item in nodes(parse(text, "a.yaml").root)]

    assert expected == [
        item.span for item in nodes(parse(text.replace("\n", "\r\n"), "a.yaml").root)
    ]


def nodes(node: Node | None) -> list[Node]:
    """A node and all below it."""
    if isinstance(node, Mapping):
        return [node, *(inner for entry in node.entries for inner in nodes(entry.value))]
    if isinstance(node, Sequence):
        return [node, *(inner for item in node.items for inner in nodes(item))]
    return [] if node is None else [node]


def test_all_problems_come_at_once() -> None:
    """Whatever does not stop the parser is reported together, in the order of the file."""
    parsed = parse("a: 1\na: 2\nb:\nc: !x\nd: &e 1\nf: *e\n<<: {g: 1}\n[h]: 1\n", "a.yaml")
    expected = ["duplicate-key", "no-value", "tag", "anchor", "alias", "merge-key", "bad-key"]

    assert expected == names(parsed)


def test_problems_before_the_end_of_reading_are_kept() -> None:
    """What was found before the parser had to stop is reported with the reason why it did."""
    parsed = parse("a: 1\na: 2\nb: c: d\n", "a.yaml")

    assert ["duplicate-key", "colon-in-value"] == names(parsed)
    assert parsed.root is None


def test_the_reason_for_stopping_speaks_for_its_line() -> None:
    """Nothing else is said about the line that the parser stopped at."""
    assert ["unclosed-bracket"] == names(parse("a: {b", "a.yaml"))


def test_refused_values_are_blank() -> None:
    """A value that was refused stays in the tree as a blank, so that its key is not missed."""
    root = parse("a: !x 1\nb:\nc: *d\ne: ~\nf: [~]\n", "a.yaml").root

    assert {"a": "", "b": "", "c": "", "e": "", "f": [""]} == plain(root)
    assert all(item.is_blank for item in nodes(root) if isinstance(item, Scalar))


def test_empty_quotes_are_not_blank() -> None:
    """An empty text that was written is a value."""
    root = parse('a: ""\n', "a.yaml").root

    assert isinstance(root, Mapping)
    value = root.get("a")
    assert isinstance(value, Scalar)
    assert not value.is_blank


def test_a_second_key_does_not_count() -> None:
    """Of two equal keys the first stays in the tree, so that a mapping has each key once."""
    assert {"a": "1", "b": "3"} == plain(parse("a: 1\na: 2\nb: 3\n", "a.yaml").root)


def test_keys_are_compared_as_texts() -> None:
    """A key in quotes and the same key without are equal."""
    assert ["duplicate-key"] == names(parse("a: 1\n'a': 2\n", "a.yaml"))


def test_refused_keys_take_their_values_along() -> None:
    """What stands below a key that is none is read and not kept."""
    assert {"b": "2"} == plain(parse("[a]: {x: 1}\n<<: {y: 1}\nb: 2\n", "a.yaml").root)


def test_merge_keys_are_reported_once() -> None:
    """The aliases after a merge key belong to the same mistake."""
    assert ["merge-key"] == names(parse("a:\n  <<: [*b, *c]\n  d: 1\n", "a.yaml"))


def test_a_mapping_in_brackets_ends_at_its_bracket() -> None:
    """The span of brackets includes them; that of a mapping without ends with its last value."""
    root = parse("a: {b: [1, 2]}\nc:\n  - d: 1\n\n\ne: 2\n", "a.yaml").root

    assert isinstance(root, Mapping)
    assert [
        Span("a.yaml", 1, 4, 1, 15),
        Span("a.yaml", 3, 3, 3, 9),
        Span("a.yaml", 6, 4, 6, 5),
    ] == [entry.value.span for entry in root.entries]


@pytest.mark.parametrize(
    ("text", "limits", "name"),
    [
        ("[" * 5, Limits(depth=4), "too-deep"),
        ("- [[[a]]]\n", Limits(depth=3), "too-deep"),
        ("[1, 2, 3]", Limits(events=7), "too-many-values"),
        ("a: 信息\n", Limits(size=5), "file-too-large"),
        ("a:\nb:\nc:\n", Limits(problems=3), "too-many-problems"),
    ],
)
def test_a_limit_ends_the_reading(text: str, limits: Limits, name: str) -> None:
    """Beyond a limit nothing is read, and the last thing said is which limit it was."""
    parsed = parse(text, "a.yaml", limits=limits)

    assert name == names(parsed)[-1]
    assert parsed.root is None


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("- [[a]]\n", Limits(depth=3)),
        ("[1, 2, 3]", Limits(events=8)),
        ("a: 信\n", Limits(size=5)),
        ("a: 'abc'\n", Limits(scalar=5)),
        ("a:\nb:\n", Limits(problems=3)),
    ],
)
def test_a_limit_itself_is_allowed(text: str, limits: Limits) -> None:
    """What is exactly as much as the limit says is read."""
    assert parse(text, "a.yaml", limits=limits).root is not None


def test_a_value_that_is_too_long_is_blank() -> None:
    """One value that is too long does not keep the others from being read."""
    parsed = parse("a: 'abc'\nb: 2\n", "a.yaml", limits=Limits(scalar=4))

    assert ["value-too-long"] == names(parsed)
    assert {"a": "", "b": "2"} == plain(parsed.root)


def nested_aliases() -> str:
    """Nine lists, each of nine times the one before: a billion items if they were expanded."""
    first = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    others = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)]
    return first + "".join(others)


HOSTILE = {
    "brackets": ("[" * 100_000, ["too-deep"]),
    "braces": ("{a: " * 100_000, ["too-deep"]),
    "dashes": ("- " * 100_000 + "a\n", ["too-deep"]),
    "lines of brackets": ("[\n" * 100_000, ["too-deep"]),
    "closing brackets": ("a: 1" + "]" * 90_000, []),
    "keys": ("".join(f"k{n}: 1\n" for n in range(1_000_000)), ["file-too-large"]),
    "short keys": ("".join(f"{n}: 1\n" for n in range(150_000)), ["too-many-values"]),
    "same key": ("a: 1\n" * 300_000, ["duplicate-key"] * 100 + ["too-many-problems"]),
    "no values": ("a:\n" * 300_000, None),
    "long value": ("a: " + "x" * 1_900_000, ["value-too-long"]),
    "long block": ("a: |\n" + "  x\n" * 400_000, ["value-too-long"]),
    "long quote": ('a: "' + "x" * 1_900_000, ["unclosed-quote"]),
    "long key": ("k" * 1_900_000 + ": 1", ["key-too-long"]),
    "blanks": ("a: b" + " " * 1_900_000 + "c\n", ["value-too-long"]),
    "blank lines": ("a:\n" + "\n" * 1_900_000 + "  b: 1\n", []),
    "comments": ("a: 1\n" + "# x\n" * 400_000, []),
    "directives": ("%TAG !a! x\n" * 150_000, ["directive"]),
    "late directives": ("a: 1\n...\n" + "%TAG !a! x\n" * 150_000, ["directive"]),
    "documents": ("---\n" * 400_000, None),
    "quotes": ("a: " + "'" * 1_900_000, None),
    "quotes in brackets": ("a: [b" + " '" * 900_000, None),
    "broken comment": ("a: b\n" * 1_000 + "c: x #" + " ' \"" * 400_000 + "\n  d", None),
    "wide colons": ("：" * 90_000, []),
    "tag": ("a: !" + "x" * 1_900_000, ["tag"]),
    "anchor": ("a: &" + "x" * 1_900_000, ["anchor"]),
    "truncated": ("rules:\n  - id: a\n    when: {b: [c, 'd", ["unclosed-quote"]),
    "binary": ("\x00\x01\x02" * 500_000, ["control-character"]),
}


@pytest.mark.parametrize(("text", "expected"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_files_are_answered_at_once(text: str, expected: list[str] | None) -> None:
    """A file made to exhaust the reader gets a clear answer in little time."""
    started = time.perf_counter()
    parsed = parse(text, "a.yaml")

    assert time.perf_counter() - started < LONGEST_TIME
    assert expected is None or expected == names(parsed)
    assert len(parsed.diagnostics) <= Limits().problems + 1


def test_aliases_are_never_expanded() -> None:
    """A bomb of aliases is refused one alias at a time, up to the limit."""
    parsed = parse(nested_aliases(), "a.yaml")

    assert ["anchor", "anchor", *["alias"] * 9] == [names(parsed)[0], *names(parsed)[1:11]]
    assert len(parsed.diagnostics) <= Limits().problems + 1


def test_an_alias_of_itself_is_refused() -> None:
    """A value that contains itself is refused like any other alias."""
    parsed = parse("a: &a [*a]\n", "a.yaml")

    assert ["anchor", "alias"] == names(parsed)
    assert {"a": [""]} == plain(parsed.root)
