"""Journals from files: JSON Lines, CSV and Parquet.

CSV and Parquet have the columns of a JSON line; `actor`, `data` and `corrects` are JSON
in their cells, and a blank cell is an absent key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from kaocheng.journal.collecting import Entry, collect
from kaocheng.journal.csv_rows import CSV
from kaocheng.journal.files import text_lines
from kaocheng.journal.input_format import InputFormat, Progress, no_progress
from kaocheng.journal.json_text import parse_json
from kaocheng.journal.lines import KEYS, REQUIRED, check_times, read_event
from kaocheng.journal.parquet_rows import PARQUET
from kaocheng.journal.texts import Message, Unfit, did_you_mean, shown
from kaocheng.model.events import Event, Journal, Unreadable

OTHER_SUFFIX = Message(
    "other_suffix",
    "a journal is a `.jsonl`, `.csv` or `.parquet` file",
    "台账应为 `.jsonl`、`.csv` 或 `.parquet` 文件",
)
NOT_LINES = Message(
    "not_lines",
    "the file is not JSON Lines: none of its lines is a JSON object",
    "文件不是 JSON Lines 格式：没有一行是 JSON 对象",
)
NOT_AN_OBJECT = Message(
    "not_an_object",
    "the line is JSON, but not an object with keys and values",
    "该行是 JSON，但不是由键和值组成的对象",
)
STRANGE_COLUMN = Message(
    "strange_column",
    "a journal has no column `{column}`{hint}",
    "台账没有 `{column}` 这一列{hint}",
)
NO_COLUMN = Message("no_column", "the column `{column}` is missing", "缺少列 `{column}`")
IN_CELL = Message("in_cell", "`{column}`: {why}", "`{column}`：{why}")

JSON_SUFFIXES = (".jsonl", ".ndjson")
_JSON_COLUMNS = ("actor", "data", "corrects")
_WHOLE = re.compile(r"[-+]?\d{1,18}", re.ASCII)

LineReader = Callable[[Path, Progress], Iterator[Entry | Unreadable]]


def read_journal(path: Path, *, on_progress: Progress = no_progress) -> Journal:
    """The journal in a file; its suffix says the format.

    Raises:
        InputError: the file as a whole cannot be read; single lines become `Unreadable`.
    """
    return read_journals([path], on_progress=on_progress)


def read_journals(paths: Iterable[Path], *, on_progress: Progress = no_progress) -> Journal:
    """One journal out of several files; an event that stands in two of them is counted once."""
    readers = [(path, _reader(path)) for path in paths]
    return collect(line for path, read in readers for line in read(path, on_progress))


def _reader(path: Path) -> LineReader:
    suffix = path.suffix.lower()
    if suffix in JSON_SUFFIXES:
        return _json_lines
    for form in (CSV, PARQUET):
        if suffix in form.suffixes:
            return lambda path, on_progress: _table_lines(path, form, on_progress)
    raise OTHER_SUFFIX.refusal(str(path))


def _json_lines(path: Path, on_progress: Progress) -> Iterator[Entry | Unreadable]:
    name = str(path)
    refused: list[Unreadable] = []
    objects = 0
    for number, line in enumerate(text_lines(path, on_progress), start=1):
        text = line.rstrip()
        if not text:
            continue
        place = f"{name}:{number}"
        if text.startswith("[") and not objects and not refused:
            raise NOT_LINES.refusal(place)
        try:
            raw = _object(text)
            objects += 1
            event = _event(raw)
        except Unfit as error:
            refused.append(error.unreadable(place))
            yield refused[-1]
        else:
            yield place, event
    if refused and not objects:
        raise NOT_LINES.refusal(refused[0].place)


def _event(raw: Mapping[str, object]) -> Event:
    event = read_event(raw)
    check_times(event)
    return event


def _object(text: str) -> dict[str, object]:
    value = parse_json(text)
    if isinstance(value, dict):
        return value
    raise Unfit(NOT_AN_OBJECT.fill())


def _table_lines(
    path: Path, form: InputFormat, on_progress: Progress
) -> Iterator[Entry | Unreadable]:
    _check_columns(path, form)
    for row in form.read_rows(path, on_progress):
        if isinstance(row, Unreadable):
            yield row
            continue
        place, cells = row
        try:
            event = _event({key: _cell(key, text) for key, text in cells.items() if text})
        except Unfit as error:
            yield error.unreadable(place)
        else:
            yield place, event


def _check_columns(path: Path, form: InputFormat) -> None:
    if form.read_columns is None:
        return
    columns = form.read_columns(path)
    for column in columns:
        if column not in KEYS:
            hint = did_you_mean(column, KEYS)
            raise STRANGE_COLUMN.refusal(f"{path}:1", column=shown(column), hint=hint)
    for column in REQUIRED:
        if column not in columns:
            raise NO_COLUMN.refusal(f"{path}:1", column=column)


def _cell(key: str, text: str) -> object:
    """The JSON value that the cell of a column stands for."""
    if key == "sequence":
        return int(text) if _WHOLE.fullmatch(text) else text
    if key not in _JSON_COLUMNS:
        return text
    try:
        return parse_json(text)
    except Unfit as error:
        raise Unfit(IN_CELL.fill(column=key, why=error.text)) from error
