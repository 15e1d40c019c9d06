"""What YAML reads without complaint and otherwise than its writer meant.

Each check looks at one value or key that has been read, and returns what to report or None.
They are guesses, so each asks for a sign that a rule or a text would hardly bear by chance,
and double quotes always say that the text is meant as it stands.
"""

from __future__ import annotations

import re

from kaocheng.diagnostics import Code, Diagnostic
from kaocheng.syntax import codes
from kaocheng.syntax.places import Source, Stretch
from kaocheng.syntax.quoting import shown

_OPERATOR = re.compile(r"&&|\|\||[=!<>]=|[<>?]|\w\(")
_SURE_OPERATOR = re.compile(r"&&|\|\||[=!<>]=")
_CARRIES_ON = re.compile(r"[ \t]*(?:&&|\|\||[!<>]=|==(?!=)|\? )")
_UNFINISHED = re.compile(r"(?:&&|\|\||[=!<>]=|[<>?+*])$")
_QUOTED = re.compile(r"""(?<!\w)(['"]).*?\1""")  # not the apostrophe of `it's`
_OPENING_QUOTE = re.compile(r"""(?<!\w)['"]""")
# A key of a decision table may compare; no expression begins with a comparison.
_KEY_COMPARISON = re.compile(r"[<>]=?[^=!<>&|?]*")
_KEY_EXPRESSION = re.compile(r"\s\?\s|&&|\|\||[=!<>]=")

_SLIPS = (
    (codes.FULL_WIDTH_COLON, re.compile(r"""(["']?)\w[\w-]*\1[ \t]*(?P<at>：)[ \t\u3000]*""")),
    (codes.WIDE_SPACE, re.compile(r"(?:\w[\w-]*:|-)?(?P<at>[\u3000\xa0])")),
    (codes.NO_SPACE_AFTER_COLON, re.compile(r"""(?P<at>)(["']?)[^\W\d]\w*\2:(?=[^\s/])""")),
    (codes.NO_SPACE_AFTER_DASH, re.compile(r"""(?P<at>)-(?=[^\W\d]|["'])""")),
)
_ASCII_KEY = re.compile(r"\s*[A-Za-z_]\w*\s*[:：]")
_DASH_ITEM = re.compile(r"""-(?=[^\W\d]|["'])""")
_WIDE_COMMA = re.compile("[，、]")
_WIDE_COMMA_LIST = re.compile(r"[\w.-]+(?:[，、]\s*[\w.-]+)+", re.ASCII)
_WIDE_COMMA_KEY = re.compile(r"[，、]\s*[A-Za-z_][A-Za-z0-9_]*\s*：")


def slip(source: Source, key: Stretch, *allowed: Code) -> Diagnostic | None:
    """What is wrong with the spaces or the punctuation of the key or item that begins here."""
    for code, pattern in _SLIPS:
        found = pattern.match(source.text, key.start, key.end)
        if found is not None and (not allowed or code in allowed):
            return _slipped(source, code, found, key.end)
    return None


def _slipped(source: Source, code: Code, found: re.Match[str], end: int) -> Diagnostic:
    line = source.text[found.start() : end]
    at = found.start("at")
    if code is codes.WIDE_SPACE:
        char = f"U+{ord(source.text[at]):04X}"
        return Diagnostic(code, source.span(at, at + 1), {"char": char})
    head = found.group().replace("：", ":").rstrip(" \t\u3000")
    tail = line[len(found.group()) :]
    values = {"seen": shown(line), "fixed": shown(f"{head} {tail}".rstrip())}
    if code is codes.FULL_WIDTH_COLON:
        return Diagnostic(code, source.span(at, at + 1), {"fixed": values["fixed"]})
    return Diagnostic(code, source.span(at, end), values)


def cut_by_comment(source: Source, value: Stretch) -> Diagnostic | None:
    """A comment that was meant to belong to the plain value before it.

    A `#` after a space ends a plain value. That is a slip when what is left is plainly a
    part: a quote or a bracket is open, an operator stands at its end or after the `#`. Where
    both sides look like an expression, two spaces before the `#` say that a comment is meant.
    """
    end = source.line_end(value.end)
    rest = source.text[value.end : end]
    blanks = len(rest) - len(rest.lstrip(" \t"))
    if blanks == 0 or rest[blanks : blanks + 1] != "#":
        return None
    text, comment = source.text[value.start : value.end], rest[blanks + 1 :]
    is_part = _is_open(text) or _UNFINISHED.search(text) or _CARRIES_ON.match(comment)
    is_close = blanks == 1 and _OPERATOR.search(text) and _SURE_OPERATOR.search(comment)
    return comment_in_value(source, value.end + blanks) if is_part or is_close else None


