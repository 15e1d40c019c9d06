"""Type names as policy writers write them: `date`, `decimal(1)`, `person`, `{one_of: […]}`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kaocheng.diagnostics import Diagnostics, nearest
from kaocheng.language import codes
from kaocheng.language.types import (
    BOOL,
    DATE,
    DURATION,
    INSTANT,
    INT,
    STRING,
    Decimal,
    Enum,
    ListOf,
    Reference,
    Type,
)
from kaocheng.syntax import Mapping, Node, Scalar, Sequence

_PRIMITIVES = {t.name: t for t in (BOOL, INT, STRING, DATE, INSTANT, DURATION)}
_DECIMAL = re.compile(r"decimal\((\d)\)")
TYPE_KEYS = ("one_of", "ordered", "list", "type")


def read_type(node: Node, name: str, kinds: Iterable[str], diagnostics: Diagnostics) -> Type | None:
    """The type that `node` names; `name` becomes the name of an enumeration."""
    if isinstance(node, Scalar):
        return _named_type(node, kinds, diagnostics)
    if isinstance(node, Mapping):
        for entry in node.entries:
            if entry.key.text in ("one_of", "ordered"):
                return _enum(
                    entry.value, name, ordered=entry.key.text == "ordered", diagnostics=diagnostics
                )
            if entry.key.text == "list":
                item = read_type(entry.value, name, kinds, diagnostics)
                return None if item is None else ListOf(item)
            if entry.key.text == "type":
                return read_type(entry.value, name, kinds, diagnostics)
    diagnostics.add(codes.UNKNOWN_TYPE, node.span, seen="…")
    return None


def _named_type(node: Scalar, kinds: Iterable[str], diagnostics: Diagnostics) -> Type | None:
    text = node.text
    if text in _PRIMITIVES:
        return _PRIMITIVES[text]
    match = _DECIMAL.fullmatch(text)
    if match is not None:
        return Decimal(int(match[1]))
    if text in kinds:
        return Reference(text)
    diagnostics.add(
        codes.UNKNOWN_TYPE, node.span, seen=text, suggestion=nearest(text, [*_PRIMITIVES, *kinds])
    )
    return None


def _enum(node: Node, name: str, *, ordered: bool, diagnostics: Diagnostics) -> Type | None:
    if not isinstance(node, Sequence) or not all(isinstance(i, Scalar) for i in node.items):
        diagnostics.add(
            codes.WRONG_SHAPE,
            node.span,
            key="ordered" if ordered else "one_of",
            wanted="a list of names",
            wanted_zh="名称清单",
            seen="something else",
            seen_zh="其他形式",
        )
        return None
    values = [item.text for item in node.items if isinstance(item, Scalar)]
    for index, item in enumerate(node.items):
        if values[index] in values[:index]:
            diagnostics.add(codes.DUPLICATE_ID, item.span, id=values[index])
            return None
    return Enum(name, tuple(values), ordered)
