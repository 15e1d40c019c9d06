"""The facts of one case as a value that grows event by event.

`apply` costs the same however long the history is. Three kinds of event make it fold
the case again from its events: a correction, one whose number is not the next, and, in
kinds with spells or dated fields, one that happened before the latest.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from kaocheng.journal.case_fold import CaseFold, Row
from kaocheng.journal.growing import Growing
from kaocheng.journal.known import ENDLESS, Horizon, in_force
from kaocheng.journal.program import KindProgram
from kaocheng.journal.spreading import time_span
from kaocheng.journal.texts import Problem
from kaocheng.model.events import Event


class CaseState:
    """What is known of one case; `apply` gives a new state and leaves this one as it is."""

    __slots__ = ("_events", "_fold", "_program", "case", "exists", "sequence")

    def __init__(
        self,
        program: KindProgram,
        case: str,
        events: Iterable[Event] = (),
        *,
        horizon: Horizon = ENDLESS,
    ) -> None:
        """The state after those of `events` (in any order) that the horizon reaches."""
        given = list(events)
        kept, problems = in_force(given, horizon)
        self._program = program
        self._events = Growing(given, len(given))
        self._fold = CaseFold(program)
        self._fold.problems = Growing(problems, len(problems))
        self._fold.add_all(kept)
        self.case = case
        self.exists = any(event.corrects is None for event in kept)
        self.sequence = max((event.sequence for event in given), default=0)

    def apply(self, event: Event) -> CaseState:
        """The state after one more event, which has happened."""
        program = self._program
        start, end = time_span(event, program.zone)
        late = program.in_time_order and start < self._fold.moment
        if late or event.sequence <= self.sequence or event.corrects is not None:
            return CaseState(program, self.case, [*self._events, event])
        fold = self._fold.copy()
        fold.add(event, start, end)
        return self._next(event, fold)

    def _next(self, event: Event, fold: CaseFold) -> CaseState:
        state = CaseState.__new__(CaseState)
        state._program = self._program  # noqa: SLF001 - another of the same class
        state._events = self._events.plus(event)  # noqa: SLF001
        state._fold = fold  # noqa: SLF001
        state.case = self.case
        state.exists = True
        state.sequence = event.sequence
        return state

    @property
    def state(self) -> str | None:
        """Where the lifecycle stands; None for a kind without one."""
        return self._fold.state

    @property
    def row(self) -> Row:
        """The row of the case as it is now, in the columns of its relation."""
        fold = self._fold
        from_at = None if fold.current is None else fold.current[0]
        return self._program.case_row([self.case, fold.state, from_at, *fold.values])

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What in the history does not fit the kind."""
        return tuple(self._fold.problems)

    def rows(self) -> dict[str, list[Row]]:
        """The rows of every relation of the kind, each in the order of its key."""
        program, fold = self._program, self._fold
        found = {program.kind: self._case_rows()}
        found.update(zip(program.lists, map(list, fold.lists), strict=True))
        for name, closed, opened in zip(program.spells, fold.closed, fold.open, strict=True):
            found[name] = sorted([*closed, *(row for row, _ in opened)], key=program.number)
        return found

    def _case_rows(self) -> list[Row]:
        if not self.exists:
            return []
        if not self._program.dated:
            return [self.row]
        current = () if self._fold.current is None else (self._fold.current,)
        steps = [*self._fold.history, *current]
        changes = [
            (start, values)
            for before, (start, values) in pairwise([(0, ()), *steps])
            if before[1] != values
        ]
        pick = self._program.case_row
        return [pick([self.case, values[0], start, *values[1:]]) for start, values in changes]
