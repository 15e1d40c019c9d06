"""Files that are right, with the tree that is read from them pinned: text, style and place.

`python tests/syntax/test_good_files.py` writes `good/expected.txt` anew; read the difference
before it is committed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kaocheng.diagnostics import Span
from kaocheng.syntax import Mapping, Node, Scalar, read

GOOD = Path(__file__).parent / "good"
EXPECTED = GOOD / "expected.txt"
FILES = sorted(GOOD.glob("*.yaml"))


def described(path: Path) -> str:
    """The tree of a file, a value in each line."""
    root = read(path).root
    lines = [] if root is None else drawn(root, "")
    return "\n".join([f"== {path.name}", *lines]) + "\n"


def drawn(node: Node, indent: str) -> Iterator[str]:
    """The lines of a tree."""
    if isinstance(node, Scalar):
        yield f"{indent}{place(node.span)} {node.style} {node.text!r}"
    elif isinstance(node, Mapping):
        yield f"{indent}{place(node.span)} mapping"
        for entry in node.entries:
            yield f"{indent}  {place(entry.key.span)} key {entry.key.text!r}"
            yield from drawn(entry.value, indent + "    ")
    else:
        yield f"{indent}{place(node.span)} list"
        for item in node.items:
            yield from drawn(item, indent + "  ")


def place(span: Span) -> str:
    """A span without its file."""
    return f"{span.line}:{span.column}-{span.end_line}:{span.end_column}"


def expectations() -> dict[str, str]:
    """What `expected.txt` says about each file."""
    parts = re.split(r"^(?=== )", EXPECTED.read_text("utf-8"), flags=re.MULTILINE)
    return {part.split("\n", 1)[0].removeprefix("== "): part.rstrip() for part in parts if part}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_nothing_is_wrong(path: Path) -> None:
    """A good file gets no diagnostic, also where it looks much like a mistake."""
    assert () == read(path).diagnostics


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_tree_is_as_expected(path: Path) -> None:
    """A good file is read with exactly the pinned texts, styles and places."""
    expected = expectations()[path.name]

    assert expected == described(path).rstrip()


def test_no_expectation_is_left_over() -> None:
    """`expected.txt` speaks of the files that there are and of no others."""
    assert [path.name for path in FILES] == sorted(expectations())


if __name__ == "__main__":
    EXPECTED.write_text("\n".join(map(described, FILES)), "utf-8")
