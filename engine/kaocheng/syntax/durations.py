"""The one phrase of the language: a duration such as `2 hours`, `8 weeks` or `3 working days`."""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen

from kaocheng.diagnostics import Diagnostics, nearest
from kaocheng.syntax import value_codes as codes
from kaocheng.syntax.quoting import shown
from kaocheng.syntax.tree import Scalar

UNITS: Final = ("second", "minute", "hour", "day", "week", "month", "year", "working_day")

_MOST_DIGITS = 9
_PHRASE = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?) +([^\W\d](?:[\w -]*\w)?)", re.ASCII)
_SHORT = re.compile(r"([0-9]+)\s*([^\W\d_]+)")
_SYNONYMS: Final = {
    "business day": "working day",
    "work day": "working day",
    "workday": "working day",
    "weekday": "working day",
}
_SHORT_UNITS: Final = {
    "s": ("second",), "sec": ("second",), "secs": ("second",), "秒": ("second",),
    "m": ("minute", "month"), "min": ("minute",), "mins": ("minute",), "分钟": ("minute",),
    "h": ("hour",), "hr": ("hour",), "hrs": ("hour",), "小时": ("hour",),
    "d": ("day",), "天": ("day",), "日": ("day",),
    "w": ("week",), "wk": ("week",), "wks": ("week",), "周": ("week",), "星期": ("week",),
    "mo": ("month",), "月": ("month",), "个月": ("month",),
    "y": ("year",), "yr": ("year",), "yrs": ("year",), "年": ("year",),
    "wd": ("working_day",), "个工作日": ("working_day",), "工作日": ("working_day",),
}  # fmt: skip


@frozen
class Duration:
    """An amount of one unit of time: `Duration(3, "working_day")`."""

    amount: int
    unit: str

    def __str__(self) -> str:
        """The phrase: `3 working days`."""
        words = self.unit.replace("_", " ")
        return f"{self.amount} {words}" if self.amount == 1 else f"{self.amount} {words}s"


def as_duration(scalar: Scalar, diagnostics: Diagnostics) -> Duration | None:
    """A number above zero and a unit, singular or plural."""
    if scalar.is_blank:
        return None
    found = _PHRASE.fullmatch(scalar.text)
    unit = None if found is None else _unit(found[2])
    if found is None or (unit is None and found[2].lower() in _SHORT_UNITS):
        _refuse(scalar, diagnostics)
        return None
    if unit is None:
        suggestion = _nearest_unit(found[2], found[1])
        diagnostics.add(
            codes.UNKNOWN_UNIT, scalar.span, suggestion=suggestion, seen=shown(found[2])
        )
        return None
    return _counted(scalar, diagnostics, found[1], unit)


def _counted(scalar: Scalar, diagnostics: Diagnostics, amount: str, unit: str) -> Duration | None:
    seen = shown(scalar.text)
    if not amount.isdigit() or not amount.strip("0"):
        diagnostics.add(codes.NOT_A_COUNT, scalar.span, seen=seen)
        return None
    if len(amount) > _MOST_DIGITS:
        limit = str(_MOST_DIGITS)
        diagnostics.add(codes.NUMBER_TOO_LONG, scalar.span, seen=seen, limit=limit)
        return None
    return Duration(int(amount), unit)


def _unit(words: str) -> str | None:
    """The unit of `hour`, `hours`, `working day` or `working days`, or None."""
    singular = words.removesuffix("s")
    return next((unit for unit in UNITS if unit.replace("_", " ") == singular), None)


def _nearest_unit(words: str, amount: str) -> str | None:
    singular = words.lower().replace("-", " ").removesuffix("s")
    known = _SYNONYMS.get(singular) or nearest(singular, [unit.replace("_", " ") for unit in UNITS])
    if known is None:
        return None
    return known if amount == "1" else f"{known}s"


def _refuse(scalar: Scalar, diagnostics: Diagnostics) -> None:
    """Reports what is no phrase; one that is only written short is written out."""
    seen = shown(scalar.text)
    found = _SHORT.fullmatch(scalar.text)
    units = _short_units(found[2]) if found else ()
    if found is None or not units:
        diagnostics.add(codes.NOT_A_DURATION, scalar.span, seen=seen)
        return
    amount = int(found[1]) if len(found[1]) <= _MOST_DIGITS else 2
    phrases = " / ".join(f"`{Duration(amount, unit)}`" for unit in units)
    diagnostics.add(codes.SHORT_DURATION, scalar.span, seen=seen, fixed=phrases)


def _short_units(word: str) -> tuple[str, ...]:
    unit = _unit(word)
    return (unit,) if unit is not None else _SHORT_UNITS.get(word.lower(), ())
