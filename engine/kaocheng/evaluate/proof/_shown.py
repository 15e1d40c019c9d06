"""Values of a model as rows on the number line, and as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import z3

from kaocheng.calendars.numberline import SECOND, format_date, format_instant
from kaocheng.calendars.zones import Zone
from kaocheng.evaluate.proof._rows import BaseRow
from kaocheng.evaluate.proof._strings import Strings
from kaocheng.evaluate.proof._values import Symbol
from kaocheng.evaluate.proof.results import ShownRow
from kaocheng.language.schema import Relation
from kaocheng.language.types import (
    BOOL,
    DATE,
    DURATION,
    INSTANT,
    STRING,
    Decimal,
    Enum,
    ListOf,
    Reference,
    Type,
)


def concrete(symbol: Symbol, type_: Type, model: z3.ModelRef, strings: Strings) -> object:
    """The value of a symbol in a model; None is unknown."""
    if z3.is_true(model.eval(symbol.unknown, model_completion=True)):
        return None
    value = model.eval(symbol.value, model_completion=True)
    if type_ == BOOL:
        return z3.is_true(value)
    if type_ == STRING or isinstance(type_, Enum | Reference):
        return strings.text(value, type_)
    return value.as_long()


def concrete_row(row: BaseRow, model: z3.ModelRef, strings: Strings) -> tuple[object, ...]:
    """The row in a model; what nothing asks for is unknown, and a list is empty."""
    return tuple(
        concrete(row.columns[name], type_, model, strings)
        if name in row.columns
        else () if isinstance(type_, ListOf) else None
        for name, type_ in row.relation.columns.items()
    )  # fmt: skip


def shown_row(
    relation: Relation, values: Iterable[object], names: Iterable[str], zone: Zone
) -> ShownRow:
    """Some columns of a row, for people."""
    wanted = set(names)
    chosen: Mapping[str, object] = {
        name: value for name, value in zip(relation.columns, values, strict=True) if name in wanted
    }
    texts = {name: text_of(value, relation.columns[name], zone) for name, value in chosen.items()}
    return ShownRow(relation=relation.name, values=chosen, texts=texts)


def text_of(value: object, type_: Type, zone: Zone) -> str:
    """A value as people read it: dates and instants in ISO 8601, decimals with their point."""
    if value is None or isinstance(value, bool):
        return {None: "unknown", True: "true", False: "false"}[value]
    if not isinstance(value, int):
        return str(value)
    if type_ == DATE:
        return format_date(value)
    if type_ == INSTANT:
        return format_instant(value, zone)
    return _number(value, type_)


def _number(value: int, type_: Type) -> str:
    if type_ == DURATION:
        return f"{_decimal(value, _places(SECOND))} s"
    return _decimal(value, type_.scale) if isinstance(type_, Decimal) else str(value)


def _places(unit: int) -> int:
    return len(str(unit)) - 1


def _decimal(value: int, scale: int) -> str:
    sign = "-" if value < 0 else ""
    whole, part = divmod(abs(value), 10**scale)
    tail = f"{part:0{scale}d}".rstrip("0") if scale else ""
    return f"{sign}{whole}.{tail}" if tail else f"{sign}{whole}"
