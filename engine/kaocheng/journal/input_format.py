"""What a format of foreign tables is: rows of text cells, each with its place.

A format only takes a file apart. What the cells mean is the ruleset's `inputs:`
section to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from attrs import frozen

from kaocheng.journal.texts import Message
from kaocheng.model.events import Unreadable

Progress = Callable[[int, int | None], None]
"""Called with what is done and the total, in the units of the format (bytes or rows)."""

Row = tuple[str, Mapping[str, str]]
"""A row's place (`file:line`) and its cells by column; an empty text is a blank cell."""

RowReader = Callable[[Path, Progress], Iterator[Row | Unreadable]]
ColumnReader = Callable[[Path], tuple[str, ...]]

SAME_COLUMN = Message("same_column", "the column `{column}` stands twice", "列 `{column}` 重复出现")


@frozen(kw_only=True)
class InputFormat:
    """A format of foreign tables.

    `read_columns` gives the columns that every row has, from the head of the file alone;
    a format whose rows differ leaves it out, and its columns are those that some row has.
    """

    name: str
    suffixes: tuple[str, ...]
    read_rows: RowReader
    read_columns: ColumnReader | None = None


def no_progress(_done: int, _total: int | None) -> None:
    """The progress callback of those who do not care."""
