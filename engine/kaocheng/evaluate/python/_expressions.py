"""From an expression to Python: values written out, lines where a value needs them.

A strict operation becomes a Python operator behind `is None` tests, and without them
where its arguments cannot be unknown. What is named once in a block is not computed
again there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from kaocheng.calendars.numberline import NEVER
from kaocheng.evaluate.python import _folds, _operations, _relations, _tables
from kaocheng.evaluate.python._setting import Setting
from kaocheng.evaluate.python._source import (
    UNKNOWN,
    Lines,
    Module,
    Names,
    Value,
    constant,
    known_or_none,
    named,
    tuple_of,
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
from kaocheng.language.types import DATE, INSTANT, Type

# A variable is a local name, or (`row`, `was`) one local per column.
Binding = Value | Mapping[str, Value]


class Expressions:
    """Writes the expressions of one function.

    `moment` is the code of the instant as of which dated rows are read.
    """

    def __init__(self, module: Module, setting: Setting, names: Names, *, moment: str) -> None:
        self.module = module
        self.setting = setting
        self.names = names
        self.lines = Lines()
        self.moment = moment
        self.variables: dict[str, Binding] = {}
        self._kept: list[dict[object, Value]] = [{}]

    def value(self, expr: Expr) -> Value:
        """Code that yields the expression's value."""
        known = self._known(expr)
        return WRITERS[type(expr)](self, expr) if known is None else known

    def name(self, expr: Expr) -> Value:
        """The expression's value under a name (or as a literal)."""
        return self.keep(self.value(expr), hint(expr), key=expr)

    def keep(self, value: Value, like: str, *, key: object = None) -> Value:
        """Give a value a name, unless it has one; with `key` it is found again."""
        if value.simple:
            return value
        name = value.into or self.names.new(like)
        self.lines.add(f"{name} = {value.code}")
        kept = named(name, nullable=value.nullable)
        if key is not None:
            self._kept[-1][key] = kept
        return kept

    def strict(
        self,
        args: Sequence[Expr],
        body: Callable[..., str],
        *,
        partial: bool = False,
        repeats: bool = False,
        into: str | None = None,
    ) -> Value:
        """`body` of the arguments' code, unknown where one of them is.

        A `partial` body may be None itself; one that `repeats` writes an argument twice.
        """
        values = [(arg, self.value(arg)) for arg in args]
        if any(value.code == UNKNOWN.code for _, value in values):
            return UNKNOWN
        named_ones = [
            self.keep(value, hint(arg), key=arg) if value.nullable or repeats else value
            for arg, value in values
        ]
        return known_or_none(
            named_ones, body(*(value.inner for value in named_ones)), partial=partial, into=into
        )

    def sequence(self, expr: Expr) -> Value:
        """A list for reading through, which need not become a tuple first."""
        known = self._known(expr)
        if known is None and isinstance(expr, Fold) and expr.how in _folds.LISTS:
            return _folds.listed(self, expr)
        return self.value(expr) if known is None else known

    @contextmanager
    def block(self, header: str) -> Iterator[None]:
        """Lines in a block; what is named in it is forgotten after it."""
        with self.lines.block(header), self.layer():
            yield

    @contextmanager
    def layer(self) -> Iterator[dict[object, Value]]:
        """Forget afterwards what is named in between; gives what that is."""
        self._kept.append({})
        yield self._kept[-1]
        self._kept.pop()

    def keep_all(self, kept: Mapping[object, Value]) -> None:
        """Find again what was named in lines that are here now."""
        self._kept[-1].update(kept)

    @contextmanager
    def bound(self, name: str, value: Value) -> Iterator[None]:
        """A variable of a fold; nothing named outside is read inside when it hides another."""
        hidden = self.variables.get(name)
        outside = self._kept
        self._kept = [{}] if hidden is not None else [*outside, {}]
        self.variables[name] = value
        yield
        self._kept = outside
        if hidden is None:
            del self.variables[name]
        else:
            self.variables[name] = hidden

    def aside(self, expr: Expr) -> tuple[Value, list[tuple[int, str]]]:
        """An expression's value, and the lines it needs, kept apart for a block."""
        with self.lines.aside() as lines, self.layer():
            value = self.value(expr)
        return value, lines

    def forget(self, stale: Callable[[Expr], bool]) -> None:
        """Forget the named values of expressions that hold a stale one."""
        for layer in self._kept:
            for key in list(layer):
                if isinstance(key, Expr) and any(map(stale, key.walk())):
                    del layer[key]

    def _known(self, key: object) -> Value | None:
        for layer in reversed(self._kept):
            found = layer.get(key)
            if found is not None:
                return found
        return None

    def kept_object(self, name: str, code: str, like: str) -> Value:
        """A look-up that does not depend on expressions, named once per block."""
        known = self._known(name)
        return known or self.keep(Value(code, nullable=False), like, key=name)


def hint(expr: Expr) -> str:
    """A readable name for an expression's value."""
    match expr:
        case Field(row=row, name=name) | Linked(row=row, link=name):
            return f"{hint(row)}_{name}"
        case Follow(reference=reference):
            return f"{hint(reference)}_row"
        case Variable(name=name) | Parameter(name=name) | Lookup(table=name):
            return name
        case Call(op=name) | Fold(how=name):
            return name
        case _:
            return type(expr).__name__.lower()


def _literal(_: Expressions, expr: Literal) -> Value:
    return _written_out(expr.value, expr.type)


def _parameter(writer: Expressions, expr: Parameter) -> Value:
    return _written_out(writer.setting.version.parameters[expr.name], expr.type)


def _written_out(value: object, type_: Type) -> Value:
    # By name, so that operations on times see that it has not happened.
    if value == NEVER and type_ in {DATE, INSTANT}:
        return named("_NEVER", nullable=False)
    return constant(value)


def _variable(writer: Expressions, expr: Variable) -> Value:
    binding = writer.variables[expr.name]
    if isinstance(binding, Value):
        return binding
    message = f"`{expr.name}` has columns and no value of its own"
    raise TypeError(message)


def _field(writer: Expressions, expr: Field) -> Value:
    if isinstance(expr.row, Variable):
        binding = writer.variables[expr.row.name]
        if not isinstance(binding, Value):
            return binding[expr.name]
    place = writer.setting.relation_of(expr.row.type).index(expr.name)
    row = writer.value(expr.row)
    if not row.nullable:
        return Value(f"{row.inner}[{place}]", tight=True)
    row = writer.name(expr.row)
    return Value(f"None if {row.code} is None else {row.code}[{place}]")


def _items(writer: Expressions, expr: Items) -> Value:
    return tuple_of([writer.value(item) for item in expr.items])


def _has(writer: Expressions, expr: Has) -> Value:
    operand = writer.name(expr.operand)
    tests = [f"{operand.code} is not None"] if operand.nullable else []
    if expr.operand.type in {DATE, INSTANT}:
        tests.append(f"{operand.code} != _NEVER")
    return Value(" and ".join(tests) or "True", nullable=False)


WRITERS: dict[type[Expr], Callable[..., Value]] = {
    Literal: _literal,
    Parameter: _parameter,
    Variable: _variable,
    Field: _field,
    Items: _items,
    Has: _has,
    Call: _operations.call,
    Fold: _folds.fold,
    Follow: _relations.follow,
    Linked: _relations.linked,
    Lookup: _tables.lookup,
    Advance: _operations.advance,
}
