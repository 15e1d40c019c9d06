"""Values of the number line as text: dates, instants with offset, durations, decimals."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.numberline import DAY, format_date, format_instant
from kaocheng.calendars.zones import Zone, local_day, to_local
from kaocheng.language.amounts import decimal, duration, duration_words
from kaocheng.language.types import DATE, DURATION, INSTANT, Decimal, Enum, ListOf, Type

# What people say of values that are no numbers and no names.
_WORDS: tuple[tuple[object, str, str], ...] = (
    (None, "unknown", "未知"),
    ("never", "not yet", "尚未发生"),
    (True, "yes", "是"),
    (False, "no", "否"),
)
# Blanks that are wider or firmer than others, and hide nothing.
_SPACES = "\u3000\u00a0"


def printable(line: str) -> str:
    """A line without characters that would move the cursor or hide what stands there."""
    return "".join(c if c.isprintable() or c in _SPACES else "\ufffd" for c in line)


def plain(value: object, type_: Type, zone: Zone) -> object:
    """A value as JSON has it: texts for times and decimals, null for unknown, `never`."""
    convert = converter(type_, zone)
    return value if convert is None else convert(value)


def converter(type_: Type, zone: Zone) -> Callable[[object], object] | None:
    """What `plain` does to values of a type; None where JSON has them as they are."""
    if isinstance(type_, ListOf):
        item = converter(type_.item, zone)
        return lambda value: None if value is None else _items(value, item)
    say = _sayer(type_, zone)
    return None if say is None else lambda value: say(value) if isinstance(value, int) else value


def _items(value: object, convert: Callable[[object], object] | None) -> list[object]:
    items = value if isinstance(value, tuple) else (value,)
    return list(items if convert is None else map(convert, items))


def _sayer(type_: Type, zone: Zone) -> Callable[[int], str] | None:
    """What makes a text of a number that is not to be read as a number."""
    if type_ == DATE:
        return format_date
    if type_ == INSTANT:
        return partial(format_instant, zone=zone)
    if type_ == DURATION:
        return duration
    return partial(decimal, scale=type_.scale) if isinstance(type_, Decimal) else None


def text(value: object, type_: Type, zone: Zone, *, language: str = "en") -> str:
    """A value as a table shows it."""
    if isinstance(value, tuple) and isinstance(type_, ListOf):
        return ", ".join(text(item, type_.item, zone, language=language) for item in value)
    if type_ == DURATION and isinstance(value, int):
        return duration_words(value)[language == "zh"]
    if isinstance(type_, Enum) and isinstance(value, str):
        return type_.titles.get(value, {}).get(language, value)
    shown = plain(value, type_, zone)
    if isinstance(shown, list):
        return ", ".join(str(item) for item in shown)
    return _word(shown, language) or str(shown)


def _word(shown: object, language: str) -> str:
    """What is said of a value that people have a word for."""
    for value, english, chinese in _WORDS:
        if shown is value or (isinstance(value, str) and shown == value):
            return chinese if language == "zh" else english
    return ""


def as_of_text(us: int, zone: Zone, *, language: str = "en") -> str:
    """The world's time as people read it: the last moment of a day is the end of that day."""
    try:
        if to_local(zone, us + 1) % DAY == 0:
            day = format_date(local_day(zone, us))
            return f"{day} 日终" if language == "zh" else f"{day}, end of day"
    except ClockError:
        pass
    return text(us, INSTANT, zone, language=language)
