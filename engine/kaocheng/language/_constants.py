"""What an expression can come to, as far as the ruleset alone says it.

Facts may be anything, so most expressions may be. A step of a ladder comes to few values,
whatever the journal holds: those are worked out here, for whole numbers, texts and truth.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from types import MappingProxyType
from typing import Any

from attrs import frozen

from kaocheng.language.expressions import Call, Expr, Field, Items, Literal, Lookup, Parameter
from kaocheng.language.types import BOOL, INT, STRING, Enum
from kaocheng.plan.algebra import COMPARISONS, Bound, TableRows

Values = frozenset[Any] | None
"""What an expression can come to; None is anything."""

# An expression that may come to more than these is taken for one that may come to anything.
_MOST_VALUES = 100
_MOST = 2**63 - 1
_BOTH = frozenset({True, False})

_OPERATIONS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        **COMPARISONS,
        "eq": operator.eq,
        "ne": operator.ne,
        "not": operator.not_,
        "and": lambda a, b: a and b,
        "or": lambda a, b: a or b,
        "add": operator.add,
        "sub": operator.sub,
        "mul": operator.mul,
        "neg": operator.neg,
    }
)
_OF_LISTS: Mapping[str, Callable[..., Any]] = MappingProxyType({"min": min, "max": max, "sum": sum})
# What one side alone decides.
_DECIDING = MappingProxyType({"and": False, "or": True})


@frozen(kw_only=True)
class Constants:
    """What is known: columns of some rows, the parameters and the tables."""

    rows: Mapping[Expr, Mapping[str, object]]
    parameters: Mapping[str, object]
    tables: Mapping[str, TableRows]

    def of(self, expr: Expr) -> Values:
        """What the expression can come to."""
        if not (isinstance(expr.type, Enum) or expr.type in (BOOL, INT, STRING)):
            return None
        values = self._of(expr)
        if values is None and expr.type == BOOL:
            return _BOTH
        return values if values is None or len(values) <= _MOST_VALUES else None

    def _of(self, expr: Expr) -> Values:
        if isinstance(expr, Lookup):
            return self._row(expr)
        if isinstance(expr, Call):
            return self._call(expr)
        value: object = None
        if isinstance(expr, Literal):
            value = expr.value
        elif isinstance(expr, Parameter):
            value = self.parameters[expr.name]
        elif isinstance(expr, Field):
            value = self.rows.get(expr.row, {}).get(expr.name)
        return None if value is None else frozenset({value})

    def branches(self, choice: Call) -> Iterator[Expr]:
        """The values of `? :` that may be taken."""
        condition, first, second = choice.args
        holds = self.of(condition) or _BOTH
        if True in holds:
            yield first
        if False in holds:
            yield second

    def decided(self, call: Call) -> Expr | None:
        """The side of `&&` or `||` that alone says what it comes to."""
        alone = _DECIDING.get(call.op)
        if alone is None:
            return None
        return next((arg for arg in call.args if self.of(arg) == frozenset({alone})), None)

    def _call(self, call: Call) -> Values:
        if call.op == "if":
            return _union([self.of(branch) for branch in self.branches(call)])
        args, apply = call.args, _OPERATIONS.get(call.op)
        if apply is None and len(args) == 1 and isinstance(args[0], Items):
            items, of_list = args[0].items, _OF_LISTS.get(call.op)
            if of_list is None:
                return None
            return self._applied(items, lambda *values: of_list(values))
        return None if apply is None else self._applied(args, apply)

    def _applied(self, args: tuple[Expr, ...], apply: Callable[..., Any]) -> Values:
        found = [self.of(arg) for arg in args]
        known = [values for values in found if values is not None]
        count = 1
        for values in known:
            count *= len(values)
        if len(known) < len(found) or count > _MOST_VALUES**2:
            return None
        results = frozenset(apply(*values) for values in product(*known))
        return results if all(-_MOST < value <= _MOST for value in results) else None

    def _row(self, lookup: Lookup) -> Values:
        table = self.tables.get(lookup.table)
        found = [self.of(arg) for arg in lookup.args]
        known = [values for values in found if values is not None]
        if table is None or len(known) < len(found):
            return None
        given = {looked_up(table, keys) for keys in product(*known)}
        return None if None in given else frozenset(given)


def looked_up(table: TableRows, keys: tuple[object, ...]) -> object | None:
    """What a table gives for keys of which those that are None may be anything."""
    for cells, value in table.rows:
        if all(_fits(cell, key) for cell, key in zip(cells, keys, strict=True)):
            return value
    return table.otherwise


def _fits(cell: object, key: object) -> bool:
    if cell is None or key is None:
        return True
    return bool(cell.compare(key, cell.value)) if isinstance(cell, Bound) else cell == key


def _union(parts: list[Values]) -> Values:
    known = [values for values in parts if values is not None]
    return frozenset().union(*known) if len(known) == len(parts) else None
