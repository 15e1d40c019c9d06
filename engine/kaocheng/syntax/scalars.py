"""Readers of single values: each gives the value, or reports why it is none and gives None.

A blank value has been reported when the file was read, so the readers pass it over in silence.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from kaocheng.diagnostics import Diagnostics
from kaocheng.syntax import value_codes as codes
from kaocheng.syntax.quoting import shown
from kaocheng.syntax.tree import Scalar

_IDENTIFIER = re.compile("[a-z][a-z0-9_]*", re.ASCII)
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_LOOSE_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)
_TIME = re.compile(r"(\d{2}):(\d{2})", re.ASCII)
_LOOSE_TIME = re.compile(r"(\d{1,2})[:：.时](\d{2})分?(?:[:：.]00)?", re.ASCII)

_TRUE = frozenset(("true", "yes", "y", "on", "1", "t", "是"))
_FALSE = frozenset(("false", "no", "n", "off", "0", "f", "否"))

# The words of the Common Expression Language that cannot be names.
RESERVED_WORDS: Final = frozenset(
    (
        *("as", "break", "const", "continue", "else", "false", "for", "function", "if", "import"),
        *("in", "let", "loop", "namespace", "null", "package", "return", "true", "var", "void"),
        "while",
    )
)


def as_text(scalar: Scalar, diagnostics: Diagnostics) -> str | None:  # noqa: ARG001
    """The text; that of a block is given without the line break at its end."""
    if scalar.is_blank:
        return None
    return scalar.text.removesuffix("\n") if scalar.style in ("literal", "folded") else scalar.text


def as_bool(scalar: Scalar, diagnostics: Diagnostics) -> bool | None:
    """`true` or `false`, and no other word for them."""
    if scalar.is_blank:
        return None
    if scalar.text in ("true", "false"):
        return scalar.text == "true"
    word = scalar.text.lower()
    suggestion = "true" if word in _TRUE else "false" if word in _FALSE else None
    diagnostics.add(codes.NOT_A_FLAG, scalar.span, suggestion=suggestion, seen=shown(scalar.text))
    return None


def as_identifier(scalar: Scalar, diagnostics: Diagnostics) -> str | None:
    """A name that expressions can use: `lower_snake_case` and no reserved word."""
    text = scalar.text
    if scalar.is_blank:
        return None
    if text in RESERVED_WORDS:
        diagnostics.add(codes.RESERVED_WORD, scalar.span, seen=text)
        return None
    if _IDENTIFIER.fullmatch(text):
        return text
    suggestion = _snake_case(text)
    diagnostics.add(codes.NOT_AN_IDENTIFIER, scalar.span, suggestion=suggestion, seen=shown(text))
    return None


def as_date(scalar: Scalar, diagnostics: Diagnostics) -> dt.date | None:
    """A day of the calendar, `YYYY-MM-DD`."""
    if scalar.is_blank:
        return None
    found = _DATE.fullmatch(scalar.text)
    if found is None:
        loose = _LOOSE_DATE.fullmatch(scalar.text)
        suggestion = None if loose is None else "-".join(part.zfill(2) for part in loose.groups())
        seen = shown(scalar.text)
        diagnostics.add(codes.NOT_A_DATE, scalar.span, suggestion=suggestion, seen=seen)
        return None
    try:
        return dt.date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        diagnostics.add(codes.NO_SUCH_DATE, scalar.span, seen=scalar.text)
        return None


def as_time(scalar: Scalar, diagnostics: Diagnostics) -> dt.time | None:
    """A time of day, `HH:MM`."""
    if scalar.is_blank:
        return None
    found = _TIME.fullmatch(scalar.text)
    if found is None:
        loose = _LOOSE_TIME.fullmatch(scalar.text)
        suggestion = None if loose is None else f"{loose[1].zfill(2)}:{loose[2]}"
        seen = shown(scalar.text)
        diagnostics.add(codes.NOT_A_TIME, scalar.span, suggestion=suggestion, seen=seen)
        return None
    try:
        return dt.time(int(found[1]), int(found[2]))
    except ValueError:
        diagnostics.add(codes.NO_SUCH_TIME, scalar.span, seen=scalar.text)
        return None


def _snake_case(text: str) -> str | None:
    """The identifier that was probably meant by `DailyReport`, `daily-report` or `Daily report`."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    name = re.sub(r"[\s.-]+", "_", parted).lower()
    return name if _IDENTIFIER.fullmatch(name) and name not in RESERVED_WORDS else None
