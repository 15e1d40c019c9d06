"""Explanations as values: a heading, and lines in two languages that may have lines below them."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from kaocheng.rendering.values import printable


@frozen
class Line:
    """One sentence of an explanation in both languages, and what it rests on."""

    en: str
    zh: str
    below: tuple[Line, ...] = ()

    def text(self, language: str) -> str:
        """The sentence in `language` (`en` or `zh`)."""
        return self.zh if language == "zh" else self.en


@frozen(kw_only=True)
class Explanation:
    """Why one row of a rule is what it is, or why the rule gives the case none.

    `present` says which of the two; the first of the lines says of which row.
    """

    rule: str
    present: bool
    heading: Line
    lines: tuple[Line, ...]

    def texts(self, language: str) -> Iterator[str]:
        """All lines with their indentation."""
        yield printable(self.heading.text(language))
        for line in self.lines:
            yield from _indented(line, language, 1)


def _indented(line: Line, language: str, depth: int) -> Iterator[str]:
    yield "  " * depth + printable(line.text(language))
    for below in line.below:
        yield from _indented(below, language, depth + 1)
