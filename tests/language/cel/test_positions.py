"""Where the parts of an expression stand in their file."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from kaocheng.diagnostics import Diagnostics, Span
from kaocheng.language.cel import FrontEnd, Text
from kaocheng.language.expressions import Expr
from kaocheng.language.types import Type
from kaocheng.syntax import Mapping as MappingNode
from kaocheng.syntax import Scalar, parse


def scalar_in(text: str) -> Scalar:
    """The value of the only key of a YAML text."""
    root = parse(text, "rules.yaml").root
    assert isinstance(root, MappingNode)
    (entry,) = root.entries
    assert isinstance(entry.value, Scalar)
    return entry.value


def pieces(text: str, expr: Expr) -> list[str]:
    """What the spans of all nodes cover, outermost first; each stays within its line."""
    lines = text.split("\n")
    spans = [node.span for node in expr.walk()]
    assert all(span.line == span.end_line for span in spans)
    return [lines[span.line - 1][span.column - 1 : span.end_column - 1] for span in spans]


COVERED = {
    "n + 1 <= 2 ? s : 'x'": ["?", "<=", "+", "n", "1", "2", "s", "'x'"],
    "r.unit.class == 'county'": ["==", "class", "unit", "unit", "r", "'county'"],
    "r . unit\n  .class": ["class", "unit", "unit", "r"],
    "year ( d ) == -2020": ["==", "year", "d", "-2020"],
    "s.startsWith('紧急') && !b": ["&&", "startsWith", "s", "'紧急'", "!", "b"],
    "'😀' + s == '紧急' // 注释": ["==", "+", "'😀'", "s", "'紧急'"],
    "has(r . amount)": ["has", "amount", "r"],
    "n in [1, 2]": ["in", "n", "[", "1", "2"],
    "r.adoptions.exists(x, x.at == t)": ["exists", "adoptions", "r", "==", "at", "x", "t"],
    "quota('county', r.level)": ["quota", "'county'", "level", "r"],
    "t + duration('1h')": ["+", "t", "duration"],
    "'''a\nb''' + s": ["+", "'''a", "s"],
    "b &&\r\n  n == 1": ["&&", "b", "==", "n", "1"],
}


@pytest.mark.parametrize("text", COVERED)
def test_a_span_covers_the_word_or_sign_of_its_node(
    text: str, front_end: FrontEnd, variables: Mapping[str, Type]
) -> None:
    """Each node points at the name, operator or literal that it was written with."""
    expr = front_end.compile(Text(text), variables, diagnostics=Diagnostics())

    assert expr is not None
    assert COVERED[text] == pieces(text, expr)


IN_YAML = {
    "plain": ("when: s == '紧急' && r.sevrity > 1\n", [(1, 22, 29)]),
    "single quotes": ("when: 'b && r.sevrity > 1'\n", [(1, 15, 22)]),
    "double quotes": ('when: "b && r.sevrity > 1"\n', [(1, 15, 22)]),
    "block": ("when: |\n  s == '紧急'\n  && r.sevrity > nn\n", [(3, 8, 15), (3, 18, 20)]),
    "folded block": ("when: >\n  s == '紧急'\n  && r.sevrity > 1\n", [(3, 8, 15)]),
    "several plain lines": ("when: s == '紧急'\n  && r.sevrity > 1\n", [(2, 8, 15)]),
    "a syntax error": ("when: |\n  s == '紧急' &&\n  (n = 1\n", [(3, 6, 7)]),
    "an error at the end": ("when: |\n  b &&\n", [(2, 5, 7)]),
}


@pytest.mark.parametrize("style", IN_YAML)
def test_errors_point_into_the_yaml_file(
    style: str, front_end: FrontEnd, variables: Mapping[str, Type]
) -> None:
    """However the expression is written in YAML, an error has its line and column in the file."""
    text, places = IN_YAML[style]
    diagnostics = Diagnostics()
    front_end.compile(scalar_in(text), variables, diagnostics=diagnostics)

    expected = [Span("rules.yaml", line, start, line, end) for line, start, end in places]
    assert expected == [found.span for found in diagnostics]
