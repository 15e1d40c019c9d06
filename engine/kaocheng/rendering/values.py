"""Values of the number line as text: dates, instants with offset, durations, decimals."""

from __future__ import annotations

from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.numberline import DAY, NEVER, format_date, format_instant
from kaocheng.calendars.zones import Zone, local_day, to_local
from kaocheng.language.amounts import decimal, duration, duration_words
from kaocheng.language.types import DATE, DURATION, INSTANT, Decimal, ListOf, Type

# Blanks that are wider or firmer than others, and hide nothing.
_SPACES = "\u3000\u00a0"


def printable(line: str) -> str:
    """A line without characters that would move the cursor or hide what stands there."""
    return "".join(c if c.isprintable() or c in _SPACES else "\ufffd" for c in line)


def plain(value: object, type_: Type, zone: Zone) -> object:
    """A value as JSON has it: texts for times and decimals, null for unknown, `never`."""
    if value is None:
        return None
    if isinstance(type_, ListOf):
        items = value if isinstance(value, tuple) else (value,)
        return [plain(item, type_.item, zone) for item in items]
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    return _number(value, type_, zone)


def _number(value: int, type_: Type, zone: Zone) -> object:
    if type_ in (DATE, INSTANT) and value == NEVER:
        return "never"
    if type_ == DATE:
        return format_date(value)
    if type_ == INSTANT:
        return format_instant(value, zone)
    if type_ == DURATION:
        return duration(value)
    if isinstance(type_, Decimal):
        return decimal(value, type_.scale)
    return value


def text(value: object, type_: Type, zone: Zone, *, language: str = "en") -> str:
    """A value as a table shows it."""
    if type_ == DURATION and isinstance(value, int):
        return duration_words(value)[language == "zh"]
    shown = plain(value, type_, zone)
    if shown is None:
        return "未知" if language == "zh" else "unknown"
    if shown == "never":
        return "尚未发生" if language == "zh" else "not yet"
    if isinstance(shown, bool):
        return ("是" if shown else "否") if language == "zh" else ("yes" if shown else "no")
    if isinstance(shown, list):
        return ", ".join(str(item) for item in shown)
    return str(shown)


def as_of_text(us: int, zone: Zone, *, language: str = "en") -> str:
    """The world's time as people read it: the last moment of a day is the end of that day."""
    try:
        if to_local(zone, us + 1) % DAY == 0:
            day = format_date(local_day(zone, us))
            return f"{day} 日终" if language == "zh" else f"{day}, end of day"
    except ClockError:
        pass
    return text(us, INSTANT, zone, language=language)
