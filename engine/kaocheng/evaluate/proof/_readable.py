"""A case that is easier to read: few unknowns, our own times, round and close together.

The solver's first case is any case. One wish after the other is then tried, and kept
where there is still a case; the order of the wishes is their weight.
"""

from __future__ import annotations

from collections.abc import Iterator

import z3

from kaocheng.calendars.numberline import DAY, HOUR, MINUTE, NEVER, SECOND, parse_date
from kaocheng.calendars.zones import Zone
from kaocheng.evaluate.proof._rows import BaseRow
from kaocheng.evaluate.proof._search import Search
from kaocheng.evaluate.proof._values import Symbol, inside, not_
from kaocheng.evaluate.proof._world import AllRows
from kaocheng.language.types import (
    BOOL,
    DATE,
    DURATION,
    INSTANT,
    INT,
    STRING,
    Decimal,
    Reference,
    Type,
)

_CLOSE = (1, 7, 31, 92, 366)
_SMALL = (0, 10, 1000)


def readable(
    search: Search, world: AllRows, model: z3.ModelRef, supposed: z3.BoolRef, *, zone: Zone
) -> z3.ModelRef:
    """A model that grants as many wishes as it can; round times are so in the zone."""
    held = [supposed]
    for wish in _wishes(world, model, zone.offsets[-1]):
        if z3.is_true(model.eval(wish, model_completion=True)):
            held.append(search.supposing(wish))
            continue
        name = search.supposing(wish)
        better = search.try_to_find(*held, name)
        if better is not None:
            model = better
            held.append(name)
    return model


def _wishes(world: AllRows, model: z3.ModelRef, offset: int) -> Iterator[z3.BoolRef]:
    rows = [
        row for row in world.base_rows
        if z3.is_true(model.eval(row.present, model_completion=True))
    ]  # fmt: skip
    columns = [(row.relation.columns[name], value) for row, name, value in _columns(rows)]
    yield from (not_(value.unknown) for _, value in columns)
    times: list[tuple[Type, z3.ArithRef]] = [
        (type_, value.value) for type_, value in columns if type_ in {DATE, INSTANT}
    ]
    if not z3.is_int_value(world.as_of):
        times.append((INSTANT, world.as_of))
    texts = (value for type_, value in columns if type_ == STRING or isinstance(type_, Reference))
    yield from (world.strings.nameless(each.value) for each in texts)
    yield from (_our_time(value, type_) for type_, value in times)
    yield from _alike(rows)
    yield from _round(times, offset)
    yield from _close(times)
    yield from _small(columns)


def _columns(rows: list[BaseRow]) -> Iterator[tuple[BaseRow, str, Symbol]]:
    for row in rows:
        for name, value in row.columns.items():
            yield row, name, value


def _our_time(value: z3.ArithRef, type_: Type) -> z3.BoolRef:
    unit = 1 if type_ == DATE else DAY
    return inside(value, parse_date("2000-01-01") * unit, parse_date("2040-01-01") * unit)


def _alike(rows: list[BaseRow]) -> Iterator[z3.BoolRef]:
    """Two rows that differ in as little as they can."""
    for row, name, value in _columns(rows):
        for other in rows[: rows.index(row)]:
            if other.relation.name == row.relation.name and name in other.columns:
                yield other.columns[name].value == value.value


def _round(times: list[tuple[Type, z3.ArithRef]], offset: int) -> Iterator[z3.BoolRef]:
    for type_, value in times:
        if type_ == INSTANT:
            units = (DAY, HOUR, MINUTE, SECOND)
            yield from (z3.Or(value == NEVER, (value + offset) % unit == 0) for unit in units)


def _close(times: list[tuple[Type, z3.ArithRef]]) -> Iterator[z3.BoolRef]:
    """Every time near the first one, in days."""
    if not times:
        return
    anchor = _in_days(*times[0])
    for type_, value in times[1:]:
        day = _in_days(type_, value)
        yield from (z3.Or(value == NEVER, _within(day - anchor, days)) for days in _CLOSE)


def _in_days(type_: Type, value: z3.ArithRef) -> z3.ArithRef:
    return value if type_ == DATE else value / DAY


def _small(columns: list[tuple[Type, Symbol]]) -> Iterator[z3.BoolRef]:
    for type_, value in columns:
        if type_ in {INT, DURATION} or isinstance(type_, Decimal):
            yield from (_within(value.value, limit) for limit in _SMALL)
        elif type_ == BOOL:
            yield not_(value.value)


def _within(value: z3.ArithRef, limit: int) -> z3.BoolRef:
    return inside(value, -limit, limit)
