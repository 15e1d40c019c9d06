"""From a checked expression to a symbolic value, node by node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import singledispatch
from types import MappingProxyType

import z3

from kaocheng.errors import UnsupportedError
from kaocheng.evaluate.proof import _lists
from kaocheng.evaluate.proof._advance import advance
from kaocheng.evaluate.proof._numbers import NUMERIC
from kaocheng.evaluate.proof._scope import RowView, Scope, Value
from kaocheng.evaluate.proof._texts import TEXTUAL
from kaocheng.evaluate.proof._times import (
    LocalTime,
    diff,
    happened,
    is_never,
    seconds,
    shift,
    weekday,
)
from kaocheng.evaluate.proof._values import (
    Bag,
    Symbol,
    all_of,
    any_of,
    both,
    either,
    is_true,
    known,
    no,
    not_,
    pick,
    strict,
    yes,
)
from kaocheng.language.expressions import (
    Advance,
    Call,
    Expr,
    Field,
    Fold,
    Follow,
    Has,
    Items,
    Linked,
    Literal,
    Lookup,
    Parameter,
    Variable,
)
from kaocheng.language.types import (
    BOOL,
    DATE,
    INSTANT,
    STRING,
    Enum,
    ListOf,
    Reference,
    Row,
    Type,
)
from kaocheng.plan.algebra import Bound


def symbol(expr: Expr, scope: Scope) -> Symbol:
    """The value of an expression that is not a list."""
    value = evaluate(expr, scope)
    if isinstance(value, Symbol):
        return value
    raise UnsupportedError(
        _name(expr), "proof", "a list stands where one value is needed", zh="须为单个值之处是清单"
    )


def bag(expr: Expr, scope: Scope) -> Bag:
    """The value of an expression that is a list."""
    value = evaluate(expr, scope)
    if isinstance(value, Bag):
        return value
    raise UnsupportedError(
        _name(expr),
        "proof",
        "only lists written in the rule have a length",
        zh="只有规则中写明的清单才有长度",
    )


def row(expr: Expr, scope: Scope) -> RowView:
    """The row that an expression names."""
    if isinstance(expr, Variable):
        there = scope.variables[expr.name]
        if not isinstance(there, Symbol | Bag):
            return there
    if isinstance(expr, Follow) and isinstance(expr.type, Row):
        relation = scope.world.relation(expr.type.relation)
        key = symbol(expr.reference, scope)
        return scope.world.related(relation.name, relation.key[:1], (key,), scope.moment)
    if isinstance(expr, Linked) and not isinstance(expr.type, ListOf):
        return _linked_row(expr, scope)
    raise UnsupportedError(
        _name(expr),
        "proof",
        "a row is reached in a way it cannot follow",
        zh="无法追踪取得该行的方式",
    )


@singledispatch
def evaluate(expr: Expr, _scope: Scope) -> Value:
    """The symbolic value of an expression."""
    raise UnsupportedError(
        type(expr).__name__.lower(), "proof", "it has no encoding", zh="它没有对应的编码"
    )


@evaluate.register
def _literal(expr: Literal, scope: Scope) -> Value:
    return constant(expr.value, expr.type, scope)


@evaluate.register
def _parameter(expr: Parameter, scope: Scope) -> Value:
    return constant(scope.version.parameters[expr.name], expr.type, scope)


@evaluate.register
def _variable(expr: Variable, scope: Scope) -> Value:
    there = scope.variables[expr.name]
    if isinstance(there, Symbol | Bag):
        return there
    raise UnsupportedError(expr.name, "proof", "a row is no value", zh="行不是值")


@evaluate.register
def _field(expr: Field, scope: Scope) -> Value:
    return _column(row(expr.row, scope), expr.name)


@evaluate.register
def _has(expr: Has, scope: Scope) -> Value:
    operand = symbol(expr.operand, scope)
    there = [not_(operand.unknown)]
    if expr.operand.type in {DATE, INSTANT}:
        there.append(not_(is_never(operand)))
    return known(all_of(there))


@evaluate.register
def _items(expr: Items, scope: Scope) -> Value:
    return _lists.literal_list(tuple(symbol(item, scope) for item in expr.items))


@evaluate.register
def _fold(expr: Fold, scope: Scope) -> Value:
    over = bag(expr.over, scope)

    def body(item: Symbol) -> Symbol:
        return symbol(expr.body, scope.bound(expr.variable, item))

    if expr.how in _lists.TESTS:
        return _lists.TESTS[expr.how](over, body)
    return _lists.BAGS[expr.how](over, body)


@evaluate.register
def _advance(expr: Advance, scope: Scope) -> Value:
    if expr.pauses is not None:
        raise UnsupportedError(
            "advance with pauses",
            "proof",
            "pauses have no bounded number",
            zh="暂停期间的数目没有上限",
        )
    start = symbol(expr.start, scope)
    amount = None if expr.amount is None else symbol(expr.amount, scope)
    return advance(scope.local, start, expr.limit, expr.type, amount)


@evaluate.register
def _lookup(expr: Lookup, scope: Scope) -> Value:
    """The first row that matches, else what the table says otherwise."""
    table = scope.version.tables[expr.table]
    args = tuple(symbol(arg, scope) for arg in expr.args)
    found = one(constant(table.otherwise, expr.type, scope), expr.table)
    for keys, result in reversed(table.rows):
        matches = all_of(
            _matches(arg, key, each.type, scope)
            for key, arg, each in zip(keys, args, expr.args, strict=True)
            if key is not None
        )
        row_result = one(constant(result, expr.type, scope), expr.table)
        found = Symbol(
            pick(matches, row_result.value, found.value),
            pick(matches, row_result.unknown, found.unknown),
        )
    return strict(found.value, (*args, found))


def _matches(arg: Symbol, part: object, type_: Type, scope: Scope) -> z3.BoolRef:
    """Whether an argument matches a part of a table's key."""
    if isinstance(part, Bound):
        return part.compare(arg.value, z3.IntVal(part.value))
    return arg.value == one(constant(part, type_, scope), "key").value


