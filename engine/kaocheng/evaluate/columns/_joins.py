"""Which expressions have to be looked up in another table, and who does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kaocheng.evaluate.columns import _calendars, _children, _links, _lookups, _pauses
from kaocheng.evaluate.columns._nodes import Behind, Paused, Reduced
from kaocheng.evaluate.columns._setting import Setting
from kaocheng.language.expressions import Call, Expr, Lookup

_BY_NODE: Mapping[type[Expr], str] = {Behind: "row", Reduced: "children", Paused: "pauses"}
_BY_OPERATION: Mapping[str, str] = {
    "_utc_offset": "offset",
    "_local_offset": "offset",
    "_is_worked": "day",
    "_working_days_before": "day",
    "_working_days_until": "day",
    "_nth_working_day": "nth",
}


def kind_of_join(setting: Setting, expr: Expr) -> str | None:
    """How an expression is looked up; None where it is written on the spot."""
    if isinstance(expr, Call):
        return _BY_OPERATION.get(expr.op)
    if isinstance(expr, Lookup):
        return "table" if _lookups.is_large(setting, expr) else None
    return _BY_NODE.get(type(expr))


JOINS: Mapping[str, Callable[[Any, Any], None]] = {
    "row": _links.join_rows,
    "children": _children.join_reduced,
    "pauses": _pauses.join_paused,
    "offset": _calendars.join_offsets,
    "day": _calendars.join_days,
    "nth": _calendars.join_nth,
    "table": _lookups.join_tables,
}
"""Each joins what a frame needs for some expressions of one kind, and makes them known."""
