"""Places inside a value lead back to the file, whatever the value's quotes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaocheng.diagnostics import Span
from kaocheng.syntax import Mapping, Scalar, Sequence, parse
from kaocheng.syntax.quoting import quoted

# As the expression compiler reports it: characters of the value that are found again in the file.
LETTERS = "abcXYZ019信息😀é_.()=&| "


def value(text: str) -> Scalar:
    """The value of the key `k` in a YAML text."""
    parsed = parse(text, "a.yaml")
    assert () == parsed.diagnostics
    assert isinstance(parsed.root, Mapping)
    node = parsed.root.get("k")
    assert isinstance(node, Scalar)
    return node


def pointed_at(text: str, span: Span) -> str:
    """The characters of a file that a span of one line covers."""
    assert span.line == span.end_line
    return text.split("\n")[span.line - 1][span.column - 1 : span.end_column - 1]


@pytest.mark.parametrize(
    "text",
    [
        "k: a == X\n",
        "k: a ==\n   X\n",
        "k:\n\n  X == a\n",
        'k: "a == X"\n',
        "k: 'a == X'\n",
        "k: 'it''s == X'\n",
        "k: 'a ==\n\n  X'\n",
        'k: "\\"a\\" == X"\n',
        'k: "\\u4fe1\\x41\\U0001F600\\t\\\\ == X"\n',
        'k: "a \\\n   X"\n',
        'k: "a   \n \n  X"\n',
        "k: |\n  a ==\n    X\n",
        "k: >-\n  信息😀 ==\n  X\n",
        "k: | # note\n\n  X\n",
        "k: a ==\r\n   X\r\n",
        'k: "a ==\r\n\r\n   X"\r\n',
        "j: 1\nm: 信息\nk: 信息😀 == X\n",
    ],
)
def test_every_style_leads_back_to_the_file(text: str) -> None:
    """The place of a character in the source of a value is its place in the file."""
    scalar = value(text)
    before = scalar.source[: scalar.source.index("X")]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")

    assert "X" == pointed_at(text, scalar.span_at(line, column))


@given(st.text(LETTERS + "\\\"'\t", min_size=1), st.data())
def test_double_quotes_lead_back_to_the_file(content: str, data: st.DataObject) -> None:
    """However a text is escaped, the place of each plain character of it is exact."""
    text = 'k: "' + content.replace("\\", "\\\\").replace('"', '\\"') + '"\n'
    scalar = value(text)
    index = data.draw(st.integers(0, len(content) - 1))
    char = content[index]
    escaped = {"\\": "\\\\", '"': '\\"'}

    assert content == scalar.source
    assert escaped.get(char, char) == pointed_at(text, scalar.span_at(1, index + 1))


@given(st.text(LETTERS + "\"'", min_size=1), st.data())
def test_single_quotes_lead_back_to_the_file(content: str, data: st.DataObject) -> None:
    """A doubled single quote counts as the one character that it stands for."""
    text = "k: '" + content.replace("'", "''") + "'\n"
    scalar = value(text)
    index = data.draw(st.integers(0, len(content) - 1))
    char = content[index]

    assert content == scalar.source
    assert ("''" if char == "'" else char) == pointed_at(text, scalar.span_at(1, index + 1))


def test_a_stretch_of_several_characters() -> None:
    """A length covers as many characters of the source, and no more than the line has."""
    scalar = value('k: "\\"ab\\" == cd"\n')

    assert Span("a.yaml", 1, 5, 1, 11) == scalar.span_at(1, 1, 4)
    assert Span("a.yaml", 1, 15, 1, 17) == scalar.span_at(1, 9, 99)


def test_a_stretch_ends_with_its_line() -> None:
    """A length that reaches beyond the line of a value over several lines ends with that line."""
    scalar = value("k: |\n  ab\n  cd\n")

    assert Span("a.yaml", 2, 3, 2, 5) == scalar.span_at(1, 3, 99)
    assert Span("a.yaml", 3, 4, 3, 5) == scalar.span_at(2, 4)


def test_a_place_past_the_end_is_the_end() -> None:
    """An error at the end of an expression is shown right behind it."""
    scalar = value("k: a ==\nj: 1\n")

    assert Span("a.yaml", 1, 8, 1, 9) == scalar.span_at(1, 5)
    assert Span("a.yaml", 1, 8, 1, 9) == scalar.span_at(7, 1)
    assert Span("a.yaml", 1, 8, 1, 9) == scalar.span_at(1, 99)


def test_a_place_that_is_none_is_the_whole_value() -> None:
    """An error without a place is shown at the whole value."""
    scalar = value('k: "a + b"\n')

    assert scalar.span == scalar.span_at(-1, -1)
    assert scalar.span == scalar.span_at(0, 1)


@pytest.mark.parametrize(
    ("text", "is_verbatim"),
    [
        ("k: a\n   b\n", True),
        ("k: |\n  a\n", True),
        ("k: 'a'\n", True),
        ('k: "a"\n', True),
        ("k: 'it''s'\n", False),
        ('k: "a\\tb"\n', False),
        ("k: 'a\n  b'\n", False),
        ('k: "a\n  b"\n', False),
    ],
)
def test_verbatim_values_are_compiled_from_the_file(text: str, *, is_verbatim: bool) -> None:
    """Only quoted values with escapes or line breaks are compiled from the decoded text."""
    scalar = value(text)

    assert is_verbatim == scalar.is_verbatim
    assert scalar.source == (scalar.raw if is_verbatim else scalar.text)


def test_a_block_begins_below_its_header() -> None:
    """The raw stretch of a block has neither its header nor the blank lines at its end."""
    scalar = value("k: |  # note\n  a == 1\n\n\nj: 1\n")

    assert ("  a == 1", (2, 1), "a == 1\n") == (scalar.raw, scalar.raw_start, scalar.text)
    assert Span("a.yaml", 1, 4, 2, 9) == scalar.span


def test_mappings_answer_by_key() -> None:
    """A mapping gives the value of a key, None for one that it has not, and its keys in order."""
    root = parse("b: 1\na: [x, y]\n", "a.yaml").root
    assert isinstance(root, Mapping)
    items = root.get("a")

    assert ("b", "a") == root.keys()
    assert isinstance(items, Sequence)
    assert ["x", "y"] == [item.text for item in items.items if isinstance(item, Scalar)]
    assert root.get("c") is None


@given(st.text(LETTERS + "\\\"'#:", max_size=40))
def test_examples_can_be_pasted(content: str) -> None:
    """What a message proposes in double quotes is read as exactly the text that it was made of."""
    assert content.strip() == value(f"k: {quoted(content)}\n").text


def test_long_examples_are_cut_short() -> None:
    """Only the beginning of a long text is proposed, on one line."""
    assert '"' + ("ab " * 20).rstrip() + '…"' == quoted("ab\n" * 60)
