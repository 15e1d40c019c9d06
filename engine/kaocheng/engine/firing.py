"""Doing what was due on cases, each at the instant when it was due."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from kaocheng.engine.cases import Record
from kaocheng.engine.finding import Found
from kaocheng.engine.keeping import Keeper
from kaocheng.engine.ordering import first_of
from kaocheng.engine.outcome import Outcome

Keep = Callable[[Record, int, Sequence[str]], Outcome]
"""Keeps a timer event of a case: of when, and for which rules."""


class Firing:
    """Fires the timers of a keeper's cases; `checked` refuses cases of another text."""

    def __init__(
        self, found: Found, keeper: Keeper, checked: Callable[[Record], Record], keep: Keep
    ) -> None:
        self._found = found
        self._keeper = keeper
        self._checked = checked
        self._keep = keep

    def fire(self, case: str, *, before: int) -> list[Outcome]:
        """Do what was due on a case before an instant, each at the instant when it was due.

        A timer event says in `rules` which rules it is for and changes no fact: the case
        is assessed as of then, and what that brings is kept. What was due earlier or at the
        same instant on cases that read this one goes first, as they are then assessed as of
        this instant: the journal must not show who looked at which case first. Timers that
        have become stale are gone, so nothing is done twice.

        Raises:
            Elsewhere: the case, or one that reads it, is under another text of the ruleset.
        """
        fired: list[Outcome] = []
        while due := self._keeper.due(case, before):
            instant, rules = due[0]
            record = self._found.known(case)
            if record is None or instant <= self._checked(record).as_of:
                self._keeper.forget(case, instant)
                continue
            earlier = self.fire_above(record, before=instant)
            first = case if earlier else first_of(case, partial(self._due_above, instant))
            if first != case:
                earlier = self.fire(first, before=instant + 1)
            if earlier or first != case:  # what is due here may be something else now
                fired += earlier
                continue
            fired.append(self._keep(record, instant, rules))
        return fired

    def fire_above(self, *steps: Record, before: int) -> list[Outcome]:
        """Do what was due before an instant on the cases that read one as a child.

        `steps` are the case as it is, and as it will be after an act.
        """
        return [
            outcome for name in self._above(*steps) for outcome in self.fire(name, before=before)
        ]

    def _due_above(self, instant: int, case: str) -> Iterator[str]:
        """The cases that read this one and on which something is due by an instant."""
        record = self._found.known(case)
        for name in () if record is None else self._above(record):
            if self._keeper.due(name, instant + 1):
                yield name

    def _above(self, *steps: Record) -> Iterable[str]:
        """The other cases that read this one as a child."""
        governed, case = steps[-1].governed, steps[-1].state.case
        if not governed.watched:
            return ()
        rows = (step.row if step.count else None for step in steps)
        return [name for name in self._found.children.parents(governed.name, *rows) if name != case]
