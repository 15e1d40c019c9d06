"""From YAML text to a located tree, in one pass over the parser's events.

The tree is built from events and never by composing nodes: composing deeply nested input
ends the process. The loop is flat, so depth costs nothing; everything else is bounded by
`Limits`. Nothing in a file is executed or resolved: tags, anchors, aliases, merge keys,
directives and further documents are refused.
"""

from __future__ import annotations

import re
from typing import Final

import yaml
from attrs import Factory, define, frozen

from kaocheng.diagnostics import Code, Diagnostic, Diagnostics, Label, Span
from kaocheng.syntax import codes, misread, refused
from kaocheng.syntax.misread import Stretch
from kaocheng.syntax.places import Source
from kaocheng.syntax.quoting import shown
from kaocheng.syntax.tree import Entry, Mapping, Node, Scalar, Sequence, Style

_BYTE_ORDER_MARK = "\ufeff"
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]|\r(?!\n)"
)
# Marks that turn the direction of the text, and characters of no width.
_HIDDEN = re.compile("[\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_DIRECTIVE = re.compile("^%.*", re.MULTILINE)

_STYLES: Final[dict[str, Style]] = {
    "": "plain",
    "'": "single",
    '"': "double",
    "|": "literal",
    ">": "folded",
}
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))


@frozen
class Limits:
    """How much of a file is read; what goes beyond is one diagnostic.

    `size` counts bytes, `depth` levels, `events` keys, values and brackets, `scalar` the
    characters of one value, `problems` the diagnostics of one file.
    """

    size: int = 2_000_000
    depth: int = 64
    events: int = 200_000
    scalar: int = 100_000
    problems: int = 100


DEFAULT_LIMITS: Final = Limits()


@frozen
class Parsed:
    """What could be read of a file, and what is wrong with it.

    `root` is None when nothing could be read. A tree may come with errors: values that were
    missing or refused are blank scalars in it, so that a later stage can go on and report more.
    """

    root: Node | None
    diagnostics: tuple[Diagnostic, ...]


def parse(text: str, file: str, *, limits: Limits = DEFAULT_LIMITS) -> Parsed:
    """The located tree of a YAML text; `file` is how diagnostics call it. Never raises."""
    source = Source(text.removeprefix(_BYTE_ORDER_MARK), file)
    problem = _unfit(source, limits)
    if problem is not None:
        return Parsed(None, (problem,))
    builder = _Builder(source, limits)
    root = builder.build()
    return Parsed(root, tuple(builder.diagnostics))


def too_large(file: str, limits: Limits) -> Parsed:
    """The answer to a file that is larger than may be read."""
    values = {"limit": f"{limits.size:,}"}
    return Parsed(None, (Diagnostic(codes.FILE_TOO_LARGE, Span.point(file), values),))


def _unfit(source: Source, limits: Limits) -> Diagnostic | None:
    """Why the text is not worth parsing, or None."""
    if len(source.text) > limits.size:
        return too_large(source.file, limits).diagnostics[0]
    for code, pattern in (
        (codes.CONTROL_CHARACTER, _CONTROL),
        (codes.HIDDEN_CHARACTER, _HIDDEN),
        (codes.DIRECTIVE, _DIRECTIVE),
    ):
        found = pattern.search(source.text)
        if found is not None:
            char = f"U+{ord(found.group()[0]):04X}"
            return Diagnostic(code, source.span(*found.span()), {"char": char})
    return None


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
    key: Scalar | None = None  # the key whose value comes next; None also when it was refused
    key_at: Stretch | None = None
    wants_key: bool = True
    is_merging: bool = False


