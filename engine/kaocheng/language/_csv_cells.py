"""CSV with the place of every cell, so that messages can point at it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from kaocheng.diagnostics import Span
from kaocheng.syntax import Limits, Scalar

# A cell in quotes or without, and what ends it.
_CELL = re.compile(r'(?:"((?:[^"]|"")*)"|([^",\r\n][^,\r\n]*|))(,|\r?\n|\Z)')
_SEPARATORS = (";", "\t", "|")


class CsvError(Exception):
    """A file that is no table: what is wrong in both languages, and where if that is known."""

    def __init__(self, en: str, zh: str, span: Span | None = None) -> None:
        self.en = en
        self.zh = zh
        self.span = span
        super().__init__(en)


@frozen
class Record:
    """One line of a table, which may go over several lines of its file."""

    cells: tuple[Scalar, ...]

    @property
    def span(self) -> Span:
        """From the first cell to the last."""
        first, last = self.cells[0].span, self.cells[-1].span
        return Span(first.file, first.line, first.column, last.end_line, last.end_column)


def read_csv(path: Path) -> tuple[Record, ...]:
    """The lines of a file; those that are empty are left out.

    Raises:
        CsvError: it is too large, not UTF-8, or not separated by commas.
    """
    most = Limits().size
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise CsvError(f"it is larger than {most:,} bytes", f"超过 {most:,} 字节")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = error.start + 1
        raise CsvError(f"byte {at} is not UTF-8", f"第 {at} 字节不是 UTF-8 编码") from None
    records = tuple(_records(text, str(path)))
    if records and len(records[0].cells) == 1:
        _check_separator(records[0].cells[0])
    return records


def _check_separator(cell: Scalar) -> None:
    for separator in _SEPARATORS:
        if separator in cell.text:
            en, zh = f"the cells are separated by `{separator}`", f"各格以 `{separator}` 分隔"
            raise CsvError(en, zh, cell.span)


def _records(text: str, file: str) -> Iterator[Record]:
    cells: list[Scalar] = []
    at, line, begin = 0, 1, 0  # `begin` is the offset of the line's first character
    while at < len(text) or cells:
        found = _CELL.match(text, at)
        if found is None:
            span = Span.point(file, line, at - begin + 1)
            en = "a quoted cell is not closed, or text stands after its quote"
            raise CsvError(en, "带引号的单元格未闭合，或引号后另有文字", span)
        start = (line, at - begin + 1)
        line += found[0].count("\n", 0, len(found[0]) - len(found[3]))
        inner = text.rfind("\n", at, found.end() - len(found[3]))
        begin = begin if inner < 0 else inner + 1
        end = found.end() - len(found[3]) - begin + 1
        span = Span(file, *start, line, max(end, start[1] + 1) if line == start[0] else end)
        cells.append(_scalar(found, span))
        at = found.end()
        if found[3] != ",":
            if len(cells) > 1 or cells[0].text:
                yield Record(tuple(cells))
            cells = []
            line, begin = line + 1, at
            if not found[3]:
                return


def _scalar(found: re.Match[str], span: Span) -> Scalar:
    """The cell as a quoted value, since one that is empty has not been reported yet."""
    text = found[2] if found[1] is None else found[1].replace('""', '"')
    return Scalar(text.strip(), span, "double", text.strip(), (span.line, span.column))
