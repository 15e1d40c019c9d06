"""Golden files for diagnostics: everything that is said about a case, as one text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from kaocheng.diagnostics import Diagnostic, Span

LANGUAGES = ("en", "zh")


def described(name: str, folder: Path, diagnostics: Iterable[Diagnostic]) -> str:
    """All that is said about a case; places are relative to its folder."""
    lines = [f"== {name}"]
    for item in diagnostics:
        code = item.code
        lines.append(f"{where(item.span, folder)} {code.severity.value} {code.id} {code.name}")
        lines += underlined(item.span)
        for language in LANGUAGES:
            lines.append(f"  {language}: {item.message(language)}")
            if item.help(language):
                lines.append(f"      {item.help(language)}")
        for label in item.labels:
            lines.append(f"  see {where(label.span, folder)}: {label.en} / {label.zh}")
    return "\n".join(lines) + "\n"


def where(span: Span, folder: Path) -> str:
    """A place in the files of a case."""
    file = Path(span.file)
    name = file.relative_to(folder).as_posix() if file.is_relative_to(folder) else file.name
    return f"{name}:{span.line}:{span.column}-{span.end_line}:{span.end_column}"


def underlined(span: Span) -> Iterator[str]:
    """The line that a span begins on, and the span below it."""
    line = lines_of(Path(span.file))[span.line - 1].rstrip("\r")
    end = span.end_column if span.end_line == span.line else len(line) + 1
    marks = "".join(
        mark(char, is_marked=span.column <= column < end)
        for column, char in enumerate(line.ljust(end - 1), 1)
    )
    yield f"  {line}"
    yield f"  {marks.rstrip(' 　')}"


def mark(char: str, *, is_marked: bool) -> str:
    """What stands below a character; that of a wide one is as wide."""
    is_wide = "\u2e80" <= char <= "\uff60"
    if is_marked:
        return "＾" if is_wide else "^"
    return "　" if is_wide else " "


def lines_of(path: Path) -> list[str]:
    """The lines of a file as an editor shows them."""
    if not path.is_file():
        return [""]
    return path.read_bytes().decode("utf-8-sig", "replace").split("\n")


def places(diagnostics: Iterable[Diagnostic]) -> Iterator[Span]:
    """Every place that diagnostics point at."""
    for item in diagnostics:
        yield item.span
        yield from (label.span for label in item.labels)


def is_in_its_file(span: Span) -> bool:
    """Whether a place is one of characters of its file, or at most one past the end of a line."""
    lines = [line.rstrip("\r") for line in lines_of(Path(span.file))]
    return (
        1 <= span.line <= span.end_line <= len(lines)
        and 1 <= span.column <= len(lines[span.line - 1]) + 1
        and span.end_column <= len(lines[span.end_line - 1]) + 2
        and (span.line, span.column) < (span.end_line, span.end_column)
    )


def expectations(path: Path) -> Mapping[str, str]:
    """What a golden file says about each case."""
    parts = re.split(r"^(?=== )", path.read_text("utf-8"), flags=re.MULTILINE)
    return {part.split("\n", 1)[0].removeprefix("== "): part.rstrip() for part in parts if part}
