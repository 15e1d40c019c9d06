"""The calendar inside a proof: functions without a definition, with lemmas and looked-up pieces.

Each application of a function is remembered. Lemmas are stated for the applications
there are, never with a quantifier, so that every question stays decidable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import permutations

import z3
from attrs import field, frozen

from kaocheng.evaluate.proof._values import Symbol, any_of, inside, not_, outside, strict
from kaocheng.evaluate.proof.functions import Function, Piece
from kaocheng.evaluate.proof.lemmas import Bounds, Lemma, Order, table

Statement = tuple[Lemma, z3.BoolRef]


@frozen
class Source:
    """Where a function comes from, so that it is built only once: its name, itself, its lemmas."""

    name: str
    make: Callable[[], Function] = field(eq=False)
    lemmas: Callable[[Function], tuple[Lemma, ...]] = field(eq=False)


@frozen(eq=False)
class _Application:
    """One use of a function; `guard` says that the argument is known and in the domain."""

    argument: z3.ArithRef
    result: z3.ArithRef
    guard: z3.BoolRef


class _Known:
    """A function with its lemmas, whether it may be looked up, and where it was applied."""

    def __init__(self, source: Source, *, looked_up: bool) -> None:
        self.function = source.make()
        self.lemmas = source.lemmas(self.function)
        self.table = table(self.function) if looked_up else None
        self.applications: list[_Application] = []

    @property
    def constant(self) -> int | None:
        """The one value that the function has on its whole domain, if it has only one."""
        if self.function.first > self.function.last:
            return 0  # never defined, so that no value has a meaning
        everywhere = (
            each for each in self.lemmas
            if isinstance(each, Bounds) and each.since == self.function.first
        )  # fmt: skip
        return next(
            (each.low for each in everywhere if each.slope == 0 and each.low == each.high), None
        )

    def apply(self, argument: Symbol, result: z3.ArithRef) -> Symbol:
        """Remember that the function at `argument` is `result`."""
        undefined = outside(argument.value, self.function.first, self.function.last)
        guard = not_(any_of((argument.unknown, undefined)))
        if not any(
            each.argument.eq(argument.value) and each.result.eq(result)
            for each in self.applications
        ):
            self.applications.append(_Application(argument.value, result, guard))
        return strict(result, (argument,), undefined)


class Calendars:
    """The functions of the calendar that a proof has come across."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}

    def apply(self, source: Source, argument: Symbol) -> Symbol:
        """The value of a function at a symbolic point; unknown outside its domain."""
        known = self._learn(source, looked_up=True)
        if known.constant is not None:
            value = z3.IntVal(known.constant)
            first, last = known.function.first, known.function.last
            return strict(value, (argument,), outside(argument.value, first, last))
        function = z3.Function(source.name, z3.IntSort(), z3.IntSort())
        return known.apply(argument, function(argument.value))

    def relate(self, source: Source, argument: Symbol, result: z3.ArithRef) -> None:
        """State the lemmas of a function about a result that is put together of other functions."""
        self._learn(source, looked_up=False).apply(argument, result)

    def premises(self) -> Iterator[Statement]:
        """Every lemma, at the applications there are."""
        for known in self._known.values():
            for lemma in known.lemmas:
                yield from ((lemma, each) for each in _instances(lemma, known.applications))

    def contradicted(self, model: z3.ModelRef) -> Iterator[Statement]:
        """The pieces of the true tables that a model contradicts; none means that it is true."""
        for known in self._known.values():
            if known.table is None:
                continue
            for piece in _wrong_pieces(known.function, known.applications, model):
                yield from (
                    (known.table, _as_published(each, piece)) for each in known.applications
                )

    def _learn(self, source: Source, *, looked_up: bool) -> _Known:
        if source.name not in self._known:
            self._known[source.name] = _Known(source, looked_up=looked_up)
        return self._known[source.name]


def _instances(lemma: Lemma, applications: list[_Application]) -> Iterator[z3.BoolRef]:
    if isinstance(lemma, Bounds):
        for each in applications:
            middle = lemma.scale * each.result - lemma.slope * each.argument
            yield z3.Implies(_from(each, lemma.since), inside(middle, lemma.low, lemma.high))
    elif isinstance(lemma, Order):
        for one, other in permutations(applications, 2):
            ordered = z3.And(
                _from(one, lemma.since), _from(other, lemma.since), one.argument <= other.argument
            )
            yield z3.Implies(ordered, one.result <= other.result + lemma.slack)


def _from(application: _Application, since: int) -> z3.BoolRef:
    return z3.And(application.guard, application.argument >= since)


def _as_published(application: _Application, piece: Piece) -> z3.BoolRef:
    there = inside(application.argument, piece.first, piece.last)
    return z3.Implies(
        there, application.result == piece.slope * application.argument + piece.constant
    )


def _wrong_pieces(
    function: Function, applications: Iterable[_Application], model: z3.ModelRef
) -> Iterator[Piece]:
    for each in applications:
        if not z3.is_true(model.eval(each.guard, model_completion=True)):
            continue
        x = model.eval(each.argument, model_completion=True).as_long()
        if model.eval(each.result, model_completion=True).as_long() != function.value(x):
            yield function.piece(x)
