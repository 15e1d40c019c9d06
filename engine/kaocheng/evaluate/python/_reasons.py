"""Why a value is unknown: the first unknown leaf, or the operation that went wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from attrs import field, frozen

from kaocheng.calendars.errors import ClockError, OutsideEdition
from kaocheng.calendars.numberline import NEVER
from kaocheng.evaluate.python import _times
from kaocheng.evaluate.python._setting import Setting
from kaocheng.language.expressions import (
    Advance,
    Call,
    Expr,
    Field,
    Fold,
    Follow,
    Items,
    Linked,
    Lookup,
    Variable,
)
from kaocheng.language.types import DATE
from kaocheng.language.writing import write

KINDS = (
    "missing",
    "overflow",
    "division_by_zero",
    "no_such_key",
    "not_happened",
    "outside_edition",
    "outside_years",
    "empty",
    "no_such_limit",
)


@frozen
class Reason:
    """Why something is unknown: `kind` (one of `KINDS`) and what it is about.

    | kind | subject |
    | --- | --- |
    | `missing` | the field that nobody filled in, such as `breach.aware_on` |
    | `no_such_key` | the reference or table look-up that found nothing |
    | `not_happened` | the time that an operation needed |
    | `outside_edition` | the calendar edition that does not reach |
    | `empty` | the list that holds nothing |
    | `no_such_limit` | the limit that cannot be (a negative amount, no calendar) |
    | others | the operation, as it is written |
    """

    kind: str
    subject: str


@frozen(kw_only=True)
class Traced:
    """An expression, its value, why that is unknown, and the same of its parts.

    The parts of a fold are its list and then its body once per item, at most as many as
    were asked for; `item` is the one that such a part is about.
    """

    expr: Expr
    value: object
    reason: Reason | None = None
    parts: tuple[Traced, ...] = field(default=(), repr=False)
    item: object = None


def reason_of(
    expr: Expr, parts: Sequence[Traced], setting: Setting, bodies: Callable[[], Iterator[Traced]]
) -> Reason:
    """Why `expr`, which is unknown, is so; `bodies` traces a fold's items one by one."""
    if isinstance(expr, Call):
        return _of_call(expr, parts, setting)
    below = _first(parts[:1]) or _first(bodies()) if isinstance(expr, Fold) else _first(parts)
    return below or _own(expr, parts, setting)


def _own(expr: Expr, parts: Sequence[Traced], setting: Setting) -> Reason:
    """What is wrong with an expression whose parts are all known."""
    if isinstance(expr, Advance):
        return _of_advance(expr, parts, setting)
    if isinstance(expr, Linked):
        return _of_link(expr, setting)
    kind = "no_such_key" if isinstance(expr, Lookup | Follow) else "missing"
    return Reason(kind, write(expr))


def _first(parts: Sequence[Traced] | Iterator[Traced]) -> Reason | None:
    return next((part.reason for part in parts if part.reason is not None), None)


def _of_link(expr: Linked, setting: Setting) -> Reason:
    link = setting.relation_of(expr.row.type).links[expr.link]
    whole_row = link.value is None and not link.many
    return Reason("no_such_key" if whole_row else "missing", write(expr))


def _of_call(expr: Call, parts: Sequence[Traced], setting: Setting) -> Reason:
    if expr.op == "if" and parts[0].value is not None:
        return _first([parts[1] if parts[0].value else parts[2]]) or Reason("missing", write(expr))
    unknown = _first(parts) or _unknown_item(parts)
    if unknown is not None:
        return unknown
    kind = ERRORS.get(expr.op, "outside_years")
    never = next((part for part in parts if part.value == NEVER and _is_time(part)), None)
    if never is not None:
        return Reason("not_happened", write(never.expr))
    if kind == "division_by_zero" and not _divisor_is_zero(expr, parts):
        kind = "overflow"
    if kind == "empty":
        kind = "no_such_key" if parts[0].value else kind  # a value that its order does not have
        return Reason(kind, write(parts[0].expr))
    if kind == "outside_edition":
        return Reason(kind, setting.version.calendar or write(expr))
    return Reason(kind, write(expr))


def _is_time(part: Traced) -> bool:
    return str(part.expr.type) in {"date", "instant"}


def _divisor_is_zero(expr: Call, parts: Sequence[Traced]) -> bool:
    return expr.op != "ratio" or parts[1].value == 0


def _unknown_item(parts: Sequence[Traced]) -> Reason | None:
    """The unknown item of a list that an operation looks into."""
    for part in parts:
        if isinstance(part.value, tuple) and None in part.value:
            inside = part.parts[1:] if isinstance(part.expr, Fold) else part.parts
            found = _first(inside) if isinstance(part.expr, Fold | Items) else None
            return found or Reason("missing", write(part.expr))
    return None


def _of_advance(expr: Advance, parts: Sequence[Traced], setting: Setting) -> Reason:
    values = {id(part.expr): part.value for part in parts}
    pauses = _pauses(expr, values, setting)
    if pauses is None:
        return Reason("missing", write(expr.pauses or expr))
    amount = None if expr.amount is None else values[id(expr.amount)]
    due = _times.advancing(
        expr.limit, dates=expr.type == DATE, zone=setting.zone, edition=setting.edition
    )
    try:
        due(values[id(expr.start)], amount, pauses)  # type: ignore[arg-type]
    except OutsideEdition as error:
        return Reason("outside_edition", error.edition)
    except ClockError as error:
        outside = "outside the years" in error.message
        return Reason("outside_years" if outside else "no_such_limit", write(expr))
    return Reason("missing", write(expr))


def _pauses(
    expr: Advance, values: Mapping[int, object], setting: Setting
) -> list[tuple[int, int]] | None:
    if expr.pauses is None:
        return []
    relation = setting.relation_of(expr.pauses.type)
    begins, ends = relation.index("from"), relation.index("until")
    rows = values[id(expr.pauses)]
    pauses = [(row[begins], row[ends]) for row in rows]  # type: ignore[attr-defined]
    return None if any(None in pause for pause in pauses) else pauses


def is_leaf(expr: Expr) -> bool:
    """Whether nothing below it is worth a line of its own: a field of a variable."""
    return isinstance(expr, Field | Linked) and isinstance(expr.row, Variable)


ERRORS: Mapping[str, str] = MappingProxyType(
    {
        "add": "overflow",
        "sub": "overflow",
        "mul": "overflow",
        "neg": "overflow",
        "sum": "overflow",
        "rescale": "overflow",
        "round": "overflow",
        "mod": "division_by_zero",
        "started": "division_by_zero",
        "whole": "division_by_zero",
        "ratio": "division_by_zero",
        "diff": "not_happened",
        "latest": "empty",
        "min": "empty",
        "max": "empty",
        "lowest": "empty",
        "highest": "empty",
        "rank": "no_such_key",
        "is_working_day": "outside_edition",
    }
)
"""What went wrong where all arguments of an operation are known; else `outside_years`."""
