"""The text of a file and the places in it, for whoever reports on it by offset."""

from __future__ import annotations

import re

from attrs import frozen

from kaocheng.diagnostics import Span
from kaocheng.syntax.quoting import quoted

# What may stand before a value on its line: dashes of list items, a key.
_LEAD = re.compile(r"""[ ]*(?:-[ ]+)*(?:[^\s:'"#\[{][^:'"#\[{]*:[ ]+)?""")
_ITEM_LEAD = re.compile(r"^[ ]*|(?:[\[{,]|: )[ ]*", re.MULTILINE)
_COMMENT = re.compile(r"[ \t]+#.*")
_PAIRS = {"(": ")", "[": "]", "{": "}"}
# A quote opens a text only where a value or an operand may begin: not in `it's`.
_TOKEN = re.compile(
    r"""(?<!\w)'(?:[^'\n]|'')*'|(?<!\w)"(?:[^"\\\n]|\\.)*"|(?<![^\s\[\]{},"'])\#[^\n]*|[()\[\]{},]"""
)


@frozen
class Stretch:
    """From where to where something stands in the text, as offsets."""

    start: int
    end: int


@frozen
class Source:
    """The text of a file; offsets count code points from 0."""

    text: str
    file: str

    def span(self, start: int, end: int) -> Span:
        """The span from one offset up to another; never empty, so that it can be shown."""
        end = max(end, start)
        line, column = self.place(start)
        end_line, end_column = self.place(end)
        if start == end:
            end_column += 1
        return Span(self.file, line, column, end_line, end_column)

    def place(self, offset: int) -> tuple[int, int]:
        """The line and column of an offset, both 1-based."""
        return self.text.count("\n", 0, offset) + 1, offset - self.line_start(offset) + 1

    def line_start(self, offset: int) -> int:
        """Where the line of an offset begins."""
        return self.text.rfind("\n", 0, offset) + 1

    def line_end(self, offset: int) -> int:
        """Where the text of the line of an offset ends, before its break and trailing blanks."""
        end = self.text.find("\n", offset)
        end = len(self.text) if end < 0 else end
        return offset + len(self.text[offset:end].rstrip(" \t\r"))

    def line(self, offset: int) -> str:
        """The line of an offset."""
        start = self.line_start(offset)
        return self.text[start : self.line_end(start)]

    def indentation(self, offset: int) -> int:
        """By how many spaces the line of an offset is indented."""
        line = self.line(offset)
        return len(line) - len(line.lstrip(" "))

    def begins_line(self, offset: int) -> bool:
        """Whether only blanks stand before an offset on its line."""
        return not self.text[self.line_start(offset) : offset].strip(" \t")

    def value_start(self, offset: int, *, in_brackets: bool) -> int:
        """Where the value begins that an offset stands in, on the line of the offset."""
        start = self.line_start(offset)
        if in_brackets:
            *_, start = (lead.end() for lead in _ITEM_LEAD.finditer(self.text, start, offset))
            return start
        lead = _LEAD.match(self.text, start, offset)
        return offset if lead is None else lead.end()

    def value_end(self, start: int, *, in_brackets: bool) -> int:
        """Where the writer meant the value to end that begins at `start`.

        That is the end of the line or its comment, and inside brackets the comma or the
        bracket that ends the item; brackets of the value itself are passed over.
        """
        if in_brackets:
            found = self._item_end(start)
            if found is not None:
                return found
        end = self.line_end(start)
        comment = _COMMENT.search(self.text, start, end)
        return end if comment is None else comment.start()

    def example(self, start: int, *, in_brackets: bool = False, through: int = 0) -> str:
        """The value that begins at `start` and goes on at least to `through`, in double quotes."""
        end = self.value_end(max(start, through), in_brackets=in_brackets)
        return quoted(self.text[start:end])

    def word(self, start: int, *, in_brackets: bool) -> str:
        """The value that begins at `start`, up to its first blank."""
        value = self.text[start : self.value_end(start, in_brackets=in_brackets)]
        return value.split(maxsplit=1)[0] if value.strip() else self.text[start : start + 1]

    def closing(self, start: int) -> int | None:
        """Where the bracket that opens at `start` is closed, or None."""
        expected: list[str] = []
        for token in _TOKEN.finditer(self.text, start):
            char = token.group()
            if char in _PAIRS:
                expected.append(_PAIRS[char])
            elif char in _PAIRS.values():
                if char != expected.pop():
                    return None
                if not expected:
                    return token.start()
        return None

    def _item_end(self, start: int) -> int | None:
        depth = 0
        for token in _TOKEN.finditer(self.text, start):
            char = token.group()
            if depth == 0 and char in ",]}":
                return start + len(self.text[start : token.start()].rstrip())
            depth += (char in _PAIRS) - (char in _PAIRS.values())
        return None
