"""From offsets in the text of an expression to spans of its file."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Protocol

from attrs import frozen

from kaocheng.diagnostics import Span

if TYPE_CHECKING:
    from kaocheng.language.cel.findings import Finding


class Scalar(Protocol):
    """The text of an expression in its file; `kaocheng.syntax` reads YAML into such."""

    @property
    def source(self) -> str:
        """The text as it stands in the file."""

    @property
    def beginning(self) -> Span | None:
        """Where `source` begins, if it stands on one line as it is; else None."""

    def span_at(self, line: int, column: int, length: int = 1) -> Span:
        """The place in the file of a line and column of `source`, both from 1."""


@frozen
class Text:
    """An expression that is in no YAML file: on a command line, or in a test."""

    source: str
    file: str = "expression"
    beginning: Span | None = None

    def span_at(self, line: int, column: int, length: int = 1) -> Span:
        """The place itself."""
        return Span(self.file, line, column, line, column + length)


class Places:
    """Turns offsets in code points into spans, line by line as CEL counts them."""

    def __init__(self, scalar: Scalar) -> None:
        self._scalar = scalar
        self._beginning = scalar.beginning
        source = scalar.source
        self._size = len(source)
        self._starts = [0]
        if self._beginning is None:
            self._starts += [at + 1 for at, sign in enumerate(source) if sign == "\n"]

    def span(self, start: int, end: int) -> Span:
        """The span of a token; of one that runs over several lines, its first line."""
        first = self._beginning
        if first is not None:  # as nearly always
            start = min(start, self._size)
            end = max(min(end, self._size), start + 1)
            line, column = first.line, first.column
            return Span(first.file, line, column + start, line, column + end)
        line = bisect_right(self._starts, start)
        if line < len(self._starts):
            end = min(end, self._starts[line] - 1)
        column = start - self._starts[line - 1] + 1
        return self._scalar.span_at(line, column, max(1, end - start))

    def of(self, finding: Finding) -> Span:
        """The span of a finding."""
        return self.span(finding.start, finding.end)
