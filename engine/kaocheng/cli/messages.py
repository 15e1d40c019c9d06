"""Diagnostics for people: place, sentence, the line with a caret, the way out."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from kaocheng.diagnostics import Diagnostic, Label, Span

_SEVERITIES = {
    "zh": {"error": "错误", "warning": "警告"},
    "en": {"error": "error", "warning": "warning"},
}
_HELP = {"zh": "建议", "en": "help"}


def print_diagnostics(diagnostics: Iterable[Diagnostic], *, language: str) -> None:
    """Write diagnostics to standard error, each with its line."""
    for diagnostic in diagnostics:
        sys.stderr.write(render(diagnostic, language=language) + "\n\n")


def render(diagnostic: Diagnostic, *, language: str = "en") -> str:
    """One diagnostic as several lines of text."""
    severity = _SEVERITIES[language][diagnostic.code.severity.value]
    head = f"{diagnostic.span}: {severity}[{diagnostic.code.id}]: {diagnostic.message(language)}"
    lines = [head, *_source(diagnostic.span)]
    for label in diagnostic.labels:
        lines += [f"{label.span}: {_label(label, language)}", *_source(label.span)]
    help_text = diagnostic.help(language)
    if help_text:
        lines.append(f"  = {_HELP[language]}: {help_text}")
    return "\n".join(lines)


def _label(label: Label, language: str) -> str:
    return label.zh if language == "zh" else label.en


def _source(span: Span) -> list[str]:
    line = _line(span)
    if line is None:
        return []
    end = span.end_column if span.end_line == span.line else len(line) + 1
    width = max(1, _cells(line[span.column - 1 : end - 1]))
    gutter = f"{span.line:>5} | "
    pointer = " " * _cells(line[: span.column - 1]) + "^" * min(width, 72)
    return [f"{gutter}{line}", f"{'':>5} | {pointer}"]


def _line(span: Span) -> str | None:
    try:
        lines = Path(span.file).read_text("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError):
        return None
    return lines[span.line - 1].rstrip("\r") if 0 < span.line <= len(lines) else None


def _cells(text: str) -> int:
    """The width of a text in a terminal: Chinese characters take two cells."""
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


def as_data(diagnostic: Diagnostic, *, language: str) -> dict[str, object]:
    """One diagnostic as JSON has it."""
    span = diagnostic.span
    return {
        "code": diagnostic.code.id,
        "name": diagnostic.code.name,
        "severity": diagnostic.code.severity.value,
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "message": diagnostic.message(language),
        "help": diagnostic.help(language),
        "labels": [
            {
                "file": x.span.file,
                "line": x.span.line,
                "column": x.span.column,
                "message": _label(x, language),
            }
            for x in diagnostic.labels
        ],
    }
