"""Whole numbers that are hardly meant as times in microseconds.

Unix counts seconds since 1970 and JavaScript milliseconds. Read as microseconds both lie in the
first weeks of 1970, and whatever they start was due half a century ago. A number that nobody
has set is 0 or -1. What is known of earlier times can be said as text.
"""

from __future__ import annotations

from kaocheng.calendars.numberline import (
    DAY,
    SECOND,
    format_date,
    format_instant,
    parse_instant,
)
from kaocheng.journal.texts import Message, Text

_FIRST, _END = parse_instant("2000-01-01T00:00:00Z"), parse_instant("2100-01-01T00:00:00Z")
_MILLISECOND = SECOND // 1000
_UNITS = ((_MILLISECOND, Text("milliseconds", "毫秒")), (SECOND, Text("seconds", "秒")))
_LEAST, _MOST = _FIRST // SECOND, _END // _MILLISECOND
_MISREAD = Message(
    "misread_unit",
    "`{value}` is {day} in microseconds; it reads as {instant} in {unit}: give {give}",
    "`{value}` 按微秒计为 {day}，按{unit}计则为 {instant}；请给出{give}",
)
_UNSET = Message(
    "unset",
    "`{value}` is no time after 1970, but what a number is that nobody has set: give {give}",
    "`{value}` 不是 1970 年以后的时刻，多为未赋值的数：请给出{give}",
)
_EITHER = Text("microseconds or text", "微秒数或文本")


def why_unset(value: int, *, give: Text = _EITHER) -> Text | None:
    """Why an instant is hardly meant as one: it is 0 or less."""
    return None if value > 0 else _UNSET.fill(value=str(value), give=give)


def why_misread(value: int, *, give: Text = _EITHER) -> Text | None:
    """Why an instant is hardly meant as microseconds: in another unit it is of this century."""
    if not _LEAST <= value < _MOST:  # as nearly always
        return None
    for size, unit in _UNITS:
        meant = value * size
        if _FIRST <= meant < _END:
            day, instant = format_date(value // DAY), format_instant(meant)
            return _MISREAD.fill(value=str(value), day=day, instant=instant, unit=unit, give=give)
    return None
