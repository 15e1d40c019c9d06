"""The located tree: what stands in a YAML file, with the place of every key and value.

A tree says what was written and nothing about what it means: `2009.10`, `no` and `17:00`
are the texts that they look like, until a reader of `kaocheng.syntax.scalars` is told
what to expect.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from attrs import frozen

from kaocheng.diagnostics import Span
from kaocheng.syntax.quoting import origins

Style: TypeAlias = Literal["plain", "single", "double", "literal", "folded"]


@frozen
class Scalar:
    """A single value: its text, its place, and the stretch of the file that it was read from.

    `raw` is that stretch without quotes and without the header line of a block of text;
    `raw_start` is the line and the column where it begins. A plain scalar with an empty
    text stands for a value that was missing or refused, which has been reported.
    """

    text: str
    span: Span
    style: Style
    raw: str
    raw_start: tuple[int, int]

    @property
    def is_blank(self) -> bool:
        """Whether the value was missing or refused; that has been reported already."""
        return self.style == "plain" and not self.text

    @property
    def is_verbatim(self) -> bool:
        """Whether an expression may be compiled from the file as it stands."""
        if self.style == "single":
            return "'" not in self.raw and "\n" not in self.raw
        if self.style == "double":
            return "\\" not in self.raw and "\n" not in self.raw
        return True

    @property
    def source(self) -> str:
        """What an expression is compiled from; `span_at` maps its places back to the file.

        Blocks and plain text over several lines are compiled as they stand in the file, so
        that a comment of the expression language ends at its own line.
        """
        return self.raw if self.is_verbatim else self.text

    @property
    def beginning(self) -> Span | None:
        """Where `source` begins, if it stands on one line as it is; else None."""
        if "\n" in self.raw or not self.is_verbatim:
            return None
        line, column = self.raw_start
        return Span(self.span.file, line, column, line, column)

    def span_at(self, line: int, column: int, length: int = 1) -> Span:
        """The place in the file of a line and column of `source`, both 1-based.

        What lies past the end is the end, and a place before the beginning, as of an error
        that has none, is the whole value.
        """
        if line < 1 or column < 1:
            return self.span
        source = self.source
        first = _offset(source, line, column)
        last = min(first + length, _line_end(source, first))
        begin = self._place(first)
        end = self._place(last) if last > first else (begin[0], begin[1] + 1)
        return Span(self.span.file, *begin, *end)

    def _place(self, offset: int) -> tuple[int, int]:
        """The line and column in the file of an offset into `source`."""
        if not self.is_verbatim:
            offset = origins(self.raw, self.style)[offset]
        line, column = self.raw_start
        breaks = self.raw.count("\n", 0, offset)
        if breaks == 0:
            return line, column + offset
        return line + breaks, offset - self.raw.rfind("\n", 0, offset)


@frozen
class Entry:
    """A key of a mapping and its value."""

    key: Scalar
    value: Node


@frozen
class Mapping:
    """Keys and their values, in the order of the file; no key occurs twice."""

    entries: tuple[Entry, ...]
    span: Span

    def get(self, name: str) -> Node | None:
        """The value of the key `name`, or None."""
        return next((entry.value for entry in self.entries if entry.key.text == name), None)

    def keys(self) -> tuple[str, ...]:
        """The keys in the order of the file."""
        return tuple(entry.key.text for entry in self.entries)


@frozen
class Sequence:
    """The items of a list, in the order of the file."""

    items: tuple[Node, ...]
    span: Span


Node: TypeAlias = Scalar | Mapping | Sequence


def _offset(text: str, line: int, column: int) -> int:
    """The offset of a 1-based line and column, never past the end of that line."""
    start = 0
    for _ in range(line - 1):
        end = _line_end(text, start)
        if end == len(text):
            return end
        start = end + 1
    return min(start + column - 1, _line_end(text, start))


def _line_end(text: str, offset: int) -> int:
    end = text.find("\n", offset)
    return len(text) if end < 0 else end
