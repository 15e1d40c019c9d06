"""What a format of foreign tables is: rows of text cells, each with its place.

A format only takes a file apart. What the cells mean is the ruleset's `inputs:`
section to say. CSV and Parquet are formats like any other; plugins add theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from attrs import frozen

from kaocheng.journal.texts import Message, did_you_mean, names
from kaocheng.model.events import Unreadable

Progress = Callable[[int, int | None], None]
"""Called with what is done and the total, in the units of the format (bytes or rows)."""

Row = tuple[str, Mapping[str, str]]
"""A row's place (`file:line`) and its cells by column; an empty text is a blank cell."""

RowReader = Callable[[Path, Progress], Iterator[Row | Unreadable]]
ColumnReader = Callable[[Path], tuple[str, ...]]

NO_FORMAT = Message(
    "no_format",
    "there is no input format `{seen}`; the known ones are {known}{hint}",
    "没有输入格式 `{seen}`，可用的有 {known}{hint}",
)


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


def format_named(name: str, formats: Iterable[InputFormat], *, place: str) -> InputFormat:
    """The format of that name.

    Raises:
        InputError: there is none; the message names `place`, which asked for it.
    """
    known = {form.name: form for form in formats}
    if name in known:
        return known[name]
    hint = did_you_mean(name, known)
    raise NO_FORMAT.refusal(place, seen=name, known=names(sorted(known)), hint=hint)
