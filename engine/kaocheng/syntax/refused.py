"""What the YAML parser refuses, said in the words of whoever wrote the file.

The parser stops at the first thing that it cannot read, often a good way behind the slip
that caused it. So each explanation looks back: at the last value that was read, at the
brackets that are open, at the line. What fits no explanation is reported as unreadable at
its place; the parser's own words are never shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from attrs import frozen

from kaocheng.diagnostics import Code, Diagnostic, Label
from kaocheng.syntax import codes, misread
from kaocheng.syntax.events import Refusal
from kaocheng.syntax.places import Source, Stretch
from kaocheng.syntax.quoting import quoted, shown

_CLOSING = {"[": "]", "{": "}"}
_WORD_BEFORE_COLON = re.compile(r"""[ ]*(?:-[ ]+)*["']?[\w-]+["']?""")
_KEY_AHEAD = re.compile(r"""(["']?)\w[\w-]*\1[ ]*:(?:[ ]|$)""", re.MULTILINE)
_ESCAPE = re.compile(r"\\(?:x[0-9A-Fa-f]{0,2}|u[0-9A-Fa-f]{0,4}|U[0-9A-Fa-f]{0,8}|.)?")
_ITEM_WITH_KEY = re.compile(r"""[ ]*-[ -]*(?=["'\w][^:]*:(?:\s|$))""")
_SAYS_SOMETHING = re.compile(r"[ ]*[^ #]")
_STRAY = (":", ",", "]", "}")
_LONGEST_KEY = 1024  # YAML's own limit
_DOCUMENT_END = re.compile(r"^\.\.\.(?:\s|$)", re.MULTILINE)
# A comparison as the key of a table has it: what stands before a colon, a comma or a bracket.
_COMPARISON = re.compile(r">=?[ ]*[^\s:,\]}#][^:,\]}#]*(?=:\s|,|\])")
_SIGN = re.compile(r"[!&*|>%@`?-]")


@frozen
class Seen:
    """What had been read when the parser stopped.

    `value` is the last value or key, `style` its quote or indicator, `brackets` are the
    places of the brackets that are open, and `closed` is the last bracketed value; `depth`
    is how many levels may stand inside one another.
    """

    value: Stretch | None = None
    style: str = ""
    brackets: tuple[int, ...] = ()
    closed: Stretch | None = None
    depth: int = 0


@frozen
class _Stop:
    """Where the parser stopped, and where what it was reading began."""

    source: Source
    seen: Seen
    at: int
    opened: int

    @property
    def char(self) -> str:
        return self.source.text[self.at : self.at + 1]

    @property
    def in_brackets(self) -> bool:
        return bool(self.seen.brackets)

    def follows(self, stretch: Stretch | None, at: int) -> bool:
        """Whether only blanks and breaks stand between the stretch and `at`."""
        return stretch is not None and not self.source.text[stretch.end : at].strip()

    def precedes(self, stretch: Stretch | None) -> bool:
        """Whether the parser stopped right after the stretch, or after a comment behind it."""
        return self.follows(stretch, self.at) or (
            stretch is not None and self.is_comment(stretch, self.at)
        )

    def is_comment(self, stretch: Stretch, at: int) -> bool:
        """Whether nothing but a comment stands between the stretch and `at`."""
        between = self.source.text[stretch.end : at].strip()
        return between.startswith("#") and "\n" not in between

    def is_deeper(self, value: Stretch, at: int) -> bool:
        """Whether `at` stands deeper than the line of the value, so that it carries it on."""
        return at - self.source.line_start(at) > self.source.indentation(value.start)

    def report(self, code: Code, start: int, end: int, **values: str) -> Diagnostic:
        return Diagnostic(code, self.source.span(start, end), values)


def explain(source: Source, refusal: Refusal, seen: Seen) -> Diagnostic:
    """What the parser refused, where, and what to write instead."""
    stop = _Stop(source, seen, refusal.at, refusal.opened)
    if " tag" in f"{refusal.context} {refusal.problem}":
        return _tag(stop)
    return _EXPLANATIONS.get(refusal.problem, _unreadable)(stop)


def _unreadable(stop: _Stop) -> Diagnostic:
    """What nothing else explains; a comment right before it is the likeliest cause."""
    value = stop.seen.value
    if value is not None and stop.is_comment(value, stop.at):
        return misread.comment_in_value(stop.source, stop.source.text.index("#", value.end))
    start = min(stop.at, len(stop.source.text.rstrip()))
    return stop.report(codes.UNREADABLE, start, stop.source.line_end(start))


def _tag(stop: _Stop) -> Diagnostic:
    return _bad_sign(stop, stop.opened)


def _carried_on(stop: _Stop, at: int) -> Diagnostic | None:
    """The last value goes on at `at`, although its quote or a comment ended it before."""
    value = stop.seen.value
    if value is None or stop.in_brackets:
        return None
    if stop.follows(value, at) and stop.seen.style in ("'", '"'):
        begins_line = stop.source.begins_line(at)
        return (
            _after_quote(stop, value, at) if not begins_line or stop.is_deeper(value, at) else None
        )
    if stop.is_comment(value, at) and stop.is_deeper(value, at):
        return misread.comment_in_value(stop.source, stop.source.text.index("#", value.end))
    return None


def _after_quote(stop: _Stop, value: Stretch, at: int) -> Diagnostic:
    source = stop.source
    text = source.text[value.start : value.end]
    if "\n" in text:
        return _open_quote(stop, value.start)
    end = source.line_end(at)
    rest = source.text[at:end]
    if at == value.end and rest[0].isalnum() and rest.endswith(stop.seen.style):
        example = quoted(text[1:] + rest[:-1])  # as in 'it's'
    else:
        example = source.example(value.start, through=at)
    return stop.report(codes.TEXT_AFTER_QUOTE, at, end, rest=shown(rest), quoted=example)


def _open_quote(stop: _Stop, start: int) -> Diagnostic:
    quote = stop.source.text[start : start + 1]
    return stop.report(codes.UNCLOSED_QUOTE, start, start + 1, quote=quote)


def _quote_to_the_end(stop: _Stop) -> Diagnostic:
    return _open_quote(stop, stop.opened)


def _escape(stop: _Stop) -> Diagnostic:
    start = stop.source.text.rfind("\\", stop.opened, stop.at + 1)
    found = _ESCAPE.match(stop.source.text, start)
    end = stop.at if found is None else found.end()
    return stop.report(codes.BAD_ESCAPE, start, end, escape=stop.source.text[start:end])


def _tab(stop: _Stop) -> Diagnostic:
    start = stop.source.text.find("\t", stop.source.line_start(stop.at))
    return stop.report(codes.TAB_INDENTATION, start, start + 1)


def _sign(stop: _Stop) -> Diagnostic:
    """A character that means something to YAML at the beginning of a value."""
    at = stop.opened
    return _carried_on(stop, at) or _bad_sign(stop, at)


def _bad_sign(stop: _Stop, at: int) -> Diagnostic:
    source = stop.source
    if stop.char == "\t":
        return _tab(stop)
    start = source.value_start(at, in_brackets=stop.in_brackets)
    if not _SIGN.match(source.text, start):
        start = at
    char = source.text[start : start + 1]
    example = source.example(start, in_brackets=stop.in_brackets)
    if char == "!":
        seen = source.word(start, in_brackets=stop.in_brackets)
        end = start + len(seen)
        return stop.report(codes.TAG, start, end, seen=shown(seen), quoted=example)
    comparison = _COMPARISON.match(source.text, start, source.line_end(start))
    if comparison is not None:
        seen = comparison.group().rstrip()
        return stop.report(
            codes.BARE_COMPARISON, start, start + len(seen), seen=seen, quoted=quoted(seen)
        )
    code = codes.BLOCK_INDICATOR if char in ("|", ">") else codes.BAD_START
    return stop.report(code, start, start + 1, char=char, quoted=example)


def _list_on_key_line(stop: _Stop) -> Diagnostic:
    example = stop.source.example(stop.at)
    return stop.report(codes.LIST_ON_KEY_LINE, stop.at, stop.at + 1, quoted=example)


def _colon(stop: _Stop) -> Diagnostic:
    """A `: ` where a value stands already: on one line, or because a line above is amiss."""
    source, value = stop.source, stop.seen.value
    if value is None or not stop.follows(value, stop.at):
        return _colon_in_value(stop, stop.at)
    if "\n" in source.text[value.start : value.end]:
        return _colon_below(stop, value)
    if stop.at - value.start > _LONGEST_KEY:
        return _long_key(stop, value.start)
    char = source.text[value.start : value.start + 1]
    if char in "“‘”’＂":
        return stop.report(codes.FULL_WIDTH_QUOTE, value.start, value.start + 1, char=char)
    return _colon_in_value(stop, value.start)


def _colon_in_value(stop: _Stop, start: int) -> Diagnostic:
    example = stop.source.example(start, through=stop.at)
    return stop.report(codes.COLON_IN_VALUE, stop.at, stop.at + 1, quoted=example)


def _long_key(stop: _Stop, start: int) -> Diagnostic:
    return stop.report(codes.KEY_TOO_LONG, start, start + 1, limit=f"{_LONGEST_KEY:,}")


def _colon_below(stop: _Stop, value: Stretch) -> Diagnostic:
    """The value above swallowed the key before this colon."""
    source = stop.source
    slip = misread.slip(source, Stretch(value.start, source.line_end(value.start)))
    if slip is not None:
        return slip
    line = source.text[source.line_start(stop.at) : stop.at]
    is_key = _WORD_BEFORE_COLON.fullmatch(line) and "?" not in source.text[value.start : stop.at]
    if not is_key:
        return _colon_in_value(stop, value.start)
    if source.begins_line(value.start):
        return _no_colon(_Stop(source, stop.seen, stop.at, value.start))
    start = stop.at - len(line.lstrip(" "))
    end = source.line_end(value.start)
    label = Label(source.span(value.start, end), "the value that it would carry on", "将被接续的值")
    return Diagnostic(codes.DEEPER_THAN_VALUE, source.span(start, stop.at), labels=(label,))


def _no_colon(stop: _Stop) -> Diagnostic:
    """A line on which a key was expected and no colon came."""
    source, start = stop.source, stop.opened
    end = source.line_end(start)
    if end - start > _LONGEST_KEY and stop.at < end:
        return _long_key(stop, start)
    found = _carried_on(stop, start) or misread.slip(source, Stretch(start, end))
    seen = shown(source.text[start:end])
    return found or stop.report(codes.MISSING_COLON, start, end, seen=seen)


def _after_value(stop: _Stop) -> Diagnostic:
    """Something after a value that is neither the next key nor the next item."""
    at, closed = stop.at, stop.seen.closed
    found = _carried_on(stop, at)
    if found is not None:
        return found
    if stop.source.begins_line(at):
        return _at_line_start(stop)
    if closed is not None and stop.follows(closed, at):
        return _after_bracket(stop, closed)
    if stop.char in _STRAY:
        return stop.report(codes.STRAY_CHARACTER, at, at + 1, char=stop.char)
    return _bad_sign(stop, at) if _SIGN.match(stop.char) else _unreadable(stop)


def _after_bracket(stop: _Stop, closed: Stretch) -> Diagnostic:
    end = stop.source.line_end(stop.at)
    return stop.report(
        codes.TEXT_AFTER_BRACKET,
        stop.at,
        end,
        rest=shown(stop.source.text[stop.at : end]),
        quoted=stop.source.example(closed.start),
    )


def _at_line_start(stop: _Stop) -> Diagnostic:
    source, at = stop.source, stop.at
    if _DOCUMENT_END.search(source.text, 0, at):
        return stop.report(codes.MULTIPLE_DOCUMENTS, at, source.line_end(at))
    value = stop.seen.value
    if (
        stop.char == ":"
        and value is not None
        and stop.follows(value, at)
        and stop.is_deeper(value, at)
    ):
        return _colon_in_value(stop, value.start)
    if stop.char in _STRAY:
        return stop.report(codes.STRAY_CHARACTER, at, at + 1, char=stop.char)
    column = at - source.line_start(at)
    known = _indentations(source, at)
    if column in known:
        is_beside = stop.opened < at and column == stop.opened - source.line_start(stop.opened)
        if not is_beside:
            return _unreadable(stop)
        return stop.report(codes.MIXED_LIST_AND_KEYS, at, source.line_end(at))
    return stop.report(
        codes.WRONG_INDENTATION,
        source.line_start(at),
        max(at, source.line_start(at) + 1),
        seen=str(column),
        known=", ".join(map(str, known)),
    )


def _indentations(source: Source, at: int) -> list[int]:
    """The indentations at which a line may stand here, to judge by the lines above."""
    found: list[int] = []
    start = source.line_start(at)
    while start > 0 and 0 not in found:
        start = source.line_start(start - 1)
        line = source.line(start)
        item = _ITEM_WITH_KEY.match(line)
        inner = [] if item is None else [item.end()]
        for width in (*inner, source.indentation(start)):
            if _SAYS_SOMETHING.match(line) and (not found or width < min(found)):
                found.append(width)
    return sorted(found)


def _cut_item(stop: _Stop) -> Diagnostic:
    """In brackets, something other than a comma or the closing bracket."""
    source, value, closed = stop.source, stop.seen.value, stop.seen.closed
    if source.closing(stop.opened) is None:
        return _open_bracket(stop, stop.opened)
    item = next((found for found in (value, closed) if stop.precedes(found)), None)
    if item is None:
        return _unreadable(stop)
    wide = misread.wide_comma(source, item) if item is value else None
    return wide or _missing_comma(stop, item) or _cut_value(stop, item)


def _missing_comma(stop: _Stop, item: Stretch) -> Diagnostic | None:
    """The next item begins where a comma should stand: a key, or a second value in quotes."""
    source, text, at = stop.source, stop.source.text, stop.at
    line = source.line_start(at)
    if stop.char == ":" and line > item.start:  # plain text ran on over the line of the key
        at = line + source.indentation(at)
    is_key = text[stop.opened] == "{" and _KEY_AHEAD.match(text, at)
    is_quoted = stop.char in ("'", '"') and text[item.start] in ("'", '"')
    if not is_key and not is_quoted:
        return None
    seen = source.word(at, in_brackets=True)
    return stop.report(codes.MISSING_COMMA, at, at + len(seen), seen=shown(seen))


def _cut_value(stop: _Stop, item: Stretch) -> Diagnostic:
    bracket = stop.source.text[stop.opened]
    return stop.report(
        codes.CUT_ITEM,
        stop.at,
        stop.at + 1,
        brackets=f"{bracket} {_CLOSING[bracket]}",
        seen=stop.char,
        quoted=stop.source.example(item.start, in_brackets=True),
    )


def _tight_colon(stop: _Stop) -> Diagnostic:
    """In brackets, a key whose colon touches a bracket or a comma."""
    source, start = stop.source, stop.opened
    if source.text[stop.at + 1 : stop.at + 2] in (",", "]", "}"):
        return stop.report(codes.NO_VALUE, start, stop.at, key=shown(source.text[start : stop.at]))
    item = Stretch(start, source.value_end(start, in_brackets=True))
    slip = misread.slip(source, item, codes.NO_SPACE_AFTER_COLON)
    return slip or _colon_in_value(stop, start)


def _open_bracket(stop: _Stop, start: int) -> Diagnostic:
    source, value = stop.source, stop.seen.value
    if value is not None and value.end > start:
        comment = misread.comment_with_bracket(source, value)
        if comment is not None:
            return comment
    bracket = source.text[start]
    closing = _CLOSING[bracket]
    return stop.report(codes.UNCLOSED_BRACKET, start, start + 1, bracket=bracket, closing=closing)


def _no_content(stop: _Stop) -> Diagnostic:
    """A value was expected."""
    if stop.char in _STRAY:
        return stop.report(codes.STRAY_CHARACTER, stop.at, stop.at + 1, char=stop.char)
    if stop.in_brackets:
        return _open_bracket(stop, stop.seen.brackets[-1])
    if stop.source.begins_line(stop.at):
        return stop.report(codes.MIXED_LIST_AND_KEYS, stop.at, stop.source.line_end(stop.at))
    return _unreadable(stop)


def _too_deep(stop: _Stop) -> Diagnostic:
    """The parser gave up before it gave what lies at the limit of depth."""
    return stop.report(codes.TOO_DEEP, stop.at, stop.at + 1, limit=f"{stop.seen.depth:,}")


_Explanation: TypeAlias = Callable[[_Stop], Diagnostic]

_EXPLANATIONS: dict[str, _Explanation] = {
    "mapping values are not allowed in this context": _colon,
    "could not find expected ':'": _no_colon,
    "found unexpected end of stream": _quote_to_the_end,
    "found unexpected document indicator": _quote_to_the_end,
    "found unknown escape character": _escape,
    "did not find expected hexdecimal number": _escape,
    "found invalid Unicode character escape code": _escape,
    "did not find expected comment or line break": _sign,
    "found an indentation indicator equal to 0": _sign,
    "found a tab character where an indentation space is expected": _tab,
    "found a tab character that violates indentation": _tab,
    "found character that cannot start any token": _sign,
    "did not find expected alphabetic or numeric character": _sign,
    "mapping keys are not allowed in this context": _sign,
    "block sequence entries are not allowed in this context": _list_on_key_line,
    "did not find expected key": _after_value,
    "did not find expected '-' indicator": _after_value,
    "did not find expected <document start>": _after_value,
    "did not find expected ',' or '}'": _cut_item,
    "did not find expected ',' or ']'": _cut_item,
    "did not find expected node content": _no_content,
    "found unexpected ':'": _tight_colon,
    "exceeded maximum nesting depth": _too_deep,
}