class _Builder:
    """Turns events into a tree. One method for each kind of event."""

    def __init__(self, source: Source, limits: Limits) -> None:
        self.diagnostics = Diagnostics()
        self._source = source
        self._limits = limits
        self._open: list[_Open] = []
        self._root: Node | None = None
        self._documents = 0
        self._last: yaml.ScalarEvent | None = None
        self._closed: Stretch | None = None

    def build(self) -> Node | None:
        """The tree, or None when the text cannot be read to its end."""
        try:
            for count, event in enumerate(yaml.parse(self._source.text, Loader=yaml.CSafeLoader)):
                self._handle(event)
                self._check_limits(count, event)
        except yaml.MarkedYAMLError as error:
            self._refused(refused.explain(self._source, error, self._seen()))
            return None
        except _TooMuchError:
            return None
        if self._root is None:
            self._report(codes.EMPTY_FILE, 0, 0)
        return self._root

    def _refused(self, refusal: Diagnostic) -> None:
        """Adds what ended the reading; it says all there is to say about its line."""
        earlier = tuple(self.diagnostics)
        self.diagnostics = Diagnostics()
        self.diagnostics.extend(item for item in earlier if item.span.line != refusal.span.line)
        self.diagnostics.extend([refusal])

    def _handle(self, event: yaml.Event) -> None:
        match event:
            case yaml.ScalarEvent():
                if event.end_mark.index > event.start_mark.index:
                    self._last = event
                self._place(self._scalar(event))
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._begin(event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._end(event)
            case yaml.AliasEvent():
                self._alias(event)
            case yaml.DocumentStartEvent():
                self._document(event)

    def _check_limits(self, count: int, event: yaml.Event) -> None:
        limits = self._limits
        if len(self._open) > limits.depth:
            code, limit = codes.TOO_DEEP, limits.depth
        elif count > limits.events:
            code, limit = codes.TOO_MANY_VALUES, limits.events
        elif len(self.diagnostics) > limits.problems:
            code, limit = codes.TOO_MANY_PROBLEMS, limits.problems
        else:
            return
        self._stop(code, event.start_mark.index, limit)

    def _stop(self, code: Code, index: int, limit: int) -> None:
        self._report(code, index, index + 1, limit=f"{limit:,}")
        raise _TooMuchError

    def _document(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            index = event.start_mark.index
            self._report(codes.MULTIPLE_DOCUMENTS, index, self._source.line_end(index))
            raise _TooMuchError

    def _begin(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        mark = event.start_mark
        self._refuse_properties(event)
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        in_brackets = bool(event.flow_style)
        self._open.append(_Open(is_mapping, in_brackets, mark.line + 1, mark.column + 1, mark.index))

    def _end(self, event: yaml.MappingEndEvent | yaml.SequenceEndEvent) -> None:
        done = self._open.pop()
        mark = event.end_mark
        end = mark.line + 1, mark.column + 1
        if self._has_bracket(done):
            self._closed = Stretch(done.index, mark.index)
        elif done.entries:
            span = done.entries[-1].value.span
            end = span.end_line, span.end_column
        elif done.items:
            span = done.items[-1].span
            end = span.end_line, span.end_column
        span = Span(self._source.file, done.line, done.column, *end)
        if done.is_mapping:
            self._place(Mapping(tuple(done.entries), span))
        else:
            self._place(Sequence(tuple(done.items), span))

    def _place(self, node: Node) -> None:
        """Puts what has been read where it belongs: as the root, an item, a key or a value."""
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
        if not isinstance(node, Scalar):
            self.diagnostics.add(codes.BAD_KEY, node.span)
            return None
        if node.is_blank:
            return None
        if node.text == "<<" and node.style == "plain":
            self.diagnostics.add(codes.MERGE_KEY, node.span)
            into.is_merging = True
            return None
        first = into.seen.setdefault(node.text, node)
        if first is node:
            return node
        label = Label(first.span, "first written here", "首次出现于此")
        key = shown(node.text)
        self.diagnostics.add(codes.DUPLICATE_KEY, node.span, labels=(label,), key=key)
        return None

    def _alias(self, event: yaml.AliasEvent) -> None:
        start, end = event.start_mark, event.end_mark
        if not any(open_.is_merging for open_ in self._open):
            seen = self._source.text[start.index : end.index]
            self._report(codes.ALIAS, start.index, end.index, seen=shown(seen))
        self._place(self._blank(self._source.span(start.index, end.index)))

    def _refuse_properties(self, event: yaml.NodeEvent) -> bool:
        """Reports a tag or an anchor before a value, and says whether there was one."""
        if event.anchor is None and event.tag is None:
            return False
        start = event.start_mark.index
        in_brackets = bool(self._open) and self._open[-1].in_brackets
        seen = self._source.word(start, in_brackets=in_brackets)
        quoted = self._source.example(start, in_brackets=in_brackets)
        code = codes.ANCHOR if seen.startswith("&") else codes.TAG
        self._report(code, start, start + len(seen), seen=shown(seen), quoted=quoted)
        return True

    def _scalar(self, event: yaml.ScalarEvent) -> Scalar:
        if event.tag is not None or event.anchor is not None:
            self._refuse_properties(event)
            return self._blank(self._span(event))
        if event.end_mark.index - event.start_mark.index > self._limits.scalar:
            span = self._source.span(event.start_mark.index, event.start_mark.index + 1)
            self.diagnostics.add(codes.VALUE_TOO_LONG, span, limit=f"{self._limits.scalar:,}")
            return self._blank(span)
        scalar = self._located(event)
        if scalar.style != "plain":
            return scalar
        into = self._open[-1] if self._open else None
        if into is not None and into.is_mapping and into.wants_key:
            return self._plain_key(scalar, event, into)
        if scalar.text in _NULLS:
            return self._null(scalar, into)
        self._check_plain(scalar, event, into)
        return scalar

    def _plain_key(self, scalar: Scalar, event: yaml.ScalarEvent, into: _Open) -> Scalar:
        into.key_at = key = Stretch(event.start_mark.index, event.end_mark.index)
        if scalar.text.isidentifier() and scalar.text not in _NULLS:
            return scalar  # as nearly every key is
        if scalar.text in _NULLS:
            self.diagnostics.add(codes.BAD_KEY, scalar.span)
            return self._blank(scalar.span)
        self._add(misread.key_text(self._source, key, in_brackets=into.in_brackets))
        return scalar

    def _null(self, scalar: Scalar, into: _Open | None) -> Scalar:
        if into is None:
            self._report(codes.EMPTY_FILE, 0, 0)
        elif not into.is_mapping:
            self.diagnostics.add(codes.EMPTY_ITEM, scalar.span)
        elif into.key is not None:
            key = into.key
            slip = None
            if into.in_brackets and into.key_at is not None:
                slip = misread.key_without_value(self._source, into.key_at)
            missing = Diagnostic(codes.NO_VALUE, key.span, {"key": shown(key.text)})
            self._add(slip or missing)
            return self._blank(key.span)
        return self._blank(scalar.span)

    def _check_plain(self, scalar: Scalar, event: yaml.ScalarEvent, into: _Open | None) -> None:
        """Whether a plain value was cut, or swallowed what was meant as more."""
        source = self._source
        value = Stretch(event.start_mark.index, event.end_mark.index)
        if source.text.startswith((" ", "\t"), value.end):
            self._add(misread.cut_by_comment(source, value))
        if into is not None and into.in_brackets:
            self._add(misread.flow_value(source, value))
        elif into is None or scalar.span.line > (into.key.span.line if into.key else into.line):
            self._add(misread.swallowed_line(source, value, is_item=False))
        elif not into.is_mapping:
            self._add(misread.swallowed_line(source, value, is_item=True))

    def _located(self, event: yaml.ScalarEvent) -> Scalar:
        """The scalar of an event, with the stretch of the file that it was read from."""
        start, end = event.start_mark, event.end_mark
        line, column = start.line + 1, start.column + 1
        style = _STYLES[event.style or ""]
        text = self._source.text
        if style in ("literal", "folded"):
            return self._located_block(event, style)
        span = Span(self._source.file, line, column, end.line + 1, end.column + 1)
        if style == "plain":
            raw = text[start.index : end.index]
            return Scalar(event.value, span, style, raw, (line, column))
        raw = text[start.index + 1 : end.index - 1]
        return Scalar(event.value, span, style, raw, (line, column + 1))

    def _located_block(self, event: yaml.ScalarEvent, style: Style) -> Scalar:
        """A block of text: its lines without the header, up to the last that says something."""
        text, mark = self._source.text, event.start_mark
        header_end = self._source.line_end(mark.index)
        body = text.find("\n", header_end, event.end_mark.index) + 1
        if body == 0:
            body = header_end
        end = max(header_end, body - 1 + len(text[body - 1 : event.end_mark.index].rstrip()))
        raw = text[body:end]
        return Scalar(
            event.value, self._source.span(mark.index, end), style, raw, self._source.place(body)
        )

    def _span(self, event: yaml.Event) -> Span:
        return self._source.span(event.start_mark.index, event.end_mark.index)

    def _blank(self, span: Span) -> Scalar:
        return Scalar("", span, "plain", "", (span.line, span.column))

    def _report(self, code: Code, start: int, end: int, **values: str) -> None:
        self.diagnostics.add(code, self._source.span(start, end), **values)

    def _add(self, diagnostic: Diagnostic | None) -> None:
        if diagnostic is not None:
            self.diagnostics.extend([diagnostic])

    def _has_bracket(self, open_: _Open) -> bool:
        """Whether a bracket opens it: `a: 1` in `[a: 1]` is a mapping without one."""
        return open_.in_brackets and self._source.text[open_.index] in "[{"

    def _seen(self) -> refused.Seen:
        """What the explanation of a refusal looks back at."""
        brackets = tuple(open_.index for open_ in self._open if self._has_bracket(open_))
        if self._last is None:
            return refused.Seen(None, "", brackets, self._closed)
        value = Stretch(self._last.start_mark.index, self._last.end_mark.index)
        return refused.Seen(value, self._last.style or "", brackets, self._closed)
