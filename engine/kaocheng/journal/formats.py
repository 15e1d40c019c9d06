"""The formats of foreign tables: those that are built in, and how plugins declare theirs.

CSV and Parquet are formats like any other.
"""

from __future__ import annotations

from collections.abc import Iterable

from kaocheng.journal.csv_rows import CSV
from kaocheng.journal.input_format import InputFormat, Progress, Row, no_progress
from kaocheng.journal.parquet_rows import PARQUET
from kaocheng.journal.texts import Message, did_you_mean, names

__all__ = [
    "BUILT_IN",
    "CSV",
    "PARQUET",
    "InputFormat",
    "Progress",
    "Row",
    "format_named",
    "no_progress",
]

BUILT_IN: tuple[InputFormat, ...] = (CSV, PARQUET)

NO_FORMAT = Message(
    "no_format",
    "there is no input format `{seen}`; the known ones are {known}{hint}",
    "没有输入格式 `{seen}`，可用的有 {known}{hint}",
)


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
