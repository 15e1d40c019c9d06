"""One expression on its own: guards, conformance tests, and every part of a trace."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from attrs import frozen

from kaocheng.evaluate.python._context import Context
from kaocheng.evaluate.python._expressions import Binding, Expressions
from kaocheng.evaluate.python._setting import Setting
from kaocheng.evaluate.python._source import Module, Names, Value, named
from kaocheng.language.expressions import Expr, Field, Variable
from kaocheng.language.writing import write
from kaocheng.plan.algebra import ROW

# Variables that stand for columns by name rather than for a row of a relation.
WAS = "was"
_BY_NAME = (ROW, WAS)


@frozen(kw_only=True)
class CompiledExpression:
    """A function of `variables`, in this order, and then of a context; `source` is its text."""

    function: Callable[..., object]
    variables: tuple[str, ...]
    source: str

    def __call__(self, bindings: Mapping[str, object], context: Context) -> object:
        """The value for some bindings, which name every variable."""
        return self.function(*(bindings[name] for name in self.variables), context)


def compile_expression(
    expr: Expr, setting: Setting, *, variables: Sequence[str] | None = None
) -> CompiledExpression:
    """Compile one expression.

    A variable is bound to a value, to the tuple of a row, or, for `row` and `was`, to a
    mapping of columns. Without `variables` they are those that the expression names, in
    the order of their names; name them to call `.function` by position.
    """
    names = tuple(sorted(free_variables(expr)) if variables is None else variables)
    module = Module("expression")
    function = define_expression(module, setting, expr, names, "expression")
    compiled = module.compiled()
    return CompiledExpression(
        function=compiled.names[function], variables=names, source=compiled.source
    )


def evaluate_expression(
    expr: Expr, bindings: Mapping[str, object], setting: Setting, *, context: Context | None = None
) -> object:
    """The value of an expression; without a context nothing else is known and it is 1970."""
    compiled = compile_expression(expr, setting)
    return compiled(bindings, Context({}, as_of=0) if context is None else context)


def free_variables(expr: Expr) -> frozenset[str]:
    """The variables that an expression reads and does not bind itself."""
    if isinstance(expr, Variable):
        return frozenset({expr.name})
    bound = getattr(expr, "variable", None)
    below = [free_variables(child) for child in expr.children()]
    if bound is None:
        return frozenset().union(*below)
    over, body = below
    return over | (body - {bound})


def define_expression(
    module: Module, setting: Setting, expr: Expr, variables: Sequence[str], name: str
) -> str:
    """Add the function of one expression to a module."""
    names = Names()
    writer = Expressions(module, setting, names, moment="c.moment")
    parameters = [names.new(variable) for variable in variables]
    for variable, parameter in zip(variables, parameters, strict=True):
        writer.variables[variable] = _binding(writer, expr, variable, parameter)
    writer.lines.add(f"return {writer.value(expr).code}")
    return module.define(name, [*parameters, "c"], writer.lines, write(expr))


def _binding(writer: Expressions, expr: Expr, variable: str, parameter: str) -> Binding:
    if variable not in _BY_NAME:
        return named(parameter)
    columns = {
        node.name: None
        for node in expr.walk()
        if isinstance(node, Field) and node.row == Variable(type=node.row.type, name=variable)
    }
    return {column: _column(writer, parameter, column) for column in columns}


def _column(writer: Expressions, parameter: str, column: str) -> Value:
    name = writer.names.new(f"{parameter}_{column}")
    writer.lines.add(f"{name} = {parameter}[{column!r}]")
    return named(name)
