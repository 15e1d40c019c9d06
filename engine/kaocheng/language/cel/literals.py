"""Literals on the number line, with what CEL lets through and a rule must not contain."""

from __future__ import annotations

import re
from fractions import Fraction

from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.numberline import SECOND, parse_date, parse_instant

_INTEGER = re.compile(r"-?\s*(?:0|[1-9]\d*)", re.ASCII)
_DECIMAL = re.compile(r"-?\s*(?:0|[1-9]\d*)\.(\d+)", re.ASCII)
_PART = r"(\d+(?:\.\d+)?)(h|ms|m|s|us)"
_DURATION = re.compile(rf"-?(?:{_PART})+", re.ASCII)
_PARTS = re.compile(_PART, re.ASCII)
_UNITS = {"h": 3600 * SECOND, "m": 60 * SECOND, "s": SECOND, "ms": 1000, "us": 1}
# CEL's own bound: ten thousand years.
_LONGEST = 315_576_000_000 * SECOND
_MOST_DIGITS = 40


def is_integer(source: str) -> bool:
    """Whether a whole number is written in plain digits."""
    return _INTEGER.fullmatch(source) is not None


def decimal(source: str) -> tuple[int, int] | None:
    """The units and the decimal places of `2.50`; None when it is not written plainly."""
    found = _DECIMAL.fullmatch(source)
    if found is None:
        return None
    digits = re.sub(r"[\s.]", "", source)
    # Far beyond 64 bits already, and very long numbers are slow to read.
    units = int(digits[:_MOST_DIGITS])
    return units, len(found[1])


def date(text: str) -> int | None:
    """The day number of `2009-03-02`."""
    try:
        return parse_date(text)
    except ClockError:
        return None


def instant(text: str) -> int | None:
    """The microseconds of `2009-03-02T09:00:00+08:00`."""
    try:
        return parse_instant(text)
    except ClockError:
        return None


def duration(text: str) -> int | None:
    """The microseconds of `1h30m`; None for anything finer, or in days."""
    if len(text) > _MOST_DIGITS or _DURATION.fullmatch(text) is None:
        return None
    length = sum(Fraction(amount) * _UNITS[unit] for amount, unit in _PARTS.findall(text))
    if length.denominator != 1 or length > _LONGEST:
        return None
    return -int(length) if text.startswith("-") else int(length)
