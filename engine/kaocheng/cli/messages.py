"""Diagnostics for people: place, sentence, the line with a caret, the way out."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from kaocheng.diagnostics import Diagnostic, Label, Span
from kaocheng.errors import InputError, KaochengError
from kaocheng.rendering.values import printable

_SEVERITIES = {
    "zh": {"error": "错误", "warning": "警告"},
    "en": {"error": "error", "warning": "warning"},
}
_HELP = {"zh": "建议", "en": "help"}
# Of a longer line only the part around the place is shown.
_LONGEST = 160
_BEFORE = 60
_LARGEST = 4_000_000


def print_diagnostics(diagnostics: Iterable[Diagnostic], *, language: str) -> None:
    """Write diagnostics to standard error, each with its line."""
    files = SourceFiles()
    for diagnostic in diagnostics:
        sys.stderr.write(render(diagnostic, language=language, files=files) + "\n\n")


def failure(error: KaochengError, *, language: str) -> str:
    """What went wrong altogether, as one line of text."""
    head = "错误：" if language == "zh" else "error: "
    return printable(f"{head}{sentence(error, language)}")


def sentence(error: KaochengError, language: str) -> str:
    """What went wrong altogether."""
    if language != "zh":
        return str(error)
    if isinstance(error, InputError):
        return f"{error.place}：{error.zh}"
    return error.zh or str(error)


class SourceFiles:
    """The lines of the files that diagnostics point into, each file read once."""

    def __init__(self) -> None:
        self._lines: dict[str, list[str]] = {}

    def line(self, span: Span) -> str | None:
        """The line that a span begins on, or None where it cannot be read."""
        if span.file not in self._lines:
            text = _text_of(Path(span.file))
            self._lines[span.file] = text.split("\n") if text else []
        lines = self._lines[span.file]
        return lines[span.line - 1].rstrip("\r") if 0 < span.line <= len(lines) else None


def _text_of(path: Path) -> str:
    """The text of an ordinary file that is not too large to be a ruleset; else nothing."""
    try:
        if path.is_file() and path.stat().st_size <= _LARGEST:
            return path.read_text("utf-8-sig")
    except (OSError, ValueError):
        pass
    return ""


def render(
    diagnostic: Diagnostic, *, language: str = "en", files: SourceFiles | None = None
) -> str:
    """One diagnostic as several lines of text."""
    files = files or SourceFiles()
    severity = _SEVERITIES[language][diagnostic.code.severity.value]
    head = f"{diagnostic.span}: {severity}[{diagnostic.code.id}]: {diagnostic.message(language)}"
    lines = [printable(head), *_source(diagnostic.span, files)]
    for label in diagnostic.labels:
        lines.append(printable(f"{label.span}: {_label(label, language)}"))
        lines += _source(label.span, files)
    help_text = diagnostic.help(language)
    if help_text:
        lines.append(printable(f"  = {_HELP[language]}: {help_text}"))
    return "\n".join(lines)


def _label(label: Label, language: str) -> str:
    return label.zh if language == "zh" else label.en


def _source(span: Span, files: SourceFiles) -> list[str]:
    line = files.line(span)
    if line is None:
        return []
    end = span.end_column if span.end_line == span.line else len(line) + 1
    first = max(0, span.column - 1 - _BEFORE) if len(line) > _LONGEST else 0
    shown = line[first : first + _LONGEST]
    width = max(1, cells(shown[span.column - 1 - first : end - 1 - first]))
    gutter, before = f"{span.line:>5} | ", "…" if first else ""
    after = "…" if first + _LONGEST < len(line) else ""
    pointer = " " * (len(before) + cells(shown[: span.column - 1 - first])) + "^" * width
    return [f"{gutter}{before}{printable(shown)}{after}", f"{'':>5} | {pointer}"]


def cells(text: str) -> int:
    """The width of a text in a terminal: Chinese characters take two cells."""
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


def folded(text: str, width: int) -> list[str]:
    """A text as lines of at most that width, broken at spaces; a longer word stands alone."""
    first, *words = text.split(" ")
    lines = [first]
    for word in words:
        if cells(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


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
