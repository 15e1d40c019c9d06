"""Scaled integers and durations as text."""

from __future__ import annotations

_SECOND = 1_000_000
_UNITS = (("D", 86_400), ("H", 3_600), ("M", 60))
_WORDS = {"D": ("day", "天"), "H": ("hour", "小时"), "M": ("minute", "分钟"), "S": ("second", "秒")}


def decimal(value: int, scale: int) -> str:
    """A scaled integer as a decimal number: `decimal(125, 1)` is `12.5`."""
    if scale == 0:
        return str(value)
    sign = "-" if value < 0 else ""
    whole, part = divmod(abs(value), 10**scale)
    return f"{sign}{whole}.{part:0{scale}d}"


def trimmed(number: str) -> str:
    """A decimal number without the noughts that say nothing: `2.50` is `2.5`."""
    return number.rstrip("0").rstrip(".") if "." in number else number


def duration(micros: int) -> str:
    """A duration as ISO 8601 writes it, in days of 24 hours: `P3DT4H30M`."""
    sign = "-" if micros < 0 else ""
    seconds, rest = divmod(abs(micros), _SECOND)
    parts: dict[str, int] = {}
    for unit, length in _UNITS:
        parts[unit], seconds = divmod(seconds, length)
    days = f"{parts['D']}D" if parts["D"] else ""
    time = "".join(f"{parts[u]}{u}" for u in ("H", "M") if parts[u])
    if seconds or rest:
        time += f"{seconds}.{rest:06d}".rstrip("0").rstrip(".") + "S"
    if not days and not time:
        return "PT0S"
    return f"{sign}P{days}{'T' + time if time else ''}"


def duration_words(micros: int) -> tuple[str, str]:
    """A duration in English and Chinese words, in days of 24 hours: `2 hours 30 minutes`."""
    seconds, rest = divmod(abs(micros), _SECOND)
    english, chinese = [], []
    for unit, length in (*_UNITS, ("S", 1)):
        count, seconds = divmod(seconds, length)
        number = str(count)
        if unit == "S" and rest:
            number = f"{count}.{rest:06d}".rstrip("0")
        if number != "0":
            en, zh = _WORDS[unit]
            english.append(f"{number} {en}" if number == "1" else f"{number} {en}s")
            chinese.append(f"{number} {zh}")
    sign = "-" if micros < 0 else ""
    return sign + (" ".join(english) or "0 seconds"), sign + (" ".join(chinese) or "0 秒")
