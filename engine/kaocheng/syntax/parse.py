"""From YAML text to a located tree and everything that is wrong with it.

Nothing in a file is executed or resolved: tags, anchors, aliases, merge keys, directives and
further documents are refused, and `Limits` bounds the rest.
"""

from __future__ import annotations

import re

from attrs import frozen

from kaocheng.diagnostics import Diagnostic, Span
from kaocheng.syntax import codes
from kaocheng.syntax.builder import Builder
from kaocheng.syntax.limits import DEFAULT_LIMITS, Limits
from kaocheng.syntax.places import Source
from kaocheng.syntax.tree import Node

_BYTE_ORDER_MARK = "\ufeff"
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]|\r(?!\n)"
)
# Marks that turn the direction of the text, and characters of no width.
_HIDDEN = re.compile("[\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
# The parser compares each directive with all before it, so none may reach it.
_DIRECTIVE = re.compile("^%[^\r\n]*", re.MULTILINE)


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
    builder = Builder(source, limits)
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
