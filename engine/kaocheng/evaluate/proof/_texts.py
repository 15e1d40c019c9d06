"""Operations that take strings apart; they need strings as texts (see `_strings`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import z3

from kaocheng.evaluate.proof._values import Symbol, strict


def _concat(*args: Symbol) -> Symbol:
    return strict(z3.Concat(args[0].value, args[1].value), args)


def _starts_with(*args: Symbol) -> Symbol:
    return strict(z3.PrefixOf(args[1].value, args[0].value), args)


def _ends_with(*args: Symbol) -> Symbol:
    return strict(z3.SuffixOf(args[1].value, args[0].value), args)


def _contains(*args: Symbol) -> Symbol:
    return strict(z3.Contains(args[0].value, args[1].value), args)


def _length(*args: Symbol) -> Symbol:
    return strict(z3.Length(args[0].value), args)


TEXTUAL: Mapping[str, Callable[..., Symbol]] = MappingProxyType(
    {
        "concat": _concat,
        "starts_with": _starts_with,
        "ends_with": _ends_with,
        "contains": _contains,
        "length": _length,
    }
)
