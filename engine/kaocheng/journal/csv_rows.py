"""CSV (RFC 4180, comma, header line) as a format of foreign tables and of journals."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from kaocheng.journal.files import text_lines
from kaocheng.journal.input_format import SAME_COLUMN, InputFormat, Progress, Row, no_progress
from kaocheng.journal.texts import Message, Text, says
from kaocheng.model.events import Unreadable

NO_HEADER = Message(
    "no_header",
    "the file is empty; its first line must name the columns",
    "文件为空，首行应为各列名称",
)
BLANK_HEADER = Message(
    "blank_header",
    "the first line is blank; it must name the columns",
    "首行为空，首行应为各列名称",
)
OTHER_SEPARATOR = Message(
    "other_separator",
    "the columns are separated by {seen}; save the file with commas",
    "各列以{seen}分隔，请以逗号分隔另存",
)
_SAID_OF_QUOTES = {
    "unexpected end of data": "文件到此为止",
    "',' expected after '\"'": "引号之后应为逗号",
    "field larger than field limit": "单元格过长",
}
BAD_QUOTES = Message(
    "bad_quotes",
    "a quoted cell that begins here does not end as it should: {why}",
    "自此处起的带引号单元格未正常结束：{why}",
)
LONE_RETURN = Message(
    "lone_return",
    "a carriage return stands alone; end the lines with line feeds",
    "有单独的回车符；行末请用换行符",
)
WRONG_LENGTH = Message(
    "wrong_length",
    "the number of cells is {seen}, that of columns {wanted}",
    "该行有 {seen} 格，而表头有 {wanted} 列",
)

_SEPARATORS = (";", "\t", "|")


def read_rows(path: Path, on_progress: Progress) -> Iterator[Row | Unreadable]:
    """The rows; one with too few or too many cells is unreadable, an empty line is nothing."""
    records = _records(path, on_progress)
    header = _header(path, records)
    width = len(header)
    name = str(path)
    for line, cells in records:
        place = f"{name}:{line}"
        if len(cells) == width:
            yield place, dict(zip(header, cells, strict=True))
        elif cells:
            yield WRONG_LENGTH.unreadable(place, seen=str(len(cells)), wanted=str(width))


def read_columns(path: Path) -> tuple[str, ...]:
    """The names in the header line."""
    return _header(path, _records(path, no_progress))


def _records(path: Path, on_progress: Progress) -> Iterator[tuple[int, list[str]]]:
    """Each record with the number of its first line."""
    reader = csv.reader(text_lines(path, on_progress), strict=True)
    first = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "new-line character" in str(error):
                raise LONE_RETURN.refusal(f"{path}:{first}") from error
            why = says(str(error), _SAID_OF_QUOTES)
            raise BAD_QUOTES.refusal(f"{path}:{first}", why=why) from error
        yield first, cells
        first = reader.line_num + 1


def _sign(separator: str) -> Text:
    if separator == "\t":
        return Text("tabs", "制表符")
    return Text(f"`{separator}`", f" `{separator}` ")


def _header(path: Path, records: Iterator[tuple[int, list[str]]]) -> tuple[str, ...]:
    _, names = next(records, (1, None))
    is_blank = names is not None and not any(name.strip() for name in names)
    if names is None or (is_blank and next(records, None) is None):
        raise NO_HEADER.refusal(f"{path}:1")
    if is_blank:
        raise BLANK_HEADER.refusal(f"{path}:1")
    if len(names) == 1:
        for separator in _SEPARATORS:
            if separator in names[0]:
                raise OTHER_SEPARATOR.refusal(f"{path}:1", seen=_sign(separator))
    for index, name in enumerate(names):
        if name in names[:index]:
            raise SAME_COLUMN.refusal(f"{path}:1", column=name)
    return tuple(names)


CSV = InputFormat(name="csv", suffixes=(".csv",), read_rows=read_rows, read_columns=read_columns)
