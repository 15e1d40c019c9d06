"""Parquet as a format of foreign tables and of journals; needs pyarrow, imported when used.

Cells become text as CSV would hold them: dates `2009-03-02`, instants RFC 3339, null
blank. A timestamp without a zone stays a local time (`2009-03-02T09:00:00`), which an
input may read with a format and a journal refuses, as it refuses it in text.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kaocheng.journal.files import opened
from kaocheng.journal.input_format import SAME_COLUMN, InputFormat, Progress, Row
from kaocheng.journal.texts import Message

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

NOT_PARQUET = Message(
    "not_parquet",
    "the file is not Parquet, or it is cut short",
    "文件不是 Parquet 格式，或内容不完整",
)
NO_PYARROW = Message(
    "no_pyarrow",
    "reading Parquet needs the extra `columns` (`kaocheng[columns]`)",
    "读取 Parquet 需要安装扩展 `columns`（`kaocheng[columns]`）",
)
NOT_PLAIN = Message(
    "not_plain",
    "the column `{column}` holds bytes or nested values; store them as text",
    "列 `{column}` 为字节或嵌套值，请改存为文本",
)
FINER_COLUMN = Message(
    "finer_column",
    "the column `{column}` holds instants finer than a microsecond",
    "列 `{column}` 的时刻精度高于微秒",
)

_ROWS_OF_A_BATCH = 8_192


def read_rows(path: Path, on_progress: Progress) -> Iterator[Row]:
    """The rows; a place is the file and the number of the row, from 1."""
    with _parquet(path) as file:
        header = _header(path, file)
        total = file.metadata.num_rows
        done = 0
        for batch in _batches(path, file):
            cells = [_texts(path, *named) for named in zip(header, batch.columns, strict=True)]
            for row in zip(*cells, strict=True):
                done += 1
                yield f"{path}:{done}", dict(zip(header, row, strict=True))
            on_progress(done, total)


def read_columns(path: Path) -> tuple[str, ...]:
    """The names of the columns."""
    with _parquet(path) as file:
        return _header(path, file)


def _parquet(path: Path) -> ParquetFile:
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ModuleNotFoundError as error:
        raise NO_PYARROW.refusal(str(path)) from error
    with opened(path):
        pass
    try:
        return ParquetFile(path)
    except (ArrowException, OSError) as error:
        raise NOT_PARQUET.refusal(str(path)) from error


def _batches(path: Path, file: ParquetFile) -> Iterator[Any]:
    from pyarrow import ArrowException

    try:
        yield from file.iter_batches(batch_size=_ROWS_OF_A_BATCH)
    except (ArrowException, OSError) as error:
        raise NOT_PARQUET.refusal(str(path)) from error


def _header(path: Path, file: ParquetFile) -> tuple[str, ...]:
    from pyarrow.types import is_binary, is_large_binary, is_nested

    schema = file.schema_arrow
    for index, field in enumerate(schema):
        if is_nested(field.type) or is_binary(field.type) or is_large_binary(field.type):
            raise NOT_PLAIN.refusal(str(path), column=field.name)
        if field.name in schema.names[:index]:
            raise SAME_COLUMN.refusal(str(path), column=field.name)
    return tuple(schema.names)


def _texts(path: Path, name: str, column: Any) -> list[str]:  # noqa: ANN401 - pyarrow has no types
    from pyarrow import ArrowInvalid, timestamp
    from pyarrow.types import is_timestamp

    if is_timestamp(column.type):
        # Python's own instants end at microseconds; without the cast, finer ones are lost.
        try:
            column = column.cast(timestamp("us", tz=column.type.tz))
        except ArrowInvalid as error:
            raise FINER_COLUMN.refusal(str(path), column=name) from error
    return [_text(cell) for cell in column.to_pylist()]


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, dt.date):  # an instant too
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return f"{cell:f}" if isinstance(cell, Decimal) else str(cell)


PARQUET = InputFormat(
    name="parquet", suffixes=(".parquet",), read_rows=read_rows, read_columns=read_columns
)
