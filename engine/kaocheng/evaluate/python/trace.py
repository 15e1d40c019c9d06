"""Every step of one evaluation, to explain it.

Each sub-expression is compiled by the same writer as the whole and evaluated with the
same variables, so what a trace says of a part is what that part is; a property test
holds the trace of a whole equal to its value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from attrs import field, frozen

from kaocheng.evaluate.python._context import Context
from kaocheng.evaluate.python._reasons import Reason, Traced, is_leaf, reason_of
from kaocheng.evaluate.python._setting import Setting
from kaocheng.evaluate.python._source import Module
from kaocheng.evaluate.python.expression import define_expression, free_variables
from kaocheng.language.expressions import Expr, Fold

MOST_ITEMS = 20


@frozen(kw_only=True)
class CompiledTrace:
    """One expression with all its parts, ready to be traced for any bindings."""

    expr: Expr
    setting: Setting
    _functions: Mapping[Expr, tuple[Callable[..., object], tuple[str, ...]]] = field(repr=False)

    def __call__(
        self,
        bindings: Mapping[str, object],
        context: Context | None = None,
        *,
        most_items: int = MOST_ITEMS,
    ) -> Traced:
        """The trace for some bindings; folds show at most so many items."""
        run = _Run(self._functions, self.setting, context or Context({}, as_of=0), most_items)
        return run.trace(self.expr, dict(bindings))


@frozen
class _Run:
    functions: Mapping[Expr, tuple[Callable[..., object], tuple[str, ...]]]
    setting: Setting
    context: Context
    most_items: int

    def trace(self, expr: Expr, bindings: Mapping[str, object], *, item: object = None) -> Traced:
        value = self.value(expr, bindings)
        parts = tuple(self._parts(expr, bindings))
        reason = None
        if value is None:
            reason = reason_of(expr, parts, self.setting, lambda: self._bodies(expr, bindings))
        return Traced(expr=expr, value=value, reason=reason, parts=parts, item=item)

    def value(self, expr: Expr, bindings: Mapping[str, object]) -> object:
        function, variables = self.functions[expr]
        return function(*(bindings[name] for name in variables), self.context)

    def _parts(self, expr: Expr, bindings: Mapping[str, object]) -> Iterator[Traced]:
        if is_leaf(expr):
            return
        if isinstance(expr, Fold):
            yield self.trace(expr.over, bindings)
            yield from islice(self._bodies(expr, bindings), self.most_items)
            return
        for child in expr.children():
            yield self.trace(child, bindings)

    def _bodies(self, expr: Expr, bindings: Mapping[str, object]) -> Iterator[Traced]:
        if not isinstance(expr, Fold):
            return
        items: Any = self.value(expr.over, bindings)
        for item in items or ():
            yield self.trace(expr.body, {**bindings, expr.variable: item}, item=item)


def compile_trace(expr: Expr, setting: Setting) -> CompiledTrace:
    """Compile an expression and every part of it, each as a function of its own."""
    module = Module("trace")
    named = {}
    for node in _traced(expr):
        if node not in named:
            variables = tuple(sorted(free_variables(node)))
            named[node] = define_expression(module, setting, node, variables, "part"), variables
    compiled = module.compiled()
    functions = {
        node: (compiled.names[name], variables) for node, (name, variables) in named.items()
    }
    return CompiledTrace(expr=expr, setting=setting, functions=functions)


def trace(
    expr: Expr,
    bindings: Mapping[str, object],
    setting: Setting,
    *,
    context: Context | None = None,
    most_items: int = MOST_ITEMS,
) -> Traced:
    """Trace one evaluation of an expression."""
    return compile_trace(expr, setting)(bindings, context, most_items=most_items)


def _traced(expr: Expr) -> Iterator[Expr]:
    yield expr
    if is_leaf(expr):
        return
    for child in expr.children():
        yield from _traced(child)


__all__ = ["MOST_ITEMS", "CompiledTrace", "Reason", "Traced", "compile_trace", "trace"]
