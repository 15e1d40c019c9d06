"""Types and names as messages show them: the words of policy writers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaocheng.language.types import DATE, DURATION, INSTANT, Enum, ListOf, Row, Type

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_MOST = 12

# How a value in quotes becomes one of these types.
WRITTEN: Mapping[Type, str] = {
    DATE: "date('{}')",
    INSTANT: "timestamp('{}')",
    DURATION: "duration('{}')",
}


def describe(type_: Type) -> str:
    """The type in a few words."""
    if isinstance(type_, Enum):
        return f"one of {known(type_.values)}"
    if isinstance(type_, ListOf):
        item = type_.item
        return f"list of {item.relation if isinstance(item, Row) else describe(item)}"
    return str(type_)


def known(names: Iterable[str]) -> str:
    """The names in a row, cut off where they are many."""
    listed = list(names)
    shown = listed[:_MOST]
    return ", ".join(shown if len(listed) <= _MOST else [*shown, "…"])


def either(types: Iterable[Type]) -> str:
    """Several types of which one is wanted."""
    return " / ".join(dict.fromkeys(map(describe, types)))
