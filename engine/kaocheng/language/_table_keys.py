"""The key cells of decision tables: a value, a comparison such as `>= 30`, or `*` for anything."""

from __future__ import annotations

import re
from collections.abc import Mapping

from attrs import evolve

from kaocheng.diagnostics import Code, Diagnostics
from kaocheng.language import declaration_codes
from kaocheng.language._values_reader import read_value
from kaocheng.language.types import DURATION, Enum, Type, is_number, is_time
from kaocheng.plan.algebra import Bound
from kaocheng.syntax import Scalar
from kaocheng.syntax.quoting import shown

ANY = "*"
SIGNS: Mapping[str, str] = {">=": "ge", ">": "gt", "<=": "le", "<": "lt"}

_COMPARISON = re.compile(r"([<>=＜＞＝≤≥≦≧⩽⩾]+)\s*(.*)", re.DOTALL)
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("≥≧⩾", ">="),
        **dict.fromkeys("≤≦⩽", "<="),
        "＞": ">",
        "＜": "<",
        "＝": "=",
    }
)
_TURNED = {"=>": ">=", "=<": "<="}
_EQUALS = ("=", "==")
_SECOND = re.compile(r"[<>＜＞≤≥≦≧⩽⩾]|&&|\|\|")
_RANGE = re.compile(r"[-+]?\d[\d.]*\s*(?:-|–|—|~|～|至|到|\.{2,3})\s*[-+]?\d[\d.]*", re.ASCII)
_SPOKEN = re.compile(
    r"(?P<before>不满|不足|超过|不超过|不少于|至少)?\s*(?P<value>\d[\d.:TZ-]*(?:\+\d[\d:]*)?)"
    r"\s*\w{0,2}?(?:[（(]?含本?数?[）)]?|及)?(?P<after>以上|以下|以内|\+)?",
)
_WORDS: Mapping[str, tuple[str, ...]] = {
    "+": (">=",),
    "以上": (">=",),
    "以下": ("<", "<="),
    "以内": ("<=",),
    "不满": ("<",),
    "不足": ("<",),
    "超过": (">",),
    "不超过": ("<=",),
    "不少于": (">=",),
    "至少": (">=",),
}


def read_key(cell: Scalar, column: str, type_: Type, diagnostics: Diagnostics) -> object | None:
    """What a cell fits: a value on the number line, a `Bound`, or None for anything."""
    if cell.text == ANY:
        return None
    sign = _sign(cell.text)
    if sign in SIGNS and not (isinstance(type_, Enum) and cell.text in type_.values):
        if _is_ordered(type_):
            return _bound(cell, sign, type_, diagnostics)
        words = {"seen": shown(cell.text), "column": column}
        diagnostics.add(declaration_codes.COMPARED_COLUMN, cell.span, words=words)
        return None
    if _is_ordered(type_) and _is_misread(cell, sign, type_, diagnostics):
        return None
    return read_value(cell, type_, diagnostics)


def _sign(text: str) -> str:
    """The sign that a text begins with, as this language writes it; empty if there is none."""
    sign = _parts(text)[0].translate(_PLAIN)
    return _TURNED.get(sign, sign)


def _is_ordered(type_: Type) -> bool:
    return is_number(type_) or is_time(type_) or type_ == DURATION


def _bound(cell: Scalar, sign: str, type_: Type, diagnostics: Diagnostics) -> Bound | None:
    """A sign and a value of the column's type."""
    written, rest = _parts(cell.text)
    if not rest:
        _report(declaration_codes.NOTHING_COMPARED, cell, diagnostics)
    elif _SECOND.search(rest):
        _report(declaration_codes.TWO_BOUNDS, cell, diagnostics)
    elif written != sign:
        _misspelt(cell, [f"{sign} {rest}"], diagnostics)
    else:
        span = cell.span_at(1, cell.text.index(rest) + 1, len(rest))
        value = read_value(evolve(cell, text=rest, span=span), type_, diagnostics)
        return Bound(SIGNS[sign], value) if isinstance(value, int) else None
    return None


def _parts(text: str) -> tuple[str, str]:
    """The sign as written, and what stands behind it."""
    found = _COMPARISON.fullmatch(text)
    return (found[1], found[2]) if found else ("", text)


def _is_misread(cell: Scalar, sign: str, type_: Type, diagnostics: Diagnostics) -> bool:
    """Whether it is an equation, a range, or a comparison in the words of a law."""
    value = _parts(cell.text)[1]
    if sign in _EQUALS and value:
        _misspelt(cell, [value], diagnostics)
        return True
    if is_number(type_) and _RANGE.fullmatch(cell.text):
        _report(declaration_codes.TWO_BOUNDS, cell, diagnostics)
        return True
    spoken = _SPOKEN.fullmatch(cell.text)
    word = spoken and (spoken["before"] or spoken["after"])
    if spoken is None or not word:
        return False
    _misspelt(cell, [f"{sign} {spoken['value']}" for sign in _WORDS[word]], diagnostics)
    return True


def _misspelt(cell: Scalar, forms: list[str], diagnostics: Diagnostics) -> None:
    """Report a comparison that is written otherwise; several forms differ in what they include."""
    quoted = [f"`{shown(form)}`" for form in forms]
    words = {"seen": shown(cell.text), "fixed": quoted[0], "fixed_zh": quoted[0]}
    if len(quoted) > 1:
        words["fixed"] += f", or {quoted[1]} where the text includes the number itself"
        words["fixed_zh"] += f"；原文包括本数的写 {quoted[1]}"
    diagnostics.add(declaration_codes.COMPARISON_FORM, cell.span, words=words)


def _report(code: Code, cell: Scalar, diagnostics: Diagnostics) -> None:
    diagnostics.add(code, cell.span, seen=shown(cell.text))
