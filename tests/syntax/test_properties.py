"""What holds for any text: no exception, places inside the file, the same texts as YAML's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml
from hypothesis import assume, example, given
from hypothesis import strategies as st

from kaocheng.syntax import Mapping, Node, Parsed, Scalar, Sequence, parse
from kaocheng.syntax.quoting import origins
from kaocheng.syntax.reading import parse_bytes

GOOD = [path.read_text("utf-8") for path in sorted((Path(__file__).parent / "good").glob("*.yaml"))]
BAD = [
    path.read_bytes().decode("utf-8", "replace")
    for path in sorted((Path(__file__).parent / "bad").glob("*.yaml"))
]
PIECES = [
    *"\n\r\t :-#'\"[]{},&*!|>%@`?\\~ab1.：，“　\u2028\u0085\ufeff\x00",
    *(": ", " #", "- ", "\n  ", "\n- ", "&& ", "<<: ", "---\n", "...\n", '"x"', "'y'", "\\u00e9"),
]


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A file of the corpus with a few stretches replaced, as a slip of the hand would."""
    text = draw(st.sampled_from(GOOD + BAD))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 5)))
        text = text[:start] + draw(st.sampled_from(["", *PIECES])) + text[end:]
    return text


TEXTS = st.one_of(
    st.text(max_size=80), st.lists(st.sampled_from(PIECES), max_size=40).map("".join), mutated()
)


def check(parsed: Parsed, text: str) -> None:
    """A parse says something or has a tree, and points into the file."""
    lines = text.split("\n")
    assert parsed.diagnostics or parsed.root is not None
    for item in parsed.diagnostics:
        assert item.span.line <= len(lines)
        assert item.span.column <= len(lines[item.span.line - 1]) + 1
        for language in ("en", "zh"):
            assert item.message(language)
            assert "{" not in item.code.help_en or item.help(language)


@given(TEXTS)
@example("[a: b]\n c")
@example("a: |")
@example("a: b #")
@example("- a:\n  - #'")
def test_parse_never_raises(text: str) -> None:
    """Any text is read or refused, and what is said about it points into it."""
    check(parse(text, "a.yaml"), text.removeprefix("\ufeff"))


@given(st.binary(max_size=200))
@example(b"\xff\xfea\x00")
@example(b"\xef\xbb\xbf\xff")
@example("标题: 要点\n".encode("gbk"))
def test_bytes_never_raise(data: bytes) -> None:
    """Any bytes are read or refused."""
    parsed = parse_bytes(data, "a.yaml")

    assert parsed.diagnostics or parsed.root is not None


def scalars(node: Node | None) -> Iterator[Scalar]:
    """The single values and keys of a tree."""
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Mapping):
        for entry in node.entries:
            yield entry.key
            yield from scalars(entry.value)
    elif node is not None:
        for item in node.items:
            yield from scalars(item)


@given(TEXTS)
def test_spans_slice_back_to_what_was_read(text: str) -> None:
    """The span of a value covers its source in the file, with its quotes or its header."""
    root = parse(text, "a.yaml").root
    text = text.removeprefix("\ufeff")
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)

    for scalar in scalars(root):
        assume(not scalar.is_blank)
        span = scalar.span
        first = starts[span.line - 1] + span.column - 1
        last = starts[span.end_line - 1] + span.end_column - 1
        begin = starts[scalar.raw_start[0] - 1] + scalar.raw_start[1] - 1

        assert scalar.raw == text[begin : begin + len(scalar.raw)]
        if scalar.style == "plain":
            assert scalar.raw == text[first:last]
        elif scalar.style in ("single", "double"):
            quote = "'" if scalar.style == "single" else '"'
            assert f"{quote}{scalar.raw}{quote}" == text[first:last]
        else:
            assert text[first:last].endswith(scalar.raw)
            assert text[first] in "|>"


@given(TEXTS)
def test_quoted_values_know_the_origin_of_every_character(text: str) -> None:
    """The map of a quoted value has one place for each of its characters, in order."""
    for scalar in scalars(parse(text, "a.yaml").root):
        if scalar.style in ("single", "double"):
            places = origins(scalar.raw, scalar.style)

            assert len(scalar.text) + 1 == len(places)
            assert list(places) == sorted(places)
            assert len(scalar.raw) == places[-1]


@given(st.lists(st.sampled_from([*" \n\t'ab\\\"", "''", "\\n", "\\\n", "\r\n"]), max_size=25))
def test_folded_quotes_know_the_origin_of_every_character(pieces: list[str]) -> None:
    """The map also holds where quoted text is folded over lines and escaped at their ends."""
    text = "".join(pieces)
    for quote in ("'", '"'):
        root = parse(f"- {quote}{text}{quote}\n", "a.yaml").root
        for scalar in scalars(root):
            if scalar.style in ("single", "double"):
                places = origins(scalar.raw, scalar.style)

                assert len(scalar.text) + 1 == len(places)
                assert all(
                    scalar.raw[place] == char
                    for char, place in zip(scalar.text, places, strict=False)
                    if char in "ab"
                )


@given(TEXTS)
def test_texts_are_those_of_yaml(text: str) -> None:
    """Where nothing is wrong, the values are those that YAML's own reader gives as texts."""
    parsed = parse(text, "a.yaml")
    assume(not parsed.diagnostics)

    class Texts(yaml.CSafeLoader):
        """Reads every value as a text."""

        yaml_implicit_resolvers: dict[str, object] = {}  # noqa: RUF012 - as in its base

    assert plain(yaml.load(text, Loader=Texts)) == plain(parsed.root)  # noqa: S506


def plain(value: object) -> object:
    """A tree, ours or YAML's, as nested tuples of texts."""
    if isinstance(value, Scalar | str):
        return value.text if isinstance(value, Scalar) else value
    if isinstance(value, Mapping):
        return tuple((entry.key.text, plain(entry.value)) for entry in value.entries)
    if isinstance(value, dict):
        return tuple((key, plain(inner)) for key, inner in value.items())
    items = value.items if isinstance(value, Sequence) else value
    assert isinstance(items, Iterable)
    return tuple(plain(item) for item in items)
