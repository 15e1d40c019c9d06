"""Random expressions of every type: a table of makers, one for each operation and kind of node."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import hypothesis.strategies as st

from kaocheng.calendars.limits import Limit
from kaocheng.language.expressions import (
    Advance,
    Call,
    Expr,
    Field,
    Fold,
    Has,
    Items,
    Linked,
    Literal,
    Lookup,
    Parameter,
)
from kaocheng.language.types import (
    BOOL,
    DATE,
    DURATION,
    INSTANT,
    INT,
    STRING,
    Decimal,
    ListOf,
    Row,
    Type,
)
from kaocheng.testing._scopes import (
    Scope,
    children_in,
    fields_of,
    is_of_rows,
    relation_of,
    rows_in,
)
from kaocheng.testing._worlds import CENTS, GENRE, ITEMS, LEVEL, RATE, SCALARS, TABLES, UNIT, values

Draw = Callable[..., Any]
_MOST_SCALE = 6
_ANY_SCALE: tuple[Type, ...] = (INT, CENTS, RATE, Decimal(1))


def expression(draw: Draw, scope: Scope, type_: Type, depth: int) -> Expr:
    """A random expression of a type."""
    if isinstance(type_, Row):
        return _row(draw, scope, type_)
    makers = _makers(scope, type_, depth)
    return makers[draw(st.integers(0, len(makers) - 1))](draw, scope, type_, depth - 1)


def _makers(scope: Scope, type_: Type, depth: int) -> list[Callable[..., Expr]]:
    """All ways to make an expression; leaves are more likely, and all there is at depth 0."""
    leaves = _leaves(scope, type_)
    if depth <= 0:
        return leaves
    found = [*leaves[:3], _if, *_BY_TYPE.get(type_, ())]
    if isinstance(type_, Decimal):
        found += [*_DECIMALS, _table]
    if isinstance(type_, ListOf):
        found += _LISTS if scope.folds > 0 else []
    elif type_ not in {BOOL}:  # noqa: FURB171
        found += [_table] if any(rows.result == type_ for _, rows in TABLES) else []
    if type_ == BOOL and scope.folds > 0:
        found += _FOLDS
    return found


# Leaves -------------------------------------------------------------------------------------


def _leaves(scope: Scope, type_: Type) -> list[Callable[..., Expr]]:
    found: list[Callable[..., Expr]] = []
    if any(fields_of(scope, type_)):
        found += [_a_field, _a_field]
    if isinstance(type_, ListOf):
        return [*found, _no_items, _written] if not is_of_rows(type_) else (found or [_children])
    found.append(_literal)
    if type_ in scope.parameters.values():
        found.append(_parameter)
    return found


def _literal(draw: Draw, _: Scope, type_: Type, __: int) -> Expr:
    return Literal(type=type_, value=draw(values(type_)))


def _parameter(draw: Draw, scope: Scope, type_: Type, _: int) -> Expr:
    names = [name for name, found in scope.parameters.items() if found == type_]
    return Parameter(type=type_, name=draw(st.sampled_from(names)))


def _a_field(draw: Draw, scope: Scope, type_: Type, _: int) -> Expr:
    return draw(st.sampled_from(fields_of(scope, type_)))  # type: ignore[no-any-return]


# Rows ---------------------------------------------------------------------------------------


def _row(draw: Draw, scope: Scope, type_: Row) -> Expr:
    return draw(st.sampled_from([row for row in rows_in(scope) if row.type == type_]))  # type: ignore[no-any-return]


def _far_field(draw: Draw, scope: Scope, type_: Type, depth: int) -> Expr:
    """A column of a row that is not there for the asking."""
    found: list[Expr] = []
    for row in rows_in(scope):
        columns = relation_of(scope, row).columns
        found += [Field(row=row, name=c, type=t) for c, t in columns.items() if t == type_]
        for link in relation_of(scope, row).links.values():
            if link.value and not link.many and link.relation in scope.relations:
                there = scope.relations[link.relation].columns[link.value]
                if there == type_:
                    found.append(Linked(row=row, link=link.name, type=type_))
    return draw(st.sampled_from(found)) if found else _literal(draw, scope, type_, depth)


# Operations ---------------------------------------------------------------------------------


def _call(op: str, *types: Type) -> Callable[..., Expr]:
    """An operation whose arguments have fixed types."""

    def make(draw: Draw, scope: Scope, type_: Type, depth: int) -> Expr:
        args = tuple(expression(draw, scope, arg, depth) for arg in types)
        return Call(op=op, type=type_, args=args)

    return make


def _same(op: str, count: int = 2) -> Callable[..., Expr]:
    """An operation whose arguments have the type of the result."""

    def make(draw: Draw, scope: Scope, type_: Type, depth: int) -> Expr:
        return _call(op, *[type_] * count)(draw, scope, type_, depth)

    return make


def _of_any(op: str, types: Sequence[Type]) -> Callable[..., Expr]:
    """An operation on two values of one type, whichever it is."""

    def make(draw: Draw, scope: Scope, type_: Type, depth: int) -> Expr:
        arg = draw(st.sampled_from(types))
        return _call(op, arg, arg)(draw, scope, type_, depth)

    return make


def _if(draw: Draw, scope: Scope, type_: Type, depth: int) -> Expr:
    return _call("if", BOOL, type_, type_)(draw, scope, type_, depth)


def _one_of(op: str, types: Sequence[Type]) -> Callable[..., Expr]:
    """An operation on one value of some type."""

    def make(draw: Draw, scope: Scope, type_: Type, depth: int) -> Expr:
        return _call(op, draw(st.sampled_from(types)))(draw, scope, type_, depth)

    return make


def _of_list(op: str) -> Callable[..., Expr]:
    """An operation on a list of what it gives."""

    def make(draw: Draw, scope: Scope, type_: Type, depth: int) -> Expr:
        return _call(op, ListOf(type_))(draw, scope, type_, depth)

    return make


def _in(draw: Draw, scope: Scope, type_: Type, depth: int) -> Expr:
    item = draw(st.sampled_from(ITEMS))
    return _call("in", item, ListOf(item))(draw, scope, type_, depth)


def _size(draw: Draw, scope: Scope, type_: Type, depth: int) -> Expr:
    return _call("size", _a_list(draw, scope))(draw, scope, type_, depth)


def _a_list(draw: Draw, scope: Scope) -> Type:
    """The type of some list that there is in scope, or of one that can be written out."""
    rows = [ListOf(Row(relation)) for _, _, relation in children_in(scope)]
    return draw(st.sampled_from([*rows, *rows, *(ListOf(item) for item in ITEMS)]))  # type: ignore[no-any-return]


def _scaled(scale: int) -> Type:
    return INT if scale == 0 else Decimal(scale)


def _scale(type_: Type) -> int:
    return type_.scale if isinstance(type_, Decimal) else 0


def _mul(draw: Draw, scope: Scope, type_: Type, depth: int) -> Expr:
    first = draw(st.integers(0, _scale(type_)))
    args = (_scaled(first), _scaled(_scale(type_) - first))
    return _call("mul", *args)(draw, scope, type_, depth)


def _rescale(draw: Draw, scope: Scope, type_: Type, depth: int) -> Expr:
    from_type = _scaled(draw(st.integers(0, _scale(type_))))
    return _call("rescale", from_type)(draw, scope, type_, depth)


def _ratio(draw: Draw, scope: Scope, type_: Type, depth: int) -> Expr:
    types = [draw(st.sampled_from(_ANY_SCALE)) for _ in range(2)]
    args = tuple(expression(draw, scope, arg, depth) for arg in types)
    return Call(op="ratio", type=type_, args=(*args, _digits(type_)))


def _round(draw: Draw, scope: Scope, type_: Type, depth: int) -> Expr:
    a = expression(draw, scope, Decimal(draw(st.integers(0, _MOST_SCALE))), depth)
    return Call(op="round", type=type_, args=(a, _digits(type_)))


def _digits(type_: Type) -> Expr:
    return Literal(type=INT, value=_scale(type_))


def _table(draw: Draw, scope: Scope, type_: Type, depth: int) -> Expr:
    fitting = [(types, rows) for types, rows in TABLES if rows.result == type_]
    if not fitting:
        return _far_field(draw, scope, type_, depth)
    types, rows = draw(st.sampled_from(fitting))
    args = tuple(expression(draw, scope, arg, depth) for arg in types)
    return Lookup(table=rows.name, args=args, type=type_)


def _has(draw: Draw, scope: Scope, type_: Type, depth: int) -> Expr:
    operand = draw(st.sampled_from([*SCALARS, ListOf(STRING)]))
    return Has(type=type_, operand=expression(draw, scope, operand, depth))


def _has_row(draw: Draw, scope: Scope, type_: Type, _: int) -> Expr:
    rows = rows_in(scope)
    if not rows:
        return Literal(type=type_, value=True)
    return Has(type=type_, operand=draw(st.sampled_from(rows)))


# Limits -------------------------------------------------------------------------------------

_AMOUNTS = [0, 1, 2, 5, 30, 45, 400]
_DAY_UNITS = ("day", "week", "month", "year", "working_day")
_ELAPSED = ("second", "minute", "hour")


def limits(*, dates: bool) -> st.SearchStrategy[Limit]:
    """A limit that a date or an instant can be moved on by; now and then one that it cannot."""
    by_days = st.builds(
        lambda amount, unit, roll, until, counts_start: Limit(
            max(amount, int(counts_start)),
            unit,
            roll=roll,
            until=until,
            counts_start=counts_start,
        ),
        st.sampled_from(_AMOUNTS),
        st.sampled_from(_DAY_UNITS),
        st.sampled_from(["none", "next_working_day"]),
        st.just("same_time")
        if dates
        else st.sampled_from(["same_time", "end_of_day", "close", "noon", "17:30"]),
        st.booleans(),
    )
    elapsed = st.builds(Limit, st.sampled_from(_AMOUNTS), st.sampled_from(_ELAPSED))
    return by_days if dates else st.one_of(by_days, by_days, elapsed)


def advance(draw: Draw, scope: Scope) -> Expr:
    """A time moved on by a limit, more often than not with pauses."""
    type_ = draw(st.sampled_from([DATE, INSTANT, INSTANT]))
    amount = expression(draw, scope, INT, 0) if draw(st.integers(0, 3)) == 0 else None
    pauses = _pauses(draw, scope, type_) if draw(st.integers(0, 4)) else None
    limit = draw(limits(dates=type_ == DATE))
    start = expression(draw, scope, type_, 0)
    return Advance(type=type_, start=start, limit=limit, amount=amount, pauses=pauses)


def _advance(draw: Draw, scope: Scope, type_: Type, depth: int) -> Expr:
    start = expression(draw, scope, type_, depth)
    amount = expression(draw, scope, INT, depth) if draw(st.integers(0, 3)) == 0 else None
    limit = draw(limits(dates=type_ == DATE))
    pauses = None if draw(st.integers(0, 3)) else _pauses(draw, scope, type_)
    return Advance(type=type_, start=start, limit=limit, amount=amount, pauses=pauses)


def _pauses(draw: Draw, scope: Scope, type_: Type) -> Expr | None:
    relation = "hold" if type_ == DATE else "stop"
    found = [(row, name) for row, name, there in children_in(scope) if there == relation]
    if not found:
        return None
    row, name = draw(st.sampled_from(found))
    rows: Expr = Linked(row=row, link=name, type=ListOf(Row(relation)))
    if draw(st.integers(0, 3)) == 0:
        body = expression(draw, scope.inside("p", Row(relation)), BOOL, 1)
        rows = Fold(how="filter", over=rows, variable="p", body=body, type=rows.type)
    return rows


# Lists --------------------------------------------------------------------------------------


def _children(draw: Draw, scope: Scope, type_: Type, _: int) -> Expr:
    wanted = type_.item  # type: ignore[attr-defined]
    found = [(row, name) for row, name, there in children_in(scope) if Row(there) == wanted]
    row, name = draw(st.sampled_from(found))
    return Linked(row=row, link=name, type=type_)


def _values_of_children(draw: Draw, scope: Scope, type_: Type, depth: int) -> Expr:
    found = [
        Linked(row=row, link=link.name, type=type_)
        for row in rows_in(scope)
        for link in relation_of(scope, row).links.values()
        if link.many
        and link.value is not None
        and ListOf(scope.relations[link.relation].columns[link.value]) == type_
    ]
    return draw(st.sampled_from(found)) if found else _written(draw, scope, type_, depth)


def _no_items(_: Draw, __: Scope, type_: Type, ___: int) -> Expr:
    return Items(items=(), type=type_)


def _written(draw: Draw, scope: Scope, type_: Type, depth: int) -> Expr:
    if is_of_rows(type_):
        return _children(draw, scope, type_, depth)
    count = draw(st.integers(1, 3))
    item = type_.item  # type: ignore[attr-defined]
    items = tuple(expression(draw, scope, item, min(depth, 1)) for _ in range(count))
    return Items(items=items, type=type_)


def _fold(how: str) -> Callable[..., Expr]:
    def make(draw: Draw, scope: Scope, type_: Type, depth: int) -> Expr:
        over = type_ if how == "filter" else _a_list(draw, scope)
        item = over.item  # type: ignore[attr-defined]
        wanted = type_.item if how == "map" else BOOL  # type: ignore[attr-defined]
        name = draw(st.sampled_from(["x", "y"]))
        rows = expression(draw, scope, over, depth)
        body = expression(draw, scope.inside(name, item), wanted, depth)
        return Fold(how=how, over=rows, variable=name, body=body, type=type_)

    return make


def _mapped(draw: Draw, scope: Scope, type_: Type, depth: int) -> Expr:
    how = _children if is_of_rows(type_) else _fold("map")
    return how(draw, scope, type_, depth)


# The table ----------------------------------------------------------------------------------

_ORDERED: tuple[Type, ...] = (INT, CENTS, DURATION, DATE, INSTANT)
_LISTS = [_fold("filter"), _mapped, _written, _values_of_children]
_FOLDS = [_fold("exists"), _fold("all"), _fold("exists_one"), _in]
_NUMBERS = [_same("add"), _same("sub"), _mul, _same("neg", 1), _far_field]
_OVER_LISTS = [_of_list("min"), _of_list("max"), _of_list("sum")]
_DECIMALS = [*_NUMBERS, *_OVER_LISTS, _rescale, _ratio, _round]
_BY_TYPE: Mapping[Type, Sequence[Callable[..., Expr]]] = {
    BOOL: [
        *(_call(op, BOOL, BOOL) for op in ("and", "or")),
        _call("not", BOOL),
        *(_of_any(op, SCALARS) for op in ("eq", "ne")),
        *(_of_any(op, _ORDERED) for op in ("lt", "le", "gt", "ge")),
        *(_call(op, STRING, STRING) for op in ("starts_with", "ends_with", "contains")),
        _one_of("happened", (DATE, INSTANT)),
        _call("is_working_day", DATE),
        _has,
        _has_row,
        _far_field,
    ],
    INT: [
        *_NUMBERS,
        *_OVER_LISTS,
        _size,
        _call("mod", INT, INT),
        _call("rank", LEVEL),
        _call("diff", DATE, DATE),
        _call("length", STRING),
        *(_call(op, DATE) for op in ("year", "month", "day", "weekday")),
        _call("seconds", INSTANT),
        *(_of_any(op, (INT, DURATION)) for op in ("started", "whole")),
    ],
    DURATION: [
        *(_same(op) for op in ("add", "sub")),
        _same("neg", 1),
        _call("diff", INSTANT, INSTANT),
        _call("utc_offset", INSTANT),
    ],
    DATE: [
        _call("date_of", INSTANT),
        *(_call(op, DATE, INT) for op in ("add_days", "add_months")),
        *(_of_list(op) for op in ("earliest", "latest")),
        _advance,
        _advance,
        _far_field,
    ],
    INSTANT: [
        _call("shift", INSTANT, DURATION),
        *(_call(op, DATE) for op in ("start_of", "end_of")),
        *(_of_list(op) for op in ("earliest", "latest")),
        _advance,
        _advance,
        _far_field,
    ],
    STRING: [_call("concat", STRING, STRING), _far_field],
    GENRE: [_far_field],
    LEVEL: [_far_field, _of_list("lowest"), _of_list("highest")],
    UNIT: [_far_field],
}


def result_types() -> Sequence[Type]:
    """The types that generated expressions have."""
    return (*SCALARS, *(ListOf(item) for item in ITEMS), Decimal(1))
