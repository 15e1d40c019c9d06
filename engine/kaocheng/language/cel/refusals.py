"""What CEL's parser says about a text that it refuses, as findings of our own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kaocheng.language.cel import feature_codes, syntax_codes
from kaocheng.language.cel.findings import Finding, shown
from kaocheng.language.cel.forms import MACROS
from kaocheng.language.cel.lint import lint
from kaocheng.language.cel.tokens import tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 100_000

# Lines of the text itself are quoted behind ` | `, so what CEL says begins a line.
_SAID = r"^(?:[A-Z_]+: )?"
_ERROR = re.compile(_SAID + r"ERROR: <input>:(\d+):(\d+): (.*)", re.MULTILINE)
_DEEP = re.compile(
    _SAID + r"(?:ERROR: <input>:\d+:\d+: )?(?:Exceeded max recursion|Expression recursion)",
    re.MULTILINE,
)
_LARGE = re.compile(_SAID + r"(?:Maximum expression node count|expression size)", re.MULTILINE)
_MACRO = re.compile(r"(\w+)\(\) (?:variable name|argument) must be")
_ESCAPE = re.compile(r"Illegal escape sequence")


def refusals(text: str, message: str) -> list[Finding]:
    """Why CEL's parser refuses `text`, given its message; never empty."""
    whole = min(len(text), 1)
    if next(tokens(text), None) is None:
        return [Finding(syntax_codes.EMPTY, 0, whole)]
    if _DEEP.search(message):
        return [Finding(syntax_codes.TOO_DEEP, 0, whole)]
    if is_too_large(message):
        return [Finding(syntax_codes.TOO_LARGE, 0, whole)]
    found = list(_recognised(text, message))
    # Lint reads a refused text as a whole; a refused macro or literal has no fault to lint.
    if not found or "Syntax error" in message:
        found += lint(text)
    return found or [_unreadable(text, message)]


def is_too_large(message: str) -> bool:
    """Whether CEL refuses for the mere size."""
    return _LARGE.search(message) is not None


def _recognised(text: str, message: str) -> Iterator[Finding]:
    """Refusals that are not about the syntax as such."""
    for line, column, said in _ERROR.findall(message):
        at = offset(text, int(line), int(column))
        piece = next(tokens(text[at:]), None)
        end = at + (piece.end if piece else 1)
        seen = shown(text[at:end])
        macro = _MACRO.match(said)
        if macro and macro[1] in MACROS:
            values = {"name": macro[1], "form": MACROS[macro[1]]}
            yield Finding(syntax_codes.MACRO_FORM, at, end, values)
        elif said.startswith("invalid int literal"):
            yield Finding(syntax_codes.NUMBER_RANGE, at, end, {"seen": seen})
        elif said.startswith("invalid uint literal"):
            yield Finding(feature_codes.UNSIGNED, at, end, {"seen": seen})
        elif said.startswith("Invalid bytes literal"):
            yield Finding(feature_codes.BYTES, at, end)
        elif said.startswith("unsupported syntax"):
            mark = text.find("?", at)
            yield Finding(feature_codes.OPTIONAL, mark, mark + 1)
        elif _ESCAPE.search(said):
            yield Finding(syntax_codes.BAD_ESCAPE, at, end, {"seen": seen})


def _unreadable(text: str, message: str) -> Finding:
    """The place where CEL's parser stopped, if it says."""
    place = _ERROR.search(message)
    at = offset(text, int(place[1]), int(place[2])) if place else 0
    piece = next(tokens(text[at:]), None)
    end = at + (piece.end if piece else 1)
    return Finding(syntax_codes.CANNOT_READ, at, end, {"seen": shown(text[at:end])})


def offset(text: str, line: int, column: int) -> int:
    """The offset of a line and column, both from 1; the last place of the text if beyond it."""
    start = 0
    for _ in range(line - 1):
        end = text.find("\n", start)
        if end < 0:
            break
        start = end + 1
    return max(0, min(start + column - 1, len(text) - 1))
