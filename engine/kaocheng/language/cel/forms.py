"""How functions, methods and macros are written, from the one list of operations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaocheng.language.operations import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kaocheng.language.schema import TableShape

# Function -> its operation, where they are not called alike.
_RENAMED = {"int": "seconds"}
_CALLED = [
    "earliest",
    "latest",
    "min",
    "max",
    "sum",
    "date_of",
    "start_of",
    "end_of",
    "add_days",
    "add_months",
    "year",
    "month",
    "day",
    "weekday",
    "utc_offset",
    "int",
    "is_working_day",
    "happened",
    "started",
    "whole",
    "ratio",
    "round",
    "size",
]

FUNCTIONS: Mapping[str, str] = {
    **{name: OPERATIONS[_RENAMED.get(name, name)].written for name in _CALLED},
    "duration": "duration('72h')",
    "timestamp": "timestamp('2009-03-02T09:00:00+08:00')",
    "date": "date('2009-03-02')",
}
METHOD_OPERATIONS: Mapping[str, str] = {
    "startsWith": "starts_with",
    "endsWith": "ends_with",
    "contains": "contains",
}
METHODS: Mapping[str, str] = {
    name: OPERATIONS[operation].written for name, operation in METHOD_OPERATIONS.items()
}
MACROS: Mapping[str, str] = {
    "exists": "list.exists(x, condition)",
    "all": "list.all(x, condition)",
    "exists_one": "list.exists_one(x, condition)",
    "filter": "list.filter(x, condition)",
    "map": "list.map(x, value)",
    "has": "has(r.field)",
}
TYPE_NAMES = frozenset(
    ["bool", "bytes", "double", "dyn", "int", "list", "map", "null_type", "string", "type", "uint"]
)


def table_form(table: TableShape) -> str:
    """How a decision table is looked up."""
    return f"{table.name}({', '.join(name for name, _ in table.arguments)})"
