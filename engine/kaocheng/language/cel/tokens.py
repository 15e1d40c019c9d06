"""The pieces of an expression, for reading what CEL's own parser refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

# Text in full-width quotes is bounded, so that quotes without an end are not searched for it anew.
_PIECES = re.compile(
    r"""
    (?P<space>\s+|//[^\n]*)
  | (?P<text>[bBrR]{0,2}(?:'''(?:\\.|[^\\])*?'''|\"\"\"(?:\\.|[^\\])*?\"\"\"
        |'(?:\\.|[^'\\\n\r])*'|"(?:\\.|[^"\\\n\r])*"))
  | (?P<quote>['"][^\n]*)
  | (?P<number>\.?\d\w*(?:\.\d\w*)*(?:\.(?!\w))?)
  | (?P<word>[A-Za-z_]\w*)
  | (?P<operator>&&|\|\||===|!==|==|!=|<=|>=|<>|=<|=>|\*\*|[-+*/%<>!?:.,=&|])
  | (?P<open>[(\[{])
  | (?P<close>[)\]}])
  | (?P<wide>\u201c[^\u201d\n]{0,60}\u201d|\u2018[^\u2019\n]{0,60}\u2019
        |\u300c[^\u300d\n]{0,60}\u300d
        |[\uff01-\uff5e]+
        |[\u3000\u00a0\u3001\u3002]|[\u2018\u2019\u201c\u201d\u300c\u300d])
  | (?P<sign>[\u2264\u2265\u2260\u00d7\u00f7\u2227\u2228\u00ac\u2013\u2014\u2212])
  | (?P<other>.)
    """,
    re.VERBOSE | re.ASCII | re.DOTALL,
)
# Letters that no name may have, and what stands with them.
_FOREIGN = re.compile(r"[^\W_]+")


@frozen
class Token:
    """A piece of the text from `start` to `end`.

    `kind` is text, quote (text that never ends), number, word, operator, open, close,
    wide (a full-width character, or text in full-width quotes), sign (an operator of
    mathematics) or other.
    """

    kind: str
    text: str
    start: int
    end: int

    @property
    def ends_value(self) -> bool:
        """Whether a value can end here."""
        return self.kind in {"text", "number", "word", "close", "other"}

    @property
    def begins_value(self) -> bool:
        """Whether a value can begin here."""
        return self.kind in {"text", "number", "word", "open", "other"} or self.text in {"!", "-"}


def tokens(text: str) -> Iterator[Token]:
    """The pieces of `text` without white space and comments."""
    at = 0
    while at < len(text):
        found = _PIECES.match(text, at)
        if found is None:  # the last alternative takes any character
            return
        kind, end = found.lastgroup or "other", found.end()
        if kind == "other" and (word := _FOREIGN.match(text, at)):
            end = word.end()
        if kind != "space":
            yield Token(kind, text[at:end], at, end)
        at = end
