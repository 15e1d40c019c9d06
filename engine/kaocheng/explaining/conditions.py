"""Conditions with their values: what held, what did not, and the first reason why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from kaocheng.evaluate.python import Traced
from kaocheng.explaining.limits import LimitExplained
from kaocheng.explaining.model import Line
from kaocheng.explaining.names import MOST, fact_name, row_title, shown, status_code
from kaocheng.explaining.reasons import reason_line
from kaocheng.explaining.subject import Subject
from kaocheng.explaining.texts import say
from kaocheng.language.expressions import (
    Advance,
    Call,
    Expr,
    Field,
    Fold,
    Linked,
    Literal,
    Lookup,
    Parameter,
    Variable,
)
from kaocheng.language.ruleset import Assumption
from kaocheng.language.types import ListOf, Row
from kaocheng.rendering.words import STATUS_WORDS, Pair, provenance

# What a decided conjunction, disjunction or list rests on: the parts that decide it.
_DECISIVE = {("and", False), ("or", True), ("exists", True), ("all", False)}


def first_not_true(traced: Traced) -> Traced:
    """The first part of a conjunction that is not true: what a reader needs to see."""
    if isinstance(traced.expr, Call) and traced.expr.op == "and":
        decisive = [part for part in traced.parts if part.value is traced.value]
        return first_not_true(decisive[0]) if decisive else traced
    return traced


def facts(
    subject: Subject,
    traced: Traced,
    version: int,
    *,
    bindings: Mapping[str, object] | None = None,
) -> tuple[Line, ...]:
    """The values that an expression rests on, each once, in the order of reading.

    With `bindings`, a value that a rule left undetermined is traced back to what is missing.
    """
    seen: dict[tuple[str, str], Line] = {}
    for line in _Facts(subject, version, bindings or {}).of(traced):
        seen.setdefault((line.en, line.zh), line)
    return tuple(seen.values())


def is_leaf(expr: Expr) -> bool:
    """Whether the expression is a single fact, whose value says everything."""
    if isinstance(expr, Call) and expr.op in ("rescale", "round"):
        return is_leaf(expr.args[0])
    return isinstance(expr, (Field, Linked)) and isinstance(expr.row, Variable)


class _Facts:
    """Lines about the facts below an expression."""

    def __init__(self, subject: Subject, version: int, bindings: Mapping[str, object]) -> None:
        self._subject = subject
        self._version = version
        self._bindings = bindings

    def of(
        self, traced: Traced, *, of_item: Pair | None = None, variable: str = ""
    ) -> Iterator[Line]:
        """The facts below, those that read `variable` said of the item it stands for."""
        expr = traced.expr
        if isinstance(expr, (Literal, Variable)) or isinstance(expr.type, Row):
            return
        if isinstance(expr, Fold):
            yield from self._fold(traced)
            return
        if isinstance(expr, (Field, Linked, Lookup, Parameter)) and not isinstance(
            expr.type, ListOf
        ):
            item = of_item if any(_is_variable(n, variable) for n in expr.walk()) else None
            yield self._fact(traced, item)
            return
        if isinstance(expr, (Field, Linked)) and isinstance(expr.type, ListOf):
            yield self._list(traced)
            return
        if isinstance(expr, Advance):
            yield self._limit(traced, expr)
            return
        for part in _parts(traced):
            yield from self.of(part, of_item=of_item, variable=variable)

    def _limit(self, traced: Traced, expr: Advance) -> Line:
        """A limit inside a larger expression: the time it ends at, and what it runs from."""
        start = next(part for part in traced.parts if part.expr is expr.start)
        explained = LimitExplained(self._subject, traced, expr, self._version)
        given = () if explained.amount is None else self.of(explained.amount)
        below = (*self.of(start), *given, *explained.lines())
        return say("fact", below, name=explained.path(), value=self._shown(traced))

    def _fact(self, leaf: Traced, item: Pair | None) -> Line:
        if leaf.value is None and leaf.reason is not None:
            return reason_line(self._subject, leaf, self._bindings)
        below = self._below(leaf)
        name, value = fact_name(self._subject, leaf.expr), self._shown(leaf)
        if item is not None:
            return say("fact_of", below, name=name, value=value, row=item)
        return say("fact", below, name=name, value=value)

    def _below(self, leaf: Traced) -> tuple[Line, ...]:
        """What a table was asked, and where its figures or those of a parameter come from."""
        expr = leaf.expr
        if not isinstance(expr, (Lookup, Parameter)):
            return ()
        asked = tuple(line for part in leaf.parts for line in self.of(part))
        name = expr.table if isinstance(expr, Lookup) else expr.name
        version = self._subject.version(self._version)
        figure = version.figures.get(name)
        if figure is None:
            return asked
        source = provenance(figure, version.cite)
        clause = (say("by_clause", clause=source),) if any(source) else ()
        return (*asked, *clause, *assumption_lines(figure.assumed))

    def _list(self, leaf: Traced) -> Line:
        if leaf.value is None and leaf.reason is not None:
            return reason_line(self._subject, leaf, self._bindings)
        name = fact_name(self._subject, leaf.expr)
        return say("fact", name=name, value=self._shown(leaf))

    def _fold(self, traced: Traced) -> Iterator[Line]:
        expr = traced.expr
        assert isinstance(expr, Fold)  # noqa: S101 - the only caller has asked
        over, *bodies = traced.parts
        items = over.value
        if isinstance(over.expr, Fold):
            yield from self._fold(over)
        elif not isinstance(items, (tuple, list)) or not items:
            yield from self._empty(over)
            return
        decisive = _decisive(expr.how, traced.value, bodies)
        for body in decisive[:MOST]:
            item = self._item(body.item, over.expr)
            yield from self.of(body, of_item=item, variable=expr.variable)
        count = len(decisive)
        if count == len(bodies) and isinstance(items, (tuple, list)):
            count = len(items)
        if count > MOST:
            yield say("and_more", count=str(count - MOST))

    def _empty(self, over: Traced) -> Iterator[Line]:
        if isinstance(over.expr, (Field, Linked)):
            yield self._list(over)
        else:
            yield from self.of(over)

    def _item(self, item: object, over: Expr) -> Pair:
        type_ = over.type.item if isinstance(over.type, ListOf) else over.type
        if isinstance(type_, Row) and isinstance(item, tuple):
            relation = self._subject.plan.relations[type_.relation]
            values = {name: item[relation.index(name)] for name in relation.key}
            return row_title(self._subject, relation, values)
        return shown(self._subject, item, type_, self._version)

    def _shown(self, leaf: Traced) -> Pair:
        is_status = isinstance(leaf.expr, Field) and leaf.expr.name == "status"
        if is_status and leaf.value in STATUS_WORDS:
            return status_code(str(leaf.value))
        return shown(self._subject, leaf.value, leaf.expr.type, self._version)


def _is_variable(expr: Expr, name: str) -> bool:
    return bool(name) and isinstance(expr, Variable) and expr.name == name


def _parts(traced: Traced) -> tuple[Traced, ...]:
    """The parts that count: of a choice the one taken, of `&&` and `||` those that decide."""
    expr = traced.expr
    if not isinstance(expr, Call):
        return traced.parts
    if expr.op == "if" and isinstance(traced.parts[0].value, bool):
        test, then, other = traced.parts
        return (test, then if test.value else other)
    if expr.op in ("and", "or"):
        return _decisive(expr.op, traced.value, traced.parts)
    return traced.parts


def _decisive(how: str, value: object, parts: Sequence[Traced]) -> tuple[Traced, ...]:
    if isinstance(value, bool) and (how, value) in _DECISIVE:
        return tuple(part for part in parts if part.value is value)
    return tuple(parts)


def assumption_lines(assumed: Iterable[Assumption]) -> tuple[Line, ...]:
    """What was assumed of a rule or a figure, a line for each thing."""
    return tuple(
        say("assumed_of", subject=item.subject, reason=pair_of(item.reasons))
        if item.subject
        else say("assumed", reason=pair_of(item.reasons))
        for item in assumed
    )


def pair_of(texts: Mapping[str, str]) -> Pair:
    """A text in two languages; where there is only one, it stands for both."""
    some = next(iter(texts.values()), "")
    return (texts.get("en", some), texts.get("zh", some))


def because(line: Line) -> Pair:
    """A line as part of a sentence."""
    return (line.en, line.zh)