def comment_in_value(source: Source, start: int) -> Diagnostic:
    """The comment that begins here is part of a value."""
    end = source.line_end(start)
    values = {"comment": shown(source.text[start:end])}
    return Diagnostic(codes.COMMENT_IN_VALUE, source.span(start, end), values)


def comment_with_bracket(source: Source, value: Stretch) -> Diagnostic | None:
    """The comment after this value holds the bracket that is missing: `[a # b]`."""
    rest = source.text[value.end : source.line_end(value.end)]
    if not rest.lstrip().startswith("#") or not any(char in rest for char in ")]}"):
        return None
    return comment_in_value(source, value.end + len(rest) - len(rest.lstrip()))


def swallowed_line(source: Source, value: Stretch, *, is_item: bool) -> Diagnostic | None:
    """A plain value on lines of its own, or a list item, whose lines were meant as more.

    `b:2` below `a:` is one text to YAML, and so are `-b` and `-c` on two lines.
    """
    lines = source.text[value.start : value.end].split("\n")
    if is_item and len(lines) == 1:
        return None
    first = Stretch(value.start, source.line_end(value.start))
    if _ASCII_KEY.match(lines[0]) or lines[0].startswith(("-\u3000", "-\xa0")):
        return slip(source, first)
    if len(lines) > 1 and all(_DASH_ITEM.match(line.strip()) for line in lines):
        return slip(source, first, codes.NO_SPACE_AFTER_DASH)
    return _swallowed_item(source, value, lines) if is_item else None


def _swallowed_item(source: Source, value: Stretch, lines: list[str]) -> Diagnostic | None:
    start = value.start
    for line in lines:
        dash = start + len(line) - len(line.lstrip(" "))
        if source.text.startswith("- ", dash):
            return Diagnostic(codes.SWALLOWED_ITEM, source.span(dash, source.line_end(dash)))
        start += len(line) + 1
    return None


def flow_value(source: Source, value: Stretch) -> Diagnostic | None:
    """A plain value in brackets that a comma cut, or that a full-width comma did not."""
    text = source.text[value.start : value.end]
    if text.count("(") > text.count(")"):
        values = {"seen": shown(text), "quoted": source.example(value.start, in_brackets=True)}
        return Diagnostic(codes.COMMA_IN_CALL, source.span(value.start, value.end), values)
    if _WIDE_COMMA_LIST.fullmatch(text) or _WIDE_COMMA_KEY.search(text):
        return wide_comma(source, value)
    return None


def wide_comma(source: Source, value: Stretch) -> Diagnostic | None:
    """The first full-width comma in a value."""
    found = _WIDE_COMMA.search(source.text, value.start, value.end)
    if found is None:
        return None
    span = source.span(found.start(), found.end())
    return Diagnostic(codes.FULL_WIDTH_COMMA, span, {"char": found.group()})


def key_text(source: Source, key: Stretch, *, in_brackets: bool) -> Diagnostic | None:
    """A key that is the first half of an expression, or is indented by wide spaces."""
    text = source.text[key.start : key.end]
    found = _KEY_EXPRESSION.search(text)
    if found is not None and _KEY_COMPARISON.fullmatch(text) is None:
        colon = source.text.find(":", key.end)
        quoted = source.example(key.start, in_brackets=in_brackets)
        values = {"quoted": quoted}
        return Diagnostic(codes.COLON_IN_VALUE, source.span(colon, colon + 1), values)
    return slip(source, key, codes.WIDE_SPACE)


def key_without_value(source: Source, key: Stretch) -> Diagnostic | None:
    """A key in brackets that swallowed its value: `{a:1}`, `{a：1}`."""
    return slip(source, key, codes.NO_SPACE_AFTER_COLON, codes.FULL_WIDTH_COLON)


def _is_open(text: str) -> bool:
    """Whether a quote or a bracket is open at the end of the text."""
    outside = _QUOTED.sub("", text)
    return _OPENING_QUOTE.search(outside) is not None or any(
        outside.count(opening) > outside.count(closing) for opening, closing in ("()", "[]", "{}")
    )
