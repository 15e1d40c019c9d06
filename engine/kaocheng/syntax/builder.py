"""Builds the located tree in one pass over the parser's events.

The tree is never made by the parser's own composer, which ends the process on deeply nested
input. The loop is flat, so depth costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NoReturn

import yaml
from attrs import Factory, define

from kaocheng.diagnostics import Code, Diagnostic, Diagnostics, Label, Span
from kaocheng.syntax import codes, misread, refused
from kaocheng.syntax.events import Event, Refusal, RefusedError, events
from kaocheng.syntax.limits import Limits
from kaocheng.syntax.places import Source, Stretch
from kaocheng.syntax.quoting import shown
from kaocheng.syntax.tree import Entry, Mapping, Node, Scalar, Sequence, Style

_STYLES: Final[dict[str | None, Style]] = {
    "": "plain",
    "'": "single",
    '"': "double",
    "|": "literal",
    ">": "folded",
}
_NULLS: Final = frozenset(("", "~", "null", "Null", "NULL"))


class _TooMuchError(Exception):
    """A limit is reached; it has been reported."""


@define
class _Open:
    """A mapping or a list that is being read."""

    is_mapping: bool
    in_brackets: bool
    line: int
    column: int
    index: int
    entries: list[Entry] = Factory(list)
    items: list[Node] = Factory(list)
    seen: dict[str, Scalar] = Factory(dict)
    wants_key: bool = True
    key: Scalar | None = None  # the key whose value comes next; None also when it was refused
    key_at: Event | None = None
    is_merging: bool = False


class Builder:
    """Turns events into a tree, and collects what is wrong with it."""

    def __init__(self, source: Source, limits: Limits) -> None:
        self.diagnostics = Diagnostics()
        self._source = source
        self._text, self._file = source.text, source.file
        self._limits = limits
        self._open: list[_Open] = []
        self._root: Node | None = None
        self._is_empty = False
        self._documents = 0
        self._last: Event | None = None  # the last value or key
        self._closed: Stretch | None = None

    def build(self) -> Node | None:
        """The tree, or None when the text cannot be read to its end."""
        handlers: dict[type[object], Callable[[Event], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._begin_mapping,
            yaml.SequenceStartEvent: self._begin_sequence,
            yaml.MappingEndEvent: self._end,
            yaml.SequenceEndEvent: self._end,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._document,
        }
        most = self._limits.events
        try:
            for count, event in enumerate(events(self._text)):
                handler = handlers.get(type(event))
                if handler is not None:
                    handler(event)
                if count > most:
                    self._stop(codes.TOO_MANY_VALUES, event, most)
        except RefusedError as error:
            self._end_reading(error.refusal)
            return None
        except _TooMuchError:
            return None
        if self._root is None or self._is_empty:
            self._report(codes.EMPTY_FILE, 0, 0)
            return None
        return self._root

    # Where a thing goes that has been read.

    def _place(self, node: Node) -> None:
        if not self._open:
            self._root = node
            return
        into = self._open[-1]
        if not into.is_mapping:
            into.items.append(node)
        elif into.wants_key:
            into.key = self._accepted_key(into, node)
            into.wants_key = False
        else:
            if into.key is not None:
                into.entries.append(Entry(into.key, node))
            into.wants_key = True
            into.is_merging = False

    def _accepted_key(self, into: _Open, node: Node) -> Scalar | None:
        """The key, or None when it is none; that is reported here or has been."""
        if not isinstance(node, Scalar):
            self._add(Diagnostic(codes.BAD_KEY, node.span))
            return None
        text = node.text
        if node.is_blank:
            return None
        if text == "<<" and node.style == "plain":
            self._add(Diagnostic(codes.MERGE_KEY, node.span))
            into.is_merging = True
            return None
        first = into.seen.setdefault(text, node)
        if first is node:
            return node
        label = Label(first.span, "first written here", "首次出现于此")
        values = {"key": shown(text)}
        self._add(Diagnostic(codes.DUPLICATE_KEY, node.span, values, labels=(label,)))
        return None

    # Mappings, lists, aliases, documents.

    def _begin_mapping(self, event: Event) -> None:
        self._begin(event, is_mapping=True)

    def _begin_sequence(self, event: Event) -> None:
        self._begin(event, is_mapping=False)

    def _begin(self, event: Event, *, is_mapping: bool) -> None:
        if event.tag is not None or event.anchor is not None:
            self._refuse_property(event)
        mark = event.start_mark
        in_brackets = bool(event.flow_style)
        opened = _Open(is_mapping, in_brackets, mark.line + 1, mark.column + 1, mark.index)
        self._open.append(opened)
        if len(self._open) > self._limits.depth:
            self._stop(codes.TOO_DEEP, event, self._limits.depth)

    def _end(self, event: Event) -> None:
        done = self._open.pop()
        mark = event.end_mark
        end = mark.line + 1, mark.column + 1
        if self._has_bracket(done):
            self._closed = Stretch(done.index, mark.index)
        elif done.entries or done.items:  # without brackets it ends where its last value ends
            last = done.entries[-1].value.span if done.entries else done.items[-1].span
            end = last.end_line, last.end_column
        span = Span(self._file, done.line, done.column, *end)
        if done.is_mapping:
            self._place(Mapping(tuple(done.entries), span))
        else:
            self._place(Sequence(tuple(done.items), span))

    def _has_bracket(self, opened: _Open) -> bool:
        """Whether a bracket opens it: `a: 1` in `[a: 1]` is a mapping without one."""
        return opened.in_brackets and self._text[opened.index] in "[{"

    def _alias(self, event: Event) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        if not any(opened.is_merging for opened in self._open):
            seen = shown(self._text[start:end])
            self._report(codes.ALIAS, start, end, seen=seen)
        self._place(_blank(self._source.span(start, end)))

    def _document(self, event: Event) -> None:
        self._documents += 1
        if self._documents > 1:
            start = event.start_mark.index
            self._report(codes.MULTIPLE_DOCUMENTS, start, self._source.line_end(start))
            raise _TooMuchError

    # Single values.

    def _scalar(self, event: Event) -> None:
        if event.tag is not None or event.anchor is not None:
            self._refuse_property(event)
            self._place(_blank(self._span(event)))
            return
        style = event.style
        if style in ("|", ">"):
            scalar = self._located_block(event, _STYLES[style])
        elif style:
            scalar = self._located_quoted(event, _STYLES[style])
        else:
            scalar = self._plain(event)
        length = event.end_mark.index - event.start_mark.index
        if length:
            self._last = event
        self._place(scalar if length <= self._limits.scalar else self._too_long(scalar))

    def _plain(self, event: Event) -> Scalar:
        """A value without quotes, or a key, which may mean something else than it looks like."""
        start, end = event.start_mark, event.end_mark
        line, column = start.line + 1, start.column + 1
        span = Span(self._file, line, column, end.line + 1, end.column + 1)
        raw = self._text[start.index : end.index]
        scalar = Scalar(event.value, span, "plain", raw, (line, column))
        into = self._open[-1] if self._open else None
        if into is not None and into.is_mapping and into.wants_key:
            return self._plain_key(scalar, event, into)
        return self._plain_value(scalar, event, into)

    def _plain_key(self, scalar: Scalar, event: Event, into: _Open) -> Scalar:
        into.key_at = event
        if scalar.text in _NULLS:
            self._add(Diagnostic(codes.BAD_KEY, scalar.span))
            return _blank(scalar.span)
        if not scalar.text.isidentifier():  # as nearly every key is
            self._add(misread.key_text(self._source, _stretch(event), in_brackets=into.in_brackets))
        return scalar

    def _plain_value(self, scalar: Scalar, event: Event, into: _Open | None) -> Scalar:
        if scalar.text in _NULLS:
            return self._null(scalar, event, into)
        source = self._source
        if source.text.startswith((" ", "\t"), event.end_mark.index):
            self._add(misread.cut_by_comment(source, _stretch(event)))
        if into is not None and into.in_brackets:
            self._add(misread.flow_value(source, _stretch(event)))
        elif into is not None and not into.is_mapping:
            self._add(misread.swallowed_line(source, _stretch(event), is_item=True))
        elif into is None or (into.key is not None and scalar.span.line > into.key.span.line):
            self._add(misread.swallowed_line(source, _stretch(event), is_item=False))
        return scalar

    def _null(self, scalar: Scalar, event: Event, into: _Open | None) -> Scalar:
        """Reports a value that is missing."""
        start, end = event.start_mark.index, event.end_mark.index
        if into is None:
            self._is_empty = True
        elif not into.is_mapping:
            dash = self._text.rfind("-", 0, start) if end == start else start
            self._report(codes.EMPTY_ITEM, dash, dash + max(end - start, 1))
        elif into.key is not None:
            key = into.key
            slip = None
            if into.in_brackets and into.key_at is not None:
                slip = misread.key_without_value(self._source, _stretch(into.key_at))
            self._add(slip or Diagnostic(codes.NO_VALUE, key.span, {"key": shown(key.text)}))
            return _blank(key.span)
        return _blank(scalar.span)

    def _located_quoted(self, event: Event, style: Style) -> Scalar:
        start, end = event.start_mark, event.end_mark
        line, column = start.line + 1, start.column + 1
        span = Span(self._file, line, column, end.line + 1, end.column + 1)
        raw = self._text[start.index + 1 : end.index - 1]
        return Scalar(event.value, span, style, raw, (line, column + 1))

    def _located_block(self, event: Event, style: Style) -> Scalar:
        """A block of text: its lines without the header, up to the last that says something."""
        source, place = self._source, _stretch(event)
        header_end = source.line_end(place.start)
        body = source.text.find("\n", header_end, place.end) + 1 or header_end
        raw = source.text[body : place.end].rstrip(" \t\r\n")
        end = body + len(raw) if raw else header_end
        span = source.span(place.start, end)
        return Scalar(event.value, span, style, raw, source.place(body))

    def _too_long(self, scalar: Scalar) -> Scalar:
        first = Span.point(self._file, scalar.span.line, scalar.span.column)
        limit = f"{self._limits.scalar:,}"
        self._add(Diagnostic(codes.VALUE_TOO_LONG, first, {"limit": limit}))
        return _blank(scalar.span)

    # What is reported.

    def _refuse_property(self, event: Event) -> None:
        """A tag or an anchor before a value."""
        start = event.start_mark.index
        in_brackets = bool(self._open) and self._open[-1].in_brackets
        seen = self._source.word(start, in_brackets=in_brackets)
        quoted = self._source.example(start, in_brackets=in_brackets)
        code = codes.ANCHOR if seen.startswith("&") else codes.TAG
        self._report(code, start, start + len(seen), seen=shown(seen), quoted=quoted)

    def _end_reading(self, refusal: Refusal) -> None:
        """Reports what the parser refused; that says all there is to say about its line."""
        brackets = tuple(opened.index for opened in self._open if self._has_bracket(opened))
        value = None if self._last is None else _stretch(self._last)
        style = "" if self._last is None else self._last.style or ""
        seen = refused.Seen(value, style, brackets, self._closed, self._limits.depth)
        last = refused.explain(self._source, refusal, seen)
        earlier = tuple(self.diagnostics)
        here = [item for item in earlier if item.span.line == last.span.line]
        if last.code is codes.UNREADABLE and here:
            return  # what was reported on the line is why it could not be read
        self.diagnostics = Diagnostics()
        self.diagnostics.extend(item for item in earlier if item not in here)
        self.diagnostics.extend([last])

    def _span(self, event: Event) -> Span:
        return self._source.span(event.start_mark.index, event.end_mark.index)

    def _report(self, code: Code, start: int, end: int, **values: str) -> None:
        self._add(Diagnostic(code, self._source.span(start, end), values))

    def _add(self, diagnostic: Diagnostic | None) -> None:
        """Takes a diagnostic; at the limit, one more says so and ends the reading."""
        if diagnostic is None:
            return
        self.diagnostics.extend([diagnostic])
        most = self._limits.problems
        if len(self.diagnostics) == most:
            values = {"limit": f"{most:,}"}
            last = Diagnostic(codes.TOO_MANY_PROBLEMS, diagnostic.span, values)
            self.diagnostics.extend([last])
            raise _TooMuchError

    def _stop(self, code: Code, event: Event, limit: int) -> NoReturn:
        start = event.start_mark.index
        self._report(code, start, start + 1, limit=f"{limit:,}")
        raise _TooMuchError


def _stretch(event: Event) -> Stretch:
    return Stretch(event.start_mark.index, event.end_mark.index)


def _blank(span: Span) -> Scalar:
    """What stands in the tree for a value that was missing or refused."""
    return Scalar("", span, "plain", "", (span.line, span.column))
