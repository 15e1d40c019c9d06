"""Decision tables: hash look-ups, one per pattern of wildcards, or row by row for comparisons."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from kaocheng.evaluate.python._source import Value, constant, tuple_of
from kaocheng.language.expressions import Lookup
from kaocheng.plan.algebra import Bound, TableRows

if TYPE_CHECKING:
    from kaocheng.evaluate.python._expressions import Expressions

_Key = tuple[object, ...]
_Patterns = dict[tuple[int, ...], dict[_Key, tuple[int, object]]]
_Reader = Callable[..., object]


def lookup(writer: Expressions, expr: Lookup) -> Value:
    """The first row that matches, else the table's `otherwise`."""
    table = writer.setting.version.tables[expr.table]
    patterns = by_pattern(table)
    otherwise = constant(table.otherwise).code
    compares = any(isinstance(part, Bound) for key, _ in table.rows for part in key)
    exact = not compares and all(len(pattern) == len(expr.args) for pattern in patterns)
    make = partial(_exact if exact else _first_match, patterns)
    if compares:
        make = partial(_row_by_row, table)
    prepared = writer.module.bind(expr.table, table, make)

    def body(*keys: str) -> str:
        parts = tuple_of([Value(key, tight=True) for key in keys])
        key = keys[0] if exact and len(keys) == 1 else parts.code
        return f"{prepared}({key}, {otherwise})"

    return writer.strict(expr.args, body, partial=True)


def _exact(patterns: _Patterns) -> _Reader:
    """One look-up; a key of one part is that part."""
    rows = next(iter(patterns.values()), {})
    single = all(len(key) == 1 for key in rows)
    return {key[0] if single else key: result for key, (_, result) in rows.items()}.get


def _first_match(patterns: _Patterns) -> _Reader:
    """One look-up per pattern; of those that match, the row written first."""

    def first_match(key: _Key, otherwise: object) -> object:
        found = [
            rows[part]
            for pattern, rows in patterns.items()
            if (part := tuple(key[place] for place in pattern)) in rows
        ]
        return min(found)[1] if found else otherwise

    return first_match


def _row_by_row(table: TableRows) -> _Reader:
    """The first row all of whose tests hold."""
    rows = [
        ([_test(place, part) for place, part in enumerate(key) if part is not None], result)
        for key, result in table.rows
    ]

    def first_match(key: _Key, otherwise: object) -> object:
        for tests, result in rows:
            if all(holds(key[place], value) for place, holds, value in tests):
                return result
        return otherwise

    return first_match


def _test(place: int, part: object) -> tuple[int, Callable[[object, object], bool], object]:
    """Which part of the key is held against what, and how."""
    if isinstance(part, Bound):
        return place, part.compare, part.value
    return place, operator.eq, part


def by_pattern(table: TableRows) -> _Patterns:
    """The rows, each with its place, by which parts of their keys are exact."""
    patterns: _Patterns = {}
    for place, (key, result) in enumerate(table.rows):
        exact = tuple(index for index, part in enumerate(key) if part is not None)
        rows = patterns.setdefault(exact, {})
        rows.setdefault(tuple(key[index] for index in exact), (place, result))
    return patterns
