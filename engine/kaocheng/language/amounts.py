"""Scaled integers and durations as text."""

from __future__ import annotations

_SECOND = 1_000_000
_UNITS = (("D", 86_400), ("H", 3_600), ("M", 60))


def decimal(value: int, scale: int) -> str:
    """A scaled integer as a decimal number: `decimal(125, 1)` is `12.5`."""
    if scale == 0:
        return str(value)
    sign = "-" if value < 0 else ""
    whole, part = divmod(abs(value), 10**scale)
    return f"{sign}{whole}.{part:0{scale}d}"


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