@evaluate.register
def _linked(expr: Linked, scope: Scope) -> Value:
    """The one column that the link yields, or what it reads as where there is no row."""
    if isinstance(expr.type, ListOf):
        raise UnsupportedError(
            f"link {expr.link}",
            "proof",
            "children have no bounded number",
            zh="下级事项的数目没有上限",
        )
    here = row(expr.row, scope)
    link = here.relation.links[expr.link]
    if link.value is None:
        raise UnsupportedError(f"link {expr.link}", "proof", "a row is no value", zh="行不是值")
    there = _linked_row(expr, scope)
    keys = any_of(one(_column(here, own), own).unknown for own, _ in link.on)
    value = one(there.column(link.value), link.value)
    missing = one(constant(link.missing, expr.type, scope), link.name)
    return Symbol(
        pick(there.present, value.value, missing.value),
        any_of((keys, pick(there.present, value.unknown, missing.unknown))),
    )


@evaluate.register
def _call(expr: Call, scope: Scope) -> Value:
    if expr.op == "in":
        return _lists.contains(symbol(expr.args[0], scope), bag(expr.args[1], scope))
    if expr.op in _lists.AGGREGATES or expr.op in _IN_ORDER:
        return _reduced(expr, bag(expr.args[0], scope), scope)
    args = tuple(symbol(arg, scope) for arg in expr.args)
    if expr.op == "rank":
        return _rank(args[0], expr.args[0].type, scope)
    if expr.op in NUMERIC:
        return NUMERIC[expr.op](expr, args)
    if expr.op in _TIMES:
        return _TIMES[expr.op](scope.local, *args)
    return _plain_operation(expr.op)(*args)


def _plain_operation(op: str) -> Callable[..., Symbol]:
    """An operation that needs its arguments and nothing else."""
    for known_ones in (_LOGIC, TEXTUAL):
        if op in known_ones:
            return known_ones[op]
    raise UnsupportedError(op, "proof", "it has no encoding", zh="它没有对应的编码")


def constant(value: object, type_: Type, scope: Scope) -> Value:
    """A value that a ruleset states."""
    if isinstance(type_, ListOf):
        items = value if isinstance(value, tuple) else ()
        symbols = tuple(one(constant(item, type_.item, scope), "list") for item in items)
        return Bag(_lists.literal_list(symbols).items, z3.BoolVal(value is None))
    if value is None:
        return Symbol(anything(type_, scope), yes())
    if isinstance(value, bool):
        return known(z3.BoolVal(value))
    if isinstance(value, str):
        return known(scope.world.strings.literal(value))
    return known(z3.IntVal(value))


def anything(type_: Type, scope: Scope) -> z3.ExprRef:
    """A value of the type's sort, for where it has no meaning."""
    if type_ == BOOL:
        return no()
    if type_ == STRING or isinstance(type_, Enum | Reference):
        return scope.world.strings.literal("")
    return z3.IntVal(0)


