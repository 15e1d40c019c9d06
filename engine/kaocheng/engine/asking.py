"""The times that reads are asked with: instants as numbers or as text."""

from __future__ import annotations

from typing import overload

from kaocheng.engine.refusing import Refused, instant_of
from kaocheng.errors import ArgumentError
from kaocheng.journal.texts import Text


@overload
def instant(name: str, value: int | str) -> int: ...
@overload
def instant(name: str, value: int | str | None) -> int | None: ...
def instant(name: str, value: int | str | None) -> int | None:
    """Microseconds since 1970 UTC, of a number or of text such as `2009-03-02T09:00:00+08:00`.

    Raises:
        ArgumentError: it is no instant, or within a day of the ends of the calendar.
    """
    if value is None:
        return None
    try:
        return instant_of(name, value)
    except Refused as refused:
        why = refused.refusals[0].values["why"]
        said = why if isinstance(why, Text) else Text(str(why), str(why))
        en, zh = said.en.removeprefix(f"`{name}`: "), said.zh.removeprefix(f"`{name}`：")
        raise ArgumentError(name, f"is no instant: {en}", zh=f"不是时刻：{zh}") from refused
