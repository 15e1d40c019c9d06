"""The facts of one case as a value that grows event by event.

`apply` costs the same however long the history is. Three kinds of event make it fold
the case again from its events: a correction, one whose number is not the next, and, in
kinds with spells or dated fields, one that happened before the latest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from kaocheng.journal.case_fold import CaseFold, Row
from kaocheng.journal.growing import Growing
from kaocheng.journal.known import ENDLESS, Horizon, in_force, sequence_of
from kaocheng.journal.program import KindProgram
from kaocheng.journal.spreading import time_span
from kaocheng.journal.texts import Problem
from kaocheng.model.events import SILENT, Event

# The events so far as a chain from the last: what two states share is never copied.
_Events = tuple["_Events", Event] | None


class CaseState:
    """What is known of one case; `apply` gives a new state and leaves this one as it is."""

    __slots__ = ("_events", "_fold", "case", "sequence")

    def __init__(self, case: str, fold: CaseFold, events: _Events, *, sequence: int) -> None:
        self._fold = fold
        self._events = events
        self.case = case
        self.sequence = sequence

    @classmethod
    def of(
        cls,
        program: KindProgram,
        case: str,
        events: Iterable[Event] = (),
        *,
        horizon: Horizon = ENDLESS,
    ) -> CaseState:
        """The state after those of `events` (in any order) that the horizon reaches."""
        chain: _Events = None
        last = 0
        given = tuple(events)
        for event in given:
            chain = (chain, event)
            last = max(last, event.sequence)
        kept, problems = in_force(given, horizon)
        fold = CaseFold(program)
        fold.problems = Growing(problems, len(problems))
        fold.add_all([event for event in kept if event.event not in SILENT])
        return cls(case, fold, chain, sequence=last)

    def apply(self, event: Event) -> CaseState:
        """The state after one more event, which has happened."""
        chain = (self._events, event)
        if event.event in SILENT:
            return CaseState(self.case, self._fold, chain, sequence=event.sequence)
        program = self._fold.program
        at = event.at
        span = time_span(event, program.zone) if at is None else (at, at)
        late = program.in_time_order and span[0] < self._fold.moment
        if late or event.sequence <= self.sequence or event.corrects is not None:
            return CaseState.of(program, self.case, (*self._earlier(), event))
        fold = self._fold.copy()
        fold.add(event, span)
        return CaseState(self.case, fold, chain, sequence=event.sequence)

    def _earlier(self) -> Iterator[Event]:
        link = self._events
        while link is not None:
            link, event = link
            yield event

    @property
    def exists(self) -> bool:
        """Whether anything has happened that the kind knows; otherwise there is no row."""
        return self._fold.exists

    @property
    def state(self) -> str | None:
        """Where the lifecycle stands; None for a kind without one."""
        return self._fold.state

    @property
    def row(self) -> Row:
        """The row of the case as it is now, in the columns of its relation."""
        fold = self._fold
        from_at = None if fold.current is None else fold.current[0]
        return self._fold.program.case_row([self.case, fold.state, from_at, *fold.values])

    @property
    def lists(self) -> Sequence[Growing[Row]]:
        """The rows of each list of the kind, in the order of `KindProgram.lists`."""
        return self._fold.lists

    @property
    def reported(self) -> Growing[Problem]:
        """The problems so far; the same object as before where an event adds none."""
        return self._fold.problems

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What in the history does not fit the kind, by the number of the event."""
        return tuple(sorted(self._fold.problems, key=sequence_of))

    def rows(self) -> dict[str, list[Row]]:
        """The rows of every relation of the kind, each in the order of its key."""
        program, fold = self._fold.program, self._fold
        found = {program.kind: self._case_rows()}
        found.update(zip(program.lists, map(list, fold.lists), strict=True))
        for shape, closed, opened in zip(program.spells, fold.closed, fold.open, strict=True):
            found[shape.name] = sorted([*closed, *(row for row, _ in opened)], key=shape.number)
        return found

    def _case_rows(self) -> list[Row]:
        if not self._fold.exists:
            return []
        if not self._fold.program.dated:
            return [self.row]
        current = () if self._fold.current is None else (self._fold.current,)
        steps = [*self._fold.history, *current]
        changes = [
            (start, values)
            for before, (start, values) in pairwise([(0, ()), *steps])
            if before[1] != values
        ]
        pick = self._fold.program.case_row
        return [pick([self.case, values[0], start, *values[1:]]) for start, values in changes]