def _column(there: RowView, name: str) -> Value:
    value = there.column(name)
    absent = not_(there.present)
    if isinstance(value, Bag):
        return Bag(value.items, any_of((value.unknown, absent)))
    return Symbol(value.value, any_of((value.unknown, absent)))


def _linked_row(expr: Linked, scope: Scope) -> RowView:
    here = row(expr.row, scope)
    link = here.relation.links[expr.link]
    if link.within is not None:
        reason = "a period may have several rows or none"
        zh = "一个期间可能有多行，也可能没有"
        raise UnsupportedError(f"link {expr.link}", "proof", reason, zh=zh)
    keys = tuple(one(_column(here, own), own) for own, _ in link.on)
    columns = tuple(other for _, other in link.on)
    return scope.world.related(link.relation, columns, keys, scope.moment)


def _rank(value: Symbol, type_: Type, scope: Scope) -> Symbol:
    """The place in the order; unknown for a value that is not in it."""
    place, listed = z3.IntVal(0), no()
    for index, name in enumerate(type_.values if isinstance(type_, Enum) else ()):
        here = value.value == scope.world.strings.literal(name)
        place = pick(here, z3.IntVal(index), place)
        listed = any_of((listed, here))
    return strict(place, (value,), not_(listed))


def _reduced(expr: Call, items: Bag, scope: Scope) -> Symbol:
    """One value of a list; of ordered values the one at the least or the greatest place."""
    if expr.op in _lists.AGGREGATES:
        return _lists.AGGREGATES[expr.op](items)
    ranks = _lists.mapped(items, lambda item: _rank(item, expr.type, scope))
    place = _lists.AGGREGATES[_IN_ORDER[expr.op]](ranks)
    value = anything(expr.type, scope)
    for index, name in enumerate(expr.type.values if isinstance(expr.type, Enum) else ()):
        value = pick(place.value == index, scope.world.strings.literal(name), value)
    return Symbol(value, place.unknown)


def one(value: Value, name: str) -> Symbol:
    """The value itself, which must not be a list."""
    if isinstance(value, Symbol):
        return value
    raise UnsupportedError(
        name, "proof", "a list stands where one value is needed", zh="须为单个值之处是清单"
    )


def _name(expr: Expr) -> str:
    return expr.name if isinstance(expr, Variable | Field) else type(expr).__name__.lower()


def _if(condition: Symbol, then: Symbol, otherwise: Symbol) -> Symbol:
    holds = is_true(condition)
    return Symbol(
        pick(condition.value, then.value, otherwise.value),
        any_of((condition.unknown, pick(holds, then.unknown, otherwise.unknown))),
    )


def _not(operand: Symbol) -> Symbol:
    return Symbol(not_(operand.value), operand.unknown)


_LOGIC: Mapping[str, Callable[..., Symbol]] = MappingProxyType(
    {
        "and": lambda *sides: both(sides),
        "or": lambda *sides: either(sides),
        "not": _not,
        "if": _if,
    }
)


def _shift(_: LocalTime, *args: Symbol) -> Symbol:
    return shift(args[0], args[1], INSTANT)


def _add_days(_: LocalTime, *args: Symbol) -> Symbol:
    return shift(args[0], args[1], DATE)


def _plain(function: Callable[..., Symbol]) -> Callable[..., Symbol]:
    return lambda _local, *args: function(*args)


def _utc_offset(local: LocalTime, *args: Symbol) -> Symbol:
    return local.offset(args[0])


_TIMES: Mapping[str, Callable[..., Symbol]] = MappingProxyType(
    {
        "diff": _plain(diff),
        "shift": _shift,
        "add_days": _add_days,
        "weekday": _plain(weekday),
        "seconds": _plain(seconds),
        "happened": _plain(happened),
        "date_of": LocalTime.date_of,
        "start_of": LocalTime.start_of,
        "end_of": lambda local, day: local.start_of(day, 1),
        "add_months": LocalTime.months_later,
        "year": LocalTime.year,
        "month": LocalTime.month,
        "day": LocalTime.day,
        "utc_offset": _utc_offset,
        "is_working_day": LocalTime.is_working_day,
    }
)

_IN_ORDER: Mapping[str, str] = MappingProxyType({"lowest": "min", "highest": "max"})

ENCODED = frozenset(
    {"in", "rank", *_IN_ORDER, *_lists.AGGREGATES, *NUMERIC, *TEXTUAL, *_LOGIC, *_TIMES}
)
"""Every operation that has an encoding; a test holds it complete."""
