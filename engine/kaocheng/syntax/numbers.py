"""Readers of numbers: decimal digits as everyone reads them, and none of YAML's other spellings."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from kaocheng.diagnostics import Code, Diagnostics
from kaocheng.syntax import value_codes as codes
from kaocheng.syntax.quoting import shown
from kaocheng.syntax.tree import Scalar

# All amounts are scaled integers of 64 bits in every evaluator.
MOST_DIGITS = 18

_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)", re.ASCII)
_DECIMAL = re.compile(r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?", re.ASCII)
_LEADING_ZERO = re.compile(r"[-+]?0+[0-9]+(?:\.[0-9]+)?", re.ASCII)
_SEPARATED = re.compile(r"[-+]?[0-9]+(?:[_,' ][0-9]+)+(?:\.[0-9]+)?", re.ASCII)
_OTHER_BASE = re.compile(r"([-+]?)(0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+)", re.ASCII)
_EXPONENT = re.compile(r"[-+]?[0-9]*\.?[0-9]+[eE][-+]?[0-9]+", re.ASCII)
_CLOCK = re.compile(r"[0-9]{1,2}(?::[0-9]{2}){1,2}", re.ASCII)


def as_int(scalar: Scalar, diagnostics: Diagnostics) -> int | None:
    """A whole number in decimal digits."""
    if _is_number(scalar, diagnostics, _INTEGER, codes.NOT_AN_INTEGER):
        return int(scalar.text)
    return None


def as_decimal(scalar: Scalar, diagnostics: Diagnostics) -> Decimal | None:
    """A number in decimal digits, with a point or without, exactly as written."""
    if _is_number(scalar, diagnostics, _DECIMAL, codes.NOT_A_NUMBER):
        return Decimal(scalar.text)
    return None


def _is_number(
    scalar: Scalar, diagnostics: Diagnostics, wanted: re.Pattern[str], otherwise: Code
) -> bool:
    text = scalar.text
    if scalar.is_blank:
        return False
    if wanted.fullmatch(text) is None:
        _refuse(scalar, diagnostics, wanted, otherwise)
        return False
    if sum(map(str.isdigit, text)) > MOST_DIGITS:
        limit = str(MOST_DIGITS)
        diagnostics.add(codes.NUMBER_TOO_LONG, scalar.span, seen=shown(text), limit=limit)
        return False
    return True


def _refuse(
    scalar: Scalar, diagnostics: Diagnostics, wanted: re.Pattern[str], otherwise: Code
) -> None:
    """Names the spelling that was used, so that it can be mended."""
    text, seen = scalar.text, shown(scalar.text)
    if len(text) <= MOST_DIGITS:  # else there is nothing helpful to say about a long text
        for code, pattern in (
            (codes.CLOCK_FOR_NUMBER, _CLOCK),
            (codes.EXPONENT, _EXPONENT),
        ):
            if pattern.fullmatch(text):
                diagnostics.add(code, scalar.span, seen=seen)
                return
        for code, fixed in _mended(text):
            if wanted.fullmatch(fixed):
                diagnostics.add(code, scalar.span, seen=seen, fixed=fixed)
                return
    usual = unicodedata.normalize("NFKC", text)
    suggestion = usual if usual != text and wanted.fullmatch(usual) else None
    diagnostics.add(otherwise, scalar.span, suggestion=suggestion, seen=seen)


def _mended(text: str) -> list[tuple[Code, str]]:
    """The spelling that was used, and the number in plain digits."""
    based = _OTHER_BASE.fullmatch(text)
    if based is not None:
        return [(codes.OTHER_BASE, based[1] + str(int(based[2], 0)))]
    if _LEADING_ZERO.fullmatch(text):
        return [(codes.LEADING_ZERO, re.sub(r"^([-+]?)0+(?=[0-9])", r"\1", text))]
    if _SEPARATED.fullmatch(text):
        return [(codes.DIGIT_SEPARATOR, re.sub("[_,' ]", "", text))]
    return []
