"""The search for a case: a solver whose calendar is made true piece by piece.

The solver knows of the calendar only what the lemmas say. When it finds a case in which
the calendar is not as it is, the pieces of the true tables that say so are added and
the search goes on, until it finds a true case or there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import z3
from attrs import frozen

from kaocheng.evaluate.proof._calendars import Calendars, Statement
from kaocheng.evaluate.proof.lemmas import Lemma

_NO_LIMIT = 0
_EFFORT = 300_000  # steps of the solver for what is only desirable; about a tenth of a second
_ROUNDS = 100


@frozen(eq=False)
class Outcome:
    """What a search ended with: a true case, none (by these lemmas), or neither in time."""

    model: z3.ModelRef | None
    impossible: bool = False
    lemmas: tuple[Lemma, ...] = ()


class Search:
    """One solver; `left` says how many milliseconds remain."""

    def __init__(self, calendars: Calendars, *, left: Callable[[], int]) -> None:
        self._calendars = calendars
        self._left = left
        self._solver = z3.Solver()
        self._literals: dict[str, z3.BoolRef] = {}
        self._lemmas: dict[str, Lemma] = {}
        self._questions = 0

    def state(self, premises: Iterable[z3.BoolRef]) -> None:
        """Take something for certain."""
        for premise in premises:
            self._solver.add(premise)

    def rest_on(self, statements: Iterable[Statement]) -> int:
        """Take lemmas for certain, remembering which; gives how many statements there were."""
        count = 0
        for lemma, statement in statements:
            if lemma.id not in self._literals:
                self._literals[lemma.id] = z3.Bool(f"by {lemma.id}")
                self._lemmas[lemma.id] = lemma
            self._solver.add(z3.Implies(self._literals[lemma.id], statement))
            count += 1
        return count

    def supposing(self, condition: z3.BoolRef) -> z3.BoolRef:
        """A name for a condition that some questions suppose."""
        self._questions += 1
        name = z3.Bool(f"question {self._questions}")
        self._solver.add(z3.Implies(name, condition))
        return name

    def find(self, *supposed: z3.BoolRef) -> Outcome:
        """A true case under what is supposed, or that there is none and why."""
        answer, model = self._check(supposed, effort=_NO_LIMIT)
        while model is not None and self._correct(model):
            answer, model = self._check(supposed, effort=_NO_LIMIT)
        if answer == z3.unsat:
            return Outcome(None, impossible=True, lemmas=self._rested_on(supposed))
        return Outcome(model)

    def try_to_find(self, *supposed: z3.BoolRef) -> z3.ModelRef | None:
        """A true case under what is supposed, if it is found without much effort.

        Effort is counted in steps of the solver and not in time, so that a case looks
        the same wherever it is found.
        """
        for _ in range(_ROUNDS):
            _, model = self._check(supposed, effort=_EFFORT)
            if model is None or not self._correct(model):
                return model
        return None

    def _check(
        self, supposed: Iterable[z3.BoolRef], *, effort: int
    ) -> tuple[z3.CheckSatResult, z3.ModelRef | None]:
        left = self._left()
        if left <= 0:
            return z3.unknown, None
        self._solver.set("timeout", left)
        self._solver.set("rlimit", effort)
        answer = self._solver.check(*supposed, *self._literals.values())
        return answer, self._solver.model() if answer == z3.sat else None

    def _correct(self, model: z3.ModelRef) -> int:
        """Add what the model has wrong about the calendar; 0 when it is a true case."""
        return self.rest_on(list(self._calendars.contradicted(model)))

    def _rested_on(self, supposed: tuple[z3.BoolRef, ...]) -> tuple[Lemma, ...]:
        """The lemmas of the contradiction, less those that it does not need."""
        core = {str(literal) for literal in self._solver.unsat_core()}
        needed = sorted(name for name, each in self._literals.items() if str(each) in core)
        self._solver.set("rlimit", _EFFORT)
        for name in tuple(needed):
            others = [self._literals[other] for other in needed if other != name]
            if self._solver.check(*supposed, *others) == z3.unsat:
                needed.remove(name)
        return tuple(self._lemmas[name] for name in needed)
